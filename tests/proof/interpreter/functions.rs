//! The functions of expressions, as `stdlib/functions.pipeline` describes them.

use serde_json::{Map, Value as Json, json};

use loadline::syntax::ast::BinaryOp;

use super::cluster::Cluster;
use super::value::{Fault, NULL, Outcome, Value, bool, equal, float, int, text};

pub fn arithmetic(op: BinaryOp, a: &Value, b: &Value) -> Outcome<Value> {
    let (x, y) = (a.as_number()?, b.as_number()?);
    let whole = a.as_int().zip(b.as_int()).filter(|_| !a.json().is_f64() && !b.json().is_f64());
    Ok(match (op, whole) {
        (BinaryOp::Add, Some((a, b))) => int(a + b),
        (BinaryOp::Subtract, Some((a, b))) => int(a - b),
        (BinaryOp::Multiply, Some((a, b))) => int(a * b),
        (BinaryOp::Remainder, Some((a, b))) if b != 0 => int(a % b),
        (BinaryOp::Add, _) => float(x + y),
        (BinaryOp::Subtract, _) => float(x - y),
        (BinaryOp::Multiply, _) => float(x * y),
        (BinaryOp::Divide, _) => float(x / y),
        (BinaryOp::Less, _) => bool(x < y),
        (BinaryOp::LessEqual, _) => bool(x <= y),
        (BinaryOp::Greater, _) => bool(x > y),
        (BinaryOp::GreaterEqual, _) => bool(x >= y),
        _ => return Err(Fault(format!("{op:?} of {a:?} and {b:?}"))),
    })
}

pub fn call(name: &str, args: &[Value], cluster: &Cluster) -> Outcome<Value> {
    let at = |index: usize| args.get(index).ok_or_else(|| Fault(format!("{name}: an argument is missing")));
    let word = |index: usize| at(index).and_then(Value::as_text);
    let number = |index: usize| at(index).and_then(Value::as_number);
    Ok(match name {
        "configMap" => Value::Json(table(cluster.config_maps.get(word(0)?))),
        "secret" => Value::Json(table(cluster.secrets.get(word(0)?))),
        "sharedConfigMap" => Value::Json(table(cluster.shared_config_maps.get(word(0)?))),
        "sharedSecret" => Value::Json(table(cluster.secrets.get(word(0)?))),
        "stageMetadata" => cluster.stage_metadata.get(word(0)?).map_or(NULL, |found| Value::Json(found.clone())),
        "freightMetadata" => {
            let found = cluster.freight.iter().find(|freight| Ok(freight.name.as_str()) == word(0).as_deref());
            found.filter(|freight| !freight.metadata.is_empty()).map_or(NULL, |freight| Value::Json(Json::Object(freight.metadata.clone())))
        }
        "indexOf" => {
            let (text, part) = (word(0)?, word(1)?);
            int(text.find(part).map_or(-1, |at| at as i64))
        }
        "toBase64" => text(base64(word(0)?)),
        "fromBase64" => text(unbase64(word(0)?)?),
        "toJSON" => text(at(0)?.json().to_string()),
        "fromJSON" => Value::Json(serde_json::from_str(word(0)?).map_err(|error| Fault(error.to_string()))?),
        "keys" => Value::Json(at(0)?.as_record().into_iter().flatten().map(|(key, _)| Json::from(key.as_str())).collect()),
        "values" => Value::Json(at(0)?.as_record().into_iter().flatten().map(|(_, value)| value.clone()).collect()),
        "sort" => {
            let mut items = at(0)?.as_list()?.to_vec();
            items.sort_by(|a, b| match (a.as_str(), b.as_str()) {
                (Some(a), Some(b)) => a.cmp(b),
                _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal),
            });
            Value::Json(Json::Array(items))
        }
        "semverParse" => {
            let version = semver::Version::parse(word(0)?).map_err(|error| Fault(error.to_string()))?;
            Value::Json(json!({ "major": version.major, "minor": version.minor, "patch": version.patch }))
        }
        "json" => text(at(0)?.json().to_string()),
        "now" => Value::Json(cluster.now.clone()),
        "len" => int(length(at(0)?.json())?),
        "lower" => text(word(0)?.to_lowercase()),
        "upper" => text(word(0)?.to_uppercase()),
        "trim" if args.len() == 1 => text(word(0)?.trim()),
        "trim" => {
            let outer: Vec<char> = word(1)?.chars().collect();
            text(word(0)?.trim_matches(|c| outer.contains(&c)))
        }
        "trimPrefix" => text(word(0)?.strip_prefix(word(1)?).unwrap_or(word(0)?)),
        "trimSuffix" => text(word(0)?.strip_suffix(word(1)?).unwrap_or(word(0)?)),
        "split" => Value::Json(split(word(0)?, word(1)?, args.get(2).and_then(Value::as_int))),
        "join" => {
            let items: Vec<&str> = at(0)?.as_list()?.iter().filter_map(Json::as_str).collect();
            text(items.join(args.get(1).map_or(Ok(""), Value::as_text)?))
        }
        "replace" => text(match args.get(3).and_then(Value::as_int) {
            Some(count) => word(0)?.replacen(word(1)?, word(2)?, count as usize),
            None => word(0)?.replace(word(1)?, word(2)?),
        }),
        "hasPrefix" => bool(word(0)?.starts_with(word(1)?)),
        "hasSuffix" => bool(word(0)?.ends_with(word(1)?)),
        "repeat" => text(word(0)?.repeat(number(1)? as usize)),
        "string" => text(at(0)?.shown()?),
        "int" => int(match at(0)?.json() {
            Json::String(written) => written.parse().map_err(|_| Fault(format!("{written:?} is no number")))?,
            _ => number(0)? as i64,
        }),
        "float" => float(number(0)?),
        "abs" => float(number(0)?.abs()),
        "ceil" => float(number(0)?.ceil()),
        "floor" => float(number(0)?.floor()),
        "round" => float(number(0)?.round()),
        "max" => float(number(0)?.max(number(1)?)),
        "min" => float(number(0)?.min(number(1)?)),
        "first" => item(at(0)?.as_list()?.first()),
        "last" => item(at(0)?.as_list()?.last()),
        "reverse" => Value::Json(at(0)?.as_list()?.iter().rev().cloned().collect()),
        "concat" => Value::Json(at(0)?.as_list()?.iter().chain(at(1)?.as_list()?).cloned().collect()),
        "uniq" => {
            let mut kept: Vec<Json> = Vec::new();
            for value in at(0)?.as_list()? {
                if !kept.iter().any(|known| equal(known, value)) {
                    kept.push(value.clone());
                }
            }
            Value::Json(Json::Array(kept))
        }
        "semverDiff" => text(semver_diff(word(0)?, word(1)?)),
        other => return Err(Fault(format!("the interpreter has no function {other}"))),
    })
}

