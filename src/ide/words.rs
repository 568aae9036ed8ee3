//! Sentences about what the library knows, for hovers and choices.

use crate::library::{Field, Rules, Target, Ty};
use crate::types::Callable;

/// From when to when something is there, as Markdown; nothing where it always was.
pub(super) fn versions(rules: &Rules, product: &str) -> Option<String> {
    let mut out = Vec::new();
    match (rules.since, rules.until) {
        (Some(since), Some(until)) => out.push(format!("{product} {since} to {until}")),
        (Some(since), None) => out.push(format!("since {product} {since}")),
        (None, Some(until)) => out.push(format!("up to {product} {until}")),
        (None, None) => {}
    }
    if let Some((version, instead)) = &rules.removed {
        out.push(format!("removed in {product} {version}: {instead}"));
    }
    if let Some((version, instead)) = &rules.deprecated {
        out.push(format!("deprecated since {product} {version}: {instead}"));
    }
    if rules.enterprise {
        out.push("only in the Akuity Platform".to_owned());
    }
    (!out.is_empty()).then(|| out.join("; "))
}

/// Why a target lacks something, if it does.
pub(super) fn lacking(rules: &Rules, target: &Target) -> Option<String> {
    let product = target.product();
    if let Some(version) = rules.since.and_then(|since| target.before(since)) {
        return Some(format!("{product} {version} does not have it: it came with {}", rules.since?));
    }
    if let Some(version) = rules.until.and_then(|until| target.after(until)) {
        return Some(format!("{product} {version} no longer has it"));
    }
    let (removed, _) = rules.removed.as_ref()?;
    target.reached(*removed).map(|version| format!("{product} {version} no longer has it"))
}

/// `path: Path`, `depth?: Int`.
pub(super) fn field(field: &Field) -> String {
    format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, long(&field.ty))
}

/// What a call of an analysis gives: `url: Url`, `attempts?: Int`.
pub(super) fn call(callable: &Callable) -> Vec<String> {
    let mark = |needed: bool| if needed { "" } else { "?" };
    callable.parameters.iter().map(|found| format!("{}{}: {}", found.name, mark(found.needed), long(&found.ty))).collect()
}

/// A type as it is written, with all choices of an enum.
pub(super) fn long(ty: &Ty) -> String {
    match ty {
        Ty::Union(members) => members.iter().map(long).collect::<Vec<_>>().join(" | "),
        Ty::Optional(inner, _) if matches!(**inner, Ty::Union(_)) => format!("({})?", long(inner)),
        Ty::Expression(names) if !names.is_empty() => {
            format!("an expression of its own: `name => …` over {}", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "))
        }
        Ty::Record(record) if record.name.is_none() => {
            // A field that changed stands several times.
            let mut names: Vec<&str> = Vec::new();
            let fields = record.fields.iter().filter(|field| {
                let is_new = !names.contains(&field.name.as_str());
                names.push(&field.name);
                is_new
            });
            let fields: Vec<String> =
                fields.map(|field| format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, field.ty)).collect();
            if fields.len() > 8 { ty.to_string() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        _ => ty.to_string(),
    }
}

/// The fields of a signature in parentheses, on one line if they fit there.
pub(super) fn parameters(fields: &[Field]) -> String {
    let all: Vec<String> = fields.iter().filter(|found| found.rules.removed.is_none()).map(field).collect();
    wrapped(&all, "(", ")")
}

/// The same for results.
pub(super) fn results(fields: &[Field]) -> String {
    let all: Vec<String> = fields.iter().map(field).collect();
    if all.is_empty() { String::new() } else { format!(" -> {}", wrapped(&all, "{ ", " }")) }
}

fn wrapped(parts: &[String], open: &str, close: &str) -> String {
    let line = format!("{open}{}{close}", parts.join(", "));
    if line.len() <= 80 {
        return line;
    }
    format!("{}\n{}{}", open.trim_end(), parts.iter().map(|part| format!("  {part}\n")).collect::<String>(), close.trim_start())
}
