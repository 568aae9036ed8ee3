//! The grammar for editors: what it reads, and that everything that is made from it is up to date.

mod corpus;
mod generated;
mod programs;
mod queries;

use tree_sitter::{Language, Parser, Tree};

fn language() -> Language {
    tree_sitter_loadline::LANGUAGE.into()
}

fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    parser.parse(text, None).unwrap()
}

/// Whether expected files shall be written anew.
fn bless() -> bool {
    std::env::var_os("LOADLINE_BLESS").is_some()
}
