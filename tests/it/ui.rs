//! Fixtures of reports: `tests/ui/<area>/<behaviour>.pipeline` is a program, and notes in it say what is reported.
//!
//! A note stands at the end of the line where the primary mark begins: `//~ check-name: beginning of the message`. Several
//! reports on one line have several notes; `//~^` and `//~v` are about the line above and below (one more sign, one more
//! line). Notes are exact: a report without a note fails, and so does a note without a report. `//# file: name.pipeline`
//! begins another file of the same program, and `//# file: ../lib/name.pipeline` a file of a folder that it uses, `//# file: roles.yaml` one that
//! it names. What people see is a snapshot beside the fixture, so wording is reviewed.
//!
//! For every check there is a fixture `x.pipeline` that fires it, and `x_ok.pipeline`, close to it, that gives nothing.

use std::fs;
use std::path::{Path, PathBuf};

use loadline::diag::{self, CHECKS, Check, Diagnostic};
use loadline::{Analysis, NoFile, NoFolder, Options, Source, Vfs, joined};

/// What a rendering may take; more is a fixture that tests too much at once.
const MAX_SNAPSHOT_LINES: usize = 40;

#[derive(Debug)]
pub(crate) struct Fixture {
    /// `narrowing/if_filled`.
    pub(crate) name: String,
    folder: PathBuf,
    pub(crate) sources: Vec<Source>,
    /// Files of other folders, which the program uses.
    folders: Vec<Source>,
    notes: Vec<Note>,
}

/// One expected or given report: file, line (from 1), check, message (of a note: its beginning).
type Note = (String, usize, String, String);

/// All fixtures, in the order of their names.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut out = Vec::new();
    for area in sorted(&root).into_iter().filter(|path| path.is_dir()) {
        for path in sorted(&area) {
            if path.extension().is_some_and(|ending| ending == "pipeline") {
                out.push(read(&root, &path));
            }
        }
    }
    assert!(out.len() > 10, "fixtures were not found");
    out
}

impl Fixture {
    /// Whether the program is right.
    pub(crate) fn is_sound(&self) -> bool {
        self.notes.is_empty()
    }

    /// Whether the program needs no other folders.
    pub(crate) fn stands_alone(&self) -> bool {
        self.folders.is_empty()
    }

    pub(crate) fn check(&self) -> Analysis {
        self.check_as(self.sources.clone())
    }

    /// The same with other texts of its own.
    fn check_as(&self, sources: Vec<Source>) -> Analysis {
        Analysis::with_folders(sources, &mut Folders(&self.folders), &Options::default())
    }

    fn fires(&self, check: Check) -> bool {
        self.notes.iter().any(|(_, _, name, _)| name == check.name())
    }
}

/// The other folders of a fixture.
struct Folders<'f>(&'f [Source]);

impl Vfs for Folders<'_> {
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder> {
        let wanted = joined(file, path);
        let of = |source: &Source| source.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let found: Vec<Source> = self.0.iter().filter(|source| of(source).as_ref() == Some(&wanted)).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        if self.0.iter().any(|source| source.path == wanted) {
            return Err(NoFolder::File);
        }
        let known: Vec<String> = self.0.iter().filter_map(of).collect();
        Err(NoFolder::Missing { near: diag::nearest(path, known.iter().map(String::as_str)).map(str::to_owned) })
    }

    fn file(&mut self, file: &str, path: &str) -> Result<Source, NoFile> {
        let wanted = joined(file, path);
        self.0.iter().find(|source| source.path == wanted).cloned().ok_or(NoFile::Missing)
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read(root: &Path, path: &Path) -> Fixture {
    let text = fs::read_to_string(path).unwrap();
    let file_name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut sources = vec![Source { path: file_name, text: String::new() }];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//# file: ") {
            Some(name) => sources.push(Source { path: name.trim().to_owned(), text: String::new() }),
            None => sources.last_mut().unwrap().text.push_str(line),
        }
    }
    sources.retain(|source| !source.text.is_empty());
    let notes = sources.iter().flat_map(notes).collect();
    let (folders, sources) = sources.into_iter().partition(|source| source.path.contains('/') || !source.path.ends_with(".pipeline"));
    let name = path.strip_prefix(root).unwrap().with_extension("").to_string_lossy().replace('\\', "/");
    Fixture { name, folder: path.parent().unwrap().to_owned(), sources, folders, notes }
}

