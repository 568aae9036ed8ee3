use indexmap::map::Entry;

use super::{External, Program, Project, Scope, ScopeId, Sources, TaskDecl, errors};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::syntax::ast::{self, BindingValue, DeclNames, Declaration, Else, Item, ItemKind, StepBody};

/// What may exist elsewhere and be named here.
const EXTERNAL: &[&str] = &["analysis-template", "cluster-analysis-template"];

/// What declares something that others can see.
const DECLARING: &[&str] = &["task", "cluster-task", "template", "step", "kind", "project"];

/// Collects the declarations of all folders; the first of them is the program itself.
pub fn collect(sources: &Sources) -> (Program<'_>, Vec<Diagnostic>) {
    let mut program = Program::default();
    let new = |at| (ScopeId(at), Scope { is_foreign: at > 0, ..Scope::default() });
    program.scopes = (0..sources.folders.len()).map(new).collect();
    program.start = sources.parses.first().and_then(|parse| parse.file.span).map(Span::before);
    let mut collector =
        Collector { program, reports: Vec::new(), homeless: Vec::new(), folder: 0, imports: Vec::new(), foreign_project: false };
    for (index, folder) in sources.folders.iter().enumerate() {
        collector.folder = index;
        for parse in sources.files(folder) {
            collector.program.lost.extend(parse.lost.iter().map(|word| word.name.clone()));
            collector.file(&parse.file);
        }
    }
    collector.beginning();
    collector.house();
    let Collector { mut program, mut reports, imports, .. } = collector;
    super::imports::resolve(&mut program, sources, &imports, &mut reports);
    (program, reports)
}

