//! Stages: their slots, and their bodies as the slots make them.

use std::sync::Arc;

use super::calls::{Calls, Made};
use super::objects::element_span;
use super::walk::Scope;
use super::{Expander, Object, ProjectInstance, Slot, Stage, errors, names};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{KindSig, Ty, Version};
use crate::syntax::ast::{self, DeclNames, Else, Item, ItemKind};
use crate::types::eval::{Env, bound, eval, items as loop_items};
use crate::types::index::Meaning;
use crate::types::{Callable, CheckedStage, Checker, SlotType, Value};

impl<'a> Expander<'_, 'a> {
    pub(super) fn stage(&mut self, item: &'a Item, declaration: &'a ast::Declaration, scope: &Scope, instance: &mut ProjectInstance<'a>) {
        let Some(kind) = self.world.kind(scope.home, "stage") else { return };
        self.world.note(|index| index.refer(declaration.kind.span, kind.span, Meaning::Kind(Arc::clone(&kind))));
        static EMPTY: ast::Block = ast::Block { items: Vec::new(), span: None };
        let body: &'a ast::Block = declaration.body.as_ref().unwrap_or(&EMPTY);
        for (name, cluster_name, span) in self.names(&declaration.names, scope) {
            // A stage's name becomes the value of labels.
            if let Some(why) = names::object_name_problem(&cluster_name, 63) {
                self.reports.push(scope.calls.blame(errors::bad_name("stage", &cluster_name, span, why)));
            }
            let made = Made { span, calls: scope.calls.clone() };
            if let Some(first) = instance.stage_names.insert(cluster_name.clone(), made.clone()) {
                self.reports.push(made.duplicate("stage", &cluster_name, &first));
                continue;
            }
            self.world.note(|index| index.refer(span, span, Meaning::Stage));
            let mut env = scope.env.clone();
            env.stage = Some(cluster_name.clone());
            let doc = item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
            if !self.world.sees(item) {
                let body = Arc::new(CheckedStage { kind: Arc::clone(&kind), items: Vec::new(), unclear: true });
                instance.stages.push(Stage { name, cluster_name, span, doc, body, env, slots: Vec::new() });
                continue;
            }
            let slots = self.slots(&body.items, &scope.with(scope.locals.clone(), env.clone()), instance, &name);
            let checked = self.checked_stage(&kind, body, declaration, scope, &slots, instance);
            self.one_promote(&checked, &env);
            instance.stages.push(Stage { name, cluster_name, span, doc, body: checked, env, slots });
        }
    }

    pub(super) fn one_promote(&mut self, stage: &CheckedStage, env: &Env) {
        let mut first = None;
        super::visit_stage(&stage.items, env, &mut |item, _| {
            if let crate::types::StageItem::Promote { span, .. } = item {
                match first {
                    Some(first) => self.reports.push(errors::two_promotes(*span, first)),
                    None => first = Some(*span),
                }
            }
        });
    }

    pub(super) fn checked_stage(
        &mut self,
        kind: &Arc<KindSig>,
        body: &ast::Block,
        declaration: &ast::Declaration,
        scope: &Scope,
        slots: &[Slot],
        instance: &ProjectInstance<'a>,
    ) -> Arc<CheckedStage> {
        let warehouse = |slot: &Slot| slot.warehouse.and_then(|index| instance.warehouses.get(index));
        let types: Vec<SlotType> = slots
            .iter()
            .map(|slot| SlotType {
                name: slot.name.clone(),
                span: slot.span,
                ty: warehouse(slot).map_or(Ty::Error, |found| found.freight.clone()),
                origin: warehouse(slot).map_or(slot.name.clone(), |found| found.object.name.clone()),
                meant: slot.meant.clone(),
            })
            .collect();
        let slots = types.iter().map(|slot| format!("{}:{};", slot.name, slot.ty.shape()));
        let (callables, look) = &instance.callables;
        let shape: String = slots.chain([look.clone()]).collect();
        let key = (body.span.unwrap_or(declaration.names.span()), shape);
        if let Some(known) = self.checked.stages.get(&key) {
            return Arc::clone(known);
        }
        let make = || {
            let mut checker = self.checker(scope);
            checker.with_callables(callables.clone());
            let checked = Arc::new(checker.stage(kind, body, types.clone(), declaration.kind.span));
            (checked, checker.finish())
        };
        // What stands in loops and templates is typed once for many stages.
        let is_plain = scope.locals.is_empty() && scope.calls.outermost().is_none();
        let (checked, reports) = if is_plain { self.world.stage(&key, scope.home, &types, make) } else { make() };
        self.reports.extend(reports);
        self.checked.stages.insert(key, Arc::clone(&checked));
        checked
    }

    pub(super) fn slots(&mut self, items: &'a [Item], scope: &Scope, instance: &ProjectInstance<'a>, stage: &Name) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::new();
        self.slots_in(items, scope, instance, &mut slots);
        let second = slots.get(1).map(|slot| slot.span);
        if let (Some(at), Some(safe)) = (second, Version::parse("1.7.6"))
            && let Some(version) = self.world.target.before(safe)
        {
            self.reports.push(errors::slot_bootstrap_panics(stage, at, version));
        }
        slots
    }

    pub(super) fn slots_in(&mut self, items: &'a [Item], scope: &Scope, instance: &ProjectInstance<'a>, slots: &mut Vec<Slot>) {
        for item in items {
            match &item.kind {
                ItemKind::Declaration(declaration) if declaration.kind.name == "slot" => self.slot(declaration, scope, instance, slots),
                ItemKind::Loop(found) => {
                    let mut checker = self.checker(scope);
                    let over = checker.stage_static(&found.over);
                    let before = scope.locals.len();
                    let binds = checker.bind_loop(&found.first, found.second.as_ref(), &over);
                    let mut locals = scope.locals.clone();
                    locals.extend(checker.locals_from(before));
                    for (key, value) in loop_items(&eval(&over, &scope.env)) {
                        let env = scope.env.with(bound(binds, key, value));
                        self.slots_in(&found.body.items, &scope.with(locals.clone(), env), instance, slots);
                    }
                }
                ItemKind::Branch(branch) => self.slots_in_branch(branch, scope, instance, slots),
                _ => {}
            }
        }
    }

    pub(super) fn slots_in_branch(
        &mut self,
        branch: &'a ast::Branch,
        scope: &Scope,
        instance: &ProjectInstance<'a>,
        slots: &mut Vec<Slot>,
    ) {
        if !has_slot(branch) {
            return;
        }
        let mut checker = self.checker(scope);
        let condition = checker.stage_static(&branch.condition);
        if eval(&condition, &scope.env).holds() {
            self.slots_in(&branch.then.items, scope, instance, slots);
            return;
        }
        match &branch.otherwise {
            Some(Else::Block(block)) => self.slots_in(&block.items, scope, instance, slots),
            Some(Else::If(inner)) => self.slots_in_branch(inner, scope, instance, slots),
            None => {}
        }
    }

    pub(super) fn slot(&mut self, declaration: &'a ast::Declaration, scope: &Scope, instance: &ProjectInstance<'a>, slots: &mut Vec<Slot>) {
        let mut checker = self.checker(scope);
        let rows = checker.slot_names(declaration);
        let mut named: Vec<(Name, Name, Span, Span)> = Vec::new();
        for (text, origin, span) in rows {
            let value = eval(&text, &scope.env);
            let origin_span = origin.as_ref().map_or(span, |origin| origin.span);
            let origin = origin.map(|origin| eval(&origin, &scope.env)).and_then(|origin| origin.as_text().map(Name::new));
            match value {
                Value::Text(name) => {
                    let name = Name::new(&name);
                    named.push((name.clone(), origin.unwrap_or(name), span, origin_span));
                }
                Value::List(list) => {
                    let spans = list_spans(declaration, list.len(), span);
                    let rows = list
                        .iter()
                        .zip(spans)
                        .filter_map(|(name, span)| name.as_text().map(|name| (Name::new(name), Name::new(name), span, span)));
                    named.extend(rows);
                }
                _ => {}
            }
        }
        for (name, origin, span, origin_span) in named {
            if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') || name.starts_with(|c: char| c.is_ascii_digit()) {
                checker.report(errors::slot_name(&name, span));
            }
            let (warehouse, meant) = self.find_warehouse(&origin, origin_span, &scope.calls, instance, &mut checker);
            if let Some(first) = slots.iter().find(|slot| slot.name == name) {
                checker.report(errors::slot_twice(&name, span, first.span));
                continue;
            }
            if let Some(first) = slots.iter().find(|slot| slot.warehouse.is_some() && slot.warehouse == warehouse) {
                checker.report(errors::warehouse_in_two_slots(&origin, span, first.span));
                continue;
            }
            if let Some(found) = warehouse.and_then(|index| instance.warehouses.get(index)) {
                checker.check_slot_type(declaration, &found.freight);
            }
            slots.push(Slot { name, span, warehouse, meant });
        }
        self.reports.extend(checker.finish());
    }

    pub(super) fn find_warehouse(
        &self,
        origin: &str,
        at: Span,
        calls: &Calls,
        instance: &ProjectInstance<'a>,
        checker: &mut Checker<'_, '_>,
    ) -> (Option<usize>, Option<Name>) {
        let found = instance.warehouse_names.get(origin).copied();
        if let Some(warehouse) = found.and_then(|index| instance.warehouses.get(index)) {
            self.world.note(|index| index.refer(at, warehouse.object.span, Meaning::Warehouse));
        }
        if found.is_some() {
            return (found, None);
        }
        let known: Vec<Name> = instance.warehouses.iter().map(|warehouse| warehouse.object.name.clone()).collect();
        let near = nearest(origin, known.iter().map(Name::as_str));
        // The word alone: a warehouse was declared that nobody knows the name of.
        let lost = self.world.is_lost(origin) || self.world.is_lost("warehouse");
        if lost || !self.world.first_report(format!("{:?} {origin}", instance.name)) {
            return (None, None);
        }
        checker.report(calls.blame(errors::unknown_warehouse(origin, at, near, &known, None)));
        (None, near.map(Name::new))
    }
}

