//! The line with which somebody asks a cluster whether a request is allowed.

use super::{Atom, Scope, Subject};
use crate::base::Name;

/// The words behind `kubectl auth can-i`, as they are, without the one that says who asks.
pub fn can_i(atom: &Atom, scope: Option<&Scope>) -> Vec<String> {
    let mut resource = Atom::spelt(&atom.group, &atom.resource);
    if let Some(name) = &atom.name {
        resource = format!("{resource}/{name}");
    }
    let mut words = vec![atom.verb.to_string(), resource];
    words.extend(atom.subresource.as_ref().map(|subresource| format!("--subresource={subresource}")));
    match scope {
        Some(Scope::Namespace(namespace)) => words.extend(["-n".to_owned(), namespace.to_string()]),
        _ => words.push("--all-namespaces".to_owned()),
    }
    words
}

/// The whole line for a subject; safe for a shell.
pub fn can_i_line(atom: &Atom, scope: Option<&Scope>, subject: &Subject) -> String {
    let user = subject.user().unwrap_or_else(|| Name::from(subject.to_string()));
    let words = can_i(atom, scope).into_iter().chain([format!("--as={user}")]);
    let words: Vec<String> = words.map(|word| quoted(&word)).collect();
    format!("kubectl auth can-i {}", words.join(" "))
}

/// A word that a shell takes as it stands.
pub fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
