//! Programs are promoted, and the engine does what the interpreter says.

use std::collections::{HashMap, HashSet};

use loadline::emit;
use loadline::expand::{Stage, visit_stage};
use loadline::types::StageItem;
use loadline::types::tree::Body;
use serde_json::{Map, Value as Json, json};

use crate::chance;
use crate::compare;
use crate::engine::Engine;
use crate::generator::random::Random;
use crate::generator::{Program, RAW};
use crate::interpreter::value::known;
use crate::interpreter::{Answer, Cluster, End, Frame, Instance, Promotion, Question, Status, What};
use crate::sound::{EDITIONS, analysis, errors};
use loadline::Analysis;

/// What came of one program.
#[derive(Default)]
pub struct Verdict {
    pub trials: usize,
    /// Steps that ran, and whether a promotion failed: what the trials were about.
    pub steps: usize,
    pub failed: usize,
    /// One line each: which trial, what differs.
    pub disagreements: Vec<String>,
}

/// A step of the manifests.
struct Inflated {
    alias: String,
    uses: String,
}

/// Promotes a program `count` times; the same seed gives the same trials.
pub fn promote(engine: &mut Engine, analysis: &Analysis, seed: u64, count: usize) -> Verdict {
    let mut text = String::new();
    emit::stream(&analysis.documents(), &mut text);
    promote_manifests(engine, analysis, &text, seed, count)
}

/// The same with manifests that somebody else made of the program.
pub fn promote_manifests(engine: &mut Engine, analysis: &Analysis, manifests: &str, seed: u64, count: usize) -> Verdict {
    let mut verdict = Verdict::default();
    let set = engine.ask(&json!({ "id": "set", "program": "p", "manifests": manifests }));
    if set["error"].is_string() {
        verdict.disagreements.push(format!("the engine cannot read it: {}", set["error"]));
        return verdict;
    }
    let end = engine.target.clone();
    analysis.inspect(|world, instances| {
        let stages: usize = instances.projects.iter().map(|project| project.stages.len()).sum();
        let count = count.div_ceil(stages.max(1));
        for project in &instances.projects {
            for stage in &project.stages {
                let Some(body) = promoted(stage) else { continue };
                let Some(steps) = inflated(&set, &project.name, &stage.cluster_name) else {
                    verdict.disagreements.push(format!("stage {} has no steps", stage.name));
                    continue;
                };
                for trial in 0..count {
                    let mut random = Random::new(seed.wrapping_mul(1000) + trial as u64);
                    let cluster = chance::cluster(&mut random, project, stage, &world.target, &end);
                    let calm = trial % 3 == 0;
                    let mut answers: Vec<(usize, Answer)> = Vec::new();
                    let mut script = |question: &Question<'_>| {
                        let answer = chance::answer(&mut random, question, &end, calm);
                        answers.push((question.place, answer.clone()));
                        answer
                    };
                    let mut promotion = Promotion::new(cluster.clone(), &mut script);
                    let ended = promotion.run(&body, frame(stage));
                    let meant = std::mem::take(&mut promotion.instances);
                    let Some(places) = aligned(&meant, &steps) else {
                        let shape: Vec<String> = steps.iter().map(|step| format!("{} {}", step.uses, step.alias)).collect();
                        verdict.disagreements.push(format!("shape: the steps {shape:?} are not those of the program"));
                        break;
                    };
                    let request = request(&cluster, &meant, &answers, &places, &steps, trial);
                    let got = engine.ask(&request);
                    verdict.trials += 1;
                    verdict.failed += usize::from(ended != End::Succeeded);
                    verdict.steps += meant.iter().filter(|instance| instance.settings.is_some()).count();
                    for line in differences(&meant, ended, &places, &got) {
                        verdict.disagreements.push(format!("{line}\n    in {}", shown(&cluster, &request["script"])));
                    }
                }
            }
        }
    });
    verdict
}

fn promoted(stage: &Stage) -> Option<std::sync::Arc<Body>> {
    let mut found = None;
    visit_stage(&stage.body.items, &stage.env, &mut |item, _| {
        if let StageItem::Promote { body, .. } = item {
            found = Some(body.clone());
        }
    });
    found
}

