//! `try`, `retry`, `on failure { … }` and `finally { … }`: what they ask beyond the steps in them.

use super::checker::Checker;
use super::errors;
use super::narrow::Facts;
use super::needs::{Behind, unsure_let, unsure_type};
use super::scope::{Binding, What};
use super::tree::{Body, Expr, Kind, ResultOf, Statement, Task};
use crate::base::{Name, Span};
use crate::library::{Ty, TypeScope};
use crate::syntax::ast::{self, DeclNames, Item, ItemKind, StepBody, StepCall};

/// The blocks beside a body, as they were written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tails<'i> {
    pub(crate) on_failure: Option<&'i ast::Block>,
    pub(crate) finally: Option<&'i ast::Block>,
    /// Where the first of them stands.
    pub(crate) at: Option<Span>,
}

impl Checker<'_, '_> {
    /// The words and the block of `on failure { … }` or `finally { … }`, and whether it is the first of these; also where
    /// one of its words is missing.
    pub(crate) fn tail<'i>(&self, item: &'i Item) -> Option<(bool, Span, Option<&'i ast::Block>)> {
        match &item.kind {
            ItemKind::Declaration(found) if found.kind.name == "on" => {
                let DeclNames::One(name) = &found.names else { return None };
                let words = Span { end: name.span.end, ..found.kind.span };
                (name.as_constant() == Some("failure")).then_some((true, words, found.body.as_ref()))
            }
            ItemKind::Step(step) => {
                let StepBody::Block(block) = &step.body else { return None };
                match step.kind.name.as_str() {
                    "finally" => Some((false, step.kind.span, Some(block))),
                    "on" | "failure" if self.world.step(self.project, &step.kind.name).is_none() => {
                        Some((true, step.kind.span, Some(block)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The blocks among the items of a stage or task, at most one of each.
    pub(crate) fn tails<'i>(&mut self, items: &'i [Item]) -> Tails<'i> {
        let mut out = Tails::default();
        let mut first: [Option<Span>; 2] = [None, None];
        for item in items {
            let Some((is_failure, at, block)) = self.tail(item) else { continue };
            if is_failure && matches!(item.kind, ItemKind::Step(_)) {
                self.report(errors::half_tail(at));
            }
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
    pub(crate) fn tail_blocks(&mut self, tails: Tails<'_>, scope: usize) -> (Vec<Statement>, Vec<Statement>) {
        let facts = std::mem::take(&mut self.facts);
        let from = self.results.len();
        let mut run = |block: Option<&ast::Block>| block.map(|block| self.tail_block(block, scope, from)).unwrap_or_default();
        let out = (run(tails.on_failure), run(tails.finally));
        self.facts = facts;
        out
    }

    fn tail_block(&mut self, block: &ast::Block, scope: usize, from: usize) -> Vec<Statement> {
        self.facts = Facts::default();
        self.tail_from = Some(from);
        self.in_tail = true;
        let statements = self.unsure_block(scope, true, |all| {
            let inner = all.open_scope();
            let statements = all.statements(&block.items);
            all.ended.extend(all.scopes.iter().skip(inner).map(|binding| (binding.name.clone(), binding.span)));
            all.close_scope(inner);
            statements
        });
        self.tail_from = None;
        self.in_tail = false;
        statements
    }

    /// A block in which the names bound since `scope` mean what may be absent.
    fn unsure_block<R>(&mut self, scope: usize, behind_body: bool, run: impl FnOnce(&mut Self) -> R) -> R {
        let inner = self.open_scope();
        self.bind_again(scope, behind_body);
        let out = run(self);
        let used: Vec<Span> = self.scopes.iter().skip(inner).filter(|binding| binding.used).map(|binding| binding.span).collect();
        self.close_scope(inner);
        for binding in self.scopes.iter_mut().skip(scope) {
            binding.used |= used.contains(&binding.span);
        }
        out
    }

    /// What the body bound, as it is known there: whatever reads what may not be there is absent.
    fn bind_again(&mut self, scope: usize, behind_body: bool) {
        let behind = Behind { slots: self.slots.len(), body: behind_body };
        let mut again: Vec<Binding> = Vec::new();
        for index in self.branch_results.clone().into_iter().filter(|_| behind_body) {
            if let Some((name, span)) = self.results.get(index).and_then(|found| Some((found.name.clone()?, found.span))) {
                again.push(Binding { name, span, what: What::Result(index), used: false, warn: false });
            }
        }
        for binding in self.scopes.iter().skip(scope) {
            let what = match &binding.what {
                What::Let(def) => Some(What::Let(unsure_let(def, behind))),
                What::Var { ty, unsure: true } => Some(What::Var { ty: unsure_type(ty), unsure: true }),
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
        let statements = self.unsure_block(self.body_scope, false, |all| all.scoped(items));
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

/// Whether a condition asks for failure: such a step is meant to run after one.
pub(crate) fn says_failure(condition: &Expr) -> bool {
    let mut found = false;
    condition.walk(&mut |expr| match &expr.kind {
        Kind::Call { function, .. } => found |= function.rules.says_failure,
        Kind::Raw { functions, .. } => found |= functions.iter().any(|function| function.rules.says_failure),
        Kind::Binary { op: ast::BinaryOp::Equal, left, right } => {
            for (side, other) in [(left, right), (right, left)] {
                let failed =
                    matches!(&other.resolved().kind, Kind::Value(super::Value::Text(text)) if matches!(&**text, "Failed" | "Errored" | "Aborted"));
                found |= failed && is_status(side);
            }
        }
        _ => {}
    });
    found
}

/// A status, also one that a `let` has asked for.
fn is_status(expr: &Expr) -> bool {
    match &expr.resolved().kind {
        Kind::Status(_) => true,
        Kind::Let(def) => is_status(&def.value),
        _ => false,
    }
}

/// Whether a condition inside asks for failure.
pub(crate) fn asks_failure(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::If { condition, then, otherwise, .. } => says_failure(condition) || asks_failure(then) || asks_failure(otherwise),
        Statement::For { body, .. } => asks_failure(body),
        Statement::Call(call) => asks_failure(&call.task.body.statements),
        _ => false,
    })
}

/// Whether a body has an `on failure` that must tell a failed `require` from a step that failed beside it.
pub(crate) fn tells_apart(body: &Body) -> bool {
    !body.on_failure.is_empty() && asks_failure(&body.statements) && has_require(&body.statements)
}

fn has_require(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::Require(_) => true,
        Statement::If { then, otherwise, .. } => has_require(then) || has_require(otherwise),
        Statement::For { body, .. } => has_require(body),
        _ => false,
    })
}
