//! Settings of steps from their signatures: what the versions have, what is required, what excludes what.

use std::collections::BTreeMap;

use loadline::library::{Field, Form, GroupKind, Record, TextKind, Ty};

use super::expr::Wish;
use super::scope::Scope;
use super::{Generator, RAW};

impl Generator<'_> {
    /// `{ a: …, b: … }` for a record of settings; `None` if a required one cannot be made.
    pub fn settings(&mut self, record: &Record, scope: &Scope, depth: usize) -> Option<String> {
        self.settings_with(record, scope, depth, &BTreeMap::new())
    }

    /// The same, where some are given.
    pub fn settings_with(&mut self, record: &Record, scope: &Scope, depth: usize, given: &BTreeMap<String, String>) -> Option<String> {
        for _ in 0..8 {
            if let Some(values) = self.some_settings(record, scope, depth, given)
                && self.groups_hold(record, &values)
            {
                let mut rows: Vec<String> = values.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                if record.open.is_none() && self.random.one_in(16) {
                    rows.extend(self.raw_fields(scope));
                }
                return Some(if rows.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", rows.join(", ")) });
            }
        }
        None
    }

    /// Fields that no version knows, with values that nobody else wrote.
    fn raw_fields(&mut self, scope: &Scope) -> Option<String> {
        let text = self.expr(&Ty::STRING, scope, Wish { not_empty: true, ..Wish::default() }, 2)?;
        let number = self.number(scope, Wish::default(), 1);
        let inner = self.condition(scope, Wish::default(), 2);
        Some(format!("raw {{ {RAW}: {text}, \"{RAW}.on\": [1, {{ on: \"y\" }}], {RAW}-two: {{ inner: {inner}, list: [{number}] }} }}"))
    }

    fn some_settings(
        &mut self,
        record: &Record,
        scope: &Scope,
        depth: usize,
        given: &BTreeMap<String, String>,
    ) -> Option<BTreeMap<String, String>> {
        let mut values = given.clone();
        let mut available: Vec<Field> = record.fields.iter().filter(|field| self.is_good(field, record)).cloned().collect();
        available.dedup_by(|field, before| field.name == before.name);
        let grouped: Vec<&str> = available
            .iter()
            .flat_map(|field| &field.rules.groups)
            .filter(|group| matches!(group.kind, GroupKind::OneOf | GroupKind::AtLeastOne))
            .map(|group| self.random.pick(&group.names).as_str())
            .collect();
        for field in available.iter().filter(|field| !given.contains_key(field.name.as_str())) {
            let needed = !field.optional || field.rules.required_by(&self.target) || grouped.contains(&field.name.as_str());
            if needed || self.random.one_in(3) {
                match self.setting(field, scope, depth) {
                    Some(value) => drop(values.insert(field.name.to_string(), value)),
                    None if needed => return None,
                    None => {}
                }
            }
        }
        if let Some(open) = &record.open {
            for name in ["alpha", "beta", "gamma"].iter().take(1 + self.random.below(3)) {
                values.insert((*name).to_owned(), self.expr(open, scope, Wish::default(), depth)?);
            }
        }
        Some(values)
    }

    fn is_good(&self, field: &Field, record: &Record) -> bool {
        let rules = &field.rules;
        (rules.in_all(&self.target) || record.covers(&field.name, &self.target))
            && !rules.enterprise
            && rules.removed.is_none()
            && rules.deprecated.is_none()
    }

    fn setting(&mut self, field: &Field, scope: &Scope, depth: usize) -> Option<String> {
        let rules = &field.rules;
        let wish = Wish {
            not_empty: rules.sink.is_some()
                || rules.length.is_some_and(|(min, _)| min > 0)
                || matches!(field.ty.present(), Ty::Text(kind) if kind.is_closed() || matches!(kind, TextKind::Path | TextKind::Url)),
            one_line: rules.form == Some(Form::YamlText),
            rules: Some(rules),
            is_static: field.is_static,
        };
        self.value(&field.ty, scope, wish, depth)
    }

    /// Like `expr`, but records are those of a target: written out by their own rules.
    fn value(&mut self, ty: &Ty, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        match ty {
            Ty::Record(record) => self.settings(record, scope, depth.saturating_sub(1)),
            Ty::List(item) if matches!(**item, Ty::Record(_)) => {
                let low = wish.rules.and_then(|rules| rules.min).unwrap_or(0).max(1);
                let unique = wish.rules.and_then(|rules| rules.unique.clone());
                let count = if unique.is_some() { 1 } else { low + self.random.between(0, 1) };
                let items: Option<Vec<String>> = (0..count).map(|_| self.value(item, scope, wish, depth)).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
            Ty::Expression(envs) => self.own_expression(envs, wish.rules?, scope),
            _ if wish.rules.is_some_and(|rules| rules.form == Some(Form::JsonBody)) && self.random.one_in(2) => {
                self.body_of_json(scope, wish)
            }
            _ => self.expr(ty, scope, wish, depth),
        }
    }

    fn groups_hold(&self, record: &Record, values: &BTreeMap<String, String>) -> bool {
        record.fields.iter().flat_map(|field| field.rules.groups.iter().map(move |group| (field, group))).all(|(field, group)| {
            let about_itself = matches!(group.kind, GroupKind::Requires | GroupKind::RequiresOne | GroupKind::Forbids);
            if !self.target.some_has(group.since, group.until) || about_itself && !field.rules.in_all(&self.target) {
                return true;
            }
            let present = group.names.iter().filter(|name| values.contains_key(name.as_str())).count();
            let own = values.get(field.name.as_str());
            // What a value will be is not known here, so it is taken for the one that the rule is about.
            let applies = own
                .is_some_and(|value| group.when.as_ref().is_none_or(|when| value.trim_matches('"') == when.as_str() || !is_plain(value)));
            match group.kind {
                GroupKind::OneOf => present == 1,
                GroupKind::AtMostOne => present <= 1,
                GroupKind::AtLeastOne => present >= 1,
                GroupKind::Together => present == 0 || present == group.names.len(),
                GroupKind::Requires => !applies || present == group.names.len(),
                GroupKind::RequiresOne => !applies || present >= 1,
                GroupKind::Forbids => !applies || present == 0,
            }
        })
    }
}

fn is_plain(value: &str) -> bool {
    matches!(value, "true" | "false") || value.parse::<f64>().is_ok() || value.starts_with('"') && !value.contains("${")
}
