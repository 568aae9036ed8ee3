//! The arguments of attributes.

use std::sync::Arc;

use super::access::NeedUse;
use super::hazards::{Hazard, Only, Range};
use super::version::Version;
use crate::base::Name;
use crate::diag::Check;
use crate::syntax::ast::{Arg, Element, Expr, ExprKind};

/// The arguments of an attribute.
#[derive(Clone, Copy)]
pub(super) struct Args<'a>(pub(super) &'a [Arg]);

impl Args<'_> {
    pub(super) fn positional(&self, index: usize) -> Option<&Expr> {
        self.0.iter().filter(|arg| arg.name.is_none()).nth(index).map(|arg| &arg.value)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Expr> {
        self.0.iter().find(|arg| arg.name.as_ref().is_some_and(|ident| ident.name == name)).map(|arg| &arg.value)
    }

    pub(super) fn text(&self, index: usize) -> Option<&str> {
        self.positional(index)?.as_plain_text()
    }

    pub(super) fn word(&self, index: usize) -> Option<Name> {
        word(self.positional(index)?)
    }

    pub(super) fn words(&self) -> Vec<Name> {
        self.0.iter().filter(|arg| arg.name.is_none()).filter_map(|arg| word(&arg.value)).collect()
    }

    pub(super) fn int(&self, index: usize) -> Option<i64> {
        match self.positional(index)?.kind {
            ExprKind::Int(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn duration(&self, index: usize) -> Option<&str> {
        match &self.positional(index)?.kind {
            ExprKind::Duration(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn version(&self, index: usize) -> Option<Version> {
        Version::parse(self.text(index)?)
    }

    pub(super) fn named_version(&self, name: &str) -> Option<Version> {
        Version::parse(self.named(name)?.as_plain_text()?)
    }

    /// `(check, "what happens", "what to do", since:, until:, above: | matches: | is: | in: task | in: variable)`
    pub(super) fn hazard(&self) -> Option<Hazard> {
        let only = if let Some(limit) = self.named("above") {
            let ExprKind::Int(limit) = limit.kind else { return None };
            Only::Above(limit)
        } else if let Some(pattern) = self.named("matches") {
            let pattern = regex::bytes::RegexBuilder::new(pattern.as_plain_text()?).unicode(false).build().ok()?;
            Only::Matches(Arc::new(pattern))
        } else if let Some(value) = self.named("is") {
            Only::Is(bool_word(value).or_else(|| value.as_plain_text().map(Name::new))?)
        } else if let Some(place) = self.named("in") {
            match word(place)?.as_str() {
                "task" => Only::InTask,
                "variable" => Only::InVariable,
                _ => return None,
            }
        } else {
            Only::All
        };
        let span = Range::Within(self.named_version("since"), self.named_version("until"));
        Some(Hazard { span, only, ..self.described(1)? })
    }

    /// The check, and from the given argument on what happens and what to do.
    pub(super) fn described(&self, first: usize) -> Option<Hazard> {
        let check = Check::by_name(&self.word(0)?)?;
        let (what, instead) = (self.text(first)?.into(), self.text(first + 1)?.into());
        Some(Hazard { check, span: Range::Within(None, None), what, instead, only: Only::All })
    }

    /// `(id, case: word, case-of: setting, when: value, with: setting, unless: setting, part: word, each: list,
    /// parameter: setting)`
    pub(super) fn need_use(&self) -> Option<NeedUse> {
        let value = |expr: &Expr| bool_word(expr).or_else(|| word(expr));
        let is_parameter = |name: &Name| !["case", "case-of", "when", "with", "unless", "part", "each"].contains(&name.as_str());
        let named = self.0.iter().filter_map(|arg| Some((arg.name.as_ref()?.name.clone(), &arg.value)));
        let given = named.filter(|(name, _)| is_parameter(name)).map(|(name, expr)| Some((name, paths(expr)?)));
        let paths = |name: &str| self.named(name).map_or(Some(Vec::new()), paths);
        let words = |name: &str| Some(paths(name)?.iter().map(Name::new).collect());
        Some(NeedUse {
            need: self.word(0)?,
            cases: words("case")?,
            case_of: paths("case-of")?,
            when: self.named("when").and_then(value),
            with: paths("with")?,
            unless: paths("unless")?,
            part: self.named("part").and_then(word),
            each: self.named("each").and_then(word),
            given: given.collect::<Option<_>>()?,
        })
    }

    pub(super) fn named_words(&self, name: &str) -> Vec<Name> {
        match self.named(name).map(|expr| &expr.kind) {
            Some(ExprKind::List(elements)) => {
                elements.iter().filter_map(|element| if let Element::Expr(expr) = element { word(expr) } else { None }).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The words of a list, or the one that stands alone.
fn paths(expr: &Expr) -> Option<Vec<Arc<str>>> {
    super::data::items(expr).into_iter().map(|expr| Some(Arc::from(word(expr)?.as_str()))).collect()
}

pub(super) fn word(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => expr.as_plain_text().map(Name::new),
    }
}

pub(super) fn bool_word(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Bool(value) => Some(Name::new(if *value { "true" } else { "false" })),
        _ => None,
    }
}
