//! Walks the entries of a project or template as an instance sees them: loops unrolled, conditions decided.

use std::sync::Arc;

use super::calls::Calls;
use super::{Expander, errors};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::Ty;
use crate::program::ScopeId;
use crate::syntax::ast::{self, DeclNames, Else, Item, ItemKind, StepBody};
use crate::types::Checker;
use crate::types::eval::{Env, bound, eval, items as loop_items};
use crate::types::index::Meaning;

/// Kinds that a later version compiles; until then they are said to be known.
const LATER: &[&str] = &["application-set", "rollout", "cluster-config", "secret"];

/// What is seen at a place: from where names are looked up, the static names with their types for the checker and their
/// values for the instance, and the calls of templates that lead there.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) home: ScopeId,
    pub(super) locals: Vec<(Name, Span, Ty)>,
    pub(super) env: Env,
    pub(super) calls: Calls,
}

impl Scope {
    pub(super) fn new(home: ScopeId) -> Scope {
        Scope { home, locals: Vec::new(), env: Env::default(), calls: Calls::default() }
    }

    /// The same place with other static names.
    pub(super) fn with(&self, locals: Vec<(Name, Span, Ty)>, env: Env) -> Scope {
        Scope { home: self.home, locals, env, calls: self.calls.clone() }
    }
}

/// The project that entries belong to, by its place among those that were met; none at the top of a program.
pub(super) type At = Option<usize>;

impl<'w, 'a> Expander<'w, 'a> {
    pub(super) fn checker(&self, scope: &Scope) -> Checker<'w, 'a> {
        Checker::with_locals(self.world, scope.home, &scope.locals)
    }

    pub(super) fn items(&mut self, items: impl IntoIterator<Item = &'a Item>, scope: &Scope, at: At) {
        let mut scope = scope.clone();
        let mut previous: Option<&'a Item> = None;
        for item in items {
            match &item.kind {
                ItemKind::Error => {}
                ItemKind::Setting { .. } => self.object_of(at, item.span, &scope, |found, scope| found.settings.push((item, scope))),
                ItemKind::Flow(flow) => self.object_of(at, flow.keyword, &scope, |found, scope| found.flows.push((flow, scope))),
                ItemKind::Declaration(declaration) => self.declaration(item, declaration, &scope, at),
                ItemKind::Loop(for_loop) => self.for_loop(for_loop, &scope, at),
                ItemKind::Branch(branch) => self.branch(branch, &scope, at),
                ItemKind::Binding(binding) => self.binding(binding, &mut scope),
                ItemKind::Step(step) => self.block_without_name(step, previous, &scope, at),
                ItemKind::Use(_) | ItemKind::Target(_) | ItemKind::Type { .. } => {
                    self.reports.push(errors::misplaced("this", item.span, "it stands at the top of a file"))
                }
                _ => {
                    self.reports.push(errors::misplaced("this", item.span, "a project holds warehouses, stages, flows, tasks and settings"))
                }
            }
            previous = Some(item);
        }
    }

    fn declaration(&mut self, item: &'a Item, declaration: &'a ast::Declaration, scope: &Scope, at: At) {
        let kind = &declaration.kind;
        if kind.name == "stage" {
            self.object_of(at, kind.span, scope, |found, scope| found.stages.push((item, declaration, scope)));
            return;
        }
        if kind.name == "project" {
            self.open_project(item, declaration, scope, at);
            return;
        }
        let is_external = item.attributes.iter().any(|attribute| attribute.name.name == "external");
        if is_external || ["task", "cluster-task", "template", "step", "kind"].contains(&kind.name.as_str()) {
            let help = "declare it outside, and give it what it needs as parameters";
            self.reports.push(errors::misplaced(&format!("`{}`", kind.name), kind.span, help));
            return;
        }
        if kind.name == "slot" || kind.name == "require" {
            let help = if kind.name == "slot" { "a slot stands in a stage" } else { "`require` stands in `promote { … }`" };
            self.reports.push(errors::misplaced(&format!("`{}`", kind.name), kind.span, help));
            return;
        }
        match self.world.kind(scope.home, &kind.name) {
            Some(found_kind) if found_kind.rules.object.is_some() => {
                self.world.note(|index| index.refer(kind.span, found_kind.span, Meaning::Kind(Arc::clone(&found_kind))));
                self.object_of(at, kind.span, scope, |found, scope| found.objects.push((item, declaration, scope)))
            }
            Some(found_kind) => {
                let outer = found_kind.rules.inside.first().cloned().unwrap_or_default();
                self.reports.push(errors::inner_kind(kind, &outer));
            }
            None if LATER.contains(&kind.name.as_str()) => self.reports.push(errors::later_kind(kind)),
            None => {
                let known = self.known_words(scope.home);
                if let DeclNames::One(name) = &declaration.names {
                    self.world.lose(name.as_constant().unwrap_or_default());
                }
                self.reports.push(errors::unknown_kind(kind, nearest(&kind.name, known.iter().map(Name::as_str))));
            }
        }
    }

