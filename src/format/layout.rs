//! What stands between the tokens: comments, empty lines, brackets and what separates the things in them.
//!
//! The tree is printed in the order of its tokens. Before each token that has a place, `at` gives the comments that
//! stood before it and were not given yet; so none is lost, and none changes its place among the tokens.

use super::doc::{Doc, blank_line, comment, hard_line, if_flat, line, nest, nil, row, soft_line, text};
use crate::base::Span;
use crate::syntax::{Comment, Trivia};

/// Prints a tree: `file` in `item`, expressions in `expr`, types in `types`.
pub(super) struct Layout<'s> {
    source: &'s str,
    comments: &'s [Comment],
    blank_lines: &'s [u32],
}

/// Brackets around things that are separated.
pub(super) struct Brackets {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Where the brackets stand.
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Brackets {
    /// The first and last character of a span.
    pub(super) fn around(span: Span, open: &'static str, close: &'static str) -> Self {
        Self { open, close, from: span.start, to: span.end.saturating_sub(1) }
    }

    fn line<'s>(&self) -> Doc<'s> {
        if self.open == "{" { line() } else { soft_line() }
    }
}

impl<'s> Layout<'s> {
    pub(super) fn new(source: &'s str, trivia: &'s Trivia) -> Self {
        Self { source, comments: &trivia.comments, blank_lines: &trivia.blank_lines }
    }

    // ── Places ──

    /// The text under a span.
    pub(super) fn slice(&self, span: Span) -> &'s str {
        self.source.get(span.range()).unwrap_or("")
    }

