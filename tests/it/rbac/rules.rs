use std::collections::BTreeSet;

use loadline::rbac::{Atom, Piece, Rule, canonical, rules_for, uncovered};

use super::random::Chance;
use super::rule;

fn allows(rules: &[Rule], atom: &Atom) -> bool {
    rules.iter().any(|rule| rule.covers(atom))
}

#[test]
fn another_rule_takes_nothing_away() {
    for seed in 0..2000 {
        let mut chance = Chance::new(seed);
        let mut rules = chance.rules();
        let atoms: Vec<Atom> = (0..20).map(|_| chance.atom()).collect();
        let before: Vec<bool> = atoms.iter().map(|atom| allows(&rules, atom)).collect();
        rules.insert(chance.below(rules.len() + 1), chance.rule());
        for (atom, was) in atoms.iter().zip(before) {
            assert!(!was || allows(&rules, atom), "seed {seed}: {atom}");
        }
    }
}

#[test]
fn the_canonical_form_grants_exactly_the_same() {
    let (mut shorter, mut same) = (0, 0);
    for seed in 0..5000 {
        let mut chance = Chance::new(seed);
        let rules = chance.rules();
        let form = canonical(&rules);
        assert_eq!(uncovered(&form, &rules), [], "seed {seed}: lost");
        assert_eq!(uncovered(&rules, &form), [], "seed {seed}: gained");
        for _ in 0..20 {
            let atom = chance.atom();
            assert_eq!(allows(&rules, &atom), allows(&form, &atom), "seed {seed}: {atom}");
        }
        assert_eq!(canonical(&form), form, "seed {seed}: not stable");
        let mut reversed = rules.clone();
        reversed.reverse();
        assert_eq!(canonical(&reversed), form, "seed {seed}: the order counts");
        if form.len() < rules.len() { shorter += 1 } else { same += 1 }
    }
    assert!(shorter > 500 && same > 500, "{shorter} {same}");
}

#[test]
fn rules_are_merged_only_where_that_adds_nothing() {
    let form = |rules: &[&str]| canonical(&rules.iter().map(|text| rule(text)).collect::<Vec<_>>());
    assert_eq!(form(&["get pods", "list pods"]), [rule("get,list pods")]);
    assert_eq!(form(&["get pods", "list secrets"]), [rule("get pods"), rule("list secrets")]);
    assert_eq!(form(&["get pods: a", "get pods: b", "get pods"]), [rule("get pods")]);
    assert_eq!(form(&["get pods: b", "get pods: a"]), [rule("get pods: a,b")]);
    assert_eq!(form(&["get pods/log", "get *"]), [rule("get *")]);
    assert_eq!(form(&["get,list pods", "get secrets,pods"]), [rule("get,list pods"), rule("get pods,secrets")]);
}

#[test]
fn the_least_rules_are_complete_and_nothing_can_be_left_out() {
    let mut merged = 0;
    for seed in 0..3000 {
        let mut chance = Chance::new(seed);
        let atoms: BTreeSet<Atom> = (0..chance.below(12)).map(|_| chance.atom()).collect();
        let rules = rules_for(&atoms);
        for atom in &atoms {
            assert!(allows(&rules, atom), "seed {seed}: {atom} is missing");
        }
        for piece in rules.iter().flat_map(Rule::pieces) {
            let Piece::Atom(atom) = piece else { panic!("seed {seed}: a URL") };
            assert!(atoms.contains(&atom), "seed {seed}: {atom} is more than was asked for");
        }
        assert!(!format!("{rules:?}").contains('*'), "seed {seed}: a wildcard");
        assert_eq!(rules_for(atoms.iter().rev()), rules, "seed {seed}: the order counts");
        for smaller in without_one_thing(&rules) {
            assert!(atoms.iter().any(|atom| !allows(&smaller, atom)), "seed {seed}: {rules:#?} is more than {smaller:#?}");
        }
        merged += usize::from(rules.len() < atoms.len());
    }
    assert!(merged > 1000, "{merged}");
}

#[test]
fn the_least_rules_are_short() {
    let atoms: Vec<Atom> =
        ["get,promote stages.kargo.akuity.io: uat,test", "get,list freights.kargo.akuity.io", "get freights.kargo.akuity.io: a"]
            .iter()
            .flat_map(|text| Atom::parse_all(text).unwrap())
            .collect();
    let want = [rule("get,list freights.kargo.akuity.io"), rule("get,promote stages.kargo.akuity.io: test,uat")];
    assert_eq!(rules_for(&atoms), want);
}

/// The rules without one rule, verb, name, resource or group. Without its only name a rule is for all objects, which is
/// not less: it is left out as a rule.
fn without_one_thing(rules: &[Rule]) -> Vec<Vec<Rule>> {
    let lists: [fn(&mut Rule) -> &mut Vec<loadline::base::Name>; 4] =
        [|rule| &mut rule.verbs, |rule| &mut rule.resources, |rule| &mut rule.groups, |rule| &mut rule.names];
    let mut all = Vec::new();
    for index in 0..rules.len() {
        let mut smaller = rules.to_vec();
        smaller.remove(index);
        all.push(smaller);
        for list in lists {
            for at in 0..list(&mut rules[index].clone()).len() {
                let mut smaller = rules.to_vec();
                list(&mut smaller[index]).remove(at);
                if list(&mut smaller[index]).is_empty() {
                    continue;
                }
                all.push(smaller);
            }
        }
    }
    all
}
