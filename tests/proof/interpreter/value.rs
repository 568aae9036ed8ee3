//! What expressions are worth while a promotion runs.

use serde_json::{Map, Number, Value as Json};

use loadline::types::value::{Value as Static, canonical_duration};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Absent is `null`, and for some types the empty text.
    Json(Json),
    /// The freight of a slot of the stage; absent while the slot is empty.
    Freight(usize),
}

/// Evaluation failed, which fails the step.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault(pub String);

pub type Outcome<T> = Result<T, Fault>;

pub const NULL: Value = Value::Json(Json::Null);

pub fn text(text: impl Into<String>) -> Value {
    Value::Json(Json::String(text.into()))
}

pub fn int(number: i64) -> Value {
    Value::Json(Json::from(number))
}

pub fn float(number: f64) -> Value {
    Value::Json(Number::from_f64(number).map_or(Json::Null, Json::Number))
}

pub fn bool(value: bool) -> Value {
    Value::Json(Json::Bool(value))
}

/// A value that was known while compiling.
pub fn known(value: &Static) -> Value {
    Value::Json(json_of(value))
}

fn json_of(value: &Static) -> Json {
    match value {
        Static::Null | Static::Error => Json::Null,
        Static::Bool(value) => Json::Bool(*value),
        Static::Int(value) => Json::from(*value),
        Static::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Static::Duration(text) => Json::String(canonical_duration(text)),
        Static::Text(text) => Json::String(text.to_string()),
        Static::List(items) => Json::Array(items.iter().map(json_of).collect()),
        Static::Record(fields) => Json::Object(fields.iter().map(|(key, value)| (key.to_string(), json_of(value))).collect()),
    }
}

impl Value {
    pub fn json(&self) -> &Json {
        match self {
            Value::Json(json) => json,
            Value::Freight(_) => &Json::Null,
        }
    }

    pub fn as_text(&self) -> Outcome<&str> {
        self.json().as_str().ok_or_else(|| Fault(format!("{self:?} is no text")))
    }

    pub fn as_number(&self) -> Outcome<f64> {
        self.json().as_f64().ok_or_else(|| Fault(format!("{self:?} is no number")))
    }

    pub fn as_int(&self) -> Option<i64> {
        self.json().as_i64().or_else(|| self.json().as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64))
    }

    pub fn as_list(&self) -> Outcome<&[Json]> {
        self.json().as_array().map(Vec::as_slice).ok_or_else(|| Fault(format!("{self:?} is no list")))
    }

    pub fn as_record(&self) -> Option<&Map<String, Json>> {
        self.json().as_object()
    }

    /// As it appears inside a text.
    pub fn shown(&self) -> Outcome<String> {
        match self.json() {
            Json::String(text) => Ok(text.clone()),
            Json::Bool(value) => Ok(value.to_string()),
            Json::Number(_) => Ok(self.as_int().map_or_else(|| self.json().to_string(), |whole| whole.to_string())),
            other => Err(Fault(format!("{other} has no text"))),
        }
    }
}

/// Equality of the language: numbers by what they are worth.
pub fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => left == right,
    }
}

/// Without the characters that make Kargo lose the settings of a step (design §2.10).
pub fn stripped(value: &Json) -> Json {
    let loses = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    match value {
        Json::String(text) => Json::String(text.chars().filter(|c| !loses(*c)).collect()),
        Json::Array(items) => Json::Array(items.iter().map(stripped).collect()),
        Json::Object(fields) => Json::Object(fields.iter().map(|(key, value)| (key.clone(), stripped(value))).collect()),
        other => other.clone(),
    }
}
