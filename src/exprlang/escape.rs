//! Escapes in quoted texts. The lexer has seen that they are spelled right; here they become characters.

/// The text between the quotes as it is meant; line breaks become `\n`. `None` if an escape names no character.
pub(super) fn text(inside: &str) -> Option<String> {
    let inside = one_kind_of_break(inside);
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside.as_str();
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at)?);
        let (found, after) = escape(rest.get(at + 1..)?)?;
        match found {
            Found::Byte(byte) => out.push(char::from(byte)),
            // Half of a surrogate pair is no character, and no mistake.
            Found::Scalar(scalar) if scalar <= 0x10_ffff => out.push(char::from_u32(scalar).unwrap_or('\u{fffd}')),
            Found::Scalar(_) => return None,
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The bytes between the quotes. `None` if an escape names no byte.
pub(super) fn bytes(inside: &str) -> Option<Vec<u8>> {
    let inside = one_kind_of_break(inside);
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside.as_str();
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(rest.get(..at)?.as_bytes());
        let (found, after) = escape(rest.get(at + 1..)?)?;
        let Found::Byte(byte) = found else { return None };
        out.push(byte);
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

enum Found {
    /// Written so that a text takes it for a character below U+0100, and bytes for a byte.
    Byte(u8),
    Scalar(u32),
}

/// Reads what follows a backslash; gives what stands behind it, too.
fn escape(rest: &str) -> Option<(Found, &str)> {
    let mut chars = rest.chars();
    let letter = chars.next()?;
    let after = chars.as_str();
    let plain = |byte: u8| Some((Found::Byte(byte), after));
    match letter {
        'a' => plain(7),
        'b' => plain(8),
        'f' => plain(12),
        'n' => plain(b'\n'),
        'r' => plain(b'\r'),
        't' => plain(b'\t'),
        'v' => plain(11),
        '\\' | '\'' | '"' => plain(u8::try_from(letter).ok()?),
        'x' => {
            let value = u8::from_str_radix(after.get(..2)?, 16).ok()?;
            Some((Found::Byte(value), after.get(2..)?))
        }
        '0'..='3' => {
            let value = u8::from_str_radix(rest.get(..3)?, 8).ok()?;
            Some((Found::Byte(value), rest.get(3..)?))
        }
        'u' if after.starts_with('{') => {
            let end = after.find('}')?;
            Some((Found::Scalar(u32::from_str_radix(after.get(1..end)?, 16).ok()?), after.get(end + 1..)?))
        }
        'u' => Some((Found::Scalar(u32::from_str_radix(after.get(..4)?, 16).ok()?), after.get(4..)?)),
        'U' => Some((Found::Scalar(u32::from_str_radix(after.get(..8)?, 16).ok()?), after.get(8..)?)),
        _ => None,
    }
}

fn one_kind_of_break(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
