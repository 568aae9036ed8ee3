//! What names of types mean in files of the library.

use std::collections::HashMap;

use super::store::Library;
use super::ty::Ty;
use super::types::TypeScope;
use crate::base::{Name, Span};

/// Types of the library, and those of one of its files.
pub(super) struct Own<'l> {
    pub(super) library: &'l Library,
    pub(super) types: HashMap<Name, Ty>,
    pub(super) shared: Option<&'l Library>,
}

impl TypeScope for Own<'_> {
    fn named_type(&self, name: &str) -> Option<Ty> {
        let known = self.types.get(name).cloned().or_else(|| self.library.named_type(name));
        known.or_else(|| self.shared?.shared_types().get(name).cloned())
    }

    fn type_names(&self) -> Vec<Name> {
        self.library.type_names()
    }
}

/// Types of a file that is being read: each may use those above it.
pub(super) struct Growing(pub(super) HashMap<Name, (Ty, Span)>);

impl TypeScope for Growing {
    fn named_type(&self, name: &str) -> Option<Ty> {
        self.0.get(name).map(|(ty, _)| ty.clone())
    }

    fn type_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.0.keys().cloned().collect();
        names.sort_unstable();
        names
    }
}
