//! What places of a program mean, for editors: recorded while the checker resolves names and types values, if somebody
//! asked for it. There is one resolver; whoever shows a definition, a type or a choice reads what it found.
//!
//! Nothing is recorded, and nothing paid, where nobody asked ([`super::World::observed`]).

use std::sync::Arc;

use super::parameters::Callable;
use super::templates::Template;
use super::tree::{Task, Time};
use crate::base::{Name, Span};
use crate::library::{Field, FunctionSig, KindSig, Record, StepSig, Ty};
use crate::program::ScopeId;

/// The word that stands where the cursor is while choices are looked for. No program has it.
pub const MARK: &str = "__cursor";

/// What was recorded. After `finish` every list is in the order of places and says nothing twice.
#[derive(Debug, Default)]
pub struct Index {
    /// What each name refers to. The place of a declaration refers to itself.
    pub uses: Vec<Use>,
    /// What each expression is.
    pub values: Vec<Typed>,
    /// What may stand in each block.
    pub blocks: Vec<BlockAt>,
    /// What type a value must have.
    pub wanted: Vec<Wanted>,
    /// What stands before a dot, by the place of the word behind it.
    pub bases: Vec<(Span, Ty)>,
    /// What is sure from a place on because of the condition before it.
    pub learnt: Vec<(Span, Name)>,
    /// The names that are seen at [`MARK`], innermost first.
    pub seen: Vec<Seen>,
    /// The objects of each project.
    pub projects: Vec<ProjectNames>,
}

/// One name at one place.
#[derive(Clone, Debug)]
pub struct Use {
    pub at: Span,
    /// Where what it means is declared: the place of its name.
    pub declared: Span,
    pub what: Meaning,
}

/// What a name means.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// A `let`.
    Let,
    /// A variable of Kargo.
    Var,
    /// A slot, and its warehouse.
    Slot(Name),
    /// A parameter of a task or template.
    Parameter,
    /// A variable of a loop, or of an expression of its own.
    Local,
    /// The result of a step or call.
    Result,
    Step(Arc<StepSig>),
    Kind(Arc<KindSig>),
    Function(Arc<FunctionSig>),
    Task(Arc<Task>),
    Template(Arc<Template>),
    /// What `verify` calls.
    Analysis(Arc<Callable>),
    Setting(Field),
    Field(Field),
    Type(Ty),
    Stage,
    Warehouse,
    /// Any other object, with its kind.
    Object(Name),
    Project,
}

impl Meaning {
    /// An object of this kind.
    pub(crate) fn object(kind: &Name) -> Meaning {
        match kind.as_str() {
            "stage" => Meaning::Stage,
            "warehouse" => Meaning::Warehouse,
            _ => Meaning::Object(kind.clone()),
        }
    }
}

/// The type of an expression, and when it is known.
#[derive(Clone, Debug)]
pub struct Typed {
    pub at: Span,
    pub ty: Ty,
    pub time: Time,
}

/// A `{ … }` and what may stand in it.
#[derive(Clone, Debug)]
pub struct BlockAt {
    pub at: Span,
    /// The system whose versions count in it.
    pub product: Name,
    pub what: Inside,
}

#[derive(Clone, Debug)]
pub enum Inside {
    /// Settings of a record, or of a map.
    Settings(Arc<Record>),
    /// Settings and inner blocks of a kind.
    Kind(Arc<KindSig>),
    Stage(Arc<KindSig>),
    /// Steps.
    Body,
    /// The templates of the project that can be called.
    Verify(Vec<Callable>),
}

#[derive(Clone, Debug)]
pub struct Wanted {
    pub at: Span,
    pub ty: Ty,
}

/// A name that is seen somewhere.
#[derive(Clone, Debug)]
pub struct Seen {
    pub name: Name,
    pub declared: Span,
    pub what: Meaning,
    pub ty: Ty,
}

#[derive(Clone, Debug)]
pub struct ProjectNames {
    pub name: Name,
    pub scope: ScopeId,
    pub warehouses: Vec<(Name, Span)>,
    pub stages: Vec<(Name, Span)>,
}

impl Index {
    pub(crate) fn refer(&mut self, at: Span, declared: Span, what: Meaning) {
        self.uses.push(Use { at, declared, what });
    }

    /// Puts everything in the order of places. A body is typed once for each form of its slots; what it says twice counts
    /// once, and of several types of one value the first.
    pub(crate) fn finish(mut self) -> Index {
        self.uses.sort_by_key(|found| (found.at, found.declared));
        self.uses.dedup_by_key(|found| (found.at, found.declared));
        self.values.sort_by_key(|found| found.at);
        self.values.dedup_by_key(|found| found.at);
        self.blocks.sort_by_key(|found| found.at);
        self.blocks.dedup_by_key(|found| found.at);
        self.wanted.sort_by_key(|found| found.at);
        self.wanted.dedup_by_key(|found| found.at);
        self.bases.sort_by_key(|found| found.0);
        self.bases.dedup_by_key(|found| found.0);
        self.learnt.sort();
        self.learnt.dedup();
        self
    }

    /// What the names at an offset mean: all that end or begin there included.
    pub fn uses_at(&self, at: Span) -> impl Iterator<Item = &Use> {
        // Names are short, and few of them nest.
        let from = self.uses.partition_point(|found| (found.at.file, found.at.start) < (at.file, at.start.saturating_sub(256)));
        let until = move |found: &&Use| (found.at.file, found.at.start) <= (at.file, at.end);
        self.uses.get(from..).unwrap_or_default().iter().take_while(until).filter(move |found| found.at.contains(at))
    }

    /// The type of the value that is written at exactly this place.
    pub fn value(&self, at: Span) -> Option<&Typed> {
        let found = self.values.binary_search_by_key(&at, |found| found.at).ok()?;
        self.values.get(found)
    }

    /// The type that the value at exactly this place must have.
    pub fn wanted(&self, at: Span) -> Option<&Ty> {
        let found = self.wanted.binary_search_by_key(&at, |found| found.at).ok()?;
        self.wanted.get(found).map(|found| &found.ty)
    }

    /// What may stand in the block at exactly this place.
    pub fn block(&self, at: Span) -> Option<&BlockAt> {
        let found = self.blocks.binary_search_by_key(&at, |found| found.at).ok()?;
        self.blocks.get(found)
    }

    /// What stands before the dot of the word at this place.
    pub fn base(&self, word: Span) -> Option<&Ty> {
        let found = self.bases.binary_search_by_key(&word, |found| found.0).ok()?;
        self.bases.get(found).map(|found| &found.1)
    }
}
