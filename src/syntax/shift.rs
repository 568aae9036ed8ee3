//! Moving a tree whose text has moved: every place at or behind an offset, by the same number of bytes.

use super::ast::*;
use crate::base::Span;
use crate::diag::Diagnostic;

/// From where on places move, and by how much.
#[derive(Clone, Copy)]
pub(super) struct Shift {
    pub(super) from: u32,
    pub(super) by: i64,
}

impl Shift {
    pub(super) fn offset(self, at: &mut u32) {
        if *at >= self.from {
            *at = u32::try_from(i64::from(*at) + self.by).unwrap_or(0);
        }
    }

    pub(super) fn span(self, span: &mut Span) {
        self.offset(&mut span.start);
        self.offset(&mut span.end);
    }

    pub(super) fn report(self, report: &mut Diagnostic) {
        self.span(&mut report.primary.span);
        report.secondary.iter_mut().for_each(|label| self.span(&mut label.span));
        report.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| self.span(&mut edit.span));
    }

    pub(super) fn block(self, block: &mut Block) {
        block.span.iter_mut().for_each(|span| self.span(span));
        self.items(&mut block.items);
    }

    fn items(self, items: &mut [Item]) {
        // What ends before the offset stays as it is.
        for item in items.iter_mut().filter(|item| item.span.end >= self.from) {
            self.span(&mut item.span);
            item.doc.iter_mut().for_each(|doc| self.span(&mut doc.span));
            item.attributes.iter_mut().for_each(|attribute| self.attribute(attribute));
            self.kind(&mut item.kind);
        }
    }

    fn attribute(self, attribute: &mut Attribute) {
        self.span(&mut attribute.span);
        self.ident(&mut attribute.name);
        self.args(&mut attribute.args);
    }

    fn kind(self, kind: &mut ItemKind) {
        match kind {
            ItemKind::Setting { key, value } => {
                self.span(&mut key.span);
                if let KeyText::Text(text) = &mut key.text {
                    self.expr(text);
                }
                self.expr(value);
            }
            ItemKind::Spread(value) | ItemKind::Return(value) => self.expr(value),
            ItemKind::Binding(binding) => {
                self.name(&mut binding.name);
                binding.ty.iter_mut().for_each(|ty| self.ty(ty));
                match &mut binding.value {
                    BindingValue::Expr(value) => self.expr(value),
                    BindingValue::Step(step) | BindingValue::Try(step) => self.step(step),
                }
            }
            ItemKind::Branch(branch) => self.branch(branch),
            ItemKind::Loop(found) => {
                self.span(&mut found.keyword);
                self.ident(&mut found.first);
                found.second.iter_mut().for_each(|name| self.ident(name));
                self.expr(&mut found.over);
                self.block(&mut found.body);
            }
            ItemKind::Use(found) => {
                for (name, other) in &mut found.imports {
                    self.ident(name);
                    other.iter_mut().for_each(|name| self.ident(name));
                }
                self.expr(&mut found.from);
            }
            ItemKind::Target(target) => {
                self.ident(&mut target.system);
                self.ident(&mut target.low);
                target.high.iter_mut().for_each(|name| self.ident(name));
                target.settings.iter_mut().for_each(|block| self.block(block));
            }
            ItemKind::Type { name, ty } => {
                self.ident(name);
                self.ty(ty);
            }
            ItemKind::Flow(flow) => {
                self.span(&mut flow.keyword);
                flow.nodes.iter_mut().for_each(|node| self.node(node));
            }
            ItemKind::Try(step) | ItemKind::Step(step) => self.step(step),
            ItemKind::Declaration(declaration) => self.declaration(declaration),
            ItemKind::Error => {}
        }
    }

    fn branch(self, branch: &mut Branch) {
        self.span(&mut branch.keyword);
        self.expr(&mut branch.condition);
        self.block(&mut branch.then);
        match &mut branch.otherwise {
            Some(Else::If(inner)) => self.branch(inner),
            Some(Else::Block(block)) => self.block(block),
            None => {}
        }
    }

    fn node(self, node: &mut FlowNode) {
        self.span(&mut node.span);
        match &mut node.names {
            FlowNames::One(name) => self.name(name),
            FlowNames::List(elements, span) => {
                self.elements(elements);
                self.span(span);
            }
        }
        node.sources.iter_mut().for_each(|block| self.block(block));
    }

    fn declaration(self, declaration: &mut Declaration) {
        self.ident(&mut declaration.kind);
        match &mut declaration.names {
            DeclNames::One(name) => self.name(name),
            DeclNames::List(elements, span) => {
                self.elements(elements);
                self.span(span);
            }
        }
        for parameter in declaration.parameters.iter_mut().flatten() {
            self.span(&mut parameter.span);
            parameter.doc.iter_mut().for_each(|doc| self.span(&mut doc.span));
            parameter.attributes.iter_mut().for_each(|attribute| self.attribute(attribute));
            self.ident(&mut parameter.name);
            self.ty(&mut parameter.ty);
            parameter.default.iter_mut().for_each(|value| self.expr(value));
        }
        [&mut declaration.ty, &mut declaration.result].into_iter().flatten().for_each(|ty| self.ty(ty));
        declaration.value.iter_mut().for_each(|value| self.expr(value));
        declaration.body.iter_mut().for_each(|body| self.block(body));
    }

    fn step(self, step: &mut StepCall) {
        self.span(&mut step.span);
        self.ident(&mut step.kind);
        match &mut step.body {
            StepBody::Block(block) => self.block(block),
            StepBody::Args(args, span) => {
                self.args(args);
                self.span(span);
            }
        }
        if let Some((span, block)) = &mut step.retry {
            self.span(span);
            self.block(block);
        }
    }

    fn args(self, args: &mut [Arg]) {
        for arg in args {
            self.span(&mut arg.span);
            arg.name.iter_mut().for_each(|name| self.ident(name));
            self.expr(&mut arg.value);
        }
    }

    pub(super) fn ident(self, ident: &mut Ident) {
        self.span(&mut ident.span);
    }

    fn name(self, name: &mut NameExpr) {
        self.span(&mut name.span);
        self.expr(&mut name.text);
        name.cluster_name.iter_mut().for_each(|name| self.expr(name));
    }

    fn ty(self, ty: &mut TypeExpr) {
        self.span(&mut ty.span);
        match &mut ty.kind {
            TypeKind::Name(_, inner) => inner.iter_mut().for_each(|inner| self.ty(inner)),
            TypeKind::List(inner) | TypeKind::Optional(inner) => self.ty(inner),
            TypeKind::Union(members) => members.iter_mut().for_each(|member| self.ty(member)),
            TypeKind::Record(fields) => {
                for field in fields {
                    self.span(&mut field.span);
                    field.doc.iter_mut().for_each(|doc| self.span(&mut doc.span));
                    field.attributes.iter_mut().for_each(|attribute| self.attribute(attribute));
                    match &mut field.key {
                        FieldKey::Name(name) => self.ident(name),
                        FieldKey::Any(ty) => self.ty(ty),
                    }
                    self.ty(&mut field.ty);
                }
            }
            TypeKind::Text(_) | TypeKind::Error => {}
        }
    }

    fn elements(self, elements: &mut [Element]) {
        for element in elements {
            match element {
                Element::Expr(expr) | Element::Spread(expr) => self.expr(expr),
                Element::For(found) => {
                    self.span(&mut found.span);
                    self.ident(&mut found.first);
                    found.second.iter_mut().for_each(|name| self.ident(name));
                    self.expr(&mut found.over);
                    found.condition.iter_mut().for_each(|condition| self.expr(condition));
                    self.expr(&mut found.value);
                }
            }
        }
    }

    fn expr(self, expr: &mut Expr) {
        self.span(&mut expr.span);
        match &mut expr.kind {
            ExprKind::Text(parts) => {
                for part in parts {
                    if let TextPart::Interpolation(inner) = part {
                        self.expr(inner);
                    }
                }
            }
            ExprKind::Record(block) | ExprKind::RawRecord(block) => self.block(block),
            ExprKind::List(elements) => self.elements(elements),
            ExprKind::Member { base, field, .. } => {
                self.expr(base);
                self.ident(field);
            }
            ExprKind::Index { base, index, .. } => [base, index].into_iter().for_each(|part| self.expr(part)),
            ExprKind::Call { callee, args } => {
                self.expr(callee);
                self.args(args);
            }
            ExprKind::Unary { operand: inner, .. } | ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Binary { op_span, left, right, .. } => {
                self.span(op_span);
                [left, right].into_iter().for_each(|part| self.expr(part));
            }
            ExprKind::Condition { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(|part| self.expr(part)),
            ExprKind::Lambda { parameters, body } => {
                parameters.iter_mut().for_each(|name| self.ident(name));
                self.expr(body);
            }
            ExprKind::Raw { text, places, ty } => {
                self.expr(text);
                places.iter_mut().for_each(|(_, span)| self.span(span));
                self.ty(ty);
            }
            ExprKind::Promoting(name) => self.ident(name),
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Duration(_)
            | ExprKind::Name(_)
            | ExprKind::Error => {}
        }
    }
}
