//! Named types: those that the program declares, then those of the library.

use super::index::Meaning;
use super::world::{Global, Lookup};
use crate::base::{Name, Span};
use crate::library::{Ty, TypeScope};

impl TypeScope for Lookup<'_, '_> {
    fn named_type(&self, name: &str) -> Option<Ty> {
        let known = self.0.user_type(self.1, name).or_else(|| self.0.library.named_type(name));
        known.or_else(|| self.0.is_lost(name).then_some(Ty::Error))
    }

    fn seen_type(&self, at: Span, name: &str, ty: &Ty) {
        if self.0.index.is_none() {
            return;
        }
        let own = self.0.find(Global::Type, self.1, name, |scope| &scope.types).map(|((_, span), _)| *span);
        if let Some(declared) = own.or_else(|| self.0.library.type_place(name)) {
            self.0.note(|index| index.refer(at, declared, Meaning::Type(ty.clone())));
        }
    }

    fn type_names(&self) -> Vec<Name> {
        let own = self.0.names(self.1, |scope| &scope.types).into_iter();
        own.chain(self.0.library.type_names()).collect()
    }
}
