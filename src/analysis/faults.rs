//! Faults of the versions that a program is for. In: the target, and what the checker met. Out: a warning for each fault
//! of a patch that the program names, and at most one note about patches that it does not name.

use super::targets::head;
use crate::diag::Diagnostic;
use crate::library::Met;
use crate::types::{World, faulty_patch, older_patches};

/// The reports stand where the program says what it is for.
pub(super) fn of_versions(world: &World<'_>) -> Vec<Diagnostic> {
    let mut reports = Vec::new();
    for (index, system) in world.library.systems().enumerate() {
        let target = world.targets.of(Some(system));
        let line = world.program.targets.iter().find(|written| written.system.name == *system).map(|written| head(written));
        let Some(at) = line.or(world.program.start.filter(|_| index == 0)) else { continue };
        for hazard in world.library.faulty_patches(system) {
            if let Met::In(version) = hazard.met_by(target) {
                reports.push(faulty_patch(hazard, target, version, at));
            }
        }
        let met = world.older_patches(target.product());
        if !met.is_empty() {
            reports.push(older_patches(&met, target, at));
        }
    }
    reports
}
