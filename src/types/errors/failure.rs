//! `try`, `retry`, `on failure` and `finally`.

use super::list;
use crate::base::Span;
use crate::diag::{Check, Diagnostic};

fn words(is_failure: bool) -> &'static str {
    if is_failure { "on failure" } else { "finally" }
}

pub(crate) fn two_tails(is_failure: bool, at: Span, first: Span) -> Diagnostic {
    let what = words(is_failure);
    Diagnostic::new(Check::DuplicateName, format!("`{what}` stands here twice"), at, "the second one")
        .because(first, "the first one")
        .help("one block takes all steps, which run one after the other")
}

/// `failure { … }`, `on { … }`.
pub(crate) fn half_tail(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "what runs after a failure stands in `on failure { … }`", at, "one of two words").suggest(
        "write `on failure`",
        at,
        "on failure",
    )
}

pub(crate) fn tail_without_block(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "`on failure` needs a block", at, "followed by `{ … }`")
}

pub(crate) fn tail_misplaced(is_failure: bool, at: Span) -> Diagnostic {
    let what = words(is_failure);
    let message = format!("`{what}` stands beside `promote`, or at the end of a task");
    Diagnostic::new(Check::MisplacedItem, message, at, "at neither place")
}

pub(crate) fn behind_tail(at: Span, tail: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "the steps of a task stand before its `on failure` and `finally`", at, "behind them")
        .because(tail, "runs after all steps of the task")
}

pub(crate) fn tail_without_promote(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "there is no `promote` beside this block", at, "nothing runs before it")
        .help("it stands in the stage, or in the `if` or `for`, in which `promote` stands")
}

pub(crate) fn unknown_event(at: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, "a promotion has no such event", at, "unknown event")
        .help("`on failure { … }` runs after a failure, `finally { … }` in any case")
}

pub(crate) fn require_in_tail(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`require` stands in `promote { … }`", at, "in a block that runs after it")
        .help("test the slot: `if slot { … }`")
}

pub(crate) fn try_of_value(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`try` stands before a step or the call of a task", at, format!("`{name}` is a function"))
}

pub(crate) fn retry_on_call(at: Span, task: &str, steps: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(Check::MisplacedItem, "a task cannot be repeated as a whole", at, format!("behind a call of `{task}`"))
        .note("Kargo repeats a single step until it succeeds, and never goes back to an earlier one");
    match steps {
        [] => report,
        _ => report.help(format!("write `retry` inside `{task}`, behind the step that may fail: {}", list(steps))),
    }
}