fn item(found: Option<&Json>) -> Value {
    found.map_or(NULL, |found| Value::Json(found.clone()))
}

fn table(found: Option<&std::collections::BTreeMap<String, String>>) -> Json {
    found.into_iter().flatten().map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect::<Map<_, _>>().into()
}

fn length(value: &Json) -> Outcome<i64> {
    let length = match value {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.len(),
        Json::Object(fields) => fields.len(),
        other => return Err(Fault(format!("{other} has no length"))),
    };
    Ok(length as i64)
}

/// The leftmost part in which two versions differ.
fn semver_diff(a: &str, b: &str) -> &'static str {
    let (Ok(a), Ok(b)) = (semver::Version::parse(a), semver::Version::parse(b)) else { return "Incomparable" };
    match () {
        () if a.major != b.major => "Major",
        () if a.minor != b.minor => "Minor",
        () if a.patch != b.patch => "Patch",
        () if a.build != b.build => "Metadata",
        () => "None",
    }
}

/// The pieces of a text, at most so many; with an empty separator its characters.
fn split(text: &str, separator: &str, limit: Option<i64>) -> Json {
    let mut rest = text;
    let mut pieces = Vec::new();
    while limit.is_none_or(|limit| (pieces.len() as i64) < limit - 1) {
        let cut = if separator.is_empty() { rest.chars().next().map(char::len_utf8) } else { rest.find(separator) };
        match cut {
            Some(at) if !separator.is_empty() || at < rest.len() => {
                pieces.push(Json::from(&rest[..at]));
                rest = &rest[at + separator.len()..];
            }
            _ => break,
        }
    }
    if !(separator.is_empty() && rest.is_empty()) {
        pieces.push(Json::from(rest));
    }
    Json::Array(pieces)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(text: &str) -> String {
    let piece = |bytes: &[u8]| {
        let number = (0..3).fold(0, |sum, at| sum << 8 | usize::from(bytes.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| if at > bytes.len() { '=' } else { char::from(DIGITS[number >> (18 - 6 * at) & 63]) };
        [digit(0), digit(1), digit(2), digit(3)]
    };
    text.as_bytes().chunks(3).flat_map(piece).collect()
}

fn unbase64(text: &str) -> Outcome<String> {
    let fault = || Fault(format!("{text:?} is not base64"));
    let mut bytes = Vec::new();
    for piece in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut number = 0;
        for digit in piece {
            number = number << 6 | DIGITS.iter().position(|known| known == digit).ok_or_else(fault)?;
        }
        number <<= 6 * (4 - piece.len());
        bytes.extend([(number >> 16) as u8, (number >> 8) as u8, number as u8].into_iter().take(piece.len() - 1));
    }
    String::from_utf8(bytes).map_err(|_| fault())
}
