//! Raw expressions: what Kargo's expression language says of a text, as far as generated programs write any.

use loadline::exprlang::{Dialect, HOLE, Id, Kind, Tree, parse_with_holes};
use loadline::types::tree::Part;
use serde_json::{Map, Value as Json};

use super::Frame;
use super::functions;
use super::promotion::Promotion;
use super::value::{Fault, NULL, Outcome, Value, bool, equal, int, text};

/// What a text of the expression language means: its tree, the values put in, and names that it binds itself.
struct Code<'r, 's> {
    tree: &'r Tree,
    holes: &'r [Value],
    promotion: &'r Promotion<'s>,
    bound: Vec<(String, Value)>,
}

impl Promotion<'_> {
    pub(super) fn raw(&self, parts: &[Part], frame: &Frame<'_>) -> Outcome<Value> {
        let mut source = String::new();
        let (mut places, mut holes) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Text(text) => source.push_str(text),
                Part::Expr(expr) => {
                    places.push(source.len() as u32);
                    source.push(HOLE);
                    holes.push(self.eval(expr, frame)?);
                }
            }
        }
        let tree = parse_with_holes(&source, &places, Dialect::newest()).map_err(|problem| Fault(format!("{problem:?}")))?;
        Code { tree: &tree, holes: &holes, promotion: self, bound: Vec::new() }.worth(tree.root())
    }
}

impl Code<'_, '_> {
    fn worth(&mut self, id: Id) -> Outcome<Value> {
        let fault = |what: &str| Fault(format!("the interpreter reads no {what} in raw code"));
        match self.tree.get(id).map(|node| node.kind.clone()).ok_or_else(|| fault("such node"))? {
            Kind::Hole(number) => Ok(self.holes[number].clone()),
            Kind::Int(number) => Ok(int(number)),
            Kind::Text(known) => Ok(text(&*known)),
            Kind::Bool(value) => Ok(bool(value)),
            Kind::Nil => Ok(NULL),
            Kind::Name(name) => {
                let found = self.bound.iter().rev().find(|(known, _)| *known == *name);
                found.map(|(_, value)| value.clone()).ok_or_else(|| fault(&name))
            }
            Kind::Unary(_, inner) => Ok(bool(self.worth(inner)?.json() != &Json::Bool(true))),
            Kind::Binary { op, left, right } => self.binary(op, left, right),
            Kind::Chain(inner) => self.worth(inner),
            Kind::Member { of, key, .. } => {
                if let (Some(Kind::Name(base)), Some(Kind::Text(field))) = (self.kind(of), self.kind(key))
                    && base == "ctx"
                {
                    return Ok(self.promotion.cluster.context(field));
                }
                let (base, key) = (self.worth(of)?, self.worth(key)?);
                Ok(Value::Json(match (base.json(), key.json()) {
                    (Json::Array(items), _) => key.as_int().and_then(|at| items.get(at as usize)).cloned().unwrap_or_default(),
                    (Json::Object(fields), Json::String(key)) => fields.get(key).cloned().unwrap_or_default(),
                    _ => return Err(fault("field of this")),
                }))
            }
            Kind::Call { callee, args } => match self.kind(callee) {
                Some(Kind::Name(name)) => self.call(&name.clone(), &args),
                _ => Err(fault("method")),
            },
            Kind::Builtin { name, args } => self.call(name, &args),
            Kind::Condition { test, then, otherwise } => {
                let holds = self.worth(test)?.json() == &Json::Bool(true);
                self.worth(if holds { then } else { otherwise })
            }
            Kind::Let { name, value, body } => {
                let value = self.worth(value)?;
                self.bound.push((name.to_string(), value));
                let out = self.worth(body);
                self.bound.pop();
                out
            }
            Kind::List(items) => {
                let items: Outcome<Vec<Json>> = items.into_iter().map(|item| Ok(self.worth(item)?.json().clone())).collect();
                Ok(Value::Json(Json::Array(items?)))
            }
            Kind::Map(rows) => {
                let mut fields = Map::new();
                for (key, value) in rows {
                    fields.insert(self.worth(key)?.as_text()?.to_owned(), self.worth(value)?.json().clone());
                }
                Ok(Value::Json(Json::Object(fields)))
            }
            other => Err(fault(&format!("{other:?}"))),
        }
    }

    fn kind(&self, id: Id) -> Option<&Kind> {
        self.tree.get(id).map(|node| &node.kind)
    }

    fn call(&mut self, name: &str, args: &[Id]) -> Outcome<Value> {
        let args: Outcome<Vec<Value>> = args.iter().map(|arg| self.worth(*arg)).collect();
        functions::call(name, &args?, &self.promotion.cluster)
    }

    fn binary(&mut self, op: &str, left: Id, right: Id) -> Outcome<Value> {
        let a = self.worth(left)?;
        match (op, a.json()) {
            ("&&" | "and", Json::Bool(false)) | ("||" | "or", Json::Bool(true)) => return Ok(a),
            ("&&" | "and" | "||" | "or", _) => return self.worth(right),
            ("??", Json::Null) => return self.worth(right),
            ("??", _) => return Ok(a),
            _ => {}
        }
        let b = self.worth(right)?;
        Ok(match op {
            "==" => bool(equal(a.json(), b.json())),
            "!=" => bool(!equal(a.json(), b.json())),
            "contains" => bool(a.as_text()?.contains(b.as_text()?)),
            "startsWith" => bool(a.as_text()?.starts_with(b.as_text()?)),
            "endsWith" => bool(a.as_text()?.ends_with(b.as_text()?)),
            "+" if a.json().is_string() => text(format!("{}{}", a.as_text()?, b.as_text()?)),
            "+" => int(a.as_int().zip(b.as_int()).map(|(a, b)| a + b).ok_or_else(|| Fault("no numbers".to_owned()))?),
            other => return Err(Fault(format!("the interpreter has no operator {other} in raw code"))),
        })
    }
}
