//! A record of the library beside the schema of an object, at one version: names, types, what is required, bounds.

use std::collections::BTreeSet;

use loadline::base::Name;
use loadline::library::{Field, Record, Rules, Target, Ty, Version};
use serde_json::Value;

use super::report::Report;
use super::schema::{accepts, names};
use super::{together, words};

/// One comparison. Everything it finds goes into `report`.
pub(super) struct Walk<'a> {
    pub(super) version: &'a str,
    pub(super) target: Target,
    pub(super) report: &'a mut Report,
}

/// The patch or minor that a text names, as the only target.
pub(super) fn target(version: &str) -> Target {
    let version = Version::parse(version).unwrap_or_else(|| panic!("not a version: {version}"));
    Target::at(Name::new("the product"), version)
}

/// The fields that a version has. Of declarations with one name at most one may be among them.
pub(super) fn fields<'r>(record: &'r Record, target: &Target) -> Vec<&'r Field> {
    let fields: Vec<&Field> = record.fields.iter().filter(|field| field.rules.in_all(target)).collect();
    for (index, field) in fields.iter().enumerate() {
        let again = fields[..index].iter().any(|other| other.name == field.name);
        assert!(!again, "{target}: `{}` is declared twice", field.name);
    }
    fields
}

pub(super) fn is_required(field: &Field, target: &Target) -> bool {
    !field.optional || field.rules.required_by(target)
}

impl Walk<'_> {
    pub(super) fn differ(&mut self, at: &str, what: &'static str, example: impl Into<String>) {
        self.report.add(at, what, self.version, example.into());
    }

    /// `stricter` where the library asks for more than the schema, `looser` where it asks for less.
    fn compare<T: PartialOrd + std::fmt::Debug>(&mut self, at: &str, what: [&'static str; 2], library: T, official: T) {
        if library > official {
            self.differ(at, what[0], format!("{library:?}, officially {official:?}"));
        } else if library < official {
            self.differ(at, what[1], format!("{library:?}, officially {official:?}"));
        }
    }

    pub(super) fn record(&mut self, record: &Record, schema: &Value, at: &str) {
        let none = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let fields = fields(record, &self.target.clone());
        for field in &fields {
            let at = join(at, &field.name);
            match properties.get(field.name.as_str()) {
                Some(property) => self.setting(field, property, requires(schema, &field.name), &at),
                None => self.differ(&at, "extra", "the version has no such setting"),
            }
        }
        // An open record takes what it does not know.
        let unknown = properties.keys().filter(|_| record.open.is_none());
        for name in unknown.filter(|name| !fields.iter().any(|field| field.name == **name)) {
            self.differ(&join(at, name), "lacking", "the library has no such setting");
        }
        let open = schema.get("additionalProperties") != Some(&Value::Bool(false));
        self.compare(at, ["open: looser", "open: stricter"], record.open.is_some(), open);
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
        self.compare(at, ["size: stricter", "size: looser"], 0, least);
        together::compare(self, record, schema, at);
    }

    /// A setting, whose own place is `at`.
    pub(super) fn setting(&mut self, field: &Field, schema: &Value, required: bool, at: &str) {
        self.report.count("settings");
        self.compare(at, ["required: stricter", "required: looser"], is_required(field, &self.target), required);
        if let Some(official) = schema.get("x-deprecated") {
            let ours = field.rules.deprecated.as_ref().map(|(version, _)| Value::from(version.to_string()));
            if ours.as_ref().unwrap_or(&Value::Null) != official {
                self.differ(at, "deprecated", format!("{ours:?}, officially {official}"));
            }
        }
        self.value(&field.ty, &field.rules, schema, at);
    }

    fn value(&mut self, ty: &Ty, rules: &Rules, schema: &Value, at: &str) {
        let (ours, official) = (forms(ty), official_forms(schema));
        match (&ours, &official) {
            (None, None) => return,
            (Some(_), None) => return self.differ(at, "type: stricter", format!("{ty}, officially anything")),
            (None, Some(_)) => return self.differ(at, "type: looser", format!("{ty}, officially {official:?}")),
            (Some(ours), Some(official)) if ours != official => {
                return self.differ(at, "type", format!("{ty}, officially {official:?}"));
            }
            _ => {}
        }
        let number = |key: &str| schema.get(key).and_then(Value::as_i64);
        let least = |key: &str| number(key).unwrap_or(0);
        match ty {
            Ty::Int => {
                self.compare(at, ["minimum: stricter", "minimum: looser"], rules.min, number("minimum"));
                let most = |value: Option<i64>| value.unwrap_or(i64::MAX);
                self.compare(at, ["maximum: looser", "maximum: stricter"], most(rules.max), most(number("maximum")));
            }
            Ty::List(item) => {
                self.compare(at, ["size: stricter", "size: looser"], rules.min.unwrap_or(0), least("minItems"));
                let most = |value: Option<i64>| value.unwrap_or(i64::MAX);
                self.compare(at, ["most: looser", "most: stricter"], most(rules.max), most(number("maxItems")));
                let unique = schema.get("uniqueItems") == Some(&Value::Bool(true))
                    || schema.get("x-kubernetes-list-type").is_some_and(|kind| kind == "set");
                if unique && rules.unique.is_none() {
                    self.differ(at, "unique: looser", "items may repeat, officially not");
                }
                self.items(item, rules, schema, &format!("{at}[]"));
            }
            Ty::Map(item, _) => {
                self.compare(at, ["size: stricter", "size: looser"], rules.min.unwrap_or(0), least("minProperties"));
                let free = schema.get("additionalProperties").unwrap_or(&Value::Bool(true));
                self.value(item, &Rules::default(), free, &format!("{at}.*"));
            }
            Ty::Record(record) => self.record(record, schema, at),
            _ if words::is_text(ty) => words::compare(self, ty, rules, schema, at),
            _ => {}
        }
    }

    /// The length and the pattern of a list's texts are said of the list.
    fn items(&mut self, item: &Ty, rules: &Rules, schema: &Value, at: &str) {
        // A rule of the whole list may stand for an enum of its items.
        if let (Some(choices), true) = (item.choices(), schema.get("x-kubernetes-validations").is_some()) {
            let list = |text: &str| Value::from(vec![text]);
            let known = choices.iter().all(|choice| accepts(schema, &list(choice)));
            if !known || accepts(schema, &list("SomethingElse")) {
                self.differ(at, "values", format!("{item}, officially otherwise"));
            }
            return;
        }
        let items = schema.get("items").unwrap_or(&Value::Bool(true));
        let rules = rules.of_items();
        self.value(item, &rules, items, at);
    }
}

