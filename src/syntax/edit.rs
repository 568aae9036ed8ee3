//! Reading a text again of which one stretch has changed. In: the parse of the old text, both texts. Out: the parse of
//! the new one, the same that [`super::parse`] gives.
//!
//! Entries are independent of one another, so only those that the change touches are read again, with a sound neighbour
//! on each side, and what stands behind them is moved. Where that could make a difference the whole text is read: where
//! braces do not pair up, or where no sound neighbours are left.

use std::ops::Range;

use super::ast::{Block, Else, Item, ItemKind};
use super::shift::Shift;
use super::{Parse, grammar};
use crate::base::{FileId, Span};

/// Makes the parse of `old` that of `new`. Out: how far entries are as they were: what ends up to there is the same tree
/// at the same place.
pub fn reparse(id: FileId, parse: &mut Parse, old: &str, new: &str) -> u32 {
    if old == new {
        return u32::MAX;
    }
    let is_readable = parse.is_balanced && is_small(old) && is_small(new);
    match is_readable.then(|| touched(id, parse, old, new)).flatten() {
        Some(same) => same,
        None => {
            *parse = super::parse(id, new);
            0
        }
    }
}

/// Places count up to 4 GiB.
fn is_small(text: &str) -> bool {
    u32::try_from(text.len()).is_ok()
}

/// The stretch that differs, in the old text, and how much longer the new one is.
struct Change {
    start: u32,
    end: u32,
    by: i64,
}

fn change(old: &str, new: &str) -> Option<Change> {
    let (a, b) = (old.as_bytes(), new.as_bytes());
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - start;
    let same = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    // Whole characters on both sides.
    let start = (0..=start).rev().find(|at| old.is_char_boundary(*at) && new.is_char_boundary(*at))?;
    let same = (0..=same).rev().find(|len| old.is_char_boundary(a.len() - len) && new.is_char_boundary(b.len() - len))?;
    let by = i64::try_from(b.len()).ok()? - i64::try_from(a.len()).ok()?;
    Some(Change { start: u32::try_from(start).ok()?, end: u32::try_from(a.len() - same).ok()?, by })
}

/// A run of entries of one block, and the text that they are read from.
struct Stretch {
    /// How to get to the block: the place of the entry that holds it and the place of the block in that, for each level.
    path: Vec<(usize, usize)>,
    entries: Range<usize>,
    old: Range<u32>,
    /// Whether an entry stands before and behind what changed.
    has_first: bool,
    has_last: bool,
}

impl Stretch {
    fn is_whole(&self) -> bool {
        !self.has_first && !self.has_last
    }
}

/// Whether brackets in a text that could not be read may have partners beyond it.
fn is_open(text: &str) -> bool {
    let pairs = |open: char, close: char| {
        let depth = text.chars().try_fold(0usize, |depth, c| match c {
            c if c == open => Some(depth + 1),
            c if c == close => depth.checked_sub(1),
            _ => Some(depth),
        });
        depth == Some(0)
    };
    !(pairs('{', '}') && pairs('[', ']') && pairs('(', ')')) || text.matches("\"\"\"").count() % 2 == 1
}

fn touched(id: FileId, parse: &mut Parse, old: &str, new: &str) -> Option<u32> {
    let (change, stretch, read) = stretch_of(id, parse, old, new)?;
    apply(id, parse, new, &change, &stretch, read);
    Some(stretch.old.start)
}

/// The parse of the entries that a change touches, and of a few beside them, with their places in the new text; the old
/// parse stays as it is. Whole files only where nothing less can be read.
pub fn peek(id: FileId, parse: &Parse, old: &str, new: &str) -> Parse {
    let part = if parse.is_balanced { stretch_of(id, parse, old, new) } else { None };
    part.map_or_else(|| super::parse(id, new), |(_, _, read)| read)
}

/// The smallest stretch that can be read by itself, and its parse.
fn stretch_of(id: FileId, parse: &Parse, old: &str, new: &str) -> Option<(Change, Stretch, Parse)> {
    let change = change(old, new)?;
    if super::build::is_manifest(new) || super::build::is_manifest(old) {
        return None;
    }
    let mut stretches = Vec::new();
    stretches_of(&parse.file, old, &change, &mut Vec::new(), &mut stretches);
    let found = stretches.into_iter().rev().find_map(|stretch| Some((read_stretch(id, parse, new, &change, &stretch, old)?, stretch)));
    found.map(|(read, stretch)| (change, stretch, read))
}

