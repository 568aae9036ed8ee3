//! Who is bound to which role, and where.

use std::fmt;

use super::Rule;
use crate::base::{Name, Span};

/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// The label of what was written by Loadline.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "loadline");

/// The label that says for which project.
pub const PART_OF: &str = "app.kubernetes.io/part-of";

/// Who a binding names, and who makes a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    ServiceAccount { namespace: Name, name: Name },
    User(Name),
    Group(Name),
}

/// Who makes a request, as the API server sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requester {
    pub subject: Subject,
    /// Whether its groups count. They do for whoever talks to the API server; they do not where a server asks for
    /// somebody else (a SubjectAccessReview) and names the user only.
    pub with_groups: bool,
}

/// Names a role: without a namespace it is a ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId {
    pub namespace: Option<Name>,
    pub name: Name,
}

/// Where a role or a binding is known from. A later kind of origin replaces roles of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Part of an installation, described in these words: `kargo 1.11, helm`.
    Stock(Name),
    /// A file that was given, where the object stands.
    Given(Span),
    /// A file that was given, with an object that Loadline wrote before, for a project. It adds to what others grant.
    Emitted { place: Span, part_of: Name },
    /// What the program writes, for the declaration at this place.
    Written(Span),
}

/// A Role or a ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub rules: Vec<Rule>,
    /// Places of the rules, in their order; shorter if they are not known.
    pub places: Vec<Span>,
    pub labels: Vec<(Name, Name)>,
    /// Its rules are those of the ClusterRoles that one of these selects; a controller fills them in.
    pub aggregation: Option<Vec<Selector>>,
    /// Read out of a cluster: a controller has filled in the rules of an aggregated role.
    pub is_live: bool,
    pub origin: Origin,
}

/// A selector of labels: all conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(pub Vec<Condition>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    In(Name, Vec<Name>),
    NotIn(Name, Vec<Name>),
    Exists(Name),
    DoesNotExist(Name),
}

/// A RoleBinding or a ClusterRoleBinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// None: a ClusterRoleBinding.
    pub namespace: Option<Name>,
    pub name: Name,
    pub role: RoleId,
    pub subjects: Vec<Subject>,
    pub origin: Origin,
}

impl Subject {
    /// The name under which the API server knows a user. A group is no user.
    pub fn user(&self) -> Option<Name> {
        match self {
            Subject::ServiceAccount { namespace, name } => Some(Name::from(format!("{ACCOUNT}{namespace}:{name}"))),
            Subject::User(name) => Some(name.clone()),
            Subject::Group(_) => None,
        }
    }

    /// Whether the API server knows both by the same name.
    pub fn is_same_user(&self, other: &Subject) -> bool {
        match (self, other) {
            (Subject::ServiceAccount { namespace, name }, Subject::User(user))
            | (Subject::User(user), Subject::ServiceAccount { namespace, name }) => {
                let rest = user.strip_prefix(ACCOUNT).and_then(|rest| rest.strip_prefix(namespace.as_str()));
                rest.and_then(|rest| rest.strip_prefix(':')) == Some(name)
            }
            (Subject::Group(_), _) | (_, Subject::Group(_)) => false,
            (own, other) => own == other,
        }
    }

    /// Whether it is known to be in a group. A person may be in more.
    pub fn is_in(&self, group: &str) -> bool {
        let is_anonymous = matches!(self, Subject::User(name) if name == "system:anonymous");
        let everyone = if is_anonymous { "system:unauthenticated" } else { "system:authenticated" };
        group == everyone
            || match self {
                Subject::Group(name) => name == group,
                Subject::ServiceAccount { namespace, .. } => is_of_accounts(group, namespace),
                Subject::User(name) => {
                    let account = name.strip_prefix(ACCOUNT).and_then(|rest| rest.split_once(':'));
                    account.is_some_and(|(namespace, _)| is_of_accounts(group, namespace))
                }
            }
    }
}

/// What the names of service accounts begin with.
const ACCOUNT: &str = "system:serviceaccount:";

/// Whether all service accounts of a namespace are in a group.
fn is_of_accounts(group: &str, namespace: &str) -> bool {
    group.strip_prefix("system:serviceaccounts").is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':') == Some(namespace))
}

impl Requester {
    /// Talks to the API server itself: its groups count.
    pub fn direct(subject: Subject) -> Requester {
        Requester { subject, with_groups: true }
    }

    /// Somebody asks for it by the name of its user only.
    pub fn by_user(subject: Subject) -> Requester {
        Requester { subject, with_groups: false }
    }
}

impl RoleId {
    pub fn cluster(name: impl Into<Name>) -> RoleId {
        RoleId { namespace: None, name: name.into() }
    }

    pub fn of(namespace: impl Into<Name>, name: impl Into<Name>) -> RoleId {
        RoleId { namespace: Some(namespace.into()), name: name.into() }
    }
}

impl Role {
    /// A role that is not aggregated, without labels and places.
    pub fn plain(id: RoleId, rules: Vec<Rule>, origin: Origin) -> Role {
        Role { id, rules, places: Vec::new(), labels: Vec::new(), aggregation: None, is_live: false, origin }
    }

    /// Where a rule stands: in its file, or where the whole role does. None for the roles of an installation.
    pub fn place(&self, rule: usize) -> Option<Span> {
        self.places.get(rule).copied().or(self.origin.span())
    }
}

impl Origin {
    pub fn span(&self) -> Option<Span> {
        match self {
            Origin::Stock(_) => None,
            Origin::Given(place) | Origin::Emitted { place, .. } | Origin::Written(place) => Some(*place),
        }
    }
}

impl Selector {
    /// All of these labels with these values.
    pub fn labels(labels: impl IntoIterator<Item = (Name, Name)>) -> Selector {
        Selector(labels.into_iter().map(|(key, value)| Condition::In(key, vec![value])).collect())
    }

    /// As in Kubernetes, a selector without conditions selects everything.
    pub fn selects(&self, labels: &[(Name, Name)]) -> bool {
        let value = |key: &Name| labels.iter().find(|(known, _)| known == key).map(|(_, value)| value);
        self.0.iter().all(|condition| match condition {
            Condition::In(key, values) => value(key).is_some_and(|value| values.contains(value)),
            Condition::NotIn(key, values) => value(key).is_none_or(|value| !values.contains(value)),
            Condition::Exists(key) => value(key).is_some(),
            Condition::DoesNotExist(key) => value(key).is_none(),
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::ServiceAccount { namespace, name } => write!(f, "ServiceAccount {namespace}/{name}"),
            Subject::User(name) => write!(f, "User {name}"),
            Subject::Group(name) => write!(f, "Group {name}"),
        }
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "Role {namespace}/{}", self.name),
            None => write!(f, "ClusterRole {}", self.name),
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "RoleBinding {namespace}/{}", self.name),
            None => write!(f, "ClusterRoleBinding {}", self.name),
        }
    }
}
