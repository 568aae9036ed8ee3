//! What the library says about permissions: grants against the roles of the installations, needs against the list of
//! `facts/rbac.yaml`, resources against the definitions of the products.

use std::collections::BTreeSet;
use std::path::Path;

use loadline::base::Name;
use loadline::library::{GrantSig, Library, Target, Version};
use loadline::rbac::Atom;
use serde_json::Value;

/// A role in a file, and the grant that says the same: file, kind, name; subject, grant; version, and that of the chart.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, Option<&'static str>);

const ROLES: &[Row] = &[
    ("kargo-controller", "ClusterRole", "kargo-controller", "kargo-controller", "kargo-controller", "1.11.2", None),
    ("kargo-controller", "ClusterRole", "kargo-controller-rollouts", "kargo-controller", "kargo-controller-rollouts", "1.11.2", None),
    ("kargo-controller", "ClusterRole", "kargo-controller-argocd", "kargo-controller", "kargo-controller-argocd", "1.11.2", None),
    (
        "kargo-controller",
        "ClusterRole",
        "kargo-controller-read-secrets",
        "kargo-controller",
        "kargo-controller-read-secrets",
        "1.11.2",
        None,
    ),
    ("kargo-controller-bindings", "Role", "kargo-controller", "kargo-controller", "kargo-controller-leases", "1.11.2", None),
    (
        "kargo-controller-bindings",
        "Role",
        "kargo-shared-resources-controller-reader",
        "kargo-controller",
        "kargo-shared-resources-controller-reader",
        "1.11.2",
        None,
    ),
    (
        "kargo-controller-bindings",
        "Role",
        "kargo-shared-resources-admin",
        "kargo-controller",
        "kargo-shared-resources-admin",
        "1.10.10",
        None,
    ),
    ("kargo-users-clusterroles", "ClusterRole", "kargo-admin", "kargo-system-admin", "kargo-system-admin", "1.11.2", None),
    ("kargo-users-clusterroles", "ClusterRole", "kargo-viewer", "kargo-system-viewer", "kargo-system-viewer", "1.11.2", None),
    ("kargo-users-clusterroles", "ClusterRole", "kargo-user", "kargo-user", "kargo-user", "1.11.2", None),
    ("kargo-users-clusterroles", "ClusterRole", "kargo-project-creator", "kargo-project-creator", "kargo-project-creator", "1.11.2", None),
    ("rollouts-controller", "ClusterRole", "argo-rollouts", "rollouts-controller", "argo-rollouts", "1.9.1", None),
    ("workflows-controller", "ClusterRole", "argo-cluster-role", "workflow-controller", "argo-cluster-role", "4.1.2", None),
    ("workflows-controller-bindings", "Role", "argo-role", "workflow-controller", "argo-role", "4.1.2", None),
    (
        "argo-workflows-controller-before",
        "ClusterRole",
        "argo-workflows-workflow-controller",
        "workflow-controller",
        "argo-workflows-workflow-controller",
        "3.7.2",
        Some("0.45.25"),
    ),
    (
        "argo-workflows-controller-after",
        "ClusterRole",
        "argo-workflows-workflow-controller",
        "workflow-controller",
        "argo-workflows-workflow-controller",
        "3.7.2",
        Some("0.45.26"),
    ),
    (
        "argo-workflows-controller-after",
        "ClusterRole",
        "argo-workflows-workflow-controller-cluster-template",
        "workflow-controller",
        "argo-workflows-workflow-controller-cluster-template",
        "3.7.2",
        Some("0.45.26"),
    ),
];

pub(super) fn roles_against_manifests(library: &Library, shared: &Path) {
    for (file, kind, name, subject, grant, version, chart) in ROLES {
        let documents = documents(&shared.join(format!("data/rbac/{file}.yaml")));
        let role = documents.iter().find(|one| one["kind"] == *kind && one["metadata"]["name"] == *name).expect("the role");
        let official: BTreeSet<Atom> = role["rules"].as_array().expect("rules").iter().flat_map(rule_atoms).collect();
        let subject = library.subject(subject).expect("a subject");
        let grant = subject.grants.iter().find(|known| known.name == *grant).expect("a grant");
        let own = grant_atoms(grant, version, *chart);
        assert_eq!(spelled(&own), spelled(&official), "{name} at {version}");
    }
}

fn grant_atoms(grant: &GrantSig, version: &str, chart: Option<&str>) -> BTreeSet<Atom> {
    let at = |version: &str| Target::at(Name::default(), Version::parse(version).expect("a version"));
    let (target, chart) = (at(version), chart.map(at));
    assert!(target.all_have(grant.since, grant.until), "{} is not there at {version}", grant.name);
    let is_there = |rule: &&loadline::library::GrantRule| {
        target.all_have(rule.since, rule.until) && chart.as_ref().is_none_or(|chart| chart.all_have(rule.chart, None))
    };
    grant.rules.iter().filter(is_there).flat_map(|rule| Atom::parse_all(&rule.allow).expect("a spelling")).collect()
}

/// Needs that the list has not: each has its evidence beside it.
const FURTHER: &[&str] = &["kargo-warehouse-refresh"];

