//! What an expression sees when it is emitted: the instance's static values, its slots, how results and parameters are
//! spelled here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::code::{Code, quoted};
use super::outcome::{Gate, Late};
use crate::base::Name;
use crate::emit::yaml::Yaml;
use crate::expand::Subscription;
use crate::library::{Target, Ty};
use crate::types::eval::{Env, eval};
use crate::types::tree::{Entry, EntryKey, Expr, Kind, LetDef, Task, Time};

/// A slot of the stage at hand.
#[derive(Clone, Debug)]
pub(crate) struct SlotInfo {
    /// The warehouse's name in the cluster.
    pub(crate) origin: Name,
    pub(crate) subscriptions: Vec<Subscription>,
    /// The artifacts that the stage reads: what makes the slot filled.
    pub(crate) read: Vec<Name>,
}

/// How the result of a step or call is read.
#[derive(Clone)]
pub(crate) enum Reading {
    /// Under this alias among the outputs; of a step or call that may have failed only if something says that it has not.
    Outputs(String, Option<Gate>),
    /// The call was inlined: each result is the expression that the task returns, seen from inside.
    Inlined(Rc<Inlined>),
}

pub(crate) struct Inlined {
    pub(crate) task: std::sync::Arc<Task>,
    pub(crate) env: Env,
    pub(crate) args: Vec<Expr>,
    pub(crate) readings: Rc<RefCell<HashMap<usize, Reading>>>,
    pub(crate) latches: Rc<RefCell<HashMap<usize, String>>>,
    pub(crate) variables: Rc<RefCell<HashMap<Name, String>>>,
}

/// What stands for the parameters of the task at hand.
#[derive(Clone)]
pub(crate) enum Params<'c> {
    /// No task.
    None,
    /// Variables of a PromotionTask.
    Variables,
    /// Arguments of an inlined call, seen from the caller.
    Arguments { caller: Rc<Cx<'c>>, args: Rc<Vec<Expr>> },
}

#[derive(Clone)]
pub(crate) struct Cx<'c> {
    pub(crate) target: &'c Target,
    pub(crate) env: Env,
    pub(crate) slots: Rc<Vec<SlotInfo>>,
    pub(crate) in_task: bool,
    /// Everything may be nil: variables are evaluated whether they are needed or not.
    pub(crate) total: bool,
    /// Inside a bare expression: what is said of the promotion is embedded as a literal.
    pub(crate) bare: bool,
    /// The object is of another system, which knows no expressions of Kargo: texts are written as they stand.
    pub(crate) verbatim: bool,
    pub(crate) params: Params<'c>,
    pub(crate) readings: Rc<RefCell<HashMap<usize, Reading>>>,
    /// The aliases of latched `let`s.
    pub(crate) latches: Rc<RefCell<HashMap<usize, String>>>,
    /// Variables that could not keep their names: of loops and inlined calls.
    pub(crate) variables: Rc<RefCell<HashMap<Name, String>>>,
    /// What of this body is read later than it seems.
    pub(crate) late: Rc<Late>,
    /// Variables that settings of steps need, until they are written.
    pub(crate) plain_variables: Rc<RefCell<super::plain::PlainVariables>>,
}

impl<'c> Cx<'c> {
    pub(crate) fn new(target: &'c Target, env: Env, slots: Vec<SlotInfo>) -> Cx<'c> {
        Cx {
            target,
            env,
            slots: Rc::new(slots),
            in_task: false,
            total: false,
            bare: false,
            verbatim: false,
            params: Params::None,
            readings: Rc::default(),
            latches: Rc::default(),
            variables: Rc::default(),
            late: Rc::default(),
            plain_variables: Rc::default(),
        }
    }

    pub(crate) fn with_env(&self, env: Env) -> Cx<'c> {
        Cx { env, ..self.clone() }
    }

    pub(crate) fn alias(&self, result: usize) -> String {
        match self.readings.borrow().get(&result) {
            Some(Reading::Outputs(alias, _)) => alias.clone(),
            _ => String::new(),
        }
    }

    /// `outputs["when"]?.value`
    pub(crate) fn latched(&self, def: &LetDef) -> Code {
        let alias = self.latches.borrow().get(&def.id).cloned().unwrap_or_default();
        Code { nilable: true, ..Code::atom(format!("{}?.value", self.output(&alias))) }
    }

    // ── Parameters ──

    /// A parameter, or a field of it.
    pub(crate) fn param(&self, index: usize, path: &[Name], whole: &Expr) -> Code {
        match &self.params {
            Params::Arguments { caller, args } => {
                let Some(arg) = args.get(index) else { return Code::atom("nil") };
                let projected = project(arg, path, whole);
                let caller = Cx { total: self.total, ..(**caller).clone() };
                super::items::nil_if_absent(caller.code(&projected), &projected.ty, &whole.ty)
            }
            _ => {
                let name = self.param_names(index);
                Code { nilable: true, ..Code::atom(format!("vars.{}", variable_name(&name, path))) }
            }
        }
    }

