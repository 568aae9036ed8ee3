//! The queries: each is one that the grammar understands, and marks what it should.
//!
//! With `LOADLINE_BLESS` in the environment what is marked is written anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tree_sitter::{Query, QueryCursor, StreamingIterator};

/// Captures of a query: for each stretch of text the last one that marks it.
fn captures(query: &str, text: &str) -> BTreeMap<(usize, usize), String> {
    let query = Query::new(&crate::language(), query).unwrap();
    let tree = crate::parse(text);
    let mut cursor = QueryCursor::new();
    let mut found: BTreeMap<(usize, usize), (usize, String)> = BTreeMap::new();
    let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
    while let Some(one) = matches.next() {
        for capture in one.captures() {
            let range = (capture.node.start_byte(), capture.node.end_byte());
            let name = query.capture_names()[capture.index as usize].to_owned();
            if name.starts_with('_') {
                continue;
            }
            let entry = found.entry(range).or_default();
            if one.pattern_index >= entry.0 {
                *entry = (one.pattern_index, name);
            }
        }
    }
    found.into_iter().map(|(range, (_, name))| (range, name)).collect()
}

#[test]
fn a_program_is_highlighted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test");
    let text = fs::read_to_string(folder.join("highlight.pipeline")).unwrap();
    let mut lines: Vec<String> = Vec::new();
    for ((start, end), name) in captures(tree_sitter_loadline::HIGHLIGHTS_QUERY, &text) {
        let line = text[..start].matches('\n').count() + 1;
        let shown = text[start..end].escape_debug();
        if !name.starts_with("punctuation.bracket") && !name.starts_with("punctuation.delimiter") {
            lines.push(format!("{line:>3} {name:<24}{shown}"));
        }
    }
    let found = lines.join("\n") + "\n";
    let path = folder.join("highlight.txt");
    if crate::bless() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap());
}

#[test]
fn blocks_lists_and_texts_can_be_folded() {
    let text = "stage test {\n  slot app\n  promote {\n    a {\n    }\n  }\n}\nlet l = [\n  1\n]\nlet t = \"\"\"\n  a\n  \"\"\"\n";
    let lines = |at: usize| text[..at].matches('\n').count() + 1;
    let folds: Vec<(usize, usize)> =
        captures(tree_sitter_loadline::FOLDS_QUERY, text).into_keys().map(|(start, end)| (lines(start), lines(end))).collect();
    assert_eq!(folds, [(1, 7), (3, 6), (4, 5), (8, 10), (11, 13)]);
}

#[test]
fn a_pattern_is_a_regular_expression() {
    let text = "stage a { labels: { b: c matches r\"-rc\" ? \"d\" : \"e\" } } // f\n";
    let found: Vec<String> =
        captures(tree_sitter_loadline::INJECTIONS_QUERY, text).into_keys().map(|(start, end)| text[start..end].to_owned()).collect();
    assert_eq!(found, ["r\"-rc\"", "// f"]);
}

#[test]
fn every_bracket_is_indented() {
    let text = "stage a {\n  b: [1]\n  c(d: 1)\n}\n";
    let count = |name: &str| captures(tree_sitter_loadline::INDENTS_QUERY, text).values().filter(|found| *found == name).count();
    assert_eq!((count("indent.begin"), count("indent.end")), (3, 3));
}

#[test]
fn the_queries_of_zed_fit_the_grammar() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zed/languages/loadline");
    if crate::bless() {
        fs::write(folder.join("highlights.scm"), tree_sitter_loadline::HIGHLIGHTS_QUERY).unwrap();
    }
    for name in ["highlights", "brackets", "indents", "outline"] {
        let query = fs::read_to_string(folder.join(name).with_extension("scm")).unwrap();
        assert!(!captures(&query, "stage a { b: [1], c(1) }\n").is_empty(), "{name} marks nothing");
        assert!(name != "highlights" || query == tree_sitter_loadline::HIGHLIGHTS_QUERY, "Zed has other highlights");
    }
}
