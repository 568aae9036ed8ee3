//! Choices at the cursor. In: a text and an offset. Out: what may be written there.
//!
//! Where the cursor is the text is rarely whole. So a word that no program has ([`MARK`]) is put there, in a few forms, until
//! one is read as an entry, a name or a value ([`Marked`]). That text is analysed like any other, and the checker, when it
//! meets the mark, records what is seen and wanted there; this module turns that into choices.

mod entries;
mod snippets;
mod values;

use std::ops::Range;

use crate::Analysis;
use crate::base::{FileId, Span};
use crate::library::{Rules, Target, Ty};
use crate::syntax::Parse;
use crate::syntax::ast::{BindingValue, Declaration, ExprKind, FlowNode, Item, ItemKind, TypeKind};
use crate::syntax::nodes::{self, Node};
use crate::types::index::MARK;

pub use crate::types::index::MARK as PLACEHOLDER;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub label: String,
    pub kind: ChoiceKind,
    /// Its type, on the line of the choice.
    pub detail: Option<String>,
    pub doc: Option<String>,
    /// What is written, as a snippet: `$1` and so on are places for the cursor.
    pub snippet: String,
    /// Lower ones come first.
    pub rank: u8,
    pub is_deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceKind {
    Keyword,
    Setting,
    Step,
    Task,
    Function,
    Variable,
    Slot,
    Field,
    Choice,
    Type,
    Stage,
    Warehouse,
    Kind,
    Folder,
    Check,
}

/// Ranks, best first.
pub(super) mod rank {
    pub(in crate::ide) const REQUIRED: u8 = 0;
    pub(in crate::ide) const FITS: u8 = 1;
    pub(in crate::ide) const OPTIONAL: u8 = 2;
    pub(in crate::ide) const OTHER: u8 = 3;
    pub(in crate::ide) const FAR: u8 = 4;
    /// What the target lacks.
    pub(in crate::ide) const LACKING: u8 = 9;
}

/// The word at the cursor, which a choice replaces, and what stands for it in the forms of the text with the mark.
#[derive(Clone, Debug)]
pub struct Marked {
    pub word: Range<usize>,
    pub forms: Vec<String>,
}

/// The forms of a text with the mark at the cursor, the most likely first. `None` in comments and numbers.
pub fn mark(text: &str, offset: usize) -> Option<Marked> {
    let before = text.get(..offset)?;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let start = before.trim_end_matches(is_word).len();
    let rest = text.get(offset..)?;
    let end = offset + rest.len() - rest.trim_start_matches(is_word).len();
    if text.get(start..end)?.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    let open = open_at(before)?;
    let mut forms = Vec::new();
    for count in 0..=open.len().min(4) {
        let closers: String = open.iter().rev().take(count).collect();
        // A name or value; something with a block; a key.
        for form in ["", " {}", ": 0"] {
            forms.push(format!("{MARK}{form}{closers}"));
        }
    }
    Some(Marked { word: start..end, forms })
}

/// What closes the brackets and texts that are open on the line of the cursor, outermost first. `None` in a comment.
fn open_at(before: &str) -> Option<Vec<char>> {
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..)?;
    let mut open: Vec<char> = Vec::new();
    let mut fenced = before.get(..line_start)?.matches("\"\"\"").count() % 2 == 1;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let in_text = fenced && open.is_empty() || open.last() == Some(&'"');
        let mut len = c.len_utf8();
        match c {
            '"' if rest.starts_with("\"\"\"") && open.last() != Some(&'"') => {
                fenced = !fenced;
                len = 3;
            }
            '"' if open.last() == Some(&'"') => drop(open.pop()),
            '"' if !in_text => open.push('"'),
            '\\' if in_text => len += rest.chars().nth(1).map_or(0, char::len_utf8),
            '$' if in_text && rest.starts_with("${") => {
                open.push('}');
                len = 2;
            }
            '/' if !in_text && rest.starts_with("//") => return None,
            '{' if !in_text => open.push('}'),
            '[' if !in_text => open.push(']'),
            '(' if !in_text => open.push(')'),
            '}' | ']' | ')' if !in_text && open.last() == Some(&c) => drop(open.pop()),
            _ => {}
        }
        rest = rest.get(len..)?;
    }
    Some(open)
}

/// Whether the mark was read as a part of the program. `at`: its start.
pub fn is_read(parse: &Parse, file: FileId, at: usize) -> bool {
    let path = nodes::path(&parse.file, Span::new(file, at, at + MARK.len()));
    let is_broken = |node: &Node<'_>| match node {
        Node::Item(item) => matches!(item.kind, ItemKind::Error),
        Node::Expr(expr) => matches!(expr.kind, ExprKind::Error),
        _ => false,
    };
    let is_word = match path.last() {
        Some(Node::Word(word)) => word.name == MARK,
        Some(Node::Expr(expr)) => matches!(&expr.kind, ExprKind::Name(name) if name == MARK) || matches!(expr.kind, ExprKind::Text(_)),
        Some(Node::Key(key)) => key.as_word().is_some_and(|word| word == MARK),
        Some(Node::Type(ty)) => matches!(&ty.kind, TypeKind::Name(name, _) if name == MARK) || matches!(ty.kind, TypeKind::Text(_)),
        _ => false,
    };
    is_word && !path.iter().any(is_broken)
}

