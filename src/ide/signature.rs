//! What a call takes, while it is written.

use super::{hover, words};
use crate::Analysis;
use crate::base::Span;
use crate::syntax::ast::{Arg, ExprKind, ItemKind, StepBody};
use crate::syntax::nodes::Node;
use crate::types::index::Meaning;

/// A signature and the parameter that the cursor is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub label: String,
    pub doc: Option<String>,
    /// The parameters: where they stand in the label (bytes), and what is said about them.
    pub parameters: Vec<((u32, u32), Option<String>)>,
    pub active: Option<u32>,
}

/// A parameter as it is shown, and what is said about it.
type Described = (String, Option<String>);

/// The signature of the innermost call around a place.
pub fn signature(analysis: &Analysis, at: Span) -> Option<Signature> {
    let index = analysis.index()?;
    let (callee, args) = super::path(analysis, at).into_iter().rev().find_map(|node| call(node, at))?;
    let found = index.uses_at(callee).find(|found| found.at == callee)?;
    let (head, doc, parameters, tail): (String, Option<String>, Vec<Described>, String) = match &found.what {
        Meaning::Function(function) => (
            function.name.to_string(),
            function.doc.as_deref().map(str::to_owned),
            function.parameters.fields.iter().map(|field| (words::field(field), field.doc.as_deref().map(str::to_owned))).collect(),
            format!(" -> {}", words::long(&function.result)),
        ),
        Meaning::Task(task) => {
            let parameters = task.parameters.iter().map(|found| {
                let mark = if found.optional || found.default.is_some() { "?" } else { "" };
                (format!("{}{mark}: {}", found.name, found.ty), doc_of(analysis, found.span))
            });
            (task.name.to_string(), task.doc.as_deref().map(str::to_owned), parameters.collect(), words::results(&task.result.fields))
        }
        Meaning::Template(template) => {
            let parameters =
                template.parameters.iter().map(|found| (format!("{}: {}", found.name, found.ty), doc_of(analysis, found.span)));
            (template.name.to_string(), None, parameters.collect(), String::new())
        }
        Meaning::Analysis(callable) => {
            let docs = callable.parameters.iter().map(|found| doc_of(analysis, found.span));
            let doc = super::declaration(analysis, found.declared).and_then(|item| item.doc.as_ref()).map(|doc| doc.text.clone());
            (callable.name.to_string(), doc, words::call(callable).into_iter().zip(docs).collect(), String::new())
        }
        _ => return None,
    };
    let mut label = format!("{head}(");
    let mut places = Vec::new();
    for (index, (text, doc)) in parameters.into_iter().enumerate() {
        label.push_str(if index > 0 { ", " } else { "" });
        let start = length(&label);
        label.push_str(&text);
        places.push(((start, length(&label)), doc));
    }
    label.push(')');
    label.push_str(&tail.replace('\n', " "));
    let active = active(analysis, args, at, &label, &places);
    Some(Signature { label, doc, parameters: places, active })
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

fn doc_of(analysis: &Analysis, parameter: Span) -> Option<String> {
    let path = super::path(analysis, parameter);
    let found = path.iter().rev().find_map(|node| if let Node::Parameter(found) = node { Some(*found) } else { None });
    found?.doc.as_ref().map(|doc| doc.text.clone())
}

/// The callee and the arguments of a call in whose parentheses the place lies.
fn call(node: Node<'_>, at: Span) -> Option<(Span, &[Arg])> {
    let (callee, args, end) = match node {
        Node::Expr(expr) => match &expr.kind {
            ExprKind::Call { callee, args } => (callee.span, args.as_slice(), expr.span.end),
            _ => return None,
        },
        Node::Step(step) => match &step.body {
            StepBody::Args(args, span) => (step.kind.span, args.as_slice(), span.end),
            StepBody::Block(_) => return None,
        },
        Node::Item(item) => match &item.kind {
            ItemKind::Step(step) | ItemKind::Try(step) => return call(Node::Step(step), at),
            _ => return None,
        },
        _ => return None,
    };
    (at.start > callee.end && at.end < end).then_some((callee, args))
}

/// The parameter of the argument at a place: by its name, or by how many come before it.
fn active(analysis: &Analysis, args: &[Arg], at: Span, label: &str, places: &[((u32, u32), Option<String>)]) -> Option<u32> {
    let position = args.iter().filter(|arg| arg.span.end < at.start).count();
    let word = hover::word_at(analysis, at);
    let name = args.iter().find(|arg| arg.span.contains(at)).and_then(|arg| arg.name.as_ref()).map(|name| name.name.to_string());
    let name = name.or_else(|| word.map(|word| analysis.files().slice(word).to_owned()));
    let named = |((start, end), _): &((u32, u32), Option<String>)| {
        let text = label.get(*start as usize..*end as usize).unwrap_or("");
        name.as_deref().is_some_and(|name| text.split(['?', ':']).next() == Some(name))
    };
    let index = places.iter().position(named).unwrap_or(position);
    u32::try_from(index).ok().filter(|index| (*index as usize) < places.len())
}
