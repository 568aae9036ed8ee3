//! From uses to needs. In: the instances. Out: [`Demand`]s: a place of the program, and what it asks of whom, with
//! verdicts. What is asked in the same way in several places is answered once.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::installations::Installations;
use super::params::{Answer, Given, atoms};
use super::roles::{self, Account};
use super::sites::{Node, Sites, Use};
use super::{GivenRoles, Near, Need, Unknown, Verdict, stock};
use crate::base::{Name, Span};
use crate::expand::{Instances, ProjectInstance};
use crate::flow::calls::static_env;
use crate::library::{NeedSig, PermissionSig, SubjectSig, Target, Version};
use crate::rbac::{self, Atom, Granted, Holdings, Miss, NearMiss, Requester, Scope, Subject};
use crate::types::World;
use crate::types::eval::{Env, bound, eval, items};

/// A place of the program, and what it asks.
pub(super) struct Demand {
    pub(super) at: Span,
    pub(super) wanted: Rc<Wanted>,
}

/// What a need asks, once its parameters are known.
pub(super) struct Wanted {
    pub(super) why: Arc<NeedSig>,
    pub(super) who: Arc<SubjectSig>,
    pub(super) subject: Subject,
    pub(super) asked: Vec<Asked>,
}

pub(super) struct Asked {
    pub(super) scope: Option<Scope>,
    pub(super) atom: Atom,
    pub(super) verdict: Verdict,
}

impl Demand {
    pub(super) fn needs(&self) -> impl Iterator<Item = Need> {
        let Wanted { why, who, subject, asked } = &*self.wanted;
        asked.iter().map(|asked| Need {
            subject: subject.clone(),
            title: Arc::clone(&who.title),
            scope: asked.scope.clone(),
            atom: asked.atom.clone(),
            why: Arc::clone(why),
            at: self.at,
            verdict: asked.verdict.clone(),
        })
    }
}

/// The demands of a program, in the order of the instances; one that is the same at the same place stands once.
pub(super) fn collect(world: &World<'_>, instances: &Instances<'_>, given: &GivenRoles) -> Vec<Demand> {
    let projects = instances.projects.iter().map(|project| project.name.clone()).collect();
    let installations = Installations::new(world);
    let accounts = instances.projects.iter().flat_map(|project| roles::accounts(world, project)).collect();
    let (granted, known) = (HashMap::new(), HashMap::new());
    let mut collector = Collector { installations, given, projects, accounts, granted, known, demands: Vec::new() };
    let mut sites = Sites::default();
    for project in &instances.projects {
        collector.project(project, &mut sites);
    }
    collector.of_accounts();
    collector.demands
}

/// What decides what a use asks: its need, the values of its parameters, and where it stands.
type Question = (*const crate::library::NeedUse, Given, Name, Name);

struct Collector<'w, 'a, 'g> {
    installations: Installations<'w, 'a>,
    given: &'g GivenRoles,
    projects: Vec<Name>,
    /// The roles that the program declares.
    accounts: Vec<Account>,
    granted: HashMap<(Name, Version), Rc<Granted>>,
    /// What was asked before, and the places that asked it.
    known: HashMap<Question, (Option<Rc<Wanted>>, std::collections::HashSet<Span>)>,
    demands: Vec<Demand>,
}

/// Where an object lies.
struct Around<'p> {
    project: &'p Name,
    object: Name,
}

