//! The texts of a program. In: its own files, and a way to read the folders that they use. Out: [`Sources`]: every file
//! parsed, by folders, and which folder each `use` leads to.

use std::collections::HashMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use crate::base::{FileId, Files, Span};
use crate::library::Library;
use crate::syntax::{self, Parse, ast};

/// The name by which programs use the tasks of the standard library.
pub(super) const STD: &str = "std";

/// A file of a program.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the program's root; shown in reports and in the comments of manifests.
    pub path: String,
    pub text: String,
}

/// Where the folders that a program uses come from.
pub trait Vfs {
    /// The `.pipeline` files of a folder, but not of its sub-folders. `path` begins with a dot and starts at the folder of
    /// `file`. The paths of what is found are relative to the program's root and written with `/`; one folder has one name
    /// in them, by whatever path it is asked for.
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder>;

    /// A file that is no program, such as one with roles. `path` starts at the folder of `file`; the path of what is found
    /// is relative to the program's root, as in [`Vfs::folder`].
    fn file(&mut self, _file: &str, _path: &str) -> Result<Source, NoFile> {
        Err(NoFile::Missing)
    }

    /// The tree of a file, if it is known already or can be had faster than by reading it.
    fn parsed(&mut self, _id: FileId, _path: &str, _text: &str) -> Option<Arc<Parse>> {
        None
    }

    /// How far the tree of a file is the one that the analysis before had: what ends up to there neither changed nor moved.
    fn unmoved(&self, _id: FileId) -> u32 {
        0
    }

    /// A file was read; for those who read it again.
    fn keep(&mut self, _path: &str, _text: &str, _id: FileId, _parse: &Arc<Parse>) {}
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFile {
    /// There is nothing of that name.
    Missing,
    /// It is there and cannot be read, for this reason.
    Unreadable(String),
}

/// Why a folder cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFolder {
    /// There is nothing of that name. `near`: the path that was probably meant.
    Missing { near: Option<String> },
    /// A file, not a folder.
    File,
    /// It has no `.pipeline` files.
    Empty,
    /// It is there and cannot be read, for this reason.
    Unreadable(String),
}

/// A program that stands alone.
pub struct NoFolders;

impl Vfs for NoFolders {
    fn folder(&mut self, _file: &str, _path: &str) -> Result<Vec<Source>, NoFolder> {
        Err(NoFolder::Missing { near: None })
    }
}

/// All files of a program and of the folders that it uses.
pub struct Sources {
    pub parses: Vec<Arc<Parse>>,
    /// The program's own files first.
    pub folders: Vec<Folder>,
}

pub struct Folder {
    /// Its files, by their places in the list of all.
    pub files: Range<usize>,
    /// Where each `use` leads, by the place of its path: another folder of the list.
    pub uses: HashMap<Span, Result<usize, NoUse>>,
}

/// Why a `use` leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoUse {
    /// The path is computed, or no text.
    Dynamic,
    /// Folders begin with a dot; what does not names a library, and there is no such.
    NotRelative,
    /// It leads to the folder itself.
    Itself,
    Folder(NoFolder),
}

impl Sources {
    /// Reads and parses the program and all that it uses. Ids of the program's own files come first.
    pub fn read(own: &[FileId], files: &mut Files, library: &Library, vfs: &mut dyn Vfs) -> Sources {
        let parses = parse_all(own, files, vfs);
        let folder = Folder { files: 0..parses.len(), uses: HashMap::new() };
        let mut reader = Reader { files, library, vfs, sources: Sources { parses, folders: vec![folder] }, names: HashMap::new() };
        let own_paths = own.iter().map(|id| reader.files.path(*id).to_owned()).collect();
        reader.names.insert(own_paths, 0);
        let mut next = 0;
        while next < reader.sources.folders.len() {
            reader.follow(next);
            next += 1;
        }
        reader.sources
    }

    /// The files of a folder.
    pub fn files(&self, folder: &Folder) -> &[Arc<Parse>] {
        self.parses.get(folder.files.clone()).unwrap_or_default()
    }
}

/// From this many bytes on, files are read side by side: a thread costs as much as some thousand bytes.
const WORTH_THREADS: usize = 100_000;

/// Of a thread that parses: bracket after bracket lies deep in a stack.
const STACK: usize = 16 << 20;

