//! `test/corpus`, in the form of `tree-sitter test`: a title between lines of `=`, a text, a line of `-`, the tree.
//!
//! With `LOADLINE_BLESS` in the environment the trees are written anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tree_sitter::{Node, TreeCursor};

struct Case {
    title: String,
    text: String,
    tree: String,
}

fn is_rule(line: &str, sign: char) -> bool {
    line.len() >= 3 && line.chars().all(|c| c == sign)
}

fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut in_tree = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if is_rule(line, '=') {
            let title = lines.next().unwrap().to_owned();
            assert!(is_rule(lines.next().unwrap(), '='));
            cases.push(Case { title, text: String::new(), tree: String::new() });
            in_tree = false;
        } else if is_rule(line, '-') {
            in_tree = true;
        } else if let Some(case) = cases.last_mut() {
            let part = if in_tree { &mut case.tree } else { &mut case.text };
            part.push_str(line);
            part.push('\n');
        }
    }
    cases
}

/// The named nodes, one on a line.
fn shape(cursor: &mut TreeCursor, depth: usize, out: &mut String) {
    let node: Node = cursor.node();
    let field = cursor.field_name().map(|field| format!("{field}: ")).unwrap_or_default();
    let _ = write!(out, "\n{}{field}({}", "  ".repeat(depth), node.kind());
    if cursor.goto_first_child() {
        loop {
            if cursor.node().is_named() {
                shape(cursor, depth + 1, out);
            }
            if !cursor.goto_next_sibling() {
                break;
            }
        }
        cursor.goto_parent();
    }
    out.push(')');
}

fn tree(text: &str) -> String {
    let mut out = String::new();
    shape(&mut crate::parse(text).walk(), 0, &mut out);
    out.trim().to_owned()
}

#[test]
fn texts_have_their_trees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let cases = read(&fs::read_to_string(entry.path()).unwrap());
        let mut anew = String::new();
        for case in &cases {
            let found = tree(&case.text);
            if !crate::bless() {
                assert_eq!(found, case.tree.trim(), "{}: {}", entry.path().display(), case.title);
            }
            let rule = "=".repeat(case.title.chars().count().max(3));
            let _ = write!(anew, "{rule}\n{}\n{rule}\n\n{}\n\n---\n\n{found}\n\n", case.title, case.text.trim());
        }
        if crate::bless() {
            fs::write(entry.path(), anew.trim_end().to_owned() + "\n").unwrap();
        }
        seen += cases.len();
    }
    assert!(seen > 20, "only {seen} cases");
}
