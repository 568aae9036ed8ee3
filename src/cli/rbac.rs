//! `loadline rbac`: who must be allowed what, and whether they are; the roles that close gaps; the script that asks a
//! cluster. Reports go to standard error, without those about permissions: these are what is shown.

use std::io;
use std::path::Path;

use super::args::{Format, RbacArgs};
use super::report::{self, Checked, Wanted};
use super::{CannotRun, Verdict, compile, print, printable, tell};
use crate::emit;
use crate::permissions::{self, Program};

pub(super) fn run(args: &RbacArgs) -> Result<Verdict, CannotRun> {
    let mut programs = report::check_all(&args.program, Wanted::Access)?;
    let verdict = report::verdict(&programs);
    programs.iter_mut().for_each(Checked::drop_permissions);
    report::tell_all(&programs, &args.program);
    if report::verdict(&programs) == Verdict::Errors {
        return Ok(Verdict::Errors);
    }
    if args.emit {
        return emitted(args, &programs);
    }
    if args.verify {
        // Names of files do not stand in it.
        print(&permissions::script(&shown(&programs)))?;
        return Ok(Verdict::Sound);
    }
    let shown = shown(&programs);
    print(&match args.program.format {
        Format::Human => permissions::table(&shown, report::has_colours(args.program.color, &io::stdout())),
        Format::Short => permissions::lines(&shown),
        Format::Json => permissions::json(&shown),
    })?;
    Ok(verdict)
}

/// The programs with the paths that the user would open.
fn shown(programs: &[Checked]) -> Vec<Program<'_>> {
    programs.iter().filter_map(|program| Some(Program { access: &program.access.as_ref()?.0, files: &program.files })).collect()
}

/// Writes the roles that close the gaps; an error is what they leave open. Places in them do not depend on where the
/// command runs.
fn emitted(args: &RbacArgs, programs: &[Checked]) -> Result<Verdict, CannotRun> {
    let own: Vec<Program<'_>> =
        programs.iter().filter_map(|program| program.access.as_ref()).map(|(access, files)| Program { access, files }).collect();
    let closing = permissions::gaps(&own);
    for sentence in &closing.open {
        tell(&(printable(sentence) + "\n"));
    }
    match args.output.as_deref().filter(|folder| *folder != Path::new("-")) {
        Some(folder) => {
            let done = compile::write_folder(folder, &emit::folder_marked(&closing.documents, emit::RBAC_MARKER), emit::RBAC_MARKER)?;
            if args.program.format == Format::Human {
                tell(&done);
            }
        }
        None => compile::write_stream(&closing.documents)?,
    }
    Ok(if closing.open.is_empty() { Verdict::Sound } else { Verdict::Errors })
}
