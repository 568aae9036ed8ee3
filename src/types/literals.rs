//! Joining types: rows of a table, branches of a choice, items of a list.

use std::sync::Arc;

use crate::library::{Face, Field, Record, TextKind, Ty};

/// Enums longer than this are texts: nobody checks against 257 names, and lists of stages can be long.
const MAX_CHOICES: usize = 256;

/// The type of a list's items: what all of them fit. `Any`-like for an empty list.
pub(crate) fn join_all(types: impl IntoIterator<Item = Ty>) -> Ty {
    let mut literals: Vec<Ty> = Vec::new();
    let mut joined: Option<Ty> = None;
    for ty in types {
        match ty {
            // Collected apart, so that a long list of names is joined in one go.
            Ty::Literal(text) => literals.push(Ty::Literal(text)),
            ty => joined = Some(joined.map_or_else(|| ty.clone(), |known| join(&known, &ty))),
        }
    }
    let literals = union_of_literals(literals);
    match (joined, literals) {
        (Some(joined), Some(literals)) => join(&joined, &literals),
        (Some(ty), None) | (None, Some(ty)) => ty,
        (None, None) => Ty::Error,
    }
}

fn union_of_literals(mut literals: Vec<Ty>) -> Option<Ty> {
    let name = |ty: &Ty| if let Ty::Literal(text) = ty { text.clone() } else { Default::default() };
    literals.sort_by_key(name);
    literals.dedup_by_key(|ty| name(ty));
    match literals.len() {
        0 => None,
        1 => literals.pop(),
        2..=MAX_CHOICES => Some(Ty::Union(literals.into())),
        _ => Some(Ty::STRING),
    }
}

/// The smallest type that both fit; `Any` if they have nothing in common.
pub(crate) fn join(a: &Ty, b: &Ty) -> Ty {
    match (a, b) {
        (Ty::Error, other) | (other, Ty::Error) => other.clone(),
        (Ty::Null, other) | (other, Ty::Null) => other.clone().optional(Face::Nil),
        (Ty::Optional(a, face), Ty::Optional(b, other)) => {
            let face = if face == other { *face } else { Face::Nil };
            join(a, b).optional(face)
        }
        (Ty::Optional(inner, face), other) | (other, Ty::Optional(inner, face)) => join(inner, other).optional(*face),
        (Ty::Bool, Ty::Bool) => Ty::Bool,
        (Ty::Int, Ty::Int) => Ty::Int,
        (Ty::Int | Ty::Float, Ty::Int | Ty::Float) => Ty::Float,
        (Ty::Duration, Ty::Duration) => Ty::Duration,
        (a, b) if a.is_text() && b.is_text() => join_text(a, b),
        (Ty::List(a), Ty::List(b)) => Ty::List(Arc::new(join(a, b))),
        (Ty::Map(a, face), Ty::Map(b, _)) => Ty::Map(Arc::new(join(a, b)), *face),
        (Ty::Record(a), Ty::Record(b)) => join_records(a, b),
        (Ty::Map(item, face), Ty::Record(record)) | (Ty::Record(record), Ty::Map(item, face)) => {
            let fields = join_all(record.fields.iter().map(|field| field.ty.clone()));
            Ty::Map(Arc::new(join(item, &fields)), *face)
        }
        _ => Ty::Any,
    }
}

fn join_text(a: &Ty, b: &Ty) -> Ty {
    if a.choices().is_some() && b.choices().is_some() {
        let all = a.members().iter().chain(b.members()).cloned().collect();
        return union_of_literals(all).unwrap_or(Ty::STRING);
    }
    match (a, b) {
        (Ty::Text(a), Ty::Text(b)) if a == b => Ty::Text(*a),
        _ if a.is_secret() || b.is_secret() => Ty::Text(TextKind::Secret),
        _ if a.is_untrusted() || b.is_untrusted() => Ty::UNTRUSTED,
        _ => Ty::STRING,
    }
}

/// A field that only some rows have is optional.
fn join_records(a: &Arc<Record>, b: &Arc<Record>) -> Ty {
    if Arc::ptr_eq(a, b) || (a.name.is_some() && a.name == b.name) {
        return Ty::Record(Arc::clone(a));
    }
    let mut fields: Vec<Field> = Vec::new();
    for field in &a.fields {
        let joined = match b.field(&field.name) {
            Some(other) => Field { ty: join(&field.ty, &other.ty), optional: field.optional || other.optional, ..field.clone() },
            None => Field { optional: true, ..field.clone() },
        };
        fields.push(unwrap_optional(joined));
    }
    for field in b.fields.iter().filter(|field| a.field(&field.name).is_none()) {
        fields.push(Field { optional: true, ..field.clone() });
    }
    let open = a.open.clone().or_else(|| b.open.clone());
    Ty::Record(Arc::new(Record { name: None, fields, open }))
}

fn unwrap_optional(field: Field) -> Field {
    match &field.ty {
        Ty::Optional(inner, _) => Field { ty: (**inner).clone(), optional: true, ..field.clone() },
        _ => field,
    }
}
