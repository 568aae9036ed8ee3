//! The programs of `examples/`: they compile without a report, for every version that they can be for, to the manifests
//! beside them. With `LOADLINE_BLESS=1` these are written anew.

use std::fs;
use std::path::{Path, PathBuf};

use loadline::permissions::{self, Program};
use loadline::{Analysis, NoFile, NoFolder, Options, Source, Vfs, diag, emit, joined};

/// Every example, with the versions of Kargo that it also compiles for.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("chart-and-image", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
    ("monorepo", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
    ("notify", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
    ("permissions", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
    ("pr-gated", &["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.5..1.11"]),
    ("quickstart", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
    ("range", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.8..1.11", "1.7..1.11"]),
    ("regions", &["1.7", "1.8", "1.9", "1.10", "1.11", "1.7..1.11"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The program of a folder: the `.pipeline` files in it, but not in its sub-folders.
pub(crate) fn program(folder: &Path) -> Vec<Source> {
    let mut sources: Vec<Source> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pipeline"))
        .map(|path| Source {
            path: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).unwrap(), //
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!sources.is_empty(), "{} holds no program", folder.display());
    sources
}

/// The folders around that of a program.
pub(crate) struct OnDisk<'f>(pub(crate) &'f Path);

impl Vfs for OnDisk<'_> {
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder> {
        let path = joined(file, path);
        let mut sources = program(&self.0.join(&path));
        for source in &mut sources {
            source.path = format!("{path}/{}", source.path);
        }
        Ok(sources)
    }

    fn file(&mut self, file: &str, path: &str) -> Result<Source, NoFile> {
        let path = joined(file, path);
        let text = fs::read_to_string(self.0.join(&path)).map_err(|_| NoFile::Missing)?;
        Ok(Source { path, text })
    }
}

/// Checks the program of a folder that must be free of errors and warnings; notes about older patches are no fault of it.
pub(crate) fn sound(name: &str, folder: &Path, target: Option<&str>) -> Analysis {
    let targets = target.iter().map(|target| format!("kargo={target}")).collect();
    let analysis = Analysis::with_folders(program(folder), &mut OnDisk(folder), &Options { targets, ..Options::default() });
    let reports: String = analysis
        .reports()
        .iter()
        .filter(|report| report.severity != diag::Severity::Note)
        .map(|report| diag::human(report, analysis.files(), false))
        .collect();
    assert!(reports.is_empty(), "{name} for {target:?}:\n{reports}");
    analysis
}

/// The folders in a folder, by name.
pub(crate) fn folders(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The files of a folder of manifests, with their paths in it.
fn manifests(folder: &Path, below: &str, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            manifests(&path, &format!("{name}/"), out);
        } else {
            out.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn write_anew(folder: &Path, files: &[(String, String)]) {
    let _ = fs::remove_dir_all(folder);
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[test]
fn all_are_listed() {
    let listed: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(folders(&root()), listed);
}

#[test]
fn their_manifests_are_those_beside_them() {
    let bless = std::env::var_os("LOADLINE_BLESS").is_some();
    for (name, _) in EXAMPLES {
        let folder = root().join(name);
        let mut made = emit::folder(&sound(name, &folder, None).documents());
        let target = folder.join("manifests");
        if bless {
            write_anew(&target, &made);
        }
        let mut known = Vec::new();
        manifests(&target, "", &mut known);
        known.sort();
        made.sort();
        let paths = |files: &[(String, String)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&made), paths(&known), "{name}: run again with LOADLINE_BLESS=1 if this is meant");
        for ((path, made), (_, known)) in made.iter().zip(&known) {
            assert_eq!(made, known, "{name}/manifests/{path}: run again with LOADLINE_BLESS=1 if this is meant");
        }
    }
}

/// The roles that close gaps of an example lie in its folder `rbac`, as `loadline rbac --emit -o rbac` writes them.
#[test]
fn roles_that_close_their_gaps_are_those_beside_them() {
    let bless = std::env::var_os("LOADLINE_BLESS").is_some();
    for (name, _) in EXAMPLES {
        let analysis = sound(name, &root().join(name), None);
        let access = analysis.permissions();
        let closing = permissions::gaps(&[Program { access: &access, files: analysis.files() }]);
        let mut made = emit::folder_marked(&closing.documents, emit::RBAC_MARKER);
        if closing.documents.is_empty() {
            made.clear();
        }
        let target = root().join(name).join("rbac");
        if bless {
            write_anew(&target, &made);
        }
        let mut known = Vec::new();
        manifests(&target, "", &mut known);
        known.sort();
        made.sort();
        assert_eq!(made, known, "{name}/rbac: run again with LOADLINE_BLESS=1 if this is meant");
    }
}

#[test]
fn they_compile_for_all_versions_that_have_what_they_use() {
    for (name, targets) in EXAMPLES {
        for target in *targets {
            let analysis = sound(name, &root().join(name), Some(target));
            assert!(!analysis.documents().is_empty(), "{name} for {target}");
        }
    }
}
