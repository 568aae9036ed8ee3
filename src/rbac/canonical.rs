//! Rules in one form, and the least rules for some permissions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Atom, Rule};
use crate::base::Name;

/// Rules that grant exactly what these grant: sorted, none covered by the others, and two of them are one only if that
/// adds nothing: they differ in one list alone.
pub fn canonical(rules: &[Rule]) -> Vec<Rule> {
    let mut rules: BTreeSet<Rule> = rules.iter().flat_map(simple).collect();
    loop {
        let next = merge(drop_covered(&rules));
        if next == rules {
            return next.into_iter().collect();
        }
        rules = next;
    }
}

/// The least rules that grant these permissions and nothing else: without any rule, verb or name of them one permission
/// is missing. Permissions for all objects make those for single ones superfluous; none may have a wildcard in it.
pub fn rules_for<'a>(atoms: impl IntoIterator<Item = &'a Atom>) -> Vec<Rule> {
    let atoms: BTreeSet<&Atom> = atoms.into_iter().collect();
    let is_needed = |atom: &&&Atom| atom.name.is_none() || !atoms.contains(&Atom { name: None, ..(**atom).clone() });
    merge(atoms.iter().filter(is_needed).map(|atom| Rule::one(atom)).collect()).into_iter().collect()
}

/// A rule sorted, with a wildcard in the place of what it covers; its URLs apart. None of it if it grants nothing.
fn simple(rule: &Rule) -> Vec<Rule> {
    let sorted = |list: &[Name]| {
        let all = list.iter().any(|word| word == "*");
        let set: BTreeSet<Name> = if all { [Name::new("*")].into() } else { list.iter().cloned().collect() };
        set.into_iter().collect::<Vec<_>>()
    };
    let names: BTreeSet<Name> = rule.names.iter().cloned().collect();
    let names: Vec<Name> = names.into_iter().collect();
    let verbs = sorted(&rule.verbs);
    let of_resources = Rule {
        groups: sorted(&rule.groups),
        resources: sorted(&rule.resources),
        verbs: verbs.clone(),
        names: names.clone(),
        urls: Vec::new(),
    };
    let of_urls = Rule { urls: sorted(&rule.urls), verbs, names, ..Rule::default() };
    let grants = |rule: &Rule| !rule.verbs.is_empty() && (!rule.urls.is_empty() || !rule.groups.is_empty() && !rule.resources.is_empty());
    [of_resources, of_urls].into_iter().filter(grants).collect()
}

/// Without the rules that the rest covers.
fn drop_covered(rules: &BTreeSet<Rule>) -> BTreeSet<Rule> {
    let mut kept = rules.clone();
    for rule in rules.iter().rev() {
        kept.remove(rule);
        let is_covered = rule.pieces().iter().all(|piece| kept.iter().any(|other| other.covers_piece(piece)));
        if !is_covered {
            kept.insert(rule.clone());
        }
    }
    kept
}

/// One rule for those that differ in one list: first in verbs, then in names, resources, groups, URLs.
fn merge(rules: BTreeSet<Rule>) -> BTreeSet<Rule> {
    let lists: [fn(&mut Rule) -> &mut Vec<Name>; 5] =
        [|rule| &mut rule.verbs, |rule| &mut rule.names, |rule| &mut rule.resources, |rule| &mut rule.groups, |rule| &mut rule.urls];
    lists.into_iter().fold(rules, |rules, list| {
        // No list is all of it, not a part: of names, all objects.
        let mut merged: BTreeMap<(Rule, bool), BTreeSet<Name>> = BTreeMap::new();
        for mut rule in rules {
            let words = std::mem::take(list(&mut rule));
            merged.entry((rule, words.is_empty())).or_default().extend(words);
        }
        let whole = |((mut rule, _), words): ((Rule, bool), BTreeSet<Name>)| {
            *list(&mut rule) = words.into_iter().collect();
            simple(&rule)
        };
        merged.into_iter().flat_map(whole).collect()
    })
}
