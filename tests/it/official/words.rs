//! Texts: which the library takes and which a schema takes. Patterns are compared by what they say of many samples.

use loadline::library::{Rules, TextKind, Ty};
use serde_json::Value;

use super::schema::{accepts, pattern};
use super::walk::Walk;

/// Texts of all sorts; wherever a pattern stands, it is asked about each.
const SAMPLES: &[&str] = &[
    "",
    "a",
    "main",
    "feature/x-1",
    "v1.2.3",
    "1.2.3",
    "^1.2.0",
    "1.x",
    ">=1.0 <2",
    "latest",
    "-x",
    "x-",
    "x.",
    "x/",
    "/x",
    "a b",
    "Upper",
    "UPPER",
    "my-stage",
    "my.stage",
    "my..stage",
    "my_stage",
    "0",
    "007",
    "a@b",
    "ann@example.com",
    "a@b@c",
    "@",
    "5m",
    "24h",
    "1h30m",
    "1.5h",
    "30s",
    "5m0s",
    "100ms",
    "5",
    "m",
    "1d",
    "-5m",
    "0s",
    "linux/amd64",
    "linux/arm/v7",
    "linux",
    "linux/",
    "/amd64",
    "linux/arm64/v8/x",
    "nginx",
    "library/nginx",
    "ghcr.io/acme/web",
    "ghcr.io:443/acme/web",
    "ghcr.io/acme/web:1.0",
    "ghcr.io/Acme/web",
    "a//b",
    "https://github.com/acme/web.git",
    "http://github.com/acme/web",
    "ssh://git@github.com/acme/web",
    "git@github.com:acme/web.git",
    "https://user:secret@host.example:8443/acme/web",
    "https://github.com",
    "https://",
    "ftp://host/x",
    "file:///srv/git",
    "host/path",
    "oci://ghcr.io/acme/chart",
    "https://charts.example.com",
    "https://charts.example.com:8080/stable/",
    "oci://",
    "https:/x",
    "2025-01-31T00:00:00Z",
    "2025-01-31T00:00:00+01:00",
    "2025-01-31",
    "2025-01-31T00:00:00",
    "2025-01-31 00:00:00Z",
    "glob:prod-*",
    "regex:^prod",
    "regexp:^prod",
    "other:prod",
    "GET",
    "DELETE",
    "0644",
    "644",
    "sha256:0123abcd",
    "a,b",
    "*",
    "true",
    "null",
    "SomethingElse",
];

pub(super) fn is_text(ty: &Ty) -> bool {
    ty.is_text() || matches!(ty, Ty::Duration | Ty::Expression(_))
}

/// Whether the library takes a text that is known when compiling.
pub(super) fn takes(ty: &Ty, rules: &Rules, text: &str) -> bool {
    let length = text.chars().count();
    let (least, most) = rules.length.unwrap_or((0, None));
    let fits = match ty {
        Ty::Literal(word) => text == word.as_str(),
        Ty::Union(members) => members.iter().any(|member| takes(member, &Rules::default(), text)),
        Ty::Duration => pattern(r"^(\d+(\.\d+)?(ms|s|m|h))+$").is_match(text),
        // Paths, URLs and what has a closed alphabet are never empty.
        Ty::Text(kind) => matches!(kind, TextKind::String | TextKind::Untrusted | TextKind::Secret) || !text.is_empty(),
        _ => true,
    };
    let matches = rules.pattern.as_ref().is_none_or(|(written, _)| pattern(written).is_match(text));
    fits && matches && length >= least && most.is_none_or(|most| length <= most)
}

/// A text that the library takes.
pub(super) fn sample(ty: &Ty, rules: &Rules) -> String {
    if let Some(choices) = ty.choices() {
        return choices[0].to_owned();
    }
    let found = SAMPLES.iter().find(|text| takes(ty, rules, text) && !text.is_empty());
    found.unwrap_or_else(|| panic!("no sample fits {ty} {rules:?}")).to_string()
}

pub(super) fn compare(walk: &mut Walk<'_>, ty: &Ty, rules: &Rules, schema: &Value, at: &str) {
    if let Some(choices) = ty.choices() {
        return compare_choices(walk, &choices, schema, at);
    }
    if schema.get("enum").is_some() {
        walk.differ(at, "values: looser", format!("{ty}, officially an enum"));
    }
    let limit = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let (least, most) = (rules.length.map_or(0, |(least, _)| least), rules.length.and_then(|(_, most)| most));
    if most != limit("maxLength") {
        walk.differ(
            at,
            if most.is_some() { "length: stricter" } else { "length: looser" },
            format!("{most:?}, officially {:?}", limit("maxLength")),
        );
    }
    if least > 1 || limit("minLength").is_some_and(|least| least > 1) {
        panic!("{at}: this test knows least lengths of 0 and 1 only");
    }
    let format = schema.get("format").is_some();
    match (takes(ty, rules, ""), accepts(schema, &Value::from("")) && !format) {
        (true, false) => walk.differ(at, "blank: looser", "the empty text, officially refused"),
        (false, true) => walk.differ(at, "blank: stricter", "not the empty text, which is officially taken"),
        _ => {}
    }
    if format && rules.pattern.is_none() && !matches!(ty, Ty::Duration) {
        walk.differ(at, "pattern: looser", format!("none, officially the format {}", schema["format"]));
    }
    if schema.get("pattern").is_some() || (rules.pattern.is_some() && !format) {
        compare_samples(walk, ty, rules, schema, at);
    }
}

fn compare_choices(walk: &mut Walk<'_>, choices: &[&str], schema: &Value, at: &str) {
    let refused: Vec<&&str> = choices.iter().filter(|choice| !accepts(schema, &Value::from(**choice))).collect();
    if !refused.is_empty() {
        walk.differ(at, "values: looser", format!("{refused:?}, officially refused"));
    }
    let known = schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut others = known.chain(["SomethingElse"]).filter(|text| !choices.contains(text) && accepts(schema, &Value::from(*text)));
    if let Some(other) = others.next() {
        walk.differ(at, "values: stricter", format!("not {other:?}, which is officially taken"));
    }
}

fn compare_samples(walk: &mut Walk<'_>, ty: &Ty, rules: &Rules, schema: &Value, at: &str) {
    let (mut looser, mut stricter) = (Vec::new(), Vec::new());
    for text in SAMPLES.iter().filter(|text| !text.is_empty()) {
        walk.report.count("texts");
        match (takes(ty, rules, text), accepts(schema, &Value::from(*text))) {
            (true, false) => looser.push(*text),
            (false, true) => stricter.push(*text),
            _ => {}
        }
    }
    if !looser.is_empty() {
        walk.differ(at, "pattern: looser", format!("takes {looser:?}"));
    }
    if !stricter.is_empty() {
        walk.differ(at, "pattern: stricter", format!("refuses {stricter:?}"));
    }
}
