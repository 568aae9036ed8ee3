//! What is said about declared roles.

use super::roles::Account;
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::types::list;

/// A role names an object that the project does not have.
pub(super) fn unknown(kind: &str, name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("there is no {kind} `{name}`"), at, format!("unknown {kind}"));
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None => report,
    }
}

/// Claims are alternatives, and would be read as conditions that must all hold.
pub(super) fn several_claims(names: &[&str], at: Span) -> Diagnostic {
    let message = format!("any one of the claims {} is enough to have this role", list(names));
    Diagnostic::new(Check::InvalidValue, message, at, "several claims are alternatives, not conditions")
        .help("write a role for each claim; that somebody has two claims at once cannot be asked for")
}

pub(super) fn nobody(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("the claim `{name}` has no values"), at, "nobody has this role")
        .help("leave `claims` out for the account of a machine")
}

pub(super) fn claim_name(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::InvalidValue,
        format!("a Kargo of this program cannot read the claim `{name}`"),
        at,
        "not usable in all versions",
    )
    .note("before 1.8 the name of a claim is a part of the name of an annotation: letters, digits, dashes, dots")
}

pub(super) fn comma(value: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("a Kargo of this program reads `{value}` as several values"), at, "it has a comma")
        .note("before 1.8 the values of a claim stand in one text, with commas between them")
}

/// `reserved-name`. A controller writes the Role or RoleBinding of this name.
pub(super) fn reserved(name: &str, at: Span) -> Diagnostic {
    let message = format!("a controller keeps the Role and the RoleBinding `{name}`");
    Diagnostic::new(Check::ReservedName, message, at, "what is written here would be overwritten").help("choose another name")
}

/// `stage-scope-not-enforced`. What Kargo cannot limit to stages.
///
/// `each`: the verb that the setting gives on each stage that it names.
pub(super) fn not_enforced(setting: &str, given: &[String], each: Option<&str>, others: &[&str], at: Span) -> Diagnostic {
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let message = format!("Kargo cannot limit `{setting}` to stages");
    let help = match each {
        Some(verb) => format!(
            "write `@allow(stage-scope-not-enforced, \"why\")` before it if that is as it should be: to name the others too would also give `{verb}` on them"
        ),
        None => "name all stages, so that it says what it allows".to_owned(),
    };
    Diagnostic::new(Check::StageScopeNotEnforced, message, at, "allowed for all stages of the project")
        .note(format!("it takes {}, which Kubernetes cannot limit to a stage", list(&given)))
        .note(format!("stages that are not named here: {}", some(others)))
        .help(help)
}

/// `stage-scope-not-enforced`. One role allows more than it says.
pub(super) fn more_than_said(role: &str, setting: &str, stages: &[Name], at: Span) -> Diagnostic {
    let stages: Vec<&str> = stages.iter().map(Name::as_str).collect();
    let message = format!("`{role}` may also {setting} {}", some(&stages));
    Diagnostic::new(Check::StageScopeNotEnforced, message, at, format!("`{setting}` does not name all that it allows"))
        .note("its settings share permissions: each is asked for by itself, whatever it was granted for")
        .help(format!("add {} to `{setting}`, or give these settings to different roles", some(&stages)))
}

/// `roles-add-up`. Two roles allow together what neither says.
pub(super) fn add_up(second: &Account, with: &[&Account], setting: &str, stages: &[Name]) -> Diagnostic {
    let stages: Vec<&str> = stages.iter().map(Name::as_str).collect();
    let others: Vec<&str> = with.iter().map(|account| account.name.as_str()).collect();
    let message = format!("who has `{}` and {} may also {setting} {}", second.name, some(&others), some(&stages));
    let mut report = Diagnostic::new(Check::RolesAddUp, message, second.span, "neither role says so");
    if let Some(first) = with.first() {
        report = report.because(first.span, "together with this role");
    }
    report
        .note("people have every role of which they have a claim, and each permission is asked for by itself: one role is enough for it")
        .help(format!("let nobody have claims of both, or say it: add {} to `{setting}`", some(&stages)))
}

/// At most eight of them.
fn some(names: &[&str]) -> String {
    match names.get(..8) {
        Some(first) if names.len() > 8 => format!("{} and {} more", list(first), names.len() - 8),
        _ => list(names),
    }
}
