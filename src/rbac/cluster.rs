//! What is granted to whom: roles and bindings from everywhere, and the answer whether a request is allowed.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::binding::{Binding, Origin, Requester, Role, RoleId, Selector, Subject};
use super::{Atom, Rule, Scope};
use crate::base::Name;

/// All roles and bindings that are known. Filled by anyone, in any order; what holds does not depend on the order,
/// except that of two roles with the same name and the same kind of origin the later one counts.
#[derive(Clone, Debug)]
pub struct Granted {
    roles: IndexMap<RoleId, Role>,
    bindings: Vec<Binding>,
}

/// What one requester holds. Made once, asked often.
pub struct Holdings<'a> {
    rules: Vec<Held<'a>>,
    /// Bindings to roles that nobody gave, or whose rules are not all known.
    open: Vec<&'a Binding>,
}

/// One rule that a binding gives.
pub struct Held<'a> {
    pub binding: &'a Binding,
    /// The role that has the rule: of an aggregated role, the one that it comes from.
    pub role: &'a Role,
    pub index: usize,
    pub rule: &'a Rule,
    names: HashSet<&'a str>,
}

/// The answer to one need.
pub enum Verdict<'h, 'a> {
    /// By this rule.
    Granted(&'h Held<'a>),
    Missing,
    /// These bindings point to roles that are not known.
    Unknown(Vec<&'a Binding>),
}

impl Default for Granted {
    /// What every cluster has: `cluster-admin` and its group, and `view`, `edit`, `admin`, of which only is known what
    /// other roles add to them.
    fn default() -> Self {
        let mut granted = Granted { roles: IndexMap::new(), bindings: Vec::new() };
        let origin = || Origin::Stock(Name::new("kubernetes"));
        let all = || vec![Name::new("*")];
        let everything = [
            Rule { groups: all(), resources: all(), verbs: all(), ..Rule::default() },
            Rule { urls: all(), verbs: all(), ..Rule::default() },
        ];
        granted.add_role(Role::plain(RoleId::cluster("cluster-admin"), everything.into(), origin()));
        granted.add_binding(Binding {
            namespace: None,
            name: Name::new("cluster-admin"),
            role: RoleId::cluster("cluster-admin"),
            subjects: vec![Subject::Group(Name::new("system:masters"))],
            origin: origin(),
        });
        for (name, part_of) in [("view", Some("edit")), ("edit", Some("admin")), ("admin", None)] {
            let label = |role: &str| (Name::from(format!("rbac.authorization.k8s.io/aggregate-to-{role}")), Name::new("true"));
            let mut role = Role::plain(RoleId::cluster(name), Vec::new(), origin());
            role.labels = part_of.map(label).into_iter().collect();
            role.aggregation = Some(vec![Selector::labels([label(name)])]);
            granted.add_role(role);
        }
        granted
    }
}

impl Granted {
    /// A role replaces one of its name, unless that one is of a later kind of origin.
    pub fn add_role(&mut self, role: Role) {
        let kind = |origin: &Origin| match origin {
            Origin::Stock(_) => 0,
            Origin::Given(_) | Origin::Emitted { .. } => 1,
            Origin::Written(_) => 2,
        };
        if self.roles.get(&role.id).is_none_or(|known| kind(&known.origin) <= kind(&role.origin)) {
            self.roles.insert(role.id.clone(), role);
        }
    }

    pub fn add_binding(&mut self, binding: Binding) {
        self.bindings.push(binding);
    }

    pub fn extend(&mut self, roles: impl IntoIterator<Item = Role>, bindings: impl IntoIterator<Item = Binding>) {
        roles.into_iter().for_each(|role| self.add_role(role));
        bindings.into_iter().for_each(|binding| self.add_binding(binding));
    }

    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What a requester holds.
    pub fn holdings(&self, requester: &Requester) -> Holdings<'_> {
        let mut holdings = Holdings { rules: Vec::new(), open: Vec::new() };
        self.bound(requester).for_each(|binding| self.add_held(binding, &mut holdings));
        holdings
    }

