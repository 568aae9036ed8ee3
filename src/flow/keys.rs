//! Keys of tables that are computed for each instance: `files[region]` with a static parameter `region`. The checker took
//! the entry for present; here each instance is asked. Branches that an instance does not take are passed over.

use std::collections::{HashMap, HashSet};

use super::calls::static_env;
use super::errors;
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::{ProjectInstance, visit_stage};
use crate::syntax::ast::BinaryOp;
use crate::types::eval::{Env, bound, eval, items, rounds};
use crate::types::tree::{Body, Element, Expr, Kind, Statement, Task, Time};
use crate::types::{StageItem, Value, is_computed_key};

/// Checks the keys of all stages of a project, and of the tasks they call.
pub(super) fn check(project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    let mut keys = Keys { known: HashMap::new(), reported: HashSet::new(), reports };
    for stage in &project.stages {
        visit_stage(&stage.body.items, &stage.env, &mut |item, env| match item {
            StageItem::Promote { body, .. } => keys.body(body, env, &stage.name),
            StageItem::Var { value, .. } => keys.expr(value, env, &stage.name),
            StageItem::Block(crate::types::BlockItem::Setting { value, .. } | crate::types::BlockItem::Meta { value, .. }) => {
                keys.expr(value, env, &stage.name);
            }
            StageItem::Verify { calls, .. } => {
                calls.iter().flat_map(|call| &call.args).for_each(|(_, value)| keys.expr(value, env, &stage.name));
            }
            _ => {}
        });
    }
}

struct Keys<'r> {
    /// Whether a body has such keys at all, by its place in memory: bodies are shared by their instances.
    known: HashMap<*const Body, bool>,
    reported: HashSet<(Span, String)>,
    reports: &'r mut Vec<Diagnostic>,
}

impl Keys<'_> {
    fn body(&mut self, body: &Body, env: &Env, stage: &Name) {
        if self.has_keys(body) {
            self.statements(&body.statements, env, stage);
        }
    }

    fn has_keys(&mut self, body: &Body) -> bool {
        if let Some(known) = self.known.get(&std::ptr::from_ref(body)) {
            return *known;
        }
        let mut found = false;
        body.statements.iter().for_each(|statement| statement.walk(&mut |expr| found |= asked(expr).is_some()));
        let mut called: Vec<&Task> = Vec::new();
        body.statements.iter().for_each(|statement| statement.calls(&mut |call| called.push(&call.task)));
        found |= called.into_iter().any(|task| self.has_keys(&task.body) || self.in_returns(task));
        self.known.insert(std::ptr::from_ref(body), found);
        found
    }

    fn in_returns(&self, task: &Task) -> bool {
        let mut found = false;
        task.returns.iter().for_each(|(_, value)| value.walk(&mut |expr| found |= asked(expr).is_some()));
        found
    }

    fn statements(&mut self, statements: &[Statement], env: &Env, stage: &Name) {
        for statement in statements {
            match statement {
                Statement::Step(step) => self.expr(&step.settings, env, stage),
                Statement::Call(call) => {
                    call.args.iter().for_each(|arg| self.expr(arg, env, stage));
                    let inner = static_env(call, env);
                    self.statements(&call.task.body.statements, &inner, stage);
                    call.task.returns.iter().for_each(|(_, value)| self.expr(value, &inner, stage));
                }
                Statement::Var { value, .. } => self.expr(value, env, stage),
                Statement::Latch(def) => self.expr(&def.value, env, stage),
                Statement::If { condition, then, otherwise, .. } => {
                    self.expr(condition, env, stage);
                    match (condition.time == Time::Static).then(|| eval(condition, env).holds()) {
                        Some(true) => self.statements(then, env, stage),
                        Some(false) => self.statements(otherwise, env, stage),
                        None => then.iter().chain(otherwise).for_each(|inner| self.statements(std::slice::from_ref(inner), env, stage)),
                    }
                }
                Statement::For { over, binds, body } => {
                    self.expr(over, env, stage);
                    for (key, item) in items(&eval(over, env)) {
                        self.statements(body, &env.with(bound(*binds, key, item)), stage);
                    }
                }
                Statement::Require(_) => {}
            }
        }
    }

    fn expr(&mut self, expr: &Expr, env: &Env, stage: &Name) {
        if let Some((base, index)) = asked(expr) {
            self.ask(expr, base, index, env, stage);
        }
        let decided = |test: &Expr| (test.time == Time::Static).then(|| eval(test, env).holds());
        match &expr.kind {
            Kind::Choice { test, then, otherwise } if decided(test).is_some() => {
                self.expr(test, env, stage);
                self.expr(if decided(test) == Some(true) { then } else { otherwise }, env, stage);
            }
            Kind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } if decided(left).is_some() => {
                self.expr(left, env, stage);
                if decided(left) == Some(*op == BinaryOp::And) {
                    self.expr(right, env, stage);
                }
            }
            Kind::List(elements) => elements.iter().for_each(|element| self.element(element, env, stage)),
            _ => expr.parts().into_iter().for_each(|part| self.expr(part, env, stage)),
        }
    }

    fn element(&mut self, element: &Element, env: &Env, stage: &Name) {
        match element {
            Element::One(expr) | Element::Spread(expr) => self.expr(expr, env, stage),
            Element::For(found) => {
                self.expr(&found.over, env, stage);
                let mut inner = Vec::new();
                rounds(found, env, &mut |env| inner.push(env.clone()));
                inner.iter().for_each(|env| self.expr(&found.value, env, stage));
            }
        }
    }

    fn ask(&mut self, entry: &Expr, base: &Expr, index: &Expr, env: &Env, stage: &Name) {
        let Value::Text(key) = eval(index, env) else { return };
        if eval(entry, env) != Value::Null || !self.reported.insert((entry.span, key.to_string())) {
            return;
        }
        let known: Vec<String> = items(&eval(base, env)).iter().filter_map(|(key, _)| key.as_text().map(str::to_owned)).collect();
        self.reports.push(errors::no_such_key(&key, &known, index.span, stage));
    }
}

/// The table and the key of an entry that must be there.
fn asked(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let Kind::Present(inner) = &expr.kind else { return None };
    let Kind::Index { base, index, .. } = &inner.kind else { return None };
    is_computed_key(inner).then_some((base, index))
}
