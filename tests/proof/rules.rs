//! A compiler that forgets one rule of lowering is caught: some generated program then does what it should not.

use loadline::Analysis;
use loadline::emit;
use loadline::lower::rules::{RULES, Rule, without};

use crate::engine::Engine;
use crate::generator::Stock;
use crate::promote::promote_manifests;
use crate::sound::{EDITIONS, checked, errors, seeds};

/// Rules that few generated programs show to be needed, or none, and why.
const OPEN: &[(Rule, &str)] = &[];

/// So many programs of each version are enough to expect each rule among them.
const MANY: usize = 120;

/// A rule that so many programs caught is proven; the others get the time.
const ENOUGH: usize = 5;

#[test]
fn each_rule_is_needed_by_some_program() {
    let stock = Stock::new();
    let mut caught = vec![0; RULES.len()];
    let mut changed = vec![0; RULES.len()];
    for edition in EDITIONS {
        // Of a range the oldest version lacks most.
        let Some(mut engine) = Engine::start(&stock, edition.ends[0]) else { return };
        for seed in edition.seeds() {
            let open: Vec<usize> = (0..RULES.len()).filter(|rule| caught[*rule] < ENOUGH).collect();
            if open.is_empty() {
                break;
            }
            let analysis = checked(&stock.program(seed, edition.target).text());
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
