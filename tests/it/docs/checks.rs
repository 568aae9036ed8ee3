//! The pages of the checks: each explains one check by a program that is reported and the same program repaired.

use std::path::PathBuf;

use loadline::diag::{CHECKS, CheckInfo};

use super::markdown::{Block, blocks, prose, section};
use super::{analysed, assert_none, pages, rendered};

/// No program can be written that gives this report.
const WITHOUT_PROGRAMS: &[&str] = &["internal"];

// FIXME: these programs are not reported as their pages say; the test fails as soon as they are.
/// Checks whose wrong program does not give the one report yet, and why.
const NOT_YET: &[(&str, &str)] = &[];

/// A page fits a terminal.
const WIDTH: usize = 100;
/// A program fits a glance.
const LINES: usize = 20;

#[test]
fn every_check_has_its_page() {
    let mut files: Vec<PathBuf> = CHECKS.iter().map(|info| PathBuf::from(format!("docs/checks/{}.md", info.name))).collect();
    files.sort();
    assert_eq!(pages("docs/checks"), files);
    assert_none(&CHECKS.iter().flat_map(form).collect::<Vec<_>>());
}

/// What is wrong with the looks of a page: it begins with the check's name and a sentence, and a terminal can show it.
fn form(info: &CheckInfo) -> Vec<String> {
    let mut out = Vec::new();
    if !info.page.starts_with(&format!("# {}\n\n", info.name)) {
        out.push(format!("{} does not begin with its name", info.name));
    }
    for (index, line) in info.page.lines().enumerate().filter(|(_, line)| line.chars().count() > WIDTH) {
        out.push(format!("{}:{} is {} characters wide", info.name, index + 1, line.chars().count()));
    }
    for (at, _) in prose(info.page).iter().filter(|(_, line)| line.contains('<')) {
        out.push(format!("{}:{at} has HTML in it", info.name));
    }
    out
}

#[test]
fn every_page_has_its_programs() {
    assert_none(&explained().flat_map(programs).collect::<Vec<_>>());
}

fn explained() -> impl Iterator<Item = &'static CheckInfo> {
    CHECKS.iter().filter(|info| !WITHOUT_PROGRAMS.contains(&info.name))
}

/// What is wrong with the programs of a page: exactly one in each of the two sections, and short.
fn programs(info: &CheckInfo) -> Vec<String> {
    let mut out = Vec::new();
    for title in ["Wrong", "Right"] {
        match program(info, title) {
            None => out.push(format!("{} has no single program under `{title}`", info.name)),
            Some(block) if block.text.lines().count() > LINES => out.push(format!("{}: `{title}` is too long", info.name)),
            Some(_) => {}
        }
    }
    out
}

fn program(info: &CheckInfo, title: &str) -> Option<Block> {
    let mut found = blocks(&section(info.page, title)?).into_iter();
    let block = found.next().filter(|block| block.info == "pipeline")?;
    found.next().is_none().then_some(block)
}

#[test]
fn wrong_programs_give_exactly_their_report() {
    let mut problems = Vec::new();
    for info in explained() {
        let Some(block) = program(info, "Wrong") else { continue };
        let analysis = analysed(&block.text);
        let names: Vec<&str> = analysis.reports().iter().map(|report| report.check.name()).collect();
        let is_right = names == [info.name];
        match NOT_YET.iter().find(|(name, _)| *name == info.name) {
            Some(_) if is_right => problems.push(format!("{} is reported now: remove it from NOT_YET", info.name)),
            None if !is_right => problems.push(format!("{} gives {names:?}\n{}", info.name, rendered(&analysis))),
            _ => {}
        }
    }
    assert_none(&problems);
}

#[test]
fn right_programs_give_no_report() {
    let mut problems = Vec::new();
    for info in explained() {
        let Some(block) = program(info, "Right") else { continue };
        let found = rendered(&analysed(&block.text));
        if !found.is_empty() {
            problems.push(format!("{}\n{found}", info.name));
        }
    }
    assert_none(&problems);
}

#[test]
fn exceptions_are_checks() {
    for name in WITHOUT_PROGRAMS.iter().chain(NOT_YET.iter().map(|(name, _)| name)) {
        assert!(CHECKS.iter().any(|info| info.name == *name), "{name}");
    }
}
