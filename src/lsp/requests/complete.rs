//! Choices at the cursor.

use std::collections::BTreeMap;

use super::super::disk::Disk;
use super::super::server::Server;
use super::super::uri;
use super::super::workspace::{Opened, folder_of};
use super::{Answer, lsp, markdown, open_at};
use crate::Analysis;
use crate::base::{FileId, Span};
use crate::ide::completion::{self, Choice, ChoiceKind};
use crate::ide::{self};

pub(super) fn completion(server: &mut Server, params: lsp::CompletionParams) -> Answer<Option<lsp::CompletionList>> {
    let Some((opened, at)) = open_at(server, &params.text_document_position_params) else { return Ok(None) };
    let Some(tried) = tried(server, &opened, at) else { return Ok(None) };
    let path = uri::to_path(&params.text_document_position_params.text_document.uri);
    let from = folder_of(&path);
    let folders = |above: &str| if above.starts_with('.') { Disk::folders_in(&uri::normal(&from.join(above))) } else { Vec::new() };
    let choices = completion::choices(&tried.analysis, tried.file, tried.at, &folders);
    let word = Span::new(opened.file, tried.word.start, tried.word.end);
    let range = opened.places().range(word);
    let snippets = server.abilities.snippets;
    let items = choices.into_iter().map(|choice| item(choice, range, snippets)).collect();
    Ok(Some(lsp::CompletionList { is_incomplete: false, items, ..Default::default() }))
}

fn item(choice: Choice, range: lsp::Range, snippets: bool) -> lsp::CompletionItem {
    let is_snippet = snippets && choice.snippet != choice.label;
    let new_text = match (is_snippet, choice.kind) {
        (true, _) => choice.snippet,
        (false, ChoiceKind::Setting) => format!("{}: ", choice.label.trim_end_matches(':')),
        (false, _) => choice.label.clone(),
    };
    lsp::CompletionItem {
        kind: Some(kind(choice.kind)),
        detail: choice.detail,
        documentation: choice.doc.map(|doc| lsp::Documentation::MarkupContent(markdown(doc))),
        tags: choice.is_deprecated.then(|| vec![lsp::CompletionItemTag::Deprecated]),
        sort_text: Some(format!("{}{}", choice.rank, choice.label)),
        insert_text_format: is_snippet.then_some(lsp::InsertTextFormat::Snippet),
        text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit { range, new_text })),
        label: choice.label,
        ..Default::default()
    }
}

fn kind(kind: ChoiceKind) -> lsp::CompletionItemKind {
    match kind {
        ChoiceKind::Keyword => lsp::CompletionItemKind::Keyword,
        ChoiceKind::Setting => lsp::CompletionItemKind::Property,
        ChoiceKind::Step => lsp::CompletionItemKind::Method,
        ChoiceKind::Task | ChoiceKind::Function => lsp::CompletionItemKind::Function,
        ChoiceKind::Variable | ChoiceKind::Slot => lsp::CompletionItemKind::Variable,
        ChoiceKind::Field => lsp::CompletionItemKind::Field,
        ChoiceKind::Choice => lsp::CompletionItemKind::EnumMember,
        ChoiceKind::Type => lsp::CompletionItemKind::Struct,
        ChoiceKind::Stage | ChoiceKind::Kind => lsp::CompletionItemKind::Class,
        ChoiceKind::Warehouse => lsp::CompletionItemKind::Module,
        ChoiceKind::Folder => lsp::CompletionItemKind::Folder,
        ChoiceKind::Check => lsp::CompletionItemKind::Constant,
    }
}

/// The signature of a call that is not closed yet.
pub(super) fn signature(server: &mut Server, opened: &Opened, at: Span) -> Option<ide::Signature> {
    let tried = tried(server, opened, at)?;
    ide::signature(&tried.analysis, ide::at(tried.file, u32::try_from(tried.at).ok()?))
}

/// The program with the mark at the cursor.
struct Tried {
    analysis: Analysis,
    file: FileId,
    /// Where the mark begins.
    at: usize,
    /// The word that it stands for, in the text as it is.
    word: std::ops::Range<usize>,
}

fn tried(server: &mut Server, opened: &Opened, at: Span) -> Option<Tried> {
    let files = opened.analysis.files();
    let marked = completion::mark(files.text(opened.file), at.start as usize)?;
    let text = server.workspace.first_that(&opened.folder, opened.file, marked.word.clone(), &marked.forms, |parse| {
        completion::is_read(parse, opened.file, marked.word.start)
    })?;
    let path = server.workspace.path(&opened.folder, &opened.analysis, opened.file)?;
    let at = ide::at(opened.file, u32::try_from(marked.word.start).ok()?);
    let analysis = server.workspace.supposing(&opened.folder, &BTreeMap::from([(path, text)]), Some(at));
    // Texts changed, and no files came or went.
    Some(Tried { analysis, file: opened.file, at: marked.word.start, word: marked.word })
}
