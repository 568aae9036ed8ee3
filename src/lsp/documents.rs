//! Texts of open documents, and how they change.

use gen_lsp_types::{Position, TextDocumentContentChangeEvent};

use super::convert::Encoding;

/// An open document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) text: String,
    pub(super) version: i32,
}

impl Document {
    /// Applies changes one after the other. A range that lies outside is cut to what is there.
    pub(super) fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => self.text = whole.text,
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let start = offset(&self.text, part.range.start, encoding);
                    let end = offset(&self.text, part.range.end, encoding).max(start);
                    self.text.replace_range(start..end, &part.text);
                }
            }
        }
    }
}

/// The offset of a position in a text.
pub(super) fn offset(text: &str, at: Position, encoding: Encoding) -> usize {
    let mut start = 0;
    for _ in 0..at.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(found) => start += found + 1,
            None => return text.len(),
        }
    }
    let rest = text.get(start..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    start + encoding.bytes(line.strip_suffix('\r').unwrap_or(line), at.character)
}
