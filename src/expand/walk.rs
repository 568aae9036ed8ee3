use std::collections::HashMap;
use std::sync::Arc;

use super::{Checked, Expander, Instances, ProjectInstance, errors, names};
use crate::base::{Name, Span};
use crate::diag::{Diagnostic, nearest};
use crate::library::{KindSig, Ty};
use crate::program::Project;
use crate::syntax::ast::{self, DeclNames, Else, Item, ItemKind, StepBody};
use crate::types::eval::{Env, bound, eval, items as loop_items};
use crate::types::{CheckedBlock, Checker, World};

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
pub(super) struct Scope {
    pub(super) locals: Vec<(Name, Span, Ty)>,
    pub(super) env: Env,
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
            warehouse_names: HashMap::new(),
            stage_names: HashMap::new(),
        };
        for (item, declaration, scope) in &found.objects {
            self.object(index, item, declaration, scope, &mut instance);
        }
        self.drop_duplicates(&mut instance);
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
        let items = settings.iter().map(|item| (*item).clone()).collect();
        let block = ast::Block { items, span: Some(project.span), lost: Vec::new() };
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
                if let DeclNames::One(name) = &declaration.names {
                    self.world.lose(name.as_constant().unwrap_or_default());
                }
                self.reports.push(errors::unknown_kind(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
            }
        }
    }

    fn known_words(&self, project: usize) -> Vec<Name> {
        let mut words: Vec<Name> = ["task", "flow", "project", "target", "type", "template", "step"].map(Name::new).to_vec();
        words.extend(self.world.object_kinds(Some(project)));
        words.extend(LATER.iter().map(Name::new));
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
            Some(_) => {
                let what = format!("`{}` without a name", step.kind.name);
                self.reports.push(errors::misplaced(&what, step.kind.span, "write the name after the kind"));
                self.world.lose(&step.kind.name);
            }
            None => {
                let known = self.known_words(project);
                self.world.lose(&step.kind.name);
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
}
