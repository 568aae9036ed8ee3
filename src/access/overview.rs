//! All that there is to say about the permissions of a program, for those who ask for the whole of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::grants::Grants;
use super::roles::{self, Account};
use super::{GivenRoles, Need, Verdict};
use crate::base::Name;
use crate::expand::{Instances, Object, ProjectInstance};
use crate::library::SubjectSig;
use crate::rbac::{self, Atom, Origin, Requester, Scope, Subject};
use crate::types::World;

/// Of objects that a role does not name, so many are asked about: a project may have thousands.
const NAMES: usize = 20;

/// Who must be allowed what, who is, and who must not be.
pub struct Access {
    /// All needs of the program, as [`super::needs`] has them.
    pub needs: Vec<Need>,
    /// Those that nobody grants when the roles that were written for this program before do not count.
    pub gaps: Vec<Need>,
    pub accounts: Vec<Account>,
    /// What nobody grants and nobody should, sorted.
    pub refusals: Vec<Refusal>,
    /// What claims say of people: the claim, one of its values, and the accounts that such a person is.
    pub people: BTreeMap<(Name, Name), Vec<Subject>>,
    /// How many refusals were left out, because there are too many objects to ask for each.
    pub unasked: usize,
    /// Names of roles and bindings that are taken, each with its namespace.
    pub taken: BTreeSet<(Option<Name>, Name)>,
    pub projects: Vec<Name>,
}

/// Something that somebody must not be able to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    pub who: Refused,
    pub scope: Scope,
    pub atom: Atom,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// An account that the program declares.
    Account(Subject),
    /// A person with this claim and this value, who talks to the API server: a user or a group of that name.
    Person(Name, Name),
}

/// The whole of it.
pub fn overview(world: &World<'_>, instances: &Instances<'_>, given: &GivenRoles) -> Access {
    let own: HashSet<&Name> = instances.projects.iter().map(|project| &project.name).collect();
    let others = without_own(given, &own);
    let needs = super::needs(world, instances, given);
    let has_own = others.bindings.len() < given.bindings.len() || others.roles.len() < given.roles.len();
    let without = if has_own { super::needs(world, instances, &others) } else { needs.clone() };
    let is_missing = |need: &Need| matches!(need.verdict, Verdict::Missing { .. });
    let mut grants = Grants::new(world, instances, &others);
    let reserved = instances.projects.iter().flat_map(|project| {
        let names = project.objects.iter().flat_map(|object| &object.kind.rules.reserved);
        names.map(|name| (Some(project.name.clone()), name.clone()))
    });
    let (mut refusals, mut unasked) = (BTreeSet::new(), 0);
    for project in &instances.projects {
        let mut of_project = Refusals { world, project, grants: &mut grants, out: &mut refusals, unasked: 0 };
        of_project.collect();
        unasked += of_project.unasked;
    }
    Access {
        needs,
        gaps: without.into_iter().filter(is_missing).collect(),
        people: people(&grants.accounts),
        accounts: grants.accounts.clone(),
        refusals: refusals.into_iter().collect(),
        unasked,
        taken: grants.names().into_iter().chain(reserved).collect(),
        projects: instances.projects.iter().map(|project| project.name.clone()).collect(),
    }
}

/// What was given, but for what was written for these projects before.
fn without_own(given: &GivenRoles, projects: &HashSet<&Name>) -> GivenRoles {
    let is_own = |origin: &Origin| matches!(origin, Origin::Emitted { part_of, .. } if projects.contains(part_of));
    GivenRoles {
        roles: given.roles.iter().filter(|role| !is_own(&role.origin)).cloned().collect(),
        bindings: given.bindings.iter().filter(|binding| !is_own(&binding.origin)).cloned().collect(),
    }
}

fn people(accounts: &[Account]) -> BTreeMap<(Name, Name), Vec<Subject>> {
    let mut out: BTreeMap<(Name, Name), Vec<Subject>> = BTreeMap::new();
    for account in accounts.iter().filter(|account| !account.is_reserved) {
        for (claim, values) in &account.claims {
            for value in values {
                out.entry((claim.clone(), value.clone())).or_default().push(account.subject());
            }
        }
    }
    out
}

/// What the accounts of a project, and the people that they stand for, must not be able to do.
struct Refusals<'r, 'w, 'a, 'g, 'i> {
    world: &'w World<'a>,
    project: &'r ProjectInstance<'i>,
    grants: &'r mut Grants<'w, 'a, 'g>,
    out: &'r mut BTreeSet<Refusal>,
    unasked: usize,
}

