//! Who is granted what: the one place that answers whether somebody may do something. In: the installations, the files
//! that were given, and the roles that the program declares. Out: [`Verdict`]s, the worst of all versions of the target.

use std::collections::HashMap;
use std::rc::Rc;

use super::installations::Installations;
use super::roles::{self, Account};
use super::{GivenRoles, Grant, Near, Unknown, Verdict, stock};
use crate::base::Name;
use crate::expand::Instances;
use crate::library::{NeedSig, PermissionSig, SubjectSig, Target, Version};
use crate::rbac::{self, Atom, Binding, Granted, Held, Holdings, Miss, NearMiss, Origin, Requester, Scope, Subject};
use crate::types::World;

/// All grants that are known.
pub(super) struct Grants<'w, 'a, 'g> {
    pub(super) installations: Installations<'w, 'a>,
    given: &'g GivenRoles,
    projects: Vec<Name>,
    /// The roles that the program declares.
    pub(super) accounts: Vec<Account>,
    granted: HashMap<(Name, Version), Rc<Granted>>,
}

/// Who asks, and because of what.
pub(super) struct Ask<'q> {
    pub(super) why: &'q NeedSig,
    pub(super) permission: &'q PermissionSig,
    pub(super) who: &'q SubjectSig,
    pub(super) requester: &'q Requester,
}

/// Whether somebody may do something somewhere.
#[derive(Clone)]
pub(super) struct Question {
    /// `None`: in a namespace that is not known.
    pub(super) scope: Option<Scope>,
    pub(super) atom: Atom,
    /// Whether the name that it is asked for is known.
    pub(super) is_sure: bool,
}

impl<'w, 'a, 'g> Grants<'w, 'a, 'g> {
    pub(super) fn new(world: &'w World<'a>, instances: &Instances<'_>, given: &'g GivenRoles) -> Self {
        Grants {
            installations: Installations::new(world),
            given,
            projects: instances.projects.iter().map(|project| project.name.clone()).collect(),
            accounts: instances.projects.iter().flat_map(|project| roles::accounts(world, project)).collect(),
            granted: HashMap::new(),
        }
    }

    /// For each question the worst of all versions that need it; none if no version does.
    pub(super) fn verdicts(&mut self, ask: &Ask<'_>, questions: &[Question]) -> Vec<Verdict> {
        let Ask { why, permission, who, requester } = ask;
        let versions = self.installations.target(&why.system).versions().to_vec();
        let mut worst: Vec<Verdict> = Vec::new();
        let (mut asked, mut lacking) = (0, vec![0; questions.len()]);
        for version in &versions {
            let target = Target::at(Name::default(), *version);
            if !target.all_have(why.since, why.until) || !target.all_have(permission.since, permission.until) {
                continue;
            }
            let granted = self.granted(who, *version);
            let mut holdings = None;
            asked += 1;
            for (at, question) in questions.iter().enumerate() {
                let scope = question.scope.as_ref().unwrap_or(&Scope::Cluster);
                let mut found = match granted.allowing(requester, scope, &question.atom) {
                    Some(held) => Verdict::Granted(grant(&held)),
                    None => answer(holdings.get_or_insert_with(|| granted.holdings(requester)), who, question),
                };
                if let Verdict::Missing { version: named, setting, .. } = &mut found {
                    lacking.iter_mut().skip(at).take(1).for_each(|lacking| *lacking += 1);
                    *named = Some(*version);
                    let place = (question.scope.as_ref(), self.projects.as_slice());
                    *setting = stock::would_grant(&self.installations, who, &requester.subject, &target, &question.atom, place);
                }
                match worst.get_mut(at) {
                    Some(worst) if rank(&found) > rank(worst) => *worst = found,
                    Some(_) => {}
                    None => worst.push(found),
                }
            }
        }
        for (worst, lacking) in worst.iter_mut().zip(lacking) {
            if let Verdict::Missing { version, .. } = worst
                && asked == lacking
            {
                *version = None;
            }
        }
        worst
    }

    /// Whether no version of the target lets somebody do this, as far as everything is known.
    pub(super) fn is_refused(&mut self, who: &SubjectSig, system: &Name, requester: &Requester, scope: &Scope, atom: &Atom) -> bool {
        let versions = self.installations.target(system).versions().to_vec();
        let mut refused = |version: &Version| {
            let granted = self.granted(who, *version);
            matches!(granted.holdings(requester).verdict(scope, atom), rbac::Verdict::Missing)
        };
        versions.iter().all(&mut refused)
    }

    /// The names of all roles and bindings that are known, each with its namespace.
    pub(super) fn names(&mut self) -> Vec<(Option<Name>, Name)> {
        let library = self.installations.library();
        let mut out = Vec::new();
        for who in library.subject_names().filter_map(|name| library.subject(name)) {
            let Some(system) = &who.system else { continue };
            for version in self.installations.target(system).versions().to_vec() {
                let granted = self.granted(&who, version);
                out.extend(granted.roles().map(|role| (role.id.namespace.clone(), role.id.name.clone())));
                out.extend(granted.bindings().iter().map(|binding| (binding.namespace.clone(), binding.name.clone())));
            }
        }
        out
    }

