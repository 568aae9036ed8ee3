//! Faults of the target that a program runs into by using a thing. In: the rules of a step, a setting, a function or a
//! result, and where it is used. Out: a report, or a mark on the world where only older patches have the fault.

use super::checker::{Checker, Mode};
use super::errors;
use super::value::Value;
use crate::base::Span;
use crate::library::{Hazard, Met, Only, Rules};

impl Checker<'_, '_> {
    /// `name` is used at `at`, with this value where one is known.
    pub(crate) fn hazards(&mut self, rules: &Rules, name: &str, at: Span, value: Option<&Value>) {
        for hazard in &rules.hazards {
            if !self.concerns(hazard, value) {
                continue;
            }
            match hazard.met_by(self.target()) {
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
        }
    }
}
