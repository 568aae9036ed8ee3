//! Reading a file whose braces do not pair up. Only such a file is read this way, so indentation never changes the
//! meaning of sound text: a declaration at the left margin (inside `project p {`: at the margin of its body) closes all
//! blocks that are still open, each piece is read on its own, and a missing brace costs one report.

use std::ops::Range;

use super::Parse;
use super::ast::{Block, Ident, Item, ItemKind};
use super::grammar::{self, Reading};
use super::margin::is_misnested;
use crate::base::{FileId, Name, Span};

pub(super) fn read_by_margin(id: FileId, text: &str, whole: Reading) -> Parse {
    let pieces = pieces(text, 0..text.len(), 0);
    if pieces.len() < 2 {
        return as_it_is(id, text, 0..text.len(), whole).parse;
    }
    let file = Block { span: whole.parse.file.span, ..Block::default() };
    let mut parse = Parse { file, ..Parse::default() };
    for piece in pieces {
        let reading = grammar::read(id, text, piece.clone());
        let reading = if reading.unbalanced { read_project(id, text, piece.clone(), reading) } else { reading };
        let reading = as_it_is(id, text, piece, reading);
        parse.file.items.extend(reading.parse.file.items);
        parse.lost.extend(reading.parse.lost);
        parse.errors.extend(reading.parse.errors);
    }
    parse
}

/// `project p {` whose body does not pair up: its body is cut at its own margin in turn.
fn read_project(id: FileId, text: &str, piece: Range<usize>, whole: Reading) -> Reading {
    let slice = text.get(piece.clone()).unwrap_or("");
    let is_project = matches!(whole.parse.file.items.as_slice(), [Item { kind: ItemKind::Declaration(project), .. }]
        if project.kind.name == "project" && project.body.is_some());
    let Some(open) = slice.find('{').filter(|_| is_project) else { return whole };
    let body = piece.start + open + 1..piece.end;
    let Some(margin) = margin(text.get(body.clone()).unwrap_or("")) else { return whole };
    let parts = pieces(text, body, margin);
    if parts.len() < 2 {
        return whole;
    }
    let mut reading = whole;
    let mut items = Vec::new();
    let mut errors = Vec::new();
    let last = parts.len() - 1;
    for (index, part) in parts.into_iter().enumerate() {
        // The brace that closes the project belongs to no part.
        let part = if index == last { part.start..without_last_brace(text, &part) } else { part };
        let inner = as_it_is(id, text, part.clone(), grammar::read(id, text, part));
        items.extend(inner.parse.file.items);
        reading.parse.lost.extend(inner.parse.lost);
        errors.extend(inner.parse.errors);
    }
    if let Some(Item { kind: ItemKind::Declaration(project), .. }) = reading.parse.file.items.first_mut()
        && let Some(body) = &mut project.body
    {
        body.items = items;
    }
    reading.parse.errors = errors;
    reading.unbalanced = false;
    reading
}

/// A piece that does not pair up keeps its tree if only closing braces at its end are missing. Otherwise nobody knows
/// what lies in what: its first mistake is reported, and what it declares and uses is lost.
fn as_it_is(id: FileId, text: &str, piece: Range<usize>, reading: Reading) -> Reading {
    let whole = Span::new(id, piece.start, piece.end);
    let slice = text.get(piece).unwrap_or("");
    // A missing brace alone is one report; more of them come from reading on at the wrong place.
    let certain = reading.parse.errors.len() < 2 && !has_open_head(&reading.parse.file);
    if !reading.unbalanced || certain && !is_misnested(slice) {
        return reading;
    }
    let span = reading.parse.file.items.first().zip(reading.parse.file.items.last()).map(|(first, last)| first.span.to(last.span));
    let lost = words(whole, slice).collect();
    let items = span.map(|span| Item { span, doc: None, attributes: Vec::new(), kind: ItemKind::Error }).into_iter().collect();
    let mut errors = reading.parse.errors;
    errors.sort_by_key(|report| report.primary.span);
    errors.truncate(1);
    let file = Block { items, ..reading.parse.file };
    Reading { parse: Parse { file, lost, errors, is_balanced: false }, unbalanced: true }
}

/// The words of a text that stands at `place`.
pub(super) fn words(place: Span, text: &str) -> impl Iterator<Item = Ident> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let start = place.start as usize;
    let mut at = 0;
    text.split(move |c| !is_word(c)).filter_map(move |word| {
        let from = start + at;
        at += word.len() + text.get(at + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        (!word.is_empty()).then(|| Ident { name: Name::new(word), span: Span::new(place.file, from, from + word.len()) })
    })
}

/// Whether a declaration lacks the block that it must have: `image repoURL: "…" }`.
fn has_open_head(block: &Block) -> bool {
    block.items.iter().any(|item| match &item.kind {
        ItemKind::Declaration(found) => match &found.body {
            // It has no name: its `{` is missing.
            Some(_) | None if found.kind.name == "finally" => true,
            Some(body) => has_open_head(body),
            None => !matches!(found.kind.name.as_str(), "slot" | "require" | "project") && item.attributes.is_empty(),
        },
        ItemKind::Step(step) => step.body.as_block().is_some_and(has_open_head),
        ItemKind::Loop(found) => has_open_head(&found.body),
        _ => false,
    })
}

/// Cuts before every line that begins a declaration at `margin`; what precedes the first is a piece, too.
fn pieces(text: &str, range: Range<usize>, margin: usize) -> Vec<Range<usize>> {
    let mut starts = vec![range.start];
    let mut at = range.start;
    let mut previous_is_prelude = false;
    for line in text.get(range.clone()).unwrap_or("").split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let rest = line.trim_start();
        let begins = indent == margin && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '@' || c == '/');
        if begins && at != range.start && !previous_is_prelude && !rest.starts_with("//") | rest.starts_with("///") {
            starts.push(at);
        }
        if begins {
            previous_is_prelude = rest.starts_with("///") || (rest.starts_with('@') && !rest.contains('{'));
        }
        at += line.len();
    }
    starts.push(range.end);
    starts.windows(2).filter_map(|pair| pair.first().zip(pair.get(1)).map(|(start, end)| *start..*end)).collect()
}

/// The indentation of the first line that is neither blank nor the rest of the opening line.
fn margin(body: &str) -> Option<usize> {
    body.split('\n').skip(1).find(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len())
}

/// Where the last brace of the part stands, if it has a line of its own but for comments.
fn without_last_brace(text: &str, part: &Range<usize>) -> usize {
    let slice = text.get(part.clone()).unwrap_or("");
    let mut end = slice.len();
    for line in slice.split_inclusive('\n').rev() {
        end -= line.len();
        let code = line.split("//").next().unwrap_or("");
        match code.trim() {
            "" => {}
            "}" => return part.start + end + (code.len() - code.trim_start().len()),
            _ => break,
        }
    }
    part.end
}
