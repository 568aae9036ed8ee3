//! What a task waits for: `depends` as an expression, `dependencies` as a list of names.

use super::model::{Call, Template};
use super::node::Node;

/// What a task waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Depends {
    Task(Wait),
    Not(Box<Depends>),
    And(Box<Depends>, Box<Depends>),
    Or(Box<Depends>, Box<Depends>),
}

/// A task, and how it must have ended; without that, Skipped and Daemoned count as success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub task: String,
    pub outcome: Option<String>,
}

/// How a task can have ended.
pub(super) const OUTCOMES: &[&str] = &["Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed"];

impl Depends {
    /// Reads `depends`. `None`: it is no such expression, or not known before run time.
    pub(super) fn parse(text: &str) -> Option<Depends> {
        let words = words(text)?;
        let mut reader = Reader { words: &words };
        let found = reader.or()?;
        reader.words.is_empty().then_some(found)
    }

    /// All tasks that it names.
    pub(super) fn waits(&self) -> Vec<&Wait> {
        match self {
            Depends::Task(wait) => vec![wait],
            Depends::Not(inner) => inner.waits(),
            Depends::And(a, b) | Depends::Or(a, b) => [a.waits(), b.waits()].concat(),
        }
    }

    /// What must hold in any case: the parts of the outermost `&&`.
    pub(super) fn certain(&self) -> Vec<&Wait> {
        match self {
            Depends::Task(wait) => vec![wait],
            Depends::And(a, b) => [a.certain(), b.certain()].concat(),
            Depends::Not(_) | Depends::Or(..) => Vec::new(),
        }
    }
}

fn words(text: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | '!' => 1,
            '&' | '|' => rest.get(..2).filter(|two| matches!(*two, "&&" | "||")).map(str::len)?,
            c if c.is_ascii_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len())
            }
            _ => return None,
        };
        let (word, next) = rest.split_at_checked(length)?;
        out.push(word);
        rest = next.trim_start();
    }
    Some(out)
}

struct Reader<'w, 't> {
    words: &'w [&'t str],
}

impl Reader<'_, '_> {
    fn or(&mut self) -> Option<Depends> {
        let mut left = self.and()?;
        while self.take("||") {
            left = Depends::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Depends> {
        let mut left = self.one()?;
        while self.take("&&") {
            left = Depends::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Depends> {
        if self.take("!") {
            return Some(Depends::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.or()?;
            return self.take(")").then_some(inner);
        }
        let (word, rest) = self.words.split_first()?;
        if !word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        self.words = rest;
        let (task, outcome) = match word.split_once('.') {
            Some((task, outcome)) => (task, Some(outcome.to_owned())),
            None => (*word, None),
        };
        Some(Depends::Task(Wait { task: task.to_owned(), outcome }))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

/// What a task waits for directly. `None`: not known.
pub(super) fn direct(task: &Call<'_>) -> Option<Vec<Wait>> {
    let mut out = Vec::new();
    if let Some(node) = task.node.get("depends") {
        let text = node.text()?;
        if !text.trim().is_empty() {
            out.extend(Depends::parse(text)?.waits().into_iter().cloned());
        }
    }
    if let Some(node) = task.node.get("dependencies") {
        for item in listed(node)? {
            out.push(Wait { task: item.to_owned(), outcome: None });
        }
    }
    Some(out)
}

fn listed(node: &Node) -> Option<Vec<&str>> {
    if !matches!(node.value, super::node::Plain::List(_)) {
        return None;
    }
    node.items().iter().map(|item| item.text().map(AsRef::as_ref)).collect()
}

/// All tasks that have ended before this one begins. `None`: not known.
pub(super) fn ancestors(template: &Template<'_>, task: &Call<'_>) -> Option<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    let mut open = direct(task)?;
    while let Some(next) = open.pop() {
        if out.contains(&next.task) {
            continue;
        }
        out.push(next.task.clone());
        if let Some(found) = template.call(&next.task) {
            open.extend(direct(found)?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(waits: &[&Wait]) -> Vec<String> {
        waits.iter().map(|wait| format!("{}:{}", wait.task, wait.outcome.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn depends_is_read() {
        let found = Depends::parse("(a-1 || b.Failed) && !c.Failed && d.Succeeded");
        let waits = found.as_ref().map(|found| names(&found.waits())).unwrap_or_default();
        assert_eq!(waits, ["a-1:-", "b:Failed", "c:Failed", "d:Succeeded"]);
        assert_eq!(found.map(|found| names(&found.certain())).unwrap_or_default(), ["d:Succeeded"]);
        for broken in ["a &&", "a & b", "(a", "a b", "{{x}}", "'a'", ""] {
            assert_eq!(Depends::parse(broken), None, "{broken}");
        }
    }
}
