//! Values that are known while compiling.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::base::Name;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// As written; `canonical` has Go's spelling.
    Duration(Name),
    Text(Arc<str>),
    List(Arc<[Value]>),
    Record(Arc<IndexMap<Name, Value>>),
    /// What was reported already.
    Error,
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(Arc::from(text))
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As it appears inside a text; `None` for what has no text of its own.
    pub fn interpolated(&self) -> Option<String> {
        match self {
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Float(value) => Some(value.to_string()),
            Value::Duration(text) => Some(canonical_duration(text)),
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Whether a condition on it holds: booleans as they are, anything else by being there. The empty text is there: what
    /// is absent while compiling is null.
    pub fn holds(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(value) => *value,
            _ => true,
        }
    }
}

/// Go's spelling, which Kubernetes stores: `24h` is `24h0m0s`, `90s` is `1m30s`.
pub fn canonical_duration(written: &str) -> String {
    let Some(nanos) = nanoseconds(written) else { return written.to_owned() };
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if seconds == 0 && fraction > 0 {
        return format!("{}ms", trimmed(nanos, 1_000_000));
    }
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = trimmed(rest * 1_000_000_000 + fraction, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// A number of units with its decimals, without trailing zeros.
fn trimmed(value: u128, unit: u128) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    let decimals = format!("{rest:0digits$}");
    format!("{whole}.{}", decimals.trim_end_matches('0'))
}

fn nanoseconds(text: &str) -> Option<u128> {
    let mut total = 0u128;
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (digits, tail) = rest.split_at_checked(number)?;
        let unit = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, next) = tail.split_at_checked(unit)?;
        let scale: f64 = match unit {
            "h" => 3.6e12,
            "m" => 6e10,
            "s" => 1e9,
            "ms" => 1e6,
            _ => return None,
        };
        let value = digits.parse::<f64>().ok()? * scale;
        // Durations of a pipeline are far below 2^53 nanoseconds times 1000, and Go rounds likewise.
        total += value.round() as u128;
        rest = next;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::canonical_duration;

    #[test]
    fn durations_are_spelled_as_go_spells_them() {
        for (written, stored) in
            [("24h", "24h0m0s"), ("5m", "5m0s"), ("90s", "1m30s"), ("1h30m", "1h30m0s"), ("500ms", "500ms"), ("1.5s", "1.5s"), ("0s", "0s")]
        {
            assert_eq!(canonical_duration(written), stored);
        }
    }
}
