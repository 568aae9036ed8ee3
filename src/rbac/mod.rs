//! Permissions of Kubernetes, as such: rules, what they cover, and how they are spelt. Knows no program.
//!
//! Source: Kubernetes' `pkg/apis/rbac/v1/evaluation_helpers.go` (a request against a rule) and
//! `component-helpers/auth/rbac/validation/policy_comparator.go` (rules against rules), v1.34.

mod ask;
mod atom;
mod binding;
mod canonical;
mod cluster;
mod dangers;
mod flaws;
pub mod manifest;
mod near;
mod resources;
mod rule;

pub use ask::{can_i, can_i_line, quoted};
pub use atom::{Atom, Scope};
pub use binding::{Binding, Condition, GROUP, MANAGED_BY, Origin, PART_OF, Requester, Role, RoleId, Selector, Subject};
pub use canonical::{canonical, rules_for};
pub use cluster::{Granted, Held, Holdings, Verdict};
pub use dangers::{Danger, adds_to, dangerous, dangers, dangers_of_binding};
pub use flaws::{Flaw, flaws, gives_nothing};
pub use near::{Miss, NearMiss};
pub use resources::{Resource, Resources, Risk};
pub use rule::{Piece, Rule, missing, uncovered};
