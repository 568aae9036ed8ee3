//! The manifests as text. In: documents, each a Kubernetes object as a value. Out: one stream, or the files of
//! a folder. Reports nothing and does no input or output; the same documents always give the same bytes.

mod layout;
pub mod rbac;
mod resolve;
mod scalar;
#[cfg(test)]
mod tests;
pub mod yaml;

use std::ops::Range;
use std::sync::Arc;

use crate::base::Span;

pub use layout::{MARKER, MARKERS, RBAC_MARKER, folder, folder_marked};
pub use yaml::{Key, Text, Yaml};

/// One Kubernetes object, ready to be written.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it comes from: a path relative to the program's root, and a line, as in `shop.pipeline:12`.
    pub origin: String,
    /// The Kargo project that it belongs to, also where the object itself has no namespace.
    pub project: Option<Arc<str>>,
    /// The namespace that it is put into.
    pub namespace: Option<Arc<str>>,
    /// Its kind, as in `PromotionTask`.
    pub kind: Arc<str>,
    /// Its name in the cluster.
    pub name: Arc<str>,
    /// The whole object, written. Documents are written as soon as they are lowered: their trees are many times larger.
    pub text: String,
    /// Bytes of the text and the place that they come from, if that was asked for.
    pub places: Vec<(Span, Range<usize>)>,
}

impl Document {
    /// Writes an object. `value` is the whole of it.
    pub fn new(
        origin: String,
        project: Option<Arc<str>>,
        namespace: Option<Arc<str>>,
        kind: Arc<str>,
        name: Arc<str>,
        value: &Yaml,
    ) -> Self {
        let mut text = String::with_capacity(1024);
        let mut places = Vec::new();
        yaml::write_with_places(value, &mut text, &mut places);
        if yaml::needs_last_break(value) {
            // Some splitters of streams, apimachinery's among them, take the line break before `---` away.
            text.push('\n');
        }
        text.shrink_to_fit();
        Self { origin, project, namespace, kind, name, text, places }
    }
}

/// Appends all documents to `out`.
pub fn stream(docs: &[Document], out: &mut String) {
    for doc in docs {
        write_document(doc, out);
    }
}

/// Appends a document with its opening `---` and a comment that says where it comes from.
///
/// `out` is empty or ends with a line break, and so it is afterwards.
pub fn write_document(doc: &Document, out: &mut String) {
    out.push_str("---\n");
    comment(&format!("from {}", doc.origin), out);
    out.push_str(&doc.text);
}

/// Appends a comment of one line, whatever is in the text: readers refuse control characters in comments, too.
pub fn comment(text: &str, out: &mut String) {
    out.push_str("# ");
    out.extend(text.chars().map(|c| if scalar::is_printable(c) { c } else { char::REPLACEMENT_CHARACTER }));
    out.push('\n');
}
