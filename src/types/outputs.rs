//! Results that depend on what the step is given: named like its settings, named by one of them, or absent with one. Their
//! types may be declared by the author: `let r: { url: String } = http { … }`.

use std::sync::Arc;

use super::assign::{constant, fits};
use super::checker::Checker;
use super::errors;
use super::tree::{Comprehension, Element, Entry, EntryKey, Expr, Kind, ResultOf};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Face, Field, Record, Rules, StepSig, TextKind, Ty};
use crate::syntax::ast::TypeExpr;

/// The step with the results that it has when it is given these settings. `is_unclear`: whether part of the program could not be read.
pub(crate) fn with_outputs_of(kind: Arc<StepSig>, settings: &Expr, is_unclear: impl FnOnce() -> bool) -> Arc<StepSig> {
    let outputs = if kind.rules.outputs_like_settings {
        like_settings(settings)
    } else if let Some((list, name)) = &kind.rules.outputs_from {
        named_by(settings, list, name, is_unclear())
    } else if kind.outputs.fields.iter().any(|field| field.rules.absent_when.is_some() || field.rules.keyed.is_some()) {
        with_keys(without_absent(&kind.outputs, settings), settings, is_unclear())
    } else {
        return kind;
    };
    replaced(&kind, outputs)
}

fn replaced(kind: &StepSig, outputs: Record) -> Arc<StepSig> {
    Arc::new(StepSig {
        name: kind.name.clone(),
        span: kind.span,
        doc: kind.doc.clone(),
        rules: kind.rules.clone(),
        settings: Arc::clone(&kind.settings),
        outputs: Arc::new(outputs),
        is_library: kind.is_library,
    })
}

fn entries(expr: &Expr) -> &[Entry] {
    match &expr.kind {
        Kind::Record(entries) => entries,
        _ => &[],
    }
}

/// The value of a setting; `None` if it is not given, or only by a spread.
fn given<'e>(expr: &'e Expr, wanted: &str) -> Option<&'e Expr> {
    entries(expr).iter().find_map(|entry| match entry {
        Entry::Field { key: EntryKey::Name(name, _), value } if name == wanted => Some(value),
        _ => None,
    })
}

fn like_settings(settings: &Expr) -> Record {
    let mut outputs = Record::default();
    let mut add = |name: &Name, span: Span, ty: &Ty| {
        // A record that Kargo looked up has other names once it is a result.
        let ty = match ty.present() {
            Ty::Literal(_) => Ty::STRING,
            ty if ty.is_text() || matches!(ty, Ty::Bool | Ty::Int | Ty::Float | Ty::Error) => ty.clone(),
            _ => Ty::Any,
        };
        outputs.fields.retain(|known| known.name != *name);
        outputs.fields.push(Field::plain(name.clone(), span, ty));
    };
    let mut open = None;
    for entry in entries(settings) {
        match entry {
            Entry::Field { key: EntryKey::Name(name, span), value } => add(name, *span, &value.ty),
            Entry::Spread(value) if value.ty.record().is_some() => {
                value.ty.record().into_iter().flat_map(|record| &record.fields).for_each(|field| add(&field.name, field.span, &field.ty));
            }
            _ => open = Some(Ty::Any),
        }
    }
    outputs.open = open;
    outputs
}

/// Results named in the items of a list. Where a name is not known, any name may be one.
fn named_by(settings: &Expr, list: &str, name: &str, unclear: bool) -> Record {
    let mut outputs = Record { open: unclear.then_some(Ty::Error), ..Record::default() };
    let Some(list) = given(settings, list) else {
        let is_sure = !entries(settings).iter().any(|entry| matches!(entry, Entry::Spread(_)));
        if !is_sure {
            outputs.open = Some(Ty::UNTRUSTED);
        }
        return outputs;
    };
    let Kind::List(elements) = &list.kind else {
        outputs.open = Some(if list.is_error() { Ty::Error } else { Ty::UNTRUSTED });
        return outputs;
    };
    for element in elements {
        let item = match element {
            Element::One(item) => Some(item),
            Element::For(found) => Some(item_of(found)),
            Element::Spread(_) => None,
        };
        match item.and_then(|item| given(item, name).map(|name| (item, name))) {
            Some((item, name)) => add_named(&mut outputs, item, name),
            // An item without a name was reported.
            None if item.is_some() => outputs.open = Some(Ty::Error),
            None => outputs.open = Some(Ty::UNTRUSTED),
        }
    }
    outputs
}

fn item_of(found: &Comprehension) -> &Expr {
    &found.value
}

fn add_named(outputs: &mut Record, item: &Expr, name: &Expr) {
    let names: Option<Vec<Name>> = match constant(name).and_then(|value| value.as_text()) {
        Some(text) => Some(vec![Name::new(text)]),
        None => name.ty.choices().map(|choices| choices.into_iter().map(Name::new).collect()),
    };
    let Some(names) = names else {
        outputs.open = Some(Ty::UNTRUSTED);
        return;
    };
    let body = entries(item).iter().find_map(|entry| match entry {
        Entry::Field { value: Expr { kind: Kind::Lambda(body), .. }, .. } => Some(&**body),
        _ => None,
    });
    let (ty, face) = body.map_or((Ty::Error, None), |body| (type_of_result(&body.ty), face_of(body)));
    for own in names.iter().filter(|own| outputs.field(own).is_none()).cloned().collect::<Vec<_>>() {
        let rules = Rules { empty: face == Some(Face::Empty), ..Rules::default() };
        outputs.fields.push(Field { optional: face.is_some(), rules: Arc::new(rules), ..Field::plain(own, name.span, ty.clone()) });
    }
}

