//! The files of a compile on disk. In: relative paths and contents. Out: a folder that holds them and, of ours,
//! nothing else. What is not ours is never touched; what cannot be done is found before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::{fmt, fs, io};

use tempfile::TempPath;

use crate::emit::MARKERS;

/// The file that names the others. It is written when they are there, and marks a folder as an output of its own.
const INDEX: &str = "kustomization.yaml";

/// What was done to a folder, in paths relative to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that are new or have changed, in the order of their writing.
    pub written: Vec<String>,
    /// How many files were there as they should be.
    pub unchanged: usize,
    /// Files that a former compile wrote and this one does not, sorted.
    pub removed: Vec<String>,
}

/// Why the files could not be written.
#[derive(Debug)]
pub enum OutputError {
    /// A path that does not stay in the folder.
    Outside(String),
    /// Something that is not ours stands where a file or folder of ours must go.
    InTheWay { path: PathBuf, what: &'static str },
    /// The system refused.
    Io { action: &'static str, path: PathBuf, reason: io::Error },
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { reason, .. } => Some(reason),
            Self::Outside(_) | Self::InTheWay { .. } => None,
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(path) => write!(f, "cannot write `{path}`: the path leads out of the folder"),
            Self::InTheWay { path, what } => {
                write!(f, "cannot write `{}`: {what}; nothing was written", path.display())
            }
            Self::Io { action, path, reason } => write!(f, "cannot {action} `{}`: {reason}", path.display()),
        }
    }
}

/// Writes the files of a compile, given as paths with `/` and contents, into `dir`, which is made if needed.
///
/// Each file changes at once, by temporary file and rename, and `kustomization.yaml` after all others; a file that
/// is as it should be keeps its time. Then files at any depth of `dir` that begin with this `marker` and are no longer
/// produced are removed, and folders that this empties; hidden folders and folders with a `kustomization.yaml` of
/// ours, which are the output of another compile, are left alone. Links below `dir` are not followed.
///
/// # Errors
/// When a path leads out of `dir`, when something foreign is in the way (then nothing was written), or when the
/// system refuses: files not yet renamed are then as they were, and no temporary file is left.
pub fn write_folder(dir: &Path, files: &[(String, String)], marker: &str) -> Result<Summary, OutputError> {
    let mut summary = Summary::default();
    let mut changed = Vec::new();
    for (path, content) in files {
        if needs_writing(dir, path, content, marker)? {
            changed.push((path, content));
        } else {
            summary.unchanged += 1;
        }
    }
    // The file that names the others must not name what is not there yet.
    changed.sort_by_key(|(path, _)| *path == INDEX);
    let stale = stale_files(dir, files, marker)?;
    summary.written = changed.iter().map(|(path, _)| (*path).clone()).collect();
    replace_all(dir, &changed)?;
    for (path, file) in stale {
        fs::remove_file(&file).map_err(failed("remove", &file))?;
        remove_emptied(dir, &file)?;
        summary.removed.push(path);
    }
    Ok(summary)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    move |reason| OutputError::Io { action, path: path.to_owned(), reason }
}

/// Whether the file at `path` differs from `content`; an error if it cannot become ours.
fn needs_writing(dir: &Path, path: &str, content: &str, marker: &str) -> Result<bool, OutputError> {
    let mut parts = Path::new(path).components().peekable();
    if parts.peek().is_none() || !parts.clone().all(|part| matches!(part, Component::Normal(_))) {
        return Err(OutputError::Outside(path.to_owned()));
    }
    let mut place = dir.to_owned();
    while let Some(part) = parts.next() {
        place.push(part);
        let Some(found) = metadata(&place)? else { return Ok(true) };
        if let Some(what) = obstacle(found.file_type(), parts.peek().is_none()) {
            return Err(OutputError::InTheWay { path: place, what });
        }
        if found.is_file() && !begins_with(&place, &[marker])? {
            let is_other = begins_with(&place, &MARKERS)?;
            let what = if is_other { "another command of loadline wrote it" } else { "the file there was not written by loadline" };
            return Err(OutputError::InTheWay { path: place, what });
        }
        if found.is_file() && found.len() == content.len() as u64 {
            return Ok(fs::read(&place).map_err(failed("read", &place))? != content.as_bytes());
        }
    }
    Ok(true)
}

/// Why something cannot be a file of ours (`is_last`) or a folder above one.
fn obstacle(found: fs::FileType, is_last: bool) -> Option<&'static str> {
    if found.is_symlink() {
        Some("it is a symbolic link")
    } else if !is_last {
        (!found.is_dir()).then_some("a file stands where a folder must be")
    } else if found.is_dir() {
        Some("a folder of that name is there")
    } else {
        (!found.is_file()).then_some("it is no regular file")
    }
}

/// What stands at a path, links not followed.
fn metadata(path: &Path) -> Result<Option<fs::Metadata>, OutputError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed("read", path)(reason)),
    }
}

