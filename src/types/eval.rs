//! Evaluates static expressions. In: a typed expression of `Time::Static` and the environment of an instance. Out: its
//! value. What cannot be evaluated was reported by the checker or is `Value::Error`.

use std::sync::Arc;

use indexmap::IndexMap;

use super::tree::{Binds, Comprehension, Element, Entry, EntryKey, Expr, Kind, Part};
use super::value::Value;
use crate::base::Name;
use crate::syntax::ast::BinaryOp;

/// The static names of an instance: loop variables and static parameters by place, the stage and the project.
#[derive(Clone, Debug, Default)]
pub struct Env {
    pub locals: Vec<Value>,
    pub stage: Option<Name>,
    pub project: Option<Name>,
    /// In a task: the names of its parameters, of which variables are made.
    pub param_names: Vec<Name>,
    /// In a task: what is known of what the call passes, by parameter.
    pub shapes: Vec<Value>,
}

impl Env {
    pub fn with(&self, values: impl IntoIterator<Item = Value>) -> Env {
        let mut env = self.clone();
        env.locals.extend(values);
        env
    }
}

/// The value of a static expression.
pub fn eval(expr: &Expr, env: &Env) -> Value {
    match &expr.kind {
        Kind::Value(value) => value.clone(),
        Kind::Local(index) => env.locals.get(*index).cloned().unwrap_or(Value::Error),
        Kind::Shape(index) => env.shapes.get(*index).cloned().unwrap_or(Value::Error),
        Kind::Let(def) => eval(&def.value, env),
        Kind::Placeholder(text) => Value::text(text),
        Kind::Present(inner) => eval(inner, env),
        Kind::Context(field) => context(field, env),
        Kind::Field { base, name, .. } => member(&eval(base, env), name),
        Kind::Index { base, index, .. } => at_index(&eval(base, env), &eval(index, env)),
        Kind::Text(parts) => text(parts, env),
        Kind::List(elements) => list(elements, env),
        Kind::Record(entries) => record(entries, env),
        Kind::Not(inner) => Value::Bool(!eval(inner, env).holds()),
        Kind::Negate(inner) => match eval(inner, env) {
            Value::Int(value) => Value::Int(value.wrapping_neg()),
            Value::Float(value) => Value::Float(-value),
            _ => Value::Error,
        },
        Kind::Binary { op, left, right } => binary(*op, left, right, env),
        Kind::Choice { test, then, otherwise } => eval(if eval(test, env).holds() { then } else { otherwise }, env),
        Kind::Call { function, args } => call(&function.name, &args.iter().map(|arg| eval(arg, env)).collect::<Vec<_>>()),
        _ => Value::Error,
    }
}

/// The items that a loop runs over: key (or index) and value, in source order.
pub fn items(over: &Value) -> Vec<(Value, Value)> {
    match over {
        Value::List(list) => list.iter().enumerate().map(|(at, item)| (Value::Int(i64::try_from(at).unwrap_or(0)), item.clone())).collect(),
        Value::Record(record) => record.iter().map(|(key, item)| (Value::text(key), item.clone())).collect(),
        _ => Vec::new(),
    }
}

/// What a loop's round is called in aliases: its key, or the item itself if it is a word.
pub fn loop_key(key: &Value, item: &Value) -> String {
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.');
    match (key, item) {
        (Value::Text(key), _) => key.to_string(),
        (_, Value::Text(item)) if word(item) => item.to_string(),
        (key, _) => key.interpolated().unwrap_or_default(),
    }
}

/// The locals that one round of a loop adds.
pub fn bound(binds: Binds, key: Value, item: Value) -> Vec<Value> {
    match binds {
        Binds::Item => vec![item],
        Binds::KeyAndItem => vec![key, item],
    }
}

fn context(field: &str, env: &Env) -> Value {
    let name = match field {
        "stage" => env.stage.as_ref(),
        "project" => env.project.as_ref(),
        _ => None,
    };
    name.map_or(Value::Error, |name| Value::text(name))
}

fn member(base: &Value, name: &str) -> Value {
    match base {
        Value::Record(record) => record.get(name).cloned().unwrap_or(Value::Null),
        Value::Null => Value::Null,
        _ => Value::Error,
    }
}

fn at_index(base: &Value, index: &Value) -> Value {
    match (base, index) {
        (Value::Record(record), Value::Text(key)) => record.get(key.as_ref()).cloned().unwrap_or(Value::Null),
        (Value::List(list), Value::Int(at)) => usize::try_from(*at).ok().and_then(|at| list.get(at)).cloned().unwrap_or(Value::Null),
        (Value::Null, _) => Value::Null,
        _ => Value::Error,
    }
}

