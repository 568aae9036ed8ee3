//! The variables in the texts of a workflow: inputs are declared, results are of steps that are there and have ended.
//! Variables of other kinds, and those of other tools that use the same braces, are left alone.

use super::errors;
use super::judge::{Judge, Site};
use super::model::{Call, Role, Target, Template, Workflow};
use super::node::Node;
use super::tags::{Calls, Read, Tag, Variable, is_name, read_by_code, reads_variables, tags, variable};
use crate::base::Span;
use crate::diag::nearest;

/// Where a text stands.
struct Scope<'n> {
    workflow: &'n Workflow<'n>,
    /// The templates whose inputs are seen: that of the text, and the one around an inline template.
    templates: Vec<&'n Template<'n>>,
    /// The template whose steps are seen, with the call that the text belongs to.
    steps: Option<(&'n Template<'n>, Option<&'n Call<'n>>)>,
}

pub(super) fn check<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>) {
    for template in &workflow.templates {
        let steps = template.calls_others().then_some((template, None));
        let scope = Scope { workflow, templates: vec![template], steps };
        template.own_nodes().for_each(|node| texts(judge, &scope, node));
        for call in &template.calls {
            call_texts(judge, &scope, template, call);
        }
    }
    for hook in &workflow.hooks {
        let scope = Scope { workflow, templates: Vec::new(), steps: None };
        if let Some(arguments) = hook.node.get("arguments") {
            texts(judge, &scope, arguments);
        }
    }
}

/// The texts of a call see the steps around it; those of an inline template its own inputs as well.
fn call_texts<'n>(judge: &mut Judge<'n>, outer: &Scope<'n>, template: &'n Template<'n>, call: &'n Call<'n>) {
    let mut templates = outer.templates.clone();
    templates.extend(call.inline.as_deref());
    let scope = Scope { workflow: outer.workflow, templates, steps: Some((template, Some(call))) };
    call.node.entries().iter().filter(|(key, _)| key != "name").for_each(|(_, node)| texts(judge, &scope, node));
}

fn texts<'n>(judge: &mut Judge<'n>, scope: &Scope<'n>, node: &'n Node) {
    node.texts(&mut |text, span| {
        for tag in tags(text) {
            check_tag(judge, scope, &tag, span);
        }
    });
}

fn check_tag<'n>(judge: &mut Judge<'n>, scope: &Scope<'n>, tag: &Tag<'n>, span: Span) {
    match tag {
        Tag::Name(name) if !is_name(name) => {
            if reads_variables(name) {
                let at = judge.part(span, name);
                judge.report(errors::code_in_plain_tag(name, at));
            }
        }
        Tag::Name(name) => check_variable(judge, scope, name, span),
        Tag::Code(code) => check_code(judge, scope, code, span),
    }
}

fn check_variable<'n>(judge: &mut Judge<'n>, scope: &Scope<'n>, whole: &str, span: Span) {
    let at = judge.part(span, whole);
    match variable(whole) {
        Variable::Input(name) => {
            if !scope.workflow.has_defaults && !declares(scope, name, |template| &template.inputs.parameters) {
                judge.report(errors::undeclared_input(whole, name, at, &scope.templates, &callers_with(judge, scope, name)));
            }
        }
        Variable::InputArtifact(name) => {
            if !scope.workflow.has_defaults && !declares(scope, name, |template| &template.inputs.artifacts) {
                judge.report(errors::undeclared_artifact(whole, name, at, &scope.templates));
            }
        }
        Variable::Workflow(name) => workflow_parameter(judge, scope.workflow, name, whole, at),
        Variable::Result { of, name, field } => {
            super::results::check(judge, scope.workflow, scope.steps, Result { of, name, field, whole, at })
        }
        Variable::Other => {}
    }
}

/// A result that a text reads.
pub(super) struct Result<'t> {
    pub of: Calls,
    pub name: &'t str,
    pub field: &'t str,
    pub whole: &'t str,
    pub at: Span,
}

fn declares<'n>(scope: &Scope<'n>, name: &str, list: impl Fn(&'n Template<'n>) -> &'n Vec<super::model::Parameter<'n>>) -> bool {
    scope.templates.is_empty()
        || scope.templates.iter().any(|template| template.inputs.unclear || list(template).iter().any(|own| own.name.text == name))
}