/// What an expression gives where the thing is absent that it reads; `?.` says that it may be.
fn face_of(body: &Expr) -> Option<Face> {
    let is_careful = |mut expr: &Expr| loop {
        match &expr.kind {
            Kind::Field { base, safe, .. } | Kind::Index { base, safe, .. } if !safe => expr = base,
            Kind::Field { .. } | Kind::Index { .. } => return true,
            _ => return false,
        }
    };
    body.ty.face().or_else(|| (matches!(body.ty, Ty::Any) && is_careful(body)).then_some(Face::Nil))
}

/// What is known of a value that an expression takes from an answer or a file: little, unless the expression makes it.
fn type_of_result(ty: &Ty) -> Ty {
    match ty.present() {
        Ty::Literal(_) => Ty::STRING,
        Ty::Text(TextKind::Secret) => Ty::UNTRUSTED,
        ty @ (Ty::Bool | Ty::Int | Ty::Float | Ty::Text(_) | Ty::Error) => ty.clone(),
        _ => Ty::UNTRUSTED,
    }
}

/// A result that one setting makes absent: without it, it is there; with it, it may not be.
fn without_absent(outputs: &Record, settings: &Expr) -> Record {
    let is_given = |name: &Name| given(settings, name).is_some() || entries(settings).iter().any(|entry| matches!(entry, Entry::Spread(_)));
    let fields = outputs.fields.iter().map(|field| match &field.rules.absent_when {
        Some(name) if !is_given(name) => {
            let rules = Rules { absent: None, absent_when: None, ..(*field.rules).clone() };
            Field { rules: Arc::new(rules), ..field.clone() }
        }
        _ => field.clone(),
    });
    Record { name: outputs.name.clone(), fields: fields.collect(), open: outputs.open.clone() }
}

/// A map that has an entry for each item of a setting: a record of these, as far as their names are written there.
fn with_keys(mut outputs: Record, settings: &Expr, unclear: bool) -> Record {
    for field in &mut outputs.fields {
        let (Some((list, names)), Ty::Map(item, _)) = (&field.rules.keyed, &field.ty) else { continue };
        let known = given(settings, list).filter(|_| !unclear).and_then(|list| keys(list, names));
        if let Some(known) = known {
            let fields = known.into_iter().map(|(name, at)| Field::plain(name, at, (**item).clone())).collect();
            field.ty = Ty::Record(Arc::new(Record { name: None, fields, open: None }));
        }
    }
    outputs
}

/// The names of the items, and where they are written; `None` unless all are.
fn keys(list: &Expr, names: &[Name]) -> Option<Vec<(Name, Span)>> {
    let Kind::List(elements) = &list.kind else { return None };
    let keys = elements.iter().map(|element| {
        let Element::One(item) = element else { return None };
        let is_whole = entries(item).iter().all(|entry| matches!(entry, Entry::Field { key: EntryKey::Name(..), .. }));
        let name = names.iter().find_map(|name| given(item, name)).filter(|_| is_whole)?;
        Some((Name::new(constant(name)?.as_text()?), name.span))
    });
    keys.collect()
}

impl Checker<'_, '_> {
    /// `let r: { … } = step { … }`: the author says what the results are. Where they are known that is only compared.
    pub(crate) fn declare_result(&mut self, at: Span, written: &TypeExpr) {
        let Some(index) = self.results.iter().rposition(|result| result.name.is_some() && result.span == at) else { return };
        let declared = match self.type_of(written) {
            Ty::Record(record) => record,
            Ty::Error => return,
            _ => return self.report(errors::result_type_not_record(written.span)),
        };
        let Some(ResultOf::Step(kind)) = self.results.get(index).map(|result| result.of.clone()) else {
            let ty = self.result_type(index);
            let wanted = Ty::Record(declared);
            if fits(&ty, &wanted).is_err() {
                self.report(errors::result_type_mismatch("of this call", written.span, &wanted, &ty));
            }
            return;
        };
        let mut outputs = Record { name: None, fields: kind.outputs.fields.clone(), open: kind.outputs.open.clone() };
        for field in &declared.fields {
            self.declare_field(&kind, field, &mut outputs);
        }
        let kind = replaced(&kind, outputs);
        if let Some(result) = self.results.get_mut(index) {
            result.of = ResultOf::Step(kind);
        }
    }

    fn declare_field(&mut self, kind: &StepSig, declared: &Field, outputs: &mut Record) {
        if declared.ty.is_secret() {
            return self.report(errors::secret_result(declared.span));
        }
        let is_named = kind.rules.outputs_from.is_some() || kind.rules.outputs_like_settings;
        match outputs.fields.iter_mut().find(|known| known.name == declared.name) {
            Some(known) if is_named && (known.ty.is_untrusted() || matches!(known.ty, Ty::Any | Ty::Error)) => {
                let is_empty_text = known.optional && known.rules.empty;
                *known = declared.clone();
                // The author says that it may be absent; what is left then the expression knows.
                if is_empty_text && declared.read_type().is_optional() {
                    known.ty = declared.ty.present().clone();
                    known.optional = true;
                    known.rules = Arc::new(Rules { empty: true, ..(*declared.rules).clone() });
                }
            }
            Some(known) => {
                if fits(&known.read_type(), &declared.read_type()).is_err() {
                    let actual = known.read_type();
                    self.report(errors::result_type_mismatch(&declared.name, declared.span, &declared.read_type(), &actual));
                }
            }
            None if outputs.open.is_some() => outputs.fields.push(declared.clone()),
            None => {
                let known: Vec<&str> = outputs.fields.iter().map(|field| field.name.as_str()).collect();
                let near = nearest(&declared.name, known.iter().copied());
                self.report(errors::undeclared_output(&declared.name, declared.span, &kind.name, &known, near));
            }
        }
    }
}
