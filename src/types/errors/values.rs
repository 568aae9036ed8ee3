//! Values and operators.

use super::super::tree::Expr;
use super::{choices, list};
use crate::base::Span;
use crate::diag::{Check, Diagnostic, nearest};
use crate::library::Ty;
use crate::syntax::ast::Ident;

pub(crate) fn type_mismatch(value: &Expr, wanted: &Ty, what: &str) -> Diagnostic {
    let message = format!("{what} needs `{}`, and this is `{}`", wanted.present(), value.ty);
    let report = Diagnostic::new(Check::TypeMismatch, message, value.span, "another type");
    if wanted.present().is_text() { with_fields(report, value) } else { report }
}

/// A whole record where a part of it is meant: which parts it has.
fn with_fields(report: Diagnostic, value: &Expr) -> Diagnostic {
    let Some(record) = value.ty.record() else { return report };
    let mut names: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
    names.dedup();
    if names.is_empty() { report } else { report.help(format!("read a field of it: {}", choices(&names))) }
}

pub(crate) fn null_not_allowed(value: &Expr, wanted: &Ty, what: &str) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("{what} needs `{wanted}` and cannot be left out"), value.span, "nothing")
}

pub(crate) fn not_a_choice(value: &Expr, wanted: &Ty, what: &str) -> Diagnostic {
    let known = wanted.present().choices().unwrap_or_default();
    let written = value.ty.choices().and_then(|found| found.first().map(|text| (*text).to_owned())).unwrap_or_default();
    let report = Diagnostic::new(Check::InvalidValue, format!("{what} does not know `{written}`"), value.span, "not one of its values");
    match nearest(&written, known.iter().copied()) {
        Some(near) => report.suggest(format!("did you mean `\"{near}\"`?"), value.span, format!("\"{near}\"")),
        None => report.note(format!("it takes {}", choices(&known))),
    }
}

pub(crate) fn never_equal(left: &Expr, right: &Expr, known: &[&str]) -> Diagnostic {
    let mut report =
        Diagnostic::new(Check::TypeMismatch, "this comparison never holds", right.span, "not one of the values on the other side");
    report = report.because(left.span, format!("one of {}", choices(known)));
    report
}

pub(crate) fn incomparable(left: &Expr, right: &Expr, op: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`{}` and `{}` are never equal", left.ty, right.ty), op, "compared here")
}

pub(crate) fn not_a_condition(value: &Expr) -> Diagnostic {
    let report = Diagnostic::new(
        Check::TypeMismatch,
        format!("a condition is true or false, and this is `{}`", value.ty),
        value.span,
        "always there",
    );
    if value.ty.is_text() { report.help("compare it: `x == \"…\"` or `x != \"\"`") } else { report }
}

pub(crate) fn operand(value: &Expr, operator: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`{operator}` needs {wanted}, and this is `{}`", value.ty), value.span, "another type")
}

pub(crate) fn arithmetic(left: &Expr, right: &Expr, operator: &str) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("`{operator}` does not fit `{}` and `{}`", left.ty, right.ty),
        right.span,
        format!("`{}`", right.ty),
    )
    .because(left.span, format!("`{}`", left.ty))
}

pub(crate) fn bad_regex(value: &Expr, error: &regex::Error) -> Diagnostic {
    let reason = error.to_string();
    let reason = reason.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
    Diagnostic::new(Check::InvalidValue, "this is no regular expression", value.span, reason)
}

pub(crate) fn no_text(value: &Expr) -> Diagnostic {
    if value.ty.record().is_some_and(|record| record.fields.iter().any(|field| field.rules.expr.is_some())) {
        return super::artifact_field(value, "this place in a text");
    }
    let report = Diagnostic::new(Check::TypeMismatch, format!("`{}` has no text", value.ty), value.span, "inside a text");
    with_fields(report, value)
}

pub(crate) fn not_a_list(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("only a list can be spread into a list, and this is `{}`", value.ty),
        value.span,
        "not a list",
    )
}

pub(crate) fn not_a_record(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("only a record can be spread here, and this is `{}`", value.ty),
        value.span,
        "not a record",
    )
}

pub(crate) fn not_iterable(over: &Expr) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`for` runs over a list or a map, and this is `{}`", over.ty), over.span, "neither")
}

pub(crate) fn map_needs_two_names(first: &Ident, over: &Expr) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "a loop over a map binds the key and the value", first.span, "only one name")
        .because(over.span, "a map")
        .help(format!("write `for key, {} in …`, or `_` for what is not needed", first.name))
}

pub(crate) fn no_fields(base: &Expr, field: &Ident) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`{}` has no fields", base.ty), field.span, format!("so no `{}`", field.name))
}

pub(crate) fn unknown_field(field: &Ident, base: &Ty, known: &[&str], near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("`{base}` has no field `{}`", field.name), field.span, "no such field");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), field.span, near),
        None if known.is_empty() => report,
        None => report.note(format!("it has {}", list(known))),
    }
}

pub(crate) fn not_indexable(base: &Expr) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`{}` has no items", base.ty), base.span, "not a list or a map")
}

pub(crate) fn record_index_unknown(index: &Expr, base: &Expr) -> Diagnostic {
    Diagnostic::new(
        Check::NotStatic,
        "the name of a field must be known while compiling",
        index.span,
        format!("chooses a field of `{}`", base.ty),
    )
}

pub(crate) fn lambda_misplaced(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`=>` belongs to settings that take an expression", at, "no such setting")
}

pub(crate) fn needs_lambda(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("{what} takes an expression over names of its own"), at, "a plain value")
        .help("write `name => …` or `(a, b) => …`")
}

pub(crate) fn unknown_lambda_name(name: &Ident, known: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("this expression does not know `{}`", name.name), name.span, "no such name");
    match nearest(&name.name, known.iter().copied()) {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), name.span, near),
        None => report.note(format!("it knows {}", list(known))),
    }
}

pub(crate) fn one_document(at: Span, given: usize) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "this expression has one name, which stands for the file", at, format!("{given} names"))
        .help("write `file => file.image.tag`")
}

pub(crate) fn spread_of_unknown_keys(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Check::NotStatic,
        "the keys of what is spread must be known while compiling",
        value.span,
        format!("`{}`, known only while a promotion runs", value.ty),
    )
    .help("give the value a key of its own, or name the keys that are wanted")
}

/// A variable of Kargo is evaluated before the first step.
pub(crate) fn var_of_result(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::NotStatic,
        format!("the variable `{name}` is worked out before the first step"),
        at,
        "known only when a step has run",
    )
    .help(format!("write `let {name} = …`: it is put in where it is read"))
}
