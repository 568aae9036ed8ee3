//! Words with their meaning, for highlighting that knows more than a grammar.

use super::parse_of;
use crate::Analysis;
use crate::base::{FileId, Span};
use crate::syntax::ast::ItemKind;
use crate::syntax::nodes::Node;
use crate::types::index::{Meaning, Use};
use crate::types::tree::Time;

/// A word of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub at: Span,
    pub kind: TokenKind,
    pub modifiers: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum TokenKind {
    Namespace,
    Type,
    Class,
    Parameter,
    Variable,
    Property,
    Function,
    Macro,
    Keyword,
    Decorator,
}

/// Bits of [`Token::modifiers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Modifier {
    Declaration = 1,
    Readonly = 2,
    Deprecated = 4,
    DefaultLibrary = 8,
}

impl TokenKind {
    /// In the order of their numbers, in the words of the protocol.
    pub const NAMES: [&'static str; 10] =
        ["namespace", "type", "class", "parameter", "variable", "property", "function", "macro", "keyword", "decorator"];
}

impl Modifier {
    /// In the order of their bits.
    pub const NAMES: [&'static str; 4] = ["declaration", "readonly", "deprecated", "defaultLibrary"];
}

/// The words of a file that mean something, in the order of their places; no two overlap.
pub fn tokens(analysis: &Analysis, file: FileId) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    if let Some(index) = analysis.index() {
        let own = index.uses_in(Span { file, start: 0, end: u32::MAX });
        out.extend(own.into_iter().filter_map(|found| of_use(analysis, found)));
    }
    if let Some(parse) = parse_of(analysis, file) {
        Node::Block(&parse.file).walk(&mut |node| out.extend(of_node(node)));
    }
    let text = analysis.files().text(file);
    out.retain(|token| text.get(token.at.range()).is_some_and(|word| !word.is_empty() && !word.contains(['\n', '"', '[', '{', ' '])));
    // What is known by its meaning comes first, and is kept.
    out.sort_by_key(|token| (token.at.start, token.kind == TokenKind::Keyword, token.at.end));
    let mut end = 0;
    out.retain(|token| {
        let is_free = token.at.start >= end;
        end = if is_free { token.at.end } else { end };
        is_free
    });
    out
}

fn of_use(analysis: &Analysis, found: &Use) -> Option<Token> {
    let kind = match &found.what {
        Meaning::Let | Meaning::Var | Meaning::Slot(_) | Meaning::Result | Meaning::Local => TokenKind::Variable,
        Meaning::Parameter => TokenKind::Parameter,
        Meaning::Step(_) | Meaning::Function(_) | Meaning::Task(_) => TokenKind::Function,
        Meaning::Template(_) => TokenKind::Macro,
        Meaning::Setting(_) | Meaning::Field(_) => TokenKind::Property,
        Meaning::Type(_) => TokenKind::Type,
        Meaning::Kind(_) => TokenKind::Keyword,
        Meaning::Stage | Meaning::Warehouse | Meaning::Object(_) | Meaning::Analysis(_) => TokenKind::Class,
        Meaning::Project => TokenKind::Namespace,
    };
    let mut modifiers = 0;
    let mut add = |modifier: Modifier, holds: bool| modifiers |= if holds { modifier as u32 } else { 0 };
    add(Modifier::Declaration, found.at == found.declared);
    let is_static = analysis.index().and_then(|index| index.value(found.at)).is_some_and(|typed| typed.time == Time::Static);
    add(Modifier::Readonly, kind == TokenKind::Variable && is_static);
    add(Modifier::DefaultLibrary, analysis.files().is_stdlib(found.declared.file));
    let rules = match &found.what {
        Meaning::Step(step) => Some(&step.rules),
        Meaning::Function(function) => Some(&function.rules),
        Meaning::Setting(field) | Meaning::Field(field) => Some(&*field.rules),
        _ => None,
    };
    let is_reached = |rules: &crate::library::Rules| {
        let (version, _) = rules.deprecated.as_ref()?;
        analysis.targets().main().reached(*version)
    };
    add(Modifier::Deprecated, rules.and_then(is_reached).is_some());
    Some(Token { at: found.at, kind, modifiers })
}

/// Words that mean something by where they stand.
fn of_node(node: Node<'_>) -> Option<Token> {
    let token = |at: Span, kind: TokenKind| Some(Token { at, kind, modifiers: 0 });
    match node {
        Node::Attribute(attribute) => token(attribute.name.span, TokenKind::Decorator),
        Node::Item(item) => match &item.kind {
            ItemKind::Declaration(found) => token(found.kind.span, TokenKind::Keyword),
            ItemKind::Step(step) if matches!(step.kind.name.as_str(), "promote" | "verify" | "finally" | "raw") => {
                token(step.kind.span, TokenKind::Keyword)
            }
            ItemKind::Flow(flow) => token(flow.keyword, TokenKind::Keyword),
            _ => None,
        },
        Node::Key(key) if key.as_word().is_some() => token(key.span, TokenKind::Property),
        _ => None,
    }
}
