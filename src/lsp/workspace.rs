//! The programs of an editor. In: texts and what happens to them. Out: an analysis for each folder, always of the texts
//! as they are now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::convert::{Encoding, Places};
use super::disk::{self, Disk};
use super::documents::Document;
use super::uri;
use crate::base::{FileId, Span};
use crate::diag::nearest;
use crate::emit::Document as Manifest;
use crate::syntax::{self, Parse};
use crate::types::Bodies;
use crate::{Analysis, Base, Leftovers, NoFile, NoFolder, Options, Source, Vfs};

pub(super) struct Workspace {
    base: Base,
    pub(super) options: Options,
    pub(super) encoding: Encoding,
    pub(super) roots: Vec<PathBuf>,
    pub(super) documents: HashMap<PathBuf, Document>,
    pub(super) disk: Disk,
    pub(super) programs: BTreeMap<PathBuf, Program>,
    /// To be dropped when there is time.
    pub(super) leftovers: Vec<Leftovers>,
}

/// The program of one folder.
#[derive(Default)]
pub(super) struct Program {
    pub(super) analysis: Option<Arc<Analysis>>,
    /// The manifests, made when first asked for.
    manifests: OnceLock<Vec<Manifest>>,
    parses: Parses,
    /// What its last analysis typed.
    bodies: Bodies,
    /// The folders that it uses.
    uses: BTreeSet<PathBuf>,
    /// Something that it reads has changed.
    is_stale: bool,
}

/// The last parse of each file, by its path in the program.
#[derive(Default)]
struct Parses {
    known: HashMap<String, (FileId, Arc<str>, Arc<Parse>)>,
}

/// One file of one analysis.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) folder: PathBuf,
    pub(super) analysis: Arc<Analysis>,
    pub(super) file: FileId,
    pub(super) encoding: Encoding,
}

impl Opened {
    pub(super) fn places(&self) -> Places<'_> {
        Places { files: self.analysis.files(), encoding: self.encoding }
    }
}

impl Workspace {
    pub(super) fn new(roots: Vec<PathBuf>, encoding: Encoding) -> Workspace {
        let mut workspace = Workspace {
            base: Base::default(),
            options: Options::default(),
            encoding,
            roots: Vec::new(),
            documents: HashMap::new(),
            disk: Disk::default(),
            programs: BTreeMap::new(),
            leftovers: Vec::new(),
        };
        roots.into_iter().for_each(|root| workspace.add_root(root));
        workspace
    }

    pub(super) fn add_root(&mut self, root: PathBuf) {
        for folder in self.disk.programs(&root) {
            self.stale(&folder);
        }
        self.roots.push(root);
    }

    pub(super) fn remove_root(&mut self, root: &Path) {
        self.roots.retain(|known| known != root);
        let gone: Vec<PathBuf> = self.programs.keys().filter(|folder| !self.is_wanted(folder)).cloned().collect();
        gone.iter().for_each(|folder| drop(self.programs.remove(folder)));
    }

    /// Whether a folder is a program of the editor: below one of its folders, or with an open document.
    fn is_wanted(&self, folder: &Path) -> bool {
        self.roots.iter().any(|root| folder.starts_with(root)) || self.documents.keys().any(|path| folder_of(path) == folder)
    }

    /// The text at a path has changed, appeared or vanished: its program is to be analysed, and all that use it.
    pub(super) fn touched(&mut self, path: &Path) {
        if self.disk.is_library(path) {
            return;
        }
        let folder = folder_of(path);
        self.stale(&folder);
        for program in self.programs.values_mut().filter(|program| program.uses.contains(&folder)) {
            program.is_stale = true;
        }
    }

    /// A file that is no program has changed: one with roles, or anything. Whether it is read by a program.
    pub(super) fn touched_other(&mut self, path: &Path) -> bool {
        let readers = self.programs.values_mut().filter(|program| program.uses.contains(path));
        readers.map(|program| program.is_stale = true).count() > 0
    }

    fn stale(&mut self, folder: &Path) {
        self.programs.entry(folder.to_owned()).or_default().is_stale = true;
    }

    /// Everything is to be read again.
    pub(super) fn reload(&mut self) {
        self.disk.forget_all();
        for root in self.roots.clone() {
            for folder in self.disk.programs(&root) {
                self.stale(&folder);
            }
        }
        self.programs.values_mut().for_each(|program| program.is_stale = true);
    }

    /// Analyses what has changed. Out: the folders that were.
    pub(super) fn refresh(&mut self) -> Vec<PathBuf> {
        let stale: Vec<PathBuf> = self.programs.iter().filter(|(_, program)| program.is_stale).map(|(folder, _)| folder.clone()).collect();
        for folder in &stale {
            self.analyse(folder);
        }
        stale
    }

