//! Values that are known while compiling, as they are written.

use std::sync::Arc;

use super::forms::shared;
use crate::emit::yaml::Yaml;
use crate::library::{Form, Rules};
use crate::types::Value;

/// A static value as it stands.
pub(crate) fn static_yaml(value: &Value) -> Yaml {
    match value {
        Value::Null | Value::Error => Yaml::Null,
        Value::Bool(value) => Yaml::Bool(*value),
        Value::Int(value) => Yaml::Int(*value),
        Value::Float(value) => Yaml::Float(*value),
        Value::Duration(_) => shared(value.interpolated().unwrap_or_default()),
        Value::Text(text) => Yaml::Str(Arc::clone(text).into()),
        Value::List(list) => Yaml::Seq(list.iter().map(static_yaml).collect()),
        Value::Record(record) => Yaml::Map(
            record
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Null))
                .map(|(key, value)| (Arc::<str>::from(key.as_str()).into(), static_yaml(value)))
                .collect(),
        ),
    }
}

/// A value that is no text, list or record: as it is, or as text where the setting is one.
pub(super) fn scalar(value: &Value, rules: &Rules) -> Yaml {
    match value {
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if rules.form == Some(Form::Text) => {
            shared(value.interpolated().unwrap_or_default())
        }
        value => static_yaml(value),
    }
}
