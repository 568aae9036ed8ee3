//! Stages: settings, variables, what a promotion runs, what verifies it. Checked once for all instances whose slots
//! have the same artifacts.

use std::sync::Arc;

use super::block::BlockItem;
use super::checker::{Checker, Mode};
use super::errors;
use super::failure::Tails;
use super::given::Given;
use super::index::Inside;
use super::scope::{SlotType, What};
use super::tree::{Binds, Body, Expr, LetDef};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{KindSig, Place, Ty};
use crate::syntax::ast::{self, BindingValue, DeclNames, Else, Item, ItemKind, StepBody};

#[derive(Debug)]
pub struct CheckedStage {
    pub kind: Arc<KindSig>,
    pub items: Vec<StageItem>,
    /// Something in it could not be understood, and was reported.
    pub unclear: bool,
}

#[derive(Debug)]
pub enum StageItem {
    Block(BlockItem),
    Var { name: Name, span: Span, value: Expr },
    Promote { body: Arc<Body>, span: Span },
    Verify { calls: Vec<VerifyCall>, span: Span },
    If { condition: Expr, then: Vec<StageItem>, otherwise: Vec<StageItem> },
    For { over: Expr, binds: Binds, body: Vec<StageItem> },
}

/// An analysis that verifies a stage.
#[derive(Debug)]
pub struct VerifyCall {
    pub template: Name,
    pub kind: Name,
    pub span: Span,
    pub args: Vec<(Name, Expr)>,
}

impl Checker<'_, '_> {
    /// The body of a stage whose slots are `slots`.
    pub fn stage(&mut self, kind: &Arc<KindSig>, block: &ast::Block, slots: Vec<SlotType>, at: Span) -> CheckedStage {
        self.mode = Mode::Stage;
        self.slots = slots;
        self.note_inside(block, || Inside::Stage(Arc::clone(kind)));
        for (index, slot) in self.slots.clone().into_iter().enumerate() {
            self.bind(slot.name.clone(), slot.span, What::Slot(index), false);
            if let Some(meant) = slot.meant {
                self.bind(meant, slot.span, What::Error, false);
            }
        }
        self.required = super::verify::required_slots(&block.items, &self.slots);
        let mut given = Given::default();
        let items = self.stage_items(kind, &block.items, &mut given);
        let what = format!("`{}`", kind.name);
        self.check_given(&kind.settings, &given, at, &what);
        CheckedStage { kind: Arc::clone(kind), items, unclear: self.unclear }
    }

