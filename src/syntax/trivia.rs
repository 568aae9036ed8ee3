//! What the tree leaves out and a formatter or an editor needs: comments and blank lines.

use std::ops::Range;

use crate::base::{FileId, Span};

/// Comments and blank lines of a file, each in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trivia {
    pub comments: Vec<Comment>,
    /// The starts of lines that hold nothing but blanks, outside of texts.
    pub blank_lines: Vec<u32>,
}

/// A `//` comment; doc comments (`///`) are part of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the slashes to the end of the line.
    pub span: Span,
    /// Nothing else stands on its line.
    pub own_line: bool,
}

impl Trivia {
    /// Of a file, given where pest saw comments and fenced texts.
    pub(super) fn new(id: FileId, text: &str, comments: &[Range<usize>], fences: &[Range<usize>]) -> Trivia {
        let comment = |range: &Range<usize>| {
            let before = text.get(..range.start).unwrap_or("");
            let line = before.rsplit('\n').next().unwrap_or("");
            let len = text.get(range.clone()).map_or(0, |comment| comment.trim_end().len());
            Comment { span: Span::new(id, range.start, range.start + len), own_line: line.trim().is_empty() }
        };
        let comments = comments.iter().map(comment).collect();
        let mut blank_lines = Vec::new();
        let mut at = 0;
        let mut fences = fences.iter().peekable();
        for line in text.split_inclusive('\n') {
            while fences.next_if(|fence| fence.end <= at).is_some() {}
            let inside_text = fences.peek().is_some_and(|fence| fence.start < at);
            if line.trim().is_empty() && line.ends_with('\n') && !inside_text {
                blank_lines.push(Span::new(id, at, at).start);
            }
            at += line.len();
        }
        Trivia { comments, blank_lines }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trivia;
    use crate::base::Files;

    #[test]
    fn comments_and_blank_lines_are_kept() {
        let text = "// head\n\nlet a = \"// no comment\" // tail\n\nlet b = \"\"\"\n  x\n\n  y\n  \"\"\"\n/// doc\nlet c = [\n  1, // one\n  2\n]\n";
        let mut files = Files::default();
        let id = files.add("a.pipeline", text);
        let trivia = trivia(id, text);
        let comments: Vec<(&str, bool)> = trivia.comments.iter().map(|comment| (files.slice(comment.span), comment.own_line)).collect();
        assert_eq!(comments, [("// head", true), ("// tail", false), ("// one", false)]);
        let lines: Vec<usize> = trivia.blank_lines.iter().map(|at| files.line_column(id, *at).line).collect();
        assert_eq!(lines, [2, 4]);
    }
}
