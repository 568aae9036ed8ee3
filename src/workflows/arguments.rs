//! Arguments: what a template needs is passed, what is passed is an input.

use super::errors;
use super::judge::{Judge, Site};
use super::model::{Parameter, Ports, Role, Target, Template, Workflow};
use super::variables::undeclared_inputs;
use crate::diag::nearest;

pub(super) fn check<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>, sites: &[Site<'n>]) {
    for site in sites {
        call(judge, *site);
    }
    run(judge, workflow);
}

fn call<'n>(judge: &mut Judge<'n>, site: Site<'n>) {
    let Some((home, template)) = judge.resolve(site) else { return };
    let (given, inputs) = (&site.call.arguments, &template.inputs);
    if inputs.unclear || home.has_defaults || site.workflow.has_defaults {
        return;
    }
    let undeclared = undeclared_inputs(template);
    let extra: Vec<&Parameter<'_>> = given.parameters.iter().filter(|argument| find(&inputs.parameters, argument).is_none()).collect();
    // What the template reads without declaring it is reported there.
    if extra.iter().any(|argument| undeclared.contains(&argument.name.text.as_str())) {
        return;
    }
    let missing: Vec<&Parameter<'_>> = inputs.parameters.iter().filter(|input| find(&given.parameters, input).is_none()).collect();
    // A misspelt one is one mistake.
    let mut taken: Vec<&str> = Vec::new();
    for argument in extra {
        let near = nearest(&argument.name.text, missing.iter().map(|input| input.name.text.as_str()));
        taken.extend(near);
        judge.report(errors::argument_without_input(argument, template, near));
    }
    if given.unclear {
        return;
    }
    for input in missing.iter().filter(|input| !input.has_value() && !taken.contains(&input.name.text.as_str())) {
        judge.report(errors::missing_argument(site.call, template, input, "parameter", caller_has(site.template, input)));
    }
    artifacts(judge, site, template);
}

fn artifacts<'n>(judge: &mut Judge<'n>, site: Site<'n>, template: &Template<'_>) {
    let given = &site.call.arguments.artifacts;
    for argument in given.iter().filter(|argument| find(&template.inputs.artifacts, argument).is_none()) {
        let near = nearest(&argument.name.text, template.inputs.artifacts.iter().map(|input| input.name.text.as_str()));
        judge.report(errors::argument_without_input(argument, template, near));
    }
    for input in template.inputs.artifacts.iter().filter(|input| !input.has_artifact() && find(given, input).is_none()) {
        let misspelt = given.iter().any(|argument| {
            find(&template.inputs.artifacts, argument).is_none() && nearest(&argument.name.text, [input.name.text.as_str()]).is_some()
        });
        if !misspelt {
            judge.report(errors::missing_argument(site.call, template, input, "artifact", false));
        }
    }
}

fn find<'p, 'n>(list: &'p [Parameter<'n>], wanted: &Parameter<'_>) -> Option<&'p Parameter<'n>> {
    list.iter().find(|own| own.name.text == wanted.name.text)
}

/// Whether the template that calls has an input of that name itself.
fn caller_has(caller: Option<&Template<'_>>, input: &Parameter<'_>) -> bool {
    caller.is_some_and(|caller| find(&caller.inputs.parameters, input).is_some())
}

/// What runs by itself has a value for each parameter of the workflow and for each input of its first template.
fn run(judge: &mut Judge<'_>, workflow: &Workflow<'_>) {
    if workflow.manifest.role != Role::Run || workflow.manifest.spec.get("arguments").is_some_and(|node| Ports::read(node).unclear) {
        return;
    }
    let origin = match &workflow.runs {
        Some(Target::Other { object, cluster, .. }) => judge.object(workflow.manifest, object, *cluster),
        Some(_) => return,
        None => None,
    };
    for parameter in workflow.parameters.iter().filter(|parameter| !parameter.has_value()) {
        judge.report(errors::parameter_without_value(parameter, workflow.manifest, None));
    }
    for parameter in origin.iter().flat_map(|origin| &origin.parameters) {
        if !parameter.has_value() && find(&workflow.parameters, parameter).is_none() {
            judge.report(errors::parameter_without_value(parameter, workflow.manifest, origin.map(|found| found.manifest)));
        }
    }
    let home = origin.unwrap_or(workflow);
    if (workflow.runs.is_some() && origin.is_none()) || home.has_defaults {
        return;
    }
    let Some(first) = workflow.entrypoint.as_ref().or(home.entrypoint.as_ref()).and_then(|name| home.template(&name.text)) else { return };
    for input in first.inputs.parameters.iter().filter(|input| !input.has_value()) {
        if find(&workflow.parameters, input).is_none() && find(&home.parameters, input).is_none() {
            judge.report(errors::first_input(input, first, workflow.manifest));
        }
    }
}