/// Whether a file begins with the marker, as a whole line.
fn is_marked(content: &[u8], marker: &str) -> bool {
    content.strip_prefix(marker.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'\n', ..] | [b'\r', b'\n', ..]))
}

/// Files with our `marker` under `dir` that are not among `files`, by relative path.
fn stale_files(dir: &Path, files: &[(String, String)], marker: &str) -> Result<BTreeMap<String, PathBuf>, OutputError> {
    let produced: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let mut stale = BTreeMap::new();
    let mut folders = vec![(String::new(), dir.to_owned())];
    if !dir.exists() {
        folders.clear();
    }
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed("read", &folder))? {
            let entry = entry.map_err(failed("read", &folder))?;
            let (name, place) = (entry.file_name(), entry.path());
            // Names of ours are neither hidden nor beyond Unicode.
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed("read", &place))?;
            if kind.is_dir() && !begins_with(&place.join(INDEX), &MARKERS)? {
                folders.push((format!("{path}/"), place));
            } else if kind.is_file() && name.ends_with(".yaml") && !produced.contains(path.as_str()) && begins_with(&place, &[marker])? {
                stale.insert(path, place);
            }
        }
    }
    Ok(stale)
}

/// Whether there is a regular file with one of the markers. Reads its first line only.
fn begins_with(path: &Path, markers: &[&str]) -> Result<bool, OutputError> {
    use io::Read as _;
    if !metadata(path)?.is_some_and(|found| found.is_file()) {
        return Ok(false);
    }
    let mut start = Vec::new();
    let length = markers.iter().map(|marker| marker.len()).max().unwrap_or_default() as u64 + 2;
    fs::File::open(path).and_then(|file| file.take(length).read_to_end(&mut start)).map_err(failed("read", path))?;
    Ok(markers.iter().any(|marker| is_marked(&start, marker)))
}

/// Writes all files beside their places, then renames them in the given order.
fn replace_all(dir: &Path, files: &[(&String, &String)]) -> Result<(), OutputError> {
    let mut made = MadeFolders::default();
    made.make(dir)?;
    let mut staged = Vec::with_capacity(files.len());
    for (path, content) in files {
        let place = dir.join(path);
        let parent = place.parent().unwrap_or(dir);
        made.make(parent)?;
        staged.push((temporary(parent, content).map_err(failed("write", &place))?, place));
    }
    for (temporary, place) in staged {
        temporary.persist(&place).map_err(|error| failed("write", &place)(error.error))?;
    }
    made.keep();
    Ok(())
}

/// A file with the content, closed, that is removed unless it is renamed.
fn temporary(folder: &Path, content: &str) -> io::Result<TempPath> {
    use io::Write as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".loadline-").suffix(".tmp");
    // Temporary files are private unless told otherwise; these become ordinary ones.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content.as_bytes())?;
    Ok(file.into_temp_path())
}

