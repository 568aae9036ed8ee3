//! Operators, choices and conditions, with what they make known.

use super::checker::Checker;
use super::errors;
use super::literals::join;
use super::narrow::narrow;
use super::tree::{Expr, Kind};
use crate::base::Span;
use crate::library::{Face, Ty};
use crate::syntax::ast::{self, BinaryOp, UnaryOp};

impl Checker<'_, '_> {
    /// A condition: `Bool`, or something that may be absent (and holds if it is there).
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> Expr {
        let before = std::mem::replace(&mut self.place, crate::library::Place::If);
        let value = self.infer(expr);
        self.place = before;
        self.as_condition(value)
    }

    pub(crate) fn as_condition(&mut self, value: Expr) -> Expr {
        let fits = match &value.ty {
            Ty::Error | Ty::Any | Ty::Bool | Ty::Optional(..) | Ty::Null => true,
            // A slot or result that is surely there: always true, and no harm.
            Ty::Record(_) if matches!(value.resolved().kind, Kind::Slot(_) | Kind::Result(_) | Kind::Param(_)) => true,
            // Known to be there already: `if row.owner && row.owner …`.
            // A credential that is not there is empty text.
            ty if ty.is_secret() => true,
            _ => matches!(value.kind, Kind::Present(_)) || is_known_chain(&value) || self.was_reported(&value),
        };
        if !fits {
            self.report(errors::not_a_condition(&value));
            return Expr::error(value.span);
        }
        value
    }

    pub(crate) fn unary(&mut self, span: Span, op: UnaryOp, operand: &ast::Expr) -> Expr {
        let value = self.infer(operand);
        if value.is_error() {
            return Expr::error(span);
        }
        let time = value.time;
        match op {
            UnaryOp::Not => {
                let value = self.as_condition(value);
                Expr { span, ty: Ty::Bool, time, kind: Kind::Not(Box::new(value)) }
            }
            UnaryOp::Minus => {
                let value = self.require_present(value, "a number");
                if !matches!(value.ty, Ty::Int | Ty::Float | Ty::Any | Ty::Error) {
                    self.report(errors::operand(&value, "-", "a number"));
                    return Expr::error(span);
                }
                Expr { span, ty: value.ty.clone(), time, kind: Kind::Negate(Box::new(value)) }
            }
        }
    }

