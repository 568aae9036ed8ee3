//! Items of lists that are written out, or that an inlined call passes: in a loop over such a list each of them is an
//! expression of its own, seen from where it was written.

use super::cx::{Cx, Params, project};
use super::forms::through;
use crate::base::Name;
use crate::library::{Face, Ty};
use crate::types::Value;
use crate::types::eval::{eval, items, rounds};
use crate::types::tree::{Element, Entry, Expr, Kind, Time};

use super::code::Code;

impl<'c> Cx<'c> {
    /// What an item of such a list or table, or a part of one, stands for, and what is seen there. `None`: it is no such
    /// item.
    pub(crate) fn item(&self, expr: &Expr) -> Option<(Cx<'c>, Expr)> {
        if !reads_item(expr) {
            return None;
        }
        let (cx, found) = self.stands_for(expr).filter(|(_, found)| !reads_item(found))?;
        if expr.ty.is_optional() || !found.ty.is_optional() {
            return Some((cx, found));
        }
        // That it is there was asked before.
        let (span, ty, time) = (found.span, found.ty.present().clone(), found.time);
        Some((cx, Expr { span, ty, time, kind: Kind::Present(Box::new(found)) }))
    }

    /// The same as code.
    pub(super) fn item_code(&self, expr: &Expr) -> Option<Code> {
        let (cx, found) = self.item(expr)?;
        Some(nil_if_absent(cx.code(&found), &found.ty, &expr.ty))
    }

    /// The value that a chain leads to, through arguments and what is written out.
    fn stands_for(&self, expr: &Expr) -> Option<(Cx<'c>, Expr)> {
        match &expr.kind {
            Kind::Let(def) if !def.latched => self.stands_for(&def.value),
            Kind::Present(inner) => self.stands_for(inner),
            Kind::Param(index) => {
                let Params::Arguments { caller, args } = &self.params else { return None };
                let caller = Cx { total: self.total, ..(**caller).clone() };
                Some(caller.followed(args.get(*index)?))
            }
            Kind::Field { base, name, .. } => self.part_of(base, &Value::text(name), expr),
            Kind::Index { base, index, .. } if index.time == Time::Static => self.part_of(base, &eval(index, &self.env), expr),
            _ => None,
        }
    }

    fn followed(&self, expr: &Expr) -> (Cx<'c>, Expr) {
        self.stands_for(expr).unwrap_or_else(|| (self.clone(), expr.clone()))
    }

    fn part_of(&self, base: &Expr, key: &Value, whole: &Expr) -> Option<(Cx<'c>, Expr)> {
        let written = || matches!(base.resolved().kind, Kind::List(_) | Kind::Record(_)).then(|| (self.clone(), base.clone()));
        let (cx, base) = self.stands_for(base).or_else(written)?;
        let inside = base.resolved();
        if inside.time == Time::Static {
            let at = Expr::value(whole.span, Ty::Int, key.clone());
            let kind = Kind::Index { base: Box::new(inside.clone()), index: Box::new(at), safe: false };
            let value = eval(&Expr { kind, ..inside.clone() }, &cx.env);
            return Some((cx, Expr::value(whole.span, whole.ty.clone(), value)));
        }
        match (&inside.kind, key) {
            (Kind::List(elements), Value::Int(at)) => {
                let found = cx.nth(elements, usize::try_from(*at).ok()?)?;
                Some(found.map_or_else(|| (cx, absent(whole)), |(cx, found)| cx.followed(&found)))
            }
            (Kind::Record(entries), Value::Text(key)) => match cx.entry(entries, key) {
                Some(value) => Some(cx.followed(value)),
                None if entries.iter().all(|entry| matches!(entry, Entry::Field { .. })) => Some((cx, absent(whole))),
                None => Some((cx, project(&base, &[Name::new(key)], whole))),
            },
            // Its keys are no names.
            _ if matches!(inside.ty.present(), Ty::Map(..)) => None,
            (_, Value::Text(key)) => Some((cx, project(&base, &[Name::new(key)], whole))),
            _ => {
                let index = Expr::value(whole.span, Ty::Int, key.clone());
                let kind = Kind::Index { base: Box::new(base.clone()), index: Box::new(index), safe: false };
                Some((cx, Expr { kind, ..whole.clone() }))
            }
        }
    }

