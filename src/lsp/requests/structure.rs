//! What a file is made of.

use serde_json::{Value, json};

use super::super::server::Server;
use super::super::workspace::Opened;
use super::{Answer, lsp, open};
use crate::base::Span;
use crate::ide::{self, Symbol, SymbolKind};

pub(super) fn symbols(server: &mut Server, params: lsp::DocumentSymbolParams) -> Answer<Value> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(Value::Null) };
    let all = ide::symbols(&opened.analysis, opened.file);
    if server.abilities.nested_symbols {
        return Ok(json!(all.iter().map(|symbol| nested(&opened, symbol)).collect::<Vec<_>>()));
    }
    let mut out = Vec::new();
    flat(server, &opened, &all, None, &mut out);
    Ok(json!(out))
}

#[expect(deprecated, reason = "the type has a field that nobody sets")]
fn nested(opened: &Opened, symbol: &Symbol) -> lsp::DocumentSymbol {
    let places = opened.places();
    let inner: Vec<lsp::DocumentSymbol> = symbol.inner.iter().map(|inner| nested(opened, inner)).collect();
    lsp::DocumentSymbol {
        name: name_of(symbol),
        detail: (!symbol.detail.is_empty()).then(|| symbol.detail.to_string()),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: places.range(symbol.whole),
        selection_range: places.range(symbol.at),
        children: (!inner.is_empty()).then_some(inner),
    }
}

/// The protocol wants a name.
fn name_of(symbol: &Symbol) -> String {
    if symbol.name.trim().is_empty() { symbol.detail.to_string() } else { symbol.name.clone() }
}

fn kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Project => lsp::SymbolKind::Namespace,
        SymbolKind::Stage => lsp::SymbolKind::Class,
        SymbolKind::Object => lsp::SymbolKind::Object,
        SymbolKind::Task => lsp::SymbolKind::Function,
        SymbolKind::Template => lsp::SymbolKind::Constructor,
        SymbolKind::Value => lsp::SymbolKind::Constant,
        SymbolKind::Variable => lsp::SymbolKind::Variable,
        SymbolKind::Slot => lsp::SymbolKind::Field,
        SymbolKind::Step => lsp::SymbolKind::Method,
        SymbolKind::Type => lsp::SymbolKind::Struct,
        SymbolKind::Flow => lsp::SymbolKind::Event,
        SymbolKind::Body => lsp::SymbolKind::Package,
    }
}

fn flat(server: &mut Server, opened: &Opened, symbols: &[Symbol], container: Option<&str>, out: &mut Vec<Value>) {
    for symbol in symbols {
        let Some(location) = server.workspace.location(opened, symbol.at) else { continue };
        let mut found = json!({ "name": name_of(symbol), "kind": kind(symbol.kind), "location": location });
        if let (Value::Object(fields), Some(container)) = (&mut found, container) {
            fields.insert("containerName".to_owned(), json!(container));
        }
        out.push(found);
        flat(server, opened, &symbol.inner, Some(&symbol.name), out);
    }
}

/// What all programs declare, by letters in their order, as `prd` for `prod`. Steps are no symbols of a workspace.
pub(super) fn all_symbols(server: &mut Server, params: lsp::WorkspaceSymbolParams) -> Answer<Vec<Value>> {
    const MOST: usize = 512;
    let query = params.query.to_lowercase();
    let folders: Vec<std::path::PathBuf> = server.workspace.programs.keys().cloned().collect();
    let mut out = Vec::new();
    for folder in folders {
        let Some(analysis) = server.workspace.programs.get(&folder).and_then(|program| program.analysis.clone()) else { continue };
        let own = analysis.sources().folders.first().map(|found| analysis.sources().files(found).to_vec()).unwrap_or_default();
        for file in own.iter().filter_map(|parse| parse.file.span).map(|span: Span| span.file) {
            let opened = Opened { folder: folder.clone(), analysis: analysis.clone(), file, encoding: server.workspace.encoding };
            let mut found = Vec::new();
            let mut all = ide::symbols(&analysis, file);
            without_steps(&mut all);
            flat(server, &opened, &all, None, &mut found);
            out.extend(found.into_iter().filter(|found| is_meant(found, &query)));
            if out.len() >= MOST {
                out.truncate(MOST);
                return Ok(out);
            }
        }
    }
    Ok(out)
}

fn without_steps(symbols: &mut Vec<Symbol>) {
    symbols.retain(|symbol| !matches!(symbol.kind, SymbolKind::Step | SymbolKind::Body | SymbolKind::Flow | SymbolKind::Slot));
    symbols.iter_mut().for_each(|symbol| without_steps(&mut symbol.inner));
}

fn is_meant(found: &Value, query: &str) -> bool {
    let name = found.get("name").and_then(Value::as_str).unwrap_or("").to_lowercase();
    let mut letters = name.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

pub(super) fn folds(server: &mut Server, params: lsp::FoldingRangeParams) -> Answer<Option<Vec<lsp::FoldingRange>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let mut out: Vec<lsp::FoldingRange> = Vec::new();
    for (span, is_comment) in ide::folds(&opened.analysis, opened.file) {
        let range = opened.places().range(span);
        let text = opened.analysis.files().slice(span);
        // The line of the closing bracket stays to be seen.
        let closes = text.ends_with(['}', ']', ')']);
        let end_line = if closes { range.end.line.saturating_sub(1) } else { range.end.line };
        if end_line > range.start.line && !out.iter().any(|known| known.start_line == range.start.line) {
            let kind = is_comment.then_some(lsp::FoldingRangeKind::Comment);
            out.push(lsp::FoldingRange { start_line: range.start.line, end_line, kind, ..Default::default() });
        }
    }
    Ok(Some(out))
}

pub(super) fn selections(server: &mut Server, params: lsp::SelectionRangeParams) -> Answer<Option<Vec<lsp::SelectionRange>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let chain = |position: lsp::Position| {
        let at = super::place(&opened, position);
        let mut parent: Option<Box<lsp::SelectionRange>> = None;
        for span in ide::selection(&opened.analysis, at).into_iter().rev() {
            parent = Some(Box::new(lsp::SelectionRange { range: opened.places().range(span), parent }));
        }
        parent.map_or_else(|| lsp::SelectionRange { range: opened.places().range(at), parent: None }, |found| *found)
    };
    Ok(Some(params.positions.into_iter().map(chain).collect()))
}
