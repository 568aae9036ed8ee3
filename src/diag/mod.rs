//! Reports: what is wrong, where, why, and what to write instead. In: typed facts from the passes. Out: [`Diagnostic`]
//! values, which the renderings turn into text or JSON. Names of checks stand in `catalogue` and nowhere else.

mod catalogue;
mod json;
mod render;
mod suggest;

use crate::base::{Files, Span};

pub use catalogue::{CHECKS, Check, CheckInfo};
pub use json::to_json;
pub use render::{human, short, summary};
pub use suggest::nearest;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// One report about one mistake.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub check: Check,
    pub severity: Severity,
    /// One lower-case sentence without a period; it stands alone in the short format.
    pub message: String,
    pub primary: Label,
    pub secondary: Vec<Label>,
    pub notes: Vec<String>,
    pub help: Vec<String>,
    pub fix: Option<Fix>,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// Edits that repair the program. Only a safe one keeps the meaning that was surely intended.
#[derive(Clone, Debug)]
pub struct Fix {
    pub title: String,
    pub safe: bool,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Diagnostic {
    /// A report of `check` with its own severity. `label` says what stands at `at`.
    pub fn new(check: Check, message: impl Into<String>, at: Span, label: impl Into<String>) -> Self {
        Self {
            check,
            severity: check.info().severity,
            message: message.into(),
            primary: Label { span: at, message: label.into() },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Adds the place of a cause: why this is wrong.
    #[must_use]
    pub fn because(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// A safe repair by replacing one place. The title also becomes the help text.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), safe: true, edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// A likely repair that the author has to look at.
    #[must_use]
    pub fn suggest(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), safe: false, edits: vec![Edit { span, text: text.into() }] });
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Puts reports into their final order (file, place, name) and drops repetitions: the only place that does either.
/// One mistake in a body that stands for several stages is one report. Warnings about the standard library itself are not
/// the user's business and are dropped, too.
pub fn finish(mut reports: Vec<Diagnostic>, files: &Files) -> Vec<Diagnostic> {
    reports.retain(|report| report.is_error() || !files.is_stdlib(report.primary.span.file));
    reports.sort_by(|a, b| key(a).cmp(&key(b)));
    reports.dedup_by(|a, b| key(a) == key(b));
    let mut out: Vec<Diagnostic> = Vec::with_capacity(reports.len());
    let mut repeated = 0;
    for report in reports {
        match out.last() {
            Some(last) if same_mistake(last, &report) => repeated += 1,
            _ => {
                note_repetitions(&mut out, &mut repeated);
                out.push(report);
            }
        }
    }
    note_repetitions(&mut out, &mut repeated);
    out
}

fn note_repetitions(out: &mut [Diagnostic], repeated: &mut usize) {
    let count = std::mem::take(repeated);
    if let Some(last) = out.last_mut().filter(|_| count > 0) {
        last.notes.push(format!("the same holds for {count} more that this stands for"));
    }
}

/// Whether two reports differ only in the names that they mention.
fn same_mistake(a: &Diagnostic, b: &Diagnostic) -> bool {
    let words = |text: &str| text.split('`').step_by(2).collect::<String>();
    a.primary.span == b.primary.span
        && a.check == b.check
        && words(&a.message) == words(&b.message)
        && a.secondary.len() == b.secondary.len()
}

fn key(report: &Diagnostic) -> (Span, &'static str, &str) {
    (report.primary.span, report.check.name(), &report.message)
}
