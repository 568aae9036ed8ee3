//! Names of templates: what is called is there.

use super::errors;
use super::judge::{Judge, Site};
use super::model::{Role, Target, Template, Workflow};

pub(super) fn check<'n>(judge: &mut Judge<'n>, workflow: &'n Workflow<'n>, sites: &[Site<'n>]) {
    entrypoint(judge, workflow);
    for site in sites {
        target(judge, *site);
    }
}

/// A run begins with a template that is there.
fn entrypoint(judge: &mut Judge<'_>, workflow: &Workflow<'_>) {
    let manifest = workflow.manifest;
    let runs = match &workflow.runs {
        Some(Target::Other { object, cluster, .. }) => match judge.check_object(manifest, object, *cluster) {
            Some(found) => found,
            None => return,
        },
        Some(_) => return,
        None => workflow,
    };
    match &workflow.entrypoint {
        Some(name) if name.text.contains("{{") || !runs.is_clear() => {}
        Some(name) if runs.template(&name.text).is_none() && !runs.templates.is_empty() => {
            judge.report(errors::entrypoint_unknown(name, runs));
        }
        Some(_) => {}
        None if manifest.role != Role::Run || manifest.spec.is_unclear() => {}
        None if workflow.runs.is_some() && runs.entrypoint.is_none() => {
            judge.report(errors::entrypoint_missing(manifest, Some(runs.manifest)))
        }
        None if workflow.runs.is_none() && !workflow.templates.is_empty() => judge.report(errors::entrypoint_missing(manifest, None)),
        None => {}
    }
}

fn target<'n>(judge: &mut Judge<'n>, site: Site<'n>) {
    let own = site.workflow;
    match &site.call.target {
        Target::None if site.call.name.is_some() || site.template.is_some() => judge.report(errors::call_of_nothing(site.call, own)),
        // Templates of the object that a run takes its templates from.
        Target::Local(name) if own.templates.is_empty() && own.runs.is_some() => {
            let Some(Target::Other { object, cluster, .. }) = &own.runs else { return };
            if let Some(found) = judge.object(own.manifest, object, *cluster)
                && found.template(&name.text).is_none()
                && found.is_clear()
            {
                judge.report(errors::no_template(name, found, None));
            }
        }
        Target::Local(name) if own.template(&name.text).is_none() && own.is_clear() => {
            let nested = site.template.filter(|template| is_nested(template, &name.text));
            judge.report(errors::no_template(name, own, nested));
        }
        Target::Other { object, template: Some(template), cluster, .. } => {
            if let Some(found) = judge.check_object(own.manifest, object, *cluster)
                && found.template(&template.text).is_none()
                && found.is_clear()
            {
                judge.report(errors::no_template(template, found, None));
            }
        }
        _ => {}
    }
}

/// Whether a template has a container that was probably meant to be a template of this name.
pub(super) fn is_nested(template: &Template<'_>, name: &str) -> bool {
    template.kinds.len() > 1 && template.kinds.iter().any(|(_, node)| node.word("name").is_some_and(|(text, _)| text.as_ref() == name))
}
