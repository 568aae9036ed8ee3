//! The pest parser, and one call of it.

use std::ops::Range;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pairs;

use super::build::Builder;
use super::{Parse, Trivia, errors};
use crate::base::{FileId, Span};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/loadline.pest"]
pub(super) struct Grammar;

/// A parse, and whether its braces did not pair up.
pub(super) struct Reading {
    pub(super) parse: Parse,
    pub(super) unbalanced: bool,
}

/// Reads a part of a file as if it were a whole one; spans count from the start of the file.
pub(super) fn read(id: FileId, text: &str, part: Range<usize>) -> Reading {
    let base = part.start;
    let slice = text.get(part.clone()).unwrap_or("");
    if let Some(at) = too_deep(slice) {
        let report = errors::too_deep(Span::new(id, base + at, base + at + 1));
        return Reading { parse: Parse { errors: vec![report], ..Parse::default() }, unbalanced: false };
    }
    match Grammar::parse(Rule::file, slice) {
        Ok(mut pairs) => {
            let mut builder = Builder::new(id, base, slice);
            let file = pairs.next().map(|file| builder.file(file)).unwrap_or_default();
            let unbalanced = builder.unbalanced;
            Reading { parse: Parse { file, lost: builder.lost, errors: builder.errors, is_balanced: false }, unbalanced }
        }
        Err(error) => {
            let at = base + offset(&error.location);
            let report = errors::unreadable(Span::new(id, at, at));
            Reading { parse: Parse { errors: vec![report], ..Parse::default() }, unbalanced: false }
        }
    }
}

/// The comments and blank lines of a file; none where it cannot be read at all.
pub(super) fn trivia(id: FileId, text: &str) -> Trivia {
    let mut comments = Vec::new();
    let mut fences = Vec::new();
    let pairs = if too_deep(text).is_none() { Grammar::parse(Rule::file, text).ok() } else { None };
    for pair in pairs.into_iter().flat_map(Pairs::flatten) {
        let span = pair.as_span();
        match pair.as_rule() {
            Rule::comment => comments.push(span.start()..span.end()),
            Rule::fenced | Rule::raw_string => fences.push(span.start()..span.end()),
            _ => {}
        }
    }
    Trivia::new(id, text, &comments, &fences)
}

pub(super) fn bare(text: &str) -> Option<usize> {
    Grammar::parse(Rule::file, text).ok().map(|pairs| pairs.flatten().count())
}

/// Where a bad entry goes wrong, by reading it again with the rule that it should have followed: the offset in the
/// slice, and the words and signs that could stand there.
pub(super) fn probe(slice: &str) -> (usize, Vec<&'static str>) {
    match Grammar::parse(Rule::entry, slice) {
        Ok(pairs) => (pairs.last().map_or(0, |pair| pair.as_span().end()), vec!["a line break or a comma"]),
        Err(error) => {
            let expected = match &error.variant {
                ErrorVariant::ParsingError { positives, .. } => errors::describe(positives),
                ErrorVariant::CustomError { .. } => Vec::new(),
            };
            (offset(&error.location), expected)
        }
    }
}

/// Whether the text is an entry by itself.
pub(super) fn is_entry(text: &str) -> bool {
    Grammar::parse(Rule::entry, text).is_ok_and(|mut pairs| pairs.next().is_some_and(|pair| pair.as_span().end() == text.trim_end().len()))
}

fn offset(location: &InputLocation) -> usize {
    match location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => *at,
    }
}

/// Where brackets first lie too deep, strings not looked at: the parser recurses, and so does everything after it.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut unary = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // `!!!!…` and `a ? a ? …` nest without brackets.
        unary = if matches!(byte, b'!' | b'-' | b'?' | b':' | b' ') { unary + 1 } else { 0 };
        if depth > super::MAX_DEPTH || (unary > 2000 && byte != b' ') {
            return Some(at);
        }
    }
    None
}
