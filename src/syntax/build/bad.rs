//! Text that is no entry: what it was probably meant to be, and how much of it is one mistake.

use super::super::ast::{ANY_NAME, BindingValue, Expr, Ident, Item, ItemKind, StepBody};
use super::super::errors;
use super::super::grammar::{Rule, probe};
use super::{Builder, Node};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;

/// Text that could not be read, not reported yet.
pub(super) struct Bad {
    span: Span,
    /// It follows a sound entry without a separator.
    trailing: bool,
    same_line: bool,
    /// A `)` in its line that nothing opens.
    closes: Option<Span>,
    /// It goes on with what was reported.
    known: bool,
}

/// Words that a name follows.
const DECLARING: &[&str] = &["let", "var", "type", "task", "cluster-task", "template", "step", "kind", "slot", "warehouse", "stage"];

/// What follows further right than this belongs to text that was reported.
#[derive(Clone, Copy)]
pub(super) struct Skip {
    column: usize,
    from: u32,
    /// On the same line, too: it opens a bracket, or is an item of YAML.
    also_here: bool,
}

impl<'i> Builder<'i> {
    /// Bad entries on one line are one mistake.
    pub(super) fn collect_bad(&mut self, part: &Node<'i>, bad: &mut Option<Bad>, items: &mut Vec<Item>) {
        let span = self.without_docs(self.span(part));
        if let Some(known) = bad
            && self.goes_on(known.span, span)
        {
            known.span = known.span.to(span);
            return;
        }
        self.flush_bad(bad, items);
        let text = self.source(span);
        let between = items.last().map(|item| self.source(Span { start: item.span.end, end: span.start, ..span }));
        let same_line = between.is_some_and(|between| !between.contains('\n'));
        let trailing = same_line && between.is_some_and(|between| !between.contains(','));
        // What belongs to it lies deeper than the entry that it follows.
        let column = items.last().filter(|_| trailing).map_or(span, |before| before.span);
        let closes = self.closes_unopened(span);
        let also_here = closes.is_some() || unclosed(text).is_some() || text.starts_with("- ");
        self.skip = Some(Skip { column: self.column(column), from: span.end, also_here });
        let known = closes.is_some() && self.take_arguments(items);
        *bad = Some(Bad { span, trailing, same_line, closes, known });
    }

    /// Whether bad text is part of the mistake before it.
    fn goes_on(&self, known: Span, span: Span) -> bool {
        let (before, text) = (self.source(known), self.source(span));
        let between = self.source(Span { start: known.end, end: span.start, ..span });
        // A run of blocks or lists without a head, as in a list whose `[` is missing; the block of a head that stands alone.
        let is_run = before.starts_with(['{', '[']) && text.starts_with(['{', '[', ']']) && is_layout(between);
        let is_body = text.starts_with('{') && before.split_whitespace().count() < 3;
        !between.contains('\n') || is_run || is_body
    }

    /// The part of bad text behind the docs above it.
    fn without_docs(&self, span: Span) -> Span {
        let text = self.source(span);
        let mut rest = text;
        while rest.starts_with("///") {
            let Some((_, below)) = rest.split_once('\n').filter(|(_, below)| !below.trim().is_empty()) else { break };
            rest = below.trim_start();
        }
        Span { start: span.end - u32::try_from(rest.len()).unwrap_or(0), ..span }
    }

    /// The `)` with which the line goes on, and which nothing opens: the `(` before it is missing.
    fn closes_unopened(&self, span: Span) -> Option<Span> {
        let rest = usize::try_from(span.start).ok().and_then(|at| self.text.get(at.checked_sub(self.base)?..));
        let line = rest.and_then(|rest| rest.lines().next()).unwrap_or("");
        let mut open: Vec<char> = Vec::new();
        let mut quoted = false;
        for (at, c) in line.char_indices() {
            match c {
                '"' => quoted = !quoted,
                _ if quoted => {}
                '/' if line.get(at..).is_some_and(|rest| rest.starts_with("//")) => return None,
                '(' | '[' | '{' => open.push(c),
                ')' if open.is_empty() => {
                    let start = span.start + u32::try_from(at).unwrap_or(0);
                    return Some(Span { start, end: start + 1, ..span });
                }
                ']' | '}' if open.is_empty() => return None,
                ')' | ']' | '}' => drop(open.pop()),
                _ => {}
            }
        }
        None
    }

