//! Expressions: one evaluator for both times, since the language has one meaning for both (design §1.4, 3).

use serde_json::{Map, Value as Json};

use loadline::library::{Face, Ty};
use loadline::syntax::ast::BinaryOp;
use loadline::types::tree::{Binds, Comprehension, Element, Entry, EntryKey, Expr, Kind, Part};

use super::Frame;
use super::functions;
use super::promotion::{Promotion, Status};
use super::value::{Fault, NULL, Outcome, Value, bool, equal, float, int, known, text};

impl Promotion<'_> {
    /// What an expression is worth. What is absent is nothing, also where its face is the empty text.
    pub fn eval(&self, expr: &Expr, frame: &Frame<'_>) -> Outcome<Value> {
        let value = self.worth(expr, frame)?;
        Ok(if self.is_absent(&value, &expr.ty) && matches!(value, Value::Json(_)) && expr.ty.is_optional() { NULL } else { value })
    }

    fn worth(&self, expr: &Expr, frame: &Frame<'_>) -> Outcome<Value> {
        match &expr.kind {
            // What is not known of the shape of a list; programs with errors are not promoted.
            Kind::Error => Ok(NULL),
            // No promotion reads the parameter of a template.
            Kind::Placeholder(name) => Err(Fault(format!("{name} in a promotion"))),
            Kind::Value(value) => Ok(known(value)),
            Kind::Local(index) => Ok(frame.locals.get(*index).cloned().unwrap_or(NULL)),
            Kind::Let(def) if def.latched => match frame.latched.get(&def.id) {
                Some(value) => Ok(value.clone()),
                None if expr.ty.is_optional() || matches!(expr.ty, Ty::Bool) => Ok(NULL),
                None => Err(Fault(format!("`{}` was not evaluated", def.name))),
            },
            // What is made of something absent is absent, and a condition on it does not hold.
            Kind::Let(def) if expr.ty.is_optional() => Ok(self.eval(&def.value, frame).unwrap_or(NULL)),
            Kind::Let(def) => self.eval(&def.value, frame),
            Kind::Present(inner) => {
                let value = self.eval(inner, frame)?;
                match &inner.kind {
                    Kind::Result(index) => self.sure(*index, value, frame),
                    _ if self.is_absent(&value, &inner.ty) => Err(Fault("what was made sure is not there".to_owned())),
                    _ => Ok(value),
                }
            }
            Kind::Context(path) => Ok(self.context(path)),
            Kind::Slot(slot) => Ok(Value::Freight(*slot)),
            Kind::Shape(index) => Ok(frame.shapes.get(index).cloned().unwrap_or(NULL)),
            Kind::Param(index) => frame.params.get(*index).cloned().unwrap_or(Ok(NULL)),
            Kind::Var(name) => match frame.vars.get(name.as_str()) {
                Some(value) if expr.ty.is_optional() => Ok(self.eval(value, frame).unwrap_or(NULL)),
                Some(value) => self.eval(value, frame),
                None => Err(Fault(format!("no variable {name}"))),
            },
            Kind::Result(index) => {
                let value = frame.results.get(index).map_or(NULL, |result| Value::Json(result.output.clone()));
                if expr.ty.is_optional() { Ok(value) } else { self.sure(*index, value, frame) }
            }
            Kind::Status(index) => Ok(text(frame.results.get(index).map_or("", |result| result.status.name()))),
            // An expression of the step's own: what it gives to the step, which sees more than the promotion does.
            Kind::Lambda(body) => self.eval(body, frame),
            Kind::LambdaName(name) => match name.as_str() {
                "response" => Ok(Value::Json(self.cluster.response.clone())),
                "$env" => Ok(Value::Json(self.cluster.document.clone())),
                other => Err(Fault(format!("no step sees {other}"))),
            },
            Kind::Subscription(name) => Err(Fault(format!("{name} in a promotion"))),
            Kind::Raw { text, .. } => self.raw(text, frame),
            Kind::Field { base, name, .. } => Ok(self.field(&self.eval(base, frame)?, name, &base.ty)),
            Kind::Index { base, index, .. } => {
                let (base_value, index) = (self.eval(base, frame)?, self.eval(index, frame)?);
                match base_value.json() {
                    Json::Array(items) => {
                        let at = index.as_int().and_then(|at| usize::try_from(at).ok());
                        Ok(Value::Json(at.and_then(|at| items.get(at)).cloned().unwrap_or(Json::Null)))
                    }
                    _ => Ok(self.field(&base_value, index.as_text()?, &base.ty)),
                }
            }
            Kind::Text(parts) => self.joined(parts, frame),
            Kind::List(elements) => self.list(elements, frame),
            Kind::Record(entries) => self.record(entries, frame),
            Kind::Not(inner) => Ok(bool(!self.holds(inner, frame)?)),
            Kind::Negate(inner) => {
                let value = self.eval(inner, frame)?;
                Ok(match value.as_int() {
                    Some(whole) => int(-whole),
                    None => float(-value.as_number()?),
                })
            }
            Kind::Binary { op, left, right } => self.binary(*op, left, right, frame),
            Kind::Choice { test, then, otherwise } => self.eval(if self.holds(test, frame)? { then } else { otherwise }, frame),
            Kind::Call { function, args } => {
                let args: Outcome<Vec<Value>> = args.iter().map(|arg| self.eval(arg, frame)).collect();
                match function.name.as_str() {
                    "success" => Ok(bool(!self.failed())),
                    "failure" => Ok(bool(self.failed())),
                    "always" => Ok(bool(true)),
                    name => functions::call(name, &args?, &self.cluster),
                }
            }
            Kind::Promoting(target) => match self.eval(target, frame)? {
                Value::Freight(slot) => Ok(bool(slot == self.cluster.trigger)),
                _ => Ok(bool(false)),
            },
        }
    }

    /// A result that is taken for sure: its step has ended well.
    fn sure(&self, index: usize, value: Value, frame: &Frame<'_>) -> Outcome<Value> {
        let ended = frame.results.get(&index).map(|result| result.status);
        let is_there = ended == Some(Status::Succeeded) || !matches!(value, Value::Json(Json::Null));
        if is_there { Ok(value) } else { Err(Fault(format!("the result of step {index} is not there"))) }
    }

    /// Whether a condition holds: a boolean by being there and true, anything else by being there (design §1.4, 6).
    pub fn holds(&self, condition: &Expr, frame: &Frame<'_>) -> Outcome<bool> {
        let value = self.eval(condition, frame)?;
        if let (Json::Bool(value), Value::Json(_)) = (value.json(), &value)
            && matches!(condition.ty.present(), Ty::Bool | Ty::Any | Ty::Error)
        {
            return Ok(*value);
        }
        Ok(!self.is_absent(&value, &condition.ty))
    }

    /// `T?` knows its face: what is absent is nil, or the empty text. A credential that is not there is empty text.
    fn is_absent(&self, value: &Value, ty: &Ty) -> bool {
        match value {
            Value::Freight(slot) => !self.cluster.filled[*slot],
            Value::Json(Json::Null) => true,
            Value::Json(Json::String(text)) => text.is_empty() && (ty.face() == Some(Face::Empty) || ty.is_secret()),
            Value::Json(Json::Object(fields)) => fields.is_empty() && ty.face() == Some(Face::Empty),
            _ => false,
        }
    }

    /// A field of nothing is nothing. A missing key of a table whose face is the empty text is empty text.
    fn field(&self, base: &Value, name: &str, ty: &Ty) -> Value {
        let face = match ty.present() {
            Ty::Map(item, face) if *face == Face::Empty || item.is_secret() => Face::Empty,
            Ty::Record(record) => record.field(name).filter(|field| field.optional).map_or(Face::Nil, |field| field.rules.face()),
            _ => Face::Nil,
        };
        let absent = |base: &Value| if face == Face::Empty && !matches!(base, Value::Json(Json::Null)) { text("") } else { NULL };
        match base {
            Value::Freight(slot) if !self.cluster.filled[*slot] => NULL,
            Value::Freight(slot) => Value::Json(self.cluster.freight[*slot].artifacts.get(name).cloned().unwrap_or(Json::Null)),
            other => other.as_record().and_then(|record| record.get(name)).map_or_else(|| absent(base), |found| Value::Json(found.clone())),
        }
    }

    fn joined(&self, parts: &[Part], frame: &Frame<'_>) -> Outcome<Value> {
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expr(expr) => out.push_str(&self.eval(expr, frame)?.shown()?),
            }
        }
        Ok(text(out))
    }

    fn list(&self, elements: &[Element], frame: &Frame<'_>) -> Outcome<Value> {
        let mut out = Vec::new();
        for element in elements {
            match element {
                Element::One(expr) => out.push(self.eval(expr, frame)?.json().clone()),
                Element::Spread(expr) => out.extend(self.eval(expr, frame)?.as_list()?.iter().cloned()),
                Element::For(found) => self.comprehension(found, frame, &mut out)?,
            }
        }
        Ok(Value::Json(Json::Array(out)))
    }

    fn comprehension(&self, found: &Comprehension, frame: &Frame<'_>, out: &mut Vec<Json>) -> Outcome<()> {
        for row in rounds(&self.eval(&found.over, frame)?, found.binds) {
            let inner = frame.with(row);
            if found.condition.as_ref().is_none_or(|condition| self.holds(condition, &inner) == Ok(true)) {
                out.push(self.eval(&found.value, &inner)?.json().clone());
            }
        }
        Ok(())
    }

    /// A setting that is nothing is not given.
    fn record(&self, entries: &[Entry], frame: &Frame<'_>) -> Outcome<Value> {
        let mut out = Map::new();
        for entry in entries {
            match entry {
                Entry::Field { key, value } => {
                    let key = match key {
                        EntryKey::Name(name, _) => name.to_string(),
                        EntryKey::Computed(expr) => self.eval(expr, frame)?.as_text()?.to_owned(),
                    };
                    match self.eval(value, frame)? {
                        Value::Freight(slot) => out.insert(key, self.cluster.record_of(slot)),
                        Value::Json(Json::Null) => out.remove(&key),
                        Value::Json(json) => out.insert(key, json),
                    };
                }
                Entry::Spread(expr) => {
                    if let Some(fields) = self.eval(expr, frame)?.as_record() {
                        out.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
                    }
                }
            }
        }
        Ok(Value::Json(Json::Object(out)))
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr, frame: &Frame<'_>) -> Outcome<Value> {
        match op {
            BinaryOp::And => return Ok(bool(self.holds(left, frame)? && self.holds(right, frame)?)),
            BinaryOp::Or => return Ok(bool(self.holds(left, frame)? || self.holds(right, frame)?)),
            _ => {}
        }
        let a = self.eval(left, frame)?;
        if op == BinaryOp::Coalesce {
            return if self.is_absent(&a, &left.ty) { self.eval(right, frame) } else { Ok(a) };
        }
        let b = self.eval(right, frame)?;
        match op {
            BinaryOp::Equal => Ok(bool(self.same(&a, left, &b, right))),
            BinaryOp::NotEqual => Ok(bool(!self.same(&a, left, &b, right))),
            BinaryOp::In => Ok(bool(match b.json() {
                Json::Array(items) => items.iter().any(|item| equal(item, a.json())),
                _ => b.as_record().is_some_and(|record| a.as_text().is_ok_and(|key| record.contains_key(key))),
            })),
            BinaryOp::Add if a.json().is_string() => Ok(text(format!("{}{}", a.as_text()?, b.as_text()?))),
            BinaryOp::Contains => Ok(bool(a.as_text()?.contains(b.as_text()?))),
            BinaryOp::StartsWith => Ok(bool(a.as_text()?.starts_with(b.as_text()?))),
            BinaryOp::EndsWith => Ok(bool(a.as_text()?.ends_with(b.as_text()?))),
            BinaryOp::Matches => {
                let regex = regex::Regex::new(b.as_text()?).map_err(|error| Fault(error.to_string()))?;
                Ok(bool(regex.is_match(a.as_text()?)))
            }
            _ => functions::arithmetic(op, &a, &b),
        }
    }

    /// What is absent equals nothing else that is there, and `null` and `""` ask whether a thing is there.
    fn same(&self, a: &Value, left: &Expr, b: &Value, right: &Expr) -> bool {
        let (gone, also) = (self.is_absent(a, &left.ty), self.is_absent(b, &right.ty));
        if matches!(left.ty, Ty::Null) || matches!(right.ty, Ty::Null) {
            return gone && also;
        }
        let empty = |value: &Value| value.json() == "";
        if (gone && empty(b)) || (also && empty(a)) {
            return true;
        }
        equal(a.json(), b.json())
    }
}

/// The locals of every round of a loop.
pub fn rounds(over: &Value, binds: Binds) -> Vec<Vec<Value>> {
    let row = |key: Value, item: &Json| match binds {
        Binds::Item => vec![Value::Json(item.clone())],
        Binds::KeyAndItem => vec![key, Value::Json(item.clone())],
    };
    match over.json() {
        Json::Array(items) => items.iter().enumerate().map(|(at, item)| row(int(at as i64), item)).collect(),
        Json::Object(fields) => fields.iter().map(|(key, item)| row(text(key), item)).collect(),
        _ => Vec::new(),
    }
}
