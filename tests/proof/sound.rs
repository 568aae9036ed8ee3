//! Whatever the generator makes is free of errors.

use std::collections::HashSet;

use loadline::{Analysis, NoFolder, Options, Source, Vfs, diag, joined};

use crate::generator::text::{Node, files, smaller, written};
use crate::generator::{Program, Stock};

/// How many programs there are of each version, and from which seed on.
pub fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let first = number("PROOF_SEED", 1);
    first..first + number("PROOF_COUNT", 40)
}

/// What programs are for, and the versions at which they are judged.
pub struct Edition {
    pub target: &'static str,
    pub ends: &'static [&'static str],
}

pub const EDITIONS: &[Edition] = &[
    Edition { target: "1.11", ends: &["1.11"] },
    Edition { target: "1.8", ends: &["1.8"] },
    Edition { target: "1.5", ends: &["1.5"] },
    Edition { target: "1.8..1.11", ends: &["1.8", "1.11"] },
    Edition { target: "1.5..1.11", ends: &["1.5", "1.11"] },
];

impl Edition {
    /// Of ranges, which are judged twice, there are half as many programs.
    pub fn seeds(&self) -> std::iter::StepBy<std::ops::Range<u64>> {
        seeds().step_by(self.ends.len())
    }
}

/// The folders that a program uses, by their paths.
struct Folders(Vec<Source>);

impl Vfs for Folders {
    fn folder(&mut self, file: &str, path: &str) -> Result<Vec<Source>, NoFolder> {
        let wanted = joined(file, path);
        let found: Vec<Source> =
            self.0.iter().filter(|source| source.path.rsplit_once('/').is_some_and(|(folder, _)| folder == wanted)).cloned().collect();
        if found.is_empty() { Err(NoFolder::Missing { near: None }) } else { Ok(found) }
    }
}

/// Checked and compiled in one run.
pub fn analysis(program: &str) -> Analysis {
    let (own, mut folders) = sources(program);
    Analysis::compiled(own, &mut folders, &Options::default())
}

/// Only checked; compiled as often as its documents are asked for.
pub fn checked(program: &str) -> Analysis {
    let (own, mut folders) = sources(program);
    Analysis::with_folders(own, &mut folders, &Options::default())
}

fn sources(program: &str) -> (Vec<Source>, Folders) {
    let mut own: Vec<Source> = files(program).into_iter().map(|(path, text)| Source { path, text }).collect();
    let others = own.split_off(1);
    (own, Folders(others))
}

pub fn errors(analysis: &Analysis) -> String {
    analysis.reports().iter().filter(|report| report.is_error()).map(|report| diag::human(report, analysis.files(), false)).collect()
}

/// The smallest program for which this still holds.
pub fn smallest(nodes: &[Node], holds: &mut dyn FnMut(&[Node]) -> bool) -> Vec<Node> {
    let mut found = nodes.to_vec();
    let mut tries = 0;
    let limit = std::env::var("PROOF_TRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    'again: loop {
        for less in smaller(&found) {
            tries += 1;
            if tries > limit {
                return found;
            }
            if holds(&less) {
                found = less;
                continue 'again;
            }
        }
        return found;
    }
}

#[test]
fn generated_programs_have_no_errors() {
    let stock = Stock::new();
    let mut wrong = Vec::new();
    for edition in EDITIONS {
        for seed in edition.seeds() {
            let version = edition.target;
            let program: Program = stock.program(seed, version);
            let found = errors(&analysis(&program.text()));
            if found.is_empty() {
                continue;
            }
            if std::env::var_os("PROOF_WHOLE").is_some() {
                println!("{}\n{found}", program.text());
            }
            let heads = |text: &str| text.lines().filter(|line| line.starts_with("error[")).map(str::to_owned).collect::<HashSet<_>>();
            let all = heads(&found);
            let mut same = |nodes: &[Node]| {
                let less = heads(&errors(&analysis(&written(nodes))));
                !less.is_empty() && less.is_subset(&all)
            };
            let least = smallest(&program.nodes, &mut same);
            wrong.push(format!("seed {seed}, {version}:\n{}\n{}", written(&least), errors(&analysis(&written(&least)))));
        }
    }
    wrong.sort_by_key(String::len);
    let mut heads: Vec<&str> = wrong.iter().flat_map(|text| text.lines().filter(|line| line.starts_with("error["))).collect();
    heads.sort_unstable();
    println!("{}", heads.join("\n"));
    assert!(wrong.is_empty(), "{} programs have errors; the smallest:\n{}", wrong.len(), wrong[..wrong.len().min(4)].join("\n\n"));
}
