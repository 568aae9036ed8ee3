//! The types of the language. Structural; an unknown is `Error`, which fits everything and silences what follows.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::{Rules, Target};
use crate::base::{Name, Span};

#[derive(Clone, Debug)]
pub enum Ty {
    /// The type of what was reported already.
    Error,
    Any,
    Null,
    Bool,
    Int,
    Float,
    Duration,
    Text(TextKind),
    /// A text known by heart; unions of these are enums.
    Literal(Name),
    Union(Arc<[Ty]>),
    Optional(Arc<Ty>, Face),
    List(Arc<Ty>),
    /// Free keys. With the face of a missing key: a map of nil face gives `T?` when it is indexed.
    Map(Arc<Ty>, Face),
    Record(Arc<Record>),
    /// The result of a step, as `status` takes it.
    StepResult,
    /// Bare expr-lang over one of these named records.
    Expression(Arc<[Name]>),
}

/// What `T?` is at run time when it is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    Nil,
    /// The empty text (an empty map, for annotations).
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    String,
    Tag,
    Digest,
    CommitId,
    SemVer,
    Path,
    Url,
    Untrusted,
    Secret,
}

#[derive(Debug, Default)]
pub struct Record {
    /// The name it was declared by, for messages.
    pub name: Option<Name>,
    pub fields: Vec<Field>,
    /// Further fields of any name, of this type.
    pub open: Option<Ty>,
}

/// A field of a record, a setting, an output, a parameter.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: Name,
    pub span: Span,
    pub ty: Ty,
    pub optional: bool,
    pub is_static: bool,
    pub doc: Option<Arc<str>>,
    pub rules: Arc<Rules>,
}

impl Ty {
    pub const STRING: Ty = Ty::Text(TextKind::String);
    pub const UNTRUSTED: Ty = Ty::Text(TextKind::Untrusted);

    pub fn optional(self, face: Face) -> Ty {
        match self {
            Ty::Optional(..) | Ty::Error | Ty::Any | Ty::Null => self,
            ty => Ty::Optional(Arc::new(ty), face),
        }
    }

    /// The type when it is known to be there.
    pub fn present(&self) -> &Ty {
        match self {
            Ty::Optional(inner, _) => inner,
            ty => ty,
        }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Ty::Optional(..) | Ty::Null)
    }

    pub fn face(&self) -> Option<Face> {
        match self {
            Ty::Optional(_, face) => Some(*face),
            Ty::Null => Some(Face::Nil),
            _ => None,
        }
    }

    pub fn is_error(&self) -> bool {
        matches!(self, Ty::Error)
    }

    /// Whether a value is a text at run time.
    pub fn is_text(&self) -> bool {
        match self {
            Ty::Text(_) | Ty::Literal(_) => true,
            Ty::Union(members) => members.iter().all(Ty::is_text),
            _ => false,
        }
    }

    pub fn is_untrusted(&self) -> bool {
        match self {
            Ty::Text(TextKind::Untrusted) => true,
            Ty::Union(members) => members.iter().any(Ty::is_untrusted),
            Ty::Optional(inner, _) => inner.is_untrusted(),
            _ => false,
        }
    }

    pub fn is_secret(&self) -> bool {
        match self {
            Ty::Text(TextKind::Secret) => true,
            Ty::Union(members) => members.iter().any(Ty::is_secret),
            Ty::Optional(inner, _) => inner.is_secret(),
            _ => false,
        }
    }

    pub fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Ty::Record(record) => Some(record),
            _ => None,
        }
    }

    /// A text that is equal for types that look the same to a body.
    pub fn shape(&self) -> String {
        match self {
            Ty::Record(record) => record.fields.iter().map(|field| format!("{}={},", field.name, field.ty)).collect(),
            other => other.to_string(),
        }
    }

    /// The record that it is, or that the items of the list are.
    pub fn record_within(&self) -> Option<&Arc<Record>> {
        match self.present() {
            Ty::Record(record) => Some(record),
            Ty::List(item) => item.record_within(),
            _ => None,
        }
    }

    /// The members of a union, or the type itself.
    pub fn members(&self) -> &[Ty] {
        match self {
            Ty::Union(members) => members,
            ty => std::slice::from_ref(ty),
        }
    }

    /// The texts of an enum, if it is one.
    pub fn choices(&self) -> Option<Vec<&str>> {
        self.members().iter().map(|member| if let Ty::Literal(text) = member { Some(text.as_str()) } else { None }).collect()
    }
}

