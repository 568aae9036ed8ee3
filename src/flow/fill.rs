//! Flows fill the sources of declared slots.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Graph, Source, errors};
use crate::base::Span;
use crate::diag::{Diagnostic, nearest};
use crate::expand::{Flow, FlowNode, ProjectInstance, Stage};
use crate::syntax::ast::Join;
use crate::types::eval::eval;
use crate::types::index::Meaning;
use crate::types::tree::Expr;
use crate::types::{Checker, Value, World};

pub(super) struct Filling<'w, 'a, 'i> {
    world: &'w World<'a>,
    project: &'i ProjectInstance<'a>,
    stages: HashMap<&'i str, usize>,
    warehouses: HashMap<&'i str, usize>,
    graph: Graph,
    blocks: HashMap<Span, Arc<Expr>>,
    reports: Vec<Diagnostic>,
}

/// What a flow's head is.
enum Head {
    /// Freight of these warehouses.
    Warehouses(Vec<usize>),
    /// Whatever both ends hold and nothing else fills.
    Stages,
}

impl<'w, 'a, 'i> Filling<'w, 'a, 'i> {
    pub(super) fn new(world: &'w World<'a>, project: &'i ProjectInstance<'a>) -> Self {
        let stages = project.stages.iter().enumerate().map(|(index, stage)| (stage.name.as_str(), index)).collect();
        let warehouses = project.warehouses.iter().enumerate().map(|(index, found)| (found.object.name.as_str(), index)).collect();
        Filling { world, project, stages, warehouses, graph: Graph::default(), blocks: HashMap::new(), reports: Vec::new() }
    }

    /// Flows that say what they carry come first; the others fill what is left.
    pub(super) fn run(&mut self) {
        let mut later = Vec::new();
        for flow in &self.project.flows {
            match self.head(flow) {
                Some(Head::Warehouses(carried)) => self.flow(flow, Some(&carried)),
                Some(Head::Stages) => later.push(flow),
                None => {}
            }
        }
        for flow in later {
            self.flow(flow, None);
        }
    }

    pub(super) fn finish(self) -> (Graph, Vec<Diagnostic>) {
        (self.graph, self.reports)
    }

    fn head(&mut self, flow: &Flow<'a>) -> Option<Head> {
        let head = flow.nodes.first()?;
        if let Some(block) = head.sources.and_then(|block| block.span) {
            self.reports.push(errors::settings_on_head(block));
        }
        self.note_names(flow);
        let found: Vec<Option<usize>> = head.names.iter().map(|(name, _)| self.warehouses.get(name.as_str()).copied()).collect();
        if !found.is_empty() && found.iter().all(Option::is_some) && head.join.is_none() {
            return Some(Head::Warehouses(found.into_iter().flatten().collect()));
        }
        let mut known = true;
        let of_warehouses = found.iter().any(Option::is_some) && head.join.is_none();
        for ((name, span), warehouse) in head.names.iter().zip(&found) {
            let fits = if of_warehouses { warehouse.is_some() } else { self.stages.contains_key(name.as_str()) };
            if !fits {
                known = false;
            }
            if !fits && !self.stages.contains_key(name.as_str()) {
                known = false;
                let names = self.warehouses.keys().chain(self.stages.keys()).copied();
                let mut names: Vec<&str> = names.collect();
                names.sort_unstable();
                self.doubt(flow);
                let lost = [name.as_str(), "warehouse", "stage"].iter().any(|word| self.world.is_lost(word));
                if !lost && self.world.first_report(format!("{:?} {name}", self.project.name)) {
                    self.reports.push(errors::unknown_head(name, *span, nearest(name, names)));
                }
            }
        }
        known.then_some(Head::Stages)
    }

    /// What the names of a flow mean.
    fn note_names(&self, flow: &Flow<'a>) {
        for (position, node) in flow.nodes.iter().enumerate() {
            for (name, at) in &node.names {
                let warehouse = self.warehouses.get(name.as_str()).filter(|_| position == 0 && node.join.is_none());
                let warehouse = warehouse.and_then(|index| self.project.warehouses.get(*index)).map(|found| found.object.span);
                let stage = self.stages.get(name.as_str()).and_then(|index| self.project.stages.get(*index)).map(|found| found.span);
                match (warehouse, stage) {
                    (Some(declared), _) => self.world.note(|index| index.refer(*at, declared, Meaning::Warehouse)),
                    (None, Some(declared)) => self.world.note(|index| index.refer(*at, declared, Meaning::Stage)),
                    (None, None) => {}
                }
            }
        }
    }

