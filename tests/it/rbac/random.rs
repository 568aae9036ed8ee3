//! Random rules from few words, so that they often meet.

use loadline::base::Name;
use loadline::rbac::{Atom, Rule};

pub(crate) struct Chance(u64);

const GROUPS: &[&str] = &["", "apps", "*"];
const RESOURCES: &[&str] = &["pods", "pods/log", "pods/status", "jobs", "jobs/status", "*", "*/status", "pods/*"];
const VERBS: &[&str] = &["get", "list", "create", "patch", "promote", "*"];
const NAMES: &[&str] = &["a", "b", "c"];
const URLS: &[&str] = &["/healthz", "/healthz/*", "/api", "*"];

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// From `least` to three of the words.
    fn some(&mut self, words: &[&str], least: usize) -> Vec<Name> {
        let count = least + self.below(4 - least);
        (0..count).map(|_| Name::new(words[self.below(words.len())])).collect()
    }

    pub(crate) fn rule(&mut self) -> Rule {
        if self.below(8) == 0 {
            return Rule { urls: self.some(URLS, 1), verbs: self.some(VERBS, 1), ..Rule::default() };
        }
        Rule {
            groups: self.some(GROUPS, 1),
            resources: self.some(RESOURCES, 1),
            verbs: self.some(VERBS, 1),
            names: if self.below(2) == 0 { Vec::new() } else { self.some(NAMES, 0) },
            urls: Vec::new(),
        }
    }

    pub(crate) fn rules(&mut self) -> Vec<Rule> {
        (0..self.below(6)).map(|_| self.rule()).collect()
    }

    /// A request without wildcards.
    pub(crate) fn atom(&mut self) -> Atom {
        let (object, subresource) =
            [("pods", None), ("pods", Some("log")), ("pods", Some("status")), ("jobs", None), ("jobs", Some("status"))][self.below(5)];
        let verb = VERBS[self.below(VERBS.len() - 1)];
        let name = match self.below(4) {
            0 => None,
            index => Some(Name::new(NAMES[index - 1])),
        };
        Atom {
            group: Name::new(GROUPS[self.below(2)]),
            resource: Name::new(object),
            subresource: subresource.map(Name::new),
            verb: Name::new(verb),
            name: name.filter(|_| !Atom::is_nameless(verb, subresource)),
        }
    }
}
