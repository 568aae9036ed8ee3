//! `try`, `retry`, `on failure` and `finally` in the words of Kargo.
//!
//! A step that is tried says `continueOnError`, so that `success()` and `failure()` pass over it. Where steps need the
//! earlier ones of their own group (a tried call, a block behind a body), they ask for their statuses: `success()` speaks
//! of the whole promotion. A task asks for the statuses of its own steps, too, so that it cleans up only what it began.

use super::code::{Code, quoted};
use super::cx::Cx;
use super::rules::Rule;
use super::steps::{Guard, Steps, steps_in, text};
use crate::base::Name;
use crate::emit::yaml::{Key, Yaml};
use crate::library::{Place, Rules, Ty, TypeScope};
use crate::types::tree::{Body, Call, Entry, EntryKey, Expr, Kind, Statement, Step};
use crate::types::value::canonical_duration;

/// The time limit of a step behind a body, where its author wrote none.
const LIMIT: &str = "5m";

/// What a step depends on besides its conditions, and who depends on it.
#[derive(Default)]
pub(super) struct Order {
    /// The failure of a step here never counts.
    pub(super) lenient: bool,
    /// In a block behind a body: steps are bounded in time.
    behind: bool,
    /// The earlier steps of the group, each of which must have Succeeded or been Skipped. `None`: no group.
    group: Option<Vec<String>>,
    /// How many conditions stand around the group.
    pub(super) since: usize,
    /// The steps so far of the tasks around that look at them when they are over.
    watched: Vec<Vec<String>>,
    /// The steps of `require`.
    pub(super) requires: Vec<String>,
}

/// What an author wrote beside a step.
#[derive(Default)]
pub(super) struct How {
    pub(super) tried: bool,
    pub(super) retry: Option<Yaml>,
    /// Its condition is evaluated before each attempt, and would see the failure of the last one.
    pub(super) rechecked: bool,
}

impl Order {
    pub(super) fn add(&mut self, alias: Option<String>) {
        let Some(alias) = alias else { return };
        self.group.iter_mut().chain(&mut self.watched).for_each(|list| list.push(alias.clone()));
    }

    /// The condition that the earlier steps of the group are well.
    pub(super) fn earlier(&self) -> Option<Code> {
        let group = self.group.as_deref().unwrap_or_default();
        match group {
            [] => None,
            _ if !Rule::GroupsInOrder.holds() => None,
            [one] => Some(Code::compound(format!("status({}) in [\"Succeeded\", \"Skipped\"]", quoted(one)))),
            _ => Some(Code::atom(format!("all({}, status(#) in [\"Succeeded\", \"Skipped\"])", list(group)))),
        }
    }
}

/// Whether one of the steps failed.
fn any_failed(aliases: &[String]) -> Code {
    match aliases {
        [] => Code::atom("false"),
        [one] => Code::compound(format!("status({}) in [\"Failed\", \"Errored\"]", quoted(one))),
        _ => Code::atom(format!("any({}, status(#) in [\"Failed\", \"Errored\"])", list(aliases))),
    }
}

fn list(aliases: &[String]) -> String {
    format!("[{}]", aliases.iter().map(|alias| quoted(alias)).collect::<Vec<_>>().join(", "))
}

