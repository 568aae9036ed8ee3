//! Requests and their answers. Each function takes the parameters of one request and gives its result, `null` where there
//! is nothing to say; an error is a sentence for the one who asked.

mod changes;
mod complete;
mod look;
mod navigate;
mod own;
mod structure;

use gen_lsp_types as lsp;
use gen_lsp_types::{Position, TextDocumentPositionParams, Uri};
use lsp_server::{ErrorCode, ResponseError};
use serde_json::{Value, json};

use super::convert::Encoding;
use super::server::{Server, failed};
use super::uri;
use super::workspace::Opened;
use crate::base::Span;
use crate::ide;

pub(super) type Answer<T> = Result<T, ResponseError>;

/// What the server can do.
pub(super) fn capabilities(encoding: Encoding) -> Value {
    let tokens = json!({
        "legend": { "tokenTypes": ide::TokenKind::NAMES, "tokenModifiers": ide::Modifier::NAMES },
        "full": true,
        "range": true,
    });
    let files = json!({ "filters": [{ "scheme": "file", "pattern": { "glob": "**" } }] });
    json!({
        "positionEncoding": match encoding { Encoding::Utf8 => "utf-8", Encoding::Utf16 => "utf-16" },
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "completionProvider": { "triggerCharacters": [".", "\"", "{", "/", "@", "$"], "resolveProvider": false },
        "hoverProvider": true,
        "signatureHelpProvider": { "triggerCharacters": ["(", ",", ":"] },
        "definitionProvider": true,
        "typeDefinitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
        "codeLensProvider": {},
        "documentLinkProvider": {},
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "renameProvider": { "prepareProvider": true },
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "semanticTokensProvider": tokens,
        "inlayHintProvider": true,
        "callHierarchyProvider": true,
        "executeCommandProvider": { "commands": ["loadline.explain", "loadline.manifests", "loadline.permissions"] },
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
            "fileOperations": { "didRename": files },
        },
    })
}

/// The answer to a request.
pub(super) fn answer(server: &mut Server, method: &str, params: Value) -> Answer<Value> {
    let s = server;
    match method {
        "textDocument/completion" => with(s, params, complete::completion),
        "textDocument/hover" => with(s, params, look::hover),
        "textDocument/signatureHelp" => with(s, params, look::signature),
        "textDocument/inlayHint" => with(s, params, look::hints),
        "textDocument/semanticTokens/full" => with(s, params, look::tokens),
        "textDocument/semanticTokens/range" => with(s, params, look::tokens_in),
        "textDocument/codeLens" => with(s, params, look::lenses),
        "textDocument/definition" => with(s, params, navigate::definition),
        "textDocument/typeDefinition" => with(s, params, navigate::type_definition),
        "textDocument/references" => with(s, params, navigate::references),
        "textDocument/documentHighlight" => with(s, params, navigate::highlights),
        "textDocument/prepareCallHierarchy" => with(s, params, navigate::prepare_calls),
        "callHierarchy/incomingCalls" => with(s, params, navigate::incoming),
        "callHierarchy/outgoingCalls" => with(s, params, navigate::outgoing),
        "textDocument/documentLink" => with(s, params, navigate::links),
        "textDocument/documentSymbol" => with(s, params, structure::symbols),
        "workspace/symbol" => with(s, params, structure::all_symbols),
        "textDocument/foldingRange" => with(s, params, structure::folds),
        "textDocument/selectionRange" => with(s, params, structure::selections),
        "textDocument/formatting" => with(s, params, changes::format),
        "textDocument/rangeFormatting" => with(s, params, changes::format_range),
        "textDocument/codeAction" => with(s, params, changes::actions),
        "textDocument/prepareRename" => with(s, params, changes::prepare_rename),
        "textDocument/rename" => with(s, params, changes::rename),
        "workspace/executeCommand" => with(s, params, own::execute),
        "loadline/manifests" => with(s, params, own::manifests),
        "loadline/permissions" => with(s, params, own::permissions),
        "loadline/explain" => with(s, params, own::explain),
        _ => Err(failed(ErrorCode::MethodNotFound, format!("there is no request `{method}`"))),
    }
}

fn with<P, R>(server: &mut Server, params: Value, handle: impl FnOnce(&mut Server, P) -> Answer<R>) -> Answer<Value>
where
    P: serde::de::DeserializeOwned,
    R: serde::Serialize,
{
    let params = serde_json::from_value(params).map_err(|reason| failed(ErrorCode::InvalidParams, reason.to_string()))?;
    let answer = handle(server, params)?;
    serde_json::to_value(answer).map_err(|reason| failed(ErrorCode::InternalError, reason.to_string()))
}

/// A request that cannot be met, with the reason.
fn refused(reason: impl Into<String>) -> ResponseError {
    failed(ErrorCode::RequestFailed, reason)
}

/// The file of a request with the analysis of its program.
fn open(server: &Server, document: &Uri) -> Option<Opened> {
    server.workspace.open(&uri::to_path(document))
}

/// A place of a request.
fn open_at(server: &Server, params: &TextDocumentPositionParams) -> Option<(Opened, Span)> {
    let opened = open(server, &params.text_document.uri)?;
    let at = place(&opened, params.position);
    Some((opened, at))
}

fn place(opened: &Opened, position: Position) -> Span {
    ide::at(opened.file, opened.places().offset(opened.file, position))
}

fn markdown(text: impl Into<String>) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text.into() }
}
