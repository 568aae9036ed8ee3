//! The standard library against the official data of Kargo: step schemas, resource definitions, the history of the steps.
//!
//! The data is no part of this project. `LOADLINE_SHARED` names the folder that holds it, relative to the project or
//! absolute; without it these tests do nothing.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod access;
mod cel;
mod deliberate;
mod facts;
mod kinds;
mod report;
mod schema;
mod selftest;
mod steps;
mod together;
mod walk;
mod words;
mod workflows;

use std::path::PathBuf;

use loadline::base::Files;
use loadline::library::Library;

use report::Report;

pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("LOADLINE_SHARED").filter(|folder| !folder.is_empty())?;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    assert!(folder.is_dir(), "{} is no folder", folder.display());
    Some(folder)
}

#[test]
fn every_known_difference_between_versions_is_a_row_of_the_page() {
    let Some(shared) = shared() else { return };
    let facts = std::fs::read_to_string(shared.join("facts/kargo-version-traps.md")).expect("the list of differences");
    let known: Vec<&str> = facts.lines().filter_map(|line| line.strip_prefix("| T-")?.split(' ').next()).collect();
    assert!(known.len() > 80);
    let rows = crate::traps::rows();
    let missing: Vec<&&str> = known.iter().filter(|id| !rows.contains_key(&format!("T-{id}"))).collect();
    assert!(missing.is_empty(), "no rows: {missing:?}");
    assert_eq!(rows.len(), known.len(), "rows that nobody knows");
}

fn library() -> Library {
    let library = Library::new(&mut Files::default());
    library.read_everything();
    let reports: Vec<String> = library.reports().iter().map(|report| report.message.clone()).collect();
    assert!(reports.is_empty(), "the library cannot be read: {reports:?}");
    library
}

#[test]
fn steps_are_those_of_the_schemas() {
    let Some(shared) = shared() else { return };
    let (library, mut report) = (library(), Report::default());
    steps::against_schemas(&library, &shared, &mut report);
    assert!(report.counted("steps") > library.step_names().count() && report.counted("settings") > 0 && report.counted("instances") > 0);
    report.assert_only(&deliberate::in_schemas());
}

#[test]
fn steps_have_the_history_of_the_list() {
    let Some(shared) = shared() else { return };
    let (library, mut report) = (library(), Report::default());
    steps::against_facts(&library, &shared, &mut report);
    assert!(report.counted("steps") > 3 * library.step_names().count() && report.counted("results") > 0);
    report.assert_only(&deliberate::in_history());
}

#[test]
fn kinds_are_those_of_the_definitions() {
    let Some(shared) = shared() else { return };
    let (library, mut report) = (library(), Report::default());
    kinds::against_definitions(&library, &shared, &mut report);
    assert!(report.counted("kinds") == kinds::comparisons(&library) && report.counted("settings") > 0);
    report.assert_only(&deliberate::in_definitions());
}

#[test]
fn installations_grant_what_their_roles_say() {
    let Some(shared) = shared() else { return };
    access::roles_against_manifests(&library(), &shared);
}

#[test]
fn needs_are_those_of_the_list() {
    let Some(shared) = shared() else { return };
    access::needs_against_facts(&library(), &shared);
}

#[test]
fn resources_are_those_of_the_definitions() {
    let Some(shared) = shared() else { return };
    access::resources_against_definitions(&library(), &shared);
}

#[test]
fn workflows_are_those_of_the_schema() {
    let Some(shared) = shared() else { return };
    let (library, mut report) = (library(), Report::default());
    workflows::against_schema(&library, &shared, &mut report);
    assert!(report.counted("workflow kinds") == 4 && report.counted("workflow settings") > 500);
    report.assert_only(deliberate::IN_WORKFLOWS);
}
