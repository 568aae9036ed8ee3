//! Statements: which steps run, and how the promotion ends (design §2.1–2.6).

use loadline::base::Name;
use loadline::library::StepSig;
use loadline::types::tree::{Body, Call, Expr, Require, Statement, Step, Task, Time};
use serde_json::{Map, Value as Json};

use super::cluster::Cluster;
use super::expr::rounds;
use super::failure::says_failure;
use super::value::{Fault, Outcome, Value, stripped};
use super::{Frame, StepResult};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Succeeded,
    Skipped,
    Failed,
    Errored,
    /// It would never end by itself; its time runs out, which is an error.
    Waits,
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
    /// What somebody wrote into the config map `settings` meanwhile.
    pub mode: Option<String>,
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

const ALWAYS: Guard = Guard { holds: true, after_failure: false };

/// Steps of which a later one needs the earlier ones: what a failure ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    /// The body of the promotion.
    Promotion,
    /// The body of a task: its failure is one of whatever called it.
    Task,
    /// A tried call: its failure ends nothing else.
    Tried,
    /// A call behind a condition that says failure: by itself, in order.
    Apart,
    /// A block that runs after a failure, and whose failure changes nothing.
    OnFailure,
    /// A block that runs in any case, and whose failure is one of the promotion or of the call.
    Finally,
}

struct Open {
    group: Group,
    /// A step of it failed that is not tried. To its caller the `finally` of a task is part of the call.
    broken: bool,
}

/// What a script is asked: where the step stands among `instances`, what it is, what it got, and whether its time is
/// limited.
pub struct Question<'q> {
    pub place: usize,
    pub step: &'q StepSig,
    pub settings: &'q Json,
    pub is_bounded: bool,
}

pub type Script<'s> = dyn FnMut(&Question<'_>) -> Answer + 's;

pub struct Promotion<'s> {
    pub cluster: Cluster,
    pub instances: Vec<Instance>,
    script: &'s mut Script<'s>,
    end: End,
    groups: Vec<Open>,
}

