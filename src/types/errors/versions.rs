//! What versions of the target lack.

use crate::base::Span;
use crate::diag::{Check, Diagnostic};
use crate::library::{Rules, Target, Version};

/// What the target's versions say about something called `name`: gone, not there yet, deprecated.
pub(crate) fn availability(rules: &Rules, name: &str, at: Span, target: &Target, reports: &mut Vec<Diagnostic>) {
    if rules.removed.is_none() && rules.until.is_none() && rules.since.is_none() && rules.deprecated.is_none() {
        return;
    }
    let (what, product) = (format!("`{name}`"), target.product());
    if let Some((version, instead)) = &rules.removed
        && let Some(reached) = target.reached(*version)
    {
        let message = format!("{what} is gone since {product} {version}");
        reports
            .push(Diagnostic::new(Check::RemovedInVersion, message, at, format!("not in {product} {reached}")).help(instead.to_string()));
        return;
    }
    if let Some(until) = rules.until
        && let Some(after) = target.after(until)
    {
        let message = format!("{what} exists up to {product} {until}");
        reports.push(Diagnostic::new(Check::RemovedInVersion, message, at, format!("not in {product} {after}")));
        return;
    }
    if let Some(since) = rules.since
        && let Some(version) = target.before(since)
    {
        reports.push(too_new(&what, at, &since.to_string(), target, version));
        return;
    }
    if let Some((version, instead)) = &rules.deprecated
        && let Some(reached) = target.reached(*version)
    {
        let message = format!("{what} is deprecated since {product} {version}");
        let mut report =
            Diagnostic::new(Check::RemovedInVersion, message, at, format!("deprecated in {product} {reached}")).help(instead.to_string());
        report.severity = crate::diag::Severity::Warning;
        reports.push(report);
    }
}

pub(crate) fn too_new(what: &str, at: Span, since: &str, target: &Target, version: Version) -> Diagnostic {
    let product = target.product();
    Diagnostic::new(
        Check::TooNewForTarget,
        format!("{what} exists since {product} {since}"),
        at,
        format!("not in {product} {version}, which this program is for"),
    )
}

/// `missing-target`. `because`: what belongs to the system, if not all of the program does.
pub(crate) fn missing_target(system: &str, target: &Target, at: Span, because: Option<(Span, &str)>) -> Diagnostic {
    let line = format!("target {system} {}", target.newest().minor());
    let message = format!("the program does not say which version of {} it is for", target.product());
    match because {
        None => Diagnostic::new(Check::MissingTarget, message, at, "no `target` line").fix(
            format!("begin with `{line}`"),
            at,
            format!("{line}\n"),
        ),
        Some((kind, name)) => {
            let label = format!("`{name}` belongs to {}", target.product());
            Diagnostic::new(Check::MissingTarget, message, kind, label).fix(format!("write `{line}` at the top"), at, format!("{line}\n"))
        }
    }
}
