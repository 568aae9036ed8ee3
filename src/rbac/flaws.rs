//! Rules that cannot do what they say.

use super::binding::{Binding, Role};
use super::resources::{Resource, Resources};
use super::rule::Rule;
use super::{Atom, Granted};
use crate::base::Name;

/// Why a part of a rule allows nothing, however long one waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A request with this verb carries no name, so a rule with names does not allow it. Only applying on the side of the
    /// server asks for `create` by name.
    NamelessVerb(Name),
    /// A version in an API group, or a word for the core group: what is meant.
    Group { written: Name, meant: Name },
    /// `pods/*`: the name of nothing; `*` is every resource and subresource, `*/log` one subresource of all.
    Pattern(Name),
    /// `deployments.apps`: the group has its own list.
    Qualified(Name),
    /// A kind, a singular, or capital letters, where the plural is meant.
    Spelling { written: Name, meant: Name },
    /// A resource of other groups than those of the rule.
    OtherGroup { resource: Name, groups: Vec<Name> },
    /// A resource without a namespace, in a Role or behind a RoleBinding.
    OfCluster(Name),
    /// A verb that no client sends, and those that are meant.
    Verb { written: Name, meant: &'static [&'static str] },
    /// A verb that only other resources have: these.
    OtherResource { verb: Name, resources: Vec<Name> },
    /// Nobody knows the names of these objects before they are there.
    MadeNames(Name),
}

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "update", "patch"];

/// Words that people take for verbs. None is a verb of Kubernetes or of an API that is known.
const NO_VERBS: &[(&str, &[&str])] = &[
    ("read", READ),
    ("view", READ),
    ("write", WRITE),
    ("edit", &["update", "patch"]),
    ("modify", &["update", "patch"]),
    ("apply", &["get", "create", "patch"]),
    ("put", &["update"]),
    ("post", &["create"]),
    ("remove", &["delete"]),
    ("all", &["*"]),
];

const VERBS: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// What of a role cannot work, with the numbers of its rules.
pub fn flaws(role: &Role, resources: &Resources) -> Vec<(usize, Flaw)> {
    let mut out = Vec::new();
    for (index, rule) in role.rules.iter().enumerate().filter(|(_, rule)| rule.urls.is_empty()) {
        let mut flaws = Vec::new();
        groups(rule, &mut flaws);
        verbs(rule, resources, &mut flaws);
        for resource in &rule.resources {
            flaws.extend(of_resource(rule, resource, resources));
        }
        if role.id.namespace.is_some() {
            flaws.extend(rule.resources.iter().filter(|resource| is_of_cluster(rule, resource, resources)).cloned().map(Flaw::OfCluster));
        }
        out.extend(flaws.into_iter().map(|flaw| (index, flaw)));
    }
    out
}

/// Whether a RoleBinding gives nothing of its ClusterRole, since all its rules are for resources without a namespace.
pub fn gives_nothing(binding: &Binding, granted: &Granted, resources: &Resources) -> bool {
    if binding.namespace.is_none() || binding.role.namespace.is_some() {
        return false;
    }
    let (roles, is_open) = granted.rules_of(&binding.role);
    let mut rules = roles.iter().flat_map(|role| &role.rules).peekable();
    let has_no_effect = |rule: &Rule| {
        !rule.urls.is_empty() || !rule.resources.is_empty() && rule.resources.iter().all(|one| is_of_cluster(rule, one, resources))
    };
    !is_open && rules.peek().is_some() && rules.all(has_no_effect)
}

fn groups(rule: &Rule, out: &mut Vec<Flaw>) {
    for group in &rule.groups {
        let meant = match group.split_once('/') {
            Some((group, _)) => group,
            None if group == "core" || is_version(group) => "",
            None => continue,
        };
        out.push(Flaw::Group { written: group.clone(), meant: Name::new(meant) });
    }
}

/// `v1`, `v1beta2`.
fn is_version(word: &str) -> bool {
    let rest = word.strip_prefix('v').unwrap_or("").trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix("alpha").or_else(|| rest.strip_prefix("beta")).unwrap_or(rest);
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) && rest.chars().all(|c| c.is_ascii_digit())
}

