//! Plain data with places: what a manifest says, whether it was written in the language or in YAML.

use std::sync::Arc;

use crate::base::{Name, Span};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    /// Where its key stands; of what has none, its own place.
    pub key: Span,
    pub value: Plain,
}

#[derive(Clone, Debug)]
pub enum Plain {
    /// What could not be read, or is not known: nothing is said about it.
    Unknown,
    Null,
    Bool(bool),
    /// As it is written.
    Number(Arc<str>),
    Text(Arc<str>),
    List(Vec<Node>),
    /// Keys in their order.
    Map(Vec<(Name, Node)>),
}

impl Node {
    pub fn new(span: Span, value: Plain) -> Node {
        Node { span, key: span, value }
    }

    pub fn keyed(self, key: Span) -> Node {
        Node { key, ..self }
    }

    /// The value at a key of a map, if it is there and not null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Plain::Map(entries) = &self.value else { return None };
        let (_, node) = entries.iter().find(|(name, _)| name == key)?;
        (!matches!(node.value, Plain::Null)).then_some(node)
    }

    /// The value at the end of a way of keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The items of a list, none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Plain::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list at a key.
    pub fn list(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    pub fn entries(&self) -> &[(Name, Node)] {
        match &self.value {
            Plain::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&Arc<str>> {
        match &self.value {
            Plain::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text at a key, if it is one and not empty.
    pub fn word(&self, key: &str) -> Option<(&Arc<str>, Span)> {
        let node = self.get(key)?;
        node.text().filter(|text| !text.is_empty()).map(|text| (text, node.span))
    }

    pub fn is_true(&self) -> bool {
        matches!(self.value, Plain::Bool(true))
    }

    /// Whether something in it is not known.
    pub fn is_unclear(&self) -> bool {
        match &self.value {
            Plain::Unknown => true,
            Plain::List(items) => items.iter().any(Node::is_unclear),
            Plain::Map(entries) => entries.iter().any(|(_, node)| node.is_unclear()),
            _ => false,
        }
    }

    /// Calls `each` for every text inside, keys of maps left out.
    pub fn texts<'n>(&'n self, each: &mut dyn FnMut(&'n Arc<str>, Span)) {
        match &self.value {
            Plain::Text(text) => each(text, self.span),
            Plain::List(items) => items.iter().for_each(|item| item.texts(each)),
            Plain::Map(entries) => entries.iter().for_each(|(_, node)| node.texts(each)),
            _ => {}
        }
    }
}