impl<'s> Promotion<'s> {
    pub fn new(cluster: Cluster, script: &'s mut Script<'s>) -> Promotion<'s> {
        Promotion { cluster, instances: Vec::new(), script, end: End::Succeeded, groups: Vec::new() }
    }

    /// Promotes: runs the body, and says how the promotion ended.
    pub fn run<'t>(&mut self, body: &'t Body, mut frame: Frame<'t>) -> End {
        self.body(Group::Promotion, body, &mut frame, ALWAYS, None);
        self.end
    }

    pub fn failed(&self) -> bool {
        self.end != End::Succeeded
    }

    pub fn context(&self, path: &str) -> Value {
        self.cluster.context(path)
    }

    /// The steps, then `on failure` if one of them failed, then `finally` if they were begun. Whether one failed.
    fn body<'t>(&mut self, group: Group, body: &'t Body, frame: &mut Frame<'t>, guard: Guard, returns: Option<Option<Name>>) -> bool {
        let began = self.runs(guard);
        let steps = self.inside(group, |all| all.statements(&body.statements, body, frame, guard));
        let clean_up = |holds| Guard { holds, ..ALWAYS };
        self.inside(Group::OnFailure, |all| all.statements(&body.on_failure, body, frame, clean_up(steps.broken)));
        let last = self.inside(Group::Finally, |all| all.statements(&body.finally, body, frame, clean_up(began)));
        if let Some(name) = returns {
            self.mark(What::Return, name);
        }
        steps.broken || last.broken
    }

    fn inside(&mut self, group: Group, run: impl FnOnce(&mut Self)) -> Open {
        self.groups.push(Open { group, broken: false });
        run(self);
        self.groups.pop().unwrap()
    }

    /// A step runs while nothing failed that it needs, or behind a condition that says failure, if all conditions
    /// around it hold.
    fn runs(&self, guard: Guard) -> bool {
        if !guard.holds {
            return false;
        }
        for open in self.groups.iter().rev() {
            match open.group {
                Group::OnFailure | Group::Finally => return !open.broken,
                Group::Tried | Group::Apart if open.broken => return false,
                Group::Tried | Group::Apart | Group::Task | Group::Promotion => {}
            }
        }
        guard.after_failure || !self.failed()
    }

    /// A step that is not tried failed: so did all that it is part of, up to what keeps a failure to itself.
    fn fail(&mut self, status: Status) {
        for open in self.groups.iter_mut().rev() {
            open.broken = true;
            if matches!(open.group, Group::Tried | Group::OnFailure) {
                return;
            }
        }
        self.ends(status);
    }

    /// The worst that happened is how the promotion ends.
    fn ends(&mut self, status: Status) {
        self.end = self.end.max(if status == Status::Failed { End::Failed } else { End::Errored });
    }

    fn statements<'t>(&mut self, statements: &'t [Statement], body: &'t Body, frame: &mut Frame<'t>, guard: Guard) {
        for statement in statements {
            self.statement(statement, body, frame, guard);
        }
    }

    fn statement<'t>(&mut self, statement: &'t Statement, body: &'t Body, frame: &mut Frame<'t>, guard: Guard) {
        match statement {
            Statement::Step(step) => self.step(step, body, frame, guard),
            Statement::Call(call) => {
                let name = body.results.get(call.result).and_then(|result| result.name.clone());
                self.call(call, name, frame, guard);
            }
            Statement::Require(require) => self.require(require, frame, guard),
            Statement::Var { name, value, .. } => {
                frame.vars.insert(name.to_string(), value);
            }
            Statement::Latch(def) => {
                // Evaluated where it stands, also after a failure, if what it reads is there.
                if self.runs(Guard { after_failure: true, ..guard })
                    && let Ok(value) = self.eval(&def.value, frame)
                {
                    frame.latched.insert(def.id, value);
                }
                self.mark(What::Latch, Some(def.name.clone()));
            }
            Statement::If { condition, then, otherwise, .. } if condition.time == Time::Static => {
                let chosen = if self.holds(condition, frame) == Ok(true) { then } else { otherwise };
                self.statements(chosen, body, frame, guard);
            }
            Statement::If { condition, then, otherwise, .. } => {
                // Asked once, also by `else`. Nobody asks it behind a condition that does not hold; and one that reads what is
                // not there after a failure holds for neither branch.
                let truth = if guard.holds { self.holds(condition, frame).ok() } else { None };
                let after_failure = guard.after_failure || says_failure(condition);
                self.statements(then, body, frame, Guard { holds: truth == Some(true), after_failure });
                self.statements(otherwise, body, frame, Guard { holds: truth == Some(false), ..guard });
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
        self.instances.push(Instance { what, name, status: Status::Skipped, settings: None });
    }

    fn step(&mut self, step: &Step, body: &Body, frame: &mut Frame<'_>, guard: Guard) {
        let place = self.instances.len();
        let name = body.results.get(step.result).and_then(|result| result.name.clone());
        let mut status = Status::Skipped;
        let mut output = Json::Null;
        let mut given = None;
        if self.runs(guard) {
            match self.settings(&step.settings, frame) {
                Ok(settings) => {
                    let question = Question { place, step: &step.kind, settings: &settings, is_bounded: self.is_bounded(step) };
                    let answer = (self.script)(&question);
                    (status, output) = (answer.status, answer.output);
                    // Results that a setting names are what their expressions give.
                    if let Some((list, name)) = &step.kind.rules.outputs_from {
                        output = named(&settings, list, name);
                    }
                    if let Some(mode) = answer.mode {
                        self.cluster.write_mode(mode);
                    }
                    given = Some(settings);
                }
                Err(_) => status = Status::Errored,
            }
            if status == Status::Waits || status == Status::Failed && !self.cluster.failed_stays_failed {
                status = Status::Errored;
            }
        }
        if status.is_failure() {
            // What a step leaves that failed is not its result.
            output = Json::Null;
            if !step.tried {
                self.fail(status);
            }
        }
        frame.results.insert(step.result, StepResult { status, output });
        self.instances.push(Instance { what: What::Step(step.kind.clone()), name, status, settings: given });
    }

    /// Whether it ends in any case: what runs at the end does, and what its author says so of.
    fn is_bounded(&self, step: &Step) -> bool {
        let says_so = step.retry.as_ref().is_some_and(|retry| match self.eval(retry, &Frame::default()) {
            Ok(value) => value.as_record().is_some_and(|fields| fields.contains_key("timeout")),
            Err(_) => false,
        });
        says_so
            || step.kind.rules.endless.is_some()
            || self.groups.iter().any(|open| matches!(open.group, Group::OnFailure | Group::Finally))
    }

    fn settings(&self, settings: &Expr, frame: &Frame<'_>) -> Outcome<Json> {
        match self.eval(settings, frame)? {
            Value::Json(json) => Ok(stripped(&json)),
            other => Err(Fault(format!("{other:?} are no settings"))),
        }
    }

    /// Fails the promotion where it stands if one of the slots is empty; `on failure` is not for that.
    fn require(&mut self, require: &Require, frame: &Frame<'_>, guard: Guard) {
        if self.runs(guard) && require.slots.iter().any(|slot| self.holds(slot, frame) != Ok(true)) {
            self.ends(if self.cluster.require_fails { Status::Failed } else { Status::Errored });
        }
    }

    /// A call runs the steps of the task with its arguments for names.
    fn call<'t>(&mut self, call: &'t Call, name: Option<Name>, frame: &mut Frame<'t>, guard: Guard) {
        let task: &'t Task = &call.task;
        let mut inner = Frame::default();
        for (parameter, arg) in task.parameters.iter().zip(&call.args) {
            let value = self.eval(arg, frame);
            if parameter.local.is_some() {
                inner.locals.push(value.clone().unwrap_or(super::value::NULL));
            }
            inner.params.push(value);
        }
        inner.shapes = call.shapes.iter().map(|(index, shape)| (*index, self.eval(shape, frame).unwrap_or(super::value::NULL))).collect();
        let began = self.runs(guard);
        let returns = (!task.returns.is_empty()).then_some(name);
        let mut broken = false;
        let mut run = |all: &mut Self| broken = all.body(Group::Task, &task.body, &mut inner, guard, returns.clone());
        if call.tried {
            self.inside(Group::Tried, run);
        } else if guard.after_failure {
            self.inside(Group::Apart, run);
        } else {
            run(self);
        }
        let mut output = Map::new();
        for (name, value) in &task.returns {
            if let Ok(Value::Json(value)) = self.eval(value, &inner)
                && !value.is_null()
            {
                output.insert(name.to_string(), stripped(&value));
            }
        }
        let (status, output) = match began {
            true if !broken => (Status::Succeeded, Json::Object(output)),
            true => (Status::Errored, Json::Null),
            false => (Status::Skipped, Json::Null),
        };
        frame.results.insert(call.result, StepResult { status, output });
    }
}

/// The items of a list, by their names: of each the one thing in it that is no name.
fn named(settings: &Json, list: &str, name: &str) -> Json {
    let items = settings[list].as_array().into_iter().flatten().filter_map(Json::as_object);
    let rows = items.filter_map(|item| {
        let value = item.iter().find(|(key, _)| *key != name).map(|(_, value)| value.clone());
        Some((item.get(name)?.as_str()?.to_owned(), value?))
    });
    Json::Object(rows.collect())
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Succeeded => "Succeeded",
            Status::Skipped => "Skipped",
            Status::Failed => "Failed",
            Status::Errored => "Errored",
            Status::Waits => "Running",
        }
    }

    fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::Errored)
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
