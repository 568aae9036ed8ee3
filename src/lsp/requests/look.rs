//! What is shown beside the text: hovers, signatures, hints, colours, lines above declarations.

use super::super::server::Server;
use super::{Answer, lsp, markdown, open, open_at};
use crate::base::Span;
use crate::ide;

pub(super) fn hover(server: &mut Server, params: lsp::HoverParams) -> Answer<Option<lsp::Hover>> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(None) };
    let yaml = compiled(server, &opened, at);
    let found = ide::hover(&opened.analysis, at, yaml.as_deref());
    Ok(found.map(|found| lsp::Hover {
        contents: lsp::Contents::MarkupContent(markdown(found.text)),
        range: Some(opened.places().range(found.at)),
    }))
}

/// What the thing compiles to, cut to what a hover can hold.
fn compiled(server: &Server, opened: &super::Opened, at: Span) -> Option<String> {
    const LINES: usize = 40;
    let all = ide::compiled(&opened.analysis, server.workspace.manifests(&opened.folder), at)?;
    let mut text: String = all.lines().take(LINES).map(|line| format!("{line}\n")).collect();
    if all.lines().nth(LINES).is_some() {
        text.push_str("# …\n");
    }
    Some(text)
}

pub(super) fn signature(server: &mut Server, params: lsp::SignatureHelpParams) -> Answer<Option<lsp::SignatureHelp>> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(None) };
    // A call is mostly asked about while it is open: the text is read as if it were closed.
    let found = ide::signature(&opened.analysis, at).or_else(|| super::complete::signature(server, &opened, at));
    let Some(found) = found else { return Ok(None) };
    let units = |end: u32| opened.encoding.units(found.label.get(..end as usize).unwrap_or(""));
    let parameters = found.parameters.iter().map(|((start, end), doc)| lsp::ParameterInformation {
        label: lsp::ParameterInformationLabel::Tuple((units(*start), units(*end))),
        documentation: doc.clone().map(|doc| lsp::Documentation::MarkupContent(markdown(doc))),
    });
    let signature = lsp::SignatureInformation {
        label: found.label.clone(),
        documentation: found.doc.clone().map(|doc| lsp::Documentation::MarkupContent(markdown(doc))),
        parameters: Some(parameters.collect()),
        active_parameter: found.active.map(lsp::ActiveParameter::Int),
    };
    Ok(Some(lsp::SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter: found.active.map(lsp::ActiveParameter::Int),
    }))
}

pub(super) fn hints(server: &mut Server, params: lsp::InlayHintParams) -> Answer<Option<Vec<lsp::InlayHint>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let places = opened.places();
    let part = places.span(opened.file, params.range);
    let hints = ide::hints(&opened.analysis, opened.file, part).into_iter().map(|hint| lsp::InlayHint {
        position: places.position(opened.file, hint.at),
        label: lsp::Label::String(hint.text),
        kind: Some(if hint.is_type { lsp::InlayHintKind::Type } else { lsp::InlayHintKind::Parameter }),
        text_edits: None,
        tooltip: None,
        padding_left: Some(hint.is_type),
        padding_right: Some(!hint.is_type),
        data: None,
    });
    Ok(Some(hints.collect()))
}

pub(super) fn tokens(server: &mut Server, params: lsp::SemanticTokensParams) -> Answer<Option<lsp::SemanticTokens>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let all = ide::tokens(&opened.analysis, opened.file);
    Ok(Some(encoded(&opened, &all)))
}

pub(super) fn tokens_in(server: &mut Server, params: lsp::SemanticTokensRangeParams) -> Answer<Option<lsp::SemanticTokens>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let part = opened.places().span(opened.file, params.range);
    let mut all = ide::tokens(&opened.analysis, opened.file);
    all.retain(|token| part.contains(token.at));
    Ok(Some(encoded(&opened, &all)))
}

/// Each token by its distance from the one before.
fn encoded(opened: &super::Opened, tokens: &[ide::Token]) -> lsp::SemanticTokens {
    let places = opened.places();
    let mut before = lsp::Position { line: 0, character: 0 };
    let mut data = Vec::with_capacity(tokens.len());
    for token in tokens {
        let at = places.position(opened.file, token.at.start);
        let delta_line = at.line - before.line;
        data.push(lsp::SemanticToken {
            delta_line,
            delta_start: if delta_line == 0 { at.character - before.character } else { at.character },
            length: opened.encoding.units(opened.analysis.files().slice(token.at)),
            token_type: token.kind as u32,
            token_modifiers_bitset: token.modifiers,
        });
        before = at;
    }
    lsp::SemanticTokens { result_id: None, data }
}

pub(super) fn lenses(server: &mut Server, params: lsp::CodeLensParams) -> Answer<Option<Vec<lsp::CodeLens>>> {
    let Some(opened) = open(server, &params.text_document.uri) else { return Ok(None) };
    let uri = serde_json::json!(params.text_document.uri);
    let mut out = Vec::new();
    for lens in ide::lenses(&opened.analysis, opened.file) {
        let range = opened.places().range(lens.at);
        let command = if lens.is_project {
            lsp::Command {
                title: "show manifests".to_owned(),
                command: "loadline.showManifests".to_owned(),
                arguments: Some(vec![uri.clone()]),
                ..Default::default()
            }
        } else {
            let count = lens.uses.len();
            let title = match count {
                0 => "used by nothing here".to_owned(),
                1 => "used once".to_owned(),
                _ => format!("used {count} times"),
            };
            let places: Vec<lsp::Location> = lens.uses.iter().filter_map(|span| server.workspace.location(&opened, *span)).collect();
            let arguments = vec![uri.clone(), serde_json::json!(range.start), serde_json::json!(places)];
            lsp::Command { title, command: "loadline.showReferences".to_owned(), arguments: Some(arguments), ..Default::default() }
        };
        out.push(lsp::CodeLens { range, command: Some(command), data: None });
    }
    Ok(Some(out))
}
