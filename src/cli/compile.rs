//! `loadline compile`: reports on standard error, manifests on standard output or in a folder. If there are errors in
//! any program, nothing is written.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::{CompileArgs, Format};
use super::report::{Checked, Wanted};
use super::{CannotRun, Verdict, count, output, print, printable, report, tell};
use crate::emit::{self, Document, MARKER};

pub(super) fn run(args: &CompileArgs) -> Result<Verdict, CannotRun> {
    let wanted = if args.explain_lowering { Wanted::Explanations } else { Wanted::Documents };
    let programs = report::check_all(&args.program, wanted)?;
    report::tell_all(&programs, &args.program);
    let for_people = args.program.format == Format::Human;
    if report::verdict(&programs) == Verdict::Errors {
        return Ok(Verdict::Errors);
    }
    programs.iter().for_each(|program| tell(&program.explanations));
    let documents = documents(programs)?;
    match args.output.as_deref().filter(|folder| *folder != Path::new("-")) {
        Some(folder) => {
            let done = write_folder(folder, &emit::folder(&documents), MARKER)?;
            if for_people {
                tell(&done);
            }
        }
        None => write_stream(&documents)?,
    }
    Ok(Verdict::Sound)
}

/// The documents of all programs, which must be about different objects.
fn documents(mut programs: Vec<Checked>) -> Result<Vec<Document>, CannotRun> {
    let mut all = Vec::new();
    let mut makers = BTreeMap::new();
    for (number, program) in programs.iter_mut().enumerate() {
        let documents = std::mem::take(&mut program.documents);
        for document in &documents {
            let identity = (document.kind.clone(), document.namespace.clone(), document.name.clone());
            let origin = program.shown_origin(&document.origin);
            // Within one program this is a matter of the analysis.
            if let Some((maker, other)) = makers.insert(identity, (number, origin.clone()))
                && maker != number
            {
                return Err(same_object(document, &other, &origin));
            }
        }
        all.extend(documents);
    }
    Ok(all)
}

fn same_object(document: &Document, one: &str, other: &str) -> CannotRun {
    let Document { kind, name, namespace, .. } = document;
    let place = namespace.as_ref().map_or_else(String::new, |namespace| format!(" in the namespace `{namespace}`"));
    CannotRun(format!("cannot compile these programs together: the {kind} `{name}`{place} stands in `{one}` and in `{other}`"))
}

pub(super) fn write_stream(documents: &[Document]) -> Result<(), CannotRun> {
    let mut text = String::new();
    emit::stream(documents, &mut text);
    print(&text)
}

/// Writes the files of a folder and says what was done.
pub(super) fn write_folder(folder: &Path, files: &[(String, String)], marker: &str) -> Result<String, CannotRun> {
    if folder.exists() && !folder.is_dir() {
        return Err(CannotRun(format!("cannot write to `{}`: it is not a folder", folder.display())));
    }
    let done = output::write_folder(folder, files, marker).map_err(|error| CannotRun::new(error.to_string()))?;
    let mut parts = vec![format!("wrote {} to {}", count(done.written.len(), "file"), folder.display())];
    if !done.removed.is_empty() {
        parts.push(format!("removed {}", done.removed.len()));
    }
    if done.unchanged > 0 {
        parts.push(format!("{} unchanged", done.unchanged));
    }
    Ok(printable(&parts.join(", ")) + "\n")
}