/// The stretches that could be read again, outermost first.
fn stretches_of(block: &Block, old: &str, change: &Change, path: &mut Vec<(usize, usize)>, out: &mut Vec<Stretch>) {
    let items = &block.items;
    let is_sound = |item: &Item| !matches!(item.kind, ItemKind::Error);
    let first = items.iter().rposition(|item| item.span.end < change.start && is_sound(item));
    // Not on a line with what changed: text that could not be read may go on to the end of its line.
    let behind = |item: &Item| old.get(change.end as usize..whole(item) as usize).is_some_and(|between| between.contains('\n'));
    // What cannot be read behind an entry may change what is read of it.
    let is_last = |at: usize| items.get(at + 1).is_none_or(is_sound);
    let mut places = items.iter().enumerate();
    let last = places.find(|(at, item)| whole(item) > change.end && is_sound(item) && behind(item) && is_last(*at)).map(|(at, _)| at);
    let is_file = path.is_empty();
    if is_file || (first.is_some() && last.is_some()) {
        let start = first.and_then(|at| items.get(at)).map_or(0, |item| line_start(old, whole(item)));
        let end = last.and_then(|at| items.get(at)).map_or(u32::try_from(old.len()).unwrap_or(u32::MAX), |item| item.span.end);
        let entries = first.unwrap_or(0)..last.map_or(items.len(), |at| at + 1);
        out.push(Stretch { path: path.clone(), entries, old: start..end, has_first: first.is_some(), has_last: last.is_some() });
    }
    let inside = |span: Span| span.start < change.start && change.end < span.end;
    let Some((at, item)) = items.iter().enumerate().find(|(_, item)| inside(item.span)) else { return };
    let Some((index, inner)) = blocks_of(item).into_iter().enumerate().find(|(_, block)| block.span.is_some_and(inside)) else { return };
    path.push((at, index));
    stretches_of(inner, old, change, path, out);
    path.pop();
}

/// Where an entry begins, with what describes it.
fn whole(item: &Item) -> u32 {
    item.whole().start
}

/// The start of the line, if only blanks stand between.
fn line_start(text: &str, at: u32) -> u32 {
    let before = text.get(..at as usize).unwrap_or("");
    let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
    if before.trim_end_matches([' ', '\t']).ends_with('\n') { at - u32::try_from(blanks).unwrap_or(0) } else { at }
}

fn blocks_of(item: &Item) -> Vec<&Block> {
    fn of_else<'i>(otherwise: &'i Option<Else>, out: &mut Vec<&'i Block>) {
        match otherwise {
            Some(Else::Block(block)) => out.push(block),
            Some(Else::If(inner)) => {
                out.push(&inner.then);
                of_else(&inner.otherwise, out);
            }
            None => {}
        }
    }
    match &item.kind {
        ItemKind::Declaration(declaration) => declaration.body.iter().collect(),
        ItemKind::Step(step) => step.body.as_block().into_iter().collect(),
        ItemKind::Loop(found) => vec![&found.body],
        ItemKind::Branch(branch) => {
            let mut out = vec![&branch.then];
            of_else(&branch.otherwise, &mut out);
            out
        }
        _ => Vec::new(),
    }
}

fn block_mut(item: &mut Item, index: usize) -> Option<&mut Block> {
    fn of_branch(branch: &mut super::ast::Branch, index: usize) -> Option<&mut Block> {
        match (index.checked_sub(1), &mut branch.otherwise) {
            (None, _) => Some(&mut branch.then),
            (Some(0), Some(Else::Block(block))) => Some(block),
            (Some(rest), Some(Else::If(inner))) => of_branch(inner, rest),
            _ => None,
        }
    }
    match &mut item.kind {
        ItemKind::Declaration(declaration) => declaration.body.as_mut(),
        ItemKind::Step(step) => match &mut step.body {
            super::ast::StepBody::Block(block) => Some(block),
            super::ast::StepBody::Args(..) => None,
        },
        ItemKind::Loop(found) => Some(&mut found.body),
        ItemKind::Branch(branch) => of_branch(branch, index),
        _ => None,
    }
}

