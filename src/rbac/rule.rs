//! A rule of a role, and what it covers.

use std::collections::{BTreeSet, HashSet};

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

/// The smallest part of a rule: one value of every list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    Atom(Atom),
    Url { verb: Name, url: Name },
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

    /// A rule for this permission alone.
    pub fn one(atom: &Atom) -> Rule {
        let resource = match &atom.subresource {
            Some(subresource) => Name::from(format!("{}/{subresource}", atom.resource)),
            None => atom.resource.clone(),
        };
        let (groups, verbs) = (vec![atom.group.clone()], vec![atom.verb.clone()]);
        Rule { groups, resources: vec![resource], verbs, names: atom.name.iter().cloned().collect(), urls: Vec::new() }
    }

    /// Its permissions one by one, wildcards as they stand, as a need: requests that carry no name have none.
    pub fn atoms(&self) -> Vec<Atom> {
        let mut atoms = self.split();
        for atom in &mut atoms {
            atom.name = atom.name.take().filter(|_| !Atom::is_nameless(&atom.verb, atom.subresource.as_deref()));
        }
        let mut seen = HashSet::new();
        atoms.retain(|atom| seen.insert(atom.clone()));
        atoms
    }

    /// Its pieces, each with one value of every list, as they stand.
    pub fn pieces(&self) -> Vec<Piece> {
        let urls = self.urls.iter().flat_map(|url| self.verbs.iter().map(move |verb| Piece::Url { verb: verb.clone(), url: url.clone() }));
        self.split().into_iter().map(Piece::Atom).chain(urls).collect()
    }

    /// Whether whoever holds this rule may hand out the piece.
    pub fn covers_piece(&self, piece: &Piece) -> bool {
        match piece {
            Piece::Atom(atom) => self.covers(atom),
            Piece::Url { verb, url } => {
                self.verbs.iter().any(|own| own == "*" || own == verb) && self.names.is_empty() && self.has_url(url)
            }
        }
    }

    /// `*` at the end stands for any rest.
    fn has_url(&self, url: &str) -> bool {
        self.urls.iter().any(|own| own == url || own.ends_with('*') && url.starts_with(own.trim_end_matches('*')))
    }

    fn split(&self) -> Vec<Atom> {
        let mut atoms = Vec::new();
        for group in &self.groups {
            for resource in &self.resources {
                let (object, subresource) = match resource.split_once('/') {
                    Some((object, subresource)) => (Name::new(object), Some(Name::new(subresource))),
                    None => (resource.clone(), None),
                };
                let one = |verb: &Name, name: Option<&Name>| Atom {
                    group: group.clone(),
                    resource: object.clone(),
                    subresource: subresource.clone(),
                    verb: verb.clone(),
                    name: name.cloned(),
                };
                for verb in &self.verbs {
                    if self.names.is_empty() {
                        atoms.push(one(verb, None));
                    }
                    atoms.extend(self.names.iter().map(|name| one(verb, Some(name))));
                }
            }
        }
        atoms
    }
}

/// What of `wanted` is not covered by one rule of `held` each: Kubernetes asks this before somebody may hand out `wanted`.
pub fn uncovered(held: &[Rule], wanted: &[Rule]) -> Vec<Piece> {
    let pieces = wanted.iter().flat_map(Rule::pieces);
    pieces.filter(|piece| !held.iter().any(|rule| rule.covers_piece(piece))).collect()
}

/// What of the needs that `needed` stands for no rule of `held` covers, sorted.
pub fn missing(held: &[Rule], needed: &[Rule]) -> BTreeSet<Atom> {
    let atoms = needed.iter().flat_map(Rule::atoms);
    atoms.filter(|atom| !held.iter().any(|rule| rule.covers(atom))).collect()
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
