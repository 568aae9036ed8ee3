//! What is known about permissions, for people and for clusters. In: [`Access`] of programs, and their files. Out: the
//! matrix as a table or as JSON, the roles that close gaps, and a script that asks a cluster. Judges nothing itself: every
//! verdict is that of [`crate::access`].

mod gaps;
mod json;
mod script;
mod table;

pub use gaps::{Closing, gaps};
pub use json::json;
pub use script::script;
pub use table::{lines, table};

use crate::access::{Access, Grant, Near, Need, Unknown, Verdict};
use crate::base::{Files, Span};
use crate::diag::Check;
use crate::rbac::{Miss, Scope};

/// A program, and the files that its places are in.
#[derive(Clone, Copy)]
pub struct Program<'p> {
    pub access: &'p Access,
    pub files: &'p Files,
}

impl Program<'_> {
    /// `shop.pipeline:12`
    fn place(self, span: Span) -> String {
        format!("{}:{}", self.files.path(span.file), self.files.line_column(span.file, span.start).line)
    }

    /// `ClusterRole kargo-controller (Kargo 1.11)`, `Role shop/qa (shop.pipeline:30)`
    fn grant(self, grant: &Grant) -> String {
        match (&grant.place, &grant.stock) {
            (Some(place), _) => format!("{} ({})", grant.role, self.place(*place)),
            (None, Some(stock)) => format!("{} ({stock})", grant.role),
            (None, None) => grant.role.to_string(),
        }
    }

    /// Where something about the need was read: in the sources of the product, and who met it.
    fn evidence(self, need: &Need) -> Vec<String> {
        let span = need.why.span;
        let text = self.files.text(span.file).get(span.start as usize..).unwrap_or_default();
        let text = text.split_once("\n}").map_or(text, |(body, _)| body);
        let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("// "));
        comments.filter(|line| is_source(line)).map(str::to_owned).collect()
    }
}

/// Whether a comment says where something stands: `kargo:pkg/server/x.go:12`, `akuity/kargo#450`.
fn is_source(comment: &str) -> bool {
    let first = comment.split_whitespace().next().unwrap_or_default();
    let file = first
        .split_once(':')
        .is_some_and(|(product, path)| product.chars().all(|c| c.is_ascii_lowercase() || c == '-') && path.contains('/'));
    let issue = first
        .split_once('#')
        .is_some_and(|(repository, number)| repository.contains('/') && number.chars().next().is_some_and(|c| c.is_ascii_digit()));
    file || issue
}

/// Whether the matrix tells what reports of this check say.
pub fn tells(access: &Access, check: Check) -> bool {
    check == Check::UnprovenPermission || access.needs.iter().any(|need| need.why.check == check)
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Granted(_) => "granted",
        Verdict::Missing { .. } => "missing",
        Verdict::Unknown(_) => "unknown",
    }
}

/// In what a granted rule misses the need, in words.
fn how(near: &Near) -> String {
    match near.miss {
        Miss::Verb => "other verbs".to_owned(),
        Miss::Subresource => "another part of the resource".to_owned(),
        Miss::Name => "other names".to_owned(),
        Miss::Namespace => match &near.namespace {
            Some(namespace) => format!("in namespace {namespace} only"),
            None => "elsewhere".to_owned(),
        },
        Miss::Group => "another API group".to_owned(),
    }
}

fn why_unknown(unknown: &Unknown) -> String {
    match unknown {
        Unknown::Roles(bindings) => {
            let one = |(binding, role): &(String, crate::rbac::RoleId)| format!("{binding} gives {role}, which is not known");
            bindings.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        Unknown::Partial => "not all grants of this account are known".to_owned(),
        Unknown::Dynamic => "only the promotion knows its name or namespace".to_owned(),
    }
}

fn where_(scope: Option<&Scope>) -> String {
    match scope {
        Some(Scope::Namespace(namespace)) => format!("in namespace {namespace}"),
        Some(Scope::Cluster) => "in the whole cluster".to_owned(),
        None => "in a namespace that only the promotion knows".to_owned(),
    }
}

/// Names may hold terminal escapes; they are shown, not sent.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The first of some texts, and how many there are more.
fn first_of(texts: &[String], most: usize) -> String {
    let shown: Vec<&str> = texts.iter().take(most).map(String::as_str).collect();
    match texts.len().checked_sub(most).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}
