//! What typing asks of the world beyond what stands in front of it: so that what it found can be kept as long as the
//! answers are the same ([`super::super::kept`]).

use std::cell::{Cell, RefCell};

use super::super::index::Index;
use super::World;
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{Hazard, Version};
use crate::program::ScopeId;
use crate::syntax::ast::ANY_NAME;

/// What was asked while something was typed, and what that did to the world.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Declarations that it reads; they are typed, and count as used.
    globals: Vec<(Global, ScopeId, Name)>,
    /// Names that stood in no text that could not be read.
    not_lost: Vec<Name>,
    /// Whether something could not be read or understood, if it asked.
    unclear: Option<bool>,
    unused_vars: Vec<(Name, Diagnostic)>,
    raw_vars: Vec<Name>,
    older_patches: Vec<(Name, Version, Hazard)>,
    /// It depends on what was found before it elsewhere: nobody can say whether the answers will be the same.
    pub(crate) is_bound: bool,
}

/// A kind of declaration of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Global {
    Let,
    Task,
    /// A task of which only is asked whether it is there.
    TaskName,
    Template,
    External,
    Step,
    Kind,
    Type,
}

/// Who asks at the moment.
#[derive(Default)]
pub(super) struct Asking {
    /// The body that is being typed, and the index around it.
    body: RefCell<Option<(Asked, Option<Index>)>>,
    /// How many declarations are being typed, one inside the other.
    depth: Cell<usize>,
    globals: RefCell<Asked>,
}