    fn analyse(&mut self, folder: &Path) {
        let files = self.files(folder);
        let Some(mut program) = self.programs.remove(folder) else { return };
        // Without the old analysis nobody else holds the parses, so they can be changed in place.
        let before = program.analysis.take().and_then(|analysis| Arc::try_unwrap(analysis).ok());
        self.leftovers.extend(before.map(Analysis::into_leftovers));
        program.manifests = OnceLock::new();
        program.is_stale = false;
        if files.is_empty() {
            // The program has gone with its last file.
            return;
        }
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own: Vec<Source> =
            files.iter().filter_map(|path| Some(Source { path: name(path), text: self.text(path)?.to_string() })).collect();
        let mut folders = Folders {
            documents: &self.documents,
            disk: &mut self.disk,
            root: folder,
            parses: &mut program.parses,
            read: HashSet::new(),
            uses: BTreeSet::new(),
            unmoved: HashMap::new(),
        };
        let analysis = Analysis::observed(&self.base, own, &mut folders, &self.options, &mut program.bodies);
        let Folders { read, uses, .. } = folders;
        program.parses.known.retain(|path, _| read.contains(path));
        program.uses = uses;
        program.analysis = Some(Arc::new(analysis));
        self.programs.insert(folder.to_owned(), program);
    }

    /// The files of a folder, open ones that were never saved included.
    fn files(&mut self, folder: &Path) -> Vec<PathBuf> {
        files_of(folder, &self.documents, &mut self.disk).unwrap_or_default()
    }

    /// The text of a file as it is now.
    pub(super) fn text(&mut self, path: &Path) -> Option<Arc<str>> {
        text_of(path, &self.documents, &mut self.disk)
    }

    /// A file with the analysis of its own program, if it has one.
    pub(super) fn open(&self, path: &Path) -> Option<Opened> {
        self.open_in(&folder_of(path), path)
    }

    /// A file as a program sees it.
    fn open_in(&self, folder: &Path, path: &Path) -> Option<Opened> {
        let analysis = self.programs.get(folder)?.analysis.clone()?;
        let files = analysis.files();
        let file = files.ids().find(|id| !files.is_stdlib(*id) && path_of(folder, files.path(*id)) == path)?;
        Some(Opened { folder: folder.to_owned(), analysis, file, encoding: self.encoding })
    }

    /// A file as all programs see it that read it, its own first.
    pub(super) fn open_everywhere(&self, path: &Path) -> Vec<Opened> {
        let own = folder_of(path);
        let mut out: Vec<Opened> = self.open(path).into_iter().collect();
        let others = self.programs.iter().filter(|(folder, program)| **folder != own && program.uses.contains(&own));
        out.extend(others.filter_map(|(folder, _)| self.open_in(folder, path)));
        out
    }

    /// Where a file of an analysis lies on the disk, for editors to open.
    pub(super) fn path(&mut self, folder: &Path, analysis: &Analysis, file: FileId) -> Option<PathBuf> {
        let files = analysis.files();
        if files.is_stdlib(file) {
            return self.disk.library_file(files.path(file), files.text(file));
        }
        Some(path_of(folder, files.path(file)))
    }

    /// A place of an analysis in the words of the protocol.
    pub(super) fn location(&mut self, opened: &Opened, span: Span) -> Option<gen_lsp_types::Location> {
        let path = self.path(&opened.folder, &opened.analysis, span.file)?;
        Some(opened.places().location(&path, span))
    }

    /// The manifests of the program of a folder; none if it has errors.
    pub(super) fn manifests(&self, folder: &Path) -> &[Manifest] {
        let Some(program) = self.programs.get(folder) else { return &[] };
        program.manifests.get_or_init(|| program.analysis.as_ref().map(|analysis| analysis.documents()).unwrap_or_default())
    }

    /// The text of a file with the first of several forms of a word in it whose tree is as wanted.
    pub(super) fn first_that(
        &self,
        folder: &Path,
        file: FileId,
        word: Range<usize>,
        forms: &[String],
        is_wanted: impl Fn(&Parse) -> bool,
    ) -> Option<String> {
        let program = self.programs.get(folder)?;
        let (_, (_, before, parse)) = program.parses.known.iter().find(|(_, (id, ..))| *id == file)?;
        let (head, tail) = (before.get(..word.start)?, before.get(word.end..)?);
        forms.iter().map(|form| format!("{head}{form}{tail}")).find(|text| is_wanted(&syntax::peek(file, parse, before, text)))
    }

    /// The analysis of a program in which some files have other texts; the program itself stays as it is. `at`: the only
    /// place that matters, if there is one.
    pub(super) fn supposing(&mut self, folder: &Path, changed: &BTreeMap<PathBuf, String>, at: Option<Span>) -> Analysis {
        let files = self.files(folder);
        let mut documents = self.documents.clone();
        for (path, text) in changed {
            documents.insert(path.clone(), Document { text: text.clone(), version: 0 });
        }
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut own = Vec::new();
        for path in &files {
            own.extend(text_of(path, &documents, &mut self.disk).map(|text| Source { path: name(path), text: text.to_string() }));
        }
        let mut parses = Parses { known: self.programs.get(folder).map(|program| program.parses.known.clone()).unwrap_or_default() };
        let (read, uses, unmoved) = (HashSet::new(), BTreeSet::new(), HashMap::new());
        let mut folders = Folders { documents: &documents, disk: &mut self.disk, root: folder, parses: &mut parses, read, uses, unmoved };
        match at {
            Some(at) => Analysis::focused(&self.base, own, &mut folders, &self.options, at),
            None => Analysis::observed(&self.base, own, &mut folders, &self.options, &mut Bodies::default()),
        }
    }
}

