//! Where freight comes from, and whether promotions do what they seem to. In: the instances. Out: the sources of every
//! slot, and reports about stages that cannot be fed, policies for nobody, promotions that may do nothing.

mod aliases;
pub mod calls;
mod consent;
mod effects;
mod errors;
mod fill;
mod keys;
mod permits;
mod policies;
mod reach;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::Span;
use crate::diag::Diagnostic;
use crate::expand::{Instances, ProjectInstance};
use crate::types::World;
use crate::types::eval::Env;
use crate::types::tree::Expr;

/// The flow of one project: what fills each slot, by stage and slot.
#[derive(Default)]
pub struct Graph {
    pub sources: HashMap<(usize, usize), Source>,
    /// The stages that change an object, by its place in the project: `shop:test,shop:prod`.
    pub consents: HashMap<usize, String>,
    /// Stages of flows that were reported: what would fill their slots is not known.
    pub(crate) doubtful: HashSet<usize>,
    /// A flow names something that could be any stage.
    pub(crate) unclear: bool,
}

/// What fills one slot.
#[derive(Clone)]
pub struct Source {
    pub span: Span,
    /// Straight from the warehouse.
    pub direct: bool,
    /// Stages that must have verified the freight, by their places in the project.
    pub upstream: Vec<usize>,
    /// Whether all of them must have, and not just one.
    pub all: bool,
    /// The block behind the node: a record of the settings of `sources`.
    pub settings: Option<(Arc<Expr>, Env)>,
}

/// The graphs of all projects, in their order.
pub fn connect(world: &World<'_>, instances: &Instances<'_>) -> (Vec<Graph>, Vec<Diagnostic>) {
    let mut reports = Vec::new();
    let mut graphs: Vec<Graph> = instances.projects.iter().map(|project| one_project(world, project, &mut reports)).collect();
    permits::check(instances, &mut reports);
    consent::check(world, instances, &mut graphs, &mut reports);
    calls::check_tasks(world, &mut reports);
    (graphs, reports)
}

/// What the names in flows mean and what their blocks hold, for editors; nothing is checked.
pub(crate) fn look(world: &World<'_>, instances: &Instances<'_>) {
    instances.projects.iter().for_each(|project| fill::Filling::new(world, project).run());
}

fn one_project(world: &World<'_>, project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) -> Graph {
    let mut filling = fill::Filling::new(world, project);
    filling.run();
    let (graph, mut found) = filling.finish();
    reports.append(&mut found);
    reach::check(world, project, &graph, reports);
    policies::check(project, reports);
    aliases::check(world, project, reports);
    calls::check(world, project, reports);
    keys::check(project, reports);
    for stage in &project.stages {
        effects::check(stage, reports);
    }
    graph
}

/// Whether a stage runs steps; one without only passes freight on.
pub fn has_steps(stage: &crate::expand::Stage) -> bool {
    let mut found = stage.body.unclear;
    crate::expand::visit_stage(&stage.body.items, &stage.env, &mut |item, _| {
        found |= matches!(item, crate::types::StageItem::Promote { .. });
    });
    found
}
