//! `require slot { message: "…" }`: the promotion fails first if the slot is empty.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::tree::{Entry, Expr, Kind, Require, Statement};
use crate::base::Name;
use crate::library::{Field, Record, Ty};
use crate::syntax::ast::{self, DeclNames};

impl Checker<'_, '_> {
    pub(super) fn require(&mut self, declaration: &ast::Declaration) -> Option<Statement> {
        if self.in_tail {
            self.report(errors::require_in_tail(declaration.kind.span));
            return None;
        }
        let names: Vec<ast::Ident> = match &declaration.names {
            DeclNames::One(name) => {
                name.as_constant().map(|text| ast::Ident { name: Name::new(text), span: name.span }).into_iter().collect()
            }
            DeclNames::List(elements, _) => elements.iter().filter_map(ident_of).collect(),
        };
        let mut slots = Vec::new();
        for name in &names {
            let found = self.name(name.span, &name.name);
            match &found.resolved().kind {
                Kind::Slot(_) => slots.push(found),
                Kind::Error => {}
                _ => self.report(errors::require_needs_slot(name)),
            }
        }
        let message = declaration.body.as_ref().and_then(|body| self.require_message(body));
        for slot in &slots {
            if let Some(place) = super::narrow::place_of(slot) {
                self.facts.add(place);
            }
        }
        (!slots.is_empty()).then_some(Statement::Require(Require { span: declaration.kind.span, slots, message }))
    }

    fn require_message(&mut self, body: &ast::Block) -> Option<Expr> {
        let mut field = Field::plain(Name::new("message"), body.span?, Ty::STRING);
        field.optional = true;
        let record = Record { name: None, fields: vec![field], open: None };
        let value = self.check_record(body.span?, body, &Arc::new(record), "`require`");
        let Kind::Record(entries) = value.kind else { return None };
        entries.into_iter().find_map(|entry| match entry {
            Entry::Field { value, .. } => Some(self.require_static(value, "the message of `require`")),
            Entry::Spread(_) => None,
        })
    }
}

fn ident_of(element: &ast::Element) -> Option<ast::Ident> {
    match element {
        ast::Element::Expr(ast::Expr { span, kind: ast::ExprKind::Name(name) }) => Some(ast::Ident { name: name.clone(), span: *span }),
        _ => None,
    }
}
