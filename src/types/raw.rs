//! `raw("…") as T`: an expression of Kargo as it stands.
//!
//! What can be known about it is checked: its syntax, the functions it calls, the fields of `ctx`. That it has the type
//! which is stated is believed, but its texts are worth no more than the values in it. Values inside it are operands,
//! never pieces of its text.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::infer::join_trust;
use super::scope::What;
use super::tree::{Expr, Kind, Part, Time};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::exprlang::{self, At, HOLE, Id, Kind as Node, Tree};
use crate::library::{Field, FunctionSig, Record, TextKind, Ty, TypeScope};
use crate::syntax::ast::{self, ExprKind, Ident, TextPart, TypeExpr};

/// The text of a raw expression, its values as holes, and where it stands in the file.
struct Source<'a> {
    text: String,
    holes: Vec<u32>,
    places: &'a [(u32, Span)],
    whole: Span,
}

impl Source<'_> {
    /// Where a piece stands in the file; the whole text if that is not known.
    fn span(&self, at: At) -> Span {
        let place = |offset: u32| {
            let known = self.places.iter().rev().find(|(start, _)| *start <= offset)?;
            known.1.start.checked_add(offset - known.0)
        };
        match (place(at.start), place(at.end.max(at.start + 1) - 1)) {
            (Some(start), Some(end)) if start <= end && end < self.whole.end => Span { start, end: end + 1, ..self.whole },
            _ => self.whole,
        }
    }
}

impl Checker<'_, '_> {
    pub(super) fn raw(&mut self, span: Span, text: &ast::Expr, places: &[(u32, Span)], ty: &TypeExpr) -> Expr {
        let ty = self.type_of(ty);
        let ExprKind::Text(parts) = &text.kind else { return Expr::error(span) };
        let mut source = Source { text: String::new(), holes: Vec::new(), places, whole: text.span };
        let mut typed = Vec::new();
        let mut worth = TextKind::String;
        let mut failed = ty.is_error();
        for part in parts {
            match part {
                TextPart::Text(piece) => {
                    source.text.push_str(piece);
                    typed.push(Part::Text(Arc::from(piece.as_str())));
                }
                TextPart::Interpolation(inner) => {
                    source.holes.push(u32::try_from(source.text.len()).unwrap_or(u32::MAX));
                    source.text.push(HOLE);
                    let value = self.infer(inner);
                    let value = self.raw_operand(value);
                    failed |= value.is_error();
                    worth = worth_of(worth, &value.ty);
                    typed.push(Part::Expr(value));
                }
            }
        }
        if !self.in_promotion && !self.in_lambda() {
            self.report(errors::raw_not_here(span));
            return Expr::error(span);
        }
        let Some(functions) = self.raw_code(&source, &mut worth) else { return Expr::error(span) };
        if failed {
            return Expr::error(span);
        }
        let ty = no_better_than(&ty, worth);
        Expr { span, ty, time: Time::Promotion, kind: Kind::Raw { text: typed, functions } }
    }

    /// A value inside raw code may be absent, but it must be a value: no artifact as a whole.
    fn raw_operand(&mut self, value: Expr) -> Expr {
        if matches!(value.resolved().kind, Kind::Slot(_) | Kind::Result(_)) && !value.is_error() {
            self.report(errors::artifact_field(&value, "a raw expression"));
            return Expr::error(value.span);
        }
        value
    }

    /// The functions that the code calls; `None` if it is wrong in itself. `worth` becomes that of the variables and
    /// credentials that it reads, if that is less.
    fn raw_code(&mut self, source: &Source<'_>, worth: &mut TextKind) -> Option<Vec<Arc<FunctionSig>>> {
        let dialect = self.world.library.dialect(self.target());
        let tree = match exprlang::parse_with_holes(&source.text, &source.holes, dialect) {
            Ok(tree) => tree,
            Err(problem) => {
                self.report(errors::raw_syntax(source.span(problem.at), &problem));
                return None;
            }
        };
        let mut functions = Vec::new();
        let mut is_right = true;
        for (id, node) in tree.nodes() {
            match &node.kind {
                Node::Call { callee, args } => {
                    if let Some(exprlang::Node { kind: Node::Name(name), at }) = tree.get(*callee) {
                        is_right &= self.raw_call(name, source.span(*at), args.len(), &mut functions);
                    }
                }
                Node::Builtin { name, args } => {
                    is_right &= self.raw_builtin(name, source.span(node.at), args.len());
                    functions.extend(self.world.library.function(name));
                }
                Node::Member { of, key, .. } => {
                    is_right &= self.raw_ctx(&tree, id, *of, *key, source);
                    if let Some(ty) = var_name(&tree, *of, *key).and_then(|name| self.raw_var(name)) {
                        *worth = worth_of(*worth, &ty);
                    }
                }
                _ => {}
            }
        }
        if functions.iter().any(|function| worth_of(TextKind::String, &function.result) == TextKind::Secret) {
            *worth = TextKind::Secret;
        }
        is_right.then_some(functions)
    }

    /// The type of a variable, if it is known here. It counts as read.
    fn raw_var(&mut self, name: &str) -> Option<Ty> {
        self.world.mark_raw_var(name);
        let known = self.scopes.iter().rev().find(|binding| binding.name == name)?;
        match &known.what {
            What::Var { ty, .. } => Some(ty.clone()),
            _ => None,
        }
    }

    fn raw_builtin(&mut self, name: &str, at: Span, given: usize) -> bool {
        let Some(arity) = exprlang::arity(name).filter(|arity| given < arity.least || given > arity.most) else { return true };
        let most = if arity.most == usize::MAX { arity.least } else { arity.most };
        self.report(errors::argument_count_between(name, at, arity.least, most, given));
        false
    }

