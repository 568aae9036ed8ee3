//! Reading fields, items, slots and results; and what happens when they may be absent.

use super::checker::{Checker, Mode};
use super::errors;
use super::index::Meaning;
use super::scope::What;
use super::tree::{Element, Expr, Kind, LetDef, ResultOf, Time};
use super::value::Value;
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Face, Field, Record, Ty};
use crate::syntax::ast::{self, Ident};

impl Checker<'_, '_> {
    pub(crate) fn member(&mut self, span: Span, base: &ast::Expr, field: &Ident, safe: bool) -> Expr {
        let base = self.infer(base);
        self.world.note(|index| index.bases.push((field.span, base.ty.clone())));
        if base.is_error() {
            return Expr::error(span);
        }
        if let Kind::Context(path) = &base.kind {
            let path = path.clone();
            return self.ctx_member(span, &base, &path, field);
        }
        let kept = base.ty.is_optional() && !safe && self.is_kept_output(&base, field);
        let base = if kept { present(base) } else { base };
        let (base, chained) = self.base_of_chain(base, safe);
        let time = base.time;
        let found = match base.ty.present() {
            Ty::Record(record) => {
                let record = record.clone();
                self.record_member(&base, &record, field)
            }
            Ty::Map(item, face) => Some((item_type(item, *face), None)),
            Ty::Any => Some((Ty::Any, None)),
            _ => None,
        };
        let Some((ty, spelling)) = found else {
            if !matches!(base.ty.present(), Ty::Record(_)) {
                self.report(errors::no_fields(&base, field));
            }
            return Expr::error(span);
        };
        let ty = if chained { ty.optional(Face::Nil) } else { ty };
        let kind = Kind::Field { base: Box::new(base), name: field.name.clone(), spelling, safe };
        let expr = Expr { span, ty, time, kind };
        self.narrowed(expr)
    }

    /// The base of a field or item, and whether its absence makes the whole chain absent (`?.`).
    fn base_of_chain(&mut self, base: Expr, safe: bool) -> (Expr, bool) {
        if safe {
            let optional = base.ty.is_optional();
            return (base, optional);
        }
        if !base.ty.is_optional() {
            return (base, false);
        }
        // `a?.b.c`: the `?.` already covers what follows it, unless `b` itself may be absent.
        if let Some(own) = own_type_in_chain(&base)
            && !own
        {
            return (base, true);
        }
        (self.require_present(base, ""), false)
    }

    fn record_member(&mut self, base: &Expr, record: &Record, field: &Ident) -> Option<(Ty, Option<Name>)> {
        let found: Vec<&Field> = record.all(&field.name).collect();
        // A field that changed stands several times; together they may cover all versions. Empty text is the harder face.
        let covered = record.covers(&field.name, self.target());
        let available = found.iter().find(|found| found.rules.in_all(self.target()));
        let available = available.or(found.iter().find(|found| covered && found.rules.empty)).or(found.first()).copied();
        let Some(available) = available else {
            if let Some(open) = &record.open {
                return Some((open.clone(), None));
            }
            if self.first_unknown_member(base, record, field) {
                self.report(self.unknown_member(base, record, field));
            }
            return None;
        };
        self.world.note(|index| index.refer(field.span, available.span, Meaning::Field(available.clone())));
        if !covered {
            let mut reports = Vec::new();
            errors::availability(&available.rules, &field.name, field.span, self.target(), &mut reports);
            self.reports.append(&mut reports);
        }
        let mut ty = available.read_type();
        if available.rules.may_be_absent(self.target()) {
            ty = ty.optional(available.rules.face());
        }
        Some((ty, available.rules.expr.clone()))
    }

    fn first_unknown_member(&self, base: &Expr, record: &Record, field: &Ident) -> bool {
        let owner = match &base.resolved().kind {
            Kind::Slot(index) => self.slots.get(*index).map(|slot| slot.origin.clone()),
            Kind::Result(_) => None,
            _ if let_of(base).is_some() => let_of(base).map(|def| Name::new(format!("{:?}", def.span))),
            _ => record.name.clone(),
        };
        // Without a name to tell it by, each place counts.
        let owner = owner.map_or_else(|| format!("{:?}", field.span), |owner| format!("{:?} {owner}", self.project));
        self.world.first_report(format!("{owner}.{}", field.name))
    }

    fn unknown_member(&self, base: &Expr, record: &Record, field: &Ident) -> crate::diag::Diagnostic {
        let known: Vec<&str> =
            record.fields.iter().filter(|known| known.rules.in_all(self.target())).map(|known| known.name.as_str()).collect();
        let near = nearest(&field.name, known.iter().copied());
        match &base.resolved().kind {
            Kind::Slot(index) => {
                let slot = self.slots.get(*index);
                let origin = slot.map_or("", |slot| slot.origin.as_str());
                errors::artifact_not_in_warehouse(field, origin, &known, near)
            }
            Kind::Result(index) => match self.results.get(*index).map(|result| &result.of) {
                Some(ResultOf::Step(step)) => errors::unknown_output(field, &step.name, &known, near),
                _ => errors::unknown_field(field, &base.ty, &known, near),
            },
            _ => errors::unknown_field(field, &base.ty, &known, near),
        }
    }

