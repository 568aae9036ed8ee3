//! `try`, `retry`, `on failure { … }` and `finally { … }`: what they ask beyond the steps in them.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::narrow::{Facts, narrow, place_of};
use super::scope::{Binding, What};
use super::tree::{Expr, Kind, LetDef, ResultOf, Statement, Task, Time};
use super::value::Value;
use crate::base::{Name, Span};
use crate::library::{Face, Ty, TypeScope};
use crate::syntax::ast::{self, BinaryOp, DeclNames, Item, ItemKind, StepBody, StepCall};

/// The blocks beside a body, as they were written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tails<'i> {
    pub(crate) on_failure: Option<&'i ast::Block>,
    pub(crate) finally: Option<&'i ast::Block>,
    /// Where the first of them stands.
    pub(crate) at: Option<Span>,
}

/// The words and the block of `on failure { … }` or `finally { … }`, and whether it is the first of these.
pub(crate) fn tail(item: &Item) -> Option<(bool, Span, Option<&ast::Block>)> {
    match &item.kind {
        ItemKind::Declaration(found) if found.kind.name == "on" => {
            let DeclNames::One(name) = &found.names else { return None };
            let words = Span { end: name.span.end, ..found.kind.span };
            (name.as_constant() == Some("failure")).then_some((true, words, found.body.as_ref()))
        }
        ItemKind::Step(step) if step.kind.name == "finally" => match &step.body {
            StepBody::Block(block) => Some((false, step.kind.span, Some(block))),
            StepBody::Args(..) => None,
        },
        _ => None,
    }
}

