//! The wording of the type checker: one constructor per report, typed facts in.

mod failure;
mod freight;
mod hazards;
mod names;
mod settings;
mod stage;
mod tasks;
mod values;
mod versions;

pub(crate) use failure::*;
pub(crate) use freight::*;
pub(crate) use hazards::*;
pub(crate) use names::*;
pub(crate) use settings::*;
pub(crate) use stage::*;
pub(crate) use tasks::*;
pub(crate) use values::*;
pub(crate) use versions::*;

/// `a`, `b` and `c`: up to eight, then only how many more.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        _ if names.len() > 8 => format!("{} and {} more", quoted.join(", "), names.len() - 8),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// The same for choices, of which one is taken.
pub(crate) fn choices(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [init @ .., last] if !init.is_empty() => format!("{} or {last}", init.join(", ")),
        _ => quoted.concat(),
    }
}
