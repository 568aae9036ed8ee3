//! What installations grant, as roles and bindings. In: the grants of the library, the settings of targets, the projects.
//! Out: [`Granted`] for one version of a system.

use std::collections::HashMap;

use crate::base::Name;
use crate::library::{GrantSig, SubjectSig, Target, Version};
use crate::rbac::{Atom, Binding, Granted, Origin, Role, RoleId, Rule, Scope, Subject};

use super::installations::{Installation, Installations};

/// Who a subject of the library is in a cluster: its ServiceAccount. `place`: the namespace, where it is not that of its
/// system. `None` if no installation makes it.
pub(super) fn account(installations: &Installations<'_, '_>, subject: &SubjectSig, place: Option<&Name>) -> Option<Subject> {
    let namespace = match &subject.place {
        Some(_) => place.cloned()?,
        None => installations.home(subject.system.as_ref())?,
    };
    Some(Subject::ServiceAccount { namespace, name: installations.account(subject)? })
}

/// Adds what installations of `version` grant to a subject, in all `projects`.
pub(super) fn add(granted: &mut Granted, installations: &Installations<'_, '_>, subject: &SubjectSig, version: Version, projects: &[Name]) {
    let Some(system) = &subject.system else { return };
    let installation = installations.of(system);
    let target = Target::at(Name::default(), version);
    let origin = Origin::Stock(Name::from(format!("{} {}", installations.target(system).product(), version.minor())));
    for grant in &subject.grants {
        let is_there = target.all_have(grant.since, grant.until);
        if !is_there || !grant.when.iter().all(|(setting, values)| installation.is_one_of(setting, values)) {
            continue;
        }
        let rules = rules(grant, &installation, &target);
        for place in places(installations, subject, grant, projects) {
            let role = role_id(&installation.named(&grant.role), place.as_ref());
            for account in accounts(installations, subject, place.as_ref(), projects) {
                bind(granted, &role, &rules, place.clone(), account, &origin);
            }
        }
    }
}

/// The rules of all roles of installations, of any version and however installed, by their names.
pub(super) fn roles(installations: &Installations<'_, '_>) -> HashMap<Name, Vec<Rule>> {
    let library = installations.library();
    let mut out: HashMap<Name, Vec<Rule>> = HashMap::new();
    for subject in library.subject_names().filter_map(|name| library.subject(name)) {
        let Some(installation) = subject.system.as_ref().map(|system| installations.of(system)) else { continue };
        for grant in &subject.grants {
            let id = role_id(&installation.named(&grant.role), None);
            out.entry(id.name).or_default().extend(grant.rules.iter().filter_map(|rule| rule_of(&rule.allow)));
        }
    }
    out
}

/// Whether the installation binds something to an account that is not a part of it.
pub(super) fn binds(installations: &Installations<'_, '_>, subject: &SubjectSig, account: &Subject) -> bool {
    subject.grants.iter().any(|grant| {
        let installation = subject.system.as_ref().map(|system| installations.of(system));
        let is_on = |installation: &Installation| grant.when.iter().all(|(setting, values)| installation.is_one_of(setting, values));
        installation.is_some_and(|found| is_on(&found)) && is_for(installations, subject, grant, account)
    })
}

/// Whether a grant of the installation, switched on, would be for this account.
fn is_for(installations: &Installations<'_, '_>, subject: &SubjectSig, grant: &GrantSig, account: &Subject) -> bool {
    let of_place = |place: &Option<Name>| accounts(installations, subject, place.as_ref(), &[]).contains(account);
    subject.place.is_none() || places(installations, subject, grant, &[]).iter().any(of_place)
}