impl Checker<'_, '_> {
    /// The blocks among the items of a stage or task, at most one of each.
    pub(crate) fn tails<'i>(&mut self, items: &'i [Item]) -> Tails<'i> {
        let mut out = Tails::default();
        let mut first: [Option<Span>; 2] = [None, None];
        for item in items {
            let Some((is_failure, at, block)) = tail(item) else { continue };
            let [of_failure, of_finally] = &mut first;
            let known = if is_failure { of_failure } else { of_finally };
            if let Some(known) = known {
                self.report(errors::two_tails(is_failure, at, *known));
                continue;
            }
            *known = Some(at);
            out.at = out.at.or(Some(at));
            match (block, is_failure) {
                (None, _) => self.report(errors::tail_without_block(at)),
                (block, true) => out.on_failure = block,
                (block, false) => out.finally = block,
            }
        }
        out
    }

    /// The statements of both blocks, behind the body that is bound since `scope`.
    pub(crate) fn tail_blocks(&mut self, tails: Tails<'_>, scope: usize, body: &[Statement]) -> (Vec<Statement>, Vec<Statement>) {
        let facts = std::mem::take(&mut self.facts);
        let from = self.results.len();
        let mut run = |block: Option<&ast::Block>| block.map(|block| self.tail_block(block, scope, from, body)).unwrap_or_default();
        let out = (run(tails.on_failure), run(tails.finally));
        self.facts = facts;
        out
    }

    fn tail_block(&mut self, block: &ast::Block, scope: usize, from: usize, body: &[Statement]) -> Vec<Statement> {
        self.facts = Facts::default();
        self.tail_from = Some(from);
        let inner = self.open_scope();
        self.bind_again(scope, body);
        let statements = self.statements(&block.items);
        self.ended.extend(self.scopes.iter().skip(inner).map(|binding| (binding.name.clone(), binding.span)));
        let used: Vec<Span> = self.scopes.iter().skip(inner).filter(|binding| binding.used).map(|binding| binding.span).collect();
        self.close_scope(inner);
        for binding in self.scopes.iter_mut().skip(scope) {
            binding.used |= used.contains(&binding.span);
        }
        self.tail_from = None;
        statements
    }

    /// What the body bound, as it is known behind it: whatever reads what may not be there is absent then.
    fn bind_again(&mut self, scope: usize, body: &[Statement]) {
        let slots = self.slots.len();
        let mut again: Vec<Binding> = Vec::new();
        for index in self.branch_results.clone() {
            if let Some((name, span)) = self.results.get(index).and_then(|found| Some((found.name.clone()?, found.span))) {
                again.push(Binding { name, span, what: What::Result(index), used: false, warn: false });
            }
        }
        for binding in self.scopes.iter().skip(scope) {
            let what = match &binding.what {
                What::Let(def) => Some(What::Let(unsure_let(def, slots))),
                What::Var { ty } if reads_unsure(body, &binding.name, binding.span, slots) => Some(What::Var { ty: unsure_type(ty) }),
                _ => None,
            };
            again.extend(what.map(|what| Binding { what, used: false, warn: false, ..binding.clone() }));
        }
        self.scopes.extend(again);
    }

    /// Steps under a condition that says failure: they run after one, so nothing that was known before is, and no step is
    /// certain to have ended well, not even one of the same branch.
    pub(super) fn after_failure(&mut self, condition: &Expr, items: &[ast::Item]) -> Vec<Statement> {
        self.facts = Facts::default();
        let before = self.tail_from.replace(usize::MAX);
        self.learn(condition, true);
        let statements = self.scoped(items);
        self.tail_from = before;
        statements
    }

    /// Whether the result may be absent here because its step or call may have failed, or may not have been reached.
    pub(crate) fn is_unsure(&self, index: usize) -> bool {
        self.tail_from.is_some_and(|from| index < from) || self.results.get(index).is_some_and(|result| result.tried)
    }

    /// Whether it is known here that something is there.
    pub(crate) fn is_known(&self, place: &super::narrow::Place) -> bool {
        use super::narrow::{Place, Root};
        let by_status = |index| !self.is_unsure(index) && self.facts.is_present(&Place { root: Root::NotSkipped(index), path: Vec::new() });
        self.facts.is_present(place) || matches!(place.root, Root::Result(index) if place.path.is_empty() && by_status(index))
    }

    /// `try` before a step or call.
    pub(super) fn tried(&mut self, step: &StepCall, name: Option<(Name, Span)>, item: &Item) -> Option<Statement> {
        if matches!(step.body, StepBody::Args(..)) && !self.is_task_call(step) {
            self.report(errors::try_of_value(&step.kind.name, step.kind.span));
            if let Some((name, span)) = name {
                self.bind(name, span, What::Error, false);
            }
            return None;
        }
        self.trying = true;
        let statement = self.step_or_call(step, name, item);
        self.trying = false;
        statement
    }

    /// The settings behind `retry`.
    pub(crate) fn retry(&mut self, at: Span, block: &ast::Block) -> Option<Expr> {
        let Some(Ty::Record(record)) = self.world.library.named_type("Retry") else { return None };
        let span = block.span.unwrap_or(at);
        let settings = self.check_record(span, block, &record, "`retry`");
        let settings = self.require_static(settings, "`retry`");
        (!settings.is_error()).then_some(settings)
    }

    /// Kargo repeats steps, never a task as a whole.
    pub(crate) fn retry_on_call(&mut self, at: Span, task: &Task) {
        let steps: Vec<&str> = task
            .body
            .results
            .iter()
            .filter_map(|result| match &result.of {
                ResultOf::Step(step) => Some(step.name.as_str()),
                ResultOf::Call(_) => None,
            })
            .collect();
        self.report(errors::retry_on_call(at, &task.name, &steps));
    }
}

fn unsure_type(ty: &Ty) -> Ty {
    if matches!(ty, Ty::Bool) { Ty::Bool } else { ty.clone().optional(Face::Nil) }
}

/// The `let` as it is read behind its body. A Bool is false where what it reads is not there, anything else absent.
fn unsure_let(def: &Arc<LetDef>, slots: usize) -> Arc<LetDef> {
    if def.value.time == Time::Static || def.value.is_error() {
        return Arc::clone(def);
    }
    let mut needs = Vec::new();
    if !def.latched {
        collect_needs(&def.value, &Facts::default(), slots, &mut needs);
        if needs.is_empty() {
            return Arc::clone(def);
        }
    }
    let value = unsure_value(&def.value, needs);
    Arc::new(LetDef { name: def.name.clone(), span: def.span, value, latched: def.latched, id: def.id, known: Default::default() })
}

