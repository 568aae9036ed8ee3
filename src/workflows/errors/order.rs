//! What waits for what, and conditions.

use super::super::model::{Call, Template, Word};
use super::super::results::NotEnded;
use super::super::variables::Result;
use super::{list, title};
use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity, nearest};

pub(in super::super) fn not_ended(result: &Result<'_>, reader: &Call<'_>, call: &Call<'_>, why: NotEnded) -> Diagnostic {
    let (word, name) = (result.of.one(), result.name);
    let (message, label) = match why {
        NotEnded::Together => (format!("step `{name}` runs at the same time"), "not there yet"),
        NotEnded::Later => (format!("step `{name}` runs later"), "not there yet"),
        NotEnded::NoDependency => (format!("this task reads a result of `{name}` and does not wait for it"), "may not be there yet"),
    };
    let mut report = Diagnostic::new(Check::WfOutputWithoutDependency, message, result.at, label);
    if let Some(own) = &call.name {
        report = report.because(own.span, format!("the {word} that is read"));
    }
    match why {
        NotEnded::NoDependency if reader.node.get("dependencies").is_some() => report.help(format!("add `{name}` to `dependencies`")),
        NotEnded::NoDependency => report.help(format!("add `depends: \"{name}.Succeeded\"`")),
        _ => report.help(format!("put this step into a group of its own behind that of `{name}`")),
    }
}

pub(in super::super) fn skipped(result: &Result<'_>, reader: &Call<'_>, call: &Call<'_>) -> Diagnostic {
    let who = reader.name.as_ref().map_or_else(|| "this".to_owned(), |name| format!("`{}`", name.text));
    let message = format!("`{}` may be skipped, and {who} needs its result", result.name);
    let mut report = Diagnostic::new(Check::WfSkippedOutput, message, result.at, "not there if it was skipped");
    if let Some(when) = call.node.get("when") {
        report = report.because(when.span, "runs only under this condition");
    }
    if result.field.starts_with("outputs.artifacts") {
        return report.help("write `optional: true` at the argument and at the input, or the same `when` here");
    }
    report.help("write the same `when` here, or read it with a default: `{{=… ?? ''}}`")
}

pub(in super::super) fn both_ways(list: Span, depends: Span) -> Diagnostic {
    let message = "one template says `dependencies` and `depends`";
    Diagnostic::new(Check::WfDependsSemantics, message, list, "the old way")
        .because(depends, "the other way")
        .help("write `depends: \"a && b\"` for `dependencies: [\"a\", \"b\"]`")
}

pub(in super::super) fn continue_with_depends(continues: Span, depends: Span) -> Diagnostic {
    let message = "`continueOn` does not go with `depends`";
    Diagnostic::new(Check::WfDependsSemantics, message, continues, "refused")
        .because(depends, "this template uses `depends`")
        .help("say it where the task is waited for: `a.Succeeded || a.Failed`")
}

pub(in super::super) fn task_begins_with_digit(name: &Word) -> Diagnostic {
    let message = format!("the task `{}` begins with a digit, and others wait for it or it for others", name.text);
    Diagnostic::new(Check::WfDependsSemantics, message, name.span, "read as a number").help("begin the name with a letter")
}

pub(in super::super) fn edge_from_value(word: &Word) -> Diagnostic {
    let message = "what a task waits for is fixed, and cannot come from a value";
    Diagnostic::new(Check::WfDependsSemantics, message, word.span, "taken for the name of a task")
        .help("name the tasks, and put conditions into `when`")
}

pub(in super::super) fn depends_unreadable(text: &str, span: Span) -> Diagnostic {
    let report = Diagnostic::new(Check::WfDependsSemantics, "this is no expression over tasks", span, "cannot be read");
    if text.contains(',') || text.split_whitespace().count() > 1 && !text.contains(['&', '|']) {
        return report.help("join names by `&&` or `||`");
    }
    report.help("write names of tasks with `&&`, `||`, `!` and parentheses: `(a.Succeeded || b.Failed) && !c.Failed`")
}

