//! Which document stands in which file of a folder, and in which order the files are applied.

use std::collections::BTreeMap;

use super::yaml::{self, Yaml};
use super::{Document, write_document};

/// The first line of every file in a folder of ours. A file without it is somebody else's.
pub const MARKER: &str = "# Written by loadline. Changes are lost at the next compile.";

/// The first line of every file with the roles that close gaps, which lie in a folder of their own.
pub const RBAC_MARKER: &str = "# Written by loadline rbac. Changes are lost when it runs again.";

/// The first lines of all files of ours.
pub const MARKERS: [&str; 2] = [MARKER, RBAC_MARKER];

/// The file that lists the others in the order of application.
const INDEX: &str = "kustomization.yaml";

/// The files of a folder, as relative paths with `/` and contents: in the order of application, and last the
/// `kustomization.yaml` that says it.
///
/// Objects stand in `<project>/<kind>.yaml`, those of another namespace in `<namespace>/…`, those with neither in
/// `cluster/…`; what is about permissions stands together in `rbac.yaml`. Within a file the given order is kept.
/// Paths are safe whatever the names are: one folder deep, of letters, digits and dashes.
pub fn folder(docs: &[Document]) -> Vec<(String, String)> {
    folder_marked(docs, MARKER)
}

/// The same with another first line.
pub fn folder_marked(docs: &[Document], marker: &str) -> Vec<(String, String)> {
    let mut contents: BTreeMap<(Turn, String), String> = BTreeMap::new();
    for doc in docs {
        let content = contents.entry(place(doc)).or_insert_with(|| format!("{marker}\n"));
        write_document(doc, content);
    }
    let mut files: Vec<_> = contents.into_iter().map(|((_, path), content)| (path, content)).collect();
    let index = index(&files, marker);
    files.push((INDEX.to_owned(), index));
    files
}

/// When a file is applied, earliest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Its creation makes the namespace of all that follows.
    Project,
    Namespace,
    Access,
    Config,
    Warehouse,
    Task,
    Analysis,
    Stage,
    Rest,
}

/// The file of a document. All kinds that share a file share their turn.
fn place(doc: &Document) -> (Turn, String) {
    let turn = turn(&doc.kind);
    let elsewhere = doc.namespace.as_deref().filter(|namespace| doc.project.as_deref() != Some(*namespace));
    let owner = elsewhere.or(doc.project.as_deref()).unwrap_or("cluster");
    let mut path = String::with_capacity(48);
    push_owner(owner, &mut path);
    path.push('/');
    match turn {
        Turn::Access => path.push_str("rbac"),
        _ => push_kind(&doc.kind, &mut path),
    }
    path.push_str(".yaml");
    (turn, path)
}

fn turn(kind: &str) -> Turn {
    match kind {
        "Project" => Turn::Project,
        "Namespace" => Turn::Namespace,
        "ServiceAccount" | "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => Turn::Access,
        "ProjectConfig" | "ClusterConfig" => Turn::Config,
        "Warehouse" => Turn::Warehouse,
        "PromotionTask" | "ClusterPromotionTask" => Turn::Task,
        "AnalysisTemplate" | "ClusterAnalysisTemplate" => Turn::Analysis,
        "Stage" => Turn::Stage,
        _ => Turn::Rest,
    }
}

/// A name as part of a path: what no Kubernetes name has, a slash above all, becomes a dash, and so do dots.
fn push_owner(name: &str, path: &mut String) {
    if name.is_empty() {
        path.push('-');
    }
    path.extend(name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }));
}

/// `PromotionTask` as `promotion-task`, with the same care.
fn push_kind(kind: &str, path: &mut String) {
    let mut before = None;
    for c in kind.chars() {
        if c.is_ascii_uppercase() && before.is_some_and(|b: char| b.is_ascii_lowercase()) {
            path.push('-');
        }
        path.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
        before = Some(c);
    }
}

fn index(files: &[(String, String)], marker: &str) -> String {
    let resources = files.iter().map(|(path, _)| Yaml::from(path.clone())).collect();
    let value = Yaml::map([
        ("apiVersion", Yaml::from("kustomize.config.k8s.io/v1beta1")),
        ("kind", Yaml::from("Kustomization")),
        // Kustomize's own order puts service accounts before the Project that makes their namespace.
        ("sortOptions", Yaml::map([("order", Yaml::from("fifo"))])),
        ("resources", Yaml::Seq(resources)),
    ]);
    let mut text = format!("{marker}\n");
    yaml::write(&value, &mut text);
    text
}
