use std::collections::HashMap;
use std::sync::Arc;

use super::{Checked, Expander, Flow, FlowNode, Instances, Object, ProjectInstance, Slot, Stage, Subscription, Warehouse, errors, names};
use crate::base::{Name, Span};
use crate::diag::{Diagnostic, nearest};
use crate::library::{Field, KindSig, Record, Ty, Version};
use crate::program::Project;
use crate::syntax::ast::{self, DeclNames, Else, FlowNames, Item, ItemKind, StepBody};
use crate::types::eval::{Env, bound, eval, items as loop_items};
use crate::types::{BlockItem, CheckedBlock, Checker, SlotType, Value, World};

/// Kinds that a later version compiles; until then they are said to be known.
const LATER: &[&str] = &[
    "application",
    "app-project",
    "application-set",
    "rollout",
    "analysis-template",
    "cluster-analysis-template",
    "workflow-template",
    "cluster-workflow-template",
    "cron-workflow",
    "role",
    "cluster-config",
    "secret",
];

/// Makes the instances of all projects.
pub fn expand<'a>(world: &World<'a>) -> (Instances<'a>, Vec<Diagnostic>) {
    let mut expander = Expander { world, checked: Checked::default(), reports: Vec::new() };
    let mut instances = Instances::default();
    for (index, project) in world.program.projects.iter().enumerate() {
        instances.projects.extend(expander.project(index, project));
    }
    (instances, expander.reports)
}

/// The static names at a place: their types for the checker, their values for the instance.
#[derive(Clone, Default)]
struct Scope {
    locals: Vec<(Name, Span, Ty)>,
    env: Env,
}

/// What is collected while walking a project.
#[derive(Default)]
struct Found<'a> {
    objects: Vec<(&'a Item, &'a ast::Declaration, Scope)>,
    stages: Vec<(&'a Item, &'a ast::Declaration, Scope)>,
    flows: Vec<(&'a ast::Flow, Scope)>,
    settings: Vec<&'a Item>,
}

impl<'w, 'a> Expander<'w, 'a> {
    fn project(&mut self, index: usize, project: &Project<'a>) -> Option<ProjectInstance<'a>> {
        if let Some(why) = names::namespace_problem(&project.name) {
            self.reports.push(errors::bad_name("project", &project.name, project.span, why));
        }
        let mut found = Found::default();
        let mut scope = Scope::default();
        scope.env.project = Some(project.name.clone());
        self.items(index, project.items.iter().copied(), &scope, &mut found);
        let kind = self.world.kind(Some(index), "project")?;
        let block = self.project_block(index, &kind, project, &found.settings);
        let mut instance = ProjectInstance {
            index,
            name: project.name.clone(),
            span: project.span,
            doc: project.doc.map(|doc| Arc::from(doc.text.as_str())),
            block,
            warehouses: Vec::new(),
            objects: Vec::new(),
            stages: Vec::new(),
            flows: Vec::new(),
        };
        for (item, declaration, scope) in &found.objects {
            self.object(index, item, declaration, scope, &mut instance);
        }
        self.duplicate_objects(&instance);
        for (item, declaration, scope) in &found.stages {
            self.stage(index, item, declaration, scope, &mut instance);
        }
        for (flow, scope) in &found.flows {
            let flow = self.flow(index, flow, scope);
            instance.flows.push(flow);
        }
        Some(instance)
    }

    fn project_block(&mut self, index: usize, kind: &Arc<KindSig>, project: &Project<'a>, settings: &[&'a Item]) -> CheckedBlock {
        let mut checker = Checker::new(self.world, Some(index));
        let block = ast::Block { items: settings.iter().map(|item| (*item).clone()).collect(), span: Some(project.span) };
        let checked = checker.block(kind, &block, project.span);
        self.reports.extend(checker.finish());
        checked
    }

    // ── Walking ──

