//! Calls of functions.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::index::Meaning;
use super::infer::join_trust;
use super::scope::What;
use super::tree::{Expr, Kind, Time};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Field, FunctionSig, Place, TextKind, Ty};
use crate::syntax::ast::{self, ExprKind};

impl Checker<'_, '_> {
    pub(crate) fn call_expr(&mut self, span: Span, callee: &ast::Expr, args: &[ast::Arg]) -> Expr {
        let ExprKind::Name(name) = &callee.inner().kind else { return self.call_method(span, callee, args) };
        if let Some(function) = self.world.library.function(name) {
            self.world.note(|index| index.refer(callee.span, function.span, Meaning::Function(Arc::clone(&function))));
            if name == super::json::NAME {
                return self.json(span, callee.span, &function, args);
            }
            return self.call_function(span, callee.span, &function, args);
        }
        if self.world.program_has_task(self.project, name) {
            self.report(errors::task_as_value(name, span));
            return Expr::error(span);
        }
        if let Some((_, instead)) = self.world.library.replaced().iter().find(|(known, _)| known == name) {
            self.report(errors::replaced_function(name, callee.span, instead));
            return Expr::error(span);
        }
        if self.first_time_unknown(name) {
            let mut names = self.world.library.function_names();
            names.extend(self.world.task_names(self.project));
            self.report(errors::unknown_function(name, callee.span, nearest(name, names.iter().map(Name::as_str))));
        }
        Expr::error(span)
    }

    /// `response.header(name)`: a field that is a function of a text, spelled as one.
    fn call_method(&mut self, span: Span, callee: &ast::Expr, args: &[ast::Arg]) -> Expr {
        let is_member = matches!(callee.inner().kind, ExprKind::Member { .. });
        let base = if is_member { self.infer(callee) } else { Expr::error(callee.span) };
        let is_method = matches!(&base.kind, Kind::Field { spelling: Some(spelling), .. } if spelling.ends_with("()"));
        let (Ty::Map(item, face), [arg], true) = (base.ty.clone(), args, is_method) else {
            if !is_member || !base.is_error() {
                self.report(errors::not_callable(callee.span));
            }
            return Expr::error(span);
        };
        let index = self.infer(&arg.value);
        let index = self.any_text(index, "the name");
        if index.is_error() {
            return Expr::error(span);
        }
        let ty = (*item).clone().optional(face);
        Expr { span, ty, time: Time::Promotion, kind: Kind::Index { base: Box::new(base), index: Box::new(index), safe: false } }
    }

    fn call_function(&mut self, span: Span, at: Span, function: &Arc<FunctionSig>, args: &[ast::Arg]) -> Expr {
        if !self.can_call(function, at) {
            return Expr::error(span);
        }
        let parameters = &function.parameters.fields;
        let wants_result = parameters.first().is_some_and(|parameter| matches!(parameter.ty, Ty::StepResult));
        if wants_result {
            self.asked_status = Some(Arc::clone(function));
            return self.call_status(span, args, function);
        }
        let Some(values) = self.arguments(at, &function.name, parameters, args) else { return Expr::error(span) };
        let elsewhere = self.place == Place::Measurement;
        if !elsewhere && !function.rules.places.is_empty() && values.iter().any(Expr::reads_lambda_name) {
            self.report(errors::function_not_here(&function.name, at, "with what this expression sees"));
            return Expr::error(span);
        }
        let is_pure = super::eval::STATIC_FUNCTIONS.contains(&function.name.as_str());
        let all_static = values.iter().all(|value| value.time == Time::Static);
        let time = if is_pure && all_static { Time::Static } else { Time::Promotion };
        if let (false, Some(value)) = (self.in_lambda(), values.iter().find(|value| value.time == Time::Use)) {
            self.report(errors::known_when_used(&format!("an argument of `{}`", function.name), value.span));
            return Expr::error(span);
        }
        if time == Time::Promotion && !self.in_promotion && !self.in_lambda() {
            self.report(errors::function_not_here(&function.name, at, "outside a promotion"));
            return Expr::error(span);
        }
        let ty = tainted(&function.result, &values);
        Expr { span, ty, time, kind: Kind::Call { function: Arc::clone(function), args: values } }
    }

