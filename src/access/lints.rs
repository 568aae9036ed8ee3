//! Which rules are judged, and how: those of given files, and those that the program writes. A rule that an installation
//! grants itself is not judged: nobody who reads the report has written it.

use std::collections::{HashMap, HashSet};

use super::demands::Demand;
use super::installations::Installations;
use super::roles::Account;
use super::{GivenRoles, lint_errors as errors, stock};
use crate::base::Name;
use crate::diag::{Diagnostic, nearest};
use crate::rbac::{
    Atom, Binding, Danger, Granted, Role, RoleId, Rule, Subject, adds_to, dangers, dangers_of_binding, flaws, gives_nothing, rules_for,
    uncovered,
};
use crate::types::World;

/// Judges the rules of given roles and of declared accounts.
pub(super) fn check(world: &World<'_>, accounts: &[Account], given: &GivenRoles, demands: &[Demand], reports: &mut Vec<Diagnostic>) {
    if !given.roles.is_empty() || !given.bindings.is_empty() {
        let lints = Lints::new(world, given, demands);
        given.roles.iter().for_each(|role| lints.role(role, reports));
        given.bindings.iter().for_each(|binding| lints.binding(binding, reports));
    }
    written(world, accounts, reports);
}

/// What the settings of declared accounts grant. What cannot be limited to objects is told by another check; that a setting
/// allows more than its word says is said where it is described.
fn written(world: &World<'_>, accounts: &[Account], reports: &mut Vec<Diagnostic>) {
    for account in accounts {
        for ability in account.abilities.iter().filter(|ability| ability.is_limited && !ability.is_bound) {
            let id = RoleId::of(account.namespace.clone(), account.name.clone());
            let role = Role::plain(id, rules_for(&ability.atoms), crate::rbac::Origin::Written(ability.at));
            let mut told = HashSet::new();
            for (index, danger) in dangers(&role, false, world.library.resources()) {
                if !matches!(danger, Danger::Risk(_)) && told.insert(errors::what(&danger)) {
                    reports.extend(role.rules.get(index).map(|rule| errors::dangerous(rule, &danger, ability.at)));
                }
            }
        }
    }
}

struct Lints<'g> {
    world: &'g World<'g>,
    given: &'g GivenRoles,
    granted: Granted,
    /// What installations grant, by the names of their roles.
    stock: HashMap<Name, Vec<Rule>>,
    /// What the program needs of whom.
    needed: Vec<(&'g Subject, &'g Atom)>,
}

impl<'g> Lints<'g> {
    fn new<'a>(world: &'g World<'a>, given: &'g GivenRoles, demands: &'g [Demand]) -> Lints<'g>
    where
        'a: 'g,
    {
        let mut granted = Granted::default();
        granted.extend(given.roles.iter().cloned(), given.bindings.iter().cloned());
        let asked = |demand: &'g Demand| demand.wanted.asked.iter().map(|asked| (&demand.wanted.subject, &asked.atom));
        let stock = stock::roles(&Installations::new(world));
        Lints { world, given, granted, stock, needed: demands.iter().flat_map(asked).collect() }
    }

    fn role(&self, role: &Role, reports: &mut Vec<Diagnostic>) {
        if !self.is_judged(role) {
            return;
        }
        let resources = self.world.library.resources();
        let place = |index: usize| role.place(index);
        for (index, flaw) in flaws(role, resources).into_iter().filter(|(index, _)| !self.is_stock(role, *index)) {
            reports.extend(place(index).map(|at| errors::ineffective(&flaw, at)));
        }
        let everywhere = self.bindings_of(role).any(|binding| binding.namespace.is_none());
        for (index, danger) in dangers(role, everywhere, resources) {
            if self.is_stock(role, index) || self.is_needed(role, index, &danger) {
                continue;
            }
            let report = place(index).zip(role.rules.get(index));
            reports.extend(report.map(|(at, rule)| errors::dangerous(rule, &danger, at)));
        }
        if let Some((danger, at)) = adds_to(role).zip(role.origin.span()) {
            reports.push(errors::dangerous(&Rule::default(), &danger, at));
        }
    }

    fn binding(&self, binding: &Binding, reports: &mut Vec<Diagnostic>) {
        let Some(at) = binding.origin.span() else { return };
        if is_bootstrap(&binding.name) || self.granted.role(&binding.role).is_some_and(|role| role.is_live) {
            return;
        }
        if gives_nothing(binding, &self.granted, self.world.library.resources()) {
            reports.push(errors::gives_nothing(binding, at));
        }
        reports.extend(self.meant(binding).map(|meant| errors::no_role(binding, &meant, at)));
        let found = dangers_of_binding(binding);
        reports.extend(found.iter().map(|danger| errors::dangerous(&Rule::default(), danger, at)));
    }

    /// The role that was probably meant, where there is none of the name.
    fn meant(&self, binding: &Binding) -> Option<Name> {
        if self.granted.role(&binding.role).is_some() || self.stock.contains_key(&binding.role.name) {
            return None;
        }
        let near = self.given.roles.iter().filter(|role| role.id.namespace == binding.role.namespace);
        let unbound: Vec<&Name> = near.filter(|role| self.bindings_of(role).next().is_none()).map(|role| &role.id.name).collect();
        let written = binding.role.name.as_str();
        let longer = unbound.iter().find(|name| written.starts_with(name.as_str()) || name.starts_with(written));
        let found = nearest(written, unbound.iter().map(|name| name.as_str()));
        found.map(Name::new).or_else(|| longer.map(|name| (*name).clone()))
    }

    /// A dump has the roles of everything in the cluster: of these only the ones that the program has to do with.
    fn is_judged(&self, role: &Role) -> bool {
        let is_default = role.labels.iter().any(|(key, _)| key == "kubernetes.io/bootstrapping");
        let concerns = || {
            let is_one = |subject: &Subject| self.needed.iter().any(|(needed, _)| *needed == subject);
            self.bindings_of(role).any(|binding| binding.subjects.iter().any(is_one))
        };
        !is_default && !is_bootstrap(&role.id.name) && (!role.is_live || concerns())
    }

    fn is_stock(&self, role: &Role, index: usize) -> bool {
        let rule = role.rules.get(index);
        let known = self.stock.get(&role.id.name);
        known.zip(rule).is_some_and(|(known, rule)| uncovered(known, std::slice::from_ref(rule)).is_empty())
    }

    /// Whether the program needs what the rule grants of somebody who has it.
    fn is_needed(&self, role: &Role, index: usize, danger: &Danger) -> bool {
        let Some(rule) = role.rules.get(index).filter(|_| !danger.is_never_written()) else { return false };
        let holds = |subject: &Subject| self.bindings_of(role).any(|binding| binding.subjects.contains(subject));
        self.needed.iter().any(|(subject, atom)| rule.covers(atom) && holds(subject))
    }

    fn bindings_of<'r>(&'r self, role: &'r Role) -> impl Iterator<Item = &'r Binding> {
        self.given.bindings.iter().filter(|binding| binding.role == role.id)
    }
}

/// Kubernetes' own.
fn is_bootstrap(name: &str) -> bool {
    name.starts_with("system:") || matches!(name, "cluster-admin" | "admin" | "edit" | "view")
}