impl World<'_> {
    /// Does some work; what it asked, and what was recorded for editors meanwhile.
    pub(crate) fn recorded<R>(&self, work: impl FnOnce() -> R) -> (R, Asked, Option<Index>) {
        let around = self.index.as_ref().map(RefCell::take);
        let outer = self.asking.body.replace(Some((Asked::default(), around)));
        let result = work();
        let (asked, around) = self.asking.body.replace(outer).unwrap_or_default();
        let own = self.index.as_ref().zip(around).map(|(index, around)| index.replace(around));
        (result, asked, own)
    }

    /// Types a declaration, whoever asked for it first: what it asks and what it means is its own matter.
    pub(super) fn apart<R>(&self, work: impl FnOnce() -> R) -> R {
        let body = self.asking.body.take().map(|(asked, around)| {
            let own = self.index.as_ref().zip(around).map(|(index, around)| index.replace(around));
            (asked, own)
        });
        self.asking.depth.set(self.asking.depth.get() + 1);
        let result = work();
        self.asking.depth.set(self.asking.depth.get() - 1);
        let body = body.map(|(asked, own)| {
            let around = self.index.as_ref().zip(own).map(|(index, own)| index.replace(own));
            (asked, around)
        });
        self.asking.body.replace(body);
        result
    }

    /// What typing the program's declarations asked.
    pub(crate) fn take_asked(&self) -> Asked {
        self.asking.globals.take()
    }

    /// The body at hand asks something.
    fn of_body(&self, note: impl FnOnce(&mut Asked)) {
        if let Some((asked, _)) = &mut *self.asking.body.borrow_mut() {
            note(asked);
        }
    }

    /// The body or the declaration at hand asks something.
    fn of_any(&self, note: impl FnOnce(&mut Asked)) {
        if self.asking.depth.get() > 0 {
            note(&mut self.asking.globals.borrow_mut());
        } else {
            self.of_body(note);
        }
    }

    pub(super) fn reads(&self, what: Global, home: ScopeId, name: &str) {
        self.of_body(|asked| {
            let is_new = !asked.globals.iter().any(|(known, other, found)| (*known, *other) == (what, home) && found == name);
            if is_new {
                asked.globals.push((what, home, Name::new(name)));
            }
        });
    }

    /// Whether all answers would be the same now.
    pub(crate) fn says(&self, asked: &Asked) -> bool {
        !asked.is_bound
            && asked.unclear.is_none_or(|unclear| unclear == self.has_lost_something())
            && asked.not_lost.iter().all(|name| !self.has_lost(name))
    }

    /// Does to the world what typing did.
    pub(crate) fn ask_again(&self, asked: &Asked) {
        for (what, home, name) in &asked.globals {
            match what {
                Global::Let => drop(self.global_let(*home, name)),
                Global::Task => drop(self.task(*home, name)),
                Global::TaskName => drop(self.program_has_task(*home, name)),
                Global::Template => drop(self.template(*home, name)),
                Global::External => drop(self.external(*home, name)),
                Global::Step => drop(self.step(*home, name)),
                Global::Kind => drop(self.kind(*home, name)),
                Global::Type => drop(self.user_type(*home, name)),
            }
        }
        asked.unused_vars.iter().for_each(|(name, report)| self.unused_var(name, report.clone()));
        asked.raw_vars.iter().for_each(|name| self.mark_raw_var(name));
        asked.older_patches.iter().for_each(|(product, last, hazard)| self.mark_older_patch(product, *last, hazard));
    }

    // ── What depends on what was found before ──

    pub(crate) fn report(&self, reports: impl IntoIterator<Item = Diagnostic>) {
        let before = self.memo.borrow().reports.len();
        self.memo.borrow_mut().reports.extend(reports);
        if self.memo.borrow().reports.len() > before {
            self.of_body(|asked| asked.is_bound = true);
        }
    }

    /// Whether this is the first report about something: one unknown name is one mistake, however many bodies use it.
    pub(crate) fn first_report(&self, what: String) -> bool {
        self.of_body(|asked| asked.is_bound = true);
        self.memo.borrow_mut().reported.insert(what)
    }

    /// From now on the name may mean anything: what declares it was reported.
    pub(crate) fn lose(&self, name: &str) {
        self.of_body(|asked| asked.is_bound = true);
        self.memo.borrow_mut().lost.insert(Name::new(name));
    }

    /// Whether the name stands in text that could not be read: what it means or uses there is not known.
    pub(crate) fn is_lost(&self, name: &str) -> bool {
        let lost = self.has_lost(name);
        self.of_any(|asked| {
            asked.is_bound |= lost;
            if !lost && !asked.not_lost.iter().any(|known| known == name) {
                asked.not_lost.push(Name::new(name));
            }
        });
        lost
    }

    fn has_lost(&self, name: &str) -> bool {
        let lost = &self.program.lost;
        lost.contains(name) || lost.contains(ANY_NAME) || self.memo.borrow().lost.contains(name)
    }

    /// Whether something could not be read or understood, so that what seems unused may be used there.
    pub(crate) fn is_unclear(&self) -> bool {
        let unclear = self.has_lost_something();
        self.of_any(|asked| {
            asked.is_bound |= asked.unclear.is_some_and(|before| before != unclear);
            asked.unclear = Some(unclear);
        });
        unclear
    }

    fn has_lost_something(&self) -> bool {
        !self.program.lost.is_empty() || !self.memo.borrow().lost.is_empty()
    }

    // ── What typing does to the world ──

    /// A variable that its own body does not read. Raw code of a task may do so: it sees those of its callers.
    pub(crate) fn unused_var(&self, name: &Name, report: Diagnostic) {
        self.of_body(|asked| asked.unused_vars.push((name.clone(), report.clone())));
        self.memo.borrow_mut().unused_vars.push((name.clone(), report));
    }

    /// Raw code somewhere reads the variable.
    pub(crate) fn mark_raw_var(&self, name: &str) {
        self.of_body(|asked| asked.raw_vars.push(Name::new(name)));
        self.memo.borrow_mut().raw_vars.insert(Name::new(name));
    }

    /// A fault that only patches of a product up to this one have, which the program does not name.
    pub(crate) fn mark_older_patch(&self, product: &Name, last: Version, hazard: &Hazard) {
        let is_same = |(other, version, fault): &(Name, Version, Hazard)| (other, *version, fault.check) == (product, last, hazard.check);
        self.of_body(|asked| {
            if !asked.older_patches.iter().any(is_same) {
                asked.older_patches.push((product.clone(), last, hazard.clone()));
            }
        });
        let known = &mut self.memo.borrow_mut().older_patches;
        if !known.iter().any(is_same) {
            known.push((product.clone(), last, hazard.clone()));
        }
    }

    pub(crate) fn mark_used(&self, span: Span) {
        self.memo.borrow_mut().used.insert(span);
    }
}
