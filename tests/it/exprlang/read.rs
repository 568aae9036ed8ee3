//! What is read, as which tree, and what is refused.

use loadline::exprlang::{Dialect, HOLE, parse, parse_with_holes};

use super::{marked, refused, render::render, tree};

#[test]
fn operators_bind_as_in_expr_lang() {
    assert_eq!(tree("1 + 2 * 3"), r#"(binary "+" (int 1) (binary "*" (int 2) (int 3)))"#);
    assert_eq!(tree("-x ** 2"), r#"(unary "-" (binary "**" (id x) (int 2)))"#);
    assert_eq!(tree("a ** b ** c"), r#"(binary "**" (id a) (binary "**" (id b) (id c)))"#);
    assert_eq!(tree("a == b ?? c"), r#"(binary "==" (id a) (binary "??" (id b) (id c)))"#);
    assert_eq!(tree("not a in b"), r#"(binary "in" (unary "not" (id a)) (id b))"#);
    assert_eq!(tree("a not in b"), r#"(unary "not" (binary "in" (id a) (id b)))"#);
    assert_eq!(tree("a not contains b and c"), r#"(binary "and" (unary "not" (binary "contains" (id a) (id b))) (id c))"#);
    assert_eq!(tree("1 .. 3 == x"), r#"(binary "==" (binary ".." (int 1) (int 3)) (id x))"#);
    assert_eq!(tree("1..3"), r#"(binary ".." (int 1) (int 3))"#);
    assert_eq!(tree("a < b <= c"), r#"(binary "&&" (binary "<" (id a) (id b)) (binary "<=" (id b) (id c)))"#);
    assert_eq!(tree("a ? b : c ? d : e"), "(cond (id a) (id b) (cond (id c) (id d) (id e)))");
    assert_eq!(tree("a ?: b"), "(cond (id a) (id a) (id b))");
}

#[test]
fn members_indices_slices_and_chains() {
    assert_eq!(tree("outputs['a'].b"), r#"(member (member (id outputs) (str "a")) (str "b"))"#);
    assert_eq!(tree("a?.b.c"), r#"(chain (member (member? (id a) (str "b")) (str "c")))"#);
    assert_eq!(tree("(a?.b).c"), r#"(chain (member (member? (id a) (str "b")) (str "c")))"#);
    assert_eq!(tree("a?.['b'][:7]"), r#"(slice (chain (member? (id a) (str "b"))) _ (int 7))"#);
    assert_eq!(tree("a[1:]"), "(slice (id a) (int 1) _)");
    assert_eq!(tree("a.not.in"), r#"(member (member (id a) (str "not")) (str "in"))"#);
    assert_eq!(tree("a.b(1, 2,)"), r#"(call (method (id a) (str "b")) (int 1) (int 2))"#);
}

#[test]
fn calls_pipes_and_predicates() {
    assert_eq!(tree("imageFrom('x').Tag"), r#"(member (call (id imageFrom) (str "x")) (str "Tag"))"#);
    assert_eq!(tree("a | f(b)"), "(call (id f) (id a) (id b))");
    assert_eq!(
        tree("xs | map(#.id) | join(',')"),
        r#"(builtin join (builtin map (id xs) (predicate (member (pointer) (str "id")))) (str ","))"#
    );
    assert_eq!(
        tree("filter(xs, .a > #index)"),
        r#"(builtin filter (id xs) (predicate (binary ">" (member (pointer) (str "a")) (pointer index))))"#
    );
    assert_eq!(tree("reduce(xs, #acc + #, 0)"), r#"(builtin reduce (id xs) (predicate (binary "+" (pointer acc) (pointer))) (int 0))"#);
    assert_eq!(tree("map(xs, {let y = #; y})"), "(builtin map (id xs) (predicate (let y (pointer) (id y))))");
    assert_eq!(tree("count(xs)"), "(builtin count (id xs))");
    assert_eq!(tree("::len(xs)"), "(builtin len (id xs))");
}

#[test]
fn literals() {
    assert_eq!(
        tree("[1_000, 0x1F, 0b101, 0o17, 007, 1., .5, 1e3]"),
        "(list (int 1000) (int 31) (int 5) (int 15) (int 7) (float 1) (float 0.5) (float 1000))"
    );
    assert_eq!(tree(r#"'a\'b\n\x41\101\u00e9\u{1F600}'"#), r#"(str "a'b\nAAé😀")"#);
    assert_eq!(tree("`a\\n``b`"), r#"(str "a\\n`b")"#);
    assert_eq!(tree(r"b'a\xff'"), r#"(bytes "Yf8=")"#);
    assert_eq!(
        tree("{a: 1, 'b c': 2, 3: 4, (d): 5,}"),
        r#"(map (pair (str "a") (int 1)) (pair (str "b c") (int 2)) (pair (str "3") (int 4)) (pair (id d) (int 5)))"#
    );
    assert_eq!(tree("[true, false, nil, größe]"), "(list true false nil (id größe))");
}

#[test]
fn declarations_branches_sequences_and_comments() {
    assert_eq!(tree("let x = 1; let y = 2; x + y"), r#"(let x (int 1) (let y (int 2) (binary "+" (id x) (id y))))"#);
    assert_eq!(tree("if a { 1 } else if b { 2 } else { 3 }"), "(cond (id a) (int 1) (cond (id b) (int 2) (int 3)))");
    assert_eq!(tree("a; b;"), "(seq (id a) (id b))");
    assert_eq!(tree("a /* one */ + // two\n b"), r#"(binary "+" (id a) (id b))"#);
}

#[test]
fn older_versions_refuse_what_came_later() {
    let old = Dialect::of_patch(2);
    for text in ["if a { 1 } else if b { 2 } else { 3 }", r"'\u{1F600}'", "`a``b`"] {
        assert!(parse(text, old).is_err() && parse(text, Dialect::of_patch(7)).is_ok(), "{text}");
    }
    assert!(parse("b'a'", Dialect::of_patch(7)).is_err());
}

#[test]
fn mistakes_say_where_and_what() {
    let is = |text: &'static str, message: &str, place: &str| assert_eq!(marked(text), (message.to_owned(), place), "{text}");
    is("a b", "there is `b` where nothing more can follow", "b");
    is("f(a", "the expression ends where `,` should be", "");
    is("a + ", "the expression ends where a value should be", "");
    is("a ?? b + c", "`??` and `+` cannot stand side by side", "+");
    is("'abc", "this text is not closed", "'");
    is("a + /* b", "this comment is not closed", "/*");
    is(r"'a\q'", "expr-lang knows no such escape", r"\q");
    is("a ~ b", "`~` means nothing in expr-lang", "~");
    is("12ab + 1", "this is no number that expr-lang can hold", "12ab");
    is("99999999999999999999", "this is no number that expr-lang can hold", "99999999999999999999");
    is("1e999", "this is no number that expr-lang can hold", "1e999");
    is("filter(xs)", "`filter` takes at least 2 arguments", "filter");
    is("map(xs, #; 1)", "several expressions for each item need braces", ";");
    is("{[a]: 1}", "there is `[` where a key (a name, a text, a number) should be", "[");
    is("a.1", "there is `.1` where nothing more can follow", ".1");
    is("a?.(b)", "there is `(` where the name of a member should be", "(");
    is("# + 1", "there is `#` where a value should be", "#");
    is("a not b", "there is `b` where `in`, `contains`, `matches`, `startsWith` or `endsWith` should be", "b");
    is("nil.a", "there is `.` where nothing more can follow", ".");
    is("", "the expression ends where a value should be", "");
}

#[test]
fn places_hold_the_whole_operand() {
    let text = "  ( a . b ) . c ( 1 ) ";
    let tree = parse(text, Dialect::newest()).unwrap();
    let root = tree.get(tree.root()).unwrap();
    assert_eq!(&text[root.at.range()], "( a . b ) . c ( 1 )");
}

#[test]
fn holes_are_operands_and_nothing_else() {
    let text = format!("f({HOLE}, {HOLE}.x) + {HOLE}");
    let holes: Vec<u32> = text.match_indices(HOLE).map(|(at, _)| at as u32).collect();
    let tree = parse_with_holes(&text, &holes, Dialect::newest()).unwrap();
    assert_eq!(render(&tree), r#"(binary "+" (call (id f) (hole 0) (member (hole 1) (str "x"))) (hole 2))"#);
    for text in [format!("'v{HOLE}'"), format!("a /* {HOLE} */"), format!("`{HOLE}`")] {
        let holes: Vec<u32> = text.match_indices(HOLE).map(|(at, _)| at as u32).collect();
        let problem = parse_with_holes(&text, &holes, Dialect::newest()).unwrap_err();
        assert_eq!(
            (problem.message.as_str(), problem.at.start),
            ("a value cannot stand inside a text or a comment of expr-lang", holes[0])
        );
    }
    assert!(refused(&format!("a + {HOLE}")).message.contains("means nothing"));
}
