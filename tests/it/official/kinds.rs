//! Kinds against the custom resource definitions, both ways: every setting has its place in an object, and every place of an
//! object has its setting or is the compiler's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use loadline::library::{KindSig, Library};
use serde_json::{Value, json};

use super::report::Report;
use super::schema::{Crd, read_crd, read_json};
use super::steps::SCHEMAS;
use super::walk::{Walk, fields, join, requires, target};

/// The definitions of a version of a system: the objects that kinds describe, and the files below `data/crds`.
struct Source {
    /// The system, for `@system`; none for the main one.
    system: Option<&'static str>,
    folder: &'static str,
    version: &'static str,
    objects: &'static [(&'static str, &'static str)],
}

const KARGO: &[(&str, &str)] = &[
    ("Project", "kargo.akuity.io_projects"),
    ("ProjectConfig", "kargo.akuity.io_projectconfigs"),
    ("Warehouse", "kargo.akuity.io_warehouses"),
    ("Stage", "kargo.akuity.io_stages"),
];

const OTHERS: &[Source] = &[
    Source {
        system: Some("argo-cd"),
        folder: "argo-cd-3.5",
        version: "3.5.1",
        objects: &[("Application", "application-crd"), ("AppProject", "appproject-crd")],
    },
    Source {
        system: Some("argo-rollouts"),
        folder: "argo-rollouts-1.9",
        version: "1.9.1",
        objects: &[("AnalysisTemplate", "analysis-template-crd"), ("ClusterAnalysisTemplate", "cluster-analysis-template-crd")],
    },
];

/// `flow` is no kind but part of the language; what stands in it goes into the stages.
const FLOW: (&str, &str) = ("flow", "Stage");

pub(super) fn against_definitions(library: &Library, shared: &Path, report: &mut Report) {
    for (folder, version) in SCHEMAS {
        against(library, &Source { system: None, folder, version, objects: KARGO }, shared, report);
    }
    for source in OTHERS {
        against(library, source, shared, report);
    }
}

/// How many comparisons of a kind with a version there are.
pub(super) fn comparisons(library: &Library) -> usize {
    // Those of Argo Workflows have a test of their own.
    let systems = || defined(library).map(|name| system_of(library, name));
    let kinds = || systems().filter(|system| system.as_deref() != Some(super::workflows::SYSTEM));
    let own = kinds().filter(Option::is_none).count();
    own * SCHEMAS.len() + kinds().count() - own
}

fn against(library: &Library, source: &Source, shared: &Path, report: &mut Report) {
    let objects: BTreeMap<&str, Crd> =
        source.objects.iter().map(|(kind, file)| (*kind, definition(shared, source.folder, kind, file))).collect();
    let mut walk = Walk { version: source.version, target: target(source.version), report };
    let mut described = BTreeSet::new();
    for name in defined(library).filter(|name| system_of(library, name).as_deref() == source.system) {
        let kind = library.kind(name).expect("a kind that is listed");
        walk.report.count("kinds");
        if let Some((api, object)) = &kind.rules.object {
            let crd = objects.get(object.as_str()).unwrap_or_else(|| panic!("this test does not read {object}"));
            if (&crd.api, crd.cluster_scope) != (&api.to_string(), kind.rules.cluster_scope) {
                walk.differ(name, "object", format!("{api}, officially {} with a scope of its own", crd.api));
            }
        }
        place(&mut walk, library, &kind, &objects, &mut described);
    }
    for (object, crd) in &objects {
        undescribed(&mut walk, &crd.spec, object, &described);
    }
}

/// The kinds whose objects have a definition: those of Kubernetes itself have none.
fn defined(library: &Library) -> impl Iterator<Item = &'static str> {
    let api = |name: &str| library.kind(name).and_then(|kind| kind.rules.object.as_ref().map(|(api, _)| api.to_string()));
    library.kind_names().filter(move |name| api(name).is_none_or(|api| api.contains('.')))
}