impl Record {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// All declarations of a name: one whose type changed between versions stands several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// Whether a name stands several times, so that each version has one of them.
    pub fn covers(&self, name: &str, target: &Target) -> bool {
        self.all(name).count() > 1 && target.each_has(|version| self.all(name).any(|field| field.rules.in_all(version)))
    }
}

/// The rules of what has none.
static NONE: LazyLock<Arc<Rules>> = LazyLock::new(Arc::default);

impl Field {
    /// A field without rules, made by the compiler.
    pub fn plain(name: Name, span: Span, ty: Ty) -> Field {
        Field { name, span, ty, optional: false, is_static: false, doc: None, rules: Arc::clone(&NONE) }
    }

    /// What reading it gives: optional where it may be absent.
    pub fn read_type(&self) -> Ty {
        if self.optional { self.ty.clone().optional(self.rules.face()) } else { self.ty.clone() }
    }
}

impl TextKind {
    pub const ALL: [(TextKind, &'static str); 9] = [
        (TextKind::String, "String"),
        (TextKind::Tag, "Tag"),
        (TextKind::Digest, "Digest"),
        (TextKind::CommitId, "CommitId"),
        (TextKind::SemVer, "SemVer"),
        (TextKind::Path, "Path"),
        (TextKind::Url, "Url"),
        (TextKind::Untrusted, "Untrusted"),
        (TextKind::Secret, "Secret"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("String", |(_, name)| name)
    }

    /// A closed alphabet: nothing in it can be taken for syntax.
    pub fn is_closed(self) -> bool {
        matches!(self, TextKind::Tag | TextKind::Digest | TextKind::CommitId | TextKind::SemVer)
    }
}

/// As a program writes it.
impl fmt::Display for Ty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Error => out.write_str("?"),
            Ty::Any => out.write_str("Any"),
            Ty::Null => out.write_str("null"),
            Ty::Bool => out.write_str("Bool"),
            Ty::Int => out.write_str("Int"),
            Ty::Float => out.write_str("Float"),
            Ty::Duration => out.write_str("Duration"),
            Ty::Text(kind) => out.write_str(kind.name()),
            Ty::Literal(text) => write!(out, "{text:?}"),
            Ty::Union(members) => {
                for (index, member) in members.iter().enumerate().take(8) {
                    if index > 0 {
                        out.write_str(" | ")?;
                    }
                    write!(out, "{member}")?;
                }
                if members.len() > 8 { out.write_str(" | …") } else { Ok(()) }
            }
            Ty::Optional(inner, _) if matches!(**inner, Ty::Union(_)) => write!(out, "({inner})?"),
            Ty::Optional(inner, _) => write!(out, "{inner}?"),
            Ty::List(item) => write!(out, "[{item}]"),
            Ty::Map(item, _) => write!(out, "{{ [String]: {item} }}"),
            Ty::Record(record) => write!(out, "{record}"),
            Ty::StepResult => out.write_str("the result of a step"),
            Ty::Expression(_) => out.write_str("an expression of its own (`name => …`)"),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return out.write_str(name);
        }
        out.write_str("{")?;
        for (index, field) in self.fields.iter().enumerate().take(6) {
            let comma = if index > 0 { "," } else { "" };
            let mark = if field.optional { "?" } else { "" };
            write!(out, "{comma} {}{mark}: {}", field.name, field.ty)?;
        }
        out.write_str(if self.fields.len() > 6 { ", … }" } else { " }" })
    }
}
