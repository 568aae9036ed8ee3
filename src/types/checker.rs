//! The state of checking one declaration: its names, what is known at the current place, and its reports.

use std::collections::HashSet;
use std::sync::Arc;

use super::errors;
use super::index::Meaning;
use super::narrow::{Facts, Place as Spot};
use super::parameters::Callable;
use super::scope::{Binding, SlotType, What};
use super::shapes::PassedLoop;
use super::tree::{Expr, Kind, LetDef, ResultDef, Time};
use super::world::World;
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::library::{FunctionSig, Place, Target, Ty, type_of};
use crate::program::ScopeId;
use crate::syntax::ast::{self, TypeExpr};

/// Where the body that is being checked will run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// No promotion: everything is static.
    Outside,
    /// A stage: its name is known.
    Stage,
    /// A task: the stage is known only to the promotion.
    Task,
}

pub struct Checker<'w, 'a> {
    pub(crate) world: &'w World<'a>,
    /// The versions that count here: those of the system that the block at hand belongs to.
    pub(crate) target: &'w Target,
    pub(crate) project: ScopeId,
    pub(crate) mode: Mode,
    pub(crate) place: Place,
    pub(crate) scopes: Vec<Binding>,
    /// How many static locals the environment has at this place.
    pub(crate) locals: usize,
    pub(crate) facts: Facts,
    pub(crate) slots: Vec<SlotType>,
    pub(crate) results: Vec<ResultDef>,
    /// What `verify` may call, besides what exists elsewhere.
    pub(crate) callables: Vec<Callable>,
    pub(crate) next_latch: usize,
    /// Names of blocks of the body that have ended.
    pub(crate) ended: Vec<(Name, Span)>,
    /// Names that the body binds further down.
    pub(crate) later: Vec<(Name, Span)>,
    /// The step or call at hand stands behind `try`.
    pub(crate) trying: bool,
    /// In `on failure`, `finally` and behind a condition that says failure: how many results before are not sure.
    pub(crate) tail_from: Option<usize>,
    /// In `on failure` and `finally`.
    pub(crate) in_tail: bool,
    /// Where the names of the body begin.
    pub(crate) body_scope: usize,
    /// Results of the body that were bound in its branches.
    pub(crate) branch_results: Vec<usize>,
    /// Slots that the promotion requires whatever happens.
    pub(crate) required: Vec<usize>,
    /// Whether a field that may be left out may also be given what may be absent: between bodies, not in settings.
    pub(crate) absence_allowed: bool,
    /// Whether steps may stand here at all, and so promotion-time values.
    pub(crate) in_promotion: bool,
    /// What loops of the task at hand run over that only its callers know.
    pub(crate) passed_loops: Vec<PassedLoop>,
    /// The function that tells how a step ended, if the body called it.
    pub(crate) asked_status: Option<Arc<FunctionSig>>,
    /// The fault of the target for which the task at hand is no object of its own.
    pub(crate) avoided: Option<Check>,
    /// An object for all projects, which cannot be written for each of its calls.
    pub(crate) in_cluster_task: bool,
    pub(crate) reports: Vec<Diagnostic>,
    /// Something in the body could not be understood: that it lacks something is no news.
    pub(crate) unclear: bool,
    /// What was reported as maybe missing once is taken for present from then on.
    reported: HashSet<Spot>,
    pub(crate) reported_names: HashSet<Name>,
}

impl<'w, 'a> Checker<'w, 'a> {
    pub fn new(world: &'w World<'a>, project: ScopeId) -> Self {
        Checker {
            world,
            target: &world.target,
            project,
            mode: Mode::Outside,
            place: Place::Config,
            scopes: Vec::new(),
            locals: 0,
            facts: Facts::default(),
            slots: Vec::new(),
            results: Vec::new(),
            callables: Vec::new(),
            next_latch: 0,
            ended: Vec::new(),
            later: Vec::new(),
            trying: false,
            tail_from: None,
            in_tail: false,
            body_scope: 0,
            branch_results: Vec::new(),
            required: Vec::new(),
            absence_allowed: false,
            in_promotion: false,
            passed_loops: Vec::new(),
            asked_status: None,
            avoided: None,
            in_cluster_task: false,
            reports: Vec::new(),
            unclear: false,
            reported: HashSet::new(),
            reported_names: HashSet::new(),
        }
    }

    /// A checker inside the loops of an instance: its variables with their types, in the order of the environment.
    pub fn with_locals(world: &'w World<'a>, project: ScopeId, locals: &[(Name, Span, Ty)]) -> Self {
        let mut checker = Checker::new(world, project);
        for (name, span, ty) in locals {
            checker.bind_local(name.clone(), *span, ty.clone());
        }
        checker
    }

