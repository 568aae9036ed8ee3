//! Which calls of templates an object comes from.

use std::sync::Arc;

use super::errors;
use crate::base::Span;
use crate::diag::Diagnostic;

/// The calls of templates that lead to a place, outermost first; none outside templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls(Arc<[Call]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    at: Span,
    template: Span,
}

impl Calls {
    /// One call further in.
    pub(super) fn with(&self, at: Span, template: Span) -> Calls {
        Calls(self.0.iter().copied().chain(std::iter::once(Call { at, template })).collect())
    }

    /// Whether the template is being walked already.
    pub(super) fn is_inside(&self, template: Span) -> bool {
        self.0.iter().any(|call| call.template == template)
    }

    fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of these calls, which made something twice, is the whole way to this place: it was reported.
    pub(super) fn is_among(&self, repeated: &[Calls]) -> bool {
        !self.is_none() && repeated.contains(self)
    }

    /// The call that stands outside templates.
    pub(super) fn outermost(&self) -> Option<Span> {
        self.0.first().map(|call| call.at)
    }

    /// The report about one instance, with the call that makes it.
    pub(super) fn blame(&self, report: Diagnostic) -> Diagnostic {
        match self.outermost() {
            Some(at) => errors::made_by(report, at),
            None => report,
        }
    }
}

/// Where something was declared, and by which calls.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) span: Span,
    pub(crate) calls: Calls,
}

impl Made {
    /// The report that there is such a thing already.
    pub(super) fn duplicate(&self, what: &str, name: &str, first: &Made) -> Diagnostic {
        // The calls differ from some one on: these two are the cause.
        let differing = self.calls.0.iter().zip(first.calls.0.iter()).find(|(own, other)| own.at != other.at);
        match differing {
            Some((own, other)) if self.span == first.span => errors::made_twice(what, name, own.at, other.at, self.span),
            _ => self.calls.blame(errors::duplicate(what, name, self.span, first.span)),
        }
    }
}
