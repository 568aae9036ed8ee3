//! Which tasks call which, and who uses what is declared.

use super::{names, parse_of};
use crate::Analysis;
use crate::base::{FileId, Name, Span};
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::nodes::Node;
use crate::types::index::{Meaning, Use};

/// A task or stage, and the calls that lead to or from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    pub kind: Name,
    pub whole: Span,
    pub at: Span,
    /// The places of the calls, in the caller.
    pub calls: Vec<Span>,
}

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name of the declaration.
    pub at: Span,
    /// Who names it.
    pub uses: Vec<Span>,
    /// Its project's manifests can be shown.
    pub is_project: bool,
}

/// What is declared at a place, if something can call it.
pub fn call_at(analysis: &Analysis, declared: Span) -> Option<Call> {
    let item = super::declaration(analysis, declared)?;
    let ItemKind::Declaration(found) = &item.kind else { return None };
    let can_call = ["task", "cluster-task", "template", "stage"].contains(&found.kind.name.as_str());
    can_call.then(|| call_of(analysis, item, declared, Vec::new()))
}

/// Who calls what is declared at a place.
pub fn callers(analysis: &Analysis, declared: Span) -> Vec<Call> {
    let uses = names::uses_of(analysis, &[declared]);
    let calls = uses.iter().filter(|found| is_call(found));
    let mut out: Vec<Call> = Vec::new();
    for found in calls {
        let Some((item, at)) = caller(analysis, found.at) else { continue };
        match out.iter_mut().find(|known| known.at == at) {
            Some(known) => known.calls.push(found.at),
            None => out.push(call_of(analysis, item, at, vec![found.at])),
        }
    }
    out
}

/// What the declaration at a place calls.
pub fn calls_of(analysis: &Analysis, declared: Span) -> Vec<Call> {
    let Some(index) = analysis.index() else { return Vec::new() };
    let Some(item) = super::declaration(analysis, declared) else { return Vec::new() };
    let inside = index.uses_in(item.span).into_iter().filter(|found| is_call(found));
    let mut out: Vec<Call> = Vec::new();
    for found in inside {
        match out.iter_mut().find(|known| known.at == found.declared) {
            Some(known) => known.calls.push(found.at),
            None => {
                let Some(item) = super::declaration(analysis, found.declared) else { continue };
                out.push(call_of(analysis, item, found.declared, vec![found.at]));
            }
        }
    }
    out
}

fn is_call(found: &Use) -> bool {
    matches!(found.what, Meaning::Task(_) | Meaning::Template(_)) && found.at != found.declared
}

fn call_of(analysis: &Analysis, item: &Item, at: Span, calls: Vec<Span>) -> Call {
    let kind = match &item.kind {
        ItemKind::Declaration(found) => found.kind.name.clone(),
        _ => Name::default(),
    };
    Call { name: analysis.files().slice(at).trim_matches('"').to_owned(), kind, whole: item.whole(), at, calls }
}

/// The task, template or stage that a place lies in, and the place of its name.
fn caller(analysis: &Analysis, at: Span) -> Option<(&Item, Span)> {
    super::path(analysis, at).into_iter().rev().find_map(|node| {
        let Node::Item(item) = node else { return None };
        let ItemKind::Declaration(found) = &item.kind else { return None };
        ["task", "cluster-task", "template", "stage", "project"].contains(&found.kind.name.as_str()).then(|| (item, found.names.span()))
    })
}

/// What stands above the declarations of a file.
pub fn lenses(analysis: &Analysis, file: FileId) -> Vec<Lens> {
    let Some(parse) = parse_of(analysis, file) else { return Vec::new() };
    let mut out = Vec::new();
    Node::Block(&parse.file).walk(&mut |node| {
        let Node::Item(Item { kind: ItemKind::Declaration(found), .. }) = node else { return };
        let at = found.names.span();
        match found.kind.name.as_str() {
            "task" | "cluster-task" | "template" | "warehouse" => {
                let mut uses: Vec<Span> = names::uses_of(analysis, &[at]).into_iter().map(|found| found.at).collect();
                uses.dedup();
                out.push(Lens { at, uses, is_project: false });
            }
            "project" => out.push(Lens { at, uses: Vec::new(), is_project: true }),
            _ => {}
        }
    });
    out
}
