//! Files that no editor has open. In: paths. Out: texts and names, read once until somebody says that they changed. The
//! only place of the server that touches files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folders that hold no programs of their own.
const PASSED: &[&str] = &["node_modules", "target", "vendor"];

/// How deep programs are looked for.
const DEPTH: usize = 12;

/// Files beyond this size are a mistake.
const SIZE_LIMIT: u64 = 64 << 20;

#[derive(Default)]
pub(super) struct Disk {
    texts: HashMap<PathBuf, Option<Arc<str>>>,
    folders: HashMap<PathBuf, Option<Vec<PathBuf>>>,
    /// Where the texts of the standard library were put, by their names.
    library: HashMap<String, Option<PathBuf>>,
    /// The folder that they are put into, where the editor says one.
    pub(super) library_folder: Option<PathBuf>,
}

impl Disk {
    /// The text of a file, if it can be read.
    pub(super) fn text(&mut self, path: &Path) -> Option<Arc<str>> {
        if let Some(known) = self.texts.get(path) {
            return known.clone();
        }
        let is_small = fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() <= SIZE_LIMIT);
        let text = is_small.then(|| fs::read_to_string(path).ok()).flatten().map(Arc::from);
        self.texts.insert(path.to_owned(), text.clone());
        text
    }

    /// The program files of a folder, sorted; nothing if it is no folder.
    pub(super) fn files(&mut self, folder: &Path) -> Option<Vec<PathBuf>> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let files = fs::read_dir(folder).ok().map(|entries| {
            let paths = entries.flatten().map(|entry| entry.path());
            let mut files: Vec<PathBuf> = paths.filter(|path| is_program(path) && path.is_file()).collect();
            files.sort();
            files
        });
        self.folders.insert(folder.to_owned(), files.clone());
        files
    }

    /// Whether there is a file at a path.
    pub(super) fn is_file(path: &Path) -> bool {
        path.is_file()
    }

    /// The names of the folders in a folder, for `use`.
    pub(super) fn folders_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }

    /// A file appeared, changed or vanished.
    pub(super) fn forget(&mut self, path: &Path) {
        self.texts.remove(path);
        self.folders.remove(path);
        if let Some(folder) = path.parent() {
            self.folders.remove(folder);
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.texts.clear();
        self.folders.clear();
    }

    /// The folders below `root`, itself included, that hold program files. Hidden folders and links are not entered.
    pub(super) fn programs(&mut self, root: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        self.below(root, DEPTH, &mut found);
        found
    }

    fn below(&mut self, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        if self.files(folder).is_some_and(|files| !files.is_empty()) {
            found.push(folder.to_owned());
        }
        if depth == 0 {
            return;
        }
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut inner: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                !name.starts_with('.') && !PASSED.contains(&&*name)
            })
            .map(|entry| entry.path())
            .collect();
        inner.sort();
        inner.iter().for_each(|folder| self.below(folder, depth - 1, found));
    }

    /// A file of the standard library as a file that editors can open: in the user's cache, written once for each
    /// version and never read back.
    pub(super) fn library_file(&mut self, name: &str, text: &str) -> Option<PathBuf> {
        if let Some(known) = self.library.get(name) {
            return known.clone();
        }
        let path = self.library_folder().map(|folder| folder.join(name)).filter(|path| put(path, text).is_some());
        self.library.insert(name.to_owned(), path.clone());
        path
    }

    /// Whether a file belongs to the standard library, which is no program.
    pub(super) fn is_library(&self, path: &Path) -> bool {
        self.library_folder().is_some_and(|folder| path.starts_with(folder))
    }

    fn library_folder(&self) -> Option<PathBuf> {
        self.library_folder.clone().or_else(library_folder)
    }
}

pub(super) fn is_program(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.extension().is_some_and(|ending| ending == "pipeline") && !name.starts_with('.')
}

fn put(path: &Path, text: &str) -> Option<()> {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return Some(());
    }
    fs::create_dir_all(path.parent()?).ok()?;
    let _ = fs::remove_file(path);
    fs::write(path, text).ok()?;
    let mut rights = fs::metadata(path).ok()?.permissions();
    rights.set_readonly(true);
    fs::set_permissions(path, rights).ok()
}

/// `~/.cache/loadline/0.1.0`, or what the system has for it.
fn library_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("LOCALAPPDATA"));
    let cache = cache.or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("loadline").join(env!("CARGO_PKG_VERSION")))
}
