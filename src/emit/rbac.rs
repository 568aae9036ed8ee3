//! Objects about permissions as values: what everybody who writes some has in common.

use super::yaml::Yaml;
use crate::base::Name;
use crate::rbac::{GROUP, MANAGED_BY, PART_OF, Rule, Subject};

/// A rule as Kubernetes writes it.
pub fn rule(rule: &Rule) -> Yaml {
    let words = |list: &[Name]| Yaml::Seq(list.iter().map(|word| text(word)).collect());
    let mut entries = vec![("apiGroups", words(&rule.groups)), ("resources", words(&rule.resources))];
    if !rule.names.is_empty() {
        entries.push(("resourceNames", words(&rule.names)));
    }
    entries.push(("verbs", words(&rule.verbs)));
    Yaml::map(entries)
}

/// `roleRef` and `subjects` of a binding. `kind`: Role or ClusterRole.
pub fn binding(kind: &'static str, role: &str, subject: &Subject) -> [(&'static str, Yaml); 2] {
    let subject = match subject {
        Subject::ServiceAccount { namespace, name } => {
            Yaml::map([("kind", text("ServiceAccount")), ("name", text(name)), ("namespace", text(namespace))])
        }
        Subject::User(name) => Yaml::map([("apiGroup", text(GROUP)), ("kind", text("User")), ("name", text(name))]),
        Subject::Group(name) => Yaml::map([("apiGroup", text(GROUP)), ("kind", text("Group")), ("name", text(name))]),
    };
    let role = Yaml::map([("apiGroup", text(GROUP)), ("kind", text(kind)), ("name", text(role))]);
    [("roleRef", role), ("subjects", Yaml::Seq(vec![subject]))]
}

/// The labels by which objects of a project are known again.
pub fn labels(project: &str) -> [(&'static str, Yaml); 2] {
    [(MANAGED_BY.0, text(MANAGED_BY.1)), (PART_OF, text(project))]
}

fn text(text: &str) -> Yaml {
    Yaml::from(text.to_owned())
}
