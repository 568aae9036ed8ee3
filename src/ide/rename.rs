//! Renaming: which places change, or why they cannot. What comes of it is judged by the checker: the caller analyses the
//! changed texts, and [`renamed_place`] says whether all still means the same.

use super::names;
use crate::Analysis;
use crate::base::Span;
use crate::diag::Edit;
use crate::types::index::{Meaning, Use};

/// What a renaming changes.
#[derive(Clone, Debug)]
pub struct Renaming {
    /// The place that was asked about, without quotes.
    pub at: Span,
    pub old: String,
    pub edits: Vec<Edit>,
}

/// Words that cannot be names.
const RESERVED: &[&str] = &["let", "var", "if", "else", "for", "in", "return", "try", "true", "false", "null"];

/// The edits that give the thing at a place another name; or why that is not possible, as a sentence.
pub fn rename(analysis: &Analysis, at: Span, new: &str) -> Result<Renaming, String> {
    let uses = names::uses_at(analysis, at);
    let Some(first) = uses.first().copied() else { return Err("this is no name".to_owned()) };
    let text = |span: Span| analysis.files().slice(span);
    let old = text(first.at).trim_matches('"').to_owned();
    if uses.iter().any(|found| analysis.files().is_stdlib(found.declared.file)) {
        return Err(format!("`{old}` belongs to the standard library"));
    }
    // A slot that is called like its warehouse can get a name of its own; asked where it is declared, both change.
    let is_slot = uses.iter().all(|found| matches!(found.what, Meaning::Slot(_)));
    let declared = if is_slot { uses.iter().map(|found| found.declared).collect() } else { names::declarations(analysis, at) };
    let mut edits = Vec::new();
    for place in places(analysis, &declared) {
        edits.extend(edit(analysis, place, &old, new, is_slot && declared.contains(&place))?);
    }
    if edits.is_empty() {
        return Err(format!("`{old}` is computed, so no place holds its name"));
    }
    if !is_ident(new) && !takes_text(first) {
        return Err(format!("`{new}` is no name: a letter, then letters, digits, `_` and single dashes inside"));
    }
    Ok(Renaming { at: inner(analysis, first.at), old, edits })
}

/// The places of a name: its declarations and what names them.
fn places(analysis: &Analysis, declared: &[Span]) -> Vec<Span> {
    let mut out: Vec<Span> = declared.iter().map(|span| names::name_in(analysis, *span)).collect();
    out.extend(names::uses_of(analysis, declared).into_iter().map(|found| found.at));
    out.sort_unstable();
    out.dedup();
    out
}

/// The edit of one place. `base`: a slot gets another name than its warehouse has: `slot app` becomes `slot new = app`.
fn edit(analysis: &Analysis, at: Span, old: &str, new: &str, is_slot: bool) -> Result<Option<Edit>, String> {
    let files = analysis.files();
    let text = files.slice(at);
    let bare = text.trim_matches('"');
    if bare != old {
        // Another name for the same thing: `use [a as b]`.
        let is_other_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if is_other_name {
            return Ok(None);
        }
        let place = files.line_column(at.file, at.start);
        return Err(format!("the name is computed in {} on line {}", files.path(at.file), place.line));
    }
    let quoted = text.starts_with('"');
    let word = if quoted || !is_ident(new) { format!("{new:?}") } else { new.to_owned() };
    let warehouse =
        analysis.index().is_some_and(|index| index.uses_at(at).any(|found| found.at == at && matches!(found.what, Meaning::Warehouse)));
    let word = if is_slot && warehouse { format!("{word} = {text}") } else { word };
    Ok(Some(Edit { span: at, text: word }))
}

/// The place without the quotes around it.
fn inner(analysis: &Analysis, at: Span) -> Span {
    if analysis.files().slice(at).starts_with('"') { Span { start: at.start + 1, end: at.end.saturating_sub(1), ..at } } else { at }
}

/// Whether a text may stand where the name stands.
fn takes_text(found: &Use) -> bool {
    matches!(found.what, Meaning::Stage | Meaning::Warehouse | Meaning::Object(_) | Meaning::Project)
}

fn is_ident(word: &str) -> bool {
    let mut parts = word.split('-').peekable();
    let starts = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let first_is_there = parts.peek().is_some_and(|part| !part.is_empty());
    let sound = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !word.ends_with('-');
    starts && first_is_there && sound && !RESERVED.contains(&word)
}

/// Whether the renamed program says the same: no more errors than before, and as many places name the thing.
/// `place`: where one of its names stands in the new text.
pub fn renamed_place(before: &Analysis, after: &Analysis, old: &Renaming, place: Span) -> Result<(), String> {
    let errors = |analysis: &Analysis| analysis.reports().iter().filter(|report| report.is_error()).count();
    if errors(after) > errors(before) {
        let known: Vec<&str> = before.reports().iter().map(|report| report.message.as_str()).collect();
        let new = after.reports().iter().find(|report| report.is_error() && !known.contains(&report.message.as_str()));
        let why = new.map_or("the program would have more errors", |report| report.message.as_str());
        return Err(format!("`{}` cannot be renamed so: {why}", old.old));
    }
    let was = names::references(before, old.at, true).len();
    let is = names::references(after, place, true).len();
    if is < was.min(old.edits.len()) {
        return Err(format!("`{}` cannot be renamed so: another thing has that name already", old.old));
    }
    Ok(())
}