impl Steps<'_, '_, '_> {
    // ── Steps ──

    pub(super) fn needs_alias(&self, how: &How) -> bool {
        how.rechecked || (!how.tried && (self.order.group.is_some() || !self.order.watched.is_empty()))
    }

    /// What the author wrote behind `retry`, with a time limit where there must be one.
    pub(super) fn retry(&self, step: &Step, cx: &Cx<'_>) -> Option<Yaml> {
        let written = step.retry.as_ref().and_then(|retry| cx.setting(retry, &retry.ty, &Rules::default()));
        let mut fields: Vec<(Key, Yaml)> = match written {
            Some(Yaml::Map(fields)) => fields,
            _ => Vec::new(),
        };
        let limit = if self.order.behind { Some(LIMIT) } else { step.kind.rules.endless.as_deref() };
        if let Some(limit) = limit.filter(|_| Rule::TimeLimit.holds())
            && !fields.iter().any(|(key, _)| &**key == "timeout")
        {
            fields.push(("timeout".into(), text(&canonical_duration(limit))));
        }
        (!fields.is_empty()).then_some(Yaml::Map(fields))
    }

    /// Whether the step may be called again after a failure, by a Kargo that then looks at its condition again. Steps whose
    /// failure does not count, or that run after one anyway, do not mind.
    pub(super) fn is_rechecked(&self, step: &Step) -> bool {
        let runs_anyway = |guard: &Guard| guard.says_failure && !guard.code.text.contains("success()");
        let stops = |guard: &Guard| guard.code.text.starts_with('!') && guard.code.text.contains("failure()");
        let runs_anyway = self.guards.iter().any(runs_anyway) && !self.guards.iter().any(stops);
        if step.tried || self.order.lenient || runs_anyway {
            return false;
        }
        let Some(Ty::Record(retry)) = self.world.library.named_type("Retry") else { return false };
        let written = |name: &Name| match step.retry.as_ref().map(|retry| &retry.kind) {
            Some(Kind::Record(entries)) => {
                entries.iter().any(|entry| matches!(entry, Entry::Field { key: EntryKey::Name(known, _), .. } if known == name))
            }
            _ => false,
        };
        retry.fields.iter().any(|field| {
            let concerned = step.kind.rules.endless.is_some() || written(&field.name);
            concerned && field.rules.rechecked.is_some_and(|(since, until)| self.world.target.some_has(since, until))
        })
    }

    // ── Conditions ──

    /// Whether a condition may not be the same for all steps that read it. How steps ended is settled behind a body: there a
    /// step runs only if the earlier ones of its block are well.
    pub(super) fn may_change(&self, condition: &Expr) -> bool {
        let mut found = false;
        condition.walk(&mut |expr| {
            found |= match &expr.kind {
                Kind::Call { function, .. } if self.order.behind => {
                    function.rules.latched && function.allowed_at(Place::Vars, &self.world.target)
                }
                Kind::Call { function, .. } => function.rules.latched,
                Kind::Status(_) => !self.order.behind,
                _ => false,
            }
        });
        found
    }

    /// Whether the condition asks what only an `if` may ask.
    pub(super) fn only_in_conditions(&self, condition: &Expr) -> bool {
        let in_config = |name: &str| {
            let function = self.world.library.function(name);
            function.is_none_or(|function| function.allowed_at(Place::Config, &self.world.target))
        };
        let mut found = false;
        condition.walk(&mut |expr| {
            found |= match &expr.kind {
                Kind::Call { function, .. } => !function.allowed_at(Place::Config, &self.world.target),
                Kind::Status(_) => !in_config("status"),
                _ => false,
            }
        });
        found
    }

    // ── Groups ──

    /// Steps that run one after the other, each only if those before it are well. The steps of the group around are looked
    /// at once, as they are before the first of these.
    fn in_group(&mut self, ordered: bool, run: impl FnOnce(&mut Self)) -> Vec<String> {
        let guard = self.order.earlier().map(|code| Guard { code, says_failure: false });
        let is_guarded = guard.is_some();
        self.guards.extend(guard);
        let ordered = ordered || self.order.group.is_some();
        let outer = std::mem::replace(&mut self.order.group, ordered.then(Vec::new));
        let since = std::mem::replace(&mut self.order.since, self.guards.len());
        run(self);
        self.order.since = since;
        if is_guarded {
            self.guards.pop();
        }
        std::mem::replace(&mut self.order.group, outer).unwrap_or_default()
    }

    /// A block behind a body, under conditions of its own. Returns its steps, if those around need to know them.
    fn tail(&mut self, statements: &[Statement], body: &Body, conditions: Vec<Code>, cx: &Cx<'_>) -> Vec<String> {
        let before = std::mem::replace(&mut self.order.behind, true);
        let count = conditions.len();
        self.guards.extend(conditions.into_iter().map(|code| Guard { code, says_failure: true }));
        let own = self.in_group(steps_in(statements) > 1, |steps| steps.body(statements, &body.results, cx));
        self.guards.truncate(self.guards.len() - count);
        self.order.behind = before;
        own
    }

    /// The same for `on failure`: how it ends is nobody's business.
    fn failure_tail(&mut self, body: &Body, conditions: Vec<Code>, cx: &Cx<'_>) {
        let lenient = std::mem::replace(&mut self.order.lenient, true);
        let watched = std::mem::take(&mut self.order.watched);
        self.tail(&body.on_failure, body, conditions, cx);
        self.order.watched = watched;
        self.order.lenient = lenient;
    }

    // ── Bodies ──

    /// What runs behind the steps of a stage.
    pub(crate) fn stage_tails(&mut self, body: &Body, cx: &Cx<'_>) {
        let requires = std::mem::take(&mut self.order.requires);
        if !body.on_failure.is_empty() {
            let mut conditions = vec![Code::atom("failure()")];
            if !requires.is_empty() && Rule::RequireIsNoAccident.holds() {
                conditions.push(Code::atom(format!("!{}", any_failed(&requires).tight())));
            }
            self.failure_tail(body, conditions, cx);
        }
        if !body.finally.is_empty() {
            self.tail(&body.finally, body, vec![Code::atom("always()")], cx);
        }
    }

    /// The steps of a task; returns those that may make it fail, if something runs behind them.
    pub(crate) fn task_body(&mut self, body: &Body, cx: &Cx<'_>) -> Vec<String> {
        if body.on_failure.is_empty() && body.finally.is_empty() {
            self.body(&body.statements, &body.results, cx);
            return Vec::new();
        }
        self.order.watched.push(Vec::new());
        self.body(&body.statements, &body.results, cx);
        self.order.watched.pop().unwrap_or_default()
    }

    /// What runs behind the steps of a task, of which `own` may make it fail. Returns the steps of `finally`.
    pub(crate) fn task_tails(&mut self, body: &Body, own: &[String], cx: &Cx<'_>) -> Vec<String> {
        if !body.on_failure.is_empty() {
            let failed = if Rule::FailureOfOwnSteps.holds() { any_failed(own) } else { Code::atom("failure()") };
            self.failure_tail(body, vec![failed], cx);
        }
        if body.finally.is_empty() {
            return Vec::new();
        }
        // What runs after a failure anyway began if its conditions hold; the rest if nothing had failed before it.
        let began = match self.guards.iter().any(|guard| guard.says_failure) {
            true => Vec::new(),
            false if own.is_empty() => vec![Code::atom("success()")],
            false => vec![Code::compound(format!("success() || {}", any_failed(own).tight()))],
        };
        self.tail(&body.finally, body, began, cx)
    }

    /// The steps of an inlined call, and what runs behind them. `stored`: the alias under which its results are stored as
    /// those of one step, where they are read without being certain.
    pub(super) fn inlined_body(&mut self, call: &Call, stored: Option<&str>, cx: &Cx<'_>) {
        let body = &call.task.body;
        let before = self.order.group.clone();
        let (lenient, watched) = (self.order.lenient, std::mem::take(&mut self.order.watched));
        self.order.lenient |= call.tried;
        if !call.tried {
            self.order.watched.clone_from(&watched);
        }
        let mut own = Vec::new();
        let mut run = |steps: &mut Self| {
            own = steps.task_body(body, cx);
            if let Some(alias) = stored {
                steps.store(call, alias, cx);
            }
        };
        if call.tried {
            let count = steps_in(&body.statements) + usize::from(stored.is_some());
            self.in_group(count > 1, run);
        } else {
            run(self);
        }
        // The blocks behind the steps do not need these to be well, only what stands before the call.
        let after = std::mem::replace(&mut self.order.group, before);
        let last = self.task_tails(body, &own, cx);
        self.order.group = after;
        if !call.tried {
            self.order.group.iter_mut().for_each(|group| group.extend(last.iter().cloned()));
        }
        if call.tried {
            self.order.watched = watched;
        }
        self.order.lenient = lenient;
    }

    fn store(&mut self, call: &Call, alias: &str, cx: &Cx<'_>) {
        let config = call.task.returns.iter().filter_map(|(name, value)| {
            let yaml = cx.setting(value, &Ty::Any, &Rules::default())?;
            Some((Key::from(std::sync::Arc::<str>::from(name.as_str())), yaml))
        });
        let config = Yaml::Map(config.collect());
        self.push_step("compose-output", Some(alias.to_owned()), None, config, How::default());
    }
}

/// Whether a condition inside asks for failure.
pub(super) fn asks_failure(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::If { condition, then, otherwise, .. } => {
            crate::types::says_failure(condition) || asks_failure(then) || asks_failure(otherwise)
        }
        Statement::For { body, .. } => asks_failure(body),
        Statement::Call(call) => {
            let body = &call.task.body;
            asks_failure(&body.statements) || !body.on_failure.is_empty() || !body.finally.is_empty()
        }
        _ => false,
    })
}
