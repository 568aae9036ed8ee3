//! A rule of a role, and what it covers.

use super::Atom;
use crate::base::Name;

/// A `PolicyRule`: every verb on every resource of every group, for the objects of these names, or for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    pub groups: Vec<Name>,
    /// With subresource: `pods/log`.
    pub resources: Vec<Name>,
    pub verbs: Vec<Name>,
    /// Empty: all objects.
    pub names: Vec<Name>,
    /// Paths that are no resources; only a rule of the whole cluster has them.
    pub urls: Vec<Name>,
}

impl Rule {
    /// A request is allowed if one rule covers it.
    pub fn covers(&self, atom: &Atom) -> bool {
        self.has_verb(atom) && self.has_group(atom) && self.has_resource(atom) && self.has_name(atom)
    }

    /// `*` is every verb, also those that Kubernetes does not know (`promote`).
    pub fn has_verb(&self, atom: &Atom) -> bool {
        self.verbs.iter().any(|verb| verb == "*" || *verb == atom.verb)
    }

    pub fn has_group(&self, atom: &Atom) -> bool {
        self.groups.iter().any(|group| group == "*" || *group == atom.group)
    }

    /// `*` covers subresources, `*/status` that subresource of everything; `pods` does not cover `pods/log`, and `pods/*`
    /// is the name of nothing.
    pub fn has_resource(&self, atom: &Atom) -> bool {
        self.resources.iter().any(|resource| {
            let (object, subresource) = match resource.split_once('/') {
                Some((object, subresource)) => (object, Some(subresource)),
                None => (resource.as_str(), None),
            };
            resource == "*"
                || subresource == atom.subresource.as_deref() && (object == atom.resource || object == "*" && subresource.is_some())
        })
    }

    /// A rule with names covers no request without one: no list, watch or create.
    pub fn has_name(&self, atom: &Atom) -> bool {
        self.names.is_empty() || atom.name.as_ref().is_some_and(|name| self.names.contains(name))
    }

    /// Its permissions one by one, wildcards as they stand.
    pub fn atoms(&self) -> Vec<Atom> {
        let mut atoms = Vec::new();
        for group in &self.groups {
            for resource in &self.resources {
                let (object, subresource) = match resource.split_once('/') {
                    Some((object, subresource)) => (Name::new(object), Some(Name::new(subresource))),
                    None => (resource.clone(), None),
                };
                for verb in &self.verbs {
                    let is_nameless = Atom::is_nameless(verb, subresource.as_deref());
                    let names: Vec<_> =
                        if self.names.is_empty() || is_nameless { vec![None] } else { self.names.iter().cloned().map(Some).collect() };
                    let one = |name| Atom {
                        group: group.clone(),
                        resource: object.clone(),
                        subresource: subresource.clone(),
                        verb: verb.clone(),
                        name,
                    };
                    atoms.extend(names.into_iter().map(one));
                }
            }
        }
        atoms
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn rule(text: [&str; 4]) -> Rule {
        let list = |text: &str| text.split_whitespace().map(|word| Name::new(if word == "core" { "" } else { word })).collect();
        let [groups, resources, verbs, names] = text;
        Rule { groups: list(groups), resources: list(resources), verbs: list(verbs), names: list(names), urls: Vec::new() }
    }

    #[test]
    fn a_rule_covers_what_kubernetes_says() {
        let cases = [
            (["core", "pods", "get", ""], "get pods", true),
            (["core", "pods", "get", ""], "get pods/log", false),
            (["core", "*", "get", ""], "get pods/log", true),
            (["core", "pods/*", "get", ""], "get pods/log", false),
            (["core", "*/log", "get", ""], "get pods/log", true),
            (["core", "*/log", "get", ""], "get pods", false),
            (["core", "pods", "*", ""], "promote pods", true),
            (["*", "pods", "get", ""], "get pods.argoproj.io", true),
            (["core", "pods", "get", "a"], "get pods: a", true),
            (["core", "pods", "get", "a"], "get pods: b", false),
            (["core", "pods", "get", "a"], "get pods", false),
            (["core", "pods", "create", "a"], "create pods", false),
            (["apps", "pods", "get", ""], "get pods", false),
            (["core", "pods", "get", ""], "get pods: x", true),
        ];
        for (granted, needed, want) in cases {
            let atoms = Atom::parse_all(needed).unwrap();
            assert_eq!(rule(granted).covers(&atoms[0]), want, "{granted:?} {needed}");
        }
    }

    #[test]
    fn permissions_read_back_as_they_are_spelt() {
        let text = "get,patch applications.argoproj.io/status,pods: a,b";
        let atoms: Vec<String> = Atom::parse_all(text).unwrap().iter().map(Atom::to_string).collect();
        let want = [
            "get applications.argoproj.io/status: a",
            "get applications.argoproj.io/status: b",
            "patch applications.argoproj.io/status: a",
        ];
        assert_eq!(atoms[..3], want);
        assert_eq!(atoms.len(), 8);
        for atom in atoms {
            assert_eq!(Atom::parse_all(&atom).unwrap()[0].to_string(), atom);
        }
        assert_eq!(Atom::parse_all("get"), None);
    }
}