struct Collector<'a> {
    program: Program<'a>,
    reports: Vec<Diagnostic>,
    /// What belongs to a project and stands in none.
    homeless: Vec<(&'a Item, Span)>,
    /// The folder whose files are collected.
    folder: usize,
    /// Every `use`, with its folder and the scope that it brings names into.
    imports: Vec<(&'a ast::Use, usize, ScopeId)>,
    /// Behind a line `project p` of a folder that is used.
    foreign_project: bool,
}

impl<'a> Collector<'a> {
    fn file(&mut self, file: &'a ast::Block) {
        // A bare `project p` line: the rest of the file belongs to p.
        let mut current: Option<usize> = None;
        self.foreign_project = false;
        for item in &file.items {
            match &item.kind {
                ItemKind::Declaration(declaration) if declaration.kind.name == "project" => {
                    if self.is_foreign() {
                        self.foreign_project |= declaration.body.is_none();
                        continue;
                    }
                    let (whole, body) = (item.whole(), declaration.body.as_ref().and_then(|body| body.span));
                    self.program.declared.push(body.map_or(whole, |body| Span { end: body.start, ..whole }));
                    let Some(project) = self.project(item, declaration) else { continue };
                    match &declaration.body {
                        Some(body) => body.items.iter().for_each(|item| self.item(item, Some(project))),
                        None => current = Some(project),
                    }
                }
                // What belongs to a project of another program is of no use here.
                _ if self.foreign_project => {}
                _ => self.item(item, current),
            }
        }
    }

    fn is_foreign(&self) -> bool {
        self.folder > 0
    }

    /// Decides whether a missing target is worth a report.
    fn beginning(&mut self) {
        let program = &mut self.program;
        // It was not forgotten, only misspelt.
        let is_misspelt = ["target", "kargo"].iter().any(|word| program.lost.contains(*word));
        let makes_nothing = program.projects.is_empty() && program.calls.is_empty() && self.homeless.is_empty();
        program.is_library = makes_nothing && program.scope(ScopeId::OUTER).is_some_and(|scope| !scope.is_empty());
        // Nobody knows what it would be, if nothing but text that cannot be read is left of it.
        let is_misspelt = is_misspelt || makes_nothing && !program.lost.is_empty();
        if is_misspelt || program.is_library {
            program.start = None;
        }
    }

    /// A program that only lacks its `project` line gets its other checks all the same; what stands beside the only project
    /// is meant to be in it.
    fn house(&mut self) {
        let Some((_, span)) = self.homeless.first().copied() else { return };
        let items: Vec<&Item> = self.homeless.iter().map(|(item, _)| *item).collect();
        match self.program.projects.as_mut_slice() {
            [] => {}
            [only] => return only.items.extend(items),
            _ => return,
        }
        let scope = self.new_scope();
        self.program.projects.push(Project {
            name: Name::new("my-project"),
            span,
            declared: Vec::new(),
            doc: None,
            cluster_name: None,
            items,
            scope,
        });
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
            project.doc = project.doc.or(item.doc.as_deref());
            project.declared.push(name.text.span);
            return Some(known);
        }
        let scope = self.new_scope();
        self.program.projects.push(Project {
            name: Name::new(constant),
            span: name.span,
            declared: vec![name.text.span],
            doc: item.doc.as_deref(),
            cluster_name: name.cluster_name.as_ref(),
            items: Vec::new(),
            scope,
        });
        Some(self.program.projects.len() - 1)
    }

    fn item(&mut self, item: &'a Item, project: Option<usize>) {
        if !is_object(item) {
            self.program.declared.push(item.whole());
        }
        match &item.kind {
            // The program that uses a folder says what it is for.
            ItemKind::Target(_) if self.is_foreign() => {}
            ItemKind::Target(target) => self.program.targets.push(target),
            ItemKind::Use(found) => self.imports.push((found, self.folder, self.scope_id(project))),
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
            && matches!(step.body, StepBody::Block(_))
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
        let is_external = is_external(item);
        match declaration.kind.name.as_str() {
            kind if is_external && !EXTERNAL.contains(&kind) => {
                let help = "analysis templates can be named so: `@external analysis-template name(argument: String)`";
                self.reports.push(errors::misplaced(&format!("`@external {kind}`"), declaration.kind.span, help));
            }
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
            "template" => {
                let Some((name, span)) = self.constant(declaration) else { return };
                let known = *self.scope(project).templates.entry(name.clone()).or_insert(TaskDecl { item, declaration, span });
                self.duplicate("template", &name, span, known.span);
            }
            "project" => {
                let help = "a project stands at the top of a file";
                self.reports.push(errors::misplaced("a project inside a project", declaration.kind.span, help));
            }
            _ => self.object(item, project),
        }
    }

    /// Whatever becomes objects of a project.
    fn object(&mut self, item: &'a Item, project: Option<usize>) {
        let is_foreign = self.is_foreign();
        match project.and_then(|project| self.program.projects.get_mut(project)) {
            Some(project) => project.items.push(item),
            // Objects of other programs are theirs.
            None if is_foreign => {}
            None if makes_projects(item) => self.program.calls.push(item),
            // Its body could not be read, and that was said: what it would have made is not known.
            None if is_broken(item) => {}
            None => {
                let (what, span) = describe(item);
                // One line is missing, however much of the file needs it.
                if !self.homeless.iter().any(|(_, known)| known.file == span.file) {
                    let known = self.program.projects.first().map(|project| project.name.as_str());
                    self.reports.push(errors::missing_project(&what, span, known));
                }
                self.homeless.push((item, span));
                self.program.is_homeless = true;
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

    fn scope_id(&self, project: Option<usize>) -> ScopeId {
        let own = project.and_then(|project| self.program.projects.get(project)).map(|project| project.scope);
        own.unwrap_or(ScopeId(self.folder))
    }

    fn scope(&mut self, project: Option<usize>) -> &mut Scope<'a> {
        let id = self.scope_id(project);
        self.program.scope_mut(id)
    }

    /// The scope of one more project.
    fn new_scope(&mut self) -> ScopeId {
        let id = ScopeId(self.program.scopes.len());
        self.program.scopes.insert(id, Scope { parent: Some(ScopeId::OUTER), ..Scope::default() });
        id
    }

    /// Reports the declaration at `at`, unless it is itself the one that counts.
    fn duplicate(&mut self, what: &str, name: &str, at: Span, first: Span) {
        if at != first {
            self.reports.push(errors::duplicate(what, name, at, first));
        }
    }
}

/// Whether an entry makes something of a project and declares nothing that others can see.
fn is_object(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Target(_) | ItemKind::Use(_) | ItemKind::Binding(_) | ItemKind::Type { .. } => false,
        ItemKind::Declaration(found) => !is_external(item) && !DECLARING.contains(&found.kind.name.as_str()),
        _ => true,
    }
}

fn is_external(item: &Item) -> bool {
    item.attributes.iter().any(|attribute| attribute.name.name == "external")
}

/// Whether an entry is a loop in which something could not be read.
fn is_broken(item: &Item) -> bool {
    matches!(&item.kind, ItemKind::Loop(found) if found.body.items.iter().any(|item| matches!(item.kind, ItemKind::Error)))
}

/// Whether an entry outside projects is a call, or a loop or condition over nothing but calls.
fn makes_projects(item: &Item) -> bool {
    let all = |block: &ast::Block| block.items.iter().all(makes_projects);
    match &item.kind {
        ItemKind::Step(step) => matches!(step.body, StepBody::Args(..)),
        ItemKind::Loop(found) => all(&found.body),
        ItemKind::Branch(branch) => branch_makes_projects(branch),
        ItemKind::Binding(_) => true,
        ItemKind::Declaration(declaration) => declaration.kind.name == "project",
        _ => false,
    }
}

fn branch_makes_projects(branch: &ast::Branch) -> bool {
    branch.then.items.iter().all(makes_projects)
        && match &branch.otherwise {
            Some(Else::Block(block)) => block.items.iter().all(makes_projects),
            Some(Else::If(inner)) => branch_makes_projects(inner),
            None => true,
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