fn frame(stage: &Stage) -> Frame<'_> {
    let mut frame = Frame { locals: stage.env.locals.iter().map(known).collect(), ..Frame::default() };
    for item in &stage.body.items {
        if let StageItem::Var { name, value, .. } = item {
            frame.vars.insert(name.to_string(), value);
        }
    }
    frame
}

fn inflated(set: &Json, project: &str, stage: &str) -> Option<Vec<Inflated>> {
    let steps = set["stages"][format!("{project}/{stage}")].as_array()?;
    let text = |step: &Json, name: &str| step[name].as_str().unwrap_or("").to_owned();
    Some(steps.iter().map(|step| Inflated { alias: text(step, "alias"), uses: text(step, "uses") }).collect())
}

/// Where each of the author's steps is among those of the manifests. The others are the compiler's: what `require`
/// becomes, what asks a condition once, what a call returns. A step that can be seen never to run is not written.
fn aligned(meant: &[Instance], steps: &[Inflated]) -> Option<HashMap<usize, usize>> {
    let can_be_left_out = |at: usize| meant[at].settings.is_none();
    // Whether the steps from `place` on can be those from `at` on.
    let mut fits = vec![vec![false; meant.len() + 1]; steps.len() + 1];
    for place in (0..=steps.len()).rev() {
        for at in (0..=meant.len()).rev() {
            let step = steps.get(place);
            fits[place][at] = match (step, meant.get(at)) {
                (None, None) => true,
                (Some(step), _) if step.is_added() => fits[place + 1][at],
                (Some(step), Some(instance)) if is_it(instance, step) && fits[place + 1][at + 1] => true,
                (_, Some(_)) => can_be_left_out(at) && fits[place][at + 1],
                (Some(_), None) => false,
            };
        }
    }
    let mut places = HashMap::new();
    let (mut place, mut at) = (0, 0);
    while fits[place][at] && (place < steps.len() || at < meant.len()) {
        match (steps.get(place), meant.get(at)) {
            (Some(step), _) if step.is_added() => place += 1,
            (Some(step), Some(instance)) if is_it(instance, step) && fits[place + 1][at + 1] => {
                places.insert(at, place);
                (place, at) = (place + 1, at + 1);
            }
            _ => at += 1,
        }
    }
    fits[0][0].then_some(places)
}

fn is_it(instance: &Instance, step: &Inflated) -> bool {
    let alias = step.name();
    let named = |name: &str| alias == name || alias.ends_with(&format!("-{name}")) || alias.contains(&format!("{name}-"));
    match &instance.what {
        What::Step(kind) => kind.name == step.uses && instance.name.as_deref().is_none_or(named),
        What::Latch => step.uses == "compose-output" && instance.name.as_deref().is_some_and(named),
        What::Return => {
            let stored = instance.name.as_deref().is_some_and(named);
            step.uses == "compose-output" && (stored || alias.starts_with("step-") && step.alias.contains("::"))
        }
    }
}

impl Inflated {
    /// Its alias without that of the call.
    fn name(&self) -> &str {
        self.alias.rsplit("::").next().unwrap_or("")
    }

    /// The compiler added it, and the program has nothing in its place.
    fn is_added(&self) -> bool {
        let numbered = self.name().rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok());
        numbered.is_some_and(|(name, _)| name.ends_with("require") || name.ends_with("when"))
    }
}