/// Folders that were made for files; those that are still empty go again, unless they are kept.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn make(&mut self, folder: &Path) -> Result<(), OutputError> {
        let missing: Vec<_> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(failed("make the folder", folder))?;
            self.0.push(folder.to_owned());
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Already on the way of reporting a failure; an empty folder left behind is harmless.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes the folders above `file` that are empty now, up to `dir`, which stays.
fn remove_emptied(dir: &Path, file: &Path) -> Result<(), OutputError> {
    for folder in file.ancestors().skip(1).take_while(|folder| *folder != dir) {
        let mut entries = fs::read_dir(folder).map_err(failed("read", folder))?;
        if entries.next().is_some() {
            break;
        }
        fs::remove_dir(folder).map_err(failed("remove the folder", folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::{OutputError, Summary};
    use crate::emit::MARKER;

    type Outcome = Result<(), Box<dyn Error>>;

    fn write_folder(dir: &Path, files: &[(String, String)]) -> Result<Summary, OutputError> {
        super::write_folder(dir, files, MARKER)
    }

    fn ours(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|(path, text)| ((*path).to_owned(), format!("{MARKER}\n{text}\n"))).collect()
    }

    /// All files and folders under `dir`, with the last lines of the files.
    fn tree(dir: &Path) -> Result<Vec<String>, Box<dyn Error>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                let inner = tree(&entry.path())?;
                found.push(format!("{name}/"));
                found.extend(inner.into_iter().map(|path| format!("{name}/{path}")));
            } else {
                let text = fs::read_to_string(entry.path())?;
                found.push(format!("{name}: {}", text.lines().last().unwrap_or_default()));
            }
        }
        found.sort();
        Ok(found)
    }

    #[test]
    fn a_folder_is_made_and_the_index_written_last() -> Outcome {
        let temp = tempfile::tempdir()?;
        let dir = temp.path().join("a/out");
        let summary = write_folder(&dir, &ours(&[("kustomization.yaml", "k"), ("p/stage.yaml", "s")]))?;
        assert_eq!(summary.written, ["p/stage.yaml", "kustomization.yaml"]);
        assert_eq!(tree(&dir)?, ["kustomization.yaml: k", "p/", "p/stage.yaml: s"]);
        Ok(())
    }

    #[test]
    fn unchanged_files_keep_their_time() -> Outcome {
        let temp = tempfile::tempdir()?;
        let dir = temp.path();
        write_folder(dir, &ours(&[("p/a.yaml", "one"), ("p/b.yaml", "one")]))?;
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        fs::File::options().write(true).open(dir.join("p/a.yaml"))?.set_modified(long_ago)?;
        let summary = write_folder(dir, &ours(&[("p/a.yaml", "one"), ("p/b.yaml", "two")]))?;
        assert_eq!(summary, Summary { written: vec!["p/b.yaml".to_owned()], unchanged: 1, removed: vec![] });
        assert_eq!(fs::metadata(dir.join("p/a.yaml"))?.modified()?, long_ago);
        assert_eq!(tree(dir)?, ["p/", "p/a.yaml: one", "p/b.yaml: two"]);
        Ok(())
    }

    #[test]
    fn stale_files_of_ours_go_and_foreign_ones_stay() -> Outcome {
        let temp = tempfile::tempdir()?;
        let dir = temp.path();
        write_folder(dir, &ours(&[("gone/a.yaml", "x"), ("p/old.yaml", "x"), ("p/new.yaml", "x"), ("mixed/a.yaml", "x")]))?;
        // Another compile writes below.
        write_folder(&dir.join("inner"), &ours(&[("kustomization.yaml", "k"), ("p/a.yaml", "x")]))?;
        fs::write(dir.join("mixed/mine.yaml"), "mine")?;
        fs::write(dir.join("p/copy.yaml"), format!("{MARKER} Not quite.\n"))?;
        fs::write(dir.join("p/notes.md"), format!("{MARKER}\n"))?;
        let summary = write_folder(dir, &ours(&[("p/new.yaml", "x")]))?;
        assert_eq!(summary.removed, ["gone/a.yaml", "mixed/a.yaml", "p/old.yaml"]);
        let copy = format!("p/copy.yaml: {MARKER} Not quite.");
        let notes = format!("p/notes.md: {MARKER}");
        let inner = ["inner/", "inner/kustomization.yaml: k", "inner/p/", "inner/p/a.yaml: x"];
        assert_eq!(tree(dir)?, [&inner[..], &["mixed/", "mixed/mine.yaml: mine", "p/", &copy, "p/new.yaml: x", &notes]].concat());
        Ok(())
    }

    #[test]
    fn nothing_is_written_when_something_foreign_is_in_the_way() -> Outcome {
        for (there, text) in [
            ("p/b.yaml", "the file there was not written by loadline"),
            ("p", "a file stands where a folder must be"),
            ("p/b.yaml/c", "a folder of that name is there"),
        ] {
            let temp = tempfile::tempdir()?;
            let place = temp.path().join(there);
            fs::create_dir_all(place.parent().ok_or("a root")?)?;
            fs::write(&place, "mine")?;
            let before = tree(temp.path())?;
            let refused = write_folder(temp.path(), &ours(&[("a.yaml", "x"), ("p/b.yaml", "x")]));
            assert!(refused.is_err_and(|error| error.to_string().contains(text)), "{there}");
            assert_eq!(tree(temp.path())?, before);
        }
        Ok(())
    }

    #[test]
    fn paths_stay_in_the_folder() -> Outcome {
        let temp = tempfile::tempdir()?;
        for path in ["../a.yaml", "a/../../b.yaml", "", "/a.yaml"] {
            let refused = write_folder(&temp.path().join("out"), &ours(&[(path, "x")]));
            assert!(refused.is_err_and(|error| error.to_string().contains("leads out of the folder")), "{path}");
        }
        assert_eq!(tree(temp.path())?, [""; 0]);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() -> Outcome {
        let temp = tempfile::tempdir()?;
        let (dir, other) = (temp.path().join("out"), temp.path().join("other"));
        write_folder(&other, &ours(&[("a.yaml", "x")]))?;
        write_folder(&dir, &[])?;
        std::os::unix::fs::symlink(&other, dir.join("p"))?;
        let refused = write_folder(&dir, &ours(&[("p/a.yaml", "y")]));
        assert!(refused.is_err_and(|error| error.to_string().contains("symbolic link")));
        assert_eq!(write_folder(&dir, &[])?, Summary::default());
        assert_eq!(tree(&other)?, ["a.yaml: x"]);
        Ok(())
    }

    #[test]
    fn a_failure_midway_leaves_no_trace_of_what_was_not_renamed() -> Outcome {
        let temp = tempfile::tempdir()?;
        write_folder(temp.path(), &ours(&[("b.yaml", "x")]))?;
        // `a.yaml` becomes a folder before the file of that name is put in place.
        let refused = write_folder(temp.path(), &ours(&[("a.yaml", "x"), ("a.yaml/c.yaml", "x"), ("b.yaml", "y")]));
        assert!(refused.is_err_and(|error| error.to_string().starts_with("cannot write `")));
        assert_eq!(tree(temp.path())?, ["b.yaml: x"]);
        Ok(())
    }
}
