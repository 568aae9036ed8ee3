//! Reads roles, bindings and ServiceAccounts out of manifests and dumps of clusters: YAML with any number of documents, or
//! JSON; lists of any kind. Other objects are skipped. Never fails: what cannot be read is a problem with its place.

mod described;
mod object;
mod places;
mod tree;

use std::ops::Range;

use super::{Binding, Role};
use crate::base::{FileId, Name, Span};
pub use described::{Described, Part, described};
use object::Object;
use places::Block;
use tree::{Broken, Tree};

/// What a text holds, in its order.
#[derive(Debug, Default)]
pub struct Manifests {
    pub roles: Vec<Role>,
    pub bindings: Vec<Binding>,
    pub accounts: Vec<Account>,
    pub problems: Vec<Problem>,
}

/// A ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub namespace: Name,
    pub name: Name,
    pub labels: Vec<(Name, Name)>,
    pub annotations: Vec<(Name, Name)>,
    pub place: Span,
}

/// Something that the API server, or the reader of YAML, would refuse. The object that has it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Span,
    pub kind: ProblemKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// No YAML, in the words of its reader.
    Syntax(String),
    /// Aliases make more of it than anybody writes.
    TooLarge,
    /// A document that is no object of Kubernetes: it has no `apiVersion` and `kind`.
    NoObject,
    /// An object of this kind and name that lives in a namespace and does not say in which.
    NoNamespace { kind: Name, name: Name },
    /// A field, `rules[0].verbs`, that must be there.
    Absent { field: String },
    /// A field that is something else: a `list of texts`, a `map`, a `text`.
    Shape { field: String, wanted: &'static str },
    /// A field that has none of the values that it may have.
    Value { field: String, value: String, allowed: &'static [&'static str] },
    /// Paths that are no resources, in a Role or beside resources.
    Urls { field: String },
}

/// Reads a text. Places are in `file`.
pub fn read(file: FileId, text: &str) -> Manifests {
    let mut out = Manifests::default();
    for document in places::documents(text) {
        let part = text.get(document.clone()).unwrap_or("");
        let lines = places::lines(text, &document);
        let block = Block::new(&lines);
        let place = block.map_or(document.clone(), |block| block.place());
        let problem = |kind, at: Range<usize>| Problem { place: Span::new(file, at.start, at.end), kind };
        match Tree::read(part) {
            Ok(Tree::Null) => {}
            Ok(tree) => add(file, &tree, None, block, place, &mut out),
            Err(Broken::TooLarge) => out.problems.push(problem(ProblemKind::TooLarge, place)),
            Err(Broken::Syntax(words, line, column)) => {
                let at = document.start + places::offset(part, line, column);
                out.problems.push(problem(ProblemKind::Syntax(words), at..at));
            }
        }
    }
    out
}

/// The group and the kind of an object. Items of a list of one kind need not say it.
type Kind = (String, String);

/// Adds an object, or the items of a list.
fn add(file: FileId, tree: &Tree, listed: Option<&Kind>, block: Option<Block<'_, '_>>, place: Range<usize>, out: &mut Manifests) {
    let Some((group, kind)) = kind_of(tree).or_else(|| listed.cloned()) else {
        out.problems.push(Problem { place: Span::new(file, place.start, place.end), kind: ProblemKind::NoObject });
        return;
    };
    if let (Some(kind), Some(Tree::List(items))) = (kind.strip_suffix("List"), tree.get("items")) {
        let listed = (!kind.is_empty()).then(|| (group, kind.to_owned()));
        let blocks = block.and_then(|block| block.key("items")?.1?.items(items.len()));
        for (index, item) in items.iter().enumerate() {
            let block = blocks.as_ref().and_then(|blocks| blocks.get(index)).copied();
            add(file, item, listed.as_ref(), block, block.map_or(place.clone(), |block| block.place()), out);
        }
        return;
    }
    Object { file, tree, block, place, kind: &kind }.add(&group, out);
}

fn kind_of(tree: &Tree) -> Option<Kind> {
    let version = tree.get("apiVersion")?.text()?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Some((group.to_owned(), tree.get("kind")?.text()?.to_owned()))
}