    /// Takes back what was read of a list of parameters or arguments without its `(`, with the head before it. Returns
    /// whether something of it was reported.
    fn take_arguments(&mut self, items: &mut Vec<Item>) -> bool {
        while let Some(item) = items.pop_if(|item| matches!(item.kind, ItemKind::Setting { .. })) {
            self.lose(item.span);
        }
        if let Some(head) = items.pop_if(|item| matches!(&item.kind, ItemKind::Declaration(head) if head.body.is_none())) {
            self.lose(head.span);
        }
        matches!(items.last(), Some(Item { kind: ItemKind::Error, .. }))
    }

    pub(super) fn flush_bad(&mut self, bad: &mut Option<Bad>, items: &mut Vec<Item>) {
        let Some(Bad { span, trailing, same_line, closes, known }) = bad.take() else { return };
        self.lose(span);
        if !known {
            let report = match closes {
                Some(at) => errors::unopened(at),
                None if trailing => self.trailing(span),
                None => self.bad_entry(span),
            };
            self.errors.push(report);
        }
        if let Some(before) = items.last_mut() {
            self.doubt(before, span, trailing, same_line);
        }
        items.push(Item { span, doc: None, attributes: Vec::new(), kind: ItemKind::Error });
    }

    /// An entry that goes on with bad text is not what was read of it.
    fn doubt(&mut self, before: &mut Item, span: Span, trailing: bool, same_line: bool) {
        let text = self.source(span);
        let is_block = text.starts_with('{');
        let is_run = is_block && is_layout(self.source(Span { start: before.span.end, end: span.start, ..span }));
        let is_doubtful = match &before.kind {
            ItemKind::Declaration(found) if found.body.is_none() => {
                let goes_on = (same_line || is_block) && text.contains(['{', '(', '[', ')']);
                goes_on || trailing && found.ty.is_some()
            }
            ItemKind::Declaration(_) => trailing && is_block,
            ItemKind::Setting { value, .. } => trailing || is_run && self.source(value.span).ends_with('}'),
            ItemKind::Step(step) => trailing && matches!(step.body, StepBody::Args(..)),
            ItemKind::Binding(_) | ItemKind::Return(_) | ItemKind::Spread(_) => trailing,
            _ => false,
        };
        if is_doubtful {
            self.lose(before.span);
            forget(&mut before.kind);
        }
    }

    fn bad_entry(&mut self, span: Span) -> Diagnostic {
        let text = self.source(span);
        if text.starts_with("- ") || text == "-" {
            return self.foreign_list(span);
        }
        if let Some(report) = self.foreign_or_unclosed(span, text) {
            return report;
        }
        if let Some(report) = self.open_bracket(span, text) {
            return report;
        }
        let (offset, expected) = probe(text);
        let at = self.word_at(span, offset);
        if let Some(report) = self.single_quotes(Span { end: span.end, ..at }) {
            return report;
        }
        errors::bad_entry(span, at, text, &expected)
    }

    /// A text as YAML and Kargo's expressions write it, where the span begins. A `//` in it has ended the bad text.
    fn single_quotes(&self, span: Span) -> Option<Diagnostic> {
        let inside = self.source(span).strip_prefix('\'')?;
        let closed = inside.split_once('\'').map(|(text, _)| text).filter(|text| !text.contains('\n'));
        let len = closed.map_or(1, |text| text.len() + 2);
        let repair = closed.filter(|text| !text.contains(['"', '\\', '$'])).map(|text| format!("\"{text}\""));
        let at = Span { end: span.start + u32::try_from(len).unwrap_or(1), ..span };
        Some(errors::single_quotes(at, repair))
    }

