//! What is written for a choice.

use super::{Choice, ChoiceKind, rank};
use crate::diag::CHECKS;
use crate::library::{Field, Target, Ty};

/// `key: ` with room for a value of the type; `n` is the number of the first place for the cursor.
pub(super) fn value(ty: &Ty, n: usize) -> String {
    match ty.present() {
        Ty::Record(_) | Ty::Map(..) => format!("{{ ${n} }}"),
        Ty::List(item) => match &**item {
            Ty::Record(_) => format!("[{{ ${n} }}]"),
            item if item.is_text() => format!("[\"${n}\"]"),
            _ => format!("[${n}]"),
        },
        ty if ty.choices().is_some() => {
            let choices: Vec<String> = ty.choices().unwrap_or_default().iter().map(|text| text.replace(['|', ','], "")).collect();
            match choices.as_slice() {
                [only] => format!("\"{only}\""),
                _ => format!("\"${{{n}|{}|}}\"", choices.join(",")),
            }
        }
        Ty::Bool => format!("${{{n}|true,false|}}"),
        ty if ty.is_text() => format!("\"${n}\""),
        _ => format!("${n}"),
    }
}

/// A step or block with the settings that it must have.
pub(super) fn block(name: &str, fields: &[Field], target: &Target) -> String {
    let needed: Vec<&Field> =
        fields.iter().filter(|field| !field.optional && target.all_have(field.rules.since, field.rules.until)).collect();
    let settings: Vec<String> =
        needed.iter().enumerate().map(|(index, field)| format!("{}: {}", field.name, value(&field.ty, index + 1))).collect();
    match settings.as_slice() {
        [] => format!("{name} {{ $1 }}$0"),
        [only] => format!("{name} {{ {only} }}$0"),
        all => format!("{name} {{\n{}}}$0", all.iter().map(|setting| format!("\t{setting}\n")).collect::<String>()),
    }
}

/// A call with the arguments that it must have: names, types, and whether they may be left out.
pub(super) fn call(name: &str, parameters: &[(String, Ty, bool)]) -> String {
    let needed = parameters.iter().filter(|(_, _, optional)| !optional);
    let arguments: Vec<String> = needed.enumerate().map(|(index, (name, ty, _))| format!("{name}: {}", value(ty, index + 1))).collect();
    if arguments.is_empty() { format!("{name}($1)$0") } else { format!("{name}({})$0", arguments.join(", ")) }
}

pub(super) fn keyword(label: &str, snippet: &str) -> Choice {
    Choice {
        label: label.to_owned(),
        kind: ChoiceKind::Keyword,
        detail: None,
        doc: crate::ide::keywords::explain(label.split(' ').next_back().unwrap_or(label)).map(str::to_owned),
        snippet: snippet.to_owned(),
        rank: rank::OTHER,
        is_deprecated: false,
    }
}

pub(super) fn keywords(words: &[(&str, &str)]) -> Vec<Choice> {
    words.iter().map(|(label, snippet)| keyword(label, snippet)).collect()
}

pub(super) fn attributes() -> Vec<Choice> {
    keywords(&[("allow", "allow(${1:check}, \"${2:why this is right here}\")"), ("external", "external $0")])
}

/// The checks that can be allowed.
pub(super) fn checks() -> Vec<Choice> {
    let allowed = CHECKS.iter().filter(|info| info.check.can_be_allowed());
    let choice = |info: &crate::diag::CheckInfo| Choice {
        label: info.name.to_owned(),
        kind: ChoiceKind::Check,
        detail: Some(info.summary.to_owned()),
        doc: None,
        snippet: info.name.to_owned(),
        rank: rank::FITS,
        is_deprecated: false,
    };
    allowed.map(choice).collect()
}
