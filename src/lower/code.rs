//! Typed expressions in the words of expr-lang.
//!
//! What always holds: the text has no `}}` (Kargo would end the expression there), names with dashes are indexed, and
//! every sub-expression that could be torn apart by precedence stands in parentheses.

use super::cx::Cx;
use super::forms::untrusted;
use super::rules::Rule;
use crate::library::Ty;
use crate::types::Value;
use crate::types::eval::eval;
use crate::types::tree::{Expr, Kind, Part, Time};

/// Code, and what is known of its value at run time.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) text: String,
    /// Binds as tightly as a name: needs no parentheses.
    pub(crate) atomic: bool,
    /// Surely a text (never nil, never a number) by expr-lang's own types.
    pub(crate) is_text: bool,
    /// An artifact or another Go value, whose fields have Go's names.
    pub(crate) bare: bool,
    /// May be nil at run time, whatever the types say, because the producer may not have run.
    pub(crate) nilable: bool,
    /// Codes that must not be nil for this one to be evaluated without an error.
    pub(crate) needs: Vec<String>,
}

impl Code {
    pub(crate) fn atom(text: impl Into<String>) -> Code {
        Code { text: text.into(), atomic: true, is_text: false, bare: false, nilable: false, needs: Vec::new() }
    }

    pub(crate) fn compound(text: impl Into<String>) -> Code {
        Code { atomic: false, ..Code::atom(text) }
    }

    pub(super) fn text_value(mut self) -> Code {
        self.is_text = true;
        self
    }

    /// In parentheses where they are needed.
    pub(crate) fn tight(&self) -> String {
        if self.atomic { self.text.clone() } else { format!("({})", self.text) }
    }

    /// Made of these, all of which it needs: an operator or a function that fails on nil.
    pub(crate) fn made_of<'p>(mut self, parts: impl IntoIterator<Item = &'p Code>) -> Code {
        for part in parts {
            self.needs.extend(part.needs());
        }
        self
    }

    /// What must not be nil for an operator to take this code.
    pub(crate) fn needs(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for need in self.needs.iter().cloned().chain(self.nilable.then(|| self.tight())) {
            if !out.contains(&need) {
                out.push(need);
            }
        }
        out
    }

    /// Whether it is a text in every state.
    pub(crate) fn is_sure_text(&self) -> bool {
        self.is_text && !self.nilable && self.needs.is_empty()
    }
}

/// `a == nil || b == nil`
pub(crate) fn any_missing(needs: &[String]) -> String {
    needs.iter().map(|need| format!("{need} == nil")).collect::<Vec<_>>().join(" || ")
}

/// A text of expr-lang in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut previous = ' ';
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Kargo looks for its delimiters inside texts, too.
            '}' if previous == '}' || previous == '%' => out.push_str("\\u007d"),
            '{' if previous == '$' || previous == '{' => out.push_str("\\u007b"),
            '%' if previous == '{' => out.push_str("\\u0025"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}') => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
        previous = c;
    }
    out.push('"');
    out
}

