//! Declarations of the library that are data: blocks of settings with texts, words, lists and records. In: syntax. Out:
//! what stands there; a setting that is not there or is of another sort is `None`.

use std::sync::Arc;

use super::args::word;
use super::version::Version;
use crate::base::Name;
use crate::syntax::ast::{Element, Expr, ExprKind, Item, ItemKind, TextPart};

/// The settings of a block or a record.
#[derive(Clone, Copy)]
pub(super) struct Settings<'a>(pub(super) &'a [Item]);

impl<'a> Settings<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Expr> {
        self.all().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn all(self) -> impl Iterator<Item = (Name, &'a Expr)> {
        self.0.iter().filter_map(|item| match &item.kind {
            ItemKind::Setting { key, value } => Some((Name::new(key.as_constant()?), value)),
            _ => None,
        })
    }

    pub(super) fn word(self, name: &str) -> Option<Name> {
        word(self.get(name)?)
    }

    pub(super) fn text(self, name: &str) -> Option<Arc<str>> {
        self.get(name).and_then(text).map(Arc::from)
    }

    pub(super) fn version(self, name: &str) -> Option<Version> {
        Version::parse(self.get(name)?.as_plain_text()?)
    }

    /// The words of a list, or the one that stands alone.
    pub(super) fn words(self, name: &str) -> Vec<Name> {
        self.list(name).into_iter().filter_map(word).collect()
    }

    /// The items of a list, or what stands alone.
    pub(super) fn list(self, name: &str) -> Vec<&'a Expr> {
        self.get(name).map(items).unwrap_or_default()
    }

    pub(super) fn record(self, name: &str) -> Settings<'a> {
        self.get(name).and_then(record).unwrap_or(Settings(&[]))
    }
}

/// A text in which `${name}` stands for a parameter, and is kept as it is written.
pub(super) fn text(expr: &Expr) -> Option<String> {
    let ExprKind::Text(parts) = &expr.kind else { return None };
    let mut out = String::new();
    for part in parts {
        match part {
            TextPart::Text(text) => out.push_str(text),
            TextPart::Interpolation(inner) => match &inner.kind {
                ExprKind::Name(name) => out.extend(["${", name, "}"]),
                _ => return None,
            },
        }
    }
    Some(out)
}

pub(super) fn record(expr: &Expr) -> Option<Settings<'_>> {
    match &expr.kind {
        ExprKind::Record(block) => Some(Settings(&block.items)),
        _ => None,
    }
}

pub(super) fn items(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::List(elements) => {
            elements.iter().filter_map(|element| if let Element::Expr(expr) = element { Some(expr) } else { None }).collect()
        }
        _ => vec![expr],
    }
}
