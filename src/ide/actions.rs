//! Repairs that reports offer.

use crate::Analysis;
use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Edit};

/// A repair.
#[derive(Clone, Debug)]
pub struct Action {
    pub title: String,
    /// Where the report is that it answers, in the list of all; none for one that answers several.
    pub report: Option<usize>,
    pub safe: bool,
    pub edits: Vec<Edit>,
}

/// The repairs of the reports that a part of a file touches, and one for all safe ones of the file.
pub fn actions(analysis: &Analysis, file: FileId, part: Span) -> Vec<Action> {
    let touches = |span: Span| span.file == file && span.start <= part.end && part.start <= span.end;
    let mut out: Vec<Action> = Vec::new();
    for (index, report) in analysis.reports().iter().enumerate().filter(|(_, report)| touches(report.primary.span)) {
        if let Some(fix) = &report.fix {
            out.push(Action { title: fix.title.clone(), report: Some(index), safe: fix.safe, edits: fix.edits.clone() });
        }
    }
    let all = safe(analysis.reports(), file);
    if !all.is_empty() {
        let title = match all.len() {
            1 => "make the sure repair of this file".to_owned(),
            count => format!("make all {count} sure repairs of this file"),
        };
        out.push(Action { title, report: None, safe: true, edits: all });
    }
    out
}

/// The edits of all safe repairs of a file; of two that touch, the first.
fn safe(reports: &[Diagnostic], file: FileId) -> Vec<Edit> {
    let fixes = reports.iter().filter_map(|report| report.fix.as_ref()).filter(|fix| fix.safe);
    let mut out: Vec<Edit> = Vec::new();
    for fix in fixes.filter(|fix| fix.edits.iter().all(|edit| edit.span.file == file)) {
        let touches = |a: Span, b: Span| a.start <= b.end && b.start <= a.end;
        if !fix.edits.iter().any(|edit| out.iter().any(|known| touches(known.span, edit.span))) {
            out.extend(fix.edits.iter().cloned());
        }
    }
    out.sort_by_key(|edit| edit.span);
    out
}
