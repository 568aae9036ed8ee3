//! Settings in the wrong place, of the wrong type, or twice.

use super::super::model::{Parameter, Template, Word};
use super::super::node::{Node, Plain};
use super::title;
use crate::base::Span;
use crate::diag::{Check, Diagnostic};

pub(in super::super) fn no_kind(template: &Template<'_>) -> Diagnostic {
    let at = template.name.as_ref().map_or(template.node.span, |name| name.span);
    Diagnostic::new(Check::WfFieldPlacement, format!("{} does nothing", title(template)), at, "says nowhere what it runs")
        .help("give it `container`, `script`, `http`, `resource`, `suspend`, `steps` or `dag`")
}

pub(in super::super) fn two_kinds(template: &Template<'_>, first: (&str, &Node), second: (&str, &Node)) -> Diagnostic {
    let message = format!("{} is of two types, `{}` and `{}`", title(template), first.0, second.0);
    let (early, late) = if first.1.span.start <= second.1.span.start { (first, second) } else { (second, first) };
    Diagnostic::new(Check::WfFieldPlacement, message, late.1.span, "a template does one thing")
        .because(early.1.span, "the first one")
        .help("make a template of its own of one of them, and call it")
}

pub(in super::super) fn wrong_kind(key: &str, at: Span, kind: &str, runs_others: bool) -> Diagnostic {
    let report = Diagnostic::new(Check::WfFieldPlacement, format!("a template of type `{kind}` has no `{key}`"), at, "refused");
    match (key, runs_others) {
        ("parallelism", _) => report.help("it belongs to a template with `steps` or `dag`, or to the workflow"),
        ("activeDeadlineSeconds", _) => report.help("it belongs to the templates that are called, or to the workflow"),
        _ => report.help("it belongs to the templates that are called"),
    }
}

pub(in super::super) fn path_without_pod(artifact: &Parameter<'_>, at: Span, kind: &str) -> Diagnostic {
    let message = format!("a template of type `{kind}` has no files, and its artifact `{}` no `path`", artifact.name.text);
    Diagnostic::new(Check::WfFieldPlacement, message, at, "refused").help("leave it out; an output takes `from` instead")
}

pub(in super::super) fn beside_container(key: &str, at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(Check::WfFieldPlacement, format!("`{key}` belongs to the `{kind}` of the template"), at, "unknown here")
        .help(format!("move it into `{kind}`"))
}

pub(in super::super) fn named_twice(word: &Word, first: &Word, what: &str) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("two {what} are called `{}`", word.text), word.span, "the second one")
        .because(first.span, "the first one")
}

pub(in super::super) fn environment_not_text(name: Option<&str>, node: &Node) -> Diagnostic {
    let value = match &node.value {
        Plain::Number(number) => number.to_string(),
        Plain::Bool(value) => value.to_string(),
        _ => String::new(),
    };
    let of = name.map_or_else(String::new, |name| format!(" `{name}`"));
    Diagnostic::new(
        Check::WfParamType,
        format!("the variable{of} of the environment is not a text"),
        node.span,
        "values of the environment are texts",
    )
    .fix(format!("write `\"{value}\"`"), node.span, format!("\"{value}\""))
}

pub(in super::super) fn number_as_text(key: &str, text: &str, at: Span) -> Diagnostic {
    let report = Diagnostic::new(Check::WfParamType, format!("`{key}` is a number, and this is a text"), at, "refused");
    if text.contains("{{") {
        return report.note("nothing is replaced in a setting that is a number").help("write the number");
    }
    report.help("write it without quotes")
}

pub(in super::super) fn not_supplied(output: &Parameter<'_>) -> Diagnostic {
    let message = format!("nothing gives the output `{}` of a template that waits", output.name.text);
    Diagnostic::new(Check::WfSuspendOutput, message, output.name.span, "without `supplied`")
        .help("write `valueFrom: { supplied: {} }`: the one who resumes the workflow enters it")
}
