//! The wording of flow reports.

use super::calls::Why;
use super::consent::Change;
use crate::base::Span;
use crate::diag::{Check, Diagnostic, Severity, nearest};
use crate::expand::{Object, Slot, Stage};
use crate::library::Version;
use crate::types::list;

pub(super) fn settings_on_head(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "the head of a flow takes no settings", at, "about no slot")
        .help("a block stands behind the stage whose slot it is about: `flow app -> test -> uat { requiredSoakTime: 1h }`")
}

pub(super) fn unknown_head(name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("there is no warehouse or stage `{name}`"), at, "unknown name");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None => report,
    }
}

pub(super) fn unknown_stage(name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("there is no stage `{name}`"), at, "unknown stage");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None => report,
    }
}

pub(super) fn warehouse_in_the_middle(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("the warehouse `{name}` can only begin a flow"), at, "behind an arrow")
}

pub(super) fn join_at_the_end(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`any` and `all` say which of several stages the next one waits for", at, "nothing follows")
        .help("write the list without the word")
}

pub(super) fn any_or_all(at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::AvailabilityAnyVsAll,
        "several stages come before the next one",
        at,
        "must one of them have verified the freight, or all?",
    )
    .help("write `any [a, b]` or `all [a, b]`")
}

pub(super) fn no_slot(stage: &str, warehouses: &[&str], at: Span, declared: Span) -> Diagnostic {
    let slot = warehouses.first().copied().unwrap_or("app");
    Diagnostic::new(
        Check::FreightNotRequested,
        format!("the stage `{stage}` has no slot for {}", list(warehouses)),
        at,
        "the flow brings it here",
    )
    .because(declared, "declared here")
    .help(format!("add `slot {slot}` to the stage: a flow fills slots and makes none"))
}

pub(super) fn nothing_in_common(stage: &str, upstream: &[&str], at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::FreightNotRequested,
        format!("`{stage}` and {} hold nothing in common that is not filled yet", list(upstream)),
        at,
        "this arrow carries nothing",
    )
}

pub(super) fn filled_twice(stage: &str, slot: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::SlotFilledTwice, format!("the slot `{slot}` of `{stage}` is filled twice"), at, "filled again")
        .because(first, "filled here first")
        .note("the sources of both together would let freight past the stricter one")
}

pub(super) fn not_upstream(stage: &str, upstream: &str, warehouse: &str, at: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(
        Check::FreightNotRequested,
        format!("`{stage}` would wait for freight of `{warehouse}` in `{upstream}`, which never holds any"),
        at,
        "takes it from there",
    )
    .because(declared, format!("`{upstream}` has no slot for `{warehouse}`"))
}

pub(super) fn match_upstream(settings: Span, at: Span, direct: bool) -> Diagnostic {
    let label = if direct { "here freight comes from the warehouse itself" } else { "here several stages come before" };
    Diagnostic::new(
        Check::MatchUpstreamNeedsOneStage,
        "`MatchUpstream` needs exactly one stage before",
        settings,
        "promotes what the stage before holds",
    )
    .because(at, label)
}

pub(super) fn soak_on_direct(settings: Span, at: Span) -> Diagnostic {
    let mut report = Diagnostic::new(Check::SoakHasNoEffect, "this soak time has no effect", settings, "freight soaks in the stage before")
        .because(at, "here it comes from the warehouse itself");
    report.severity = Severity::Warning;
    report
}

pub(super) fn soak_in_control_flow(upstream: &str, settings: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(
        Check::SoakHasNoEffect,
        format!("freight never soaks in `{upstream}`, so none would ever arrive"),
        settings,
        "waits for ever",
    )
    .because(declared, "a stage without steps holds no freight")
    .help("put the soak time on the stage that follows the last one with steps")
}

pub(super) fn no_slots(stage: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::StageNeverFed, format!("the stage `{stage}` asks for no freight"), at, "has no slot")
        .help("declare `slot warehouse` in it, and fill it by `flow warehouse -> stage`")
}

pub(super) fn unfilled(stage: &str, slot: &str, warehouse: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::StageNeverFed, format!("nothing fills the slot `{slot}` of `{stage}`"), at, "no flow brings freight here")
        .help(format!("write `flow {warehouse} -> {stage}`, or put `{stage}` behind another stage of a flow"))
}

