//! Reading programs. In: paths as they were given. Out: the texts of each program, under the paths by which its
//! manifests name them, and the paths under which reports show them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CannotRun;
use super::folders::Folders;
use crate::Source;

/// Files beyond this size are a mistake, and places in them would not fit the analysis for long.
const SIZE_LIMIT: u64 = 64 << 20;

const ENDING: &str = "pipeline";

/// What standard input is called.
pub(super) const STDIN: &str = "<stdin>";

/// The files that are analysed together.
pub(super) struct Program {
    /// In the order of their paths, which are relative to the program's root and written with `/`.
    pub(super) sources: Vec<Source>,
    /// For each of those paths the one under which the user would open the file.
    pub(super) shown: BTreeMap<String, String>,
    /// What the program may use.
    pub(super) folders: Folders,
}

/// All programs: each folder is one, and all files that are given by name are one, too. Paths that are given twice
/// count once.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Program>, CannotRun> {
    let mut programs = Vec::new();
    let mut folders = BTreeSet::new();
    let mut files = Vec::new();
    for path in paths {
        let is_folder = path != Path::new("-") && fs::metadata(path).map_err(cannot_read(path))?.is_dir();
        if !is_folder {
            files.push(path.as_path());
        } else if folders.insert(fs::canonicalize(path).map_err(cannot_read(path))?) {
            programs.push(folder(path)?);
        }
    }
    if !files.is_empty() {
        programs.push(together(&files)?);
    }
    Ok(programs)
}

/// The program of a folder.
fn folder(folder: &Path) -> Result<Program, CannotRun> {
    let names = names_in(folder)?;
    if names.is_empty() {
        let hint = sub_program(folder)
            .map_or_else(String::new, |below| format!(" itself; there are some in `{}`, which is a program of its own", below.display()));
        return Err(CannotRun(format!("there are no .pipeline files in `{}`{hint}", folder.display())));
    }
    let place = fs::canonicalize(folder).map_err(cannot_read(folder))?;
    let mut program = Program::new(Folders::new(place));
    for name in names {
        program.add(name.to_string_lossy().into_owned(), &inside(folder, &name))?;
    }
    Ok(program)
}

/// The program files below the given folders, and the given files, as the user would write them; each once, in the
/// order of their paths. Hidden folders and links to folders are not entered.
pub(super) fn files_below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CannotRun> {
    let mut found: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for path in paths {
        let mut files = Vec::new();
        if fs::metadata(path).map_err(cannot_read(path))?.is_dir() {
            below(path, &mut files)?;
            if files.is_empty() {
                return Err(CannotRun(format!("there are no .pipeline files in `{}` or below", path.display())));
            }
        } else if has_ending(path) {
            files.push(path.clone());
        } else {
            return Err(CannotRun(format!("`{}` is not a .pipeline file", path.display())));
        }
        for file in files {
            found.entry(fs::canonicalize(&file).map_err(cannot_read(&file))?).or_insert(file);
        }
    }
    let mut files: Vec<PathBuf> = found.into_values().collect();
    files.sort();
    Ok(files)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CannotRun> {
    files.extend(names_in(folder)?.iter().map(|name| inside(folder, name)));
    for entry in fs::read_dir(folder).map_err(cannot_read(folder))? {
        let entry = entry.map_err(cannot_read(folder))?;
        let kind = entry.file_type().map_err(cannot_read(folder))?;
        if kind.is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            below(&inside(folder, &entry.file_name()), files)?;
        }
    }
    Ok(())
}

/// The text of a file, or of standard input for `-`.
pub(super) fn text_of(path: &Path) -> Result<String, CannotRun> {
    if path == Path::new("-") {
        return text(io::stdin().lock(), "standard input");
    }
    text(File::open(path).map_err(cannot_read(path))?, &format!("`{}`", path.display()))
}

