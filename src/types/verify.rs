//! What verifies a stage: calls of analyses.

use std::sync::Arc;

use super::assign::constant;
use super::checker::Checker;
use super::errors;
use super::index::{Inside, Meaning};
use super::narrow::{Facts, Place as Spot, Root};
use super::parameters::{CallParameter, Callable};
use super::scope::SlotType;
use super::stage::{StageItem, VerifyCall};
use super::tree::Expr;
use crate::base::{Name, Span};
use crate::diag::{Diagnostic, nearest};
use crate::library::Place;
use crate::syntax::ast::{self, DeclNames, Item, ItemKind, StepBody};

impl Checker<'_, '_> {
    /// The calls of analyses. A slot is sure here only if an unconditional `require` of the promotion made it so.
    pub(crate) fn verify(&mut self, block: &ast::Block, span: Span) -> StageItem {
        let facts = std::mem::take(&mut self.facts);
        let mut required = Facts::default();
        for slot in self.required.clone() {
            required.add(Spot { root: Root::Slot(slot), path: Vec::new() });
        }
        self.facts = required;
        let (promotion, place) = (self.in_promotion, self.place);
        self.in_promotion = true;
        self.place = Place::Verification;
        let mut calls = Vec::new();
        let own = self.callables.clone();
        self.note_inside(block, || Inside::Verify(own));
        for item in &block.items {
            match &item.kind {
                ItemKind::Error => {}
                ItemKind::Step(step) => match &step.body {
                    StepBody::Args(args, _) => calls.extend(self.verify_call(&step.kind, args)),
                    StepBody::Block(_) => self.report(errors::verify_needs_call(&step.kind)),
                },
                _ => self.report(errors::misplaced_in(item, "verify")),
            }
        }
        self.same_arguments(&calls);
        self.in_promotion = promotion;
        self.place = place;
        self.facts = facts;
        let calls = calls.into_iter().map(|(call, _)| call).collect();
        StageItem::Verify { calls, span }
    }

    fn verify_call(&mut self, kind: &ast::Ident, args: &[ast::Arg]) -> Option<(VerifyCall, Callable)> {
        let callable = self.callable(kind)?;
        self.world.note(|index| index.refer(kind.span, callable.span, Meaning::Analysis(Arc::new(callable.clone()))));
        let parameters = &callable.parameters;
        let known: Vec<&str> = parameters.iter().map(|known| known.name.as_str()).collect();
        let mut given: Vec<(Name, Expr)> = Vec::new();
        let before = self.reports.len();
        for arg in args {
            let named = arg.name.as_ref().and_then(|name| Some((name.span, parameters.iter().find(|known| known.name == name.name)?)));
            let Some((at, CallParameter { name, span, ty, .. })) = named else {
                self.report(errors::unknown_argument(arg, &kind.name, &known));
                continue;
            };
            self.world.note(|index| index.refer(at, *span, Meaning::Parameter));
            let value = self.check_value(&arg.value, ty, &format!("argument `{name}` of `{}`", kind.name));
            given.push((name.clone(), value));
        }
        let is_missing = |name: &Name| !given.iter().any(|(known, _)| known == name);
        let missing: Vec<&str> =
            parameters.iter().filter(|known| known.needed && is_missing(&known.name)).map(|known| known.name.as_str()).collect();
        // What a misspelt argument was for is not missing as well.
        if !missing.is_empty() && self.reports.len() == before {
            self.report(errors::missing_arguments(&missing, &kind.name, kind.span, callable.span));
        }
        let call = VerifyCall { template: callable.cluster_name.clone(), kind: callable.object.clone(), span: kind.span, args: given };
        Some((call, callable))
    }

