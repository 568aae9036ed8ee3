//! The two forms for people: with the source shown, and one line per report. Only this file knows codespan.

use codespan_reporting::diagnostic::{Diagnostic as Rendered, Label as RenderedLabel, Severity as Level};
use codespan_reporting::files::{Error as FilesError, Files as CodespanFiles};
use codespan_reporting::term;

use super::{Diagnostic, Severity};
use crate::base::{FileId, Files};

/// The report with its source lines, without colours or, for a terminal, with ANSI colours. Ends with an empty line.
pub fn human(report: &Diagnostic, files: &Files, colours: bool) -> String {
    let rendered = rendered(report, files);
    let config = term::Config { before_label_lines: 0, after_label_lines: 0, ..term::Config::default() };
    let mut out = String::new();
    let result = if colours {
        let mut buffer = codespan_reporting::term::termcolor::Ansi::new(Vec::new());
        let result = term::emit_to_write_style(&mut buffer, &config, &View(files), &rendered);
        out = String::from_utf8_lossy(&buffer.into_inner()).into_owned();
        result
    } else {
        term::emit_to_string(&mut out, &config, &View(files), &rendered)
    };
    if result.is_err() {
        out = short(report, files);
        out.push('\n');
    }
    out
}

/// `shop.pipeline:4:12: error[slot-may-be-missing]: the slot `base` may be empty`
pub fn short(report: &Diagnostic, files: &Files) -> String {
    let span = report.primary.span;
    let place = files.line_column(span.file, span.start);
    let path = printable(files.path(span.file));
    let message = printable(&report.message);
    format!("{path}:{}:{}: {}[{}]: {message}\n", place.line, place.column, word(report.severity), report.check.name())
}

/// `2 errors, 1 warning`; nothing if there is nothing.
pub fn summary(reports: &[Diagnostic]) -> Option<String> {
    let count = |severity| reports.iter().filter(|report| report.severity == severity).count();
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rendered(report: &Diagnostic, files: &Files) -> Rendered<FileId> {
    let level = match report.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    };
    let span = report.primary.span;
    let mut labels = vec![RenderedLabel::primary(span.file, visible(span, files)).with_message(printable(&report.primary.message))];
    labels.extend(
        report
            .secondary
            .iter()
            .map(|label| RenderedLabel::secondary(label.span.file, visible(label.span, files)).with_message(printable(&label.message))),
    );
    let notes = report.notes.iter().cloned();
    let helps = report.help.iter().map(|help| format!("help: {help}"));
    let fix = report.fix.iter().map(|fix| format!("help: {}", fix.title));
    Rendered::new(level)
        .with_code(report.check.name())
        .with_message(printable(&report.message))
        .with_labels(labels)
        .with_notes(notes.chain(helps).chain(fix).map(|note| printable_lines(&note)).collect())
}

/// A label over several lines hides what it marks: only its first line is marked.
fn visible(span: crate::base::Span, files: &Files) -> std::ops::Range<usize> {
    let range = span.range();
    let text = files.slice(span);
    let first_line = text.split('\n').next().unwrap_or("").trim_end().len();
    if first_line == 0 { range.start..range.end.min(range.start) } else { range.start..range.start + first_line }
}

/// Text from programs may hold terminal escapes; they are shown, not sent.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn printable_lines(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// [`Files`] as codespan reads them: tabs and control characters of the source replaced one by one, byte for byte.
struct View<'a>(&'a Files);

impl<'a> CodespanFiles<'a> for View<'a> {
    type FileId = FileId;
    type Name = String;
    type Source = std::borrow::Cow<'a, str>;

    fn name(&'a self, id: FileId) -> Result<String, FilesError> {
        Ok(printable(self.0.path(id)))
    }

    fn source(&'a self, id: FileId) -> Result<Self::Source, FilesError> {
        Ok(harmless(self.0.text(id)))
    }

    fn line_index(&'a self, id: FileId, byte: usize) -> Result<usize, FilesError> {
        self.0.line_index(id, byte).ok_or(FilesError::FileMissing)
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<std::ops::Range<usize>, FilesError> {
        self.0.line_range(id, line).ok_or(FilesError::FileMissing)
    }
}

fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    let is_harmful = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    if !text.contains(is_harmful) {
        return std::borrow::Cow::Borrowed(text);
    }
    // Each replacement has the length of what it replaces, so that places stay right.
    let replaced = text.chars().map(|c| {
        if !is_harmful(c) {
            c
        } else if c.len_utf8() == 1 {
            '?'
        } else {
            '\u{a4}'
        }
    });
    std::borrow::Cow::Owned(replaced.collect())
}
