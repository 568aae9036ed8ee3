//! Objects that another object governs: what an Application says must be in the lists of its AppProject. In: the
//! instances. Out: reports about what is surely not permitted. An object that governs and is not declared is somebody
//! else's matter, and a pattern that is not understood permits all.

use super::errors;
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::{Instances, Object, setting_value, visit_block};
use crate::library::{Rules, Ty};
use crate::types::eval::eval;
use crate::types::{BlockItem, Value};

pub(super) fn check(instances: &Instances<'_>, reports: &mut Vec<Diagnostic>) {
    let objects = || instances.projects.iter().flat_map(|project| project.objects.iter());
    for object in objects().filter(|object| object.kind.rules.governed.is_some()) {
        let Some((kind, named_by, namespaces)) = &object.kind.rules.governed else { continue };
        let Some(wanted) = setting_value(&object.block, named_by, &object.env) else { continue };
        let mut governors = objects().filter(|other| other.kind.name == *kind && wanted.as_text() == Some(&other.cluster_name));
        // Two of one name lie in two places, and which of them counts is not known.
        let (Some(governor), None) = (governors.next(), governors.next()) else { continue };
        lies_elsewhere(object, governor, namespaces, reports);
        visit_block(&object.block.items, &object.env, &mut |item, env| {
            if let BlockItem::Setting { field, value, span } = item {
                let mut found = Vec::new();
                listed(&eval(value, env), &field.ty, &field.rules, &mut found);
                for (value, list) in found {
                    permitted(object, governor, &value, &list, *span, reports);
                }
            }
        });
    }
}

/// The values that must be in a list, with the list.
fn listed(value: &Value, ty: &Ty, rules: &Rules, out: &mut Vec<(Value, Name)>) {
    if let Some(list) = &rules.listed {
        out.push((value.clone(), list.clone()));
        return;
    }
    match (value, ty.present()) {
        (Value::List(items), Ty::List(item)) => items.iter().for_each(|value| listed(value, item, &Rules::default(), out)),
        (Value::Record(entries), Ty::Record(record)) => entries.iter().for_each(|(name, value)| {
            if let Some(field) = record.field(name) {
                listed(value, &field.ty, &field.rules, out);
            }
        }),
        _ => {}
    }
}

fn permitted(object: &Object, governor: &Object, value: &Value, list: &Name, at: Span, reports: &mut Vec<Diagnostic>) {
    let entries = entries(governor, list);
    let is_sure = match value {
        Value::Text(text) => !permits_text(text, &entries),
        Value::Record(_) => !permits_place(value, &entries),
        _ => false,
    };
    if is_sure {
        reports.push(errors::not_permitted(object, governor, &shown(value), list, &entries.iter().map(shown).collect::<Vec<_>>(), at));
    }
}

/// The namespace of an object that lies beside the one that governs it, and is not in its list.
fn lies_elsewhere(object: &Object, governor: &Object, list: &Name, reports: &mut Vec<Diagnostic>) {
    let (Some((own, at)), Some((home, _))) = (object.namespace(), governor.namespace()) else { return };
    let entries = entries(governor, list);
    let may = entries.iter().filter_map(Value::as_text).any(|entry| entry.starts_with('/') || matches(entry, &own, None) != Some(false));
    if own != home && !may {
        reports.push(errors::not_permitted(object, governor, &own, list, &entries.iter().map(shown).collect::<Vec<_>>(), at));
    }
}

fn entries(governor: &Object, list: &str) -> Vec<Value> {
    match setting_value(&governor.block, list, &governor.env) {
        Some(Value::List(entries)) => entries.to_vec(),
        _ => Vec::new(),
    }
}

/// A repository: some entry fits, and none with `!` refuses.
fn permits_text(text: &str, entries: &[Value]) -> bool {
    let text = repository(text);
    let mut any = false;
    for entry in entries.iter().filter_map(Value::as_text) {
        match entry.strip_prefix('!') {
            Some(denied) => {
                if matches(&repository(denied), &text, Some('/')) == Some(true) {
                    return false;
                }
                any = true;
            }
            None => any |= matches(&repository(entry), &text, Some('/')) != Some(false),
        }
    }
    any
}

