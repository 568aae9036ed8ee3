//! Templates of Kargo: text with expressions between delimiters.

use super::At;

/// Which delimiters a version of Kargo knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiters {
    /// `${{ … }}`
    Braces,
    /// `${{ … }}` and `${% … %}`. An empty expression vanishes, and what follows it stays literal.
    BracesAndPercents,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Text(At),
    /// What stands between the delimiters, blanks included.
    Expression(At),
}

/// A delimiter that opens and is never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed {
    pub at: At,
    /// What would close it.
    pub with: &'static str,
}

/// Cuts a template into its pieces, empty texts left out. The first closing delimiter ends an expression, wherever it
/// stands. A text without any delimiter is one piece; whether it is a template at all is the caller's question.
pub fn parts(template: &str, delimiters: Delimiters) -> Result<Vec<Part>, Unclosed> {
    let percents = delimiters == Delimiters::BracesAndPercents;
    let mut out = Vec::new();
    let mut from = 0;
    loop {
        let rest = template.get(from..).unwrap_or("");
        let braces = rest.find("${{").map(|at| (at, "}}"));
        let other = rest.find("${%").filter(|_| percents).map(|at| (at, "%}"));
        let Some((open, close)) = braces.into_iter().chain(other).min() else { break };
        push_text(&mut out, from, from + open);
        let inside = from + open + 3;
        let Some(length) = template.get(inside..).unwrap_or("").find(close) else {
            return Err(Unclosed { at: at(from + open, inside), with: close });
        };
        from = inside + length + 2;
        if length == 0 && percents {
            break;
        }
        out.push(Part::Expression(at(inside, inside + length)));
    }
    push_text(&mut out, from, template.len());
    Ok(out)
}

fn push_text(out: &mut Vec<Part>, start: usize, end: usize) {
    if start < end {
        out.push(Part::Text(at(start, end)));
    }
}

fn at(start: usize, end: usize) -> At {
    let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    At { start: clamp(start), end: clamp(end) }
}