pub(super) fn cycle(stages: &[&Stage]) -> Diagnostic {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let first = stages.first();
    let at = first.map_or(Span::new(crate::base::FileId(0), 0, 0), |stage| stage.span);
    let mut way = names.join("` → `");
    if let Some(first) = names.first() {
        way = format!("`{way}` → `{first}`");
    }
    let message = if names.len() == 1 {
        format!("the stage {} waits for itself", list(&names))
    } else {
        format!("the stages {} wait for each other", list(&names))
    };
    let mut report = Diagnostic::new(Check::StageCycle, message, at, "no freight can ever be the first");
    for stage in stages.iter().skip(1) {
        report = report.because(stage.span, "on the way");
    }
    report.note(way)
}

pub(super) fn unused_warehouse(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::UnusedBinding, format!("no stage takes freight of the warehouse `{name}`"), at, "nothing uses it")
}

pub(super) fn control_flow(stage: &str, what: &str, at: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(Check::ControlFlowStage, format!("{what} has no effect on `{stage}`"), at, "ignored")
        .because(declared, "a stage without steps passes freight on by itself")
}

pub(super) fn two_kinds_of_policies(at: Span, list: Span) -> Diagnostic {
    Diagnostic::new(Check::ConflictingSettings, "policies stand either in the stages or in the project", at, "a policy of the stage")
        .because(list, "the policies of the project")
}

pub(super) fn policy_unknown_stage(selector: &str, at: Span, known: &[&str], near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::PolicyUnknownStage, format!("no stage fits `{selector}`"), at, "a policy for nobody");
    let report = if known.is_empty() { report } else { report.note(format!("the stages are {}", list(known))) };
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, format!("\"{near}\"")),
        None => report,
    }
}

pub(super) fn may_do_nothing(slots: &[Slot], filled: &[bool], promoting: usize, at: Span) -> Diagnostic {
    let names: Vec<&str> = slots.iter().zip(filled).filter(|(_, filled)| **filled).map(|(slot, _)| slot.name.as_str()).collect();
    let trigger = slots.get(promoting).map_or("", |slot| slot.name.as_str());
    let empty: Vec<&str> = slots.iter().zip(filled).filter(|(_, filled)| !**filled).map(|(slot, _)| slot.name.as_str()).collect();
    let state = if empty.is_empty() {
        format!("all of {} are filled", list(&names))
    } else {
        format!("{} is filled and {} is empty", list(&names), list(&empty))
    };
    Diagnostic::new(
        Check::PromotionMayDoNothing,
        "a promotion may succeed without doing anything",
        at,
        format!("does nothing when `{trigger}` is promoted while {state}"),
    )
    .note("it would count as deployed, healthy and verified, and the freight would move on to the next stages")
    .help("`require` the slot that is needed, so that such a promotion fails with a reason")
}

/// `step` is merely tried, like whatever else the promotion could do.
pub(super) fn merely_tried(at: Span, step: Span) -> Diagnostic {
    Diagnostic::new(Check::PromotionMayDoNothing, "a promotion may succeed without doing anything", at, "all that it does is merely tried")
        .because(step, "if it fails, the promotion goes on and succeeds")
        .note("it would count as deployed, healthy and verified, and the freight would move on to the next stages")
        .help("leave out `try` before the step that the promotion is for")
}

pub(super) fn health_check_lost(step: &str, at: Span, guard: Option<Span>, tried: bool) -> Diagnostic {
    let message = match tried {
        true => format!("`{step}` may fail in a promotion that succeeds"),
        false => format!("`{step}` does not run in every promotion"),
    };
    let report = Diagnostic::new(Check::HealthCheckLost, message, at, "registers the health check of the stage");
    let report = match guard {
        Some(guard) => report.because(guard, "runs only under this condition"),
        None => report,
    };
    let without = if tried { "in which this step failed" } else { "that skipped this step" };
    report.note(format!(
        "only the checks of the last promotion count: after one {without} the stage is healthy whatever the application does"
    ))
}

pub(super) fn reserved_alias(alias: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::InvalidName, format!("`{alias}` is a name that Kargo gives by itself"), at, "the alias of a step")
        .help("choose another name, one that says what the step makes")
}

pub(super) fn alias_twice(alias: &str, at: Span, first: Span) -> Diagnostic {
    let report = Diagnostic::new(Check::DuplicateStepAlias, format!("two steps would have the alias `{alias}`"), at, "the second one");
    if at == first {
        report.note("the rounds of a loop are told apart by its keys, and two of them are the same")
    } else {
        report.because(first, "the first one")
    }
}

pub(super) fn alias_of_call(name: &str, task: &str, at: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateStepAlias, format!("the call is named `{name}`, like a step inside `{task}`"), at, "called here")
        .because(declared, format!("this task has a step `{name}`"))
        .note("Kargo would take the output of that step for the result of the whole task")
        .help("give the result of the call another name")
}