fn request(
    cluster: &Cluster,
    meant: &[Instance],
    answers: &[(usize, Answer)],
    places: &HashMap<usize, usize>,
    steps: &[Inflated],
    trial: usize,
) -> Json {
    let mut script = Map::new();
    for (at, answer) in answers {
        let step = &steps[places[at]];
        if step.uses == "compose-output" || step.uses == "fail" {
            continue;
        }
        let changed: Map<String, Json> = answer.mode.iter().map(|mode| ("settings".to_owned(), json!({ "mode": mode }))).collect();
        let mut ended = json!({ "status": answer.status.name(), "output": answer.output, "configMaps": changed });
        if let Some((name, seen)) = chance::seen(cluster, &meant[*at]) {
            ended[name] = seen.clone();
        }
        let mut given = vec![ended];
        // A step may be called several times before it ends.
        if (at + trial).is_multiple_of(4) {
            given.insert(0, json!({ "status": "Running" }));
        }
        script.insert(step.alias.clone(), Json::Array(given));
    }
    let history: Map<String, Json> = (0..cluster.freight.len())
        .filter(|slot| cluster.filled[*slot] && *slot != cluster.trigger)
        .map(|slot| (cluster.freight[slot].origin.clone(), Json::from(cluster.freight[slot].name.as_str())))
        .collect();
    json!({
        "id": trial.to_string(), "program": "p", "stage": format!("{}/{}", cluster.project, cluster.stage),
        "freight": cluster.freight.iter().map(object).collect::<Vec<_>>(),
        "promote": cluster.freight[cluster.trigger].name, "history": history, "script": script,
        "environment": {
            "secrets": cluster.secrets, "configMaps": cluster.config_maps, "sharedSecrets": cluster.secrets,
            "sharedConfigMaps": cluster.shared_config_maps, "stageMetadata": cluster.stage_metadata, "promotion": cluster.promotion,
            "actor": format!("email:{}", cluster.actor), "uiBaseUrl": cluster.ui_base_url, "clock": "2026-01-02T03:04:05Z",
        },
        "schedule": { "elapse": "1m", "maxCalls": 60 },
    })
}

/// Freight as Kargo has it.
fn object(freight: &crate::interpreter::Freight) -> Json {
    let of = |field: &str| freight.artifacts.values().filter(|artifact| artifact.get(field).is_some()).cloned().collect::<Vec<_>>();
    json!({
        "metadata": { "name": freight.name }, "status": { "metadata": freight.metadata }, "alias": freight.alias, "origin": { "kind": "Warehouse", "name": freight.origin },
        "images": of("digest"), "commits": of("message"), "charts": of("version"),
    })
}

fn shown(cluster: &Cluster, script: &Json) -> String {
    let slots: Vec<String> = (0..cluster.freight.len())
        .filter(|slot| cluster.filled[*slot])
        .map(|slot| format!("{} = {}", cluster.freight[slot].origin, Json::Object(cluster.freight[slot].artifacts.clone())))
        .collect();
    format!(
        "{}, triggered by {}, config maps {:?}, script {script}",
        slots.join(", "),
        cluster.freight[cluster.trigger].origin,
        cluster.config_maps
    )
}

fn differences(meant: &[Instance], end: End, places: &HashMap<usize, usize>, got: &Json) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(error) = got["error"].as_str().or(got["buildError"].as_str()) {
        return vec![format!("the engine cannot promote it: {error}")];
    }
    for (at, instance) in meant.iter().enumerate() {
        let (What::Step(kind), Some(place)) = (&instance.what, places.get(&at)) else { continue };
        let step = &got["steps"][*place];
        let what = format!("{} `{}`", kind.name, step["alias"].as_str().unwrap_or("?"));
        if let Some(error) = step["errors"].get(0)
            && instance.status != Status::Errored
        {
            found.push(format!("error: {what}: {error}"));
            continue;
        }
        let ran = step["attempts"].as_i64().unwrap_or(0) > 0;
        match &instance.settings {
            None if ran => found.push(format!("ran: {what} runs, and should not")),
            Some(_) if !ran => found.push(format!("ran: {what} is {}, and should run", step["status"])),
            Some(settings) => {
                found.extend(
                    compare::settings(&kind.settings, settings, &step["config"], &step["expressions"])
                        .into_iter()
                        .map(|line| format!("value: {what}{line}")),
                );
                if let Some(refused) = refused(step).next() {
                    found.push(format!("schema: {what}: {refused} refuses {}", step["config"]));
                }
            }
            None => {}
        }
    }
    if got["panicked"] == true || got["outputsLost"] == true {
        found.push(format!("lost: panicked {}, outputs lost {}", got["panicked"], got["outputsLost"]));
    }
    if got["phase"] != end.name() {
        found.push(format!("end: {}, and should be {}", got["phase"], end.name()));
    }
    found
}

/// What the schema has against the settings; of a field that the author has added it knows nothing.
fn refused(step: &Json) -> impl Iterator<Item = &str> {
    step["refused"].as_array().into_iter().flatten().filter_map(Json::as_str).filter(|problem| !problem.contains(RAW))
}

