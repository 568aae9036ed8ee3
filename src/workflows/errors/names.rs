//! Templates, arguments, variables: names of what is not there.

use super::super::model::{Call, Manifest, Parameter, Role, Target, Template, Word, Workflow};
use super::super::tags::{Calls, Found};
use super::super::variables::Result;
use super::{list, title};
use crate::base::Span;
use crate::diag::{Check, Diagnostic, nearest};

/// What kind of object it is, in the words of the target.
fn kind(cluster: bool) -> &'static str {
    if cluster { "ClusterWorkflowTemplate" } else { "WorkflowTemplate" }
}

fn object(manifest: &Manifest) -> String {
    match manifest.role {
        Role::Templates { cluster } => format!("{} `{}`", kind(cluster), manifest.name),
        Role::Run => format!("`{}`", manifest.name),
    }
}

fn what_there_is<'t>(report: Diagnostic, what: &str, names: impl Iterator<Item = &'t str>) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    if names.is_empty() || names.len() > 8 { report } else { report.note(format!("{what} {}", list(names))) }
}

fn suggested(report: Diagnostic, at: Span, near: Option<&str>, written: &str) -> Diagnostic {
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, written.to_owned()),
        None => report,
    }
}

pub(in super::super) fn no_object(name: &Word, cluster: bool, near: Option<&str>) -> Diagnostic {
    let message = format!("there is no {} `{}`", kind(cluster), name.text);
    let report = Diagnostic::new(Check::WfTemplateRef, message, name.span, "not found");
    // The place may be of a value that is used elsewhere, too; only a text that is written here is replaced.
    match near {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn object_elsewhere(name: &Word, cluster: bool, found: &Manifest) -> Diagnostic {
    let message = format!("{} `{}` is not seen from here", kind(matches!(found.role, Role::Templates { cluster: true })), name.text);
    let report = Diagnostic::new(Check::WfTemplateRef, message, name.span, "not found").because(found.span, "it is declared here");
    match (found.role, cluster) {
        (Role::Templates { cluster: true }, _) => report.help("write `clusterScope: true` beside the name"),
        (_, true) => report.help("leave out `clusterScope`: it stands in a namespace"),
        _ => {
            report.help("only templates of the own namespace and of the cluster can be called; declare it as a `cluster-workflow-template`")
        }
    }
}

pub(in super::super) fn no_template(name: &Word, home: &Workflow<'_>, nested: Option<&Template<'_>>) -> Diagnostic {
    let message = format!("{} has no template `{}`", object(home.manifest), name.text);
    let mut report = Diagnostic::new(Check::WfTemplateRef, message, name.span, "no such template");
    if let Some(outer) = nested {
        return report.because(outer.node.span, format!("`{}` stands inside this template, and not beside it", name.text));
    }
    report = what_there_is(report, "it has", home.template_names());
    match nearest(&name.text, home.template_names()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn call_of_nothing(call: &Call<'_>, home: &Workflow<'_>) -> Diagnostic {
    let name = call.name.as_ref().map_or_else(String::new, |name| format!(" `{}`", name.text));
    let message = format!("{}{name} does not say which template it runs", call.of.one());
    let at = call.name.as_ref().map_or(call.node.span, |name| name.span);
    let report = Diagnostic::new(Check::WfTemplateRef, message, at, "neither `template` nor `templateRef`");
    what_there_is(report, &format!("{} has", object(home.manifest)), home.template_names())
}

pub(in super::super) fn entrypoint_unknown(name: &Word, runs: &Workflow<'_>) -> Diagnostic {
    let message = format!("{} has no template `{}` to begin with", object(runs.manifest), name.text);
    let report =
        what_there_is(Diagnostic::new(Check::WfEntrypoint, message, name.span, "no such template"), "it has", runs.template_names());
    match nearest(&name.text, runs.template_names()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn entrypoint_missing(manifest: &Manifest, runs: Option<&Manifest>) -> Diagnostic {
    let message = format!("`{}` does not say which template it begins with", manifest.name);
    let report = Diagnostic::new(Check::WfEntrypoint, message, manifest.span, "without `entrypoint`");
    let report = match runs {
        Some(runs) => report.because(runs.span, "what it runs does not say so either"),
        None => report,
    };
    report.help("write `entrypoint: \"…\"`")
}

pub(in super::super) fn argument_without_input(argument: &Parameter<'_>, template: &Template<'_>, near: Option<&str>) -> Diagnostic {
    let message = format!("{} has no input `{}`", title(template), argument.name.text);
    let report = Diagnostic::new(Check::WfMissingArgument, message, argument.name.span, "nothing reads this");
    let names = template.inputs.parameters.iter().chain(&template.inputs.artifacts).map(|own| own.name.text.as_str());
    let mut report = what_there_is(report, "its inputs are", names);
    if near.is_none() {
        report.severity = crate::diag::Severity::Warning;
    }
    match near {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn missing_argument(
    call: &Call<'_>,
    template: &Template<'_>,
    input: &Parameter<'_>,
    what: &str,
    caller_has: bool,
) -> Diagnostic {
    let name = &input.name.text;
    let message = format!("{} needs the {what} `{name}`, which is not passed", title(template));
    let at = match (&call.target, &call.name) {
        (Target::Local(word), _) => word.span,
        (Target::Other { node, .. }, _) => node.span,
        (_, Some(word)) => word.span,
        _ => call.node.span,
    };
    let report = Diagnostic::new(Check::WfMissingArgument, message, at, format!("called without `{name}`"))
        .because(input.name.span, "declared here, without a default");
    if caller_has {
        report.help(format!("pass it on: `{{ name: \"{name}\", value: \"{{{{inputs.parameters.{name}}}}}\" }}`"))
    } else if what == "parameter" {
        report.help(format!("add `{{ name: \"{name}\", value: \"…\" }}` to the arguments, or give the input a `default`"))
    } else {
        report.help(format!("add `{{ name: \"{name}\", from: \"…\" }}` to the arguments, or make the input `optional: true`"))
    }
}

pub(in super::super) fn parameter_without_value(parameter: &Parameter<'_>, run: &Manifest, origin: Option<&Manifest>) -> Diagnostic {
    let message = format!("`{}` runs without a value for the parameter `{}`", run.name, parameter.name.text);
    let report = Diagnostic::new(Check::WfMissingArgument, message, parameter.name.span, "has neither a value nor a default");
    let report = if origin.is_some() { report.because(run.span, "this runs it, and does not pass the parameter") } else { report };
    report.help("give it a value here, `value: \"\"` for an optional one, or pass it where it is run")
}

pub(in super::super) fn first_input(input: &Parameter<'_>, template: &Template<'_>, run: &Manifest) -> Diagnostic {
    let name = &input.name.text;
    let message = format!("`{}` runs {} without its parameter `{name}`", run.name, title(template));
    Diagnostic::new(Check::WfMissingArgument, message, run.span, format!("no argument `{name}`"))
        .because(input.name.span, "declared here, without a default")
        .help(format!("add `{{ name: \"{name}\", value: \"…\" }}` to the `arguments` of the workflow"))
}

pub(in super::super) fn undeclared_input(whole: &str, name: &str, at: Span, templates: &[&Template<'_>], callers: &[Span]) -> Diagnostic {
    let Some(template) = templates.last() else {
        return Diagnostic::new(Check::WfUndeclaredParameter, format!("`{whole}` is not known here"), at, "no template is around");
    };
    let message = format!("{} has no input parameter `{name}`", title(template));
    let mut report = Diagnostic::new(Check::WfUndeclaredParameter, message, at, "not declared");
    let names = || templates.iter().flat_map(|template| &template.inputs.parameters).map(|own| own.name.text.as_str());
    report = what_there_is(report, "its input parameters are", names());
    match (nearest(name, names()), callers.first()) {
        (_, Some(caller)) => {
            report.because(*caller, "a call passes it").help(format!("declare it: `inputs: {{ parameters: [{{ name: \"{name}\" }}] }}`"))
        }
        (Some(near), None) => {
            let right = whole.replace(name, near);
            suggested(report, at, Some(near), &right)
        }
        (None, None) => {
            let report = report.note("a template sees its own inputs only, not those of the template that calls it");
            report.help("declare it as an input, and pass it where the template is called")
        }
    }
}

pub(in super::super) fn undeclared_artifact(whole: &str, name: &str, at: Span, templates: &[&Template<'_>]) -> Diagnostic {
    let of = templates.last().map_or_else(String::new, |template| title(template));
    let message = format!("{of} has no input artifact `{name}`");
    let names = || templates.iter().flat_map(|template| &template.inputs.artifacts).map(|own| own.name.text.as_str());
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, at, "not declared");
    let report = what_there_is(report, "its input artifacts are", names());
    let near = nearest(name, names());
    suggested(report, at, near, &near.map_or_else(String::new, |near| whole.replace(name, near)))
}

pub(in super::super) fn undeclared_workflow_parameter(whole: &str, at: Span, near: Option<&str>, workflow: &Workflow<'_>) -> Diagnostic {
    let name = whole.trim_start_matches("workflow.parameters.");
    let message = format!("the workflow has no parameter `{name}`");
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, at, "not declared");
    let report = what_there_is(report, "its parameters are", workflow.parameters.iter().map(|own| own.name.text.as_str()));
    suggested(report, at, near, &near.map_or_else(String::new, |near| format!("workflow.parameters.{near}")))
}

pub(in super::super) fn not_passed_across(name: &str, at: Span, call: &Word, run: &Manifest, home: &Manifest) -> Diagnostic {
    let message = format!("`{}` has no parameter `{name}`, which a template that it calls reads", run.name);
    Diagnostic::new(Check::WfUndeclaredParameter, message, call.span, "called here")
        .because(at, format!("read here; it means the workflow that runs, whatever `{}` has by itself", home.name))
        .help(format!(
            "add `{{ name: \"{name}\", value: \"…\" }}` to the `arguments` of `{}`, or make it an input of the template",
            run.name
        ))
}

pub(in super::super) fn code_in_plain_tag(code: &str, at: Span) -> Diagnostic {
    let message = "this tag is taken for the name of a variable, and is an expression";
    Diagnostic::new(Check::WfUndeclaredParameter, message, at, "stays in the text as it is")
        .help(format!("write `{{{{={}}}}}`", code.trim()))
}

pub(in super::super) fn undeclared_in_code(
    root: &str,
    found: &Found<'_>,
    hyphen: bool,
    at: Span,
    templates: &[&Template<'_>],
) -> Diagnostic {
    if hyphen {
        let message = format!("the name `{}` is read as a difference", found.longest);
        return Diagnostic::new(Check::WfUndeclaredParameter, message, at, format!("`{}` minus something", found.name)).suggest(
            format!("write `{root}['{}']`", found.longest),
            at,
            format!("{root}['{}']", found.longest),
        );
    }
    let of = templates.last().map_or_else(String::new, |template| title(template));
    let report = Diagnostic::new(Check::WfUndeclaredParameter, format!("{of} has no input parameter `{}`", found.name), at, "not declared");
    let names = || templates.iter().flat_map(|template| &template.inputs.parameters).map(|own| own.name.text.as_str());
    let report = what_there_is(report, "its input parameters are", names());
    match nearest(found.name, names()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report,
    }
}

pub(in super::super) fn result_outside(result: &Result<'_>) -> Diagnostic {
    let message = format!("results of {} are not seen here", result.of.word());
    Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "not known")
        .note(format!("they are seen in the template that has the {}", result.of.word()))
        .help("pass it as an argument, and declare it as an input")
}

pub(in super::super) fn wrong_root(result: &Result<'_>, own: Calls) -> Diagnostic {
    let message = format!("this template has {}, and no {}", own.word(), result.of.word());
    let right = result.whole.replacen(result.of.word(), own.word(), 1);
    Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "not known").suggest(format!("write `{right}`"), result.at, right)
}

pub(in super::super) fn no_step(result: &Result<'_>, template: &Template<'_>) -> Diagnostic {
    let names = || template.calls.iter().filter_map(|call| Some(call.name.as_ref()?.text.as_str()));
    let message = format!("{} has no {} `{}`", title(template), result.of.one(), result.name);
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "not found");
    let report = what_there_is(report, &format!("its {} are", result.of.word()), names());
    let near = nearest(result.name, names());
    suggested(report, result.at, near, &near.map_or_else(String::new, |near| result.whole.replacen(result.name, near, 1)))
}

pub(in super::super) fn no_field(result: &Result<'_>, fields: &[&str]) -> Diagnostic {
    let first = result.field.split('.').next().unwrap_or_default();
    let message = format!("a {} has no `{first}`", result.of.one());
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "not known");
    let near = nearest(first, fields.iter().copied());
    suggested(report, result.at, near, &near.map_or_else(String::new, |near| result.whole.replacen(first, near, 1)))
}

pub(in super::super) fn no_result(result: &Result<'_>, call: &Call<'_>, template: &Template<'_>) -> Diagnostic {
    let message = format!("{} has no `outputs.result`", title(template));
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "never there");
    let report = match &call.name {
        Some(name) => report.because(name.span, format!("runs a template of type `{}`", template.kind().unwrap_or_default())),
        None => report,
    };
    report.note("only container, script, http and data templates have it")
}

pub(in super::super) fn no_output(
    result: &Result<'_>,
    name: &str,
    what: &str,
    template: &Template<'_>,
    outputs: &[Parameter<'_>],
) -> Diagnostic {
    let names = || outputs.iter().map(|own| own.name.text.as_str());
    let message = format!("{} has no output {what} `{name}`", title(template));
    let report = Diagnostic::new(Check::WfUndeclaredParameter, message, result.at, "not declared");
    let report = what_there_is(report, &format!("its output {what}s are"), names());
    let near = nearest(name, names());
    suggested(report, result.at, near, &near.map_or_else(String::new, |near| result.whole.replace(name, near)))
}
