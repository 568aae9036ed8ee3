//! What a file declares, as a tree.

use super::parse_of;
use crate::Analysis;
use crate::base::{FileId, Name, Span};
use crate::syntax::ast::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    /// The kind of thing, in the word of the language.
    pub detail: Name,
    pub kind: SymbolKind,
    pub whole: Span,
    pub at: Span,
    pub inner: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    Project,
    Stage,
    Object,
    Task,
    Template,
    Value,
    Variable,
    Slot,
    Step,
    Type,
    Flow,
    Body,
}

/// The symbols of a file, in the order of the text. A line `project p` holds what follows it.
pub fn symbols(analysis: &Analysis, file: FileId) -> Vec<Symbol> {
    let Some(parse) = parse_of(analysis, file) else { return Vec::new() };
    let mut out: Vec<Symbol> = Vec::new();
    let mut open: Option<usize> = None;
    for item in &parse.file.items {
        let is_line = matches!(&item.kind, ItemKind::Declaration(found) if found.kind.name == "project" && found.body.is_none());
        let found = of_item(analysis, item);
        match open.and_then(|at| out.get_mut(at)) {
            Some(project) if !is_line => {
                project.whole = project.whole.to(item.span);
                project.inner.extend(found);
            }
            _ => {
                open = is_line.then_some(out.len());
                out.extend(found);
            }
        }
    }
    out
}

fn of_block(analysis: &Analysis, block: &Block) -> Vec<Symbol> {
    block.items.iter().flat_map(|item| of_item(analysis, item)).collect()
}

fn of_item(analysis: &Analysis, item: &Item) -> Vec<Symbol> {
    let text = |span: Span| analysis.files().slice(span).to_owned();
    let symbol = |name: String, detail: &str, kind: SymbolKind, at: Span, inner: Vec<Symbol>| Symbol {
        name,
        detail: Name::new(detail),
        kind,
        whole: item.whole(),
        at,
        inner,
    };
    match &item.kind {
        ItemKind::Declaration(found) => {
            let inner = found.body.as_ref().map(|body| of_block(analysis, body)).unwrap_or_default();
            let at = found.names.span();
            if found.kind.name == "require" {
                return Vec::new();
            }
            let kind = kind_of(&found.kind.name);
            vec![symbol(text(at).trim_matches('"').to_owned(), &found.kind.name, kind, at, inner)]
        }
        ItemKind::Step(step) => {
            let inner = match &step.body {
                StepBody::Block(block) => of_block(analysis, block),
                StepBody::Args(..) => Vec::new(),
            };
            let is_body = matches!(step.kind.name.as_str(), "promote" | "verify" | "finally");
            let kind = if is_body { SymbolKind::Body } else { SymbolKind::Step };
            vec![symbol(step.kind.name.to_string(), "", kind, step.kind.span, inner)]
        }
        ItemKind::Try(step) => vec![symbol(step.kind.name.to_string(), "try", SymbolKind::Step, step.kind.span, Vec::new())],
        ItemKind::Binding(found) => {
            let (detail, kind) = match &found.value {
                BindingValue::Step(step) | BindingValue::Try(step) => (step.kind.name.as_str(), SymbolKind::Step),
                BindingValue::Expr(_) if found.is_var => ("var", SymbolKind::Variable),
                BindingValue::Expr(_) => ("let", SymbolKind::Value),
            };
            vec![symbol(text(found.name.text.span), detail, kind, found.name.text.span, Vec::new())]
        }
        ItemKind::Type { name, .. } => vec![symbol(name.name.to_string(), "type", SymbolKind::Type, name.span, Vec::new())],
        ItemKind::Flow(flow) => {
            let names: Vec<String> = flow.nodes.iter().map(|node| node_text(analysis, node)).collect();
            vec![symbol(names.join(" -> "), "flow", SymbolKind::Flow, flow.keyword, Vec::new())]
        }
        ItemKind::Loop(found) => of_block(analysis, &found.body),
        ItemKind::Branch(branch) => of_branch(analysis, branch),
        _ => Vec::new(),
    }
}

fn of_branch(analysis: &Analysis, branch: &Branch) -> Vec<Symbol> {
    let mut out = of_block(analysis, &branch.then);
    match &branch.otherwise {
        Some(Else::Block(block)) => out.extend(of_block(analysis, block)),
        Some(Else::If(inner)) => out.extend(of_branch(analysis, inner)),
        None => {}
    }
    out
}

fn node_text(analysis: &Analysis, node: &FlowNode) -> String {
    let span = match &node.names {
        FlowNames::One(name) => name.span,
        FlowNames::List(_, span) => *span,
    };
    analysis.files().slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kind_of(word: &str) -> SymbolKind {
    match word {
        "project" => SymbolKind::Project,
        "stage" => SymbolKind::Stage,
        "task" | "cluster-task" | "step" => SymbolKind::Task,
        "template" | "kind" => SymbolKind::Template,
        "slot" => SymbolKind::Slot,
        "on" => SymbolKind::Body,
        _ => SymbolKind::Object,
    }
}
