//! Tasks as PromotionTasks: which variables their parameters become, and what a call passes.

use std::sync::Arc;

use indexmap::IndexMap;

use super::cx::{Cx, Params, project, variable_name};
use super::steps::{Steps, text, variable};
use crate::base::Name;
use crate::emit::yaml::{Key, Yaml};
use crate::library::{Target, Ty};
use crate::types::eval::{Env, eval};
use crate::types::tree::{Call, Expr, Kind, Task};
use crate::types::{Value, World};

/// The tasks that a project needs as objects, each once, by their names in the cluster.
#[derive(Default)]
pub(crate) struct PromotionTasks {
    needed: IndexMap<String, (Arc<Task>, Env)>,
}

impl PromotionTasks {
    pub(crate) fn need(&mut self, task: &Arc<Task>, env: &Env) {
        if let Some(name) = emitted_name(task, env) {
            self.needed.entry(name).or_insert_with(|| (Arc::clone(task), env.clone()));
        }
    }

    pub(crate) fn take(&mut self) -> IndexMap<String, (Arc<Task>, Env)> {
        std::mem::take(&mut self.needed)
    }
}

/// The name of the object: the task's own, followed by its static arguments. `None` if no name can say them.
pub(crate) fn emitted_name(task: &Task, env: &Env) -> Option<String> {
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

/// The environment inside a task: its static parameters, and the names of all for their variables.
pub(crate) fn static_env(call: &Call, cx: &Cx<'_>) -> Env {
    let mut env = task_env(&call.task, &cx.env);
    for (parameter, arg) in call.task.parameters.iter().zip(&call.args) {
        if let Some(local) = parameter.local {
            if env.locals.len() <= local {
                env.locals.resize(local + 1, Value::Null);
            }
            if let Some(slot) = env.locals.get_mut(local) {
                *slot = eval(arg, &cx.env);
            }
        }
    }
    env
}

pub(crate) fn task_env(task: &Task, outer: &Env) -> Env {
    Env {
        locals: Vec::new(),
        stage: outer.stage.clone(),
        project: outer.project.clone(),
        param_names: task.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
    }
}

/// One variable of a task.
struct Variable {
    name: String,
    parameter: usize,
    path: Vec<Name>,
    what: What,
    /// An expression that reads it, for its type.
    sample: Expr,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Value,
    /// Whether an artifact or freight was given.
    Presence,
    /// The warehouse it is from.
    Origin,
}

/// The variables of a task, in the order of its parameters and of their first reading.
fn variables(task: &Task) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    let mut visit = |expr: &Expr| collect(expr, task, &mut found);
    for statement in &task.body.statements {
        statement.walk(&mut visit);
    }
    for (_, value) in &task.returns {
        value.walk(&mut visit);
    }
    // What a longer path reads is not read as a whole.
    let mut out: Vec<Variable> = Vec::new();
    for (index, parameter) in task.parameters.iter().enumerate() {
        let of_it = |variable: &Variable| variable.parameter == index;
        if parameter.local.is_none() && !found.iter().any(of_it) {
            out.push(Variable {
                name: variable_name(&parameter.name, &[]),
                parameter: index,
                path: Vec::new(),
                what: What::Value,
                sample: Expr::error(parameter.span),
            });
        }
        let mut rest = Vec::new();
        for variable in std::mem::take(&mut found) {
            if of_it(&variable) { out.push(variable) } else { rest.push(variable) }
        }
        found = rest;
    }
    out.retain(|variable| !is_unread_record(variable, task));
    out
}

/// A record that nothing reads needs no variable.
fn is_unread_record(variable: &Variable, task: &Task) -> bool {
    let ty = task.parameters.get(variable.parameter).map(|parameter| &parameter.ty);
    variable.what == What::Value && variable.path.is_empty() && variable.sample.is_error() && matches!(ty, Some(Ty::Record(_)))
}

