//! What is said about permissions: one report for each place and subject.

use indexmap::IndexMap;

use super::demands::{Asked, Demand, Wanted};
use super::{Near, Verdict};
use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity};
use crate::library::Version;
use crate::rbac::{Atom, Miss, Scope, Subject};

/// Several verbs on one resource in one place.
type Grouped<'d> = IndexMap<(Option<Scope>, String), Vec<&'d Atom>>;

/// All reports about demands.
pub(super) fn report(demands: &[Demand], reports: &mut Vec<Diagnostic>) {
    let mut places: IndexMap<(Span, &Subject), Vec<&Wanted>> = IndexMap::new();
    for demand in demands {
        if demand.wanted.asked.iter().any(|asked| !matches!(asked.verdict, Verdict::Granted(_))) {
            places.entry((demand.at, &demand.wanted.subject)).or_default().push(&demand.wanted);
        }
    }
    for ((at, _), wanted) in places {
        reports.extend(missing_permission(at, &wanted));
    }
}

/// `missing-permission`. Somebody needs what nobody grants.
fn missing_permission(at: Span, wanted: &[&Wanted]) -> Option<Diagnostic> {
    let is_missing = |asked: &&Asked| matches!(asked.verdict, Verdict::Missing { .. });
    let (first, missing) = wanted.iter().find_map(|one| Some((*one, one.asked.iter().find(is_missing)?)))?;
    let lacking: Vec<&Wanted> = wanted.iter().copied().filter(|one| one.asked.iter().any(|asked| is_missing(&asked))).collect();
    let groups = grouped(lacking.iter().flat_map(|one| &one.asked).filter(is_missing));
    let mut spelled = groups.iter().map(|((scope, _), atoms)| (may(atoms), place(scope.as_ref())));
    let (what, place) = spelled.next()?;
    let message = format!("{} may not {what}{place}", first.who.title);
    let label = format!("needed for: {}", first.why.doc.split(". ").next().unwrap_or_default().trim_end_matches('.').replace('\n', " "));
    let mut report = Diagnostic::new(Check::MissingPermission, message, at, label);
    if lacking.iter().all(|one| one.why.failure == "degraded") {
        report.severity = Severity::Warning;
    }
    for (what, place) in spelled {
        report = report.note(format!("it may not {what}{place} either"));
    }
    report = report.note(format!("subject: {}", first.subject));
    let Verdict::Missing { near, version } = &missing.verdict else { return Some(report) };
    report = granted(report, near.as_ref(), &missing.atom);
    report = at_version(report, *version).note(run_time(first));
    for also in lacking.iter().flat_map(|one| &one.why.also) {
        report = report.note(format!("it also takes this: {also}"));
    }
    Some(report.help(format!("bind a role with {} to it{place}", rules(&groups))))
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

/// As permissions are spelt: `get,list secrets`.
fn rules(groups: &Grouped<'_>) -> String {
    let spelled = groups.iter().map(|((_, resource), atoms)| {
        let verbs: Vec<&str> = atoms.iter().map(|atom| atom.verb.as_str()).collect();
        format!("`{} {resource}`", verbs.join(","))
    });
    spelled.collect::<Vec<_>>().join(", ")
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
    let text = format!("granted: `{}` by {}: {how}", near.granted, near.role);
    match near.place {
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
