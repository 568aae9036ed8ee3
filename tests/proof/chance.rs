//! What a promotion meets, by chance: freight, slots, data, and how the steps end.

use loadline::base::Name;
use loadline::expand::{ProjectInstance, Stage};
use loadline::library::{Record, Target, TextKind, Ty};
use serde_json::{Map, Value as Json, json};

use crate::generator::random::Random;
use crate::interpreter::{Answer, Cluster, Freight, Instance, Question, Status, What};

const TAGS: &[&str] =
    &["1.10", "1e5", "null", "0755", "true", "1234567", "on", "0x1F", "1_000", "nan", "1.0.0", "v2.3.4-rc.1", "t", "123e456"];
const DIGESTS: &[&str] = &[
    "sha256:1234567890123456789012345678901234567890123456789012345678901234",
    "sha256:0e34567890123456789012345678901234567890123456789012345678901234",
];
const COMMITS: &[&str] =
    &["1234567890123456789012345678901234567890", "0e12345678901234567890123456789012345678", "12345e7890123456789012345678901234567890"];
const VERSIONS: &[&str] = &["1.10.0", "1.2.3+build.5", "2.0.0-1e5"];
const URLS: &[&str] = &["https://git.example.com/a/b/commit/1e5?x=1&y=%2F#z", "https://example.com"];
const WORDS: &[&str] = &[
    "fix: \"quoted\" \\ 'single' \\n #1",
    "${{ ctx.stage }} }} ${% 1 %} %}",
    "1e5",
    "null",
    "\"",
    "{\"a\": [1, \"x\"]}",
    "- a\n- b: c",
    "a: b # c, d",
    "it's 'x'",
    "<b>&amp;</b> \u{2028} \u{1b}[31m",
    "a\", \"x\": \"b",
    "true\n",
    "v1.2.3",
    "é “ü” 日本",
];
/// As others write them: with the characters that make Kargo lose what it reads.
const FOREIGN: &[&str] = &["del\u{7f} nel\u{85} apc\u{9f} nonchars\u{fffe}\u{ffff} end", "line one\nline two", "plain"];

/// The slots of a stage in some state. `target`: what the program is for; `end`: where it is judged.
pub fn cluster(random: &mut Random, project: &ProjectInstance<'_>, stage: &Stage, target: &Target, end: &Target) -> Cluster {
    let has_fail = |target: &Target| target.before(loadline::library::Version::parse("1.10").unwrap()).is_none();
    let mut cluster = Cluster {
        project: project.name.to_string(),
        stage: stage.cluster_name.to_string(),
        promotion: "test.01jd0000000000000000000000.1234567".to_owned(),
        actor: "ann@example.com".to_owned(),
        // What `clock` says in the requests to the engine.
        now: json!({
            "year": 2026, "hour": 3, "minute": 4, "weekday": "Friday", "unix": 1_767_323_045,
            "date": "2026-01-02", "timestamp": "2026-01-02T03:04:05Z", "compact": "20260102030405",
        }),
        ui_base_url: "https://kargo.example.com".to_owned(),
        failed_stays_failed: has_fail(end),
        require_fails: has_fail(target),
        ..Cluster::default()
    };
    for (at, slot) in stage.slots.iter().enumerate() {
        let warehouse = &project.warehouses[slot.warehouse.unwrap()];
        let mut freight = Freight {
            name: format!("{at}e12345678901234567890123456789012345678"),
            alias: "1e5".to_owned(),
            origin: warehouse.object.cluster_name.to_string(),
            artifacts: Map::new(),
            metadata: Map::new(),
        };
        for subscription in &warehouse.subscriptions {
            let arguments: Vec<String> = subscription.arguments.iter().map(|argument| unquoted(argument)).collect();
            freight.artifacts.insert(subscription.name.to_string(), artifact(random, &subscription.function, &arguments));
        }
        if random.one_in(2) {
            freight.metadata.insert("note".to_owned(), foreign(random));
        }
        cluster.freight.push(freight);
        cluster.filled.push(random.below(3) > 0);
    }
    cluster.trigger = random.below(stage.slots.len());
    cluster.filled[cluster.trigger] = true;
    cluster.write_mode(mode(random));
    cluster.document = document(random);
    cluster.response = response(random);
    let shared = *random.pick(&["1e5", ""]);
    cluster.shared_config_maps.insert("settings".to_owned(), [("mode".to_owned(), shared.to_owned())].into());
    if random.one_in(2) {
        cluster.stage_metadata.insert(cluster.stage.clone(), json!({ "note": foreign(random) }));
    }
    // Always there: an empty credential is refused by some settings, which is no fault of the program.
    cluster.secrets.insert("chat".to_owned(), [("token".to_owned(), "1e5".to_owned())].into());
    cluster
}

/// What the generator's programs read in files and answers.
fn document(random: &mut Random) -> Json {
    let mut inner = json!({ "text": foreign(random), "number": random.pick(&[0, 3, 1_234_567]), "on": random.pick(&["true", "1e5", "y"]) });
    if random.one_in(2) {
        inner["maybe"] = foreign(random);
    }
    let mut document = json!({
        "text": foreign(random), "word": random.pick(&["release/1.10", "true", "1e5"]), "count": random.pick(&[1, 1_234_567]),
        "flag": random.one_in(2), "list": ["a", "1.10"], "a.b": foreign(random), "inner": inner,
    });
    if random.one_in(2) {
        document["maybe"] = foreign(random);
    }
    document
}

fn response(random: &mut Random) -> Json {
    let mut all = Map::new();
    let mut first = Map::new();
    if random.one_in(2) {
        let word = random.pick(&["https://example.com/1e5", "true"]);
        all.insert("Location".to_owned(), json!([word, "second"]));
        first.insert("Location".to_owned(), json!(word));
    }
    json!({ "status": random.pick(&[200, 404, 503]), "body": document(random), "header": first, "headers": all })
}

