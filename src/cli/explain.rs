//! `loadline explain`: the page of a check, or the table of all.

use super::args::{ExplainArgs, check_named};
use super::{CannotRun, Verdict, print};
use crate::diag::{CHECKS, Severity};

pub(super) fn run(args: &ExplainArgs) -> Result<Verdict, CannotRun> {
    let text = match &args.name {
        Some(name) => {
            let page = check_named(name, &[]).map_err(CannotRun)?.info().page;
            format!("{}\n", page.trim_end())
        }
        None => table(),
    };
    print(&text)?;
    Ok(Verdict::Sound)
}

/// One line for each check: name, severity, summary.
fn table() -> String {
    let width = CHECKS.iter().map(|info| info.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for info in CHECKS {
        let severity = match info.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        out.push_str(&format!("{:width$}  {severity:7}  {}\n", info.name, info.summary));
    }
    out
}