fn read_stretch(id: FileId, parse: &Parse, new: &str, change: &Change, stretch: &Stretch, old: &str) -> Option<Parse> {
    let shift = Shift { from: change.end, by: change.by };
    let mut end = stretch.old.end;
    shift.offset(&mut end);
    let part = stretch.old.start as usize..end as usize;
    // What could not be read before on the line of the first entry may reach into it.
    let line = old.get(..stretch.old.start as usize).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    if parse.errors.iter().any(|report| (line..stretch.old.start as usize).contains(&(report.primary.span.start as usize))) {
        return None;
    }
    let reading = grammar::read(id, new, part);
    let read = reading.parse;
    let part = new.get(stretch.old.start as usize..end as usize).unwrap_or("");
    let is_open = !read.errors.is_empty() && !stretch.is_whole() && is_open(part);
    (!reading.unbalanced && !is_open && fits(parse, stretch, &read, shift)).then_some(read)
}

/// Puts the new entries of a stretch in the place of the old ones.
fn apply(id: FileId, parse: &mut Parse, new: &str, change: &Change, stretch: &Stretch, mut read: Parse) {
    let shift = Shift { from: change.end, by: change.by };
    let Some(items) = items_mut(&mut parse.file, &stretch.path) else { return };
    items.splice(stretch.entries.clone(), std::iter::empty());
    parse.lost.retain(|word| !stretch.old.contains(&word.span.start));
    parse.lost.iter_mut().for_each(|word| shift.ident(word));
    shift.block(&mut parse.file);
    let Some(items) = items_mut(&mut parse.file, &stretch.path) else { return };
    items.splice(stretch.entries.start..stretch.entries.start, std::mem::take(&mut read.file.items));
    replace(parse, &stretch.old, !stretch.has_last, shift, read);
    if stretch.path.is_empty()
        && let Some(span) = &mut parse.file.span
    {
        *span = file_span(id, new);
    }
}

/// As the parser gives it: from the start to the last character that is no blank.
fn file_span(id: FileId, text: &str) -> Span {
    Span::new(id, 0, text.trim_end().len())
}

/// The entries that a path leads to.
fn items_mut<'p>(file: &'p mut Block, path: &[(usize, usize)]) -> Option<&'p mut Vec<Item>> {
    let mut block = file;
    for (at, index) in path {
        block = block_mut(block.items.get_mut(*at)?, *index)?;
    }
    Some(&mut block.items)
}

/// Whether the neighbours of what changed were read as before, so that nothing beyond them is another.
fn fits(parse: &Parse, stretch: &Stretch, read: &Parse, shift: Shift) -> bool {
    let mut block = &parse.file;
    for (at, index) in &stretch.path {
        let Some(inner) = block.items.get(*at).and_then(|item| blocks_of(item).get(*index).copied()) else { return false };
        block = inner;
    }
    let old = block.items.get(stretch.entries.clone()).unwrap_or_default();
    let is_same = |before: Option<&Item>, after: Option<&Item>| {
        let (Some(before), Some(after)) = (before, after) else { return false };
        let mut span = before.span;
        shift.span(&mut span);
        after.span == span && !matches!(after.kind, ItemKind::Error) && (before.doc.is_some() == after.doc.is_some())
    };
    (!stretch.has_first || is_same(old.first(), read.file.items.first()))
        && (!stretch.has_last || is_same(old.last(), read.file.items.last()))
        && (!(stretch.has_first && stretch.has_last) || read.file.items.len() >= 2)
}

/// What stands beside the tree: that of the stretch is new, the rest moves. The words that were lost have moved already.
fn replace(parse: &mut Parse, old: &Range<u32>, is_to_the_end: bool, shift: Shift, read: Parse) {
    let Parse { lost, errors, .. } = read;
    parse.lost.extend(lost);
    parse.lost.sort_by_key(|word| word.span);
    // What is missing at its end is missing in it.
    let is_own = |at: Span| old.contains(&at.start) || at.start == old.end && (is_to_the_end || at.end == old.end);
    parse.errors.retain(|report| !is_own(report.primary.span));
    parse.errors.iter_mut().for_each(|report| shift.report(report));
    parse.errors.extend(errors);
}
