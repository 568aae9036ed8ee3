//! `json(value)`: a value as the JSON text of a body. Its trust is that of the least of what lies in it, and a text in it
//! cannot end the text around it.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::infer::join_trust;
use super::tree::{Expr, Kind};
use super::value::Value;
use crate::base::Span;
use crate::library::{FunctionSig, TextKind, Ty};
use crate::syntax::ast;

/// The one function that is the language's own.
pub(crate) const NAME: &str = "json";

impl Checker<'_, '_> {
    pub(crate) fn json(&mut self, span: Span, at: Span, function: &Arc<FunctionSig>, args: &[ast::Arg]) -> Expr {
        let [arg] = args else {
            self.report(errors::argument_count(NAME, at, 1, args.len()));
            return Expr::error(span);
        };
        let value = self.infer(&arg.value);
        let value = self.require_present(value, "JSON");
        if value.is_error() {
            return Expr::error(span);
        }
        let ty = Ty::Text(trust(&value.ty));
        let time = value.time;
        Expr { span, ty, time, kind: Kind::Call { function: Arc::clone(function), args: vec![value] } }
    }
}

/// What the least trusted text inside a value is worth.
fn trust(ty: &Ty) -> TextKind {
    match ty.present() {
        Ty::List(item) | Ty::Map(item, _) => trust(item),
        Ty::Record(record) => {
            let inner = record.fields.iter().map(|field| trust(&field.ty)).chain(record.open.as_ref().map(trust));
            inner.fold(TextKind::String, |known, kind| join_trust(known, &Ty::Text(kind)))
        }
        ty => join_trust(TextKind::String, ty),
    }
}

/// The JSON of a value that is known while compiling, on one line.
pub(crate) fn of(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(",");
    match value {
        Value::Null | Value::Error => "null".to_owned(),
        Value::List(items) => format!("[{}]", list(items.iter().map(of).collect())),
        Value::Record(record) => {
            format!(
                "{{{}}}",
                list(record.iter().map(|(key, value)| format!("{}:{}", serde_json::Value::from(key.as_str()), of(value))).collect())
            )
        }
        Value::Bool(_) | Value::Int(_) => value.interpolated().unwrap_or_default(),
        Value::Float(number) => serde_json::Value::from(*number).to_string(),
        Value::Text(_) | Value::Duration(_) => serde_json::Value::from(value.interpolated().unwrap_or_default()).to_string(),
    }
}