/// What the stages of a project can call to be verified.
pub(super) fn callables(objects: &[Object]) -> (Vec<Callable>, String) {
    let objects = objects.iter().filter(|object| object.kind.rules.parameters.is_some());
    let all: Vec<Callable> =
        objects.filter_map(|object| Callable::of(&object.block, object.name.clone(), object.cluster_name.clone(), object.span)).collect();
    let look = all.iter().map(|known| format!("{known:?};")).collect();
    (all, look)
}

fn list_spans(declaration: &ast::Declaration, count: usize, whole: Span) -> Vec<Span> {
    match &declaration.names {
        DeclNames::List(elements, _) if elements.len() == count => elements.iter().map(element_span).collect(),
        _ => vec![whole; count],
    }
}

fn has_slot(branch: &ast::Branch) -> bool {
    let in_items = |items: &[Item]| {
        items.iter().any(|item| match &item.kind {
            ItemKind::Declaration(declaration) => declaration.kind.name == "slot",
            ItemKind::Branch(inner) => has_slot(inner),
            ItemKind::Loop(_) => true,
            _ => false,
        })
    };
    in_items(&branch.then.items)
        || match &branch.otherwise {
            Some(Else::Block(block)) => in_items(&block.items),
            Some(Else::If(inner)) => has_slot(inner),
            None => false,
        }
}
