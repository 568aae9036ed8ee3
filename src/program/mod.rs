//! The names pass. In: the parsed files. Out: [`Program`]: which project declares what, and what is seen from where.
//!
//! Declarations are collected, not typed: bodies stay syntax. Names inside loops are not known yet; `expand` makes them.

mod collect;
mod errors;
mod imports;
mod sources;

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::base::{Name, Span};
use crate::syntax::ast::{self, Item};

pub use collect::collect;
pub use sources::{NoFile, NoFolder, NoFolders, Source, Sources, Vfs, joined};

/// A program: the declarations of all its files, and of the folders that it uses.
#[derive(Debug, Default)]
pub struct Program<'a> {
    pub targets: Vec<&'a ast::Target>,
    /// All scopes: first what stands outside projects, the program's own and that of each folder that it uses.
    scopes: IndexMap<ScopeId, Scope<'a>>,
    pub projects: Vec<Project<'a>>,
    /// What stands outside projects and may make some: calls of templates, and loops over them.
    pub calls: Vec<&'a Item>,
    /// Where something stands that others can see, objects of projects left out: declarations, `use`, `target`, the heads of
    /// projects.
    pub declared: Vec<Span>,
    /// The words in text that could not be read.
    pub lost: HashSet<Name>,
    /// The start of the first file, where a missing line belongs.
    pub start: Option<Span>,
    /// It makes no objects: what it declares is there for other programs, which say what it is for.
    pub is_library: bool,
    /// Objects that belong to no project were reported.
    pub is_homeless: bool,
}

#[derive(Debug)]
pub struct Project<'a> {
    pub name: Name,
    pub span: Span,
    /// The places of its name: it may be declared in several files.
    pub declared: Vec<Span>,
    pub doc: Option<&'a ast::Doc>,
    pub cluster_name: Option<&'a ast::Expr>,
    /// Settings, objects, flows and loops over them, in source order.
    pub items: Vec<&'a Item>,
    pub scope: ScopeId,
}

/// A scope of the program: from where names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(usize);

impl ScopeId {
    /// What the program itself declares outside its projects.
    pub const OUTER: ScopeId = ScopeId(0);
}

/// Names that are looked up. Each kind of thing has names of its own.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    /// What is seen here, too, if this scope has nothing of that name.
    pub parent: Option<ScopeId>,
    /// Declared by a folder that the program uses: nobody is told what it lacks.
    pub is_foreign: bool,
    pub lets: IndexMap<Name, &'a ast::Binding>,
    pub types: IndexMap<Name, (&'a ast::TypeExpr, Span)>,
    pub tasks: IndexMap<Name, TaskDecl<'a>>,
    pub templates: IndexMap<Name, TaskDecl<'a>>,
    pub steps: IndexMap<Name, (&'a Item, &'a ast::Declaration)>,
    pub kinds: IndexMap<Name, (&'a Item, &'a ast::Declaration)>,
    pub externals: IndexMap<Name, External<'a>>,
    /// What `use` brings, by the name that it has here.
    pub imports: IndexMap<Name, Import>,
}

/// A declaration of another folder, whatever it declares.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its name there.
    pub name: Name,
    pub span: Span,
    /// Where its name there is written.
    pub source: Span,
    pub from: ScopeId,
}

/// A task, or a template.
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

impl Scope<'_> {
    /// Whether nothing is declared.
    fn is_empty(&self) -> bool {
        let Scope { lets, types, tasks, templates, steps, kinds, externals, .. } = self;
        let small = lets.is_empty() && types.is_empty() && externals.is_empty();
        small && tasks.is_empty() && templates.is_empty() && steps.is_empty() && kinds.is_empty()
    }

    /// What others can use, in the order of the kinds.
    fn exports(&self) -> impl Iterator<Item = &Name> {
        let Scope { lets, types, tasks, templates, steps, kinds, .. } = self;
        let values = lets.keys().chain(types.keys()).chain(tasks.keys());
        values.chain(templates.keys()).chain(steps.keys()).chain(kinds.keys())
    }

    /// What is called `name` here and is of a kind that `other`, of another scope, is of, too.
    fn same_kind(&self, name: &str, there: &Scope<'_>, other: &str) -> Option<Span> {
        let (lets, types) = (self.lets.get(name), self.types.get(name));
        let (tasks, templates) = (self.tasks.get(name), self.templates.get(name));
        let (steps, kinds) = (self.steps.get(name), self.kinds.get(name));
        let found = lets.filter(|_| there.lets.contains_key(other)).map(|binding| binding.name.span);
        let found = found.or(types.filter(|_| there.types.contains_key(other)).map(|(_, span)| *span));
        let found = found.or(tasks.filter(|_| there.tasks.contains_key(other)).map(|decl| decl.span));
        let found = found.or(templates.filter(|_| there.templates.contains_key(other)).map(|decl| decl.span));
        let found = found.or(steps.filter(|_| there.steps.contains_key(other)).map(|(_, found)| found.names.span()));
        found.or(kinds.filter(|_| there.kinds.contains_key(other)).map(|(_, found)| found.names.span()))
    }

    /// Where something of that name is declared that others could use.
    fn export(&self, name: &str) -> Option<Span> {
        let value = self.lets.get(name).map(|binding| binding.name.span);
        let value = value.or_else(|| self.types.get(name).map(|(_, span)| *span));
        let value = value.or_else(|| self.tasks.get(name).or_else(|| self.templates.get(name)).map(|decl| decl.span));
        value.or_else(|| self.steps.get(name).or_else(|| self.kinds.get(name)).map(|(_, declaration)| declaration.names.span()))
    }
}

impl<'a> Program<'a> {
    pub fn scope(&self, id: ScopeId) -> Option<&Scope<'a>> {
        self.scopes.get(&id)
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope<'a> {
        self.scopes.entry(id).or_default()
    }

    /// The scopes that the program itself declares things in.
    pub fn own_scopes(&self) -> impl Iterator<Item = (ScopeId, &Scope<'a>)> {
        self.scopes.iter().map(|(id, scope)| (*id, scope)).filter(|(_, scope)| !scope.is_foreign)
    }

    /// Whether the program itself has the task that is declared there.
    pub fn declares(&self, task: Span) -> bool {
        self.own_scopes().any(|(_, scope)| scope.tasks.values().any(|decl| decl.span == task))
    }

    /// Whether another folder brings it to itself.
    pub fn is_brought(&self, from: ScopeId, name: &str) -> bool {
        self.scopes.values().flat_map(|scope| scope.imports.values()).any(|import| import.from == from && import.name == name)
    }

    /// A scope and those around it, innermost first.
    pub fn chain(&self, id: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope<'a>)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let scope = self.scope(id)?;
            next = scope.parent;
            Some((id, scope))
        })
    }
}
