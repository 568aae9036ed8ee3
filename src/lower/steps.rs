//! From statements to the steps of a promotion or a task.

use std::collections::HashMap;
use std::sync::Arc;

use super::code::{Code, quoted};
use super::cx::{Cx, Reading};
use super::failure::{How, Order, runs_late};
use super::rules::Rule;
use super::task::PromotionTasks;
use crate::base::{Name, Span};
use crate::emit::yaml::Yaml;
use crate::types::World;
use crate::types::eval::{bound, eval, items};
use crate::types::says_failure;
use crate::types::tree::{Expr, LetDef, Require, ResultDef, Statement, Step, Time};

/// The steps of one body, in the order of their running.
pub(crate) struct Steps<'c, 'w, 'a> {
    pub(crate) world: &'w World<'a>,
    pub(crate) tasks: &'c mut PromotionTasks,
    pub(crate) out: Vec<Yaml>,
    /// Variables of the promotion.
    pub(crate) vars: Vec<Yaml>,
    /// Those that read outputs, which Kargo shows to the variables of steps alone.
    pub(super) late_variables: Vec<(String, Yaml)>,
    pub(super) guards: Vec<Guard>,
    pub(super) order: Order,
    /// What the aliases of an inlined call begin with.
    pub(super) prefix: String,
    /// The keys of the loops around, for aliases.
    pub(super) keys: Vec<String>,
    /// What is being lowered: a step or call, and the calls around it.
    pub(super) around: Vec<Span>,
    counts: HashMap<String, usize>,
    /// Names of the author, which generated aliases keep away from.
    taken: Vec<Name>,
}

/// A condition around steps.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) code: Code,
    /// It asks for failure itself, so the step must run after one.
    pub(super) says_failure: bool,
}

impl<'c, 'w, 'a> Steps<'c, 'w, 'a> {
    pub(crate) fn new(world: &'w World<'a>, tasks: &'c mut PromotionTasks, results: &[ResultDef]) -> Self {
        let taken = results.iter().filter_map(|result| result.name.clone()).collect();
        Steps {
            world,
            tasks,
            out: Vec::new(),
            vars: Vec::new(),
            late_variables: Vec::new(),
            guards: Vec::new(),
            order: Order::default(),
            prefix: String::new(),
            keys: Vec::new(),
            around: Vec::new(),
            counts: HashMap::new(),
            taken,
        }
    }

    pub(crate) fn body(&mut self, statements: &[Statement], results: &[ResultDef], cx: &Cx<'_>) {
        for statement in statements {
            self.statement(statement, results, cx);
        }
    }

    fn statement(&mut self, statement: &Statement, results: &[ResultDef], cx: &Cx<'_>) {
        let at = self.enter(statement);
        self.lower(statement, results, cx);
        self.leave(at);
    }

    fn lower(&mut self, statement: &Statement, results: &[ResultDef], cx: &Cx<'_>) {
        match statement {
            Statement::Step(step) => self.step(step, results, cx),
            Statement::Call(call) => self.call(call, results, cx),
            Statement::Require(require) => self.require(require, cx),
            Statement::Var { .. } => self.declare(statement, cx),
            Statement::Latch(def) => self.latch(def, cx),
            Statement::If { condition, then, otherwise, .. } => self.branch(condition, then, otherwise, results, cx),
            Statement::For { over, binds, body } => {
                for (key, item) in items(&eval(over, &cx.env)) {
                    self.keys.push(crate::types::eval::loop_key(&key, &item));
                    let inner = cx.with_env(cx.env.with(bound(*binds, key, item)));
                    self.body(body, results, &inner);
                    self.keys.pop();
                }
            }
        }
    }

    // ── Steps ──

