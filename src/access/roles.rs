//! The roles that a program declares. In: objects that are accounts. Out: [`Account`]s, with what each of their settings
//! needs. Which settings there are and what they need is data of the library.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::params::{Answer, atoms};
use crate::base::{Name, Span};
use crate::expand::{Object, ProjectInstance, visit_block};
use crate::library::{Field, Library, NeedSig, NeedUse, Target};
use crate::rbac::{Atom, Binding, Origin, Requester, Role, RoleId, Rule, Subject, rules_for};
use crate::types::eval::{Env, eval, items};
use crate::types::tree::{Element, Expr, Kind};
use crate::types::{BlockItem, Value, World};

/// A ServiceAccount that a program declares, and what it is for.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: Name,
    pub namespace: Name,
    pub span: Span,
    pub abilities: Vec<Ability>,
    /// Roles of an installation that it is bound to, each with the name of the binding.
    pub bound: Vec<(Name, Name)>,
    /// With which claims people are this account; none for a machine.
    pub claims: Vec<(Name, Vec<Name>)>,
    /// The annotations that say so.
    pub annotations: Vec<(String, String)>,
    /// A controller keeps the Role of its name.
    pub is_reserved: bool,
}

/// What a setting of an account allows.
#[derive(Clone, Debug)]
pub struct Ability {
    pub setting: Name,
    pub at: Span,
    /// The objects that it is said of, as the cluster knows them.
    pub names: Vec<(Name, Span)>,
    pub why: Arc<NeedSig>,
    pub atoms: Vec<Atom>,
    /// A role of the installation grants it, which the account is bound to.
    pub is_bound: bool,
    /// Whether the target can limit it to the objects that it names.
    pub is_limited: bool,
}

impl Account {
    pub fn subject(&self) -> Subject {
        Subject::ServiceAccount { namespace: self.namespace.clone(), name: self.name.clone() }
    }

    /// How it asks: for people a server does it, by the name of the account alone.
    pub fn requester(&self) -> Requester {
        if self.claims.is_empty() { Requester::direct(self.subject()) } else { Requester::by_user(self.subject()) }
    }

    /// The rules of its own Role; none if it has no Role.
    pub fn rules(&self) -> Vec<Rule> {
        rules_for(self.abilities.iter().filter(|ability| !ability.is_bound).flat_map(|ability| &ability.atoms))
    }

    /// What is written for it, as roles and bindings.
    pub(super) fn written(&self) -> (Option<Role>, Vec<Binding>) {
        let origin = Origin::Written(self.span);
        let bind = |name: &Name, role: &Name| Binding {
            namespace: Some(self.namespace.clone()),
            name: name.clone(),
            role: RoleId::of(self.namespace.clone(), role.clone()),
            subjects: vec![self.subject()],
            origin: origin.clone(),
        };
        let mut bindings: Vec<Binding> = self.bound.iter().map(|(name, role)| bind(name, role)).collect();
        let rules = self.rules();
        if rules.is_empty() || self.is_reserved {
            return (None, bindings);
        }
        bindings.push(bind(&self.name, &self.name));
        (Some(Role::plain(RoleId::of(self.namespace.clone(), self.name.clone()), rules, origin)), bindings)
    }
}

/// The accounts of a project, in the order of the program.
pub fn accounts(world: &World<'_>, project: &ProjectInstance<'_>) -> Vec<Account> {
    project.objects.iter().filter_map(|object| account(world, project, object)).collect()
}

/// The account that an object is, if it is one.
pub fn account(world: &World<'_>, project: &ProjectInstance<'_>, object: &Object) -> Option<Account> {
    if !object.kind.rules.account {
        return None;
    }
    let (name, namespace) = (object.cluster_name.clone(), project.name.clone());
    let mut found = Account {
        is_reserved: object.kind.rules.reserved.contains(&name),
        name,
        namespace,
        span: object.span,
        abilities: vec![],
        bound: vec![],
        claims: vec![],
        annotations: vec![],
    };
    visit_block(&object.block.items, &object.env, &mut |item, env| {
        if let BlockItem::Setting { field, value, span } = item {
            found.setting(world, project, object, field, value, *span, env);
        }
    });
    Some(found)
}

impl Account {
    #[expect(clippy::too_many_arguments, reason = "a setting, and all that it is read with")]
    fn setting(
        &mut self,
        world: &World<'_>,
        project: &ProjectInstance<'_>,
        object: &Object,
        field: &Field,
        value: &Expr,
        at: Span,
        env: &Env,
    ) {
        let known = eval(value, env);
        if !field.rules.claims.is_empty() {
            self.claims = claims(&known);
            self.annotations = annotations(&self.claims, field, world.targets.of(None));
        }
        let is_on = matches!(known, Value::Bool(true));
        if let Some((ending, role)) = field.rules.binds.as_ref().filter(|_| is_on) {
            self.bound.push((Name::from(format!("{}-{ending}", self.name)), role.clone()));
        }
        let names: Vec<(Name, Span)> = match &field.rules.objects {
            Some((kind, _)) => {
                let objects = known_objects(project, kind);
                named(value, env).into_iter().filter_map(|(name, at)| Some((objects.get(&name)?.0.clone(), at))).collect()
            }
            None => Vec::new(),
        };
        if field.rules.objects.is_some() && names.is_empty() {
            return;
        }
        for found in &field.rules.needs {
            let is_given = |setting: &std::sync::Arc<str>| crate::expand::setting_value(&object.block, setting, &object.env).is_some();
            if found.unless.iter().any(is_given) {
                continue;
            }
            let applies = found.when.as_ref().is_none_or(|wanted| known.interpolated().is_some_and(|text| *wanted == text));
            if let Some(why) = world.library.need(&found.need).filter(|why| applies && why.concerns(world.targets.of(Some(&why.system)))) {
                let all: Vec<Name> = names.iter().map(|(name, _)| name.clone()).collect();
                self.abilities.push(Ability {
                    setting: field.name.clone(),
                    at,
                    names: names.clone(),
                    atoms: asked(world, found, &why, &all),
                    why,
                    is_bound: field.rules.binds.is_some(),
                    is_limited: field.rules.objects.as_ref().is_none_or(|(_, limits)| *limits),
                });
            }
        }
    }
}

