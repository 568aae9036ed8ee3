//! `try`, `retry`, `on failure` and `finally` in the words of Kargo.
//!
//! A step that is tried says `continueOnError`, so that `success()` and `failure()` pass over it. Where steps need the
//! earlier ones of their own group (a tried call, a block behind a body), they ask for their statuses: `success()` speaks
//! of the whole promotion. A task asks for the statuses of its own steps, too, so that it cleans up only what it began.

use super::code::{Code, quoted};
use super::cx::Cx;
use super::outcome::Late;
use super::rules::Rule;
use super::steps::{Guard, Steps, steps_in, text};
use crate::base::Name;
use crate::emit::yaml::{Key, Yaml};
use crate::library::{Place, Rules, Ty, TypeScope};
use crate::types::tree::{Body, Call, Entry, EntryKey, Expr, Kind, Statement, Step};
use crate::types::value::canonical_duration;
use crate::types::{asks_failure, says_failure, tells_apart};

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
    /// The steps of `require` that fail only where nothing failed before.
    pub(super) requires: Vec<String>,
    /// The steps that run after a failure, where `on failure` must tell them from a `require`.
    pub(super) late: Option<Vec<String>>,
}

/// What an author wrote beside a step.
#[derive(Default)]
pub(super) struct How {
    pub(super) tried: bool,
    pub(super) retry: Option<Yaml>,
    /// Its condition is evaluated before each attempt, and would see the failure of the last one.
    pub(super) rechecked: bool,
}

/// The steps of a task that something behind them asks for.
#[derive(Default)]
pub(crate) struct Own {
    /// Those that may make it fail.
    steps: Vec<String>,
    /// The step that tells whether the task began, where they do not.
    began: Option<String>,
}

impl Order {
    pub(super) fn add(&mut self, alias: Option<String>) {
        let Some(alias) = alias else { return };
        self.group.iter_mut().chain(&mut self.watched).for_each(|list| list.push(alias.clone()));
    }

    /// The condition that the earlier steps of the group are well.
    pub(super) fn earlier(&self) -> Option<Code> {
        all_well(self.group.as_deref().unwrap_or_default()).filter(|_| Rule::GroupsInOrder.holds())
    }
}