    fn flow(&mut self, flow: &'i Flow<'a>, carried: Option<&[usize]>) {
        let mut previous: Option<&FlowNode<'a>> = None;
        let last = flow.nodes.len().saturating_sub(1);
        for (position, node) in flow.nodes.iter().enumerate() {
            if let Some(before) = previous {
                let from_warehouse = position == 1 && carried.is_some();
                self.arrow(before, node, carried, from_warehouse, flow);
            }
            if position == last && node.join.is_some() && position > 0 {
                self.reports.push(errors::join_at_the_end(node.span));
            }
            previous = Some(node);
        }
    }

    /// One arrow: every stage of `node` takes freight from what stands before.
    fn arrow(&mut self, before: &FlowNode<'a>, node: &FlowNode<'a>, carried: Option<&[usize]>, direct: bool, flow: &Flow<'a>) {
        let upstream: Vec<usize> =
            if direct { Vec::new() } else { before.names.iter().filter_map(|(name, _)| self.stages.get(name.as_str()).copied()).collect() };
        if !direct && upstream.len() > 1 && before.join.is_none() {
            self.reports.push(errors::any_or_all(before.span));
        }
        let settings = self.settings(node);
        for (name, span) in &node.names {
            let Some(index) = self.stages.get(name.as_str()).copied() else {
                self.unknown_stage(name, *span, flow);
                continue;
            };
            let Some(stage) = self.project.stages.get(index) else { continue };
            if !direct && upstream.is_empty() {
                continue;
            }
            let slots = self.slots_to_fill(stage, index, &upstream, carried);
            if slots.is_empty() {
                self.nothing_to_fill(stage, *span, carried, &upstream);
                self.graph.doubtful.insert(index);
            }
            for slot in slots {
                let source = Source {
                    span: *span,
                    direct,
                    upstream: upstream.clone(),
                    all: before.join == Some(Join::All),
                    settings: settings.clone(),
                };
                self.fill(stage, index, slot, source);
            }
        }
    }

    /// What the stages of a flow get is not known.
    fn doubt(&mut self, flow: &Flow<'a>) {
        let names = flow.nodes.iter().flat_map(|node| &node.names);
        self.graph.doubtful.extend(names.filter_map(|(name, _)| self.stages.get(name.as_str()).copied()));
    }

    fn unknown_stage(&mut self, name: &str, span: Span, flow: &Flow<'a>) {
        self.doubt(flow);
        if self.warehouses.contains_key(name) {
            self.reports.push(errors::warehouse_in_the_middle(name, span));
            return;
        }
        let names: Vec<&str> = self.project.stages.iter().map(|stage| stage.name.as_str()).collect();
        let near = nearest(name, names);
        match near.and_then(|near| self.stages.get(near)) {
            Some(meant) => drop(self.graph.doubtful.insert(*meant)),
            None => self.graph.unclear = true,
        }
        if !self.world.is_lost(name) && !self.world.is_lost("stage") && self.world.first_report(format!("{:?} {name}", self.project.name)) {
            self.reports.push(errors::unknown_stage(name, span, near));
        }
    }

    /// The slots of a stage that an arrow fills.
    fn slots_to_fill(&self, stage: &Stage, index: usize, upstream: &[usize], carried: Option<&[usize]>) -> Vec<usize> {
        let held = |warehouse: usize| upstream.iter().any(|up| self.project.stages.get(*up).is_some_and(|up| holds(up, warehouse)));
        let wanted = |slot: usize, warehouse: usize| match carried {
            Some(carried) => carried.contains(&warehouse),
            None => held(warehouse) && !self.graph.sources.contains_key(&(index, slot)),
        };
        stage
            .slots
            .iter()
            .enumerate()
            .filter(|(slot, found)| found.warehouse.is_some_and(|warehouse| wanted(*slot, warehouse)))
            .map(|(slot, _)| slot)
            .collect()
    }

