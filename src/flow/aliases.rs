//! Aliases: the names of `let`s, with the loops and inlined calls they lie in. A promotion has each only once.

use std::collections::HashMap;

use super::calls::{Around, Form, form, static_env};
use super::errors;
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::{ProjectInstance, visit_stage};
use crate::types::eval::{Env, bound, eval, items, loop_key};
use crate::types::tree::{Body, Call, ResultDef, Statement, Time};
use crate::types::{StageItem, World, tells_apart};

/// Checks the aliases of all stages and tasks of a project.
pub(super) fn check(world: &World<'_>, project: &ProjectInstance<'_>, reports: &mut Vec<Diagnostic>) {
    for stage in &project.stages {
        visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
            if let StageItem::Promote { body, .. } = item {
                one_body(body, env, false, reports);
            }
        });
    }
    let Some(scope) = world.program.scope(project.scope).filter(|_| project.is_declared) else { return };
    for decl in scope.tasks.values() {
        let task = world.typed_task(*decl, project.scope);
        // What depends on static parameters, and on lists that are passed, is seen where the task is called.
        if task.loops.is_empty() && task.parameters.iter().all(|parameter| parameter.local.is_none()) {
            one_body(&task.body, &Env::default(), true, reports);
        }
    }
}

fn one_body(body: &Body, env: &Env, in_task: bool, reports: &mut Vec<Diagnostic>) {
    let around = Around { in_task, guarded: false, apart: !in_task && tells_apart(body) };
    let mut aliases = Aliases { seen: HashMap::new(), prefix: String::new(), keys: Vec::new(), around, reports };
    aliases.body(body, env);
}

struct Aliases<'r> {
    /// Where each alias is made, and the name of its `let`.
    seen: HashMap<String, (Span, Name)>,
    prefix: String,
    keys: Vec<String>,
    around: Around,
    reports: &'r mut Vec<Diagnostic>,
}

impl Aliases<'_> {
    /// All steps behind a body stand under a condition, so calls there are inlined.
    fn body(&mut self, body: &Body, env: &Env) {
        self.statements(&body.statements, &body.results, env);
        let before = self.around;
        self.around = Around { guarded: true, apart: false, ..before };
        self.statements(&body.on_failure, &body.results, env);
        self.statements(&body.finally, &body.results, env);
        self.around = before;
    }

    fn statements(&mut self, statements: &[Statement], results: &[ResultDef], env: &Env) {
        for statement in statements {
            match statement {
                Statement::Step(step) => self.name_of(step.result, results),
                Statement::Call(call) => {
                    self.name_of(call.result, results);
                    let name = results.get(call.result).and_then(|result| result.name.clone());
                    let before = self.around.guarded;
                    self.around.guarded |= call.tried;
                    self.call(call, name, env);
                    self.around.guarded = before;
                }
                Statement::Latch(def) => self.add(&def.name, def.span),
                Statement::If { condition, then, otherwise, .. } if condition.time == Time::Static => {
                    let chosen = if eval(condition, env).holds() { then } else { otherwise };
                    self.statements(chosen, results, env);
                }
                Statement::If { then, otherwise, .. } => {
                    let inside = Around { guarded: true, ..self.around };
                    let before = std::mem::replace(&mut self.around, inside);
                    self.statements(then, results, env);
                    self.statements(otherwise, results, env);
                    self.around = before;
                }
                Statement::For { over, binds, body } => {
                    for (key, item) in items(&eval(over, env)) {
                        self.keys.push(loop_key(&key, &item));
                        self.statements(body, results, &env.with(bound(*binds, key, item)));
                        self.keys.pop();
                    }
                }
                Statement::Require(_) | Statement::Var { .. } => {}
            }
        }
    }

    fn name_of(&mut self, result: usize, results: &[ResultDef]) {
        if let Some((name, span)) = results.get(result).and_then(|result| result.name.as_ref().map(|name| (name, result.span))) {
            self.add(name, span);
        }
    }

    fn add(&mut self, name: &str, span: Span) {
        let alias = self.alias(name);
        if is_reserved(&alias) {
            self.reports.push(errors::reserved_alias(&alias, span));
        }
        match self.seen.insert(alias.clone(), (span, Name::new(name))) {
            // Two `let`s of one name were reported with their body.
            Some((first, own)) if own == name && first != span => {}
            Some((first, _)) => self.reports.push(errors::alias_twice(&alias, span, first)),
            None => {}
        }
    }

    /// `let` name, with the call and the loops it lies in.
    fn alias(&self, name: &str) -> String {
        let mut alias = format!("{}{name}", self.prefix);
        for key in &self.keys {
            alias.push('-');
            alias.push_str(key);
        }
        alias
    }

    /// A call becomes a task step, whose steps are named apart, or the steps themselves.
    fn call(&mut self, call: &Call, name: Option<Name>, env: &Env) {
        let (task, span) = (&call.task, call.span);
        let inner = static_env(call, env);
        if matches!(form(call, self.around, &inner), Form::Inlined(_)) {
            // Without a name of its own the call is counted, which keeps its aliases apart.
            let Some(name) = name else { return };
            let own = format!("{}-", self.alias(&name));
            let prefix = std::mem::replace(&mut self.prefix, own);
            let keys = std::mem::take(&mut self.keys);
            let around = self.around;
            self.around.in_task = true;
            self.body(&task.body, &inner);
            self.around = around;
            self.prefix = prefix;
            self.keys = keys;
            return;
        }
        let Some(name) = name else { return };
        // Kargo takes the output of such a step for that of the task, and fails on it.
        if task.body.results.iter().any(|result| result.name.as_ref() == Some(&name)) {
            self.reports.push(errors::alias_of_call(&name, &task.name, span, task.span));
        }
    }
}

/// `step-1` and `task-1` are the names that Kargo gives by itself.
fn is_reserved(alias: &str) -> bool {
    let number = alias.strip_prefix("step-").or_else(|| alias.strip_prefix("task-"));
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}