fn text(parts: &[Part], env: &Env) -> Value {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Expr(expr) => match eval(expr, env).interpolated() {
                Some(text) => out.push_str(&text),
                None => return Value::Error,
            },
        }
    }
    Value::text(&out)
}

fn list(elements: &[Element], env: &Env) -> Value {
    let mut out = Vec::new();
    for element in elements {
        match element {
            Element::One(expr) => out.push(eval(expr, env)),
            Element::Spread(expr) => out.extend(items(&eval(expr, env)).into_iter().map(|(_, item)| item)),
            Element::For(comprehension) => rounds(comprehension, env, &mut |env| out.push(eval(&comprehension.value, env))),
        }
    }
    Value::List(out.into())
}

/// Calls `each` with the environment of every round whose condition holds.
pub fn rounds(comprehension: &Comprehension, env: &Env, each: &mut dyn FnMut(&Env)) {
    for (key, item) in items(&eval(&comprehension.over, env)) {
        let env = env.with(bound(comprehension.binds, key, item));
        if comprehension.condition.as_ref().is_none_or(|condition| eval(condition, &env).holds()) {
            each(&env);
        }
    }
}

fn record(entries: &[Entry], env: &Env) -> Value {
    let mut out = IndexMap::new();
    for entry in entries {
        match entry {
            Entry::Field { key, value } => {
                let key = match key {
                    EntryKey::Name(name, _) => name.clone(),
                    EntryKey::Computed(expr) => Name::new(eval(expr, env).as_text().unwrap_or("")),
                };
                out.insert(key, eval(value, env));
            }
            Entry::Spread(expr) => {
                if let Value::Record(inner) = eval(expr, env) {
                    out.extend(inner.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
            }
        }
    }
    Value::Record(Arc::new(out))
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr, env: &Env) -> Value {
    let left = eval(left, env);
    match op {
        BinaryOp::And if !left.holds() => return Value::Bool(false),
        BinaryOp::Or if left.holds() => return Value::Bool(true),
        BinaryOp::Coalesce if left.holds() || matches!(left, Value::Bool(_)) => return left,
        _ => {}
    }
    let right = eval(right, env);
    match op {
        BinaryOp::And | BinaryOp::Or => Value::Bool(right.holds()),
        BinaryOp::Coalesce => right,
        BinaryOp::Equal => Value::Bool(equal(&left, &right)),
        BinaryOp::NotEqual => Value::Bool(!equal(&left, &right)),
        BinaryOp::In => Value::Bool(contains(&right, &left)),
        BinaryOp::Add if left.as_text().is_some() => concat(&left, &right),
        BinaryOp::Matches | BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => compare_text(op, &left, &right),
        _ => arithmetic(op, &left, &right),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => *a as f64 == *b,
        _ => left == right,
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::List(list) => list.iter().any(|item| equal(item, part)),
        Value::Record(record) => part.as_text().is_some_and(|key| record.contains_key(key)),
        _ => false,
    }
}

fn concat(left: &Value, right: &Value) -> Value {
    match (left.as_text(), right.as_text()) {
        (Some(left), Some(right)) => Value::text(&format!("{left}{right}")),
        _ => Value::Error,
    }
}

fn compare_text(op: BinaryOp, left: &Value, right: &Value) -> Value {
    let (Some(left), Some(right)) = (left.as_text(), right.as_text()) else { return Value::Error };
    Value::Bool(match op {
        BinaryOp::Contains => left.contains(right),
        BinaryOp::StartsWith => left.starts_with(right),
        BinaryOp::EndsWith => left.ends_with(right),
        _ => regex::Regex::new(right).is_ok_and(|regex| regex.is_match(left)),
    })
}

fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Value {
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        let result = match op {
            BinaryOp::Add => a.checked_add(*b),
            BinaryOp::Subtract => a.checked_sub(*b),
            BinaryOp::Multiply => a.checked_mul(*b),
            BinaryOp::Remainder => a.checked_rem(*b),
            BinaryOp::Less => return Value::Bool(a < b),
            BinaryOp::LessEqual => return Value::Bool(a <= b),
            BinaryOp::Greater => return Value::Bool(a > b),
            BinaryOp::GreaterEqual => return Value::Bool(a >= b),
            _ => None,
        };
        if let Some(result) = result {
            return Value::Int(result);
        }
    }
    let (Some(a), Some(b)) = (float(left), float(right)) else { return Value::Error };
    match op {
        BinaryOp::Add => Value::Float(a + b),
        BinaryOp::Subtract => Value::Float(a - b),
        BinaryOp::Multiply => Value::Float(a * b),
        BinaryOp::Divide if b != 0.0 => Value::Float(a / b),
        BinaryOp::Less => Value::Bool(a < b),
        BinaryOp::LessEqual => Value::Bool(a <= b),
        BinaryOp::Greater => Value::Bool(a > b),
        BinaryOp::GreaterEqual => Value::Bool(a >= b),
        _ => Value::Error,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

/// The functions that can be computed while compiling. They are expr-lang's, with its meaning.
pub const STATIC_FUNCTIONS: &[&str] = &[
    "lower",
    "upper",
    "trim",
    "trimPrefix",
    "trimSuffix",
    "replace",
    "join",
    "split",
    "len",
    "hasPrefix",
    "hasSuffix",
    "string",
    "keys",
    "values",
    "json",
];

fn call(name: &str, args: &[Value]) -> Value {
    let text = |at: usize| args.get(at).and_then(Value::as_text);
    let result = match name {
        "json" => args.first().map(|value| Value::text(&super::json::of(value))),
        "lower" => text(0).map(|value| Value::text(&value.to_lowercase())),
        "upper" => text(0).map(|value| Value::text(&value.to_uppercase())),
        "trim" if args.len() == 1 => text(0).map(|value| Value::text(value.trim())),
        "trim" => text(0).zip(text(1)).map(|(value, outer)| Value::text(value.trim_matches(|c| outer.contains(c)))),
        "trimPrefix" => text(0).zip(text(1)).map(|(value, prefix)| Value::text(value.strip_prefix(prefix).unwrap_or(value))),
        "trimSuffix" => text(0).zip(text(1)).map(|(value, suffix)| Value::text(value.strip_suffix(suffix).unwrap_or(value))),
        "replace" => text(0).zip(text(1).zip(text(2))).map(|(value, (old, new))| match limit(args.get(3)) {
            Some(count) => Value::text(&value.replacen(old, new, count)),
            None => Value::text(&value.replace(old, new)),
        }),
        "hasPrefix" => text(0).zip(text(1)).map(|(value, prefix)| Value::Bool(value.starts_with(prefix))),
        "hasSuffix" => text(0).zip(text(1)).map(|(value, suffix)| Value::Bool(value.ends_with(suffix))),
        "split" => text(0).zip(text(1)).map(|(value, by)| Value::List(split(value, by, limit(args.get(2))).into())),
        "string" => args.first().and_then(Value::interpolated).map(|value| Value::text(&value)),
        "join" => args.first().map(|list| join(list, text(1).unwrap_or(""))),
        "len" => args.first().and_then(len),
        "keys" => args.first().map(|value| Value::List(items(value).into_iter().map(|(key, _)| key).collect())),
        "values" => args.first().map(|value| Value::List(items(value).into_iter().map(|(_, item)| item).collect())),
        _ => None,
    };
    result.unwrap_or(Value::Error)
}

/// How often at most; a negative number is no limit.
fn limit(count: Option<&Value>) -> Option<usize> {
    match count {
        Some(Value::Int(count)) => usize::try_from(*count).ok(),
        _ => None,
    }
}

/// The pieces of a text; between nothing and nothing lies each character. The last of `limit` pieces has all the rest.
fn split(text: &str, by: &str, limit: Option<usize>) -> Vec<Value> {
    if !by.is_empty() {
        return text.splitn(limit.unwrap_or(usize::MAX), by).map(Value::text).collect();
    }
    let starts = text.char_indices().map(|(at, _)| at).take(limit.unwrap_or(usize::MAX));
    let starts: Vec<usize> = starts.collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end)).map(Value::text).collect()
}

fn join(list: &Value, separator: &str) -> Value {
    let texts: Option<Vec<String>> = items(list).iter().map(|(_, item)| item.as_text().map(str::to_owned)).collect();
    texts.map_or(Value::Error, |texts| Value::text(&texts.join(separator)))
}

fn len(value: &Value) -> Option<Value> {
    let len = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(list) => list.len(),
        Value::Record(record) => record.len(),
        _ => return None,
    };
    i64::try_from(len).ok().map(Value::Int)
}
