//! Types of expressions.

use std::sync::Arc;

use super::checker::{Checker, Mode};
use super::errors;
use super::index::Meaning;
use super::literals::join_all;
use super::scope::What;
use super::tree::{Binds, Comprehension, Element, Entry, EntryKey, Expr, Kind, Part, Time};
use super::value::Value;
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Field, Record, TextKind, Ty};
use crate::syntax::ast::{self, DeclNames, ExprKind, ItemKind, TextPart};

impl Checker<'_, '_> {
    /// The typed expression; what is wrong in it is reported and becomes `Error`.
    pub(crate) fn infer(&mut self, expr: &ast::Expr) -> Expr {
        let value = self.inferred(expr);
        self.note_value(&value);
        value
    }

    fn inferred(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Error => Expr::error(span),
            ExprKind::Null => Expr::value(span, Ty::Null, Value::Null),
            ExprKind::Bool(value) => Expr::value(span, Ty::Bool, Value::Bool(*value)),
            ExprKind::Int(value) => Expr::value(span, Ty::Int, Value::Int(*value)),
            ExprKind::Float(value) => Expr::value(span, Ty::Float, Value::Float(*value)),
            ExprKind::Duration(text) => Expr::value(span, Ty::Duration, Value::Duration(text.clone())),
            ExprKind::Text(parts) => self.text(span, parts),
            ExprKind::Name(name) => self.name(span, name),
            ExprKind::Paren(inner) => self.infer(inner),
            ExprKind::List(elements) => self.list(span, elements),
            ExprKind::Record(block) => self.record(span, block),
            ExprKind::Member { base, field, safe } => self.member(span, base, field, *safe),
            ExprKind::Index { base, index, safe } => self.index(span, base, index, *safe),
            ExprKind::Call { callee, args } => self.call_expr(span, callee, args),
            ExprKind::Unary { op, operand } => self.unary(span, *op, operand),
            ExprKind::Binary { op, op_span, left, right } => self.binary(span, *op, *op_span, left, right),
            ExprKind::Condition { test, then, otherwise } => self.choice(span, test, then, otherwise),
            ExprKind::Promoting(name) => self.promoting(span, name),
            ExprKind::Lambda { .. } => {
                self.report(errors::lambda_misplaced(span));
                Expr::error(span)
            }
            ExprKind::Raw { text, places, ty } => self.raw(span, text, places, ty),
            ExprKind::RawRecord(_) => {
                self.report(errors::raw_as_value(span));
                Expr::error(span)
            }
        }
    }

    pub(crate) fn name(&mut self, span: Span, name: &Name) -> Expr {
        if let Some(found) = self.lookup_var(name, span) {
            return found;
        }
        if let Some(found) = self.lookup(name, span) {
            return found;
        }
        if name == "ctx" {
            return self.ctx(span);
        }
        self.unknown_name(span, name)
    }

    /// Variables of Kargo are read by their name.
    fn lookup_var(&mut self, name: &str, span: Span) -> Option<Expr> {
        let binding = self.scopes.iter_mut().rev().find(|binding| binding.name == name)?;
        let What::Var { ty, .. } = &binding.what else { return None };
        binding.used = true;
        let (ty, declared) = (ty.clone(), binding.span);
        self.world.note(|index| index.refer(span, declared, Meaning::Var));
        let expr = Expr { span, ty, time: Time::Promotion, kind: Kind::Var(Name::new(name)) };
        Some(self.narrowed(expr))
    }

    pub(crate) fn unknown_name(&mut self, span: Span, name: &Name) -> Expr {
        self.note_seen(name);
        if self.first_time_unknown(name) {
            let names = self.visible_names();
            let ended = self.ended.iter().rev().find(|(known, _)| known == name).map(|(_, span)| *span);
            let report = if let Some(bound) = ended {
                errors::bound_in_block(name, span, bound)
            } else if let Some(result) = self.later_result(name) {
                errors::result_before_step(name, span, result)
            } else if self.world.library.function(name).is_some() {
                errors::function_without_call(name, span)
            } else if self.mode == Mode::Stage && self.is_warehouse(name) {
                errors::warehouse_without_slot(name, span)
            } else {
                let near = nearest(name, names.iter().map(Name::as_str));
                self.use_meant(near.or(name.split_once('-').map(|(left, _)| left)).unwrap_or_default());
                errors::unknown_name(name, span, near)
            };
            self.report(report);
        }
        Expr::error(span)
    }

    fn is_warehouse(&self, name: &Name) -> bool {
        let own = self.world.program.projects.iter().filter(|project| project.scope == self.project);
        let mut declared = own.flat_map(|project| &project.items).filter_map(|item| match &item.kind {
            ItemKind::Declaration(found) if found.kind.name == "warehouse" => Some(&found.names),
            _ => None,
        });
        declared.any(|names| matches!(names, DeclNames::One(found) if found.as_constant() == Some(name.as_str())))
    }

    fn ctx(&mut self, span: Span) -> Expr {
        let ty = crate::library::TypeScope::named_type(self.world.library, "Ctx").unwrap_or(Ty::Error);
        if self.mode == Mode::Outside {
            self.report(errors::ctx_outside(span));
            return Expr::error(span);
        }
        Expr { span, ty, time: Time::Promotion, kind: Kind::Context(Name::default()) }
    }

    fn text(&mut self, span: Span, parts: &[TextPart]) -> Expr {
        if let [TextPart::Text(text)] = parts {
            return Expr::value(span, Ty::Literal(Name::new(text)), Value::text(text));
        }
        if parts.is_empty() {
            return Expr::value(span, Ty::Literal(Name::default()), Value::text(""));
        }
        let mut out = Vec::with_capacity(parts.len());
        let mut kind = TextKind::String;
        let mut time = Time::Static;
        let mut failed = false;
        for part in parts {
            match part {
                TextPart::Text(text) => out.push(Part::Text(Arc::from(text.as_str()))),
                TextPart::Interpolation(inner) => {
                    let value = self.infer(inner);
                    let value = self.interpolated(value);
                    failed |= value.is_error();
                    kind = join_trust(kind, &value.ty);
                    time = time.max(value.time);
                    out.push(Part::Expr(value));
                }
            }
        }
        if failed {
            return Expr { span, ty: Ty::Error, time: Time::Static, kind: Kind::Error };
        }
        Expr { span, ty: Ty::Text(kind), time, kind: Kind::Text(out) }
    }

    /// A value inside a text: something that has a text, and that is there.
    fn interpolated(&mut self, value: Expr) -> Expr {
        let value = self.require_present(value, "the text around it");
        match &value.ty {
            Ty::Error | Ty::Any | Ty::Bool | Ty::Int | Ty::Float | Ty::Duration => value,
            ty if ty.is_text() => value,
            // A placeholder is a text, whatever fills it in.
            _ if matches!(value.kind, Kind::Placeholder(_)) => value,
            _ => {
                self.report(errors::no_text(&value));
                Expr::error(value.span)
            }
        }
    }

    fn list(&mut self, span: Span, elements: &[ast::Element]) -> Expr {
        let mut types = Vec::new();
        let mut time = Time::Static;
        let elements: Vec<Element> = elements
            .iter()
            .map(|element| {
                let (element, ty, when) = self.element(element, |checker, expr| checker.infer(expr));
                types.push(ty);
                time = time.max(when);
                element
            })
            .collect();
        let item = join_all(types);
        Expr { span, ty: Ty::List(Arc::new(item)), time, kind: Kind::List(elements) }
    }

    /// One element of a list with the type of its items; `each` types an item.
    pub(crate) fn element(&mut self, element: &ast::Element, each: impl Fn(&mut Self, &ast::Expr) -> Expr) -> (Element, Ty, Time) {
        match element {
            ast::Element::Expr(expr) => {
                let value = each(self, expr);
                let (ty, time) = (value.ty.clone(), value.time);
                (Element::One(value), ty, time)
            }
            ast::Element::Spread(expr) => {
                let value = self.infer(expr);
                let time = value.time;
                let ty = match &value.ty {
                    Ty::List(item) => (**item).clone(),
                    Ty::Error | Ty::Any => Ty::Error,
                    _ => {
                        self.report(errors::not_a_list(&value));
                        Ty::Error
                    }
                };
                (Element::Spread(value), ty, time)
            }
            ast::Element::For(found) => self.comprehension(found, each),
        }
    }

    fn comprehension(&mut self, found: &ast::Comprehension, each: impl Fn(&mut Self, &ast::Expr) -> Expr) -> (Element, Ty, Time) {
        let range = self.loop_range(&found.over);
        let scope = self.open_scope();
        let locals = self.locals;
        let binds = self.bind_range(&found.first, found.second.as_ref(), &range);
        let condition = found.condition.as_ref().map(|condition| {
            let condition = self.condition(condition);
            self.require_static(condition, "the condition of a comprehension")
        });
        let value = each(self, &found.value);
        self.close_scope(scope);
        self.drop_locals(locals);
        let (ty, time) = (value.ty.clone(), value.time);
        (Element::For(Box::new(Comprehension { over: range.over, condition, value, binds })), ty, time)
    }

    /// The types of a loop's key and item.
    pub(super) fn round_types(&mut self, over: &Expr) -> (Ty, Ty) {
        let mut is_broken = over.is_error();
        let (key, item) = match over.ty.present() {
            Ty::List(item) => (Ty::Int, (**item).clone()),
            Ty::Map(item, _) => (Ty::STRING, (**item).clone()),
            Ty::Record(record) => {
                is_broken = record.fields.iter().any(|field| field.ty.is_error());
                let item = if is_broken { Ty::Error } else { join_all(record.fields.iter().map(|field| field.ty.clone())) };
                (join_all(record.fields.iter().map(|field| Ty::Literal(field.name.clone()))), item)
            }
            Ty::Error | Ty::Any => (Ty::Error, Ty::Error),
            _ => {
                self.report(errors::not_iterable(over));
                (Ty::Error, Ty::Error)
            }
        };
        if is_broken {
            // What the loop would have made is not known.
            ["stage", "warehouse", "flow"].iter().for_each(|word| self.world.lose(word));
        }
        (key, item)
    }

    /// Binds the variables of a loop over a list or map that is known while compiling.
    pub fn bind_loop(&mut self, first: &ast::Ident, second: Option<&ast::Ident>, over: &Expr) -> Binds {
        let (key, item) = self.round_types(over);
        let is_map = matches!(over.ty, Ty::Map(..) | Ty::Record(_));
        match second {
            Some(second) => {
                self.bind_local(first.name.clone(), first.span, key);
                self.bind_local(second.name.clone(), second.span, item);
                Binds::KeyAndItem
            }
            None => {
                if is_map {
                    self.report(errors::map_needs_two_names(first, over));
                }
                self.bind_local(first.name.clone(), first.span, item);
                Binds::Item
            }
        }
    }

    /// A record without an expected type: free fields.
    pub(crate) fn record(&mut self, span: Span, block: &ast::Block) -> Expr {
        let mut record = Record::default();
        let mut entries = Vec::new();
        let mut time = Time::Static;
        let mut spread_maps = Vec::new();
        let mut is_broken = false;
        // Only what stands here by its name; it may replace what a spread brought.
        let mut named: Vec<(Name, Span)> = Vec::new();
        for item in &block.items {
            match &item.kind {
                ast::ItemKind::Setting { key, value } => {
                    let key = self.entry_key(key);
                    let value = self.infer(value);
                    time = time.max(value.time);
                    match &key {
                        EntryKey::Name(name, at) => {
                            if let Some((_, first)) = named.iter().find(|(known, _)| known == name) {
                                self.report(errors::duplicate("setting", name, *at, *first));
                            }
                            named.push((name.clone(), *at));
                            record.fields.retain(|known| known.name != *name);
                            record.fields.push(plain_field(name.clone(), *at, &value.ty));
                        }
                        EntryKey::Computed(_) => spread_maps.push(value.ty.clone()),
                    }
                    entries.push(Entry::Field { key, value });
                }
                ast::ItemKind::Spread(inner) => {
                    let value = self.infer(inner);
                    time = time.max(value.time);
                    match &value.ty {
                        Ty::Record(inner) => spread_fields(&mut record, inner),
                        Ty::Map(..) | Ty::Any if value.time == Time::Promotion => self.report(errors::spread_of_unknown_keys(&value)),
                        Ty::Map(item, _) => spread_maps.push((**item).clone()),
                        Ty::Error => {}
                        _ => self.report(errors::not_a_record(&value)),
                    }
                    entries.push(Entry::Spread(value));
                }
                ast::ItemKind::Error => is_broken = true,
                _ => {
                    self.report(errors::not_a_setting(item.span));
                    self.world.lose("");
                    is_broken = true;
                }
            }
        }
        if is_broken {
            return Expr::error(span);
        }
        let ty = if spread_maps.is_empty() {
            Ty::Record(Arc::new(record))
        } else {
            let all = record.fields.into_iter().map(|field| field.ty).chain(spread_maps);
            Ty::Map(Arc::new(join_all(all)), crate::library::Face::Nil)
        };
        Expr { span, ty, time, kind: Kind::Record(entries) }
    }

    pub(crate) fn entry_key(&mut self, key: &ast::Key) -> EntryKey {
        match &key.text {
            ast::KeyText::Word(name) => EntryKey::Name(name.clone(), key.span),
            ast::KeyText::Text(text) => match text.as_plain_text() {
                Some(text) => EntryKey::Name(Name::new(text), key.span),
                None => {
                    let text = self.check_value(text, &Ty::STRING, "a key");
                    EntryKey::Computed(Box::new(self.require_static(text, "a key")))
                }
            },
        }
    }

    pub(crate) fn name_elements(&mut self, elements: &[ast::Element]) -> Vec<Element> {
        elements
            .iter()
            .map(|element| match element {
                ast::Element::Expr(expr) => Element::One(self.name_like(expr)),
                ast::Element::Spread(expr) => {
                    let value = self.check_value(expr, &Ty::List(Arc::new(Ty::STRING)), "a list of names");
                    Element::Spread(self.require_static(value, "a list of names"))
                }
                ast::Element::For(found) => {
                    let (element, _, _) = self.comprehension(found, |checker, expr| {
                        let value = checker.check_value(expr, &Ty::STRING, "a name");
                        checker.require_static(value, "a name")
                    });
                    element
                }
            })
            .collect()
    }
}

fn plain_field(name: Name, span: Span, ty: &Ty) -> Field {
    let mut field = Field::plain(name, span, ty.present().clone());
    if ty.is_optional() {
        field.optional = true;
        field.ty = if matches!(ty, Ty::Null) { Ty::Any } else { field.ty };
    }
    field
}

fn spread_fields(record: &mut Record, inner: &Record) {
    for field in &inner.fields {
        match record.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field.clone(),
            None => record.fields.push(field.clone()),
        }
    }
}

/// Text joined with a value is worth what the lesser of the two is.
pub(crate) fn join_trust(known: TextKind, ty: &Ty) -> TextKind {
    if known == TextKind::Secret || ty.is_secret() {
        TextKind::Secret
    } else if known == TextKind::Untrusted || ty.is_untrusted() || matches!(ty, Ty::Any) {
        TextKind::Untrusted
    } else {
        TextKind::String
    }
}
