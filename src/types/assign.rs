//! Whether a value fits where it stands.

use std::borrow::Cow;

use super::checker::Checker;
use super::errors;
use super::index::Wanted;
use super::tree::{Element, Expr, Kind, Part, Time};
use super::value::Value;
use crate::base::Span;
use crate::library::{Form, Rules, Sink, TextKind, Ty};
use crate::syntax::ast::{self, ExprKind};

/// Why a value does not fit.
pub(crate) enum Misfit {
    Type,
    Untrusted,
    Secret,
    Artifact,
    Choice,
}

impl Checker<'_, '_> {
    /// The value, checked against a type without rules.
    pub(crate) fn check_value(&mut self, expr: &ast::Expr, ty: &Ty, what: &str) -> Expr {
        self.check_against(expr, ty, &Rules::default(), what)
    }

    /// The value, checked against a type and the rules of the setting or parameter that it is for.
    pub(crate) fn check_against(&mut self, expr: &ast::Expr, ty: &Ty, rules: &Rules, what: &str) -> Expr {
        self.world.note(|index| index.wanted.push(Wanted { at: expr.span, ty: ty.clone() }));
        let value = self.checked_against(expr, ty, rules, what);
        self.note_value(&value);
        value
    }

    fn checked_against(&mut self, expr: &ast::Expr, ty: &Ty, rules: &Rules, what: &str) -> Expr {
        match (&expr.inner().kind, ty.present()) {
            (ExprKind::List(elements), Ty::List(_)) if rules.objects.is_some() => return self.name_list(elements, expr.span),
            (ExprKind::Record(block), Ty::Record(record)) => return self.check_record(expr.span, block, record, what),
            (ExprKind::Record(block), Ty::Map(item, _)) => return self.check_map(expr.span, block, item, rules, what),
            (ExprKind::List(elements), Ty::List(item)) => return self.check_list(expr.span, elements, item, rules, what),
            (_, Ty::Expression(envs)) => return self.bare_expression(expr, envs, rules, what),
            (ExprKind::Condition { test, then, otherwise }, _) => {
                return self.check_choice(expr.span, [test, then, otherwise], ty, rules, what);
            }
            _ => {}
        }
        let value = self.infer(expr);
        self.fit(value, ty, rules, what)
    }

