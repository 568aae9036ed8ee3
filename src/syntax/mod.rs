//! From text to tree. In: a file's text. Out: [`Parse`], always: what cannot be read is reported and becomes `Error`
//! nodes, so that the sound rest keeps its checks. Only this module knows pest.
//!
//! The text is read once. Only if blocks are left open (or closed once too often) it is read again with the rule that a
//! declaration at the left margin closes all open blocks (`recover`), so that a missing brace costs one report.

pub mod ast;
mod build;
mod edit;
mod errors;
mod grammar;
mod margin;
pub mod nodes;
mod recover;
mod shift;
mod trivia;

pub use edit::{peek, reparse};
pub use trivia::{Comment, Trivia};

use crate::base::FileId;
use crate::diag::Diagnostic;

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct Parse {
    pub file: ast::Block,
    /// The words in text that could not be read. They may have declared or used anything.
    pub lost: Vec<ast::Ident>,
    pub errors: Vec<Diagnostic>,
    /// The text could be read, and every brace has its partner.
    pub is_balanced: bool,
}

/// Blocks, lists and parentheses may lie this deep in one another; deeper text is refused, since tools recurse, too.
const MAX_DEPTH: usize = 200;

/// Reads a file. Never fails and never panics, whatever the text is.
pub fn parse(id: FileId, text: &str) -> Parse {
    let whole = grammar::read(id, text, 0..text.len());
    if whole.unbalanced {
        return recover::read_by_margin(id, text, whole);
    }
    let is_balanced = whole.parse.file.span.is_some();
    Parse { is_balanced, ..whole.parse }
}

/// What the tree of a file leaves out. Only formatters ask for it, so it is read for them alone.
pub fn trivia(id: FileId, text: &str) -> Trivia {
    grammar::trivia(id, text)
}

/// How fast pest alone reads the text, for benches: the number of pairs, or nothing where it gives up.
pub fn bare_parse(text: &str) -> Option<usize> {
    grammar::bare(text)
}
