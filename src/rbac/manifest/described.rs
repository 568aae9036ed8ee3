//! What a manifest is of, for texts that a program hands to somebody who applies them.

use super::places;
use super::tree::Tree;

/// An object as its manifest names it. What is computed when it is applied is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    pub group: String,
    pub kind: String,
    pub namespace: Part,
    pub name: Part,
}

/// A part of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Known(String),
    Absent,
    Unknown,
}

/// Stands for what is filled in later.
const TAG: &str = "tag-of-a-template";

/// The object of a text in which `{{…}}` is filled in later. `None` if that cannot be said: no YAML, several objects, a
/// kind that is filled in.
pub fn described(text: &str) -> Option<Described> {
    let text = without_tags(text);
    let mut trees = Vec::new();
    for document in places::documents(&text) {
        trees.extend(Some(Tree::read(text.get(document)?).ok()?).filter(|tree| *tree != Tree::Null));
    }
    let [tree] = trees.as_slice() else { return None };
    let is_filled_in = |key: &str| tree.get(key).and_then(Tree::text).is_some_and(|text| text.contains(TAG));
    if is_filled_in("apiVersion") || is_filled_in("kind") {
        return None;
    }
    let (group, kind) = super::kind_of(tree)?;
    let part = |key: &str| match tree.get("metadata").map(|metadata| metadata.get(key)) {
        Some(Some(Tree::Text(text))) if !text.contains(TAG) => Part::Known(text.clone()),
        None | Some(None | Some(Tree::Null)) => Part::Absent,
        Some(Some(_)) => Part::Unknown,
    };
    Some(Described { namespace: part("namespace"), name: part("name"), group, kind })
}

fn without_tags(text: &str) -> String {
    let mut pieces = text.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once("}}") {
            Some((_, rest)) => out.extend([TAG, rest.trim_start_matches('}')]),
            None => out.extend(["{{", piece]),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_what_it_is_of() {
        let text = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{workflow.name}}\n  namespace: shop\nspec:\n  n: {{x}}\n";
        let found = described(text).unwrap();
        assert_eq!((found.group.as_str(), found.kind.as_str()), ("batch", "Job"));
        assert_eq!((found.namespace, found.name), (Part::Known("shop".to_owned()), Part::Unknown));
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: { generateName: x- }\n";
        let found = described(text).unwrap();
        assert_eq!((found.group.as_str(), found.namespace, found.name), ("", Part::Absent, Part::Absent));
        assert_eq!(described("a: ["), None);
        assert_eq!(described("apiVersion: {{v}}\nkind: Job\n"), None);
        assert_eq!(described(&format!("{text}---\n{text}")), None);
    }
}