    /// Whether the target has the function, and this is a place for it; reports what is against it. One that only the
    /// version lacks is typed all the same.
    pub(crate) fn can_call(&mut self, function: &FunctionSig, at: Span) -> bool {
        if self.place == Place::Measurement {
            let allowed = function.allowed_at(self.place, self.target());
            if !allowed {
                self.report(errors::function_not_here(&function.name, at, self.place.describe()));
            }
            return allowed;
        }
        let mut reports = Vec::new();
        errors::availability(&function.rules, &function.name, at, self.target(), &mut reports);
        let available = reports.is_empty();
        self.reports.append(&mut reports);
        self.hazards(&function.rules, &function.name, at, None);
        if function.rules.places.is_empty() || !available {
            return true;
        }
        if !self.in_promotion {
            self.report(errors::function_not_here(&function.name, at, "outside a promotion"));
            return false;
        }
        if function.allowed_at(self.place, self.target()) {
            return true;
        }
        let report = match function.too_new_at(self.place, self.target()) {
            Some((since, version)) => {
                let what = format!("`{}` {}", function.name, self.place.describe());
                errors::too_new(&what, at, &since.to_string(), self.target(), version)
            }
            None => errors::function_not_here(&function.name, at, self.place.describe()),
        };
        self.report(report);
        false
    }

    pub(crate) fn in_lambda(&self) -> bool {
        self.scopes.iter().any(|binding| matches!(binding.what, What::LambdaName { .. } | What::Subscription { .. }))
    }

    /// `status(step)`: how a step of this body ended.
    fn call_status(&mut self, span: Span, args: &[ast::Arg], function: &FunctionSig) -> Expr {
        let [ast::Arg { value, name: None, inherit: false, .. }] = args else {
            self.report(errors::argument_count(&function.name, span, 1, args.len()));
            return Expr::error(span);
        };
        if let ExprKind::Name(name) = &value.inner().kind
            && let Some(binding) = self.scopes.iter_mut().rev().find(|binding| binding.name == *name)
            && let What::Result(index) = binding.what
        {
            binding.used = true;
            self.world.note(|index| index.refer(value.span, binding.span, Meaning::Result));
            if let Some(result) = self.results.get_mut(index) {
                result.is_read = true;
                if matches!(result.of, super::tree::ResultOf::Call(_)) {
                    self.report(errors::status_of_call(value.span));
                    return Expr::error(span);
                }
            }
            return Expr { span, ty: function.result.clone(), time: Time::Promotion, kind: Kind::Status(index) };
        }
        let given = self.infer(value);
        if !given.is_error() {
            self.report(errors::status_needs_step(value.span));
        }
        Expr::error(span)
    }

    /// The arguments in the order of the parameters; those left out at the end stay away.
    pub(crate) fn arguments(&mut self, at: Span, name: &str, parameters: &[Field], args: &[ast::Arg]) -> Option<Vec<Expr>> {
        let required = parameters.iter().filter(|parameter| !parameter.optional).count();
        if args.len() < required || args.len() > parameters.len() {
            self.report(errors::argument_count_between(name, at, required, parameters.len(), args.len()));
            return None;
        }
        let mut values = Vec::new();
        for (index, (parameter, arg)) in parameters.iter().zip(args).enumerate() {
            if let Some(named) = &arg.name
                && named.name != parameter.name
            {
                self.report(errors::argument_order(name, named, &parameter.name, index));
                return None;
            }
            // A text parameter takes any text, and the result is worth no more than that; a `@sink` refuses.
            let loose = matches!(parameter.ty, Ty::Text(TextKind::String)) && parameter.rules.sink.is_none();
            let value = if loose {
                let value = self.infer(&arg.value);
                self.any_text(value, &format!("argument `{}` of `{name}`", parameter.name))
            } else {
                self.check_against(&arg.value, &parameter.ty, &parameter.rules, &format!("argument `{}` of `{name}`", parameter.name))
            };
            values.push(value);
        }
        (!values.iter().any(Expr::is_error)).then_some(values)
    }

    fn any_text(&mut self, value: Expr, what: &str) -> Expr {
        let value = self.require_present(value, what);
        if value.is_error() || value.ty.is_text() || matches!(value.ty, Ty::Any) {
            return value;
        }
        self.report(errors::type_mismatch(&value, &Ty::STRING, what));
        Expr::error(value.span)
    }
}

/// A text made of texts is worth what the least of them is.
fn tainted(result: &Ty, args: &[Expr]) -> Ty {
    let trust = args.iter().fold(TextKind::String, |known, arg| match &arg.ty {
        ty if ty.is_text() || matches!(ty, Ty::Any | Ty::Optional(..)) => join_trust(known, ty),
        Ty::List(item) => join_trust(known, item),
        Ty::Record(_) | Ty::Map(..) => TextKind::Untrusted,
        _ => known,
    });
    match result {
        Ty::Text(TextKind::String) if trust != TextKind::String => Ty::Text(trust),
        Ty::List(item) if matches!(**item, Ty::Text(TextKind::String)) && trust != TextKind::String => Ty::List(Arc::new(Ty::Text(trust))),
        other => other.clone(),
    }
}
