//! The tree as nodes of one type, for those who look for what lies at a place: each node with its place and what it is
//! made of, in the order of the text.

use super::ast::*;
use crate::base::Span;

/// A part of the tree.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    Block(&'a Block),
    Item(&'a Item),
    Doc(&'a Doc),
    Attribute(&'a Attribute),
    /// A word that names something.
    Word(&'a Ident),
    Key(&'a Key),
    Name(&'a NameExpr),
    Step(&'a StepCall),
    /// What stands in the parentheses of a call, and their place.
    Args(&'a [Arg], Span),
    Arg(&'a Arg),
    Parameter(&'a Parameter),
    Type(&'a TypeExpr),
    Field(&'a Field),
    Expr(&'a Expr),
    Spread(&'a Expr),
    Comprehension(&'a Comprehension),
    FlowNode(&'a FlowNode),
    Branch(&'a Branch),
    /// The names of a list, and its brackets.
    Names(&'a [Element], Span),
}

impl<'a> Node<'a> {
    pub fn span(self) -> Option<Span> {
        Some(match self {
            Node::Block(block) => return block.span,
            Node::Item(item) => item.whole(),
            Node::Doc(doc) => doc.span,
            Node::Attribute(attribute) => attribute.span,
            Node::Word(ident) => ident.span,
            Node::Key(key) => key.span,
            Node::Name(name) => name.span,
            Node::Step(step) => step.span,
            Node::Args(_, span) | Node::Names(_, span) => span,
            Node::Arg(arg) => arg.span,
            Node::Parameter(parameter) => parameter.span,
            Node::Type(ty) => ty.span,
            Node::Field(field) => field.span,
            Node::Expr(expr) | Node::Spread(expr) => expr.span,
            Node::Comprehension(found) => found.span,
            Node::FlowNode(node) => node.span,
            Node::Branch(branch) => branch.span(),
        })
    }

    /// Calls `visit` for each part, in the order of the text.
    pub fn children(self, visit: &mut dyn FnMut(Node<'a>)) {
        match self {
            Node::Block(block) => block.items.iter().for_each(|item| visit(Node::Item(item))),
            Node::Item(item) => {
                item.doc.iter().for_each(|doc| visit(Node::Doc(doc)));
                item.attributes.iter().for_each(|attribute| visit(Node::Attribute(attribute)));
                of_item(&item.kind, visit);
            }
            Node::Attribute(attribute) => {
                visit(Node::Word(&attribute.name));
                attribute.args.iter().for_each(|arg| visit(Node::Arg(arg)));
            }
            Node::Key(key) => {
                if let KeyText::Text(text) = &key.text {
                    visit(Node::Expr(text));
                }
            }
            Node::Name(name) => {
                visit(Node::Expr(&name.text));
                name.cluster_name.iter().for_each(|name| visit(Node::Expr(name)));
            }
            Node::Step(step) => of_step(step, visit),
            Node::Args(args, _) => args.iter().for_each(|arg| visit(Node::Arg(arg))),
            Node::Arg(arg) => {
                arg.name.iter().for_each(|name| visit(Node::Word(name)));
                if !arg.inherit {
                    visit(Node::Expr(&arg.value));
                }
            }
            Node::Parameter(parameter) => of_parameter(parameter, visit),
            Node::Type(ty) => of_type(ty, visit),
            Node::Field(field) => {
                field.doc.iter().for_each(|doc| visit(Node::Doc(doc)));
                field.attributes.iter().for_each(|attribute| visit(Node::Attribute(attribute)));
                match &field.key {
                    FieldKey::Name(name) => visit(Node::Word(name)),
                    FieldKey::Any(ty) => visit(Node::Type(ty)),
                }
                visit(Node::Type(&field.ty));
            }
            Node::Expr(expr) => of_expr(expr, visit),
            Node::Spread(expr) => visit(Node::Expr(expr)),
            Node::Comprehension(found) => {
                visit(Node::Word(&found.first));
                found.second.iter().for_each(|name| visit(Node::Word(name)));
                visit(Node::Expr(&found.over));
                found.condition.iter().for_each(|condition| visit(Node::Expr(condition)));
                visit(Node::Expr(&found.value));
            }
            Node::FlowNode(node) => {
                match &node.names {
                    FlowNames::One(name) => visit(Node::Name(name)),
                    FlowNames::List(elements, span) => visit(Node::Names(elements, *span)),
                }
                node.sources.iter().for_each(|block| visit(Node::Block(block)));
            }
            Node::Branch(branch) => of_branch(branch, visit),
            Node::Names(elements, _) => of_elements(elements, visit),
            Node::Doc(_) | Node::Word(_) => {}
        }
    }

    /// Calls `visit` for this node and all in it.
    pub fn walk(self, visit: &mut dyn FnMut(Node<'a>)) {
        visit(self);
        self.children(&mut |inner| inner.walk(visit));
    }
}

/// The nodes that a place lies in, the outermost first.
pub fn path(file: &Block, at: Span) -> Vec<Node<'_>> {
    let mut path = vec![Node::Block(file)];
    while let Some(last) = path.last().copied() {
        let mut inner = None;
        last.children(&mut |node| {
            // At a border between two, the one that ends there: that is the word that was just written.
            if inner.is_none() && node.span().is_some_and(|span| span.contains(at)) {
                inner = Some(node);
            }
        });
        match inner {
            Some(node) => path.push(node),
            None => return path,
        }
    }
    path
}

fn of_item<'a>(kind: &'a ItemKind, visit: &mut dyn FnMut(Node<'a>)) {
    match kind {
        ItemKind::Setting { key, value } => {
            visit(Node::Key(key));
            visit(Node::Expr(value));
        }
        ItemKind::Spread(value) | ItemKind::Return(value) => visit(Node::Expr(value)),
        ItemKind::Binding(binding) => {
            visit(Node::Name(&binding.name));
            binding.ty.iter().for_each(|ty| visit(Node::Type(ty)));
            match &binding.value {
                BindingValue::Expr(value) => visit(Node::Expr(value)),
                BindingValue::Step(step) | BindingValue::Try(step) => visit(Node::Step(step)),
            }
        }
        ItemKind::Branch(branch) => visit(Node::Branch(branch)),
        ItemKind::Loop(found) => {
            visit(Node::Word(&found.first));
            found.second.iter().for_each(|name| visit(Node::Word(name)));
            visit(Node::Expr(&found.over));
            visit(Node::Block(&found.body));
        }
        ItemKind::Use(found) => {
            for (name, other) in &found.imports {
                visit(Node::Word(name));
                other.iter().for_each(|name| visit(Node::Word(name)));
            }
            visit(Node::Expr(&found.from));
        }
        ItemKind::Target(target) => {
            [Some(&target.system), Some(&target.low), target.high.as_ref()].into_iter().flatten().for_each(|word| visit(Node::Word(word)));
            target.settings.iter().for_each(|block| visit(Node::Block(block)));
        }
        ItemKind::Type { name, ty } => {
            visit(Node::Word(name));
            visit(Node::Type(ty));
        }
        ItemKind::Flow(flow) => flow.nodes.iter().for_each(|node| visit(Node::FlowNode(node))),
        ItemKind::Try(step) | ItemKind::Step(step) => visit(Node::Step(step)),
        ItemKind::Declaration(declaration) => of_declaration(declaration, visit),
        ItemKind::Error => {}
    }
}

fn of_declaration<'a>(declaration: &'a Declaration, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Word(&declaration.kind));
    match &declaration.names {
        DeclNames::One(name) => visit(Node::Name(name)),
        DeclNames::List(elements, span) => visit(Node::Names(elements, *span)),
    }
    declaration.parameters.iter().flatten().for_each(|parameter| visit(Node::Parameter(parameter)));
    [&declaration.ty, &declaration.result].into_iter().flatten().for_each(|ty| visit(Node::Type(ty)));
    declaration.value.iter().for_each(|value| visit(Node::Expr(value)));
    declaration.body.iter().for_each(|body| visit(Node::Block(body)));
}

fn of_parameter<'a>(parameter: &'a Parameter, visit: &mut dyn FnMut(Node<'a>)) {
    parameter.doc.iter().for_each(|doc| visit(Node::Doc(doc)));
    parameter.attributes.iter().for_each(|attribute| visit(Node::Attribute(attribute)));
    visit(Node::Word(&parameter.name));
    visit(Node::Type(&parameter.ty));
    parameter.default.iter().for_each(|value| visit(Node::Expr(value)));
}

fn of_step<'a>(step: &'a StepCall, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Word(&step.kind));
    match &step.body {
        StepBody::Block(block) => visit(Node::Block(block)),
        StepBody::Args(args, span) => visit(Node::Args(args, *span)),
    }
    step.retry.iter().for_each(|(_, block)| visit(Node::Block(block)));
}

fn of_branch<'a>(branch: &'a Branch, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Expr(&branch.condition));
    visit(Node::Block(&branch.then));
    match &branch.otherwise {
        Some(Else::If(inner)) => visit(Node::Branch(inner)),
        Some(Else::Block(block)) => visit(Node::Block(block)),
        None => {}
    }
}

fn of_type<'a>(ty: &'a TypeExpr, visit: &mut dyn FnMut(Node<'a>)) {
    match &ty.kind {
        TypeKind::Name(_, inner) => inner.iter().for_each(|inner| visit(Node::Type(inner))),
        TypeKind::List(inner) | TypeKind::Optional(inner) => visit(Node::Type(inner)),
        TypeKind::Union(members) => members.iter().for_each(|member| visit(Node::Type(member))),
        TypeKind::Record(fields) => fields.iter().for_each(|field| visit(Node::Field(field))),
        TypeKind::Text(_) | TypeKind::Error => {}
    }
}

fn of_elements<'a>(elements: &'a [Element], visit: &mut dyn FnMut(Node<'a>)) {
    for element in elements {
        match element {
            Element::Expr(expr) => visit(Node::Expr(expr)),
            Element::Spread(expr) => visit(Node::Spread(expr)),
            Element::For(found) => visit(Node::Comprehension(found)),
        }
    }
}

fn of_expr<'a>(expr: &'a Expr, visit: &mut dyn FnMut(Node<'a>)) {
    match &expr.kind {
        ExprKind::Text(parts) => parts.iter().for_each(|part| {
            if let TextPart::Interpolation(inner) = part {
                visit(Node::Expr(inner));
            }
        }),
        ExprKind::Record(block) | ExprKind::RawRecord(block) => visit(Node::Block(block)),
        ExprKind::List(elements) => of_elements(elements, visit),
        ExprKind::Member { base, field, .. } => {
            visit(Node::Expr(base));
            visit(Node::Word(field));
        }
        ExprKind::Index { base, index, .. } => [base, index].into_iter().for_each(|part| visit(Node::Expr(part))),
        ExprKind::Call { callee, args } => {
            visit(Node::Expr(callee));
            args.iter().for_each(|arg| visit(Node::Arg(arg)));
        }
        ExprKind::Unary { operand: inner, .. } | ExprKind::Paren(inner) => visit(Node::Expr(inner)),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|part| visit(Node::Expr(part))),
        ExprKind::Condition { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(|part| visit(Node::Expr(part))),
        ExprKind::Lambda { parameters, body } => {
            parameters.iter().for_each(|name| visit(Node::Word(name)));
            visit(Node::Expr(body));
        }
        ExprKind::Raw { text, ty, .. } => {
            visit(Node::Expr(text));
            visit(Node::Type(ty));
        }
        ExprKind::Promoting(name) => visit(Node::Word(name)),
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Duration(_)
        | ExprKind::Name(_)
        | ExprKind::Error => {}
    }
}
