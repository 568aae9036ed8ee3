//! `loadline fmt`: files in place, or standard input to standard output. If a file cannot be read as a program, nothing
//! is written.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::args::{FmtArgs, When};
use super::{CannotRun, Verdict, count, input, print, printable, report, tell};
use crate::base::Files;
use crate::{diag, format};

/// A file, what is in it, and what it should be.
struct Formatted {
    path: PathBuf,
    before: String,
    after: String,
}

pub(super) fn run(args: &FmtArgs) -> Result<Verdict, CannotRun> {
    let streams = args.paths.iter().filter(|path| *path == Path::new("-")).count();
    if streams > 0 && args.paths.len() > 1 {
        return Err(CannotRun::new("`-` stands alone: standard input goes to standard output, files are changed in place"));
    }
    let paths = if streams > 0 { args.paths.clone() } else { input::files_below(&args.paths)? };
    let Some(files) = format_all(paths)? else { return Ok(Verdict::Errors) };
    match (streams > 0, args.check) {
        (_, true) => list(&files),
        (true, false) => {
            print(&files.into_iter().map(|file| file.after).collect::<String>())?;
            Ok(Verdict::Sound)
        }
        (false, false) => write(&files),
    }
}

/// All files formatted, or nothing and reports on standard error.
fn format_all(paths: Vec<PathBuf>) -> Result<Option<Vec<Formatted>>, CannotRun> {
    let mut texts = Files::default();
    let mut formatted = Vec::new();
    let mut reports = Vec::new();
    for path in paths {
        let before = input::text_of(&path)?;
        let shown = shown(&path);
        match format::format(texts.add(shown, before.as_str()), &before) {
            Ok(after) => formatted.push(Formatted { path, before, after }),
            Err(found) => reports.extend(found),
        }
    }
    if reports.is_empty() {
        return Ok(Some(formatted));
    }
    let reports = diag::finish(reports, &texts);
    let colours = report::has_colours(When::Auto, &io::stderr());
    let mut out: String = reports.iter().map(|report| diag::human(report, &texts, colours)).collect();
    out.extend(diag::summary(&reports).map(|summary| format!("{summary}, nothing was formatted\n")));
    tell(&out);
    Ok(None)
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// The names of the files that would change.
fn list(files: &[Formatted]) -> Result<Verdict, CannotRun> {
    let changed = files.iter().filter(|file| file.before != file.after);
    let out: String = changed.map(|file| printable(&shown(&file.path)) + "\n").collect();
    print(&out)?;
    Ok(if out.is_empty() { Verdict::Sound } else { Verdict::Errors })
}

fn write(files: &[Formatted]) -> Result<Verdict, CannotRun> {
    let mut written = 0;
    for file in files.iter().filter(|file| file.before != file.after) {
        replace(&file.path, &file.after).map_err(|reason| CannotRun(format!("cannot write `{}`: {reason}", file.path.display())))?;
        written += 1;
    }
    let unchanged = files.len() - written;
    let rest = if unchanged > 0 { format!(", {unchanged} unchanged") } else { String::new() };
    tell(&format!("formatted {}{rest}\n", count(written, "file")));
    Ok(Verdict::Sound)
}

/// Replaces a file at once, by a temporary one beside it with the same permissions. A link stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let place = fs::canonicalize(path)?;
    let folder = place.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".loadline-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&place)?.permissions())?;
    file.into_temp_path().persist(&place).map_err(|error| error.error)
}
