//! The comparison itself: whatever is taken from the library or changed in it must be reported.

use std::path::Path;
use std::sync::Arc;

use loadline::base::Name;
use loadline::library::{Field, Library, Record, Rules, Ty};
use serde_json::json;

use super::report::Report;
use super::schema::accepts;
use super::steps::against_schema;
use super::walk::{fields, target};
use super::{cel, library, shared};

const VERSION: &str = "1.11.2";

/// Changes one setting of a step, named by its path, and compares.
fn changed(library: &Library, shared: &Path, step: &str, path: &str, change: &dyn Fn(&mut Field)) -> Report {
    let settings = edited(&library.step(step).expect("a step").settings, path, change);
    compared(&settings, step, shared)
}

fn compared(settings: &Record, step: &str, shared: &Path) -> Report {
    let mut report = Report::default();
    against_schema(settings, step, VERSION, shared, &mut report);
    report
}

fn edited(record: &Record, path: &str, change: &dyn Fn(&mut Field)) -> Record {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut fields = record.fields.clone();
    for field in fields.iter_mut().filter(|field| field.name == first.trim_end_matches("[]")) {
        match (rest, &field.ty) {
            (None, _) => change(field),
            (Some(rest), Ty::Record(inner)) => field.ty = Ty::Record(Arc::new(edited(inner, rest, change))),
            (Some(rest), Ty::List(item)) => {
                let inner = edited(item.record().expect("a record"), rest, change);
                field.ty = Ty::List(Arc::new(Ty::Record(Arc::new(inner))));
            }
            (Some(_), other) => panic!("{path} leads into {other}"),
        }
    }
    Record { name: record.name.clone(), fields, open: record.open.clone() }
}

fn rules(field: &mut Field, change: impl Fn(&mut Rules)) {
    let mut rules = (*field.rules).clone();
    change(&mut rules);
    field.rules = Arc::new(rules);
}

/// What is reported where a setting is changed so.
type Case = (&'static str, &'static str, &'static str, &'static str, fn(&mut Field));

const CASES: &[Case] = &[
    ("git-push", "provider", "git-push provider", "values: stricter", |field| field.ty = literals(&["github"])),
    ("set-metadata", "updates[].kind", "set-metadata updates[].kind", "values: looser", |field| {
        field.ty = literals(&["Stage", "Freight", "Pod"])
    }),
    ("git-commit", "author.email", "git-commit author.email", "required: looser", |field| field.optional = true),
    ("git-open-pr", "title", "git-open-pr title", "required: stricter", |field| field.optional = false),
    ("git-open-pr", "repoURL", "git-open-pr repoURL", "pattern: looser", |field| rules(field, |rules| rules.pattern = None)),
    ("git-push", "maxAttempts", "git-push maxAttempts", "type", |field| field.ty = Ty::STRING),
    ("git-push", "maxAttempts", "git-push maxAttempts", "minimum: looser", |field| rules(field, |rules| rules.min = None)),
    ("git-push", "maxAttempts", "git-push maxAttempts", "maximum: stricter", |field| rules(field, |rules| rules.max = Some(9))),
    ("git-push", "force", "git-push ", "together: looser", |field| rules(field, |rules| rules.groups.clear())),
    ("argocd-update", "apps", "argocd-update apps", "size: looser", |field| rules(field, |rules| rules.min = None)),
    ("argocd-update", "apps[].name", "argocd-update apps[]", "together: looser", |field| rules(field, |rules| rules.groups.clear())),
    ("argocd-update", "apps[].sources[].helm.images[].key", "argocd-update apps[].sources[].helm.images[].key", "blank: looser", |field| {
        rules(field, |rules| rules.length = None);
    }),
    ("git-wait-for-pr", "prNumber", "git-wait-for-pr prNumberFromStep", "extra", |field| field.name = Name::new("prNumberFromStep")),
    ("git-wait-for-pr", "prNumber", "git-wait-for-pr prNumber", "lacking", |field| field.name = Name::new("prNumberFromStep")),
];

fn literals(words: &[&str]) -> Ty {
    Ty::Union(words.iter().map(|word| Ty::Literal(Name::new(word))).collect())
}

#[test]
fn every_change_is_seen() {
    let Some(shared) = shared() else { return };
    let library = library();
    for (step, path, at, what, change) in CASES {
        let before = compared(&library.step(step).expect("a step").settings, step, &shared);
        assert!(!before.has(at, what), "{at}: {what}, without any change");
        assert!(changed(&library, &shared, step, path, change).has(at, what), "{at}: {what} is not seen");
    }
}

#[test]
fn every_setting_is_missed() {
    let Some(shared) = shared() else { return };
    let library = library();
    for step in library.step_names() {
        let settings = &library.step(step).expect("a step").settings;
        for field in fields(settings, &target(VERSION)) {
            let left = settings.fields.iter().filter(|other| other.name != field.name).cloned().collect();
            let less = Record { name: None, fields: left, open: settings.open.clone() };
            assert!(
                compared(&less, step, &shared).has(&format!("{step} {}", field.name), "lacking"),
                "{step} {} is not missed",
                field.name
            );
        }
    }
}

#[test]
fn schemas_judge_values() {
    let schema = json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "type": "string", "minLength": 1 }, "b": { "enum": ["x", null] }, "c": { "type": "array", "maxItems": 1 } },
        "oneOf": [{ "required": ["b"] }, { "properties": { "c": { "minItems": 1 } }, "required": ["c"] }],
    });
    let verdicts = [
        (json!({ "a": "t", "b": "x" }), true),
        (json!({ "a": "t", "c": [1] }), true),
        (json!({ "a": "t", "b": null, "c": [] }), true),
        (json!({ "a": "t" }), false),
        (json!({ "a": "t", "b": "x", "c": [1] }), false),
        (json!({ "a": "", "b": "x" }), false),
        (json!({ "a": "t", "b": "y" }), false),
        (json!({ "a": "t", "b": "x", "d": 1 }), false),
        (json!({ "a": "t", "c": [1, 2] }), false),
        (json!("t"), false),
    ];
    for (value, verdict) in verdicts {
        assert_eq!(accepts(&schema, &value), verdict, "{value}");
    }
}

#[test]
fn rules_judge_values() {
    let verdicts = [
        ("has(self.a) ? !has(self.b) : has(self.b)", json!({ "a": 1 }), true),
        ("has(self.a) ? !has(self.b) : has(self.b)", json!({ "a": 1, "b": 2 }), false),
        ("has(self.a) ? !has(self.b) : has(self.b)", json!({}), false),
        ("!(self.a == 'x y') || has(self.b)", json!({ "a": "x y" }), false),
        ("!(self.a == 'x y') || has(self.b)", json!({ "a": "z" }), true),
        ("self.size() <= 1 || self[1] == 'A' || self[1] == 'B'", json!(["Z"]), true),
        ("self.size() <= 1 || self[1] == 'A' || self[1] == 'B'", json!(["A", "Z"]), false),
    ];
    for (rule, value, verdict) in verdicts {
        assert_eq!(cel::holds(rule, &value), verdict, "{rule} of {value}");
    }
}
