//! What is said about the thing under the cursor.

use super::{declaration, keywords, names, words};
use crate::Analysis;
use crate::base::{Name, Span};
use crate::library::{Field, Rules};
use crate::syntax::ast::{BindingValue, Item, ItemKind, Parameter};
use crate::syntax::nodes::Node;
use crate::types::index::{Meaning, Use};
use crate::types::tree::{Task, Time};

/// A text about a place, as Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub at: Span,
    pub text: String,
}

/// What is known about the thing at a place. `yaml`: what the place compiles to, if that is known.
pub fn hover(analysis: &Analysis, at: Span, yaml: Option<&str>) -> Option<Hover> {
    let uses = names::uses_at(analysis, at);
    let (at, mut parts) = match uses.first() {
        Some(first) => (first.at, uses.iter().map(|found| about(analysis, found)).collect::<Vec<_>>()),
        None => of_word(analysis, at)?,
    };
    // A slot with the name of its warehouse is declared there and named here: both are said.
    parts.dedup();
    if let Some(yaml) = yaml {
        parts.push(format!("compiles to\n\n```yaml\n{}\n```", yaml.trim_end()));
    }
    Some(Hover { at, text: parts.join("\n\n---\n\n") })
}

/// A word of the language, or a value that has no name.
fn of_word(analysis: &Analysis, at: Span) -> Option<(Span, Vec<String>)> {
    let word = word_at(analysis, at)?;
    if let Some(says) = keywords::explain(analysis.files().slice(word)) {
        let shown = analysis.files().slice(word);
        return Some((word, vec![format!("{}\n\n{says}", code(shown))]));
    }
    let path = super::path(analysis, at);
    let Some(Node::Expr(expr)) = path.last() else { return None };
    let typed = analysis.index()?.value(expr.span)?;
    (!typed.ty.is_error()).then(|| (expr.span, vec![code(&words::long(&typed.ty))]))
}

/// The word around a place.
pub(super) fn word_at(analysis: &Analysis, at: Span) -> Option<Span> {
    let text = analysis.files().text(at.file);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (before, behind) = (text.get(..at.start as usize)?, text.get(at.start as usize..)?);
    let start = before.len() - before.chars().rev().take_while(|c| is_word(*c)).count();
    let end = before.len() + behind.chars().take_while(|c| is_word(*c)).count();
    (start < end).then(|| Span::new(at.file, start, end))
}

fn code(text: &str) -> String {
    format!("```pipeline\n{text}\n```")
}

fn about(analysis: &Analysis, found: &Use) -> String {
    let name = analysis.files().slice(found.at).trim_matches('"').to_owned();
    let product = product_at(analysis, found.at);
    match &found.what {
        Meaning::Step(step) => {
            let head = format!("step {}{}{}", step.name, words::parameters(&step.settings.fields), words::results(&step.outputs.fields));
            said(&product, &head, step.doc.as_deref(), Some(&step.rules), &[])
        }
        Meaning::Kind(kind) => said(
            &product,
            &format!("{}{}", kind.name, words::parameters(&kind.settings.fields)),
            kind.doc.as_deref(),
            Some(&kind.rules),
            &[],
        ),
        Meaning::Function(function) => {
            let head = format!("{}{} -> {}", function.name, words::parameters(&function.parameters.fields), words::long(&function.result));
            said(&product, &head, function.doc.as_deref(), Some(&function.rules), &[])
        }
        Meaning::Task(task) => said(&product, &task_head(task), task.doc.as_deref(), None, &[]),
        Meaning::Template(template) => {
            let parameters: Vec<String> = template.parameters.iter().map(|found| format!("{}: {}", found.name, found.ty)).collect();
            let doc = declaration(analysis, found.declared).and_then(|item| item.doc.as_ref()).map(|doc| doc.text.clone());
            said(&product, &format!("template {}({})", template.name, parameters.join(", ")), doc.as_deref(), None, &[])
        }
        Meaning::Setting(field) => said(&product, &words::field(field), field.doc.as_deref(), Some(&field.rules), &setting_notes(field)),
        Meaning::Field(field) => said(&product, &words::field(field), field.doc.as_deref(), Some(&field.rules), &absences(field)),
        Meaning::Type(ty) => said(&product, &format!("type {name} = {ty}"), None, None, &[]),
        Meaning::Slot(origin) => of_slot(analysis, found, &name, origin),
        Meaning::Let | Meaning::Var | Meaning::Parameter | Meaning::Local | Meaning::Result => of_value(analysis, found, &name),
        Meaning::Stage => of_object(analysis, found, "stage", &name),
        Meaning::Warehouse => of_object(analysis, found, "warehouse", &name),
        Meaning::Object(kind) => of_object(analysis, found, kind, &name),
        Meaning::Analysis(callable) => {
            let doc = declaration(analysis, found.declared).and_then(|item| item.doc.as_ref()).map(|doc| doc.text.clone());
            said(&product, &format!("{}({})", callable.name, words::call(callable).join(", ")), doc.as_deref(), None, &[])
        }
        Meaning::Project => of_object(analysis, found, "project", &name),
    }
}

