//! Where in a text documents begin, and the keys and items of one written in blocks. The reader of YAML tells places of
//! mistakes only, so lines and their indentation are looked at; where that says nothing, the place around counts.

use std::ops::Range;

/// Parts of a text that are one document each, without those that hold nothing but comments.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let (mut start, mut at, mut is_empty) = (0, 0, true);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let word = line.split_whitespace().next().unwrap_or("");
        // A line that begins so ends a document wherever it stands, also in the middle of a text in quotes.
        let is_border = (word == "---" || word == "...") && line.starts_with(word);
        if is_border {
            if !is_empty {
                documents.push(start..at);
            }
            start = if word == "..." { end } else { at };
            is_empty = line.trim() == word;
        } else if !word.is_empty() && !word.starts_with('#') && !word.starts_with('%') {
            is_empty = false;
        }
        at = end;
    }
    if !is_empty {
        documents.push(start..at);
    }
    documents
}

/// The byte of a text at a line and a column, both from 0, the column in characters.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let Some(line) = text.split_inclusive('\n').nth(line).map(str::trim_end) else { return text.len() };
    start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

/// A line that says something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// Byte of the text where its words begin.
    start: usize,
    indent: usize,
    words: &'t str,
}

/// The lines of a document.
pub(super) fn lines<'t>(text: &'t str, document: &Range<usize>) -> Vec<Line<'t>> {
    let mut at = document.start;
    let mut lines = Vec::new();
    for line in text.get(document.clone()).unwrap_or("").split_inclusive('\n') {
        let words = line.trim();
        let indent = line.len() - line.trim_start().len();
        if !words.is_empty() && !words.starts_with('#') && words != "---" {
            lines.push(Line { start: at + indent, indent, words });
        }
        at += line.len();
    }
    lines
}

/// The lines of one value.
#[derive(Clone, Copy)]
pub(super) struct Block<'l, 't> {
    /// Its first line, without the dash and the keys that stand before it.
    head: Line<'t>,
    rest: &'l [Line<'t>],
}

impl<'l, 't> Block<'l, 't> {
    pub(super) fn new(lines: &'l [Line<'t>]) -> Option<Block<'l, 't>> {
        let (head, rest) = lines.split_first()?;
        Some(Block { head: *head, rest })
    }

    /// Where its first line stands.
    pub(super) fn place(&self) -> Range<usize> {
        self.head.start..self.head.start + self.head.words.len()
    }

    /// The entry of a map: its line, and its value below, if that is a block.
    pub(super) fn key(&self, key: &str) -> Option<(Range<usize>, Option<Block<'l, 't>>)> {
        let indent = self.head.indent;
        let is_entry = |line: &Line<'_>| {
            let rest = line.words.trim_start_matches(['"', '\'']).strip_prefix(key);
            line.indent == indent && rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
        };
        let (line, below) = if is_entry(&self.head) {
            (self.head, self.rest)
        } else {
            let at = self.rest.iter().position(is_entry)?;
            (*self.rest.get(at)?, self.rest.get(at + 1..)?)
        };
        // The items of a list may stand as far left as its key.
        let is_below = |line: &Line<'_>| line.indent > indent || line.indent == indent && line.is_item();
        let end = below.iter().position(|line| !is_below(line)).unwrap_or(below.len());
        Some((line.start..line.start + line.words.len(), Block::new(below.get(..end)?)))
    }

    /// The items of a list, if there are as many as the list really has.
    pub(super) fn items(&self, count: usize) -> Option<Vec<Block<'l, 't>>> {
        self.all_items().filter(|items| items.len() == count)
    }

    pub(super) fn nth(&self, index: usize) -> Option<Block<'l, 't>> {
        self.all_items()?.get(index).copied()
    }

    fn all_items(&self) -> Option<Vec<Block<'l, 't>>> {
        let indent = self.head.indent;
        let mut items = vec![self.item(self.head, 0)?];
        for (at, line) in self.rest.iter().enumerate().filter(|(_, line)| line.indent == indent) {
            items.push(self.item(*line, at + 1)?);
        }
        Some(items)
    }

    /// The item whose line has this number in the block.
    fn item(&self, line: Line<'t>, number: usize) -> Option<Block<'l, 't>> {
        let below = self.rest.get(number..)?;
        let end = below.iter().position(|next| next.indent <= line.indent).unwrap_or(below.len());
        let rest = below.get(..end)?;
        let words = line.words.strip_prefix('-')?;
        let skipped = line.words.len() - words.trim_start().len();
        match words.trim_start() {
            "" => Block::new(rest),
            _ if !line.is_item() => None,
            words => Some(Block { head: Line { start: line.start + skipped, indent: line.indent + skipped, words }, rest }),
        }
    }
}

impl Line<'_> {
    fn is_item(&self) -> bool {
        self.words == "-" || self.words.starts_with("- ")
    }
}
