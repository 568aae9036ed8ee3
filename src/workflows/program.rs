//! Workflows of a program as plain data: the settings of their blocks where the library says that they are emitted, each
//! with the place that it was written in.

use std::sync::Arc;

use super::model::{Manifest, Role};
use super::node::{Node, Plain};
use crate::base::{Name, Span};
use crate::expand::{Instances, Object, ProjectInstance, visit_block};
use crate::library::{KindSig, Rules, WorkflowRole};
use crate::types::eval::{Env, eval, items};
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind};
use crate::types::{BlockItem, CheckedBlock, Value};

/// The workflows of all projects.
pub fn manifests(instances: &Instances<'_>) -> Vec<Manifest> {
    let of =
        |project: &ProjectInstance<'_>| project.objects.iter().filter_map(|object| manifest(object, &project.name)).collect::<Vec<_>>();
    instances.projects.iter().flat_map(of).collect()
}

fn manifest(object: &Object, project: &Name) -> Option<Manifest> {
    let rules = &object.kind.rules;
    let (role, at) = rules.workflow.as_ref()?;
    let role = match role {
        WorkflowRole::Templates => Role::Templates { cluster: rules.cluster_scope },
        WorkflowRole::Run => Role::Run,
    };
    let own = object.namespace().map(|(own, _)| own);
    let namespace = own.or_else(|| (!rules.cluster_scope).then(|| project.clone()));
    let whole = block(&object.block, &object.env, object.span);
    let spec = match at {
        Some(at) => whole.get(at).cloned().unwrap_or(Node::new(object.span, Plain::Map(Vec::new()))),
        None => whole,
    };
    let kind = Arc::clone(&object.kind);
    let project = project.clone();
    Some(Manifest { kind, blocks: blocks(object), project, role, name: object.cluster_name.clone(), namespace, span: object.span, spec })
}

/// The kinds of the blocks in an object, each once.
fn blocks(object: &Object) -> Vec<Arc<KindSig>> {
    let mut out: Vec<Arc<KindSig>> = Vec::new();
    visit_block(&object.block.items, &object.env, &mut |item, _| {
        if let BlockItem::Inner { block, .. } = item
            && out.iter().all(|known| known.name != block.kind.name)
        {
            out.push(Arc::clone(&block.kind));
        }
    });
    out
}

/// What a block becomes.
fn block(block: &CheckedBlock, env: &Env, span: Span) -> Node {
    let mut whole = Node::new(span, Plain::Map(Vec::new()));
    visit_block(&block.items, env, &mut |item, env| match item {
        BlockItem::Setting { field, value, span } => {
            let path = path(&field.rules, &field.name);
            insert(&mut whole, &path, node(value, env).keyed(*span));
        }
        BlockItem::Inner { name, names, span, block: inner, .. } => {
            let path = path(&inner.kind.rules, &inner.kind.name);
            let path = match &block.kind.rules.blocks {
                Some(prefix) => format!("{prefix}.{path}"),
                None => path,
            };
            let own = name.as_ref().map(|name| vec![(eval(name, env), name.span)]);
            let all = names.as_ref().map(|names| items(&eval(names, env)).into_iter().map(|(_, name)| (name, names.span)).collect());
            for (name, at) in own.or(all).unwrap_or_else(|| vec![(Value::Null, *span)]) {
                let mut made = self::block(inner, env, *span);
                if let (Plain::Map(entries), Value::Text(name), Some(key)) = (&mut made.value, name, &inner.kind.rules.named) {
                    entries.insert(0, (key.clone(), Node::new(at, Plain::Text(name))));
                }
                insert(&mut whole, &path, made);
            }
        }
        _ => {}
    });
    whole
}

fn path(rules: &Rules, name: &str) -> String {
    rules.path.as_deref().unwrap_or(name).to_owned()
}

/// Puts a value at `a.b`, or behind the items of the list at `a[]`.
fn insert(target: &mut Node, path: &str, value: Node) {
    let Plain::Map(entries) = &mut target.value else { return };
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    let (key, is_item) = key.strip_suffix("[]").map_or((key, false), |key| (key, true));
    let (span, key_span) = (value.span, value.key);
    let empty = if is_item { Plain::List(Vec::new()) } else { Plain::Map(Vec::new()) };
    let at = entries.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        entries.push((Name::new(key), Node::new(span, empty).keyed(key_span)));
        entries.len() - 1
    });
    let Some((_, known)) = entries.get_mut(at) else { return };
    match (rest, &mut known.value, value.value) {
        (None, Plain::List(list), value) if is_item => list.push(Node::new(span, value)),
        // What stands in several places, as settings and as blocks, is one.
        (None, Plain::Map(own), Plain::Map(more)) => {
            own.extend(more);
            known.span = span;
        }
        (None, own, value) => *own = value,
        (Some(rest), _, value) => insert(known, rest, Node::new(span, value).keyed(key_span)),
    }
}

/// A static expression as data: what is written as a list or a record keeps the places of its parts.
fn node(expr: &Expr, env: &Env) -> Node {
    let value = match &expr.kind {
        Kind::Present(inner) => return node(inner, env),
        Kind::Choice { test, then, otherwise } => return node(if eval(test, env).holds() { then } else { otherwise }, env),
        Kind::List(elements) if elements.iter().all(|element| matches!(element, Element::One(_))) => {
            let one = |element: &Element| match element {
                Element::One(expr) => Some(node(expr, env)),
                _ => None,
            };
            Plain::List(elements.iter().filter_map(one).collect())
        }
        Kind::Record(entries) => record(entries, env),
        _ => return plain(&eval(expr, env), expr.span),
    };
    Node::new(expr.span, value)
}

fn record(entries: &[Entry], env: &Env) -> Plain {
    let mut out: Vec<(Name, Node)> = Vec::new();
    for entry in entries {
        let found = match entry {
            Entry::Field { key: EntryKey::Name(name, at), value } => vec![(name.clone(), node(value, env).keyed(*at))],
            Entry::Field { key: EntryKey::Computed(key), value } => match eval(key, env) {
                Value::Text(key) => vec![(Name::new(&key), node(value, env))],
                _ => return Plain::Unknown,
            },
            Entry::Spread(expr) => match node(expr, env).value {
                Plain::Map(entries) => entries,
                Plain::Null => Vec::new(),
                _ => return Plain::Unknown,
            },
        };
        for (name, value) in found {
            match out.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => out.push((name, value)),
            }
        }
    }
    Plain::Map(out)
}

fn plain(value: &Value, span: Span) -> Node {
    let value = match value {
        Value::Null => Plain::Null,
        Value::Bool(value) => Plain::Bool(*value),
        Value::Int(_) | Value::Float(_) => Plain::Number(Arc::from(value.interpolated().unwrap_or_default())),
        Value::Duration(text) => Plain::Text(Arc::from(text.as_str())),
        Value::Text(text) => Plain::Text(Arc::clone(text)),
        Value::List(list) => Plain::List(list.iter().map(|item| plain(item, span)).collect()),
        Value::Record(record) => Plain::Map(record.iter().map(|(key, item)| (key.clone(), plain(item, span))).collect()),
        Value::Error => Plain::Unknown,
    };
    Node::new(span, value)
}
