//! Expressions: the flat row of operands and operators becomes a tree by climbing the precedences.

use super::super::ast::*;
use super::super::errors;
use super::super::grammar::Rule;
use super::{Builder, Node, is_expr};
use crate::base::{Name, Span};

/// Operands and operators of a row, those of the rows around it included.
const MAX_ROWS: usize = 400;

/// An operator between two operands; `None` is the arrow of a lambda.
type Infix = (Option<BinaryOp>, Span);

impl<'i> Builder<'i> {
    /// An expression; one that is too deep for whoever reads the tree is reported and becomes `Error`.
    pub(super) fn expr(&mut self, pair: Node<'i>) -> Expr {
        if pair.as_rule() != Rule::row {
            return self.primary(pair);
        }
        // Each operator of a row may lie inside the next one.
        let row = pair.clone().into_inner().count();
        if self.depth + row > MAX_ROWS {
            let span = self.span(&pair);
            self.errors.push(errors::too_long(Span { end: span.start + 1, ..span }));
            return Expr::error(span);
        }
        self.depth += row;
        let expr = self.row(pair);
        self.depth -= row;
        expr
    }

    fn row(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let mut operands: Vec<Expr> = Vec::new();
        let mut operators: Vec<Infix> = Vec::new();
        let mut prefixes: Vec<(UnaryOp, Span)> = Vec::new();
        let mut operand: Option<Expr> = None;
        let mut choice = None;
        for part in self.parts(pair) {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::not => prefixes.push((UnaryOp::Not, at)),
                Rule::minus if operand.is_none() => prefixes.push((UnaryOp::Minus, at)),
                Rule::arrow | Rule::symbol_op | Rule::word_op | Rule::minus => {
                    operands.extend(operand.take().map(|expr| self.prefixed(&mut prefixes, expr)));
                    operators.push((binary_op(part.as_str()), at));
                }
                Rule::choice => choice = Some(part),
                Rule::dotted | Rule::safe_member | Rule::arguments | Rule::index => {
                    operand = operand.take().map(|base| self.postfix(base, part));
                }
                _ => operand = Some(self.primary(part)),
            }
        }
        operands.extend(operand.take().map(|expr| self.prefixed(&mut prefixes, expr)));
        let expr = climb(&mut operands.into_iter(), &mut operators.into_iter(), self).unwrap_or_else(|| Expr::error(span));
        match choice {
            Some(choice) => self.choice(expr, choice),
            None => expr,
        }
    }

    /// Wraps an operand, its postfixes included, into the prefixes that stood before it.
    fn prefixed(&mut self, prefixes: &mut Vec<(UnaryOp, Span)>, operand: Expr) -> Expr {
        let mut expr = operand;
        while let Some((op, at)) = prefixes.pop() {
            let span = at.to(expr.span);
            let is_number = matches!(expr.kind, ExprKind::Int(_) | ExprKind::Float(_));
            if op == UnaryOp::Minus && !is_number && self.source(span).starts_with("- ") {
                // Nobody negates a name at the start of a value; `- main` is an item of YAML.
                let report = self.foreign_list(span);
                self.errors.push(report);
                expr = Expr::error(span);
                continue;
            }
            expr = negative_number(op, expr, span);
        }
        expr
    }

    fn choice(&mut self, test: Expr, pair: Node<'i>) -> Expr {
        let end = self.span(&pair);
        let branches: Vec<Node<'i>> = self.parts(pair).collect();
        let mut branches = branches.into_iter().map(|part| self.expr(part));
        let then = branches.next().unwrap_or_else(|| Expr::error(end));
        let otherwise = branches.next().unwrap_or_else(|| Expr::error(end));
        let span = test.span.to(otherwise.span);
        Expr { span, kind: ExprKind::Condition { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) } }
    }

    fn postfix(&mut self, base: Expr, pair: Node<'i>) -> Expr {
        let span = base.span.to(self.span(&pair));
        let kind = match pair.as_rule() {
            Rule::arguments => ExprKind::Call { callee: Box::new(base), args: self.arguments(pair) },
            Rule::index => {
                let index = self.index(pair);
                ExprKind::Index { base: Box::new(base), index: Box::new(index), safe: false }
            }
            Rule::dotted => {
                let at = self.span(&pair);
                let name = Name::new(pair.as_str().trim_start_matches('.'));
                let field = Ident { name, span: Span { start: at.start + 1, ..at } };
                ExprKind::Member { base: Box::new(base), field, safe: false }
            }
            _ => match self.parts(pair).find(|part| part.as_rule() != Rule::safe_dot) {
                Some(part) if part.as_rule() == Rule::index => {
                    let index = self.index(part);
                    ExprKind::Index { base: Box::new(base), index: Box::new(index), safe: true }
                }
                Some(part) => ExprKind::Member { base: Box::new(base), field: self.ident(&part), safe: true },
                None => ExprKind::Error,
            },
        };
        Expr { span, kind }
    }

    fn index(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let inner = self.parts(pair).find(|part| is_expr(part.as_rule()));
        inner.map_or_else(|| Expr::error(span), |part| self.expr(part))
    }

    fn primary(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::bare => word(pair.as_str()),
            Rule::number => self.number(pair.as_str(), span),
            Rule::duration => ExprKind::Duration(Name::new(pair.as_str())),
            Rule::block => ExprKind::Record(self.block(pair)),
            Rule::list => ExprKind::List(self.elements(pair)),
            Rule::paren => return self.paren(pair),
            Rule::raw => return self.raw(pair),
            Rule::promoting => {
                let name = self.parts(pair).find(|part| part.as_rule() == Rule::ident);
                name.map_or(ExprKind::Error, |part| ExprKind::Promoting(self.ident(&part)))
            }
            _ => return self.text_expr(pair),
        };
        Expr { span, kind }
    }

    fn number(&mut self, source: &str, at: Span) -> ExprKind {
        if source.contains('.') {
            return source.parse().map_or(ExprKind::Error, ExprKind::Float);
        }
        match source.parse() {
            Ok(value) => ExprKind::Int(value),
            Err(_) => {
                self.errors.push(errors::bad_number(at));
                ExprKind::Error
            }
        }
    }

    /// `(a)`, or the names before the arrow of a lambda.
    fn paren(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let parts: Vec<Node<'i>> = self.parts(pair).collect();
        let mut inner: Vec<Expr> = parts.into_iter().map(|part| self.expr(part)).collect();
        let kind = match inner.len() {
            1 => inner.pop().map_or(ExprKind::Error, |expr| ExprKind::Paren(Box::new(expr))),
            _ => ExprKind::List(inner.into_iter().map(Element::Expr).collect()),
        };
        Expr { span, kind }
    }

    fn raw(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        let mut text = None;
        let mut ty = None;
        let mut places = Vec::new();
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_raw | Rule::kw_as => {}
                Rule::block => return Expr { span, kind: ExprKind::RawRecord(self.block(part)) },
                Rule::r#type => ty = Some(self.type_expr(part)),
                _ => {
                    places = self.places(&part);
                    text = Some(self.text_expr(part));
                }
            }
        }
        let kind = match (text, ty) {
            (Some(text), Some(ty)) => ExprKind::Raw { text: Box::new(text), places, ty },
            _ => ExprKind::Error,
        };
        Expr { span, kind }
    }

    pub(super) fn elements(&mut self, pair: Node<'i>) -> Vec<Element> {
        let parts: Vec<Node<'i>> = self.parts(pair).collect();
        parts.into_iter().map(|part| self.element(part)).collect()
    }

    fn element(&mut self, pair: Node<'i>) -> Element {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::spread => {
                let inner = self.parts(pair).find(|part| is_expr(part.as_rule()));
                Element::Spread(inner.map_or_else(|| Expr::error(span), |part| self.expr(part)))
            }
            Rule::comprehension => Element::For(Box::new(self.comprehension(pair))),
            _ => Element::Expr(self.expr(pair)),
        }
    }

    fn comprehension(&mut self, pair: Node<'i>) -> Comprehension {
        let span = self.span(&pair);
        let mut names = Vec::new();
        let mut exprs = Vec::new();
        let mut has_condition = false;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::ident => names.push(self.ident(&part)),
                Rule::kw_if => has_condition = true,
                rule if is_expr(rule) => exprs.push(self.expr(part)),
                _ => {}
            }
        }
        let mut names = names.into_iter();
        let mut exprs = exprs.into_iter();
        let mut next = || exprs.next();
        let over = next().unwrap_or_else(|| Expr::error(span));
        let condition = if has_condition { next() } else { None };
        let value = next().unwrap_or_else(|| Expr::error(span));
        let first = names.next().unwrap_or(Ident { name: Name::default(), span });
        Comprehension { span, first, second: names.next(), over, condition, value }
    }

    pub(super) fn arguments(&mut self, pair: Node<'i>) -> Vec<Arg> {
        let parts: Vec<Node<'i>> = self.parts(pair).collect();
        parts.into_iter().map(|part| self.argument(part)).collect()
    }

    fn argument(&mut self, pair: Node<'i>) -> Arg {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::inherit => Arg { span, name: None, inherit: true, value: Expr::error(span) },
            Rule::named => {
                let mut name = None;
                let mut value = None;
                let parts: Vec<Node<'i>> = self.parts(pair).collect();
                for part in parts {
                    match part.as_rule() {
                        _ if name.is_some() => value = Some(self.expr(part)),
                        _ => name = Some(self.key_ident(part)),
                    }
                }
                Arg { span, name, inherit: false, value: value.unwrap_or_else(|| Expr::error(span)) }
            }
            _ => Arg { span, name: None, inherit: false, value: self.expr(pair) },
        }
    }
}

