//! Requests of our own: the manifests of a program, the matrix of its permissions, and the page of a report.

use serde_json::{Value, json};

use super::super::server::Server;
use super::super::uri;
use super::{Answer, lsp, open, open_at, refused};
use crate::diag::Check;
use crate::ide;
use crate::permissions::{self, Program};

/// `loadline/manifests`: the manifests of the program that a document belongs to. Each with its lines, and what they come
/// from, the whole first: `{ uri, errors, manifests: [{ kind, name, text, places: [{ lines: [first, end], uri, range }] }] }`.
pub(super) fn manifests(server: &mut Server, params: lsp::DocumentSymbolParams) -> Answer<Value> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(Value::Null) };
    let errors = opened.analysis.reports().iter().filter(|report| report.is_error()).count();
    let all = ide::manifests(server.workspace.manifests(&opened.folder));
    let files = opened.analysis.files();
    let mut out = Vec::new();
    for manifest in all {
        let file = files.ids().find(|id| !files.is_stdlib(*id) && files.path(*id) == manifest.path);
        let place = file.and_then(|file| {
            let range = files.line_range(file, manifest.line.saturating_sub(1))?;
            let line = files.text(file).get(range.clone())?;
            Some(ide::at(file, u32::try_from(range.start + line.len() - line.trim_start().len()).ok()?))
        });
        let location = place.and_then(|place| server.workspace.location(&opened, place));
        let lines = manifest.text.lines().count();
        let mut places: Vec<Value> =
            location.iter().map(|found| json!({ "lines": [0, lines], "uri": found.uri, "range": found.range })).collect();
        for (lines, span) in &manifest.places {
            let found = server.workspace.location(&opened, *span);
            places.extend(found.map(|found| json!({ "lines": [lines.start, lines.end], "uri": found.uri, "range": found.range })));
        }
        out.push(json!({ "kind": manifest.kind, "name": manifest.name, "text": manifest.text, "places": places }));
    }
    Ok(json!({ "uri": params.text_document.uri, "errors": errors, "manifests": out }))
}

/// `loadline/permissions`: who must be allowed what, and whether they are, as a table: `{ uri, errors, text }`. As on the
/// command line, there is none while there are other errors than missing permissions.
pub(super) fn permissions(server: &mut Server, params: lsp::DocumentSymbolParams) -> Answer<Value> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(Value::Null) };
    let access = opened.analysis.permissions();
    let is_other = |report: &&crate::diag::Diagnostic| report.is_error() && !permissions::tells(&access, report.check);
    let errors = opened.analysis.reports().iter().filter(is_other).count();
    let program = [Program { access: &access, files: opened.analysis.files() }];
    let text = if errors == 0 { permissions::table(&program, false) } else { String::new() };
    Ok(json!({ "uri": params.text_document.uri, "errors": errors, "text": text }))
}

/// `loadline/explain`: the page of the report under the cursor: `{ check, summary, text }`.
pub(super) fn explain(server: &mut Server, params: lsp::TextDocumentPositionParams) -> Answer<Value> {
    let Some((opened, at)) = open_at(server, &params) else { return Ok(Value::Null) };
    let here = opened.analysis.reports().iter().filter(|report| report.primary.span.contains(at));
    let report = here.min_by_key(|report| report.primary.span.end - report.primary.span.start);
    Ok(report.map_or(Value::Null, |report| page(report.check)))
}

fn page(check: Check) -> Value {
    let info = check.info();
    json!({ "check": info.name, "summary": info.summary, "text": info.page })
}

pub(super) fn execute(server: &mut Server, params: lsp::ExecuteCommandParams) -> Answer<Value> {
    let first = params.arguments.unwrap_or_default().into_iter().next().unwrap_or_default();
    match (params.command.as_str(), &first) {
        ("loadline.explain", Value::String(name)) => {
            Check::by_name(name).map(page).ok_or_else(|| refused(format!("no check is called `{name}`")))
        }
        ("loadline.explain", place) => {
            let place = serde_json::from_value(place.clone()).map_err(|reason| refused(reason.to_string()))?;
            explain(server, place)
        }
        ("loadline.manifests", Value::String(document)) => manifests(server, of_document(document)),
        ("loadline.permissions", Value::String(document)) => permissions(server, of_document(document)),
        (other, _) => Err(refused(format!("there is no command `{other}` with these arguments"))),
    }
}

fn of_document(document: &str) -> lsp::DocumentSymbolParams {
    let document = lsp::TextDocumentIdentifier { uri: uri::from_path(&uri::to_path(&lsp::Uri(document.to_owned()))) };
    lsp::DocumentSymbolParams::new(document, lsp::WorkDoneProgressParams::default(), lsp::PartialResultParams::default())
}
