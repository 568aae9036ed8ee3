//! Results of steps and tasks: of one that is there, that has ended, that ran, and that gives what is read.

use super::depends::{Depends, ancestors};
use super::errors;
use super::judge::{Judge, Site};
use super::model::{Call, Template, Workflow};
use super::tags::Calls;
use super::variables::Result;

/// What can be read of a step beside its outputs.
const FIELDS: &[&str] = &["id", "ip", "status", "exitCode", "startedAt", "finishedAt", "hostNodeName", "outputs"];

pub(super) fn check<'n>(
    judge: &mut Judge<'n>,
    workflow: &'n Workflow<'n>,
    steps: Option<(&'n Template<'n>, Option<&'n Call<'n>>)>,
    result: Result<'_>,
) {
    let Some((template, reader)) = steps else {
        judge.report(errors::result_outside(&result));
        return;
    };
    let own = if template.is("steps") { Calls::Steps } else { Calls::Tasks };
    if own != result.of && template.kinds.len() == 1 {
        judge.report(errors::wrong_root(&result, own));
        return;
    }
    let Some(call) = template.call(result.name) else {
        if template.calls.iter().all(|call| call.name.is_some()) {
            judge.report(errors::no_step(&result, template));
        }
        return;
    };
    let site = Site { workflow, template: Some(template), call };
    if !output(judge, site, &result) {
        return;
    }
    let Some(reader) = reader.filter(|reader| !std::ptr::eq(*reader, call)) else { return };
    if let Some(why) = not_ended(template, reader, call) {
        judge.report(errors::not_ended(&result, reader, call, why));
    } else if skipped(judge, site, reader, &result) {
        judge.report(errors::skipped(&result, reader, call));
    }
}

/// Whether the step gives what is read of it, as far as that is known.
fn output<'n>(judge: &mut Judge<'n>, site: Site<'n>, result: &Result<'_>) -> bool {
    let mut words = result.field.splitn(3, '.');
    let first = words.next().unwrap_or_default();
    if !FIELDS.contains(&first) {
        judge.report(errors::no_field(result, FIELDS));
        return false;
    }
    let (Some(second), rest) = (words.next(), words.next()) else { return true };
    let Some((_, template)) = judge.resolve(site) else { return true };
    if template.outputs.unclear || first != "outputs" {
        return true;
    }
    match (second, rest) {
        ("result", None) if matches!(template.kind(), Some("steps" | "dag" | "suspend" | "resource")) => {
            judge.report(errors::no_result(result, site.call, template));
            false
        }
        ("parameters", Some(name)) => {
            let is_there = template.outputs.parameters.iter().any(|own| own.name.text == name);
            if !is_there {
                judge.report(errors::no_output(result, name, "parameter", template, &template.outputs.parameters));
            }
            is_there
        }
        ("artifacts", Some(rest)) => {
            let name = rest.split('.').next().unwrap_or_default();
            let is_there = template.outputs.artifacts.iter().any(|own| own.name.text == name);
            if !is_there {
                judge.report(errors::no_output(result, name, "artifact", template, &template.outputs.artifacts));
            }
            is_there
        }
        _ => true,
    }
}

/// Why the one that is read has not ended when the reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotEnded {
    Together,
    Later,
    NoDependency,
}

fn not_ended(template: &Template<'_>, reader: &Call<'_>, call: &Call<'_>) -> Option<NotEnded> {
    match call.of {
        Calls::Steps if call.group == reader.group => Some(NotEnded::Together),
        Calls::Steps => (call.group > reader.group).then_some(NotEnded::Later),
        Calls::Tasks => {
            let name = call.name.as_ref()?;
            (!ancestors(template, reader)?.iter().any(|known| *known == name.text)).then_some(NotEnded::NoDependency)
        }
    }
}

/// Whether the reader needs a result of a step that may have been skipped: it is an argument, the reader itself runs in
/// any case, and nothing gives a value instead.
fn skipped<'n>(judge: &Judge<'n>, site: Site<'n>, reader: &'n Call<'n>, result: &Result<'_>) -> bool {
    let (Some(call_name), true) = (&site.call.name, result.field.starts_with("outputs.")) else { return false };
    let has = |call: &Call<'_>, key: &str| call.node.get(key).is_some();
    if !has(site.call, "when") || has(reader, "when") || site.call.is_loop() || !is_argument(reader, result) {
        return false;
    }
    // A task that waits for success does not begin otherwise.
    let waits = reader.node.get("depends").and_then(|node| node.text()).and_then(|text| Depends::parse(text));
    let ended = |outcome: &Option<String>| outcome.as_deref().is_some_and(|outcome| matches!(outcome, "Succeeded" | "AnySucceeded"));
    let names = |task: &str| *task == *call_name.text;
    if waits.is_some_and(|waits| waits.certain().iter().any(|wait| names(&wait.task) && ended(&wait.outcome))) {
        return false;
    }
    let Some((_, template)) = judge.resolve(site) else { return false };
    let name = result.field.rsplit('.').next().unwrap_or_default();
    let has_default =
        template.outputs.parameters.iter().any(|own| own.name.text == name && own.node.at(&["valueFrom", "default"]).is_some());
    !has_default && !takes_nothing(judge, site, reader, result)
}

fn is_argument(reader: &Call<'_>, result: &Result<'_>) -> bool {
    let mut found = false;
    if let Some(arguments) = reader.node.get("arguments") {
        arguments.texts(&mut |text, _| found |= text.contains(result.whole));
    }
    found
}

/// Whether the artifact that the result becomes may be absent, by the argument or by the input.
fn takes_nothing<'n>(judge: &Judge<'n>, site: Site<'n>, reader: &'n Call<'n>, result: &Result<'_>) -> bool {
    let given = reader
        .arguments
        .artifacts
        .iter()
        .filter(|argument| argument.node.word("from").is_some_and(|(text, _)| text.contains(result.whole)));
    let target = judge.resolve(Site { call: reader, ..site });
    given.into_iter().any(|argument| {
        argument.is_optional()
            || target.is_none_or(|(_, template)| {
                template.inputs.artifacts.iter().any(|own| own.name.text == argument.name.text && own.is_optional())
            })
    })
}
