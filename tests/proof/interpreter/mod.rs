//! A reference interpreter of the language: what design §2 says that a promotion does, in as few lines as possible.
//!
//! In: the typed tree of a stage, what the cluster holds, and a script of how steps end. Out: which of the author's
//! steps ran, in which order, with which settings, and how the promotion ended. It knows nothing of manifests, of what
//! the compiler adds, or of Kargo's expressions; where it and the engine disagree, one of them is wrong.

pub mod cluster;
mod expr;
mod failure;
mod functions;
mod promotion;
mod raw;
pub mod value;

use std::collections::HashMap;

use loadline::types::tree::Expr;
use serde_json::Value as Json;

pub use cluster::{Cluster, Freight};
pub use promotion::{Answer, End, Instance, Promotion, Question, Status, What};
use value::{Outcome, Value};

/// What the names of a body mean: one frame for the promotion, one for each call.
#[derive(Clone, Default)]
pub struct Frame<'t> {
    pub locals: Vec<Value>,
    pub params: Vec<Outcome<Value>>,
    /// What is known of parameters that loops run over.
    pub shapes: HashMap<usize, Value>,
    pub vars: HashMap<String, &'t Expr>,
    pub latched: HashMap<usize, Value>,
    pub results: HashMap<usize, StepResult>,
}

/// What is known of a step of the body that was reached.
#[derive(Clone)]
pub struct StepResult {
    pub status: Status,
    pub output: Json,
}

impl Frame<'_> {
    fn with(&self, locals: impl IntoIterator<Item = Value>) -> Self {
        let mut frame = self.clone();
        frame.locals.extend(locals);
        frame
    }
}