    fn known_words(&self, home: ScopeId) -> Vec<Name> {
        let mut words: Vec<Name> = ["task", "flow", "project", "target", "type", "template", "step"].map(Name::new).to_vec();
        words.extend(self.world.object_kinds(home));
        words.extend(LATER.iter().map(Name::new));
        words
    }

    /// `stage a, b { … }` reads as `stage a` and a block `b { … }`; anything else without a name is a call or a mistake.
    fn block_without_name(&mut self, step: &'a ast::StepCall, previous: Option<&'a Item>, scope: &Scope, at: At) {
        if let Some(Item { kind: ItemKind::Declaration(before), .. }) = previous
            && before.body.is_none()
            && let DeclNames::One(name) = &before.names
            && before.kind.name == "stage"
        {
            let first = name.as_constant().unwrap_or("a");
            self.reports.push(errors::several_names(&before.kind.name, step.kind.span, &format!("{first}, {}", step.kind.name)));
            return;
        }
        if let StepBody::Args(args, _) = &step.body {
            self.call(step, args, scope, at);
            return;
        }
        if self.world.template(scope.home, &step.kind.name).is_some() {
            self.reports.push(errors::template_with_braces(&step.kind));
            return;
        }
        match self.world.kind(scope.home, &step.kind.name) {
            Some(kind) if !kind.rules.inside.is_empty() => {
                let outer = kind.rules.inside.first().cloned().unwrap_or_default();
                self.reports.push(errors::inner_kind(&step.kind, &outer));
            }
            Some(_) => {
                let what = format!("`{}` without a name", step.kind.name);
                self.reports.push(errors::misplaced(&what, step.kind.span, "write the name after the kind"));
                self.world.lose(&step.kind.name);
            }
            None => {
                let known = self.known_words(scope.home);
                self.world.lose(&step.kind.name);
                self.reports.push(errors::unknown_kind(&step.kind, nearest(&step.kind.name, known.iter().map(Name::as_str))));
            }
        }
    }

    fn for_loop(&mut self, for_loop: &'a ast::Loop, scope: &Scope, at: At) {
        let mut checker = self.checker(scope);
        let over = checker.static_expr(&for_loop.over, "what a `for` runs over");
        let before = scope.locals.len();
        let binds = checker.bind_loop(&for_loop.first, for_loop.second.as_ref(), &over);
        let mut locals = scope.locals.clone();
        locals.extend(checker.locals_from(before));
        self.reports.extend(checker.finish());
        for (key, item) in loop_items(&eval(&over, &scope.env)) {
            let env = scope.env.with(bound(binds, key, item));
            self.items(&for_loop.body.items, &scope.with(locals.clone(), env), at);
        }
    }

    fn branch(&mut self, branch: &'a ast::Branch, scope: &Scope, at: At) {
        let mut checker = self.checker(scope);
        let condition = checker.static_condition(&branch.condition);
        self.reports.extend(checker.finish());
        if eval(&condition, &scope.env).holds() {
            self.items(&branch.then.items, scope, at);
            return;
        }
        match &branch.otherwise {
            Some(Else::Block(block)) => self.items(&block.items, scope, at),
            Some(Else::If(inner)) => self.branch(inner, scope, at),
            None => {}
        }
    }

    /// A `let` inside a loop: one more static name of the instance.
    fn binding(&mut self, binding: &'a ast::Binding, scope: &mut Scope) {
        let mut checker = self.checker(scope);
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