fn unsure_value(value: &Expr, needs: Vec<Expr>) -> Expr {
    let (span, ty) = (value.span, unsure_type(&value.ty));
    let both = |left: Expr, right: Expr| {
        let kind = Kind::Binary { op: BinaryOp::And, left: Box::new(left), right: Box::new(right) };
        Expr { span, ty: Ty::Bool, time: Time::Promotion, kind }
    };
    let Some(test) = needs.into_iter().reduce(both) else { return Expr { ty, ..value.clone() } };
    if matches!(ty, Ty::Bool) {
        return both(test, value.clone());
    }
    let nothing = Expr::value(span, Ty::Null, Value::Null);
    let kind = Kind::Choice { test: Box::new(test), then: Box::new(value.clone()), otherwise: Box::new(nothing) };
    Expr { span, ty, time: Time::Promotion, kind }
}

/// What must be there for the expression to be evaluated behind its body, where nothing is known: slots and results that
/// the body had tested, and results of steps that may not have been reached.
fn collect_needs(expr: &Expr, known: &Facts, slots: usize, out: &mut Vec<Expr>) {
    let under = |condition: &Expr, truth: bool| {
        let mut facts = known.clone().join(narrow(condition, truth));
        facts.conclude(slots);
        facts
    };
    match &expr.kind {
        _ if expr.time == Time::Static => {}
        Kind::Present(inner) => {
            collect_needs(inner, known, slots, out);
            add_need(inner, known, slots, out);
        }
        Kind::Result(_) if !expr.ty.is_optional() => add_need(expr, known, slots, out),
        Kind::Let(def) if def.latched => add_need(expr, known, slots, out),
        Kind::Choice { test, then, otherwise } => {
            collect_needs(test, known, slots, out);
            collect_needs(then, &under(test, true), slots, out);
            collect_needs(otherwise, &under(test, false), slots, out);
        }
        Kind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            collect_needs(left, known, slots, out);
            collect_needs(right, &under(left, *op == BinaryOp::And), slots, out);
        }
        _ => expr.children(&mut |inner| collect_needs(inner, known, slots, out)),
    }
}

fn add_need(expr: &Expr, known: &Facts, slots: usize, out: &mut Vec<Expr>) {
    let is_new =
        place_of(expr).is_none_or(|place| !known.is_present(&place) && !out.iter().any(|other| place_of(other) == Some(place.clone())));
    // A Bool that was stored is false where it is not there.
    if is_new && !matches!(expr.ty, Ty::Bool) {
        let kind = match &expr.kind {
            Kind::Let(def) => Kind::Let(unsure_let(def, slots)),
            kind => kind.clone(),
        };
        out.push(Expr { ty: expr.ty.clone().optional(Face::Nil), kind, ..expr.clone() });
    }
}

/// Whether a variable of the body may have no value behind it.
fn reads_unsure(body: &[Statement], wanted: &Name, at: Span, slots: usize) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Var { name, span, value } if name == wanted && *span == at => {
            let mut needs = Vec::new();
            collect_needs(value, &Facts::default(), slots, &mut needs);
            !needs.is_empty()
        }
        _ => false,
    })
}

/// Whether a condition asks for failure: such a step is meant to run after one.
pub(crate) fn says_failure(condition: &Expr) -> bool {
    let mut found = false;
    condition.walk(&mut |expr| match &expr.kind {
        Kind::Call { function, .. } => found |= function.name == "failure" || function.name == "always",
        Kind::Raw { functions, .. } => found |= functions.iter().any(|function| function.name == "failure" || function.name == "always"),
        Kind::Binary { op: ast::BinaryOp::Equal, left, right } => {
            for (side, other) in [(left, right), (right, left)] {
                let failed =
                    matches!(&other.resolved().kind, Kind::Value(super::Value::Text(text)) if matches!(&**text, "Failed" | "Errored" | "Aborted"));
                found |= failed && matches!(side.resolved().kind, Kind::Status(_));
            }
        }
        _ => {}
    });
    found
}
