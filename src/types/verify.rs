//! What verifies a stage: calls of analyses.

use super::checker::Checker;
use super::errors;
use super::narrow::{Facts, Place as Spot, Root};
use super::scope::SlotType;
use super::stage::{StageItem, VerifyCall};
use super::tree::Expr;
use crate::base::{Name, Span};
use crate::diag::nearest;
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
        StageItem::Verify { calls, span }
    }

    fn verify_call(&mut self, kind: &ast::Ident, args: &[ast::Arg]) -> Option<VerifyCall> {
        let Some(external) = self.world.external(self.project, &kind.name) else {
            let known = self.world.external_names(self.project);
            self.report(errors::unknown_analysis(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
            return None;
        };
        let declaration = external.declaration;
        let kind_name = match declaration.kind.name.as_str() {
            "analysis-template" => "AnalysisTemplate",
            "cluster-analysis-template" => "ClusterAnalysisTemplate",
            other => {
                self.report(errors::not_an_analysis(kind, other));
                return None;
            }
        };
        let parameters = declaration.parameters.as_deref().unwrap_or(&[]);
        let mut given: Vec<(Name, Expr)> = Vec::new();
        let before = self.reports.len();
        for arg in args {
            let Some(name) = &arg.name else {
                let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.name.as_str()).collect();
                self.report(errors::unknown_argument(arg, &kind.name, &known));
                continue;
            };
            let Some(parameter) = parameters.iter().find(|parameter| parameter.name.name == name.name) else {
                let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.name.as_str()).collect();
                self.report(errors::unknown_argument(arg, &kind.name, &known));
                continue;
            };
            let ty = self.type_of(&parameter.ty);
            let value = self.check_value(&arg.value, &ty, &format!("argument `{}` of `{}`", name.name, kind.name));
            given.push((name.name.clone(), value));
        }
        let missing: Vec<&str> = parameters
            .iter()
            .filter(|parameter| {
                !parameter.optional && parameter.default.is_none() && !given.iter().any(|(name, _)| *name == parameter.name.name)
            })
            .map(|parameter| parameter.name.name.as_str())
            .collect();
        // What a misspelt argument was for is not missing as well.
        if !missing.is_empty() && self.reports.len() == before {
            self.report(errors::missing_arguments(&missing, &kind.name, kind.span, external.span));
        }
        Some(VerifyCall { template: kind.name.clone(), kind: Name::new(kind_name), span: kind.span, args: given })
    }

    /// Kargo merges the arguments of all analyses into one run, so one name has one value.
    fn same_arguments(&mut self, calls: &[VerifyCall]) {
        let mut seen: Vec<(&Name, &Expr)> = Vec::new();
        let mut reports = Vec::new();
        for call in calls {
            if let Some(first) = calls.iter().take_while(|other| !std::ptr::eq(*other, call)).find(|other| other.template == call.template)
            {
                reports.push(errors::duplicate("analysis", &call.template, call.span, first.span));
                continue;
            }
            for (name, value) in &call.args {
                match seen.iter().find(|(known, _)| *known == name) {
                    Some((_, first)) if first.fingerprint() != value.fingerprint() => {
                        reports.push(errors::merged_argument(name, value.span, first.span));
                    }
                    Some(_) => {}
                    None => seen.push((name, value)),
                }
            }
        }
        self.reports.append(&mut reports);
    }
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