    fn items(&mut self, project: usize, items: impl IntoIterator<Item = &'a Item>, scope: &Scope, found: &mut Found<'a>) {
        let mut scope = scope.clone();
        let mut previous: Option<&'a Item> = None;
        for item in items {
            match &item.kind {
                ItemKind::Error => {}
                ItemKind::Setting { .. } => found.settings.push(item),
                ItemKind::Flow(flow) => found.flows.push((flow, scope.clone())),
                ItemKind::Declaration(declaration) => self.declaration(project, item, declaration, &scope, found),
                ItemKind::Loop(for_loop) => self.for_loop(project, for_loop, &scope, found),
                ItemKind::Branch(branch) => self.branch(project, branch, &scope, found),
                ItemKind::Binding(binding) => self.binding(project, binding, &mut scope),
                ItemKind::Step(step) => self.block_without_name(project, step, previous, item, &scope, found),
                _ => {
                    self.reports.push(errors::misplaced("this", item.span, "a project holds warehouses, stages, flows, tasks and settings"))
                }
            }
            previous = Some(item);
        }
    }

    fn declaration(&mut self, project: usize, item: &'a Item, declaration: &'a ast::Declaration, scope: &Scope, found: &mut Found<'a>) {
        let kind = &declaration.kind;
        if kind.name == "stage" {
            found.stages.push((item, declaration, scope.clone()));
            return;
        }
        if kind.name == "slot" || kind.name == "require" {
            let help = if kind.name == "slot" { "a slot stands in a stage" } else { "`require` stands in `promote { … }`" };
            self.reports.push(errors::misplaced(&format!("`{}`", kind.name), kind.span, help));
            return;
        }
        match self.world.kind(Some(project), &kind.name) {
            Some(found_kind) if found_kind.rules.object.is_some() && kind.name != "project" => {
                found.objects.push((item, declaration, scope.clone()))
            }
            Some(found_kind) => {
                let outer = found_kind.rules.inside.clone().unwrap_or_default();
                self.reports.push(errors::inner_kind(kind, &outer));
            }
            None if LATER.contains(&kind.name.as_str()) => self.reports.push(errors::later_kind(kind)),
            None => {
                let known = self.known_words(project);
                self.reports.push(errors::unknown_kind(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
            }
        }
    }

    fn known_words(&self, project: usize) -> Vec<Name> {
        let mut words: Vec<Name> = ["task", "flow", "project", "target", "type", "template", "step"].map(Name::new).to_vec();
        words.extend(self.world.object_kinds(Some(project)));
        words.extend(LATER.iter().map(|word| Name::new(word)));
        words
    }

    /// `stage a, b { … }` reads as `stage a` and a block `b { … }`; anything else without a name is a call or a mistake.
    fn block_without_name(
        &mut self,
        project: usize,
        step: &'a ast::StepCall,
        previous: Option<&'a Item>,
        item: &'a Item,
        scope: &Scope,
        found: &mut Found<'a>,
    ) {
        if let Some(Item { kind: ItemKind::Declaration(before), .. }) = previous
            && before.body.is_none()
            && let DeclNames::One(name) = &before.names
            && before.kind.name == "stage"
        {
            let first = name.as_constant().unwrap_or("a");
            self.reports.push(errors::several_names(&before.kind.name, step.kind.span, &format!("{first}, {}", step.kind.name)));
            return;
        }
        let _ = (item, scope, found);
        if matches!(step.body, StepBody::Args(..)) {
            let is_task = self.world.task(Some(project), &step.kind.name).is_some();
            self.reports.push(errors::template_call(&step.kind, is_task));
            return;
        }
        match self.world.kind(Some(project), &step.kind.name) {
            Some(kind) if kind.rules.inside.is_some() => {
                let outer = kind.rules.inside.clone().unwrap_or_default();
                self.reports.push(errors::inner_kind(&step.kind, &outer));
            }
            Some(_) => self.reports.push(errors::misplaced(
                &format!("`{}` without a name", step.kind.name),
                step.kind.span,
                "write the name after the kind",
            )),
            None => {
                let known = self.known_words(project);
                self.reports.push(errors::unknown_kind(&step.kind, nearest(&step.kind.name, known.iter().map(Name::as_str))));
            }
        }
    }

    fn for_loop(&mut self, project: usize, for_loop: &'a ast::Loop, scope: &Scope, found: &mut Found<'a>) {
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let over = checker.static_expr(&for_loop.over, "what a `for` runs over");
        let before = scope.locals.len();
        let binds = checker.bind_loop(&for_loop.first, for_loop.second.as_ref(), &over);
        let mut locals = scope.locals.clone();
        locals.extend(checker.locals_from(before));
        self.reports.extend(checker.finish());
        for (key, item) in loop_items(&eval(&over, &scope.env)) {
            let env = scope.env.with(bound(binds, key, item));
            self.items(project, &for_loop.body.items, &Scope { locals: locals.clone(), env }, found);
        }
    }

    fn branch(&mut self, project: usize, branch: &'a ast::Branch, scope: &Scope, found: &mut Found<'a>) {
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let condition = checker.static_condition(&branch.condition);
        self.reports.extend(checker.finish());
        if eval(&condition, &scope.env).holds() {
            self.items(project, &branch.then.items, scope, found);
            return;
        }
        match &branch.otherwise {
            Some(Else::Block(block)) => self.items(project, &block.items, scope, found),
            Some(Else::If(inner)) => self.branch(project, inner, scope, found),
            None => {}
        }
    }

    /// A `let` inside a loop: one more static name of the instance.
    fn binding(&mut self, project: usize, binding: &'a ast::Binding, scope: &mut Scope) {
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let value = match &binding.value {
            ast::BindingValue::Expr(expr) => checker.static_expr(expr, "a `let` outside `promote`"),
            _ => crate::types::tree::Expr::error(binding.name.span),
        };
        self.reports.extend(checker.finish());
        let Some(name) = binding.name.as_constant() else { return };
        scope.locals.push((Name::new(name), binding.name.span, value.ty.clone()));
        let value = eval(&value, &scope.env);
        scope.env.locals.push(value);
    }

    // ── Objects ──

    /// The names of a declaration: several for a list.
    fn names(&mut self, project: usize, names: &DeclNames, scope: &Scope) -> Vec<(Name, Name, Span)> {
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let out = match names {
            DeclNames::One(name) => {
                let text = checker.name_text(name);
                let own = eval(&text, &scope.env);
                let cluster = name.cluster_name.as_ref().map(|name| checker.name_like(name)).map(|name| eval(&name, &scope.env));
                let own = own.as_text().map(Name::new);
                let cluster = cluster.and_then(|name| name.as_text().map(Name::new));
                own.map(|own| (own.clone(), cluster.unwrap_or(own), name.span)).into_iter().collect()
            }
            DeclNames::List(elements, span) => {
                let list = checker.name_list(elements, *span);
                let spans: Vec<Span> = elements.iter().map(element_span).collect();
                let all_plain = elements.iter().all(|element| matches!(element, ast::Element::Expr(_)));
                let values = loop_items(&eval(&list, &scope.env));
                values
                    .into_iter()
                    .enumerate()
                    .filter_map(|(at, (_, name))| {
                        let span = if all_plain { spans.get(at).copied().unwrap_or(*span) } else { *span };
                        name.as_text().map(|name| (Name::new(name), Name::new(name), span))
                    })
                    .collect()
            }
        };
        self.reports.extend(checker.finish());
        out
    }

    fn object(
        &mut self,
        project: usize,
        item: &'a Item,
        declaration: &'a ast::Declaration,
        scope: &Scope,
        instance: &mut ProjectInstance<'a>,
    ) {
        let Some(kind) = self.world.kind(Some(project), &declaration.kind.name) else { return };
        let Some(body) = &declaration.body else {
            self.reports.push(errors::misplaced(
                &format!("`{}` without a block", kind.name),
                declaration.names.span(),
                "its settings follow in `{ … }`",
            ));
            return;
        };
        let mut reports = Vec::new();
        crate::types::availability(&kind.rules, &format!("`{}`", kind.name), declaration.kind.span, &self.world.target, &mut reports);
        self.reports.append(&mut reports);
        let block = self.checked_block(project, &kind, body, declaration, scope);
        for (name, cluster_name, span) in self.names(project, &declaration.names, scope) {
            if let Some(why) = names::object_name_problem(&cluster_name, 253) {
                self.reports.push(errors::bad_name(&kind.name, &cluster_name, span, why));
            }
            let doc = item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
            let object =
                Object { kind: Arc::clone(&kind), name, cluster_name, span, doc, block: Arc::clone(&block), env: scope.env.clone() };
            if kind.name == "warehouse" {
                let warehouse = self.warehouse(object, declaration);
                instance.warehouses.push(warehouse);
            } else {
                instance.objects.push(object);
            }
        }
    }

    fn checked_block(
        &mut self,
        project: usize,
        kind: &Arc<KindSig>,
        body: &ast::Block,
        declaration: &ast::Declaration,
        scope: &Scope,
    ) -> Arc<CheckedBlock> {
        let key = body.span.unwrap_or(declaration.kind.span);
        if let Some(known) = self.checked.blocks.get(&key) {
            return Arc::clone(known);
        }
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let block = Arc::new(checker.block(kind, body, declaration.kind.span));
        self.reports.extend(checker.finish());
        self.checked.blocks.insert(key, Arc::clone(&block));
        block
    }

    fn warehouse(&mut self, object: Object, declaration: &ast::Declaration) -> Warehouse {
        let mut subscriptions: Vec<Subscription> = Vec::new();
        let mut has_inner = false;
        crate::expand::visit_block(&object.block.items, &object.env, &mut |item, env| {
            if let BlockItem::Inner { name, names, span, block } = item {
                has_inner = true;
                subscriptions.extend(subscription(name.as_ref(), names.as_ref(), *span, block, env));
            }
        });
        if !has_inner && !object.block.items.iter().any(|item| matches!(item, BlockItem::For { .. } | BlockItem::If { .. })) {
            self.reports.push(errors::empty_warehouse(&object.name, object.span));
        }
        self.duplicate_subscriptions(&subscriptions);
        let fields = subscriptions.iter().map(|found| Field::plain(found.name.clone(), found.span, found.ty.clone())).collect();
        let freight = Ty::Record(Arc::new(Record { name: None, fields, open: None }));
        if let Some(written) = &declaration.ty {
            let mut checker = Checker::new(self.world, None);
            checker.check_freight_type(written, &freight);
            self.reports.extend(checker.finish());
        }
        Warehouse { object, subscriptions, freight }
    }

    fn duplicate_subscriptions(&mut self, subscriptions: &[Subscription]) {
        let mut names: HashMap<&str, Span> = HashMap::new();
        let mut repositories: HashMap<String, Span> = HashMap::new();
        for found in subscriptions {
            let key = format!("{} {:?}", found.function, found.arguments);
            let repository = found.arguments.first().cloned().unwrap_or_default();
            if let Some(first) = names.insert(&found.name, found.span) {
                self.reports.push(errors::subscription_twice(&found.name, found.span, first));
            } else if let Some(first) = repositories.insert(key, found.span) {
                self.reports.push(errors::repository_twice(&repository, found.span, first));
            }
        }
    }

    fn duplicate_objects(&mut self, instance: &ProjectInstance<'a>) {
        let mut seen: HashMap<(Name, Name), Span> = HashMap::new();
        let objects = instance.warehouses.iter().map(|warehouse| &warehouse.object).chain(&instance.objects);
        for object in objects {
            if let Some(first) = seen.insert((object.kind.name.clone(), object.cluster_name.clone()), object.span) {
                self.reports.push(errors::duplicate(&object.kind.name, &object.cluster_name, object.span, first));
            }
        }
    }

    // ── Stages ──

    fn stage(
        &mut self,
        project: usize,
        item: &'a Item,
        declaration: &'a ast::Declaration,
        scope: &Scope,
        instance: &mut ProjectInstance<'a>,
    ) {
        let Some(kind) = self.world.kind(Some(project), "stage") else { return };
        static EMPTY: ast::Block = ast::Block { items: Vec::new(), span: None };
        let body: &'a ast::Block = declaration.body.as_ref().unwrap_or(&EMPTY);
        for (name, cluster_name, span) in self.names(project, &declaration.names, scope) {
            // A stage's name becomes the value of labels.
            if let Some(why) = names::object_name_problem(&cluster_name, 63) {
                self.reports.push(errors::bad_name("stage", &cluster_name, span, why));
            }
            if let Some(first) = instance.stages.iter().find(|known| known.cluster_name == cluster_name) {
                self.reports.push(errors::duplicate("stage", &cluster_name, span, first.span));
                continue;
            }
            let mut env = scope.env.clone();
            env.stage = Some(cluster_name.clone());
            let slots = self.slots(project, &body.items, &Scope { locals: scope.locals.clone(), env: env.clone() }, instance, &name);
            let checked = self.checked_stage(project, &kind, body, declaration, scope, &slots, instance);
            let doc = item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
            instance.stages.push(Stage { name, cluster_name, span, doc, body: checked, env, slots });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "everything a body sees, in one place")]
    fn checked_stage(
        &mut self,
        project: usize,
        kind: &Arc<KindSig>,
        body: &ast::Block,
        declaration: &ast::Declaration,
        scope: &Scope,
        slots: &[Slot],
        instance: &ProjectInstance<'a>,
    ) -> Arc<crate::types::CheckedStage> {
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
        let shape: String = types.iter().map(|slot| format!("{}:{};", slot.name, slot.ty.shape())).collect();
        let key = (body.span.unwrap_or(declaration.names.span()), shape);
        if let Some(known) = self.checked.stages.get(&key) {
            return Arc::clone(known);
        }
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let checked = Arc::new(checker.stage(kind, body, types, declaration.kind.span));
        self.reports.extend(checker.finish());
        self.checked.stages.insert(key, Arc::clone(&checked));
        checked
    }

    fn slots(&mut self, project: usize, items: &'a [Item], scope: &Scope, instance: &ProjectInstance<'a>, stage: &Name) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::new();
        self.slots_in(project, items, scope, instance, &mut slots);
        let second = slots.get(1).map(|slot| slot.span);
        if let (Some(at), Some(safe)) = (second, Version::parse("1.7.6"))
            && let Some(version) = self.world.target.before(safe)
        {
            self.reports.push(errors::slot_bootstrap_panics(stage, at, version));
        }
        slots
    }

    fn slots_in(&mut self, project: usize, items: &'a [Item], scope: &Scope, instance: &ProjectInstance<'a>, slots: &mut Vec<Slot>) {
        for item in items {
            match &item.kind {
                ItemKind::Declaration(declaration) if declaration.kind.name == "slot" => {
                    self.slot(project, declaration, scope, instance, slots)
                }
                ItemKind::Loop(found) => {
                    let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
                    let over = checker.stage_static(&found.over);
                    let before = scope.locals.len();
                    let binds = checker.bind_loop(&found.first, found.second.as_ref(), &over);
                    let mut locals = scope.locals.clone();
                    locals.extend(checker.locals_from(before));
                    for (key, value) in loop_items(&eval(&over, &scope.env)) {
                        let env = scope.env.with(bound(binds, key, value));
                        self.slots_in(project, &found.body.items, &Scope { locals: locals.clone(), env }, instance, slots);
                    }
                }
                ItemKind::Branch(branch) => self.slots_in_branch(project, branch, scope, instance, slots),
                _ => {}
            }
        }
    }

    fn slots_in_branch(
        &mut self,
        project: usize,
        branch: &'a ast::Branch,
        scope: &Scope,
        instance: &ProjectInstance<'a>,
        slots: &mut Vec<Slot>,
    ) {
        if !has_slot(branch) {
            return;
        }
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
        let condition = checker.stage_static(&branch.condition);
        if eval(&condition, &scope.env).holds() {
            self.slots_in(project, &branch.then.items, scope, instance, slots);
            return;
        }
        match &branch.otherwise {
            Some(Else::Block(block)) => self.slots_in(project, &block.items, scope, instance, slots),
            Some(Else::If(inner)) => self.slots_in_branch(project, inner, scope, instance, slots),
            None => {}
        }
    }

    fn slot(
        &mut self,
        project: usize,
        declaration: &'a ast::Declaration,
        scope: &Scope,
        instance: &ProjectInstance<'a>,
        slots: &mut Vec<Slot>,
    ) {
        let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
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
            let (warehouse, meant) = self.find_warehouse(&origin, origin_span, instance, &mut checker);
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

    fn find_warehouse(
        &self,
        origin: &str,
        at: Span,
        instance: &ProjectInstance<'a>,
        checker: &mut Checker<'_, '_>,
    ) -> (Option<usize>, Option<Name>) {
        let found = instance.warehouses.iter().position(|warehouse| warehouse.object.name == origin);
        if found.is_some() {
            return (found, None);
        }
        let known: Vec<Name> = instance.warehouses.iter().map(|warehouse| warehouse.object.name.clone()).collect();
        let near = nearest(origin, known.iter().map(Name::as_str));
        checker.report(errors::unknown_warehouse(origin, at, near, &known, None));
        (None, near.map(Name::new))
    }

    // ── Flows ──

    fn flow(&mut self, project: usize, flow: &'a ast::Flow, scope: &Scope) -> Flow<'a> {
        let nodes = flow
            .nodes
            .iter()
            .map(|node| {
                let mut checker = Checker::with_locals(self.world, Some(project), &scope.locals);
                let (names, is_list) = match &node.names {
                    FlowNames::One(name) => {
                        let text = eval(&checker.name_text(name), &scope.env);
                        (text.as_text().map(|text| (Name::new(text), name.span)).into_iter().collect(), false)
                    }
                    FlowNames::List(elements, span) => {
                        let list = checker.name_list(elements, *span);
                        let plain = elements.iter().all(|element| matches!(element, ast::Element::Expr(_)));
                        let spans: Vec<Span> = elements.iter().map(element_span).collect();
                        let values = loop_items(&eval(&list, &scope.env));
                        let names = values.into_iter().enumerate().filter_map(|(at, (_, name))| {
                            let span = if plain { spans.get(at).copied().unwrap_or(*span) } else { *span };
                            name.as_text().map(|name| (Name::new(name), span))
                        });
                        (names.collect(), true)
                    }
                };
                self.reports.extend(checker.finish());
                FlowNode {
                    span: node.span,
                    join: node.join,
                    names,
                    is_list,
                    sources: node.sources.as_ref(),
                    env: scope.env.clone(),
                    locals: scope.locals.clone(),
                }
            })
            .collect();
        Flow { span: flow.keyword, nodes }
    }
}

fn element_span(element: &ast::Element) -> Span {
    match element {
        ast::Element::Expr(expr) | ast::Element::Spread(expr) => expr.span,
        ast::Element::For(found) => found.span,
    }
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

/// The artifacts of one inner block of a warehouse: one, or one per name of a list.
fn subscription(
    name: Option<&crate::types::tree::Expr>,
    names: Option<&crate::types::tree::Expr>,
    span: Span,
    block: &CheckedBlock,
    env: &Env,
) -> Vec<Subscription> {
    let Some((function, settings)) = &block.kind.rules.lookup else { return Vec::new() };
    let arguments: Vec<String> = settings
        .iter()
        .filter_map(|setting| super::setting_value(block, setting, env).and_then(|value| value.as_text().map(str::to_owned)))
        .collect();
    let ty = block.kind.value.clone().unwrap_or(Ty::Error);
    let all: Vec<Name> = match (name, names) {
        (Some(name), _) => eval(name, env).as_text().map(Name::new).into_iter().collect(),
        (None, Some(names)) => loop_items(&eval(names, env)).into_iter().filter_map(|(_, name)| name.as_text().map(Name::new)).collect(),
        (None, None) => vec![block.kind.name.clone()],
    };
    let make = |name| Subscription { name, span, ty: ty.clone(), function: function.clone(), arguments: arguments.clone() };
    all.into_iter().map(make).collect()
}
