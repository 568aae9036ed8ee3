use std::sync::{Arc, OnceLock};

use super::Span;

/// Names a file of one [`Files`]. Ids follow the order in which files were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// The source texts of an analysis, the standard library's included.
#[derive(Clone, Default)]
pub struct Files {
    list: Vec<Arc<SourceFile>>,
}

struct SourceFile {
    path: String,
    text: Arc<str>,
    stdlib: bool,
    line_starts: OnceLock<Vec<u32>>,
}

/// A place as people count: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    pub line: usize,
    pub column: usize,
}

impl Files {
    /// Adds a text. `path` is shown in reports as it is given: relative to the program's root.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(path.into(), text.into(), false)
    }

    pub(crate) fn add_stdlib(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(path.into(), text.into(), true)
    }

    fn push(&mut self, path: String, text: Arc<str>, stdlib: bool) -> FileId {
        let id = FileId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Arc::new(SourceFile { path, text, stdlib, line_starts: OnceLock::new() }));
        id
    }

    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.list.len()).map(|index| FileId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.text)
    }

    pub fn shared_text(&self, id: FileId) -> Arc<str> {
        self.get(id).map_or_else(|| Arc::from(""), |file| Arc::clone(&file.text))
    }

    /// Whether the file is part of the standard library: read-only for editors, never warned about.
    pub fn is_stdlib(&self, id: FileId) -> bool {
        self.get(id).is_some_and(|file| file.stdlib)
    }

    /// The text under a span; empty if the span lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Where a byte stands. Offsets past the end give the last place.
    pub fn line_column(&self, id: FileId, offset: u32) -> LineColumn {
        let Some(file) = self.get(id) else { return LineColumn { line: 1, column: 1 } };
        let starts = file.line_starts();
        let line = starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0) as usize;
        let end = file.text.len().min(offset as usize);
        let before = file.text.get(start..end).unwrap_or("");
        LineColumn { line: line + 1, column: before.chars().count() + 1 }
    }

    fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.list.get(id.0 as usize).map(Arc::as_ref)
    }

    pub(crate) fn line_index(&self, id: FileId, offset: usize) -> Option<usize> {
        let file = self.get(id)?;
        let offset = u32::try_from(offset).ok()?;
        Some(file.line_starts().partition_point(|&start| start <= offset).saturating_sub(1))
    }

    pub(crate) fn line_range(&self, id: FileId, line: usize) -> Option<std::ops::Range<usize>> {
        let file = self.get(id)?;
        let starts = file.line_starts();
        let start = *starts.get(line)? as usize;
        let end = starts.get(line + 1).map_or(file.text.len(), |&next| next as usize);
        Some(start..end)
    }
}

impl SourceFile {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.filter_map(|(at, _)| u32::try_from(at + 1).ok())).collect()
        })
    }
}
