//! Records checked against the settings of a step, a kind or a nested record: names, versions, groups, bounds.

use std::collections::HashMap;
use std::sync::Arc;

use super::assign::constant;
use super::checker::Checker;
use super::errors;
use super::given::Given;
use super::index::{Inside, Meaning};
use super::tree::{Element, Entry, EntryKey, Expr, Kind, Part, Time};
use super::value::Value;
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Field, Form, Group, GroupKind, Record, Rules, Target, TextKind, Ty};
use crate::syntax::ast::{self, ItemKind};

impl Checker<'_, '_> {
    /// `{ … }` where a record is needed.
    pub(crate) fn check_record(&mut self, span: Span, block: &ast::Block, record: &Arc<Record>, what: &str) -> Expr {
        let mut given = Given::default();
        let mut entries = Vec::with_capacity(block.items.len());
        let mut time = Time::Static;
        self.note_inside(block, || Inside::Settings(Arc::clone(record)));
        for item in &block.items {
            if let Some(fields) = item.raw_fields() {
                let (found, when) = self.raw_entries(fields, record, what, &mut given);
                time = time.max(when);
                entries.extend(found);
                continue;
            }
            match &item.kind {
                ItemKind::Setting { key, value } => {
                    if let Some((entry, when)) = self.check_setting(key, value, record, what, &mut given) {
                        time = time.max(when);
                        entries.push(entry);
                    }
                }
                ItemKind::Spread(inner) => {
                    let value = self.infer(inner);
                    time = time.max(value.time);
                    let value = self.check_spread(value, record, what, &mut given);
                    entries.push(Entry::Spread(value));
                }
                ItemKind::Error => given.open_ended = true,
                _ => {
                    self.report(errors::setting_expected(item, what));
                    given.open_ended = true;
                    self.world.lose("");
                }
            }
        }
        self.check_given(record, &given, opening(span), what);
        Expr { span, ty: Ty::Record(Arc::clone(record)), time, kind: Kind::Record(entries) }
    }

    /// One `key: value`; `None` if nothing can be made of it.
    pub(crate) fn check_setting(
        &mut self,
        key: &ast::Key,
        value: &ast::Expr,
        record: &Record,
        what: &str,
        given: &mut Given,
    ) -> Option<(Entry, Time)> {
        let key = self.entry_key(key);
        let EntryKey::Name(name, at) = &key else {
            given.open_ended = true;
            let value = self.infer(value);
            if record.open.is_none() {
                self.report(errors::computed_key(value.span, what));
            }
            let time = value.time;
            return Some((Entry::Field { key, value }, time));
        };
        let (name, at) = (name.clone(), *at);
        let Some(field) = self.setting_field(record, &name, at, what) else {
            // What the value should be is not known, but it uses its names.
            self.infer_silently(value);
            given.open_ended = true;
            return None;
        };
        self.world.note(|index| index.refer(at, field.span, Meaning::Setting(field.clone())));
        let described = ["`", name.as_str(), "`"].concat();
        let value = self.check_field_value(value, &field, &described);
        let known = constant(&value).cloned();
        self.hazards(&field.rules, &name, at, known.as_ref());
        self.variable_hazards(&field.rules, &name, &value);
        if let Some(first) = given.add(name.clone(), at, known) {
            self.report(errors::duplicate("setting", &name, at, first));
        }
        let time = value.time;
        Some((Entry::Field { key, value }, time))
    }

    /// A setting that is there may still be given as nothing, if that is known while compiling.
    pub(crate) fn check_field_value(&mut self, value: &ast::Expr, field: &Field, what: &str) -> Expr {
        let ty = if field.optional { field.ty.clone().optional(field.rules.face()) } else { field.ty.clone() };
        let value = self.check_against(value, &ty, &field.rules, what);
        if value.ty.is_optional() && value.time == Time::Promotion && !self.absence_allowed {
            return self.require_present(value, what);
        }
        value
    }

    /// The declaration of a setting that holds for the target; otherwise a report.
    pub(crate) fn setting_field(&mut self, record: &Record, name: &str, at: Span, what: &str) -> Option<Field> {
        let all: Vec<&Field> = record.all(name).collect();
        if let Some(found) = all.iter().find(|field| field.rules.in_all(self.target())).or(all.first()) {
            // A setting whose type changed stands several times; together they may cover all versions.
            if !record.covers(name, self.target()) {
                let mut reports = Vec::new();
                errors::availability(&found.rules, name, at, self.target(), &mut reports);
                self.reports.append(&mut reports);
            }
            return Some((*found).clone());
        }
        if let Some(open) = &record.open {
            return Some(Field::plain(Name::new(name), at, open.clone()));
        }
        let known: Vec<&str> =
            record.fields.iter().filter(|field| field.rules.in_all(self.target())).map(|field| field.name.as_str()).collect();
        let near = nearest(name, known.iter().copied());
        let has_it =
            |field: &&Field| field.rules.in_all(self.target()) && field.ty.record_within().is_some_and(|inner| inner.field(name).is_some());
        let inside: Vec<&str> = record.fields.iter().filter(has_it).map(|field| field.name.as_str()).collect();
        self.report(errors::unknown_setting(name, at, what, self.in_promotion, &known, near, &inside));
        None
    }

