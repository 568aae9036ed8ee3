//! The reader of Kargo's expressions.

mod official;
mod read;
mod render;
mod robust;
mod templates;

use loadline::exprlang::{Dialect, Problem, parse};
use render::render;

/// The tree of a text as one line, by the newest expr-lang.
fn tree(text: &str) -> String {
    render(&parse(text, Dialect::newest()).unwrap_or_else(|problem| panic!("{text}: {problem:?}")))
}

fn refused(text: &str) -> Problem {
    parse(text, Dialect::newest()).expect_err(text)
}

/// The message, and what of the text it marks.
fn marked(text: &str) -> (String, &str) {
    let problem = refused(text);
    (problem.message, &text[problem.at.range()])
}