/// Repositories are compared in small letters, without `.git`, and whichever way SSH is written.
fn repository(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let is_short = text.split_once('@').is_some_and(|(user, _)| !user.contains(['/', ':']));
    let text = if is_short { text.replacen(':', "/", 1) } else { text };
    let text = text.strip_prefix("ssh://").unwrap_or(&text);
    text.strip_suffix(".git").unwrap_or(text).to_owned()
}

/// The cluster that Argo CD itself runs in has this name and this address.
const OWN_CLUSTER: (&str, &str) = ("in-cluster", "https://kubernetes.default.svc");

/// A destination: some entry fits in its namespace and in the cluster, by name or address. The name of a cluster that is
/// given by its address is not known, and may fit any.
fn permits_place(value: &Value, entries: &[Value]) -> bool {
    let Some(namespace) = part(value, "namespace") else { return true };
    let (name, server) = match (part(value, "name"), part(value, "server")) {
        (Some(name), None) if name == OWN_CLUSTER.0 => (Some(name), Some(OWN_CLUSTER.1.to_owned())),
        (None, Some(server)) if server == OWN_CLUSTER.1 => (Some(OWN_CLUSTER.0.to_owned()), Some(server)),
        both => both,
    };
    let mut any = false;
    for entry in entries {
        let fits = |key: &str, own: Option<&str>| fits(part(entry, key).as_deref(), own);
        let (place, cluster) = (fits("namespace", Some(&namespace)), [fits("name", name.as_deref()), fits("server", server.as_deref())]);
        let refuses = |key: &str, fit: Option<bool>| fit == Some(false) && part(entry, key).is_some_and(|text| text.starts_with('!'));
        let [by_name, by_server] = cluster;
        if refuses("namespace", place)
            || refuses("name", by_name) && by_server == Some(false)
            || refuses("server", by_server) && by_name == Some(false)
        {
            return false;
        }
        any |= place != Some(false) && cluster.iter().any(|fit| *fit != Some(false));
    }
    any
}

/// Whether a pattern fits; without one it fits nothing. `None`: that is not known.
fn fits(pattern: Option<&str>, own: Option<&str>) -> Option<bool> {
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else { return Some(false) };
    match (pattern.strip_prefix('!'), own) {
        (_, None) => None,
        (Some(denied), Some(own)) => matches(denied, own, None).map(|fits| !fits),
        (None, Some(own)) => matches(pattern, own, None),
    }
}

fn part(value: &Value, key: &str) -> Option<String> {
    let Value::Record(entries) = value else { return None };
    entries.get(key).and_then(Value::as_text).map(str::to_owned)
}

/// Whether a glob fits a text: `*` stands for anything but the separator, `**` for anything, `?` for one character. `None`
/// for the rarer forms.
fn matches(pattern: &str, text: &str, separator: Option<char>) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    let plain = |c: char| c.is_alphanumeric() || "-_.~:/@+=%, ".contains(c);
    if !pattern.chars().all(|c| plain(c) || c == '*' || c == '?') {
        return None;
    }
    let text: Vec<char> = text.chars().collect();
    let mut pattern = pattern.chars().peekable();
    // How much of the text what was read of the pattern may have fitted.
    let mut reached: Vec<bool> = (0..=text.len()).map(|at| at == 0).collect();
    while let Some(c) = pattern.next() {
        let inside = |own: &char| Some(*own) != separator;
        if c != '*' {
            let fits = |(reached, own): (&bool, &char)| *reached && (c == *own || c == '?' && inside(own));
            reached = std::iter::once(false).chain(reached.iter().zip(&text).map(fits)).collect();
            continue;
        }
        let crosses = pattern.next_if_eq(&'*').is_some();
        let mut open = false;
        let before = std::iter::once(None).chain(text.iter().map(Some));
        reached = reached
            .iter()
            .zip(before)
            .map(|(reached, own)| {
                open = *reached || open && own.is_some_and(|own| crosses || inside(own));
                open
            })
            .collect();
    }
    reached.last().copied()
}

/// A value as a report shows it: a text, or the parts of a place.
fn shown(value: &Value) -> String {
    match value {
        Value::Record(entries) => {
            let part = |(key, value): (&Name, &Value)| format!("{key}: {}", value.interpolated().unwrap_or_default());
            entries.iter().map(part).collect::<Vec<_>>().join(", ")
        }
        value => value.interpolated().unwrap_or_default(),
    }
}
