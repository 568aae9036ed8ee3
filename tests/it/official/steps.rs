//! Steps against their schemas, and against the list of their history.

use std::path::Path;
use std::sync::Arc;

use loadline::library::{Library, Record, StepSig};

use super::facts::{self, Facts};
use super::report::Report;
use super::schema::read_json;
use super::walk::{Walk, target};

/// The versions whose schemas are at hand, with the folders they lie in.
pub(super) const SCHEMAS: [(&str, &str); 3] = [("kargo-1.5", "1.5.3"), ("kargo-1.8", "1.8.14"), ("kargo-1.11", "1.11.2")];

/// Every step against the schemas of the three versions.
pub(super) fn against_schemas(library: &Library, shared: &Path, report: &mut Report) {
    for (folder, version) in SCHEMAS {
        let folder = shared.join("data/step-schemas").join(folder);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let files: Vec<String> = files.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        let official: Vec<&str> = files.iter().filter_map(|file| file.strip_suffix("-config.json")).collect();
        assert!(!official.is_empty(), "{} holds no schemas", folder.display());
        for name in &official {
            match at(library, name, version) {
                Some(step) => {
                    report.count("steps");
                    against_schema(&step.settings, name, version, shared, report);
                }
                None => report.add(name, "lacking", version, "the library has no such step".into()),
            }
        }
        for name in library.step_names().filter(|name| at(library, name, version).is_some() && !official.contains(name)) {
            report.add(name, "extra", version, "the version has no such step".into());
        }
    }
}

/// The settings of a step against its schema of one version.
pub(super) fn against_schema(settings: &Record, name: &str, version: &str, shared: &Path, report: &mut Report) {
    let (folder, _) = SCHEMAS.iter().find(|(_, known)| *known == version).expect("a version with schemas");
    let schema = read_json(&shared.join("data/step-schemas").join(folder).join(format!("{name}-config.json")));
    Walk { version, target: target(version), report }.record(settings, &with_type(schema), &format!("{name} "));
}

/// `compose-output` alone does not close its settings with a word about them.
fn with_type(mut schema: serde_json::Value) -> serde_json::Value {
    if schema.get("properties").is_none() {
        schema["properties"] = serde_json::json!({});
    }
    schema
}

/// Every step against the list, at every version.
pub(super) fn against_facts(library: &Library, shared: &Path, report: &mut Report) {
    let facts = Facts::read(shared);
    for version in facts::versions(&facts, library.versions("kargo").expect("the versions of kargo")) {
        let target = target(&version);
        let known: Vec<&str> = facts.steps(&target).map(facts::name).collect();
        for name in library.step_names().filter(|name| at(library, name, &version).is_some() && !known.contains(name)) {
            report.add(name, "extra", &version, "the version has no such step".into());
        }
        for step in facts.steps(&target) {
            let name = facts::name(step);
            let Some(sig) = at(library, name, &version) else {
                report.add(name, "lacking", &version, "the library has no such step".into());
                continue;
            };
            report.count("steps");
            let mut walk = Walk { version: &version, target: target.clone(), report };
            walk.record(&sig.settings, &facts::schema(step, &target), &format!("{name} "));
            facts::compare_behaviour(&mut walk, &sig, step, name);
        }
    }
}

/// A step of the library, if the version has it.
fn at(library: &Library, name: &str, version: &str) -> Option<Arc<StepSig>> {
    library.step(name).filter(|step| step.rules.in_all(&target(version)))
}
