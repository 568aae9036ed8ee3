//! What editors ask about a program. In: an [`Analysis`] that records what places mean ([`Analysis::observed`]), and a place
//! in bytes. Out: plain facts about it, in bytes, too. Nothing here does input or output or knows a protocol; nothing
//! here resolves a name or types a value: that did the checker, and [`Index`](crate::types::Index) says what it found.

mod actions;
mod calls;
pub mod completion;
mod folding;
mod hints;
mod hover;
mod keywords;
mod names;
mod rename;
mod signature;
mod symbols;
mod tokens;
mod words;
mod yaml;

pub use actions::{Action, actions};
pub use calls::{Call, Lens, call_at, callers, calls_of, lenses};
pub use folding::{folds, selection};
pub use hints::{Hint, hints};
pub use hover::{Hover, hover};
pub use names::{Target, definition, references, type_definition};
pub use rename::{Renaming, rename, renamed_place};
pub use signature::{Signature, signature};
pub use symbols::{Symbol, SymbolKind, symbols};
pub use tokens::{Modifier, Token, TokenKind, tokens};
pub use yaml::{Manifest, compiled, manifests};

use std::sync::Arc;

use crate::Analysis;
use crate::base::{FileId, Span};
use crate::syntax::Parse;
use crate::syntax::ast::Item;
use crate::syntax::nodes::{self, Node};

/// The empty place at an offset.
pub fn at(file: FileId, offset: u32) -> Span {
    Span { file, start: offset, end: offset }
}

/// The tree of a file of the program, or of a folder that it uses.
pub fn parse_of(analysis: &Analysis, file: FileId) -> Option<&Arc<Parse>> {
    analysis.sources().parses.iter().find(|parse| parse.file.span.is_some_and(|span| span.file == file))
}

/// The nodes that a place lies in, the outermost first.
fn path(analysis: &Analysis, at: Span) -> Vec<Node<'_>> {
    parse_of(analysis, at.file).map(|parse| nodes::path(&parse.file, at)).unwrap_or_default()
}

/// The entry that declares the name at a place: with its doc and its body.
fn declaration(analysis: &Analysis, name: Span) -> Option<&Item> {
    let items = path(analysis, name).into_iter().rev();
    items.filter_map(|node| if let Node::Item(item) = node { Some(item) } else { None }).next()
}
