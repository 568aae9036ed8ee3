//! Tasks as PromotionTasks: which variables their parameters become, and what a call passes.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::cx::{Cx, Params, project, variable_name};
use super::explain::Explanations;
use super::items::{candidates, reads_item};
use super::outcome::{Late, RETURNED, writes_results};
use super::rules::Rule;
use super::steps::{Steps, text, variable};
use crate::base::Name;
use crate::emit::yaml::{Key, Yaml};
use crate::flow::calls::argument_order;
use crate::library::{Target, Ty};
use crate::types::eval::{Env, eval};
use crate::types::tree::{Call, Expr, Kind, Task};
use crate::types::{Value, World};

/// The tasks that are needed as objects, each lowered once, by their names in the cluster.
#[derive(Default)]
pub(crate) struct PromotionTasks {
    needed: IndexMap<String, Emitted>,
    /// Those of `cluster-task`s, which all projects share.
    of_cluster: IndexMap<String, Emitted>,
    pub(crate) explanations: Explanations,
}

/// A task as an object.
pub(crate) struct Emitted {
    pub(crate) task: Arc<Task>,
    pub(crate) env: Env,
    pub(crate) spec: Yaml,
    /// The task's own `var`s. Kargo evaluates defaults before arguments, and lets an outer variable win over them, so
    /// each call passes them, after its arguments.
    own: Vec<Yaml>,
    /// Steps before the last one write results, too; a mark tells that the task returned.
    pub(crate) is_marked: bool,
}

impl PromotionTasks {
    pub(crate) fn need(&mut self, name: &str, task: &Arc<Task>, env: &Env, world: &World<'_>) -> &Emitted {
        let known = if task.is_cluster { &mut self.of_cluster } else { &mut self.needed };
        let explanations = &mut self.explanations;
        known.entry(name.to_owned()).or_insert_with(|| {
            explanations.task(task, name);
            let (spec, own, is_marked) = spec(task, env, world, explanations);
            Emitted { task: Arc::clone(task), env: env.clone(), spec, own, is_marked }
        })
    }

    /// Those of the project at hand.
    pub(crate) fn take(&mut self) -> IndexMap<String, Emitted> {
        std::mem::take(&mut self.needed)
    }

    pub(crate) fn take_of_cluster(&mut self) -> IndexMap<String, Emitted> {
        std::mem::take(&mut self.of_cluster)
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
    for statement in task.body.all() {
        statement.walk(&mut |expr: &Expr| collect(expr, task, &mut found));
    }
    task.calls(&mut |call| collect_call(call, task, &mut found));
    let mut visit = |expr: &Expr| collect(expr, task, &mut found);
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
    if reads_item(expr) {
        return candidates(expr).iter().for_each(|item| item.walk(&mut |inner| collect(inner, task, found)));
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

/// What a task that is called reads of its parameters is read of the arguments, and so of the parameters here.
fn collect_call(call: &Call, task: &Task, found: &mut Vec<Variable>) {
    for inner in variables(&call.task) {
        let Some(arg) = call.args.get(inner.parameter) else { continue };
        match inner.what {
            What::Value => project(arg, &inner.path, &inner.sample).walk(&mut |expr| collect(expr, task, found)),
            What::Presence => arg.walk(&mut |expr| collect(expr, task, found)),
            What::Origin => {
                if let Some((parameter, _)) = chain(arg) {
                    add(found, task, parameter, vec![Name::new("origin")], What::Origin, arg);
                }
            }
        }
    }
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
        // A variable holds a map as a whole: its keys are no names.
        Kind::Field { base, .. } if matches!(base.ty.present(), Ty::Map(..)) => None,
        Kind::Field { base, name, .. } => {
            let (parameter, mut path) = chain(base)?;
            path.push(name.clone());
            Some((parameter, path))
        }
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

/// What a call passes: every variable of the task, since an outer one of the same name would win over a default; in an
/// order in which none reads what an earlier one has hidden. Then the task's own variables.
pub(crate) fn call_variables(call: &Call, task: &Emitted, cx: &Cx<'_>) -> Vec<Yaml> {
    let order = argument_order(call).unwrap_or_default();
    let mut found = variables(&call.task);
    found.sort_by_key(|variable| order.iter().position(|index| *index == variable.parameter));
    let passed = found.into_iter().filter_map(|found| {
        let arg = call.args.get(found.parameter)?;
        if !Rule::AllParameters.holds() && matches!(arg.ty, Ty::Null) {
            return None;
        }
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
    });
    passed.chain(task.own.iter().cloned()).collect()
}

impl Cx<'_> {
    /// What a task returns, as settings of the step that stores it.
    pub(super) fn returned_settings(&self, task: &Task) -> Vec<(Key, Yaml)> {
        let setting = |(name, value): &(Name, Expr)| {
            let yaml = self.setting(value, &Ty::Any, &Default::default())?;
            Some((Key::from(Arc::<str>::from(name.as_str())), yaml))
        };
        task.returns.iter().filter_map(setting).collect()
    }

    fn presence(&self, arg: &Expr) -> String {
        if arg.time == crate::types::tree::Time::Static {
            return eval(arg, &self.env).holds().to_string();
        }
        let careful = Cx { total: true, ..self.clone() };
        if arg.ty.is_optional() { careful.condition(arg).text } else { "true".to_owned() }
    }
}

/// The spec of a task's object, its own variables with their values, and whether what it returns bears a mark.
fn spec(task: &Task, env: &Env, world: &World<'_>, explanations: &mut Explanations) -> (Yaml, Vec<Yaml>, bool) {
    let target: &Target = &world.target;
    let late = Rc::new(Late::of(&task.body, &[]));
    let cx = Cx { in_task: true, params: Params::Variables, late, ..Cx::new(target, env.clone(), Vec::new()) };
    // Calls in a task are never references, so nothing is needed but a place for their explanations.
    let mut inner = PromotionTasks { explanations: std::mem::take(explanations), ..PromotionTasks::default() };
    let mut steps = Steps::new(world, &mut inner, &task.body.results);
    let own = steps.task_body(&task.body, false, &cx);
    steps.task_tails(&task.body, &own, &cx);
    let is_marked = !task.returns.is_empty() && writes_results(&steps.out);
    if !task.returns.is_empty() {
        let mark = is_marked.then(|| (Key::from(RETURNED), Yaml::Bool(true)));
        let config = Yaml::Map(cx.returned_settings(task).into_iter().chain(mark).collect());
        steps.out.push(Yaml::map([("uses", text("compose-output")), ("config", config)]));
    }
    let own = std::mem::take(&mut steps.vars);
    let declared = |name: Yaml| Yaml::map([("name", name)]);
    let names = variables(task).into_iter().map(|found| declared(text(&found.name)));
    let vars: Vec<Yaml> = names.chain(own.iter().filter_map(variable_of).map(declared)).collect();
    let mut out: Vec<(Key, Yaml)> = Vec::new();
    if !vars.is_empty() {
        out.push(("vars".into(), Yaml::Seq(vars)));
    }
    out.push(("steps".into(), Yaml::Seq(std::mem::take(&mut steps.out))));
    *explanations = inner.explanations;
    (Yaml::Map(out), own, is_marked)
}

/// The name of a variable.
fn variable_of(variable: &Yaml) -> Option<Yaml> {
    let Yaml::Map(entries) = variable else { return None };
    entries.first().map(|(_, name)| name.clone())
}
