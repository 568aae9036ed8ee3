//! What the checker records for editors ([`super::index`]).

use std::cell::RefCell;

use super::checker::Checker;
use super::index::{BlockAt, Index, Inside, Meaning, Seen, Typed};
use super::narrow::{Facts, Root};
use super::scope::{SlotType, What};
use super::tree::{Expr, LetDef, Time};
use super::world::World;
use crate::base::{Name, Span};
use crate::library::Ty;
use crate::program::Import;
use crate::syntax::ast;

impl Meaning {
    pub(super) fn of(what: &What, slots: &[SlotType]) -> Meaning {
        match what {
            What::Placeholder { .. } => Meaning::Parameter,
            What::Local { .. } | What::LambdaName { .. } | What::Subscription { .. } | What::Error => Meaning::Local,
            What::Let(_) => Meaning::Let,
            What::Slot(index) => Meaning::Slot(slots.get(*index).map(|slot| slot.origin.clone()).unwrap_or_default()),
            What::Param { .. } => Meaning::Parameter,
            What::Var { .. } => Meaning::Var,
            What::Result(_) => Meaning::Result,
        }
    }
}

impl<'a> World<'a> {
    /// The same, where what names and values mean is recorded.
    #[must_use]
    pub fn observed(mut self) -> World<'a> {
        self.index = Some(RefCell::default());
        self.note_imports();
        self.note_declarations();
        self
    }

    /// The same for a question about one place: bodies that it does not lie in are not typed.
    #[must_use]
    pub(crate) fn focused(mut self, at: Span) -> World<'a> {
        self.focus = Some(at);
        self
    }

    /// Whether what an entry means matters.
    pub(crate) fn sees(&self, item: &ast::Item) -> bool {
        self.focus.is_none_or(|at| item.whole().contains(at))
    }

    /// Whether an editor asks what places mean.
    pub(crate) fn is_observed(&self) -> bool {
        self.index.is_some()
    }

    /// What was recorded, if anybody asked for it.
    pub fn take_index(&self) -> Option<Index> {
        self.index.as_ref().map(RefCell::take)
    }

    /// Records what a place means, if anybody asked for it. `write` must not ask the world.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Index)) {
        if let Some(index) = &self.index {
            write(&mut index.borrow_mut());
        }
    }

    /// A `let` outside bodies.
    pub(super) fn note_let(&self, def: &LetDef) {
        self.note(|index| {
            index.refer(def.span, def.span, Meaning::Let);
            index.values.push(Typed { at: def.span, ty: def.value.ty.clone(), time: def.value.time });
        });
    }

    /// What is declared and never typed by itself.
    fn note_declarations(&self) {
        for (_, scope) in self.program.own_scopes() {
            for parameter in scope.externals.values().flat_map(|found| found.declaration.parameters.iter().flatten()) {
                self.note(|index| index.refer(parameter.name.span, parameter.name.span, Meaning::Parameter));
            }
            let external = scope.externals.values().map(|found| (found.span, "@external"));
            let steps = scope.steps.values().map(|(_, found)| (found.names.span(), "step"));
            let kinds = scope.kinds.values().map(|(_, found)| (found.names.span(), "kind"));
            for (at, what) in external.chain(steps).chain(kinds) {
                self.note(|index| index.refer(at, at, Meaning::Object(Name::new(what))));
            }
        }
    }

    /// The names that each `use` brings.
    fn note_imports(&self) {
        for (_, scope) in self.program.own_scopes() {
            for import in scope.imports.values() {
                let Some((declared, what)) = self.exported(import) else { continue };
                self.note(|index| index.refer(import.span, declared, what.clone()));
                self.note(|index| index.refer(import.source, declared, what));
            }
        }
    }

    /// Where what a `use` brings is declared. Of things that share a name, the first kind that has it.
    fn exported(&self, import: &Import) -> Option<(Span, Meaning)> {
        let there = self.program.scope(import.from)?;
        let name = import.name.as_str();
        let tasks = there.tasks.get(name).map(|decl| (decl.span, Meaning::Object(Name::new("task"))));
        let tasks = tasks.or_else(|| there.templates.get(name).map(|decl| (decl.span, Meaning::Object(Name::new("template")))));
        let value = tasks.or_else(|| there.lets.get(name).map(|binding| (binding.name.span, Meaning::Let)));
        let value = value.or_else(|| there.types.get(name).map(|(_, span)| (*span, Meaning::Type(Ty::Any))));
        let value = value.or_else(|| there.steps.get(name).map(|(_, found)| (found.names.span(), Meaning::Object(Name::new("step")))));
        value.or_else(|| there.kinds.get(name).map(|(_, found)| (found.names.span(), Meaning::Object(Name::new("kind")))))
    }
}

