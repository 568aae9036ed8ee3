//! Calls of templates: their entries, with the values of the call.

use std::sync::Arc;

use super::walk::{At, Scope};
use super::{Expander, errors};
use crate::base::Name;
use crate::diag::{Check, Diagnostic, nearest};
use crate::program::{ScopeId, TaskDecl};
use crate::syntax::ast;
use crate::types::eval::{Env, eval};
use crate::types::index::Meaning;
use crate::types::{Template, Value, sample};

/// Checks that depend on the values of a call.
const OF_CALLS: &[Check] = &[
    Check::DuplicateName,
    Check::DuplicateSubscription,
    Check::InvalidName,
    Check::MissingProject,
    Check::MissingSetting,
    Check::SlotBootstrapPanics,
    Check::UnknownWarehouse,
];

impl<'a> Expander<'_, 'a> {
    /// `service(name: "cart")` among the entries of a file or project.
    pub(super) fn call(&mut self, call: &'a ast::StepCall, args: &'a [ast::Arg], scope: &Scope, at: At) {
        let Some((decl, home)) = self.world.template(scope.home, &call.kind.name) else {
            self.unknown_template(&call.kind, scope.home);
            return;
        };
        if let Some((retry, _)) = &call.retry {
            self.reports.push(errors::misplaced("`retry`", *retry, "it stands behind a step"));
        }
        if scope.calls.is_inside(decl.span) {
            self.reports.push(errors::circular_template(&call.kind, decl.span));
            return;
        }
        let template = self.world.signature(decl, home);
        self.world.note(|index| index.refer(call.kind.span, decl.span, Meaning::Template(Arc::clone(&template))));
        let mut checker = self.checker(scope);
        let given = checker.template_arguments(&template, args, call.kind.span);
        self.reports.extend(checker.finish());
        let Some(given) = given else {
            // What it would have made is not known.
            ["stage", "warehouse", "project"].iter().for_each(|word| self.world.lose(word));
            return;
        };
        let given = given.into_iter().map(|value| value.map(|value| eval(&value, &scope.env))).collect();
        let calls = scope.calls.with(call.kind.span, decl.span);
        let inside = Scope { calls, ..inside(&template, home, given, scope.env.project.clone()) };
        self.body(decl, &inside, at);
    }

    fn unknown_template(&mut self, kind: &ast::Ident, home: ScopeId) {
        if self.world.task(home, &kind.name).is_some() {
            self.reports.push(errors::task_call(kind));
            return;
        }
        self.world.lose("stage");
        self.world.lose("warehouse");
        if self.world.is_lost(&kind.name) || !self.world.first_report(format!("template {}", kind.name)) {
            return;
        }
        let known = self.world.template_names(home);
        self.reports.push(errors::unknown_template(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
    }

    fn body(&mut self, decl: TaskDecl<'a>, inside: &Scope, at: At) {
        self.called.insert(decl.span);
        match &decl.declaration.body {
            Some(body) => self.items(&body.items, inside, at),
            None => self.reports.push(errors::misplaced("a template without a block", decl.span, "its entries follow in `{ … }`")),
        }
    }

    /// Checks the templates of the program that nobody calls, with values that could be given.
    pub(super) fn uncalled(&mut self) {
        let world = self.world;
        self.is_sample = true;
        for (home, scope) in world.program.own_scopes() {
            for decl in scope.templates.values().filter(|decl| decl.declaration.body.is_some()) {
                if !self.called.contains(&decl.span) {
                    self.sample(*decl, home);
                }
            }
        }
    }

    fn sample(&mut self, decl: TaskDecl<'a>, home: ScopeId) {
        let (world, before) = (self.world, self.reports.len());
        let template = world.signature(decl, home);
        let values = template.parameters.iter().map(|parameter| Some(sample(&parameter.ty, &parameter.name))).collect();
        let inside = inside(&template, home, values, None);
        let inside = Scope { calls: inside.calls.with(decl.span, decl.span), ..inside };
        self.body(decl, &inside, None);
        // Nothing becomes of it: it is only looked at.
        for building in self.take_buildings() {
            drop(self.instance(building));
        }
        let is_of_calls = |report: &Diagnostic| OF_CALLS.contains(&report.check);
        let mut index = 0;
        self.reports.retain(|report| {
            index += 1;
            index <= before || !is_of_calls(report)
        });
    }
}

/// What is seen in the body of a template, given its arguments.
fn inside(template: &Template, home: ScopeId, given: Vec<Option<Value>>, project: Option<Name>) -> Scope {
    let mut env = Env { project, ..Env::default() };
    for (parameter, value) in template.parameters.iter().zip(given) {
        let value = value.or_else(|| parameter.default.as_ref().map(|default| eval(default, &env)));
        env.locals.push(value.unwrap_or(Value::Null));
    }
    Scope { locals: template.locals(), env, ..Scope::new(home) }
}
