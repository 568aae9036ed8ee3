//! Positions, places and reports in the words of the protocol.

use std::path::Path;

use gen_lsp_types::{Location, Position, Range, TextEdit};

use super::uri;
use crate::base::{FileId, Files, Span};
use crate::diag::Edit;

/// How columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// How many units the text has.
    pub(super) fn units(self, text: &str) -> u32 {
        let count = match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.chars().map(char::len_utf16).sum(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The bytes before the unit `column` of a line: on the border of a character, at most all.
    pub(super) fn bytes(self, line: &str, column: u32) -> usize {
        let mut units = 0;
        for (at, c) in line.char_indices() {
            if units >= column {
                return at;
            }
            units += match self {
                Encoding::Utf8 => u32::try_from(c.len_utf8()).unwrap_or(1),
                Encoding::Utf16 => u32::try_from(c.len_utf16()).unwrap_or(1),
            };
        }
        line.len()
    }
}

/// The texts of an analysis, and how places in them are counted.
#[derive(Clone, Copy)]
pub(super) struct Places<'f> {
    pub(super) files: &'f Files,
    pub(super) encoding: Encoding,
}

impl Places<'_> {
    pub(super) fn position(self, file: FileId, offset: u32) -> Position {
        let offset = (offset as usize).min(self.files.text(file).len());
        let line = self.files.line_index(file, offset).unwrap_or(0);
        let start = self.files.line_range(file, line).map_or(0, |range| range.start);
        let before = self.files.text(file).get(start..offset).unwrap_or("");
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: self.encoding.units(before) }
    }

    pub(super) fn range(self, span: Span) -> Range {
        Range { start: self.position(span.file, span.start), end: self.position(span.file, span.end) }
    }

    /// The offset of a position; past the end, the last place.
    pub(super) fn offset(self, file: FileId, at: Position) -> u32 {
        let text = self.files.text(file);
        let range = self.files.line_range(file, at.line as usize);
        let offset = match range {
            Some(range) => {
                let line = text.get(range.clone()).unwrap_or("").trim_end_matches(['\n', '\r']);
                range.start + self.encoding.bytes(line, at.character)
            }
            None => text.len(),
        };
        u32::try_from(offset).unwrap_or(u32::MAX)
    }

    pub(super) fn span(self, file: FileId, range: Range) -> Span {
        let (start, end) = (self.offset(file, range.start), self.offset(file, range.end));
        Span { file, start, end: end.max(start) }
    }

    pub(super) fn edit(self, edit: &Edit) -> TextEdit {
        TextEdit { range: self.range(edit.span), new_text: edit.text.clone() }
    }

    /// A place in the file of a path.
    pub(super) fn location(self, path: &Path, span: Span) -> Location {
        Location { uri: uri::from_path(path), range: self.range(span) }
    }
}