/// Whether each of the steps Succeeded or was Skipped; `None`: there is no step.
fn all_well(aliases: &[String]) -> Option<Code> {
    match aliases {
        [] => None,
        [one] => Some(Code::compound(format!("status({}) in [\"Succeeded\", \"Skipped\"]", quoted(one)))),
        _ => Some(Code::atom(format!("all({}, status(#) in [\"Succeeded\", \"Skipped\"])", list(aliases)))),
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
        let is_asked = self.order.group.is_some() || !self.order.watched.is_empty() || self.counts_as_late();
        how.rechecked || (!how.tried && is_asked)
    }

    /// Whether a step here runs after a failure, and its own is one that `on failure` must know of.
    pub(super) fn counts_as_late(&self) -> bool {
        self.order.late.is_some() && !self.order.lenient && self.after_failure()
    }

    /// Whether a condition around says failure.
    pub(super) fn after_failure(&self) -> bool {
        self.guards.iter().any(|guard| guard.says_failure)
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
        let stops = |guard: &Guard| {
            let text = &guard.code.text;
            !guard.says_failure && text.contains("success()") || text.starts_with('!') && text.contains("failure()")
        };
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
    /// step runs only if the earlier ones of its block are well, unless some of these run after a failure (`late`).
    pub(super) fn may_change(&self, condition: &Expr, late: bool) -> bool {
        let settled = self.order.behind && !late;
        let mut found = false;
        condition.walk(&mut |expr| {
            found |= match &expr.kind {
                Kind::Call { function, .. } if settled => function.rules.latched && function.allowed_at(Place::Vars, &self.world.target),
                Kind::Call { function, .. } => function.rules.latched,
                Kind::Status(_) => !settled,
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

    /// Remembers the steps that run after a failure, where `on failure` must tell a `require` from what failed beside it.
    pub(crate) fn watch_late(&mut self, body: &Body) {
        self.order.late = tells_apart(body).then(Vec::new);
    }

    /// What runs behind the steps of a stage.
    pub(crate) fn stage_tails(&mut self, body: &Body, cx: &Cx<'_>) {
        let requires = std::mem::take(&mut self.order.requires);
        let late = self.order.late.take().unwrap_or_default();
        if !body.on_failure.is_empty() {
            let mut conditions = vec![Code::atom("failure()")];
            if !requires.is_empty() && Rule::RequireIsNoAccident.holds() {
                let no_require = Code::atom(format!("!{}", any_failed(&requires).tight()));
                conditions.push(match late.as_slice() {
                    [] => no_require,
                    late => Code::compound(format!("{} || {}", any_failed(late).tight(), no_require.text)),
                });
            }
            self.failure_tail(body, conditions, cx);
        }
        if !body.finally.is_empty() {
            self.tail(&body.finally, body, vec![Code::atom("always()")], cx);
        }
    }

    /// The steps of a task; returns those that may make it fail,
    /// if something runs behind them, or if `watch` asks for them.
    pub(crate) fn task_body(&mut self, body: &Body, watch: bool, cx: &Cx<'_>) -> Own {
        if !watch && body.on_failure.is_empty() && body.finally.is_empty() {
            self.body(&body.statements, &body.results, cx);
            return Own::default();
        }
        // Steps that run after any failure do not tell whether the task began, and its `finally` may fail in its middle.
        let late = asks_failure(&body.statements) || runs_late(&body.finally, &cx.late);
        let unclear = !body.finally.is_empty() && late && !self.after_failure();
        let began = unclear.then(|| {
            let alias = self.generated("when");
            self.push("compose-output", alias.clone(), None, Yaml::map([("ok", Yaml::Bool(true))]));
            alias
        });
        self.order.watched.push(Vec::new());
        self.body(&body.statements, &body.results, cx);
        Own { steps: self.order.watched.pop().unwrap_or_default(), began }
    }

    /// What runs behind the steps of a task, of which `own` may make it fail. Returns the steps of `finally`.
    pub(crate) fn task_tails(&mut self, body: &Body, own: &Own, cx: &Cx<'_>) -> Vec<String> {
        if !body.on_failure.is_empty() {
            let failed = if Rule::FailureOfOwnSteps.holds() { any_failed(&own.steps) } else { Code::atom("failure()") };
            self.failure_tail(body, vec![failed], cx);
        }
        if body.finally.is_empty() {
            return Vec::new();
        }
        // What runs after a failure anyway began if its conditions hold; the rest if nothing had failed before it.
        let began = match &own.began {
            _ if self.after_failure() => Vec::new(),
            Some(began) => vec![Code::atom("always()"), Code::compound(format!("status({}) == \"Succeeded\"", quoted(began)))],
            None if own.steps.is_empty() => vec![Code::atom("success()")],
            None => vec![Code::compound(format!("success() || {}", any_failed(&own.steps).tight()))],
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
        // After a failure `success()` does not speak of its steps alone.
        let by_itself = call.tried || (self.order.group.is_none() && self.after_failure());
        let watch = stored.is_some() && by_itself;
        let mut own = Own::default();
        let mut run = |steps: &mut Self| own = steps.task_body(body, watch, cx);
        if by_itself {
            self.in_group(steps_in(&body.statements) > 1, run);
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
        if let Some(alias) = stored {
            own.steps.extend(last);
            let well = all_well(&own.steps).filter(|_| watch);
            let config = Yaml::Map(cx.returned_settings(&call.task));
            let how = How { tried: call.tried, ..How::default() };
            self.push_step("compose-output", Some(alias.to_owned()), well.as_ref(), config, how);
        }
        if call.tried {
            self.order.watched = watched;
        }
        self.order.lenient = lenient;
    }
}

/// Whether something inside runs after a failure: steps whose condition says so, blocks of a task, a `let` that is read
/// there.
pub(super) fn runs_late(statements: &[Statement], late: &Late) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::If { condition, then, otherwise, .. } => says_failure(condition) || runs_late(then, late) || runs_late(otherwise, late),
        Statement::For { body, .. } => runs_late(body, late),
        Statement::Call(call) => {
            let body = &call.task.body;
            !body.on_failure.is_empty() || !body.finally.is_empty() || runs_late(&body.statements, &Late::of(body, &[]))
        }
        Statement::Latch(def) => late.lets.contains(&def.id),
        _ => false,
    })
}
