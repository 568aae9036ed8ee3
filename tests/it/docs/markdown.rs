//! As much of Markdown as the documentation uses. In: the text of a page. Out: its fenced blocks, headings and links.

/// A fenced block.
pub(super) struct Block {
    /// What follows the opening fence: `pipeline`, `text` …
    pub(super) info: String,
    pub(super) text: String,
    /// Lines of its fences, counted from 1.
    pub(super) first: usize,
    pub(super) last: usize,
}

pub(super) fn blocks(page: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut open = false;
    for (at, line) in numbered(page) {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                out.push(Block { info: info.trim().to_owned(), text: String::new(), first: at, last: at });
                open = true;
                continue;
            }
            None if !open => continue,
            None => {}
        }
        if let Some(block) = out.last_mut() {
            block.last = at;
            if open {
                block.text.push_str(line);
                block.text.push('\n');
            }
        }
    }
    assert!(!open, "a fence is not closed");
    out
}

/// What stands under a heading of the second level, to the next one.
pub(super) fn section(page: &str, title: &str) -> Option<String> {
    let heading = format!("## {title}");
    let mut lines = page.lines().skip_while(|line| *line != heading);
    lines.next()?;
    Some(lines.take_while(|line| !line.starts_with("## ")).map(|line| format!("{line}\n")).collect())
}

/// The lines outside fences, with their numbers, and without what stands in backticks.
pub(super) fn prose(page: &str) -> Vec<(usize, String)> {
    let fenced: Vec<(usize, usize)> = blocks(page).iter().map(|block| (block.first, block.last)).collect();
    let is_prose = |at: usize| !fenced.iter().any(|(first, last)| (*first..=*last).contains(&at));
    numbered(page).filter(|(at, _)| is_prose(*at)).map(|(at, line)| (at, without_code(line))).collect()
}

/// The anchors of the headings, as GitHub makes them.
pub(super) fn anchors(page: &str) -> Vec<String> {
    let fenced = blocks(page);
    let is_prose = |at: usize| !fenced.iter().any(|block| (block.first..=block.last).contains(&at));
    let headings = numbered(page).filter(|(at, line)| is_prose(*at) && line.starts_with('#'));
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    kept.replace(' ', "-")
}

/// Where the links of a line lead.
pub(super) fn links(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

fn numbered(page: &str) -> impl Iterator<Item = (usize, &str)> {
    page.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[test]
fn blocks_have_their_lines() {
    let found = blocks("a\n```text\nb\n```\n```pipeline,broken\n```\n");
    let shown: Vec<_> = found.iter().map(|block| (block.info.as_str(), block.text.as_str(), block.first, block.last)).collect();
    assert_eq!(shown, [("text", "b\n", 2, 4), ("pipeline,broken", "", 5, 6)]);
}

#[test]
fn anchors_are_those_of_github() {
    assert_eq!(anchors("# Kargo's words: `vars`\n```text\n# no\n```\n"), ["kargos-words-vars"]);
}

#[test]
fn links_in_code_are_none() {
    let lines = prose("[a](b.md) `[c](d.md)` [e](f.md#g)\n");
    assert_eq!(links(&lines[0].1), ["b.md", "f.md#g"]);
}