    /// Ends checking: reports in the order of discovery. Locals that nothing read are warned about.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.close_scope(0);
        self.reports
    }

    pub(crate) fn target(&self) -> &'w Target {
        self.target
    }

    pub fn report(&mut self, report: Diagnostic) {
        self.reports.push(report);
    }

    // ── Scopes ──

    pub(crate) fn bind(&mut self, name: Name, span: Span, what: What, warn: bool) {
        self.note_binding(span, &what);
        self.scopes.push(Binding { name, span, what, used: false, warn });
    }

    /// A static local; returns its place in the environment.
    pub fn bind_local(&mut self, name: Name, span: Span, ty: Ty) -> usize {
        let index = self.locals;
        self.locals += 1;
        let warn = false;
        self.bind(name, span, What::Local { index, ty }, warn);
        index
    }

    pub(crate) fn open_scope(&self) -> usize {
        self.scopes.len()
    }

    /// Forgets the names bound since `open_scope`; those that matter and that nothing read are reported.
    pub(crate) fn close_scope(&mut self, from: usize) {
        for binding in self.scopes.split_off(from.min(self.scopes.len())) {
            if binding.warn && !binding.used && !binding.name.starts_with('_') && !self.world.is_unclear() {
                match binding.what {
                    What::Var { .. } => self.world.unused_var(&binding.name, errors::unused("`var`", &binding.name, binding.span)),
                    _ => self.reports.push(errors::unused("`let`", &binding.name, binding.span)),
                }
            }
        }
    }

    /// Marks loop variables etc. as gone from the environment.
    pub(crate) fn drop_locals(&mut self, to: usize) {
        self.locals = to;
    }

    /// What a name means here, or `None`.
    pub(crate) fn lookup(&mut self, name: &str, at: Span) -> Option<Expr> {
        if let Some(binding) = self.scopes.iter_mut().rev().find(|binding| binding.name == name) {
            binding.used = true;
            let (what, name, span) = (binding.what.clone(), binding.name.clone(), binding.span);
            self.note_name(at, span, &what);
            return Some(self.read(what, name, at));
        }
        let def = self.world.global_let(self.project, name)?;
        self.world.note(|index| index.refer(at, def.span, Meaning::Let));
        Some(read_let(def, at))
    }

    fn read(&mut self, what: What, name: Name, at: Span) -> Expr {
        let promotion = |kind, ty| Expr { span: at, ty, time: Time::Promotion, kind };
        match what {
            What::Local { index, ty } => {
                let expr = Expr { span: at, ty, time: Time::Static, kind: Kind::Local(index) };
                self.narrowed(expr)
            }
            What::Let(def) => {
                self.mark_unsure(&def);
                let expr = read_let(def, at);
                self.narrowed(expr)
            }
            What::Slot(index) => {
                let ty = self.slots.get(index).map_or(Ty::Error, |slot| slot.ty.clone());
                let several = self.slots.len() > 1;
                let ty = if several { ty.optional(crate::library::Face::Nil) } else { ty };
                let expr = promotion(Kind::Slot(index), ty);
                self.narrowed(expr)
            }
            What::Param { index, ty } => {
                let expr = promotion(Kind::Param(index), ty);
                self.narrowed(expr)
            }
            What::Placeholder { ty, text } => {
                // Outside an expression its text stands for the value.
                let ty = if self.in_lambda() || ty.is_text() { ty } else { Ty::Union([ty, Ty::STRING].into()) };
                Expr { span: at, ty, time: Time::Use, kind: Kind::Placeholder(text) }
            }
            What::Var { ty, .. } => promotion(Kind::Error, ty),
            What::Result(index) => {
                let (ty, unsure) = (self.result_type(index), self.is_unsure(index));
                if let Some(result) = self.results.get_mut(index) {
                    result.is_read = true;
                    result.unsure |= unsure;
                }
                let expr = promotion(Kind::Result(index), ty);
                self.narrowed(expr)
            }
            What::LambdaName { ty, spelling } => promotion(Kind::LambdaName(spelling), ty),
            What::Subscription { ty } => promotion(Kind::Subscription(name), ty),
            What::Error => Expr::error(at),
        }
    }

    /// The expression as present, where that is known.
    pub(crate) fn narrowed(&self, expr: Expr) -> Expr {
        let Ty::Optional(inner, _) = &expr.ty else { return expr };
        let known = super::narrow::place_of(&expr).is_some_and(|place| self.is_known(&place) || self.reported.contains(&place));
        if !known {
            return expr;
        }
        let ty = (**inner).clone();
        Expr { span: expr.span, ty, time: expr.time, kind: Kind::Present(Box::new(expr)) }
    }

    /// After a report about a place: taken for present, so that one mistake is one report.
    pub(crate) fn assume_present(&mut self, expr: &Expr) {
        if let Some(place) = super::narrow::place_of(expr) {
            self.reported.insert(place);
        }
    }

    /// Whether what the value is read from was reported as maybe missing.
    pub(crate) fn was_reported(&self, value: &Expr) -> bool {
        let root = super::members::root_of(value).and_then(|root| super::narrow::place_of(&root));
        root.is_some_and(|root| self.reported.contains(&root))
    }

    /// Marks the name that was surely meant as used: one misspelt name is one report.
    pub(crate) fn use_meant(&mut self, name: &str) {
        match self.scopes.iter_mut().rev().find(|binding| binding.name == name) {
            Some(binding) => binding.used = true,
            None => drop(self.world.global_let(self.project, name)),
        }
    }

    /// Names that could have been meant, innermost first.
    pub(crate) fn visible_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.scopes.iter().rev().map(|binding| binding.name.clone()).collect();
        names.extend(self.world.let_names(self.project));
        names.push(Name::new("ctx"));
        names
    }

    /// Whether this is the first report about an unknown name in this body.
    pub(crate) fn first_time_unknown(&mut self, name: &str) -> bool {
        !self.world.is_lost(name) && self.reported_names.insert(Name::new(name))
    }

    // ── Entry points for names outside bodies ──

    /// The static names bound since there were `from` of them: what a loop adds for its instances.
    pub fn locals_from(&self, from: usize) -> Vec<(Name, Span, Ty)> {
        let local = |binding: &Binding| match &binding.what {
            What::Local { index, ty } if *index >= from => Some((binding.name.clone(), binding.span, ty.clone())),
            _ => None,
        };
        self.scopes.iter().filter_map(local).collect()
    }

    /// A condition that must be known while compiling.
    pub fn static_condition(&mut self, expr: &ast::Expr) -> Expr {
        let value = self.condition(expr);
        self.require_static(value, "a condition outside `promote`")
    }

    /// A static expression inside a stage, where `ctx.stage` is known. What is wrong is reported with the body.
    pub fn stage_static(&mut self, expr: &ast::Expr) -> Expr {
        self.mode = Mode::Stage;
        self.infer(expr)
    }

    pub fn check_freight_type(&mut self, written: &TypeExpr, freight: &Ty) {
        let wanted = self.type_of(written);
        if super::assign::fits(freight, &wanted).is_err() {
            self.report(errors::freight_type(freight, &wanted, written.span));
        }
    }

    pub(crate) fn type_of(&mut self, written: &TypeExpr) -> Ty {
        let mut reports = Vec::new();
        let ty = type_of(written, &(self.world, self.project), &mut reports);
        self.reports.append(&mut reports);
        ty
    }

    /// The value of a `let` that must be static.
    pub(crate) fn static_let(&mut self, expr: &ast::Expr, written: Option<&TypeExpr>) -> Expr {
        let value = match written.map(|written| self.type_of(written)) {
            Some(ty) => self.check_value(expr, &ty, "this `let`"),
            None => self.infer(expr),
        };
        self.require_static(value, "a `let` outside stages and tasks")
    }

    /// An expression that must be known while compiling, such as the head of a loop.
    pub fn static_expr(&mut self, expr: &ast::Expr, what: &str) -> Expr {
        let value = self.infer(expr);
        self.require_static(value, what)
    }

    /// A name: an identifier stands for itself, a text may be computed.
    pub fn name_text(&mut self, name: &ast::NameExpr) -> Expr {
        self.name_like(&name.text)
    }

    pub fn name_like(&mut self, text: &ast::Expr) -> Expr {
        match &text.kind {
            ast::ExprKind::Name(word) => Expr::value(text.span, Ty::Literal(word.clone()), super::Value::text(word)),
            _ => {
                let value = self.check_value(text, &Ty::STRING, "a name");
                self.require_static(value, "a name")
            }
        }
    }

    /// Names in a list: words stand for themselves, everything else is a static text.
    pub fn name_list(&mut self, elements: &[ast::Element], span: Span) -> Expr {
        let elements = self.name_elements(elements);
        Expr { span, ty: Ty::List(Arc::new(Ty::STRING)), time: Time::Static, kind: Kind::List(elements) }
    }

    pub(crate) fn require_static(&mut self, expr: Expr, what: &str) -> Expr {
        if expr.time == Time::Static {
            return expr;
        }
        let report =
            if expr.time == Time::Use { errors::known_when_used(what, expr.span) } else { errors::not_static(what, expr.span, self.mode) };
        self.reports.push(report);
        Expr::error(expr.span)
    }
}

fn read_let(def: Arc<LetDef>, at: Span) -> Expr {
    Expr { span: at, ty: def.value.ty.clone(), time: def.value.time, kind: Kind::Let(def) }
}