    pub(super) fn between(&self, from: u32, to: u32) -> &'s str {
        self.source.get(from as usize..to as usize).unwrap_or("")
    }

    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.source.len()).unwrap_or(u32::MAX)
    }

    /// Where the next token begins at or after a place; commas are no tokens.
    pub(super) fn token(&self, from: u32) -> u32 {
        let mut at = from;
        loop {
            let rest = self.between(at, self.end());
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', ',', '\u{feff}']).len();
            at += u32::try_from(blanks).unwrap_or(0);
            let rest = rest.get(blanks..).unwrap_or("");
            if !rest.starts_with("//") || is_doc(rest) {
                return at;
            }
            at += u32::try_from(rest.find('\n').unwrap_or(rest.len())).unwrap_or(0);
        }
    }

    pub(super) fn is_broken(&self, from: u32, to: u32) -> bool {
        self.between(from, to).contains('\n')
    }

    fn has_blank_line(&self, from: u32, to: u32) -> bool {
        let next = self.blank_lines.partition_point(|at| *at < from);
        self.blank_lines.get(next).is_some_and(|at| *at < to)
    }

    // ── Comments ──

    /// Whether a comment stands before a place that was not given yet.
    pub(super) fn has_comment(&self, before: u32) -> bool {
        self.comments.first().is_some_and(|comment| comment.span.start < before)
    }

    fn next_comment(&mut self, before: u32) -> Option<Comment> {
        let (first, rest) = self.comments.split_first().filter(|(first, _)| first.span.start < before)?;
        self.comments = rest;
        Some(*first)
    }

    /// The comments before a token.
    pub(super) fn at(&mut self, place: u32) -> Doc<'s> {
        let mut comments = Vec::new();
        while let Some(next) = self.next_comment(place) {
            comments.push(comment(self.slice(next.span), next.own_line));
        }
        row(comments)
    }

    /// The comment before a token that stands behind another one, if there is one: it keeps its line.
    pub(super) fn behind(&mut self, place: u32) -> Doc<'s> {
        match self.comments.first() {
            Some(first) if !first.own_line => self.next_comment(place).map_or_else(nil, |found| comment(self.slice(found.span), false)),
            _ => nil(),
        }
    }

    /// A token as it was written; comments inside belong to it.
    pub(super) fn verbatim(&mut self, span: Span) -> Doc<'s> {
        let before = self.at(span.start);
        while self.next_comment(span.end).is_some() {}
        before.text(self.slice(span))
    }

    /// What follows a colon, an equals sign or an operator: further in, if a comment pushes it to a line of its own.
    pub(super) fn after_sign(&mut self, place: u32, print: impl FnOnce(&mut Self) -> Doc<'s>) -> Doc<'s> {
        let pushed = self.has_comment(place);
        let doc = print(self);
        if pushed { nest(doc) } else { doc }
    }

    // ── Things in brackets ──

    /// Things in brackets, on one line if they stood on one and fit, else each on its own. The caller groups them.
    pub(super) fn listed<T>(
        &mut self,
        brackets: &Brackets,
        things: &[T],
        place: impl Fn(&Self, &T) -> (u32, u32),
        print: impl Fn(&mut Self, &T) -> Doc<'s>,
    ) -> Doc<'s> {
        let mut out = self.at(brackets.from).text(brackets.open);
        let mut inner = nil();
        let mut end = brackets.from + 1;
        let mut broken = false;
        for (index, thing) in things.iter().enumerate() {
            let (from, to) = place(self, thing);
            broken |= self.is_broken(end, from);
            let separator = if index == 0 { self.ends(None, from, brackets.line()) } else { self.ends(Some(end), from, line()) };
            inner = inner.then(separator).then(print(self, thing));
            if index + 1 < things.len() {
                inner = inner.then(if_flat(","));
            }
            end = to;
        }
        broken |= self.is_broken(end, brackets.to) && !things.is_empty();
        inner = inner.then(self.comments_to(Some(end).filter(|_| !things.is_empty()), brackets.to));
        if inner.is_nil() {
            return out.text(brackets.close);
        }
        if broken {
            inner = inner.then(hard_line());
            out = out.then(nest(inner));
        } else {
            out = out.then(nest(inner)).then(brackets.line());
        }
        out.text(brackets.close)
    }

    /// The same for a single thing that has brackets itself: `[{ … }]` breaks inside.
    pub(super) fn hugged(&mut self, brackets: &Brackets, place: (u32, u32), print: impl FnOnce(&mut Self) -> Doc<'s>) -> Option<Doc<'s>> {
        let loose = self.is_broken(brackets.from, place.0) || self.is_broken(place.1, brackets.to);
        if loose {
            return None;
        }
        let out = self.at(brackets.from).text(brackets.open);
        Some(out.then(print(self)).text(brackets.close))
    }

    /// The things of a file.
    pub(super) fn lines<T>(
        &mut self,
        things: &[T],
        place: impl Fn(&Self, &T) -> (u32, u32),
        print: impl Fn(&mut Self, &T) -> Doc<'s>,
    ) -> Doc<'s> {
        let mut out = nil();
        let mut end = None;
        for thing in things {
            let (from, to) = place(self, thing);
            out = out.then(self.ends(end, from, hard_line())).then(print(self, thing));
            end = Some(to);
        }
        out.then(self.comments_to(end, self.end()))
    }

    /// What separates two things: the comment behind the first, those on lines of their own, empty lines, and a line end.
    fn ends(&mut self, from: Option<u32>, to: u32, line: Doc<'s>) -> Doc<'s> {
        let comments = self.comments_to(from, to);
        let follows = from.is_some() || !comments.is_nil();
        if follows && self.has_blank_line(self.written_before(to), to) { comments.then(blank_line()) } else { comments.then(line) }
    }

    /// Where the last token or comment before a place ends.
    fn written_before(&self, place: u32) -> u32 {
        let before = self.between(0, place).trim_end_matches([' ', '\t', '\r', '\n', ',']);
        u32::try_from(before.len()).unwrap_or(0)
    }

    /// The comments between two places; the first may stand behind what ends at `from`.
    fn comments_to(&mut self, from: Option<u32>, to: u32) -> Doc<'s> {
        let mut out = nil();
        let mut end = from;
        while let Some(next) = self.next_comment(to) {
            let Span { start, end: behind, .. } = next.span;
            if end.is_some_and(|end| self.has_blank_line(end, start)) {
                out = out.then(blank_line());
            }
            out = out.then(comment(self.slice(next.span), next.own_line));
            end = Some(behind);
        }
        out
    }
}

/// Whether a text begins with a comment that belongs to the tree.
pub(super) fn is_doc(text: &str) -> bool {
    text.starts_with("///") && !text.starts_with("////")
}

/// Parts with a text between each two.
pub(super) fn joined<'s>(parts: Vec<Doc<'s>>, between: &'static str) -> Doc<'s> {
    let mut out = nil();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            out = out.then(text(between));
        }
        out = out.then(part);
    }
    out
}
