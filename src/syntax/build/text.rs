//! Texts: escapes, interpolation, fences, and Kargo's own `${{ … }}` where somebody pasted it.

use std::borrow::Cow;

use super::super::ast::*;
use super::super::errors;
use super::super::grammar::Rule;
use super::{Builder, Node, is_expr};
use crate::base::Span;

impl<'i> Builder<'i> {
    pub(super) fn text_expr(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let source = pair.as_str();
        let parts = match pair.as_rule() {
            Rule::plain => {
                self.no_lost_characters(source, span);
                text_part(source.get(1..source.len() - 1).unwrap_or(""))
            }
            Rule::raw_string => {
                self.no_lost_characters(source, span);
                raw_text(source)
            }
            Rule::fenced => dedent(self.text_parts(pair, true)),
            Rule::quoted => self.text_parts(pair, false),
            _ => return Expr::error(span),
        };
        Expr { span, kind: ExprKind::Text(parts) }
    }

    fn text_parts(&mut self, pair: Node<'i>, fenced: bool) -> Vec<TextPart> {
        let mut parts: Vec<TextPart> = Vec::new();
        let open = self.span(&pair);
        for part in self.parts(pair) {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::text => {
                    self.no_lost_characters(part.as_str(), at);
                    push_text(&mut parts, part.as_str());
                }
                Rule::fenced_text => {
                    self.no_lost_characters(part.as_str(), at);
                    push_text(&mut parts, &unix_lines(part.as_str()));
                }
                Rule::escape => {
                    let text = unescape(part.as_str());
                    if let Some(lost) = text.chars().find(|c| is_lost(*c)) {
                        self.errors.push(errors::lost_character(at, lost));
                    }
                    push_text(&mut parts, &text);
                }
                Rule::interpolation => {
                    let expr = self.parts(part).find(|part| is_expr(part.as_rule()));
                    if let Some(expr) = expr {
                        let expr = self.expr(expr);
                        parts.push(TextPart::Interpolation(expr));
                    }
                }
                Rule::foreign => {
                    self.foreign(part.as_str(), at);
                    parts.push(TextPart::Interpolation(Expr::error(at)));
                }
                Rule::bad_interpolation => {
                    self.errors.push(errors::bad_interpolation(at));
                    parts.push(TextPart::Interpolation(Expr::error(at)));
                }
                Rule::bad_escape => {
                    self.errors.push(errors::bad_escape(at, part.as_str()));
                    push_text(&mut parts, part.as_str());
                }
                Rule::missing_quote => {
                    self.open_text |= fenced;
                    self.unbalanced |= fenced;
                    let at = if fenced { Span { end: open.start + 3, ..open } } else { at };
                    self.errors.push(errors::missing_quote(at, fenced));
                }
                _ => {}
            }
        }
        parts
    }

    /// Where the pieces of a text on one line begin: bytes of the text, in which an interpolation is one `HOLE`, and in
    /// the file. Nothing for a fenced one, whose lines lose their margin.
    pub(super) fn places(&mut self, pair: &Node<'i>) -> Vec<(u32, Span)> {
        let whole = self.span(pair);
        let behind = |length| vec![(0, Span { start: whole.start + length, ..whole })];
        match pair.as_rule() {
            Rule::plain => return behind(1),
            Rule::raw_string if !pair.as_str().starts_with("r\"\"\"") => return behind(2),
            Rule::quoted => {}
            _ => return Vec::new(),
        }
        let mut out = Vec::new();
        let mut length = 0;
        let pieces: Vec<Node<'i>> = self.parts(pair.clone()).collect();
        for part in pieces {
            out.push((u32::try_from(length).unwrap_or(u32::MAX), self.span(&part)));
            length += match part.as_rule() {
                Rule::text => part.as_str().len(),
                Rule::escape => unescape(part.as_str()).len(),
                _ => crate::exprlang::HOLE.len_utf8(),
            };
        }
        out
    }

    /// `${{ ctx.stage }}` is `${ctx.stage}` here; anything that names Kargo's functions or variables needs more thought.
    fn foreign(&mut self, source: &str, at: Span) {
        let inside = source.trim_start_matches("${{").trim_start_matches("${%").trim_end_matches("}}").trim_end_matches("%}").trim();
        let is_same_here = ["ctx.stage", "ctx.project", "ctx.promotion"].contains(&inside);
        let repair = is_same_here.then(|| format!("${{{inside}}}"));
        self.errors.push(errors::foreign_expression(at, inside, repair));
    }
}

