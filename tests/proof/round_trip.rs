//! Generated programs, broken and put in order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::generator::Stock;
use crate::generator::text::{files, joined};
use crate::sound::{EDITIONS, analysis};

/// Where the tokens of a program lie, near enough: words, and signs one by one.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        let word = c.is_alphanumeric() || c == '_' || c == '-';
        match out.last_mut() {
            Some(last) if word && in_word => last.end = at + c.len_utf8(),
            _ if !c.is_whitespace() => out.push(at..at + c.len_utf8()),
            _ => {}
        }
        in_word = word;
    }
    out
}

/// The manifests without the comments that name lines.
fn manifests(text: &str) -> Option<String> {
    let analysis = analysis(text);
    let documents = analysis.documents();
    (!documents.is_empty()).then(|| documents.iter().map(|document| document.text.as_str()).collect())
}

/// Each file of a program, laid out.
fn formatted(program: &str) -> Option<String> {
    let laid_out = files(program).into_iter().map(|(path, text)| {
        let file = loadline::base::Files::default().add(path.clone(), text.clone());
        loadline::format::format(file, &text).ok().map(|text| (path, text))
    });
    laid_out.collect::<Option<Vec<_>>>().map(|files| joined(&files))
}

#[test]
fn formatting_keeps_the_meaning_and_is_done_once() {
    let stock = Stock::new();
    let mut wrong = Vec::new();
    for edition in EDITIONS {
        let version = edition.target;
        for seed in edition.seeds() {
            let text = stock.program(seed, version).text();
            let Some(once) = formatted(&text) else {
                wrong.push(format!("seed {seed}, {version} cannot be formatted:\n{text}"));
                continue;
            };
            if formatted(&once).as_ref() != Some(&once) {
                wrong.push(format!("seed {seed}, {version} changes when it is formatted again:\n{once}"));
            }
            if manifests(&text) != manifests(&once) {
                wrong.push(format!("seed {seed}, {version} means something else:\n{once}"));
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[0]);
}

#[test]
fn no_token_is_missed_so_much_that_the_checks_stumble() {
    let stock = Stock::new();
    let mut stumbled = Vec::new();
    for edition in EDITIONS {
        let version = edition.target;
        for seed in edition.seeds().step_by(40).take(4 / edition.ends.len()) {
            let text = stock.program(seed, version).text();
            let all = tokens(&text);
            for (number, token) in all.iter().enumerate() {
                // All tokens of short programs, and every third of long ones, with another start for each seed.
                if all.len() > 400 && !(number + seed as usize).is_multiple_of(3) {
                    continue;
                }
                let broken = format!("{}{}", &text[..token.start], &text[token.end..]);
                if catch_unwind(AssertUnwindSafe(|| analysis(&broken))).is_err() {
                    stumbled.push(format!("seed {seed}, {version}, without {:?} at {}:\n{broken}", &text[token.clone()], token.start));
                }
            }
        }
    }
    assert!(stumbled.is_empty(), "{} stumble:\n{}", stumbled.len(), stumbled[0]);
}
