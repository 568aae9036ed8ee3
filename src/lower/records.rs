//! Lists, records and JSON as code.

use std::sync::Arc;

use super::code::{Code, forced, literal, quoted};
use super::cx::{Cx, project};
use super::forms::{put, through, untrusted};
use crate::base::Name;
use crate::emit::yaml::{Key, Yaml};
use crate::library::{Target, Ty};
use crate::types::Value;
use crate::types::eval::eval;
use crate::types::tree::{Element, Entry, Expr, Kind, Time};

impl Cx<'_> {
    /// A list; the parts of one that only the promotion knows in their order.
    pub(super) fn list(&self, elements: &[Element]) -> Code {
        let mut items = Vec::with_capacity(elements.len());
        if self.each_item(elements, &mut |cx, value| items.push(cx.member_value(value))) {
            return Code::atom(format!("[{}]", items.join(", ")));
        }
        let part = |element: &Element| match element {
            Element::Spread(expr) => self.settled(expr).text,
            element => self.list(std::slice::from_ref(element)).text,
        };
        let parts: Vec<String> = elements.iter().map(part).collect();
        Code::atom(format!("concat({})", parts.join(", ")))
    }

    pub(super) fn record(&self, entries: &[Entry]) -> Code {
        let mut fields: Vec<(Name, String)> = Vec::new();
        self.add_fields(entries, &mut fields);
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
        Code::atom(if fields.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", fields.join(", ")) })
    }

    fn add_fields(&self, entries: &[Entry], out: &mut Vec<(Name, String)>) {
        for entry in entries {
            match entry {
                Entry::Field { key, value } => replace(out, self.key(key), self.member_value(value)),
                Entry::Spread(expr) if expr.time == Time::Static => {
                    if let Value::Record(record) = eval(expr, &self.env) {
                        record.iter().for_each(|(name, value)| replace(out, name.clone(), literal(value).text));
                    }
                }
                Entry::Spread(expr) => match &through(expr).kind {
                    Kind::Record(inner) => self.add_fields(inner, out),
                    _ => spread_fields(expr, self.target).for_each(|(name, value)| replace(out, name, self.member_value(&value))),
                },
            }
        }
    }

    /// A record that only the promotion knows, as settings: each of its fields by itself.
    pub(super) fn spread_later(&self, expr: &Expr, ty: &Ty, out: &mut Vec<(Key, Yaml)>) {
        for (name, value) in spread_fields(expr, self.target) {
            let (ty, rules) = match ty {
                Ty::Record(record) => match record.all(&name).find(|field| field.rules.in_all(self.target)) {
                    Some(field) => (field.ty.clone(), Arc::clone(&field.rules)),
                    None => (record.open.clone().unwrap_or(Ty::Any), Arc::default()),
                },
                Ty::Map(item, _) => ((**item).clone(), Arc::default()),
                _ => (Ty::Any, Arc::default()),
            };
            if let Some(value) = self.setting(&value, &ty, &rules) {
                put(out, &name, value);
            }
        }
    }

    /// A value inside a list or record: text stays text, and what is not there is a mistake unless its type says so.
    fn member_value(&self, expr: &Expr) -> String {
        match &expr.ty {
            Ty::Bool => self.condition(expr).text,
            ty if ty.is_text() && !self.total => forced(&self.code(expr)).text,
            _ => self.settled(expr).text,
        }
    }

    /// `json(value)`. Characters that would cost the whole configuration are dropped where others may have written them;
    /// foreign text as a whole is treated so wherever it stands.
    pub(super) fn json(&self, value: &Expr, whole: &Expr) -> Code {
        let inner = self.settled(value);
        let code = Code::atom(format!("toJSON({})", inner.text)).text_value().made_of([&inner]);
        let may_hold_any = holds_foreign_text(&value.ty) || value.reads_secret();
        if may_hold_any && !whole.ty.is_untrusted() { untrusted(&code) } else { code }
    }
}

/// Each field of a record that only the promotion knows.
pub(super) fn spread_fields(expr: &Expr, target: &Target) -> impl Iterator<Item = (Name, Expr)> {
    let record = expr.ty.present().record();
    let names: Vec<Name> = record
        .into_iter()
        .flat_map(|record| &record.fields)
        .filter(|field| field.rules.in_all(target))
        .map(|field| field.name.clone())
        .collect();
    names.into_iter().map(|name| {
        let value = project(expr, std::slice::from_ref(&name), &Expr::error(expr.span));
        (name, value)
    })
}

fn replace(out: &mut Vec<(Name, String)>, name: Name, value: String) {
    out.retain(|(known, _)| *known != name);
    out.push((name, value));
}

/// Whether texts that anybody wrote may lie inside a value of this type.
pub(super) fn holds_foreign_text(ty: &Ty) -> bool {
    match ty.present() {
        Ty::Any => true,
        Ty::List(item) | Ty::Map(item, _) => holds_foreign_text(item),
        Ty::Record(record) => record.open.is_some() || record.fields.iter().any(|field| holds_foreign_text(&field.ty)),
        ty => ty.is_untrusted(),
    }
}

/// What Helm would read as a list, a record or a second assignment.
pub(super) fn helm_escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace(',', "\\,");
    if escaped.starts_with('{') { format!("\\{escaped}") } else { escaped }
}
