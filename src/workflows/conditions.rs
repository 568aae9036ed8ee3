//! `when`: a text in which tags are replaced by what they stand for, and which is then read as an expression. What stands
//! there without quotes must read as one word in any case.

use super::errors;
use super::judge::{Judge, Site};
use super::model::{Parameter, Template, Workflow};
use super::tags::{Piece, Tag, Variable, pieces, variable};
use crate::base::Span;

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Side<'t> {
    /// Tags and other text in quotes: always a text.
    Quoted(String),
    /// One tag without quotes: read anew as whatever its value looks like.
    Tag(&'t str),
    /// Words without quotes.
    Bare(String),
    /// Something else, such as a call or code.
    Other,
}

pub(super) fn check<'n>(judge: &mut Judge<'n>, sites: &[Site<'n>]) {
    for site in sites {
        if let Some((text, span)) = site.call.node.word("when") {
            condition(judge, *site, text, span);
        }
    }
}

fn condition<'n>(judge: &mut Judge<'n>, site: Site<'n>, text: &str, span: Span) {
    for (left, right) in comparisons(text) {
        let report = match (&left, &right) {
            (Side::Quoted(has_tag), Side::Bare(word)) | (Side::Bare(word), Side::Quoted(has_tag)) if has_tag.contains("{{") => {
                if is_plain_value(word) {
                    Some(errors::text_with_value(word, span))
                } else {
                    unreadable(word).then(|| errors::bare_words(word, span))
                }
            }
            (Side::Tag(tag), Side::Quoted(literal)) | (Side::Quoted(literal), Side::Tag(tag)) if !literal.contains("{{") => {
                if is_plain_value(literal) {
                    Some(errors::value_with_text(tag, literal, span))
                } else if literal.is_empty() || unreadable(literal) {
                    Some(errors::unquoted_tag(tag, literal, span))
                } else {
                    by_values(judge, site, tag, span)
                }
            }
            (Side::Tag(tag), Side::Bare(word)) | (Side::Bare(word), Side::Tag(tag)) => {
                if unreadable(word) {
                    Some(errors::bare_words(word, span))
                } else {
                    by_values(judge, site, tag, span)
                }
            }
            (Side::Tag(left), Side::Tag(right)) => by_values(judge, site, left, span).or_else(|| by_values(judge, site, right, span)),
            _ => None,
        };
        if let Some(report) = report {
            judge.report(report);
            return;
        }
    }
}

/// Whether a value that the declaration of the variable names cannot stand there without quotes.
fn by_values<'n>(judge: &Judge<'n>, site: Site<'n>, tag: &str, span: Span) -> Option<crate::diag::Diagnostic> {
    let declared = declaration(judge, site, tag)?;
    let value = declared.named_values().find(|value| !value.contains("{{") && (value.is_empty() || unreadable(value)))?;
    Some(errors::value_needs_quotes(tag, value, span, declared.name.span))
}

/// Where a variable is declared with the values that it may have.
fn declaration<'n>(judge: &Judge<'n>, site: Site<'n>, tag: &str) -> Option<&'n Parameter<'n>> {
    let find = |list: &'n [Parameter<'n>], name: &str| list.iter().find(|own| own.name.text == name);
    match variable(tag) {
        Variable::Input(name) => {
            find(&site.template?.inputs.parameters, name).or_else(|| from_workflow(site.workflow, site.template?, name))
        }
        Variable::Workflow(name) => find(&site.workflow.parameters, name),
        Variable::Result { name, field, .. } => {
            let call = site.template?.call(name)?;
            let (_, template) = judge.resolve(Site { call, ..site })?;
            let output = field.strip_prefix("outputs.parameters.")?;
            // A person chooses one of them while the workflow waits.
            template.is("suspend").then(|| find(&template.inputs.parameters, output)).flatten()
        }
        _ => None,
    }
}