fn word(source: &str) -> ExprKind {
    match source {
        "null" => ExprKind::Null,
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        _ => ExprKind::Name(Name::new(source)),
    }
}

fn negative_number(op: UnaryOp, operand: Expr, span: Span) -> Expr {
    let kind = match (op, operand.kind) {
        (UnaryOp::Minus, ExprKind::Int(value)) => ExprKind::Int(-value),
        (UnaryOp::Minus, ExprKind::Float(value)) => ExprKind::Float(-value),
        (op, kind) => ExprKind::Unary { op, operand: Box::new(Expr { span: operand.span, kind }) },
    };
    Expr { span, kind }
}

/// The operator as written; the arrow is none.
fn binary_op(source: &str) -> Option<BinaryOp> {
    Some(match source {
        "=>" => return None,
        "||" => BinaryOp::Or,
        "&&" => BinaryOp::And,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "matches" => BinaryOp::Matches,
        "contains" => BinaryOp::Contains,
        "startsWith" => BinaryOp::StartsWith,
        "endsWith" => BinaryOp::EndsWith,
        "in" => BinaryOp::In,
        "??" => BinaryOp::Coalesce,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        _ => BinaryOp::Add,
    })
}

/// How tightly an operator binds; the arrow of a lambda binds loosest.
fn precedence(op: Option<BinaryOp>) -> u8 {
    op.map_or(0, BinaryOp::level)
}