    fn ctx_member(&mut self, span: Span, base: &Expr, path: &str, field: &Ident) -> Expr {
        let Ty::Record(record) = &base.ty else { return Expr::error(span) };
        let record = record.clone();
        let Some((ty, spelling)) = self.record_member(base, &record, field) else { return Expr::error(span) };
        let own = spelling.unwrap_or_else(|| field.name.clone());
        let path = if path.is_empty() { own } else { Name::new(format!("{path}.{own}")) };
        let is_static = self.mode == Mode::Stage && (path == "stage" || path == "project");
        if !is_static && !self.in_promotion && path != "stage" && path != "project" {
            self.report(errors::ctx_not_here(&path, span));
            return Expr::error(span);
        }
        let time = if is_static { Time::Static } else { Time::Promotion };
        Expr { span, ty, time, kind: Kind::Context(path) }
    }

    pub(crate) fn index(&mut self, span: Span, base: &ast::Expr, index: &ast::Expr, safe: bool) -> Expr {
        let base = self.infer(base);
        let index = self.infer(index);
        if base.is_error() || index.is_error() {
            return Expr::error(span);
        }
        let (base, chained) = self.base_of_chain(base, safe);
        let time = base.time.max(index.time);
        let ty = match base.ty.present().clone() {
            Ty::Record(record) => self.record_index(&base, &record, &index),
            Ty::Map(item, face) => item_type(&item, face),
            Ty::List(item) => {
                if !matches!(index.ty, Ty::Int | Ty::Any) {
                    self.report(errors::type_mismatch(&index, &Ty::Int, "the index of a list"));
                }
                item_at(&base, &index).unwrap_or_else(|| (*item).clone().optional(Face::Nil))
            }
            Ty::Any => Ty::Any,
            _ => {
                self.report(errors::not_indexable(&base));
                Ty::Error
            }
        };
        if ty.is_error() {
            return Expr::error(span);
        }
        let ty = if chained { ty.optional(Face::Nil) } else { ty };
        let kind = Kind::Index { base: Box::new(base), index: Box::new(index), safe };
        let expr = Expr { span, ty, time, kind };
        self.narrowed(expr)
    }

    /// `it[name]` where `name` is one of a known list: each must be a field.
    fn record_index(&mut self, base: &Expr, record: &Record, index: &Expr) -> Ty {
        let Some(choices) = index.ty.choices() else {
            if index.time == Time::Static && index.ty.is_text() {
                // A computed name: whatever field it is.
                return super::literals::join_all(record.fields.iter().map(|field| field.ty.clone())).optional(Face::Nil);
            }
            self.report(errors::record_index_unknown(index, base));
            return Ty::Error;
        };
        let choices: Vec<Name> = choices.into_iter().map(Name::new).collect();
        let mut types = Vec::new();
        for choice in &choices {
            let field = Ident { name: choice.clone(), span: index.span };
            match self.record_member(base, record, &field) {
                Some((ty, _)) => types.push(ty),
                None => return Ty::Error,
            }
        }
        super::literals::join_all(types)
    }

    pub(crate) fn promoting(&mut self, span: Span, name: &Ident) -> Expr {
        let found = self.scopes.iter_mut().rev().find(|binding| binding.name == name.name);
        let target = match found {
            Some(binding) => {
                binding.used = true;
                let what = Meaning::of(&binding.what, &self.slots);
                self.world.note(|index| index.refer(name.span, binding.span, what));
                match &binding.what {
                    What::Slot(index) => Some(Kind::Slot(*index)),
                    What::Param { index, .. } => Some(Kind::Param(*index)),
                    What::Error => return Expr::error(span),
                    _ => None,
                }
            }
            None => return self.unknown_name(name.span, &name.name),
        };
        let Some(kind) = target else {
            self.report(errors::promoting_needs_slot(name));
            return Expr::error(span);
        };
        if let Some(version) = crate::library::Version::parse("1.6").and_then(|since| self.target().before(since)) {
            self.report(errors::too_new("`promoting`", span, "1.6", self.target(), version));
        }
        if !self.in_promotion {
            self.report(errors::promoting_not_here(span));
            return Expr::error(span);
        }
        let target = Expr { span: name.span, ty: Ty::Error, time: Time::Promotion, kind };
        Expr { span, ty: Ty::Bool, time: Time::Promotion, kind: Kind::Promoting(Box::new(target)) }
    }

    /// The value, which must be there; if it may be absent that is reported once, and taken for present afterwards.
    pub(crate) fn require_present(&mut self, expr: Expr, wanted: &str) -> Expr {
        if !expr.ty.is_optional() {
            return expr;
        }
        if self.mode != super::checker::Mode::Outside && is_computed_key(&expr) {
            return present(expr);
        }
        let report = self.absence(&expr, wanted);
        self.report(report);
        self.assume_present(&expr);
        let base = root_of(&expr);
        if let Some(base) = base {
            self.assume_present(&base);
        }
        let ty = match &expr.ty {
            Ty::Optional(inner, _) => (**inner).clone(),
            _ => Ty::Error,
        };
        Expr { span: expr.span, ty, time: expr.time, kind: Kind::Present(Box::new(expr)) }
    }