/// A constant.
pub(crate) fn literal(value: &Value) -> Code {
    match value {
        Value::Null | Value::Error => Code::atom("nil"),
        Value::Bool(value) => Code::atom(value.to_string()),
        Value::Int(value) if *value < 0 => Code::compound(value.to_string()),
        Value::Int(value) => Code::atom(value.to_string()),
        Value::Float(value) => Code::compound(format!("{value:?}")),
        Value::Duration(_) => Code::atom(quoted(&value.interpolated().unwrap_or_default())).text_value(),
        Value::Text(text) => Code::atom(quoted(text)).text_value(),
        Value::List(list) => Code::atom(format!("[{}]", list.iter().map(|item| literal(item).text).collect::<Vec<_>>().join(", "))),
        Value::Record(record) => {
            let fields: Vec<String> = record.iter().map(|(key, item)| format!("{}: {}", quoted(key), literal(item).text)).collect();
            Code::atom(if fields.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", fields.join(", ")) })
        }
    }
}

impl Cx<'_> {
    /// The expression as code.
    pub(crate) fn code(&self, expr: &Expr) -> Code {
        if expr.time == Time::Static && !matches!(expr.kind, Kind::Lambda(_)) {
            return literal(&eval(expr, &self.env));
        }
        if self.is_embedded(expr) {
            return self.embedded(expr);
        }
        match &expr.kind {
            Kind::Error | Kind::Value(_) | Kind::Local(_) | Kind::Shape(_) => literal(&eval(expr, &self.env)),
            Kind::Let(def) if def.latched && Rule::LetEvaluatedOnce.holds() => self.latched(def),
            Kind::Let(def) => self.code(&def.value),
            Kind::Present(inner) => match inner.kind {
                // That it is there was asked before.
                Kind::Result(index) => self.result(index, false),
                _ => self.code(inner),
            },
            Kind::Lambda(inner) => self.code(inner),
            Kind::Context(path) => Code { is_text: path != "meta.promotion.rollback", ..Code::atom(format!("ctx.{path}")) },
            Kind::Slot(_) => self.filled(expr),
            Kind::Param(index) => self.param(*index, &[], expr),
            Kind::Var(name) => {
                let variables = self.variables.borrow();
                Code { nilable: true, ..Code::atom(format!("vars.{}", variables.get(name).map_or(name.as_str(), String::as_str))) }
            }
            Kind::Result(index) => self.result(*index, expr.ty.is_optional()),
            Kind::Placeholder(text) if expr.ty.is_text() => Code::atom(format!("\"{text}\"")).text_value(),
            Kind::Placeholder(text) => Code::atom(text.to_string()),
            Kind::LambdaName(name) => Code { is_text: expr.ty.is_text(), bare: true, ..Code::atom(name.to_string()) },
            Kind::Subscription(name) => self.discovered(name),
            Kind::Field { base, name, spelling, safe } => self.field(base, name, spelling.as_ref(), *safe, expr),
            Kind::Index { base, index, safe } => self.index(base, index, *safe, expr),
            Kind::Text(parts) => self.concatenation(parts),
            Kind::Raw { text, .. } => self.raw(text, &expr.ty),
            Kind::List(elements) => self.list(elements),
            Kind::Record(entries) => self.record(entries),
            Kind::Not(inner) => Code::compound(format!("!{}", self.condition(inner).tight())),
            Kind::Negate(inner) => {
                let inner = self.code(inner);
                Code::compound(format!("-{}", inner.tight())).made_of([&inner])
            }
            Kind::Binary { op, left, right } => self.binary(*op, left, right),
            Kind::Choice { test, then, otherwise } => {
                let (then, otherwise) = (self.settled(then), self.settled(otherwise));
                let both = then.is_text && otherwise.is_text;
                let text = format!("{} ? {} : {}", self.condition(test).tight(), then.tight(), otherwise.tight());
                Code { is_text: both, nilable: then.nilable || otherwise.nilable, ..Code::compound(text) }
            }
            Kind::Call { function, args } if function.name == crate::types::JSON => {
                args.first().map_or_else(|| Code::atom("nil"), |value| self.json(value, expr))
            }
            Kind::Call { function, args } => {
                let args: Vec<Code> = args.iter().map(|arg| self.code(arg)).collect();
                let is_text = function.result.is_text();
                let bare = matches!(&function.result, Ty::Record(_));
                let list: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
                Code { is_text, bare, ..Code::atom(format!("{}({})", function.name, list.join(", "))) }.made_of(&args)
            }
            Kind::Promoting(target) => self.promoting(target),
            Kind::Status(index) => Code::atom(format!("status({})", quoted(&self.alias(*index)))).text_value(),
        }
    }

    /// The expression as code that may be nil but does not fail. Only where everything must be total is there a
    /// difference: elsewhere a missing value shall fail the step.
    pub(crate) fn settled(&self, expr: &Expr) -> Code {
        let code = self.code(expr);
        if !self.total || code.needs.is_empty() {
            return code;
        }
        let text = format!("{} ? nil : {}", any_missing(&code.needs()), code.tight());
        Code { nilable: true, is_text: false, ..Code::compound(text) }
    }

    // ── Building ──

    /// Texts one after the other; neighbours that are known become one.
    pub(super) fn concatenation(&self, parts: &[Part]) -> Code {
        let mut codes: Vec<Code> = Vec::new();
        let mut known = String::new();
        for part in parts {
            match part {
                Part::Text(text) => known.push_str(text),
                Part::Expr(expr) if expr.time == Time::Static => known.push_str(&eval(expr, &self.env).interpolated().unwrap_or_default()),
                Part::Expr(expr) => {
                    if !known.is_empty() {
                        codes.push(Code::atom(quoted(&std::mem::take(&mut known))).text_value());
                    }
                    codes.push(self.text_of(expr));
                }
            }
        }
        if !known.is_empty() || codes.is_empty() {
            codes.push(Code::atom(quoted(&known)).text_value());
        }
        joined(codes)
    }

    /// A value as text: forced where it is not one already, stripped where others wrote it.
    pub(crate) fn text_of(&self, expr: &Expr) -> Code {
        let code = self.code(expr);
        match expr.ty.present() {
            Ty::Int => {
                let whole = if Rule::NumbersInText.holds() { format!("int({})", code.text) } else { code.text.clone() };
                Code::atom(format!("string({whole})")).text_value().made_of([&code])
            }
            Ty::Float => Code::atom(format!("toJSON(float({}))", code.text)).text_value().made_of([&code]),
            Ty::Bool => Code::atom(format!("string({})", self.condition(expr).text)).text_value(),
            ty if ty.is_untrusted() || matches!(ty, Ty::Any) => untrusted(&forced(&code)),
            _ => forced(&code),
        }
    }
}

/// The value as a text: nil and numbers are errors, or their text.
pub(crate) fn forced(code: &Code) -> Code {
    if code.is_text { code.clone() } else { Code::compound(format!("{} + \"\"", code.tight())).text_value().made_of([code]) }
}

/// Texts, one after the other.
pub(super) fn joined(codes: Vec<Code>) -> Code {
    match <[Code; 1]>::try_from(codes) {
        Ok([one]) => one,
        Err(several) => {
            let text = several.iter().map(Code::tight).collect::<Vec<_>>().join(" + ");
            Code::compound(text).text_value().made_of(&several)
        }
    }
}

pub(crate) fn is_identifier(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(
            word,
            "not"
                | "in"
                | "and"
                | "or"
                | "true"
                | "false"
                | "nil"
                | "let"
                | "if"
                | "else"
                | "matches"
                | "contains"
                | "startsWith"
                | "endsWith"
        )
}
