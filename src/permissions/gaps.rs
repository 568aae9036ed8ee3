//! The roles and bindings that close the gaps: for each subject and place one role with the least rules.

use std::collections::{BTreeMap, BTreeSet};

use super::{Program, first_of};
use crate::access::{Need, Verdict};
use crate::base::Name;
use crate::emit::yaml::{self, Yaml};
use crate::emit::{Document, comment, rbac};
use crate::rbac::{Binding, GROUP, Origin, RoleId, Rule, Scope, Subject, dangers_of_binding, rules_for};

/// No name that is made is longer: names stand in labels, too.
const LONGEST: usize = 63;
/// So many places of one reason are told.
const PLACES: usize = 6;

/// A need that nobody grants, and the program that has it.
type Gap<'p> = (Program<'p>, &'p Need);

/// What one subject lacks in one namespace, or in the whole cluster.
type Gaps<'p> = BTreeMap<(Option<Name>, &'p Subject), Vec<Gap<'p>>>;

/// The roles and bindings that are to be written.
pub struct Closing {
    /// By namespace and name; those of the whole cluster first. With them everything is granted that was missing, but for
    /// what `open` has; without any rule, verb or name of theirs something is missing.
    pub documents: Vec<Document>,
    /// What stays open, each as a sentence with the place where it is needed first.
    pub open: Vec<String>,
}

