//! What the parameters of a use are in one instance. In: a use, and the static values of the instance. Out: for each
//! parameter the texts that it stands for.

use std::sync::Arc;

use super::sites::{Beside, Use, verified_kind};
use crate::base::Name;
use crate::library::NeedUse;
use crate::rbac::Atom;
use crate::types::eval::{Env, eval};
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind};
use crate::types::{BlockItem, Value};

/// What a parameter stands for in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Answer {
    Known(Name),
    /// The setting is left out.
    Absent,
    /// Only the promotion knows it.
    Unknown,
}

/// The parameters of a use, and what each stands for.
pub(super) type Given = Vec<(Name, Vec<Answer>)>;

impl Use<'_> {
    /// Whether the value that it depends on is there.
    pub(super) fn applies(&self, env: &Env) -> bool {
        self.has_value(env) && is_there(self.need, &mut |path| self.read(path, env))
    }

    fn has_value(&self, env: &Env) -> bool {
        let Some(wanted) = &self.need.when else { return true };
        match (self.beside, self.value) {
            (Beside::Verify(call), _) => verified_kind(call) == wanted,
            (_, Some(value)) => eval(value, env).interpolated().is_some_and(|text| *wanted == text),
            _ => false,
        }
    }

    pub(super) fn given(&self, env: &Env) -> Given {
        given(self.need, &mut |path| self.read(path, env))
    }

    pub(super) fn cases(&self, env: &Env) -> Vec<Name> {
        cases(self.need, &mut |path| self.read(path, env))
    }

    fn read(&self, path: &str, env: &Env) -> Vec<Answer> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut out = Vec::new();
        match self.beside {
            Beside::Record(record) => in_expr(record, path, env, &mut out),
            Beside::Block(items) => {
                crate::expand::visit_block(items, env, &mut |item, env| {
                    if let BlockItem::Setting { field, value, .. } = item
                        && field.name == first.trim_end_matches("[]")
                    {
                        step_into(value, first, rest, env, &mut out);
                    }
                });
                if out.is_empty() {
                    out.push(Answer::Absent);
                }
            }
            Beside::Arguments(function, args) => {
                let place = function.parameters.fields.iter().position(|field| field.name == first);
                match place.and_then(|place| args.get(place)) {
                    Some(arg) => step_into(arg, first, rest, env, &mut out),
                    None => out.push(Answer::Absent),
                }
            }
            Beside::Verify(_) | Beside::Nothing => out.push(Answer::Unknown),
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// What the parameters of a use are, when `read` says what stands at a path.
pub(super) fn given(need: &NeedUse, read: &mut dyn FnMut(&str) -> Vec<Answer>) -> Given {
    need.given.iter().map(|(name, paths)| (name.clone(), first_given(paths, read))).collect()
}

/// The cases of a use: those that it names, and what a setting says.
pub(super) fn cases(need: &NeedUse, read: &mut dyn FnMut(&str) -> Vec<Answer>) -> Vec<Name> {
    let known = |answer| if let Answer::Known(case) = answer { Some(case) } else { None };
    need.cases.iter().cloned().chain(first_given(&need.case_of, read).into_iter().filter_map(known)).collect()
}

/// Whether the settings that a use depends on are there.
pub(super) fn is_there(need: &NeedUse, read: &mut dyn FnMut(&str) -> Vec<Answer>) -> bool {
    let mut some = |paths: &[Arc<str>]| first_given(paths, read).iter().any(|answer| *answer != Answer::Absent);
    (need.with.is_empty() || some(&need.with)) && (need.unless.is_empty() || !some(&need.unless))
}

/// What stands at the first of these paths at which something is given.
fn first_given(paths: &[Arc<str>], read: &mut dyn FnMut(&str) -> Vec<Answer>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in paths {
        answers = read(path);
        if answers.iter().any(|answer| *answer != Answer::Absent) {
            break;
        }
    }
    answers
}

/// The texts at a path such as `apps[].namespace`.
fn in_expr(expr: &Expr, path: &str, env: &Env, out: &mut Vec<Answer>) {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let name = first.trim_end_matches("[]");
    let Kind::Record(entries) = &expr.resolved().kind else {
        in_value(&eval(expr, env), path, out);
        return;
    };
    let mut is_open = false;
    for entry in entries {
        match entry {
            Entry::Field { key: EntryKey::Name(key, _), value } if key == name => {
                step_into(value, first, rest, env, out);
                return;
            }
            Entry::Field { key: EntryKey::Name(..), .. } => {}
            Entry::Field { .. } | Entry::Spread(_) => is_open = true,
        }
    }
    if is_open {
        in_value(&eval(expr, env), path, out);
    } else {
        out.push(Answer::Absent);
    }
}

/// What stands at `part` of a path, and at the rest of it below.
fn step_into(value: &Expr, part: &str, rest: &str, env: &Env, out: &mut Vec<Answer>) {
    match &value.resolved().kind {
        Kind::List(elements) if part.ends_with("[]") => {
            for element in elements {
                match element {
                    Element::One(item) if rest.is_empty() => leaf(&eval(item, env), out),
                    Element::One(item) => in_expr(item, rest, env, out),
                    Element::Spread(_) | Element::For(_) => {
                        in_value_at(&eval(value, env), part, rest, out);
                        return;
                    }
                }
            }
        }
        _ if rest.is_empty() && !part.ends_with("[]") => leaf(&eval(value, env), out),
        _ if part.ends_with("[]") => in_value_at(&eval(value, env), part, rest, out),
        _ => in_expr(value, rest, env, out),
    }
}

fn in_value(value: &Value, path: &str, out: &mut Vec<Answer>) {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Record(record) => match record.get(first.trim_end_matches("[]")) {
            Some(inner) => in_value_at(inner, first, rest, out),
            None => out.push(Answer::Absent),
        },
        Value::Null => out.push(Answer::Absent),
        _ => out.push(Answer::Unknown),
    }
}

