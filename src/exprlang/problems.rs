//! The words for what is wrong with an expression.

use super::lexer::{Token, TokenKind};
use super::{At, Problem};

fn problem(at: At, message: impl Into<String>) -> Problem {
    Problem { at, message: message.into(), help: None }
}

impl Problem {
    fn help(self, help: &'static str) -> Problem {
        Problem { help: Some(help), ..self }
    }
}

pub(super) fn unexpected(token: &Token<'_>, wanted: Option<&str>) -> Problem {
    let found = match token.kind {
        TokenKind::End => "the expression ends".to_owned(),
        TokenKind::Text => "there is a text".to_owned(),
        TokenKind::Bytes => "there are bytes".to_owned(),
        TokenKind::Hole => "there is a value".to_owned(),
        _ => format!("there is `{}`", token.text),
    };
    match wanted {
        Some(wanted) => problem(token.at, format!("{found} where {wanted} should be")),
        None if token.kind == TokenKind::End => problem(token.at, "the expression ends too early"),
        None => problem(token.at, format!("{found} where nothing more can follow")),
    }
}

pub(super) fn mixed_coalesce(at: At, op: &str) -> Problem {
    problem(at, format!("`??` and `{op}` cannot stand side by side")).help("put one of them in parentheses")
}

pub(super) fn too_few_arguments(at: At, name: &str, count: usize) -> Problem {
    problem(at, format!("`{name}` takes at least {count} argument{}", if count == 1 { "" } else { "s" }))
}

pub(super) fn open_predicate(at: At) -> Problem {
    problem(at, "several expressions for each item need braces").help("write `{ … }` around them")
}

pub(super) fn bad_key(token: &Token<'_>) -> Problem {
    let wanted = "a key (a name, a text, a number)";
    unexpected(token, Some(wanted)).help("a computed key stands in parentheses")
}

pub(super) fn bad_number(at: At) -> Problem {
    problem(at, "this is no number that expr-lang can hold")
}

pub(super) fn unclosed_text(at: At) -> Problem {
    problem(at, "this text is not closed")
}

pub(super) fn unclosed_comment(at: At) -> Problem {
    problem(at, "this comment is not closed").help("it ends with `*/`")
}

pub(super) fn bad_escape(at: At) -> Problem {
    problem(at, "expr-lang knows no such escape")
        .help("known are `\\n` `\\t` `\\r` `\\\\`, the quote, `\\xHH`, `\\uHHHH` and `\\UHHHHHHHH`")
}

pub(super) fn bad_character(at: At, found: char) -> Problem {
    problem(at, format!("`{}` means nothing in expr-lang", found.escape_debug()))
}

pub(super) fn hole_in_text(at: At) -> Problem {
    problem(at, "a value cannot stand inside a text or a comment of expr-lang").help("close the text before it: `'v' + ${…}`")
}

pub(super) fn too_many_nodes(at: At) -> Problem {
    problem(at, "the expression is too long: expr-lang takes 10000 operands and operators")
}

pub(super) fn too_deep(at: At) -> Problem {
    problem(at, "the expression is nested too deeply").help("give parts of it names with `let`")
}