    pub(crate) fn binary(&mut self, span: Span, op: BinaryOp, op_span: Span, left: &ast::Expr, right: &ast::Expr) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logical(span, op, left, right),
            BinaryOp::Coalesce => self.coalesce(span, left, right),
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(span, op, op_span, left, right),
            BinaryOp::In => self.contained(span, left, right),
            BinaryOp::Matches | BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => self.text_test(span, op, left, right),
            _ => self.arithmetic(span, op, left, right),
        }
    }

    /// The right side is read only if the left one holds (`&&`) or does not (`||`).
    fn logical(&mut self, span: Span, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let left = self.as_condition(left);
        let known = self.facts.clone();
        self.learn(&left, op == BinaryOp::And);
        let right = self.infer(right);
        let right = self.as_condition(right);
        self.facts = known;
        let time = left.time.max(right.time);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        Expr { span, ty: Ty::Bool, time, kind: Kind::Binary { op, left: Box::new(left), right: Box::new(right) } }
    }

    /// Adds to what is known here that a condition holds, or does not.
    pub(crate) fn learn(&mut self, condition: &Expr, truth: bool) {
        let learnt = narrow(condition, truth);
        let facts = std::mem::take(&mut self.facts);
        self.facts = facts.join(learnt);
        self.facts.conclude(self.slots.len());
    }

    fn coalesce(&mut self, span: Span, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let right = self.infer(right);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        let time = left.time.max(right.time);
        let ty = match &left.ty {
            Ty::Null => right.ty.clone(),
            ty => join(ty.present(), &right.ty),
        };
        Expr { span, ty, time, kind: Kind::Binary { op: BinaryOp::Coalesce, left: Box::new(left), right: Box::new(right) } }
    }

    fn equality(&mut self, span: Span, op: BinaryOp, op_span: Span, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let right = self.infer(right);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        if !comparable(left.ty.present(), right.ty.present()) {
            self.report(errors::incomparable(&left, &right, op_span));
            return Expr::error(span);
        }
        if let (Some(choices), Some(text)) = (left.ty.present().choices(), Self::text_value(&right))
            && choices.len() > 1
            && !choices.contains(&text)
        {
            self.report(errors::never_equal(&left, &right, &choices));
        }
        let time = left.time.max(right.time);
        Expr { span, ty: Ty::Bool, time, kind: Kind::Binary { op, left: Box::new(left), right: Box::new(right) } }
    }

    fn contained(&mut self, span: Span, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let right = self.infer(right);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        let left = self.require_present(left, "a value to look for");
        let right = self.require_present(right, "a list");
        let fits = match &right.ty {
            Ty::List(item) => comparable(left.ty.present(), item),
            Ty::Map(..) | Ty::Record(_) => left.ty.is_text() || matches!(left.ty, Ty::Any),
            Ty::Any | Ty::Error => true,
            _ => false,
        };
        if !fits {
            self.report(errors::operand(&right, "in", "a list of such values"));
            return Expr::error(span);
        }
        let time = left.time.max(right.time);
        Expr { span, ty: Ty::Bool, time, kind: Kind::Binary { op: BinaryOp::In, left: Box::new(left), right: Box::new(right) } }
    }

    fn text_test(&mut self, span: Span, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let right = self.infer(right);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        let left = self.text_operand(left, op);
        let right = self.text_operand(right, op);
        if op == BinaryOp::Matches
            && let Some(pattern) = Self::text_value(&right)
            && let Err(error) = regex::Regex::new(pattern)
        {
            let report = errors::bad_regex(&right, &error);
            self.report(report);
        }
        let time = left.time.max(right.time);
        Expr { span, ty: Ty::Bool, time, kind: Kind::Binary { op, left: Box::new(left), right: Box::new(right) } }
    }

    fn text_operand(&mut self, value: Expr, op: BinaryOp) -> Expr {
        let value = self.require_present(value, "a text");
        if !value.ty.is_text() && !matches!(value.ty, Ty::Any | Ty::Error) {
            self.report(errors::operand(&value, op.symbol(), "a text"));
            return Expr::error(value.span);
        }
        value
    }

    fn arithmetic(&mut self, span: Span, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let left = self.infer(left);
        let right = self.infer(right);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        let left = self.require_present(left, "a value");
        let right = self.require_present(right, "a value");
        let time = left.time.max(right.time);
        let is_comparison = matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual);
        let ty = match (&left.ty, &right.ty) {
            (Ty::Any | Ty::Error, _) | (_, Ty::Any | Ty::Error) => Ty::Any,
            (Ty::Int, Ty::Int) if op != BinaryOp::Divide => Ty::Int,
            (Ty::Int | Ty::Float, Ty::Int | Ty::Float) => Ty::Float,
            (a, b) if op == BinaryOp::Add && a.is_text() && b.is_text() => {
                let kind = super::infer::join_trust(super::infer::join_trust(crate::library::TextKind::String, a), b);
                Ty::Text(kind)
            }
            _ => {
                self.report(errors::arithmetic(&left, &right, op.symbol()));
                return Expr::error(span);
            }
        };
        let ty = if is_comparison { Ty::Bool } else { ty };
        Expr { span, ty, time, kind: Kind::Binary { op, left: Box::new(left), right: Box::new(right) } }
    }

    pub(crate) fn choice(&mut self, span: Span, test: &ast::Expr, then: &ast::Expr, otherwise: &ast::Expr) -> Expr {
        let test = self.infer(test);
        let test = self.as_condition(test);
        let known = self.facts.clone();
        self.learn(&test, true);
        let then = self.infer(then);
        self.facts = known.clone();
        self.learn(&test, false);
        let otherwise = self.infer(otherwise);
        self.facts = known;
        if test.is_error() || then.is_error() || otherwise.is_error() {
            return Expr::error(span);
        }
        let ty = match (&then.ty, &otherwise.ty) {
            (Ty::Null, Ty::Null) => Ty::Null,
            (Ty::Null, other) | (other, Ty::Null) => other.clone().optional(Face::Nil),
            (a, b) => join(a, b),
        };
        let time = test.time.max(then.time).max(otherwise.time);
        Expr { span, ty, time, kind: Kind::Choice { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) } }
    }
}

/// `a?.b` where `a` is known to be there.
fn is_known_chain(value: &Expr) -> bool {
    match &value.kind {
        Kind::Field { base, safe, .. } | Kind::Index { base, safe, .. } => {
            *safe && matches!(base.kind, Kind::Present(_)) || is_known_chain(base)
        }
        _ => false,
    }
}

fn comparable(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Error | Ty::Any | Ty::Null, _) | (_, Ty::Error | Ty::Any | Ty::Null) => true,
        (Ty::Int | Ty::Float, Ty::Int | Ty::Float) | (Ty::Bool, Ty::Bool) | (Ty::Duration, Ty::Duration) => true,
        (a, b) if a.is_text() && b.is_text() => true,
        (Ty::List(a), Ty::List(b)) => comparable(a, b),
        _ => false,
    }
}
