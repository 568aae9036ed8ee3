//! The links of the documentation: each leads to a file of the project, and its anchor to a heading there.

use std::path::Path;

use super::markdown::{anchors, links, prose};
use super::{assert_none, guides, pages, read, root};

#[test]
fn links_lead_somewhere() {
    let mut problems = Vec::new();
    for page in guides().iter().chain(&pages("docs/checks")) {
        for (at, line) in prose(&read(page)) {
            for target in links(&line).into_iter().filter(|target| !is_elsewhere(target)) {
                problems.extend(problem(page, target).map(|problem| format!("{}:{at}: {problem}", page.display())));
            }
        }
    }
    assert_none(&problems);
}

fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

/// Why a link of `page` leads nowhere, if it does.
fn problem(page: &Path, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() { page.to_owned() } else { page.parent().unwrap_or(Path::new("")).join(path) };
    if !root().join(&file).exists() {
        return Some(format!("there is no `{path}`"));
    }
    let missing = !anchor.is_empty() && !anchors(&read(&file)).iter().any(|known| known == anchor);
    missing.then(|| format!("`{}` has no heading `#{anchor}`", file.display()))
}
