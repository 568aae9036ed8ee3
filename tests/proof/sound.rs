//! Whatever the generator makes is free of errors.

use std::collections::HashSet;

use loadline::{Analysis, Options, Source, diag};

use crate::generator::text::{Node, smaller, written};
use crate::generator::{Program, Stock};

/// How many programs there are of each version, and from which seed on.
pub fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let first = number("PROOF_SEED", 1);
    first..first + number("PROOF_COUNT", 40)
}

pub const VERSIONS: &[&str] = &["1.11", "1.8", "1.5"];

pub fn analysis(text: &str) -> Analysis {
    Analysis::compiled(
        vec![Source { path: "shop.pipeline".to_owned(), text: text.to_owned() }],
        &mut loadline::NoFolders,
        &Options::default(),
    )
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
    for version in VERSIONS {
        for seed in seeds() {
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
