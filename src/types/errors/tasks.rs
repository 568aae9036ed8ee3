//! Tasks and their calls.

use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};

/// The calls lead from a task to itself; the last one closes the circle.
pub(crate) fn task_cycle(calls: &[(Name, Span)]) -> Option<Diagnostic> {
    let ((name, at), before) = calls.split_last()?;
    let message = match before {
        [] => format!("the task `{name}` calls itself"),
        _ => format!(
            "the task `{name}` calls itself by way of {}",
            super::list(&before.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>())
        ),
    };
    let mut report = Diagnostic::new(Check::TaskCallsItself, message, *at, "called here again");
    for (name, at) in before {
        report = report.because(*at, format!("on the way to it, `{name}` is called"));
    }
    Some(report.note("the steps of a called task become steps of its caller, which would have no end"))
}

pub(crate) fn argument_without_origin(at: Span, parameter: &str, task: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("`{task}` asks whether the freight of `{parameter}` triggered the promotion, and this value is of no freight"),
        at,
        "made here, so it comes from no warehouse",
    )
    .because(declared, "the task asks `promoting` of this parameter")
    .help("pass a slot, or a part of one")
}

/// A list whose items only the promotion knows, where a loop of the task runs over it.
pub(crate) fn list_not_known(at: Span, parameter: &str, task: &str, looped: Span, is_passed_on: bool) -> Diagnostic {
    let why = if is_passed_on { "a `cluster-task` is one for all its callers" } else { "known only while a promotion runs" };
    let report =
        Diagnostic::new(Check::NotStatic, format!("how many items `{parameter}` of `{task}` has must be known while compiling"), at, why)
            .because(looped, "a loop runs over them");
    match is_passed_on {
        true => report.help("write the steps in a `task`"),
        false => report.help("pass a list that is written out: what its items are may be known later"),
    }
}

pub(crate) fn default_of_optional(parameter: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::TypeMismatch,
        format!("`{parameter}` has a default and may be absent at the same time"),
        at,
        "stands for it wherever a call leaves it out",
    )
    .help("leave out the `?`: with a default the parameter is always there")
}

pub(crate) fn default_not_pure(parameter: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::NotStatic,
        format!("the default of `{parameter}` is neither constant nor made of `ctx`"),
        at,
        "may change while a promotion runs",
    )
    .help("let the callers pass it")
}
