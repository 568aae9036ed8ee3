//! What `stdlib/access` says: which permissions things need, whom an installation knows, and what it grants to them.

use std::sync::Arc;

use super::args::{bool_word, word};
use super::attributes;
use super::data::{self, Settings};
use super::rules::Rules;
use super::version::{Target, Version};
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::rbac::{Resource, Resources, Risk};
use crate::syntax::ast::{Declaration, Expr, Item};

/// Permissions that a feature needs: `need kargo-step-argocd-update { … }`.
#[derive(Debug)]
pub struct NeedSig {
    pub name: Name,
    pub span: Span,
    /// The feature.
    pub doc: Arc<str>,
    /// The versions of `system` that need it.
    pub since: Option<Version>,
    pub until: Option<Version>,
    pub system: Name,
    /// Who needs it, as a [`SubjectSig`] is called.
    pub subject: Name,
    /// Where: the first of these places that is known. None: in the whole cluster.
    pub places: Vec<Name>,
    pub permissions: Vec<PermissionSig>,
    /// What happens without it: `denied`, `errored`, `stall`, `silent` or `degraded`.
    pub failure: Name,
    /// How often people meet that: `high`, `medium`, `low`, or `latent` if nobody reported it.
    pub frequency: Name,
    /// What one sees at run time.
    pub symptom: Arc<str>,
    /// What must hold besides.
    pub also: Vec<Arc<str>>,
    /// The check that tells that it is missing.
    pub check: Check,
}

/// Some permissions of a need.
#[derive(Debug)]
pub struct PermissionSig {
    /// As [`crate::rbac::Atom::parse_all`] reads it, with `${name}` for what a use of the need knows.
    pub allow: Arc<str>,
    /// In the whole cluster, whatever the places of the need.
    pub is_cluster: bool,
    /// Other places than those of the need.
    pub places: Vec<Name>,
    pub since: Option<Version>,
    pub until: Option<Version>,
    /// Needed only where a use of the need names one of these cases, or the installation has a setting of that name that
    /// is true. Without any: always.
    pub cases: Vec<Name>,
    /// Never asked for: it depends on this, which no program says.
    pub only: Option<Arc<str>>,
}

/// Somebody who needs or has permissions: `subject kargo-controller { … }`.
#[derive(Debug)]
pub struct SubjectSig {
    pub name: Name,
    pub doc: Arc<str>,
    /// The system that it is a part of.
    pub system: Option<Name>,
    /// What people call it: `the Kargo controller`.
    pub title: Arc<str>,
    /// The name of its ServiceAccount, by ways to install; for all of them with an empty name. With `${fullname}`.
    pub accounts: Vec<(Name, Arc<str>)>,
    /// The place of its ServiceAccount; `None` for the namespace of its system.
    pub place: Option<Name>,
    /// It has more than is written here.
    pub is_partial: bool,
    pub grants: Vec<GrantSig>,
}

/// What an installation grants: `grant kargo-controller { … }`.
#[derive(Debug)]
pub struct GrantSig {
    pub name: Name,
    pub since: Option<Version>,
    pub until: Option<Version>,
    /// The role as people see it: `ClusterRole kargo-controller`, with `${fullname}`.
    pub role: Arc<str>,
    /// Where it is bound; `None`: in the whole cluster.
    pub place: Option<Name>,
    /// Settings of the installation, and the values of which one must be there.
    pub when: Vec<(Name, Vec<Name>)>,
    pub rules: Vec<GrantRule>,
}

#[derive(Debug)]
pub struct GrantRule {
    pub allow: Arc<str>,
    pub since: Option<Version>,
    pub until: Option<Version>,
    /// From which version of the chart on.
    pub chart: Option<Version>,
    /// Only where it was installed so.
    pub install: Option<Name>,
}

/// `@needs(id, case: word, when: value, part: word, parameter: setting)`: a use of a need. Settings are named by their paths;
/// of several, the first that is given counts.
#[derive(Clone, Debug)]
pub struct NeedUse {
    pub need: Name,
    /// The cases of it.
    pub cases: Vec<Name>,
    /// A setting whose value is a further case.
    pub case_of: Vec<Arc<str>>,
    /// Only if the setting has this value.
    pub when: Option<Name>,
    /// Only where one of these settings is given.
    pub with: Vec<Arc<str>>,
    /// Not where one of these settings is given.
    pub unless: Vec<Arc<str>>,
    /// Not for the kind itself, but for this part of its structure: `verify`.
    pub part: Option<Name>,
    /// Once for each item of this list in the setting; paths begin at the item.
    pub each: Option<Name>,
    /// What the parameters and places of the need are.
    pub given: Vec<(Name, Vec<Arc<str>>)>,
}

pub(super) fn need(item: &Item, declaration: &Declaration, name: Name, reports: &mut Vec<Diagnostic>) -> Option<NeedSig> {
    let rules = attributes::read(&item.attributes, reports);
    let settings = body(declaration);
    let read = || {
        Some(NeedSig {
            span: declaration.names.span(),
            doc: doc(item),
            since: rules.since,
            until: rules.until,
            system: settings.word("system")?,
            subject: settings.word("subject")?,
            places: settings.words("in"),
            permissions: settings.list("permissions").into_iter().map(permission).collect::<Option<_>>()?,
            failure: settings.word("failure")?,
            frequency: settings.word("frequency")?,
            symptom: settings.text("symptom")?,
            also: settings.list("also").into_iter().filter_map(data::text).map(Arc::from).collect(),
            check: settings.word("check").map_or(Some(Check::RbacMissingVerb), |check| Check::by_name(&check))?,
            name: name.clone(),
        })
    };
    read().or_else(|| incomplete(declaration, reports))
}

