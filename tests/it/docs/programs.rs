//! The programs in the README and the guides. A block ```` ```pipeline ```` is a whole program without any report;
//! ```` ```pipeline,broken ```` has an error, and a ```` ```text ```` block right behind it shows exactly what is reported.

use std::path::Path;

use super::markdown::{Block, blocks};
use super::{analysed, assert_none, guides, read, rendered};

#[test]
fn programs_are_as_their_pages_say() {
    let mut problems = Vec::new();
    for page in guides() {
        let text = read(&page);
        let found = blocks(&text);
        for (index, block) in found.iter().enumerate().filter(|(_, block)| block.info.starts_with("pipeline")) {
            if let Some(problem) = problem(block, found.get(index + 1)) {
                problems.push(place(&page, block, &problem));
            }
        }
    }
    assert_none(&problems);
}

/// What is wrong with a program, given the block that follows it.
fn problem(block: &Block, next: Option<&Block>) -> Option<String> {
    let analysis = analysed(&block.text);
    let found = rendered(&analysis);
    let shown = next.filter(|next| next.info == "text" && next.first <= block.last + 2);
    match (block.info.as_str(), shown) {
        ("pipeline", _) => (!found.is_empty()).then_some(found),
        ("pipeline,broken", _) if !analysis.has_errors() => Some("has no error".to_owned()),
        ("pipeline,broken", Some(shown)) => (shown.text.trim_end() != found.trim_end()).then(|| format!("is reported as\n{found}")),
        ("pipeline,broken", None) => None,
        (other, _) => Some(format!("is marked `{other}`, which means nothing")),
    }
}

fn place(page: &Path, block: &Block, problem: &str) -> String {
    format!("{}:{}: {problem}", page.display(), block.first)
}

#[test]
fn the_first_program_of_the_readme_is_broken_and_shown() {
    let text = read(Path::new("README.md"));
    let found = blocks(&text);
    let first = found.iter().position(|block| block.info.starts_with("pipeline")).map(|index| &found[index..]);
    let infos: Vec<&str> = first.unwrap_or_default().iter().take(3).map(|block| block.info.as_str()).collect();
    assert_eq!(infos, ["pipeline,broken", "text", "pipeline"]);
}
