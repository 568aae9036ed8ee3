//! Bare expressions: `name => …`, for settings that take expr-lang as it is. What it says of names that the setting knows
//! is emitted as code; what it says of the promotion is embedded as a literal (`lower/bare.rs`).

use super::checker::Checker;
use super::errors;
use super::scope::What;
use super::tree::{Expr, Kind, Time};
use crate::base::{Name, Span};
use crate::library::{Field, Rules, Ty, TypeScope};
use crate::syntax::ast::{self, ExprKind, Ident};

/// How expr-lang calls all of what an expression sees: a file, for the steps that read one.
const ENVIRONMENT: &str = "$env";

impl Checker<'_, '_> {
    /// `name => …` for a field of bare expr-lang. The parameters are names that the field knows.
    pub(crate) fn bare_expression(&mut self, expr: &ast::Expr, envs: &[Name], rules: &Rules, what: &str) -> Expr {
        let types: Vec<Ty> = envs.iter().filter_map(|name| self.world.library.named_type(name)).collect();
        let known: Vec<Field> = types.iter().filter_map(Ty::record).flat_map(|record| record.fields.clone()).collect();
        // With no names of its own the field takes an expression as it is.
        let is_plain = types.iter().all(|ty| ty.record().is_some()) && known.is_empty() && self.in_lambda();
        let (parameters, body) = match &expr.inner().kind {
            ExprKind::Lambda { parameters, body } => (parameters.as_slice(), &**body),
            _ if is_plain => (&[][..], expr),
            _ => {
                self.report(errors::needs_lambda(expr.span, what));
                return Expr::error(expr.span);
            }
        };
        let scope = self.open_scope();
        if types.iter().any(|ty| ty.record().is_none()) {
            self.bind_document(parameters, expr.span);
        } else {
            parameters.iter().for_each(|parameter| self.bind_lambda_name(parameter, &known));
        }
        let value = self.infer(body);
        let value = if rules.condition { self.as_condition(value) } else { value };
        self.close_scope(scope);
        if value.reads_secret() {
            self.report(errors::secret_leak(&value, what));
            return Expr::error(expr.span);
        }
        if value.is_error() {
            return value;
        }
        // What it is made of decides only whether it can be emitted; the field itself is a constant text.
        Expr { span: expr.span, ty: Ty::STRING, time: Time::Static, kind: Kind::Lambda(Box::new(value)) }
    }

    fn bind_lambda_name(&mut self, parameter: &Ident, known: &[Field]) {
        let (name, span) = (parameter.name.clone(), parameter.span);
        let Some(field) = known.iter().find(|field| field.name == name) else {
            let known: Vec<&str> = known.iter().map(|field| field.name.as_str()).collect();
            self.report(errors::unknown_lambda_name(parameter, &known));
            return self.bind(name, span, What::Error, false);
        };
        let spelling = field.rules.expr.clone().unwrap_or_else(|| field.name.clone());
        self.bind(name, span, What::LambdaName { ty: field.read_type(), spelling }, false);
    }

    /// The names are the keys of a file, which one parameter of any name stands for.
    fn bind_document(&mut self, parameters: &[Ident], at: Span) {
        if parameters.len() != 1 {
            self.report(errors::one_document(at, parameters.len()));
        }
        for parameter in parameters {
            let what = What::LambdaName { ty: Ty::Any, spelling: Name::new(ENVIRONMENT) };
            self.bind(parameter.name.clone(), parameter.span, what, false);
        }
    }
}

impl Expr {
    /// Whether it reads a name that only a bare expression sees.
    pub fn reads_lambda_name(&self) -> bool {
        self.some(|expr| matches!(expr.kind, Kind::LambdaName(_) | Kind::Subscription(_)))
    }
}
