//! The formatter. In: the text of a file. Out: the same program in the one style of the language, or reports and nothing.
//!
//! The tree is printed anew (`item`, `expr`, `types`) into an algebra of layouts (`doc`); comments and empty lines, which
//! the tree lacks, are put back between the tokens where they stood (`layout`). What comes out is read again: it has
//! the same tree, or it does not come out. Formatting what was formatted changes nothing.

mod doc;
mod expr;
mod item;
mod layout;
mod types;

use std::borrow::Cow;

use crate::base::{FileId, Span};
use crate::diag::{Check, Diagnostic};
use crate::syntax::{self, Parse, Trivia};
use layout::Layout;

/// Formats a file. `id` is the file that reports are about.
///
/// # Errors
/// The reports, if the text has syntax errors: nothing is guessed about what was meant.
pub fn format(id: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let text = unix_lines(text);
    let parse = syntax::parse(id, &text);
    if !parse.errors.is_empty() {
        return Err(parse.errors);
    }
    let trivia = syntax::trivia(id, &text);
    let mut layout = Layout::new(&text, &trivia);
    let file = layout.file(&parse.file);
    let formatted = doc::render(&file);
    let (again, after) = (syntax::parse(id, &formatted), syntax::trivia(id, &formatted));
    if is_same(&parse, &again) && comments(&trivia, &text) == comments(&after, &formatted) { Ok(formatted) } else { Err(vec![broken(id)]) }
}

/// The comments of a text, in their order.
fn comments<'t>(trivia: &Trivia, text: &'t str) -> Vec<&'t str> {
    trivia.comments.iter().map(|comment| text.get(comment.span.range()).unwrap_or_default()).collect()
}

/// Whether two texts are the same program.
fn is_same(before: &Parse, after: &Parse) -> bool {
    after.errors.is_empty()
        // Shown like this, trees have no places.
        && before.file.items.len() == after.file.items.len()
        && before.file.items.iter().zip(&after.file.items).all(|(a, b)| format!("{a:-?}") == format!("{b:-?}"))
}

/// Lines end with `\n`, whatever they ended with before. The analysis reads both alike.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

fn broken(id: FileId) -> Diagnostic {
    let message = "formatting would change what this file says";
    Diagnostic::new(Check::Internal, message, Span::new(id, 0, 0), "so it was left as it is").help("please report this, with the file")
}
