//! What places of a program mean, for editors: recorded while the checker resolves names and types values, if somebody
//! asked for it. There is one resolver; whoever shows a definition, a type or a choice reads what it found.
//!
//! Nothing is recorded, and nothing paid, where nobody asked ([`super::World::observed`]).

use std::sync::{Arc, Mutex, OnceLock};

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
    /// What was recorded for bodies that are kept from one analysis to the next, each by the place of the body; no two
    /// places overlap.
    pub(super) bodies: Vec<(Span, Arc<Recorded>)>,
}

/// What places mean: put in order when somebody first asks.
#[derive(Debug, Default)]
pub struct Recorded {
    raw: Mutex<Index>,
    sorted: OnceLock<Index>,
}

impl Recorded {
    pub(crate) fn new(raw: Index) -> Recorded {
        Recorded { raw: Mutex::new(raw), sorted: OnceLock::new() }
    }

    pub fn sorted(&self) -> &Index {
        self.sorted.get_or_init(|| self.raw.lock().map(|mut raw| std::mem::take(&mut *raw).finish()).unwrap_or_default())
    }
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
    fn finish(mut self) -> Index {
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
        self.bodies.sort_by_key(|(body, _)| *body);
        self
    }

    /// What was recorded for the bodies that a place lies in or touches.
    fn bodies_at(&self, at: Span) -> impl Iterator<Item = &Index> {
        let from = self.bodies.partition_point(|(body, _)| (body.file, body.end) < (at.file, at.start));
        let near =
            self.bodies.get(from..).unwrap_or_default().iter().take_while(move |(body, _)| (body.file, body.start) <= (at.file, at.end));
        near.map(|(_, recorded)| recorded.sorted())
    }

    /// All names, in the order of places.
    pub fn uses(&self) -> Vec<&Use> {
        let bodies = self.bodies.iter().flat_map(|(_, recorded)| &recorded.sorted().uses);
        in_order(self.uses.iter().chain(bodies).collect())
    }

    /// What the names in a place mean, in the order of places.
    pub fn uses_in(&self, part: Span) -> Vec<&Use> {
        let bodies = self.bodies_at(part).flat_map(|body| &body.uses);
        in_order(self.uses.iter().chain(bodies).filter(|found| part.contains(found.at)).collect())
    }

    /// What the names at an offset mean: all that end or begin there included.
    pub fn uses_at(&self, at: Span) -> impl Iterator<Item = &Use> {
        let bodies = self.bodies_at(at).flat_map(|body| body.near(at));
        in_order(self.near(at).chain(bodies).filter(|found| found.at.contains(at)).collect()).into_iter()
    }

    /// The names that may hold a place, those of kept bodies left out.
    fn near(&self, at: Span) -> impl Iterator<Item = &Use> {
        // Names are short, and few of them nest.
        let from = self.uses.partition_point(|found| (found.at.file, found.at.start) < (at.file, at.start.saturating_sub(256)));
        let until = move |found: &&Use| (found.at.file, found.at.start) <= (at.file, at.end);
        self.uses.get(from..).unwrap_or_default().iter().take_while(until)
    }

    /// The type of the value that is written at exactly this place.
    pub fn value(&self, at: Span) -> Option<&Typed> {
        self.find(at, |index| index.values.get(index.values.binary_search_by_key(&at, |found| found.at).ok()?))
    }

    /// The type that the value at exactly this place must have.
    pub fn wanted(&self, at: Span) -> Option<&Ty> {
        let found = self.find(at, |index| index.wanted.get(index.wanted.binary_search_by_key(&at, |found| found.at).ok()?));
        found.map(|found| &found.ty)
    }

    /// What may stand in the block at exactly this place.
    pub fn block(&self, at: Span) -> Option<&BlockAt> {
        self.find(at, |index| index.blocks.get(index.blocks.binary_search_by_key(&at, |found| found.at).ok()?))
    }

    /// What stands before the dot of the word at this place.
    pub fn base(&self, word: Span) -> Option<&Ty> {
        let found = self.find(word, |index| index.bases.get(index.bases.binary_search_by_key(&word, |found| found.0).ok()?));
        found.map(|found| &found.1)
    }

    /// What conditions make sure in a part of a file, in the order of places.
    pub fn learnt_in(&self, part: Span) -> Vec<&(Span, Name)> {
        let bodies = self.bodies_at(part).flat_map(|body| &body.learnt);
        let mut out: Vec<&(Span, Name)> = self.learnt.iter().chain(bodies).collect();
        out.retain(|(block, _)| part.contains(Span { end: block.start, ..*block }));
        out.sort();
        out.dedup();
        out
    }

    /// What was recorded for a place: here, or for the kept body that it lies in.
    fn find<'i, T>(&'i self, at: Span, look: impl Fn(&'i Index) -> Option<&'i T>) -> Option<&'i T> {
        look(self).or_else(|| self.bodies_at(at).find_map(&look))
    }
}

/// In the order of places, each once.
fn in_order(mut uses: Vec<&Use>) -> Vec<&Use> {
    uses.sort_by_key(|found| (found.at, found.declared));
    uses.dedup_by_key(|found| (found.at, found.declared));
    uses
}