/// The system that a kind belongs to, that of the block around it.
fn system_of(library: &Library, name: &str) -> Option<String> {
    let kind = library.kind(name).expect("a kind that is listed");
    match kind.rules.inside.first() {
        Some(outer) if outer.as_str() != FLOW.0 => system_of(library, outer),
        _ => kind.rules.system.as_ref().map(ToString::to_string),
    }
}

fn definition(shared: &Path, folder: &str, kind: &str, file: &str) -> Crd {
    let mut crd = read_crd(&shared.join(format!("data/crds/{folder}/{file}.yaml")));
    assert_eq!(crd.kind, kind);
    // From 1.9 on the definition says nothing of subscriptions; they have schemas of their own.
    let subscriptions = shared.join("data/step-schemas").join(folder).join("subscription");
    if let Some(items) = crd.spec.pointer_mut("/properties/subscriptions/items")
        && items.get("properties").is_none()
    {
        let schema = |name: &str| read_json(&subscriptions.join(format!("{name}.json")));
        *items = json!({ "type": "object", "additionalProperties": false,
            "properties": { "chart": schema("chart"), "git": schema("git"), "image": schema("image") } });
    }
    crd
}

/// Compares what a kind sets with the place it goes to.
fn place(walk: &mut Walk<'_>, library: &Library, kind: &KindSig, objects: &BTreeMap<&str, Crd>, described: &mut BTreeSet<String>) {
    if let (false, Some(path)) = (kind.rules.inside.is_empty(), &kind.rules.path) {
        for outer in &kind.rules.inside {
            let object = object_of(library, outer);
            let at = format!("{object}.{path}");
            match find(&objects[object.as_str()].spec, path) {
                Some((schema, _)) => walk.record(&kind.settings, schema, &at),
                None => walk.differ(&at, "extra", "the version has no such place"),
            }
            described.insert(at);
        }
        return;
    }
    let (_, own) = kind.rules.object.as_ref().unwrap_or_else(|| panic!("`{}` is neither an object nor inside one", kind.name));
    for field in fields(&kind.settings, &walk.target.clone()) {
        let written = field.rules.path.as_deref().unwrap_or(field.name.as_str());
        let (object, path) = match written.split_once(":spec.") {
            Some((object, path)) => (object, path),
            None => (own.as_str(), written),
        };
        let at = format!("{object}.{path}");
        match find(&objects[object].spec, path) {
            Some((schema, required)) => walk.setting(field, schema, required, &at),
            None => walk.differ(&at, "extra", "the version has no such place"),
        }
        described.insert(at);
    }
}

fn object_of(library: &Library, outer: &str) -> String {
    if outer == FLOW.0 {
        return FLOW.1.to_owned();
    }
    let kind = library.kind(outer).unwrap_or_else(|| panic!("there is no kind `{outer}`"));
    kind.rules.object.as_ref().expect("the outer kind is an object").1.to_string()
}

/// The schema at `a.b[].c`, and whether something must stand there.
fn find<'s>(spec: &'s Value, path: &str) -> Option<(&'s Value, bool)> {
    path.split('.').try_fold((spec, false), |(schema, _), segment| {
        let name = segment.trim_end_matches("[]");
        let property = schema.get("properties")?.get(name)?;
        let found = if segment.ends_with("[]") { property.get("items")? } else { property };
        Some((found, requires(schema, name)))
    })
}

/// Reports the places below `at` that no kind describes, the outermost of each.
fn undescribed(walk: &mut Walk<'_>, schema: &Value, at: &str, described: &BTreeSet<String>) {
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let at = join(at, name);
        let list = format!("{at}[]");
        if described.contains(&at) || described.contains(&list) {
            continue;
        }
        let inner = described.iter().any(|place| place.starts_with(&format!("{at}.")) || place.starts_with(&format!("{list}.")));
        if inner {
            let is_list = property.get("items").is_some();
            undescribed(walk, property.get("items").unwrap_or(property), if is_list { &list } else { &at }, described);
        } else {
            walk.differ(&at, "lacking", "no kind describes it");
        }
    }
}
