//! Values behind a failure: what was made sure before it is not sure any more. A `let` of such a value is absent there.

use std::sync::Arc;

use super::narrow::{Facts, narrow, place_of};
use super::tree::{Expr, Kind, LetDef, Time};
use super::value::Value;
use crate::library::{Face, Ty};
use crate::syntax::ast::BinaryOp;

/// Where a value is read.
#[derive(Clone, Copy)]
pub(crate) struct Behind {
    /// Slots of the stage.
    pub(crate) slots: usize,
    /// Behind the whole body, where a `let` that is evaluated once may not have been reached.
    pub(crate) body: bool,
}

pub(super) fn unsure_type(ty: &Ty) -> Ty {
    if matches!(ty, Ty::Bool) { Ty::Bool } else { ty.clone().optional(Face::Nil) }
}

/// The `let` as it is read there. A Bool is false where what it reads is not there, anything else absent.
pub(super) fn unsure_let(def: &Arc<LetDef>, behind: Behind) -> Arc<LetDef> {
    if def.value.time == Time::Static || def.value.is_error() {
        return Arc::clone(def);
    }
    let mut needs = needs_of(&def.value, behind);
    if needs.is_empty() && !(def.latched && behind.body) {
        return Arc::clone(def);
    }
    if def.latched {
        needs.clear();
    }
    let value = unsure_value(&def.value, needs);
    Arc::new(LetDef { name: def.name.clone(), span: def.span, value, latched: def.latched, id: def.id, known: Default::default() })
}

fn unsure_value(value: &Expr, needs: Vec<Expr>) -> Expr {
    let (span, ty) = (value.span, unsure_type(&value.ty));
    let both = |left: Expr, right: Expr| {
        let kind = Kind::Binary { op: BinaryOp::And, left: Box::new(left), right: Box::new(right) };
        Expr { span, ty: Ty::Bool, time: Time::Promotion, kind }
    };
    let Some(test) = needs.into_iter().reduce(both) else { return Expr { ty, ..value.clone() } };
    if matches!(ty, Ty::Bool) {
        return both(test, value.clone());
    }
    let nothing = Expr::value(span, Ty::Null, Value::Null);
    let kind = Kind::Choice { test: Box::new(test), then: Box::new(value.clone()), otherwise: Box::new(nothing) };
    Expr { span, ty, time: Time::Promotion, kind }
}

/// What must be there for the expression to be evaluated where nothing is known: slots and results that were made sure
/// before it, and results of steps that may not have been reached.
pub(super) fn needs_of(expr: &Expr, behind: Behind) -> Vec<Expr> {
    let mut out = Vec::new();
    collect_needs(expr, &Facts::default(), behind, &mut out);
    out
}

fn collect_needs(expr: &Expr, known: &Facts, behind: Behind, out: &mut Vec<Expr>) {
    let under = |condition: &Expr, truth: bool| {
        let mut facts = known.clone().join(narrow(condition, truth));
        facts.conclude(behind.slots);
        facts
    };
    match &expr.kind {
        _ if expr.time == Time::Static => {}
        Kind::Present(inner) => {
            collect_needs(inner, known, behind, out);
            add_need(inner, known, behind, out);
        }
        Kind::Result(_) if !expr.ty.is_optional() => add_need(expr, known, behind, out),
        Kind::Let(def) if def.latched => {
            // One that reads nothing of this kind is evaluated in any case.
            if behind.body || !needs_of(&def.value, behind).is_empty() {
                add_need(expr, known, behind, out);
            }
        }
        Kind::Choice { test, then, otherwise } => {
            collect_needs(test, known, behind, out);
            collect_needs(then, &under(test, true), behind, out);
            collect_needs(otherwise, &under(test, false), behind, out);
        }
        Kind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            collect_needs(left, known, behind, out);
            collect_needs(right, &under(left, *op == BinaryOp::And), behind, out);
        }
        _ => expr.children(&mut |inner| collect_needs(inner, known, behind, out)),
    }
}

fn add_need(expr: &Expr, known: &Facts, behind: Behind, out: &mut Vec<Expr>) {
    let is_new =
        place_of(expr).is_none_or(|place| !known.is_present(&place) && !out.iter().any(|other| place_of(other) == Some(place.clone())));
    // A Bool that was stored is false where it is not there.
    if is_new && !matches!(expr.ty, Ty::Bool) {
        let kind = match &expr.kind {
            Kind::Let(def) => Kind::Let(unsure_let(def, behind)),
            kind => kind.clone(),
        };
        out.push(Expr { ty: expr.ty.clone().optional(Face::Nil), kind, ..expr.clone() });
    }
}