    fn step(&mut self, step: &Step, results: &[ResultDef], cx: &Cx<'_>) {
        let config = cx.setting(&step.settings, &crate::library::Ty::Record(Arc::clone(&step.kind.settings)), &step.kind.rules);
        let alias = results.get(step.result).and_then(|result| result.name.as_ref()).map(|name| self.alias(name));
        let gate = alias.as_ref().and_then(|alias| self.gate(step, alias, results, cx));
        if let Some(alias) = &alias {
            cx.readings.borrow_mut().insert(step.result, Reading::Outputs(alias.clone(), gate.clone()));
        }
        let how = How { tried: step.tried, retry: self.retry(step, cx), rechecked: self.is_rechecked(step) };
        let alias = alias.or_else(|| self.needs_alias(&how).then(|| self.generated(&step.kind.name)));
        self.push_step(&step.kind.name, alias, None, config.unwrap_or(Yaml::Map(Vec::new())), how);
        self.plain_variables(cx);
        self.ask(gate.as_ref());
    }

    /// Variables that the settings of the last step need: its own in a stage. In a task a step has none, because Kargo
    /// overwrites them, and each call passes them.
    fn plain_variables(&mut self, cx: &Cx<'_>) {
        let made = cx.take_plain();
        if cx.in_task {
            self.vars.extend(made);
        } else if let (false, Some(Yaml::Map(step))) = (made.is_empty(), self.out.last_mut()) {
            step.insert(step.len().saturating_sub(1), ("vars".into(), Yaml::Seq(made)));
        }
    }

    /// `let` name, with the call and the loops it lies in.
    pub(super) fn alias(&self, name: &str) -> String {
        let mut out = format!("{}{name}", self.prefix);
        for key in self.keys.iter().filter(|_| Rule::AliasesInLoops.holds()) {
            out.push('-');
            out.push_str(key);
        }
        out
    }

