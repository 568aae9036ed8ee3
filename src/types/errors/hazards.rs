//! Faults of versions of the target.

use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity};
use crate::library::{Hazard, Target, Version};

pub(crate) fn hazard(hazard: &Hazard, name: &str, at: Span, target: &Target, version: Version) -> Diagnostic {
    Diagnostic::new(hazard.check, &*hazard.what, at, format!("`{name}` on {} {version}", target.product())).help(&*hazard.instead)
}

/// Faults that only older patches of a named minor have, and this program would run into.
pub(crate) fn older_patches(met: &[(Version, Hazard)], target: &Target, at: Span) -> Diagnostic {
    let named: Vec<String> = target
        .minors()
        .iter()
        .filter(|version| met.iter().any(|(last, _)| last.minor() == version.minor()))
        .map(Version::to_string)
        .collect();
    let message = format!("this is right on {} {}, but not on every earlier patch", target.product(), named.join(" and "));
    let mut report = Diagnostic::new(Check::OlderPatch, message, at, "a minor stands for its newest known patch");
    report.severity = Severity::Note;
    for (last, hazard) in met {
        report = report.note(format!("up to {last}: {} ({})", hazard.what, hazard.check.name()));
    }
    report.help("install the newest patch, or name the one that is installed in the `target` line")
}

/// Faults of a patch that the program names, whatever it does.
pub(crate) fn faulty_patch(hazard: &Hazard, target: &Target, version: Version, at: Span) -> Diagnostic {
    Diagnostic::new(hazard.check, format!("on {} {version}, {}", target.product(), hazard.what), at, "this patch").help(&*hazard.instead)
}
