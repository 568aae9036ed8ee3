//! What is said about permissions: one report for each place and subject.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::demands::{Asked, Demand, Wanted};
use super::{Near, Unknown, Verdict};
use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity};
use crate::library::Version;
use crate::rbac::{Atom, Miss, RoleId, Scope, Subject, can_i_line};

/// Several verbs on one resource in one place.
type Grouped<'d> = IndexMap<(Option<Scope>, String), Vec<&'d Atom>>;

/// All reports about demands. What is missing in the same way in several places is one mistake.
pub(super) fn report(demands: &[Demand], reports: &mut Vec<Diagnostic>) {
    let mut places: IndexMap<(Span, &Subject, Check), Vec<&Wanted>> = IndexMap::new();
    for demand in demands {
        if demand.wanted.asked.iter().any(|asked| !matches!(asked.verdict, Verdict::Granted(_))) {
            places.entry((demand.at, &demand.wanted.subject, demand.wanted.why.check)).or_default().push(&demand.wanted);
        }
    }
    let mut same: IndexMap<Vec<*const Wanted>, (Vec<Span>, Vec<&Wanted>)> = IndexMap::new();
    for ((at, ..), wanted) in places {
        let key = wanted.iter().map(|one| std::ptr::from_ref(*one)).collect();
        same.entry(key).or_insert_with(|| (Vec::new(), wanted)).0.push(at);
    }
    let mut told = HashSet::new();
    for (places, wanted) in same.values() {
        let mut places = places.clone();
        places.sort_unstable();
        let Some((at, others)) = places.split_first() else { continue };
        reports.extend(missing(*at, wanted).map(|report| also_at(report, others)));
        reports.extend(unproven_permission(*at, wanted, &mut told));
    }
}

/// Further places with the same mistake, the first of them.
fn also_at(mut report: Diagnostic, others: &[Span]) -> Diagnostic {
    for place in others.iter().take(3) {
        report = report.because(*place, "needed here, too");
    }
    match others.len() {
        0..=3 => report,
        more => report.note(format!("and in {} further places", more - 3)),
    }
}

/// `rbac-missing-verb` and its like. Somebody needs what nobody grants.
fn missing(at: Span, wanted: &[&Wanted]) -> Option<Diagnostic> {
    let is_missing = |asked: &&Asked| matches!(asked.verdict, Verdict::Missing { .. });
    let (first, missing) = wanted.iter().find_map(|one| Some((*one, one.asked.iter().find(is_missing)?)))?;
    let lacking: Vec<&Wanted> = wanted.iter().copied().filter(|one| one.asked.iter().any(|asked| is_missing(&asked))).collect();
    let groups = grouped(lacking.iter().flat_map(|one| &one.asked).filter(is_missing));
    let mut spelled = groups.iter().map(|((scope, _), atoms)| (may(atoms), place(scope.as_ref())));
    let (what, where_) = spelled.next()?;
    let message = match first.is_known {
        true => format!("{} may not {what}{where_}", first.who.title),
        false => format!("nothing that is known lets {} {what}{where_}", first.who.title),
    };
    let label = format!("needed for {}", feature(&first.why.doc));
    let mut report = Diagnostic::new(first.why.check, message, at, label);
    if !first.is_known || lacking.iter().all(|one| one.why.failure == "degraded") {
        report.severity = Severity::Warning;
    }
    for (what, where_) in spelled {
        report = report.note(match first.is_known {
            true => format!("it may not {what}{where_} either"),
            false => format!("nor {what}{where_}"),
        });
    }
    report = report.note(format!("subject: {}", first.subject));
    let Verdict::Missing { near, version, setting } = &missing.verdict else { return Some(report) };
    report = match near {
        None if !first.is_known => report.note("granted: no role that is known is bound to it"),
        near => granted(report, near.as_ref(), &missing.atom),
    };
    if let Some(setting) = setting {
        report = report.note(format!("an installation with `{setting}` grants it"));
    }
    report = at_version(report, *version).note(run_time(first));
    for also in lacking.iter().flat_map(|one| &one.why.also) {
        report = report.note(format!("it also takes this: {also}"));
    }
    Some(bindings(&groups).into_iter().fold(report, Diagnostic::help))
}

/// The first sentence about a feature, as a part of another.
pub(super) fn feature(doc: &str) -> String {
    let first = doc.replace('\n', " ");
    let first = first.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned();
    let mut letters = first.chars();
    let (one, two) = (letters.next(), letters.next());
    match one.filter(|_| two.is_some_and(|two| !two.is_uppercase())) {
        Some(one) => one.to_lowercase().collect::<String>() + first.get(one.len_utf8()..).unwrap_or_default(),
        None => first,
    }
}

