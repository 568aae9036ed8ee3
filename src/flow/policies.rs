//! Promotion policies, and the stages they are for.

use super::errors;
use crate::base::Span;
use crate::diag::{Diagnostic, nearest};
use crate::expand::ProjectInstance;
use crate::types::eval::{Env, eval};
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind};
use crate::types::{BlockItem, StageItem, Value};

pub(super) fn check(project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    project.visit_settings(&mut |item, env| {
        let BlockItem::Setting { field, value, span } = item else { return };
        if field.name != "promotionPolicies" {
            return;
        }
        both_ways(project, *span, reports);
        let Kind::List(elements) = &value.resolved().kind else { return };
        for element in elements {
            if let Element::One(policy) = element {
                policy_names(policy, env).into_iter().for_each(|(name, at)| one_policy(project, &name, at, reports));
            }
        }
    });
}

/// Policies stand in one place: what counts is the first that fits, so two lists would hide each other.
fn both_ways(project: &ProjectInstance<'_>, list: Span, reports: &mut Vec<Diagnostic>) {
    for stage in &project.stages {
        let mut found = None;
        crate::expand::visit_stage(&stage.body.items, &stage.env, &mut |item, _| {
            if let StageItem::Block(BlockItem::Setting { field, span, .. }) = item
                && field.name == "autoPromotionEnabled"
            {
                found = Some(*span);
            }
        });
        if let Some(span) = found {
            reports.push(errors::two_kinds_of_policies(span, list));
            return;
        }
    }
}

/// The exact names and patterns of a policy: `stage` and `stageSelector.name`.
fn policy_names(policy: &Expr, env: &Env) -> Vec<(String, Span)> {
    let Kind::Record(entries) = &policy.resolved().kind else { return Vec::new() };
    let mut out = Vec::new();
    for entry in entries {
        let Entry::Field { key: EntryKey::Name(key, _), value } = entry else { continue };
        match key.as_str() {
            "stage" => out.extend(text(value, env)),
            "stageSelector" => {
                if let Kind::Record(inner) = &value.resolved().kind {
                    out.extend(inner.iter().filter_map(|entry| match entry {
                        Entry::Field { key: EntryKey::Name(key, _), value } if key == "name" => text(value, env),
                        _ => None,
                    }));
                }
            }
            _ => {}
        }
    }
    out
}

fn text(value: &Expr, env: &Env) -> Option<(String, Span)> {
    match eval(value, env) {
        Value::Text(text) => Some((text.to_string(), value.span)),
        _ => None,
    }
}

fn one_policy(project: &ProjectInstance<'_>, selector: &str, at: Span, reports: &mut Vec<Diagnostic>) {
    let selects = selection(selector);
    let matches: Vec<&crate::expand::Stage> = project.stages.iter().filter(|stage| selects(&stage.cluster_name)).collect();
    if matches.is_empty() {
        let names: Vec<&str> = project.stages.iter().map(|stage| stage.name.as_str()).collect();
        let near = if selector.contains(':') { None } else { nearest(selector, names.iter().copied()) };
        reports.push(errors::policy_unknown_stage(selector, at, &names, near));
        return;
    }
    if let [only] = matches.as_slice()
        && !super::has_steps(only)
    {
        reports.push(errors::control_flow(&only.name, "this policy", at, only.span));
    }
}

/// A name as it stands, or `glob:` or `regex:` before a pattern.
fn selection(selector: &str) -> Box<dyn Fn(&str) -> bool + '_> {
    let glob = selector.strip_prefix("glob:").map(glob_to_regex);
    let written = selector.strip_prefix("regex:").or_else(|| selector.strip_prefix("regexp:")).map(str::to_owned);
    match glob.or(written) {
        Some(pattern) => {
            let regex = regex::Regex::new(&pattern);
            Box::new(move |stage| regex.as_ref().is_ok_and(|regex| regex.is_match(stage)))
        }
        None => Box::new(move |stage| selector == stage),
    }
}

fn glob_to_regex(glob: &str) -> String {
    let mut out = String::from("^");
    for c in glob.chars() {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '{' => out.push_str("(?:"),
            '}' => out.push(')'),
            ',' => out.push('|'),
            '[' | ']' => out.push(c),
            _ => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out.push('$');
    out
}
