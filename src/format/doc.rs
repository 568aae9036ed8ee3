//! The algebra of layouts, after Wadler and Prettier. In: a [`Doc`], which says where lines may and must end. Out: text
//! of at most `WIDTH` columns, as far as the places allow. Knows nothing of the language.
//!
//! The crate `pretty` does not serve: a comment ends its line wherever it stands and takes no room, and a fenced text
//! goes over several lines that keep their margin.

use std::borrow::Cow;

/// Where lines end, if they may.
const WIDTH: usize = 100;

#[derive(Debug)]
pub(super) struct Doc<'s> {
    node: Node<'s>,
    /// There is a place inside at which a line must end, so the groups around it break.
    hard: bool,
}

#[derive(Debug)]
enum Node<'s> {
    /// May go over several lines; all but the first keep their margin.
    Text(Cow<'s, str>),
    /// In a broken group the end of a line, in a flat one this text.
    Line(&'static str),
    /// The end of a line, and an empty line if that is asked for.
    Hard {
        blank: bool,
    },
    /// In a flat group only.
    Flat(&'static str),
    /// Takes no room, and nothing follows on its line. One of its own has nothing before it, either.
    Comment {
        text: &'s str,
        own_line: bool,
    },
    Row(Vec<Doc<'s>>),
    Nest(Box<Doc<'s>>),
    Group(Box<Doc<'s>>),
}

pub(super) fn text<'s>(text: impl Into<Cow<'s, str>>) -> Doc<'s> {
    let text = text.into();
    let hard = text.contains('\n');
    Doc { node: Node::Text(text), hard }
}

pub(super) fn nil<'s>() -> Doc<'s> {
    row(Vec::new())
}

/// A blank, or the end of a line.
pub(super) fn line<'s>() -> Doc<'s> {
    Doc { node: Node::Line(" "), hard: false }
}

/// Nothing, or the end of a line.
pub(super) fn soft_line<'s>() -> Doc<'s> {
    Doc { node: Node::Line(""), hard: false }
}

/// The end of a line; nothing where a line has just ended.
pub(super) fn hard_line<'s>() -> Doc<'s> {
    Doc { node: Node::Hard { blank: false }, hard: true }
}

/// The end of a line, and an empty line.
pub(super) fn blank_line<'s>() -> Doc<'s> {
    Doc { node: Node::Hard { blank: true }, hard: true }
}

/// Text that stands only while the group around it is flat.
pub(super) fn if_flat<'s>(text: &'static str) -> Doc<'s> {
    Doc { node: Node::Flat(text), hard: false }
}

pub(super) fn comment(text: &str, own_line: bool) -> Doc<'_> {
    Doc { node: Node::Comment { text, own_line }, hard: true }
}