    /// What an inlined call passes for a parameter or a field of one, seen from the caller.
    pub(crate) fn passed(&self, expr: &Expr) -> Option<(Cx<'c>, Expr)> {
        let Params::Arguments { caller, args } = &self.params else { return None };
        let (index, path) = super::task::chain(expr)?;
        let arg = project(args.get(index)?, &path, expr);
        Some((Cx { total: self.total, ..(**caller).clone() }, arg))
    }

    /// Whether an optional parameter was given.
    pub(crate) fn param_is_there(&self, index: usize, whole: &Expr) -> Code {
        match &self.params {
            Params::Arguments { caller, args } => {
                let Some(arg) = args.get(index) else { return Code::atom("false") };
                if arg.time == Time::Static {
                    return Code::atom(if eval(arg, &caller.env).holds() { "true" } else { "false" });
                }
                if arg.ty.is_optional() || matches!(arg.resolved().kind, Kind::Slot(_)) {
                    caller.condition(arg)
                } else {
                    Code::atom("true")
                }
            }
            _ => {
                let name = self.param_names(index);
                if whole.ty.present().record().is_some() {
                    return Code::atom(format!("vars.{}", variable_name(&name, &[])));
                }
                Code::compound(format!("vars.{} != nil", variable_name(&name, &[])))
            }
        }
    }

    fn param_names(&self, index: usize) -> Name {
        self.env.param_names.get(index).cloned().unwrap_or_default()
    }

    /// The origin as the value of a variable, which is text even if it looks like a number.
    pub(crate) fn origin_value(&self, arg: &Expr) -> Yaml {
        if let Kind::Slot(slot) = &arg.resolved().kind
            && let Some(slot) = self.slots.get(*slot)
        {
            return super::steps::text(&slot.origin);
        }
        match self.origin_of(arg) {
            Some(origin) => super::forms::template(&format!("${{{{ {origin} }}}}")),
            None => super::steps::text("${{ nil }}"),
        }
    }

    /// The origin that `promoting` compares with, as code.
    pub(crate) fn origin_of(&self, target: &Expr) -> Option<String> {
        match &target.resolved().kind {
            Kind::Slot(slot) => self.slots.get(*slot).map(|slot| quoted(&slot.origin)),
            Kind::Field { base, .. } | Kind::Index { base, .. } => self.origin_of(base),
            Kind::Param(index) => match &self.params {
                Params::Arguments { caller, args } => caller.origin_of(args.get(*index)?),
                _ => Some(format!("vars.{}", variable_name(&self.param_names(*index), &[Name::new("origin")]))),
            },
            _ => None,
        }
    }
}

/// The variable for a field of a parameter: nested fields join with `_`, a dash becomes `_`.
pub(crate) fn variable_name(parameter: &str, path: &[Name]) -> String {
    let mut out = parameter.replace('-', "_");
    for name in path {
        out.push('_');
        out.push_str(&name.replace('-', "_"));
    }
    out
}

/// Whether a record surely has the field.
fn gives(record: &Expr, name: &Name) -> bool {
    record.ty.record().and_then(|record| record.field(name)).is_some_and(|field| !field.optional)
}

/// The part of an argument that a path leads to.
pub(crate) fn project(arg: &Expr, path: &[Name], whole: &Expr) -> Expr {
    let mut expr = arg.clone();
    for (position, name) in path.iter().enumerate() {
        let inside = super::forms::through(&expr).clone();
        let inside = match inside.kind {
            Kind::Present(inner) => *inner,
            _ => inside,
        };
        if let Kind::Record(entries) = &inside.kind
            && let Some(found) = entries.iter().rev().find_map(|entry| match entry {
                Entry::Field { key: EntryKey::Name(key, _), value } if key == name => Some(value.clone()),
                Entry::Spread(spread) if gives(spread, name) => Some(project(spread, std::slice::from_ref(name), whole)),
                _ => None,
            })
        {
            expr = found;
            continue;
        }
        let field = inside.ty.present().record().and_then(|record| record.field(name).cloned());
        let absent = inside.ty.is_optional();
        let ty = match &field {
            Some(field) if absent => field.ty.clone().optional(crate::library::Face::Nil),
            Some(field) => field.read_type(),
            None => whole.ty.clone(),
        };
        let ty = if position + 1 == path.len() && !absent && matches!(ty, Ty::Error) { whole.ty.clone() } else { ty };
        let spelling = field.and_then(|field| field.rules.expr.clone());
        let (span, time) = (inside.span, inside.time);
        expr = Expr { span, ty, time, kind: Kind::Field { base: Box::new(inside), name: name.clone(), spelling, safe: absent } };
    }
    expr
}