    fn raw_call(&mut self, name: &Name, at: Span, given: usize, functions: &mut Vec<Arc<FunctionSig>>) -> bool {
        let Some(function) = self.world.library.function(name) else {
            // What Loadline writes itself is no mistake here.
            if self.world.library.replaced().iter().any(|(known, _)| known == name) {
                return true;
            }
            if self.first_time_unknown(name) {
                let names = self.world.library.function_names();
                let replaced = self.world.library.replaced().iter().map(|(known, _)| known);
                let known = names.iter().chain(replaced).map(Name::as_str);
                self.report(errors::unknown_function(name, at, nearest(name, known)));
            }
            return false;
        };
        if !self.can_call(&function, at) {
            return false;
        }
        let parameters = &function.parameters.fields;
        let least = parameters.iter().filter(|parameter| !parameter.optional).count();
        if given < least || given > parameters.len() {
            self.report(errors::argument_count_between(name, at, least, parameters.len(), given));
            return false;
        }
        functions.push(function);
        true
    }

    /// `ctx.a.b` names what the target knows. What lies inside a field is not looked at.
    fn raw_ctx(&mut self, tree: &Tree, id: Id, of: Id, key: Id, source: &Source<'_>) -> bool {
        let (Some(path), Some(base)) = (ctx_path(tree, id), ctx_path(tree, of)) else { return true };
        let (Some(ty), Some(key)) = (self.world.library.named_type("Ctx"), tree.get(key)) else { return true };
        let Ty::Record(record) = &ty else { return true };
        let within = |inner: &str, outer: &str| outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        let fits = |path: &str| {
            record.fields.iter().any(|field| spelling(field) == path || within(spelling(field), path) || within(path, spelling(field)))
        };
        let at = source.span(key.at);
        if fits(&path) {
            let mut reports = Vec::new();
            for field in record.fields.iter().filter(|field| spelling(field) == path.as_str()) {
                errors::availability(&field.rules, &path, at, self.target(), &mut reports);
            }
            self.reports.append(&mut reports);
            return true;
        }
        // The report about a field counts for all behind it.
        if fits(&base) {
            let known = record.fields.iter().filter(|field| field.rules.in_all(self.target()));
            let known: Vec<&str> = known.map(|field| spelling(field).as_str()).collect();
            let field = Ident { name: Name::new(&path), span: at };
            self.report(errors::unknown_field(&field, &ty, &known, nearest(&path, known.iter().copied())));
        }
        false
    }
}

/// `a.b` for `ctx.a.b`, nothing for `ctx` itself; `None` for anything else.
fn ctx_path(tree: &Tree, id: Id) -> Option<String> {
    match &tree.get(id)?.kind {
        Node::Name(name) if name == "ctx" => {
            let is_own = tree.nodes().any(|(_, node)| matches!(&node.kind, Node::Let { name, .. } if name == "ctx"));
            (!is_own).then(String::new)
        }
        Node::Member { of, key, .. } => {
            let base = ctx_path(tree, *of)?;
            let Node::Text(key) = &tree.get(*key)?.kind else { return None };
            Some(if base.is_empty() { key.to_string() } else { format!("{base}.{key}") })
        }
        _ => None,
    }
}

/// `x` for `vars.x`.
fn var_name(tree: &Tree, of: Id, key: Id) -> Option<&str> {
    match (&tree.get(of)?.kind, &tree.get(key)?.kind) {
        (Node::Name(name), Node::Text(key)) if name == "vars" => Some(key),
        _ => None,
    }
}

/// The lesser of what is known and any text in a value of the type.
pub(super) fn worth_of(known: TextKind, ty: &Ty) -> TextKind {
    match ty {
        Ty::Optional(inner, _) | Ty::List(inner) | Ty::Map(inner, _) => worth_of(known, inner),
        Ty::Record(record) => record.fields.iter().fold(known, |known, field| worth_of(known, &field.ty)),
        Ty::Union(members) => members.iter().fold(known, worth_of),
        ty => join_trust(known, ty),
    }
}

/// The stated type, its texts no better than what the code is made of.
fn no_better_than(ty: &Ty, worth: TextKind) -> Ty {
    let inner = |ty: &Ty| Arc::new(no_better_than(ty, worth));
    match ty {
        _ if worth == TextKind::String => ty.clone(),
        Ty::Any if worth == TextKind::Untrusted => Ty::Any,
        Ty::Text(TextKind::Secret) => ty.clone(),
        ty if ty.is_text() || matches!(ty, Ty::Any) => Ty::Text(worth),
        Ty::Optional(of, face) => Ty::Optional(inner(of), *face),
        Ty::List(of) => Ty::List(inner(of)),
        Ty::Map(of, face) => Ty::Map(inner(of), *face),
        Ty::Union(members) => Ty::Union(members.iter().map(|member| no_better_than(member, worth)).collect()),
        Ty::Record(record) => {
            let field = |field: &Field| Field { ty: no_better_than(&field.ty, worth), ..field.clone() };
            let fields = record.fields.iter().map(field).collect();
            let open = record.open.as_ref().map(|open| no_better_than(open, worth));
            Ty::Record(Arc::new(Record { name: record.name.clone(), fields, open }))
        }
        ty => ty.clone(),
    }
}

/// How Kargo calls a field.
fn spelling(field: &Field) -> &Name {
    field.rules.expr.as_ref().unwrap_or(&field.name)
}
