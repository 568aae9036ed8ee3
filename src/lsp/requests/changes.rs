//! Changes of texts: layout, repairs, new names.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::publish;
use super::super::server::Server;
use super::super::uri;
use super::super::workspace::Opened;
use super::{Answer, lsp, open, open_at, refused};
use crate::base::{FileId, Files};
use crate::diag::Edit;
use crate::{format, ide};

// ── Layout ──

pub(super) fn format(server: &mut Server, params: lsp::DocumentFormattingParams) -> Answer<Option<Vec<lsp::TextEdit>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    Ok(Some(formatted(&opened)))
}

/// The runs of lines that differ and touch the range: the whole is laid out, since lines depend on what they stand in.
pub(super) fn format_range(server: &mut Server, params: lsp::DocumentRangeFormattingParams) -> Answer<Option<Vec<lsp::TextEdit>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let mut edits = formatted(&opened);
    edits.retain(|edit| edit.range.start.line <= params.range.end.line && params.range.start.line <= edit.range.end.line);
    Ok(Some(edits))
}

/// An edit for each run of lines that differ, so that cursors elsewhere stay. Broken text is left alone.
fn formatted(opened: &Opened) -> Vec<lsp::TextEdit> {
    let text = opened.analysis.files().text(opened.file);
    let Ok(after) = format::format(opened.file, text) else { return Vec::new() };
    line_edits(text, &after)
}

fn line_edits(before: &str, after: &str) -> Vec<lsp::TextEdit> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let mut out = Vec::new();
    for (a, b) in differences(&old, &new) {
        let position = |line: usize| lsp::Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: 0 };
        let is_last_open = a.end == old.len() && !before.ends_with('\n');
        let end = match old.last().filter(|_| is_last_open) {
            // A last line without an end has no line after it.
            Some(last) => lsp::Position { character: u32::try_from(last.len()).unwrap_or(u32::MAX), ..position(old.len() - 1) },
            None => position(a.end),
        };
        let range = lsp::Range { start: position(a.start), end };
        out.push(lsp::TextEdit { range, new_text: new.get(b).unwrap_or_default().concat() });
    }
    out
}

type Run = std::ops::Range<usize>;

/// Runs of lines that differ, by the lines that are the same: found greedily, a few lines ahead.
fn differences(old: &[&str], new: &[&str]) -> Vec<(Run, Run)> {
    const AHEAD: usize = 64;
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && old.get(i) == new.get(j) {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The nearest pair of lines from which on both go on alike.
        let pair = (1..AHEAD).find_map(|total| {
            (0..=total).map(|a| (i + a, j + total - a)).find(|(a, b)| {
                let line = old.get(*a);
                line.is_some_and(|line| !line.trim().is_empty()) && line == new.get(*b)
            })
        });
        let (a, b) = pair.unwrap_or((old.len(), new.len()));
        out.push((i..a, j..b));
        (i, j) = (a, b);
    }
    out
}

// ── Repairs ──

pub(super) fn actions(server: &mut Server, params: lsp::CodeActionParams) -> Answer<Option<Vec<lsp::CodeAction>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let places = opened.places();
    let part = places.span(opened.file, params.range);
    let wanted: Option<Vec<String>> =
        params.context.only.map(|only| only.iter().map(|kind| json!(kind).as_str().unwrap_or("").to_owned()).collect());
    let is_wanted = |kind: &str| {
        wanted.as_ref().is_none_or(|all| all.iter().any(|own| own.is_empty() || kind == own || kind.starts_with(&format!("{own}."))))
    };
    let mut out = Vec::new();
    // For `source.fixAll` the whole file counts, wherever the cursor is.
    for action in ide::actions(&opened.analysis, opened.file, part) {
        let name = if action.report.is_some() { "quickfix" } else { "source.fixAll" };
        // Who did not ask for it has the one repair already.
        let is_double = action.report.is_none() && action.edits.len() == 1 && wanted.is_none();
        if !is_wanted(name) || is_double {
            continue;
        }
        let report = action.report.and_then(|at| opened.analysis.reports().get(at));
        let diagnostics = report.map(|report| vec![publish::diagnostic(places, &opened.folder, report)]);
        let Some(edit) = changes(server, &opened, &action.edits) else { continue };
        out.push(lsp::CodeAction {
            title: action.title,
            kind: serde_json::from_value(json!(name)).ok(),
            diagnostics,
            is_preferred: action.report.is_some().then_some(action.safe),
            edit: Some(edit),
            ..Default::default()
        });
    }
    Ok(Some(out))
}

/// Edits of files of an analysis; nothing if one of them cannot be changed.
fn changes(server: &mut Server, opened: &Opened, edits: &[Edit]) -> Option<lsp::WorkspaceEdit> {
    let mut by_path: BTreeMap<PathBuf, Vec<lsp::TextEdit>> = BTreeMap::new();
    for edit in edits {
        if opened.analysis.files().is_stdlib(edit.span.file) {
            return None;
        }
        let path = server.workspace.path(&opened.folder, &opened.analysis, edit.span.file)?;
        by_path.entry(path).or_default().push(opened.places().edit(edit));
    }
    Some(workspace_edit(server, by_path))
}

