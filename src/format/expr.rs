//! Expressions. What binds tighter breaks later; a row of operators breaks before them.

use super::doc::{Doc, group, line, nest, nil, soft_line, text};
use super::layout::{Brackets, Layout, joined};
use crate::base::Span;
use crate::syntax::ast::{BinaryOp, Comprehension, Element, Expr, ExprKind, Ident, UnaryOp};

impl<'s> Layout<'s> {
    /// What stands behind a colon, an equals sign or an operator.
    pub(super) fn value(&mut self, expr: &Expr) -> Doc<'s> {
        self.after_sign(expr.span.start, |layout| layout.expr(expr))
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Doc<'s> {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Duration(_) | ExprKind::Name(_) | ExprKind::Text(_) | ExprKind::Error => {
                self.verbatim(expr.span)
            }
            // A minus belongs to the number, with or without blanks.
            ExprKind::Int(_) | ExprKind::Float(_) => self.at(expr.span.start).text(self.slice(expr.span).replace([' ', '\t', '\r'], "")),
            ExprKind::Record(block) => self.block(block),
            ExprKind::List(elements) if self.slice(expr.span).starts_with('(') => self.tuple(expr.span, elements),
            ExprKind::List(elements) => self.list(elements, expr.span),
            ExprKind::Member { base, field, safe } => {
                let sign = if *safe { "?." } else { "." };
                self.postfix(base, |layout| text(sign).then(layout.verbatim(field.span)))
            }
            ExprKind::Index { base, index, safe } => self.index(base, index, *safe, expr.span),
            ExprKind::Call { callee, args } => {
                let brackets = Brackets { from: self.token(callee.span.end), ..Brackets::around(expr.span, "(", ")") };
                self.expr(callee).then(self.arguments(args, &brackets))
            }
            ExprKind::Unary { op, operand } => {
                let sign = if *op == UnaryOp::Not { "!" } else { "-" };
                self.at(expr.span.start).text(sign).then(self.expr(operand))
            }
            ExprKind::Binary { op, .. } => self.chain(expr, op.level()),
            ExprKind::Condition { test, then, otherwise } => self.choice(test, then, otherwise),
            ExprKind::Lambda { parameters, body } => self.at(expr.span.start).then(self.lambda(parameters, body)),
            ExprKind::Paren(inner) => {
                let open = self.at(expr.span.start).text("(");
                let inner = self.expr(inner);
                let end = self.at(expr.span.end.saturating_sub(1));
                open.then(group(nest(soft_line().then(inner).then(end)).then(soft_line()))).text(")")
            }
            ExprKind::Raw { ty, .. } => {
                let written = self.text_in(Span { end: ty.span.start, ..expr.span });
                let start = self.at(expr.span.start).text("raw(").then(self.verbatim(written));
                start.then(self.at(self.token(written.end))).text(") as ").then(self.ty(ty))
            }
            ExprKind::RawRecord(block) => self.at(expr.span.start).text("raw ").then(self.block(block)),
            ExprKind::Promoting(slot) => self.at(expr.span.start).text("promoting ").then(self.verbatim(slot.span)),
        }
    }

    /// Whether a value has brackets that may break while what is around it stays on its line.
    pub(super) fn has_brackets(expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Record(_) | ExprKind::List(_) | ExprKind::Call { .. } | ExprKind::Text(_))
    }

    // ── Lists ──

    pub(super) fn list(&mut self, elements: &[Element], span: Span) -> Doc<'s> {
        let brackets = Brackets::around(span, "[", "]");
        if let [Element::Expr(only)] = elements
            && Self::has_brackets(only)
            && let Some(doc) = self.hugged(&brackets, (only.span.start, only.span.end), |layout| layout.expr(only))
        {
            return doc;
        }
        group(self.listed(&brackets, elements, Self::element_place, Self::element))
    }

    fn element_place(&self, element: &Element) -> (u32, u32) {
        match element {
            Element::Expr(expr) => (expr.span.start, expr.span.end),
            Element::Spread(expr) => (self.sign_before(expr.span.start, "..."), expr.span.end),
            Element::For(comprehension) => (comprehension.span.start, comprehension.span.end),
        }
    }

    /// Where the sign or word begins that stands before a place, `...` or `try`.
    pub(super) fn sign_before(&self, at: u32, sign: &str) -> u32 {
        let before = self.between(0, at).trim_end_matches([' ', '\t', '\r']);
        u32::try_from(before.len().saturating_sub(sign.len())).unwrap_or(0)
    }

    fn element(&mut self, element: &Element) -> Doc<'s> {
        match element {
            Element::Expr(expr) => self.expr(expr),
            Element::Spread(expr) => self.at(self.sign_before(expr.span.start, "...")).text("...").then(self.expr(expr)),
            Element::For(comprehension) => self.comprehension(comprehension),
        }
    }

    fn comprehension(&mut self, of: &Comprehension) -> Doc<'s> {
        let names = self.loop_names(&of.first, of.second.as_ref());
        let mut out = self.at(of.span.start).text("for ").then(names).text(" in ").then(self.expr(&of.over));
        if let Some(condition) = &of.condition {
            out = out.text(" if ").then(self.expr(condition));
        }
        out.text(": ").then(self.value(&of.value))
    }

    pub(super) fn loop_names(&mut self, first: &Ident, second: Option<&Ident>) -> Doc<'s> {
        let first = self.verbatim(first.span);
        match second {
            Some(second) => first.text(", ").then(self.verbatim(second.span)),
            None => first,
        }
    }

    /// Names in parentheses that no arrow follows.
    fn tuple(&mut self, span: Span, elements: &[Element]) -> Doc<'s> {
        let open = self.at(span.start).text("(");
        let parts = elements.iter().map(|element| self.element(element)).collect();
        open.then(joined(parts, ", ")).then(self.at(span.end.saturating_sub(1))).text(")")
    }

    // ── Behind a value ──

    fn postfix(&mut self, base: &Expr, print: impl FnOnce(&mut Self) -> Doc<'s>) -> Doc<'s> {
        let before = self.expr(base);
        let place = self.token(base.span.end);
        before.then(self.after_sign(place, |layout| layout.at(place).then(print(layout))))
    }

    fn index(&mut self, base: &Expr, index: &Expr, safe: bool, span: Span) -> Doc<'s> {
        self.postfix(base, |layout| {
            let inner = layout.expr(index);
            let end = layout.at(span.end.saturating_sub(1));
            text(if safe { "?.[" } else { "[" }).then(nest(inner.then(end))).text("]")
        })
    }

    // ── Operators ──

    /// Operators of one level.
    fn chain(&mut self, expr: &Expr, level: u8) -> Doc<'s> {
        let mut first = expr;
        let mut links: Vec<(BinaryOp, Span, &Expr)> = Vec::new();
        while let ExprKind::Binary { op, op_span, left, right } = &first.kind
            && op.level() == level
        {
            links.push((*op, *op_span, right));
            first = left;
        }
        let first = self.expr(first);
        let mut rest = nil();
        for (op, place, operand) in links.into_iter().rev() {
            rest = rest.then(self.behind(place.start)).then(if may_start_a_line(op) { line() } else { text(" ") });
            rest = rest.then(self.at(place.start)).text(op.symbol()).text(" ").then(self.expr(operand));
        }
        group(first.then(nest(rest)))
    }

    fn choice(&mut self, test: &Expr, then: &Expr, otherwise: &Expr) -> Doc<'s> {
        let mut out = self.expr(test);
        let mut rest = nil();
        for (sign, before, branch) in [("? ", test, then), (": ", then, otherwise)] {
            let place = self.token(before.span.end);
            rest = rest.then(self.behind(place)).then(line()).then(self.at(place)).text(sign);
            rest = rest.then(nest(self.expr(branch)));
        }
        out = out.then(nest(rest));
        group(out)
    }

    fn lambda(&mut self, parameters: &[Ident], body: &Expr) -> Doc<'s> {
        // A comment in the parentheses stays there.
        let is_bare = parameters.len() == 1 && parameters.first().is_some_and(|name| !self.has_comment(name.span.start));
        let names = joined(parameters.iter().map(|name| self.verbatim(name.span)).collect(), ", ");
        let names = if is_bare { names } else { text("(").then(names).text(")") };
        names.text(" => ").then(self.value(body))
    }
}

/// A minus at the start of a line, or a word, would begin something new.
fn may_start_a_line(op: BinaryOp) -> bool {
    !matches!(op.symbol(), "-" | "matches" | "contains" | "startsWith" | "endsWith" | "in")
}