/// The notes of a file.
fn notes(source: &Source) -> Vec<Note> {
    let mut out = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for note in line.split("//~").skip(1) {
            let text = note.trim_start_matches(['^', 'v']);
            let distance = note.len() - text.len();
            let line = if note.starts_with('^') { index + 1 - distance } else { index + 1 + distance };
            let (check, message) = text.split_once(':').unwrap_or_else(|| panic!("no colon in the note `{text}` of {}", source.path));
            assert!(Check::by_name(check.trim()).is_some(), "no check is called `{}` ({})", check.trim(), source.path);
            out.push((source.path.clone(), line, check.trim().to_owned(), message.trim().to_owned()));
        }
    }
    out
}

/// The place and words of a report, as a note would have them.
fn as_note(report: &Diagnostic, analysis: &Analysis) -> Note {
    let span = report.primary.span;
    let place = analysis.files().line_column(span.file, span.start);
    (analysis.files().path(span.file).to_owned(), place.line, report.check.name().to_owned(), report.message.clone())
}

/// What differs between notes and reports, one line each.
fn differences(fixture: &Fixture, analysis: &Analysis) -> Vec<String> {
    let mut expected: Vec<&Note> = fixture.notes.iter().collect();
    let mut out = Vec::new();
    for report in analysis.reports() {
        let (file, line, check, message) = as_note(report, analysis);
        let found = expected.iter().position(|note| note.0 == file && note.1 == line && note.2 == check && message.starts_with(&note.3));
        match found {
            Some(at) => drop(expected.remove(at)),
            None => out.push(format!("{}: not noted: {file}:{line} //~ {check}: {message}", fixture.name)),
        }
    }
    out.extend(expected.iter().map(|(file, line, check, message)| {
        format!("{}: not reported: {file}:{line} //~ {check}: {message}", fixture.name) //
    }));
    out
}

fn rendered(analysis: &Analysis) -> String {
    let mut out: String = analysis.reports().iter().map(|report| diag::human(report, analysis.files(), false)).collect();
    // The notes are no part of what people see.
    while let Some(start) = out.find("//~") {
        let end = out[start..].find('\n').map_or(out.len(), |at| start + at);
        let start = out[..start].trim_end_matches(' ').len();
        out.replace_range(start..end, "");
    }
    let mut lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n")
}

