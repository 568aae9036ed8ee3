//! The formatter: what it makes of programs (`tests/fmt`), and what must hold for any text that parses.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use loadline::base::{FileId, Files};
use loadline::{format, syntax};

/// Tokens tried per text.
const TRIES: usize = 12;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn id() -> FileId {
    Files::default().add("a.pipeline", "")
}

fn formatted(text: &str) -> Option<String> {
    format::format(id(), text).ok()
}

/// Each program in `tests/fmt` has its formatted text beside it; `LOADLINE_BLESS=1` writes what comes out.
#[test]
fn programs_are_laid_out_as_reviewed() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("tests/fmt")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "pipeline") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let found = formatted(&text).unwrap_or_else(|| panic!("{} has errors", path.display()));
        let beside = path.with_extension("formatted");
        if std::env::var_os("LOADLINE_BLESS").is_some() {
            fs::write(&beside, &found).unwrap();
        }
        if fs::read_to_string(&beside).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(seen > 5);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_are_formatted() {
    let mut files = Vec::new();
    pipelines(&root().join("examples"), &mut files);
    pipelines(&root().join("stdlib"), &mut files);
    assert!(files.len() > 20);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(formatted(&text).as_deref(), Some(text.as_str()), "run `loadline fmt {}`", path.display());
    }
}

#[test]
fn every_text_keeps_its_meaning_and_its_comments() {
    let texts = texts();
    let sound = texts.iter().filter(|text| holds(text)).count();
    assert!(sound > 150, "only {sound} of {} texts parse", texts.len());
}

#[test]
fn texts_without_a_token_keep_theirs() {
    let mut sound = 0;
    for text in texts() {
        for token in sampled(&text) {
            sound += usize::from(holds(&format!("{}{}", &text[..token.start], &text[token.end..])));
        }
    }
    assert!(sound > 500, "{sound}");
}

/// A comment at any place where a line may end, behind something and on a line of its own.
#[test]
fn comments_may_stand_anywhere() {
    let mut sound = 0;
    for text in texts() {
        for (index, token) in sampled(&text).into_iter().enumerate() {
            let comment = [" // here\n", "\n// here\n", "\n\n  // here\n\n// there\n"][index % 3];
            sound += usize::from(holds(&format!("{}{comment}{}", &text[..token.start], &text[token.start..])));
        }
    }
    assert!(sound > 700, "{sound}");
}

/// Blanks and line ends where a line ends anyway, or none where one may be left out.
#[test]
fn blanks_do_not_matter() {
    let mut sound = 0;
    for text in texts().iter().filter(|text| !text.contains("\"\"\"")) {
        let looser: String = text.lines().map(|line| format!(" \t {line}  \n\n\n")).collect();
        let closer: String = text.lines().map(|line| format!("{}\n", line.trim())).collect();
        for changed in [looser, closer] {
            if holds(&changed) {
                sound += 1;
                let without_blank = |text: &str| formatted(text).map(|text| text.replace("\n\n", "\n"));
                assert_eq!(without_blank(&changed), without_blank(text), "{text}");
            }
        }
    }
    assert!(sound > 200, "{sound}");
}

/// The same text on few lines: what does not fit is broken, and breaking it again changes nothing.
#[test]
fn long_lines_keep_theirs() {
    let mut sound = 0;
    for text in texts() {
        let mut joined = String::new();
        for line in text.lines() {
            let ends_open = joined.ends_with(['{', '[', '(', ',', '\n']) || joined.is_empty();
            let closes = line.trim_start().starts_with(['}', ']', ')', '-', '&', '|', '?', ':', '+', '.', '*']);
            joined.push_str(if ends_open || closes { " " } else { ", " });
            joined.push_str(line.trim());
            if line.contains("//") || line.contains("\"\"\"") || line.trim().is_empty() {
                joined.push('\n');
            }
        }
        sound += usize::from(holds(&joined));
    }
    assert!(sound > 50, "{sound}");
}

#[test]
fn line_ends_of_other_systems_become_ours() {
    for text in texts().iter().filter(|text| !text.contains('\r')) {
        let other = text.replace('\n', "\r\n");
        assert_eq!(formatted(&other), formatted(text), "{text}");
    }
    let fenced = "let a = \"\"\"\r\n  x\r\n  y\r\n  \"\"\"\r\n";
    assert_eq!(formatted(fenced).unwrap(), "let a = \"\"\"\n  x\n  y\n  \"\"\"\n");
}

#[test]
fn broken_text_is_refused() {
    let reports = format::format(id(), "project shop\nstage {{\n").unwrap_err();
    assert!(reports.iter().all(|report| report.check == loadline::diag::Check::SyntaxError));
}

/// Whether the text parses; if so, its form must have the same tree and comments and be a form already.
fn holds(text: &str) -> bool {
    let parse = syntax::parse(id(), text);
    if !parse.errors.is_empty() {
        return false;
    }
    let once = match format::format(id(), text) {
        Ok(once) => once,
        Err(reports) => panic!("{reports:?}\n{text}"),
    };
    let again = syntax::parse(id(), &once);
    assert_eq!(comments(text), comments(&once), "{text}");
    assert_eq!(format!("{:-?}", parse.file.items), format!("{:-?}", again.file.items), "{text}");
    assert_eq!(formatted(&once).as_deref(), Some(once.as_str()), "formatted twice:\n{text}");
    assert!(once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n") && !once.starts_with('\n'), "{once:?}");
    true
}

fn comments(text: &str) -> Vec<String> {
    syntax::trivia(id(), text).comments.iter().map(|comment| text[comment.span.range()].to_owned()).collect()
}

/// Tokens spread evenly, others in each text.
fn sampled(text: &str) -> Vec<Range<usize>> {
    let tokens = super::robust::tokens(text);
    let step = tokens.len().div_ceil(TRIES).max(1);
    tokens.into_iter().skip(text.len() % step).step_by(step).collect()
}

/// Every program text of the project: files, and programs in the documentation.
fn texts() -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["examples", "stdlib", "tests"] {
        pipelines(&root().join(folder), &mut files);
    }
    let mut texts: BTreeSet<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for folder in [root(), root().join("docs"), root().join("docs/checks")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                texts.extend(super::docs::programs_in(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    texts.into_iter().collect()
}

fn pipelines(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pipelines(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "pipeline") {
            files.push(path);
        }
    }
}
