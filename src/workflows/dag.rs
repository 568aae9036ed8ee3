//! What tasks wait for: tasks that are there, in a form that Argo Workflows reads, and with the outcome that is meant.

use super::depends::{Depends, OUTCOMES, Wait, ancestors, direct};
use super::errors;
use super::judge::Judge;
use super::model::{Call, Template, Word, Workflow};
use super::tags::{Tag, tags};
use crate::base::Name;

pub(super) fn check<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>) {
    for template in workflow.all_templates().into_iter().filter(|template| template.is("dag")) {
        let names_known = template.calls.iter().all(|call| call.name.is_some());
        if mixed(judge, template) || !names_known {
            continue;
        }
        for task in &template.calls {
            waits(judge, template, task);
        }
        if let Some((task, name)) =
            template.calls.iter().find_map(|task| Some((task, task.name.as_ref()?)).filter(|(task, name)| circular(template, task, name)))
        {
            judge.report(errors::waits_for_itself(name, task));
        }
    }
}

/// A template uses either way to say it, and `continueOn` only with one of them.
fn mixed(judge: &mut Judge<'_>, template: &Template<'_>) -> bool {
    let first = |key: &str| template.calls.iter().find_map(|task| task.node.get(key));
    match (first("depends"), first("dependencies"), first("continueOn")) {
        (Some(depends), Some(list), _) => judge.report(errors::both_ways(list.span, depends.span)),
        (Some(depends), None, Some(continues)) => judge.report(errors::continue_with_depends(continues.span, depends.span)),
        _ => return false,
    }
    true
}

fn waits<'n>(judge: &mut Judge<'n>, template: &'n Template<'n>, task: &'n Call<'n>) {
    let Some(name) = &task.name else { return };
    let waits_at_all = task.node.get("depends").or(task.node.get("dependencies")).is_some();
    let is_waited_for =
        template.calls.iter().any(|other| direct(other).is_some_and(|waits| waits.iter().any(|wait| *wait.task == *name.text)));
    if name.text.starts_with(|c: char| c.is_ascii_digit()) && (waits_at_all || is_waited_for) {
        judge.report(errors::task_begins_with_digit(name));
        return;
    }
    for (text, span) in task.node.list("dependencies").iter().filter_map(|node| Some((node.text()?, node.span))) {
        let word = Word { text: Name::new(text), span };
        if text.contains("{{") {
            judge.report(errors::edge_from_value(&word));
        } else if known(judge, template, &word.text, span) {
            gate(judge, template, task, &Wait { task: text.to_string(), outcome: None }, span);
        }
    }
    let Some((text, span)) = task.node.word("depends") else { return };
    if text.contains("{{") {
        judge.report(errors::edge_from_value(&Word { text: Name::new(text), span }));
        return;
    }
    let Some(found) = Depends::parse(text) else {
        judge.report(errors::depends_unreadable(text, span));
        return;
    };
    for wait in found.waits() {
        let at = judge.part(span, &wait.task);
        if known(judge, template, &wait.task, at) {
            outcome(judge, template, wait, span);
        }
    }
    for wait in found.certain() {
        let at = judge.part(span, &wait.task);
        gate(judge, template, task, wait, at);
    }
}

fn known(judge: &mut Judge<'_>, template: &Template<'_>, task: &str, at: crate::base::Span) -> bool {
    let is_known = template.call(task).is_some();
    // Names with a digit first are reported where they are given.
    if !is_known && !task.starts_with(|c: char| c.is_ascii_digit()) {
        judge.report(errors::no_task(task, at, template));
    }
    is_known
}

fn outcome(judge: &mut Judge<'_>, template: &Template<'_>, wait: &Wait, span: crate::base::Span) {
    let Some(outcome) = &wait.outcome else { return };
    let at = judge.part(span, &format!("{}.{outcome}", wait.task));
    if !OUTCOMES.contains(&outcome.as_str()) {
        judge.report(errors::no_outcome(outcome, at, OUTCOMES));
    } else if matches!(outcome.as_str(), "AnySucceeded" | "AllFailed")
        && let Some(task) = template.call(&wait.task).filter(|task| !task.is_loop())
    {
        judge.report(errors::outcome_of_items(outcome, at, task));
    }
}

/// A task under a condition counts as done when it is skipped. That is meant where several branches meet again, and where
/// the one that waits has a condition of its own.
fn gate(judge: &mut Judge<'_>, template: &Template<'_>, task: &Call<'_>, wait: &Wait, at: crate::base::Span) {
    let conditional = |name: &str| template.call(name).is_some_and(|other| other.node.get("when").is_some());
    if wait.outcome.is_some() || !conditional(&wait.task) || task.node.get("when").is_some() || decides_itself(task, &wait.task) {
        return;
    }
    let others = direct(task).unwrap_or_default();
    if others.iter().any(|other| other.task != wait.task && conditional(&other.task)) {
        return;
    }
    if let (Some(name), Some(gate)) = (&task.name, template.call(&wait.task)) {
        judge.report(errors::skipped_counts(name, &wait.task, at, gate, task.node.get("depends").is_some()));
    }
}

/// Whether the task has an expression about the other one, and so may say what happens without it.
fn decides_itself(task: &Call<'_>, other: &str) -> bool {
    let mut found = false;
    task.node.texts(&mut |text, _| found |= tags(text).iter().any(|tag| matches!(tag, Tag::Code(code) if code.contains(other))));
    found
}

fn circular(template: &Template<'_>, task: &Call<'_>, name: &Word) -> bool {
    ancestors(template, task).is_some_and(|known| known.iter().any(|known| *known == *name.text))
}
