//! What can be folded away, and what is selected step by step.

use super::{parse_of, path};
use crate::Analysis;
use crate::base::{FileId, Span};
use crate::syntax::nodes::Node;

/// Blocks, lists, arguments and texts over several lines, and runs of comments; the latter with `true`.
pub fn folds(analysis: &Analysis, file: FileId) -> Vec<(Span, bool)> {
    let Some(parse) = parse_of(analysis, file) else { return Vec::new() };
    let files = analysis.files();
    let line = |offset: u32| files.line_column(file, offset).line;
    let mut out: Vec<(Span, bool)> = Vec::new();
    // Lines of these may look like comments.
    let mut texts: Vec<Span> = Vec::new();
    let mut first = true;
    Node::Block(&parse.file).walk(&mut |node| {
        let is_file = std::mem::take(&mut first);
        let folds = match node {
            Node::Block(_) | Node::Args(..) | Node::Names(..) => true,
            Node::Expr(expr) => files.slice(expr.span).starts_with(['[', '"', 'r']),
            Node::Doc(_) => true,
            _ => false,
        };
        if let Node::Expr(expr) = node
            && files.slice(expr.span).starts_with("\"\"\"")
        {
            texts.push(expr.span);
        }
        if let Some(span) = node.span().filter(|span| folds && !is_file && line(span.start) < line(span.end)) {
            out.push((span, matches!(node, Node::Doc(_))));
        }
    });
    let mut run: Option<Span> = None;
    for comment in comments(files.text(file), file).filter(|comment| !texts.iter().any(|text| text.contains(*comment))) {
        run = match run {
            Some(known) if line(comment.start) == line(known.end) + 1 => Some(known.to(comment)),
            before => {
                out.extend(before.filter(|span| line(span.start) < line(span.end)).map(|span| (span, true)));
                Some(comment)
            }
        };
    }
    out.extend(run.filter(|span| line(span.start) < line(span.end)).map(|span| (span, true)));
    out.sort_unstable();
    out.dedup_by_key(|(span, _)| *span);
    out
}

/// The comments that have lines of their own.
fn comments(text: &str, file: FileId) -> impl Iterator<Item = Span> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let comment = line.trim();
        (comment.starts_with("//") && !comment.starts_with("///")).then(|| Span::new(file, start, start + comment.len()))
    })
}

/// The places around an offset, the innermost first, each larger than the one before.
pub fn selection(analysis: &Analysis, at: Span) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    if let Some(word) = super::hover::word_at(analysis, at) {
        out.push(word);
    }
    let length = u32::try_from(analysis.files().text(at.file).len()).unwrap_or(u32::MAX);
    let whole = Span { file: at.file, start: 0, end: length };
    let nodes = path(analysis, at).into_iter().rev().filter_map(Node::span);
    for span in nodes.chain([whole]) {
        if out.last().is_none_or(|last| span.contains(*last) && span != *last) {
            out.push(span);
        }
    }
    out
}
