//! Which texts a reader would take for something else, were they written plain.
//!
//! Asked for the union of the readers: YAML 1.1 as specified and as Kubernetes and PyYAML read it, YAML 1.2, and
//! kustomize. A text too many costs two quotes, one too few changes a manifest; so shapes are taken loosely.

/// What is a boolean, null, the default value or a merge, in any case.
const WORDS: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"];

/// Whether a plain `text` would be a boolean, null, a number, a date, a merge, or the end of a document.
pub(super) fn is_special(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => {
            // Kubernetes reads `0_x1F` as `0x1F`.
            let is_number = if text.contains('_') { is_number(&text.replace('_', "")) } else { is_number(text) };
            is_number || is_date(text) || text.starts_with("...")
        }
        _ => WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)),
    }
}

/// Numbers of any base, with commas, sexagesimal (`12:30`), infinite, or none (`.nan`).
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.as_bytes() {
        [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        [b'.', name @ ..] if name.eq_ignore_ascii_case(b"inf") || name.eq_ignore_ascii_case(b"nan") => true,
        _ => is_decimal(unsigned),
    }
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    // Two points are a version, which no reader takes for a number.
    mantissa.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b':' | b'.'))
        && mantissa.bytes().filter(|byte| *byte == b'.').count() <= 1
        && power.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2001-12-14`, alone or followed by a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let time = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    year.len() == 4
        && (1..=2).contains(&month.len())
        && (1..=2).contains(&(rest.len() - time.len()))
        && year.bytes().chain(month.bytes()).all(|byte| byte.is_ascii_digit())
        && (time.is_empty() || time.starts_with(['T', 't', ' ', '\t']))
}
