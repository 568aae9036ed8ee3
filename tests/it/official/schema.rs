//! Official schemas: how they are read, and what they say of a value.
//!
//! Of JSON Schema only what these files use is known; a keyword that is not, is a panic, so that nothing is passed over.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use regex::Regex;
use serde_json::{Map, Value};

use super::cel;

/// A step's schema, or a subscription's, with all references replaced by what they refer to.
pub(super) fn read_json(path: &Path) -> Value {
    let root = parse(path);
    inline(&root, path, &root)
}

/// What a custom resource definition says of one kind of object.
pub(super) struct Crd {
    pub(super) api: String,
    pub(super) kind: String,
    pub(super) cluster_scope: bool,
    pub(super) spec: Value,
}

/// The definition in a file. Objects are closed, since the API server drops what it does not know, and a setting with a
/// default is never missing, since the API server fills it in first.
pub(super) fn read_crd(path: &Path) -> Crd {
    let root = parse(path);
    let text = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{path:?}: {pointer}")).to_owned();
    let schema = root.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec").cloned();
    Crd {
        api: format!("{}/{}", text("/spec/group"), text("/spec/versions/0/name")),
        kind: text("/spec/names/kind"),
        cluster_scope: text("/spec/scope") == "Cluster",
        spec: closed(schema.unwrap_or_else(|| serde_json::json!({ "type": "object" }))),
    }
}

/// YAML or JSON, which is YAML too.
pub(super) fn parse(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn inline(node: &Value, path: &Path, root: &Value) -> Value {
    match node {
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let (file, pointer) = reference.split_once('#').expect("a reference has a fragment");
                let found = |root: &Value| root.pointer(pointer).cloned().unwrap_or_else(|| panic!("{reference} leads nowhere"));
                if file.is_empty() {
                    return inline(&found(root), path, root);
                }
                let path = path.with_file_name(file);
                let root = parse(&path);
                inline(&found(&root), &path, &root)
            }
            None => fields.iter().map(|(key, value)| (key.clone(), inline(value, path, root))).collect::<Map<_, _>>().into(),
        },
        Value::Array(items) => items.iter().map(|item| inline(item, path, root)).collect(),
        other => other.clone(),
    }
}

fn closed(mut node: Value) -> Value {
    let Some(fields) = node.as_object_mut() else { return node };
    if let Some(properties) = fields.get("properties").and_then(Value::as_object).cloned() {
        if let Some(required) = fields.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| properties[name.as_str().expect("a name")].get("default").is_none());
        }
        let properties: Map<_, _> = properties.into_iter().map(|(name, schema)| (name, closed(schema))).collect();
        fields.insert("properties".into(), properties.into());
        fields.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    if let Some(items) = fields.remove("items") {
        fields.insert("items".into(), closed(items));
    }
    node
}

/// Whether a schema takes a value.
pub(super) fn accepts(schema: &Value, value: &Value) -> bool {
    match schema {
        Value::Bool(verdict) => *verdict,
        Value::Object(rules) => rules.iter().all(|(keyword, rule)| holds(keyword, rule, rules, value)),
        other => panic!("not a schema: {other}"),
    }
}

fn holds(keyword: &str, rule: &Value, schema: &Map<String, Value>, value: &Value) -> bool {
    let schemas = || rule.as_array().expect("schemas").iter();
    match keyword {
        "type" => names(rule).any(|name| is_of(name, value)),
        "enum" => rule.as_array().expect("values").contains(value),
        "const" => rule == value,
        "oneOf" => schemas().filter(|schema| accepts(schema, value)).count() == 1,
        "anyOf" => schemas().any(|schema| accepts(schema, value)),
        "allOf" => schemas().all(|schema| accepts(schema, value)),
        "not" => !accepts(rule, value),
        "if" => {
            let branch = if accepts(rule, value) { "then" } else { "else" };
            schema.get(branch).is_none_or(|schema| accepts(schema, value))
        }
        "x-kubernetes-validations" => schemas().all(|rule| cel::holds(rule["rule"].as_str().expect("a rule"), value)),
        _ => match value {
            Value::Object(fields) => holds_of_object(keyword, rule, schema, fields),
            Value::Array(items) => holds_of_list(keyword, rule, items),
            Value::String(text) => holds_of_text(keyword, rule, text),
            Value::Number(number) => match keyword {
                "minimum" => number.as_f64() >= rule.as_f64(),
                "maximum" => number.as_f64() <= rule.as_f64(),
                _ => known(keyword),
            },
            _ => known(keyword),
        },
    }
}

fn holds_of_object(keyword: &str, rule: &Value, schema: &Map<String, Value>, fields: &Map<String, Value>) -> bool {
    match keyword {
        "required" => names(rule).all(|name| fields.contains_key(name)),
        "minProperties" => fields.len() as u64 >= rule.as_u64().expect("a number"),
        "properties" => fields.iter().all(|(name, value)| rule.get(name).is_none_or(|schema| accepts(schema, value))),
        "additionalProperties" => {
            let known = |name: &str| schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
            fields.iter().filter(|(name, _)| !known(name)).all(|(_, value)| accepts(rule, value))
        }
        _ => known(keyword),
    }
}

fn holds_of_list(keyword: &str, rule: &Value, items: &[Value]) -> bool {
    match keyword {
        "items" => items.iter().all(|item| accepts(rule, item)),
        "minItems" => items.len() as u64 >= rule.as_u64().expect("a number"),
        "maxItems" => items.len() as u64 <= rule.as_u64().expect("a number"),
        "uniqueItems" | "x-kubernetes-list-type" if *rule == true || rule == "set" => {
            items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
        }
        _ => known(keyword),
    }
}

fn holds_of_text(keyword: &str, rule: &Value, text: &str) -> bool {
    match keyword {
        "minLength" => text.chars().count() as u64 >= rule.as_u64().expect("a number"),
        "maxLength" => text.chars().count() as u64 <= rule.as_u64().expect("a number"),
        "pattern" => pattern(rule.as_str().expect("a pattern")).is_match(text),
        _ => known(keyword),
    }
}

/// A regular expression, read once per thread.
pub(super) fn pattern(text: &str) -> Regex {
    thread_local!(static READ: RefCell<HashMap<String, Regex>> = RefCell::default());
    let read = || Regex::new(text).unwrap_or_else(|error| panic!("{error}"));
    READ.with_borrow_mut(|known| known.entry(text.to_owned()).or_insert_with(read).clone())
}

/// A keyword that says nothing about this value; `format` is left to the patterns of the library.
fn known(keyword: &str) -> bool {
    const KNOWN: &[&str] = &[
        "$schema",
        "title",
        "description",
        "default",
        "deprecated",
        "definitions",
        "format",
        "then",
        "else",
        "required",
        "minProperties",
        "properties",
        "additionalProperties",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "x-kubernetes-map-type",
        "x-kubernetes-list-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-deprecated",
    ];
    assert!(KNOWN.contains(&keyword), "this test does not know the keyword `{keyword}`");
    true
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("not a type: {other}"),
    }
}

/// One text or a list of them.
pub(super) fn names(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().filter_map(Value::as_str)
}
