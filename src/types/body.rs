//! What a promotion runs: the statements of `promote` and of tasks.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::failure::{Tails, says_failure};
use super::index::Meaning;
use super::needs::{Behind, needs_of};
use super::scope::What;
use super::tree::{Body, Call, Expr, Kind, LetDef, ResultOf, Statement, Step, Time};
use crate::base::{Name, Span};
use crate::diag::{Check, nearest};
use crate::library::Place;
use crate::syntax::ast::{self, BindingValue, Else, Item, ItemKind, StepBody, StepCall};

impl Checker<'_, '_> {
    /// The statements of a `promote { … }`. The slots are bound already.
    pub(crate) fn promote(&mut self, block: &ast::Block, tails: Tails<'_>) -> Body {
        self.in_promotion = true;
        self.place = Place::Config;
        self.note_bodies([Some(block), tails.on_failure, tails.finally]);
        self.begin_body(&block.items, tails);
        let scope = self.open_scope();
        self.body_scope = scope;
        let statements = self.statements(&block.items);
        let (on_failure, finally) = self.tail_blocks(tails, scope);
        self.close_scope(scope);
        self.in_promotion = false;
        Body { statements, on_failure, finally, results: std::mem::take(&mut self.results) }
    }

    /// Remembers which names the body will bind, to tell a name that comes later from one that does not exist.
    pub(crate) fn begin_body<'i>(&mut self, items: impl IntoIterator<Item = &'i Item>, tails: Tails<'i>) {
        self.results.clear();
        self.branch_results.clear();
        self.later.clear();
        self.ended.clear();
        let mut names = Vec::new();
        bound_names(items, &mut names);
        for block in [tails.on_failure, tails.finally].into_iter().flatten() {
            bound_names(&block.items, &mut names);
        }
        let mut seen: Vec<(Name, Span)> = Vec::new();
        for (name, span) in names {
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
                self.report(errors::two_lets(&name, span, *first));
            }
            seen.push((name.clone(), span));
            self.later.push((name, span));
        }
    }

    pub(crate) fn statements<'i>(&mut self, items: impl IntoIterator<Item = &'i Item>) -> Vec<Statement> {
        let mut out = Vec::new();
        let mut after_setting = false;
        for item in items {
            match &item.kind {
                ItemKind::Setting { key, value } => self.setting_in_body(key, value, after_setting),
                _ => self.statement(item, &mut out),
            }
            after_setting = matches!(item.kind, ItemKind::Setting { .. });
        }
        out
    }

    pub(super) fn statement(&mut self, item: &Item, out: &mut Vec<Statement>) {
        if let Some((is_failure, at, _)) = self.tail(item) {
            self.report(errors::tail_misplaced(is_failure, at));
            return;
        }
        match &item.kind {
            ItemKind::Error => {}
            ItemKind::Step(step) => out.extend(self.step_or_call(step, None, item)),
            ItemKind::Binding(binding) => self.binding(binding, item, out),
            ItemKind::Branch(branch) => out.extend(self.branch(branch)),
            ItemKind::Loop(found) => out.extend(self.for_loop(found)),
            ItemKind::Declaration(declaration) if declaration.kind.name == "require" => out.extend(self.require(declaration)),
            ItemKind::Declaration(declaration) if declaration.kind.name == "on" => self.report(errors::unknown_event(item.span)),
            ItemKind::Try(step) => out.extend(self.tried(step, None, item)),
            ItemKind::Return(value) => self.report(errors::return_misplaced(value.span)),
            ItemKind::Declaration(declaration) => self.declaration_in_body(declaration),
            _ => self.report(errors::misplaced_in(item, "promote")),
        }
    }

    /// A run of settings among steps is one mistake: a step or call without its bracket. YAML of Kargo is told line by line.
    fn setting_in_body(&mut self, key: &ast::Key, value: &ast::Expr, after_setting: bool) {
        let report = errors::setting_in_body(key, value);
        let is_known = after_setting && report.check == Check::MisplacedItem || matches!(value.kind, ast::ExprKind::Error);
        if !is_known {
            self.report(report);
        }
        self.infer_silently(value);
    }

    fn declaration_in_body(&mut self, declaration: &ast::Declaration) {
        let is_step = self.world.step(self.project, &declaration.kind.name).is_some();
        self.report(errors::declaration_in_body(declaration, is_step));
        let before = self.reports.len();
        let _ = declaration.body.as_ref().map(|body| self.record(declaration.kind.span, body));
        self.reports.truncate(before);
    }

    // ── Steps and calls ──

    pub(super) fn step_or_call(&mut self, step: &StepCall, name: Option<(Name, Span)>, item: &Item) -> Option<Statement> {
        match &step.body {
            StepBody::Block(block) => self.step(step, block, name, item),
            StepBody::Args(args, at) => self.call(step, args, *at, name),
        }
    }

    fn step(&mut self, call: &StepCall, block: &ast::Block, name: Option<(Name, Span)>, item: &Item) -> Option<Statement> {
        let Some(kind) = self.world.step(self.project, &call.kind.name) else {
            self.unknown_step(&call.kind);
            // With steps inside it is something else, whose entries mean what nobody knows.
            if block.items.iter().any(|item| matches!(item.kind, ItemKind::Step(_))) {
                self.world.lose(&call.kind.name);
            } else {
                self.record(call.span, block);
            }
            if let Some((name, span)) = name {
                self.bind(name, span, What::Error, false);
            }
            return None;
        };
        self.world.note(|index| index.refer(call.kind.span, kind.span, Meaning::Step(Arc::clone(&kind))));
        let mut reports = Vec::new();
        errors::availability(&kind.rules, &kind.name, call.kind.span, self.target(), &mut reports);
        self.reports.append(&mut reports);
        self.hazards(&kind.rules, &kind.name, call.kind.span, None);
        let what = ["`", kind.name.as_str(), "`"].concat();
        let span = block.span.unwrap_or(call.span);
        let settings = self.check_record_at(span, block, &kind.settings, &what, call.kind.span);
        if kind.rules.open {
            self.check_size(&settings, &kind.rules, &what);
        }
        let kind = super::outputs::with_outputs_of(kind, &settings, || self.world.is_unclear());
        let result = self.add_result(name, call.kind.span, ResultOf::Step(Arc::clone(&kind)));
        let tried = self.trying;
        if kind.rules.fails && !tried {
            self.facts.unreachable = true;
        }
        let _ = item;
        let retry = call.retry.as_ref().and_then(|(at, block)| self.retry(*at, block));
        Some(Statement::Step(Step { result, span: call.span, kind, settings, tried, retry }))
    }

    /// Like `check_record`, but what is missing is reported at the step's name.
    fn check_record_at(&mut self, span: Span, block: &ast::Block, record: &Arc<crate::library::Record>, what: &str, at: Span) -> Expr {
        let before = self.reports.len();
        let value = self.check_record(span, block, record, what);
        let brace = super::settings::opening(span);
        for report in self.reports.iter_mut().skip(before) {
            if report.primary.span == brace {
                report.primary.span = at;
            }
        }
        value
    }

    fn unknown_step(&mut self, kind: &ast::Ident) {
        if self.world.task(self.project, &kind.name).is_some() {
            self.report(errors::task_with_braces(kind));
            return;
        }
        if self.world.is_lost(&kind.name) || !self.world.first_report(format!("step {}", kind.name)) {
            return;
        }
        let steps = self.world.step_names(self.project);
        let near = nearest(&kind.name, steps.iter().map(Name::as_str));
        self.report(errors::unknown_step(kind, near));
    }

    fn call(&mut self, call: &StepCall, args: &[ast::Arg], at: Span, name: Option<(Name, Span)>) -> Option<Statement> {
        let Some(task) = self.world.called_task(self.project, &call.kind.name, call.kind.span) else {
            self.unknown_task(&call.kind);
            for arg in args {
                self.infer(&arg.value);
            }
            if let Some((name, span)) = name {
                self.bind(name, span, What::Error, false);
            }
            return None;
        };
        self.world.note(|index| index.refer(call.kind.span, task.span, Meaning::Task(Arc::clone(&task))));
        let args = self.task_arguments(&task, args, call.kind.span, at);
        let shapes = self.passed_shapes(&task, &args);
        self.avoided = self.avoided.or(task.avoided);
        let result = self.add_result(name, call.kind.span, ResultOf::Call(Arc::clone(&task)));
        if let Some((at, _)) = &call.retry {
            self.retry_on_call(*at, &task);
        }
        Some(Statement::Call(Call { result, span: call.span, task, args, shapes, tried: self.trying }))
    }

    fn unknown_task(&mut self, kind: &ast::Ident) {
        if self.world.step(self.project, &kind.name).is_some() {
            self.report(errors::step_with_parentheses(kind));
            return;
        }
        if self.world.template(self.project, &kind.name).is_some() {
            self.report(errors::template_in_body(kind));
            return;
        }
        if self.world.is_lost(&kind.name) || !self.world.first_report(format!("task {}", kind.name)) {
            return;
        }
        let tasks = self.world.task_names(self.project);
        let near = nearest(&kind.name, tasks.iter().map(Name::as_str));
        self.report(errors::unknown_task(kind, near));
    }

    // ── Names ──

    fn binding(&mut self, binding: &ast::Binding, item: &Item, out: &mut Vec<Statement>) {
        let span = binding.name.span;
        let Some(name) = binding.name.as_constant().map(Name::new) else {
            self.report(errors::dynamic_let(span));
            return;
        };
        match &binding.value {
            BindingValue::Try(step) => {
                if binding.is_var {
                    self.report(errors::var_of_step(span));
                }
                out.extend(self.tried(step, Some((name, span)), item));
            }
            BindingValue::Step(step) if matches!(step.body, StepBody::Block(_)) || self.is_task_call(step) => {
                if binding.is_var {
                    self.report(errors::var_of_step(span));
                }
                out.extend(self.step_or_call(step, Some((name, span)), item));
            }
            BindingValue::Step(step) => {
                let StepBody::Args(args, _) = &step.body else { return };
                let callee = ast::Expr { span: step.kind.span, kind: ast::ExprKind::Name(step.kind.name.clone()) };
                let call = ast::Expr { span: step.span, kind: ast::ExprKind::Call { callee: Box::new(callee), args: args.clone() } };
                self.value_binding(binding, name, &call, out);
            }
            BindingValue::Expr(expr) => self.value_binding(binding, name, expr, out),
        }
        if let Some(written) = &binding.ty {
            self.declare_result(span, written);
        }
    }

    pub(super) fn is_task_call(&self, step: &StepCall) -> bool {
        self.world.program_has_task(self.project, &step.kind.name)
            || (self.world.library.function(&step.kind.name).is_none() && step.kind.name != "json")
    }

    fn value_binding(&mut self, binding: &ast::Binding, name: Name, expr: &ast::Expr, out: &mut Vec<Statement>) {
        let span = binding.name.span;
        let place = self.place;
        if binding.is_var {
            self.place = Place::Vars;
        }
        let value = match &binding.ty {
            Some(written) => {
                let ty = self.type_of(written);
                self.check_value(expr, &ty, &format!("`{name}`"))
            }
            None => self.infer(expr),
        };
        self.place = place;
        if binding.is_var {
            self.check_var_name(&name, span);
            self.check_parameter_clash(&name, span);
            if reads_steps(&value) {
                self.report(errors::var_of_result(&name, value.span));
            }
            let ty = value.ty.clone();
            let unsure = !needs_of(&value, Behind { slots: self.slots.len(), body: false }).is_empty();
            self.bind_in_body(name.clone(), span, What::Var { ty, unsure }, true);
            out.push(Statement::Var { name, span, value });
            return;
        }
        let latched = value.time == Time::Promotion && value.is_unstable() && !value.reads_secret();
        let id = self.next_latch;
        self.next_latch += 1;
        let def = Arc::new(LetDef { name: name.clone(), span, value, latched, id, known: Default::default() });
        if latched {
            out.push(Statement::Latch(Arc::clone(&def)));
        }
        self.bind_in_body(name, span, What::Let(def), true);
    }

    pub(crate) fn check_var_name(&mut self, name: &str, span: Span) {
        let fits = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.starts_with("loadline_");
        if !fits {
            self.report(errors::bad_variable_name(name, span));
        }
    }

    // ── Control ──

    fn branch(&mut self, branch: &ast::Branch) -> Option<Statement> {
        let condition = self.condition(&branch.condition);
        self.status_hazards(&condition);
        let known = self.facts.clone();
        let then = match says_failure(&condition) {
            true => self.after_failure(&condition, &branch.then.items),
            false => {
                self.learn(&condition, true);
                self.note_learnt(&known, branch.then.span);
                self.scoped(&branch.then.items)
            }
        };
        let after_then = std::mem::replace(&mut self.facts, known.clone());
        self.learn(&condition, false);
        let otherwise = match &branch.otherwise {
            Some(Else::Block(block)) => self.scoped(&block.items),
            Some(Else::If(inner)) => self.branch(inner).into_iter().collect(),
            None => Vec::new(),
        };
        let after_otherwise = std::mem::take(&mut self.facts);
        // Behind steps that run after a failure, everything is as it was before them.
        self.facts = if says_failure(&condition) { known } else { after_then.either(after_otherwise) };
        if condition.is_error() {
            return None;
        }
        Some(Statement::If { condition, span: branch.keyword, then, otherwise })
    }

    pub(super) fn scoped(&mut self, items: &[Item]) -> Vec<Statement> {
        let scope = self.open_scope();
        let statements = self.statements(items);
        self.ended.extend(self.scopes.iter().skip(scope).map(|binding| (binding.name.clone(), binding.span)));
        let results = self.scopes.iter().skip(scope).filter_map(|binding| match binding.what {
            What::Result(index) => Some(index),
            _ => None,
        });
        self.branch_results.extend(results);
        self.close_scope(scope);
        statements
    }

    fn for_loop(&mut self, found: &ast::Loop) -> Option<Statement> {
        let range = self.loop_range(&found.over);
        let (scope, locals) = (self.open_scope(), self.locals);
        let binds = self.bind_range(&found.first, found.second.as_ref(), &range);
        let known = self.facts.clone();
        let results = self.branch_results.len();
        let body = self.statements(&found.body.items);
        // A loop has many of each: none of them is known behind it.
        self.branch_results.truncate(results);
        self.facts = known;
        self.close_scope(scope);
        self.drop_locals(locals);
        (!range.over.is_error()).then_some(Statement::For { over: range.over, binds, body })
    }
}

/// Every name that the items bind, in source order, those of branches and loops included.
fn bound_names<'i>(items: impl IntoIterator<Item = &'i Item>, names: &mut Vec<(Name, Span)>) {
    for item in items {
        match &item.kind {
            ItemKind::Binding(binding) => names.extend(binding.name.as_constant().map(|name| (Name::new(name), binding.name.span))),
            ItemKind::Branch(branch) => bound_in_branch(branch, names),
            ItemKind::Loop(found) => bound_names(&found.body.items, names),
            _ => {}
        }
    }
}

fn bound_in_branch(branch: &ast::Branch, names: &mut Vec<(Name, Span)>) {
    bound_names(&branch.then.items, names);
    match &branch.otherwise {
        Some(Else::Block(block)) => bound_names(&block.items, names),
        Some(Else::If(inner)) => bound_in_branch(inner, names),
        None => {}
    }
}

/// Whether a value is known only when steps have run: their results, and what is evaluated by a step.
fn reads_steps(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |inner| {
        found |= match &inner.kind {
            Kind::Result(_) | Kind::Status(_) => true,
            Kind::Let(def) => def.latched,
            _ => false,
        };
    });
    found
}
