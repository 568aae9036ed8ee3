//! What a program is for, and what of it only older patches get wrong.

use super::super::errors;
use super::World;
use crate::base::{Name, Span};
use crate::library::{Hazard, KindSig, Target, Version};

impl World<'_> {
    /// What only older patches of a product get wrong here, oldest first.
    pub fn older_patches(&self, product: &Name) -> Vec<(Version, Hazard)> {
        let memo = self.memo.borrow();
        let own = memo.older_patches.iter().filter(|(other, ..)| other == product);
        let mut known: Vec<(Version, Hazard)> = own.map(|(_, version, hazard)| (*version, hazard.clone())).collect();
        known.sort_by_key(|(version, hazard)| (*version, hazard.check.name()));
        known
    }

    /// The versions that count for a kind. A system that the program does not say is reported once.
    pub(crate) fn target_of(&self, kind: &KindSig, at: Span) -> &Target {
        let target = self.targets.of(kind.rules.system.as_ref());
        if let Some(system) = kind.rules.system.as_ref().filter(|system| !self.targets.says(system))
            && let Some(start) = self.program.start
            && self.first_report(format!("target {system}"))
        {
            self.report([errors::missing_target(system, target, start, Some((at, &kind.name)))]);
        }
        target
    }
}
