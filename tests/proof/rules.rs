//! A compiler that forgets one rule of lowering is caught: some generated program then does what it should not.

use loadline::emit;
use loadline::lower::rules::{RULES, Rule, without};
use loadline::{Analysis, Options, Source};

use crate::engine::Engine;
use crate::generator::Stock;
use crate::promote::promote_manifests;
use crate::sound::{VERSIONS, errors, seeds};

/// Rules that few generated programs show to be needed, or none, and why.
const OPEN: &[(Rule, &str)] = &[(Rule::TotalVariables, "variables that read results are errors, and few others can fail")];

/// So many programs of each version are enough to expect each rule among them.
const MANY: usize = 120;

/// A rule that so many programs caught is proven; the others get the time.
const ENOUGH: usize = 5;

#[test]
fn each_rule_is_needed_by_some_program() {
    let stock = Stock::new();
    let mut caught = vec![0; RULES.len()];
    let mut changed = vec![0; RULES.len()];
    for version in VERSIONS {
        let Some(mut engine) = Engine::start(version) else { return };
        for seed in seeds() {
            let open: Vec<usize> = (0..RULES.len()).filter(|rule| caught[*rule] < ENOUGH).collect();
            if open.is_empty() {
                break;
            }
            let sources = vec![Source { path: "shop.pipeline".to_owned(), text: stock.program(seed, version).text() }];
            let analysis = Analysis::new(sources, &Options::default());
            if !errors(&analysis).is_empty() {
                continue;
            }
            let manifests = |analysis: &Analysis| {
                let mut text = String::new();
                emit::stream(&analysis.documents(), &mut text);
                text
            };
            let right = manifests(&analysis);
            if !promote_manifests(&mut engine, &analysis, &right, seed, 12).disagreements.is_empty() {
                continue;
            }
            for rule in open {
                let wrong = without(RULES[rule], || manifests(&analysis));
                if wrong == right {
                    continue;
                }
                changed[rule] += 1;
                let verdict = promote_manifests(&mut engine, &analysis, &wrong, seed, 12);
                caught[rule] += usize::from(!verdict.disagreements.is_empty());
            }
        }
    }
    for (rule, (caught, changed)) in RULES.iter().zip(caught.iter().zip(&changed)) {
        println!("without {rule:?}: {changed} programs become other manifests, {caught} are caught");
    }
    for (rule, why) in OPEN {
        println!("{rule:?} is not asked for: {why}");
    }
    let listed = |rule: &Rule| OPEN.iter().any(|(open, _)| open == rule);
    let missed: Vec<_> = RULES.iter().zip(&caught).filter(|(rule, caught)| **caught == 0 && !listed(rule)).map(|(rule, _)| rule).collect();
    assert!(missed.is_empty() || seeds().count() < MANY, "no program needs {missed:?}");
}
