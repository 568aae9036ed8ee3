//! URIs and paths. What is no `file:` URI (an unsaved document) is kept as it is, as a path that no disk has.

use std::path::{Component, Path, PathBuf};

use gen_lsp_types::Uri;

/// The path of a document. Dots are resolved; links are not.
pub(super) fn to_path(uri: &Uri) -> PathBuf {
    let Some(rest) = uri.0.strip_prefix("file://") else { return PathBuf::from(&uri.0) };
    // An authority is a host of Windows' network, or empty, or this machine.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let decoded = decode(rest.split(['?', '#']).next().unwrap_or(rest));
    let is_drive = |text: &str| {
        let mut chars = text.chars();
        chars.next() == Some('/') && chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
    };
    if is_drive(&decoded) && cfg!(windows) {
        return normal(Path::new(decoded.trim_start_matches('/')));
    }
    normal(Path::new(&decoded))
}

/// Whether a path is one of a disk.
pub(super) fn is_file(path: &Path) -> bool {
    path.is_absolute()
}

/// The URI of a path, as editors write it.
pub(super) fn from_path(path: &Path) -> Uri {
    if !is_file(path) {
        return Uri(path.to_string_lossy().into_owned());
    }
    let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let slash = if text.starts_with('/') { "" } else { "/" };
    let mut out = format!("file://{slash}");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri(out)
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let code = (byte == b'%').then(|| {
            let mut ahead = bytes.clone();
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
            Some((digit(ahead.next())? * 16 + digit(ahead.next())?, ahead))
        });
        match code.flatten() {
            Some((decoded, ahead)) => {
                out.push(decoded);
                bytes = ahead;
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for text in ["/a/b.pipeline", "/with blank/ü#?.pipeline", "/100%/x.pipeline"] {
            assert_eq!(to_path(&from_path(Path::new(text))), Path::new(text));
        }
        assert_eq!(from_path(Path::new("/a b/ü")).0, "file:///a%20b/%C3%BC");
        assert_eq!(to_path(&Uri("untitled:Untitled-1".to_owned())), Path::new("untitled:Untitled-1"));
        assert_eq!(to_path(&Uri("file:///a/./b/../c".to_owned())), Path::new("/a/c"));
    }
}
