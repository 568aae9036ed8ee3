//! Several names where one stands: `stage a, b { … }`, `slot a b`.

use super::super::ast::{DeclNames, Element, Expr, ExprKind, Ident, NameExpr};
use super::super::errors;
use super::{Builder, Node};
use crate::base::{Name, Span};

impl<'i> Builder<'i> {
    /// `stage a, b {`: read as the list that was meant.
    pub(super) fn several(&mut self, pair: Node<'i>) -> (Ident, DeclNames) {
        let span = self.span(&pair);
        let mut words = self.parts(pair).map(|part| self.ident(&part)).collect::<Vec<_>>().into_iter();
        let kind = words.next().unwrap_or(Ident { name: Name::default(), span });
        let (again, names): (Vec<Ident>, Vec<Ident>) = words.partition(|name| name.name == kind.name);
        let at = Span { start: names.first().map_or(span.start, |name| name.span.start), ..span };
        if let Some(again) = again.first() {
            self.errors.push(errors::word_twice(again));
        }
        if let [name] = names.as_slice() {
            let text = Expr { span: name.span, kind: ExprKind::Name(name.name.clone()) };
            return (kind, DeclNames::One(NameExpr { span: name.span, text, cluster_name: None }));
        }
        // `slot a b` may lack its `=`.
        if again.is_empty() && names.len() == 2 && kind.name == "slot" {
            self.lose(at);
        }
        let listed = names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join(", ");
        if again.is_empty() {
            self.errors.push(errors::several_names(span, format!("{} [{listed}]", kind.name)));
        }
        let element = |name: Ident| Element::Expr(Expr { span: name.span, kind: ExprKind::Name(name.name) });
        (kind, DeclNames::List(names.into_iter().map(element).collect(), at))
    }
}