pub(super) fn row(parts: Vec<Doc<'_>>) -> Doc<'_> {
    let hard = parts.iter().any(|part| part.hard);
    Doc { node: Node::Row(parts), hard }
}

/// One level further in.
pub(super) fn nest(inner: Doc<'_>) -> Doc<'_> {
    let hard = inner.hard;
    Doc { node: Node::Nest(Box::new(inner)), hard }
}

/// On one line if it fits; otherwise all lines in it end, those of groups inside excepted.
pub(super) fn group(inner: Doc<'_>) -> Doc<'_> {
    let hard = inner.hard;
    Doc { node: Node::Group(Box::new(inner)), hard }
}

impl<'s> Doc<'s> {
    pub(super) fn is_nil(&self) -> bool {
        matches!(&self.node, Node::Row(parts) if parts.is_empty())
    }

    /// This and then that.
    pub(super) fn then(self, next: Doc<'s>) -> Doc<'s> {
        match (self.node, next.is_nil()) {
            (node, true) => Doc { node, hard: self.hard },
            (Node::Row(mut parts), false) => {
                let hard = self.hard || next.hard;
                parts.push(next);
                Doc { node: Node::Row(parts), hard }
            }
            (node, false) => row(vec![Doc { node, hard: self.hard }, next]),
        }
    }

    pub(super) fn text(self, next: impl Into<Cow<'s, str>>) -> Doc<'s> {
        self.then(text(next))
    }
}

/// The text of a document: no blanks at the ends of lines, one line break at the end, unless it is empty.
pub(super) fn render(doc: &Doc<'_>) -> String {
    let mut page = Page::default();
    let mut rest = vec![Pending { doc, indent: 0, flat: false }];
    while let Some(next) = rest.pop() {
        page.show(next, &mut rest);
    }
    page.finish()
}

#[derive(Clone, Copy)]
struct Pending<'d, 's> {
    doc: &'d Doc<'s>,
    indent: usize,
    flat: bool,
}

#[derive(Default)]
struct Page {
    out: String,
    column: usize,
    /// Behind a comment: whatever comes stands on the next line.
    closed: bool,
}

impl Page {
    fn show<'d, 's>(&mut self, Pending { doc, indent, flat }: Pending<'d, 's>, rest: &mut Vec<Pending<'d, 's>>) {
        match &doc.node {
            Node::Text(text) => self.text(text, indent),
            Node::Line(text) if flat => self.text(text, indent),
            Node::Line(_) => self.line(false),
            Node::Hard { blank } => self.line(*blank),
            Node::Flat(text) if flat => self.text(text, indent),
            Node::Flat(_) => {}
            Node::Comment { text, own_line } => self.comment(text, *own_line, indent),
            Node::Row(parts) => rest.extend(parts.iter().rev().map(|doc| Pending { doc, indent, flat })),
            Node::Nest(inner) => rest.push(Pending { doc: inner, indent: indent + 2, flat }),
            Node::Group(inner) => {
                let flat = flat || !inner.hard && fits(inner, WIDTH.saturating_sub(self.start(indent)), rest);
                rest.push(Pending { doc: inner, indent, flat });
            }
        }
    }

    /// The column at which the next text would begin.
    fn start(&self, indent: usize) -> usize {
        if self.column == 0 || self.closed { indent } else { self.column }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if self.closed {
            self.line(false);
        }
        // A blank between two parts is none at the start of a line.
        let text = if self.column == 0 { text.trim_start_matches(' ') } else { text };
        if text.is_empty() {
            return;
        }
        if self.column == 0 {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
        }
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = width(last),
            None => self.column += width(text),
        }
    }

    fn line(&mut self, blank: bool) {
        if self.column > 0 || self.closed {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\n');
        }
        if blank && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        self.column = 0;
        self.closed = false;
    }

    fn comment(&mut self, text: &str, own_line: bool, indent: usize) {
        if self.closed || own_line {
            self.line(false);
        }
        if self.column > 0 {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push(' ');
            self.column += 1;
        }
        self.text(text, indent);
        self.closed = true;
    }

    fn finish(mut self) -> String {
        self.line(false);
        self.out
    }
}

/// Whether a group and what follows it, up to the next place where a line may end, fit into `room` columns.
fn fits(group: &Doc<'_>, mut room: usize, rest: &[Pending<'_, '_>]) -> bool {
    let mut behind = rest.iter().rev();
    let mut stack = vec![(group, true)];
    loop {
        let (doc, flat) = match stack.pop() {
            Some(next) => next,
            None => match behind.next() {
                Some(next) => (next.doc, next.flat),
                None => return true,
            },
        };
        let text = match &doc.node {
            Node::Text(text) => text.as_ref(),
            Node::Line(text) | Node::Flat(text) if flat => text,
            Node::Flat(_) => "",
            Node::Line(_) | Node::Hard { .. } | Node::Comment { .. } => return true,
            Node::Nest(inner) | Node::Group(inner) => {
                stack.push((inner, flat));
                ""
            }
            Node::Row(parts) => {
                stack.extend(parts.iter().rev().map(|part| (part, flat)));
                ""
            }
        };
        let first = text.split('\n').next().unwrap_or("");
        match room.checked_sub(width(first)) {
            Some(left) => room = left,
            None => return false,
        }
        if first.len() < text.len() {
            return true;
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}
