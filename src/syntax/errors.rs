//! The wording of syntax reports.

use super::ast::Ident;
use super::grammar::Rule;
use crate::base::Span;
use crate::diag::{Check, Diagnostic, Edit, Fix};

pub(super) fn too_deep(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "brackets lie too deep in one another", at, "deeper than 200 levels from here on")
}

pub(super) fn too_long(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "this expression is too long", at, "more than 400 operands and operators, those around it included")
        .help("bind parts of it by `let`")
}

pub(super) fn unreadable(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "this file cannot be read from here on", at, "reading stopped here")
}

pub(super) fn missing_close(open: Span, at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a block is not closed", at, "a `}` is missing before this place")
        .because(open, "the block begins here")
}

/// One more block that is open at the same place.
pub(super) fn another_open(report: &mut Diagnostic, open: Span) {
    report.message = "several blocks are not closed".to_owned();
    report.primary.message = format!("{} times `}}` is missing before this place", report.secondary.len() + 1);
    report.secondary.push(crate::diag::Label { span: open, message: "and one here".to_owned() });
}

pub(super) fn stray_close(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a `}` that closes nothing", at, "no block is open here").suggest("remove it", at, "")
}

pub(super) fn missing_quote(at: Span, fenced: bool) -> Diagnostic {
    if fenced {
        return Diagnostic::new(Check::SyntaxError, "a text is not closed", at, "no `\"\"\"` ends it");
    }
    Diagnostic::new(Check::SyntaxError, "a text is not closed", at, "a `\"` is missing")
        .help("text over several lines stands between `\"\"\"`")
}

pub(super) fn bad_interpolation(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "no expression inside `${ … }`", at, "this is not an expression")
        .help("write `\\$` for a dollar sign before a brace")
}

pub(super) fn bad_escape(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("`{text}` is no escape"), at, "unknown escape")
        .help("known are `\\n` `\\t` `\\r` `\\\"` `\\\\` `\\$` and `\\u{…}`; a raw text `r\"…\"` takes backslashes as they are")
}

/// A character that no reader of the manifests takes.
pub(super) fn lost_character(at: Span, c: char) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("the character U+{:04X} cannot stand in a text", u32::from(c)), at, "a control character")
        .note("Kargo loses the whole configuration of a step that has it in one of its texts")
}

pub(super) fn bad_number(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a number is too large", at, "does not fit 64 bits")
}

pub(super) fn bad_lambda(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "`=>` needs names before it", at, "not a list of names")
        .help("write `response => …` or `(author, subject) => …`")
}

pub(super) fn odd_quotes(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a text is not closed", at, "one of the quotes up to here has no partner")
}

pub(super) fn extra_comma(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a comma separates nothing", at, "one too many").fix("remove it", at, "")
}

/// A sound entry goes on. `is_entry`: what follows is one of its own.
pub(super) fn trailing(at: Span, is_entry: bool) -> Diagnostic {
    let report = Diagnostic::new(Check::SyntaxError, "the line goes on behind a complete entry", at, "not part of the entry before");
    if is_entry {
        let gap = Span { end: at.start, ..at };
        return report.fix("entries are separated by a comma or a line break", gap, ", ");
    }
    report
}

pub(super) fn nothing_follows(at: Span, sign: &str) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("nothing that fits follows `{sign}`"), at, "the entry is complete before it")
}

pub(super) fn trailing_doc(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "`///` stands before what it describes", at, "behind an entry").fix(
        "a remark at the end of a line begins with `//`",
        at,
        "//",
    )
}

/// An entry that is none. `expected` are the words that could stand at `at`.
pub(super) fn bad_entry(entry: Span, at: Span, text: &str, expected: &[&'static str]) -> Diagnostic {
    if let Some(keyword) =
        ["let", "var", "type"].into_iter().find(|word| text.split_whitespace().next() == Some(word)).filter(|_| !text.contains('='))
    {
        return Diagnostic::new(Check::SyntaxError, format!("this `{keyword}` has no `=`"), at, "`=` is expected before this")
            .help(format!("write `{keyword} name = …`"));
    }
    if let Some(keyword) =
        ["let", "var"].into_iter().find(|word| text.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('=')))
    {
        return Diagnostic::new(Check::SyntaxError, format!("this `{keyword}` has no name"), at, "the name is expected before this")
            .help(format!("write `{keyword} name = …`"));
    }
    let mut report = Diagnostic::new(Check::SyntaxError, bad_entry_message(text), at, label(expected));
    if at != entry && at.start > entry.end {
        report.primary.span = entry;
    }
    if text.contains('=') && !text.contains(':') && text.split('=').next().is_some_and(|key| is_word(key.trim())) {
        report = report.help("a setting is written `key: value`, a name is bound by `let name = value`");
    }
    report
}

