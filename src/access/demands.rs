//! From uses to needs. In: the instances. Out: [`Demand`]s: a place of the program, and what it asks of whom, with
//! verdicts. What is asked in the same way in several places is answered once.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::grants::{Ask, Grants, Question};
use super::params::{Answer, Given, atoms};
use super::roles;
use super::sites::{Node, Sites, Use};
use super::{GivenRoles, Need, Verdict, stock};
use crate::base::{Name, Span};
use crate::expand::{Instances, ProjectInstance};
use crate::flow::calls::static_env;
use crate::library::{NeedSig, NeedUse, PermissionSig, SubjectSig};
use crate::rbac::{Atom, Requester, Scope, Subject};
use crate::types::World;
use crate::types::eval::{Env, bound, eval, items};
use crate::workflows::{self, Manifest};

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
    /// Something is said of what it has; else nothing that is known grants it anything.
    pub(super) is_known: bool,
    pub(super) asked: Vec<Asked>,
}

pub(super) struct Asked {
    pub(super) scope: Option<Scope>,
    pub(super) atom: Atom,
    pub(super) verdict: Verdict,
}

impl Demand {
    pub(super) fn needs(&self) -> impl Iterator<Item = Need> {
        let Wanted { why, who, purpose, project, subject, asked, .. } = &*self.wanted;
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
    collector.workflows(&workflows::manifests(instances));
    collector.of_accounts();
    collector.demands
}

/// What decides what a use asks: its need, the values of its parameters, its cases, and where it stands.
type Key = (*const NeedUse, Given, Vec<Name>, Name, Option<Name>);

struct Collector<'w, 'a, 'g> {
    grants: Grants<'w, 'a, 'g>,
    /// What was asked before, and the places that asked it.
    known: HashMap<Key, (Option<Rc<Wanted>>, HashSet<Span>)>,
    demands: Vec<Demand>,
}

/// Where an object lies.
struct Around<'p> {
    project: &'p Name,
    /// `None`: in whichever namespace it is used.
    object: Option<Name>,
}

/// What is asked somewhere.
pub(super) struct Asking<'n> {
    pub(super) need: &'n NeedUse,
    pub(super) at: Span,
    pub(super) given: Given,
    pub(super) cases: Vec<Name>,
}

