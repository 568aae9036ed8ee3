//! Faults of the versions that a program is for. In: the target, and what the checker met. Out: a warning for each fault
//! of a patch that the program names, and at most one note about patches that it does not name.

use crate::base::Span;
use crate::diag::Diagnostic;
use crate::library::Met;
use crate::types::{World, faulty_patch, older_patches};

/// `at`: where the program says what it is for.
pub(super) fn of_versions(world: &World<'_>, at: Span) -> Vec<Diagnostic> {
    let mut reports = Vec::new();
    for hazard in world.library.faulty_patches("kargo") {
        if let Met::In(version) = hazard.met_by(&world.target) {
            reports.push(faulty_patch(&hazard, version, at));
        }
    }
    let met = world.older_patches();
    if !met.is_empty() {
        reports.push(older_patches(&met, world.target.minors(), at));
    }
    reports
}
