//! What is known at a place: which slots are filled, which results are there. Facts are about *places* (a root and the
//! fields after it), so that `if row.owner { … row.owner … }` works like `if base { … base.chart … }`.

use super::tree::{Expr, Kind, LetDef};
use super::value::Value;
use crate::base::{Name, Span};
use crate::syntax::ast::BinaryOp;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) root: Root,
    pub(crate) path: Vec<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Root {
    Slot(usize),
    Param(usize),
    Result(usize),
    /// The step of a result was not skipped, which says that it is there only if the step cannot have failed.
    NotSkipped(usize),
    Local(usize),
    Let(Span),
}

/// A set of facts, all of which hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    present: Vec<Place>,
    /// Slots that did not trigger the promotion.
    not_promoting: Vec<usize>,
    /// Nothing after this place runs: a step that always fails stands before it.
    pub(crate) unreachable: bool,
}

impl Facts {
    pub(crate) fn is_present(&self, place: &Place) -> bool {
        self.unreachable || self.present.contains(place)
    }

    pub(crate) fn present(&self) -> &[Place] {
        &self.present
    }

    pub(crate) fn add(&mut self, place: Place) {
        if !self.present.contains(&place) {
            self.present.push(place);
        }
    }

    pub(crate) fn join(mut self, other: Facts) -> Facts {
        for place in other.present {
            self.add(place);
        }
        self.not_promoting.extend(other.not_promoting);
        self.unreachable |= other.unreachable;
        self
    }

    /// What holds whichever of the two holds.
    pub(crate) fn either(self, other: Facts) -> Facts {
        if self.unreachable {
            return other;
        }
        if other.unreachable {
            return self;
        }
        Facts {
            present: self.present.into_iter().filter(|place| other.present.contains(place)).collect(),
            not_promoting: self.not_promoting.into_iter().filter(|slot| other.not_promoting.contains(slot)).collect(),
            unreachable: false,
        }
    }

    /// If all slots but one did not trigger the promotion, that one did, and so it is filled.
    pub(crate) fn conclude(&mut self, slots: usize) {
        let mut rest = (0..slots).filter(|slot| !self.not_promoting.contains(slot));
        if let (Some(only), None) = (rest.next(), rest.next())
            && slots > 1
        {
            self.add(Place { root: Root::Slot(only), path: Vec::new() });
        }
    }
}

/// The place that an expression reads, if it is one.
pub(crate) fn place_of(expr: &Expr) -> Option<Place> {
    match &expr.kind {
        Kind::Slot(index) => Some(Place { root: Root::Slot(*index), path: Vec::new() }),
        Kind::Param(index) => Some(Place { root: Root::Param(*index), path: Vec::new() }),
        Kind::Result(index) => Some(Place { root: Root::Result(*index), path: Vec::new() }),
        Kind::Local(index) => Some(Place { root: Root::Local(*index), path: Vec::new() }),
        Kind::Present(inner) => place_of(inner),
        Kind::Let(def) => place_of_let(def),
        Kind::Field { base, name, .. } => {
            let mut place = place_of(base)?;
            place.path.push(name.clone());
            Some(place)
        }
        Kind::Index { base, index, .. } => {
            let Kind::Value(Value::Text(key)) = &index.resolved().kind else { return None };
            let mut place = place_of(base)?;
            place.path.push(Name::new(key));
            Some(place)
        }
        _ => None,
    }
}

fn place_of_let(def: &LetDef) -> Option<Place> {
    place_of(&def.value).or(Some(Place { root: Root::Let(def.span), path: Vec::new() }))
}

/// What is known if `condition` holds (`truth`) or does not.
pub(crate) fn narrow(condition: &Expr, truth: bool) -> Facts {
    let mut facts = Facts::default();
    match &condition.kind {
        Kind::Not(inner) => return narrow(inner, !truth),
        Kind::Binary { op: BinaryOp::And, left, right } if truth => return narrow(left, true).join(narrow(right, true)),
        Kind::Binary { op: BinaryOp::And, left, right } => {
            return narrow(left, false).either(narrow(left, true).join(narrow(right, false)));
        }
        Kind::Binary { op: BinaryOp::Or, left, right } if !truth => return narrow(left, false).join(narrow(right, false)),
        Kind::Binary { op: BinaryOp::Or, left, right } => return narrow(left, true).either(narrow(left, false).join(narrow(right, true))),
        Kind::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right } => {
            return narrow_comparison(*op == BinaryOp::Equal, left, right, truth);
        }
        Kind::Choice { test, then, otherwise } => {
            let yes = narrow(test, true).join(narrow(then, truth));
            return yes.either(narrow(test, false).join(narrow(otherwise, truth)));
        }
        Kind::Value(Value::Bool(value)) if *value != truth => facts.unreachable = true,
        Kind::Promoting(target) => {
            if let Some(place) = place_of(target) {
                match (truth, place.root) {
                    (true, _) => facts.add(place),
                    (false, Root::Slot(slot)) => facts.not_promoting.push(slot),
                    _ => {}
                }
            }
            return facts;
        }
        Kind::Let(def) if !matches!(def.value.kind, Kind::Error) => {
            facts = narrow(&def.value, truth);
        }
        _ => {}
    }
    if truth && let Some(place) = place_of(condition) {
        add_with_bases(&mut facts, place, condition);
    }
    facts
}

/// If a field of something is there, so is the thing.
fn add_with_bases(facts: &mut Facts, place: Place, expr: &Expr) {
    let bases = place.path.len();
    for len in 0..bases {
        facts.add(Place { root: place.root, path: place.path.iter().take(len).cloned().collect() });
    }
    let _ = expr;
    facts.add(place);
}

/// `x == null`, `x != ""`, `status(x) == "Succeeded"`, and a comparison with a value that is surely there.
fn narrow_comparison(equal: bool, left: &Expr, right: &Expr, truth: bool) -> Facts {
    let mut facts = Facts::default();
    let same = equal == truth;
    for (side, other) in [(left, right), (right, left)] {
        let other = other.resolved();
        let absent =
            matches!(&other.kind, Kind::Value(Value::Null)) || matches!(&other.kind, Kind::Value(Value::Text(text)) if text.is_empty());
        if let Kind::Status(result) = &side.resolved().kind {
            let Kind::Value(Value::Text(status)) = &other.kind else { continue };
            match (same, &**status) {
                (true, "Succeeded") => facts.add(Place { root: Root::Result(*result), path: Vec::new() }),
                (false, "Skipped") => facts.add(Place { root: Root::NotSkipped(*result), path: Vec::new() }),
                _ => {}
            }
            continue;
        }
        let Some(place) = place_of(side) else { continue };
        let says_present = if absent { !same } else { same && !other.ty.is_optional() && !other.is_error() };
        if says_present {
            add_with_bases(&mut facts, place, side);
        }
    }
    facts
}
