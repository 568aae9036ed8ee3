//! The documentation held against the compiler: every program in it is run, every report in it is the real one, every
//! link in it leads somewhere.

mod checks;
mod links;
mod markdown;
mod permissions;
mod programs;
mod reference;

use std::path::{Path, PathBuf};

use loadline::{Analysis, NoFile, NoFolder, Options, Source, Vfs, joined};

/// The name that programs of the documentation have in reports.
const FILE: &str = "shop.pipeline";

/// A program that stands in a page as the only file, or before a line `//# file: roles.yaml`: what follows that is a file
/// that it names.
fn analysed(text: &str) -> Analysis {
    let mut parts = text.split("//# file: ");
    let program = Source { path: FILE.to_owned(), text: parts.next().unwrap_or_default().to_owned() };
    let named = parts.filter_map(|part| part.split_once('\n'));
    let mut files = Beside(named.map(|(name, text)| Source { path: name.trim().to_owned(), text: text.to_owned() }).collect());
    Analysis::with_folders(vec![program], &mut files, &Options::default())
}

/// The files that a program of a page names.
struct Beside(Vec<Source>);

impl Vfs for Beside {
    fn folder(&mut self, _file: &str, _path: &str) -> Result<Vec<Source>, NoFolder> {
        Err(NoFolder::Missing { near: None })
    }

    fn file(&mut self, file: &str, path: &str) -> Result<Source, NoFile> {
        let wanted = joined(file, path);
        self.0.iter().find(|source| source.path == wanted).cloned().ok_or(NoFile::Missing)
    }
}

/// The reports as a terminal shows them, without colours.
fn rendered(analysis: &Analysis) -> String {
    analysis.reports().iter().map(|report| loadline::diag::human(report, analysis.files(), false)).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the project, by its path from the root.
fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown files of a folder, by their paths from the root, in alphabetical order.
fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.flatten().map(|entry| PathBuf::from(folder).join(entry.file_name()));
    let mut pages: Vec<PathBuf> = names.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.sort();
    pages
}

/// The pages for people who read on: the READMEs, the changelog and the guides, but not those of the checks.
fn guides() -> Vec<PathBuf> {
    let editors = ["editors/tree-sitter-loadline/README.md", "editors/vscode/README.md"];
    let top = ["README.md", "CHANGELOG.md"].into_iter().chain(editors).map(PathBuf::from);
    top.chain(pages("docs")).chain(pages("docs/reference")).collect()
}

/// The programs in a page, sound and broken.
pub(super) fn programs_in(page: &str) -> Vec<String> {
    let found = markdown::blocks(page).into_iter().filter(|block| block.info.starts_with("pipeline"));
    found.map(|block| block.text).collect()
}

/// Fails with all that was found, not only with the first.
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
