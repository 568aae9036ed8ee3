//! The matrix for programs: one object for each need, each on a line.

use serde_json::{Value, json};

use super::{Program, how, why_unknown, word};
use crate::access::{Grant, Need, Unknown, Verdict};
use crate::base::Span;
use crate::rbac::{Scope, Subject, can_i_line};

/// The lines of some programs.
pub fn json(programs: &[Program<'_>]) -> String {
    let needs = programs.iter().flat_map(|program| program.access.needs.iter().map(|need| line(*program, need) + "\n"));
    needs.collect()
}

fn line(program: Program<'_>, need: &Need) -> String {
    let atom = &need.atom;
    let namespace = if let Some(Scope::Namespace(namespace)) = &need.scope { Some(namespace.as_str()) } else { None };
    let mut object = json!({
        "subject": subject(need),
        "scope": match &need.scope {
            Some(Scope::Cluster) => "cluster",
            Some(Scope::Namespace(_)) => "namespace",
            None => "unknown",
        },
        "namespace": namespace,
        "permission": atom.to_string(),
        "verb": atom.verb.as_str(),
        "group": atom.group.as_str(),
        "resource": atom.resource.as_str(),
        "subresource": atom.subresource.as_deref(),
        "name": atom.name.as_deref(),
        "need": need.why.name.as_str(),
        "why": need.feature(),
        "at": place(program, need.at),
        "evidence": program.evidence(need),
        "without": { "kind": need.why.failure.as_str(), "symptom": &*need.why.symptom },
        "verdict": word(&need.verdict),
    });
    let more: Vec<(&str, Value)> = match &need.verdict {
        Verdict::Granted(by) => vec![("granted", grant(program, by))],
        Verdict::Missing { near, version, setting } => {
            let near = near.as_ref().map(|near| {
                let mut by = grant(program, &near.by);
                if let Value::Object(fields) = &mut by {
                    fields.insert("permission".to_owned(), near.granted.as_str().into());
                    fields.insert("differsIn".to_owned(), how(near).into());
                }
                by
            });
            vec![
                ("near", near.into()),
                ("setting", setting.as_deref().into()),
                ("version", version.map(|version| version.to_string()).into()),
            ]
        }
        Verdict::Unknown(unknown) => vec![("unknown", why_unknown(unknown).into())],
    };
    // A question needs a name and a place.
    let is_open = need.scope.is_none() || matches!(need.verdict, Verdict::Unknown(Unknown::Dynamic));
    let ask = (!is_open).then(|| can_i_line(atom, need.scope.as_ref(), &need.subject));
    if let Value::Object(fields) = &mut object {
        fields.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        fields.insert("ask".to_owned(), ask.into());
    }
    object.to_string()
}

fn subject(need: &Need) -> Value {
    let (kind, namespace, name) = match &need.subject {
        Subject::ServiceAccount { namespace, name } => ("ServiceAccount", Some(namespace.as_str()), name),
        Subject::User(name) => ("User", None, name),
        Subject::Group(name) => ("Group", None, name),
    };
    json!({ "kind": kind, "namespace": namespace, "name": name.as_str(), "title": &*need.title })
}

fn grant(program: Program<'_>, grant: &Grant) -> Value {
    let at = grant.place.map(|at| place(program, at));
    json!({ "role": grant.role.to_string(), "binding": grant.binding, "stock": grant.stock.as_deref(), "at": at })
}

fn place(program: Program<'_>, at: Span) -> Value {
    let start = program.files.line_column(at.file, at.start);
    json!({ "file": program.files.path(at.file), "line": start.line, "column": start.column })
}