    /// A variable is seen by all steps of the promotion, so one of a loop or an inlined call is named like an alias there.
    pub(super) fn variable(&self, name: &str) -> String {
        if self.prefix.is_empty() && self.keys.is_empty() {
            return name.to_owned();
        }
        self.alias(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    }

    /// A step of the compiler's own.
    pub(super) fn push(&mut self, uses: &str, alias: String, last: Option<&Code>, config: Yaml) {
        self.push_step(uses, Some(alias), last, config, How::default());
    }

    pub(super) fn push_step(&mut self, uses: &str, alias: Option<String>, last: Option<&Code>, config: Yaml, how: How) {
        let own = alias.as_deref().filter(|_| how.rechecked);
        let mut step = self.places();
        step.push(("uses".into(), text(uses)));
        step.extend(alias.as_ref().map(|alias| ("as".into(), text(alias))));
        step.extend(self.condition(last, own).map(|condition| ("if".into(), text(&condition))));
        if (how.tried || self.order.lenient) && Rule::TriedContinues.holds() {
            step.push(("continueOnError".into(), Yaml::Bool(true)));
        }
        step.extend(how.retry.map(|retry| ("retry".into(), retry)));
        step.push(("config".into(), config));
        self.out.push(Yaml::Map(step));
        if !how.tried {
            let is_late = self.counts_as_late();
            if let Some(late) = self.order.late.as_mut().filter(|_| is_late) {
                late.extend(alias.clone());
            }
            self.order.add(alias);
        }
    }

    /// The `if` of a step here; none where nothing stands around it. With an `if` Kargo runs a step after a failure, too,
    /// unless the condition itself says otherwise.
    fn condition(&self, last: Option<&Code>, own: Option<&str>) -> Option<String> {
        let before = self.order.earlier();
        if self.guards.is_empty() && last.is_none() && own.is_none() && before.is_none() {
            return None;
        }
        let mut parts: Vec<String> = Vec::new();
        if Rule::SuccessWithCondition.holds() && !self.guards.iter().any(|guard| guard.says_failure) {
            parts.push("success()".to_owned());
        }
        // Conditions inside the group may read what its earlier steps made.
        let (around, inside) = self.guards.split_at(self.order.since.min(self.guards.len()));
        parts.extend(around.iter().map(|guard| guard.code.tight()));
        parts.extend(before.as_ref().map(Code::tight));
        parts.extend(inside.iter().map(|guard| guard.code.tight()));
        parts.extend(last.map(Code::tight));
        let all = parts.join(" && ");
        Some(match own {
            Some(own) if parts.len() > 1 => format!("${{{{ status({}) != \"\" || ({all}) }}}}", quoted(own)),
            Some(own) => format!("${{{{ status({}) != \"\" || {all} }}}}", quoted(own)),
            None => format!("${{{{ {all} }}}}"),
        })
    }

    // ── Conditions ──

    fn branch(&mut self, condition: &Expr, then: &[Statement], otherwise: &[Statement], results: &[ResultDef], cx: &Cx<'_>) {
        if condition.time == Time::Static {
            let chosen = if eval(condition, &cx.env).holds() { then } else { otherwise };
            self.body(chosen, results, cx);
            return;
        }
        let says_failure = says_failure(condition);
        let code = cx.condition(condition);
        match code.text.as_str() {
            "true" => return self.body(then, results, cx),
            "false" => return self.body(otherwise, results, cx),
            _ => {}
        }
        let readers = steps_in(then) + steps_in(otherwise);
        // `else` runs after a failure where something else says so; it may not stop in its middle.
        let (late_then, late_else) = (runs_late(then, &cx.late), runs_late(otherwise, &cx.late));
        let late = late_else || self.after_failure();
        let several = if says_failure { late && !otherwise.is_empty() } else { readers > 1 || !otherwise.is_empty() };
        let latched = self.may_change(condition, late_then || late_else) && several;
        // What runs after a failure inside: a condition that reads what is not there then holds for neither branch.
        let after_failure = says_failure || late_then || late_else || self.after_failure();
        let readable = if after_failure { cx.readable(condition) } else { None };
        let before = self.guards.len();
        self.guards.extend(readable.map(|code| Guard { code, says_failure: false }));
        let code = if latched && Rule::ConditionAskedOnce.holds() {
            // The answer must be there after a failure, too.
            self.guards.extend(after_failure.then(|| Guard { code: Code::atom("always()"), says_failure: true }));
            let code = self.latch_condition(condition, &code, cx);
            self.guards.truncate(self.guards.len() - usize::from(after_failure));
            code
        } else {
            code
        };
        self.branches(Guard { code, says_failure }, then, otherwise, results, cx);
        self.guards.truncate(before);
    }

    fn branches(&mut self, guard: Guard, then: &[Statement], otherwise: &[Statement], results: &[ResultDef], cx: &Cx<'_>) {
        let code = guard.code.clone();
        self.guards.push(guard);
        self.body(then, results, cx);
        self.guards.pop();
        if !otherwise.is_empty() {
            let not = if Rule::ElseIsNegation.holds() { Code::atom(format!("!{}", code.tight())) } else { code };
            self.guards.push(Guard { code: not, says_failure: false });
            self.body(otherwise, results, cx);
            self.guards.pop();
        }
    }

    /// Evaluates a condition that may change once, before everything that depends on it.
    fn latch_condition(&mut self, condition: &Expr, code: &Code, cx: &Cx<'_>) -> Code {
        let alias = self.generated("when");
        if self.only_in_conditions(condition) {
            // Up to 1.7 only an `if` may ask how steps ended.
            self.push("compose-output", alias.clone(), Some(code), Yaml::map([("ok", Yaml::Bool(true))]));
        } else {
            let value = text(&format!("${{{{ {} }}}}", code.text));
            self.push("compose-output", alias.clone(), None, Yaml::map([("ok", value)]));
        }
        Code::atom(format!("({}[{}]?.ok ?? false)", cx.outputs(), quoted(&alias)))
    }

    /// Evaluates a `let` that is not the same twice.
    fn latch(&mut self, def: &Arc<LetDef>, cx: &Cx<'_>) {
        if !Rule::LetEvaluatedOnce.holds() {
            return;
        }
        let alias = self.alias(&def.name);
        let value = cx.latch_value(&def.value);
        // Read after a failure, it is evaluated after one.
        let before = self.guards.len();
        if cx.late.lets.contains(&def.id) {
            self.guards.push(Guard { code: Code::atom("always()"), says_failure: true });
            self.guards.extend(cx.readable(&def.value).map(|code| Guard { code, says_failure: false }));
        }
        self.push("compose-output", alias.clone(), None, Yaml::map([("value", value)]));
        self.guards.truncate(before);
        cx.latches.borrow_mut().insert(def.id, alias);
    }

    /// `<word>-<n>`, counted per word, keeping away from the author's names.
    pub(super) fn generated(&mut self, word: &str) -> String {
        // `step-1` and `task-1` are names that Kargo gives.
        let word = if matches!(word, "step" | "task") { format!("{word}-it") } else { word.to_owned() };
        loop {
            let word = format!("{}{word}", self.prefix);
            let count = self.counts.entry(word.clone()).or_insert(0);
            *count += 1;
            let alias = format!("{word}-{count}");
            if !self.taken.iter().any(|name| *name == alias) {
                return alias;
            }
        }
    }

    // ── Require ──

    fn require(&mut self, require: &Require, cx: &Cx<'_>) {
        for slot in &require.slots {
            let filled = cx.filled(slot);
            if !slot.ty.is_optional() || filled.text == "true" || !Rule::RequireFails.holds() {
                continue;
            }
            let message = match &require.message {
                Some(message) => eval(message, &cx.env).as_text().unwrap_or("").to_owned(),
                None => cx.empty_slot_message(slot),
            };
            // What failed before is an accident, so where one may have, the two cases are told apart.
            if self.after_failure() {
                self.guards.push(Guard { code: Code::atom("failure()"), says_failure: true });
                self.require_slot(&filled, &message, false, cx);
                self.guards.pop();
                self.guards.push(Guard { code: Code::atom("success()"), says_failure: false });
                self.require_slot(&filled, &message, true, cx);
                self.guards.pop();
            } else {
                self.require_slot(&filled, &message, true, cx);
            }
        }
    }

    /// `first`: if it fails, it is the first to fail.
    fn require_slot(&mut self, filled: &Code, message: &str, first: bool, cx: &Cx<'_>) {
        let alias = self.generated("require");
        let late = self.order.late.take();
        if first {
            self.order.requires.push(alias.clone());
        }
        if self.world.library.step("fail").is_some_and(|fail| fail.rules.in_all(&self.world.target)) {
            let empty = Code::atom(format!("!{}", filled.tight()));
            self.push("fail", alias, Some(&empty), Yaml::map([("message", super::forms::plain_text(message))]));
        } else {
            // Before `fail` existed, only an error in a condition ends a promotion; its text carries the key verbatim.
            let test = format!("{} ? true : {}[\"-\"][{}]", filled.text, cx.outputs(), quoted(message));
            self.push("compose-output", alias, Some(&Code::compound(test)), Yaml::map([("ok", Yaml::Bool(true))]));
        }
        self.order.late = late;
    }
}

/// How many steps the statements come to, at least.
pub(super) fn steps_in<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> usize {
    statements
        .into_iter()
        .map(|statement| match statement {
            Statement::Call(call) => call.task.body.all().map(|statement| steps_in([statement])).sum(),
            Statement::If { then, otherwise, .. } => steps_in(then) + steps_in(otherwise),
            Statement::For { body, .. } => 2 * steps_in(body),
            Statement::Var { .. } => 0,
            _ => 1,
        })
        .sum()
}

pub(crate) fn text(value: &str) -> Yaml {
    Yaml::Str(Arc::<str>::from(value).into())
}

pub(crate) fn variable(name: &str, value: Yaml) -> Yaml {
    Yaml::map([("name", text(name)), ("value", value)])
}
