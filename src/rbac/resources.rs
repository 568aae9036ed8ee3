//! The resources of API groups: what there is, and what is special about it. Filled from data.

use indexmap::IndexMap;

use crate::base::Name;

/// A resource of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    pub group: Name,
    /// Plural, in small letters: the word that rules have.
    pub plural: Name,
    /// `Stage`: the word that manifests have.
    pub kind: Name,
    /// Without a namespace.
    pub is_of_cluster: bool,
    pub subresources: Vec<Name>,
    /// Verbs that only this resource has, as `promote`.
    pub verbs: Vec<Name>,
    /// A controller or a webhook chooses the names of its objects, so nobody can say them in a rule.
    pub has_made_names: bool,
    /// Permissions that are stronger than they look.
    pub risks: Vec<Risk>,
}

/// Verbs on a resource that allow more than one would think.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    pub verbs: Vec<Name>,
    /// Not on the resource, but on this subresource of it.
    pub subresource: Option<Name>,
    /// For objects by their names it is well.
    pub is_well_by_name: bool,
    /// What they allow, as a sentence without a period.
    pub why: Name,
}

/// Resources by group and plural.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    by_name: IndexMap<(Name, Name), Resource>,
}

impl Resources {
    pub fn add(&mut self, resource: Resource) {
        self.by_name.insert((resource.group.clone(), resource.plural.clone()), resource);
    }

    pub fn get(&self, group: &str, plural: &str) -> Option<&Resource> {
        self.by_name.get(&(Name::new(group), Name::new(plural)))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.by_name.values()
    }

    pub fn of_group<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.iter().filter(move |resource| resource.group == group)
    }
}
