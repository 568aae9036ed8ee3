//! Fixtures of the lowering: `tests/lower/<rule>` is a program about one rule of what becomes of it, and its manifests
//! are a snapshot beside it. A comment `// shows: Stage test, PromotionTask` in the first file limits the snapshot to
//! documents of these kinds and names.

use std::path::{Path, PathBuf};

use super::examples::{folders, program, sound};
use loadline::Source;
use loadline::emit::{self, Document};

/// More is a fixture about too much at once.
const MAX_SNAPSHOT_LINES: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower")
}

/// The documents that the fixture is about.
fn shown(sources: &[Source], documents: Vec<Document>) -> Vec<Document> {
    let Some(line) = sources.iter().flat_map(|source| source.text.lines()).find_map(|line| line.strip_prefix("// shows: ")) else {
        return documents;
    };
    let wanted: Vec<(&str, Option<&str>)> =
        line.split(", ").map(|item| item.split_once(' ').map_or((item, None), |(kind, name)| (kind, Some(name)))).collect();
    let fits = |document: &Document, (kind, name): &(&str, Option<&str>)| {
        *document.kind == **kind && name.is_none_or(|name| *document.name == *name) //
    };
    for row in &wanted {
        assert!(documents.iter().any(|document| fits(document, row)), "nothing is {row:?}");
    }
    documents.into_iter().filter(|document| wanted.iter().any(|row| fits(document, row))).collect()
}

#[test]
fn manifests_are_as_reviewed() {
    let rules = folders(&root());
    assert!(rules.len() > 30, "fixtures were not found");
    let mut too_long = Vec::new();
    for rule in rules {
        let folder = root().join(&rule);
        let sources = program(&folder);
        let documents = sound(&rule, &folder, None).documents();
        let mut text = String::new();
        emit::stream(&shown(&sources, documents), &mut text);
        let lines = text.lines().count();
        if lines > MAX_SNAPSHOT_LINES {
            too_long.push(format!("{rule}: {lines} lines"));
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(rule, text));
    }
    assert!(too_long.is_empty(), "snapshots of more than {MAX_SNAPSHOT_LINES} lines: {too_long:?}");
}