/// The folder that a file belongs to. What is on no disk stands alone.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    if !uri::is_file(path) {
        return path.to_owned();
    }
    path.parent().unwrap_or(path).to_owned()
}

/// The path of a file that a program knows by a path relative to its folder.
pub(super) fn path_of(folder: &Path, file: &str) -> PathBuf {
    if !uri::is_file(folder) {
        return folder.to_owned();
    }
    uri::normal(&folder.join(file))
}

fn text_of(path: &Path, documents: &HashMap<PathBuf, Document>, disk: &mut Disk) -> Option<Arc<str>> {
    match documents.get(path) {
        Some(open) => Some(Arc::from(open.text.as_str())),
        None => disk.text(path),
    }
}

/// The program files of a folder, open ones included; nothing if there is no such folder.
fn files_of(folder: &Path, documents: &HashMap<PathBuf, Document>, disk: &mut Disk) -> Option<Vec<PathBuf>> {
    if !uri::is_file(folder) {
        return documents.contains_key(folder).then(|| vec![folder.to_owned()]);
    }
    let open: Vec<PathBuf> = documents.keys().filter(|path| disk::is_program(path) && folder_of(path) == folder).cloned().collect();
    let saved = disk.files(folder);
    if saved.is_none() && open.is_empty() {
        return None;
    }
    let mut all: Vec<PathBuf> = saved.unwrap_or_default();
    all.extend(open);
    all.sort();
    all.dedup();
    Some(all)
}

/// The folders around a program, as they are now.
struct Folders<'w> {
    documents: &'w HashMap<PathBuf, Document>,
    disk: &'w mut Disk,
    root: &'w Path,
    parses: &'w mut Parses,
    /// The files that were read.
    read: HashSet<String>,
    uses: BTreeSet<PathBuf>,
    /// How far the tree of each file is as it was.
    unmoved: HashMap<FileId, u32>,
}

impl Vfs for Folders<'_> {
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder> {
        let from = path_of(self.root, file);
        let place = uri::normal(&folder_of(&from).join(path));
        // Also where there is nothing yet: it may appear.
        self.uses.insert(place.clone());
        let Some(files) = files_of(&place, self.documents, self.disk) else {
            if Disk::is_file(&place) {
                return Err(NoFolder::File);
            }
            return Err(NoFolder::Missing { near: near(&place, path) });
        };
        let mut sources = Vec::new();
        for file in files {
            let text = text_of(&file, self.documents, self.disk);
            let text = text.ok_or_else(|| NoFolder::Unreadable(format!("`{}` is no text", file.display())))?;
            sources.push(Source { path: relative(self.root, &file), text: text.to_string() });
        }
        if sources.is_empty() { Err(NoFolder::Empty) } else { Ok(sources) }
    }

    fn file(&mut self, file: &str, path: &str) -> Result<Source, NoFile> {
        let place = uri::normal(&folder_of(&path_of(self.root, file)).join(path));
        self.uses.insert(place.clone());
        if !Disk::is_file(&place) && !self.documents.contains_key(&place) {
            return Err(NoFile::Missing);
        }
        let text = text_of(&place, self.documents, self.disk).ok_or_else(|| NoFile::Unreadable("it is no text".to_owned()))?;
        Ok(Source { path: relative(self.root, &place), text: text.to_string() })
    }

    fn parsed(&mut self, id: FileId, path: &str, text: &str) -> Option<Arc<Parse>> {
        self.read.insert(path.to_owned());
        let (_, before, parse) = self.parses.known.get_mut(path).filter(|(known, ..)| *known == id)?;
        let mut same = u32::MAX;
        if **before != *text {
            same = syntax::reparse(id, Arc::make_mut(parse), before, text);
            *before = Arc::from(text);
        }
        // Should it be asked for twice, the first answer counts.
        self.unmoved.entry(id).or_insert(same);
        Some(Arc::clone(parse))
    }

    fn unmoved(&self, id: FileId) -> u32 {
        self.unmoved.get(&id).copied().unwrap_or(0)
    }

    fn keep(&mut self, path: &str, text: &str, id: FileId, parse: &Arc<Parse>) {
        self.parses.known.insert(path.to_owned(), (id, Arc::from(text), Arc::clone(parse)));
    }
}

/// The way from a folder to a file, with `/`.
fn relative(folder: &Path, file: &Path) -> String {
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// The path with its last part as it was probably meant.
fn near(place: &Path, path: &str) -> Option<String> {
    let (above, last) = path.trim_end_matches('/').rsplit_once('/').map_or(("", path), |(above, last)| (above, last));
    let names = Disk::folders_in(place.parent()?);
    let near = nearest(last, names.iter().map(String::as_str))?;
    Some(if above.is_empty() { near.to_owned() } else { format!("{above}/{near}") })
}
