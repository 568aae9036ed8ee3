//! Permissions of Kubernetes as such: what is granted, what is near, and rules in their least form.

mod judged;
mod lints;
mod manifests;
mod random;
mod rules;
mod verdicts;

use loadline::base::Name;
use loadline::rbac::{Atom, Rule};

/// `verbs resources.group: names`, all of one group: `get,list pods.apps/status,pods.apps: a,b`.
fn rule(text: &str) -> Rule {
    let atoms = Atom::parse_all(text).unwrap();
    let list = |of: &dyn Fn(&Atom) -> Option<Name>| {
        let mut words: Vec<Name> = atoms.iter().filter_map(of).collect();
        words.sort();
        words.dedup();
        words
    };
    let resource = |atom: &Atom| match &atom.subresource {
        Some(subresource) => Some(Name::from(format!("{}/{subresource}", atom.resource))),
        None => Some(atom.resource.clone()),
    };
    let names = text.split_once(": ").map_or(Vec::new(), |(_, names)| names.split(',').map(Name::new).collect());
    Rule {
        groups: list(&|atom| Some(atom.group.clone())),
        resources: list(&resource),
        verbs: list(&|atom| Some(atom.verb.clone())),
        names,
        urls: Vec::new(),
    }
}

fn atom(text: &str) -> Atom {
    let mut atoms = Atom::parse_all(text).unwrap();
    assert_eq!(atoms.len(), 1, "{text}");
    atoms.remove(0)
}