impl Builder<'_> {
    /// Reports each character of a text that Kargo cannot read back.
    pub(super) fn no_lost_characters(&mut self, text: &str, at: Span) {
        for (offset, c) in text.char_indices().filter(|(_, c)| is_lost(*c)) {
            let start = at.start + u32::try_from(offset).unwrap_or(0);
            let end = start + u32::try_from(c.len_utf8()).unwrap_or(0);
            self.errors.push(errors::lost_character(Span { start, end, ..at }, c));
        }
    }
}

/// Whether one such character costs a whole configuration: the readers of YAML refuse it where JSON has it bare.
fn is_lost(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

fn push_text(parts: &mut Vec<TextPart>, text: &str) {
    match parts.last_mut() {
        Some(TextPart::Text(known)) => known.push_str(text),
        _ => parts.push(TextPart::Text(text.to_owned())),
    }
}

fn text_part(text: &str) -> Vec<TextPart> {
    if text.is_empty() { Vec::new() } else { vec![TextPart::Text(text.to_owned())] }
}

fn raw_text(source: &str) -> Vec<TextPart> {
    let source = source.get(1..).unwrap_or("");
    match source.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")) {
        Some(inside) => dedent(text_part(&unix_lines(inside))),
        None => text_part(source.trim_start_matches('"').strip_suffix('"').unwrap_or("")),
    }
}

fn unescape(source: &str) -> String {
    let mut chars = source.chars().skip(1);
    match chars.next() {
        Some('n') => "\n".to_owned(),
        Some('t') => "\t".to_owned(),
        Some('r') => "\r".to_owned(),
        Some('u') => {
            let digits: String = chars.filter(char::is_ascii_hexdigit).collect();
            let scalar = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            scalar.unwrap_or('\u{fffd}').to_string()
        }
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// What a text says does not depend on how the lines of its file end.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// Removes the smallest indentation of the lines that are not blank, the line break after the opening fence, and the
/// one before a closing fence that stands alone (its own indentation counts).
fn dedent(mut parts: Vec<TextPart>) -> Vec<TextPart> {
    let starts_with_break =
        matches!(parts.first(), Some(TextPart::Text(text)) if text.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
    if !starts_with_break {
        return parts;
    }
    let margin = smallest_margin(&parts);
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter_mut().enumerate() {
        let TextPart::Text(text) = part else { continue };
        let mut lines = text.split('\n');
        let mut out = lines.next().unwrap_or("").to_owned();
        for line in lines {
            out.push('\n');
            out.push_str(line.get(margin.min(line.len() - line.trim_start_matches([' ', '\t']).len())..).unwrap_or(line));
        }
        if index == 0 {
            out = out.trim_start_matches([' ', '\t', '\r']).strip_prefix('\n').unwrap_or(&out).to_owned();
        }
        if index == last
            && let Some((before, tail)) = out.rsplit_once('\n')
            && tail.trim().is_empty()
        {
            out = before.trim_end_matches('\r').to_owned();
        } else if index == last && index == 0 && out.trim().is_empty() {
            out.clear();
        }
        *text = out;
    }
    parts
}

fn smallest_margin(parts: &[TextPart]) -> usize {
    let mut smallest = usize::MAX;
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        let TextPart::Text(text) = part else { continue };
        let count = text.split('\n').count();
        for (at, line) in text.split('\n').enumerate().skip(1) {
            let blank = line.trim().is_empty();
            let ends_in_interpolation = at + 1 == count && index != last;
            let is_fence_line = at + 1 == count && index == last;
            if !blank || ends_in_interpolation || is_fence_line {
                smallest = smallest.min(line.len() - line.trim_start_matches([' ', '\t']).len());
            }
        }
    }
    if smallest == usize::MAX { 0 } else { smallest }
}
