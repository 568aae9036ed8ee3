//! Settings and their rules.

use super::{choices, list};
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::library::{Field, Ty};
use crate::syntax::ast::{self, ItemKind};

/// Something that needs no `raw`.
pub(crate) fn raw_setting(name: &str, at: Span, what: &str) -> Diagnostic {
    let message = format!("`{name}` is a setting of {what}: write it outside `raw`");
    Diagnostic::new(Check::MisplacedItem, message, at, "known, so it is checked")
}

pub(crate) fn raw_name(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::InvalidName, format!("`{name}` cannot name a field of an object"), at, "a plain name is needed")
}

pub(crate) fn raw_as_value(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`raw { … }` adds fields to a block and is no value", at, "used as a value")
        .help("write it inside the braces: `{ raw { … } }`")
}

/// `in_step`: what lacks the setting is a step, or a record inside one. `inside`: settings whose own settings have it.
pub(crate) fn unknown_setting(
    name: &str,
    at: Span,
    what: &str,
    in_step: bool,
    known: &[&str],
    near: Option<&str>,
    inside: &[&str],
) -> Diagnostic {
    if matches!(name, "as" | "uses" | "config" | "if" | "vars" | "retry" | "continueOnError") {
        return Diagnostic::new(Check::ForeignSyntax, format!("`{name}:` is not a setting of {what}"), at, "YAML of Kargo")
            .help(super::replacement(name));
    }
    let check = if in_step { Check::UnknownStepConfigField } else { Check::UnknownResourceField };
    let report = Diagnostic::new(check, format!("{what} has no setting `{name}`"), at, "unknown setting");
    match near {
        Some(near) if !inside.is_empty() => {
            report.help(format!("did you mean `{near}`? or its place is one level deeper, in {}", choices(inside)))
        }
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None if !inside.is_empty() => report.help(format!("its place is one level deeper, in {}", choices(inside))),
        None if known.is_empty() => report.note("it has no settings"),
        None => report.note(format!("it has {}", list(known))),
    }
}

pub(crate) fn missing_settings(missing: &[&Field], at: Span, what: &str) -> Diagnostic {
    let names: Vec<&str> = missing.iter().map(|field| field.name.as_str()).collect();
    let report = Diagnostic::new(Check::MissingSetting, format!("{what} lacks {}", list(&names)), at, "must be given");
    match missing {
        [one] => match one.doc.as_deref() {
            Some(doc) => report.note(format!("`{}`: {}", one.name, first_sentence(doc))),
            None => report,
        },
        _ => report,
    }
}

fn first_sentence(doc: &str) -> String {
    let text = doc.lines().collect::<Vec<_>>().join(" ");
    text.split_once(". ").map_or(text.as_str(), |(first, _)| first).trim_end_matches('.').to_owned()
}

pub(crate) fn setting_expected(item: &ast::Item, what: &str) -> Diagnostic {
    let report = Diagnostic::new(Check::MisplacedItem, format!("{what} takes settings"), item.span, "not a setting");
    match &item.kind {
        ItemKind::Declaration(declaration) => report.help(format!("a setting is written `{}: value`", declaration.kind.name)),
        ItemKind::Step(step) => report.help(format!("a setting is written `{}: {{ … }}`", step.kind.name)),
        _ => report.help("a setting is written `name: value`"),
    }
}

pub(crate) fn not_a_setting(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "a record holds `name: value` lines and `...spreads`", at, "neither")
}

pub(crate) fn computed_key(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("the settings of {what} cannot have computed names"), at, "under a computed name")
}

pub(crate) fn spread_mismatch(name: &str, from: &Ty, to: &Ty, at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("`{name}` in this record is `{from}`, where `{to}` is needed"), at, "spread here")
}

pub(crate) fn conflicting(names: &[&Name], places: &[Span], what: &str) -> Diagnostic {
    let quoted: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let at = places.last().copied().unwrap_or(Span::new(crate::base::FileId(0), 0, 0));
    let mut report =
        Diagnostic::new(Check::ConflictingSettings, format!("{what} takes only one of {}", list(&quoted)), at, "excluded by the other");
    for place in places.iter().rev().skip(1) {
        report = report.because(*place, "given here");
    }
    report
}

pub(crate) fn one_needed(names: &[Name], exactly: bool, at: Span, what: &str) -> Diagnostic {
    let quoted: Vec<&str> = names.iter().map(Name::as_str).collect();
    let amount = if exactly { "exactly one" } else { "at least one" };
    Diagnostic::new(
        Check::MissingSetting,
        format!("{what} needs {} ", choices(&quoted)).trim_end().to_owned(),
        at,
        format!("{amount} of them must be given"),
    )
}

pub(crate) fn needs_companion(given: Option<&Name>, absent: &[&Name], at: Span) -> Diagnostic {
    let quoted: Vec<&str> = absent.iter().map(|name| name.as_str()).collect();
    let given = given.map_or("this", Name::as_str);
    Diagnostic::new(Check::MissingSetting, format!("`{given}` needs {}, too", list(&quoted)), at, "given without it")
}

pub(crate) fn pattern(text: &str, at: Span, what: &str, says: &str) -> Diagnostic {
    let report = Diagnostic::new(Check::InvalidValue, format!("`{text}` does not fit {what}"), at, format!("expected: {says}"));
    let lower = text.to_lowercase();
    if lower != text && says.contains("repository") {
        return report.help("repositories of images are written in small letters");
    }
    if text.contains("://") && says.contains("repository") {
        return report.help("an image repository has no scheme");
    }
    report
}

pub(crate) fn empty_text(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("{what} is empty"), at, "an empty text")
}

pub(crate) fn bad_length(at: Span, what: &str, min: usize, max: Option<usize>, given: usize) -> Diagnostic {
    let wanted = match max {
        Some(max) => format!("{min} to {max} characters"),
        None => format!("at least {min} character{}", if min == 1 { "" } else { "s" }),
    };
    Diagnostic::new(Check::InvalidValue, format!("{what} takes {wanted}"), at, format!("{given} given"))
}

pub(crate) fn out_of_bounds(at: Span, what: &str, min: Option<i64>, max: Option<i64>) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("{what} takes a number {}", bounds(min, max)), at, "out of bounds")
}

pub(crate) fn item_count(at: Span, what: &str, min: Option<i64>, max: Option<i64>) -> Diagnostic {
    let amount = match (min, max) {
        (Some(1), None) => "at least 1 item".to_owned(),
        (Some(min), None) => format!("at least {min} items"),
        (Some(min), Some(max)) => format!("{min} to {max} items"),
        (None, max) => format!("at most {} items", max.unwrap_or_default()),
    };
    Diagnostic::new(Check::InvalidValue, format!("{what} takes {amount}"), at, "too few or too many")
}

fn bounds(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("of at least {min}"),
        (None, Some(max)) => format!("of at most {max}"),
        (None, None) => String::new(),
    }
}

pub(crate) fn one_line(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("{what} is one line"), at, "a line break or a control character in it").note(
        "Kargo pastes the text into the file as it is: a line break would begin a new key there, and no reader takes a control character",
    )
}