    fn absence(&self, expr: &Expr, wanted: &str) -> crate::diag::Diagnostic {
        let root = root_of(expr);
        match root.as_ref().map(|root| &root.kind) {
            Some(Kind::Slot(index)) => {
                let slots = &self.slots;
                let is_slot = matches!(expr.resolved().kind, Kind::Slot(_)) || root.as_ref().is_some_and(|root| root.ty.is_optional());
                match slots.get(*index) {
                    Some(slot) if is_slot => errors::slot_may_be_missing(expr, slot, slots),
                    _ => errors::may_be_absent(expr, &self.described(expr), wanted),
                }
            }
            Some(Kind::Result(index)) if root.as_ref().is_some_and(|root| root.ty.is_optional()) => match self.results.get(*index) {
                Some(result) => errors::skipped_step_output(expr, result, self.tail_from.is_some_and(|from| *index < from)),
                None => errors::may_be_absent(expr, &self.described(expr), wanted),
            },
            _ => errors::may_be_absent(expr, &self.described(expr), wanted),
        }
    }

    /// What a value is called in a message.
    fn described(&self, expr: &Expr) -> String {
        let bound = |wanted: &dyn Fn(&What) -> bool| self.scopes.iter().rev().find(|known| wanted(&known.what)).map(|known| &known.name);
        let name = match &expr.kind {
            Kind::Let(def) => Some(&def.name),
            Kind::Var(name) | Kind::Field { name, .. } => Some(name),
            Kind::Param(param) => bound(&|what| matches!(what, What::Param { index, .. } if index == param)),
            Kind::Local(local) => bound(&|what| matches!(what, What::Local { index, .. } if index == local)),
            Kind::Call { function, .. } => Some(&function.name),
            Kind::Index { .. } => return "this item".to_owned(),
            _ => None,
        };
        name.map_or("this value".to_owned(), |name| format!("`{name}`"))
    }

    pub(crate) fn text_value(expr: &Expr) -> Option<&str> {
        match &expr.resolved().kind {
            Kind::Value(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// `table[key]` where both are known for each instance, but not to the checker: whether the key is there is seen when
/// the instance is made (`flow::keys`).
pub(crate) fn is_computed_key(expr: &Expr) -> bool {
    let Kind::Index { base, index, .. } = &expr.kind else { return false };
    expr.time == Time::Static && index.ty.is_text() && matches!(base.ty.present(), Ty::Record(_) | Ty::Map(..))
}

fn present(expr: Expr) -> Expr {
    let ty = expr.ty.present().clone();
    Expr { span: expr.span, ty, time: expr.time, kind: Kind::Present(Box::new(expr)) }
}

/// The type of an item that is surely there: a constant index within a list that is written out.
fn item_at(list: &Expr, index: &Expr) -> Option<Ty> {
    let (Kind::List(elements), Kind::Value(Value::Int(index))) = (&list.resolved().kind, &index.resolved().kind) else { return None };
    let before = elements.get(..=usize::try_from(*index).ok()?)?;
    match before.last()? {
        Element::One(item) if before.iter().all(|element| matches!(element, Element::One(_))) => Some(item.ty.clone()),
        _ => None,
    }
}

/// What a key of a map gives. A credential that is not there is empty text wherever it goes, so nobody tests for it.
fn item_type(item: &Ty, face: Face) -> Ty {
    if item.is_secret() { item.clone() } else { item.clone().optional(face) }
}

/// The `let` that an expression reads from.
fn let_of(expr: &Expr) -> Option<&LetDef> {
    match &expr.kind {
        Kind::Let(def) => Some(def),
        Kind::Present(inner) => let_of(inner),
        _ => None,
    }
}

/// The slot, result or parameter that an expression reads from.
pub(crate) fn root_of(expr: &Expr) -> Option<Expr> {
    let mut expr = expr;
    loop {
        match &expr.kind {
            Kind::Field { base, .. } | Kind::Index { base, .. } => expr = base,
            Kind::Present(inner) => expr = inner,
            Kind::Let(def) => expr = &def.value,
            Kind::Slot(_) | Kind::Param(_) | Kind::Result(_) => return Some(expr.clone()),
            _ => return None,
        }
    }
}

/// For a field inside a `?.` chain: whether it may be absent by itself. `None` outside a chain.
fn own_type_in_chain(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        Kind::Field { base, name, safe, .. } => {
            let in_chain = *safe || own_type_in_chain(base).is_some();
            let own = match base.ty.present() {
                Ty::Record(record) => record.field(name).is_some_and(|field| field.optional),
                Ty::Map(_, face) => *face == Face::Nil,
                _ => false,
            };
            in_chain.then_some(own)
        }
        Kind::Index { base, safe, .. } => (*safe || own_type_in_chain(base).is_some()).then_some(true),
        _ => None,
    }
}
