//! Rules and bindings that allow more than it seems.

use super::atom::Atom;
use super::binding::{Binding, Role, Subject};
use super::resources::Resources;
use super::rule::Rule;
use crate::base::Name;

/// Why a rule or a binding is dangerous. Each has a name of its own, which tools for Kubernetes have under others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Danger {
    /// `*` for verbs, resources or groups: what will be invented, too, and `bind`, `escalate`, `impersonate`.
    Wildcard { verbs: bool, resources: bool, groups: bool },
    /// All Secrets of the cluster; `list` and `watch` return what is in them.
    SecretsOfCluster,
    /// All Secrets of a namespace, not some by name.
    SecretsOfNamespace,
    /// May give itself what it has not.
    Escalate,
    /// May bind any role to anybody.
    Bind,
    /// May be anyone.
    Impersonate,
    /// May make tokens of any ServiceAccount.
    Tokens,
    /// Sees and changes every object that is written.
    Webhooks,
    /// May make certificates of clients.
    Certificates,
    /// Commands in every pod of a node; `get` is enough.
    NodesProxy,
    /// Files of nodes.
    Volumes,
    /// Labels of a namespace decide about the security of pods and about its network.
    Namespaces,
    /// Commands in pods.
    Exec,
    /// May run as any ServiceAccount of the namespace, and read any Secret of it.
    RunsPods,
    /// All objects at once.
    DeletesAll,
    /// Data of a product says what this allows.
    Risk(Name),
    /// Everybody who has a role of this name gets these rules: `admin`.
    AddsTo(Name),
    /// The binding gives everything.
    ClusterAdmin,
    /// Nobody knows who this is.
    AnyoneIn(Subject),
}

/// When a permission is dangerous.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// For all objects, not some by name.
    Unnamed,
    /// For all objects of the whole cluster.
    Everywhere,
}

struct Entry {
    danger: Danger,
    group: &'static str,
    resources: &'static [&'static str],
    /// None: any verb.
    verbs: &'static [&'static str],
    when: When,
}

const fn entry(
    danger: Danger,
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
    when: When,
) -> Entry {
    Entry { danger, group, resources, verbs, when }
}

const RBAC: &str = super::GROUP;
const ROLES: &[&str] = &["roles", "clusterroles"];
const WRITE: &[&str] = &["create", "update", "patch", "delete"];
const READ: &[&str] = &["get", "list", "watch"];
const WORKLOADS: &[&str] = &["deployments", "daemonsets", "statefulsets", "replicasets"];
const HOOKS: &[&str] = &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];

/// In the order in which one of them is told: of two of one kind the stronger one.
const ENTRIES: &[Entry] = &[
    entry(Danger::SecretsOfCluster, "", &["secrets"], READ, When::Everywhere),
    entry(Danger::SecretsOfNamespace, "", &["secrets"], READ, When::Unnamed),
    entry(Danger::Escalate, RBAC, ROLES, &["escalate"], When::Always),
    entry(Danger::Bind, RBAC, ROLES, &["bind"], When::Unnamed),
    entry(Danger::Impersonate, "", &["users", "groups"], &["impersonate"], When::Always),
    entry(Danger::Impersonate, "", &["serviceaccounts"], &["impersonate"], When::Unnamed),
    entry(Danger::Tokens, "", &["serviceaccounts/token"], &["create"], When::Unnamed),
    entry(Danger::Webhooks, "admissionregistration.k8s.io", HOOKS, WRITE, When::Always),
    entry(Danger::Certificates, "certificates.k8s.io", &["certificatesigningrequests/approval"], &["update", "patch"], When::Always),
    entry(Danger::Certificates, "certificates.k8s.io", &["signers"], &["approve", "sign"], When::Unnamed),
    entry(Danger::NodesProxy, "", &["nodes/proxy"], &[], When::Always),
    entry(Danger::Volumes, "", &["persistentvolumes"], &["create"], When::Always),
    entry(Danger::Namespaces, "", &["namespaces"], &["create", "update", "patch"], When::Always),
    entry(Danger::Exec, "", &["pods/exec", "pods/attach"], &["get", "create"], When::Always),
    entry(Danger::Exec, "", &["pods/ephemeralcontainers"], &["update", "patch"], When::Always),
    entry(Danger::RunsPods, "", &["pods", "replicationcontrollers"], &["create"], When::Always),
    entry(Danger::RunsPods, "batch", &["jobs", "cronjobs"], &["create"], When::Always),
    entry(Danger::RunsPods, "apps", WORKLOADS, &["create"], When::Always),
];

/// Requests that are dangerous whoever makes them, for all objects of a resource.
pub fn dangerous() -> Vec<Atom> {
    let of_entry = |entry: &Entry| {
        let spelt = |resource: &str| match resource.split_once('/') {
            Some((object, subresource)) => format!("{}/{subresource}", Atom::spelt(entry.group, object)),
            None => Atom::spelt(entry.group, resource),
        };
        let resources: Vec<String> = entry.resources.iter().map(|resource| spelt(resource)).collect();
        Atom::parse_all(&format!("{} {}", entry.verbs.join(","), resources.join(","))).unwrap_or_default()
    };
    ENTRIES.iter().filter(|entry| !entry.verbs.is_empty()).flat_map(of_entry).collect()
}

/// The dangers of a role, with the numbers of their rules; each danger of a rule once. `everywhere`: some
/// ClusterRoleBinding gives it.
pub fn dangers(role: &Role, everywhere: bool, resources: &Resources) -> Vec<(usize, Danger)> {
    let of_rule = |(index, rule)| in_rule(rule, everywhere, resources).into_iter().map(move |danger| (index, danger));
    role.rules.iter().enumerate().flat_map(of_rule).collect()
}

