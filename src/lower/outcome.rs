//! Results that may be those of a step that failed. Kargo keeps what a failed step leaves; to the author it left nothing.

use std::collections::HashSet;

use super::code::{Code, quoted};
use super::cx::{Cx, Params, Reading};
use super::failure::runs_late;
use super::rules::Rule;
use super::steps::{Steps, text};
use crate::base::Name;
use crate::emit::yaml::Yaml;
use crate::library::{Place, Ty};
use crate::syntax::ast::BinaryOp;
use crate::types::says_failure;
use crate::types::tree::{Body, Expr, Kind, ResultDef, Statement, Step, Task, Time};

/// What a task's results carry beside them, where other steps of the task write results, too.
pub(super) const RETURNED: &str = "loadline_returned";

/// What says that an output is a result: that its step did not fail, or its task came to its end.
#[derive(Clone, Debug)]
pub(crate) enum Gate {
    /// This code, which asks for the status of the step.
    Status(String),
    /// The `ok` of a step that asked for the status: variables cannot, and settings only from 1.8 on.
    Asked(String, String),
    /// A result that is there if the task returned, and it alone writes there.
    Field(Name),
    /// The mark of a task that returned.
    Returned,
    /// Whatever a task left, of whose results none is certain.
    Any,
}

impl Cx<'_> {
    /// The output of a step or call; `maybe`: where the step may have failed.
    pub(super) fn result(&self, index: usize, maybe: bool) -> Code {
        let readings = self.readings.borrow();
        let Some(Reading::Outputs(alias, gate)) = readings.get(&index) else {
            return Code { nilable: true, ..Code::atom("nil") };
        };
        let own = self.output(alias);
        let maybe = maybe && Rule::FailedLeavesNothing.holds();
        let Some(test) = gate.as_ref().filter(|_| maybe).and_then(|gate| self.test_of(alias, gate)) else {
            return Code { nilable: true, ..Code::atom(own) };
        };
        Code { nilable: true, ..Code::compound(format!("{test} ? {own} : nil")) }
    }

    /// Whether there is a result, where something tells.
    pub(super) fn has_result(&self, expr: &Expr) -> Option<Code> {
        let Kind::Result(index) = &expr.kind else { return None };
        let readings = self.readings.borrow();
        let Some(Reading::Outputs(alias, Some(gate))) = readings.get(index).filter(|_| expr.ty.is_optional()) else { return None };
        let own = Code { nilable: true, ..Code::atom(self.output(alias)) };
        if let Gate::Field(name) = gate {
            let field = self.member(&own, name, None, true, expr, expr);
            return Some(Code::compound(format!("{} != nil", field.tight())));
        }
        let test = self.test_of(alias, gate).filter(|_| Rule::FailedLeavesNothing.holds())?;
        Some(Code::compound(format!("{test} && {} != nil", own.text)))
    }

    /// The code that says that an output is a result, where one must ask.
    fn test_of(&self, alias: &str, gate: &Gate) -> Option<String> {
        match gate {
            Gate::Status(test) => Some(test.clone()),
            Gate::Asked(asked, _) => Some(format!("({}?.ok ?? false)", self.output(asked))),
            Gate::Returned => Some(format!("({}?.{RETURNED} ?? false)", self.output(alias))),
            Gate::Field(_) | Gate::Any => None,
        }
    }

    /// Whether reading the result asks for a status.
    pub(super) fn asks_status(&self, index: usize) -> bool {
        matches!(self.readings.borrow().get(&index), Some(Reading::Outputs(_, Some(Gate::Status(_)))))
    }
}

// ── Conditions that are asked after a failure ──