/// The system whose versions count at a place: that of the innermost block.
fn product_at(analysis: &Analysis, at: Span) -> Name {
    let path = super::path(analysis, at);
    let blocks = path.iter().rev().filter_map(|node| if let Node::Block(block) = node { block.span } else { None });
    let found = analysis.index().and_then(|index| blocks.filter_map(|span| index.block(span)).next());
    found.map_or_else(|| analysis.targets().main().product().clone(), |found| found.product.clone())
}

pub(super) fn task_head(task: &Task) -> String {
    let parameter = |found: &crate::types::tree::TaskParameter| {
        let mark = if found.optional || found.default.is_some() { "?" } else { "" };
        format!("{}{mark}: {}", found.name, found.ty)
    };
    let parameters: Vec<String> = task.parameters.iter().map(parameter).collect();
    let word = if task.is_cluster { "cluster-task" } else { "task" };
    format!("{word} {}({}){}", task.name, parameters.join(", "), words::results(&task.result.fields))
}

/// A head as code, then the doc, then what else is known.
fn said(product: &str, head: &str, doc: Option<&str>, rules: Option<&Rules>, notes: &[String]) -> String {
    let mut out = vec![code(head)];
    out.extend(doc.map(str::to_owned));
    let mut notes = notes.to_vec();
    notes.extend(rules.and_then(|rules| words::versions(rules, product)));
    if !notes.is_empty() {
        out.push(notes.join(" · "));
    }
    out.join("\n\n")
}

fn setting_notes(field: &Field) -> Vec<String> {
    let mut notes = vec![if field.optional { "optional" } else { "required" }.to_owned()];
    notes.extend(field.rules.default.as_ref().map(|default| format!("default `{default}`")));
    notes.extend(field.rules.pattern.as_ref().map(|(_, says)| says.to_string()));
    match (field.rules.min, field.rules.max) {
        (Some(min), Some(max)) => notes.push(format!("{min} to {max}")),
        (Some(min), None) => notes.push(format!("at least {min}")),
        (None, Some(max)) => notes.push(format!("at most {max}")),
        (None, None) => {}
    }
    notes
}

fn absences(field: &Field) -> Vec<String> {
    let mut notes = Vec::new();
    if field.optional {
        notes.push("may be absent".to_owned());
    }
    if field.rules.absent_when.as_ref().is_some() {
        notes.push("absent where a setting of the step says so".to_owned());
    }
    notes
}