impl Checker<'_, '_> {
    /// A name is bound at a place.
    pub(super) fn note_binding(&self, at: Span, what: &What) {
        if !matches!(what, What::Error) {
            self.note_name(at, at, what);
            let is_static = matches!(what, What::Local { .. }) || matches!(what, What::Let(def) if def.value.time == Time::Static);
            let time = if is_static { Time::Static } else { Time::Promotion };
            self.world.note(|index| index.values.push(Typed { at, ty: self.type_of_binding(what), time }));
        }
    }

    /// A name that was bound is read at a place.
    pub(super) fn note_name(&self, at: Span, declared: Span, what: &What) {
        self.world.note(|index| index.refer(at, declared, Meaning::of(what, &self.slots)));
    }

    pub(super) fn note_value(&self, value: &Expr) {
        self.world.note(|index| index.values.push(Typed { at: value.span, ty: value.ty.clone(), time: value.time }));
    }

    /// What may stand in a block, for the versions that count here.
    pub(super) fn note_inside(&self, block: &ast::Block, what: impl FnOnce() -> Inside) {
        self.world.note(|index| {
            let product = self.target.product().clone();
            index.blocks.extend(block.span.map(|at| BlockAt { at, product, what: what() }));
        });
    }

    pub(super) fn note_bodies(&self, blocks: [Option<&ast::Block>; 3]) {
        for block in blocks.into_iter().flatten() {
            self.note_inside(block, || Inside::Body);
        }
    }

    /// What a condition made sure, for the block behind it.
    pub(super) fn note_learnt(&self, before: &Facts, block: Option<Span>) {
        self.world.note(|index| {
            let Some(block) = block else { return };
            let new = self.facts.present().iter().filter(|place| !before.is_present(place) && place.path.is_empty());
            let name = |root: Root| match root {
                Root::Slot(at) => self.slots.get(at).map(|slot| slot.name.clone()),
                Root::Result(at) => self.results.get(at).and_then(|result| result.name.clone()),
                _ => None,
            };
            index.learnt.extend(new.filter_map(|place| name(place.root)).map(|name| (block, name)));
        });
    }

    /// All that is seen, if `name` is the mark of the cursor.
    pub(super) fn note_seen(&self, name: &str) {
        if name != super::index::MARK {
            return;
        }
        let mut seen: Vec<Seen> = Vec::new();
        for binding in self.scopes.iter().rev() {
            let (what, ty) = (Meaning::of(&binding.what, &self.slots), self.type_of_binding(&binding.what));
            seen.push(Seen { name: binding.name.clone(), declared: binding.span, what, ty });
        }
        for name in self.world.let_names(self.project) {
            let def = self.world.global_let(self.project, &name);
            seen.extend(def.map(|def: std::sync::Arc<LetDef>| Seen {
                name,
                declared: def.span,
                what: Meaning::Let,
                ty: def.value.ty.clone(),
            }));
        }
        let mut names: Vec<Name> = Vec::new();
        seen.retain(|found| {
            let is_new = !names.contains(&found.name);
            names.push(found.name.clone());
            is_new
        });
        self.world.note(|index| {
            if index.seen.is_empty() {
                index.seen = seen;
            }
        });
    }

    fn type_of_binding(&self, what: &What) -> Ty {
        match what {
            What::Local { ty, .. }
            | What::Placeholder { ty, .. }
            | What::Param { ty, .. }
            | What::Var { ty, .. }
            | What::LambdaName { ty, .. }
            | What::Subscription { ty } => ty.clone(),
            What::Let(def) => def.value.ty.clone(),
            What::Slot(index) => {
                let ty = self.slots.get(*index).map_or(Ty::Error, |slot| slot.ty.clone());
                let place = super::narrow::Place { root: Root::Slot(*index), path: Vec::new() };
                let is_sure = self.slots.len() < 2 || self.is_known(&place);
                if is_sure { ty } else { ty.optional(crate::library::Face::Nil) }
            }
            What::Result(index) => self.result_type(*index),
            What::Error => Ty::Error,
        }
    }
}