/// The trees of files, in the order of the files, whoever read them.
fn parse_all(ids: &[FileId], files: &Files, vfs: &mut dyn Vfs) -> Vec<Arc<Parse>> {
    let known: Vec<Option<Arc<Parse>>> = ids.iter().map(|id| vfs.parsed(*id, files.path(*id), files.text(*id))).collect();
    let new: Vec<FileId> = ids.iter().zip(&known).filter(|(_, parse)| parse.is_none()).map(|(id, _)| *id).collect();
    let mut read = read_all(&new, files).into_iter().map(Arc::new);
    let parse = |(id, known): (&FileId, Option<Arc<Parse>>)| {
        known.unwrap_or_else(|| {
            let parse = read.next().unwrap_or_default();
            vfs.keep(files.path(*id), files.text(*id), *id, &parse);
            parse
        })
    };
    ids.iter().zip(known).map(parse).collect()
}

fn read_all(ids: &[FileId], files: &Files) -> Vec<Parse> {
    let texts: Vec<(FileId, &str)> = ids.iter().map(|id| (*id, files.text(*id))).collect();
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let cores = if bytes < WORTH_THREADS { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    if cores < 2 || texts.len() < 2 {
        return parse_each(&texts);
    }
    thread::scope(|scope| {
        let start = |part| (part, thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || parse_each(part)));
        let parts: Vec<_> = texts.chunks(texts.len().div_ceil(cores)).map(start).collect();
        let end = |(part, thread): (_, std::io::Result<ScopedJoinHandle<'_, _>>)| match thread.map(ScopedJoinHandle::join) {
            Ok(Ok(parses)) => parses,
            // There are no threads here.
            _ => parse_each(part),
        };
        parts.into_iter().flat_map(end).collect()
    })
}

fn parse_each(texts: &[(FileId, &str)]) -> Vec<Parse> {
    texts.iter().map(|(id, text)| syntax::parse(*id, text)).collect()
}

struct Reader<'r> {
    files: &'r mut Files,
    library: &'r Library,
    vfs: &'r mut dyn Vfs,
    sources: Sources,
    /// Folders that were read, by the paths of their files.
    names: HashMap<Vec<String>, usize>,
}

impl Reader<'_> {
    /// Reads what a folder uses.
    fn follow(&mut self, index: usize) {
        let Some(folder) = self.sources.folders.get(index) else { return };
        let mut wanted = Vec::new();
        for parse in self.sources.files(folder) {
            uses(&parse.file.items, &mut wanted);
        }
        for (span, written) in wanted {
            let found = match written {
                None => Err(NoUse::Dynamic),
                Some(path) => self.lead(span, &path, index),
            };
            if let Some(folder) = self.sources.folders.get_mut(index) {
                folder.uses.insert(span, found);
            }
        }
    }

    /// The folder that a path leads to from the file at `span`.
    fn lead(&mut self, span: Span, path: &str, from: usize) -> Result<usize, NoUse> {
        let found = if path == STD {
            self.standard()
        } else if path.starts_with('.') {
            let sources = self.vfs.folder(self.files.path(span.file), path).map_err(NoUse::Folder)?;
            self.folder(sources)
        } else {
            return Err(NoUse::NotRelative);
        };
        if found == from { Err(NoUse::Itself) } else { Ok(found) }
    }

    fn folder(&mut self, mut sources: Vec<Source>) -> usize {
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        let paths: Vec<String> = sources.iter().map(|source| source.path.clone()).collect();
        if let Some(known) = self.names.get(&paths) {
            return *known;
        }
        let ids: Vec<FileId> = sources.into_iter().map(|source| self.files.add(source.path, source.text)).collect();
        self.add(paths, &ids)
    }

    fn standard(&mut self) -> usize {
        let name = vec![STD.to_owned()];
        match self.names.get(&name) {
            Some(known) => *known,
            None => self.add(name, &self.library.task_files()),
        }
    }

    fn add(&mut self, name: Vec<String>, ids: &[FileId]) -> usize {
        let first = self.sources.parses.len();
        let parses = parse_all(ids, self.files, self.vfs);
        self.sources.parses.extend(parses);
        let index = self.sources.folders.len();
        self.sources.folders.push(Folder { files: first..self.sources.parses.len(), uses: HashMap::new() });
        self.names.insert(name, index);
        index
    }
}

/// The paths of all `use`s among the entries of a file and of its projects, with their places.
fn uses(items: &[ast::Item], out: &mut Vec<(Span, Option<String>)>) {
    for item in items {
        match &item.kind {
            ast::ItemKind::Use(found) => out.push((found.from.span, found.from.as_plain_text().map(str::to_owned))),
            ast::ItemKind::Declaration(declaration) if declaration.kind.name == "project" => {
                if let Some(body) = &declaration.body {
                    uses(&body.items, out);
                }
            }
            _ => {}
        }
    }
}

/// A path that is written in a file, from the root of the program: `../lib` in `p/shop.pipeline` is `lib`. For a [`Vfs`]
/// that knows no links.
pub fn joined(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
