//! `loadline check`: reports on standard output.

use std::io;

use super::args::{Format, ProgramArgs};
use super::{CannotRun, Verdict, count, print, report};

pub(super) fn run(args: &ProgramArgs) -> Result<Verdict, CannotRun> {
    let programs = report::check_all(args, report::Wanted::Reports)?;
    let mut out = report::render(&programs, args, &io::stdout());
    if args.format == Format::Human {
        let files = programs.iter().map(|program| program.size).sum();
        let end = report::summary(&programs).unwrap_or_else(|| format!("checked {}: no problems", count(files, "file")));
        out.push_str(&end);
        out.push('\n');
    }
    print(&out)?;
    Ok(report::verdict(&programs))
}
