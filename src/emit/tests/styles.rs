//! How things look: the readable style is chosen, and always the same.

use super::written;
use crate::emit::yaml::Yaml;

#[track_caller]
fn looks(text: &'static str, expected: &str) {
    assert_eq!(written(&Yaml::map([("k", Yaml::from(text))])), format!("k: {expected}\n"));
}

#[test]
fn common_texts_are_plain() {
    for text in [
        "main",
        "./src",
        "^1.26.0",
        "1.26.0",
        "5m",
        "https://github.com/acme/kargo-demo.git",
        "ghcr.io/acme/web:v1@sha256:0a1b",
        "${{ imageFrom(\"ghcr.io/acme/web\").Tag }}",
        "${{ vars.tag + '' }}",
        "Update to version 2",
        "naïve 漢字",
    ] {
        looks(text, text);
    }
}

#[test]
fn quotes_are_double_unless_single_ones_need_fewer_escapes() {
    looks("on", r#""on""#);
    looks("it's: so", r#""it's: so""#);
    looks(r#""${{ vars.tag }}""#, r#"'"${{ vars.tag }}"'"#);
    looks(r#"${{ a ? "b" : 'c' }}"#, r#""${{ a ? \"b\" : 'c' }}""#);
    looks(r#""${{ vars.tag + '' }}""#, r#""\"${{ vars.tag + '' }}\"""#);
    looks(": \\d+", r"': \d+'");
    looks("a\tb", r#""a\tb""#);
}

#[test]
fn invisible_characters_are_shown() {
    looks("a\u{85}\u{0}\r\u{feff}\u{202e}\u{1b}", r#""a\x85\x00\r\uFEFF\u202E\x1B""#);
}

#[test]
fn texts_with_lines_are_literal_blocks() {
    looks("a\nb\n", "|\n  a\n  b\n".trim_end());
    looks("a\n\nb", "|-\n  a\n\n  b");
    looks("  a\nb", "|2-\n    a\n  b");
    looks("\n\ta", "|2-\n\n  \ta");
    looks("a\n\n", r#""a\n\n""#);
    looks("a\nb ", r#""a\nb ""#);
    looks("a\r\nb", r#""a\r\nb""#);
}

#[test]
fn lists_stand_at_the_indentation_of_their_key() {
    let item = Yaml::map([("name", Yaml::from("a")), ("list", Yaml::Seq(vec![Yaml::from("x\ny"), Yaml::Null]))]);
    let nested = Yaml::Seq(vec![Yaml::Seq(vec![Yaml::Int(1), Yaml::Int(2)]), Yaml::Seq(vec![])]);
    let value = Yaml::map([("steps", Yaml::Seq(vec![item])), ("nested", nested), ("config", Yaml::Map(vec![]))]);
    let expected = "\
steps:
- name: a
  list:
  - |-
    x
    y
  - null
nested:
- - 1
  - 2
- []
config: {}
";
    assert_eq!(written(&value), expected);
}

#[test]
fn long_keys_are_written_in_the_form_that_readers_allow() {
    let key = "k".repeat(1200);
    let value = Yaml::map([(key.clone(), Yaml::map([(key.clone(), Yaml::Int(1))]))]);
    assert_eq!(written(&value), format!("? {key}\n:\n  ? {key}\n  : 1\n"));
    super::reads_back(&value);
}