/// What a setting of accounts allows: for the objects of these names.
struct Setting {
    name: Name,
    who: Arc<SubjectSig>,
    system: Name,
    /// Changes only.
    atoms: Vec<Atom>,
}

impl Refusals<'_, '_, '_, '_, '_> {
    fn collect(&mut self) {
        let objects: Vec<&Object> = self.project.objects.iter().filter(|object| object.kind.rules.account).collect();
        let dangers = self.dangers();
        for object in objects {
            let Some(account) = roles::account(self.world, self.project, object).filter(|account| !account.is_reserved) else { continue };
            let settings = self.settings(object);
            self.of_account(&account, &settings, &dangers);
            for (claim, values) in &account.claims {
                for value in values {
                    self.of_person(claim, value, &settings, &dangers);
                }
            }
        }
    }

    /// What each setting of the kind would allow for all objects that it can name.
    fn settings(&self, object: &Object) -> Vec<Setting> {
        let library = self.world.library;
        let mut out = Vec::new();
        for field in &object.kind.settings.fields {
            let names: Vec<Name> = match &field.rules.objects {
                Some((kind, _)) => {
                    let known = roles::known_objects(self.project, kind);
                    known.values().map(|(cluster, _)| *cluster).collect::<BTreeSet<_>>().into_iter().cloned().collect()
                }
                None => Vec::new(),
            };
            for found in &field.rules.needs {
                let Some(why) = library.need(&found.need) else { continue };
                let Some(who) = library.subject(&why.subject) else { continue };
                let atoms = roles::asked(self.world, found, &why, &names);
                let changes = atoms.into_iter().filter(|atom| !["get", "list", "watch"].contains(&atom.verb.as_str()));
                let atoms = changes.collect();
                out.push(Setting { name: field.name.clone(), who, system: why.system.clone(), atoms });
            }
        }
        out
    }

    /// What is dangerous in any namespace.
    fn dangers(&self) -> Vec<Atom> {
        let resources = self.world.library.resources();
        let is_of_namespace =
            |atom: &Atom| resources.iter().any(|known| known.group == atom.group && known.plural == atom.resource && !known.is_of_cluster);
        rbac::dangerous().into_iter().filter(is_of_namespace).collect()
    }

    fn of_account(&mut self, account: &Account, settings: &[Setting], dangers: &[Atom]) {
        let (who, asking) = (Refused::Account(account.subject()), [account.requester()]);
        for setting in settings {
            let own = account.abilities.iter().filter(|ability| ability.setting == setting.name);
            let said: HashSet<&Name> = own.flat_map(|ability| &ability.names).map(|(name, _)| name).collect();
            self.of_setting(&who, setting, &asking, &said);
        }
        self.of_dangers(&who, settings, &asking, dangers);
    }

    /// A person has the roles by the product that the claim is told to, not by the API server.
    fn of_person(&mut self, claim: &Name, value: &Name, settings: &[Setting], dangers: &[Atom]) {
        let asking = [Subject::User(value.clone()), Subject::Group(value.clone())].map(Requester::direct);
        let who = Refused::Person(claim.clone(), value.clone());
        settings.iter().for_each(|setting| self.of_setting(&who, setting, &asking, &HashSet::new()));
        self.of_dangers(&who, settings, &asking, dangers);
    }

    /// What a setting allows for all but the objects that are `said`.
    fn of_setting(&mut self, who: &Refused, setting: &Setting, asking: &[Requester], said: &HashSet<&Name>) {
        let others = |name: &Option<Name>| name.as_ref().is_none_or(|name| !said.contains(name));
        let mut named = 0;
        for atom in setting.atoms.iter().filter(|atom| others(&atom.name)) {
            named += usize::from(atom.name.is_some());
            if atom.name.is_some() && named > NAMES {
                self.unasked += 1;
            } else {
                self.refuse(who, setting, asking, atom);
            }
        }
    }

    fn of_dangers(&mut self, who: &Refused, settings: &[Setting], asking: &[Requester], dangers: &[Atom]) {
        if let Some(any) = settings.first() {
            dangers.iter().for_each(|atom| self.refuse(who, any, asking, atom));
        }
    }

    /// Adds a refusal, if nothing that is known grants it.
    fn refuse(&mut self, who: &Refused, of: &Setting, asking: &[Requester], atom: &Atom) {
        let scope = Scope::Namespace(self.project.name.clone());
        let mut refused = |requester: &Requester| self.grants.is_refused(&of.who, &of.system, requester, &scope, atom);
        if asking.iter().all(&mut refused) {
            self.out.insert(Refusal { who: who.clone(), scope: scope.clone(), atom: atom.clone() });
        }
    }
}
