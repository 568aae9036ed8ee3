//! What all checkers of one analysis share: the library, the target, the program's names, and what was already typed.

mod asked;
mod versions;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use asked::Asking;

use super::checker::Checker;
use super::errors;
use super::index::{Index, Meaning};
use super::kept::Keeping;
use super::templates::Template;
use super::tree::{LetDef, Task};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{Hazard, KindSig, Library, StepSig, Target, Targets, Ty, Version, kind_signature, step_signature, type_declaration};
use crate::program::{External, Import, Program, Scope, ScopeId, TaskDecl};
use crate::syntax::ast::{Binding, BindingValue, Expr, ExprKind};

pub(crate) use asked::Asked;
pub(super) use asked::Global;

pub struct World<'a> {
    pub library: &'a Library,
    /// What the program is for, of the main system.
    pub target: Target,
    pub targets: Targets,
    pub program: &'a Program<'a>,
    memo: RefCell<Memo>,
    /// What editors ask about, if one does.
    pub(super) index: Option<RefCell<Index>>,
    /// The only place that matters, if an editor asks about one.
    pub(super) focus: Option<Span>,
    /// Bodies that are kept from one analysis to the next, if an editor wants that.
    pub(super) keeping: Option<Keeping>,
    asking: Asking,
}

#[derive(Default)]
struct Memo {
    lets: HashMap<Span, Known<Arc<LetDef>>>,
    types: HashMap<Span, Known<Ty>>,
    tasks: HashMap<(Span, Name), Known<Arc<Task>>>,
    templates: HashMap<Span, Arc<Template>>,
    steps: HashMap<Span, Arc<StepSig>>,
    kinds: HashMap<Span, Arc<KindSig>>,
    used: std::collections::HashSet<Span>,
    /// The calls on the way to what is being typed, and how many there were when each open task was begun.
    calling: Vec<(Name, Span)>,
    open_tasks: Vec<(Span, usize)>,
    reported: std::collections::HashSet<String>,
    lost: std::collections::HashSet<Name>,
    older_patches: Vec<(Name, Version, Hazard)>,
    unused_vars: Vec<(Name, Diagnostic)>,
    raw_vars: std::collections::HashSet<Name>,
    reports: Vec<Diagnostic>,
}

#[derive(Clone)]
enum Known<T> {
    /// Being typed: whoever asks again is part of a cycle.
    Open,
    Done(T),
}

/// From where types are looked up.
pub(crate) type Lookup<'w, 'a> = (&'w World<'a>, ScopeId);

/// The declarations of one kind in a scope.
type Table<'a, T> = for<'s> fn(&'s Scope<'a>) -> &'s IndexMap<Name, T>;

impl<'a> World<'a> {
    pub fn new(library: &'a Library, targets: Targets, program: &'a Program<'a>) -> World<'a> {
        World {
            library,
            target: targets.main().clone(),
            targets,
            program,
            memo: RefCell::default(),
            index: None,
            focus: None,
            keeping: None,
            asking: Asking::default(),
        }
    }

    /// What was reported while typing shared declarations.
    pub fn take_reports(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.memo.borrow_mut().reports)
    }