/// What can be chosen where the mark is.
pub fn choices(analysis: &Analysis, file: FileId, at: usize, folders: &dyn Fn(&str) -> Vec<String>) -> Vec<Choice> {
    let at = Span::new(file, at, at + MARK.len());
    let path = super::path(analysis, at);
    let cx = Cx { analysis, path: &path, at };
    let mut out = cx.choices(folders);
    out.retain(|choice| choice.label != MARK);
    out.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    out.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
    out
}

/// The place of the mark.
struct Cx<'a> {
    analysis: &'a Analysis,
    path: &'a [Node<'a>],
    at: Span,
}

impl<'a> Cx<'a> {
    /// The node around the mark at a distance; 0 is the word itself.
    fn up(&self, distance: usize) -> Option<Node<'a>> {
        self.path.len().checked_sub(distance + 1).and_then(|index| self.path.get(index)).copied()
    }

    fn choices(&self, folders: &dyn Fn(&str) -> Vec<String>) -> Vec<Choice> {
        match (self.up(0), self.up(1)) {
            (Some(Node::Type(ty)), _) if matches!(ty.kind, TypeKind::Name(..)) => self.types(),
            (Some(Node::Word(word)), Some(Node::Expr(expr))) => match &expr.kind {
                ExprKind::Promoting(_) => self.slots(),
                ExprKind::Member { .. } => self.members(word.span),
                _ => Vec::new(),
            },
            (Some(Node::Word(_)), Some(Node::Step(_))) => match self.up(2) {
                Some(Node::Item(Item { kind: ItemKind::Binding(_), .. })) => [self.runnable(), self.values()].concat(),
                Some(Node::Item(Item { kind: ItemKind::Try(_), .. })) => self.runnable(),
                _ => self.entries(),
            },
            (Some(Node::Word(word)), Some(Node::Item(item))) => match &item.kind {
                ItemKind::Use(found) => self.exports(found),
                ItemKind::Declaration(found) if found.kind.span == word.span => self.entries(),
                _ => Vec::new(),
            },
            (Some(Node::Word(_)), Some(Node::Arg(_))) => self.arguments(),
            (Some(Node::Word(_)), Some(Node::Attribute(_))) => snippets::attributes(),
            (Some(Node::Expr(expr)), Some(parent)) if matches!(expr.kind, ExprKind::Text(_)) => self.in_text(expr, parent, folders),
            (Some(Node::Key(_)), _) => self.entries(),
            (Some(Node::Expr(expr)), Some(Node::Name(_) | Node::Names(..))) => self.names(expr.span),
            (Some(Node::Expr(expr)), Some(Node::Item(Item { kind: ItemKind::Declaration(found), .. })))
                if found.value.as_ref().is_some_and(|value| value.span == expr.span) =>
            {
                if found.kind.name == "slot" {
                    self.warehouses()
                } else {
                    self.values()
                }
            }
            (Some(Node::Expr(_)), Some(Node::Arg(_))) => self.argument(),
            (Some(Node::Expr(_)), Some(Node::Item(item))) => match &item.kind {
                ItemKind::Binding(binding) if matches!(binding.value, BindingValue::Expr(_)) => [self.values(), self.runnable()].concat(),
                _ => self.values(),
            },
            (Some(Node::Expr(_)), _) => self.values(),
            _ => Vec::new(),
        }
    }

    /// Names of objects: in a flow, of a slot, behind `require`.
    fn names(&self, _word: Span) -> Vec<Choice> {
        match (self.flow_node(), self.declaration()) {
            (Some(_), _) => self.flow_names(),
            (None, Some(found)) if found.kind.name == "slot" => self.warehouses(),
            (None, Some(found)) if found.kind.name == "require" => self.slots(),
            (None, Some(found)) if found.kind.name == "on" => vec![snippets::keyword("failure", "failure {\n\t$0\n}")],
            _ => Vec::new(),
        }
    }

    fn flow_node(&self) -> Option<&'a FlowNode> {
        self.path.iter().rev().take(4).find_map(|node| if let Node::FlowNode(found) = node { Some(*found) } else { None })
    }

    fn declaration(&self) -> Option<&'a Declaration> {
        self.path.iter().rev().take(4).find_map(|node| match node {
            Node::Item(Item { kind: ItemKind::Declaration(found), .. }) => Some(&**found),
            _ => None,
        })
    }

    fn wanted(&self, span: Span) -> Option<&'a Ty> {
        self.analysis.index()?.wanted(span)
    }
}

/// What a choice says about versions: a note and a later place where the target lacks it.
fn by_target(choice: &mut Choice, rules: &Rules, target: &Target) {
    if let Some(why) = super::words::lacking(rules, target) {
        choice.rank = rank::LACKING;
        choice.detail = Some(why);
    }
    let is_deprecated = rules.deprecated.as_ref().is_some_and(|(version, _)| target.reached(*version).is_some());
    choice.is_deprecated = is_deprecated || (rules.removed.is_some() && choice.rank == rank::LACKING);
    if let Some(versions) = super::words::versions(rules, target.product()) {
        choice.doc = Some(choice.doc.take().map_or(versions.clone(), |doc| format!("{doc}\n\n{versions}")));
    }
}