/// An input that is no other than a parameter of the workflow.
fn from_workflow<'n>(workflow: &'n Workflow<'n>, template: &'n Template<'n>, name: &str) -> Option<&'n Parameter<'n>> {
    let input = template.inputs.parameters.iter().find(|own| own.name.text == name)?;
    let (text, _) = input.node.word("value")?;
    let parts = pieces(text);
    let [Piece::Tag(Tag::Name(tag))] = parts.as_slice() else { return None };
    let Variable::Workflow(name) = variable(tag) else { return None };
    workflow.parameters.iter().find(|own| own.name.text == name)
}

/// Both sides of each `==` and `!=`, as far as they can be seen.
fn comparisons(text: &str) -> Vec<(Side<'_>, Side<'_>)> {
    let mut out = Vec::new();
    for part in outside_quotes(text, &["&&", "||"]) {
        let sides = outside_quotes(part, &["==", "!="]);
        if let [left, right] = sides.as_slice() {
            out.push((side(left), side(right)));
        }
    }
    out
}

/// Splits a text at operators that stand neither in quotes nor in a tag.
fn outside_quotes<'t>(text: &'t str, operators: &[&str]) -> Vec<&'t str> {
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    let mut quote: Option<char> = None;
    let mut in_tag = false;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        let operator = operators.iter().find(|operator| rest.starts_with(**operator));
        if in_tag || rest.starts_with("{{") {
            in_tag = !rest.starts_with("}}");
            at += if rest.starts_with("{{") || rest.starts_with("}}") { 2 } else { first.len_utf8() };
        } else if quote.is_some() || matches!(first, '\'' | '"') {
            quote = if quote == Some(first) { None } else { quote.or(Some(first)) };
            at += first.len_utf8();
        } else if let Some(operator) = operator {
            out.extend(text.get(start..at));
            at += operator.len();
            start = at;
        } else {
            at += first.len_utf8();
        }
    }
    out.extend(text.get(start..));
    out
}

fn side(text: &str) -> Side<'_> {
    let text = text.trim().trim_start_matches(['(', '!']).trim_end_matches(')').trim();
    let quoted = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    if let Some(inside) = quoted {
        return Side::Quoted(inside.to_owned());
    }
    match pieces(text).as_slice() {
        [Piece::Tag(Tag::Name(name))] => Side::Tag(name),
        [Piece::Text(word)] if !word.contains(['\'', '"', '(', ')', '<', '>', '=', '[', '{']) => Side::Bare((*word).to_owned()),
        _ => Side::Other,
    }
}

/// Whether a text is taken for a number or a boolean where it has no quotes.
fn is_plain_value(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok_and(|_| text.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a text without quotes is anything but one word, a number or a boolean.
fn unreadable(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let is_word = text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(word);
    let joined =
        text.contains([' ', '-', '/', ':', '@']) && text.chars().all(|c| word(c) || matches!(c, ' ' | '-' | '/' | ':' | '@' | '.'));
    // `-1` is a number, `3 - 1` a difference of numbers.
    !is_word && joined && text.contains(|c: char| c.is_alphabetic()) && !is_plain_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_seen() {
        assert_eq!(
            comparisons("{{inputs.parameters.a}} == 'x' && \"{{steps.b.outputs.result}}\" != y"),
            [
                (Side::Tag("inputs.parameters.a"), Side::Quoted("x".into())),
                (Side::Quoted("{{steps.b.outputs.result}}".into()), Side::Bare("y".into())),
            ]
        );
        assert_eq!(comparisons("{{=inputs.parameters.a == 'x'}}"), []);
        assert_eq!(comparisons("'a == b' == 'c'"), [(Side::Quoted("a == b".into()), Side::Quoted("c".into()))]);
    }

    #[test]
    fn words_are_told_from_what_is_none() {
        for text in ["cache-only", "NOT YET", "refs/heads/main", "a:b"] {
            assert!(unreadable(text), "{text}");
        }
        for text in ["YES", "true", "12", "-1", "1.5", "a_b", ""] {
            assert!(!unreadable(text), "{text}");
        }
    }
}
