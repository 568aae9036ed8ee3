//! The type checker. In: declarations and their bodies as syntax, the library, the target. Out: the typed tree
//! (`tree`) and reports. There is one checker: stages, tasks, warehouses and any other kind go through it, and editors
//! ask it, too. A body is checked once for all the instances that it stands for.

mod arguments;
mod assign;
mod bare;
mod block;
mod body;
mod calls;
mod checker;
mod declared;
mod errors;
pub mod eval;
mod failure;
mod fingerprint;
mod hazards;
pub mod index;
mod infer;
mod json;
mod literals;
mod members;
mod named;
mod narrow;
mod needs;
mod notes;
mod operators;
mod outputs;
mod parameters;
mod raw;
mod raw_block;
mod require;
mod results;
mod scope;
mod settings;
mod stage;
mod task_tree;
mod tasks;
mod templates;
pub mod tree;
pub mod value;
mod verify;
mod world;

pub(crate) use assign::fits_type;
pub use block::{BlockItem, CheckedBlock};
pub use checker::Checker;
pub(crate) use errors::{availability, choices, faulty_patch, list, missing_target, older_patches};
pub(crate) use failure::{asks_failure, says_failure, tells_apart};
pub use index::Index;
pub(crate) use json::NAME as JSON;
pub(crate) use members::is_computed_key;
pub use parameters::{BlockParameter, Callable};
pub use scope::SlotType;
pub use stage::{CheckedStage, StageItem, VerifyCall};
pub use templates::{Template, TemplateParameter, sample};
pub use value::Value;
pub use world::World;
