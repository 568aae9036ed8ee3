//! Variables of inlined calls that read what steps have left. Kargo gives the variables of a promotion no outputs, only
//! those of a step: each step that reads such a variable gets it as one of its own.

use super::steps::{Steps, variable};
use crate::emit::yaml::Yaml;
use crate::types::tree::Statement;

use super::cx::Cx;

/// A variable, and what Kargo writes for it.
type Named = (String, Yaml);

impl Steps<'_, '_, '_> {
    pub(super) fn declare(&mut self, statement: &Statement, cx: &Cx<'_>) {
        let Statement::Var { name, value, .. } = statement else { return };
        let value = cx.variable(value, &value.ty);
        let own = self.variable(name);
        // In a task each call passes them, and what a call passes sees the outputs.
        let is_late = mentions(&value, "outputs") || self.late_variables.iter().any(|(late, _)| mentions(&value, late));
        if own != name.as_str() {
            cx.variables.borrow_mut().insert(name.clone(), own.clone());
        }
        match is_late && !cx.in_task {
            true => self.late_variables.push((own, value)),
            false => self.vars.push(variable(&own, value)),
        }
    }

    /// Gives every step the late variables that it reads, and those that these read.
    pub(crate) fn place_late_variables(&mut self) {
        let late = std::mem::take(&mut self.late_variables);
        if late.is_empty() {
            return;
        }
        for step in &mut self.out {
            let mut wanted: Vec<&Named> = Vec::new();
            for found in late.iter().rev() {
                if mentions(step, &found.0) || wanted.iter().any(|(_, value)| mentions(value, &found.0)) {
                    wanted.insert(0, found);
                }
            }
            let made: Vec<Yaml> = wanted.into_iter().map(|(name, value)| variable(name, value.clone())).collect();
            add(step, made);
        }
    }
}

/// Before the variables that the step has: these may read them.
fn add(step: &mut Yaml, made: Vec<Yaml>) {
    let (false, Yaml::Map(step)) = (made.is_empty(), step) else { return };
    match step.iter_mut().find(|(key, _)| &**key == "vars") {
        Some((_, Yaml::Seq(own))) => drop(own.splice(0..0, made)),
        _ => {
            let at = step.iter().position(|(key, _)| &**key == "config").unwrap_or(step.len());
            step.insert(at, ("vars".into(), Yaml::Seq(made)));
        }
    }
}

/// Whether a word stands anywhere in the texts of a value.
fn mentions(value: &Yaml, word: &str) -> bool {
    match value {
        Yaml::Str(text) => has_word(text, word),
        Yaml::Seq(items) => items.iter().any(|item| mentions(item, word)),
        Yaml::Map(entries) => entries.iter().any(|(_, value)| mentions(value, word)),
        _ => false,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}
