//! The manifests of a program, with the places that they come from.

use std::ops::Range;

use crate::Analysis;
use crate::base::Span;
use crate::emit::{Document, write_document};
use crate::types::index::Meaning;

/// One object as YAML, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub kind: String,
    pub name: String,
    pub text: String,
    /// The path and line that its comment names.
    pub path: String,
    pub line: usize,
    /// Lines of the text, and the step or call that they come from; the inner ones last.
    pub places: Vec<(Range<usize>, Span)>,
}

/// The manifests of a program without errors, in their order.
pub fn manifests(documents: &[Document]) -> Vec<Manifest> {
    documents.iter().map(manifest).collect()
}

fn manifest(document: &Document) -> Manifest {
    let (path, line) = document.origin.rsplit_once(':').unwrap_or((&document.origin, "1"));
    let mut text = String::new();
    write_document(document, &mut text);
    let head = text.len() - document.text.len();
    let line_of = |at: usize| text.get(..at).unwrap_or("").matches('\n').count();
    let mut places: Vec<(Range<usize>, Span)> =
        document.places.iter().map(|(span, bytes)| (line_of(head + bytes.start)..line_of(head + bytes.end), *span)).collect();
    places.sort_by_key(|(lines, span)| (lines.start, std::cmp::Reverse(lines.end), *span));
    let (path, line) = (path.to_owned(), line.parse().unwrap_or(1));
    Manifest { kind: document.kind.to_string(), name: document.name.to_string(), text, path, line, places }
}

/// What the thing under the cursor compiles to: the object that is declared there, or the steps of a step or call.
pub fn compiled(analysis: &Analysis, documents: &[Document], at: Span) -> Option<String> {
    let index = analysis.index()?;
    let found = index.uses_at(at).find(|found| {
        matches!(found.what, Meaning::Stage | Meaning::Warehouse | Meaning::Object(_) | Meaning::Step(_) | Meaning::Task(_))
    })?;
    if matches!(found.what, Meaning::Step(_) | Meaning::Task(_)) && found.at != found.declared {
        return steps(documents, found.at);
    }
    let files = analysis.files();
    let origin = format!("{}:{}", files.path(found.declared.file), files.line_column(found.declared.file, found.declared.start).line);
    let name = files.slice(found.declared).trim_matches('"');
    let mut own = documents.iter().filter(|document| document.origin == origin);
    let first = own.clone().next();
    own.find(|document| *document.name == *name).or(first).map(|document| document.text.clone())
}

/// The lines of the first object that has the steps of a step or call.
fn steps(documents: &[Document], at: Span) -> Option<String> {
    let holder = documents.iter().find(|document| document.places.iter().any(|(span, _)| span.contains(at)))?;
    let smallest = holder.places.iter().map(|(span, _)| *span).filter(|span| span.contains(at)).min_by_key(|span| span.end - span.start)?;
    // A step in a loop is there many times, one after the other: the first says enough.
    let bytes = holder.places.iter().filter(|(span, _)| *span == smallest).map(|(_, bytes)| bytes.clone());
    let mut bytes: Vec<Range<usize>> = bytes.collect();
    bytes.sort_by_key(|bytes| bytes.start);
    let text = |bytes: &Range<usize>| {
        let line = holder.text.get(..bytes.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        let lines = holder.text.get(line..bytes.end).unwrap_or("");
        let margin = lines.len() - lines.trim_start().len();
        lines.lines().map(|line| format!("{}\n", line.get(margin..).unwrap_or(line.trim_start()))).collect::<String>()
    };
    Some(bytes.iter().map(text).collect())
}
