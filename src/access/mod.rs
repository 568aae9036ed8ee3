//! Who must be allowed to do what. In: instances, free of names that are not known, and roles that were given. Out:
//! [`Need`]s with their verdicts: what each use of a step, a setting, a kind or a function asks of whom, and whether an
//! installation, a given file or the program itself grants it; and reports about what is missing.
//!
//! What needs what, who is who and what installations grant is data of `stdlib/access`; nothing here knows a step or a
//! role by name. A body is looked through once, and equal questions are asked once, however many instances there are.

mod demands;
mod errors;
mod grants;
mod installations;
mod lint_errors;
mod lints;
mod overview;
mod params;
mod role_errors;
mod roles;
mod runs;
mod separation;
mod sites;
mod stock;

use std::sync::Arc;

use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::Instances;
use crate::library::{NeedSig, Version};
use crate::rbac::{Atom, Binding, Miss, Role, RoleId, Scope, Subject};
use crate::types::World;

pub(crate) use installations::granted_files;
pub use overview::{Access, Refusal, Refused, overview};
pub use roles::{Ability, Account, account, accounts};

/// What files say that were given beside the program: `granted: […]` of a target, or `--granted`.
#[derive(Clone, Debug, Default)]
pub struct GivenRoles {
    pub roles: Vec<Role>,
    pub bindings: Vec<Binding>,
}

/// One permission that somebody needs somewhere, because of one place of the program.
#[derive(Clone, Debug)]
pub struct Need {
    pub subject: Subject,
    /// What people call the subject: `the Kargo controller`.
    pub title: Arc<str>,
    /// A word for it, of which names are made: what the library calls it, or the name of its account.
    pub purpose: Name,
    /// The project that has the need.
    pub project: Name,
    /// `None`: in a namespace that only the promotion knows.
    pub scope: Option<Scope>,
    pub atom: Atom,
    /// What needs it.
    pub why: Arc<NeedSig>,
    pub at: Span,
    pub verdict: Verdict,
}

/// Whether a permission is granted.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// By a rule.
    Granted(Grant),
    /// Nobody grants it.
    Missing {
        near: Option<Near>,
        /// The first version in which it is so, if others are granted it.
        version: Option<Version>,
        /// A setting with which the installation would grant it: `argocdIntegration: true`.
        setting: Option<String>,
    },
    Unknown(Unknown),
}

/// A rule that is granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: RoleId,
    /// `RoleBinding shop/qa`
    pub binding: String,
    /// Where the rule stands, if it is part of a file.
    pub place: Option<Span>,
    /// The installation that has it: `Kargo 1.11`.
    pub stock: Option<Name>,
}

/// What is granted and misses the need in one thing.
#[derive(Clone, Debug)]
pub struct Near {
    pub miss: Miss,
    /// The rule as permissions are spelt, narrowed to what it is compared with.
    pub granted: String,
    pub by: Grant,
    /// Where the binding gives it; `None`: in the whole cluster.
    pub namespace: Option<Name>,
}

/// Why nothing can be said.
#[derive(Clone, Debug)]
pub enum Unknown {
    /// These bindings point to roles that are not known.
    Roles(Vec<(String, RoleId)>),
    /// Of this subject not all grants are known.
    Partial,
    /// The namespace or the name is known to the promotion only.
    Dynamic,
}

/// What a program needs, and what is wrong with it. Reports come in the order of their places.
pub fn check(world: &World<'_>, instances: &Instances<'_>, given: &GivenRoles) -> Vec<Diagnostic> {
    let mut reports = Vec::new();
    installations::check(world, &mut reports);
    let demands = demands::collect(world, instances, given);
    errors::report(&demands, &mut reports);
    let accounts: Vec<Account> = instances.projects.iter().flat_map(|project| accounts(world, project)).collect();
    lints::check(world, &accounts, given, &demands, &mut reports);
    separation::check(world, instances, &mut reports);
    reports
}

/// What the settings of targets mean, for editors; nothing else is checked.
pub(crate) fn look(world: &World<'_>) {
    installations::check(world, &mut Vec::new());
}

/// All needs of a program, each once: sorted by place, subject, scope and permission.
pub fn needs(world: &World<'_>, instances: &Instances<'_>, given: &GivenRoles) -> Vec<Need> {
    let demands = demands::collect(world, instances, given);
    let mut needs: Vec<Need> = demands.iter().flat_map(demands::Demand::needs).collect();
    needs.sort_by(|a, b| key(a).cmp(&key(b)));
    needs.dedup_by(|a, b| key(a) == key(b));
    needs
}

impl Need {
    /// What needs it, in a few words: `promote Freight to a Stage`; without what stands in brackets.
    pub fn feature(&self) -> String {
        let mut out = String::new();
        let mut rest = errors::feature(&self.why.doc);
        while let Some((before, after)) = rest.split_once(" (") {
            out.push_str(before);
            rest = after.split_once(')').map_or_else(String::new, |(_, after)| after.to_owned());
        }
        out + &rest
    }
}

fn key(need: &Need) -> (Span, &Subject, &Option<Scope>, &Atom, &str) {
    (need.at, &need.subject, &need.scope, &need.atom, &need.why.name)
}