/// What closes the gaps of some programs.
pub fn gaps(programs: &[Program<'_>]) -> Closing {
    let mut gaps: Gaps<'_> = BTreeMap::new();
    let mut open: BTreeSet<String> = BTreeSet::new();
    for program in programs {
        for need in &program.access.gaps {
            let namespace = match &need.scope {
                Some(Scope::Namespace(namespace)) => Some(namespace.clone()),
                Some(Scope::Cluster) => None,
                None => {
                    let why = "it is not known in which namespace: write the role where it runs";
                    open.insert(format!("{}: {} lacks `{}`; {why}", program.place(need.at), need.subject, need.atom));
                    continue;
                }
            };
            gaps.entry((namespace, &need.subject)).or_default().push((*program, need));
        }
    }
    drop_covered(&mut gaps);
    let mut taken: BTreeSet<(Option<Name>, Name)> = programs.iter().flat_map(|program| program.access.taken.iter().cloned()).collect();
    let mut documents = Vec::new();
    for ((namespace, subject), gaps) in &gaps {
        if is_anyone(subject) {
            let why = "whoever names no account is this one, so no role is written for it: name an account of its own";
            open.insert(format!("{}: {subject} lacks permissions; {why}", first_place(gaps)));
        } else {
            let role = NewRole::new(namespace.as_ref(), subject, gaps, &mut taken);
            documents.extend([role.role(gaps), role.binding()]);
        }
    }
    Closing { documents, open: open.into_iter().collect() }
}

fn first_place(gaps: &[Gap<'_>]) -> String {
    gaps.iter().map(|(program, need)| program.place(need.at)).next().unwrap_or_default()
}

/// Whether a binding to it would give the role to everybody who names no account: `default`.
fn is_anyone(subject: &Subject) -> bool {
    let (namespace, role) = (None, RoleId::cluster(""));
    let binding =
        Binding { namespace, name: Name::default(), role, subjects: vec![subject.clone()], origin: Origin::Stock(Name::default()) };
    !dangers_of_binding(&binding).is_empty()
}

/// What is granted in the whole cluster is not granted in a namespace once more.
fn drop_covered(gaps: &mut Gaps<'_>) {
    let everywhere: BTreeMap<&Subject, Vec<Rule>> = gaps
        .iter()
        .filter(|((namespace, _), _)| namespace.is_none())
        .map(|((_, subject), gaps)| (*subject, rules_for(gaps.iter().map(|(_, need)| &need.atom))))
        .collect();
    for ((namespace, subject), gaps) in gaps.iter_mut() {
        if let Some(rules) = everywhere.get(subject).filter(|_| namespace.is_some()) {
            gaps.retain(|(_, need)| !rules.iter().any(|rule| rule.covers(&need.atom)));
        }
    }
    gaps.retain(|_, gaps| !gaps.is_empty());
}

/// A role that is to be written, and who gets it.
struct NewRole<'g> {
    namespace: Option<&'g Name>,
    name: Name,
    /// The first of the projects that need it.
    project: Name,
    subject: &'g Subject,
    /// Where it is needed first.
    origin: String,
}

impl<'g> NewRole<'g> {
    fn new(namespace: Option<&'g Name>, subject: &'g Subject, gaps: &[Gap<'_>], taken: &mut BTreeSet<(Option<Name>, Name)>) -> Self {
        // What lies in no project is called by the first one of the program.
        let known = |(program, need): &Gap<'_>| match need.project.is_empty() {
            true => program.access.projects.iter().min().cloned(),
            false => Some(need.project.clone()),
        };
        let project = gaps.iter().filter_map(known).min().unwrap_or_default();
        let purpose = gaps.iter().map(|(_, need)| &need.purpose).min().cloned().unwrap_or_default();
        let origin = first_place(gaps);
        let name = free(&format!("{project}-{purpose}"), |name| taken.insert((namespace.cloned(), name.clone())));
        NewRole { namespace, name, project, subject, origin }
    }

    fn role(&self, gaps: &[Gap<'_>]) -> Document {
        let kind = if self.namespace.is_some() { "Role" } else { "ClusterRole" };
        let mut body = String::new();
        comment("Whoever applies this must hold what it grants, or have the verb `escalate` on roles.", &mut body);
        let settings: BTreeSet<&str> = gaps.iter().filter_map(|(_, need)| setting(need)).collect();
        for setting in settings {
            comment(&format!("It is not needed if the installation has {setting}."), &mut body);
        }
        yaml::write(&self.head(kind), &mut body);
        body.push_str("rules:\n");
        for rule in rules_for(gaps.iter().map(|(_, need)| &need.atom)) {
            reasons(&rule, gaps).iter().for_each(|reason| comment(reason, &mut body));
            yaml::write(&Yaml::Seq(vec![rbac::rule(&rule)]), &mut body);
        }
        self.document(kind, body)
    }

    fn binding(&self) -> Document {
        let (kind, role) = if self.namespace.is_some() { ("RoleBinding", "Role") } else { ("ClusterRoleBinding", "ClusterRole") };
        let mut body = String::new();
        yaml::write(&self.head(kind), &mut body);
        yaml::write(&Yaml::map(rbac::binding(role, &self.name, self.subject)), &mut body);
        self.document(kind, body)
    }

    fn head(&self, kind: &str) -> Yaml {
        let mut metadata = vec![("name", text(&self.name))];
        metadata.extend(self.namespace.map(|namespace| ("namespace", text(namespace))));
        metadata.push(("labels", Yaml::map(rbac::labels(&self.project))));
        Yaml::map([("apiVersion", text(&format!("{GROUP}/v1"))), ("kind", text(kind)), ("metadata", Yaml::map(metadata))])
    }

    fn document(&self, kind: &str, text: String) -> Document {
        Document {
            origin: self.origin.clone(),
            project: None,
            namespace: self.namespace.map(|namespace| namespace.as_str().into()),
            kind: kind.into(),
            name: self.name.as_str().into(),
            text,
            places: Vec::new(),
        }
    }
}

/// A name that nothing else has, out of one that may be too long or have strange letters.
fn free(wanted: &str, mut take: impl FnMut(&Name) -> bool) -> Name {
    let safe: String = wanted.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let cut = |ending: &str| {
        let room = LONGEST.saturating_sub(ending.len());
        Name::from(safe.chars().take(room).collect::<String>().trim_end_matches('-').to_owned() + ending)
    };
    let first = cut("");
    if take(&first) {
        return first;
    }
    (2..).map(|number: u32| cut(&format!("-{number}"))).find(|name| take(name)).unwrap_or(first)
}

/// The setting with which an installation grants it.
fn setting(need: &Need) -> Option<&str> {
    match &need.verdict {
        Verdict::Missing { setting, .. } => setting.as_deref(),
        _ => None,
    }
}

/// What a rule is needed for, and where.
fn reasons(rule: &Rule, gaps: &[Gap<'_>]) -> Vec<String> {
    let mut found: BTreeMap<(String, &Name), Vec<String>> = BTreeMap::new();
    for (program, need) in gaps.iter().filter(|(_, need)| rule.covers(&need.atom)) {
        let places = found.entry((need.feature(), &need.why.name)).or_default();
        let place = program.place(need.at);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    found.into_iter().map(|((feature, name), places)| format!("{}: {feature} ({name})", first_of(&places, PLACES))).collect()
}

fn text(text: &str) -> Yaml {
    Yaml::from(text.to_owned())
}