    pub(crate) fn check_spread(&mut self, value: Expr, record: &Record, what: &str, given: &mut Given) -> Expr {
        match value.ty.clone() {
            Ty::Record(inner) => {
                for field in &inner.fields {
                    let Some(target) = self.setting_field(record, &field.name, value.span, what) else { continue };
                    given.add_spread(&field.name, value.span);
                    if super::assign::fits(&field.ty, &target.ty).is_err() {
                        self.report(errors::spread_mismatch(&field.name, &field.ty, &target.ty, value.span));
                    } else {
                        self.check_versions(&field.ty, &target.ty, value.span);
                    }
                    given.open_ended |= field.optional;
                }
            }
            Ty::Error | Ty::Any => given.open_ended = true,
            Ty::Map(item, _) if record.open.as_ref().is_some_and(|open| super::assign::fits(&item, open).is_ok()) => {
                given.open_ended = true
            }
            _ => {
                self.report(errors::not_a_record(&value));
                given.open_ended = true;
            }
        }
        value
    }

    /// `{ … }` where a map is needed: any keys, one type of value.
    pub(crate) fn check_map(&mut self, span: Span, block: &ast::Block, item: &Ty, rules: &Rules, what: &str) -> Expr {
        let record = Record { open: Some(item.clone()), ..Record::default() };
        let mut checked = self.check_record(span, block, &Arc::new(record), what);
        self.check_size(&checked, rules, what);
        checked.ty = Ty::Map(Arc::new(item.clone()), rules.face());
        checked
    }

    /// Required settings and the rules about combinations.
    pub(crate) fn check_given(&mut self, record: &Record, given: &Given, at: Span, what: &str) {
        if given.open_ended {
            return;
        }
        let target = self.target();
        let mut missing: Vec<&Field> = Vec::new();
        for field in &record.fields {
            let needed = |target: &Target| !field.optional || field.rules.required_by(target);
            let is_new = !given.has(&field.name) && !missing.iter().any(|known| known.name == field.name);
            if is_new && needed(target) && (field.rules.in_all(target) || record.covers(&field.name, target)) {
                missing.push(field);
            }
        }
        if !missing.is_empty() {
            self.report(errors::missing_settings(&missing, at, what));
            return;
        }
        self.check_groups(record, given, at, what, |_| true);
    }

    /// The rules about combinations that more settings cannot mend: those of what a branch of an `if` gives with all that
    /// stands before it. Settings of different branches are alternatives, and do not meet.
    pub(crate) fn check_conflicts(&mut self, record: &Record, given: &Given, at: Span, what: &str) {
        self.check_groups(record, given, at, what, |group| match group.kind {
            GroupKind::OneOf | GroupKind::AtMostOne => group.names.iter().any(|name| given.has(name)),
            GroupKind::Forbids => true,
            _ => false,
        });
    }

    fn check_groups(&mut self, record: &Record, given: &Given, at: Span, what: &str, wanted: impl Fn(&Group) -> bool) {
        let target = self.target();
        for field in &record.fields {
            for group in field.rules.groups.iter().filter(|group| wanted(group)) {
                // The rule of a group stands on its first member, which this version need not have.
                let about_itself = matches!(group.kind, GroupKind::Requires | GroupKind::RequiresOne | GroupKind::Forbids);
                if target.some_has(group.since, group.until) && (!about_itself || field.rules.in_all(target)) {
                    self.check_group(field, group, given, at, what);
                }
            }
        }
    }

    fn check_group(&mut self, field: &Field, group: &Group, given: &Given, at: Span, what: &str) {
        let present: Vec<&Name> = group.names.iter().filter(|name| given.has(name)).collect();
        let places = |names: &[&Name]| names.iter().filter_map(|name| given.place(name)).collect::<Vec<_>>();
        let applies = given.has(&field.name) && group.when.as_ref().is_none_or(|value| given.is(&field.name, value));
        match group.kind {
            GroupKind::OneOf | GroupKind::AtMostOne if present.len() > 1 => {
                self.report(errors::conflicting(&present, &places(&present), what));
            }
            GroupKind::OneOf | GroupKind::AtLeastOne if present.is_empty() => {
                self.report(errors::one_needed(&group.names, group.kind == GroupKind::OneOf, at, what));
            }
            GroupKind::Together if !present.is_empty() && present.len() < group.names.len() => {
                let absent: Vec<&Name> = group.names.iter().filter(|name| !given.has(name)).collect();
                self.report(errors::needs_companion(present.first().copied(), &absent, places(&present).first().copied().unwrap_or(at)));
            }
            GroupKind::Requires if applies && present.len() < group.names.len() => {
                let absent: Vec<&Name> = group.names.iter().filter(|name| !given.has(name)).collect();
                self.report(errors::needs_companion(Some(&field.name), &absent, given.place(&field.name).unwrap_or(at)));
            }
            GroupKind::RequiresOne if applies && present.is_empty() => {
                self.report(errors::one_needed(&group.names, false, given.place(&field.name).unwrap_or(at), &format!("`{}`", field.name)));
            }
            GroupKind::Forbids if applies && !present.is_empty() => {
                let mut names = vec![&field.name];
                names.extend(present);
                self.report(errors::conflicting(&names, &places(&names), what));
            }
            _ => {}
        }
    }