    /// Whether something is said of what an account has: by an installation, by a file that was given, or by the program.
    /// A file speaks for the namespaces that it has bindings in.
    pub(super) fn is_known(&self, who: &SubjectSig, subject: &Subject) -> bool {
        let Subject::ServiceAccount { namespace, .. } = subject else { return true };
        let speaks = |binding: &Binding| binding.namespace.as_ref() == Some(namespace) || binding.subjects.contains(subject);
        who.place.is_none()
            || stock::binds(&self.installations, who, subject)
            || self.given.bindings.iter().any(speaks)
            || self.accounts.iter().any(|account| account.subject() == *subject)
    }

    /// What is granted in a version: by the installation to this subject, and by what was given.
    fn granted(&mut self, who: &SubjectSig, version: Version) -> Rc<Granted> {
        let key = (who.name.clone(), version);
        if let Some(known) = self.granted.get(&key) {
            return Rc::clone(known);
        }
        let mut granted = Granted::default();
        stock::add(&mut granted, &self.installations, who, version, &self.projects);
        let written: Vec<_> = self.accounts.iter().map(Account::written).collect();
        if !self.given.bindings.is_empty() || !written.is_empty() {
            self.add_others(&mut granted, who, version);
        }
        granted.extend(self.given.roles.iter().cloned(), self.given.bindings.iter().cloned());
        for (role, bindings) in written {
            granted.extend(role, bindings);
        }
        let granted = Rc::new(granted);
        self.granted.insert(key, Rc::clone(&granted));
        granted
    }

    /// The roles of the same system, to which given bindings may point.
    fn add_others(&self, granted: &mut Granted, who: &SubjectSig, version: Version) {
        let library = self.installations.library();
        for name in library.subject_names().filter(|name| *name != who.name) {
            if let Some(other) = library.subject(name).filter(|other| other.system == who.system) {
                stock::add(granted, &self.installations, &other, version, &self.projects);
            }
        }
    }
}

fn answer(holdings: &Holdings<'_>, who: &SubjectSig, question: &Question) -> Verdict {
    let (scope, atom) = (question.scope.as_ref().unwrap_or(&Scope::Cluster), &question.atom);
    match holdings.verdict(scope, atom) {
        rbac::Verdict::Granted(held) => Verdict::Granted(grant(held)),
        rbac::Verdict::Unknown(bindings) => {
            Verdict::Unknown(Unknown::Roles(bindings.iter().map(|binding| (binding.to_string(), binding.role.clone())).collect()))
        }
        rbac::Verdict::Missing => {
            let misses = holdings.near_misses(scope, atom);
            let by_name = misses.first().is_some_and(|near| near.miss == Miss::Name);
            // Of a namespace that is not known nothing can be said, if something is granted in some namespace.
            let elsewhere = || holdings.has_open() || misses.iter().any(|near| near.miss == Miss::Namespace);
            if (question.scope.is_none() && elsewhere()) || (!question.is_sure && by_name) {
                return Verdict::Unknown(Unknown::Dynamic);
            }
            if who.is_partial && holdings.rules().iter().all(|held| held.binding.origin.span().is_none()) {
                return Verdict::Unknown(Unknown::Partial);
            }
            Verdict::Missing { near: misses.first().map(|found| near(found, atom)), version: None, setting: None }
        }
    }
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Granted(_) => 0,
        Verdict::Unknown(_) => 1,
        Verdict::Missing { .. } => 2,
    }
}

fn grant(held: &Held<'_>) -> Grant {
    Grant {
        role: held.role.id.clone(),
        binding: held.binding.to_string(),
        place: held.role.place(held.index),
        stock: if let Origin::Stock(words) = &held.role.origin { Some(words.clone()) } else { None },
    }
}

/// The rule in the words of the permission that it misses: what differs is the rule's.
fn near(found: &NearMiss<'_, '_>, atom: &Atom) -> Near {
    let rule = found.held.rule;
    let mut said = Atom { name: None, ..atom.clone() };
    let list = |names: &[Name]| Name::from(names.join(","));
    match found.miss {
        Miss::Verb => said.verb = list(&rule.verbs),
        Miss::Group => said.group = list(&rule.groups),
        Miss::Name => said.name = Some(list(&rule.names)),
        Miss::Subresource => {
            let own = rule.resources.iter().find(|resource| resource.split('/').next() == Some(&atom.resource));
            said.subresource = own.and_then(|resource| resource.split_once('/')).map(|(_, subresource)| Name::new(subresource));
        }
        Miss::Namespace => {}
    }
    Near { miss: found.miss, granted: said.to_string(), by: grant(found.held), namespace: found.held.binding.namespace.clone() }
}