    /// The first rule that allows something, if there is one: the answer of [`Holdings::verdict`] to one question alone.
    pub fn allowing(&self, requester: &Requester, scope: &Scope, atom: &Atom) -> Option<Held<'_>> {
        self.bound(requester).filter(|binding| reaches(binding, scope, atom)).find_map(|binding| {
            let (roles, _) = self.rules_of(&binding.role);
            roles.into_iter().find_map(|role| held(binding, role).find(|held| held.allows(scope, atom)))
        })
    }

    /// The bindings of a requester. If a given file binds it by its own name, then the bindings of installations do not
    /// count for it: the file says what it has. What the program writes comes on top.
    fn bound<'a>(&'a self, requester: &Requester) -> impl Iterator<Item = &'a Binding> {
        let is_given =
            self.bindings.iter().any(|binding| matches!(binding.origin, Origin::Given(_)) && names_itself(binding, &requester.subject));
        self.bindings.iter().filter(move |binding| {
            let replaced = is_given && matches!(binding.origin, Origin::Stock(_)) && names_itself(binding, &requester.subject);
            !replaced && is_bound(binding, requester)
        })
    }

    fn add_held<'a>(&'a self, binding: &'a Binding, holdings: &mut Holdings<'a>) {
        let (roles, is_open) = self.rules_of(&binding.role);
        if is_open {
            holdings.open.push(binding);
        }
        holdings.rules.extend(roles.into_iter().flat_map(|role| held(binding, role)));
    }

    /// The roles whose rules a role has: itself, or those that it is aggregated from; and whether there may be more.
    pub fn rules_of(&self, id: &RoleId) -> (Vec<&Role>, bool) {
        let Some(role) = self.roles.get(id) else { return (Vec::new(), true) };
        let (mut seen, mut is_open) = (vec![role], false);
        let mut next = 0;
        while let Some(role) = seen.get(next).copied() {
            next += 1;
            let Some(selectors) = &role.aggregation else { continue };
            is_open |= !role.is_live;
            for other in self.roles.values() {
                let is_selected = other.id.namespace.is_none() && selectors.iter().any(|selector| selector.selects(&other.labels));
                if is_selected && !seen.iter().any(|known| known.id == other.id) {
                    seen.push(other);
                }
            }
        }
        // What stands in the file of an aggregated role is overwritten; what was read out of a cluster was written so.
        seen.retain(|role| role.aggregation.is_none() || role.is_live);
        (seen, is_open)
    }
}

impl<'a> Holdings<'a> {
    /// Rules in the order of bindings, roles and rules.
    pub fn rules(&self) -> &[Held<'a>] {
        &self.rules
    }

    /// Whether some binding points to a role that is not known.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub fn verdict(&self, scope: &Scope, atom: &Atom) -> Verdict<'_, 'a> {
        if let Some(held) = self.rules.iter().find(|held| held.allows(scope, atom)) {
            return Verdict::Granted(held);
        }
        let open: Vec<&Binding> = self.open.iter().copied().filter(|binding| reaches(binding, scope, atom)).collect();
        if open.is_empty() { Verdict::Missing } else { Verdict::Unknown(open) }
    }
}

impl Held<'_> {
    pub fn allows(&self, scope: &Scope, atom: &Atom) -> bool {
        self.reaches(scope, atom)
            && self.has_name(atom)
            && self.rule.has_verb(atom)
            && self.rule.has_group(atom)
            && self.rule.has_resource(atom)
    }

    /// Whether the binding gives anything there: a ClusterRoleBinding everywhere, a RoleBinding in its namespace only.
    pub fn reaches(&self, scope: &Scope, atom: &Atom) -> bool {
        reaches(self.binding, scope, atom)
    }

    /// As the rule says, but quick with many names.
    pub(super) fn has_name(&self, atom: &Atom) -> bool {
        self.rule.names.is_empty() || atom.name.as_ref().is_some_and(|name| self.names.contains(name.as_str()))
    }
}

/// The rules of a role that a binding gives.
fn held<'a>(binding: &'a Binding, role: &'a Role) -> impl Iterator<Item = Held<'a>> {
    let names = |rule: &'a Rule| rule.names.iter().map(Name::as_str).collect();
    role.rules.iter().enumerate().map(move |(index, rule)| Held { binding, role, index, rule, names: names(rule) })
}

fn reaches(binding: &Binding, scope: &Scope, atom: &Atom) -> bool {
    match &binding.namespace {
        None => true,
        Some(namespace) => match scope {
            Scope::Namespace(asked) => asked == namespace,
            // A request on the object `namespaces/<n>` is authorised in the namespace `<n>`.
            Scope::Cluster => {
                let has_path = !matches!(atom.verb.as_str(), "list" | "watch" | "create" | "deletecollection");
                atom.group.is_empty() && atom.resource == "namespaces" && has_path && atom.name.as_ref() == Some(namespace)
            }
        },
    }
}

fn is_bound(binding: &Binding, requester: &Requester) -> bool {
    let is_member = |subject: &Subject| matches!(subject, Subject::Group(name) if requester.subject.is_in(name));
    names_itself(binding, &requester.subject) || requester.with_groups && binding.subjects.iter().any(is_member)
}

/// Whether a binding names this subject and no group that it is in.
fn names_itself(binding: &Binding, subject: &Subject) -> bool {
    binding.subjects.iter().any(|bound| bound == subject || bound.is_same_user(subject))
}
