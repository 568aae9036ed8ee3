//! From type expressions to types.

use std::sync::Arc;

use super::attributes;
use super::rules::Rules;
use super::ty::{Face, Field, Record, TextKind, Ty};
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic, nearest};
use crate::syntax::ast::{self, FieldKey, TypeExpr, TypeKind};

/// Where names of types are looked up.
pub trait TypeScope {
    /// The named type, if there is one. Marks it as used.
    fn named_type(&self, name: &str) -> Option<Ty>;
    /// The name of a type stands at a place; for editors.
    fn seen_type(&self, _at: Span, _name: &str, _ty: &Ty) {}
    /// All names, for suggestions.
    fn type_names(&self) -> Vec<Name>;
}

/// The type that is written; an unknown name is reported once and becomes `Error`.
pub fn type_of(written: &TypeExpr, scope: &dyn TypeScope, reports: &mut Vec<Diagnostic>) -> Ty {
    match &written.kind {
        TypeKind::Name(name, _) => named(name, written.span, scope, reports),
        TypeKind::Text(text) => Ty::Literal(Name::new(text)),
        TypeKind::List(item) => Ty::List(Arc::new(type_of(item, scope, reports))),
        TypeKind::Union(members) => {
            let members: Vec<Ty> = members.iter().map(|member| type_of(member, scope, reports)).collect();
            if members.iter().any(Ty::is_error) { Ty::Error } else { Ty::Union(members.into()) }
        }
        TypeKind::Optional(inner) => type_of(inner, scope, reports).optional(Face::Nil),
        TypeKind::Record(fields) => record_of(None, fields, scope, reports),
        TypeKind::Error => Ty::Error,
    }
}

fn named(name: &str, at: Span, scope: &dyn TypeScope, reports: &mut Vec<Diagnostic>) -> Ty {
    if let Some((kind, _)) = TextKind::ALL.iter().find(|(_, text)| *text == name) {
        return Ty::Text(*kind);
    }
    let builtin = match name {
        "Bool" => Some(Ty::Bool),
        "Int" => Some(Ty::Int),
        "Float" => Some(Ty::Float),
        "Duration" => Some(Ty::Duration),
        "Any" => Some(Ty::Any),
        "StepResult" => Some(Ty::StepResult),
        "Expression" => Some(Ty::Expression(Arc::from([]))),
        _ => None,
    };
    if let Some(ty) = builtin.or_else(|| scope.named_type(name)) {
        scope.seen_type(at, name, &ty);
        return ty;
    }
    let mut known: Vec<Name> = scope.type_names();
    known.extend(["Bool", "Int", "Float", "Duration", "Any"].map(Name::new));
    known.extend(TextKind::ALL.iter().map(|(_, name)| Name::new(name)));
    let report = Diagnostic::new(Check::UnknownName, format!("there is no type `{name}`"), at, "unknown type");
    reports.push(match nearest(name, known.iter().map(Name::as_str)) {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near.to_owned()),
        None => report.help("types begin with a capital: `String`, `Bool`, `Image`, `Commit`, `Chart` or a `type` of yours"),
    });
    Ty::Error
}

/// A record, or a map where all keys are free.
pub(super) fn record_of(name: Option<Name>, fields: &[ast::Field], scope: &dyn TypeScope, reports: &mut Vec<Diagnostic>) -> Ty {
    let mut record = Record { name, fields: Vec::new(), open: None };
    let mut map_face = Face::Nil;
    for field in fields {
        match &field.key {
            FieldKey::Any(_) => {
                if attributes::read(&field.attributes, reports).empty {
                    map_face = Face::Empty;
                }
                record.open = Some(type_of(&field.ty, scope, reports));
            }
            FieldKey::Name(ident) => {
                let ty = type_of(&field.ty, scope, reports);
                let rules = attributes::read(&field.attributes, reports);
                let doc = field.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
                record.fields.push(make_field(ident, ty, field.optional, false, doc, rules));
            }
        }
    }
    match record.open {
        Some(item) if record.fields.is_empty() => Ty::Map(Arc::new(item), map_face),
        _ => Ty::Record(Arc::new(record)),
    }
}

pub(super) fn make_field(ident: &ast::Ident, ty: Ty, optional: bool, is_static: bool, doc: Option<Arc<str>>, rules: Rules) -> Field {
    // A map whose missing keys read as empty text says so on the field.
    let ty = match ty {
        Ty::Map(item, _) if rules.empty => Ty::Map(item, Face::Empty),
        Ty::Expression(_) => Ty::Expression(rules.env.clone().into()),
        Ty::Record(record) if rules.open && record.open.is_none() => {
            Ty::Record(Arc::new(Record { name: record.name.clone(), fields: record.fields.clone(), open: Some(Ty::Any) }))
        }
        // `T?` and `name?: T` are the same thing.
        ty => ty,
    };
    let (ty, optional) = match ty {
        Ty::Optional(inner, _) => ((*inner).clone(), true),
        ty => (ty, optional),
    };
    Field { name: ident.name.clone(), span: ident.span, ty, optional, is_static, doc, rules: Arc::new(rules) }
}