    fn entry<'e>(&self, entries: &'e [Entry], wanted: &str) -> Option<&'e Expr> {
        // What stands later wins, a spread as well.
        match entries.iter().rev().find(|entry| match entry {
            Entry::Field { key, .. } => self.key(key) == wanted,
            Entry::Spread(_) => true,
        })? {
            Entry::Field { value, .. } => Some(value),
            Entry::Spread(_) => None,
        }
    }

    /// Calls `visit` for each item of a list that is written out, with what is seen there. False, perhaps in the middle, if a
    /// part of the list is not.
    pub(super) fn each_item(&self, elements: &[Element], visit: &mut dyn FnMut(&Cx<'c>, &Expr)) -> bool {
        elements.iter().all(|element| match element {
            Element::One(value) => {
                visit(self, value);
                true
            }
            Element::For(found) => {
                rounds(found, &self.env, &mut |env| visit(&self.with_env(env.clone()), &found.value));
                true
            }
            Element::Spread(list) => {
                let (cx, list) = self.followed(list);
                let list = list.resolved();
                match &list.kind {
                    _ if list.time == Time::Static => {
                        let ty = if let Ty::List(item) = list.ty.present() { (**item).clone() } else { Ty::Any };
                        let values = items(&eval(list, &cx.env)).into_iter();
                        values.for_each(|(_, value)| visit(&cx, &Expr::value(list.span, ty.clone(), value)));
                        true
                    }
                    Kind::List(inner) => cx.each_item(inner, visit),
                    _ => false,
                }
            }
        })
    }

    /// The item at a place of such a list.
    fn nth(&self, elements: &[Element], wanted: usize) -> Option<Option<(Cx<'c>, Expr)>> {
        let (mut at, mut found) = (0, None);
        let is_known = self.each_item(elements, &mut |cx, value| {
            if at == wanted {
                found = Some((cx.clone(), value.clone()));
            }
            at += 1;
        });
        is_known.then_some(found)
    }
}

/// What is absent is nil to those who expect that, as a variable would be.
pub(super) fn nil_if_absent(code: Code, own: &Ty, wanted: &Ty) -> Code {
    if own.face() != Some(Face::Empty) || wanted.face() != Some(Face::Nil) {
        return code;
    }
    let text = code.tight();
    Code { nilable: true, ..Code::compound(format!("({text} ?? \"\") == \"\" ? nil : {text}")) }
}

fn absent(whole: &Expr) -> Expr {
    Expr::value(whole.span, Ty::Null, Value::Null)
}

/// All that an item of a list that is written out may stand for, or a part of one.
pub(super) fn candidates(expr: &Expr) -> Vec<Expr> {
    match &through(expr).kind {
        Kind::Present(inner) => candidates(inner),
        Kind::Field { base, name, .. } => candidates(base).iter().map(|base| project(base, std::slice::from_ref(name), expr)).collect(),
        Kind::Index { base, .. } => written(base),
        _ => Vec::new(),
    }
}

fn written(list: &Expr) -> Vec<Expr> {
    let Kind::List(elements) = &through(list).kind else { return Vec::new() };
    let items = elements.iter().flat_map(|element| match element {
        Element::One(value) => vec![value.clone()],
        Element::Spread(list) => written(list),
        Element::For(found) => vec![found.value.clone()],
    });
    items.collect()
}

/// Whether an expression is an item of a list, or of a table, at a place that is known while compiling, or a part of one.
pub(super) fn reads_item(expr: &Expr) -> bool {
    let is_table = |base: &Expr| matches!(base.ty.present(), Ty::List(_) | Ty::Map(..));
    match &through(expr).kind {
        Kind::Present(inner) => reads_item(inner),
        Kind::Field { base, .. } => expr.time == Time::Promotion && is_table(base) || reads_item(base),
        Kind::Index { base, index, .. } => expr.time == Time::Promotion && index.time == Time::Static && is_table(base) || reads_item(base),
        _ => false,
    }
}
