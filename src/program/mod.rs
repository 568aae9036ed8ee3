//! The names pass. In: the parsed files. Out: [`Program`]: which project declares what, and what is seen from where.
//!
//! Declarations are collected, not typed: bodies stay syntax. Names inside loops are not known yet; `expand` makes them.

mod collect;
mod errors;

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::base::{Name, Span};
use crate::syntax::ast::{self, Item};

pub use collect::collect;

/// A program: the declarations of all its files.
#[derive(Debug, Default)]
pub struct Program<'a> {
    pub targets: Vec<&'a ast::Target>,
    /// What stands outside projects, and is seen in all of them.
    pub outer: Scope<'a>,
    pub projects: Vec<Project<'a>>,
    /// The words in text that could not be read.
    pub lost: HashSet<Name>,
    /// The start of the first file, where a missing line belongs.
    pub start: Option<Span>,
}

#[derive(Debug)]
pub struct Project<'a> {
    pub name: Name,
    pub span: Span,
    pub doc: Option<&'a ast::Doc>,
    pub cluster_name: Option<&'a ast::Expr>,
    /// Settings, objects, flows and loops over them, in source order.
    pub items: Vec<&'a Item>,
    pub scope: Scope<'a>,
}

/// Names that are looked up. Each kind of thing has names of its own.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    pub lets: IndexMap<Name, &'a ast::Binding>,
    pub types: IndexMap<Name, (&'a ast::TypeExpr, Span)>,
    pub tasks: IndexMap<Name, TaskDecl<'a>>,
    pub steps: IndexMap<Name, (&'a Item, &'a ast::Declaration)>,
    pub kinds: IndexMap<Name, (&'a Item, &'a ast::Declaration)>,
    pub externals: IndexMap<Name, External<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct TaskDecl<'a> {
    pub item: &'a Item,
    pub declaration: &'a ast::Declaration,
    pub span: Span,
}

/// `@external kind name(parameters)`: something that exists elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct External<'a> {
    pub declaration: &'a ast::Declaration,
    pub span: Span,
}
