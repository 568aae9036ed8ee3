//! Faults of versions of the target.

use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity};
use crate::library::{Hazard, Version};

pub(crate) fn hazard(hazard: &Hazard, name: &str, at: Span, version: Version) -> Diagnostic {
    Diagnostic::new(hazard.check, &*hazard.what, at, format!("`{name}` on Kargo {version}")).help(&*hazard.instead)
}

/// Faults that only older patches of a named minor have, and this program would run into.
pub(crate) fn older_patches(met: &[(Version, Hazard)], minors: &[Version], at: Span) -> Diagnostic {
    let named: Vec<String> =
        minors.iter().filter(|version| met.iter().any(|(last, _)| last.minor() == version.minor())).map(Version::to_string).collect();
    let message = format!("this is right on Kargo {}, but not on every earlier patch", named.join(" and "));
    let mut report = Diagnostic::new(Check::OlderPatch, message, at, "a minor stands for its newest known patch");
    report.severity = Severity::Note;
    for (last, hazard) in met {
        report = report.note(format!("up to {last}: {} ({})", hazard.what, hazard.check.name()));
    }
    report.help("install the newest patch, or name the one that is installed in the `target` line")
}

/// Faults of a patch that the program names, whatever it does.
pub(crate) fn faulty_patch(hazard: &Hazard, version: Version, at: Span) -> Diagnostic {
    Diagnostic::new(hazard.check, format!("on Kargo {version}, {}", hazard.what), at, "this patch").help(&*hazard.instead)
}
