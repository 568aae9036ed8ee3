//! What is said about rules that cannot work, and about rules that allow more than it seems.

use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::rbac::{Binding, Danger, Flaw, Rule};
use crate::types::list;

/// `ineffective-rule`. A part of a rule allows nothing.
pub(super) fn ineffective(flaw: &Flaw, at: Span) -> Diagnostic {
    let (message, help) = match flaw {
        Flaw::NamelessVerb(verb) => (
            format!("`{verb}` with `resourceNames` allows nothing: such a request carries no name"),
            format!("write a rule for `{verb}` without `resourceNames`"),
        ),
        Flaw::Group { written, meant } if meant.is_empty() => {
            (format!("`{written}` is no API group"), "write `\"\"`, the core group".to_owned())
        }
        Flaw::Group { written, meant } => (format!("`{written}` is no API group"), format!("write `{meant}`: a group has no version here")),
        Flaw::Pattern(written) => (
            format!("`{written}` is the name of nothing"),
            "name each subresource, as in `pods/log`; `*` covers all of everything".to_owned(),
        ),
        Flaw::Qualified(written) => {
            let (resource, group) = written.split_once('.').unwrap_or((written, ""));
            (format!("`{written}` is no resource"), format!("write `{resource}`, and `{group}` in `apiGroups`"))
        }
        Flaw::Spelling { written, meant } => (format!("`{written}` is no resource"), format!("write `{meant}`")),
        Flaw::OtherGroup { resource, groups } => {
            (format!("the API groups of this rule have no resource `{resource}`"), format!("it is in {}", groups_of(groups)))
        }
        Flaw::OfCluster(resource) => (
            format!("`{resource}` has no namespace, and a Role allows nothing outside its own"),
            "write a ClusterRole, bound by a ClusterRoleBinding".to_owned(),
        ),
        Flaw::Verb { written, meant } => (format!("`{written}` is no verb"), format!("write {}", list(meant))),
        Flaw::OtherResource { verb, resources } => {
            let names: Vec<&str> = resources.iter().map(Name::as_str).collect();
            (format!("the verb `{verb}` means nothing here"), format!("only {} have it", list(&names)))
        }
        Flaw::MadeNames(resource) => (
            format!("nobody can name `{resource}` in a rule: they get their names when they are made"),
            "leave `resourceNames` out".to_owned(),
        ),
    };
    Diagnostic::new(Check::IneffectiveRule, message, at, "a part of this rule").note("Kubernetes accepts it and says nothing").help(help)
}

fn groups_of(groups: &[Name]) -> String {
    let words: Vec<&str> = groups.iter().map(|group| if group.is_empty() { "\"\"" } else { group.as_str() }).collect();
    list(&words)
}

/// `ineffective-rule`. A RoleBinding to rules that have no effect in a namespace.
pub(super) fn gives_nothing(binding: &Binding, at: Span) -> Diagnostic {
    let message = format!("{binding} gives nothing of {}: it has rules only for what has no namespace", binding.role);
    Diagnostic::new(Check::IneffectiveRule, message, at, "this binding")
        .note("a RoleBinding gives the rules of a ClusterRole in its own namespace only")
        .help("write a ClusterRoleBinding")
}

/// `ineffective-rule`. A binding to a role that is not there.
pub(super) fn no_role(binding: &Binding, meant: &str, at: Span) -> Diagnostic {
    let message = format!("{binding} names {}, which is in none of the files", binding.role);
    Diagnostic::new(Check::IneffectiveRule, message, at, "this binding")
        .note("Kubernetes accepts a binding to a role that does not exist; it gives nothing")
        .help(format!("did you mean `{meant}`? Nothing else is bound to it"))
}

