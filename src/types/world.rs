//! What all checkers of one analysis share: the library, the target, the program's names, and what was already typed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::tree::{LetDef, Task};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{Hazard, KindSig, Library, StepSig, Target, Ty, TypeScope, Version, kind_signature, step_signature, type_declaration};
use crate::program::{External, Program, Scope, TaskDecl};
use crate::syntax::ast::{BindingValue, Expr, ExprKind};

pub struct World<'a> {
    pub library: &'a Library,
    pub target: Target,
    pub program: &'a Program<'a>,
    memo: RefCell<Memo>,
}

#[derive(Default)]
struct Memo {
    lets: HashMap<Span, Known<Arc<LetDef>>>,
    types: HashMap<Span, Known<Ty>>,
    tasks: HashMap<Span, Known<Arc<Task>>>,
    steps: HashMap<Span, Arc<StepSig>>,
    kinds: HashMap<Span, Arc<KindSig>>,
    used: std::collections::HashSet<Span>,
    /// The calls on the way to what is being typed, and how many there were when each open task was begun.
    calling: Vec<(Name, Span)>,
    open_tasks: Vec<(Span, usize)>,
    reported: std::collections::HashSet<String>,
    lost: std::collections::HashSet<Name>,
    older_patches: Vec<(Version, Hazard)>,
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

/// The scopes in which a project looks names up: its own, then what stands outside projects.
pub(crate) type Lookup<'w, 'a> = (&'w World<'a>, Option<usize>);

impl<'a> World<'a> {
    pub fn new(library: &'a Library, target: Target, program: &'a Program<'a>) -> World<'a> {
        World { library, target, program, memo: RefCell::default() }
    }

    /// What was reported while typing shared declarations.
    pub fn take_reports(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.memo.borrow_mut().reports)
    }

    pub(crate) fn report(&self, reports: impl IntoIterator<Item = Diagnostic>) {
        self.memo.borrow_mut().reports.extend(reports);
    }

    fn scopes(&self, project: Option<usize>) -> impl Iterator<Item = (&'a Scope<'a>, Option<usize>)> {
        let own = project.and_then(|index| self.program.projects.get(index)).map(|found| (&found.scope, project));
        own.into_iter().chain(std::iter::once((&self.program.outer, None)))
    }

    /// Whether this is the first report about something: one unknown name is one mistake, however many bodies use it.
    pub(crate) fn first_report(&self, what: String) -> bool {
        self.memo.borrow_mut().reported.insert(what)
    }

    /// Whether the name stands in text that could not be read: what it means or uses there is not known.
    pub(crate) fn is_lost(&self, name: &str) -> bool {
        self.program.lost.contains(name) || self.memo.borrow().lost.contains(name)
    }

    /// From now on the name may mean anything: what declares it was reported.
    pub(crate) fn lose(&self, name: &str) {
        self.memo.borrow_mut().lost.insert(Name::new(name));
    }

    /// Whether something could not be read or understood, so that what seems unused may be used there.
    pub(crate) fn is_unclear(&self) -> bool {
        !self.program.lost.is_empty() || !self.memo.borrow().lost.is_empty()
    }

    /// A fault that only patches up to this one have, which the program does not name.
    pub(crate) fn mark_older_patch(&self, last: Version, hazard: &Hazard) {
        let known = &mut self.memo.borrow_mut().older_patches;
        if !known.iter().any(|(version, other)| (*version, other.check) == (last, hazard.check)) {
            known.push((last, hazard.clone()));
        }
    }

    /// What only older patches of the target get wrong here, oldest first.
    pub fn older_patches(&self) -> Vec<(Version, Hazard)> {
        let mut known = self.memo.borrow().older_patches.clone();
        known.sort_by_key(|(version, hazard)| (*version, hazard.check.name()));
        known
    }

    /// A variable that its own body does not read. Raw code of a task may do so: it sees those of its callers.
    pub(crate) fn unused_var(&self, name: &Name, report: Diagnostic) {
        self.memo.borrow_mut().unused_vars.push((name.clone(), report));
    }

    /// Raw code somewhere reads the variable.
    pub(crate) fn mark_raw_var(&self, name: &str) {
        self.memo.borrow_mut().raw_vars.insert(Name::new(name));
    }

    pub(crate) fn mark_used(&self, span: Span) {
        self.memo.borrow_mut().used.insert(span);
    }

    pub fn is_used(&self, span: Span) -> bool {
        self.memo.borrow().used.contains(&span)
    }

