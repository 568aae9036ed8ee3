//! Hostile texts: the reader answers, and the answer's places lie in the text.

use loadline::exprlang::{Delimiters, Dialect, HOLE, parse, parse_with_holes, parts};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

fn check(text: &str) {
    let holes: Vec<u32> = text.match_indices(HOLE).map(|(at, _)| at as u32).collect();
    for patch in [2, 7, 8] {
        match parse_with_holes(text, &holes, Dialect::of_patch(patch)) {
            Ok(tree) => {
                for (id, node) in tree.nodes() {
                    assert!(text.get(node.at.range()).is_some(), "{text}: {node:?}");
                    assert!(tree.get(id).is_some());
                }
            }
            Err(problem) => assert!(text.get(problem.at.range()).is_some(), "{text}: {problem:?}"),
        }
    }
    for delimiters in [Delimiters::Braces, Delimiters::BracesAndPercents] {
        let _ = parts(text, delimiters);
    }
}

const WORDS: &[&str] = &[
    "a", "let", "=", ";", "if", "else", "{", "}", "(", ")", "[", "]", "?", ":", "::", "?.", "??", ".", "..", ",", "|", "not", "in",
    "matches", "map", "filter", "reduce", "count", "len", "#", "#acc", "1", "0x", "1.", ".5", "1e", "'a'", "\"", "`", "b'", "\\", "\\u{",
    "/*", "*/", "//", "\n", " ", "é", "😀", "\u{fdd0}", "${{", "}}", "${%", "%}", "**", "-", "!", "==", "<", "true", "nil", "\r", "\0",
    "$", "_", "@", "~",
];

#[test]
fn soup_of_words_is_answered() {
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let text: String = (0..dice.roll(14)).map(|_| WORDS[dice.roll(WORDS.len())]).collect();
        check(&text);
    }
}

#[test]
fn damaged_expressions_are_answered() {
    let whole = r#"let v = outputs["a-b"]?.x ?? 'é\n'; v | split(',') | map({# not in [1, 2.5]}) ? {a: `b`}[:2] : if c { 1 } else { 2 }"#;
    let chars: Vec<char> = whole.chars().collect();
    for at in 0..chars.len() {
        check(&chars[..at].iter().collect::<String>());
        check(&chars[at..].iter().collect::<String>());
        for word in ["", "'", "(", "}", "?", "é"] {
            let mut text: String = chars[..at].iter().collect();
            text.push_str(word);
            text.extend(&chars[at + 1..]);
            check(&text);
        }
    }
}

#[test]
fn deep_texts_are_refused_and_long_ones_counted() {
    let many = 100_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("-", ""),
        ("not ", ""),
        ("f(", ")"),
        ("map(", ")"),
        ("a[", "]"),
        ("a ? b : ", ""),
        ("let x = 1; ", ""),
    ] {
        let text = format!("{}a{}", open.repeat(many), close.repeat(many));
        let problem = parse(&text, Dialect::newest()).expect_err(open);
        assert_eq!(problem.message, "the expression is nested too deeply", "{open}");
        let text = format!("{}a{}", open.repeat(100), close.repeat(100));
        assert!(open == "map(" || parse(&text, Dialect::newest()).is_ok(), "{open}");
    }
    for more in [".a", " + 1", "?.a", "[0]", " | f()", "; a", " < b"] {
        let long = format!("a{}", more.repeat(many));
        let problem = parse(&long, Dialect::newest()).expect_err(more);
        assert_eq!(problem.message, "the expression is too long: expr-lang takes 10000 operands and operators", "{more}");
        assert!(parse(&format!("a{}", more.repeat(2_000)), Dialect::newest()).is_ok(), "{more}");
    }
}

/// expr-lang counts the same nodes.
#[test]
fn the_longest_expression_is_as_long_as_in_expr_lang() {
    let sum = |count: usize| parse(&vec!["1"; count].join("+"), Dialect::newest()).is_ok();
    assert!(sum(5000) && !sum(5001));
    let map = |count: usize| parse(&format!("{{{}}}", vec!["a:1"; count].join(",")), Dialect::newest()).is_ok();
    assert!(map(3333) && !map(3334));
}
