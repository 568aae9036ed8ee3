//! Near misses: rules that would allow a request if one thing were different.

use super::cluster::{Held, Holdings};
use super::{Atom, Scope};

/// A rule that is granted, and the one thing in which it misses the request.
pub struct NearMiss<'h, 'a> {
    pub held: &'h Held<'a>,
    pub miss: Miss,
}

/// In what a rule misses a request. In the order of what is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Miss {
    /// Another verb on the same resource.
    Verb,
    /// The resource without the subresource, a subresource without the resource, or another subresource.
    Subresource,
    /// Other objects; or the request carries no name and the rule is for some objects only.
    Name,
    /// In another namespace, or in a namespace only where the request is for the whole cluster.
    Namespace,
    /// The resource of another API group.
    Group,
}

impl<'a> Holdings<'a> {
    /// Rules that miss the request in exactly one thing, the best first; those of one kind in the order of bindings.
    pub fn near_misses(&self, scope: &Scope, atom: &Atom) -> Vec<NearMiss<'_, 'a>> {
        let mut misses: Vec<_> = self.rules().iter().filter_map(|held| Some(NearMiss { held, miss: miss(held, scope, atom)? })).collect();
        misses.sort_by_key(|near| near.miss);
        misses
    }
}

fn miss(held: &Held<'_>, scope: &Scope, atom: &Atom) -> Option<Miss> {
    let rule = held.rule;
    let has_resource = rule.has_resource(atom);
    let holds = [
        (Miss::Verb, rule.has_verb(atom)),
        (Miss::Subresource, has_resource),
        (Miss::Name, held.has_name(atom)),
        (Miss::Namespace, held.reaches(scope, atom)),
        (Miss::Group, rule.has_group(atom)),
    ];
    let mut failing = holds.into_iter().filter(|(_, holds)| !holds).map(|(miss, _)| miss);
    let (first, None) = (failing.next()?, failing.next()) else { return None };
    let is_near = match first {
        // Of another resource nothing is said; a rule that says no verb, group or name is for nothing.
        Miss::Subresource => has_relative(held, atom),
        Miss::Verb => !rule.verbs.is_empty(),
        Miss::Group => !rule.groups.is_empty(),
        Miss::Name | Miss::Namespace => true,
    };
    is_near.then_some(first)
}

/// Whether the rule has the same resource with another subresource, or one of the two has none.
fn has_relative(held: &Held<'_>, atom: &Atom) -> bool {
    held.rule.resources.iter().any(|resource| resource.split('/').next().is_some_and(|object| *object == atom.resource))
}
