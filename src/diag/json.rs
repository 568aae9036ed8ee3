use serde_json::{Value, json};

use super::{Diagnostic, Severity};
use crate::base::{Files, Span};

/// One report as one line of JSON, as the README of the command line describes it: lines and columns from 1, columns
/// in characters, ends exclusive.
pub fn to_json(report: &Diagnostic, files: &Files) -> String {
    let primary = place(report.primary.span, files);
    let labels: Vec<Value> = std::iter::once(&report.primary)
        .chain(&report.secondary)
        .map(|label| {
            let mut value = place(label.span, files);
            insert(&mut value, "message", json!(label.message));
            value
        })
        .collect();
    let notes: Vec<&String> = report.notes.iter().chain(&report.help).collect();
    let mut out = json!({
        "code": report.check.name(),
        "severity": severity(report.severity),
        "message": report.message,
    });
    if let Value::Object(fields) = primary {
        for (key, value) in fields {
            insert(&mut out, &key, value);
        }
    }
    insert(&mut out, "labels", Value::Array(labels));
    insert(&mut out, "notes", json!(notes));
    if let Some(fix) = &report.fix {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                let mut value = place(edit.span, files);
                insert(&mut value, "text", json!(edit.text));
                value
            })
            .collect();
        insert(&mut out, "fix", json!({ "title": fix.title, "safe": fix.safe, "edits": edits }));
    }
    out.to_string()
}

fn place(span: Span, files: &Files) -> Value {
    let start = files.line_column(span.file, span.start);
    let end = files.line_column(span.file, span.end);
    json!({
        "file": files.path(span.file),
        "start": { "line": start.line, "column": start.column },
        "end": { "line": end.line, "column": end.column },
    })
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
