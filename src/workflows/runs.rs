//! Which templates run together, and with whose settings. In: manifests. Out: [`Run`]s: a workflow that is run as it
//! stands, with all templates that it comes to; and the templates that nobody here comes to.

use std::collections::HashSet;

use super::judge::{Judge, Site};
use super::model::{Call, Manifest, Role, Target, Template, Workflow};
use super::node::Node;
use crate::base::Files;

/// Templates that run in one workflow.
#[derive(Debug)]
pub struct Run<'n> {
    /// The object that it is of.
    pub manifest: &'n Manifest,
    /// Specifications, of which the first that has a setting counts.
    pub settings: Vec<&'n Node>,
    /// Whether others may bring further settings: whoever submits it, or an object that is not here.
    pub is_open: bool,
    /// Each with the object that it stands in.
    pub templates: Vec<(&'n Manifest, &'n Node)>,
}

/// The runs of all manifests.
pub fn runs<'n>(manifests: &'n [Manifest], each: &mut dyn FnMut(&Run<'_>)) {
    // No place in a text is asked for.
    let files = Files::default();
    let all: Vec<Workflow<'n>> = manifests.iter().map(Workflow::read).collect();
    let judge = Judge { files: &files, all: &all, closed: false, reports: Vec::new() };
    let mut met = HashSet::new();
    for workflow in &all {
        let mut run = Run { manifest: workflow.manifest, settings: vec![&workflow.manifest.spec], is_open: true, templates: Vec::new() };
        if workflow.manifest.role == Role::Run || workflow.entrypoint.is_some() {
            let whole = Whole::of(&judge, workflow);
            run.settings.extend(whole.taken.map(|taken| &taken.manifest.spec));
            run.is_open = workflow.manifest.role != Role::Run || whole.is_cut;
            run.templates = whole.templates(&judge);
            met.extend(run.templates.iter().map(|(_, node)| std::ptr::from_ref(*node)));
        }
        each(&run);
    }
    for workflow in &all {
        let left = workflow.all_templates().into_iter().map(|template| (workflow.manifest, template.node));
        let left: Vec<_> = left.filter(|(_, node)| !met.contains(&std::ptr::from_ref(*node))).collect();
        if !left.is_empty() {
            each(&Run { manifest: workflow.manifest, settings: Vec::new(), is_open: true, templates: left });
        }
    }
}

/// A workflow as it is run: its own specification and the one that it takes.
struct Whole<'n> {
    own: &'n Workflow<'n>,
    taken: Option<&'n Workflow<'n>>,
    /// What it takes is not here.
    is_cut: bool,
}

impl<'n> Whole<'n> {
    fn of(judge: &Judge<'n>, own: &'n Workflow<'n>) -> Whole<'n> {
        let taken = match &own.runs {
            Some(Target::Other { object, cluster, .. }) => judge.object(own.manifest, object, *cluster),
            _ => None,
        };
        Whole { own, taken, is_cut: own.runs.is_some() && taken.is_none() }
    }

    /// The templates that it comes to, in the order in which it does.
    fn templates(&self, judge: &Judge<'n>) -> Vec<(&'n Manifest, &'n Node)> {
        let parts = || std::iter::once(self.own).chain(self.taken);
        let first = parts().find_map(|workflow| workflow.entrypoint.as_ref());
        let first = first.and_then(|name| parts().find_map(|workflow| Some((workflow, workflow.template(&name.text)?))));
        let mut found: Vec<(&Workflow<'n>, &Template<'n>)> = first.into_iter().collect();
        for workflow in parts() {
            let hooks = workflow.hooks.iter().filter_map(|call| judge.resolve(Site { workflow, template: None, call }));
            found.extend(hooks);
        }
        let mut seen: HashSet<*const Template<'_>> = HashSet::new();
        found.retain(|(_, template)| seen.insert(std::ptr::from_ref(*template)));
        let mut at = 0;
        while let Some((workflow, template)) = found.get(at).copied() {
            at += 1;
            let calls = template.calls.iter().flat_map(with_hooks);
            let called = calls.filter_map(|call| judge.resolve(Site { workflow, template: Some(template), call }));
            found.extend(called.filter(|(_, template)| seen.insert(std::ptr::from_ref(*template))));
        }
        found.into_iter().map(|(workflow, template)| (workflow.manifest, template.node)).collect()
    }
}

fn with_hooks<'n, 'c>(call: &'c Call<'n>) -> Vec<&'c Call<'n>> {
    std::iter::once(call).chain(call.hooks.iter().flat_map(with_hooks)).collect()
}
