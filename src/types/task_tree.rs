//! The typed tree of a task, and what its callers must know of it.

use std::sync::Arc;

use super::shapes::PassedLoop;
use super::tree::{Body, Call, Element, Entry, EntryKey, Expr, Kind, Part, Statement};
use crate::base::{Name, Span};
use crate::diag::Check;
use crate::library::{Record, Ty};

#[derive(Debug)]
pub struct Task {
    pub name: Name,
    pub span: Span,
    pub decl_span: Span,
    pub doc: Option<Arc<str>>,
    /// `cluster-task`: one object for all projects.
    pub is_cluster: bool,
    /// `labels` and `annotations`; static records.
    pub meta: Vec<(Name, Expr)>,
    pub parameters: Vec<TaskParameter>,
    /// What loops of the body run over that only a call knows. Such a task is no object of its own.
    pub loops: Vec<PassedLoop>,
    /// The fault of the target that would hit a step of it in an object of its own, so that its steps stand in the place of
    /// each call.
    pub avoided: Option<Check>,
    pub body: Body,
    pub returns: Vec<(Name, Expr)>,
    pub result: Arc<Record>,
}

#[derive(Debug)]
pub struct TaskParameter {
    pub name: Name,
    pub span: Span,
    pub ty: Ty,
    pub optional: bool,
    /// The local that holds it, for a static one.
    pub local: Option<usize>,
    /// What a call passes that says nothing: static, or made of `ctx`. Reads no parameter.
    pub default: Option<Expr>,
}

impl Task {
    /// It stands for a task that calls itself, of which nothing is known.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.result.open, Some(Ty::Error))
    }

    /// Whether the task, or one that it calls, asks if the freight of this parameter triggered the promotion. What a
    /// call passes must then come from a slot.
    pub fn asks_origin(&self, parameter: usize) -> bool {
        let mut found = false;
        let mut visit = |expr: &Expr| {
            if let Kind::Promoting(target) = &expr.kind {
                found |= origin_parameter(target) == Some(parameter);
            }
        };
        self.body.all().for_each(|statement| statement.walk(&mut visit));
        self.returns.iter().for_each(|(_, value)| value.walk(&mut visit));
        found || self.passes_on(parameter)
    }

    fn passes_on(&self, parameter: usize) -> bool {
        let mut found = false;
        self.calls(&mut |call| {
            found |=
                call.args.iter().enumerate().any(|(inner, arg)| origin_parameter(arg) == Some(parameter) && call.task.asks_origin(inner));
        });
        found
    }

    /// Calls `visit` for every call of the task's body, those under conditions and in loops included.
    pub fn calls<'t>(&'t self, visit: &mut dyn FnMut(&'t Call)) {
        self.body.all().for_each(|statement| statement.calls(visit));
    }
}

impl Statement {
    /// Calls `visit` for every call in the statement.
    pub fn calls<'t>(&'t self, visit: &mut dyn FnMut(&'t Call)) {
        match self {
            Statement::Call(call) => visit(call),
            Statement::If { then, otherwise, .. } => then.iter().chain(otherwise).for_each(|inner| inner.calls(visit)),
            Statement::For { body, .. } => body.iter().for_each(|inner| inner.calls(visit)),
            Statement::Step(_) | Statement::Require(_) | Statement::Var { .. } | Statement::Latch(_) => {}
        }
    }
}

/// Whether a value comes from a slot of the stage, so that it has an origin; or from a parameter, whose callers are asked.
pub(crate) fn has_origin(expr: &Expr) -> bool {
    matches!(origin_root(expr).kind, Kind::Slot(_) | Kind::Param(_))
}

fn origin_parameter(expr: &Expr) -> Option<usize> {
    match origin_root(expr).kind {
        Kind::Param(index) => Some(index),
        _ => None,
    }
}

fn origin_root(expr: &Expr) -> &Expr {
    let mut expr = expr.resolved();
    while let Kind::Field { base, .. } | Kind::Index { base, .. } = &expr.kind {
        // The items of a list may come from anywhere.
        if matches!(base.ty.present(), Ty::List(_)) {
            break;
        }
        expr = base.resolved();
    }
    expr
}

impl Expr {
    /// The expressions directly inside this one; of a `let` its definition.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Let(def) => vec![&def.value],
            Kind::Field { base: inner, .. }
            | Kind::Not(inner)
            | Kind::Negate(inner)
            | Kind::Promoting(inner)
            | Kind::Lambda(inner)
            | Kind::Present(inner) => vec![inner],
            Kind::Index { base, index, .. } => vec![base, index],
            Kind::Binary { left, right, .. } => vec![left, right],
            Kind::Choice { test, then, otherwise } => vec![test, then, otherwise],
            Kind::Call { args, .. } => args.iter().collect(),
            Kind::Text(parts) | Kind::Raw { text: parts, .. } => parts.iter().filter_map(Part::expr).collect(),
            Kind::List(elements) => elements.iter().flat_map(Element::parts).collect(),
            Kind::Record(entries) => entries.iter().flat_map(Entry::parts).collect(),
            _ => Vec::new(),
        }
    }
}

impl Part {
    fn expr(&self) -> Option<&Expr> {
        match self {
            Part::Expr(expr) => Some(expr),
            Part::Text(_) => None,
        }
    }
}

impl Element {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Element::One(expr) | Element::Spread(expr) => vec![expr],
            Element::For(found) => [&found.over].into_iter().chain(&found.condition).chain([&found.value]).collect(),
        }
    }
}

impl Entry {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Entry::Field { key: EntryKey::Computed(key), value } => vec![key, value],
            Entry::Field { value, .. } => vec![value],
            Entry::Spread(expr) => vec![expr],
        }
    }
}