/// The settings with which an installation would grant a permission to an account there, as they are written.
pub(super) fn would_grant(
    installations: &Installations<'_, '_>,
    subject: &SubjectSig,
    account: &Subject,
    target: &Target,
    atom: &Atom,
    (scope, projects): (Option<&Scope>, &[Name]),
) -> Option<String> {
    let installation = installations.of(subject.system.as_ref()?);
    let is_on = |grant: &GrantSig| grant.when.iter().all(|(setting, values)| installation.is_one_of(setting, values));
    let reaches = |grant: &GrantSig| {
        let there = |place: &Option<Name>| match (place, scope) {
            (Some(place), Some(Scope::Namespace(asked))) => place == asked,
            (place, _) => place.is_none(),
        };
        places(installations, subject, grant, projects).iter().any(there)
    };
    let known = || {
        let grants = subject.grants.iter().filter(|grant| target.all_have(grant.since, grant.until));
        grants.filter(|grant| is_for(installations, subject, grant, account) && reaches(grant))
    };
    let covers = |rule: &Rule| rule.covers(atom);
    let later = known().filter(|grant| is_on(grant)).flat_map(|grant| &grant.rules).find(|rule| {
        rule.chart.is_some_and(|since| !installation.chart_has(since)) && rule_of(&rule.allow).is_some_and(|rule| covers(&rule))
    });
    if let Some(since) = later.and_then(|rule| rule.chart) {
        return Some(format!("chart: \"{since}\""));
    }
    let grant = known().find(|grant| !is_on(grant) && rules(grant, &installation, target).iter().any(covers))?;
    let other = grant.when.iter().filter(|(setting, values)| !installation.is_one_of(setting, values));
    let written = other.map(|(setting, values)| {
        let value = values.first().map(Name::as_str).unwrap_or_default();
        if ["true", "false"].contains(&value) { format!("{setting}: {value}") } else { format!("{setting}: \"{value}\"") }
    });
    Some(written.collect::<Vec<_>>().join(", "))
}

/// Where a grant is bound: in the whole cluster, in one namespace, in that of every project.
fn places(installations: &Installations<'_, '_>, subject: &SubjectSig, grant: &GrantSig, projects: &[Name]) -> Vec<Option<Name>> {
    match grant.place.as_deref() {
        None => vec![None],
        Some("project") => projects.iter().cloned().map(Some).collect(),
        Some("home") => installations.home(subject.system.as_ref()).map(Some).into_iter().collect(),
        Some(place) => installations.place(place).map(Some).into_iter().collect(),
    }
}

/// The ServiceAccounts that a grant is for: one, or that of the project where the grant is.
fn accounts(installations: &Installations<'_, '_>, subject: &SubjectSig, place: Option<&Name>, projects: &[Name]) -> Vec<Subject> {
    match (&subject.place, place) {
        (None, _) => account(installations, subject, None).into_iter().collect(),
        (Some(_), Some(place)) => account(installations, subject, Some(place)).into_iter().collect(),
        (Some(_), None) => projects.iter().filter_map(|project| account(installations, subject, Some(project))).collect(),
    }
}

fn rules(grant: &GrantSig, installation: &Installation, target: &Target) -> Vec<Rule> {
    let is_there = |rule: &&crate::library::GrantRule| {
        let installed = rule.install.as_ref().is_none_or(|install| installation.text("install") == Some(install));
        installed && target.all_have(rule.since, rule.until) && rule.chart.is_none_or(|since| installation.chart_has(since))
    };
    grant.rules.iter().filter(is_there).filter_map(|rule| rule_of(&rule.allow)).collect()
}

/// A rule out of its spelling; resources of several groups would be a product, so they are those of one.
pub(crate) fn rule_of(spelling: &str) -> Option<Rule> {
    let mut rule = Rule::default();
    for atom in Atom::parse_all(spelling)? {
        let resource = match &atom.subresource {
            Some(subresource) => Name::from(format!("{}/{subresource}", atom.resource)),
            None => atom.resource,
        };
        for (list, word) in [(&mut rule.groups, atom.group), (&mut rule.resources, resource), (&mut rule.verbs, atom.verb)] {
            if !list.contains(&word) {
                list.push(word);
            }
        }
        rule.names.extend(atom.name.filter(|name| !rule.names.contains(name)));
    }
    Some(rule)
}

/// `ClusterRole x`, or `Role x` in the namespace where it is bound.
fn role_id(spelling: &str, place: Option<&Name>) -> RoleId {
    let (kind, name) = spelling.split_once(' ').unwrap_or(("ClusterRole", spelling));
    match place.filter(|_| kind == "Role") {
        Some(namespace) => RoleId::of(namespace.clone(), name),
        None => RoleId::cluster(name),
    }
}

fn bind(granted: &mut Granted, id: &RoleId, rules: &[Rule], namespace: Option<Name>, subject: Subject, origin: &Origin) {
    let known = granted.role(id).map(|role| role.rules.clone()).unwrap_or_default();
    let more: Vec<Rule> = rules.iter().filter(|rule| !known.contains(rule)).cloned().collect();
    if !more.is_empty() || granted.role(id).is_none() {
        granted.add_role(Role::plain(id.clone(), known.into_iter().chain(more).collect(), origin.clone()));
    }
    let name = id.name.clone();
    granted.add_binding(Binding { namespace, name, role: id.clone(), subjects: vec![subject], origin: origin.clone() });
}