    /// A `let` outside bodies, typed when first read.
    pub(crate) fn global_let(&self, project: Option<usize>, name: &str) -> Option<Arc<LetDef>> {
        let (binding, home) = self.scopes(project).find_map(|(scope, home)| scope.lets.get(name).map(|found| (*found, home)))?;
        let span = binding.name.span;
        self.mark_used(span);
        let known = self.memo.borrow().lets.get(&span).cloned();
        match known {
            Some(Known::Done(def)) => return Some(def),
            Some(Known::Open) => return Some(self.circular_let(name, span)),
            None => {}
        }
        self.memo.borrow_mut().lets.insert(span, Known::Open);
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
        self.memo.borrow_mut().lets.insert(span, Known::Done(Arc::clone(&def)));
        Some(def)
    }

    fn circular_let(&self, name: &str, span: Span) -> Arc<LetDef> {
        self.report([errors::circular("`let`", name, span)]);
        let value = super::tree::Expr::error(span);
        Arc::new(LetDef { name: Name::new(name), span, value, latched: false, id: usize::MAX, known: Default::default() })
    }

    pub(crate) fn let_names(&self, project: Option<usize>) -> Vec<Name> {
        self.scopes(project).flat_map(|(scope, _)| scope.lets.keys().cloned()).collect()
    }

    /// A task, typed when first asked for. `None`: no such task.
    pub fn task(&self, project: Option<usize>, name: &str) -> Option<Arc<Task>> {
        let (decl, home) = self.scopes(project).find_map(|(scope, home)| scope.tasks.get(name).map(|found| (*found, home)))?;
        Some(self.typed_task(decl, home))
    }

    /// The task of a call that stands at `at`.
    pub(crate) fn called_task(&self, project: Option<usize>, name: &str, at: Span) -> Option<Arc<Task>> {
        self.memo.borrow_mut().calling.push((Name::new(name), at));
        let task = self.task(project, name);
        self.memo.borrow_mut().calling.pop();
        task
    }

    /// The calls by which a task that is being typed calls itself.
    fn cycle(&self, decl: Span) -> Vec<(Name, Span)> {
        let memo = self.memo.borrow();
        let begun = memo.open_tasks.iter().find(|(open, _)| *open == decl).map_or(0, |(_, calls)| *calls);
        memo.calling.iter().skip(begun).cloned().collect()
    }

    pub fn typed_task(&self, decl: TaskDecl<'a>, home: Option<usize>) -> Arc<Task> {
        let known = self.memo.borrow().tasks.get(&decl.span).cloned();
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
            memo.tasks.insert(decl.span, Known::Open);
        }
        let mut checker = Checker::new(self, home);
        let task = Arc::new(checker.task(decl));
        let reports = checker.finish();
        self.report(reports);
        self.memo.borrow_mut().open_tasks.pop();
        self.memo.borrow_mut().tasks.insert(decl.span, Known::Done(Arc::clone(&task)));
        task
    }

    pub(crate) fn program_has_task(&self, project: Option<usize>, name: &str) -> bool {
        self.scopes(project).any(|(scope, _)| scope.tasks.contains_key(name))
    }

    pub(crate) fn task_names(&self, project: Option<usize>) -> Vec<Name> {
        self.scopes(project).flat_map(|(scope, _)| scope.tasks.keys().cloned()).collect()
    }

