//! The folders that a program uses. In: paths as `use` has them. Out: the texts of their files, by their paths from the
//! program's root. Links are followed, so that a folder has one name, however it is reached.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::input::{self, STDIN};
use crate::diag::nearest;
use crate::{NoFile, NoFolder, Source, Vfs};

/// The folders around the root of a program.
pub(super) struct Folders {
    /// Without links.
    root: PathBuf,
    /// For each file that was read the path under which the user would open it.
    pub(super) shown: BTreeMap<String, String>,
}

impl Folders {
    pub(super) fn new(root: PathBuf) -> Folders {
        Folders { root, shown: BTreeMap::new() }
    }

    /// The path of a file from the root, after noting the one under which the user would open it.
    fn named(&mut self, file: &Path) -> String {
        let path = input::slashed(&from(&self.root, file));
        let here = env::current_dir().and_then(fs::canonicalize).map_or_else(|_| file.to_owned(), |here| from(&here, file));
        self.shown.insert(path.clone(), here.display().to_string());
        path
    }

    /// Where the paths of a file start: its own folder; for what has none, such as standard input, the working directory.
    fn start(&self, file: &str) -> PathBuf {
        let here = || env::current_dir().unwrap_or_else(|_| self.root.clone());
        let is_stream = file == STDIN || Path::new(file).is_absolute();
        if is_stream { here() } else { self.root.join(file).parent().map_or_else(here, Path::to_owned) }
    }
}

impl Vfs for Folders {
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder> {
        let wanted = self.start(file).join(path);
        let place = fs::canonicalize(&wanted).map_err(|_| NoFolder::Missing { near: near(&wanted, path) })?;
        if !place.is_dir() {
            return Err(NoFolder::File);
        }
        let names = input::names_in(&place).map_err(|reason| NoFolder::Unreadable(reason.to_string()))?;
        if names.is_empty() {
            return Err(NoFolder::Empty);
        }
        let mut sources = Vec::new();
        for name in names {
            let file = place.join(name);
            let text = input::text_of(&file).map_err(|reason| NoFolder::Unreadable(reason.to_string()))?;
            sources.push(Source { path: self.named(&file), text });
        }
        Ok(sources)
    }

    fn file(&mut self, file: &str, path: &str) -> Result<Source, NoFile> {
        let place = fs::canonicalize(self.start(file).join(path)).map_err(|_| NoFile::Missing)?;
        let text = input::text_of(&place).map_err(|reason| NoFile::Unreadable(reason.to_string()))?;
        Ok(Source { path: self.named(&place), text })
    }
}

/// The path with its last part as it was probably meant.
fn near(wanted: &Path, path: &str) -> Option<String> {
    let (above, last) = path.trim_end_matches('/').rsplit_once('/').map_or(("", path), |(above, last)| (above, last));
    let siblings = fs::read_dir(wanted.parent()?).ok()?.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = siblings.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let near = nearest(last, names.iter().map(String::as_str))?;
    Some(if above.is_empty() { near.to_owned() } else { format!("{above}/{near}") })
}

/// The way from one folder to a file; both without links.
fn from(folder: &Path, file: &Path) -> PathBuf {
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let has_root = |part: &Component<'_>| !matches!(part, Component::Prefix(_) | Component::RootDir);
    if !folder.components().take(common).any(|part| has_root(&part)) {
        return file.to_owned();
    }
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}
