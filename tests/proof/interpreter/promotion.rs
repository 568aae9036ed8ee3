//! Statements: which steps run, and how the promotion ends (design §2.1–2.6).

use loadline::base::Name;
use loadline::library::StepSig;
use loadline::syntax::ast::BinaryOp;
use loadline::types::tree::{Body, Call, Expr, Kind, Require, Statement, Step, Task, Time};
use serde_json::{Map, Value as Json};

use super::cluster::Cluster;
use super::expr::rounds;
use super::value::{Fault, Outcome, Value, stripped};
use super::{Frame, StepResult};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Succeeded,
    Skipped,
    Failed,
    Errored,
}

/// How a promotion ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Succeeded,
    Failed,
    Errored,
}

/// How a step ends that runs, and what it leaves.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: Status,
    pub output: Json,
}

/// One of the author's steps, as often as loops and calls repeat it; also those that do not run.
#[derive(Clone, Debug)]
pub struct Instance {
    pub what: What,
    /// The name of its `let`.
    pub name: Option<Name>,
    pub status: Status,
    /// What it ran with; `None`: it did not run.
    pub settings: Option<Json>,
    /// Its failure does not count.
    pub tried: bool,
}

#[derive(Clone, Debug)]
pub enum What {
    Step(std::sync::Arc<StepSig>),
    /// Where a `let` is evaluated once; no step of the author's.
    Latch,
    /// Where a call returns; no step of the author's.
    Return,
}

/// Whether the statements at a place run.
#[derive(Clone, Copy)]
struct Guard {
    /// All conditions around them hold.
    holds: bool,
    /// One of them says failure, so that a failure does not end it.
    after_failure: bool,
}

pub struct Promotion<'s> {
    pub cluster: Cluster,
    pub instances: Vec<Instance>,
    /// How a step that runs ends; it is asked with the place of the step in `instances`.
    pub script: &'s mut dyn FnMut(usize, &StepSig, &Json) -> Answer,
    end: End,
    /// A step failed that counts, other than by a `require`.
    broken: bool,
}

impl<'s> Promotion<'s> {
    pub fn new(cluster: Cluster, script: &'s mut dyn FnMut(usize, &StepSig, &Json) -> Answer) -> Promotion<'s> {
        Promotion { cluster, instances: Vec::new(), script, end: End::Succeeded, broken: false }
    }

    /// Promotes: runs the body, and says how the promotion ended.
    pub fn run<'t>(&mut self, body: &'t Body, mut frame: Frame<'t>) -> End {
        let guard = Guard { holds: true, after_failure: false };
        self.statements(&body.statements, body, &mut frame, guard);
        self.end
    }

    pub fn failed(&self) -> bool {
        self.end != End::Succeeded
    }

    pub fn context(&self, path: &str) -> Value {
        self.cluster.context(path)
    }

