//! Where names are declared, and where they are used.

use crate::Analysis;
use crate::base::Span;
use crate::library::Ty;
use crate::syntax::ast::{DeclNames, ItemKind};
use crate::syntax::nodes::Node;
use crate::types::index::{Meaning, Use};

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name that was asked about.
    pub from: Span,
    /// The name of the declaration.
    pub name: Span,
    /// All of the declaration.
    pub whole: Span,
}

/// What the innermost name at a place means; several things where one word stands for several.
pub(super) fn uses_at(analysis: &Analysis, at: Span) -> Vec<&Use> {
    let Some(index) = analysis.index() else { return Vec::new() };
    let length = |found: &Use| found.at.end - found.at.start;
    let all: Vec<&Use> = index.uses_at(at).collect();
    let shortest = all.iter().map(|found| length(found)).min();
    all.into_iter().filter(|found| Some(length(found)) == shortest).collect()
}

/// The declarations of the name at a place.
pub fn definition(analysis: &Analysis, at: Span) -> Vec<Target> {
    let uses = uses_at(analysis, at);
    let elsewhere: Vec<&Use> = uses.iter().copied().filter(|found| found.declared != found.at).collect();
    let wanted = if elsewhere.is_empty() { uses } else { elsewhere };
    let mut out: Vec<Target> = wanted.into_iter().map(|found| target(analysis, found.at, found.declared)).collect();
    out.dedup();
    out
}

/// Where the named types in the type of the value at a place are declared.
pub fn type_definition(analysis: &Analysis, at: Span) -> Vec<Target> {
    let Some(index) = analysis.index() else { return Vec::new() };
    let Some(found) = uses_at(analysis, at).first().copied() else { return Vec::new() };
    let ty = match &found.what {
        Meaning::Field(field) | Meaning::Setting(field) => Some(field.ty.clone()),
        _ => index.value(found.at).map(|typed| typed.ty.clone()),
    };
    let Some(Ty::Record(record)) = ty.map(|ty| ty.present().clone()) else { return Vec::new() };
    let Some(name) = &record.name else { return Vec::new() };
    let own = index.uses().into_iter().find(|found| matches!(&found.what, Meaning::Type(_)) && analysis.files().slice(found.at) == name);
    let declared = own.map(|found| found.declared).or_else(|| analysis.library().type_place(name));
    declared.map(|declared| target(analysis, found.at, declared)).into_iter().collect()
}

fn target(analysis: &Analysis, from: Span, declared: Span) -> Target {
    let name = name_in(analysis, declared);
    let whole = super::declaration(analysis, declared).map_or(name, |item| item.whole());
    Target { from, name, whole }
}

/// The name of what is declared at a place: an artifact is known by its whole block.
pub(super) fn name_in(analysis: &Analysis, declared: Span) -> Span {
    let items = super::path(analysis, declared).into_iter().rev();
    let item = items.filter_map(|node| if let Node::Item(item) = node { Some(item) } else { None }).find(|item| item.span == declared);
    match item.map(|item| &item.kind) {
        Some(ItemKind::Declaration(declaration)) => match &declaration.names {
            DeclNames::One(name) => name.text.span,
            DeclNames::List(_, span) => *span,
        },
        Some(ItemKind::Step(step)) => step.kind.span,
        _ => declared,
    }
}

/// Every place that names what the name at `at` does, in the order of their places.
pub fn references(analysis: &Analysis, at: Span, with_declaration: bool) -> Vec<Span> {
    let declared = declarations(analysis, at);
    let mut out: Vec<Span> = uses_of(analysis, &declared).into_iter().map(|found| found.at).collect();
    let names: Vec<Span> = declared.iter().map(|declared| name_in(analysis, *declared)).collect();
    out.extend(&names);
    out.sort_unstable();
    out.dedup();
    if !with_declaration {
        out.retain(|found| !names.contains(found));
    }
    out
}

/// The declarations that the name at a place stands for. A slot that has its warehouse's name is declared by it.
pub(super) fn declarations(analysis: &Analysis, at: Span) -> Vec<Span> {
    let Some(index) = analysis.index() else { return Vec::new() };
    let mut declared: Vec<Span> = uses_at(analysis, at).iter().map(|found| found.declared).collect();
    let all = index.uses();
    // What a name declares besides what it names: the slots of a warehouse.
    let mut next = 0;
    while let Some(known) = declared.get(next).copied() {
        next += 1;
        let slots = all.iter().filter(|found| found.declared == known && found.at != known);
        let slots = slots.filter(|found| index.uses_at(found.at).any(|own| own.at == found.at && own.declared == found.at));
        let new: Vec<Span> = slots.map(|found| found.at).filter(|at| !declared.contains(at)).collect();
        declared.extend(new);
    }
    declared.sort_unstable();
    declared.dedup();
    declared
}

/// The places that name one of these declarations.
pub(super) fn uses_of<'a>(analysis: &'a Analysis, declared: &[Span]) -> Vec<&'a Use> {
    let Some(index) = analysis.index() else { return Vec::new() };
    index.uses().into_iter().filter(|found| declared.contains(&found.declared) && found.at != found.declared).collect()
}