/// What to bind, for each place.
fn bindings(groups: &Grouped<'_>) -> Vec<String> {
    let mut places: IndexMap<&Option<Scope>, Vec<String>> = IndexMap::new();
    for ((scope, resource), atoms) in groups {
        let verbs: Vec<&str> = atoms.iter().map(|atom| atom.verb.as_str()).collect();
        places.entry(scope).or_default().push(format!("`{} {resource}`", verbs.join(",")));
    }
    places.into_iter().map(|(scope, rules)| format!("bind a role with {} to it{}", rules.join(", "), place(scope.as_ref()))).collect()
}

/// `unproven-permission`. A role that is bound but not known may grant it.
fn unproven_permission<'d>(
    at: Span,
    wanted: &[&'d Wanted],
    told: &mut HashSet<(&'d Subject, &'d Option<Scope>, &'d Atom)>,
) -> Option<Diagnostic> {
    let mut new = Vec::new();
    for one in wanted {
        for asked in &one.asked {
            if matches!(asked.verdict, Verdict::Unknown(Unknown::Roles(_))) && told.insert((&one.subject, &asked.scope, &asked.atom)) {
                new.push((*one, asked));
            }
        }
    }
    let (first, asked) = new.first().copied()?;
    let Verdict::Unknown(Unknown::Roles(bindings)) = &asked.verdict else { return None };
    let groups = grouped(new.iter().map(|(_, asked)| *asked));
    let ((scope, _), atoms) = groups.first()?;
    let message = format!("whether {} may {}{} is not known", first.who.title, may(atoms), place(scope.as_ref()));
    let mut report = Diagnostic::new(Check::UnprovenPermission, message, at, "needed here");
    for (binding, role) in bindings {
        report = report.note(format!("{binding} gives it {role}, of which the rules are not known"));
    }
    for ((scope, _), atoms) in groups.iter().take(8) {
        for atom in atoms.iter().take(8) {
            report = report.note(format!("ask the cluster: {}", can_i_line(atom, scope.as_ref(), &first.subject)));
        }
    }
    let roles: Vec<String> = bindings.iter().map(|(_, role): &(String, RoleId)| role.to_string()).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    Some(report.help(format!("add {} to the files of `granted`", crate::types::list(&roles))))
}

fn grouped<'d>(asked: impl Iterator<Item = &'d Asked>) -> Grouped<'d> {
    let mut out = Grouped::new();
    for asked in asked {
        let name = asked.atom.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        let atoms = out.entry((asked.scope.clone(), asked.atom.resource_spelling() + &name)).or_default();
        if !atoms.contains(&&asked.atom) {
            atoms.push(&asked.atom);
        }
    }
    out
}

/// ``get, list and watch `secrets` ``
fn may(atoms: &[&Atom]) -> String {
    let verbs: Vec<&str> = atoms.iter().map(|atom| atom.verb.as_str()).collect();
    let verbs = match verbs.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    };
    let Some(atom) = atoms.first() else { return verbs };
    match &atom.name {
        Some(name) => format!("{verbs} `{}` of the name `{name}`", atom.resource_spelling()),
        None => format!("{verbs} `{}`", atom.resource_spelling()),
    }
}

fn place(scope: Option<&Scope>) -> String {
    match scope {
        Some(Scope::Namespace(namespace)) => format!(" in namespace `{namespace}`"),
        Some(Scope::Cluster) => " in the whole cluster".to_owned(),
        None => String::new(),
    }
}

fn granted(report: Diagnostic, near: Option<&Near>, atom: &Atom) -> Diagnostic {
    let Some(near) = near else { return report.note("granted: nothing that comes near") };
    let subresource = atom.subresource.as_ref();
    let how = match near.miss {
        Miss::Verb => "other verbs only".to_owned(),
        Miss::Subresource => match subresource {
            Some(subresource) => format!("this does not include the subresource `{subresource}`"),
            None => "this does not include the resource itself".to_owned(),
        },
        Miss::Name => "for these names only".to_owned(),
        Miss::Namespace => match &near.namespace {
            Some(namespace) => format!("in namespace `{namespace}` only"),
            None => "elsewhere".to_owned(),
        },
        Miss::Group => "of another API group".to_owned(),
    };
    let text = format!("granted: `{}` by {}: {how}", near.granted, near.by.role);
    match near.by.place {
        Some(place) => report.because(place, format!("this rule comes near: {how}")).note(text),
        None => report.note(text),
    }
}

fn at_version(report: Diagnostic, version: Option<Version>) -> Diagnostic {
    match version {
        Some(version) => report.note(format!("it is missing on {version}, which this program is for, too")),
        None => report,
    }
}

/// What one sees.
fn run_time(wanted: &Wanted) -> String {
    let symptom = &wanted.why.symptom;
    match wanted.why.failure.as_str() {
        "silent" => format!("at run time nothing fails visibly: {symptom}"),
        "stall" => format!("at run time it hangs: {symptom}"),
        _ => format!("at run time: {symptom}"),
    }
}
