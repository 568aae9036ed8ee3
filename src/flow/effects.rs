//! Whether a promotion can end well without having done anything, or without the health check of its stage.
//!
//! Every reachable slot state is tried: which slots are filled, and which of them triggered the promotion. Conditions
//! on anything else are taken both ways.

use super::calls::static_env;
use super::errors;
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::Stage;
use crate::syntax::ast::BinaryOp;
use crate::types::StageItem;
use crate::types::eval::{Env, bound, eval, items};
use crate::types::tree::{Body, Expr, Kind, Statement, Time};

/// More slots than this are tried one at a time and all together, not in every combination.
const MAX_SLOTS: usize = 6;
/// More other conditions than this are not told apart.
const MAX_ATOMS: usize = 6;

pub(super) fn check(stage: &Stage, reports: &mut Vec<Diagnostic>) {
    crate::expand::visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
        if let StageItem::Promote { body, span } = item {
            check_body(stage, body, *span, env, reports);
        }
    });
}

/// A step, and when it runs: all these conditions hold (`true`) or do not.
struct Guarded<'b> {
    name: Name,
    span: Span,
    guards: Vec<(&'b Expr, bool)>,
    lasting: bool,
    health: bool,
    /// May fail in a promotion that ends well, so it counts as not run.
    tried: bool,
    /// Ends the promotion as failed: `fail`, or a `require` of these slots.
    fails: bool,
    requires: Vec<usize>,
}