/// Adds what one expression reads. A chain is visited whole before its parts, so parts of known chains are passed over.
fn collect(expr: &Expr, task: &Task, found: &mut Vec<Variable>) {
    if let Kind::Promoting(target) = &expr.kind {
        if let Some((parameter, _)) = chain(target) {
            add(found, task, parameter, vec![Name::new("origin")], What::Origin, expr);
        }
        return;
    }
    let Some((parameter, path)) = chain(expr) else { return };
    let Some(declared) = task.parameters.get(parameter) else { return };
    if path.is_empty() && matches!(declared.ty, Ty::Record(_)) {
        // Read as a whole: a condition, or the base of a longer chain that was added before.
        if expr.ty.is_optional() && matches!(expr.kind, Kind::Param(_)) {
            add(found, task, parameter, path, What::Presence, expr);
        }
        return;
    }
    if matches!(expr.ty.present(), Ty::Record(_)) {
        return;
    }
    add(found, task, parameter, path, What::Value, expr);
}

fn add(found: &mut Vec<Variable>, task: &Task, parameter: usize, path: Vec<Name>, what: What, sample: &Expr) {
    let Some(declared) = task.parameters.get(parameter) else { return };
    let name = variable_name(&declared.name, &path);
    if !found.iter().any(|known| known.name == name) {
        found.push(Variable { name, parameter, path, what, sample: sample.clone() });
    }
}

/// The parameter and the fields of a chain.
pub(crate) fn chain(expr: &Expr) -> Option<(usize, Vec<Name>)> {
    match &expr.kind {
        Kind::Param(index) => Some((*index, Vec::new())),
        Kind::Present(inner) => chain(inner),
        Kind::Field { base, name, .. } => {
            let (parameter, mut path) = chain(base)?;
            path.push(name.clone());
            Some((parameter, path))
        }
        // A variable holds a map as a whole: its keys are no names.
        Kind::Index { base, .. } if base.ty.present().record().is_none() => None,
        Kind::Index { base, index, .. } => {
            let Kind::Value(Value::Text(key)) = &index.resolved().kind else { return None };
            let (parameter, mut path) = chain(base)?;
            path.push(Name::new(key));
            Some((parameter, path))
        }
        _ => None,
    }
}

/// What a call passes: every variable of the task, since an outer one of the same name would win over a default.
pub(crate) fn call_variables(call: &Call, cx: &Cx<'_>) -> Vec<Yaml> {
    variables(&call.task)
        .into_iter()
        .filter_map(|found| {
            let arg = call.args.get(found.parameter)?;
            let value = match found.what {
                What::Origin => cx.origin_value(arg),
                What::Presence => text(&format!("${{{{ {} }}}}", cx.presence(arg))),
                What::Value => {
                    let projected = project(arg, &found.path, &found.sample);
                    let ty = if found.sample.is_error() { projected.ty.clone() } else { found.sample.ty.clone() };
                    cx.variable(&projected, &ty)
                }
            };
            Some(variable(&found.name, value))
        })
        .collect()
}

impl Cx<'_> {
    fn presence(&self, arg: &Expr) -> String {
        if arg.time == crate::types::tree::Time::Static {
            return eval(arg, &self.env).holds().to_string();
        }
        let careful = Cx { total: true, ..self.clone() };
        if arg.ty.is_optional() { careful.condition(arg).text } else { "true".to_owned() }
    }
}

/// The spec of a PromotionTask.
pub(crate) fn spec(task: &Task, env: &Env, world: &World<'_>, tasks: &mut PromotionTasks) -> Yaml {
    let target: &Target = &world.target;
    let cx = Cx { in_task: true, params: Params::Variables, ..Cx::new(target, env.clone(), Vec::new()) };
    let mut steps = Steps::new(world, tasks, &task.body.results);
    steps.body(&task.body.statements, &task.body.results, &cx);
    if !task.returns.is_empty() {
        let config = task.returns.iter().filter_map(|(name, value)| {
            let yaml = cx.setting(value, &Ty::Any, &Default::default())?;
            Some((Key::from(Arc::<str>::from(name.as_str())), yaml))
        });
        let config = Yaml::Map(config.collect());
        steps.out.push(Yaml::map([("uses", text("compose-output")), ("config", config)]));
    }
    let vars: Vec<Yaml> = variables(task).iter().map(|found| Yaml::map([("name", text(&found.name))])).collect();
    let mut out: Vec<(Key, Yaml)> = Vec::new();
    let own = std::mem::take(&mut steps.vars);
    let vars: Vec<Yaml> = vars.into_iter().chain(own).collect();
    if !vars.is_empty() {
        out.push(("vars".into(), Yaml::Seq(vars)));
    }
    out.push(("steps".into(), Yaml::Seq(std::mem::take(&mut steps.out))));
    Yaml::Map(out)
}
