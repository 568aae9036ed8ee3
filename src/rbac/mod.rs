//! Permissions of Kubernetes, as such: rules, what they cover, and how they are spelt. Knows no program.
//!
//! Source: Kubernetes' `pkg/apis/rbac/v1/evaluation_helpers.go` (a request against a rule) and
//! `component-helpers/auth/rbac/validation/policy_comparator.go` (rules against rules), v1.34.

mod atom;
mod binding;
mod canonical;
mod cluster;
pub mod manifest;
mod near;
mod rule;

pub use atom::{Atom, Scope};
pub use binding::{Binding, Condition, Origin, Requester, Role, RoleId, Selector, Subject};
pub use canonical::{canonical, rules_for};
pub use cluster::{Granted, Held, Holdings, Verdict};
pub use near::{Miss, NearMiss};
pub use rule::{Piece, Rule, missing, uncovered};