    fn stage_items(&mut self, kind: &Arc<KindSig>, items: &[Item], given: &mut Given) -> Vec<StageItem> {
        let scope = self.open_scope();
        // What a body reads is bound before it, wherever it stands.
        let mut out = Vec::new();
        let (first, second): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| matches!(item.kind, ItemKind::Binding(_)));
        let tails = self.tails(items);
        for item in first.into_iter().chain(second) {
            self.stage_item(kind, item, tails, given, &mut out);
        }
        let has_promote = out.iter().any(|item| matches!(item, StageItem::Promote { .. }));
        if let (Some(at), false, false) = (tails.at, has_promote, self.unclear) {
            self.report(errors::tail_without_promote(at));
        }
        self.close_scope(scope);
        out
    }

    fn raw_in_stage(&mut self, kind: &Arc<KindSig>, fields: &ast::Block, given: &mut Given) -> Vec<StageItem> {
        let is_own = |item: &Item| match &item.kind {
            ItemKind::Setting { key, .. } => key.as_word().and_then(|name| errors::stage_word_of_kargo(name, key.span)),
            _ => None,
        };
        let reports: Vec<_> = fields.items.iter().filter_map(is_own).collect();
        if !reports.is_empty() {
            reports.into_iter().for_each(|report| self.report(report));
            self.unclear = true;
            return Vec::new();
        }
        let what = format!("`{}`", kind.name);
        self.raw_block(kind, fields, &what, given).into_iter().map(StageItem::Block).collect()
    }

    fn stage_item(&mut self, kind: &Arc<KindSig>, item: &Item, tails: Tails<'_>, given: &mut Given, out: &mut Vec<StageItem>) {
        match &item.kind {
            ItemKind::Error => {
                given.open_ended = true;
                self.unclear = true;
            }
            ItemKind::Setting { key, value } => out.extend(self.stage_setting(kind, key, value, given).map(StageItem::Block)),
            ItemKind::Binding(binding) => out.extend(self.stage_binding(binding)),
            // Checked with the `promote` beside it.
            _ if self.tail(item).is_some() => {}
            _ if item.raw_fields().is_some() => {
                let fields = item.raw_fields().into_iter();
                fields.for_each(|fields| out.extend(self.raw_in_stage(kind, fields, given)));
            }
            ItemKind::Step(step) => out.extend(self.stage_block(step, tails)),
            ItemKind::Declaration(declaration) => self.stage_declaration(declaration, item),
            ItemKind::Branch(branch) => out.push(self.stage_branch(kind, branch, given)),
            ItemKind::Loop(found) => {
                given.open_ended = true;
                let range = self.loop_range(&found.over);
                let (scope, locals) = (self.open_scope(), self.locals);
                let binds = self.bind_range(&found.first, found.second.as_ref(), &range);
                let body = self.stage_items(kind, &found.body.items, given);
                self.close_scope(scope);
                self.drop_locals(locals);
                out.push(StageItem::For { over: range.over, binds, body });
            }
            _ => self.report(errors::misplaced_in(item, "stage")),
        }
    }

    fn stage_setting(&mut self, kind: &Arc<KindSig>, key: &ast::Key, value: &ast::Expr, given: &mut Given) -> Option<BlockItem> {
        let name = key.name();
        if let Some(report) = errors::stage_word_of_kargo(&name, key.span) {
            self.report(report);
            self.unclear = true;
            self.infer_silently(value);
            return None;
        }
        if let Some(meta) = self.meta_setting(kind, &name, key.span, value, given) {
            return Some(meta);
        }
        let what = format!("`{}`", kind.name);
        let (entry, _) = self.check_setting(key, value, &kind.settings, &what, given)?;
        let super::tree::Entry::Field { value, .. } = entry else { return None };
        let field = kind.settings.all(&name).find(|field| field.rules.in_all(self.target())).or(kind.settings.field(&name)).cloned()?;
        let value = self.require_static(value, &format!("`{name}`"));
        Some(BlockItem::Setting { field, value, span: key.span })
    }

    pub(crate) fn infer_silently(&mut self, value: &ast::Expr) {
        let (before, known) = (self.reports.len(), self.reported_names.clone());
        self.infer(value);
        self.reports.truncate(before);
        self.reported_names = known;
    }

    fn stage_binding(&mut self, binding: &ast::Binding) -> Option<StageItem> {
        let span = binding.name.span;
        let Some(name) = binding.name.as_constant().map(Name::new) else {
            self.report(errors::dynamic_let(span));
            return None;
        };
        let expr = match &binding.value {
            BindingValue::Expr(expr) => expr.clone(),
            BindingValue::Step(step) | BindingValue::Try(step) => match &step.body {
                StepBody::Args(args, _) => {
                    let callee = ast::Expr { span: step.kind.span, kind: ast::ExprKind::Name(step.kind.name.clone()) };
                    ast::Expr { span: step.span, kind: ast::ExprKind::Call { callee: Box::new(callee), args: args.clone() } }
                }
                StepBody::Block(_) => {
                    self.report(errors::step_outside_promote(step.span));
                    return None;
                }
            },
        };
        if binding.is_var {
            return self.stage_var(binding, name, &expr);
        }
        let value = match &binding.ty {
            Some(written) => {
                let ty = self.type_of(written);
                self.check_value(&expr, &ty, &format!("`{name}`"))
            }
            None => self.infer(&expr),
        };
        let value = self.require_static(value, "a `let` outside `promote`");
        let def = Arc::new(LetDef { name: name.clone(), span, value, latched: false, id: usize::MAX, known: Default::default() });
        self.bind(name, span, What::Let(def), true);
        None
    }

    /// A variable of the stage: seen by its promotions and verifications, evaluated for each step.
    fn stage_var(&mut self, binding: &ast::Binding, name: Name, expr: &ast::Expr) -> Option<StageItem> {
        let span = binding.name.span;
        self.check_var_name(&name, span);
        let (promotion, place) = (self.in_promotion, self.place);
        self.in_promotion = true;
        self.place = Place::Vars;
        let value = match &binding.ty {
            Some(written) => {
                let ty = self.type_of(written);
                self.check_value(expr, &ty, &format!("`{name}`"))
            }
            None => self.infer(expr),
        };
        self.in_promotion = promotion;
        self.place = place;
        self.bind(name.clone(), span, What::Var { ty: value.ty.clone(), unsure: false }, true);
        Some(StageItem::Var { name, span, value })
    }

    fn stage_block(&mut self, step: &ast::StepCall, tails: Tails<'_>) -> Option<StageItem> {
        match (step.kind.name.as_str(), &step.body) {
            ("promote", StepBody::Block(block)) => {
                let facts = std::mem::take(&mut self.facts);
                let body = self.promote(block, tails);
                self.facts = facts;
                if body.statements.is_empty() && block.items.is_empty() {
                    self.report(errors::empty_promote(step.kind.span));
                }
                Some(StageItem::Promote { body: Arc::new(body), span: step.kind.span })
            }
            ("verify", StepBody::Block(block)) => Some(self.verify(block, step.kind.span)),
            (name, _) if self.world.step(self.project, name).is_some() => {
                self.report(errors::step_outside_promote(step.kind.span));
                None
            }
            _ => {
                let near = nearest(&step.kind.name, ["promote", "finally", "verify", "slot"]);
                self.report(errors::unknown_in_stage(&step.kind, near));
                self.unclear = true;
                let StepBody::Block(block) = &step.body else { return None };
                // A misspelt `promote` gets its checks; what else it may be uses the names in it all the same.
                let known = self.reports.len();
                let body = self.promote(block, tails);
                if near != Some("promote") {
                    self.reports.truncate(known);
                    return None;
                }
                Some(StageItem::Promote { body: Arc::new(body), span: step.kind.span })
            }
        }
    }

    fn stage_declaration(&mut self, declaration: &ast::Declaration, item: &Item) {
        match declaration.kind.name.as_str() {
            // Read before, to know the types.
            "slot" => {}
            "on" => self.report(errors::unknown_event(item.span)),
            name => {
                let known = ["promote", "verify", "slot", "require"];
                if name == "require" {
                    self.report(errors::require_outside_promote(declaration.kind.span));
                } else {
                    self.report(errors::unknown_in_stage(&declaration.kind, nearest(name, known)));
                    self.unclear = true;
                    self.world.lose(name);
                    // Whatever it is, it uses the names in it.
                    let before = self.reports.len();
                    let _ = declaration.body.as_ref().map(|body| self.promote(body, Tails::default()));
                    self.reports.truncate(before);
                }
            }
        }
    }

    fn stage_branch(&mut self, kind: &Arc<KindSig>, branch: &ast::Branch, given: &mut Given) -> StageItem {
        given.open_ended = true;
        let condition = self.condition(&branch.condition);
        let condition = self.require_static(condition, "a condition outside `promote`");
        let known = self.facts.clone();
        self.learn(&condition, true);
        let mut other = given.clone();
        let then = self.stage_items(kind, &branch.then.items, given);
        self.facts = known.clone();
        self.learn(&condition, false);
        let otherwise = match &branch.otherwise {
            Some(Else::Block(block)) => self.stage_items(kind, &block.items, &mut other),
            Some(Else::If(inner)) => vec![self.stage_branch(kind, inner, &mut other)],
            None => Vec::new(),
        };
        given.or(other);
        self.facts = known;
        StageItem::If { condition, then, otherwise }
    }

    /// The slots of a stage: name, place, and the name of the warehouse. Loops and conditions are evaluated by `each`.
    pub fn slot_names(&mut self, declaration: &ast::Declaration) -> Vec<(Expr, Option<Expr>, Span)> {
        let value = declaration.value.as_ref().map(|value| self.name_like(value.inner()));
        match &declaration.names {
            DeclNames::One(name) => {
                let text = self.name_text(name);
                vec![(text, value, name.span)]
            }
            DeclNames::List(elements, span) => {
                if let Some(value) = &value {
                    self.report(errors::one_warehouse_for_many(value.span));
                }
                let list = self.name_list(elements, *span);
                vec![(list, None, *span)]
            }
        }
    }

    pub fn check_slot_type(&mut self, declaration: &ast::Declaration, ty: &Ty) {
        let Some(written) = &declaration.ty else { return };
        let wanted = self.type_of(written);
        if super::assign::fits(ty, &wanted).is_err() {
            self.report(errors::freight_type(ty, &wanted, written.span));
        }
    }
}
