//! Numbers as expr-lang spells them.

/// What a number's text stands for.
pub(super) enum Number {
    Int(i64),
    Float(f64),
    /// The text looks like no number of its kind, or the number is out of range.
    Bad,
}

/// Reads `12`, `1_000`, `0x1F`, `0b101`, `0o17`, `1.5`, `.5`, `1e9`. A leading zero alone means nothing.
pub(super) fn number(text: &str) -> Number {
    let text = text.replace('_', "").to_ascii_lowercase();
    let radix = |digits: &str, radix| match digits.bytes().next() {
        // A sign is no digit.
        Some(b'+' | b'-') | None => Number::Bad,
        _ => i64::from_str_radix(digits, radix).map_or(Number::Bad, Number::Int),
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if text.contains(['.', 'e']) {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Number::Float(value),
            _ => Number::Bad,
        };
    }
    match text.get(..2) {
        Some("0b") => radix(text.get(2..).unwrap_or(""), 2),
        Some("0o") => radix(text.get(2..).unwrap_or(""), 8),
        _ => radix(&text, 10),
    }
}