fn bad_entry_message(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or("");
    let key = first.strip_suffix(':').filter(|key| is_word(key));
    if let Some(key) = key.filter(|_| text.trim() == first) {
        format!("`{key}` has no value")
    } else if let Some(key) = key {
        format!("the value of `{key}` cannot be read")
    } else if is_word(text.trim()) {
        format!("`{}` stands alone", text.trim())
    } else if is_word(first) {
        format!("this entry, which begins with `{first}`, cannot be read")
    } else {
        "this line cannot be read".to_owned()
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

fn label(expected: &[&'static str]) -> String {
    match expected {
        [] => "unexpected here".to_owned(),
        [one] => format!("{one} is expected here"),
        [init @ .., last] if expected.len() <= 5 => format!("{} or {last} is expected here", init.join(", ")),
        _ => "unexpected here".to_owned(),
    }
}

/// `${{ … }}` inside a text of ours.
pub(super) fn foreign_expression(at: Span, inside: &str, repair: Option<String>) -> Diagnostic {
    let report = Diagnostic::new(Check::ForeignSyntax, "`${{ … }}` is Kargo's syntax", at, "an expression of Kargo");
    match repair {
        Some(text) => report.suggest(format!("write `{text}`"), at, text),
        None => report.help(format!("write `${{ … }}` with Loadline's own names in place of `{}`", inside.trim())),
    }
}

/// `${{ … }}` where a value stands.
pub(super) fn foreign_value(at: Span) -> Diagnostic {
    Diagnostic::new(Check::ForeignSyntax, "`${{ … }}` is Kargo's syntax", at, "an expression of Kargo")
        .help("write the expression alone, with Loadline's own names; inside a text it stands in `${ … }`")
}

/// `'…'` where a value stands. `repair`: the same text between double quotes.
pub(super) fn single_quotes(at: Span, repair: Option<String>) -> Diagnostic {
    let report = Diagnostic::new(Check::ForeignSyntax, "single quotes do not begin a text", at, "a text of YAML or of Kargo's expressions");
    match repair {
        Some(text) => report.suggest(format!("write `{text}`"), at, text),
        None => report.help("texts stand between double quotes: `\"…\"`"),
    }
}

/// Comments on neighbouring lines.
pub(super) fn foreign_comments(lines: &[Span]) -> Diagnostic {
    let at = lines.first().copied().unwrap_or(Span::new(crate::base::FileId(0), 0, 0));
    let edits = lines.iter().map(|line| Edit { span: Span { end: line.start + 1, ..*line }, text: "//".to_owned() }).collect();
    let at = Span { end: at.start + 1, ..at };
    let mut report = Diagnostic::new(Check::ForeignSyntax, "`#` does not begin a comment", at, "a comment of YAML");
    report.fix = Some(Fix { title: "comments begin with `//`".to_owned(), safe: true, edits });
    report
}

pub(super) fn foreign_list(at: Span, text: &str) -> Diagnostic {
    let report = Diagnostic::new(Check::ForeignSyntax, "`- ` does not begin an item", at, "a list of YAML");
    match text.trim_start_matches(['-', ' ']).strip_prefix("uses:") {
        Some(step) => report.help(format!("a step is written `{} {{ … }}`, with its settings directly in the braces", step.trim())),
        None => report.help("lists are written `[a, b]`, or with one item per line between `[` and `]`"),
    }
}

/// A block on a line of its own.
pub(super) fn brace_below(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a `{` at the start of a line belongs to nothing", at, "opens a block without a head")
        .help("write it at the end of the line before")
}

pub(super) fn open_bracket(at: Span, bracket: char) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("a `{bracket}` is not closed"), at, "opened here")
}

pub(super) fn unopened(at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "a `)` that closes nothing", at, "no `(` belongs to it")
}

pub(super) fn foreign_document(at: Span) -> Diagnostic {
    Diagnostic::new(Check::ForeignSyntax, "this is Kubernetes YAML", at, "a manifest, not a pipeline")
        .help("a `.pipeline` file describes warehouses, stages and tasks in Loadline's own words: see docs/language.md")
}

/// `slot slot app`.
pub(super) fn word_twice(again: &Ident) -> Diagnostic {
    let after = Span { end: again.span.end + 1, ..again.span };
    Diagnostic::new(Check::SyntaxError, format!("`{}` stands here twice", again.name), again.span, "the second one").suggest(
        "leave one out",
        after,
        "",
    )
}

pub(super) fn several_names(at: Span, repair: String) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, "several names are written as a list", at, "more than one name").fix(
        format!("write `{repair}`"),
        at,
        repair,
    )
}

/// The words for what the grammar could have read, most general first, without repetition.
pub(super) fn describe(rules: &[Rule]) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = rules.iter().filter_map(|rule| word(*rule)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::row
        | Rule::bare
        | Rule::number
        | Rule::duration
        | Rule::plain
        | Rule::quoted
        | Rule::fenced
        | Rule::raw_string
        | Rule::list
        | Rule::paren
        | Rule::raw
        | Rule::promoting
        | Rule::not
        | Rule::minus => "a value",
        Rule::word | Rule::ident | Rule::path => "a name",
        Rule::block | Rule::record_type => "`{`",
        Rule::arguments | Rule::parameters => "`(`",
        Rule::r#type | Rule::type_unit => "a type",
        Rule::version => "a version",
        Rule::kw_in => "`in`",
        Rule::kw_from => "`from`",
        Rule::kw_as => "`as`",
        Rule::described | Rule::step | Rule::declaration | Rule::setting => "an entry",
        Rule::node => "a stage",
        Rule::arrow => "`=>`",
        _ => return None,
    })
}
