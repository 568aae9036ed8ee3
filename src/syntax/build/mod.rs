//! From pest's pairs to the tree. Comments are skipped here (`parts`); a node's span ends at its last significant
//! character, since pest lets a rule swallow the blanks and comments after it.

mod expr;
mod item;
mod text;
mod types;

use pest::iterators::{Pair, Pairs};

use super::ast::{Block, Ident, Item, ItemKind};
use super::errors;
use super::grammar::{Rule, probe};
use crate::base::{FileId, Name, Span};
use crate::diag::Diagnostic;

pub(super) struct Builder<'i> {
    id: FileId,
    base: usize,
    text: &'i str,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) unbalanced: bool,
}

type Node<'i> = Pair<'i, Rule>;

impl<'i> Builder<'i> {
    /// `base` is where `text`, a part of the file `id`, begins in it.
    pub(super) fn new(id: FileId, base: usize, text: &'i str) -> Self {
        Self { id, base, text, errors: Vec::new(), unbalanced: false }
    }

    pub(super) fn file(&mut self, pair: Node<'i>) -> Block {
        let span = self.span(&pair);
        let mut block = Block { items: Vec::new(), span: Some(span) };
        self.items(pair, &mut block.items);
        block
    }

    /// A `{ … }`.
    fn block(&mut self, pair: Node<'i>) -> Block {
        let span = self.span(&pair);
        let mut block = Block { items: Vec::new(), span: Some(span) };
        self.items(pair, &mut block.items);
        block
    }

    fn items(&mut self, pair: Node<'i>, items: &mut Vec<Item>) {
        let open = self.span(&pair);
        let mut bad: Option<Span> = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::entry => {
                    self.flush_bad(&mut bad, items);
                    let item = self.entry(part);
                    items.push(item);
                }
                Rule::bad_entry => self.collect_bad(&part, &mut bad, items),
                Rule::missing_close => {
                    self.flush_bad(&mut bad, items);
                    self.unbalanced = true;
                    let at = self.span(&part);
                    let open = Span { end: open.start + 1, ..open };
                    self.errors.push(errors::missing_close(open, at));
                }
                Rule::stray_close => {
                    self.flush_bad(&mut bad, items);
                    self.unbalanced = true;
                    let at = self.span(&part);
                    self.errors.push(errors::stray_close(at));
                }
                _ => {}
            }
        }
        self.flush_bad(&mut bad, items);
    }

    /// Bad entries on one line, or a run of YAML items or comments, are one mistake.
    fn collect_bad(&mut self, part: &Node<'i>, bad: &mut Option<Span>, items: &mut Vec<Item>) {
        let span = self.span(part);
        if let Some(known) = bad {
            let between = self.source(Span { start: known.end, end: span.start, ..span });
            let first = self.source(*known).chars().next();
            let same_kind = first.is_some_and(|c| matches!(c, '-' | '#')) && self.source(span).starts_with(first.unwrap_or(' '));
            if !between.contains('\n') || same_kind {
                *bad = Some(known.to(span));
                return;
            }
        }
        self.flush_bad(bad, items);
        *bad = Some(span);
    }

    fn flush_bad(&mut self, bad: &mut Option<Span>, items: &mut Vec<Item>) {
        let Some(span) = bad.take() else { return };
        let report = self.bad_entry(span);
        self.errors.push(report);
        items.push(Item { span, doc: None, attributes: Vec::new(), kind: ItemKind::Error });
    }

    fn bad_entry(&mut self, span: Span) -> Diagnostic {
        let text = self.source(span);
        if text.starts_with('#') {
            return errors::foreign_comment(span);
        }
        if text.starts_with("---") || text.starts_with("apiVersion:") {
            return errors::foreign_document(span);
        }
        if text.starts_with("- ") || text == "-" {
            return errors::foreign_list(span);
        }
        if let Some(at) = text.find("#").filter(|at| text.get(..*at).is_some_and(|before| before.ends_with(' ') && !before.contains('"'))) {
            return errors::foreign_comment(Span { start: span.start + u32::try_from(at).unwrap_or(0), ..span });
        }
        if let Some(report) = self.several_names(span, text) {
            return report;
        }
        let (offset, expected) = probe(text);
        let offset = u32::try_from(offset).unwrap_or(0).min(span.end - span.start);
        let rest = self.source(Span { start: span.start + offset, ..span });
        let skipped = u32::try_from(rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or(0);
        let start = (span.start + offset + skipped).min(span.end);
        let word =
            rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '-' || *c == '_').map(char::len_utf8).sum::<usize>();
        let end = (start + u32::try_from(word.max(1)).unwrap_or(1)).min(span.end.max(start));
        let end = if self.source(Span { start, end, ..span }).is_empty() { start } else { end };
        errors::bad_entry(span, Span { start, end, ..span }, text, &expected)
    }

    /// `stage a, b {` and `slot a b`: the names belong into a list.
    fn several_names(&self, span: Span, text: &str) -> Option<Diagnostic> {
        let head = text.split(['{', '\n', '=', ':', '"', '(']).next()?.trim_end();
        let mut words = head.split([' ', ',']).filter(|word| !word.is_empty());
        let kind = words.next().filter(|kind| matches!(*kind, "stage" | "slot"))?;
        let names: Vec<&str> = words.collect();
        if names.len() < 2 {
            return None;
        }
        let at = Span { end: span.start + u32::try_from(head.len()).unwrap_or(0), ..span };
        Some(errors::several_names(at, format!("{kind} [{}]", names.join(", "))))
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

fn without_comments<'i>(pairs: Pairs<'i, Rule>) -> impl Iterator<Item = Node<'i>> + use<'i> {
    pairs.filter(|pair| pair.as_rule() != Rule::comment)
}

/// The length up to the last character that is neither blank nor part of a comment.
fn significant_len(text: &str) -> usize {
    let trimmed = text.trim_end();
    // Only what ends behind a line break can have swallowed a comment.
    if trimmed.len() == text.len() && !text.contains("\n") {
        return trimmed.len();
    }
    let mut end = trimmed.len();
    while let Some(line_start) = text.get(..end).and_then(|text| text.rfind('\n')).map(|at| at + 1) {
        let line = text.get(line_start..end).unwrap_or("").trim_start();
        if !line.starts_with("//") || line.starts_with("///") {
            break;
        }
        end = text.get(..line_start).unwrap_or("").trim_end().len();
    }
    end
}
