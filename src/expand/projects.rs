//! From the entries that were found to the instances of projects.

use std::collections::HashMap;
use std::sync::Arc;

use super::calls::Calls;
use super::walk::{At, Scope};
use super::{Checked, Expander, Instances, ProjectInstance, errors, names};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::program::{Project, ScopeId};
use crate::syntax::ast::{self, DeclNames, Item, ItemKind};
use crate::types::eval::{Env, eval};
use crate::types::index::Meaning;
use crate::types::{CheckedBlock, World};

/// Makes the instances of all projects.
pub fn expand<'a>(world: &World<'a>) -> (Instances<'a>, Vec<Diagnostic>) {
    let mut expander = Expander {
        world,
        checked: Checked::default(),
        reports: Vec::new(),
        building: Vec::new(),
        called: Default::default(),
        is_sample: false,
    };
    for project in &world.program.projects {
        expander.project(project);
    }
    expander.items(world.program.calls.iter().copied(), &Scope::new(ScopeId::OUTER), None);
    let mut instances = Instances::default();
    for building in expander.take_buildings() {
        instances.projects.extend(expander.instance(building));
    }
    expander.uncalled();
    (instances, expander.reports)
}

/// A project whose entries are being collected.
pub(super) struct Building<'a> {
    name: Name,
    span: Span,
    doc: Option<&'a ast::Doc>,
    scope: ScopeId,
    /// The block in a template that made it.
    block: Option<Span>,
    calls: Calls,
    found: Found<'a>,
}

