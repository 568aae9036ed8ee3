//! From names to what they mean, and back.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::server::Server;
use super::super::uri;
use super::super::workspace::Opened;
use super::{Answer, lsp, open, open_at};
use crate::base::Span;
use crate::ide;
use crate::syntax::ast::ItemKind;
use crate::syntax::nodes::Node;

pub(super) fn definition(server: &mut Server, params: lsp::DefinitionParams) -> Answer<Value> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(Value::Null) };
    let found = ide::definition(&opened.analysis, at);
    Ok(links_to(server, &opened, &found))
}

pub(super) fn type_definition(server: &mut Server, params: lsp::TypeDefinitionParams) -> Answer<Value> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(Value::Null) };
    let found = ide::type_definition(&opened.analysis, at);
    Ok(links_to(server, &opened, &found))
}

/// Links with both ends where the editor takes them, plain places elsewhere.
fn links_to(server: &mut Server, opened: &Opened, found: &[ide::Target]) -> Value {
    let mut out = Vec::new();
    for target in found {
        let Some(location) = server.workspace.location(opened, target.name) else { continue };
        if server.abilities.links {
            out.push(json!(lsp::LocationLink {
                origin_selection_range: Some(opened.places().range(target.from)),
                target_uri: location.uri,
                target_range: opened.places().range(target.whole),
                target_selection_range: location.range,
            }));
        } else {
            out.push(json!(location));
        }
    }
    if out.is_empty() { Value::Null } else { Value::Array(out) }
}

/// In all programs that read the file: a task of a shared folder is used elsewhere.
pub(super) fn references(server: &mut Server, params: lsp::ReferenceParams) -> Answer<Option<Vec<lsp::Location>>> {
    let place = &params.text_document_position_params;
    let path = uri::to_path(&place.text_document.uri);
    let mut out: Vec<lsp::Location> = Vec::new();
    for opened in server.workspace.open_everywhere(&path) {
        let at = super::place(&opened, place.position);
        for span in ide::references(&opened.analysis, at, params.context.include_declaration) {
            let location = server.workspace.location(&opened, span);
            out.extend(location.filter(|location| !out.contains(location)));
        }
    }
    Ok(Some(out))
}

pub(super) fn highlights(server: &mut Server, params: lsp::DocumentHighlightParams) -> Answer<Option<Vec<lsp::DocumentHighlight>>> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(None) };
    let own = ide::references(&opened.analysis, at, true).into_iter().filter(|span| span.file == opened.file);
    let declared: Vec<Span> = ide::definition(&opened.analysis, at).into_iter().map(|target| target.name).collect();
    let highlight = |span: Span| lsp::DocumentHighlight {
        range: opened.places().range(span),
        kind: Some(if declared.contains(&span) { lsp::DocumentHighlightKind::Write } else { lsp::DocumentHighlightKind::Read }),
    };
    Ok(Some(own.map(highlight).collect()))
}

// ── Calls ──

pub(super) fn prepare_calls(server: &mut Server, params: lsp::CallHierarchyPrepareParams) -> Answer<Option<Vec<lsp::CallHierarchyItem>>> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(None) };
    let Some(target) = ide::definition(&opened.analysis, at).first().copied() else { return Ok(None) };
    let call = ide::call_at(&opened.analysis, target.name);
    Ok(call.and_then(|call| item(server, &opened, &call)).map(|item| vec![item]))
}

pub(super) fn incoming(
    server: &mut Server,
    params: lsp::CallHierarchyIncomingCallsParams,
) -> Answer<Option<Vec<lsp::CallHierarchyIncomingCall>>> {
    let mut out = Vec::new();
    for opened in server.workspace.open_everywhere(&uri::to_path(&params.item.uri)) {
        let declared = declared(&opened, &params.item);
        for call in ide::callers(&opened.analysis, declared) {
            let from_ranges = call.calls.iter().map(|span| opened.places().range(*span)).collect();
            let found = item(server, &opened, &call).map(|from| lsp::CallHierarchyIncomingCall { from, from_ranges });
            out.extend(found.filter(|found| !out.contains(found)));
        }
    }
    Ok(Some(out))
}

pub(super) fn outgoing(
    server: &mut Server,
    params: lsp::CallHierarchyOutgoingCallsParams,
) -> Answer<Option<Vec<lsp::CallHierarchyOutgoingCall>>> {
    let Some(opened) = open(server, &params.item.uri) else { return Ok(None) };
    let declared = declared(&opened, &params.item);
    let mut out = Vec::new();
    for call in ide::calls_of(&opened.analysis, declared) {
        let from_ranges = call.calls.iter().map(|span| opened.places().range(*span)).collect();
        out.extend(item(server, &opened, &call).map(|to| lsp::CallHierarchyOutgoingCall { to, from_ranges }));
    }
    Ok(Some(out))
}

fn declared(opened: &Opened, item: &lsp::CallHierarchyItem) -> Span {
    opened.places().span(opened.file, item.selection_range)
}

fn item(server: &mut Server, opened: &Opened, call: &ide::Call) -> Option<lsp::CallHierarchyItem> {
    let location = server.workspace.location(opened, call.at)?;
    Some(lsp::CallHierarchyItem {
        name: call.name.clone(),
        kind: if call.kind.ends_with("task") { lsp::SymbolKind::Function } else { lsp::SymbolKind::Class },
        tags: None,
        detail: Some(call.kind.to_string()),
        uri: location.uri,
        range: opened.places().range(call.whole),
        selection_range: location.range,
        data: None,
    })
}

// ── Links ──

/// The path of each `use` leads to the first file of its folder.
pub(super) fn links(server: &mut Server, params: lsp::DocumentLinkParams) -> Answer<Option<Vec<lsp::DocumentLink>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let Some(parse) = ide::parse_of(&opened.analysis, opened.file) else { return Ok(None) };
    let mut paths: Vec<Span> = Vec::new();
    Node::Block(&parse.file).walk(&mut |node| {
        if let Node::Item(item) = node
            && let ItemKind::Use(found) = &item.kind
        {
            paths.push(found.from.span);
        }
    });
    let mut out = Vec::new();
    for span in paths {
        let Some(file) = used(&opened, span) else { continue };
        let target: Option<PathBuf> = server.workspace.path(&opened.folder, &opened.analysis, file);
        let range = opened.places().range(span);
        out.extend(target.map(|target| lsp::DocumentLink { range, target: Some(uri::from_path(&target)), ..Default::default() }));
    }
    Ok(Some(out))
}

/// The first file of the folder that a path of a `use` leads to.
fn used(opened: &Opened, path: Span) -> Option<crate::base::FileId> {
    let sources = opened.analysis.sources();
    let lead = sources.folders.iter().find_map(|folder| folder.uses.get(&path))?;
    let folder = sources.folders.get(*lead.as_ref().ok()?)?;
    sources.files(folder).iter().find_map(|parse| parse.file.span).map(|span| span.file)
}