/// The calls that pass an argument of this name.
fn callers_with(judge: &Judge<'_>, scope: &Scope<'_>, name: &str) -> Vec<Span> {
    let Some(own) = scope.templates.last() else { return Vec::new() };
    let sites = judge.all.iter().flat_map(|workflow| workflow.sites());
    let calls = sites.filter(|site| judge.resolve(*site).is_some_and(|(_, template)| std::ptr::eq(template, *own)));
    calls
        .flat_map(|site: Site<'_>| site.call.arguments.parameters.iter().find(|given| given.name.text == name).map(|given| given.name.span))
        .collect()
}

/// Names of inputs that a template reads in plain tags and does not declare.
pub(super) fn undeclared_inputs<'n>(template: &Template<'n>) -> Vec<&'n str> {
    let mut out = Vec::new();
    for node in template.own_nodes() {
        node.texts(&mut |text, _| {
            for tag in tags(text) {
                if let Tag::Name(name) = tag
                    && let Variable::Input(name) = variable(name)
                    && !template.inputs.parameters.iter().any(|own| own.name.text == name)
                {
                    out.push(name);
                }
            }
        });
    }
    out
}

/// A parameter of the workflow. What runs by itself has no others than those that it says; a template may be run with
/// others, so there only what was surely misspelt is reported.
fn workflow_parameter(judge: &mut Judge<'_>, workflow: &Workflow<'_>, name: &str, whole: &str, at: Span) {
    let declared = |name: &str| workflow.parameters.iter().any(|own| own.name.text == name);
    if declared(name) || workflow.manifest.spec.is_unclear() {
        return;
    }
    let names: Vec<&str> = workflow.parameters.iter().map(|own| own.name.text.as_str()).collect();
    let near = nearest(name, names.iter().copied());
    let report = match workflow.manifest.role {
        Role::Run => workflow.runs.is_none(),
        Role::Templates { .. } => workflow.entrypoint.is_some() && near.is_some(),
    };
    if report {
        judge.report(errors::undeclared_workflow_parameter(whole, at, near, workflow));
    }
}

fn check_code(judge: &mut Judge<'_>, scope: &Scope<'_>, code: &str, span: Span) {
    for read in read_by_code(code) {
        match read {
            Read::Input(found) => {
                if scope.workflow.has_defaults || declares(scope, found.name, |template| &template.inputs.parameters) {
                    continue;
                }
                let hyphen = found.longest != found.name && declares(scope, found.longest, |template| &template.inputs.parameters);
                let at = judge.part(span, &format!("inputs.parameters.{}", found.longest));
                judge.report(errors::undeclared_in_code("inputs.parameters", &found, hyphen, at, &scope.templates));
            }
            Read::Workflow(found) => {
                let declared = |name: &str| scope.workflow.parameters.iter().any(|own| own.name.text == name);
                if !declared(found.name) && found.longest != found.name && declared(found.longest) {
                    let at = judge.part(span, &format!("workflow.parameters.{}", found.longest));
                    judge.report(errors::undeclared_in_code("workflow.parameters", &found, true, at, &[]));
                }
            }
        }
    }
}

/// A run that calls templates of other objects: what these read of the workflow is what the run has, whatever defaults
/// stand beside them.
pub(super) fn across<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>) {
    if workflow.manifest.role != Role::Run || workflow.runs.is_some() || workflow.manifest.spec.is_unclear() {
        return;
    }
    let mut known: Vec<*const Template<'_>> = Vec::new();
    let mut reported: Vec<String> = Vec::new();
    for site in workflow.sites() {
        let Target::Other { object, .. } = &site.call.target else { continue };
        let mut open = vec![site];
        while let Some(next) = open.pop() {
            let Some((home, template)) = judge.resolve(next) else { continue };
            if known.contains(&std::ptr::from_ref(template)) {
                continue;
            }
            known.push(std::ptr::from_ref(template));
            for (name, at) in workflow_reads(template) {
                if !workflow.parameters.iter().any(|own| own.name.text == name) && !reported.iter().any(|known| known == name) {
                    reported.push(name.to_owned());
                    let at = judge.part(at, &format!("workflow.parameters.{name}"));
                    judge.report(errors::not_passed_across(name, at, object, workflow.manifest, home.manifest));
                }
            }
            let calls = template.calls.iter().chain(template.calls.iter().flat_map(|call| &call.hooks));
            open.extend(calls.map(|call| Site { workflow: home, template: Some(template), call }));
        }
    }
}

/// Parameters of the workflow that a template and its calls read.
fn workflow_reads<'n>(template: &Template<'n>) -> Vec<(&'n str, Span)> {
    let mut out = Vec::new();
    template.node.texts(&mut |text, span| {
        for tag in tags(text) {
            if let Tag::Name(name) = tag
                && let Variable::Workflow(name) = variable(name)
            {
                out.push((name, span));
            }
        }
    });
    out
}