    fn nothing_to_fill(&mut self, stage: &Stage, at: Span, carried: Option<&[usize]>, upstream: &[usize]) {
        // A slot whose warehouse is unknown was reported already, and so was what could not be read.
        let doubtful = upstream.iter().any(|up| self.graph.doubtful.contains(up)) || self.world.is_lost("flow");
        if doubtful || stage.slots.is_empty() || stage.body.unclear || stage.slots.iter().any(|slot| slot.warehouse.is_none()) {
            return;
        }
        match carried {
            Some(carried) => {
                let names: Vec<&str> = carried
                    .iter()
                    .filter_map(|index| self.project.warehouses.get(*index))
                    .map(|found| found.object.name.as_str())
                    .collect();
                self.reports.push(errors::no_slot(&stage.name, &names, at, stage.span));
            }
            None => {
                let names: Vec<&str> =
                    upstream.iter().filter_map(|index| self.project.stages.get(*index)).map(|found| found.name.as_str()).collect();
                self.reports.push(errors::nothing_in_common(&stage.name, &names, at));
            }
        }
    }

    fn fill(&mut self, stage: &Stage, index: usize, slot: usize, source: Source) {
        let Some(found) = stage.slots.get(slot) else { return };
        if let Some(known) = self.graph.sources.get(&(index, slot)) {
            self.reports.push(errors::filled_twice(&stage.name, &found.name, source.span, known.span));
            return;
        }
        if let Some(warehouse) = found.warehouse {
            for up_index in &source.upstream {
                let Some(up) = self.project.stages.get(*up_index) else { continue };
                let doubtful = self.graph.doubtful.contains(up_index) || up.body.unclear || self.world.is_lost("flow");
                if !doubtful && !holds(up, warehouse) && !up.slots.iter().any(|slot| slot.warehouse.is_none()) {
                    let name = self.project.warehouses.get(warehouse).map_or("", |found| found.object.name.as_str());
                    self.reports.push(errors::not_upstream(&stage.name, &up.name, name, source.span, up.span));
                }
            }
        }
        self.check_settings(&source);
        self.graph.sources.insert((index, slot), source);
    }

    /// The block behind a node, typed once.
    fn settings(&mut self, node: &FlowNode<'a>) -> Option<(Arc<Expr>, crate::types::eval::Env)> {
        let block = node.sources?;
        let span = block.span?;
        if let Some(known) = self.blocks.get(&span) {
            return Some((Arc::clone(known), node.env.clone()));
        }
        let kind = self.world.kind(node.home, "sources")?;
        let mut checker = Checker::with_locals(self.world, node.home, &node.locals);
        let value = Arc::new(checker.settings_block(&kind.settings, block, "the block of a flow"));
        self.reports.extend(checker.finish());
        self.blocks.insert(span, Arc::clone(&value));
        Some((value, node.env.clone()))
    }

    fn check_settings(&mut self, source: &Source) {
        let Some((settings, env)) = &source.settings else { return };
        let Value::Record(record) = eval(settings, env) else { return };
        let policy = record
            .get("autoPromotionOptions")
            .and_then(|options| if let Value::Record(options) = options { options.get("selectionPolicy") } else { None });
        if policy.and_then(Value::as_text) == Some("MatchUpstream") && (source.direct || source.upstream.len() != 1) {
            self.reports.push(errors::match_upstream(settings.span, source.span, source.direct));
        }
        if !record.get("requiredSoakTime").is_some_and(|soak| !matches!(soak, Value::Null)) {
            return;
        }
        if source.direct {
            self.reports.push(errors::soak_on_direct(settings.span, source.span));
        }
        let passing = source.upstream.iter().filter_map(|up| self.project.stages.get(*up)).find(|up| !super::has_steps(up));
        if let Some(up) = passing {
            self.reports.push(errors::soak_in_control_flow(&up.name, settings.span, up.span));
        }
    }
}

fn holds(stage: &Stage, warehouse: usize) -> bool {
    stage.slots.iter().any(|slot| slot.warehouse == Some(warehouse))
}
