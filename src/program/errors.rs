//! The wording of the names pass.

use crate::base::Span;
use crate::diag::{Check, Diagnostic};

pub(super) fn duplicate(what: &str, name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("there are two {what}s called `{name}`"), at, "declared again")
        .because(first, "declared here first")
}

pub(super) fn missing_project(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingProject, format!("this {what} belongs to no project"), at, "outside any project")
        .help("begin the file with a line `project my-project`, or put the declarations into `project my-project { … }`")
}

pub(super) fn not_supported(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotSupportedYet, format!("{what} cannot be compiled yet"), at, "not supported by this version of loadline")
}

pub(super) fn misplaced(what: &str, at: Span, help: &str) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("{what} cannot stand here"), at, "not at this place").help(help)
}

pub(super) fn dynamic_name(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("the name of a {what} cannot be computed"), at, "a constant name is needed")
}
