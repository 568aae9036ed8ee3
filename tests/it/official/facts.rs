//! The list of steps with their history, `facts/kargo-steps.yaml`: what it says of a version, as a schema, and the rest of it
//! (results, steps that skip themselves, health checks) beside the signatures.

use std::path::Path;

use loadline::library::{Field, Record, StepSig, Target, Ty, Version};
use serde_json::{Map, Value, json};

use super::schema::{parse, pattern};
use super::walk::{Walk, fields, forms, join, target};

pub(super) struct Facts(Vec<Value>);

impl Facts {
    pub(super) fn read(shared: &Path) -> Facts {
        let all = parse(&shared.join("facts/kargo-steps.yaml"));
        Facts(all["steps"].as_array().expect("the steps").clone())
    }

    /// The steps that a version has.
    pub(super) fn steps<'f>(&'f self, target: &'f Target) -> impl Iterator<Item = &'f Value> {
        self.0.iter().filter(|step| has(step, target))
    }

    /// Patches of these minors around which something changed: the first with the change, and the last without.
    pub(super) fn turns(&self, minors: &[Version]) -> Vec<String> {
        let text = Value::from(self.0.clone()).to_string();
        let dates = pattern(r#""(?:since|from|removed_in)":"(\d+)\.(\d+)\.([1-9]\d*)""#);
        let mut turns: Vec<String> = Vec::new();
        for found in dates.captures_iter(&text) {
            let [major, minor, patch] = [1, 2, 3].map(|part| found[part].parse::<u32>().expect("a number"));
            if minors.iter().any(|known| (known.major, known.minor) == (major, minor)) {
                turns.extend([patch - 1, patch].map(|patch| format!("{major}.{minor}.{patch}")));
            }
        }
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

pub(super) fn name(step: &Value) -> &str {
    step["name"].as_str().expect("a name")
}

fn reached(target: &Target, version: &Value) -> bool {
    let version = version.as_str().and_then(Version::parse).unwrap_or_else(|| panic!("not a version: {version}"));
    target.reached(version).is_some()
}

fn has(fact: &Value, target: &Target) -> bool {
    fact.get("since").is_none_or(|since| reached(target, since))
        && fact.get("removed_in").is_none_or(|gone| gone.is_null() || !reached(target, gone))
}

/// What a step takes, as a schema.
pub(super) fn schema(step: &Value, target: &Target) -> Value {
    object(step, &step["config"], "", step["constraints"].as_array().map_or(&[], Vec::as_slice), target)
}

fn object(of: &Value, fields: &Value, at: &str, constraints: &[Value], target: &Target) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields.as_array().into_iter().flatten().filter(|field| has(field, target)) {
        let since = |key: &str| field.get(key)?.as_array()?.iter().rfind(|entry| reached(target, &entry["from"]));
        if since("required_history").map_or(&field["required"], |entry| &entry["required"]) == true {
            required.push(field["name"].clone());
        }
        let mut schema = value(field, &join(at, name(field)), constraints, target);
        let deprecated = field.get("deprecated_in").filter(|_| of.get("deprecated_in").is_none());
        schema["x-deprecated"] = deprecated.cloned().unwrap_or(Value::Null);
        properties.insert(name(field).to_owned(), schema);
    }
    let rules: Vec<Value> =
        constraints.iter().filter(|rule| rule["at"] == at && has(rule, target)).filter_map(|rule| combination(rule, &properties)).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required, "allOf": rules });
    schema["additionalProperties"] = of["additional_properties"].clone();
    if let Some(least) = of.get("min_properties") {
        schema["minProperties"] = least.clone();
    }
    schema
}

