//! What a call passes: one value for each parameter of its task.

use super::checker::Checker;
use super::errors;
use super::index::Meaning;
use super::scope::What;
use super::task_tree::has_origin;
use super::tree::{Expr, Task, TaskParameter};
use crate::base::Span;
use crate::library::{Face, Ty};
use crate::syntax::ast;

/// The arguments of a call while they are read.
struct Given<'t> {
    task: &'t Task,
    values: Vec<Option<Expr>>,
    /// What an argument without a known name is for is not known, so nothing is said to be missing.
    unclear: bool,
}

impl Checker<'_, '_> {
    /// One value per parameter, in their order: what the call says, what `..` finds, the default, or nothing.
    pub(super) fn task_arguments(&mut self, task: &Task, args: &[ast::Arg], callee: Span, at: Span) -> Vec<Expr> {
        let mut given = Given { task, values: task.parameters.iter().map(|_| None).collect(), unclear: false };
        for arg in args.iter().filter(|arg| !arg.inherit) {
            self.argument(arg, args.len() == 1, &mut given);
        }
        for arg in args.iter().filter(|arg| arg.inherit) {
            self.inherited(arg.span, &mut given);
        }
        let missing: Vec<&str> = task
            .parameters
            .iter()
            .zip(&given.values)
            .filter(|(parameter, value)| value.is_none() && !parameter.optional && parameter.default.is_none())
            .map(|(parameter, _)| parameter.name.as_str())
            .collect();
        if !missing.is_empty() && !given.unclear {
            self.report(errors::missing_arguments(&missing, &task.name, callee, task.span));
        }
        task.parameters.iter().zip(given.values).map(|(parameter, value)| value.unwrap_or_else(|| left_out(parameter, at))).collect()
    }

    fn argument(&mut self, arg: &ast::Arg, alone: bool, given: &mut Given<'_>) {
        let task = given.task;
        let index = match &arg.name {
            Some(name) => task.parameters.iter().position(|parameter| parameter.name == name.name),
            None => (alone && task.parameters.len() == 1).then_some(0),
        };
        let Some((index, parameter)) = index.and_then(|index| task.parameters.get(index).map(|parameter| (index, parameter))) else {
            let known: Vec<&str> = task.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            let first = arg.name.as_ref().is_none_or(|name| self.world.first_report(format!("parameter {:?} {}", task.span, name.name)));
            if first && !task.is_broken() && (arg.name.is_some() || !given.unclear) {
                self.report(errors::unknown_argument(arg, &task.name, &known));
            }
            given.unclear = true;
            self.infer(&arg.value);
            return;
        };
        if let Some(name) = &arg.name {
            self.world.note(|index| index.refer(name.span, parameter.span, Meaning::Parameter));
        }
        let value = self.passed(&arg.value, parameter, task);
        if task.asks_origin(index) && !value.is_error() && !matches!(value.ty, Ty::Null) && !has_origin(&value) {
            self.report(errors::argument_without_origin(value.span, &parameter.name, &task.name, parameter.span));
        }
        let Some(place) = given.values.get_mut(index) else { return };
        if place.is_some() {
            self.report(errors::argument_twice(arg, &parameter.name));
        }
        *place = Some(value);
    }

    fn passed(&mut self, value: &ast::Expr, parameter: &TaskParameter, task: &Task) -> Expr {
        let ty = if parameter.optional { parameter.ty.clone().optional(Face::Nil) } else { parameter.ty.clone() };
        self.absence_allowed = true;
        let value = self.check_value(value, &ty, &format!("argument `{}` of `{}`", parameter.name, task.name));
        self.absence_allowed = false;
        match parameter.local {
            Some(_) => self.require_static(value, &format!("the static parameter `{}`", parameter.name)),
            None => value,
        }
    }

    /// `..`: parameters that the call does not give come from variables of the same name.
    fn inherited(&mut self, at: Span, given: &mut Given<'_>) {
        let task = given.task;
        for (index, parameter) in task.parameters.iter().enumerate() {
            let binding = self.scopes.iter().rev().find(|binding| binding.name == parameter.name);
            let is_variable = binding.is_some_and(|binding| matches!(binding.what, What::Var { .. }));
            if !is_variable || parameter.local.is_some() || given.values.get(index).is_none_or(Option::is_some) {
                continue;
            }
            let name = ast::Expr { span: at, kind: ast::ExprKind::Name(parameter.name.clone()) };
            let value = self.passed(&name, parameter, task);
            if let Some(place) = given.values.get_mut(index) {
                *place = Some(value);
            }
        }
    }
}

/// What stands for a parameter that a call says nothing about.
fn left_out(parameter: &TaskParameter, at: Span) -> Expr {
    match &parameter.default {
        Some(default) => default.clone(),
        None if parameter.optional => Expr::value(at, Ty::Null, super::Value::Null),
        None => Expr::error(at),
    }
}
