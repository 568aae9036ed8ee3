//! What the library and the official data disagree on, and which of that is meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Differences by place and kind, each with the versions that show it and an example.
#[derive(Default)]
pub(super) struct Report {
    found: BTreeMap<(String, &'static str), (BTreeSet<String>, String)>,
    counts: BTreeMap<&'static str, usize>,
}

/// A difference that is meant.
#[derive(Clone, Copy)]
pub(super) struct Deliberate {
    /// The place; with `*` in front all places that end so.
    at: &'static str,
    what: &'static str,
    /// The versions that show it, where it is not all that have the place.
    only: Option<&'static str>,
    reason: &'static str,
}

impl Deliberate {
    pub(super) const fn new(at: &'static str, what: &'static str, reason: &'static str) -> Deliberate {
        Deliberate { at, what, only: None, reason }
    }

    pub(super) const fn only(self, versions: &'static str) -> Deliberate {
        Deliberate { only: Some(versions), ..self }
    }

    fn covers(&self, at: &str, what: &str, versions: &BTreeSet<String>) -> bool {
        let place = self.at.strip_prefix('*').map_or(at == self.at, |ending| at.ends_with(ending));
        place && what == self.what && self.only.is_none_or(|only| only.split(' ').eq(versions))
    }
}

impl Report {
    pub(super) fn add(&mut self, at: &str, what: &'static str, version: &str, example: String) {
        let (versions, _) = self.found.entry((at.to_owned(), what)).or_insert_with(|| (BTreeSet::new(), example));
        versions.insert(version.to_owned());
    }

    pub(super) fn count(&mut self, of: &'static str) {
        *self.counts.entry(of).or_default() += 1;
    }

    pub(super) fn counted(&self, of: &str) -> usize {
        self.counts.get(of).copied().unwrap_or(0)
    }

    pub(super) fn has(&self, at: &str, what: &str) -> bool {
        self.found.keys().any(|(place, kind)| place == at && *kind == what)
    }

    /// Fails unless the differences are exactly those of the table.
    pub(super) fn assert_only(&self, rows: &[Deliberate]) {
        let mut complaints = String::new();
        for ((at, what), (versions, example)) in &self.found {
            if !rows.iter().any(|row| row.covers(at, what, versions)) {
                let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
                let _ = writeln!(complaints, "{at}: {what} ({}): {example}", versions.join(" "));
            }
        }
        for row in rows {
            if !self.found.iter().any(|((at, what), (versions, _))| row.covers(at, what, versions)) {
                let _ = writeln!(complaints, "no longer so, take it out of the table: {}: {} ({})", row.at, row.what, row.reason);
            }
        }
        assert!(complaints.is_empty(), "\n{complaints}compared: {:?}", self.counts);
        // Seen with `--nocapture`.
        #[allow(clippy::print_stdout, reason = "a test")]
        {
            println!("compared: {:?}; {} differences, all meant", self.counts, self.found.len());
        }
    }
}
