//! What names mean at a place: lexical bindings, innermost last.

use std::sync::Arc;

use super::tree::LetDef;
use crate::base::{Name, Span};
use crate::library::Ty;

#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) name: Name,
    pub(crate) span: Span,
    pub(crate) what: What,
    pub(crate) used: bool,
    /// Whether it is worth a warning when nothing reads it.
    pub(crate) warn: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Local {
        index: usize,
        ty: Ty,
    },
    Let(Arc<LetDef>),
    Slot(usize),
    Param {
        index: usize,
        ty: Ty,
    },
    Placeholder {
        ty: Ty,
        text: Name,
    },
    Var {
        ty: Ty,
        /// It reads what was made sure before, such as a slot that is required.
        unsure: bool,
    },
    Result(usize),
    LambdaName {
        ty: Ty,
        spelling: Name,
    },
    Subscription {
        ty: Ty,
    },
    /// Bound to something that was reported.
    Error,
}

/// A slot of the stage that is being checked.
#[derive(Clone, Debug)]
pub struct SlotType {
    pub name: Name,
    pub span: Span,
    /// The record of its artifacts.
    pub ty: Ty,
    /// The warehouse.
    pub origin: Name,
    /// What a misspelt slot was probably meant to be; that name is not reported again.
    pub meant: Option<Name>,
}
