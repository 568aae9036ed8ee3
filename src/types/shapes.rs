//! Loops over lists that are not known while compiling, but written out: `for image in [app.web, app.worker]`, and in a
//! task the lists that it is passed. Such a loop runs over the *shape* of the list, which is static: how many items
//! there are, and which keys. What is in them is read by place, as `items[0]`.
//!
//! In a task the shape of a parameter is what its caller passes (`Kind::Shape`): each call is asked for it, so a list that
//! only the promotion knows is reported there.

use super::checker::{Checker, Mode};
use super::errors;
use super::scope::What;
use super::tree::{Binds, Comprehension, Element, Entry, EntryKey, Expr, Kind, LetDef, Task, Time};
use super::value::Value;
use crate::base::{Name, Span};
use crate::library::Ty;
use crate::syntax::ast;

/// What a loop runs over.
pub(crate) struct Range {
    /// Its items, or their shape. Static.
    pub(crate) over: Expr,
    /// The list, where only its shape is static.
    items: Option<Expr>,
}

/// A loop of a task over a part of a parameter. Whoever calls the task must know how many rounds it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedLoop {
    pub parameter: usize,
    /// From the parameter to the list.
    pub path: Vec<Step>,
    /// What the loop runs over.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Field(Name),
    /// Any item of a list, or row of a table.
    Item,
}

impl Checker<'_, '_> {
    /// What a loop runs over: known while compiling, as far as its shape goes, and there.
    pub(crate) fn loop_range(&mut self, over: &ast::Expr) -> Range {
        let what = "what a `for` runs over";
        let list = self.infer(over);
        let items =
            (self.in_promotion && list.time == Time::Promotion).then(|| shape(&list)).filter(|shape| self.is_shape(shape, list.span));
        let Some(keys) = items else {
            let over = self.require_static(list, what);
            let over = if over.ty.is_optional() { self.require_present(over, what) } else { over };
            return Range { over, items: None };
        };
        let list = if list.ty.is_optional() { self.require_present(list, what) } else { list };
        Range { over: Expr { span: list.span, ty: list.ty.clone(), ..keys }, items: Some(list) }
    }

    /// Binds the variables of a loop.
    pub(crate) fn bind_range(&mut self, first: &ast::Ident, second: Option<&ast::Ident>, range: &Range) -> Binds {
        let Some(list) = &range.items else { return self.bind_loop(first, second, &range.over) };
        let (key, item) = self.round_types(&range.over);
        if second.is_none() && matches!(list.ty.present(), Ty::Map(..) | Ty::Record(_)) {
            self.report(errors::map_needs_two_names(first, list));
        }
        // The key and the shape of the item are locals; the item itself is an expression.
        let at = self.locals;
        self.locals += 2;
        if second.is_some() {
            self.bind(first.name.clone(), first.span, What::Local { index: at, ty: key.clone() }, false);
        }
        let own = second.unwrap_or(first);
        let index = Expr { span: own.span, ty: key, time: Time::Static, kind: Kind::Local(at) };
        let kind = Kind::Index { base: Box::new(list.clone()), index: Box::new(index), safe: false };
        let value = Expr { span: own.span, ty: item, time: Time::Promotion, kind };
        let def = LetDef { name: own.name.clone(), span: own.span, value, latched: false, id: self.next_latch, known: Default::default() };
        self.next_latch += 1;
        self.bind(own.name.clone(), own.span, What::Let(def.into()), false);
        Binds::KeyAndItem
    }

    /// Whether the shape is known; of parameters it is remembered that it must be.
    fn is_shape(&mut self, shape: &Expr, at: Span) -> bool {
        let mut passed = Vec::new();
        let known = knows(shape, &[], &mut passed) && (passed.is_empty() || !self.in_cluster_task);
        if known {
            self.remember(passed, at);
        }
        known
    }

    fn remember(&mut self, passed: Vec<(usize, Vec<Step>)>, span: Span) {
        for (parameter, path) in passed {
            if !self.passed_loops.iter().any(|known| known.parameter == parameter && known.path == path) {
                self.passed_loops.push(PassedLoop { parameter, path, span });
            }
        }
    }