/// `app: { image: Image }`, and whether it may be empty here.
fn of_slot(analysis: &Analysis, found: &Use, name: &str, origin: &str) -> String {
    let typed = analysis.index().and_then(|index| index.value(found.at));
    let head = typed.map_or_else(|| format!("slot {name}"), |typed| format!("slot {name}: {}", words::long(typed.ty.present())));
    let mut notes = vec![format!("holds freight of the warehouse `{origin}`")];
    let others = slots_beside(analysis, found.declared);
    if typed.is_some_and(|typed| typed.ty.is_optional()) {
        notes.push(format!(
            "may be empty: the stage holds {others} slots and Kargo promotes one at a time, so before freight of `{origin}` was promoted \
             here there is none; `if {name} {{ … }}`, `{name}?.` and `require {name}` make it sure"
        ));
    } else if others > 1 && found.at != found.declared {
        notes.push("surely filled here, because of the condition or `require` before it".to_owned());
    } else if others == 1 {
        notes.push("always filled: the stage has no other slot".to_owned());
    }
    format!("{}\n\n{}", code(&head), notes.join("\n\n"))
}

/// How many slots the stage has in which a slot is declared.
fn slots_beside(analysis: &Analysis, slot: Span) -> usize {
    let path = super::path(analysis, slot);
    let block = path.iter().rev().find_map(|node| if let Node::Block(block) = node { Some(*block) } else { None });
    let Some(block) = block else { return 1 };
    let count = |item: &Item| match &item.kind {
        ItemKind::Declaration(found) if found.kind.name == "slot" => match &found.names {
            crate::syntax::ast::DeclNames::One(_) => 1,
            crate::syntax::ast::DeclNames::List(elements, _) => elements.len(),
        },
        _ => 0,
    };
    block.items.iter().map(count).sum::<usize>().max(1)
}

/// A `let`, a variable, a parameter, a result: its type, where it comes from, and when it is known.
fn of_value(analysis: &Analysis, found: &Use, name: &str) -> String {
    let index = analysis.index();
    let typed = index.and_then(|index| index.value(found.at).or_else(|| index.value(found.declared)));
    let word = match found.what {
        Meaning::Let => "let ",
        Meaning::Var => "var ",
        _ => "",
    };
    let ty = typed.filter(|typed| !typed.ty.is_error()).map(|typed| format!(": {}", words::long(&typed.ty))).unwrap_or_default();
    let mut out = vec![code(&format!("{word}{name}{ty}{}", origin(analysis, found)))];
    out.extend(
        parameter_doc(analysis, found.declared).or_else(|| declaration(analysis, found.declared)?.doc.as_ref().map(|doc| doc.text.clone())),
    );
    if let Some(typed) = typed {
        let mut notes = Vec::new();
        if typed.ty.is_optional() {
            notes.push(match found.what {
                Meaning::Result => "may be absent: its step can be skipped, tried, or not have been reached",
                _ => "may be absent",
            });
        }
        notes.push(match typed.time {
            Time::Static => "known while compiling",
            Time::Use => "known where it is used",
            Time::Promotion => "known while a promotion runs",
        });
        out.push(notes.join(" · "));
    }
    out.join("\n\n")
}

/// ` = …`: the first line of what it was given.
fn origin(analysis: &Analysis, found: &Use) -> String {
    let Some(Item { kind: ItemKind::Binding(binding), .. }) = declaration(analysis, found.declared) else { return String::new() };
    let span = match &binding.value {
        BindingValue::Expr(expr) => expr.span,
        BindingValue::Step(step) | BindingValue::Try(step) => step.span,
    };
    let text = analysis.files().slice(span);
    let first = text.lines().next().unwrap_or("");
    let short: String = first.chars().take(60).collect();
    let rest = if short.len() < text.len() { " …" } else { "" };
    format!(" = {}{rest}", short.trim_end())
}

fn parameter_doc(analysis: &Analysis, declared: Span) -> Option<String> {
    let path = super::path(analysis, declared);
    let parameter: Option<&Parameter> =
        path.iter().rev().find_map(|node| if let Node::Parameter(found) = node { Some(*found) } else { None });
    parameter?.doc.as_ref().map(|doc| doc.text.clone())
}

fn of_object(analysis: &Analysis, found: &Use, kind: &str, name: &str) -> String {
    let doc = declaration(analysis, found.declared).and_then(|item| item.doc.as_ref()).map(|doc| doc.text.clone());
    said("", &format!("{kind} {name}"), doc.as_deref(), None, &[])
}
