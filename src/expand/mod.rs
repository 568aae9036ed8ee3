//! From declarations to instances. In: the program. Out: [`Instances`]: every object by its name, with the static values
//! that its copy of the body has. Loops and static conditions are gone, names are known and checked.
//!
//! A body is typed once for all instances that look the same to it (`Checked` by place and by the types of its slots).

mod calls;
mod errors;
mod flows;
mod names;
mod objects;
mod projects;
mod stages;
mod templates;
mod visit;
mod walk;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{KindSig, Ty};
use crate::program::ScopeId;
use crate::syntax::ast;
use crate::types::eval::Env;
use crate::types::{BlockItem, Callable, CheckedBlock, CheckedStage, Value, World};

use calls::{Calls, Made};

pub use projects::expand;
pub use visit::{visit_block, visit_stage};

#[derive(Default)]
pub struct Instances<'a> {
    pub projects: Vec<ProjectInstance<'a>>,
}

pub struct ProjectInstance<'a> {
    /// From where its settings look names up.
    pub scope: ScopeId,
    /// Whether that scope is its own, not that of a template.
    pub is_declared: bool,
    pub name: Name,
    pub span: Span,
    pub doc: Option<Arc<str>>,
    /// The settings of the project itself: a block for each place that they were written in, with the values there.
    pub blocks: Vec<(Arc<CheckedBlock>, Env)>,
    pub warehouses: Vec<Warehouse>,
    pub objects: Vec<Object>,
    pub stages: Vec<Stage>,
    pub flows: Vec<Flow<'a>>,
    /// Where a warehouse stands in the list, by its name.
    pub(crate) warehouse_names: HashMap<Name, usize>,
    /// Where a stage was declared, by its name in the cluster.
    pub(crate) stage_names: HashMap<Name, Made>,
    /// What its stages can call to be verified, and a text that is the same for those that look the same.
    callables: (Vec<Callable>, String),
}

impl ProjectInstance<'_> {
    /// Calls `each` for every setting of the project.
    pub fn visit_settings(&self, each: &mut dyn FnMut(&BlockItem, &Env)) {
        for (block, env) in &self.blocks {
            visit_block(&block.items, env, each);
        }
    }
}

/// An object that is data only.
pub struct Object {
    pub kind: Arc<KindSig>,
    pub name: Name,
    pub cluster_name: Name,
    pub span: Span,
    pub(crate) calls: Calls,
    pub doc: Option<Arc<str>>,
    pub block: Arc<CheckedBlock>,
    pub env: Env,
}

impl Object {
    fn made(&self) -> Made {
        Made { span: self.span, calls: self.calls.clone() }
    }

    /// What it says of itself beside its settings, such as its `namespace`, with the place.
    pub fn meta(&self, wanted: &str) -> Option<(Value, Span)> {
        let mut found = None;
        visit_block(&self.block.items, &self.env, &mut |item, env| {
            if let crate::types::BlockItem::Meta { name, value, span } = item
                && name == wanted
            {
                found = Some((crate::types::eval::eval(value, env), *span));
            }
        });
        found
    }

    /// The namespace that it is put into, if it says one.
    pub fn namespace(&self) -> Option<(Name, Span)> {
        self.meta("namespace").and_then(|(value, at)| Some((Name::new(value.as_text()?), at)))
    }
}

pub struct Warehouse {
    pub object: Object,
    pub subscriptions: Vec<Subscription>,
    /// The record of its artifacts.
    pub freight: Ty,
}

/// One artifact of a warehouse, and how it is looked up.
#[derive(Clone, Debug)]
pub struct Subscription {
    pub name: Name,
    pub span: Span,
    pub ty: Ty,
    /// The function and its arguments, the origin left out: `imageFrom("nginx")`.
    pub function: Name,
    pub arguments: Vec<String>,
}

pub struct Stage {
    pub name: Name,
    pub cluster_name: Name,
    pub span: Span,
    pub doc: Option<Arc<str>>,
    pub body: Arc<CheckedStage>,
    pub env: Env,
    pub slots: Vec<Slot>,
}

#[derive(Clone, Debug)]
pub struct Slot {
    pub name: Name,
    pub span: Span,
    /// The warehouse, by its place in the project; `None` if it was reported.
    pub warehouse: Option<usize>,
    /// The warehouse that was probably meant, where there is none of that name.
    pub meant: Option<Name>,
}

/// A flow with its names evaluated.
pub struct Flow<'a> {
    pub span: Span,
    pub nodes: Vec<FlowNode<'a>>,
}

pub struct FlowNode<'a> {
    pub span: Span,
    pub join: Option<ast::Join>,
    pub names: Vec<(Name, Span)>,
    pub is_list: bool,
    pub sources: Option<&'a ast::Block>,
    pub env: Env,
    pub locals: Vec<(Name, Span, Ty)>,
    pub home: ScopeId,
}

/// What was typed already, by the place of the body and by what it sees.
#[derive(Default)]
pub(crate) struct Checked {
    blocks: HashMap<Span, Arc<CheckedBlock>>,
    stages: HashMap<(Span, String), Arc<CheckedStage>>,
}

/// The values of a block's setting, evaluated for an instance.
pub fn setting_value(block: &CheckedBlock, name: &str, env: &Env) -> Option<Value> {
    let mut found = None;
    visit_block(&block.items, env, &mut |item, env| {
        if let crate::types::BlockItem::Setting { field, value, .. } = item
            && field.name == name
        {
            found = Some(crate::types::eval::eval(value, env));
        }
    });
    found
}

/// Types and names of a world, and what goes wrong while expanding it.
pub(crate) struct Expander<'w, 'a> {
    pub(crate) world: &'w World<'a>,
    pub(crate) checked: Checked,
    pub(crate) reports: Vec<Diagnostic>,
    /// The projects that were met so far.
    building: Vec<projects::Building<'a>>,
    /// Templates that were called, by the places of their names.
    called: HashSet<Span>,
    /// A template is walked that nobody calls: only what holds for all calls is reported.
    is_sample: bool,
}