    /// The shapes of what a call passes, for the parameters that loops of the task run over.
    pub(super) fn passed_shapes(&mut self, task: &Task, args: &[Expr]) -> Vec<(usize, Expr)> {
        let mut out: Vec<(usize, Expr)> = Vec::new();
        for found in &task.loops {
            let (Some(arg), Some(parameter)) = (args.get(found.parameter), task.parameters.get(found.parameter)) else { continue };
            let shape = shape(arg);
            let mut passed = Vec::new();
            let known = arg.is_error() || knows(&shape, &found.path, &mut passed);
            if !known || (!passed.is_empty() && self.in_cluster_task) {
                let is_passed =
                    self.mode == Mode::Task && matches!(super::members::root_of(arg).map(|root| root.kind), Some(Kind::Param(_)));
                self.report(errors::list_not_known(arg.span, &parameter.name, &task.name, found.span, is_passed));
            }
            self.remember(passed, arg.span);
            if !out.iter().any(|(known, _)| *known == found.parameter) {
                out.push((found.parameter, shape));
            }
        }
        out
    }
}

/// What is known of a value while compiling: lists and records as far as they are written out. What is not is an `Error`.
fn shape(expr: &Expr) -> Expr {
    let of = |kind| Expr { span: expr.span, ty: expr.ty.clone(), time: Time::Static, kind };
    if expr.time == Time::Static {
        return expr.clone();
    }
    match &expr.kind {
        Kind::Let(def) if !def.latched => shape(&def.value),
        Kind::Present(inner) => shape(inner),
        Kind::Param(index) => of(Kind::Shape(*index)),
        Kind::Field { base, name, .. } => of(Kind::Field { base: Box::new(shape(base)), name: name.clone(), spelling: None, safe: false }),
        Kind::Index { base, index, .. } if index.time == Time::Static => {
            of(Kind::Index { base: Box::new(shape(base)), index: index.clone(), safe: false })
        }
        Kind::Choice { test, then, otherwise } if test.time == Time::Static => {
            of(Kind::Choice { test: test.clone(), then: Box::new(shape(then)), otherwise: Box::new(shape(otherwise)) })
        }
        Kind::List(elements) => of(Kind::List(elements.iter().map(element_shape).collect())),
        Kind::Record(entries) => of(Kind::Record(entries.iter().map(entry_shape).collect())),
        _ => Expr::error(expr.span),
    }
}

fn element_shape(element: &Element) -> Element {
    match element {
        Element::One(value) => Element::One(shape(value)),
        Element::Spread(list) => Element::Spread(shape(list)),
        Element::For(found) => Element::For(Box::new(Comprehension { value: shape(&found.value), ..(**found).clone() })),
    }
}

fn entry_shape(entry: &Entry) -> Entry {
    match entry {
        Entry::Field { key, value } => Entry::Field { key: key.clone(), value: shape(value) },
        Entry::Spread(record) => Entry::Spread(shape(record)),
    }
}

/// Whether a shape says which items there are at a place in it. `passed` gets the places of parameters that this needs.
fn knows(shape: &Expr, path: &[Step], passed: &mut Vec<(usize, Vec<Step>)>) -> bool {
    let below = |step: Step| [step].into_iter().chain(path.iter().cloned()).collect::<Vec<Step>>();
    match &shape.kind {
        Kind::Error => false,
        Kind::Shape(parameter) => {
            passed.push((*parameter, path.to_vec()));
            true
        }
        Kind::Field { base, name, .. } => knows(base, &below(Step::Field(name.clone())), passed),
        Kind::Index { base, index, .. } => match &index.kind {
            Kind::Value(Value::Text(key)) if base.ty.present().record().is_some() => {
                knows(base, &below(Step::Field(Name::new(key))), passed)
            }
            _ => knows(base, &below(Step::Item), passed),
        },
        Kind::Choice { then, otherwise, .. } => knows(then, path, passed) && knows(otherwise, path, passed),
        Kind::List(elements) => elements.iter().all(|element| match (element, path) {
            (Element::Spread(list), _) => knows(list, path, passed),
            (_, []) => true,
            (Element::One(value), [_, rest @ ..]) => knows(value, rest, passed),
            (Element::For(found), [_, rest @ ..]) => knows(&found.value, rest, passed),
        }),
        Kind::Record(entries) => knows_in_record(entries, path, passed),
        _ => true,
    }
}

fn knows_in_record(entries: &[Entry], path: &[Step], passed: &mut Vec<(usize, Vec<Step>)>) -> bool {
    if let [Step::Field(wanted), rest @ ..] = path {
        let own = entries.iter().rev().find_map(|entry| match entry {
            Entry::Field { key: EntryKey::Name(name, _), value } if name == wanted => Some(value),
            _ => None,
        });
        if let Some(value) = own {
            return knows(value, rest, passed);
        }
    }
    entries.iter().all(|entry| match (entry, path) {
        (Entry::Spread(record), _) => knows(record, path, passed),
        (Entry::Field { value, .. }, [Step::Item, rest @ ..]) => knows(value, rest, passed),
        _ => true,
    })
}