fn in_value_at(value: &Value, part: &str, rest: &str, out: &mut Vec<Answer>) {
    match value {
        Value::List(items) if part.ends_with("[]") => {
            items.iter().for_each(|item| if rest.is_empty() { leaf(item, out) } else { in_value(item, rest, out) });
        }
        value if rest.is_empty() => leaf(value, out),
        value => in_value(value, rest, out),
    }
}

fn leaf(value: &Value, out: &mut Vec<Answer>) {
    out.push(match value {
        Value::Text(text) => Answer::Known(Name::new(text)),
        Value::Null => Answer::Absent,
        _ => Answer::Unknown,
    });
}

/// The permissions of a spelling with its parameters filled in, and whether their names are known.
pub(super) fn atoms(allow: &str, given: &Given) -> Vec<(Atom, bool)> {
    let (what, names) = allow.split_once(": ").map_or((allow, None), |(what, names)| (what, Some(names)));
    let Some(what) = filled(what, given).into_iter().next().flatten() else { return Vec::new() };
    let names: Vec<Option<String>> = match names {
        None => return Atom::parse_all(&what).unwrap_or_default().into_iter().map(|atom| (atom, true)).collect(),
        Some(names) => filled(names, given),
    };
    let spelled = names.into_iter().flat_map(|name| {
        let is_sure = name.is_some();
        let text = name.map_or_else(|| what.clone(), |name| format!("{what}: {name}"));
        Atom::parse_all(&text).unwrap_or_default().into_iter().map(move |atom| (atom, is_sure))
    });
    spelled.collect()
}

/// A text with `${x}`, for each value of x; `None` where that is not known.
fn filled(text: &str, given: &Given) -> Vec<Option<String>> {
    let mut pieces = text.split("${");
    let mut out = vec![Some(pieces.next().unwrap_or_default().to_owned())];
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let answers = given.iter().find(|(known, _)| known == name).map_or(&[][..], |(_, answers)| answers.as_slice());
        let values: Vec<Option<&Name>> = match answers {
            [] => vec![None],
            several => several.iter().map(|answer| if let Answer::Known(value) = answer { Some(value) } else { None }).collect(),
        };
        let with = |text: &Option<String>, value: &Option<&Name>| Some(format!("{}{}{rest}", text.as_ref()?, (*value)?));
        out = out.iter().flat_map(|text| values.iter().map(move |value| with(text, value))).collect();
    }
    out
}
