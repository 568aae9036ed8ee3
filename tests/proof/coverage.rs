//! What the generated programs are made of. What there is to be made is asked of the library and of the tree: a new step, a
//! new function, a ready task, a new kind of entry or of expression must be made too, or stand in the list of exceptions.

use std::collections::{BTreeMap, BTreeSet};

use loadline::base::Files;
use loadline::syntax;
use loadline::syntax::ast::{BinaryOp, BindingValue, Element, Expr, ExprKind, Item, ItemKind, StepBody, TypeKind};
use loadline::syntax::nodes::Node;

use crate::generator::Stock;
use crate::generator::text::files;
use crate::sound::{EDITIONS, seeds};

/// What no program here has, and why.
const LEFT_OUT: &[(&str, &str)] =
    &[("construct: error", "what cannot be read"), ("construct: raw as a value", "is reported: `raw { … }` stands among settings")];

/// So many programs of each version make everything.
const MANY: usize = 40;

/// A name for each variant; the compiler sees to it that none is forgotten, here and in the list of all.
macro_rules! names {
    ($function:ident, $all:ident, $of:ty { $($pattern:pat => $name:literal,)* }) => {
        fn $function(of: &$of) -> &'static str {
            match of { $($pattern => $name,)* }
        }
        const $all: &[&str] = &[$($name,)*];
    };
}

names!(of_item, ITEMS, ItemKind {
    ItemKind::Setting { .. } => "a setting",
    ItemKind::Spread(_) => "a spread",
    ItemKind::Binding(_) => "let and var",
    ItemKind::Branch(_) => "if",
    ItemKind::Loop(_) => "for",
    ItemKind::Return(_) => "return",
    ItemKind::Use(_) => "use",
    ItemKind::Target(_) => "target",
    ItemKind::Type { .. } => "type",
    ItemKind::Flow(_) => "flow",
    ItemKind::Try(_) => "try",
    ItemKind::Step(_) => "a step or call",
    ItemKind::Declaration(_) => "a declaration",
    ItemKind::Error => "error",
});

names!(of_expr, EXPRS, ExprKind {
    ExprKind::Null => "null",
    ExprKind::Bool(_) => "a boolean",
    ExprKind::Int(_) => "a whole number",
    ExprKind::Float(_) => "a number",
    ExprKind::Duration(_) => "a duration",
    ExprKind::Text(_) => "a text",
    ExprKind::Name(_) => "a name",
    ExprKind::Record(_) => "a record",
    ExprKind::List(_) => "a list",
    ExprKind::Member { safe: false, .. } => "x.field",
    ExprKind::Member { safe: true, .. } => "x?.field",
    ExprKind::Index { safe: false, .. } => "x[i]",
    ExprKind::Index { safe: true, .. } => "x?.[i]",
    ExprKind::Call { .. } => "a function",
    ExprKind::Unary { .. } => "! and -",
    ExprKind::Binary { .. } => "an operator",
    ExprKind::Condition { .. } => "? :",
    ExprKind::Lambda { .. } => "name => …",
    ExprKind::Paren(_) => "parentheses",
    ExprKind::Raw { .. } => "raw(…) as T",
    ExprKind::RawRecord(_) => "raw as a value",
    ExprKind::Promoting(_) => "promoting",
    ExprKind::Error => "error",
});

names!(of_element, ELEMENTS, Element {
    Element::Expr(_) => "an item of a list",
    Element::Spread(_) => "a spread in a list",
    Element::For(_) => "a loop in a list",
});

names!(of_type, TYPES, TypeKind {
    TypeKind::Name(..) => "a named type",
    TypeKind::Text(_) => "a text as a type",
    TypeKind::List(_) => "a type of lists",
    TypeKind::Record(_) => "a type of records",
    TypeKind::Union(_) => "a union",
    TypeKind::Optional(_) => "T?",
    TypeKind::Error => "error",
});

const OPERATORS: &[BinaryOp] = &[
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::Equal,
    BinaryOp::NotEqual,
    BinaryOp::Less,
    BinaryOp::LessEqual,
    BinaryOp::Greater,
    BinaryOp::GreaterEqual,
    BinaryOp::Matches,
    BinaryOp::Contains,
    BinaryOp::StartsWith,
    BinaryOp::EndsWith,
    BinaryOp::In,
    BinaryOp::Coalesce,
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::Remainder,
];

/// Words of the language that the tree has no variants for.
const WORDS: &[&str] = &[
    "task",
    "cluster-task",
    "template",
    "project",
    "warehouse",
    "image",
    "git",
    "chart",
    "stage",
    "slot",
    "promote",
    "require",
    "on failure",
    "finally",
    "retry",
    "raw",
    "let x: T = step",
    "let x = try",
    "range of versions",
];

