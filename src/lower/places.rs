//! Where steps of manifests come from, for editors that show both side by side. Nothing of it is written.

use super::steps::Steps;
use crate::base::Span;
use crate::emit::yaml::{Key, Yaml};
use crate::types::tree::Statement;

impl Steps<'_, '_, '_> {
    /// Remembers a step or call while it is lowered; the steps of an inlined call come from the call, too.
    pub(super) fn enter(&mut self, statement: &Statement) -> Option<Span> {
        let at = match statement {
            Statement::Step(step) => Some(step.span),
            Statement::Call(call) => Some(call.span),
            Statement::Require(require) => Some(require.span),
            _ => None,
        };
        self.around.extend(at);
        at
    }

    pub(super) fn leave(&mut self, at: Option<Span>) {
        if at.is_some() {
            self.around.pop();
        }
    }

    /// The marks of the step at hand.
    pub(super) fn places(&self) -> Vec<(Key, Yaml)> {
        let wanted = self.around.iter().filter(|_| self.world.is_observed());
        wanted.map(|span| (Key::Place(*span), Yaml::Null)).collect()
    }
}
