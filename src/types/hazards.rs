//! Faults of the target that a program runs into by using a thing. In: the rules of a step, a setting, a function or a
//! result, and where it is used. Out: a report, or a mark on the world where only older patches have the fault.

use super::checker::{Checker, Mode};
use super::errors;
use super::tree::{Expr, Kind, Time};
use super::value::Value;
use crate::base::Span;
use crate::library::{Hazard, Met, Only, Rules};
use crate::syntax::ast::BinaryOp;

impl Checker<'_, '_> {
    /// `name` is used at `at`, with this value where one is known.
    pub(crate) fn hazards(&mut self, rules: &Rules, name: &str, at: Span, value: Option<&Value>) {
        for hazard in &rules.hazards {
            if !self.concerns(hazard, value) {
                continue;
            }
            match hazard.met_by(self.target()) {
                // Without an object there is no fault: the steps stand in the place of each call.
                Met::In(_) if matches!(hazard.only, Only::InTask) && !self.in_cluster_task => {
                    self.avoided = self.avoided.or(Some(hazard.check));
                }
                Met::In(version) => {
                    // A text that is used everywhere is one mistake.
                    let text = value.and_then(Value::as_text).filter(|_| matches!(hazard.only, Only::Matches(_)));
                    if text.is_none_or(|text| self.world.first_report(format!("{} {text}", hazard.check.name()))) {
                        self.report(errors::hazard(hazard, name, at, self.target(), version));
                    }
                }
                Met::Earlier(last) => self.world.mark_older_patch(self.target().product(), last, hazard),
                Met::Not => {}
            }
        }
    }

    fn concerns(&self, hazard: &Hazard, value: Option<&Value>) -> bool {
        match &hazard.only {
            Only::All => true,
            Only::Above(limit) => matches!(value, Some(Value::Int(number)) if number > limit),
            Only::Matches(pattern) => value.and_then(Value::as_text).is_some_and(|text| pattern.is_match(text.as_bytes())),
            Only::Is(wanted) => value.and_then(Value::interpolated).is_some_and(|text| *wanted == text.as_str()),
            Only::InTask => self.mode == Mode::Task,
            Only::InVariable => false,
        }
    }

    /// How steps ended, where a condition asks for one end alone that no step has.
    pub(super) fn status_hazards(&mut self, condition: &Expr) {
        let Some(function) = self.asked_status.clone() else { return };
        let mut asked: Vec<(usize, Value, Span)> = Vec::new();
        condition.walk(&mut |expr| {
            let Kind::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, left, right } = &expr.kind else { return };
            for (side, other) in [(left, right), (right, left)] {
                if let (Some(result), Kind::Value(value)) = (status_of(side), &other.resolved().kind) {
                    asked.push((result, value.clone(), other.span));
                }
            }
        });
        for (result, value, at) in &asked {
            if asked.iter().all(|(other, known, _)| other != result || known == value) {
                self.hazards(&function.rules, &function.name, *at, Some(value));
            }
        }
    }

    /// Faults of a setting that cannot hold what calls functions, so that such a value goes through a variable.
    pub(super) fn variable_hazards(&mut self, rules: &Rules, name: &str, value: &Expr) {
        let concerned = |hazard: &&Hazard| matches!(hazard.only, Only::InVariable);
        for hazard in rules.hazards.iter().filter(concerned).filter(|_| calls_functions(value)) {
            match hazard.met_by(self.target()) {
                Met::In(version) => self.report(errors::hazard(hazard, name, value.span, self.target(), version)),
                Met::Earlier(last) => self.world.mark_older_patch(self.target().product(), last, hazard),
                Met::Not => {}
            }
        }
    }
}

/// Whether a value surely calls functions of the target: it reads freight, or says so. What a task is passed may.
fn calls_functions(value: &Expr) -> bool {
    value.time == Time::Promotion
        && value.some(|part| match &part.kind {
            Kind::Slot(_) => true,
            Kind::Call { .. } => part.time == Time::Promotion,
            Kind::Param(_) => part.ty.present().record().is_some_and(|record| record.name.is_some()),
            _ => false,
        })
}

/// The step that an expression asks the status of, also where a `let` has kept the answer.
fn status_of(expr: &Expr) -> Option<usize> {
    match &expr.resolved().kind {
        Kind::Status(result) => Some(*result),
        Kind::Let(def) => status_of(&def.value),
        _ => None,
    }
}
