//! Settings that are legal by themselves and wrong where they stand: of a template of another kind, of another type, twice.

use super::errors;
use super::judge::Judge;
use super::model::{Parameter, Template, Word, Workflow};
use super::node::{Node, Plain};
use super::references::is_nested;

/// Settings of a container that people write beside it.
const OF_CONTAINER: &[&str] =
    &["image", "command", "args", "env", "envFrom", "resources", "volumeMounts", "workingDir", "source", "imagePullPolicy"];

/// Settings of a workflow that are whole numbers and are not replaced by anything.
const NUMBERS: &[&str] = &["priority", "parallelism", "activeDeadlineSeconds"];

pub(super) fn check<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>) {
    for key in NUMBERS {
        number(judge, &workflow.manifest.spec, key);
    }
    twice(judge, workflow.templates.iter().filter_map(|template| template.name.as_ref()), "templates");
    for template in workflow.all_templates() {
        kind(judge, workflow, template);
        levels(judge, template);
        names(judge, template);
        environments(judge, template);
        if template.is("suspend") {
            supplied(judge, template);
        }
    }
}

/// A template does exactly one thing.
fn kind(judge: &mut Judge<'_>, workflow: &Workflow<'_>, template: &Template<'_>) {
    match template.kinds.as_slice() {
        [] if !template.node.is_unclear() && !workflow.has_defaults => judge.report(errors::no_kind(template)),
        [first, second, ..] => {
            // A container that was meant to be a template of its own is reported by the call of it.
            let called = template.calls.iter().any(|call| match &call.target {
                super::model::Target::Local(name) => is_nested(template, &name.text) && workflow.template(&name.text).is_none(),
                _ => false,
            });
            if !called {
                judge.report(errors::two_kinds(template, *first, *second));
            }
        }
        _ => {}
    }
}

/// What only some kinds of templates have.
fn levels(judge: &mut Judge<'_>, template: &Template<'_>) {
    let Some(kind) = template.kind() else { return };
    let runs_others = template.calls_others();
    let wrong = if runs_others { &["activeDeadlineSeconds", "timeout"][..] } else { &["parallelism"][..] };
    for key in wrong {
        if let Some(node) = template.node.get(key) {
            judge.report(errors::wrong_kind(key, node.span, kind, runs_others));
        }
    }
    if runs_others {
        for artifact in template.inputs.artifacts.iter().chain(&template.outputs.artifacts) {
            if let Some(node) = artifact.node.get("path") {
                judge.report(errors::path_without_pod(artifact, node.span, kind));
            }
        }
    }
    if matches!(kind, "container" | "script") {
        for (key, node) in template.node.entries().iter().filter(|(key, _)| OF_CONTAINER.contains(&key.as_str())) {
            judge.report(errors::beside_container(key, node.span, kind));
        }
    }
}

fn names(judge: &mut Judge<'_>, template: &Template<'_>) {
    twice(judge, template.calls.iter().filter_map(|call| call.name.as_ref()), if template.is("dag") { "tasks" } else { "steps" });
    for (ports, inputs) in [(&template.inputs, true), (&template.outputs, false)] {
        let of = |list: &[Parameter<'_>]| list.iter().map(|own| own.name.clone()).collect::<Vec<Word>>();
        twice(judge, of(&ports.parameters).iter(), if inputs { "input parameters" } else { "output parameters" });
        twice(judge, of(&ports.artifacts).iter(), if inputs { "input artifacts" } else { "output artifacts" });
    }
}

fn twice<'w>(judge: &mut Judge<'_>, words: impl Iterator<Item = &'w Word>, what: &str) {
    let mut known: Vec<&Word> = Vec::new();
    for word in words {
        match known.iter().find(|first| first.text == word.text) {
            Some(first) => judge.report(errors::named_twice(word, first, what)),
            None => known.push(word),
        }
    }
}

/// Values of the environment are texts.
fn environments(judge: &mut Judge<'_>, template: &Template<'_>) {
    let own = ["container", "script"].into_iter().filter_map(|key| template.node.get(key));
    let lists = ["sidecars", "initContainers"].into_iter().flat_map(|key| template.node.list(key));
    for container in own.chain(lists) {
        for variable in container.list("env") {
            if let Some(node) = variable.get("value").filter(|node| matches!(node.value, Plain::Number(_) | Plain::Bool(_))) {
                judge.report(errors::environment_not_text(variable.word("name").map(|(name, _)| name.as_ref()), node));
            }
        }
    }
}

fn number(judge: &mut Judge<'_>, spec: &Node, key: &str) {
    if let Some((text, span)) = spec.word(key) {
        judge.report(errors::number_as_text(key, text, span));
    }
}

/// What a person enters while the workflow waits has no other source.
fn supplied(judge: &mut Judge<'_>, template: &Template<'_>) {
    for output in &template.outputs.parameters {
        if !output.node.is_unclear() && output.node.get("value").is_none() && output.node.at(&["valueFrom", "supplied"]).is_none() {
            judge.report(errors::not_supplied(output));
        }
    }
}