impl Cx<'_> {
    /// Whether all that the expression takes for sure is there, also after a failure; `None`: it takes nothing for sure.
    pub(super) fn readable(&self, expr: &Expr) -> Option<Code> {
        if expr.time == Time::Static {
            return None;
        }
        if let Some((cx, found)) = self.item(expr) {
            return cx.readable(&found);
        }
        match &expr.kind {
            Kind::Result(index) if !expr.ty.is_optional() => Some(self.has_ended(*index)),
            Kind::Present(inner) => both(self.readable(inner), Some(self.is_there(inner))),
            Kind::Let(def) if def.latched => {
                let sure = matches!(expr.ty, Ty::Bool) || expr.ty.is_optional() || self.readable(&def.value).is_none();
                (!sure).then(|| self.is_there(expr))
            }
            Kind::Let(def) => self.readable(&def.value),
            Kind::Param(index) => match &self.params {
                Params::Arguments { caller, args } => args.get(*index).and_then(|arg| caller.readable(arg)),
                _ => None,
            },
            Kind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce), left, right } => {
                let right = self.readable(right).map(|right| {
                    let test = if *op == BinaryOp::Coalesce { self.is_there(left) } else { self.condition(left) };
                    let skipped = if *op == BinaryOp::And { format!("!{}", test.tight()) } else { test.tight() };
                    Code::compound(format!("{skipped} || {}", right.tight()))
                });
                both(self.readable(left), right)
            }
            Kind::Choice { test, then, otherwise } => {
                let sides = match (self.readable(then), self.readable(otherwise)) {
                    (None, None) => None,
                    (then, otherwise) => {
                        let side = |code: Option<Code>| code.map_or("true".to_owned(), |code| code.tight());
                        Some(Code::compound(format!("{} ? {} : {}", self.condition(test).tight(), side(then), side(otherwise))))
                    }
                };
                both(self.readable(test), sides)
            }
            _ => expr.parts().into_iter().fold(None, |found, part| both(found, self.readable(part))),
        }
    }

    /// Whether the step of a result ended well, or the task of one came to its end.
    fn has_ended(&self, index: usize) -> Code {
        let reading = self.readings.borrow().get(&index).cloned();
        match reading {
            Some(Reading::Outputs(alias, Some(Gate::Field(name)))) => {
                Code::compound(format!("{}?.[{}] != nil", self.output(&alias), quoted(&name)))
            }
            Some(Reading::Outputs(alias, Some(Gate::Returned))) => Code::atom(format!("({}?.{RETURNED} ?? false)", self.output(&alias))),
            Some(Reading::Outputs(alias, Some(Gate::Any))) => Code::compound(format!("{} != nil", self.output(&alias))),
            Some(Reading::Outputs(alias, _)) => Code::compound(succeeded(&alias)),
            Some(Reading::Inlined(inlined)) => {
                let inner = self.inside(&inlined);
                let values = inlined.task.returns.iter().map(|(_, value)| inner.readable(value));
                values.fold(None, both).unwrap_or_else(|| Code::atom("true"))
            }
            None => Code::atom("false"),
        }
    }
}

fn both(left: Option<Code>, right: Option<Code>) -> Option<Code> {
    match (left, right) {
        (Some(left), Some(right)) if left.text == right.text => Some(left),
        (Some(left), Some(right)) => Some(Code::compound(format!("{} && {}", left.tight(), right.tight()))),
        (left, right) => left.or(right),
    }
}

impl Steps<'_, '_, '_> {
    /// What says that the step did not fail, where its result is read without that being certain. Where a status cannot be
    /// asked, a step behind it asks.
    pub(super) fn gate(&mut self, step: &Step, alias: &str, results: &[ResultDef], cx: &Cx<'_>) -> Option<Gate> {
        results.get(step.result).filter(|result| result.unsure)?;
        // One that skips itself may leave something.
        let keeps = step.kind.rules.skips.as_ref().is_some_and(|(_, keeps)| !keeps.is_empty());
        let test = if keeps { format!("status({}) in [\"Succeeded\", \"Skipped\"]", quoted(alias)) } else { succeeded(alias) };
        let status = self.world.library.function("status");
        let in_settings = status.is_none_or(|status| status.allowed_at(Place::Config, &self.world.target));
        if in_settings && !cx.late.results.contains(&step.result) {
            return Some(Gate::Status(test));
        }
        Some(Gate::Asked(self.generated("when"), test))
    }

    /// The step that asks, right behind the one that it asks for.
    pub(super) fn ask(&mut self, gate: Option<&Gate>) {
        let Some(Gate::Asked(asked, test)) = gate.filter(|_| Rule::FailedLeavesNothing.holds()) else { return };
        self.out.push(Yaml::map([
            ("uses", text("compose-output")),
            ("as", text(asked)),
            ("if", text(&format!("${{{{ {test} }}}}"))),
            ("config", Yaml::map([("ok", Yaml::Bool(true))])),
        ]));
    }
}