/// What is collected while walking a project.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) objects: Vec<(&'a Item, &'a ast::Declaration, Scope)>,
    pub(super) stages: Vec<(&'a Item, &'a ast::Declaration, Scope)>,
    pub(super) flows: Vec<(&'a ast::Flow, Scope)>,
    pub(super) settings: Vec<(&'a Item, Scope)>,
}

impl<'a> Expander<'_, 'a> {
    pub(super) fn take_buildings(&mut self) -> Vec<Building<'a>> {
        std::mem::take(&mut self.building)
    }

    /// A project that is declared by itself.
    fn project(&mut self, project: &Project<'a>) {
        let mut scope = Scope::new(project.scope);
        scope.env.project = Some(project.name.clone());
        let Project { name, span, doc, declared, .. } = project;
        let first = declared.first().copied().unwrap_or(*span);
        self.world.note(|index| declared.iter().for_each(|at| index.refer(*at, first, Meaning::Project)));
        let (block, calls) = (None, Calls::default());
        self.building.push(Building {
            name: name.clone(),
            span: *span,
            doc: *doc,
            scope: project.scope,
            block,
            calls,
            found: Found::default(), //
        });
        let at = self.building.len() - 1;
        self.items(project.items.iter().copied(), &scope, Some(at));
    }

    /// `project "${name}" { … }` in a template, or in a loop at the top.
    pub(super) fn open_project(&mut self, item: &'a Item, declaration: &'a ast::Declaration, scope: &Scope, at: At) {
        if at.is_some() && !self.is_sample {
            self.reports.push(errors::project_in_project(declaration.kind.span, scope.calls.outermost()));
            return;
        }
        let Some(body) = &declaration.body else {
            let help = "here a project has its entries in `{ … }`";
            self.reports.push(errors::misplaced("a line `project`", declaration.kind.span, help));
            return;
        };
        if let DeclNames::List(_, span) = &declaration.names {
            self.reports.push(errors::misplaced("a list of projects", *span, "declare each project by itself"));
            return;
        }
        for (name, _, span) in self.names(&declaration.names, scope) {
            let mut inside = scope.clone();
            inside.env.project = Some(name.clone());
            self.world.note(|index| index.refer(span, span, Meaning::Project));
            let block = Some(declaration.kind.span);
            let known = self.building.iter().position(|known| known.name == name);
            let at = match known {
                Some(known) if self.building.get(known).is_some_and(|known| known.block == block) => {
                    let first = self.building.get(known).map(|known| known.calls.clone()).unwrap_or_default();
                    let made = |calls: &Calls| super::Made { span, calls: calls.clone() };
                    self.reports.push(made(&scope.calls).duplicate("project", &name, &made(&first)));
                    continue;
                }
                Some(known) => known,
                None => {
                    let (calls, found) = (scope.calls.clone(), Found::default());
                    let doc = item.doc.as_deref();
                    self.building.push(Building { name, span, doc, scope: scope.home, block, calls, found });
                    self.building.len() - 1
                }
            };
            self.items(&body.items, &inside, Some(at));
        }
    }

    /// Adds what belongs to a project.
    pub(super) fn object_of(&mut self, at: At, span: Span, scope: &Scope, add: impl FnOnce(&mut Found<'a>, Scope)) {
        let at = match at {
            None if self.is_sample => self.sample_project(scope),
            _ => at,
        };
        match at.and_then(|at| self.building.get_mut(at)) {
            Some(building) => add(&mut building.found, scope.clone()),
            None => self.homeless(span, scope),
        }
    }

    /// A project for the entries of a template that is called in projects.
    fn sample_project(&mut self, scope: &Scope) -> At {
        if self.building.is_empty() {
            let span = scope.calls.outermost()?;
            let (calls, found, scope) = (scope.calls.clone(), Found::default(), scope.home);
            self.building.push(Building { name: Name::new("project"), span, doc: None, scope, block: None, calls, found });
        }
        Some(0)
    }

    /// Something that needs a project and has none.
    fn homeless(&mut self, span: Span, scope: &Scope) {
        ["stage", "warehouse"].iter().for_each(|word| self.world.lose(word));
        // One line is missing, and that was said.
        if self.world.program.is_homeless {
            return;
        }
        let report = match scope.calls.outermost() {
            Some(call) if self.world.first_report(format!("homeless {call:?}")) => errors::call_without_project(call, span),
            Some(_) => return,
            None => errors::without_project(span),
        };
        self.reports.push(report);
    }

    // ── Instances ──

    pub(super) fn instance(&mut self, building: Building<'a>) -> Option<ProjectInstance<'a>> {
        let Building { name, span, doc, scope, calls, found, block } = building;
        if let Some(why) = names::namespace_problem(&name) {
            self.reports.push(calls.blame(errors::bad_name("project", &name, span, why)));
        }
        let blocks = self.project_blocks(&name, span, scope, &found.settings)?;
        let mut instance = ProjectInstance {
            scope,
            is_declared: block.is_none(),
            name,
            span,
            doc: doc.map(|doc| Arc::from(doc.text.as_str())),
            blocks,
            warehouses: Vec::new(),
            objects: Vec::new(),
            stages: Vec::new(),
            flows: Vec::new(),
            warehouse_names: HashMap::new(),
            stage_names: HashMap::new(),
            callables: Default::default(),
        };
        for (item, declaration, scope) in &found.objects {
            self.object(item, declaration, scope, &mut instance);
        }
        // A call that was made twice is one mistake.
        let repeated = self.drop_duplicates(&mut instance);
        instance.callables = super::stages::callables(&instance.objects);
        for (item, declaration, scope) in found.stages.iter().filter(|(_, _, scope)| !scope.calls.is_among(&repeated)) {
            self.stage(item, declaration, scope, &mut instance);
        }
        for (flow, scope) in found.flows.iter().filter(|(_, scope)| !scope.calls.is_among(&repeated)) {
            let flow = self.flow(flow, scope);
            instance.flows.push(flow);
        }
        Some(instance)
    }

    /// The settings of a project: one block for those that see the same names; the first is always there.
    fn project_blocks(
        &mut self,
        name: &Name,
        span: Span,
        home: ScopeId,
        settings: &[(&'a Item, Scope)],
    ) -> Option<Vec<(Arc<CheckedBlock>, Env)>> {
        let kind = self.world.kind(home, "project")?;
        let mut outer = Scope::new(home);
        outer.env.project = Some(name.clone());
        let mut groups: Vec<(Scope, Vec<Item>)> = vec![(outer, Vec::new())];
        let mut seen: HashMap<Name, Span> = HashMap::new();
        for (item, scope) in settings {
            let places = |scope: &Scope| (scope.home, scope.locals.iter().map(|(_, span, _)| *span).collect::<Vec<_>>());
            match groups.last_mut().filter(|(known, _)| places(known) == places(scope) && known.env.locals == scope.env.locals) {
                Some((_, items)) => items.push((*item).clone()),
                None => groups.push((scope.clone(), vec![(*item).clone()])),
            }
            let ItemKind::Setting { key, .. } = &item.kind else { continue };
            let mut checker = self.checker(scope);
            let key_name = match &key.text {
                ast::KeyText::Word(word) => Some(word.clone()),
                ast::KeyText::Text(text) => eval(&checker.name_like(text), &scope.env).as_text().map(Name::new),
            };
            let Some(key_name) = key_name else { continue };
            // Within one block that is a matter of the block.
            if let Some(first) = seen.insert(key_name.clone(), key.span)
                && !groups.last().is_some_and(|(_, items)| items.iter().any(|item| item.span.contains(first)))
            {
                self.reports.push(scope.calls.blame(errors::duplicate("setting", &key_name, key.span, first)));
            }
        }
        let checked = |(scope, items): (Scope, Vec<Item>)| {
            let mut checker = self.checker(&scope);
            let block = ast::Block { items, span: Some(span) };
            let block = Arc::new(checker.block(&kind, &block, span));
            self.reports.extend(checker.finish());
            (block, scope.env)
        };
        Some(groups.into_iter().map(checked).collect())
    }
}
