//! Typed bodies of stages that are kept from one analysis of a program to the next, for editors.
//!
//! Typing a body reads its own tree, its slots, what the program declares, and what the world says while it is asked. A
//! body is kept as long as all of that is the same: its tree did not change or move; its slots are equal; what the
//! program declares has the same text at the same places ([`Frame`]); the world would answer the same ([`Asked`]). What
//! depends on what was found elsewhere before, such as a mistake that is reported once for all bodies, is not kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::index::Recorded;
use super::scope::SlotType;
use super::stage::CheckedStage;
use super::world::{Asked, World};
use crate::base::{FileId, Files, Span};
use crate::diag::Diagnostic;
use crate::library::{Record, Ty};
use crate::program::{Program, ScopeId};

/// The bodies of one program, as its last analysis left them.
#[derive(Default)]
pub struct Bodies {
    frame: Frame,
    /// What typing the program's own declarations asked.
    globals: Asked,
    stages: HashMap<BodyKey, Kept>,
}

/// What bodies can see of a program besides themselves: its declarations, with their texts and places.
#[derive(Default, PartialEq)]
pub struct Frame {
    files: Vec<String>,
    targets: String,
    declared: Vec<(Span, String)>,
}

impl Frame {
    pub fn of(program: &Program<'_>, targets: &crate::library::Targets, files: &Files) -> Frame {
        Frame {
            files: files.ids().map(|id| files.path(id).to_owned()).collect(),
            targets: format!("{targets:?}"),
            declared: program.declared.iter().map(|span| (*span, files.slice(*span).to_owned())).collect(),
        }
    }
}

/// Names a body: its place, and what its slots and what it can call look like.
pub type BodyKey = (Span, String);

/// What typing a body found.
struct Kept {
    home: ScopeId,
    slots: Vec<SlotType>,
    asked: Asked,
    stage: Arc<CheckedStage>,
    reports: Vec<Diagnostic>,
    index: Option<Arc<Recorded>>,
}

/// The bodies of an analysis that is under way.
pub(super) struct Keeping {
    /// Those of the analysis before it, until they are asked for.
    before: RefCell<Bodies>,
    now: RefCell<HashMap<BodyKey, Kept>>,
    frame: Frame,
    /// How far the tree of each file is as the analysis before had it.
    unmoved: HashMap<FileId, u32>,
}

impl<'a> World<'a> {
    /// The same, where bodies are taken from the analysis before, if they mean the same.
    #[must_use]
    pub(crate) fn keeping(mut self, mut before: Bodies, frame: Frame, unmoved: HashMap<FileId, u32>) -> World<'a> {
        if before.frame != frame {
            before.stages.clear();
        }
        self.keeping = Some(Keeping { before: RefCell::new(before), now: RefCell::default(), frame, unmoved });
        self
    }

    /// The bodies for the next analysis.
    pub(crate) fn take_bodies(&mut self) -> Bodies {
        let Some(Keeping { now, frame, .. }) = self.keeping.take() else { return Bodies::default() };
        let globals = self.take_asked();
        // What was lost may be found again.
        let stages = if globals.is_bound { HashMap::new() } else { now.into_inner() };
        Bodies { frame, globals, stages }
    }

    /// The body of a stage: kept, or typed by `work` now. All that it sees besides the program's declarations: `slots` and
    /// what the key says.
    pub(crate) fn stage(
        &self,
        key: &BodyKey,
        home: ScopeId,
        slots: &[SlotType],
        work: impl FnOnce() -> (Arc<CheckedStage>, Vec<Diagnostic>),
    ) -> (Arc<CheckedStage>, Vec<Diagnostic>) {
        let Some(keeping) = &self.keeping else { return work() };
        let kept = keeping.take(key).filter(|kept| kept.home == home && are_same(&kept.slots, slots) && self.answers(&kept.asked));
        let kept = match kept {
            Some(kept) => {
                self.ask_again(&kept.asked);
                kept
            }
            None => {
                let ((stage, reports), asked, index) = self.recorded(work);
                let index = index.map(|index| Arc::new(Recorded::new(index)));
                Kept { home, slots: slots.to_vec(), asked, stage, reports, index }
            }
        };
        if let Some(index) = &kept.index {
            self.note(|all| all.bodies.push((key.0, Arc::clone(index))));
        }
        let out = (Arc::clone(&kept.stage), kept.reports.clone());
        if !kept.asked.is_bound {
            keeping.now.borrow_mut().insert(key.clone(), kept);
        }
        out
    }

    /// Whether the world says what it said before, to one body and to what the program declares.
    fn answers(&self, asked: &Asked) -> bool {
        let globals = self.keeping.as_ref().is_none_or(|keeping| self.says(&keeping.before.borrow().globals));
        globals && self.says(asked)
    }
}

impl Keeping {
    /// What is kept of a body that has not changed or moved.
    fn take(&self, key: &BodyKey) -> Option<Kept> {
        let unmoved = self.unmoved.get(&key.0.file).copied().unwrap_or(0);
        if key.0.end > unmoved { None } else { self.before.borrow_mut().stages.remove(key) }
    }
}

fn are_same(before: &[SlotType], now: &[SlotType]) -> bool {
    let is_same = |(a, b): (&SlotType, &SlotType)| {
        (&a.name, a.span, &a.origin, &a.meant) == (&b.name, b.span, &b.origin, &b.meant) && is_same_type(&a.ty, &b.ty)
    };
    before.len() == now.len() && before.iter().zip(now).all(is_same)
}

/// Whether two types are the same, declared at the same places.
fn is_same_type(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Text(a), Ty::Text(b)) => a == b,
        (Ty::Literal(a), Ty::Literal(b)) => a == b,
        (Ty::Union(a), Ty::Union(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same_type(a, b)),
        (Ty::Optional(a, face), Ty::Optional(b, other)) | (Ty::Map(a, face), Ty::Map(b, other)) => face == other && is_same_type(a, b),
        (Ty::List(a), Ty::List(b)) => is_same_type(a, b),
        (Ty::Record(a), Ty::Record(b)) => Arc::ptr_eq(a, b) || is_same_record(a, b),
        (Ty::Expression(a), Ty::Expression(b)) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn is_same_record(a: &Record, b: &Record) -> bool {
    let open = match (&a.open, &b.open) {
        (Some(a), Some(b)) => is_same_type(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    let fields = a.fields.iter().zip(&b.fields).all(|(a, b)| {
        (&a.name, a.span, a.optional, a.is_static, &a.doc) == (&b.name, b.span, b.optional, b.is_static, &b.doc)
            && Arc::ptr_eq(&a.rules, &b.rules)
            && is_same_type(&a.ty, &b.ty)
    });
    open && a.name == b.name && a.fields.len() == b.fields.len() && fields
}
