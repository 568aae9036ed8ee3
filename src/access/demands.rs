//! From uses to needs. In: the instances. Out: [`Demand`]s: a place of the program, and what it asks of whom, with
//! verdicts. What is asked in the same way in several places is answered once.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::grants::{Ask, Grants};
use super::params::{Answer, Given, atoms};
use super::roles;
use super::sites::{Node, Sites, Use};
use super::{GivenRoles, Need, Verdict, stock};
use crate::base::{Name, Span};
use crate::expand::{Instances, ProjectInstance};
use crate::flow::calls::static_env;
use crate::library::{NeedSig, PermissionSig, SubjectSig};
use crate::rbac::{Atom, Requester, Scope, Subject};
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
    /// A word for whom it is asked of.
    pub(super) purpose: Name,
    pub(super) project: Name,
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
        let Wanted { why, who, purpose, project, subject, asked } = &*self.wanted;
        asked.iter().map(|asked| Need {
            subject: subject.clone(),
            title: Arc::clone(&who.title),
            purpose: purpose.clone(),
            project: project.clone(),
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
    let mut collector = Collector { grants: Grants::new(world, instances, given), known: HashMap::new(), demands: Vec::new() };
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
    grants: Grants<'w, 'a, 'g>,
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
        for account in self.grants.accounts.clone().into_iter().filter(|account| !account.is_reserved) {
            let subject = account.subject();
            let requester = account.requester();
            for ability in &account.abilities {
                let Some(who) = self.grants.installations.library().subject(&ability.why.subject) else { continue };
                let scope = Some(Scope::Namespace(account.namespace.clone()));
                let mut asked = Vec::new();
                for permission in &ability.why.permissions {
                    let own = |atom: &&Atom| roles::is_of(permission, atom);
                    for atom in ability.atoms.iter().filter(own) {
                        if asked.iter().all(|known: &Asked| known.atom != *atom) {
                            let verdict = self.grants.verdict(&Ask {
                                why: &ability.why,
                                permission,
                                who: &who,
                                requester: &requester,
                                scope: scope.as_ref(),
                                atom,
                                is_sure: true,
                            });
                            asked.extend(verdict.map(|verdict| Asked { scope: scope.clone(), atom: atom.clone(), verdict }));
                        }
                    }
                }
                let (purpose, project) = (account.name.clone(), account.namespace.clone());
                let wanted = Wanted { why: Arc::clone(&ability.why), who, purpose, project, subject: subject.clone(), asked };
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
                Node::Call { call, body } => self.nodes(body, &static_env(call, env), around),
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
        let why = self.grants.installations.library().need(&found.need.need)?;
        let who = self.grants.installations.library().subject(&why.subject)?;
        let target = self.grants.installations.target(&why.system);
        if !why.concerns(target) {
            return None;
        }
        let (subject, purpose) = self.subject(&who, given, around)?;
        let requester = Requester::direct(subject.clone());
        let mut asked = Vec::new();
        for permission in &why.permissions {
            if !self.is_asked(permission, found, &why) {
                continue;
            }
            for (atom, is_sure) in atoms(&permission.allow, given) {
                for scope in self.scopes(permission, &why, &subject, given, around) {
                    let verdict = self.grants.verdict(&Ask {
                        why: &why,
                        permission,
                        who: &who,
                        requester: &requester,
                        scope: scope.as_ref(),
                        atom: &atom,
                        is_sure,
                    });
                    asked.extend(verdict.map(|verdict| Asked { scope, atom: atom.clone(), verdict }));
                }
            }
        }
        (!asked.is_empty()).then(|| Wanted { why, who, purpose, project: around.project.clone(), subject, asked })
    }

    fn is_asked(&self, permission: &PermissionSig, found: &Use<'_>, why: &NeedSig) -> bool {
        let in_case = |case: &Name| found.need.cases.contains(case) || self.grants.installations.of(&why.system).is_on(case);
        permission.only.is_none() && permission.case.as_ref().is_none_or(in_case)
    }

    /// Who needs it, and a word for it: an account that the installation makes, or the one that the program names,
    /// `default` if it does not.
    fn subject(&self, who: &SubjectSig, given: &Given, around: &Around<'_>) -> Option<(Subject, Name)> {
        let place = match who.place.as_deref() {
            Some("project") => Some(around.project),
            Some(_) => Some(&around.object),
            None => None,
        };
        if let Some(known) = stock::account(&self.grants.installations, who, place) {
            return Some((known, who.name.clone()));
        }
        let (_, answers) = given.iter().find(|(name, _)| name == "account")?;
        let name = match answers.first()? {
            Answer::Known(name) => name.clone(),
            Answer::Absent => Name::new("default"),
            Answer::Unknown => return None,
        };
        Some((Subject::ServiceAccount { namespace: place?.clone(), name: name.clone() }, name))
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
            (place, _) => self.grants.installations.place(place),
        }
    }
}