pub(super) fn subject(
    items: &[Item],
    item: &Item,
    declaration: &Declaration,
    name: Name,
    reports: &mut Vec<Diagnostic>,
) -> Option<SubjectSig> {
    let settings = body(declaration);
    let grants = super::load::declarations(items, "grant").map(|(item, declaration, name)| grant(item, declaration, name, reports));
    let grants: Vec<GrantSig> = grants.collect::<Vec<_>>().into_iter().flatten().collect();
    let accounts = match settings.get("account") {
        Some(expr) => match data::record(expr) {
            Some(record) => record.all().filter_map(|(install, text)| Some((install, data::text(text)?.into()))).collect(),
            None => data::text(expr).map(|text| (Name::default(), text.into())).into_iter().collect(),
        },
        None => Vec::new(),
    };
    let Some(title) = settings.text("title") else { return incomplete(declaration, reports) };
    let is_partial = settings.word("grants").is_some_and(|word| word == "partial");
    Some(SubjectSig {
        name,
        doc: doc(item),
        system: settings.word("system"),
        title,
        accounts,
        place: settings.word("in"),
        is_partial,
        grants,
    })
}

fn grant(item: &Item, declaration: &Declaration, name: Name, reports: &mut Vec<Diagnostic>) -> Option<GrantSig> {
    let Rules { since, until, .. } = attributes::read(&item.attributes, reports);
    let settings = body(declaration);
    let when = settings.record("when").all().map(|(setting, value)| (setting, data::items(value).into_iter().filter_map(plain).collect()));
    let rules = settings.list("rules").into_iter().map(grant_rule).collect::<Option<_>>();
    let read = settings.text("role").zip(rules).map(|(role, rules)| GrantSig {
        name,
        since,
        until,
        role,
        place: settings.word("in"),
        when: when.collect(),
        rules,
    });
    read.or_else(|| incomplete(declaration, reports))
}

fn permission(expr: &Expr) -> Option<PermissionSig> {
    if let Some(allow) = data::text(expr) {
        let (allow, places) = (allow.into(), Vec::new());
        return Some(PermissionSig { allow, is_cluster: false, places, since: None, until: None, cases: Vec::new(), only: None });
    }
    let record = data::record(expr)?;
    Some(PermissionSig {
        allow: record.text("allow")?,
        is_cluster: record.word("scope").is_some_and(|scope| scope == "cluster"),
        places: record.words("in"),
        since: record.version("since"),
        until: record.version("until"),
        cases: record.words("case"),
        only: record.text("only"),
    })
}

fn grant_rule(expr: &Expr) -> Option<GrantRule> {
    if let Some(allow) = data::text(expr) {
        return Some(GrantRule { allow: allow.into(), since: None, until: None, chart: None, install: None });
    }
    let record = data::record(expr)?;
    Some(GrantRule {
        allow: record.text("allow")?,
        since: record.version("since"),
        until: record.version("until"),
        chart: record.version("chartSince"),
        install: record.word("install"),
    })
}

/// `resources "apps" { deployments: { … } }`
pub(super) fn resources(items: &[Item]) -> Resources {
    let mut out = Resources::default();
    for (_, declaration, group) in super::load::declarations(items, "resources") {
        for (plural, expr) in body(declaration).all() {
            let record = data::record(expr).unwrap_or(Settings(&[]));
            out.add(Resource {
                group: group.clone(),
                plural,
                kind: record.word("kind").unwrap_or_default(),
                is_of_cluster: record.word("scope").is_some_and(|scope| scope == "cluster"),
                subresources: record.words("subresources"),
                verbs: record.words("verbs"),
                has_made_names: record.word("names").is_some_and(|names| names == "made"),
                risks: record.list("risks").into_iter().filter_map(data::record).filter_map(risk).collect(),
            });
        }
    }
    out
}

fn risk(record: Settings<'_>) -> Option<Risk> {
    Some(Risk {
        verbs: record.words("verbs"),
        subresource: record.word("subresource"),
        is_well_by_name: record.word("well").is_some_and(|well| well == "by-name"),
        why: Name::new(&record.text("why")?),
    })
}

impl NeedSig {
    /// Whether some version of the target needs it.
    pub fn concerns(&self, target: &Target) -> bool {
        target.some_has(self.since, self.until)
    }
}

fn body(declaration: &Declaration) -> Settings<'_> {
    Settings(declaration.body.as_ref().map_or(&[], |body| &body.items))
}

/// A word, a text, a truth value.
fn plain(expr: &Expr) -> Option<Name> {
    bool_word(expr).or_else(|| word(expr))
}

fn doc(item: &Item) -> Arc<str> {
    item.doc.as_ref().map_or_else(|| Arc::from(""), |doc| Arc::from(doc.text.as_str()))
}

fn incomplete<T>(declaration: &Declaration, reports: &mut Vec<Diagnostic>) -> Option<T> {
    let message = format!("this `{}` lacks something", declaration.kind.name);
    reports.push(Diagnostic::new(Check::SyntaxError, message, declaration.names.span(), "incomplete"));
    None
}
