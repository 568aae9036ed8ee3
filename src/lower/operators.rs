//! Operators and conditions.

use super::code::{Code, joined};
use super::cx::Cx;
use crate::library::{Face, Ty};
use crate::syntax::ast::BinaryOp;
use crate::types::eval::eval;
use crate::types::tree::{Expr, Kind, Time};

impl Cx<'_> {
    pub(super) fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let (left, right) = (self.condition(left), self.condition(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight()))
            }
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(op, left, right),
            BinaryOp::Coalesce => self.coalesce(left, right),
            BinaryOp::Add if left.ty.is_text() => joined(vec![self.text_of(left), self.text_of(right)]),
            BinaryOp::Matches | BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => {
                let (left, right) = (self.text_or_empty(left), self.code(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight())).made_of([&left, &right])
            }
            BinaryOp::Remainder => {
                let (left, right) = (self.code(left), self.code(right));
                Code::compound(format!("int({}) % int({})", left.text, right.text)).made_of([&left, &right])
            }
            _ => {
                let (left, right) = (self.code(left), self.code(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight())).made_of([&left, &right])
            }
        }
    }

    /// A text that is empty where it would be nil: operators on texts fail on nil.
    pub(super) fn text_or_empty(&self, expr: &Expr) -> Code {
        let code = self.settled(expr);
        if code.nilable && !code.is_text { Code::compound(format!("{} ?? \"\"", code.tight())) } else { code }
    }

    pub(super) fn equality(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let is_null = |expr: &Expr| matches!(expr.ty, Ty::Null);
        for (side, other) in [(left, right), (right, left)] {
            if is_null(other) {
                let present = self.is_there(side);
                let text = if op == BinaryOp::NotEqual { present.text } else { format!("!{}", present.tight()) };
                return Code::compound(text);
            }
        }
        let side = |expr: &Expr| if expr.ty.present().is_text() { self.text_or_empty(expr) } else { self.settled(expr) };
        Code::compound(format!("{} {} {}", side(left).tight(), op.symbol(), side(right).tight()))
    }

    pub(super) fn coalesce(&self, left: &Expr, right: &Expr) -> Code {
        // `(a ?? b) ?? c` as `a ?? (b ?? c)`: the first form would repeat `a` for every further default.
        if let Kind::Binary { op: BinaryOp::Coalesce, left: first, right: second } = &left.resolved().kind {
            let kind = Kind::Binary { op: BinaryOp::Coalesce, left: second.clone(), right: Box::new(right.clone()) };
            return self.coalesce(first, &Expr { kind, time: Time::Promotion, ..right.clone() });
        }
        let (value, default) = (self.settled(left), self.settled(right));
        if value.text == "nil" {
            return default;
        }
        if let Some((cx, found)) = self.item(left)
            && found.time == Time::Static
        {
            return cx.code(&found);
        }
        let is_text = default.is_text;
        if left.ty.face() == Some(Face::Empty) {
            let test = if value.nilable { format!("({} ?? \"\") != \"\"", value.tight()) } else { format!("{} != \"\"", value.tight()) };
            return Code {
                is_text: is_text && value.is_text,
                nilable: default.nilable,
                ..Code::compound(format!("{test} ? {} : {}", value.tight(), default.tight()))
            };
        }
        Code {
            is_text: is_text && left.ty.present().is_text() && value.bare,
            nilable: default.nilable,
            ..Code::compound(format!("{} ?? {}", value.tight(), default.tight()))
        }
    }

    /// The expression as a Bool of expr-lang, never nil.
    pub(crate) fn condition(&self, expr: &Expr) -> Code {
        if expr.time == Time::Static {
            return Code::atom(if eval(expr, &self.env).holds() { "true" } else { "false" });
        }
        if self.is_embedded(expr) {
            return self.embedded_condition(expr);
        }
        if let Some((cx, found)) = self.item(expr) {
            return cx.condition(&found);
        }
        match &expr.resolved().kind {
            Kind::Slot(_) => return self.filled(expr),
            Kind::Let(def) if def.latched => {
                let code = self.latched(def);
                return match def.value.ty {
                    Ty::Bool => Code::atom(format!("({} ?? false)", code.text)),
                    _ => self.is_there(expr),
                };
            }
            _ => {}
        }
        match &expr.ty {
            Ty::Bool => {
                let code = self.settled(expr);
                if code.nilable { Code::atom(format!("({} ?? false)", code.tight())) } else { code }
            }
            Ty::Any => Code::compound(format!("{} == true", self.settled(expr).tight())),
            _ => self.is_there(expr),
        }
    }

    /// Whether something that may be absent is there.
    pub(super) fn is_there(&self, expr: &Expr) -> Code {
        if expr.time == Time::Static {
            return self.condition(expr);
        }
        if let Some((cx, found)) = self.item(expr) {
            return cx.is_there(&found);
        }
        let whole = expr.resolved();
        if let Kind::Slot(_) = &whole.kind {
            return self.filled(whole);
        }
        if let Kind::Param(index) = &whole.kind {
            return self.param_is_there(*index, whole);
        }
        let careful = Cx { total: true, ..self.clone() };
        if let Some(code) = careful.has_result(whole) {
            return code;
        }
        let code = careful.settled(whole);
        if whole.ty.is_secret() || whole.ty.face() == Some(Face::Empty) || (code.is_text && whole.ty.present().is_text()) {
            return Code::compound(format!("({} ?? \"\") != \"\"", code.tight()));
        }
        Code::compound(format!("{} != nil", code.tight()))
    }
}