/// Builds the tree with a stack of what waits for its right side: no recursion, however long the row is.
fn climb(
    operands: &mut impl Iterator<Item = Expr>,
    operators: &mut impl Iterator<Item = Infix>,
    builder: &mut Builder<'_>,
) -> Option<Expr> {
    let mut waiting: Vec<(Expr, Infix)> = Vec::new();
    let mut right = operands.next()?;
    for operator in operators {
        let level = precedence(operator.0);
        while let Some((left, before)) = waiting.pop() {
            if precedence(before.0) < level || (before.0.is_none() && operator.0.is_none()) {
                waiting.push((left, before));
                break;
            }
            right = join(left, before, right, builder);
        }
        waiting.push((right, operator));
        right = operands.next()?;
    }
    while let Some((left, before)) = waiting.pop() {
        right = join(left, before, right, builder);
    }
    Some(right)
}

fn join(left: Expr, (op, op_span): Infix, right: Expr, builder: &mut Builder<'_>) -> Expr {
    let span = left.span.to(right.span);
    let Some(op) = op else { return lambda(left, right, span, builder) };
    Expr { span, kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) } }
}

fn lambda(left: Expr, body: Expr, span: Span, builder: &mut Builder<'_>) -> Expr {
    let names = match left.kind {
        ExprKind::Paren(inner) => lambda_names(vec![Element::Expr(*inner)]),
        ExprKind::List(elements) => lambda_names(elements),
        kind => lambda_names(vec![Element::Expr(Expr { span: left.span, kind })]),
    };
    match names {
        Some(parameters) => Expr { span, kind: ExprKind::Lambda { parameters, body: Box::new(body) } },
        None => {
            builder.errors.push(errors::bad_lambda(left.span));
            Expr::error(span)
        }
    }
}

fn lambda_names(elements: Vec<Element>) -> Option<Vec<Ident>> {
    elements
        .into_iter()
        .map(|element| match element {
            Element::Expr(Expr { span, kind: ExprKind::Name(name) }) => Some(Ident { name, span }),
            _ => None,
        })
        .collect()
}
