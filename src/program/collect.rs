use indexmap::map::Entry;

use super::{External, Program, Project, Scope, TaskDecl, errors};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::syntax::ast::{self, BindingValue, DeclNames, Declaration, Item, ItemKind};

/// Collects the declarations of all files, given in the order of their paths.
pub fn collect<'a>(files: &[&'a ast::Block]) -> (Program<'a>, Vec<Diagnostic>) {
    let mut collector = Collector { program: Program::default(), reports: Vec::new(), homeless: Vec::new() };
    collector.program.start = files.first().and_then(|file| file.span).map(Span::before);
    for file in files {
        collector.program.lost.extend(file.lost.iter().cloned());
        collector.file(file);
    }
    if ["target", "kargo"].iter().any(|word| collector.program.lost.contains(*word)) {
        // It was not forgotten, only misspelt.
        collector.program.start = None;
    }
    collector.house();
    (collector.program, collector.reports)
}

struct Collector<'a> {
    program: Program<'a>,
    reports: Vec<Diagnostic>,
    /// What belongs to a project and stands in none.
    homeless: Vec<(&'a Item, Span)>,
}

impl<'a> Collector<'a> {
    fn file(&mut self, file: &'a ast::Block) {
        // A bare `project p` line: the rest of the file belongs to p.
        let mut current: Option<usize> = None;
        for item in &file.items {
            match &item.kind {
                ItemKind::Declaration(declaration) if declaration.kind.name == "project" => {
                    let Some(project) = self.project(item, declaration) else { continue };
                    match &declaration.body {
                        Some(body) => body.items.iter().for_each(|item| self.item(item, Some(project))),
                        None => current = Some(project),
                    }
                }
                _ => self.item(item, current),
            }
        }
    }

    /// A program that only lacks its `project` line gets its other checks all the same.
    fn house(&mut self) {
        let Some((_, span)) = self.homeless.first().copied().filter(|_| self.program.projects.is_empty()) else { return };
        let items = self.homeless.iter().map(|(item, _)| *item).collect();
        let scope = Scope::default();
        self.program.projects.push(Project { name: Name::new("my-project"), span, doc: None, cluster_name: None, items, scope });
    }

    /// The project of that name; declared in several files, it is one.
    fn project(&mut self, item: &'a Item, declaration: &'a Declaration) -> Option<usize> {
        let DeclNames::One(name) = &declaration.names else {
            self.reports.push(errors::misplaced("a list of projects", declaration.names.span(), "declare each project by itself"));
            return None;
        };
        let Some(constant) = name.as_constant() else {
            self.reports.push(errors::dynamic_name("project", name.span));
            return None;
        };
        if let Some(known) = self.program.projects.iter().position(|project| project.name == constant) {
            let project = self.program.projects.get_mut(known)?;
            project.doc = project.doc.or(item.doc.as_ref());
            return Some(known);
        }
        self.program.projects.push(Project {
            name: Name::new(constant),
            span: name.span,
            doc: item.doc.as_ref(),
            cluster_name: name.cluster_name.as_ref(),
            items: Vec::new(),
            scope: Scope::default(),
        });
        Some(self.program.projects.len() - 1)
    }

    fn item(&mut self, item: &'a Item, project: Option<usize>) {
        match &item.kind {
            ItemKind::Target(target) => self.program.targets.push(target),
            ItemKind::Use(_) => self.reports.push(errors::not_supported("`use`", item.span)),
            ItemKind::Binding(binding) => self.binding(binding, project),
            ItemKind::Type { name, ty } => {
                let known = *self.scope(project).types.entry(name.name.clone()).or_insert((ty, name.span));
                self.duplicate("type", &name.name, name.span, known.1);
            }
            ItemKind::Declaration(declaration) => self.declaration(item, declaration, project),
            ItemKind::Error => {}
            _ => self.object(item, project),
        }
    }