/// What the own expressions of a step see, if it has any.
pub fn seen<'c>(cluster: &'c Cluster, of: &Instance) -> Option<(&'static str, &'c Json)> {
    let What::Step(step) = &of.what else { return None };
    match environment(&step.settings)?.as_str() {
        "http-response" => Some(("response", &cluster.response)),
        "document-root" => Some(("document", &cluster.document)),
        other => panic!("there is no example of what {} sees: {other}", step.name),
    }
}

/// What the first setting sees that is an expression.
fn environment(record: &Record) -> Option<Name> {
    record.fields.iter().find_map(|field| match &field.ty {
        Ty::Expression(names) => names.first().cloned(),
        Ty::List(item) => environment(item.record()?),
        ty => environment(ty.present().record()?),
    })
}

fn mode(random: &mut Random) -> String {
    (*random.pick(&["canary", "stable", ""])).to_owned()
}

fn unquoted(argument: &str) -> String {
    serde_json::from_str(argument).unwrap_or_else(|_| argument.to_owned())
}

fn artifact(random: &mut Random, function: &str, arguments: &[String]) -> Json {
    let url = arguments.first().cloned().unwrap_or_default();
    match function {
        "imageFrom" => {
            let mut annotations = Map::new();
            if random.one_in(2) {
                annotations.insert("title".to_owned(), foreign(random));
            }
            json!({ "repoURL": url, "tag": random.pick(TAGS), "digest": random.pick(DIGESTS), "annotations": annotations })
        }
        "commitFrom" => {
            let tagged = random.one_in(2);
            json!({
                "repoURL": url, "id": random.pick(COMMITS), "branch": if tagged { "" } else { "release/1.10" }, "tag": if tagged { "v1.0'\"$(id)" } else { "" },
                "message": foreign(random), "author": foreign(random), "committer": foreign(random),
            })
        }
        _ => json!({ "repoURL": url, "name": arguments.get(1).cloned().unwrap_or_default(), "version": random.pick(VERSIONS) }),
    }
}

fn foreign(random: &mut Random) -> Json {
    let words = if random.one_in(4) { FOREIGN } else { WORDS };
    Json::from(*random.pick(words))
}

/// How a step ends.
pub fn answer(random: &mut Random, question: &Question<'_>, target: &Target, calm: bool) -> Answer {
    let Question { step, settings, is_bounded, .. } = *question;
    if step.rules.outputs_like_settings {
        return Answer { status: Status::Succeeded, output: settings.clone(), mode: None };
    }
    if step.rules.fails {
        return Answer { status: Status::Failed, output: Json::Null, mode: None };
    }
    let mut output = outputs(random, &step.outputs, target);
    if !calm && random.one_in(6) {
        let waits = if is_bounded { Status::Waits } else { Status::Errored };
        let status = *random.pick(&[Status::Failed, Status::Errored, waits]);
        // What a failed step leaves is kept, and is none of its results.
        // 2: of a step that may skip itself a condition around a later `always()` would take it for the result.
        let output = if output.is_empty() || step.rules.skips.is_some() || random.one_in(2) { Json::Null } else { Json::Object(output) };
        return Answer { status, output, mode: None };
    }
    let mode = random.one_in(3).then(|| mode(random));
    if step.may_skip(target) && random.one_in(3) {
        output.retain(|name, _| step.keeps(name));
        let output = if output.is_empty() { Json::Null } else { Json::Object(output) };
        return Answer { status: Status::Skipped, output, mode };
    }
    Answer { status: Status::Succeeded, output: if output.is_empty() { Json::Null } else { Json::Object(output) }, mode }
}

fn outputs(random: &mut Random, record: &Record, target: &Target) -> Map<String, Json> {
    let mut out = Map::new();
    for field in record.fields.iter().filter(|field| field.rules.in_all(target)) {
        let may_be_absent = field.optional || field.rules.may_be_absent(target);
        if may_be_absent && random.one_in(2) {
            if field.rules.empty {
                out.insert(field.name.to_string(), Json::from(""));
            }
            continue;
        }
        out.insert(field.name.to_string(), output(random, &field.ty, target));
    }
    out
}

fn output(random: &mut Random, ty: &Ty, target: &Target) -> Json {
    match ty {
        Ty::Bool => Json::Bool(random.one_in(2)),
        Ty::Int => Json::from(*random.pick(&[1_234_567, 3])),
        Ty::Float => Json::from(0.5),
        Ty::Literal(text) => Json::from(text.as_str()),
        Ty::Union(members) => {
            let member = random.pick(members).clone();
            output(random, &member, target)
        }
        Ty::Text(kind) => Json::from(*match kind {
            TextKind::Tag => random.pick(TAGS),
            TextKind::Digest => random.pick(DIGESTS),
            TextKind::CommitId => random.pick(COMMITS),
            TextKind::SemVer => random.pick(VERSIONS),
            TextKind::Url => random.pick(URLS),
            TextKind::String | TextKind::Path => random.pick(&["release/1.10", "true", "1e5"]),
            _ => random.pick(WORDS),
        }),
        Ty::List(item) => Json::Array((0..random.below(3)).map(|_| output(random, item, target)).collect()),
        Ty::Map(item, _) => Json::Object([("./src".to_owned(), output(random, item, target))].into_iter().collect()),
        Ty::Record(record) => Json::Object(outputs(random, record, target)),
        Ty::Optional(inner, _) => output(random, inner, target),
        _ => Json::from(*random.pick(WORDS)),
    }
}
