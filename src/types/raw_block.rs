//! `raw { field: … }`: fields that Loadline does not know, added to the block in which they stand.
//!
//! What they are is not checked. Since it is not known what they would do, neither credentials nor foreign text may
//! stand in them. Whatever Loadline knows stands outside.

use std::sync::Arc;

use super::block::BlockItem;
use super::checker::Checker;
use super::errors;
use super::given::Given;
use super::raw::worth_of;
use super::tree::{Entry, EntryKey, Expr, Time};
use crate::base::{Name, Span};
use crate::library::{Field, KindSig, Record, TextKind, Ty};
use crate::syntax::ast::{self, ItemKind};

impl Checker<'_, '_> {
    /// The fields for a place whose settings are `record`: step settings, records in them, sources of a flow.
    pub(super) fn raw_entries(&mut self, fields: &ast::Block, record: &Record, what: &str, given: &mut Given) -> (Vec<Entry>, Time) {
        let found = self.raw_fields(fields, what, given, &mut |checker, name| checker.has_setting(record, name));
        let time = found.iter().map(|(_, _, value)| value.time).max().unwrap_or(Time::Static);
        (found.into_iter().map(|(name, at, value)| Entry::Field { key: EntryKey::Name(name, at), value }).collect(), time)
    }

    /// The fields for an object or a block inside one: they land where its settings without a path do.
    pub(super) fn raw_block(&mut self, kind: &Arc<KindSig>, fields: &ast::Block, what: &str, given: &mut Given) -> Vec<BlockItem> {
        let inner: Vec<Arc<str>> = self.inner_paths(&kind.name);
        let found = self.raw_fields(fields, what, given, &mut |checker, name| {
            let begins = |path: &str| path.split(['.', '[']).next() == Some(name);
            checker.has_setting(&kind.settings, name)
                || inner.iter().any(|path| begins(path))
                || kind.settings.fields.iter().any(|field| field.rules.path.as_deref().is_some_and(begins))
        });
        let mut out = Vec::new();
        for (name, at, value) in found {
            if name.contains(['.', ':', '[']) {
                self.report(errors::raw_name(&name, at));
                continue;
            }
            let value = self.require_static(value, &format!("a setting of {what}"));
            out.push(BlockItem::Setting { field: Field::plain(name, at, Ty::Any), value, span: at });
        }
        out
    }

    fn raw_fields(
        &mut self,
        fields: &ast::Block,
        what: &str,
        given: &mut Given,
        is_known: &mut dyn FnMut(&Self, &str) -> bool,
    ) -> Vec<(Name, Span, Expr)> {
        let mut out = Vec::new();
        for item in &fields.items {
            let ItemKind::Setting { key, value } = &item.kind else {
                given.open_ended = true;
                if !matches!(item.kind, ItemKind::Error) {
                    self.report(errors::setting_expected(item, "`raw`"));
                }
                continue;
            };
            let EntryKey::Name(name, at) = self.entry_key(key) else {
                self.report(errors::computed_key(key.span, "`raw`"));
                continue;
            };
            if is_known(self, &name) {
                self.report(errors::raw_setting(&name, at, what));
                self.infer_silently(value);
                given.open_ended = true;
                continue;
            }
            let described = format!("`{name}`");
            let mut value = self.check_field_value(value, &Field::plain(name.clone(), at, Ty::Any), &described);
            // What is known while compiling stands in the program, whatever its type.
            if !value.is_error() && value.time == Time::Promotion && worth_of(TextKind::String, &value.ty) != TextKind::String {
                let is_secret = worth_of(TextKind::String, &value.ty) == TextKind::Secret;
                self.report(if is_secret { errors::secret_leak(&value, &described) } else { errors::untrusted_ref(&value, &described) });
                value = Expr::error(value.span);
            }
            if let Some(first) = given.add(name.clone(), at, None) {
                self.report(errors::duplicate("setting", &name, at, first));
            }
            out.push((name, at, value));
        }
        out
    }

    /// Whether all versions of the target have the setting.
    fn has_setting(&self, record: &Record, name: &str) -> bool {
        record.open.is_some() || record.all(name).any(|field| field.rules.in_all(self.target())) || record.covers(name, self.target())
    }

    /// Where the blocks inside a kind are emitted.
    fn inner_paths(&self, outer: &str) -> Vec<Arc<str>> {
        let kinds = self.world.kind_names(self.project).into_iter().filter_map(|name| self.world.kind(self.project, &name));
        let inside = kinds.filter(|kind| kind.rules.inside.iter().any(|known| known == outer));
        inside.map(|kind| kind.rules.path.clone().unwrap_or_else(|| Arc::from(kind.name.as_str()))).collect()
    }
}
