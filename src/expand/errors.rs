//! The wording of expansion: names, kinds, slots.

use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::syntax::ast::Ident;
use crate::types::choices;

pub(super) fn unknown_kind(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("there is no kind `{}`", kind.name), kind.span, "unknown kind");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report,
    }
}

pub(super) fn later_kind(kind: &Ident) -> Diagnostic {
    Diagnostic::new(
        Check::NotSupportedYet,
        format!("`{}` cannot be compiled yet", kind.name),
        kind.span,
        "not supported by this version of loadline",
    )
}

pub(super) fn inner_kind(kind: &Ident, outer: &str) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("`{}` stands inside a `{outer}`", kind.name), kind.span, "not inside one")
}

/// A call of a task where objects are declared.
pub(super) fn task_call(kind: &Ident) -> Diagnostic {
    let message = format!("the task `{}` is called in `promote {{ … }}`", kind.name);
    Diagnostic::new(Check::MisplacedItem, message, kind.span, "outside of it")
}

pub(super) fn misplaced(what: &str, at: Span, help: &str) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("{what} cannot stand here"), at, "not at this place").help(help)
}

pub(super) fn several_names(kind: &str, at: Span, repair: &str) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "several names are written as a list", at, "the next name")
        .help(format!("write `{kind} [{repair}] {{ … }}`"))
}

pub(super) fn duplicate(what: &str, name: &str, at: Span, first: Span) -> Diagnostic {
    let report = Diagnostic::new(Check::DuplicateName, format!("there are two {what}s called `{name}`"), at, "declared again");
    if at == first {
        report.note("the same declaration makes both: its name must depend on the loop")
    } else {
        report.because(first, "declared here first")
    }
}

pub(super) fn bad_name(what: &str, name: &str, at: Span, why: &str) -> Diagnostic {
    let report = Diagnostic::new(Check::InvalidName, format!("`{name}` cannot name a {what}"), at, why);
    let repaired = repaired(name);
    if repaired != name && !repaired.is_empty() { report.help(format!("`{repaired}` would do")) } else { report }
}

/// The nearest name that Kubernetes takes.
fn repaired(name: &str) -> String {
    let lower = name.to_lowercase().replace(['_', ' '], "-");
    let kept: String = lower.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    kept.trim_matches('-').to_owned()
}

pub(super) fn unknown_warehouse(name: &str, at: Span, near: Option<&str>, known: &[Name], declared: Option<Span>) -> Diagnostic {
    let mut report = Diagnostic::new(Check::UnknownWarehouse, format!("there is no warehouse `{name}`"), at, "unknown warehouse");
    if let Some(declared) = declared {
        report = report.because(declared, "this is another name of the project");
    }
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None if known.is_empty() => report.note("the project has no warehouses"),
        None => report.note(format!("the project has {}", choices(&known.iter().map(Name::as_str).collect::<Vec<_>>()))),
    }
}

pub(super) fn slot_twice(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("this stage has two slots `{name}`"), at, "again here").because(first, "here first")
}

pub(super) fn warehouse_in_two_slots(warehouse: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("two slots of this stage take freight of `{warehouse}`"), at, "a second slot for it")
        .because(first, "the first one")
        .note("Kargo refuses a stage that requests one origin twice")
}

pub(super) fn slot_name(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::InvalidName,
        format!("`{name}` cannot be read as a name in expressions"),
        at,
        "letters, digits, `_` and `-` only",
    )
    .help("give the slot a name of its own: `slot name = \"the-warehouse\"`")
}

pub(super) fn subscription_twice(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("this warehouse has two artifacts `{name}`"), at, "again here")
        .because(first, "here first")
        .help("give them names: `image web { … }`")
}

pub(super) fn repository_twice(what: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateSubscription, format!("this warehouse subscribes to `{what}` twice"), at, "again here")
        .because(first, "here first")
        .note("Kargo refuses that up to 1.8; from 1.9 to 1.11 it accepts it, and lookups cannot tell the two apart")
}

pub(super) fn empty_warehouse(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::MissingSetting,
        format!("the warehouse `{name}` subscribes to nothing"),
        at,
        "needs at least one `image`, `git` or `chart`",
    )
}

pub(super) fn two_promotes(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, "a stage has one `promote`", at, "again here").because(first, "here first")
}

pub(super) fn slot_bootstrap_panics(stage: &str, at: Span, version: crate::library::Version) -> Diagnostic {
    Diagnostic::new(Check::SlotBootstrapPanics, format!("the first promotion of `{stage}` would fail before its first step"), at, "a second slot")
        .note(format!("up to Kargo 1.7.5 the first promotion of a stage with several slots ends as Errored and records nothing; this program is for {version}"))
        .help("take one warehouse with several subscriptions, or Kargo 1.7.6 or later")
}

/// The call that a report about one instance of a template is about.
pub(super) fn made_by(report: Diagnostic, call: Span) -> Diagnostic {
    report.because(call, "made by this call")
}

pub(super) fn made_twice(what: &str, name: &str, at: Span, first: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("there are two {what}s called `{name}`"), at, "made again by this call")
        .because(first, "made by this call first")
        .because(declared, "declared here")
}

pub(super) fn unknown_template(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("there is no template `{}`", kind.name), kind.span, "unknown template");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report,
    }
}

pub(super) fn template_with_braces(kind: &Ident) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("`{}` is a template, not a kind", kind.name), kind.span, "called with braces")
        .help(format!("templates are called with parentheses: `{}(parameter: value)`", kind.name))
}

pub(super) fn circular_template(kind: &Ident, declared: Span) -> Diagnostic {
    Diagnostic::new(
        Check::UnknownName,
        format!("template `{}` is made of itself", kind.name),
        kind.span,
        "called while it is being expanded",
    )
    .because(declared, "declared here")
}

/// A call of a template with objects of its own, where there is no project.
pub(super) fn call_without_project(call: Span, made: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingProject, "what this call makes belongs to no project", call, "called outside any project")
        .because(made, "made here")
        .help("call it in a project, or put the entries of the template into `project \"…\" { … }`")
}

pub(super) fn without_project(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingProject, "this belongs to no project", at, "outside any project")
        .help("put the declarations into `project my-project { … }`")
}

pub(super) fn project_in_project(at: Span, call: Option<Span>) -> Diagnostic {
    let report = Diagnostic::new(Check::MisplacedItem, "a project inside a project cannot stand here", at, "not at this place");
    match call {
        Some(call) => report.because(call, "called in a project").help("call the template outside projects"),
        None => report.help("a project stands at the top of a file"),
    }
}
