//! Broken text: whatever is deleted, doubled or cut off, checking ends, does not panic, and tells one mistake from many.
//!
//! The programs are the examples and the sound fixtures, each with one token changed at a time. What is too much to try
//! is sampled at fixed steps, so that every run tries the same.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use loadline::diag::{self, Check};
use loadline::{Analysis, Options, Source};

/// One changed token is one mistake; what hangs on it may be reported as well, but not without end.
const MAX_REPORTS: usize = 3;
/// Tokens tried per program.
const TRIES: usize = 60;

#[test]
fn a_deleted_token_is_few_reports() {
    each_change("without", |text, token| format!("{}{}", &text[..token.start], &text[token.end..]));
}

#[test]
fn a_doubled_token_is_few_reports() {
    each_change("with twice", |text, token| format!("{} {}", &text[..token.end], &text[token.start..]));
}

#[test]
fn text_that_ends_anywhere_is_read() {
    for (name, sources) in programs() {
        let text = &sources[0].text;
        let ends = |token: &Range<usize>| [token.start, token.end, token.start + (token.len() / 2)];
        // Many of these ends are the same.
        let ends: BTreeSet<usize> = sampled(&tokens(text)).iter().flat_map(ends).collect();
        for end in ends {
            if text.is_char_boundary(end) {
                checked(&name, changed(&sources, text[..end].to_owned()));
            }
        }
    }
}

#[test]
fn any_text_is_read() {
    // A small linear congruence: the same texts in every run.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % limit
    };
    let pieces = [
        "stage",
        "flow",
        "->",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "\"\"\"",
        "${",
        "$",
        "\\",
        ":",
        ",",
        "\n",
        " ",
        "//",
        "///",
        "#",
        "- ",
        "@",
        "?.",
        "??",
        "=>",
        "...",
        "..",
        "1.10",
        "5m",
        "r\"",
        "if",
        "for",
        "in",
        "é",
        "\u{202e}",
        "\u{0}",
        "\u{feff}",
        "𝛼",
        "\r\n",
        "\t",
        "a",
        "promote",
        "target kargo 1.11\n",
        "project p\n",
        "let x = ",
        "warehouse w",
        "slot w",
        "app.image.tag",
        "|",
        "&&",
        "!",
    ];
    for _ in 0..1500 {
        let text: String = (0..next(40)).map(|_| pieces[next(pieces.len())]).collect();
        checked("soup", vec![Source { path: "soup.pipeline".to_owned(), text }]);
    }
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..next(200)).map(|_| u8::try_from(next(256)).unwrap()).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        checked("bytes", vec![Source { path: "bytes.pipeline".to_owned(), text }]);
    }
}

#[test]
fn deep_brackets_are_one_report() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{ a: ", "}"), ("[", ""), ("(", ""), ("f(", ""), ("x ? ", "")] {
        for depth in [300, 5000] {
            let text = format!("target kargo 1.11\nproject p\nlet a = {}1{}\n", open.repeat(depth), close.repeat(depth));
            let analysis = checked("deep", vec![Source { path: "deep.pipeline".to_owned(), text }]);
            assert!(analysis.has_errors() && analysis.reports().len() <= MAX_REPORTS, "{open} {depth} times: {:?}", shown(&analysis));
        }
    }
}

#[test]
fn long_rows_of_operators_are_read() {
    for (row, end) in [("!", "true"), ("- ", "1"), ("1 + ", "1"), ("a.", "b"), ("true && ", "true"), ("x => ", "1")] {
        let text = format!("target kargo 1.11\nproject p\nlet a = {}{end}\n", row.repeat(3000));
        checked("row", vec![Source { path: "row.pipeline".to_owned(), text }]);
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let (_, sources) = programs().into_iter().max_by_key(|(_, sources)| sources.len()).unwrap();
    assert!(sources.len() > 1, "there is a program of several files");
    let mut reversed = sources.clone();
    reversed.reverse();
    assert_eq!(shown(&checked("in order", sources)), shown(&checked("reversed", reversed)));
}

/// Changes one token after the other and checks that reports stay few.
fn each_change(how: &str, change: impl Fn(&str, &Range<usize>) -> String) {
    let mut too_many = Vec::new();
    for (name, sources) in programs() {
        let text = &sources[0].text;
        for token in sampled(&tokens(text)) {
            let analysis = checked(&name, changed(&sources, change(text, &token)));
            if analysis.reports().len() > MAX_REPORTS {
                let line = text[..token.start].matches('\n').count() + 1;
                too_many.push(format!("{name} {how} `{}` in line {line}:\n{}", &text[token.clone()], shown(&analysis).join("")));
            }
        }
    }
    assert!(too_many.is_empty(), "{} changes give more than {} reports:\n{}", too_many.len(), MAX_REPORTS, too_many.join("\n"));
}

/// The program checked, its documents made and its reports rendered: none of it may panic.
fn checked(name: &str, sources: Vec<Source>) -> Analysis {
    let text = sources[0].text.clone();
    let result = std::panic::catch_unwind(|| {
        let analysis = Analysis::new(sources, &Options::default());
        for report in analysis.reports() {
            let files = analysis.files();
            assert!(report.check != Check::Internal, "{}", report.message);
            assert!(!diag::human(report, files, false).is_empty() && !diag::to_json(report, files).is_empty());
        }
        let _ = analysis.documents();
        analysis
    });
    result.unwrap_or_else(|_| panic!("{name} with this text:\n{text}"))
}

fn shown(analysis: &Analysis) -> Vec<String> {
    analysis.reports().iter().map(|report| diag::short(report, analysis.files())).collect()
}

fn changed(sources: &[Source], text: String) -> Vec<Source> {
    let mut sources = sources.to_vec();
    sources[0].text = text;
    sources
}

/// The examples, each a program of its folder, and the sound fixtures.
fn programs() -> Vec<(String, Vec<Source>)> {
    let mut out = Vec::new();
    folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut out);
    let sound = super::ui::fixtures().into_iter().filter(|fixture| fixture.is_sound() && fixture.stands_alone());
    out.extend(sound.map(|fixture| (fixture.name, fixture.sources)));
    out
}

fn folders(folder: &Path, out: &mut Vec<(String, Vec<Source>)>) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "pipeline") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            sources.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
        }
    }
    // Programs that are meant to be wrong, or to need files of other folders, are not for this.
    if !sources.is_empty() && Analysis::new(sources.clone(), &Options::default()).reports().is_empty() {
        out.push((folder.display().to_string(), sources));
    }
}

/// At most `TRIES` tokens, spread evenly.
fn sampled(tokens: &[Range<usize>]) -> Vec<Range<usize>> {
    let step = tokens.len().div_ceil(TRIES).max(1);
    tokens.iter().step_by(step).cloned().collect()
}

/// Words, strings, numbers, operators and brackets; comments are none.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let len = if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if let Some(inside) = rest.strip_prefix("\"\"\"") {
            inside.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if c == '"' {
            string_len(rest)
        } else if c.is_alphanumeric() || c == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len())
        } else {
            ["->", "=>", "&&", "||", "==", "!=", "??", "?.", "...", ".."]
                .iter()
                .find(|op| rest.starts_with(**op))
                .map_or(c.len_utf8(), |op| op.len())
        };
        out.push(at..at + len);
        at += len;
    }
    out
}

/// The length of a string with what is interpolated in it.
fn string_len(text: &str) -> usize {
    let mut depth = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            '{' if depth > 0 || text[..at].ends_with('$') => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '"' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}
