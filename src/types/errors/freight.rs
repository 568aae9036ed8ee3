//! Slots, artifacts and results that may not be there.

use super::super::scope::SlotType;
use super::super::tree::{Expr, ResultDef, ResultOf};
use super::list;
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::library::Ty;
use crate::syntax::ast::Ident;

pub(crate) fn slot_may_be_missing(expr: &Expr, slot: &SlotType, slots: &[SlotType]) -> Diagnostic {
    let name = &slot.name;
    let others: Vec<&str> = slots.iter().filter(|other| other.name != *name).map(|other| other.origin.as_str()).collect();
    let message = format!("the slot `{name}` may be empty");
    Diagnostic::new(Check::SlotMayBeMissing, message, expr.span, "read here, whether it is filled or not")
        .because(
            slot.span,
            format!("one of {} slots; freight of {} may be promoted before any of `{}`", slots.len(), list(&others), slot.origin),
        )
        .help(format!(
            "`require {name}` fails the promotion first; `if {name} {{ … }}` leaves out what needs it; `{name}?.` and `??` give a default"
        ))
}

/// `behind`: it is read in `on failure` or `finally`.
pub(crate) fn skipped_step_output(expr: &Expr, result: &ResultDef, behind: bool) -> Diagnostic {
    let kind = match &result.of {
        ResultOf::Step(step) => step.name.as_str(),
        ResultOf::Call(task) => task.name.as_str(),
    };
    let name = result.name.as_deref().unwrap_or(kind);
    let because = match result {
        _ if behind => format!("`{kind}` may have failed, or not have been reached, when this block runs"),
        ResultDef { tried: true, .. } => format!("`{kind}` may fail, and the promotion goes on without its result"),
        _ => format!("`{kind}` may skip itself, and then has none"),
    };
    Diagnostic::new(Check::SkippedStepOutput, format!("`{name}` may have no result"), expr.span, "read here as if there always were one")
        .because(result.span, because)
        .help(format!("write `if {name} {{ … }}` around what needs it, or `{name}?.` with a default by `??`"))
}

/// `wanted` is what needs the value; nothing if a field of it is read.
pub(crate) fn may_be_absent(expr: &Expr, what: &str, wanted: &str) -> Diagnostic {
    let face = match expr.ty.face() {
        Some(crate::library::Face::Empty) => "may be empty text",
        _ => "may be absent",
    };
    let (because, help) = match wanted {
        "" => ("a field of it is read".to_owned(), "write `?.` before the field and a default by `??`, or test it by `if` first"),
        _ => (format!("{wanted} needs it"), "give a default by `??`, or test it by `if` first"),
    };
    Diagnostic::new(Check::TypeMismatch, format!("{what} {face}, and {because}"), expr.span, format!("its type is `{}`", expr.ty))
        .help(help)
}

pub(crate) fn artifact_not_in_warehouse(field: &Ident, origin: &str, known: &[&str], near: Option<&str>) -> Diagnostic {
    let message = format!("freight of `{origin}` carries no `{}`", field.name);
    let report = Diagnostic::new(Check::ArtifactNotInWarehouse, message, field.span, "no such artifact");
    let has = if known.is_empty() {
        format!("`{origin}` subscribes to nothing")
    } else {
        format!("the warehouse `{origin}` has {}", list(known))
    };
    match near {
        Some(near) => report.note(has).suggest(format!("did you mean `{near}`?"), field.span, near),
        None => report.note(has),
    }
}

pub(crate) fn unknown_output(field: &Ident, step: &str, known: &[&str], near: Option<&str>) -> Diagnostic {
    let report =
        Diagnostic::new(Check::UnknownOutputField, format!("`{step}` has no result `{}`", field.name), field.span, "no such result");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), field.span, near),
        None if known.is_empty() => report.note(format!("`{step}` has no results")),
        None => report.note(format!("it has {}", list(known))),
    }
}

pub(crate) fn artifact_field(value: &Expr, what: &str) -> Diagnostic {
    let fields: Vec<&str> =
        value.ty.record().map(|record| record.fields.iter().map(|field| field.name.as_str()).collect()).unwrap_or_default();
    Diagnostic::new(
        Check::ArtifactField,
        format!("{what} needs a text, and this is a whole `{}`", value.ty),
        value.span,
        "which field of it?",
    )
    .help(format!("its fields are {}", list(&fields)))
}

pub(crate) fn untrusted_ref(value: &Expr, what: &str) -> Diagnostic {
    Diagnostic::new(Check::UntrustedRef, format!("anybody's text would decide {what}"), value.span, "text that outsiders write")
        .note("commit messages, authors, tag names of Git, annotations and metadata are written by others; here such a text would choose a branch, a path or an object")
        .help("use the commit's id, an image tag, a digest or a chart version, whose characters are limited")
}

pub(crate) fn untrusted_in_code(value: &Expr, what: &str) -> Diagnostic {
    Diagnostic::new(
        Check::UntrustedTextInCode,
        format!("anybody's text would become part of code in {what}"),
        value.span,
        "text that outsiders write",
    )
    .help("use a value whose characters are limited, or a text of your own")
}

pub(crate) fn secret_leak(value: &Expr, what: &str) -> Diagnostic {
    Diagnostic::new(Check::SecretLeak, format!("{what} would store or show a secret"), value.span, "a credential")
        .note("what a step is given can end in Git, in the status of the Promotion and in messages, where many people can read it")
}

pub(crate) fn untrusted_in_json(value: &Expr, what: &str) -> Diagnostic {
    Diagnostic::new(
        Check::UntrustedTextInCode,
        format!("anybody's text would become part of the JSON in {what}"),
        value.span,
        "text that outsiders write",
    )
    .note("a quotation mark in it would end the text around it, and what follows would be read as further settings")
    .help("write `json({ name: value })`: what stands in it is escaped")
}

/// `secret-in-url`. It works, but is shown as soon as the server cannot be reached.
pub(crate) fn secret_in_url(value: &Expr, what: &str) -> Diagnostic {
    Diagnostic::new(Check::SecretInUrl, format!("a secret stands in {what}"), value.span, "a credential")
        .note("when the server cannot be reached, Kargo writes the whole URL into the status of the Promotion and into an event, where many people can read it")
        .help("send it in a header, if the server takes it there")
}

pub(crate) fn secret_result(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SecretLeak, "a result is no place for a secret", at, "declared a credential")
        .note("results are kept in the status of the Promotion, which everybody can read who may look at the project")
}

pub(crate) fn undeclared_output(name: &Name, at: Span, step: &str, known: &[&str], near: Option<&str>) -> Diagnostic {
    unknown_output(&Ident { name: name.clone(), span: at }, step, known, near)
}

pub(crate) fn result_type_mismatch(name: &str, at: Span, declared: &Ty, actual: &Ty) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("the result `{name}` is `{actual}`"), at, format!("declared as `{declared}`"))
}

pub(crate) fn result_type_not_record(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "the type of a result is a record of its fields", at, "not a record")
        .help("write `let r: { url: String } = …`")
}
