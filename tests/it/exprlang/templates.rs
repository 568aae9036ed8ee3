//! Templates and their parts.

use loadline::exprlang::{Delimiters, Part, parts};

fn cut(text: &str, delimiters: Delimiters) -> Vec<String> {
    let show = |part: &Part| match part {
        Part::Text(at) => text[at.range()].to_owned(),
        Part::Expression(at) => format!("<{}>", &text[at.range()]),
    };
    parts(text, delimiters).unwrap().iter().map(show).collect()
}

#[test]
fn text_and_expressions_alternate() {
    for delimiters in [Delimiters::Braces, Delimiters::BracesAndPercents] {
        assert_eq!(cut("a-${{ x }}${{y}} b", delimiters), ["a-", "< x >", "<y>", " b"]);
        assert_eq!(cut("plain $ { }}", delimiters), ["plain $ { }}"]);
        assert_eq!(cut("", delimiters), Vec::<String>::new());
    }
}

#[test]
fn the_first_closing_delimiter_ends_an_expression() {
    assert_eq!(cut("${{ {a: {b: 1}} }}", Delimiters::Braces), ["< {a: {b: 1>", " }}"]);
    assert_eq!(cut("${{ '}}' }}", Delimiters::Braces), ["< '>", "' }}"]);
}

#[test]
fn percents_are_delimiters_where_they_are_known() {
    assert_eq!(cut("${% {a: {b: 1}} %}-${{ x }}", Delimiters::BracesAndPercents), ["< {a: {b: 1}} >", "-", "< x >"]);
    assert_eq!(cut("${% a %}", Delimiters::Braces), ["${% a %}"]);
}

#[test]
fn an_empty_expression_makes_the_rest_literal() {
    assert_eq!(cut("a${{}}b${{ c }}", Delimiters::BracesAndPercents), ["a", "b${{ c }}"]);
    assert_eq!(cut("a${{}}b", Delimiters::Braces), ["a", "<>", "b"]);
}

#[test]
fn an_unclosed_delimiter_is_a_mistake() {
    let found = parts("ab ${{ x", Delimiters::Braces).unwrap_err();
    assert_eq!((found.at.range(), found.with), (3..6, "}}"));
    let found = parts("${% x }}", Delimiters::BracesAndPercents).unwrap_err();
    assert_eq!((found.at.range(), found.with), (0..3, "%}"));
}
