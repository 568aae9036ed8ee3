//! Whether the settings that a step got are those that it was meant to get. Most are compared as they are; where the
//! standard library names a form, by what the step makes of the text.

use std::sync::LazyLock;

use loadline::library::{Form, Record, Rules, Ty};
use regex::Regex;
use serde_json::Value as Json;

use crate::interpreter::value::{equal, stripped};

/// The differences, each with its path. `given`: what the expressions of the step's own gave to it.
pub fn settings(record: &Record, meant: &Json, got: &Json, given: &Json) -> Vec<String> {
    let mut comparison = Comparison { given, found: Vec::new() };
    comparison.in_record(record, meant, got, "");
    comparison.found
}

struct Comparison<'j> {
    given: &'j Json,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn in_record(&mut self, record: &Record, meant: &Json, got: &Json, path: &str) {
        let (Some(fields), Some(given)) = (meant.as_object(), got.as_object()) else {
            if !(meant.as_object().is_some_and(serde_json::Map::is_empty) && got.is_null()) && meant != got {
                self.found.push(format!("{path}: meant {meant}, got {got}"));
            }
            return;
        };
        let flags: Vec<&str> = record.fields.iter().filter_map(|field| field.rules.form_flag.as_deref()).collect();
        // An author who says how the target takes it gets the text as it is written.
        let literal = flags.iter().any(|flag| fields.contains_key(*flag) || given.get(*flag) == Some(&Json::Bool(true)));
        for name in fields.keys().chain(given.keys().filter(|name| !fields.contains_key(*name))) {
            // The compiler sets it for the target, which then takes the text as it is.
            if flags.contains(&name.as_str()) && !fields.contains_key(name) {
                continue;
            }
            let field = record.field(name);
            let (meant, got) = (fields.get(name).unwrap_or(&Json::Null), given.get(name).unwrap_or(&Json::Null));
            let none = Rules::default();
            let (ty, rules) = field.map_or((&Ty::Any, &none), |field| (&field.ty, &*field.rules));
            self.value(ty, rules, literal, meant, got, &format!("{path}.{name}"));
        }
    }

    fn value(&mut self, ty: &Ty, rules: &Rules, literal: bool, meant: &Json, got: &Json, path: &str) {
        match (ty, meant, got) {
            (Ty::Expression(_), _, Json::String(code)) => {
                let value = &self.given[code];
                // An absent header is empty text.
                let both_absent = meant.is_null() && value == "";
                if !both_absent && !equal(&stripped(meant), &stripped(value)) {
                    self.found.push(format!("{path}: meant {meant}, and `{code}` gives {value}"));
                }
            }
            (Ty::Record(record), ..) => self.in_record(record, meant, got, path),
            (Ty::List(item), Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
                for (at, (meant, got)) in a.iter().zip(b).enumerate() {
                    self.value(item, rules, literal, meant, got, &format!("{path}[{at}]"));
                }
            }
            (_, Json::String(text), Json::String(pasted)) if rules.form == Some(Form::YamlText) => {
                let read = as_helm_reads(pasted);
                if read.as_deref().map(in_yaml) != Ok(in_yaml(text)) {
                    self.found.push(format!("{path}: pasted into YAML, {pasted:?} is read as {read:?}; meant {text:?}"));
                }
            }
            (_, Json::String(text), Json::String(set)) if rules.form == Some(Form::HelmLiteral) => {
                let read = if literal { Some(set.clone()) } else { as_helm_sets(set) };
                if read.as_ref() != Some(text) {
                    self.found.push(format!("{path}: meant {text:?}, set to {set:?}, literal: {literal}"));
                }
            }
            (_, Json::String(text), Json::String(body)) if rules.form == Some(Form::JsonBody) => {
                let read = |text: &str| serde_json::from_str::<Json>(text).ok();
                if text != body && (read(text).is_none() || !read(text).zip(read(body)).is_some_and(|(a, b)| equal(&a, &b))) {
                    self.found.push(format!("{path}: meant {text:?}, got {body:?}"));
                }
            }
            _ if equal(meant, got) => {}
            _ => self.found.push(format!("{path}: meant {meant}, got {got}")),
        }
    }
}

/// What a YAML reader makes of `key: TEXT`, after Kargo has quoted what looks like a number, a boolean or JSON.
fn as_helm_reads(text: &str) -> Result<String, String> {
    let boolean = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"].contains(&text);
    let quotable = text.parse::<f64>().is_ok() || boolean || serde_json::from_str::<Json>(text).is_ok();
    let pasted = if quotable { format!("key: {text:?}\n") } else { format!("key: {text}\n") };
    let read: Json = serde_yaml::from_str(&pasted).map_err(|error| error.to_string())?;
    match read.as_object() {
        Some(fields) if fields.len() == 1 => fields["key"].as_str().map(str::to_owned).ok_or_else(|| fields["key"].to_string()),
        _ => Err(read.to_string()),
    }
}

/// What `--set key=TEXT` sets, where that is one text: a comma begins the next key, and a brace a list.
fn as_helm_sets(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.extend(rest.next()),
            ',' => return None,
            '{' if out.is_empty() => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// A text as a YAML file can hold it: line breaks and blanks fold, and of the control characters there are none.
fn in_yaml(text: &str) -> String {
    static CONTROLS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\x00-\x08\x0b\x0c\x0e-\x1f]").unwrap());
    static BREAKS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\s\x{2028}\x{2029}]+").unwrap());
    BREAKS.replace_all(&CONTROLS.replace_all(text, ""), " ").trim().to_owned()
}
