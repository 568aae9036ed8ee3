//! One permission: what a single request asks for.

use std::fmt;

use crate::base::Name;

/// One verb on one resource of one group, for at most one object.
///
/// Spelt `patch workflowtasksets.argoproj.io/status`, `get pods/log`, `promote stages.kargo.akuity.io: prod`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom {
    /// API group; the core group is empty.
    pub group: Name,
    /// Plural, in small letters.
    pub resource: Name,
    /// `status` in `pods/status`.
    pub subresource: Option<Name>,
    pub verb: Name,
    /// The object's name, if the request carries one. None asks for all objects.
    pub name: Option<Name>,
}

/// Where a request is made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Objects without a namespace, and lists over all namespaces.
    Cluster,
    Namespace(Name),
}

impl Atom {
    /// Requests for these verbs carry no name, so no rule with names allows them. On a subresource `create` has one.
    pub fn is_nameless(verb: &str, subresource: Option<&str>) -> bool {
        matches!(verb, "create" | "deletecollection") && subresource.is_none()
    }

    /// `stages.kargo.akuity.io/status`, `pods`.
    pub fn resource_spelling(&self) -> String {
        let mut text = Atom::spelt(&self.group, &self.resource);
        if let Some(subresource) = &self.subresource {
            text.push('/');
            text.push_str(subresource);
        }
        text
    }

    /// A resource of a group: `stages.kargo.akuity.io`; of the core group as it is.
    pub fn spelt(group: &str, resource: &str) -> String {
        if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
    }

    /// All permissions of a spelling with several verbs, resources or names separated by commas:
    /// `get,patch applications.argoproj.io`, `get secrets: a,b`. None if it is not a spelling of permissions.
    pub fn parse_all(text: &str) -> Option<Vec<Atom>> {
        let (verbs, rest) = text.trim().split_once(' ')?;
        let (resources, names) = match rest.split_once(": ") {
            Some((resources, names)) => (resources, names.split(',').map(|name| Some(name.trim())).collect()),
            None => (rest, vec![None]),
        };
        let mut atoms = Vec::new();
        for resource in resources.split(',') {
            for verb in verbs.split(',') {
                for name in &names {
                    atoms.push(Atom::parse(verb, resource.trim(), *name)?);
                }
            }
        }
        atoms.dedup();
        Some(atoms)
    }

    fn parse(verb: &str, resource: &str, name: Option<&str>) -> Option<Atom> {
        let (object, subresource) = match resource.split_once('/') {
            Some((object, subresource)) => (object, Some(subresource)),
            None => (resource, None),
        };
        let (object, group) = object.split_once('.').unwrap_or((object, ""));
        let is_word = |word: &str| !word.is_empty() && !word.contains(char::is_whitespace);
        if ![verb, object].into_iter().chain(subresource).chain(name).all(is_word) {
            return None;
        }
        let name = name.filter(|_| !Atom::is_nameless(verb, subresource));
        let (group, resource, verb) = (Name::new(group), Name::new(object), Name::new(verb));
        Some(Atom { group, resource, subresource: subresource.map(Name::new), verb, name: name.map(Name::new) })
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource_spelling())?;
        match &self.name {
            Some(name) => write!(f, ": {name}"),
            None => Ok(()),
        }
    }
}