/// What a need asks for these objects, in some version of the target.
pub(super) fn asked(world: &World<'_>, found: &NeedUse, why: &NeedSig, names: &[Name]) -> Vec<Atom> {
    let target: &Target = world.targets.of(Some(&why.system));
    let answers: Vec<Answer> = names.iter().cloned().map(Answer::Known).collect();
    let given = found.given.iter().map(|(parameter, _)| (parameter.clone(), answers.clone())).collect();
    let is_asked = |permission: &&crate::library::PermissionSig| {
        let in_case = permission.cases.is_empty()
            || permission.cases.iter().any(|case| found.cases.contains(case) || super::installations::is_on(world, &why.system, case));
        permission.only.is_none() && in_case && target.some_has(permission.since, permission.until)
    };
    let all = why.permissions.iter().filter(is_asked).flat_map(|permission| atoms(&permission.allow, &given));
    let mut seen = HashSet::new();
    all.map(|(atom, _)| atom).filter(|atom| seen.insert(atom.clone())).collect()
}

/// What a permission of a need asks for, without names.
pub(super) fn spelt(permission: &crate::library::PermissionSig) -> Vec<Atom> {
    let what = permission.allow.split_once(": ").map_or(&*permission.allow, |(what, _)| what);
    Atom::parse_all(what).unwrap_or_default()
}

/// The names in a list, each with its place.
pub(super) fn named(value: &Expr, env: &Env) -> Vec<(Name, Span)> {
    let values = items(&eval(value, env));
    let spans: Vec<Span> = match &value.resolved().kind {
        Kind::List(elements) if elements.iter().all(|element| matches!(element, Element::One(_))) => {
            elements.iter().map(|element| if let Element::One(one) = element { one.span } else { value.span }).collect()
        }
        _ => Vec::new(),
    };
    let place = |at: usize| spans.get(at).copied().unwrap_or(value.span);
    values.iter().enumerate().filter_map(|(at, (_, name))| Some((Name::new(name.as_text()?), place(at)))).collect()
}

/// The objects of a kind: what the cluster calls them and where they are declared, by that name and by what the program
/// calls them, which counts first.
pub(super) fn known_objects<'p>(project: &'p ProjectInstance<'_>, kind: &str) -> HashMap<&'p Name, (&'p Name, Span)> {
    let names: Vec<(&Name, &Name, Span)> = match kind {
        "stage" => project.stages.iter().map(|stage| (&stage.name, &stage.cluster_name, stage.span)).collect(),
        _ => {
            let objects = project.warehouses.iter().map(|warehouse| &warehouse.object).chain(&project.objects);
            objects.filter(|object| object.kind.name == kind).map(|object| (&object.name, &object.cluster_name, object.span)).collect()
        }
    };
    let by_cluster = names.iter().map(|(_, cluster, at)| (*cluster, (*cluster, *at)));
    by_cluster.chain(names.iter().map(|(own, cluster, at)| (*own, (*cluster, *at)))).collect()
}

fn claims(value: &Value) -> Vec<(Name, Vec<Name>)> {
    let Value::Record(record) = value else { return Vec::new() };
    let texts = |list: &Value| items(list).iter().filter_map(|(_, text)| text.as_text().map(Name::new)).collect();
    record.iter().map(|(name, list)| (Name::new(name), texts(list))).collect()
}

/// Claims in the forms that the versions of the target read.
fn annotations(claims: &[(Name, Vec<Name>)], field: &Field, target: &Target) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for form in field.rules.claims.iter().filter(|form| target.some_has(form.since, form.until)) {
        if form.is_json {
            let all: serde_json::Map<String, serde_json::Value> = claims
                .iter()
                .map(|(name, values)| {
                    (name.to_string(), values.iter().map(|value| value.to_string().into()).collect::<Vec<serde_json::Value>>().into())
                })
                .collect();
            out.push((form.key.to_string(), serde_json::Value::Object(all).to_string()));
        } else {
            let values = |values: &[Name]| values.iter().map(Name::as_str).collect::<Vec<_>>().join(",");
            out.extend(claims.iter().map(|(name, list)| (format!("{}{name}", form.key), values(list))));
        }
    }
    out
}

/// The needs that settings of the account's kind have, which name objects and are limited to them.
pub(super) fn limited<'k>(library: &Library, object: &'k Object) -> Vec<(&'k Field, &'k NeedUse, Arc<NeedSig>)> {
    let fields = object.kind.settings.fields.iter().filter(|field| field.rules.objects.as_ref().is_some_and(|(_, limits)| *limits));
    let uses = fields.flat_map(|field| field.rules.needs.iter().map(move |found| (field, found)));
    uses.filter_map(|(field, found)| Some((field, found, library.need(&found.need)?))).collect()
}
