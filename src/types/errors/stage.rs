//! What stands in stages.

use crate::base::Span;
use crate::diag::{Check, Diagnostic};
use crate::library::Ty;
use crate::syntax::ast::Ident;

pub(crate) fn stage_word_of_kargo(name: &str, at: Span) -> Option<Diagnostic> {
    let help = match name {
        "requestedFreight" => "declare `slot name`, and fill it by `flow warehouse -> stage`",
        "promotionTemplate" | "steps" => "write the steps into `promote { … }`",
        "verification" => "call analyses in `verify { name(argument: value) }`",
        "vars" => "write `var name = value`",
        _ => return None,
    };
    Some(Diagnostic::new(Check::ForeignSyntax, format!("`{name}:` is not a setting of a stage here"), at, "YAML of Kargo").help(help))
}

pub(crate) fn step_outside_promote(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "a step stands in `promote { … }` or in a task", at, "outside both")
}

pub(crate) fn require_outside_promote(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`require` stands in `promote { … }`", at, "outside it")
}

pub(crate) fn empty_promote(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingSetting, "`promote` needs at least one step", at, "has none")
        .help("a stage without `promote` passes freight on as it is")
}

pub(crate) fn unknown_in_stage(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("a stage has no `{}`", kind.name), kind.span, "unknown part of a stage");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report.help("it has slots, `promote`, `on failure`, `finally`, `verify`, variables and settings"),
    }
}

pub(crate) fn verify_needs_call(kind: &Ident) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("the analysis `{}` is called with parentheses", kind.name), kind.span, "called with braces")
        .help(format!("write `{}(argument: value)`", kind.name))
}

pub(crate) fn unknown_analysis(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report =
        Diagnostic::new(Check::UnknownName, format!("there is no analysis template `{}`", kind.name), kind.span, "unknown analysis");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report.help(format!("name one that exists elsewhere by `@external analysis-template {}(argument: String)`", kind.name)),
    }
}

pub(crate) fn not_an_analysis(kind: &Ident, other: &str) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("`{}` is `{other}`, not an analysis template", kind.name),
        kind.span,
        "cannot verify a stage",
    )
}

/// A kind whose declarations take no parameters.
pub(crate) fn no_parameters(kind: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("a `{kind}` has no parameters"), at, "cannot stand here")
        .help("a `template` around it may have some")
}

pub(crate) fn needs_default(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingArgument, format!("`{name}` may be left out, but has no default"), at, "without a value then")
        .help(format!("write `{name}: String = \"\"`, or any other default: the target refuses a parameter without a value"))
}

pub(crate) fn secret_without_source(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingArgument, format!("`{name}` does not say where the credential comes from"), at, "a credential")
        .help(format!("write `{name}: Secret = {{ valueFrom: {{ secretKeyRef: {{ name: \"…\", key: \"…\" }} }} }}`"))
}

pub(crate) fn template_parameter(ty: &Ty, at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("a parameter of a template cannot be `{ty}`"), at, "is passed as a text")
        .help("texts, numbers and booleans can be passed")
}

pub(crate) fn merged_argument(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::AnalysisArgMismatch, format!("the argument `{name}` has two values"), at, "another value")
        .because(first, "the first value")
        .note(MERGED)
}

const MERGED: &str = "Kargo makes one run of all analyses of a stage, and a name has one value in it";

/// `at`: the call; `own` and `first`: the parameters.
pub(crate) fn merged_defaults(name: &str, at: Span, own: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::AnalysisArgMismatch, format!("the argument `{name}` has two defaults"), at, "cannot be used together")
        .because(first, "one default")
        .because(own, "another one")
        .note(format!("{MERGED}; Argo Rollouts refuses templates that disagree, whatever value is given"))
        .help("give the parameters different names, or the same default")
}

pub(crate) fn taken_argument(name: &str, template: &str, at: Span, given: Span) -> Diagnostic {
    let message = format!("`{template}` does not run with its own `{name}`");
    Diagnostic::new(Check::AnalysisArgMismatch, message, at, format!("`{name}` is left to its default here"))
        .because(given, "this value counts for both")
        .note(MERGED)
        .help("give the parameters different names, or both the same value")
}

pub(crate) fn one_warehouse_for_many(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "one warehouse cannot fill several slots", at, "for a list of slots")
        .help("declare each slot by itself: `slot name = warehouse`")
}

pub(crate) fn freight_type(ty: &Ty, wanted: &Ty, at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("the warehouse's freight is `{ty}`, not `{wanted}`"), at, "another type")
}