fn value(fact: &Value, at: &str, constraints: &[Value], target: &Target) -> Value {
    let word = fact.as_str().unwrap_or_else(|| fact["type"].as_str().expect("a type"));
    let mut schema = match word {
        "string" | "duration" | "expression" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "int" => json!({ "type": "integer" }),
        "scalar" => json!({ "type": ["string", "number", "boolean"] }),
        "any" | "any JSON" => json!({}),
        "map" => json!({ "type": "object", "additionalProperties": value(&fact["values"], at, constraints, target) }),
        "list" => json!({ "type": "array", "items": value(&fact["items"], &format!("{at}[]"), constraints, target) }),
        "object" => object(fact, &fact["fields"], at, constraints, target),
        "enum" => {
            let known = fact["values"].as_array().expect("the values").iter().filter(|value| has(value, target));
            json!({ "type": "string", "enum": known.map(|value| &value["value"]).collect::<Vec<_>>() })
        }
        other => panic!("this test does not know the type `{other}`"),
    };
    let keys = [
        ("min_length", "minLength"),
        ("max_length", "maxLength"),
        ("pattern", "pattern"),
        ("format", "format"),
        ("minimum", "minimum"),
        ("maximum", "maximum"),
        ("min_items", "minItems"),
        ("min_properties", "minProperties"),
    ];
    for (ours, theirs) in keys {
        // Any Git URL will do: that is no format of its own.
        if let Some(rule) = fact.get(ours).filter(|rule| **rule != "git-url") {
            schema[theirs] = rule.clone();
        }
    }
    schema
}

/// A rule between settings. Whether a flag is given means whether it is true; `if` is a sentence such as `a == true`.
fn combination(rule: &Value, properties: &Map<String, Value>) -> Option<Value> {
    let given = |name: &str| match properties.get(name)?.get("type")?.as_str()? {
        "boolean" => Some(json!({ "required": [name], "properties": { name: { "const": true } } })),
        "array" => Some(json!({ "required": [name], "properties": { name: { "minItems": 1 } } })),
        "object" => Some(json!({ "required": [name], "properties": { name: { "minProperties": 1 } } })),
        _ => Some(json!({ "required": [name], "properties": { name: { "minLength": 1 } } })),
    };
    let given_of = |key: &str| rule[key].as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(given).collect::<Vec<_>>();
    let fields = given_of("fields");
    let none = json!({ "not": { "anyOf": fields } });
    Some(match rule["kind"].as_str().expect("a kind") {
        "exactly_one_of" => json!({ "oneOf": fields }),
        "at_most_one_of" => json!({ "oneOf": fields.into_iter().chain([none]).collect::<Vec<_>>() }),
        "at_least_one_of" => json!({ "anyOf": fields }),
        kind @ ("requires" | "forbids") => {
            let subject = rule["if"].as_str().expect("a condition").split(' ').next().expect("a name");
            let then = given_of("then");
            let then = if kind == "requires" { json!({ "allOf": then }) } else { json!({ "not": { "anyOf": then } }) };
            json!({ "if": given(subject)?, "then": then })
        }
        // Between items, not between settings.
        "unique" => return None,
        other => panic!("this test does not know the rule `{other}`"),
    })
}

/// All of a step but its settings.
pub(super) fn compare_behaviour(walk: &mut Walk<'_>, sig: &StepSig, step: &Value, at: &str) {
    let facts = step["outputs"].as_array().expect("the results").iter().filter(|output| has(output, &walk.target));
    let (dynamic, named): (Vec<&Value>, Vec<&Value>) = facts.partition(|output| output["dynamic"] == true);
    if sig.rules.outputs_like_settings != dynamic.iter().any(|output| output["source"] == "config keys") {
        walk.differ(at, "results like settings", "officially otherwise");
    }
    compare_results(walk, &sig.outputs, &named, &format!("{at} -> "));

    let since = step["skip_note"].as_str().map(|note| pattern(r"since (\d+\.\d+)").captures(note).expect("a version")[1].to_owned());
    let ours = sig.rules.skips.as_ref().map(|(since, _)| since.map_or("always".to_owned(), |since| since.to_string()));
    if since != ours {
        walk.differ(at, "skips", format!("{ours:?}, officially {since:?}"));
    }
    if sig.may_skip(&walk.target) {
        for output in &named {
            let kept = !output["nullable"].as_str().is_some_and(|note| note.contains("Skipped"));
            if kept != sig.keeps(name(output)) {
                walk.differ(&format!("{at} -> {}", name(output)), "kept when skipped", format!("officially {kept}"));
            }
        }
    }
    let health =
        step["notes"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|note| note.starts_with("Registers a health check"));
    if health != sig.rules.health {
        walk.differ(at, "health", format!("officially {health}"));
    }
    compare_history(walk, sig, step, at);
}