fn verbs(rule: &Rule, resources: &Resources, out: &mut Vec<Flaw>) {
    for verb in &rule.verbs {
        let small = verb.to_ascii_lowercase();
        if let Some((_, meant)) = NO_VERBS.iter().find(|(word, _)| *word == small) {
            out.push(Flaw::Verb { written: verb.clone(), meant });
        } else if let Some(at) = VERBS.iter().position(|known| *known == small && *known != verb) {
            out.push(Flaw::Verb { written: verb.clone(), meant: VERBS.get(at..=at).unwrap_or(&[]) });
        }
        if !rule.names.is_empty() && rule.resources.iter().all(|resource| Atom::is_nameless(verb, subresource(resource))) {
            out.push(Flaw::NamelessVerb(verb.clone()));
        }
        out.extend(other_resource(rule, verb, resources));
    }
}

/// A verb of single resources on none of them.
fn other_resource(rule: &Rule, verb: &Name, resources: &Resources) -> Option<Flaw> {
    let owners: Vec<&Resource> = resources.iter().filter(|resource| resource.verbs.contains(verb)).collect();
    let may_be = |owner: &Resource| {
        rule.groups.iter().any(|group| group == "*" || *group == owner.group)
            && rule.resources.iter().any(|resource| resource == "*" || *resource == owner.plural)
    };
    // In groups that are not known, others may have a verb of this name.
    let is_known = rule.groups.iter().all(|group| resources.of_group(group).next().is_some());
    if owners.is_empty() || !is_known || owners.iter().any(|owner| may_be(owner)) {
        return None;
    }
    Some(Flaw::OtherResource { verb: verb.clone(), resources: owners.iter().map(|owner| owner.plural.clone()).collect() })
}

fn of_resource(rule: &Rule, written: &Name, resources: &Resources) -> Option<Flaw> {
    let (object, subresource) = match written.split_once('/') {
        Some((object, subresource)) => (object, Some(subresource)),
        None => (written.as_str(), None),
    };
    let respelt = |plural: &str| Name::from(subresource.map_or(plural.to_owned(), |sub| format!("{plural}/{}", sub.to_ascii_lowercase())));
    if subresource == Some("*") && object != "*" {
        return Some(Flaw::Pattern(written.clone()));
    }
    if object.contains('.') {
        return Some(Flaw::Qualified(written.clone()));
    }
    if object == "*" || rule.groups.iter().any(|group| group == "*") {
        return None;
    }
    let known = rule.groups.iter().find_map(|group| resources.get(group, object));
    if let Some(known) = known {
        let has_made_names = !rule.names.is_empty() && known.has_made_names && subresource.is_none();
        return has_made_names.then(|| Flaw::MadeNames(written.clone()));
    }
    // A kind or a singular; a group that is not known may have a resource of any name.
    let mut all = rule.groups.iter().flat_map(|group| resources.of_group(group));
    if let Some(meant) = all.find(|known| object.eq_ignore_ascii_case(&known.kind) || object.eq_ignore_ascii_case(&known.plural)) {
        return Some(Flaw::Spelling { written: written.clone(), meant: respelt(&meant.plural) });
    }
    other_group(rule, object, resources).map(|groups| Flaw::OtherGroup { resource: written.clone(), groups })
}

/// The groups that have a resource, if those of the rule are Kubernetes' own, known, and have it not. Of other groups not
/// all resources are known.
fn other_group(rule: &Rule, object: &str, resources: &Resources) -> Option<Vec<Name>> {
    let is_own = |group: &Name| {
        (!group.contains('.') || group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io")
            && resources.of_group(group).next().is_some()
    };
    let groups: Vec<Name> = resources.iter().filter(|known| known.plural == object).map(|known| known.group.clone()).collect();
    (rule.groups.iter().all(is_own) && !groups.is_empty()).then_some(groups)
}

/// Whether this resource of a rule has no namespace in any group of the rule. One `Namespace` can be asked for in itself.
fn is_of_cluster(rule: &Rule, written: &str, resources: &Resources) -> bool {
    let object = written.split('/').next().unwrap_or(written);
    let known: Vec<Option<&Resource>> = rule.groups.iter().map(|group| resources.get(group, object)).collect();
    let is_own_namespace =
        object == "namespaces" && rule.verbs.iter().any(|verb| !matches!(verb.as_str(), "list" | "watch" | "create" | "deletecollection"));
    let is_there = known.iter().any(|known| known.is_some_and(|known| known.is_of_cluster));
    let is_nowhere_else = rule.groups.iter().zip(&known).all(|(group, known)| match known {
        Some(known) => known.is_of_cluster,
        None => resources.of_group(group).next().is_some(),
    });
    is_there && is_nowhere_else && !is_own_namespace
}

fn subresource(resource: &str) -> Option<&str> {
    resource.split_once('/').map(|(_, subresource)| subresource)
}
