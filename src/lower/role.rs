//! Roles: a ServiceAccount, the Role with the least rules for what its settings need, and the bindings.

use std::sync::Arc;

use super::steps::text;
use super::values::static_yaml;
use super::{Lowering, Object};
use crate::access::{self, Account};
use crate::base::Name;
use crate::emit::{Document, Key, Yaml, rbac};
use crate::expand::{self, visit_block};
use crate::rbac::GROUP;
use crate::types::BlockItem;
use crate::types::eval::eval;

/// A binding to a role that Kargo makes may only be applied once that role is there.
const LATER: (&str, &str) = ("argocd.argoproj.io/sync-wave", "1");

type Entries = Vec<(Key, Yaml)>;

impl Lowering<'_, '_, '_> {
    /// The documents of an object that is an account; none of another one.
    pub(super) fn role(&self, object: &expand::Object) -> Vec<Document> {
        let Some(account) = access::account(self.world, self.project, object) else { return Vec::new() };
        let (api, kind) = object.kind.rules.object.clone().unwrap_or_default();
        let (labels, mut annotations) = self.meta(object);
        annotations.splice(0..0, account.annotations.iter().map(|(key, value)| (key_of(key), text(value))));
        let make = |api: &str, kind: &str, name: &Name, annotations: Vec<(Key, Yaml)>, rest: Vec<(Key, Yaml)>| {
            let meta = vec![(Name::new("labels"), Yaml::Map(labels.clone())), (Name::new("annotations"), Yaml::Map(annotations))];
            let parts = Object { api, kind, name, span: object.span, doc: None, meta, spec: None, rest };
            parts.document(Some(&self.project.name), Some(self.project.name.clone()), self.files)
        };
        // Nobody runs as a person.
        let mount = (!account.claims.is_empty()).then(|| ("automountServiceAccountToken".into(), Yaml::Bool(false)));
        let mut out = vec![make(&api, &kind, &account.name, annotations, mount.into_iter().collect())];
        let api = format!("{GROUP}/v1");
        let rules = account.rules();
        if !rules.is_empty() {
            let rules = Yaml::Seq(rules.iter().map(rbac::rule).collect());
            out.push(make(&api, "Role", &account.name, Vec::new(), vec![("rules".into(), rules)]));
            out.push(make(&api, "RoleBinding", &account.name, Vec::new(), binding(&account, &account.name)));
        }
        for (name, role) in &account.bound {
            let later = vec![(LATER.0.into(), text(LATER.1))];
            out.push(make(&api, "RoleBinding", name, later, binding(&account, role)));
        }
        out
    }

    /// The labels of all its objects, and the annotations of the account: ours, and those of the program.
    fn meta(&self, object: &expand::Object) -> (Entries, Entries) {
        let mut labels: Vec<(Key, Yaml)> = rbac::labels(&self.project.name).into_iter().map(|(key, value)| (key.into(), value)).collect();
        let mut annotations = Vec::new();
        visit_block(&object.block.items, &object.env, &mut |item, env| {
            if let BlockItem::Meta { name, value, .. } = item
                && let Yaml::Map(own) = static_yaml(&eval(value, env))
            {
                match name.as_str() {
                    "labels" => {
                        labels.retain(|(key, _)| !own.iter().any(|(other, _)| other == key));
                        labels.extend(own);
                    }
                    _ => annotations.extend(own),
                }
            }
        });
        (labels, annotations)
    }
}

/// `roleRef` and `subjects`.
fn binding(account: &Account, role: &str) -> Vec<(Key, Yaml)> {
    let parts = rbac::binding("Role", role, &account.subject());
    parts.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

fn key_of(text: &str) -> Key {
    Arc::<str>::from(text).into()
}