    pub(crate) fn external(&self, project: Option<usize>, name: &str) -> Option<External<'a>> {
        let found = self.scopes(project).find_map(|(scope, _)| scope.externals.get(name).copied())?;
        self.mark_used(found.span);
        Some(found)
    }

    pub(crate) fn external_names(&self, project: Option<usize>) -> Vec<Name> {
        self.scopes(project).flat_map(|(scope, _)| scope.externals.keys().cloned()).collect()
    }

    /// A step: declared by the program, or of the library.
    pub fn step(&self, project: Option<usize>, name: &str) -> Option<Arc<StepSig>> {
        let own = self.scopes(project).find_map(|(scope, home)| scope.steps.get(name).map(|found| (*found, home)));
        let Some(((item, declaration), home)) = own else { return self.library.step(name) };
        let span = declaration.names.span();
        if let Some(known) = self.memo.borrow().steps.get(&span) {
            return Some(Arc::clone(known));
        }
        let mut reports = Vec::new();
        let sig = Arc::new(step_signature(item, declaration, Name::new(name), &(self, home), &mut reports));
        self.report(reports);
        self.memo.borrow_mut().steps.insert(span, Arc::clone(&sig));
        Some(sig)
    }

    pub(crate) fn step_names(&self, project: Option<usize>) -> Vec<Name> {
        let own = self.scopes(project).flat_map(|(scope, _)| scope.steps.keys().cloned());
        own.chain(self.library.step_names().map(Name::new)).collect()
    }

    /// A kind: declared by the program, or of the library.
    pub fn kind(&self, project: Option<usize>, name: &str) -> Option<Arc<KindSig>> {
        let own = self.scopes(project).find_map(|(scope, home)| scope.kinds.get(name).map(|found| (*found, home)));
        let Some(((item, declaration), home)) = own else { return self.library.kind(name) };
        let span = declaration.names.span();
        if let Some(known) = self.memo.borrow().kinds.get(&span) {
            return Some(Arc::clone(known));
        }
        let mut reports = Vec::new();
        let sig = Arc::new(kind_signature(item, declaration, Name::new(name), &(self, home), &mut reports));
        self.report(reports);
        self.memo.borrow_mut().kinds.insert(span, Arc::clone(&sig));
        Some(sig)
    }

    pub(crate) fn kind_names(&self, project: Option<usize>) -> Vec<Name> {
        let own = self.scopes(project).flat_map(|(scope, _)| scope.kinds.keys().cloned());
        own.chain(self.library.kind_names().map(Name::new)).collect()
    }

    /// Kinds that stand at the top of a project.
    pub(crate) fn object_kinds(&self, project: Option<usize>) -> Vec<Name> {
        let names = self.kind_names(project);
        names.into_iter().filter(|name| self.kind(project, name).is_some_and(|kind| kind.rules.object.is_some())).collect()
    }

    fn user_type(&self, project: Option<usize>, name: &str) -> Option<Ty> {
        let ((written, span), home) = self.scopes(project).find_map(|(scope, home)| scope.types.get(name).map(|found| (*found, home)))?;
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
        let mut reports = Vec::new();
        let ty = type_declaration(&Name::new(name), written, &(self, home), &mut reports);
        self.report(reports);
        self.memo.borrow_mut().types.insert(span, Known::Done(ty.clone()));
        Some(ty)
    }

    /// Types everything that is declared but never read, so that its mistakes are found, too, and reports what is
    /// declared for nothing. To be called last.
    pub fn finish(&self) -> Vec<Diagnostic> {
        let homes = std::iter::once(None).chain((0..self.program.projects.len()).map(Some));
        for home in homes {
            let Some((scope, _)) = self.scopes(home).next() else { continue };
            for decl in scope.tasks.values() {
                self.typed_task(*decl, home);
            }
            for (name, (item, _)) in &scope.steps {
                let _ = (self.step(home, name), item);
            }
            for name in scope.kinds.keys() {
                self.kind(home, name);
            }
            self.unused(scope, home);
        }
        if !self.is_unclear() {
            let memo = &mut *self.memo.borrow_mut();
            let unused = std::mem::take(&mut memo.unused_vars).into_iter().filter(|(name, _)| !memo.raw_vars.contains(name));
            memo.reports.extend(unused.map(|(_, report)| report));
        }
        self.take_reports()
    }

    fn unused(&self, scope: &Scope<'a>, home: Option<usize>) {
        let mut unused = Vec::new();
        for (name, binding) in &scope.lets {
            let span = binding.name.span;
            if !self.is_used(span) {
                self.global_let(home, name);
            } else {
                continue;
            }
            if !name.starts_with('_') && !self.is_unclear() {
                unused.push(errors::unused("`let`", name, span));
            }
        }
        for (name, (_, span)) in &scope.types {
            if !self.is_used(*span) && !self.is_unclear() {
                self.user_type(home, name);
                unused.push(errors::unused("type", name, *span));
            }
        }
        self.report(unused);
    }
}

impl TypeScope for Lookup<'_, '_> {
    fn named_type(&self, name: &str) -> Option<Ty> {
        let known = self.0.user_type(self.1, name).or_else(|| self.0.library.named_type(name));
        known.or_else(|| self.0.is_lost(name).then_some(Ty::Error))
    }

    fn type_names(&self) -> Vec<Name> {
        let own = self.0.scopes(self.1).flat_map(|(scope, _)| scope.types.keys().cloned());
        own.chain(self.0.library.type_names()).collect()
    }
}
