//! What becomes of a call: a reference to a PromotionTask or ClusterPromotionTask, or the steps of the task in the place
//! of the call. In: the call, what stands around it, and the static values there. The lowering asks the same questions.

use indexmap::IndexMap;

use super::errors;
use crate::base::Span;
use crate::diag::{Check, Diagnostic};
use crate::expand::{ProjectInstance, visit_stage};
use crate::types::eval::{Env, bound, eval, items};
use crate::types::tree::{Call, Expr, Kind, Statement, Task, TaskParameter, Time};
use crate::types::{StageItem, Value, World, asks_failure, tells_apart};

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A reference to the task of this name.
    Task(String),
    Inlined(Why),
}

/// Why a call becomes the steps of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Kargo takes no `if` on a call.
    Condition,
    /// Kargo takes no call inside a task.
    InTask,
    /// Kargo takes no `continueOnError` on a call.
    Tried,
    /// Loops of its run over lists that it is passed, and an object has the same steps for all its callers.
    Loop,
    /// A fault of the target would hit a step of it in an object of its own.
    Fault(Check),
    /// Its static arguments cannot be part of a name.
    Name,
    /// Arguments are evaluated one after the other, each seeing those before it. Here each reads an outer variable that
    /// has the name of another one.
    Variables,
    /// Some of its steps run after a failure, and `on failure` behind the body must tell them from a `require`. The steps
    /// of a task cannot be asked from outside.
    Failure,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    pub in_task: bool,
    pub guarded: bool,
    /// The body tells a failed `require` from what failed beside it.
    pub apart: bool,
}

/// The form of a call, given the static environment of its task.
pub fn form(call: &Call, around: Around, inner: &Env) -> Form {
    if around.in_task {
        return Form::Inlined(Why::InTask);
    }
    if call.tried {
        return Form::Inlined(Why::Tried);
    }
    if around.guarded {
        return Form::Inlined(Why::Condition);
    }
    if around.apart && asks_failure(&call.task.body.statements) {
        return Form::Inlined(Why::Failure);
    }
    if !call.task.loops.is_empty() {
        return Form::Inlined(Why::Loop);
    }
    if let Some(check) = call.task.avoided {
        return Form::Inlined(Why::Fault(check));
    }
    match emitted_name(&call.task, inner) {
        Some(_) if argument_order(call).is_none() => Form::Inlined(Why::Variables),
        Some(name) => Form::Task(name),
        None => Form::Inlined(Why::Name),
    }
}

/// The name of a task's object: its own, followed by its static arguments. `None` if no name can say them.
pub fn emitted_name(task: &Task, env: &Env) -> Option<String> {
    let mut out = task.name.to_string();
    for parameter in &task.parameters {
        let Some(local) = parameter.local else { continue };
        let word = env.locals.get(local)?.interpolated()?.to_lowercase();
        let fits = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !fits || word.starts_with('-') || word.ends_with('-') {
            return None;
        }
        out.push('-');
        out.push_str(&word);
    }
    let is_name = out.len() <= 253 && out.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    is_name.then_some(out)
}

/// The environment inside a task that is called: its static parameters with what the call gives them, the names of all,
/// and what is known of lists that are passed.
pub fn static_env(call: &Call, outer: &Env) -> Env {
    let mut env = env_of(&call.task, &call.args, outer);
    for (parameter, shape) in &call.shapes {
        if env.shapes.len() <= *parameter {
            env.shapes.resize(parameter + 1, Value::Error);
        }
        if let Some(place) = env.shapes.get_mut(*parameter) {
            *place = eval(shape, outer);
        }
    }
    env
}

fn env_of(task: &Task, args: &[Expr], outer: &Env) -> Env {
    let mut env = Env {
        shapes: Vec::new(),
        locals: Vec::new(),
        stage: outer.stage.clone(),
        project: outer.project.clone(),
        param_names: task.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
    };
    for (parameter, arg) in task.parameters.iter().zip(args) {
        let Some(local) = parameter.local else { continue };
        if env.locals.len() <= local {
            env.locals.resize(local + 1, Value::Null);
        }
        if let Some(place) = env.locals.get_mut(local) {
            *place = eval(arg, outer);
        }
    }
    env
}

/// The environment of a task that nobody calls: its defaults. `None` if a static parameter must be given, or a list that a
/// loop runs over.
pub fn default_env(task: &Task, outer: &Env) -> Option<Env> {
    if !task.loops.is_empty() {
        return None;
    }
    let absent = |at: Span| Expr::value(at, crate::library::Ty::Null, Value::Null);
    let given = |parameter: &TaskParameter| match &parameter.default {
        Some(default) => Some(default.clone()),
        None if parameter.local.is_none() || parameter.optional => Some(absent(parameter.span)),
        None => None,
    };
    let args: Option<Vec<Expr>> = task.parameters.iter().map(given).collect();
    Some(env_of(task, &args?, outer))
}