pub(in super::super) fn no_task(task: &str, at: Span, template: &Template<'_>) -> Diagnostic {
    let names = || template.calls.iter().filter_map(|call| Some(call.name.as_ref()?.text.as_str()));
    let message = format!("{} has no task `{task}`", title(template));
    let report = Diagnostic::new(Check::WfDependsSemantics, message, at, "not found");
    match nearest(task, names()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn no_outcome(outcome: &str, at: Span, outcomes: &[&str]) -> Diagnostic {
    let message = format!("a task does not end as `{outcome}`");
    let report = Diagnostic::new(Check::WfDependsSemantics, message, at, "unknown outcome")
        .note(format!("it is one of {}", list(outcomes.iter().copied())));
    match nearest(outcome, outcomes.iter().copied()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn outcome_of_items(outcome: &str, at: Span, task: &Call<'_>) -> Diagnostic {
    let message = format!("`{outcome}` is about a task with several items");
    let report = Diagnostic::new(Check::WfDependsSemantics, message, at, "this one runs once");
    let report = match &task.name {
        Some(name) => report.because(name.span, "has neither `withItems` nor `withParam` nor `withSequence`"),
        None => report,
    };
    report.help(if outcome == "AllFailed" { "write `.Failed`" } else { "write `.Succeeded`" })
}

pub(in super::super) fn waits_for_itself(name: &Word, task: &Call<'_>) -> Diagnostic {
    let at = task.node.get("depends").or(task.node.get("dependencies")).map_or(name.span, |node| node.span);
    let message = format!("the task `{}` waits for itself", name.text);
    Diagnostic::new(Check::WfDependsSemantics, message, at, "directly or by way of others")
}

pub(in super::super) fn skipped_counts(name: &Word, gate: &str, at: Span, call: &Call<'_>, is_depends: bool) -> Diagnostic {
    let message = format!("`{}` runs although `{gate}` was skipped", name.text);
    let mut report = Diagnostic::new(Check::WfDependsSemantics, message, at, "satisfied by a task that was skipped, too");
    report.severity = Severity::Warning;
    if let Some(when) = call.node.get("when") {
        report = report.because(when.span, "runs only under this condition");
    }
    if is_depends {
        report.help(format!("write `{gate}.Succeeded`, or `({gate}.Succeeded || {gate}.Skipped)` if that is meant"))
    } else {
        report.help(format!("write `depends: \"{gate}.Succeeded\"` instead, or `({gate}.Succeeded || {gate}.Skipped)` if that is meant"))
    }
}

pub(in super::super) fn bare_words(words: &str, span: Span) -> Diagnostic {
    let message = format!("`{words}` without quotes is not one text");
    let why = if words.contains('-') {
        "a dash is a minus"
    } else if words.contains(' ') {
        "words side by side are no expression"
    } else {
        "read as an expression"
    };
    Diagnostic::new(Check::WfWhenQuoting, message, span, why).help(format!("write both sides in quotes: `'{{{{…}}}}'` and `'{words}'`"))
}

pub(in super::super) fn text_with_value(word: &str, span: Span) -> Diagnostic {
    let message = format!("a text is compared with the value `{word}`, and is never the same");
    Diagnostic::new(Check::WfWhenQuoting, message, span, "one side in quotes, one not").help(format!("write `'{word}'`"))
}

pub(in super::super) fn value_with_text(tag: &str, literal: &str, span: Span) -> Diagnostic {
    let message = format!("`{{{{{tag}}}}}` stands for a value where it is `{literal}`, and is never the same as a text");
    Diagnostic::new(Check::WfWhenQuoting, message, span, "one side in quotes, one not")
        .help(format!("write both sides in quotes: `'{{{{{tag}}}}}'` and `'{literal}'`"))
}

pub(in super::super) fn unquoted_tag(tag: &str, literal: &str, span: Span) -> Diagnostic {
    let what = if literal.is_empty() { "the empty text".to_owned() } else { format!("`{literal}`") };
    let message = format!("`{{{{{tag}}}}}` has no quotes around it, and where it is {what} this is no condition");
    Diagnostic::new(Check::WfWhenQuoting, message, span, "one side in quotes, one not")
        .help(format!("write both sides in quotes: `'{{{{{tag}}}}}'` and `'{literal}'`"))
}

pub(in super::super) fn value_needs_quotes(tag: &str, value: &str, span: Span, declared: Span) -> Diagnostic {
    let what = if value.is_empty() { "the empty text".to_owned() } else { format!("`{value}`") };
    let message = format!("`{{{{{tag}}}}}` has no quotes around it, and where it is {what} this is no condition");
    Diagnostic::new(Check::WfWhenQuoting, message, span, "read anew with its value in it")
        .because(declared, format!("it can be {what}"))
        .help(format!("write both sides in quotes, such as `'{{{{{tag}}}}}'`"))
}
