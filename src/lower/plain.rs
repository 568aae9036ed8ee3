//! Settings that the target also evaluates by itself, without its functions (`@plain`): Kargo looks which Applications an
//! `argocd-update` waits for, and is not woken by one whose name calls a function. Variables are evaluated with them.

use super::code::Code;
use super::cx::{Cx, Params, Reading};
use crate::emit::yaml::Yaml;
use crate::library::{Place, Rules};
use crate::types::tree::{Expr, Kind, Time};

/// The names of variables that only the compiler gives begin like this.
const OWN_VARIABLE: &str = "loadline_";

/// The variables that settings needed.
#[derive(Default)]
pub(crate) struct PlainVariables {
    made: usize,
    waiting: Vec<(String, Yaml)>,
}

impl PlainVariables {
    fn add(&mut self, value: Yaml) -> String {
        self.made += 1;
        let name = format!("{OWN_VARIABLE}{}", self.made);
        self.waiting.push((name.clone(), value));
        name
    }

    /// Those made since the last time.
    pub(crate) fn take(&mut self) -> Vec<(String, Yaml)> {
        std::mem::take(&mut self.waiting)
    }
}

impl Cx<'_> {
    /// The setting by way of a variable; `None` where it can stand as it is.
    pub(super) fn plain(&self, expr: &Expr, rules: &Rules) -> Option<Yaml> {
        if !rules.plain || !self.calls_functions(expr) {
            return None;
        }
        let name = self.plain_variables.borrow_mut().add(self.variable(expr, &expr.ty));
        let code = Code { nilable: true, ..Code::atom(format!("vars.{name}")) };
        if expr.ty.is_optional() {
            let text = format!("${{{{ let it = {}; it == nil ? nil : \"\\\"\" + it + \"\\\"\" }}}}", code.text);
            return Some(super::steps::text(&text));
        }
        Some(super::forms::template(&format!("${{{{ {} }}}}", super::code::forced(&code).text)))
    }

    /// Whether the code of an expression calls functions. What asks for a status cannot be a variable, and is left.
    fn calls_functions(&self, expr: &Expr) -> bool {
        let (mut calls, mut status) = (false, false);
        expr.walk(&mut |part| match &part.kind {
            _ if part.time == Time::Static => {}
            Kind::Slot(_) | Kind::Call { .. } => calls = true,
            Kind::Result(index) if part.ty.is_optional() && self.asks_status(*index) => status = true,
            Kind::Result(index) => calls |= matches!(self.readings.borrow().get(index), Some(Reading::Inlined(_))),
            Kind::Status(_) => status = true,
            // Its text may call what the library has no signature for.
            Kind::Raw { functions, .. } => {
                calls = true;
                status |= functions.iter().any(|function| !function.allowed_at(Place::Vars, self.target));
            }
            Kind::Param(index) => {
                if let Params::Arguments { caller, args } = &self.params {
                    calls |= args.get(*index).is_some_and(|arg| caller.calls_functions(arg));
                }
            }
            _ => {}
        });
        calls && !status
    }

    /// The variables that settings needed since the last time, as Kargo writes them.
    pub(super) fn take_plain(&self) -> Vec<Yaml> {
        let made = self.plain_variables.borrow_mut().take();
        made.into_iter().map(|(name, value)| super::steps::variable(&name, value)).collect()
    }
}
