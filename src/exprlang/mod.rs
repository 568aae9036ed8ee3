//! The expression language of Kargo (expr-lang), read: a text in, a tree or what is wrong with it out.
//!
//! Used for `raw` expressions and for templates in manifests. What is accepted, and as which tree, is exactly what
//! expr-lang's own parser does, version by version ([`Dialect`]); types are not checked. Reading never fails by itself:
//! a text that nests too deeply or is too long is refused like any other mistake, and time grows with the length alone.
//!
//! Places are byte offsets into the text that was given ([`At`]). Whoever read the text from somewhere knows where that is.

mod builtins;
mod escape;
mod lexer;
mod number;
mod operators;
mod parser;
mod postfix;
mod primary;
mod problems;
mod template;
mod tree;

pub use builtins::{Arity, arity, is_builtin};
pub use lexer::{Token, TokenKind, tokens};
pub use template::{Delimiters, Part, Unclosed, parts};
pub use tree::{Id, Kind, Node, Tree};

/// Stands in a text for a value that is put in from outside: one whole operand.
///
/// It is one only at the places that the caller names; elsewhere it is a character like any other.
pub const HOLE: char = '\u{fdd0}';

/// Bytes of the text, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    pub start: u32,
    pub end: u32,
}

impl At {
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    fn to(self, other: At) -> At {
        At { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Which expr-lang reads the text: the patch of 1.17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dialect(u32);

impl Dialect {
    pub fn of_patch(patch: u32) -> Dialect {
        Dialect(patch)
    }

    /// The newest that is known.
    pub fn newest() -> Dialect {
        Dialect(8)
    }

    fn has_else_if(self) -> bool {
        self.0 >= 7
    }

    fn has_braced_escapes(self) -> bool {
        self.0 >= 7
    }

    fn has_doubled_backticks(self) -> bool {
        self.0 >= 7
    }

    fn has_bytes(self) -> bool {
        self.0 >= 8
    }
}

/// Why a text is no expression: where, in a lower-case sentence, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub at: At,
    pub message: String,
    pub help: Option<&'static str>,
}

/// Reads an expression.
pub fn parse(text: &str, dialect: Dialect) -> Result<Tree, Problem> {
    parse_with_holes(text, &[], dialect)
}

/// Reads an expression in which each of `holes` (byte offsets of a [`HOLE`], in order) is an operand.
pub fn parse_with_holes(text: &str, holes: &[u32], dialect: Dialect) -> Result<Tree, Problem> {
    let tokens = lexer::tokens(text, holes, dialect);
    parser::Parser::new(&tokens, dialect).whole()
}