/// A path as the user would write it.
fn inside(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

/// The names of a folder's own program files, sorted. Links to files count, hidden files do not.
pub(super) fn names_in(folder: &Path) -> Result<Vec<OsString>, CannotRun> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot_read(folder))? {
        let path = entry.map_err(cannot_read(folder))?.path();
        let Some(name) = path.file_name().filter(|name| !name.as_encoded_bytes().starts_with(b".")) else { continue };
        // A folder may be called like a file, and a pipe would block.
        if has_ending(&path) && fs::metadata(&path).map_err(cannot_read(&path))?.is_file() {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The first sub-folder that is a program: it may be what was meant.
fn sub_program(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut below: Vec<PathBuf> = entries.map(|entry| inside(folder, &entry.file_name())).collect();
    below.sort();
    below.into_iter().find(|path| path.is_dir() && names_in(path).is_ok_and(|names| !names.is_empty()))
}

/// The program of files that were given by name. Its root is the deepest folder that holds them all.
fn together(files: &[&Path]) -> Result<Program, CannotRun> {
    let mut placed: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut streams: BTreeSet<&Path> = BTreeSet::new();
    for file in files {
        // Pipes and devices have no place that would be worth telling.
        if *file == Path::new("-") || !fs::metadata(file).map_err(cannot_read(file))?.is_file() {
            streams.insert(file);
        } else if has_ending(file) {
            placed.entry(place(file)?).or_insert(file);
        } else {
            return Err(CannotRun(format!("`{}` is not a .pipeline file", file.display())));
        }
    }
    let root = if placed.is_empty() { fs::canonicalize(".").map_err(cannot_read(Path::new(".")))? } else { common_root(placed.keys()) };
    let mut program = Program::new(Folders::new(root.clone()));
    for (place, file) in &placed {
        program.add(slashed(place.strip_prefix(&root).unwrap_or(place)), file)?;
    }
    for file in streams {
        let name = if file == Path::new("-") { STDIN.to_owned() } else { slashed(file) };
        program.add(name, file)?;
    }
    program.sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(program)
}

/// Where a file stands; links among its folders are followed, but it keeps its own name.
fn place(file: &Path) -> Result<PathBuf, CannotRun> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = fs::canonicalize(parent).map_err(cannot_read(file))?;
    Ok(parent.join(file.file_name().unwrap_or_default()))
}

fn common_root<'a>(mut places: impl Iterator<Item = &'a PathBuf>) -> PathBuf {
    let mut root = places.next().and_then(|place| place.parent()).unwrap_or(Path::new("")).to_owned();
    for place in places {
        while !place.starts_with(&root) && root.pop() {}
    }
    root
}

pub(super) fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

impl Program {
    fn new(folders: Folders) -> Program {
        Program { sources: Vec::new(), shown: BTreeMap::new(), folders }
    }

    fn add(&mut self, path: String, file: &Path) -> Result<(), CannotRun> {
        let text = text_of(file)?;
        let shown = if file == Path::new("-") { STDIN.to_owned() } else { file.display().to_string() };
        self.shown.insert(path.clone(), shown);
        self.sources.push(Source { path, text });
        Ok(())
    }
}

/// All text of a stream, which is called `name` when it cannot be had.
fn text(stream: impl Read, name: &str) -> Result<String, CannotRun> {
    let mut bytes = Vec::new();
    let reason = match stream.take(SIZE_LIMIT + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > SIZE_LIMIT => "it is larger than 64 MiB".to_owned(),
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()),
        },
        Err(reason) => reason.to_string(),
    };
    Err(CannotRun(format!("cannot read {name}: {reason}")))
}

fn not_utf8(bytes: &[u8], offset: usize) -> String {
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return "it is not UTF-8 at offset 0: it looks like UTF-16".to_owned();
    }
    let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
    format!("it is not UTF-8 at offset {offset}, in line {line}")
}

fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> CannotRun {
    move |reason| CannotRun(format!("cannot read `{}`: {reason}", path.display()))
}