    /// The innermost bracket of the text that is never closed; a `{` below its head.
    fn open_bracket(&self, span: Span, text: &str) -> Option<Diagnostic> {
        let part = |at: usize| {
            let start = span.start + u32::try_from(at).unwrap_or(0);
            Span { start, end: start + 1, ..span }
        };
        if let Some((at, bracket)) = unclosed(text) {
            return Some(errors::open_bracket(part(at), bracket));
        }
        let below = text.lines().nth(1).is_some_and(|line| line.trim_start().starts_with('{'));
        if below || text.starts_with('{') {
            return Some(errors::brace_below(part(text.find('{')?)));
        }
        None
    }

    /// What stands behind a sound entry.
    fn trailing(&mut self, span: Span) -> Diagnostic {
        let text = self.source(span);
        if text.starts_with("///") {
            return errors::trailing_doc(Span { end: span.start + 3, ..span });
        }
        if let Some(report) = self.foreign_or_unclosed(span, text) {
            return report;
        }
        let quoted = u32::from(text.starts_with('['));
        if let Some(report) = self.single_quotes(Span { start: span.start + quoted, ..span }) {
            return report;
        }
        if text.chars().all(|c| !c.is_alphanumeric() && c != '_' && !c.is_whitespace()) {
            return errors::nothing_follows(span, text);
        }
        let is_entry = super::super::grammar::is_entry(text);
        errors::trailing(self.word_at(span, 0), is_entry)
    }

    fn foreign_or_unclosed(&self, span: Span, text: &str) -> Option<Diagnostic> {
        let part = |at: usize, len: usize| {
            let start = span.start + u32::try_from(at).unwrap_or(0);
            Span { start, end: start + u32::try_from(len).unwrap_or(0), ..span }
        };
        if let Some(at) = text.find("${{") {
            let rest = text.get(at..).unwrap_or("");
            let len = rest.find("}}").map_or(rest.len(), |end| end + 2);
            return Some(errors::foreign_value(part(at, len)));
        }
        let line = text.lines().next().unwrap_or("");
        let quotes = line.match_indices('"').filter(|(at, _)| !line.get(..*at).is_some_and(|before| before.ends_with('\\')));
        let quotes: Vec<usize> = quotes.map(|(at, _)| at).collect();
        match quotes.last() {
            Some(last) if quotes.len() % 2 == 1 => Some(errors::odd_quotes(part(*last, 1))),
            _ => None,
        }
    }

    /// The word or sign at or after an offset in bad text.
    fn word_at(&self, span: Span, offset: usize) -> Span {
        let offset = u32::try_from(offset).unwrap_or(0).min(span.end - span.start);
        let rest = self.source(Span { start: span.start + offset, ..span });
        let blanks = u32::try_from(rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or(0);
        let start = (span.start + offset + blanks).min(span.end);
        let rest = rest.trim_start();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let word: usize = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '-' || *c == '_').map(char::len_utf8).sum();
        let end = start + u32::try_from(word.max(first)).unwrap_or(0);
        Span { start, end: end.min(span.end.max(start)), ..span }
    }

    // ── YAML ──

    /// Reports an item of YAML; the lines that belong to it and to its neighbours are passed over.
    pub(super) fn foreign_list(&mut self, span: Span) -> Diagnostic {
        self.skip = Some(Skip { column: self.column(span), from: span.end, also_here: true });
        let line = self.source(span).lines().next().map_or(0, str::len);
        let span = Span { end: span.start + u32::try_from(line).unwrap_or(0), ..span };
        errors::foreign_list(span, self.source(span))
    }

    /// Whether a part continues the text that could not be read last: it stands further right on a later line.
    pub(super) fn is_skipped(&mut self, part: &Node<'i>) -> bool {
        let Some(skip) = self.skip else { return false };
        let layout = matches!(part.as_rule(), Rule::comment | Rule::yaml_comment | Rule::extra_comma | Rule::byte_order_mark);
        if layout || matches!(part.as_rule(), Rule::missing_close | Rule::stray_close | Rule::EOI) {
            return false;
        }
        let span = self.span(part);
        let column = self.column(span);
        let later = self.source(Span { start: skip.from, end: span.start, ..span }).contains('\n');
        let neighbour = column == skip.column && skip.also_here && part.as_str().starts_with(['-', ']', '}', ')']);
        let belongs = column > skip.column && (later || skip.also_here) || neighbour;
        if belongs {
            self.lose(span);
        } else if later {
            self.skip = None;
        }
        belongs
    }