/// An order of the parameters in which no argument reads an outer variable whose name an earlier argument has taken.
/// `None` if there is none.
pub fn argument_order(call: &Call) -> Option<Vec<usize>> {
    let reads: Vec<Vec<String>> = call.args.iter().map(variables_read).collect();
    let taken_by_itself = |(parameter, names): (&TaskParameter, &Vec<String>)| {
        parameter.ty.record().is_some() && names.iter().any(|name| takes_name(&parameter.name, name))
    };
    if call.task.parameters.iter().zip(&reads).any(taken_by_itself) {
        return None;
    }
    let mut order = Vec::with_capacity(call.args.len());
    let mut rest: Vec<usize> = (0..call.args.len()).collect();
    while !rest.is_empty() {
        let free = rest.iter().position(|index| {
            let parameter = call.task.parameters.get(*index);
            let takes = |name: &str| parameter.is_some_and(|parameter| takes_name(&parameter.name, name));
            rest.iter()
                .filter(|other| *other != index)
                .all(|other| !reads.get(*other).is_some_and(|names| names.iter().any(|name| takes(name))))
        })?;
        order.push(rest.remove(free));
    }
    Some(order)
}

/// Whether a parameter is carried by a variable of this name, or by several of which one may have it.
fn takes_name(parameter: &str, variable: &str) -> bool {
    let own = parameter.replace('-', "_");
    variable.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn variables_read(arg: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    arg.walk(&mut |expr| {
        if let Kind::Var(name) = &expr.kind {
            names.push(name.to_string());
        }
    });
    names
}

// ── Checks ──

/// Objects that tasks of one name would both be: where each comes from, and its static arguments.
type Named = IndexMap<String, (Span, Vec<Value>, Span)>;

/// Whether every call can become what it is meant to be, and whether no two tasks become one object.
pub(super) fn check(world: &World<'_>, project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    let mut named = Named::new();
    let outer = Env { project: Some(project.name.clone()), ..Env::default() };
    for task in own_tasks(world, project) {
        if let Some((env, name)) = default_env(&task, &outer).and_then(|env| emitted_name(&task, &env).map(|name| (env, name))) {
            named.insert(name, (task.span, env.locals, task.span));
        }
    }
    for stage in &project.stages {
        visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
            if let StageItem::Promote { body, .. } = item {
                let mut calls = Calls { named: &mut named, reports };
                calls.statements(&body.statements, Around { apart: tells_apart(body), ..Around::default() }, env);
                // All steps behind a body stand under a condition.
                let behind = Around { guarded: true, ..Around::default() };
                calls.statements(&body.on_failure, behind, env);
                calls.statements(&body.finally, behind, env);
            }
        });
    }
}

/// Calls from tasks, each once for the whole program.
pub(super) fn check_tasks(world: &World<'_>, reports: &mut Vec<Diagnostic>) {
    for task in world.known_tasks() {
        task.calls(&mut |call| {
            if call.task.is_cluster {
                reports.push(errors::cluster_task_inlined(&call.task.name, Why::InTask, call.span, call.task.span));
            }
        });
    }
}

fn own_tasks(world: &World<'_>, project: &ProjectInstance<'_>) -> Vec<std::sync::Arc<Task>> {
    let scope = world.program.scope(project.scope).filter(|_| project.is_declared).into_iter();
    scope.flat_map(|scope| scope.tasks.values()).map(|decl| world.typed_task(*decl, project.scope)).collect()
}

struct Calls<'r> {
    named: &'r mut Named,
    reports: &'r mut Vec<Diagnostic>,
}

impl Calls<'_> {
    fn statements(&mut self, statements: &[Statement], around: Around, env: &Env) {
        for statement in statements {
            match statement {
                Statement::Call(call) => self.call(call, around, env),
                Statement::If { condition, then, otherwise, .. } if condition.time == Time::Static => {
                    self.statements(if eval(condition, env).holds() { then } else { otherwise }, around, env);
                }
                Statement::If { then, otherwise, .. } => {
                    let inside = Around { guarded: true, ..around };
                    self.statements(then, inside, env);
                    self.statements(otherwise, inside, env);
                }
                Statement::For { over, binds, body } => {
                    for (key, item) in items(&eval(over, env)) {
                        self.statements(body, around, &env.with(bound(*binds, key, item)));
                    }
                }
                Statement::Step(_) | Statement::Require(_) | Statement::Var { .. } | Statement::Latch(_) => {}
            }
        }
    }

    fn call(&mut self, call: &Call, around: Around, env: &Env) {
        let inner = static_env(call, env);
        let name = match form(call, around, &inner) {
            Form::Task(name) => name,
            Form::Inlined(why) => {
                if call.task.is_cluster {
                    self.reports.push(errors::cluster_task_inlined(&call.task.name, why, call.span, call.task.span));
                }
                return;
            }
        };
        let kind = if call.task.is_cluster { "cluster " } else { "" };
        let known = self.named.entry(format!("{kind}{name}")).or_insert_with(|| (call.task.span, inner.locals.clone(), call.span));
        let (task, locals, first) = known.clone();
        if task != call.task.span || locals != inner.locals {
            self.reports.push(errors::task_objects_clash(&name, call.span, first));
        }
    }
}