/// `dangerous-permission`. A rule or a binding allows more than it seems.
pub(super) fn dangerous(rule: &Rule, danger: &Danger, at: Span) -> Diagnostic {
    let report = Diagnostic::new(Check::DangerousPermission, what(danger), at, danger.name());
    let report = match rule.resources.is_empty() {
        true => report,
        false => report.note(format!("the rule: {}", spelt(rule))),
    };
    match instead(danger) {
        Some(instead) => report.help(instead),
        None => report,
    }
}

/// What a danger means.
pub(super) fn what(danger: &Danger) -> String {
    match danger {
        Danger::Wildcard { verbs, resources, groups } => {
            let parts = [(*verbs, "verbs"), (*resources, "resources"), (*groups, "API groups")];
            let all: Vec<&str> = parts.into_iter().filter(|(is_all, _)| *is_all).map(|(_, word)| word).collect();
            return format!("a rule for all {}, also those that do not exist yet", list_plain(&all));
        }
        Danger::SecretsOfCluster => "whoever has this rule can read all Secrets of the cluster",
        Danger::SecretsOfNamespace => "whoever has this rule can read all Secrets of the namespace",
        Danger::Escalate => "whoever may `escalate` can give roles what they do not have themselves",
        Danger::Bind => "whoever may `bind` any role can give it to anybody, themselves included",
        Danger::Impersonate => "whoever may `impersonate` can be anybody",
        Danger::Tokens => "whoever may make tokens can be any ServiceAccount of the namespace",
        Danger::Webhooks => "whoever may change webhooks sees and changes every object that is written",
        Danger::Certificates => "whoever may approve certificates can make one for anybody",
        Danger::NodesProxy => "whoever reaches `nodes/proxy` can run commands in every pod of a node, with `get` alone",
        Danger::Volumes => "whoever may make volumes reaches the files of nodes",
        Danger::Namespaces => "whoever may change namespaces decides about the security of their pods and their network",
        Danger::Exec => "whoever has this rule can run commands in pods",
        Danger::RunsPods => "whoever may make pods can run as any ServiceAccount of the namespace, and read any Secret there",
        Danger::DeletesAll => "one request deletes all objects",
        Danger::Risk(why) => return why.to_string(),
        Danger::AddsTo(role) => return format!("everybody with the role `{role}` gets these rules, in every namespace"),
        Danger::ClusterAdmin => "this binding gives everything",
        Danger::AnyoneIn(who) => return format!("{who} is whoever happens to be it"),
    }
    .to_owned()
}

/// What to write instead.
fn instead(danger: &Danger) -> Option<&'static str> {
    Some(match danger {
        Danger::Wildcard { .. } => "name what is needed",
        Danger::SecretsOfCluster | Danger::SecretsOfNamespace => "name the Secrets in `resourceNames`, with `get` alone",
        Danger::Bind | Danger::Impersonate | Danger::Tokens => "name in `resourceNames` whom it is for",
        Danger::AddsTo(_) => "leave the label out, and bind the role to whom it is for",
        Danger::ClusterAdmin => "bind a role with what is needed",
        Danger::AnyoneIn(_) => "bind the role to a ServiceAccount of its own",
        _ => return None,
    })
}

fn list_plain(words: &[&str]) -> String {
    words.join(" and all ")
}

/// The rule as permissions are spelt.
fn spelt(rule: &Rule) -> String {
    let join = |words: &[Name]| words.iter().map(Name::as_str).collect::<Vec<_>>().join(",");
    let words: Vec<&str> = rule.groups.iter().map(Name::as_str).filter(|group| !group.is_empty()).collect();
    let core = rule.groups.iter().any(|group| group.is_empty()).then(|| "the core group".to_owned());
    let groups: Vec<String> = core.into_iter().chain((!words.is_empty()).then(|| list(&words))).collect();
    let names = if rule.names.is_empty() { String::new() } else { format!(", of the names {}", join(&rule.names)) };
    format!("`{}` on `{}` of {}{names}", join(&rule.verbs), join(&rule.resources), groups.join(" and "))
}