impl Collector<'_, '_, '_> {
    fn project<'i>(&mut self, project: &'i ProjectInstance<'_>, sites: &mut Sites<'i>) {
        let around = Around { project: &project.name, object: project.name.clone() };
        for (block, env) in &project.blocks {
            self.nodes(&sites.block(block, project.span), env, &around);
        }
        let objects = project.warehouses.iter().map(|warehouse| &warehouse.object).chain(&project.objects);
        for object in objects.filter(|object| !object.kind.rules.account) {
            let around = Around { project: &project.name, object: object.namespace().map_or_else(|| project.name.clone(), |(own, _)| own) };
            self.nodes(&sites.block(&object.block, object.span), &object.env, &around);
        }
        for stage in &project.stages {
            self.nodes(&sites.stage(&stage.body.kind.rules, &stage.body.items, stage.span), &stage.env, &around);
        }
    }

    /// What the settings of declared roles need of those who have them.
    fn of_accounts(&mut self) {
        for account in self.accounts.clone().into_iter().filter(|account| !account.is_reserved) {
            let subject = account.subject();
            for ability in &account.abilities {
                let Some(who) = self.installations.library().subject(&ability.why.subject) else { continue };
                let scope = Some(Scope::Namespace(account.namespace.clone()));
                let mut asked = Vec::new();
                for permission in &ability.why.permissions {
                    let own = |atom: &&Atom| roles::is_of(permission, atom);
                    for atom in ability.atoms.iter().filter(own) {
                        if asked.iter().all(|known: &Asked| known.atom != *atom) {
                            let verdict = self.verdict(&ability.why, permission, &who, &subject, scope.as_ref(), atom, true);
                            asked.extend(verdict.map(|verdict| Asked { scope: scope.clone(), atom: atom.clone(), verdict }));
                        }
                    }
                }
                let wanted = Wanted { why: Arc::clone(&ability.why), who, subject: subject.clone(), asked };
                self.demands.push(Demand { at: ability.at, wanted: Rc::new(wanted) });
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node<'_>], env: &Env, around: &Around<'_>) {
        for node in nodes {
            match node {
                Node::Use(found) => self.one_use(found, env, around),
                Node::If { condition, then, otherwise } => {
                    self.nodes(if eval(condition, env).holds() { then } else { otherwise }, env, around);
                }
                Node::For { over, binds, body } => {
                    for (key, item) in items(&eval(over, env)) {
                        self.nodes(body, &env.with(bound(*binds, key, item)), around);
                    }
                }
                Node::Call { call, body } => self.nodes(body, &static_env(&call.task, &call.args, env), around),
            }
        }
    }

    fn one_use(&mut self, found: &Use<'_>, env: &Env, around: &Around<'_>) {
        if !found.applies(env) {
            return;
        }
        let question = (std::ptr::from_ref(found.need), found.given(env), around.project.clone(), around.object.clone());
        if !self.known.contains_key(&question) {
            let wanted = self.wanted(found, &question.1, around).map(Rc::new);
            self.known.insert(question.clone(), (wanted, std::collections::HashSet::new()));
        }
        if let Some((Some(wanted), places)) = self.known.get_mut(&question)
            && places.insert(found.at)
        {
            self.demands.push(Demand { at: found.at, wanted: Rc::clone(wanted) });
        }
    }

    /// What a use asks of whom; `None` if nobody in particular has to have it, or no version needs it.
    fn wanted(&mut self, found: &Use<'_>, given: &Given, around: &Around<'_>) -> Option<Wanted> {
        let why = self.installations.library().need(&found.need.need)?;
        let who = self.installations.library().subject(&why.subject)?;
        let target = self.installations.target(&why.system);
        if !why.concerns(target) {
            return None;
        }
        let subject = self.subject(&who, given, around)?;
        let mut asked = Vec::new();
        for permission in &why.permissions {
            if !self.is_asked(permission, found, &why) {
                continue;
            }
            for (atom, is_sure) in atoms(&permission.allow, given) {
                for scope in self.scopes(permission, &why, &subject, given, around) {
                    let verdict = self.verdict(&why, permission, &who, &subject, scope.as_ref(), &atom, is_sure);
                    asked.extend(verdict.map(|verdict| Asked { scope, atom: atom.clone(), verdict }));
                }
            }
        }
        (!asked.is_empty()).then_some(Wanted { why, who, subject, asked })
    }

    fn is_asked(&self, permission: &PermissionSig, found: &Use<'_>, why: &NeedSig) -> bool {
        let in_case = |case: &Name| found.need.cases.contains(case) || self.installations.of(&why.system).is_on(case);
        permission.only.is_none() && permission.case.as_ref().is_none_or(in_case)
    }

    /// Who needs it: an account that the installation makes, or the one that the program names, `default` if it does not.
    fn subject(&self, who: &SubjectSig, given: &Given, around: &Around<'_>) -> Option<Subject> {
        let place = match who.place.as_deref() {
            Some("project") => Some(around.project),
            Some(_) => Some(&around.object),
            None => None,
        };
        if let Some(known) = stock::account(&self.installations, who, place) {
            return Some(known);
        }
        let (_, answers) = given.iter().find(|(name, _)| name == "account")?;
        let name = match answers.first()? {
            Answer::Known(name) => name.clone(),
            Answer::Absent => Name::new("default"),
            Answer::Unknown => return None,
        };
        Some(Subject::ServiceAccount { namespace: place?.clone(), name })
    }

    /// Where it is needed; `None` for a namespace that is not known.
    fn scopes(
        &self,
        permission: &PermissionSig,
        why: &NeedSig,
        subject: &Subject,
        given: &Given,
        around: &Around<'_>,
    ) -> Vec<Option<Scope>> {
        let places = if permission.places.is_empty() { &why.places } else { &permission.places };
        if permission.is_cluster || places.is_empty() {
            return vec![Some(Scope::Cluster)];
        }
        let mut found = Vec::new();
        for place in places {
            let answers = given.iter().find(|(name, _)| name == place).map(|(_, answers)| answers.clone());
            let answers = answers.unwrap_or_else(|| match self.place(place, subject, around) {
                Some(namespace) => vec![Answer::Known(namespace)],
                None => vec![Answer::Absent],
            });
            let is_open = answers.contains(&Answer::Absent);
            found.extend(answers.into_iter().filter_map(|answer| match answer {
                Answer::Known(namespace) => Some(Some(Scope::Namespace(namespace))),
                Answer::Unknown => Some(None),
                Answer::Absent => None,
            }));
            if !is_open {
                break;
            }
        }
        if found.is_empty() { vec![None] } else { found }
    }

    fn place(&self, place: &Name, subject: &Subject, around: &Around<'_>) -> Option<Name> {
        match (place.as_str(), subject) {
            ("project", _) => Some(around.project.clone()),
            ("object", _) => Some(around.object.clone()),
            ("home", Subject::ServiceAccount { namespace, .. }) => Some(namespace.clone()),
            (place, _) => self.installations.place(place),
        }
    }

    /// The worst of all versions that need it.
    #[expect(clippy::too_many_arguments, reason = "a question has that many parts")]
    fn verdict(
        &mut self,
        why: &NeedSig,
        permission: &PermissionSig,
        who: &SubjectSig,
        subject: &Subject,
        scope: Option<&Scope>,
        atom: &Atom,
        is_sure: bool,
    ) -> Option<Verdict> {
        let versions = self.installations.target(&why.system).versions().to_vec();
        let mut worst: Option<Verdict> = None;
        let (mut asked, mut lacking) = (0, 0);
        for version in &versions {
            let target = Target::at(Name::default(), *version);
            if !target.all_have(why.since, why.until) || !target.all_have(permission.since, permission.until) {
                continue;
            }
            let granted = self.granted(who, *version);
            let holdings = granted.holdings(&Requester::direct(subject.clone()));
            let mut found = answer(&holdings, who, scope, atom, is_sure);
            asked += 1;
            if let Verdict::Missing { version: named, setting, .. } = &mut found {
                lacking += 1;
                *named = Some(*version);
                *setting = stock::would_grant(&self.installations, who, &target, atom);
            }
            if worst.as_ref().is_none_or(|worst| rank(&found) > rank(worst)) {
                worst = Some(found);
            }
        }
        if let Some(Verdict::Missing { version, .. }) = &mut worst
            && asked == lacking
        {
            *version = None;
        }
        worst
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

fn answer(holdings: &Holdings<'_>, who: &SubjectSig, scope: Option<&Scope>, atom: &Atom, is_sure: bool) -> Verdict {
    let asked = scope.unwrap_or(&Scope::Cluster);
    match holdings.verdict(asked, atom) {
        rbac::Verdict::Granted(held) => Verdict::Granted(held.role.id.clone()),
        rbac::Verdict::Unknown(bindings) => {
            Verdict::Unknown(Unknown::Roles(bindings.iter().map(|binding| (binding.to_string(), binding.role.clone())).collect()))
        }
        rbac::Verdict::Missing => {
            let misses = holdings.near_misses(asked, atom);
            let by_name = misses.first().is_some_and(|near| near.miss == Miss::Name);
            if scope.is_none() || (!is_sure && by_name) {
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
    Near {
        miss: found.miss,
        granted: said.to_string(),
        role: found.held.role.id.clone(),
        namespace: found.held.binding.namespace.clone(),
        place: found.held.role.place(found.held.index),
    }
}