impl Collector<'_, '_, '_> {
    fn project<'i>(&mut self, project: &'i ProjectInstance<'_>, sites: &mut Sites<'i>) {
        let around = Around { project: &project.name, object: Some(project.name.clone()) };
        for (block, env) in &project.blocks {
            self.nodes(&sites.block(block, project.span), env, &around);
        }
        let objects = project.warehouses.iter().map(|warehouse| &warehouse.object).chain(&project.objects);
        // What a workflow needs depends on who runs it.
        for object in objects.filter(|object| !object.kind.rules.account && object.kind.rules.workflow.is_none()) {
            let own = object.namespace().map_or_else(|| project.name.clone(), |(own, _)| own);
            let around = Around { project: &project.name, object: Some(own) };
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
                let (mut asked, mut known) = (Vec::new(), HashSet::new());
                for permission in &ability.why.permissions {
                    let spelt = roles::spelt(permission);
                    let own = |atom: &&Atom| spelt.contains(&Atom { name: None, ..(*atom).clone() }) && known.insert((*atom).clone());
                    let question = |atom: &Atom| Question { scope: scope.clone(), atom: atom.clone(), is_sure: true };
                    let questions: Vec<Question> = ability.atoms.iter().filter(own).map(question).collect();
                    asked.extend(self.asked(&Ask { why: &ability.why, permission, who: &who, requester: &requester }, questions));
                }
                let (purpose, project) = (account.name.clone(), account.namespace.clone());
                let subject = subject.clone();
                let wanted = Wanted { why: Arc::clone(&ability.why), who, purpose, project, subject, is_known: true, asked };
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
        if found.applies(env) {
            let (given, cases) = (found.given(env), found.cases(env));
            self.ask(Asking { need: found.need, at: found.at, given, cases }, around);
        }
    }

    /// The needs of a program's workflows, as they are run.
    fn workflows(&mut self, manifests: &[Manifest]) {
        workflows::runs(manifests, &mut |run| {
            let around = Around { project: &run.manifest.project, object: run.manifest.namespace.clone() };
            for asking in super::runs::asked(run, self.grants.installations.library().resources()) {
                self.ask(asking, &around);
            }
        });
    }

    fn ask(&mut self, asking: Asking<'_>, around: &Around<'_>) {
        let Asking { need, at, given, cases } = asking;
        let question = (std::ptr::from_ref(need), given, cases, around.project.clone(), around.object.clone());
        if !self.known.contains_key(&question) {
            let wanted = self.wanted(need, &question.1, &question.2, around).map(Rc::new);
            self.known.insert(question.clone(), (wanted, HashSet::new()));
        }
        if let Some((Some(wanted), places)) = self.known.get_mut(&question)
            && places.insert(at)
        {
            self.demands.push(Demand { at, wanted: Rc::clone(wanted) });
        }
    }

    /// What a use asks of whom; `None` if nobody in particular has to have it, or no version needs it.
    fn wanted(&mut self, need: &NeedUse, given: &Given, cases: &[Name], around: &Around<'_>) -> Option<Wanted> {
        let why = self.grants.installations.library().need(&need.need)?;
        // That the program does not say for which version it is, is another report.
        if !self.grants.installations.says(&why.system) {
            return None;
        }
        let who = self.grants.installations.library().subject(&why.subject)?;
        let target = self.grants.installations.target(&why.system);
        if !why.concerns(target) {
            return None;
        }
        let (subject, purpose) = self.subject(&who, given, around)?;
        let requester = Requester::direct(subject.clone());
        let mut asked = Vec::new();
        for permission in &why.permissions {
            if !self.is_asked(permission, cases, &why) {
                continue;
            }
            let scopes = self.scopes(permission, &why, &subject, given, around);
            let everywhere = |(atom, is_sure): (Atom, bool)| {
                let question = |scope: &Option<Scope>| Question { scope: scope.clone(), atom: atom.clone(), is_sure };
                scopes.iter().map(question).collect::<Vec<_>>()
            };
            let questions = atoms(&permission.allow, given).into_iter().flat_map(everywhere).collect();
            asked.extend(self.asked(&Ask { why: &why, permission, who: &who, requester: &requester }, questions));
        }
        let is_known = self.grants.is_known(&who, &subject);
        (!asked.is_empty()).then(|| Wanted { why, who, purpose, project: around.project.clone(), subject, is_known, asked })
    }

    fn asked(&mut self, ask: &Ask<'_>, questions: Vec<Question>) -> Vec<Asked> {
        let verdicts = self.grants.verdicts(ask, &questions);
        let asked = |(question, verdict): (Question, Verdict)| Asked { scope: question.scope, atom: question.atom, verdict };
        questions.into_iter().zip(verdicts).map(asked).collect()
    }

    fn is_asked(&self, permission: &PermissionSig, cases: &[Name], why: &NeedSig) -> bool {
        let in_case = |case: &Name| cases.contains(case) || self.grants.installations.of(&why.system).is_on(case);
        permission.only.is_none() && (permission.cases.is_empty() || permission.cases.iter().any(in_case))
    }

    /// Who needs it, and a word for it: the account that the program names, `default` if it could and does not, or one of
    /// the installation.
    fn subject(&self, who: &SubjectSig, given: &Given, around: &Around<'_>) -> Option<(Subject, Name)> {
        let place = match who.place.as_deref() {
            Some("project") => Some(around.project),
            Some(_) => around.object.as_ref(),
            None => None,
        };
        let Some((_, answers)) = given.iter().find(|(name, _)| name == "account") else {
            return Some((stock::account(&self.grants.installations, who, place)?, who.name.clone()));
        };
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
                Answer::Known(everywhere) if everywhere == "*" => Some(Some(Scope::Cluster)),
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
            ("object", _) => around.object.clone(),
            ("home", Subject::ServiceAccount { namespace, .. }) => Some(namespace.clone()),
            (place, _) => self.grants.installations.place(place),
        }
    }
}
