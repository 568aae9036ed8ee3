//! From pest's pairs to the tree. Comments are skipped here (`parts`); a node's span ends at its last significant
//! character, since pest lets a rule swallow the blanks and comments after it.

mod bad;
mod expr;
mod item;
mod several;
mod text;
mod types;

pub(super) use self::bad::is_manifest;

use pest::iterators::{Pair, Pairs};

use self::bad::{Bad, Skip};
use super::ast::{Block, Ident, Item};
use super::grammar::Rule;
use crate::base::{FileId, Name, Span};
use crate::diag::Diagnostic;

pub(super) struct Builder<'i> {
    id: FileId,
    base: usize,
    text: &'i str,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) unbalanced: bool,
    /// A fenced text was not closed: the rest of the file lies in it.
    open_text: bool,
    skip: Option<Skip>,
    pub(super) lost: Vec<Ident>,
    /// Of the expression that is being built: what it lies in.
    depth: usize,
}

type Node<'i> = Pair<'i, Rule>;

impl<'i> Builder<'i> {
    /// `base` is where `text`, a part of the file `id`, begins in it.
    pub(super) fn new(id: FileId, base: usize, text: &'i str) -> Self {
        Self { id, base, text, errors: Vec::new(), unbalanced: false, open_text: false, skip: None, lost: Vec::new(), depth: 0 }
    }

    pub(super) fn file(&mut self, pair: Node<'i>) -> Block {
        if self.base == 0 && bad::is_manifest(self.text) {
            self.errors.push(super::errors::foreign_document(Span::new(self.id, 0, self.text.lines().next().map_or(0, str::len))));
            return Block::default();
        }
        let span = self.span(&pair);
        let mut block = Block { span: Some(span), ..Block::default() };
        if self.text.contains('#') || bad::may_have_extra_commas(self.text) {
            self.harmless(&pair);
        }
        self.items(pair, &mut block.items);
        block
    }

    /// A `{ … }`.
    fn block(&mut self, pair: Node<'i>) -> Block {
        let span = self.span(&pair);
        let mut block = Block { span: Some(span), ..Block::default() };
        self.items(pair, &mut block.items);
        block
    }

    fn items(&mut self, pair: Node<'i>, items: &mut Vec<Item>) {
        let open = self.span(&pair);
        let mut bad: Option<Bad> = None;
        let parts = pair.into_inner();
        items.reserve_exact(parts.len());
        for part in parts {
            if self.is_skipped(&part) {
                continue;
            }
            match part.as_rule() {
                Rule::bad_entry | Rule::bad_rest => self.collect_bad(&part, &mut bad, items),
                Rule::missing_close => {
                    self.flush_bad(&mut bad, items);
                    self.unbalanced = true;
                    let at = self.span(&part);
                    self.missing_close(Span { end: open.start + 1, ..open }, at);
                }
                Rule::stray_close => {
                    self.flush_bad(&mut bad, items);
                    self.unbalanced = true;
                    let at = self.span(&part);
                    self.errors.push(super::errors::stray_close(at));
                }
                Rule::comment | Rule::yaml_comment | Rule::extra_comma | Rule::byte_order_mark | Rule::EOI => {}
                _ => {
                    self.flush_bad(&mut bad, items);
                    let item = self.entry(part);
                    items.push(item);
                }
            }
        }
        self.flush_bad(&mut bad, items);
    }

    /// Blocks that are open at one place are one report, and none where an open text swallowed their ends.
    fn missing_close(&mut self, open: Span, at: Span) {
        if self.open_text {
            return;
        }
        match self.errors.last_mut() {
            Some(last) if last.primary.span == at && last.check == crate::diag::Check::SyntaxError => {
                super::errors::another_open(last, open);
            }
            _ => self.errors.push(super::errors::missing_close(open, at)),
        }
    }

    // ── Helpers for all parts of the builder ──

    /// The parts of a pair without its comments.
    fn parts(&self, pair: Node<'i>) -> impl Iterator<Item = Node<'i>> + use<'i> {
        without_comments(pair.into_inner())
    }

    fn span(&self, pair: &Node<'i>) -> Span {
        let span = pair.as_span();
        let text = span.as_str();
        let len = significant_len(text);
        Span::new(self.id, self.base + span.start(), self.base + span.start() + len)
    }

    fn source(&self, span: Span) -> &'i str {
        let range = span.range();
        range
            .start
            .checked_sub(self.base)
            .zip(range.end.checked_sub(self.base))
            .and_then(|(start, end)| self.text.get(start..end))
            .unwrap_or("")
    }

    fn ident(&self, pair: &Node<'i>) -> Ident {
        Ident { name: Name::new(pair.as_str()), span: self.span(pair) }
    }
}

/// Whether a pair of this rule is an expression: a row of operands, or the only operand itself.
fn is_expr(rule: Rule) -> bool {
    matches!(rule, Rule::row | Rule::plain | Rule::number | Rule::duration | Rule::bare)
}

fn without_comments<'i>(pairs: Pairs<'i, Rule>) -> impl Iterator<Item = Node<'i>> + use<'i> {
    pairs.filter(|pair| !matches!(pair.as_rule(), Rule::comment | Rule::yaml_comment | Rule::extra_comma))
}

/// The length up to the last character that is no blank: rules swallow blanks, but neither line breaks nor comments.
fn significant_len(text: &str) -> usize {
    text.trim_end().len()
}
