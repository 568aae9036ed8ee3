//! Settings that exclude or demand each other. All small combinations are tried: the library's rules give one verdict, the
//! schema another, and they must be the same.

use std::collections::BTreeSet;

use loadline::library::{Field, GroupKind, Record, Rules, Target, Ty};
use serde_json::{Map, Value};

use super::schema::{accepts, names};
use super::walk::{Walk, fields, is_required};
use super::{cel, words};

pub(super) fn compare(walk: &mut Walk<'_>, record: &Record, schema: &Value, at: &str) {
    let target = walk.target.clone();
    let present = fields(record, &target);
    let mut named: BTreeSet<String> =
        present.iter().flat_map(|field| &field.rules.groups).flat_map(|group| &group.names).map(ToString::to_string).collect();
    named.extend(present.iter().filter(|field| !field.rules.groups.is_empty()).map(|field| field.name.to_string()));
    collect_names(schema, false, &mut named);
    let (involved, others): (Vec<&Field>, Vec<&Field>) = present.iter().partition(|field| named.contains(field.name.as_str()));
    if involved.is_empty() {
        return;
    }
    // The rules of single settings are compared elsewhere.
    let mut rules = schema.as_object().expect("the schema of an object").clone();
    rules.retain(|key, _| key != "properties" && key != "additionalProperties");
    let rules = Value::Object(rules);

    let required = others.iter().filter(|field| is_required(field, &target));
    let base: Map<String, Value> = required.map(|field| (field.name.to_string(), sample(&field.ty, &field.rules, &target))).collect();
    for instance in instances(&involved, &base, &target) {
        walk.report.count("instances");
        let (ours, official) = (holds(record, &target, &instance), accepts(&rules, &Value::Object(instance.clone())));
        if ours != official {
            let empty =
                instance.values().any(|value| *value == "" || *value == Value::Array(Vec::new()) || *value == Value::Object(Map::new()));
            let what = match (ours, empty) {
                (true, false) => "together: looser",
                (false, false) => "together: stricter",
                (true, true) => "together, with blanks: looser",
                (false, true) => "together, with blanks: stricter",
            };
            walk.differ(at, what, Value::Object(instance).to_string());
        }
    }
}

/// The settings that combinators and rules speak of.
fn collect_names(schema: &Value, inside: bool, named: &mut BTreeSet<String>) {
    if inside {
        named.extend(schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|properties| properties.keys().cloned()));
        named.extend(schema.get("required").into_iter().flat_map(names).map(str::to_owned));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        schema.get(key).and_then(Value::as_array).into_iter().flatten().for_each(|branch| collect_names(branch, true, named));
    }
    for key in ["not", "if", "then", "else"] {
        schema.get(key).into_iter().for_each(|branch| collect_names(branch, true, named));
    }
    for rule in schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten() {
        named.extend(cel::names(rule["rule"].as_str().expect("a rule")));
    }
}

/// `base` with every choice of values for the settings; where that is too much, with at most two of the optional ones.
fn instances(involved: &[&Field], base: &Map<String, Value>, target: &Target) -> Vec<Map<String, Value>> {
    let options: Vec<Vec<Option<Value>>> = involved
        .iter()
        .map(|field| {
            let absent = (!is_required(field, target)).then_some(None);
            absent.into_iter().chain(variants(&field.ty, &field.rules, target).into_iter().map(Some)).collect()
        })
        .collect();
    let all: usize = options.iter().map(Vec::len).product();
    let most = if all > 5000 { 2 } else { usize::MAX };
    let mut made = vec![(0, base.clone())];
    for (field, options) in involved.iter().zip(&options) {
        made = made
            .iter()
            .flat_map(|(given, instance)| options.iter().map(move |option| (given, instance, option)))
            .filter(|(given, _, option)| option.is_none() || **given < most)
            .map(|(given, instance, option)| {
                let mut instance = instance.clone();
                instance.extend(option.clone().map(|value| (field.name.to_string(), value)));
                (given + usize::from(option.is_some()), instance)
            })
            .collect();
    }
    made.into_iter().map(|(_, instance)| instance).collect()
}

/// The values of a setting that a rule may tell apart.
fn variants(ty: &Ty, rules: &Rules, target: &Target) -> Vec<Value> {
    let mut values = match ty {
        Ty::Bool => return vec![true.into(), false.into()],
        Ty::Union(_) if ty.choices().is_some() => return ty.choices().into_iter().flatten().map(Value::from).collect(),
        _ => vec![sample(ty, rules, target)],
    };
    match ty {
        Ty::List(_) if rules.min.is_none() => values.push(Value::Array(Vec::new())),
        Ty::Map(..) => values.push(Value::Object(Map::new())),
        _ if words::is_text(ty) && words::takes(ty, rules, "") => values.push("".into()),
        _ => {}
    }
    values
}

/// A value that the library takes.
fn sample(ty: &Ty, rules: &Rules, target: &Target) -> Value {
    match ty {
        Ty::Bool => true.into(),
        Ty::Int => rules.min.unwrap_or(1).into(),
        Ty::Float => 1.5.into(),
        Ty::List(item) => vec![sample(item, &Rules::default(), target)].into(),
        Ty::Map(item, _) => serde_json::json!({ "key": sample(item, &Rules::default(), target) }),
        Ty::Record(record) => Value::Object(least(record, target)),
        Ty::Union(members) if !ty.is_text() => sample(&members[0], rules, target),
        _ if words::is_text(ty) => words::sample(ty, rules).into(),
        _ => "any".into(),
    }
}

/// The smallest instance of a record: what is required, and one or two settings more where its rules want them.
fn least(record: &Record, target: &Target) -> Map<String, Value> {
    let (required, optional): (Vec<&Field>, Vec<&Field>) = fields(record, target).into_iter().partition(|field| is_required(field, target));
    let pair = |field: &Field| (field.name.to_string(), sample(&field.ty, &field.rules, target));
    let base: Map<String, Value> = required.into_iter().map(pair).collect();
    if holds(record, target, &base) {
        return base;
    }
    let more = optional.iter().map(|field| base.clone().into_iter().chain([pair(field)]).collect::<Map<_, _>>());
    let found = more.into_iter().find(|instance| holds(record, target, instance));
    found.unwrap_or_else(|| panic!("no small instance of {record}"))
}

/// Whether the rules of a record take an instance.
pub(super) fn holds(record: &Record, target: &Target, instance: &Map<String, Value>) -> bool {
    let present = fields(record, target);
    let given = |name: &str| instance.contains_key(name);
    present.iter().all(|field| !is_required(field, target) || given(&field.name))
        && record.fields.iter().all(|field| {
            let here = field.rules.in_all(target);
            field.rules.groups.iter().filter(|group| target.some_has(group.since, group.until)).all(|group| {
                let count = group.names.iter().filter(|name| given(name)).count();
                let when = |value: &Value| {
                    group.when.as_ref().is_none_or(|when| value.as_str().map_or(value.to_string(), str::to_owned) == when.as_str())
                };
                let applies = here && instance.get(field.name.as_str()).is_some_and(when);
                match group.kind {
                    GroupKind::OneOf => count == 1,
                    GroupKind::AtMostOne => count <= 1,
                    GroupKind::AtLeastOne => count >= 1,
                    GroupKind::Together => count == 0 || count == group.names.len(),
                    GroupKind::Requires => !applies || count == group.names.len(),
                    GroupKind::RequiresOne => !applies || count > 0,
                    GroupKind::Forbids => !applies || count == 0,
                }
            })
        })
}