/// Settings that are gone, and lists whose items must differ.
fn compare_history(walk: &mut Walk<'_>, sig: &StepSig, step: &Value, at: &str) {
    for removed in step["removed_fields"].as_array().into_iter().flatten() {
        let path = removed["path"].as_str().expect("a path");
        let Some(field) = field_at(&sig.settings, path) else { continue };
        let ours = field.rules.removed.as_ref().map(|(version, _)| version.to_string());
        if ours.as_deref() != removed["removed_in"].as_str() {
            walk.differ(&format!("{at} {path}"), "removed", format!("{ours:?}, officially {}", removed["removed_in"]));
        }
    }
    for unique in step["constraints"].as_array().into_iter().flatten().filter(|rule| rule["kind"] == "unique") {
        let path = unique["at"].as_str().expect("a place");
        let ours = field_at(&sig.settings, path).and_then(|field| field.rules.unique.as_deref());
        if ours != unique["fields"][0].as_str() {
            walk.differ(&format!("{at} {path}"), "unique", format!("{ours:?}, officially {}", unique["fields"]));
        }
    }
}

fn field_at<'r>(record: &'r Record, path: &str) -> Option<&'r Field> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let field = record.field(first.trim_end_matches("[]"))?;
    let Some(rest) = rest else { return Some(field) };
    let item = if let Ty::List(item) = &field.ty { item } else { &field.ty };
    field_at(item.record()?, rest)
}

fn compare_results(walk: &mut Walk<'_>, record: &Record, facts: &[&Value], at: &str) {
    let ours = fields(record, &walk.target.clone());
    for field in ours.iter().filter(|field| !facts.iter().any(|fact| name(fact) == field.name)) {
        walk.differ(&format!("{at}{}", field.name), "extra", "the version has no such result");
    }
    for fact in facts {
        let at = format!("{at}{}", name(fact));
        walk.report.count("results");
        let Some(field) = ours.iter().find(|field| field.name == name(fact)) else {
            walk.differ(&at, "lacking", "the library has no such result");
            continue;
        };
        let nullable = may_be_absent(&fact["nullable"], &walk.target);
        if nullable != (field.optional || field.rules.may_be_absent(&walk.target)) {
            walk.differ(&at, if nullable { "absent: looser" } else { "absent: stricter" }, format!("officially {}", fact["nullable"]));
        }
        let form = match fact["type"].as_str().expect("a type").split('<').next() {
            Some("string") => "string",
            Some("int") => "integer",
            Some("bool") => "boolean",
            Some("list") => "array",
            Some("map" | "object") => "object",
            other => panic!("this test does not know the type {other:?}"),
        };
        if forms(&field.ty).is_none_or(|forms| !forms.contains(form)) {
            walk.differ(&at, "type", format!("{}, officially {form}", field.ty));
        }
        let inner: Vec<&Value> = fact["fields"].as_array().into_iter().flatten().filter(|fact| has(fact, &walk.target)).collect();
        if let (Some(record), false) = (field.ty.record(), inner.is_empty()) {
            compare_results(walk, record, &inner, &format!("{at}."));
        }
    }
}

/// Notes are sentences such as `absent when a tag is pushed (1.10+)`; a skipped step is `@skips`, not an absent result.
fn may_be_absent(note: &Value, target: &Target) -> bool {
    let Some(note) = note.as_str() else { return *note == true };
    let since = pattern(r"\((\d+\.\d+)\+\)").captures(note).map(|found| Value::from(&found[1]));
    !note.starts_with("never") && !note.contains("Skipped") && since.is_none_or(|since| reached(target, &since))
}

/// The newest patch of every minor, and the patches between which something changed.
pub(super) fn versions(facts: &Facts, known: &[(loadline::base::Name, Version)]) -> Vec<String> {
    let newest: Vec<Version> = known.iter().map(|(_, version)| *version).collect();
    let mut versions: Vec<String> = newest.iter().map(ToString::to_string).collect();
    versions.extend(facts.turns(&newest));
    versions.dedup();
    for version in &versions {
        assert!(target(version).versions()[0].patch.is_some(), "{version} is not a patch");
    }
    versions
}
