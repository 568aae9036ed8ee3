//! `loadline check`: reports on standard output.

use std::io;
use std::path::PathBuf;

use super::args::{CheckArgs, Format, ProgramArgs};
use super::{CannotRun, Verdict, count, print, report, watch};

pub(super) fn run(args: &CheckArgs) -> Result<Verdict, CannotRun> {
    if args.watch {
        return watch::run(&args.program);
    }
    let (out, verdict, _) = once(&args.program)?;
    print(&out)?;
    Ok(verdict)
}

/// What is to be printed, and the files that were read.
pub(super) fn once(args: &ProgramArgs) -> Result<(String, Verdict, Vec<PathBuf>), CannotRun> {
    let programs = report::check_all(args, report::Wanted::Reports)?;
    let mut out = report::render(&programs, args, &io::stdout());
    if args.format == Format::Human {
        let files = programs.iter().map(|program| program.size).sum();
        let end = report::summary(&programs).unwrap_or_else(|| format!("checked {}: no problems", count(files, "file")));
        out.push_str(&end);
        out.push('\n');
    }
    let files = programs.iter().flat_map(report::Checked::files).collect();
    Ok((out, report::verdict(&programs), files))
}