    /// The words of text that is passed over.
    pub(super) fn lose(&mut self, span: Span) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let text = self.source(span);
        self.lost.extend(super::super::recover::words(span, text));
        // What declares a name that cannot be read may declare any.
        let rest = DECLARING.iter().find_map(|word| text.strip_prefix(word)).filter(|rest| rest.starts_with([' ', '\t']));
        if rest.is_some_and(|rest| !rest.trim_start().starts_with(|c: char| is_word(c) || c == '"')) {
            self.lost.push(Ident { name: Name::new(ANY_NAME), span });
        }
    }

    fn column(&self, span: Span) -> usize {
        let before = usize::try_from(span.start).unwrap_or(0).checked_sub(self.base).and_then(|at| self.text.get(..at)).unwrap_or("");
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// A run of YAML's comments, with the edits that make them ours; and commas too many.
    pub(super) fn harmless(&mut self, file: &Node<'i>) {
        let mut run: Vec<Span> = Vec::new();
        for pair in file.clone().into_inner().flatten() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::extra_comma => self.errors.push(errors::extra_comma(span)),
                Rule::yaml_comment => {
                    let neighbour = run.last().is_some_and(|last| {
                        let between = self.source(Span { start: last.end, end: span.start, ..span });
                        between.trim().is_empty() && between.matches('\n').count() < 2
                    });
                    if !neighbour && !run.is_empty() {
                        self.errors.push(errors::foreign_comments(&run));
                        run.clear();
                    }
                    run.push(span);
                }
                _ => {}
            }
        }
        if !run.is_empty() {
            self.errors.push(errors::foreign_comments(&run));
        }
    }
}

/// Leaves the name of an entry, and not what it is; a step with its block stays.
fn forget(kind: &mut ItemKind) {
    match kind {
        ItemKind::Setting { value, .. } | ItemKind::Return(value) | ItemKind::Spread(value) => *value = Expr::error(value.span),
        ItemKind::Binding(found) => match &found.value {
            BindingValue::Step(step) | BindingValue::Try(step) if matches!(step.body, StepBody::Block(_)) => {}
            _ => found.value = BindingValue::Expr(Expr::error(found.name.span)),
        },
        _ => *kind = ItemKind::Error,
    }
}

/// The innermost bracket that is never closed, outside texts and comments.
fn unclosed(text: &str) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let (mut quoted, mut comment) = (false, false);
    for (at, c) in text.char_indices() {
        comment |= !quoted && text.get(at..).is_some_and(|rest| rest.starts_with("//"));
        match c {
            '\n' => comment = false,
            _ if comment => {}
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => open.push((at, c)),
            ')' | ']' | '}' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// Whether the text is but line breaks, commas and comments.
fn is_layout(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line == "," || line.starts_with("//"))
}

/// Whether the file is a manifest of Kubernetes: its first line says so.
pub(in crate::syntax) fn is_manifest(text: &str) -> bool {
    let is_comment = |line: &&str| line.is_empty() || line.starts_with('#');
    let first = text.lines().map(str::trim_end).find(|line| !is_comment(line)).unwrap_or("");
    first == "---" || first.starts_with("apiVersion:") || first.starts_with("kind: ")
}

/// False only if no comma of the text is one too many: each follows something on its line that is no separator.
pub(super) fn may_have_extra_commas(text: &str) -> bool {
    let is_lone = |at: usize| {
        let before = text.get(..at).unwrap_or("").trim_end_matches([' ', '\t', '\r']);
        before.is_empty() || before.ends_with([',', '{', '\n'])
    };
    text.match_indices(',').any(|(at, _)| is_lone(at))
}