    /// Patterns and bounds of a constant.
    pub(crate) fn check_rules(&mut self, value: &Expr, ty: &Ty, rules: &Rules, what: &str) {
        match constant(value) {
            Some(Value::Text(text)) => {
                let text = text.clone();
                self.check_text(&text, value.span, ty, rules, what);
            }
            Some(Value::Duration(text)) if rules.pattern.is_some() => {
                let text = super::value::canonical_duration(text);
                self.check_text(&text, value.span, ty, rules, what);
            }
            Some(Value::Int(number)) => {
                let number = *number;
                let low = rules.min.filter(|min| number < *min);
                let high = rules.max.filter(|max| number > *max);
                if low.is_some() || high.is_some() {
                    self.report(errors::out_of_bounds(value.span, what, rules.min, rules.max));
                }
            }
            Some(Value::List(list)) => self.check_count(list.len(), value.span, rules, what),
            _ => self.check_text_parts(value, rules, what),
        }
    }

    /// The constant parts of a text with values in it.
    fn check_text_parts(&mut self, value: &Expr, rules: &Rules, what: &str) {
        let Kind::Text(parts) = &value.resolved().kind else { return };
        let bad = |part: &Part| matches!(part, Part::Text(text) if cannot_be_pasted(text));
        if rules.form == Some(Form::YamlText) && parts.iter().any(bad) {
            self.report(errors::one_line(value.span, what));
        }
    }

    fn check_text(&mut self, text: &str, span: Span, ty: &Ty, rules: &Rules, what: &str) {
        if let Some((_, says)) = &rules.pattern
            && !rules.pattern_fits(text)
        {
            self.report(errors::pattern(text, span, what, says));
            return;
        }
        let characters = text.chars().count();
        let never_empty = |kind: &TextKind| kind.is_closed() || matches!(kind, TextKind::Path | TextKind::Url);
        let is_closed = ty.present().members().iter().all(|member| matches!(member, Ty::Text(kind) if never_empty(kind)));
        if rules.form == Some(Form::YamlText) && cannot_be_pasted(text) {
            self.report(errors::one_line(span, what));
            return;
        }
        if is_closed && text.is_empty() {
            self.report(errors::empty_text(span, what));
        } else if let Some((min, max)) = rules.length
            && (characters < min || max.is_some_and(|max| characters > max))
        {
            self.report(errors::bad_length(span, what, min, max, characters));
        }
    }

    pub(crate) fn check_length(&mut self, list: &Expr, rules: &Rules, what: &str) {
        let Kind::List(elements) = &list.kind else { return };
        if elements.iter().all(|element| matches!(element, Element::One(_))) {
            self.check_count(elements.len(), list.span, rules, what);
        }
    }

    /// How many keys a map has, where all are known.
    pub(crate) fn check_size(&mut self, map: &Expr, rules: &Rules, what: &str) {
        let Kind::Record(entries) = &map.kind else { return };
        if entries.iter().all(|entry| matches!(entry, Entry::Field { .. })) && !self.world.is_unclear() {
            self.check_count(entries.len(), opening(map.span), rules, what);
        }
    }

    fn check_count(&mut self, count: usize, span: Span, rules: &Rules, what: &str) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if rules.min.is_some_and(|min| count < min) || rules.max.is_some_and(|max| count > max) {
            self.report(errors::item_count(span, what, rules.min, rules.max));
        }
    }

    /// `@unique(key)`: no two items with the same constant.
    pub(crate) fn check_unique(&mut self, list: &Expr, rules: &Rules) {
        let (Some(key), Kind::List(elements)) = (&rules.unique, &list.kind) else { return };
        let mut seen: HashMap<String, Span> = HashMap::new();
        for element in elements {
            let Element::One(item) = element else { continue };
            let entries = if let Kind::Record(entries) = &item.kind { entries.as_slice() } else { &[] };
            let itself = key.is_empty().then(|| constant(item)?.as_text().map(|text| (text.to_owned(), item.span))).flatten();
            let value = entries.iter().find_map(|entry| match entry {
                Entry::Field { key: EntryKey::Name(name, _), value } if name == key => {
                    constant(value)?.as_text().map(|text| (text.to_owned(), value.span))
                }
                _ => None,
            });
            let Some((text, span)) = value.or(itself) else { continue };
            if let Some(first) = seen.insert(text.clone(), span) {
                let what = if key.is_empty() { "item" } else { key.as_str() };
                self.report(errors::duplicate(what, &text, span, first));
            }
        }
    }
}

/// What cannot stand in quotes on one line of a YAML file: line breaks and control characters.
fn cannot_be_pasted(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// A block is marked at its opening brace, not over all its lines.
pub(crate) fn opening(span: Span) -> Span {
    Span { end: span.start + 1, ..span }
}
