//! The tokens of files, as the grammar reads them, for the test of the TextMate grammar in `editors/vscode`.
//!
//! For each file a line `# PATH`, then a line `START END WHAT` for each token, in bytes. `WHAT` is one of `comment`, `string`
//! (all of a text but the values in it), `keyword`, `key` (of a setting, an argument, a parameter), `kind` (of a
//! declaration), `step` (or a call, a block, a type), `name`, `number` and `sign`.

use tree_sitter::{Node, Parser};

fn what(node: Node, text: &str) -> &'static str {
    let parent = node.parent();
    let is_field = |field: &str| parent.and_then(|parent| parent.child_by_field_name(field)) == Some(node);
    match node.kind() {
        "comment" | "doc_comment" => "comment",
        "text" | "escape" | "foreign" | "raw_string" | "\"" | "\"\"\"" | "$" => "string",
        "true" | "false" | "null" => "keyword",
        "number" | "duration" | "version" => "number",
        "identifier" => match parent.map(|parent| parent.kind()) {
            Some("setting" | "argument" | "field" | "parameter") if is_field("name") => "key",
            Some("declaration") if is_field("kind") => "kind",
            Some("declaration") if &text[node.byte_range()] == "failure" && kind_of(parent, text) == Some("on") => "keyword",
            Some("path") => "step",
            _ => "name",
        },
        kind if kind.starts_with(|c: char| c.is_ascii_alphabetic()) => "keyword",
        _ => "sign",
    }
}

/// The word before the name of a declaration.
fn kind_of<'t>(declaration: Option<Node>, text: &'t str) -> Option<&'t str> {
    declaration?.child_by_field_name("kind").map(|kind| &text[kind.byte_range()])
}

fn print(node: Node, text: &str) {
    if node.child_count() == 0 {
        println!("{} {} {}", node.start_byte(), node.end_byte(), what(node, text));
        return;
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        print(child, text);
    }
}

fn main() {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_loadline::LANGUAGE.into()).expect("the version of the parser fits");
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect("a file that can be read");
        let tree = parser.parse(&text, None).expect("a language is set");
        println!("# {path}");
        print(tree.root_node(), &text);
    }
}
