//! What binds how tightly.

/// A binary operator: its precedence, and whether it groups to the right.
#[derive(Clone, Copy)]
pub(super) struct Operator {
    pub(super) symbol: &'static str,
    pub(super) precedence: u32,
    pub(super) to_the_right: bool,
}

pub(super) fn unary(symbol: &str) -> Option<(&'static str, u32)> {
    Some(match symbol {
        "not" => ("not", 50),
        "!" => ("!", 50),
        "-" => ("-", 90),
        "+" => ("+", 90),
        _ => return None,
    })
}

pub(super) fn binary(symbol: &str) -> Option<Operator> {
    let (symbol, precedence) = match symbol {
        "|" => ("|", 0),
        "or" => ("or", 10),
        "||" => ("||", 10),
        "and" => ("and", 15),
        "&&" => ("&&", 15),
        "==" => ("==", 20),
        "!=" => ("!=", 20),
        "<" => ("<", 20),
        ">" => (">", 20),
        ">=" => (">=", 20),
        "<=" => ("<=", 20),
        "in" => ("in", 20),
        "matches" => ("matches", 20),
        "contains" => ("contains", 20),
        "startsWith" => ("startsWith", 20),
        "endsWith" => ("endsWith", 20),
        ".." => ("..", 25),
        "+" => ("+", 30),
        "-" => ("-", 30),
        "*" => ("*", 60),
        "/" => ("/", 60),
        "%" => ("%", 60),
        "**" => ("**", 100),
        "^" => ("^", 100),
        "??" => ("??", 500),
        _ => return None,
    };
    Some(Operator { symbol, precedence, to_the_right: precedence == 100 })
}

/// Operators that may stand in a row, `a < b <= c`.
pub(super) fn is_comparison(symbol: &str) -> bool {
    matches!(symbol, "<" | ">" | ">=" | "<=")
}

/// Operators that `not` may stand before.
pub(super) fn can_be_negated(symbol: &str) -> bool {
    matches!(symbol, "contains" | "matches" | "startsWith" | "endsWith" | "in")
}

/// Words that are operators and no names.
pub(super) fn is_word(word: &str) -> bool {
    matches!(word, "not" | "in" | "or" | "and" | "matches" | "contains" | "startsWith" | "endsWith" | "let" | "if" | "else")
}
