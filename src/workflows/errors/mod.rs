//! The wording about workflows.

mod names;
mod order;
mod settings;

pub(super) use names::*;
pub(super) use order::*;
pub(super) use settings::*;

/// `a`, `b` and `c`, in backticks.
fn list<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A template by its name, or by what it is where it has none.
fn title(template: &super::model::Template<'_>) -> String {
    template.name.as_ref().map_or_else(|| "the inline template".to_owned(), |name| format!("template `{}`", name.text))
}