    fn binding(&mut self, binding: &'a ast::Binding, project: Option<usize>) {
        if binding.is_var {
            let help = "a variable of Kargo belongs to a stage or to `promote`; `let` binds a name for the whole file";
            self.reports.push(errors::misplaced("`var`", binding.name.span, help));
            return;
        }
        if let BindingValue::Step(step) | BindingValue::Try(step) = &binding.value
            && matches!(step.body, ast::StepBody::Block(_))
        {
            let help = "steps run in `promote { … }` of a stage or in a `task`";
            self.reports.push(errors::misplaced("a step", step.span, help));
            return;
        }
        let Some(name) = binding.name.as_constant().map(Name::new) else {
            self.reports.push(errors::dynamic_name("`let`", binding.name.span));
            return;
        };
        match self.scope(project).lets.entry(name.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(binding);
            }
            Entry::Occupied(known) => {
                let first = known.get().name.span;
                self.duplicate("`let`", &name, binding.name.span, first);
            }
        }
    }

    fn declaration(&mut self, item: &'a Item, declaration: &'a Declaration, project: Option<usize>) {
        let is_external = item.attributes.iter().any(|attribute| attribute.name.name == "external");
        match declaration.kind.name.as_str() {
            _ if is_external => {
                let Some((name, span)) = self.constant(declaration) else { return };
                let known = *self.scope(project).externals.entry(name.clone()).or_insert(External { declaration, span });
                self.duplicate("external thing", &name, span, known.span);
            }
            "cluster-task" if project.is_some() => {
                let help = "it belongs to no project: write it above the `project` line, or write `task`";
                self.reports.push(errors::misplaced("a `cluster-task` in a project", declaration.kind.span, help));
            }
            "task" | "cluster-task" => {
                let Some((name, span)) = self.constant(declaration) else { return };
                let known = *self.scope(project).tasks.entry(name.clone()).or_insert(TaskDecl { item, declaration, span });
                self.duplicate("task", &name, span, known.span);
            }
            "step" => {
                let Some((name, span)) = self.constant(declaration) else { return };
                let (_, known) = *self.scope(project).steps.entry(name.clone()).or_insert((item, declaration));
                self.duplicate("step", &name, span, known.names.span());
            }
            "kind" => {
                let Some((name, span)) = self.constant(declaration) else { return };
                let (_, known) = *self.scope(project).kinds.entry(name.clone()).or_insert((item, declaration));
                self.duplicate("kind", &name, span, known.names.span());
            }
            "template" => self.reports.push(errors::not_supported("`template`", declaration.kind.span)),
            "project" => {
                let help = "a project stands at the top of a file";
                self.reports.push(errors::misplaced("a project inside a project", declaration.kind.span, help));
            }
            _ => self.object(item, project),
        }
    }

    /// Whatever becomes objects of a project.
    fn object(&mut self, item: &'a Item, project: Option<usize>) {
        match project.and_then(|project| self.program.projects.get_mut(project)) {
            Some(project) => project.items.push(item),
            None => {
                let (what, span) = describe(item);
                // One line is missing, however much of the file needs it.
                if !self.homeless.iter().any(|(_, known)| known.file == span.file) {
                    self.reports.push(errors::missing_project(&what, span));
                }
                self.homeless.push((item, span));
            }
        }
    }

    fn constant(&mut self, declaration: &'a Declaration) -> Option<(Name, Span)> {
        let what = declaration.kind.name.as_str();
        match &declaration.names {
            DeclNames::One(name) => match name.as_constant() {
                Some(constant) => Some((Name::new(constant), name.span)),
                None => {
                    self.reports.push(errors::dynamic_name(what, name.span));
                    None
                }
            },
            DeclNames::List(_, span) => {
                self.reports.push(errors::dynamic_name(what, *span));
                None
            }
        }
    }

    fn scope(&mut self, project: Option<usize>) -> &mut Scope<'a> {
        match project.and_then(|project| self.program.projects.get_mut(project)) {
            Some(project) => &mut project.scope,
            None => &mut self.program.outer,
        }
    }

    /// Reports the declaration at `at`, unless it is itself the one that counts.
    fn duplicate(&mut self, what: &str, name: &str, at: Span, first: Span) {
        if at != first {
            self.reports.push(errors::duplicate(what, name, at, first));
        }
    }
}

fn describe(item: &Item) -> (String, Span) {
    match &item.kind {
        ItemKind::Declaration(declaration) => (format!("`{}`", declaration.kind.name), declaration.kind.span.to(declaration.names.span())),
        ItemKind::Flow(flow) => ("`flow`".to_owned(), flow.keyword),
        ItemKind::Loop(found) => ("`for`".to_owned(), found.keyword),
        ItemKind::Branch(found) => ("`if`".to_owned(), found.keyword),
        ItemKind::Setting { key, .. } => ("setting".to_owned(), key.span),
        ItemKind::Step(step) => (format!("`{}`", step.kind.name), step.kind.span),
        _ => ("entry".to_owned(), item.span),
    }
}
