//! The standard library and what programs declare in the same way: steps, kinds, functions, named types, versions.
//!
//! In: texts of `stdlib/`, or declarations of a program. Out: [`Signature`]s, [`Ty`]s and their [`Rules`]. Nothing here
//! knows a step, a kind or a setting by name; a file is read when its name is first used.

mod access;
mod args;
mod attributes;
mod data;
mod hazards;
mod load;
mod rules;
mod scopes;
mod signature;
mod store;
mod ty;
mod types;
mod version;

pub use access::{GrantRule, GrantSig, NeedSig, NeedUse, PermissionSig, SubjectSig};
pub use hazards::{Hazard, Met, Only};
pub(crate) use load::{kind_signature, step_signature, type_declaration};
pub use rules::{ClaimForm, Form, Group, GroupKind, Rules, Sink, WorkflowRole};
pub use signature::{FunctionSig, KindSig, Place, Signature, StepSig};
pub use store::Library;
pub use ty::{Face, Field, Record, TextKind, Ty};
pub use types::{TypeScope, type_of};
pub use version::{Target, Targets, Version};
