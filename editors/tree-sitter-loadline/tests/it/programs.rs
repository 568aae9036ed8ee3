//! Every program of the project is read without an error, and so is what the language's description shows.

use std::fs;
use std::path::{Path, PathBuf};

use tree_sitter::Node;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All programs below a folder, with their text.
fn programs(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            programs(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "pipeline") {
            let text = fs::read_to_string(&path).unwrap();
            out.push((path, text));
        }
    }
}

/// The first place that was not understood.
fn first_error(node: Node) -> Option<Node> {
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(Node::has_error).find_map(first_error)
}

/// A fixture may hold several files; those behind the first that is no program are left out.
fn programs_of(text: &str) -> &str {
    let other =
        text.match_indices("//# file: ").find(|(at, _)| !text[*at..].lines().next().unwrap_or("").trim_end().ends_with(".pipeline"));
    other.map_or(text, |(at, _)| &text[..at])
}

fn complaint(name: &str, first_line: usize, text: &str) -> Option<String> {
    let text = programs_of(text);
    let tree = crate::parse(text);
    let error = tree.root_node().has_error().then(|| first_error(tree.root_node()))??;
    let place = error.start_position();
    let line = text.lines().nth(place.row).unwrap_or_default();
    Some(format!("{name}:{}:{}: {line}", place.row + first_line, place.column + 1))
}

#[test]
fn every_program_is_read_without_an_error() {
    let mut found = Vec::new();
    for folder in ["examples", "stdlib", "docs/reference/examples", "tests/real", "tests/lower", "tests/outcomes", "tests/fmt", "tests/ui"]
    {
        programs(&root().join(folder), &mut found);
    }
    // A note in a fixture says what the compiler reports; what is no sound text for the compiler need not be one here.
    found.retain(|(_, text)| !text.contains("syntax-error:") && !text.contains("foreign-syntax:"));
    assert!(found.len() > 400, "only {} programs were found", found.len());
    let complaints: Vec<String> = found.iter().filter_map(|(path, text)| complaint(&path.display().to_string(), 1, text)).collect();
    assert!(complaints.is_empty(), "{} of {}\n{}", complaints.len(), found.len(), complaints.join("\n"));
}

/// Programs in the pages of a folder: where they begin, and their text.
fn pages(folder: &Path, out: &mut Vec<(String, usize, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let page = fs::read_to_string(&path).unwrap();
            let mut open: Option<(usize, String)> = None;
            for (index, line) in page.lines().enumerate() {
                match &mut open {
                    Some((first, text)) if line.starts_with("```") => {
                        out.push((path.display().to_string(), *first, std::mem::take(text)));
                        open = None;
                    }
                    Some((_, text)) => {
                        text.push_str(line);
                        text.push('\n');
                    }
                    None if line.starts_with("```pipeline") => open = Some((index + 2, String::new())),
                    None => {}
                }
            }
        }
    }
}

#[test]
fn programs_in_the_documentation_are_read_without_an_error() {
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    // These two pages show what cannot be read.
    found.retain(|(page, ..)| !page.ends_with("checks/syntax-error.md") && !page.ends_with("checks/foreign-syntax.md"));
    assert!(found.len() > 150, "only {} programs were found", found.len());
    let complaints: Vec<String> = found.iter().filter_map(|(page, line, text)| complaint(page, *line, text)).collect();
    assert!(complaints.is_empty(), "{} of {}\n{}", complaints.len(), found.len(), complaints.join("\n"));
}

#[test]
fn a_mistake_stays_where_it_is() {
    // A line in the middle of a stage that is no entry: its neighbours and the next stage keep their nodes.
    let text = "stage a {\n  slot app\n  shard: = 1\n  slot base\n}\nstage b { slot app }\n";
    let tree = crate::parse(text);
    let root = tree.root_node();
    let mut cursor = root.walk();
    let kinds: Vec<&str> = root.children(&mut cursor).filter(Node::is_named).map(|node| node.kind()).collect();
    assert_eq!(kinds, ["declaration", "declaration"], "{}", root.to_sexp());
}