    fn statements<'t>(&mut self, statements: &'t [Statement], body: &'t Body, frame: &mut Frame<'t>, guard: Guard) {
        for statement in statements {
            self.statement(statement, body, frame, guard);
        }
    }

    fn statement<'t>(&mut self, statement: &'t Statement, body: &'t Body, frame: &mut Frame<'t>, guard: Guard) {
        match statement {
            Statement::Step(step) => self.step(step, body, frame, guard),
            Statement::Call(call) => self.call(call, frame, guard),
            Statement::Require(require) => self.require(require, frame, guard),
            Statement::Var { name, value, .. } => {
                frame.vars.insert(name.to_string(), value);
            }
            Statement::Latch(def) => {
                if let Ok(value) = self.eval(&def.value, frame) {
                    frame.latched.insert(def.id, value);
                }
                self.mark(What::Latch, Some(def.name.clone()));
            }
            Statement::If { condition, then, otherwise, .. } if condition.time == Time::Static => {
                let chosen = if self.holds(condition, frame) == Ok(true) { then } else { otherwise };
                self.statements(chosen, body, frame, guard);
            }
            Statement::If { condition, then, otherwise, .. } => {
                // Asked once, also by `else`. Nobody asks it behind a condition that does not hold.
                let truth = guard.holds && self.holds(condition, frame) == Ok(true);
                let after_failure = guard.after_failure || says_failure(condition);
                self.statements(then, body, frame, Guard { holds: guard.holds && truth, after_failure });
                self.statements(otherwise, body, frame, Guard { holds: guard.holds && !truth, ..guard });
            }
            Statement::For { over, binds, body: inner } => {
                let Ok(over) = self.eval(over, frame) else { return };
                for row in rounds(&over, *binds) {
                    let before = frame.locals.len();
                    frame.locals.extend(row);
                    self.statements(inner, body, frame, guard);
                    frame.locals.truncate(before);
                }
            }
        }
    }

    fn mark(&mut self, what: What, name: Option<Name>) {
        self.instances.push(Instance { what, name, status: Status::Skipped, settings: None, tried: false });
    }

    /// A step runs while nothing failed, or behind a condition that says failure, if all conditions around it hold.
    fn step(&mut self, step: &Step, body: &Body, frame: &mut Frame<'_>, guard: Guard) {
        let runs = guard.holds && (guard.after_failure || !self.failed());
        let place = self.instances.len();
        let mut instance = Instance {
            what: What::Step(step.kind.clone()),
            name: body.results.get(step.result).and_then(|result| result.name.clone()),
            status: Status::Skipped,
            settings: None,
            tried: false,
        };
        let mut output = Json::Null;
        if runs {
            match self.settings(&step.settings, frame) {
                Ok(settings) => {
                    let answer = (self.script)(place, &step.kind, &settings);
                    instance.settings = Some(settings);
                    instance.status = answer.status;
                    output = answer.output;
                }
                Err(_) => instance.status = Status::Errored,
            }
            if instance.status == Status::Failed && !self.cluster.failed_stays_failed {
                instance.status = Status::Errored;
            }
        }
        if !instance.tried {
            self.count(instance.status, true);
        }
        frame.results.insert(step.result, StepResult { status: instance.status, output });
        self.instances.push(instance);
    }

    /// The worst that happened is how the promotion ends.
    fn count(&mut self, status: Status, by_a_step: bool) {
        let end = match status {
            Status::Succeeded | Status::Skipped => return,
            Status::Failed => End::Failed,
            Status::Errored => End::Errored,
        };
        self.end = self.end.max(end);
        self.broken |= by_a_step;
    }

    fn settings(&self, settings: &Expr, frame: &Frame<'_>) -> Outcome<Json> {
        match self.eval(settings, frame)? {
            Value::Json(json) => Ok(stripped(&json)),
            other => Err(Fault(format!("{other:?} are no settings"))),
        }
    }

    /// Fails the promotion where it stands if one of the slots is empty.
    fn require(&mut self, require: &Require, frame: &Frame<'_>, guard: Guard) {
        if !guard.holds || self.failed() {
            return;
        }
        if require.slots.iter().any(|slot| self.holds(slot, frame) != Ok(true)) {
            self.count(if self.cluster.failed_stays_failed { Status::Failed } else { Status::Errored }, false);
        }
    }

    /// A call runs the steps of the task with its arguments for names.
    fn call<'t>(&mut self, call: &'t Call, frame: &mut Frame<'t>, guard: Guard) {
        let task: &'t Task = &call.task;
        let mut inner = Frame::default();
        for (parameter, arg) in task.parameters.iter().zip(&call.args) {
            let value = self.eval(arg, frame);
            if parameter.local.is_some() {
                inner.locals.push(value.clone().unwrap_or(super::value::NULL));
            }
            inner.params.push(value);
        }
        self.statements(&task.body.statements, &task.body, &mut inner, guard);
        // Results of a task that did not run, or failed, are absent one by one.
        let ran = guard.holds && (guard.after_failure || !self.failed());
        let mut output = Map::new();
        for (name, value) in task.returns.iter().filter(|_| ran) {
            if let Ok(Value::Json(value)) = self.eval(value, &inner) {
                output.insert(name.to_string(), stripped(&value));
            }
        }
        if !task.returns.is_empty() {
            self.mark(What::Return, None);
        }
        frame.results.insert(call.result, StepResult { status: Status::Succeeded, output: Json::Object(output) });
    }
}

/// Whether a condition says failure (design §2.2).
fn says_failure(condition: &Expr) -> bool {
    let mut found = false;
    condition.walk(&mut |expr| {
        found |= match &expr.kind {
            Kind::Call { function, .. } => function.name == "failure" || function.name == "always",
            Kind::Binary { op: BinaryOp::Equal, left, right } => {
                let pairs = [(left, right), (right, left)];
                pairs.iter().any(|(status, word)| matches!(status.resolved().kind, Kind::Status(_)) && is_failure(word))
            }
            _ => false,
        }
    });
    found
}

fn is_failure(word: &Expr) -> bool {
    match &word.resolved().kind {
        Kind::Value(value) => value.as_text().is_some_and(|text| matches!(text, "Failed" | "Errored" | "Aborted")),
        _ => false,
    }
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Succeeded => "Succeeded",
            Status::Skipped => "Skipped",
            Status::Failed => "Failed",
            Status::Errored => "Errored",
        }
    }
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            End::Succeeded => "Succeeded",
            End::Failed => "Failed",
            End::Errored => "Errored",
        }
    }
}
