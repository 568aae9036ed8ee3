//! Results of steps and calls: how they are bound, what type they have where they are read.

use super::checker::Checker;
use super::scope::What;
use super::tree::{Expr, Kind, ResultDef, ResultOf};
use crate::base::{Name, Span};
use crate::library::{Face, Ty};
use crate::syntax::ast::Ident;

impl Checker<'_, '_> {
    pub(crate) fn add_result(&mut self, name: Option<(Name, Span)>, at: Span, of: ResultOf) -> usize {
        let index = self.results.len();
        let span = name.as_ref().map_or(at, |(_, span)| *span);
        let name_only = name.as_ref().map(|(name, _)| name.clone());
        self.results.push(ResultDef { name: name_only, span, of, is_read: false, tried: self.trying, unsure: false });
        if let Some((name, span)) = name {
            self.bind_in_body(name, span, What::Result(index), false);
        }
        index
    }

    pub(crate) fn bind_in_body(&mut self, name: Name, span: Span, what: What, warn: bool) {
        self.later.retain(|(_, known)| *known != span);
        self.bind(name, span, what, warn);
    }

    /// The type of a step's result where it is read: `T?` if the step may have skipped itself, or is not certain to
    /// have come to its end.
    pub(crate) fn result_type(&self, index: usize) -> Ty {
        let ty = self.sure_result_type(index);
        if self.is_unsure(index) && !ty.is_error() { ty.present().clone().optional(Face::Nil) } else { ty }
    }

    fn sure_result_type(&self, index: usize) -> Ty {
        match self.results.get(index).map(|result| &result.of) {
            Some(ResultOf::Step(step)) => {
                let ty = Ty::Record(step.outputs.clone());
                if step.may_skip(self.target()) { ty.optional(Face::Nil) } else { ty }
            }
            Some(ResultOf::Call(task)) => Ty::Record(task.result.clone()),
            None => Ty::Error,
        }
    }

    /// A `let` that is read where steps may have failed reads their results there.
    pub(crate) fn mark_unsure(&mut self, def: &super::tree::LetDef) {
        if self.tail_from.is_none() {
            return;
        }
        def.value.walk(&mut |inner| {
            if let Kind::Result(index) = inner.kind
                && let Some(result) = self.results.get_mut(index)
            {
                result.unsure = true;
            }
        });
    }

    /// Where the body binds this name further down.
    pub(crate) fn later_result(&self, name: &str) -> Option<Span> {
        self.later.iter().find(|(known, _)| known == name).map(|(_, span)| *span)
    }

    /// An output that survives a skip: the `commit` of a git-commit without changes.
    pub(crate) fn is_kept_output(&self, base: &Expr, field: &Ident) -> bool {
        let Kind::Result(index) = base.resolved().kind else { return false };
        !self.is_unsure(index)
            && matches!(self.results.get(index).map(|result| &result.of), Some(ResultOf::Step(step)) if step.keeps(&field.name))
    }
}