    /// What a call names: a template of the project, or one that exists elsewhere.
    fn callable(&mut self, kind: &ast::Ident) -> Option<Callable> {
        if let Some(own) = self.callables.iter().find(|callable| callable.name == kind.name) {
            return Some(own.clone());
        }
        let Some(external) = self.world.external(self.project, &kind.name) else {
            let mut known = self.world.external_names(self.project);
            known.extend(self.callables.iter().map(|callable| callable.name.clone()));
            self.report(errors::unknown_analysis(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
            return None;
        };
        let declaration = external.declaration;
        let sig = self.world.kind(self.project, &declaration.kind.name).filter(|sig| sig.rules.parameters.is_some());
        let Some((_, object)) = sig.and_then(|sig| sig.rules.object.clone()) else {
            self.report(errors::not_an_analysis(kind, &declaration.kind.name));
            return None;
        };
        let written = declaration.parameters.as_deref().unwrap_or_default().iter();
        let parameters = written.map(|parameter| CallParameter {
            name: parameter.name.name.clone(),
            span: parameter.name.span,
            ty: self.type_of(&parameter.ty),
            needed: !parameter.optional && parameter.default.is_none(),
            // Where it exists there may be another.
            default: None,
        });
        let (name, parameters) = (kind.name.clone(), parameters.collect());
        Some(Callable { cluster_name: name.clone(), name, object, span: external.span, parameters })
    }

    /// Kargo merges the arguments of all analyses into one run, so one name has one value.
    fn same_arguments(&mut self, calls: &[(VerifyCall, Callable)]) {
        let mut reports = Vec::new();
        for (at, (call, callable)) in calls.iter().enumerate() {
            let before = calls.get(..at).unwrap_or_default();
            if let Some((first, _)) = before.iter().find(|(other, _)| other.template == call.template) {
                reports.push(errors::duplicate("analysis", &call.template, call.span, first.span));
                continue;
            }
            for (name, value) in &call.args {
                let first = before.iter().flat_map(|(other, _)| &other.args).find(|(known, _)| known == name);
                if let Some((_, first)) = first.filter(|(_, first)| first.fingerprint() != value.fingerprint()) {
                    reports.push(errors::merged_argument(name, value.span, first.span));
                }
            }
            reports.extend(defaults(call, callable, before));
            reports
                .extend(before.iter().flat_map(|(other, known)| taken(call, callable, other).into_iter().chain(taken(other, known, call))));
        }
        self.reports.append(&mut reports);
    }
}

/// Two templates with different defaults for one name cannot be used together, whatever is given.
fn defaults(call: &VerifyCall, callable: &Callable, before: &[(VerifyCall, Callable)]) -> Option<Diagnostic> {
    let with_default = |callable: &Callable| {
        let known = callable.parameters.iter().filter_map(|found| Some((found.name.clone(), found.span, found.default.clone()?)));
        known.collect::<Vec<_>>()
    };
    let own = with_default(callable);
    let others = before.iter().flat_map(|(_, other)| with_default(other));
    let mut pairs = others
        .flat_map(|other| own.iter().filter(move |found| found.0 == other.0 && found.2 != other.2).map(move |found| (found, other.1)));
    pairs.next().map(|((name, at, _), first)| errors::merged_defaults(name, call.span, *at, first))
}

/// A value that one call leaves to its default and another one gives counts for both.
fn taken(call: &VerifyCall, callable: &Callable, other: &VerifyCall) -> Option<Diagnostic> {
    let left = callable.parameters.iter().filter(|found| !call.args.iter().any(|(known, _)| *known == found.name));
    let mut taken = left.filter_map(|found| {
        let default = found.default.as_ref()?;
        let (_, value) = other.args.iter().find(|(known, _)| *known == found.name)?;
        (constant(value) != Some(default)).then(|| errors::taken_argument(&found.name, &call.template, call.span, value.span))
    });
    taken.next()
}

/// The slots that a `require` at the top level of `promote` makes sure.
pub(crate) fn required_slots(items: &[Item], slots: &[SlotType]) -> Vec<usize> {
    let mut out = Vec::new();
    for item in items {
        let ItemKind::Step(step) = &item.kind else { continue };
        let (true, StepBody::Block(block)) = (step.kind.name == "promote", &step.body) else { continue };
        for inner in &block.items {
            let ItemKind::Declaration(declaration) = &inner.kind else { continue };
            if declaration.kind.name != "require" {
                continue;
            }
            let names: Vec<&str> = match &declaration.names {
                DeclNames::One(name) => name.as_constant().into_iter().collect(),
                DeclNames::List(elements, _) => elements.iter().filter_map(plain_name).collect(),
            };
            out.extend(slots.iter().enumerate().filter(|(_, slot)| names.contains(&slot.name.as_str())).map(|(index, _)| index));
        }
    }
    out
}

fn plain_name(element: &ast::Element) -> Option<&str> {
    match element {
        ast::Element::Expr(ast::Expr { kind: ast::ExprKind::Name(name), .. }) => Some(name),
        _ => None,
    }
}