/// What goes wrong in promotions whose steps all succeed: errors of expressions, settings that a schema refuses.
pub fn troubles(engine: &mut Engine, analysis: &Analysis, seed: u64, count: usize) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut text = String::new();
    emit::stream(&analysis.documents(), &mut text);
    let set = engine.ask(&json!({ "id": "set", "program": "p", "manifests": text }));
    let end = engine.target.clone();
    analysis.inspect(|world, instances| {
        for (project, stage) in instances.projects.iter().flat_map(|project| project.stages.iter().map(move |stage| (project, stage))) {
            for trial in 0..count {
                let mut random = Random::new(seed.wrapping_mul(1000) + trial as u64);
                let cluster = chance::cluster(&mut random, project, stage, &world.target, &end);
                let (Some(body), Some(steps)) = (promoted(stage), inflated(&set, &project.name, &stage.cluster_name)) else { continue };
                let mut answers: Vec<(usize, Answer)> = Vec::new();
                let mut script = |question: &Question<'_>| {
                    let answer = chance::answer(&mut random, question, &end, true);
                    answers.push((question.place, answer.clone()));
                    answer
                };
                let mut promotion = Promotion::new(cluster.clone(), &mut script);
                promotion.run(&body, frame(stage));
                let meant = std::mem::take(&mut promotion.instances);
                let Some(places) = aligned(&meant, &steps) else { continue };
                let got = engine.ask(&request(&cluster, &meant, &answers, &places, &steps, trial));
                for step in got["steps"].as_array().into_iter().flatten() {
                    // A `require` below an empty slot is an error by design.
                    let refused = refused(step).next();
                    if !step["alias"].as_str().unwrap_or("").contains("require") && (!step["errors"].is_null() || refused.is_some()) {
                        found.insert(format!("in trial {trial} {} meets {}{refused:?}", step["uses"], step["errors"]));
                    }
                }
            }
        }
    });
    found
}

/// Checks and promotes the text of a program. An error of the program is none of this test's business.
pub fn verdict(engine: &mut Engine, program: &str, seed: u64, count: usize) -> Verdict {
    let analysis = analysis(program);
    if !errors(&analysis).is_empty() {
        return Verdict::default();
    }
    promote(engine, &analysis, seed, count)
}

/// The class of a disagreement, to make a program smaller without leaving it.
fn class(line: &str) -> String {
    let head = line.lines().next().unwrap_or("");
    head.split(['`', '[']).next().unwrap_or("").to_owned()
}

#[test]
fn the_engine_does_what_the_interpreter_says() {
    let mut wrong: Vec<String> = Vec::new();
    let stock = crate::generator::Stock::new();
    for (edition, version) in EDITIONS.iter().flat_map(|edition| edition.ends.iter().map(move |end| (edition, end))) {
        let Some(mut engine) = Engine::start(&stock, version) else { return };
        let (mut programs, mut sum) = (0, Verdict::default());
        let started = std::time::Instant::now();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for seed in edition.seeds() {
            let program: Program = stock.program(seed, edition.target);
            let found = verdict(&mut engine, &program.text(), seed, 12);
            programs += 1;
            sum.trials += found.trials;
            sum.steps += found.steps;
            sum.failed += found.failed;
            let Some(line) = found.disagreements.first() else { continue };
            let class = class(line);
            let times = seen.entry(class.clone()).or_default();
            *times += 1;
            if *times > 2 {
                wrong.push(format!("seed {seed}, {version}: {class}"));
                continue;
            }
            let mut same = |nodes: &[crate::generator::text::Node]| {
                let text = crate::generator::text::written(nodes);
                verdict(&mut engine, &text, seed, 12).disagreements.iter().any(|line| self::class(line) == class)
            };
            let least = crate::sound::smallest(&program.nodes, &mut same);
            let text = crate::generator::text::written(&least);
            let lines = verdict(&mut engine, &text, seed, 12).disagreements;
            wrong.push(format!("seed {seed}, {version}:\n{text}\n{}", lines.first().cloned().unwrap_or_default()));
        }
        println!(
            "Kargo {version}: {programs} programs for {}, {} promotions ({} failed), {} steps, {:?}; disagreements: {seen:?}",
            edition.target,
            sum.trials,
            sum.failed,
            sum.steps,
            started.elapsed()
        );
    }
    wrong.sort_by_key(|text| (!text.contains('\n'), text.len()));
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n"));
}
