//! Random edits: the server never fails, and what it says of a text is what a fresh analysis says of it.

use serde_json::json;

use super::client::{Client, able};
use super::position;
use crate::edits::{Dice, edited};

type Files = &'static [(&'static str, &'static str)];

const FILES: Files = &[
    ("file:///random/a/main.pipeline", include_str!("../../lsp/random/main.pipeline")),
    ("file:///random/a/more.pipeline", include_str!("../../lsp/random/more.pipeline")),
    ("file:///random/lib/lib.pipeline", include_str!("../../lsp/random/lib.pipeline")),
];

/// Stages with mistakes and with uses of what stands around them: most of them do not change from edit to edit.
const STAGES: Files = &[
    ("file:///stages/main.pipeline", include_str!("../../lsp/random/stages.pipeline")),
    ("file:///stages/more.pipeline", include_str!("../../lsp/random/more_stages.pipeline")),
];

#[test]
fn what_is_published_is_what_a_fresh_server_finds() {
    for seed in 0..rounds() * 4 {
        run(FILES, seed);
    }
}

#[test]
fn what_is_kept_of_stages_is_what_a_fresh_server_finds() {
    for seed in 0..rounds() * 4 {
        run(STAGES, seed);
    }
}

fn rounds() -> u64 {
    std::env::var("EDIT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Questions that are asked anywhere, also in broken text.
const QUESTIONS: &[&str] = &[
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/signatureHelp",
    "textDocument/documentHighlight",
    "textDocument/prepareCallHierarchy",
];

const OF_FILES: &[&str] = &[
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/semanticTokens/full",
    "textDocument/codeLens",
    "textDocument/documentLink",
    "loadline/manifests",
    "loadline/permissions",
];

fn run(files: Files, seed: u64) {
    let mut dice = Dice::new(seed + 77);
    let mut client = Client::start(&[], able());
    let mut texts: Vec<String> = files.iter().map(|(_, text)| (*text).to_owned()).collect();
    for ((uri, _), text) in files.iter().zip(&texts) {
        client.open(uri, text);
    }
    for step in 0..25 {
        let file = dice.below(files.len());
        let (uri, source) = files[file];
        let next = if dice.below(6) == 0 { source.to_owned() } else { edited(&texts[file], &mut dice) };
        type_it(&mut client, uri, &texts[file], &next);
        texts[file] = next;
        ask_anything(&mut client, uri, &texts[file], &mut dice);
        client.settle();
        // A fresh server is dear: every fifth text, and the last.
        if step % 5 == 4 {
            compare(&mut client, files, &texts, seed, step);
        }
    }
}

/// The change as an editor sends it: the stretch that differs.
fn type_it(client: &mut Client, uri: &str, before: &str, after: &str) {
    let mut start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(start) || !after.is_char_boundary(start) {
        start -= 1;
    }
    let most = before.len().min(after.len()) - start;
    let mut end = before.bytes().rev().zip(after.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(before.len() - end) || !after.is_char_boundary(after.len() - end) {
        end -= 1;
    }
    let range = json!({ "start": position(before, start), "end": position(before, before.len() - end) });
    client.change(uri, json!([{ "range": range, "text": &after[start..after.len() - end] }]));
}

/// No question is too much: a fault of the server is an error with its own number.
fn ask_anything(client: &mut Client, uri: &str, text: &str, dice: &mut Dice) {
    let offset = (0..=dice.below(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let document = json!({ "uri": uri });
    let place = json!({ "textDocument": document, "position": position(text, offset) });
    let method = QUESTIONS[dice.below(QUESTIONS.len())];
    let mut answers = vec![(method, client.ask(method, place.clone()))];
    let method = OF_FILES[dice.below(OF_FILES.len())];
    answers.push((method, client.ask(method, json!({ "textDocument": document }))));
    let all = json!({ "start": position("", 0), "end": position(text, text.len()) });
    match dice.below(5) {
        0 => answers.push(("inlayHint", client.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": all })))),
        1 => {
            let params = json!({ "textDocument": document, "range": all, "context": { "diagnostics": [] } });
            answers.push(("codeAction", client.ask("textDocument/codeAction", params)));
        }
        2 => {
            let mut params = place;
            params["newName"] = json!("another");
            answers.push(("rename", client.ask("textDocument/rename", params)));
        }
        3 => answers.push((
            "selectionRange",
            client.ask("textDocument/selectionRange", json!({ "textDocument": document, "positions": [position(text, offset)] })),
        )),
        _ => answers.push((
            "formatting",
            client.ask("textDocument/formatting", json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } })),
        )),
    }
    for (method, answer) in answers {
        // -32803: refused with a reason.
        let fault = answer.err().filter(|error| !error.starts_with("-32803"));
        assert!(fault.is_none(), "{method} at {offset}: {fault:?}\n{text}");
    }
}

fn compare(client: &mut Client, files: Files, texts: &[String], seed: u64, step: usize) {
    let mut fresh = Client::start(&[], able());
    for ((uri, _), text) in files.iter().zip(texts) {
        fresh.open(uri, text);
    }
    fresh.settle();
    for ((uri, _), text) in files.iter().zip(texts) {
        let (known, wanted) = (client.reports.get(*uri), fresh.reports.get(*uri));
        let (known, wanted) = (known.cloned().unwrap_or_default(), wanted.cloned().unwrap_or_default());
        assert!(
            known == wanted,
            "seed {seed}, step {step}, {uri}:\n{text}\nknown: {:#?}\nfresh: {:#?}",
            client.reported(uri),
            fresh.reported(uri)
        );
        // What places mean.
        let document = json!({ "textDocument": { "uri": uri } });
        let meanings = |client: &mut Client| client.ask("textDocument/semanticTokens/full", document.clone());
        assert_eq!(meanings(client), meanings(&mut fresh), "seed {seed}, step {step}, {uri}:\n{text}");
    }
}
