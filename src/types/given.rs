//! What a block of settings gives.

use super::value::Value;
use crate::base::{Name, Span};

/// What was given in a block, for the rules about combinations. Blocks are short, so names are simply compared.
#[derive(Clone, Default)]
pub(crate) struct Given {
    names: Vec<GivenName>,
    /// A spread or loop whose names are not known: nothing can be said to be missing.
    pub(crate) open_ended: bool,
}

#[derive(Clone)]
struct GivenName {
    name: Name,
    at: Span,
    /// Where it is constant.
    value: Option<Value>,
    /// Brought by a spread: the same setting behind it replaces it.
    is_spread: bool,
}

impl Given {
    pub(crate) fn add(&mut self, name: Name, at: Span, value: Option<Value>) -> Option<Span> {
        let before = self.put(GivenName { name, at, value, is_spread: false });
        before.filter(|known| !known.is_spread).map(|known| known.at)
    }

    pub(super) fn add_spread(&mut self, name: &Name, at: Span) {
        self.put(GivenName { name: name.clone(), at, value: None, is_spread: true });
    }

    /// Out: what it replaces.
    fn put(&mut self, new: GivenName) -> Option<GivenName> {
        match self.names.iter_mut().find(|known| known.name == new.name) {
            Some(known) => Some(std::mem::replace(known, new)),
            None => {
                self.names.push(new);
                None
            }
        }
    }

    /// What the other branch of an `if` gives, which began with the same as this one.
    pub(crate) fn or(&mut self, mut other: Self) {
        for mut own in std::mem::take(&mut self.names) {
            own.is_spread |= other.find(&own.name).is_some_and(|known| known.is_spread);
            other.put(own);
        }
        self.names = other.names;
    }

    fn find(&self, name: &str) -> Option<&GivenName> {
        self.names.iter().find(|known| known.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn place(&self, name: &str) -> Option<Span> {
        self.find(name).map(|known| known.at)
    }

    pub(super) fn is(&self, name: &str, wanted: &str) -> bool {
        let value = self.find(name).and_then(|known| known.value.as_ref());
        value.is_some_and(|value| value.interpolated().as_deref() == Some(wanted))
    }
}