/// The roles that a ClusterRole adds its rules to, through its labels.
pub fn adds_to(role: &Role) -> Option<Danger> {
    let part = |(key, value): &(Name, Name)| {
        Some(Name::new(key.strip_prefix("rbac.authorization.k8s.io/aggregate-to-")?)).filter(|_| value == "true")
    };
    role.labels.iter().find_map(part).filter(|_| role.id.namespace.is_none()).map(Danger::AddsTo)
}

/// What is dangerous about whom a binding names, and about its role.
pub fn dangers_of_binding(binding: &Binding) -> Vec<Danger> {
    let is_admin = binding.role.namespace.is_none() && binding.role.name == "cluster-admin";
    let is_anyone = |subject: &&Subject| match subject {
        Subject::ServiceAccount { name, .. } => name == "default",
        Subject::User(name) => name == "system:anonymous",
        Subject::Group(name) => {
            matches!(name.as_str(), "system:authenticated" | "system:unauthenticated" | "system:masters")
                || name.starts_with("system:serviceaccounts")
        }
    };
    let anyone = binding.subjects.iter().filter(is_anyone).cloned().map(Danger::AnyoneIn);
    is_admin.then_some(Danger::ClusterAdmin).into_iter().chain(anyone).collect()
}

fn in_rule(rule: &Rule, everywhere: bool, resources: &Resources) -> Vec<Danger> {
    let has_all = |list: &[Name]| list.iter().any(|word| word == "*");
    let (verbs, of_resources, groups) = (has_all(&rule.verbs), has_all(&rule.resources), has_all(&rule.groups));
    if (verbs || of_resources || groups) && rule.urls.is_empty() {
        return vec![Danger::Wildcard { verbs, resources: of_resources, groups }];
    }
    let mut dangers = Vec::new();
    let mut add = |danger: Danger| {
        let is_less = danger == Danger::SecretsOfNamespace && dangers.contains(&Danger::SecretsOfCluster);
        if !is_less && !dangers.contains(&danger) {
            dangers.push(danger);
        }
    };
    ENTRIES.iter().filter(|entry| entry.is_in(rule, everywhere)).for_each(|entry| add(entry.danger.clone()));
    if rule.verbs.iter().any(|verb| verb.starts_with("impersonate:") || verb.starts_with("impersonate-on:")) && rule.names.is_empty() {
        add(Danger::Impersonate);
    }
    if rule.verbs.iter().any(|verb| verb == "deletecollection") {
        add(Danger::DeletesAll);
    }
    risks(rule, resources).into_iter().for_each(|why| add(Danger::Risk(why)));
    dangers
}

/// What data of products says about the permissions of a rule.
fn risks(rule: &Rule, resources: &Resources) -> Vec<Name> {
    let mut found = Vec::new();
    for (group, written) in rule.groups.iter().flat_map(|group| rule.resources.iter().map(move |written| (group, written))) {
        let (object, subresource) = match written.split_once('/') {
            Some((object, subresource)) => (object, Some(subresource)),
            None => (written.as_str(), None),
        };
        let risks = resources.get(group, object).map_or(&[] as &[_], |resource| &resource.risks);
        let is_in = |risk: &&super::resources::Risk| {
            risk.subresource.as_deref() == subresource
                && rule.verbs.iter().any(|verb| risk.verbs.contains(verb))
                && (!risk.is_well_by_name || rule.names.is_empty())
        };
        found.extend(risks.iter().filter(is_in).map(|risk| risk.why.clone()));
    }
    found
}

impl Entry {
    fn is_in(&self, rule: &Rule, everywhere: bool) -> bool {
        let has = |list: &[Name], words: &[&str]| list.iter().any(|word| words.contains(&word.as_str()));
        let is_when = match self.when {
            When::Always => true,
            When::Unnamed => rule.names.is_empty(),
            When::Everywhere => rule.names.is_empty() && everywhere,
        };
        is_when
            && has(&rule.groups, &[self.group])
            && has(&rule.resources, self.resources)
            && (self.verbs.is_empty() || has(&rule.verbs, self.verbs))
    }
}

impl Danger {
    /// What it is called: a word for lists and for people who search.
    pub fn name(&self) -> &'static str {
        match self {
            Danger::Wildcard { .. } => "wildcard",
            Danger::SecretsOfCluster => "secrets-of-cluster",
            Danger::SecretsOfNamespace => "secrets-of-namespace",
            Danger::Escalate => "escalate",
            Danger::Bind => "bind",
            Danger::Impersonate => "impersonate",
            Danger::Tokens => "tokens",
            Danger::Webhooks => "webhooks",
            Danger::Certificates => "certificates",
            Danger::NodesProxy => "nodes-proxy",
            Danger::Volumes => "persistent-volumes",
            Danger::Namespaces => "namespaces",
            Danger::Exec => "exec",
            Danger::RunsPods => "runs-pods",
            Danger::DeletesAll => "delete-collection",
            Danger::Risk(_) => "risk",
            Danger::AddsTo(_) => "adds-to-role",
            Danger::ClusterAdmin => "cluster-admin",
            Danger::AnyoneIn(_) => "anyone",
        }
    }

    /// Whether no program may write it: what nobody needs for a delivery. The others are needed now and then.
    pub fn is_never_written(&self) -> bool {
        !matches!(self, Danger::SecretsOfNamespace | Danger::Exec | Danger::RunsPods | Danger::DeletesAll | Danger::Risk(_))
    }
}