/// All that there is.
fn all(stock: &Stock) -> BTreeSet<String> {
    let constructs = [ITEMS, EXPRS, ELEMENTS, TYPES, WORDS].concat().into_iter().map(|name| format!("construct: {name}"));
    let operators = OPERATORS.iter().map(|op| format!("operator: {}", op.symbol()));
    let steps = stock.step_names().map(|name| format!("step: {name}"));
    let functions = stock.function_names().into_iter().map(|name| format!("function: {name}"));
    let tasks = Stock::ready_tasks().into_iter().filter_map(|task| Some(format!("ready task: {}", task.constant_name()?)));
    constructs.chain(operators).chain(steps).chain(functions).chain(tasks).collect()
}

/// What a program is made of.
fn made(program: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in files(program) {
        let file = Files::default().add(path, text.clone());
        let tree = syntax::parse(file, &text).file;
        Node::Block(&tree).walk(&mut |node| match node {
            Node::Item(item) => in_item(item, &mut found),
            Node::Expr(expr) => in_expr(expr, &mut found),
            Node::Type(ty) => drop(found.insert(format!("construct: {}", of_type(&ty.kind)))),
            Node::Comprehension(_) => drop(found.insert(format!("construct: {}", ELEMENTS[2]))),
            Node::Spread(_) => drop(found.insert(format!("construct: {}", ELEMENTS[1]))),
            Node::Step(step) => {
                let kind = &step.kind.name;
                match step.body {
                    StepBody::Block(_) if kind == "raw" => drop(found.insert("construct: raw".to_owned())),
                    StepBody::Block(_) => found.extend([format!("step: {kind}"), format!("construct: {kind}")]),
                    StepBody::Args(..) => drop(found.insert(format!("ready task: {kind}"))),
                }
                if step.retry.is_some() {
                    found.insert("construct: retry".to_owned());
                }
            }
            _ => {}
        });
    }
    found
}

fn in_item(item: &Item, found: &mut BTreeSet<String>) {
    let mut construct = |name: &str| found.extend([format!("construct: {name}")]);
    construct(of_item(&item.kind));
    match &item.kind {
        ItemKind::Declaration(declaration) => {
            let name = declaration.constant_name().unwrap_or("");
            construct(&declaration.kind.name);
            construct(&format!("{} {name}", declaration.kind.name));
        }
        ItemKind::Target(target) if target.high.is_some() => construct("range of versions"),
        ItemKind::Binding(binding) => match &binding.value {
            BindingValue::Step(_) if binding.ty.is_some() => construct("let x: T = step"),
            BindingValue::Try(_) => construct("let x = try"),
            _ => {}
        },
        _ => {}
    }
}

fn in_expr(expr: &Expr, found: &mut BTreeSet<String>) {
    found.insert(format!("construct: {}", of_expr(&expr.kind)));
    match &expr.kind {
        ExprKind::Binary { op, .. } => drop(found.insert(format!("operator: {}", op.symbol()))),
        ExprKind::List(elements) => {
            found.extend(elements.iter().map(|element| format!("construct: {}", of_element(element))));
        }
        ExprKind::Call { callee, .. } => {
            if let ExprKind::Name(name) = &callee.inner().kind {
                found.insert(format!("function: {name}"));
            }
        }
        _ => {}
    }
}

#[test]
fn everything_is_made() {
    let stock = Stock::new();
    let mut counts: BTreeMap<String, usize> = all(&stock).into_iter().map(|name| (name, 0)).collect();
    let mut programs = 0;
    for edition in EDITIONS {
        for seed in edition.seeds() {
            programs += 1;
            for name in made(&stock.program(seed, edition.target).text()) {
                counts.entry(name).and_modify(|count| *count += 1);
            }
        }
    }
    println!("What {programs} programs are made of:");
    for (name, count) in &counts {
        let why = LEFT_OUT.iter().find(|(left, _)| left == name).map_or("", |(_, why)| why);
        println!("  {count:5}  {name}{}{why}", if why.is_empty() { "" } else { ": " });
    }
    let missing: Vec<&String> = counts
        .iter()
        .filter(|(name, count)| **count == 0 && !LEFT_OUT.iter().any(|(left, _)| left == name))
        .map(|(name, _)| name)
        .collect();
    assert!(missing.is_empty() || seeds().count() < MANY, "never made: {missing:?}");
    let needless: Vec<&str> = LEFT_OUT.iter().map(|(left, _)| *left).filter(|left| counts.get(*left) != Some(&0)).collect();
    assert!(needless.is_empty(), "made, or not there, and all the same left out: {needless:?}");
}