fn check_body(stage: &Stage, body: &Body, span: Span, env: &Env, reports: &mut Vec<Diagnostic>) {
    let mut steps = Vec::new();
    collect(&body.statements, env, &mut Vec::new(), &mut steps);
    // A promotion that ends well has not run `on failure`.
    collect(&body.finally, env, &mut Vec::new(), &mut steps);
    let mut atoms: Vec<String> = Vec::new();
    for (guard, _) in steps.iter().flat_map(|step| &step.guards) {
        collect_atoms(guard, &mut atoms);
    }
    atoms.truncate(MAX_ATOMS);
    let lasting = steps.iter().any(|step| step.lasting);
    let health = steps.iter().find(|step| step.health);
    let mut idle = None;
    let mut unhealthy = None;
    for state in states(stage.slots.len()) {
        for assignment in 0..1usize << atoms.len() {
            let world = State { slots: &state, atoms: &atoms, assignment };
            if fails(&steps, &world) {
                continue;
            }
            let runs =
                |wanted: &dyn Fn(&Guarded<'_>) -> bool| steps.iter().any(|step| wanted(step) && runs_in(step, &world) != Some(false));
            let surely =
                |wanted: &dyn Fn(&Guarded<'_>) -> bool| steps.iter().any(|step| wanted(step) && runs_in(step, &world) == Some(true));
            // Only slots decide here: a condition of the author's on something else is meant.
            if assignment + 1 == 1 << atoms.len() && lasting && !runs(&|step| step.lasting) && only_slots(&steps, &world) {
                idle = idle.or(Some(state.clone()));
            }
            if health.is_some() && !surely(&|step| step.health) && (runs(&|step| step.lasting) || !lasting) {
                unhealthy = unhealthy.or(Some(state.clone()));
            }
        }
    }
    let tried = steps.iter().find(|step| step.lasting && step.tried);
    if let (Some(_), Some(step)) = (&idle, tried) {
        reports.push(errors::merely_tried(span, step.span));
    } else if let Some(state) = idle {
        reports.push(errors::may_do_nothing(&stage.slots, &state.filled, state.promoting, span));
    } else if let (Some(_), Some(step)) = (unhealthy, health) {
        let guard = steps.iter().filter(|step| step.health).find_map(|step| step.guards.first().map(|(guard, _)| guard.span));
        reports.push(errors::health_check_lost(&step.name, step.span, guard, step.tried));
    }
}

/// Which slots are filled, and which triggered the promotion.
#[derive(Clone)]
struct Slots {
    filled: Vec<bool>,
    promoting: usize,
}

struct State<'s> {
    slots: &'s Slots,
    atoms: &'s [String],
    assignment: usize,
}

fn states(slots: usize) -> Vec<Slots> {
    let mut out = Vec::new();
    let masks: Vec<Vec<bool>> = if slots <= MAX_SLOTS {
        (1usize..1 << slots).map(|mask| (0..slots).map(|slot| mask >> slot & 1 == 1).collect()).collect()
    } else {
        let alone = (0..slots).map(|only| (0..slots).map(|slot| slot == only).collect());
        alone.chain(std::iter::once(vec![true; slots])).collect()
    };
    for filled in masks {
        for promoting in (0..slots).filter(|slot| filled.get(*slot) == Some(&true)) {
            out.push(Slots { filled: filled.clone(), promoting });
        }
    }
    out
}

fn collect<'b>(statements: &'b [Statement], env: &Env, guards: &mut Vec<(&'b Expr, bool)>, out: &mut Vec<Guarded<'b>>) {
    for statement in statements {
        match statement {
            Statement::Step(step) => out.push(Guarded {
                name: step.kind.name.clone(),
                span: step.span,
                guards: guards.clone(),
                lasting: step.kind.has_lasting_effect() || step.kind.rules.effects.is_empty() && !step.kind.is_library,
                health: step.kind.rules.health,
                tried: step.tried,
                fails: step.kind.rules.fails,
                requires: Vec::new(),
            }),
            Statement::Call(call) => {
                let mut inner = Vec::new();
                let env = static_env(call, env);
                collect(&call.task.body.statements, &env, &mut Vec::new(), &mut inner);
                collect(&call.task.body.finally, &env, &mut Vec::new(), &mut inner);
                // Conditions inside a task are about its parameters: taken as open, so both ways count.
                for step in inner {
                    let always = step.guards.is_empty();
                    out.push(Guarded {
                        guards: guards.clone(),
                        span: call.span,
                        lasting: step.lasting,
                        health: step.health && always,
                        tried: call.tried || step.tried,
                        fails: false,
                        requires: Vec::new(),
                        name: step.name,
                    });
                }
            }
            Statement::Require(require) => out.push(Guarded {
                name: Name::new("require"),
                span: require.span,
                guards: guards.clone(),
                lasting: false,
                health: false,
                tried: false,
                fails: false,
                requires: require.slots.iter().filter_map(slot_of).collect(),
            }),
            Statement::If { condition, then, otherwise, .. } if condition.time == Time::Static => {
                let chosen = if eval(condition, env).holds() { then } else { otherwise };
                collect(chosen, env, guards, out);
            }
            Statement::If { condition, then, otherwise, .. } => {
                guards.push((condition, true));
                collect(then, env, guards, out);
                guards.pop();
                guards.push((condition, false));
                collect(otherwise, env, guards, out);
                guards.pop();
            }
            Statement::For { over, binds, body } => {
                for (key, item) in items(&eval(over, env)) {
                    collect(body, &env.with(bound(*binds, key, item)), guards, out);
                }
            }
            Statement::Var { .. } | Statement::Latch(_) => {}
        }
    }
}

fn fails(steps: &[Guarded<'_>], state: &State<'_>) -> bool {
    steps.iter().any(|step| {
        let empty = step.requires.iter().any(|slot| state.slots.filled.get(*slot) == Some(&false));
        (step.fails || empty) && runs_in(step, state) == Some(true)
    })
}

/// Whether a step runs in a promotion that ends well; `None`: not known.
fn runs_in(step: &Guarded<'_>, state: &State<'_>) -> Option<bool> {
    if step.tried {
        return Some(false);
    }
    let mut known = Some(true);
    for (guard, wanted) in &step.guards {
        match holds(guard, state) {
            Some(value) if value != *wanted => return Some(false),
            Some(_) => {}
            None => known = None,
        }
    }
    known
}

/// Whether the conditions that keep the lasting steps from running are about slots alone.
fn only_slots(steps: &[Guarded<'_>], state: &State<'_>) -> bool {
    let closed = State { slots: state.slots, atoms: &[], assignment: 0 };
    steps.iter().filter(|step| step.lasting).all(|step| runs_in(step, &closed) == Some(false))
}

fn slot_of(expr: &Expr) -> Option<usize> {
    match &expr.resolved().kind {
        Kind::Slot(index) => Some(*index),
        Kind::Field { base, .. } | Kind::Index { base, .. } => slot_of(base),
        _ => None,
    }
}

fn holds(condition: &Expr, state: &State<'_>) -> Option<bool> {
    let expr = condition.resolved();
    match &expr.kind {
        Kind::Not(inner) => holds(inner, state).map(|value| !value),
        Kind::Binary { op: BinaryOp::And, left, right } => match (holds(left, state), holds(right, state)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Kind::Binary { op: BinaryOp::Or, left, right } => match (holds(left, state), holds(right, state)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Kind::Promoting(target) => slot_of(target).map(|slot| slot == state.slots.promoting),
        Kind::Slot(slot) => state.slots.filled.get(*slot).copied(),
        _ => {
            let key = atom(expr);
            let at = state.atoms.iter().position(|known| *known == key)?;
            Some(state.assignment >> at & 1 == 1)
        }
    }
}

fn collect_atoms(condition: &Expr, atoms: &mut Vec<String>) {
    let expr = condition.resolved();
    match &expr.kind {
        Kind::Not(inner) => collect_atoms(inner, atoms),
        Kind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right } => {
            collect_atoms(left, atoms);
            collect_atoms(right, atoms);
        }
        Kind::Promoting(_) | Kind::Slot(_) => {}
        _ => {
            let key = atom(expr);
            if !atoms.contains(&key) {
                atoms.push(key);
            }
        }
    }
}

/// What makes two conditions the same one.
fn atom(expr: &Expr) -> String {
    expr.fingerprint()
}