/// A `cluster-task` whose call cannot be a reference to it.
pub(super) fn cluster_task_inlined(task: &str, why: Why, at: Span, declared: Span) -> Diagnostic {
    let (label, help) = match why {
        Why::Condition => ("called under a condition", "pass what the condition needs and put it into the task, or declare it as `task`"),
        Why::Tried => ("tried", "put `try` before steps of the task, or declare it as `task`"),
        Why::InTask => ("called from a task", "declare it as `task`: then it becomes steps of its caller"),
        // Of a cluster task the fault itself is reported.
        Why::Fault(_) => ("called where a fault of the target hits it", "declare it as `task`: then it becomes steps of its caller"),
        Why::Loop => ("it loops over a list that it is passed", "declare it as `task`: then it becomes steps of its caller"),
        Why::Name => ("its static arguments cannot be part of a name", "leave out `static`, or declare it as `task`"),
        Why::Variables => ("arguments read variables that have the names of others", "give the variables other names than the parameters"),
        Why::Failure => {
            ("some of its steps run after a failure, and `on failure` must tell theirs from that of a `require`", "declare it as `task`")
        }
    };
    Diagnostic::new(Check::ClusterTaskInlined, format!("Kargo cannot call the cluster task `{task}` here"), at, label)
        .because(declared, "declared as one object for all projects")
        .help(help)
}

/// Two tasks, or one with different static arguments, of which each would be the object of this name.
pub(super) fn task_objects_clash(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("two different tasks would be the object `{name}`"), at, "this call needs one of them")
        .because(first, "and this is the other")
        .note("an object's name is that of its task, followed by the static arguments in small letters")
}

/// A table has no entry of the name that an instance computes.
pub(super) fn no_such_key(key: &str, known: &[String], at: Span, stage: &str) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let report = Diagnostic::new(
        Check::UnknownName,
        format!("the table has no entry `{key}`, which the stage `{stage}` needs"),
        at,
        format!("`{key}` in this stage"),
    );
    match crate::diag::nearest(key, known.iter().copied()) {
        Some(near) => report.help(format!("did you mean `{near}`?")),
        None => report.help(format!("it has {}", list(&known))),
    }
}

/// `app-not-authorized`. A version that lets an object consent to one stage, and two that change it.
pub(super) fn one_consent(object: &Object, changes: [&Change; 2], product: &str, several: Version, version: Version) -> Diagnostic {
    let [first, second] = changes;
    let (kind, name) = (&object.kind.name, &object.name);
    let message = format!("the {kind} `{name}` can authorise one stage, but `{}` and `{}` change it", first.stage, second.stage);
    let report = Diagnostic::new(Check::AppNotAuthorized, message, object.span, format!("one stage on {product} {version}"));
    let report = report.because(first.at, "changed here");
    let report = if second.at == first.at { report } else { report.because(second.at, "and here") };
    report.help(format!("give each stage its own {kind}, or install {product} {several} or later"))
}

/// The same: the author lists other stages than those that change it.
pub(super) fn no_consent(object: &Object, key: &str, change: &Change, at: Span) -> Diagnostic {
    let (kind, name) = (&object.kind.name, &object.name);
    let message = format!("the {kind} `{name}` does not authorise `{}`, which changes it", change.stage);
    Diagnostic::new(Check::AppNotAuthorized, message, at, format!("`{key}` lists others"))
        .because(change.at, "changed here")
        .help(format!("leave the annotation out: it is written for the stages that change the {kind}"))
}

/// `appproject-not-permitted`. What governs the object does not list what it says. `entries`: what it lists.
pub(super) fn not_permitted(object: &Object, governor: &Object, value: &str, list: &str, entries: &[String], at: Span) -> Diagnostic {
    let message = format!("the {} `{}` does not permit `{value}`", governor.kind.name, governor.name);
    let label = format!("not in its `{list}`");
    let report =
        Diagnostic::new(Check::AppprojectNotPermitted, message, at, label).because(governor.span, format!("governs `{}`", object.name));
    let known: Vec<&str> = entries.iter().map(String::as_str).collect();
    match nearest(value, known.iter().copied()) {
        _ if known.is_empty() => report.note(format!("without `{list}` it permits none")),
        Some(near) => report.note(format!("the nearest of its entries is `{near}`")),
        None => report.note(format!("it lists {}", crate::types::list(&known))),
    }
}