fn snapshot(fixture: &Fixture, suffix: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(fixture.folder.join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = fixture.name.rsplit('/').next().unwrap();
    settings.bind(|| insta::assert_snapshot!(format!("{name}{suffix}"), text));
}

#[test]
fn reports_are_those_that_are_noted() {
    let wrong: Vec<String> = fixtures().iter().flat_map(|fixture| differences(fixture, &fixture.check())).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn reports_look_as_reviewed() {
    let mut too_long = Vec::new();
    for fixture in fixtures().iter().filter(|fixture| !fixture.is_sound()) {
        let text = rendered(&fixture.check());
        if text.lines().count() > MAX_SNAPSHOT_LINES {
            too_long.push(format!("{}: {}", fixture.name, text.lines().count()));
        }
        snapshot(fixture, "", &text);
    }
    assert!(too_long.is_empty(), "renderings of more than {MAX_SNAPSHOT_LINES} lines: {too_long:?}");
}

#[test]
fn sound_fixtures_compile() {
    for fixture in fixtures().iter().filter(|fixture| fixture.is_sound()) {
        let analysis = fixture.check();
        assert!(!analysis.documents().is_empty(), "{} makes no documents", fixture.name);
    }
}

#[test]
fn every_check_has_a_fixture_that_fires_it_and_a_neighbour_that_does_not() {
    let all = fixtures();
    let has_neighbour = |fixture: &Fixture| {
        let name = format!("{}_ok", fixture.name);
        all.iter().any(|other| other.name == name && other.is_sound())
    };
    let uncovered: Vec<&str> = CHECKS
        .iter()
        .filter(|info| info.check != Check::Internal)
        .filter(|info| !all.iter().any(|fixture| fixture.fires(info.check) && has_neighbour(fixture)))
        .map(|info| info.name)
        .collect();
    assert!(uncovered.is_empty(), "no pair x.pipeline and x_ok.pipeline for {uncovered:?}");
    let wrong: Vec<&str> =
        all.iter().filter(|fixture| fixture.name.ends_with("_ok") && !fixture.is_sound()).map(|fixture| fixture.name.as_str()).collect();
    assert!(wrong.is_empty(), "called ok, and are not: {wrong:?}");
}

#[test]
fn the_other_forms_say_the_same() {
    let all = fixtures();
    let fixture = all.iter().find(|fixture| fixture.name == "names/misspelt").unwrap();
    let analysis = fixture.check();
    let of = |form: &dyn Fn(&Diagnostic) -> String| analysis.reports().iter().map(form).collect::<Vec<_>>();
    snapshot(fixture, "@short", &of(&|report| diag::short(report, analysis.files())).concat());
    snapshot(fixture, "@json", &of(&|report| diag::to_json(report, analysis.files())).join("\n"));
}

// ── Fixes ──

#[test]
fn safe_fixes_repair_what_they_are_for_and_break_nothing() {
    let mut applied = 0;
    for fixture in fixtures() {
        let before = fixture.check();
        let fixed: Vec<serde_json::Value> = before
            .reports()
            .iter()
            .map(|report| serde_json::from_str(&diag::to_json(report, before.files())).unwrap())
            .filter(|report: &serde_json::Value| report["fix"]["safe"] == true)
            .collect();
        if fixed.is_empty() {
            continue;
        }
        applied += fixed.len();
        let mut sources = fixture.sources.clone();
        for source in &mut sources {
            apply(source, &fixed);
        }
        let after = fixture.check_as(sources);
        let mut left: Vec<String> = before.reports().iter().map(words).collect();
        for report in &fixed {
            let words = format!("{}: {}", report["code"].as_str().unwrap(), report["message"].as_str().unwrap());
            left.remove(left.iter().position(|known| *known == words).unwrap());
        }
        for report in after.reports().iter().map(words) {
            let known = left.iter().position(|known| *known == report);
            assert!(known.is_some(), "{}: after the fixes there is `{report}`", fixture.name);
            left.remove(known.unwrap());
        }
    }
    assert!(applied > 5, "only {applied} fixes were tried");
}

fn words(report: &Diagnostic) -> String {
    format!("{}: {}", report.check.name(), report.message)
}

/// Applies the edits as an editor would that has only the JSON: lines and columns from 1, columns in characters.
fn apply(source: &mut Source, reports: &[serde_json::Value]) {
    let mut edits: Vec<(usize, usize, String)> = reports
        .iter()
        .flat_map(|report| report["fix"]["edits"].as_array().unwrap())
        .filter(|edit| edit["file"] == source.path.as_str())
        .map(|edit| {
            let at = |end: &str| offset(&source.text, &edit[end]["line"], &edit[end]["column"]);
            (at("start"), at("end"), edit["text"].as_str().unwrap().to_owned())
        })
        .collect();
    edits.sort();
    for (start, end, text) in edits.into_iter().rev() {
        source.text.replace_range(start..end, &text);
    }
}

fn offset(text: &str, line: &serde_json::Value, column: &serde_json::Value) -> usize {
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap() - 1;
    let start: usize = text.split_inclusive('\n').take(number(line)).map(str::len).sum();
    start + text[start..].chars().take(number(column)).map(char::len_utf8).sum::<usize>()
}