pub(super) fn join(at: &str, name: &str) -> String {
    if at.is_empty() || at.ends_with(' ') { format!("{at}{name}") } else { format!("{at}.{name}") }
}

pub(super) fn requires(schema: &Value, name: &str) -> bool {
    schema.get("required").is_some_and(|required| names(required).any(|required| required == name))
}

/// The JSON types of a type's values; `None` if any will do.
pub(super) fn forms(ty: &Ty) -> Option<BTreeSet<&'static str>> {
    let one = |form| Some(BTreeSet::from([form]));
    match ty {
        Ty::Bool => one("boolean"),
        Ty::Int => one("integer"),
        Ty::Float => one("number"),
        Ty::List(_) => one("array"),
        Ty::Map(..) | Ty::Record(_) => one("object"),
        Ty::Union(members) => {
            let mut all: BTreeSet<&str> = members.iter().map(forms).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
            if all.contains("number") {
                all.remove("integer");
            }
            Some(all)
        }
        Ty::Optional(inner, _) => forms(inner),
        Ty::Text(_) | Ty::Literal(_) | Ty::Duration | Ty::Expression(_) => one("string"),
        _ => None,
    }
}

fn official_forms(schema: &Value) -> Option<BTreeSet<&str>> {
    match schema.get("type") {
        Some(written) => Some(names(written).collect()),
        None => {
            let branches = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
            Some(branches.iter().map(official_forms).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
    }
}