    /// A declaration that is seen from `home`: its own name, and the scope that it stands in.
    pub(super) fn find<T: 'a>(&self, what: Global, home: ScopeId, name: &str, table: Table<'a, T>) -> Option<(&'a T, ScopeId)> {
        for (id, scope) in self.program.chain(home) {
            if let Some(found) = table(scope).get(name) {
                self.reads(what, home, name);
                return Some((found, id));
            }
            if let Some((found, import)) = self.imported(scope, name, table) {
                self.reads(what, home, name);
                self.mark_used(import.span);
                return Some((found, import.from));
            }
        }
        None
    }

    fn imported<T: 'a>(&self, scope: &'a Scope<'a>, name: &str, table: Table<'a, T>) -> Option<(&'a T, &'a Import)> {
        let import = scope.imports.get(name)?;
        let found = table(self.program.scope(import.from)?).get(&import.name)?;
        Some((found, import))
    }

    /// The names of one kind that are seen from `home`.
    pub(super) fn names<T: 'a>(&self, home: ScopeId, table: Table<'a, T>) -> Vec<Name> {
        let mut out = Vec::new();
        for (_, scope) in self.program.chain(home) {
            out.extend(table(scope).keys().cloned());
            out.extend(scope.imports.keys().filter(|name| self.imported(scope, name, table).is_some()).cloned());
        }
        out
    }

    pub fn is_used(&self, span: Span) -> bool {
        self.memo.borrow().used.contains(&span)
    }

    /// A `let` outside bodies, typed when first read.
    pub(crate) fn global_let(&self, home: ScopeId, name: &str) -> Option<Arc<LetDef>> {
        let (binding, home) = self.find(Global::Let, home, name, |scope| &scope.lets)?;
        let span = binding.name.span;
        self.mark_used(span);
        let known = self.memo.borrow().lets.get(&span).cloned();
        match known {
            Some(Known::Done(def)) => return Some(def),
            Some(Known::Open) => return Some(self.circular_let(name, span)),
            None => {}
        }
        self.memo.borrow_mut().lets.insert(span, Known::Open);
        let def = self.apart(|| self.typed_let(binding, name, home));
        self.memo.borrow_mut().lets.insert(span, Known::Done(Arc::clone(&def)));
        Some(def)
    }

    fn typed_let(&self, binding: &Binding, name: &str, home: ScopeId) -> Arc<LetDef> {
        let span = binding.name.span;
        let mut checker = Checker::new(self, home);
        let value = match &binding.value {
            BindingValue::Expr(expr) => checker.static_let(expr, binding.ty.as_ref()),
            BindingValue::Step(step) | BindingValue::Try(step) => {
                let callee = Expr { span: step.kind.span, kind: ExprKind::Name(step.kind.name.clone()) };
                let args = match &step.body {
                    crate::syntax::ast::StepBody::Args(args, _) => args.clone(),
                    crate::syntax::ast::StepBody::Block(_) => Vec::new(),
                };
                let call = Expr { span: step.span, kind: ExprKind::Call { callee: Box::new(callee), args } };
                checker.static_let(&call, binding.ty.as_ref())
            }
        };
        let reports = checker.finish();
        self.report(reports);
        let def = Arc::new(LetDef { name: Name::new(name), span, value, latched: false, id: usize::MAX, known: Default::default() });
        self.note_let(&def);
        def
    }

    fn circular_let(&self, name: &str, span: Span) -> Arc<LetDef> {
        self.report([errors::circular("`let`", name, span)]);
        let value = super::tree::Expr::error(span);
        Arc::new(LetDef { name: Name::new(name), span, value, latched: false, id: usize::MAX, known: Default::default() })
    }

    pub(crate) fn let_names(&self, home: ScopeId) -> Vec<Name> {
        self.names(home, |scope| &scope.lets)
    }

    /// A task, typed when first asked for. `None`: no such task.
    pub fn task(&self, home: ScopeId, name: &str) -> Option<Arc<Task>> {
        let (decl, home) = self.find(Global::Task, home, name, |scope| &scope.tasks)?;
        Some(self.named_task(*decl, home, Name::new(name)))
    }

    /// The task of a call that stands at `at`.
    pub(crate) fn called_task(&self, home: ScopeId, name: &str, at: Span) -> Option<Arc<Task>> {
        self.memo.borrow_mut().calling.push((Name::new(name), at));
        let task = self.task(home, name);
        self.memo.borrow_mut().calling.pop();
        task
    }

    /// The calls by which a task that is being typed calls itself.
    fn cycle(&self, decl: Span) -> Vec<(Name, Span)> {
        let memo = self.memo.borrow();
        let begun = memo.open_tasks.iter().find(|(open, _)| *open == decl).map_or(0, |(_, calls)| *calls);
        memo.calling.iter().skip(begun).cloned().collect()
    }

    /// The tasks that the program declares, and those of other folders that it calls, in the order of their places.
    pub fn known_tasks(&self) -> Vec<Arc<Task>> {
        for (home, scope) in self.program.own_scopes() {
            scope.tasks.values().for_each(|decl| drop(self.typed_task(*decl, home)));
        }
        let memo = self.memo.borrow();
        let mut tasks: BTreeMap<Span, Arc<Task>> = BTreeMap::new();
        #[expect(clippy::iter_over_hash_type, reason = "they are put in order")]
        for ((span, _), known) in &memo.tasks {
            if let Known::Done(task) = known {
                tasks.insert(*span, Arc::clone(task));
            }
        }
        tasks.into_values().collect()
    }

    /// A task by its own name.
    pub fn typed_task(&self, decl: TaskDecl<'a>, home: ScopeId) -> Arc<Task> {
        let name = decl.declaration.constant_name().map(Name::new).unwrap_or_default();
        self.named_task(decl, home, name)
    }

    /// A task under the name that `use` gives it, which is also the name of its object.
    fn named_task(&self, decl: TaskDecl<'a>, home: ScopeId, name: Name) -> Arc<Task> {
        // A task of the cluster is written by its own folder, under its own name.
        let is_cluster = decl.declaration.kind.name == "cluster-task";
        let own = decl.declaration.constant_name().filter(|_| is_cluster).map(Name::new);
        let name = own.unwrap_or(name);
        let key = (decl.span, name.clone());
        let known = self.memo.borrow().tasks.get(&key).cloned();
        match known {
            Some(Known::Done(task)) => return task,
            Some(Known::Open) => {
                self.report(errors::task_cycle(&self.cycle(decl.span)));
                return super::tasks::broken(decl);
            }
            None => {}
        }
        {
            let mut memo = self.memo.borrow_mut();
            let calls = memo.calling.len();
            memo.open_tasks.push((decl.span, calls));
            memo.tasks.insert(key.clone(), Known::Open);
        }
        let task = self.apart(|| {
            let mut checker = Checker::new(self, home);
            let task = Arc::new(Task { name, ..checker.task(decl) });
            let reports = checker.finish();
            self.report(reports);
            self.note(|index| index.refer(decl.span, decl.span, Meaning::Task(Arc::clone(&task))));
            task
        });
        self.memo.borrow_mut().open_tasks.pop();
        self.memo.borrow_mut().tasks.insert(key, Known::Done(Arc::clone(&task)));
        task
    }

    /// A template that is seen from `home`, with the scope that it stands in.
    pub fn template(&self, home: ScopeId, name: &str) -> Option<(TaskDecl<'a>, ScopeId)> {
        self.find(Global::Template, home, name, |scope| &scope.templates).map(|(decl, home)| (*decl, home))
    }

    /// Its signature, typed when first asked for.
    pub fn signature(&self, decl: TaskDecl<'a>, home: ScopeId) -> Arc<Template> {
        if let Some(known) = self.memo.borrow().templates.get(&decl.span) {
            return Arc::clone(known);
        }
        let template = self.apart(|| {
            let mut checker = Checker::new(self, home);
            let template = Arc::new(checker.template(decl));
            self.note(|index| index.refer(decl.span, decl.span, Meaning::Template(Arc::clone(&template))));
            let reports = checker.finish();
            self.report(reports);
            template
        });
        self.memo.borrow_mut().templates.insert(decl.span, Arc::clone(&template));
        template
    }

    pub fn template_names(&self, home: ScopeId) -> Vec<Name> {
        self.names(home, |scope| &scope.templates)
    }

    pub(crate) fn program_has_task(&self, home: ScopeId, name: &str) -> bool {
        self.find(Global::TaskName, home, name, |scope| &scope.tasks).is_some()
    }

    /// The declaration of a task that is seen from `home`; nothing of it is typed.
    pub(crate) fn task_declaration(&self, home: ScopeId, name: &str) -> Option<TaskDecl<'a>> {
        self.find(Global::TaskName, home, name, |scope| &scope.tasks).map(|(decl, _)| *decl)
    }

    pub(crate) fn task_names(&self, home: ScopeId) -> Vec<Name> {
        self.names(home, |scope| &scope.tasks)
    }

    pub(crate) fn external(&self, home: ScopeId, name: &str) -> Option<External<'a>> {
        let (found, _) = self.find(Global::External, home, name, |scope| &scope.externals)?;
        self.mark_used(found.span);
        Some(*found)
    }

    pub(crate) fn external_names(&self, home: ScopeId) -> Vec<Name> {
        self.names(home, |scope| &scope.externals)
    }

    /// A step: declared by the program, or of the library.
    pub fn step(&self, home: ScopeId, name: &str) -> Option<Arc<StepSig>> {
        let Some(((item, declaration), home)) = self.find(Global::Step, home, name, |scope| &scope.steps) else {
            return self.library.step(name);
        };
        let span = declaration.names.span();
        if let Some(known) = self.memo.borrow().steps.get(&span) {
            return Some(Arc::clone(known));
        }
        let sig = self.apart(|| {
            let mut reports = Vec::new();
            let sig = Arc::new(step_signature(item, declaration, Name::new(name), &(self, home), &mut reports));
            self.report(reports);
            sig
        });
        self.memo.borrow_mut().steps.insert(span, Arc::clone(&sig));
        Some(sig)
    }

    pub(crate) fn step_names(&self, home: ScopeId) -> Vec<Name> {
        let own = self.names(home, |scope| &scope.steps).into_iter();
        own.chain(self.library.step_names().map(Name::new)).collect()
    }

    /// A kind: declared by the program, or of the library.
    pub fn kind(&self, home: ScopeId, name: &str) -> Option<Arc<KindSig>> {
        let Some(((item, declaration), home)) = self.find(Global::Kind, home, name, |scope| &scope.kinds) else {
            return self.library.kind(name);
        };
        let span = declaration.names.span();
        if let Some(known) = self.memo.borrow().kinds.get(&span) {
            return Some(Arc::clone(known));
        }
        let sig = self.apart(|| {
            let mut reports = Vec::new();
            let sig = Arc::new(kind_signature(item, declaration, Name::new(name), &(self, home), &mut reports));
            self.report(reports);
            sig
        });
        self.memo.borrow_mut().kinds.insert(span, Arc::clone(&sig));
        Some(sig)
    }

    pub(crate) fn kind_names(&self, home: ScopeId) -> Vec<Name> {
        let own = self.names(home, |scope| &scope.kinds).into_iter();
        own.chain(self.library.kind_names().map(Name::new)).collect()
    }

    /// Kinds that stand at the top of a project.
    pub(crate) fn object_kinds(&self, home: ScopeId) -> Vec<Name> {
        let names = self.kind_names(home);
        names.into_iter().filter(|name| self.kind(home, name).is_some_and(|kind| kind.rules.object.is_some())).collect()
    }

    pub(super) fn user_type(&self, home: ScopeId, name: &str) -> Option<Ty> {
        let ((written, span), home) = self.find(Global::Type, home, name, |scope| &scope.types)?;
        let span = *span;
        self.mark_used(span);
        let known = self.memo.borrow().types.get(&span).cloned();
        match known {
            Some(Known::Done(ty)) => return Some(ty),
            Some(Known::Open) => {
                self.report([errors::circular("type", name, span)]);
                return Some(Ty::Error);
            }
            None => {}
        }
        self.memo.borrow_mut().types.insert(span, Known::Open);
        let ty = self.apart(|| {
            let mut reports = Vec::new();
            let ty = type_declaration(&Name::new(name), written, &(self, home), &mut reports);
            self.report(reports);
            self.note(|index| index.refer(span, span, Meaning::Type(ty.clone())));
            ty
        });
        self.memo.borrow_mut().types.insert(span, Known::Done(ty.clone()));
        Some(ty)
    }

    /// Variables that nothing reads, not even raw code anywhere.
    pub(super) fn report_unused_vars(&self) {
        if self.is_unclear() {
            return;
        }
        let memo = &mut *self.memo.borrow_mut();
        let unused = std::mem::take(&mut memo.unused_vars).into_iter().filter(|(name, _)| !memo.raw_vars.contains(name));
        memo.reports.extend(unused.map(|(_, report)| report));
    }
}
