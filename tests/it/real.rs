//! Real projects, written in the language: `tests/real/<project>`. That their objects and promotions are those of the
//! original is a matter of `.ci/run`, which has the originals (`original.txt` names them, `repairs.yaml` lists what differs on
//! purpose); here they compile without a report.

use std::path::Path;

use super::examples::{folders, sound};

#[test]
fn real_projects_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real");
    let projects = folders(&root);
    assert!(!projects.is_empty());
    for project in projects {
        let documents = sound(&project, &root.join(&project), None).documents();
        let stages = documents.iter().filter(|document| &*document.kind == "Stage").count();
        assert!(stages >= 3, "{project} has {stages} stages");
    }
}