/// With the versions of documents where the editor wants them, so that it refuses what it has outrun.
fn workspace_edit(server: &Server, by_path: BTreeMap<PathBuf, Vec<lsp::TextEdit>>) -> lsp::WorkspaceEdit {
    if !server.abilities.versioned_edits {
        let changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> =
            by_path.into_iter().map(|(path, edits)| (uri::from_path(&path), edits)).collect();
        return lsp::WorkspaceEdit { changes: Some(changes), ..Default::default() };
    }
    let document = |(path, edits): (PathBuf, Vec<lsp::TextEdit>)| {
        let version = server.workspace.documents.get(&path).map(|document| document.version);
        let text_document = lsp::OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: lsp::TextDocumentIdentifier { uri: uri::from_path(&path) },
        };
        let edits = edits.into_iter().map(lsp::Edit::TextEdit).collect();
        lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit { text_document, edits })
    };
    lsp::WorkspaceEdit { document_changes: Some(by_path.into_iter().map(document).collect()), ..Default::default() }
}

// ── Names ──

/// Whether a name can be changed: tried with one that nobody has.
pub(super) fn prepare_rename(server: &mut Server, params: lsp::PrepareRenameParams) -> Answer<Value> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(Value::Null) };
    let found = ide::rename(&opened.analysis, at, "loadline-new-name").map_err(refused)?;
    Ok(json!({ "range": opened.places().range(found.at), "placeholder": found.old }))
}

pub(super) fn rename(server: &mut Server, params: lsp::RenameParams) -> Answer<Option<lsp::WorkspaceEdit>> {
    let place = &params.text_document_position_params;
    let path = uri::to_path(&place.text_document.uri);
    let mut by_path: BTreeMap<PathBuf, Vec<lsp::TextEdit>> = BTreeMap::new();
    for opened in server.workspace.open_everywhere(&path) {
        let at = super::place(&opened, place.position);
        let found = match ide::rename(&opened.analysis, at, &params.new_name) {
            Ok(found) => found,
            // A program that reads the file may have no use for the name.
            Err(_) if !by_path.is_empty() => continue,
            Err(reason) => return Err(refused(reason)),
        };
        confirm(server, &opened, &found)?;
        for edit in &found.edits {
            let Some(path) = server.workspace.path(&opened.folder, &opened.analysis, edit.span.file) else { continue };
            let edit = opened.places().edit(edit);
            let edits = by_path.entry(path).or_default();
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    if by_path.is_empty() {
        return Ok(None);
    }
    Ok(Some(workspace_edit(server, by_path)))
}

/// The renamed program is analysed: it must mean the same.
fn confirm(server: &mut Server, opened: &Opened, found: &ide::Renaming) -> Answer<()> {
    let files = opened.analysis.files();
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut moved = i64::from(found.at.start);
    for file in files_of(&found.edits) {
        let path = server.workspace.path(&opened.folder, &opened.analysis, file).unwrap_or_default();
        let mut own: Vec<&Edit> = found.edits.iter().filter(|edit| edit.span.file == file).collect();
        own.sort_by_key(|edit| std::cmp::Reverse(edit.span));
        let mut text = files.text(file).to_owned();
        for edit in own {
            text.replace_range(edit.span.range(), &edit.text);
            if file == found.at.file && edit.span.end <= found.at.start {
                moved += i64::try_from(edit.text.len()).unwrap_or(0) - i64::from(edit.span.end - edit.span.start);
            }
        }
        texts.insert(path, text);
    }
    let after = server.workspace.supposing(&opened.folder, &texts, None);
    let place = ide::at(same_file(files, found.at.file, after.files()), u32::try_from(moved).unwrap_or(0));
    ide::renamed_place(&opened.analysis, &after, found, place).map_err(refused)
}

fn files_of(edits: &[Edit]) -> Vec<FileId> {
    let mut files: Vec<FileId> = edits.iter().map(|edit| edit.span.file).collect();
    files.sort();
    files.dedup();
    files
}

/// The file of the same path in another analysis.
fn same_file(files: &Files, file: FileId, others: &Files) -> FileId {
    others.ids().find(|id| others.path(*id) == files.path(file)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::line_edits;
    use crate::lsp::convert::Encoding;
    use crate::lsp::documents::Document;

    fn applied(before: &str, after: &str) -> String {
        let mut edits = line_edits(before, after);
        edits.reverse();
        let mut document = Document { text: before.to_owned(), version: 0 };
        for edit in edits {
            let part = gen_lsp_types::TextDocumentContentChangePartial { range: edit.range, text: edit.new_text, ..Default::default() };
            document.change(vec![part.into()], Encoding::Utf8);
        }
        document.text
    }

    #[test]
    fn edits_of_lines_give_the_other_text() {
        for (before, after) in [("a\nb\nc\n", "a\nx\nc\n"), ("a\n\n\nb", "a\n\nb\n"), ("", "a\n"), ("a\nb\n", ""), ("a\nb\nc", "b\nc\nd\n")]
        {
            assert_eq!(applied(before, after), after);
        }
    }
}
