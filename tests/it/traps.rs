//! The differences between versions of Kargo, row by row: each row of `docs/version-traps.md` has a program in
//! `tests/traps` that shows what Loadline makes of it, or a reason why no program can meet it.
//!
//! A program says what is expected in comments at its top, for each of the versions that the row concerns:
//! `// at 1.9, 1.10: reports selector-not-woken`, `// at 1.11: reports nothing`, `// at 1.8: writes text`,
//! `// at 1.8: lacks text`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use loadline::{Analysis, Options, Source, diag, emit};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The rows of the page: what each says of what Loadline does.
pub(crate) fn rows() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("docs/version-traps.md")).unwrap();
    let cells = page.lines().filter(|line| line.starts_with("| T-")).map(|line| line.split(" | ").collect::<Vec<_>>());
    let mut out = BTreeMap::new();
    for cells in cells {
        let id = cells[0].trim_start_matches("| ").to_owned();
        let does = cells.last().unwrap().trim_end_matches(" |").to_owned();
        assert!(out.insert(id.clone(), does).is_none(), "{id} stands twice");
    }
    out
}

/// The programs, by their rows.
fn programs() -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join("tests/traps")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())).collect()
}

/// The names of what is reported, without notes, and the manifests if there are any.
fn outcome(id: &str, program: &str, target: &str) -> (BTreeSet<String>, String) {
    let source = Source { path: format!("{id}.pipeline"), text: program.to_owned() };
    let options = Options { targets: vec![format!("kargo={target}")], ..Options::default() };
    let analysis = Analysis::new(vec![source], &options);
    let said = analysis.reports().iter().filter(|report| report.severity != diag::Severity::Note);
    let said: BTreeSet<String> = said.map(|report| report.check.name().to_owned()).collect();
    let is_sound = analysis.reports().iter().all(|report| report.severity != diag::Severity::Error);
    let mut text = String::new();
    if is_sound {
        emit::stream(&analysis.documents(), &mut text);
    }
    (said, text)
}

#[test]
fn each_row_has_a_program_or_a_reason() {
    let (rows, programs) = (rows(), programs());
    assert!(rows.len() > 80, "the rows were not found");
    for (id, does) in &rows {
        let has_reason = does.starts_with("none: ");
        assert_eq!(has_reason, !programs.contains_key(id), "{id}: a program and a reason, or neither");
    }
    for id in programs.keys() {
        assert!(rows.contains_key(id), "{id} is no row");
    }
}

#[test]
fn programs_run_into_no_row() {
    let mut wrong = Vec::new();
    for (id, program) in programs() {
        let expected: Vec<(&str, &str)> =
            program.lines().filter_map(|line| line.strip_prefix("// at ")).map(|line| line.split_once(": ").unwrap()).collect();
        assert!(!expected.is_empty(), "{id} expects nothing");
        for (targets, expected) in expected {
            for target in targets.split(", ") {
                let (said, text) = outcome(&id, &program, target);
                let (word, what) = expected.split_once(' ').unwrap();
                let holds = match word {
                    "reports" => said == what.split(", ").filter(|name| *name != "nothing").map(str::to_owned).collect(),
                    "writes" => text.contains(what),
                    "lacks" => !text.is_empty() && !text.contains(what),
                    other => panic!("{id}: `{other}` is no expectation"),
                };
                if !holds {
                    wrong.push(format!("{id} at {target} {expected}: {said:?}\n{text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
