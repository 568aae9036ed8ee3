//! What the text leaves unsaid: types of `let`, names of arguments, what a condition made sure.

use super::{parse_of, words};
use crate::Analysis;
use crate::base::{FileId, Span};
use crate::library::Ty;
use crate::syntax::ast::{Arg, Binding, BindingValue, ExprKind, ItemKind, StepBody, StepCall};
use crate::syntax::nodes::Node;
use crate::types::index::Meaning;

/// A word that is shown and not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The offset that it is shown at.
    pub at: u32,
    pub text: String,
    /// A type: behind the name. Otherwise the name of an argument, before it.
    pub is_type: bool,
}

/// The hints of a part of a file, in the order of their places.
pub fn hints(analysis: &Analysis, file: FileId, part: Span) -> Vec<Hint> {
    let Some(parse) = parse_of(analysis, file) else { return Vec::new() };
    let mut out = Vec::new();
    each_inside(Node::Block(&parse.file), part, &mut |node| match node {
        Node::Item(item) => match &item.kind {
            ItemKind::Binding(binding) => out.extend(of_let(analysis, binding)),
            ItemKind::Step(step) | ItemKind::Try(step) => of_call(analysis, step, &mut out),
            _ => {}
        },
        Node::Expr(expr) => {
            if let ExprKind::Call { callee, args } = &expr.kind {
                of_args(analysis, callee.span, args, &mut out);
            }
        }
        _ => {}
    });
    if let Some(index) = analysis.index() {
        let own = index.learnt_in(part).into_iter();
        let mut names: Vec<(u32, Vec<&str>)> = Vec::new();
        for (block, name) in own {
            match names.last_mut() {
                Some((at, known)) if *at == block.start + 1 => known.push(name),
                _ => names.push((block.start + 1, vec![name])),
            }
        }
        let sure = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        out.extend(names.iter().map(|(at, names)| Hint {
            at: *at,
            text: format!("{} is there", sure(names)).replace('`', ""),
            is_type: true,
        }));
    }
    out.sort_by_key(|hint| hint.at);
    out
}

/// Visits the nodes that have something to do with a part of the text.
fn each_inside<'a>(node: Node<'a>, part: Span, visit: &mut dyn FnMut(Node<'a>)) {
    visit(node);
    node.children(&mut |inner| {
        if inner.span().is_none_or(|span| span.start <= part.end && part.start <= span.end) {
            each_inside(inner, part, visit);
        }
    });
}

fn of_let(analysis: &Analysis, binding: &Binding) -> Option<Hint> {
    let BindingValue::Expr(value) = &binding.value else { return None };
    // What a constant is can be seen.
    let is_plain = matches!(
        value.inner().kind,
        ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Duration(_) | ExprKind::Text(_) | ExprKind::Raw { .. }
    );
    if binding.ty.is_some() || is_plain {
        return None;
    }
    let typed = analysis.index()?.value(binding.name.span)?;
    if typed.ty.is_error() {
        return None;
    }
    let text = words::long(&typed.ty);
    let text = if text.chars().count() > 48 { text.chars().take(47).chain(['…']).collect() } else { text };
    let is_list_of_nothing = matches!(&typed.ty, Ty::List(item) if item.is_error());
    (!is_list_of_nothing).then_some(Hint { at: binding.name.span.end, text: format!(": {text}"), is_type: true })
}

fn of_call(analysis: &Analysis, step: &StepCall, out: &mut Vec<Hint>) {
    if let StepBody::Args(args, _) = &step.body {
        of_args(analysis, step.kind.span, args, out);
    }
}

/// The names of arguments that are given without one, unless they say it themselves.
fn of_args(analysis: &Analysis, callee: Span, args: &[Arg], out: &mut Vec<Hint>) {
    let Some(index) = analysis.index() else { return };
    let names: Vec<String> = match index.uses_at(callee).find(|found| found.at == callee).map(|found| &found.what) {
        Some(Meaning::Function(function)) => function.parameters.fields.iter().map(|field| field.name.to_string()).collect(),
        Some(Meaning::Task(task)) => task.parameters.iter().map(|parameter| parameter.name.to_string()).collect(),
        Some(Meaning::Template(template)) => template.parameters.iter().map(|parameter| parameter.name.to_string()).collect(),
        _ => return,
    };
    // One argument of one parameter needs no explanation.
    if names.len() < 2 {
        return;
    }
    for (arg, name) in args.iter().zip(names).filter(|(arg, _)| arg.name.is_none() && !arg.inherit) {
        let text = analysis.files().slice(arg.value.span);
        if !text.ends_with(name.as_str()) {
            out.push(Hint { at: arg.span.start, text: format!("{name}:"), is_type: false });
        }
    }
}
