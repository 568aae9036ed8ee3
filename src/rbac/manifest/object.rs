//! One object of a manifest.

use std::ops::Range;

use super::places::Block;
use super::tree::Tree;
use super::{Account, Manifests, Problem, ProblemKind};
use crate::base::{FileId, Name, Span};
use crate::rbac::{Binding, Condition, GROUP, MANAGED_BY, Origin, PART_OF, Role, RoleId, Rule, Selector, Subject};

/// An object, and where it stands.
#[derive(Clone)]
pub(super) struct Object<'a> {
    pub(super) file: FileId,
    pub(super) tree: &'a Tree,
    /// Its lines, if they could be found.
    pub(super) block: Option<Block<'a, 'a>>,
    pub(super) place: Range<usize>,
    pub(super) kind: &'a str,
}

type Read<T> = Result<T, Problem>;

impl Object<'_> {
    /// Adds what the object is, if it is one of those that are read.
    pub(super) fn add(&self, group: &str, out: &mut Manifests) {
        let added = match (group, self.kind) {
            (GROUP, "Role" | "ClusterRole") => self.role().map(|role| out.roles.push(role)),
            (GROUP, "RoleBinding" | "ClusterRoleBinding") => self.binding().map(|binding| out.bindings.push(binding)),
            ("", "ServiceAccount") => self.account().map(|account| out.accounts.push(account)),
            _ => Ok(()),
        };
        if let Err(problem) = added {
            out.problems.push(problem);
        }
    }

    fn role(&self) -> Read<Role> {
        let (namespace, name) = self.names(self.kind == "Role")?;
        let rules = self.list(self.tree, "rules", "")?;
        let rules = rules.iter().enumerate().map(|(index, rule)| self.rule(rule, index)).collect::<Read<Vec<Rule>>>()?;
        let aggregation = match self.tree.get("aggregationRule") {
            Some(tree @ Tree::Map(_)) if self.kind == "ClusterRole" => Some(self.selectors(tree)?),
            _ => None,
        };
        let metadata = self.tree.get("metadata");
        Ok(Role {
            places: self.places("rules", rules.len()),
            rules,
            labels: self.texts_by_key(metadata, "labels")?,
            aggregation,
            is_live: metadata.is_some_and(|metadata| metadata.get("uid").is_some()),
            origin: self.origin()?,
            id: RoleId { namespace, name },
        })
    }

    fn rule(&self, rule: &Tree, index: usize) -> Read<Rule> {
        let field = format!("rules[{index}]");
        if !matches!(rule, Tree::Map(_)) {
            return Err(self.problem(ProblemKind::Shape { field, wanted: "map" }, Some(("rules", index))));
        }
        let texts = |key: &str| self.texts(rule, key, &field, Some(("rules", index)));
        let rule = Rule {
            groups: texts("apiGroups")?,
            resources: texts("resources")?,
            verbs: texts("verbs")?,
            names: texts("resourceNames")?,
            urls: texts("nonResourceURLs")?,
        };
        let refused = |kind| Err(self.problem(kind, Some(("rules", index))));
        let is_beside = !rule.groups.is_empty() || !rule.resources.is_empty() || !rule.names.is_empty();
        match &rule {
            rule if rule.verbs.is_empty() => refused(ProblemKind::Absent { field: format!("{field}.verbs") }),
            rule if !rule.urls.is_empty() && (self.kind == "Role" || is_beside) => {
                refused(ProblemKind::Urls { field: format!("{field}.nonResourceURLs") })
            }
            rule if rule.urls.is_empty() && rule.groups.is_empty() => refused(ProblemKind::Absent { field: format!("{field}.apiGroups") }),
            rule if rule.urls.is_empty() && rule.resources.is_empty() => {
                refused(ProblemKind::Absent { field: format!("{field}.resources") })
            }
            _ => Ok(rule),
        }
    }

    fn binding(&self) -> Read<Binding> {
        let (namespace, name) = self.names(self.kind == "RoleBinding")?;
        let role = self.tree.get("roleRef");
        let Some(role @ Tree::Map(_)) = role else {
            return Err(self.absent_or_shape(role, "roleRef".into(), "map", None));
        };
        let kinds: &[&str] = if namespace.is_some() { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
        let kind = self.one_of(role, "kind", "roleRef", kinds, None)?;
        let role = RoleId { namespace: namespace.clone().filter(|_| kind == "Role"), name: self.text(role, "name", "roleRef", None)? };
        let subjects = self.list(self.tree, "subjects", "")?;
        let subjects = subjects
            .iter()
            .enumerate()
            .map(|(index, tree)| self.subject(tree, index, namespace.as_ref()))
            .collect::<Read<Vec<Subject>>>()?;
        Ok(Binding { namespace, name, role, subjects, origin: self.origin()? })
    }

    /// In a RoleBinding, a ServiceAccount without a namespace is one of the binding's.
    fn subject(&self, tree: &Tree, index: usize, home: Option<&Name>) -> Read<Subject> {
        let (field, at) = (format!("subjects[{index}]"), Some(("subjects", index)));
        let name = self.text(tree, "name", &field, at)?;
        match self.one_of(tree, "kind", &field, &["ServiceAccount", "User", "Group"], at)? {
            "User" => Ok(Subject::User(name)),
            "Group" => Ok(Subject::Group(name)),
            _ => {
                let is_absent = tree.get("namespace").is_none_or(|namespace| *namespace == Tree::Null || namespace.text() == Some(""));
                let namespace = match home.filter(|_| is_absent) {
                    Some(home) => home.clone(),
                    None => self.text(tree, "namespace", &field, at)?,
                };
                Ok(Subject::ServiceAccount { namespace, name })
            }
        }
    }

    /// Objects with our label are known again.
    fn origin(&self) -> Read<Origin> {
        let labels = self.texts_by_key(self.tree.get("metadata"), "labels")?;
        let value = |wanted: &str| labels.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
        let part_of = value(PART_OF).filter(|_| value(MANAGED_BY.0).is_some_and(|by| by == MANAGED_BY.1));
        Ok(match part_of {
            Some(part_of) => Origin::Emitted { place: self.span(), part_of: part_of.clone() },
            None => Origin::Given(self.span()),
        })
    }

    fn account(&self) -> Read<Account> {
        let (namespace, name) = self.names(true)?;
        let metadata = self.tree.get("metadata");
        let (labels, annotations) = (self.texts_by_key(metadata, "labels")?, self.texts_by_key(metadata, "annotations")?);
        Ok(Account { namespace: namespace.unwrap_or_default(), name, labels, annotations, place: self.span() })
    }

    fn selectors(&self, tree: &Tree) -> Read<Vec<Selector>> {
        let field = "aggregationRule.clusterRoleSelectors";
        let selectors = self.list(tree, "clusterRoleSelectors", "aggregationRule.")?;
        selectors
            .iter()
            .map(|selector| {
                let labels = self.texts_by_key(Some(selector), "matchLabels")?;
                let Selector(mut conditions) = Selector::labels(labels);
                for condition in self.list(selector, "matchExpressions", &format!("{field}[]."))? {
                    let field = format!("{field}[].matchExpressions[]");
                    let key = self.text(condition, "key", &field, None)?;
                    let values = self.texts(condition, "values", &field, None)?;
                    let operator = self.one_of(condition, "operator", &field, &["In", "NotIn", "Exists", "DoesNotExist"], None)?;
                    conditions.push(match operator {
                        "In" => Condition::In(key, values),
                        "NotIn" => Condition::NotIn(key, values),
                        "Exists" => Condition::Exists(key),
                        _ => Condition::DoesNotExist(key),
                    });
                }
                Ok(Selector(conditions))
            })
            .collect()
    }

    /// Namespace, if the kind lives in one, and name.
    fn names(&self, namespaced: bool) -> Read<(Option<Name>, Name)> {
        let metadata = self.tree.get("metadata");
        let Some(metadata @ Tree::Map(_)) = metadata else {
            return Err(self.absent_or_shape(metadata, "metadata".into(), "map", None));
        };
        let name = self.text(metadata, "name", "metadata", None)?;
        if !namespaced {
            return Ok((None, name));
        }
        match metadata.get("namespace") {
            None | Some(Tree::Null) => Err(self.problem(ProblemKind::NoNamespace { kind: Name::new(self.kind), name }, None)),
            Some(_) => Ok((Some(self.text(metadata, "namespace", "metadata", None)?), name)),
        }
    }

    fn text(&self, tree: &Tree, key: &str, owner: &str, at: Option<(&str, usize)>) -> Read<Name> {
        match tree.get(key) {
            Some(Tree::Text(text)) if !text.is_empty() => Ok(Name::new(text)),
            other => Err(self.absent_or_shape(other, format!("{owner}.{key}"), "text", at)),
        }
    }

    fn one_of(
        &self,
        tree: &Tree,
        key: &str,
        owner: &str,
        allowed: &'static [&'static str],
        at: Option<(&str, usize)>,
    ) -> Read<&'static str> {
        let text = self.text(tree, key, owner, at)?;
        let known = allowed.iter().find(|known| **known == text);
        let value = || ProblemKind::Value { field: format!("{owner}.{key}"), value: text.to_string(), allowed };
        known.copied().ok_or_else(|| self.problem(value(), at))
    }

    /// The items of a list; none if it is not there.
    fn list<'t>(&self, tree: &'t Tree, key: &str, owner: &str) -> Read<&'t [Tree]> {
        match tree.get(key) {
            None | Some(Tree::Null) => Ok(&[]),
            Some(Tree::List(items)) => Ok(items),
            Some(_) => Err(self.problem(ProblemKind::Shape { field: format!("{owner}{key}"), wanted: "list" }, None)),
        }
    }

    fn texts(&self, tree: &Tree, key: &str, owner: &str, at: Option<(&str, usize)>) -> Read<Vec<Name>> {
        let problem = || self.problem(ProblemKind::Shape { field: format!("{owner}.{key}"), wanted: "list of texts" }, at);
        match tree.get(key) {
            None | Some(Tree::Null) => Ok(Vec::new()),
            Some(Tree::List(items)) => items.iter().map(|item| item.text().map(Name::new).ok_or_else(problem)).collect(),
            Some(_) => Err(problem()),
        }
    }

    fn texts_by_key(&self, tree: Option<&Tree>, key: &str) -> Read<Vec<(Name, Name)>> {
        let problem = || self.problem(ProblemKind::Shape { field: key.to_owned(), wanted: "map of texts" }, None);
        match tree.and_then(|tree| tree.get(key)) {
            None | Some(Tree::Null) => Ok(Vec::new()),
            Some(Tree::Map(entries)) => {
                let entry = |(key, value): &(String, Tree)| Some((Name::new(key), Name::new(value.text()?)));
                entries.iter().map(|one| entry(one).ok_or_else(problem)).collect()
            }
            Some(_) => Err(problem()),
        }
    }

    fn absent_or_shape(&self, found: Option<&Tree>, field: String, wanted: &'static str, at: Option<(&str, usize)>) -> Problem {
        let is_absent = match found {
            None | Some(Tree::Null) => true,
            Some(tree) => tree.text() == Some(""),
        };
        self.problem(if is_absent { ProblemKind::Absent { field } } else { ProblemKind::Shape { field, wanted } }, at)
    }

    /// A problem in an item of a list, or in the object.
    fn problem(&self, kind: ProblemKind, at: Option<(&str, usize)>) -> Problem {
        let place = at.and_then(|(list, index)| Some(self.block?.key(list)?.1?.nth(index)?.place()));
        Problem { place: place.map_or_else(|| self.span(), |place| self.span_of(place)), kind }
    }

    /// The places of the items of a list; none if they are not known.
    fn places(&self, list: &str, count: usize) -> Vec<Span> {
        let items = self.block.and_then(|block| block.key(list)?.1?.items(count));
        items.unwrap_or_default().iter().map(|item| self.span_of(item.place())).collect()
    }

    /// Where the name of the object stands, or else where the object begins.
    fn span(&self) -> Span {
        let name = self.block.and_then(|block| Some(block.key("metadata")?.1?.key("name")?.0));
        self.span_of(name.unwrap_or_else(|| self.place.clone()))
    }

    fn span_of(&self, place: Range<usize>) -> Span {
        Span::new(self.file, place.start, place.end)
    }
}