fn succeeded(alias: &str) -> String {
    format!("status({}) == \"Succeeded\"", quoted(alias))
}

/// What says that a task returned: a mark where several of its steps write results, else one that is always returned.
pub(super) fn gate_of_task(task: &Task, marked: bool) -> Gate {
    if marked {
        return Gate::Returned;
    }
    task.returns.iter().find(|(_, value)| !value.ty.is_optional()).map_or(Gate::Any, |(name, _)| Gate::Field(name.clone()))
}

/// Whether one of the steps writes results of the task that they belong to.
pub(super) fn writes_results(steps: &[Yaml]) -> bool {
    steps.iter().any(|step| match step {
        Yaml::Map(entries) => entries.iter().any(|(key, value)| &**key == "uses" && *value == text("compose-output")),
        _ => false,
    })
}

/// What of a body is read later than it seems.
#[derive(Default)]
pub(crate) struct Late {
    /// Results that may be read in variables.
    pub(super) results: HashSet<usize>,
    /// `let`s that are evaluated once and read after a failure.
    pub(super) lets: HashSet<usize>,
}

impl Late {
    /// `returns`: what an inlined task returns, which its caller may read in variables.
    pub(super) fn of(body: &Body, returns: &[(Name, Expr)]) -> Late {
        let mut late = Late::default();
        let results = &mut late.results;
        let mut visit = |expr: &Expr| {
            expr.walk(&mut |inner| {
                if let Kind::Result(index) = inner.kind {
                    results.insert(index);
                }
            });
        };
        if body.results.iter().any(|result| result.unsure) {
            body.all().for_each(|statement| in_variables(statement, &mut visit));
            returns.iter().for_each(|(_, value)| visit(value));
        }
        late.read_after_failure(&body.statements);
        body.on_failure.iter().chain(&body.finally).for_each(|statement| statement.walk(&mut |expr| late.add_let(expr)));
        late
    }

    fn add_let(&mut self, expr: &Expr) {
        expr.walk(&mut |inner| {
            if let Kind::Let(def) = &inner.kind
                && def.latched
            {
                self.lets.insert(def.id);
            }
        });
    }

    /// Backwards, since what a `let` reads that is read late is read late, too.
    fn read_after_failure(&mut self, statements: &[Statement]) {
        for statement in statements.iter().rev() {
            match statement {
                Statement::If { condition, then, otherwise, .. } => {
                    if says_failure(condition) {
                        then.iter().for_each(|inner| inner.walk(&mut |expr| self.add_let(expr)));
                    }
                    self.read_after_failure(then);
                    self.read_after_failure(otherwise);
                    if says_failure(condition) || runs_late(then, self) || runs_late(otherwise, self) {
                        self.add_let(condition);
                    }
                }
                Statement::For { body, .. } => self.read_after_failure(body),
                Statement::Latch(def) if self.lets.contains(&def.id) => self.add_let(&def.value),
                _ => {}
            }
        }
    }
}

fn in_variables(statement: &Statement, visit: &mut dyn FnMut(&Expr)) {
    match statement {
        Statement::Call(call) => call.args.iter().for_each(visit),
        Statement::Step(step) if has_plain(&Ty::Record(step.kind.settings.clone())) => visit(&step.settings),
        Statement::If { then, otherwise, .. } => then.iter().chain(otherwise).for_each(|inner| in_variables(inner, visit)),
        Statement::For { body, .. } => body.iter().for_each(|inner| in_variables(inner, visit)),
        _ => {}
    }
}

/// Whether a setting must not call functions, so that it goes by way of a variable.
fn has_plain(ty: &Ty) -> bool {
    match ty {
        Ty::Record(record) => record.fields.iter().any(|field| field.rules.plain || has_plain(&field.ty)),
        Ty::List(item) | Ty::Optional(item, _) => has_plain(item),
        _ => false,
    }
}