/// Every requirement of the list is a need, with the same permissions, versions and words, and there are no others.
pub(super) fn needs_against_facts(library: &Library, shared: &Path) {
    let facts = documents(&shared.join("facts/rbac.yaml"));
    let entries = facts[0]["entries"].as_array().expect("entries");
    let mut known = BTreeSet::new();
    for entry in entries.iter().filter(|entry| entry["type"] == "requirement") {
        let id = text(&entry["id"]).replace('.', "-");
        let need = library.need(&id).unwrap_or_else(|| panic!("there is no need {id}"));
        let wanted: BTreeSet<Atom> = entry["rules"].as_array().expect("rules").iter().flat_map(rule_atoms).map(renamed).collect();
        // The list does not say that names may be known.
        let own = need
            .permissions
            .iter()
            .flat_map(|permission| Atom::parse_all(permission.allow.trim_end_matches(": ${name}")).expect("a spelling"));
        assert_eq!(spelled(&own.collect()), spelled(&wanted), "{id}");
        assert_eq!(need.system, text(&entry["system"]), "{id}");
        assert_eq!(need.failure, text(&entry["failure"]), "{id}");
        assert_eq!(need.frequency, text(&entry["frequency"]), "{id}");
        assert_eq!(&*need.symptom, text(&entry["symptom"]).trim(), "{id}");
        assert_eq!(need.places.is_empty(), entry["scope"] == "cluster", "{id}");
        let since = Version::parse(text(&entry["since"])).expect("a version");
        let own_since = need.since.expect("a version");
        assert_eq!(
            (since.major, since.minor, since.patch.unwrap_or(0)),
            (own_since.major, own_since.minor, own_since.patch.unwrap_or(0)),
            "{id}"
        );
        known.insert(id);
    }
    known.extend(FURTHER.iter().map(|&id| id.to_owned()));
    let own: BTreeSet<String> = library.need_names().map(str::to_owned).collect();
    assert_eq!(own, known);
}

/// The parameters of the list under the names that they have in the library.
fn renamed(atom: Atom) -> Atom {
    let rename = |word: &Name| {
        let mut word = word.to_string();
        for (theirs, ours) in [
            ("kind_plural", "plural"),
            ("hook_plural", "plural"),
            ("owner_plural", "plural"),
            ("hook_group", "group"),
            ("owner_group", "group"),
            ("downstream_stages", "downstream"),
            ("destination_sa", "account"),
            ("cache_configmap", "configmap"),
            ("db_secret", "secret"),
        ] {
            word = word.replace(&format!("${{{theirs}}}"), &format!("${{{ours}}}"));
        }
        Name::from(word)
    };
    Atom { group: rename(&atom.group), resource: rename(&atom.resource), name: atom.name.as_ref().map(rename), ..atom }
}

pub(super) fn resources_against_definitions(library: &Library, shared: &Path) {
    let mut count = 0;
    for folder in ["kargo-1.5", "kargo-1.8", "kargo-1.11", "argo-cd-3.5", "argo-rollouts-1.9", "argo-workflows-4.1"] {
        for file in std::fs::read_dir(shared.join("data/crds").join(folder)).expect("a folder").flatten() {
            if file.path().extension().is_none_or(|ending| ending != "yaml") {
                continue;
            }
            for definition in documents(&file.path()) {
                let spec = &definition["spec"];
                let (group, plural) = (text(&spec["group"]), text(&spec["names"]["plural"]));
                let own = library.resources().iter().find(|own| own.group == group && own.plural == plural);
                let own = own.unwrap_or_else(|| panic!("there is no resource {plural}.{group}"));
                assert_eq!(own.kind, text(&spec["names"]["kind"]));
                assert_eq!(own.is_of_cluster, spec["scope"] == "Cluster", "{plural}");
                let subresources = spec["versions"].as_array().expect("versions").iter().filter_map(|one| one["subresources"].as_object());
                for name in subresources.flat_map(serde_json::Map::keys) {
                    assert!(own.subresources.iter().any(|known| known == name), "{plural} has no {name}");
                }
                count += 1;
            }
        }
    }
    assert!(count > 30, "{count}");
}

fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let all = serde_yaml::Deserializer::from_str(&text);
    let values = all.map(|one| <Value as serde::Deserialize>::deserialize(one).expect("a document"));
    values.filter(|value| !value.is_null()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn rule_atoms(rule: &Value) -> Vec<Atom> {
    let list = |key: &str| -> Vec<String> {
        rule[key].as_array().map(|list| list.iter().map(|word| text(word).to_owned()).collect()).unwrap_or_default()
    };
    let names = list("resourceNames");
    let mut out = Vec::new();
    for group in list("apiGroups") {
        for resource in list("resources") {
            let (object, subresource) = resource.split_once('/').map_or((resource.as_str(), None), |(one, other)| (one, Some(other)));
            for verb in list("verbs") {
                let one = |name: Option<&String>| Atom {
                    group: Name::from(group.as_str()),
                    resource: Name::from(object),
                    subresource: subresource.map(Name::from),
                    verb: Name::from(verb.as_str()),
                    name: name.map(|name| Name::from(name.as_str())),
                };
                if names.is_empty() || Atom::is_nameless(&verb, subresource) {
                    out.push(one(None));
                } else {
                    out.extend(names.iter().map(|name| one(Some(name))));
                }
            }
        }
    }
    out
}

fn spelled(atoms: &BTreeSet<Atom>) -> Vec<String> {
    atoms.iter().map(Atom::to_string).collect()
}