    /// Each branch must fit by itself, with what the test makes known.
    fn check_choice(&mut self, span: Span, parts: [&ast::Expr; 3], ty: &Ty, rules: &Rules, what: &str) -> Expr {
        let [test, then, otherwise] = parts;
        let test = self.infer(test);
        let test = self.as_condition(test);
        let known = self.facts.clone();
        self.learn(&test, true);
        let then = self.check_against(then, ty, rules, what);
        self.facts = known.clone();
        self.learn(&test, false);
        let otherwise = self.check_against(otherwise, ty, rules, what);
        self.facts = known;
        let time = test.time.max(then.time).max(otherwise.time);
        let joined = super::literals::join(&then.ty, &otherwise.ty);
        Expr { span, ty: joined, time, kind: Kind::Choice { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) } }
    }

    fn check_list(&mut self, span: Span, elements: &[ast::Element], item: &Ty, rules: &Rules, what: &str) -> Expr {
        let mut time = Time::Static;
        // What counts for the list does not count for its items.
        let limited = rules.unique.is_some() || rules.min.is_some() || rules.max.is_some();
        let inner: Cow<'_, Rules> =
            if limited { Cow::Owned(Rules { unique: None, min: None, max: None, ..rules.clone() }) } else { Cow::Borrowed(rules) };
        let checked: Vec<Element> = elements
            .iter()
            .map(|element| {
                let (element, _, when) = self.element(element, |checker, expr| checker.check_against(expr, item, &inner, what));
                time = time.max(when);
                match element {
                    Element::Spread(value) => {
                        let list = Ty::List(std::sync::Arc::new(item.clone()));
                        Element::Spread(self.fit(value, &list, &inner, what))
                    }
                    other => other,
                }
            })
            .collect();
        let ty = Ty::List(std::sync::Arc::new(item.clone()));
        let expr = Expr { span, ty, time, kind: Kind::List(checked) };
        self.check_length(&expr, rules, what);
        self.check_unique(&expr, rules);
        expr
    }

    /// A typed value where `ty` is needed: as it is, or a report and `Error`.
    pub(crate) fn fit(&mut self, value: Expr, ty: &Ty, rules: &Rules, what: &str) -> Expr {
        let value = if value.ty.is_optional() && !accepts_absence(ty) {
            if matches!(value.ty, Ty::Null) {
                self.report(errors::null_not_allowed(&value, ty, what));
                return Expr::error(value.span);
            }
            self.require_present(value, what)
        } else {
            value
        };
        if rules.form == Some(Form::JsonBody)
            && let Some(value) = self.fit_json(&value, ty, what)
        {
            return value;
        }
        if let Err(misfit) = fits(&value.ty, ty) {
            if matches!(misfit, Misfit::Secret) && rules.sink == Some(Sink::Url) {
                return self.fit_secret_url(value, what);
            }
            let sink = rules.sink.unwrap_or(Sink::Ref);
            let report = match misfit {
                Misfit::Type => errors::type_mismatch(&value, ty, what),
                Misfit::Choice => errors::not_a_choice(&value, ty, what),
                Misfit::Artifact => errors::artifact_field(&value, what),
                Misfit::Secret => errors::secret_leak(&value, what),
                Misfit::Untrusted if sink == Sink::Code => errors::untrusted_in_code(&value, what),
                Misfit::Untrusted => errors::untrusted_ref(&value, what),
            };
            self.report(report);
            return Expr::error(value.span);
        }
        self.check_versions(&value.ty, ty, value.span);
        self.check_rules(&value, ty, rules, what);
        value
    }

    /// The settings in a value that is written elsewhere, for the versions of the target. What the library makes (an
    /// artifact, a result) is no setting.
    pub(crate) fn check_versions(&mut self, from: &Ty, to: &Ty, at: Span) {
        match (from.present(), to.present()) {
            (Ty::List(from), Ty::List(to)) | (Ty::Map(from, _), Ty::Map(to, _)) => self.check_versions(from, to, at),
            (Ty::Record(from), Ty::Record(to)) if from.name.is_none() && to.name.is_none() => {
                for field in &from.fields {
                    if to.field(&field.name).is_some()
                        && let Some(declared) = self.setting_field(to, &field.name, at, "")
                    {
                        self.check_versions(&field.ty, &declared.ty, at);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Checker<'_, '_> {
    /// A text that others read as JSON or YAML: `json(…)` may hold anything, since it escapes what stands in it; the
    /// author's own braces may not have foreign text between them. `None` where the ordinary rules decide.
    fn fit_json(&mut self, value: &Expr, ty: &Ty, what: &str) -> Option<Expr> {
        let resolved = value.resolved();
        if matches!(&resolved.kind, Kind::Call { function, .. } if function.name == super::json::NAME) {
            return (!value.ty.is_secret() || ty.present().is_secret()).then(|| value.clone());
        }
        let Kind::Text(parts) = &resolved.kind else { return None };
        let Some(Part::Text(start)) = parts.first() else { return None };
        let looks_like_json = start.trim_start().starts_with(['{', '[']);
        let foreign = parts.iter().find_map(|part| match part {
            Part::Expr(expr) if expr.ty.is_untrusted() || matches!(expr.ty, Ty::Any) => Some(expr),
            _ => None,
        });
        let foreign = foreign.filter(|_| looks_like_json)?;
        self.report(errors::untrusted_in_json(foreign, what));
        Some(Expr::error(value.span))
    }

    /// A credential in a text that Kargo shows in messages: it works, so it is only warned of. What others wrote still may
    /// not stand in it.
    fn fit_secret_url(&mut self, value: Expr, what: &str) -> Expr {
        let mut foreign = false;
        value.walk(&mut |expr| foreign |= expr.ty.is_untrusted() || matches!(expr.ty, Ty::Any));
        if foreign {
            self.report(errors::untrusted_ref(&value, what));
            return Expr::error(value.span);
        }
        self.report(errors::secret_in_url(&value, what));
        value
    }
}

fn accepts_absence(ty: &Ty) -> bool {
    matches!(ty, Ty::Optional(..) | Ty::Any | Ty::Error | Ty::Null)
}

/// Whether a value of type `from` can stand where `to` is needed, and is more than nothing.
pub(crate) fn fits_type(from: &Ty, to: &Ty) -> bool {
    !matches!(from, Ty::Error) && !matches!(to, Ty::Any | Ty::Error) && fits(from.present(), to).is_ok()
}

/// Whether a value of type `from` can stand where `to` is needed.
pub(crate) fn fits(from: &Ty, to: &Ty) -> Result<(), Misfit> {
    match (from, to) {
        (Ty::Error, _) | (_, Ty::Error) => Ok(()),
        (from, Ty::Any) if from.is_secret() => Err(Misfit::Secret),
        (_, Ty::Any) => Ok(()),
        (Ty::Any, to) if to.is_text() && !accepts_untrusted(to) => Err(Misfit::Untrusted),
        (Ty::Any, _) => Ok(()),
        (Ty::Null, Ty::Optional(..)) | (Ty::Null, Ty::Null) => Ok(()),
        (Ty::Optional(from, _), Ty::Optional(to, _)) => fits(from, to),
        (from, Ty::Optional(to, _)) => fits(from, to),
        (Ty::Union(members), to) if to.choices().is_none() || from.choices().is_some() => {
            members.iter().try_for_each(|member| fits(member, to))
        }
        (from, Ty::Union(members)) => fits_union(from, members),
        (Ty::Bool, Ty::Bool) | (Ty::Int, Ty::Int | Ty::Float) | (Ty::Float, Ty::Float) | (Ty::Duration, Ty::Duration) => Ok(()),
        (Ty::Duration, Ty::Text(_)) => Ok(()),
        (Ty::Literal(text), Ty::Duration) if super::value::canonical_duration(text) != *text || is_duration(text) => Ok(()),
        (Ty::Literal(a), Ty::Literal(b)) => {
            if a == b {
                Ok(())
            } else {
                Err(Misfit::Choice)
            }
        }
        (from, Ty::Literal(_)) if from.is_text() => Err(Misfit::Type),
        (Ty::Literal(_), Ty::Text(_)) => Ok(()),
        (Ty::Text(from), Ty::Text(to)) => fits_text(*from, *to),
        (Ty::List(from), Ty::List(to)) => fits(from, to),
        (Ty::Map(from, _), Ty::Map(to, _)) => fits(from, to),
        (Ty::Record(record), Ty::Map(to, _)) => record.fields.iter().try_for_each(|field| fits(&field.ty, to)),
        (Ty::Record(from), Ty::Record(to)) => fits_record(from, to),
        (Ty::Record(record), to) if to.is_text() && record.fields.iter().any(|field| field.rules.expr.is_some()) => Err(Misfit::Artifact),
        _ => Err(Misfit::Type),
    }
}

fn is_duration(text: &str) -> bool {
    regex_duration(text)
}

fn regex_duration(text: &str) -> bool {
    let mut rest = text;
    let mut any = false;
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if digits.len() == rest.len() {
            return false;
        }
        let unit = digits.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if unit.len() == digits.len() {
            return false;
        }
        any = true;
        rest = unit;
    }
    any
}

fn accepts_untrusted(ty: &Ty) -> bool {
    ty.members().iter().any(|member| matches!(member, Ty::Text(TextKind::Untrusted | TextKind::Secret)))
}

/// The reason of the first member that nearly fits counts; for enums that the text is none of them.
fn fits_union(from: &Ty, members: &[Ty]) -> Result<(), Misfit> {
    let mut reason = Misfit::Type;
    for member in members {
        match fits(from, member) {
            Ok(()) => return Ok(()),
            Err(Misfit::Type) => {}
            Err(other) => reason = other,
        }
    }
    Err(reason)
}

/// `Untrusted` as a sink takes any text but a credential, `Secret` any text; closed alphabets fit `String`, and the
/// author may write any of them by hand.
fn fits_text(from: TextKind, to: TextKind) -> Result<(), Misfit> {
    match (from, to) {
        (from, to) if from == to => Ok(()),
        (_, TextKind::Secret) => Ok(()),
        (TextKind::Secret, _) => Err(Misfit::Secret),
        (_, TextKind::Untrusted) => Ok(()),
        (TextKind::Untrusted, _) => Err(Misfit::Untrusted),
        (from, to) if from.is_closed() && to.is_closed() => Err(Misfit::Type),
        _ => Ok(()),
    }
}

fn fits_record(from: &crate::library::Record, to: &crate::library::Record) -> Result<(), Misfit> {
    for field in &to.fields {
        match from.field(&field.name) {
            Some(found) if found.optional && !field.optional => return Err(Misfit::Type),
            Some(found) => fits(&found.ty, &field.ty)?,
            None if field.optional => {}
            None => return Err(Misfit::Type),
        }
    }
    // A record with more fields fits a type that does not look at them, but not the settings of a target.
    let closed = to.open.is_none() && to.name.is_none();
    let extra = from.fields.iter().any(|field| to.field(&field.name).is_none());
    if closed && extra && from.name.is_none() { Err(Misfit::Type) } else { Ok(()) }
}

/// The constant text behind a value.
pub(crate) fn constant(value: &Expr) -> Option<&Value> {
    match &value.resolved().kind {
        Kind::Value(value) => Some(value),
        _ => None,
    }
}
