//! Who is called by whom: calls with what they run, if that is known.

use super::errors;
use super::model::{Call, Manifest, Role, Target, Template, Word, Workflow};
use crate::base::{Files, Span};
use crate::diag::{Diagnostic, nearest};

/// All workflows that are judged together.
pub(super) struct Judge<'n> {
    pub files: &'n Files,
    pub all: &'n [Workflow<'n>],
    /// Whether there are no others in the cluster.
    pub closed: bool,
    pub reports: Vec<Diagnostic>,
}

/// A call, and the template that it stands in; `None` for what runs at the end of a workflow.
#[derive(Clone, Copy)]
pub(super) struct Site<'n> {
    pub workflow: &'n Workflow<'n>,
    pub template: Option<&'n Template<'n>>,
    pub call: &'n Call<'n>,
}

impl<'n> Judge<'n> {
    pub(super) fn report(&mut self, report: Diagnostic) {
        self.reports.push(report);
    }

    /// The place of a part of a text, if that can be seen in the source; else the place of the text.
    pub(super) fn part(&self, span: Span, part: &str) -> Span {
        let Some(at) = self.files.slice(span).find(part).filter(|_| !part.is_empty()) else { return span };
        let start = span.range().start + at;
        Span::new(span.file, start, start + part.len())
    }

    /// The template that a call runs, with the workflow that it stands in. `None`: not known.
    pub(super) fn resolve(&self, site: Site<'n>) -> Option<(&'n Workflow<'n>, &'n Template<'n>)> {
        match &site.call.target {
            Target::Inline => Some((site.workflow, site.call.inline.as_deref()?)),
            Target::Local(word) => Some((site.workflow, site.workflow.template(&word.text)?)),
            Target::Other { object, template: Some(template), cluster, .. } => {
                let workflow = self.object(site.workflow.manifest, object, *cluster)?;
                Some((workflow, workflow.template(&template.text)?))
            }
            _ => None,
        }
    }

    /// The object that a reference names, if it is one of those that are judged.
    pub(super) fn object(&self, from: &Manifest, name: &Word, cluster: bool) -> Option<&'n Workflow<'n>> {
        self.candidates(from, cluster).find(|workflow| workflow.manifest.name == name.text)
    }

    /// What a reference can name: objects with templates, of the own namespace or of the cluster.
    fn candidates(&self, from: &Manifest, cluster: bool) -> impl Iterator<Item = &'n Workflow<'n>> {
        let namespace = from.namespace.clone();
        let open = matches!(from.role, Role::Templates { cluster: true });
        self.all.iter().filter(move |workflow| match workflow.manifest.role {
            Role::Templates { cluster: own } => own == cluster && (cluster || open || workflow.manifest.namespace == namespace),
            Role::Run => false,
        })
    }

    /// A reference to another object. Out: that object, if it is there.
    pub(super) fn check_object(&mut self, from: &Manifest, name: &Word, cluster: bool) -> Option<&'n Workflow<'n>> {
        if let Some(found) = self.object(from, name, cluster) {
            return Some(found);
        }
        let elsewhere = self
            .all
            .iter()
            .find(|workflow| workflow.manifest.name == name.text && matches!(workflow.manifest.role, Role::Templates { .. }));
        if let Some(elsewhere) = elsewhere {
            self.report(errors::object_elsewhere(name, cluster, elsewhere.manifest));
            return None;
        }
        let names: Vec<&str> = self.candidates(from, cluster).map(|workflow| workflow.manifest.name.as_str()).collect();
        let near = nearest(&name.text, names.iter().copied());
        if near.is_some() || self.closed {
            self.report(errors::no_object(name, cluster, near));
        }
        None
    }
}

impl<'n> Workflow<'n> {
    /// All calls, those of inline templates and hooks included.
    pub(super) fn sites(&'n self) -> Vec<Site<'n>> {
        let mut out = Vec::new();
        for call in &self.hooks {
            push(&mut out, Site { workflow: self, template: None, call });
        }
        for template in &self.templates {
            for call in &template.calls {
                push(&mut out, Site { workflow: self, template: Some(template), call });
            }
        }
        out
    }

    /// All templates, inline ones included.
    pub(super) fn all_templates(&'n self) -> Vec<&'n Template<'n>> {
        let inline = self.sites().into_iter().filter_map(|site| site.call.inline.as_deref());
        self.templates.iter().chain(inline).collect()
    }
}

fn push<'n>(out: &mut Vec<Site<'n>>, site: Site<'n>) {
    out.push(site);
    for call in &site.call.hooks {
        push(out, Site { call, ..site });
    }
    if let Some(inline) = &site.call.inline {
        for call in &inline.calls {
            push(out, Site { template: Some(inline), call, ..site });
        }
    }
}
