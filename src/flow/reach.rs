//! Stages that can never receive freight: nothing requested, unfilled slots, cycles.

use super::{Graph, errors};
use crate::diag::Diagnostic;
use crate::expand::ProjectInstance;
use crate::types::{StageItem, World};

pub(super) fn check(world: &World<'_>, project: &ProjectInstance<'_>, graph: &Graph, reports: &mut Vec<Diagnostic>) {
    for (index, stage) in project.stages.iter().enumerate() {
        if stage.slots.is_empty() && !stage.body.unclear {
            reports.push(errors::no_slots(&stage.name, stage.span));
        }
        for (slot, found) in stage.slots.iter().enumerate() {
            let doubtful = graph.unclear || graph.doubtful.contains(&index) || world.is_lost("flow") || world.is_lost(&stage.name);
            if found.warehouse.is_some() && !graph.sources.contains_key(&(index, slot)) && !doubtful {
                let warehouse = found.warehouse.and_then(|at| project.warehouses.get(at)).map_or("", |found| found.object.name.as_str());
                reports.push(errors::unfilled(&stage.name, &found.name, warehouse, found.span));
            }
        }
    }
    cycles(project, graph, reports);
    unused_warehouses(world, project, reports);
    control_flow(project, reports);
}

/// Follows the stages before each one; a stage met again on the way closes a cycle, which is reported where it was
/// written first.
fn cycles(project: &ProjectInstance<'_>, graph: &Graph, reports: &mut Vec<Diagnostic>) {
    let count = project.stages.len();
    let upstream = |stage: usize| -> Vec<usize> {
        let slots = project.stages.get(stage).map_or(0, |found| found.slots.len());
        (0..slots).filter_map(|slot| graph.sources.get(&(stage, slot))).flat_map(|source| source.upstream.iter().copied()).collect()
    };
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0u8; count];
    for start in 0..count {
        if state.get(start) != Some(&0) {
            continue;
        }
        let mut path: Vec<(usize, Vec<usize>)> = vec![(start, upstream(start))];
        set(&mut state, start, 1);
        while let Some((stage, rest)) = path.last_mut() {
            let stage = *stage;
            let Some(next) = rest.pop() else {
                set(&mut state, stage, 2);
                path.pop();
                continue;
            };
            match state.get(next) {
                Some(0) => {
                    set(&mut state, next, 1);
                    let rest = upstream(next);
                    path.push((next, rest));
                }
                Some(1) => report_cycle(project, &path, next, reports),
                _ => {}
            }
        }
    }
}

fn set(state: &mut [u8], index: usize, value: u8) {
    if let Some(slot) = state.get_mut(index) {
        *slot = value;
    }
}

fn report_cycle(project: &ProjectInstance<'_>, path: &[(usize, Vec<usize>)], from: usize, reports: &mut Vec<Diagnostic>) {
    let mut members: Vec<usize> = path.iter().map(|(stage, _)| *stage).skip_while(|stage| *stage != from).collect();
    // Downstream order, beginning with the stage that was written first.
    members.reverse();
    let first =
        members.iter().enumerate().min_by_key(|(_, stage)| project.stages.get(**stage).map(|found| found.span)).map_or(0, |(at, _)| at);
    members.rotate_left(first);
    let stages: Vec<&crate::expand::Stage> = members.iter().filter_map(|stage| project.stages.get(*stage)).collect();
    reports.push(errors::cycle(&stages));
}

fn unused_warehouses(world: &World<'_>, project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    for (index, warehouse) in project.warehouses.iter().enumerate() {
        let used = project.stages.iter().any(|stage| stage.slots.iter().any(|slot| slot.warehouse == Some(index)));
        // A misspelt slot may have meant this one.
        let meant = project.stages.iter().flat_map(|stage| &stage.slots).any(|slot| slot.meant.as_deref() == Some(&*warehouse.object.name));
        // A flow that names it was written for a stage, and what is wrong with that was reported.
        let in_flow =
            project.flows.iter().flat_map(|flow| &flow.nodes).flat_map(|node| &node.names).any(|(name, _)| *name == warehouse.object.name);
        if meant || in_flow {
            continue;
        }
        // A project without stages is a library of warehouses, or one that is being written.
        let unclear = project.stages.iter().any(|stage| stage.body.unclear)
            || world.is_lost(&warehouse.object.name)
            || world.is_lost("slot")
            || world.is_lost("stage");
        if !used && !project.stages.is_empty() && !unclear {
            reports.push(errors::unused_warehouse(&warehouse.object.name, warehouse.object.span));
        }
    }
}

/// Settings that a stage without steps ignores.
fn control_flow(project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    for stage in &project.stages {
        if super::has_steps(stage) {
            continue;
        }
        crate::expand::visit_stage(&stage.body.items, &stage.env, &mut |item, env| match item {
            StageItem::Verify { span, .. } => reports.push(errors::control_flow(&stage.name, "`verify`", *span, stage.span)),
            StageItem::Block(crate::types::BlockItem::Setting { field, value, span })
                if field.name == "autoPromotionEnabled" && !matches!(crate::types::eval::eval(value, env), crate::types::Value::Null) =>
            {
                reports.push(errors::control_flow(&stage.name, "`autoPromotionEnabled`", *span, stage.span));
            }
            _ => {}
        });
    }
}
