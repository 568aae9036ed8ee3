//! Typed expressions in the words of expr-lang.
//!
//! What always holds: the text has no `}}` (Kargo would end the expression there), names with dashes are indexed, and
//! every sub-expression that could be torn apart by precedence stands in parentheses.

use std::rc::Rc;

use super::cx::{Cx, Params, Reading};
use super::forms::untrusted;
use crate::base::Name;
use crate::expand::Subscription;
use crate::library::{Face, Ty};
use crate::syntax::ast::BinaryOp;
use crate::types::Value;
use crate::types::eval::eval;
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind, Part, Time};

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

    fn text_value(mut self) -> Code {
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
        match &expr.kind {
            Kind::Error | Kind::Value(_) | Kind::Local(_) => literal(&eval(expr, &self.env)),
            Kind::Let(def) if def.latched => self.latched(def),
            Kind::Let(def) => self.code(&def.value),
            Kind::Present(inner) | Kind::Lambda(inner) => self.code(inner),
            Kind::Context(path) => Code { is_text: path != "meta.promotion.rollback", ..Code::atom(format!("ctx.{path}")) },
            Kind::Slot(_) => self.filled(expr),
            Kind::Param(index) => self.param(*index, &[], expr),
            Kind::Var(name) => {
                let variables = self.variables.borrow();
                Code { nilable: true, ..Code::atom(format!("vars.{}", variables.get(name).map_or(name.as_str(), String::as_str))) }
            }
            Kind::Result(index) => self.result(*index),
            Kind::LambdaName(name) => Code { is_text: expr.ty.is_text(), bare: true, ..Code::atom(name.to_string()) },
            Kind::Subscription(name) => self.discovered(name),
            Kind::Field { base, name, spelling, safe } => self.field(base, name, spelling.as_ref(), *safe, expr),
            Kind::Index { base, index, safe } => self.index(base, index, *safe, expr),
            Kind::Text(parts) => self.concatenation(parts),
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

    // ── Reading ──

    fn field(&self, base: &Expr, name: &Name, spelling: Option<&Name>, safe: bool, whole: &Expr) -> Code {
        if let Some(code) = self.flattened(whole) {
            return code;
        }
        let inner = self.settled(base);
        self.member(&inner, name, spelling, safe, base, whole)
    }

    /// `base.name`, or `base?.name` where the base may be nil.
    fn member(&self, inner: &Code, name: &Name, spelling: Option<&Name>, safe: bool, base: &Expr, whole: &Expr) -> Code {
        let own = if inner.bare { spelling.unwrap_or(name) } else { name };
        let careful = safe || self.total || inner.nilable || base.ty.is_optional();
        let dot = if careful { "?." } else { "." };
        let is_word = (inner.bare && spelling.is_some()) || is_identifier(own);
        let text = match (is_word, careful) {
            (true, _) => format!("{}{dot}{own}", inner.tight()),
            (false, true) => format!("{}?.[{}]", inner.tight(), quoted(own)),
            (false, false) => format!("{}[{}]", inner.tight(), quoted(own)),
        };
        // Go's own fields are texts as soon as the value is there.
        let typed = inner.bare && whole.ty.present().is_text() && !careful;
        let is_map_text = matches!(base.ty.present(), Ty::Map(item, Face::Empty) if item.is_text()) && !careful;
        let bare_inside = inner.bare && matches!(whole.ty.present(), Ty::Record(_) | Ty::Map(..));
        Code { is_text: typed || is_map_text, bare: bare_inside, nilable: careful, ..Code::atom(text) }
    }

    fn index(&self, base: &Expr, index: &Expr, safe: bool, whole: &Expr) -> Code {
        if let Some(code) = self.flattened(whole) {
            return code;
        }
        let inner = self.settled(base);
        if index.time == Time::Static
            && let Value::Text(key) = eval(index, &self.env)
        {
            return self.member(&inner, &Name::new(&key), None, safe, base, whole);
        }
        let key = self.code(index);
        // `list[3]` is an error where there are but three items, `get(list, 3)` is nil.
        if matches!(base.ty.present(), Ty::List(_)) {
            return Code { nilable: true, ..Code::atom(format!("get({}, {})", inner.text, key.text)) }.made_of([&key]);
        }
        let careful = safe || self.total || inner.nilable || base.ty.is_optional();
        let open = if careful { "?.[" } else { "[" };
        let text = format!("{}{open}{}]", inner.tight(), key.text);
        Code { nilable: true, ..Code::atom(text) }.made_of([&key])
    }

    /// A chain that begins at a slot or a parameter is one look-up or one variable.
    fn flattened(&self, whole: &Expr) -> Option<Code> {
        let mut path: Vec<(Name, Option<Name>, bool, &Expr)> = Vec::new();
        let mut expr = whole;
        let mut sure = false;
        loop {
            match &expr.kind {
                Kind::Field { base, name, spelling, safe } => {
                    path.push((name.clone(), spelling.clone(), *safe, expr));
                    expr = base;
                }
                Kind::Index { base, index, safe } if index.time == Time::Static => {
                    let key = eval(index, &self.env);
                    path.push((Name::new(key.as_text()?), None, *safe, expr));
                    expr = base;
                }
                Kind::Present(inner) => {
                    sure = matches!(inner.kind, Kind::Slot(_));
                    expr = inner;
                }
                Kind::Let(def) if !def.latched => expr = &def.value,
                _ => break,
            }
        }
        path.reverse();
        match &expr.kind {
            Kind::Result(index) => self.returned(*index, &path),
            Kind::Slot(slot) => {
                let (artifact, _, _, at) = path.first()?;
                let nilable = at.ty.is_optional() || (expr.ty.is_optional() && !sure);
                let mut code = self.lookup(*slot, artifact, nilable);
                let mut base: &Expr = at;
                for (name, spelling, safe, at) in path.iter().skip(1) {
                    code = self.member(&code, name, spelling.as_ref(), *safe, base, at);
                    base = at;
                }
                Some(code)
            }
            Kind::Param(index) => {
                let fields = path.iter().take_while(|(.., at)| !indexes_a_map(at)).count();
                let names: Vec<Name> = path.iter().take(fields).map(|(name, ..)| name.clone()).collect();
                let mut base = fields.checked_sub(1).and_then(|last| path.get(last)).map_or(expr, |(.., at)| at);
                let mut code = self.param(*index, &names, base);
                for (name, spelling, safe, at) in path.iter().skip(fields) {
                    code = self.member(&code, name, spelling.as_ref(), *safe, base, at);
                    base = at;
                }
                Some(code)
            }
            _ => None,
        }
    }

    /// A result of an inlined call is the expression that its task returns, seen from inside the call.
    fn returned(&self, index: usize, path: &[(Name, Option<Name>, bool, &Expr)]) -> Option<Code> {
        let Some(Reading::Inlined(inlined)) = self.readings.borrow().get(&index).cloned() else { return None };
        let (name, ..) = path.first()?;
        let (_, value) = inlined.task.returns.iter().find(|(known, _)| known == name)?;
        let inner = Cx {
            env: inlined.env.clone(),
            params: Params::Arguments { caller: Rc::new(self.clone()), args: Rc::new(inlined.args.clone()) },
            readings: Rc::clone(&inlined.readings),
            latches: Rc::clone(&inlined.latches),
            variables: Rc::clone(&inlined.variables),
            ..self.clone()
        };
        let mut code = inner.code(value);
        let mut base = value;
        for (name, spelling, safe, at) in path.iter().skip(1) {
            code = self.member(&code, name, spelling.as_ref(), *safe, base, at);
            base = at;
        }
        Some(Code { nilable: code.nilable || !code.is_text, ..code })
    }

    /// `imageFrom("nginx", warehouse("app"))`, always with its origin.
    pub(crate) fn lookup(&self, slot: usize, artifact: &str, nilable: bool) -> Code {
        let Some(found) = self.slots.get(slot) else { return Code::atom("nil") };
        let Some(subscription) = found.subscriptions.iter().find(|known| known.name == artifact) else { return Code::atom("nil") };
        Code { bare: true, nilable, ..Code::atom(lookup_text(subscription, &found.origin)) }
    }

    /// Whether a slot is filled: every artifact of it that is read is there.
    pub(crate) fn filled(&self, slot: &Expr) -> Code {
        let Kind::Slot(index) = slot.resolved().kind else { return Code::atom("true") };
        let Some(found) = self.slots.get(index) else { return Code::atom("true") };
        let tests: Vec<String> = found
            .read
            .iter()
            .filter_map(|name| found.subscriptions.iter().find(|known| known.name == *name))
            .map(|subscription| format!("{} != nil", lookup_text(subscription, &found.origin)))
            .collect();
        match tests.as_slice() {
            [] => Code::atom("true"),
            [one] => Code::compound(one.clone()),
            several => Code::compound(several.join(" && ")),
        }
    }

    /// What a warehouse has just discovered: no origin, no `warehouse(…)`.
    fn discovered(&self, name: &str) -> Code {
        let found = self.slots.first().and_then(|slot| slot.subscriptions.iter().find(|known| known.name == name));
        let text = found.map_or_else(|| "nil".to_owned(), |found| format!("{}({})", found.function, arguments(found)));
        Code { bare: true, ..Code::atom(text) }
    }

    fn result(&self, index: usize) -> Code {
        match self.readings.borrow().get(&index) {
            Some(Reading::Outputs(alias)) => Code { nilable: true, ..Code::atom(format!("{}[{}]", self.outputs(), quoted(alias))) },
            _ => Code { nilable: true, ..Code::atom("nil") },
        }
    }

    /// Steps of a task see each other under `task.outputs`.
    pub(crate) fn outputs(&self) -> &'static str {
        if self.in_task { "task.outputs" } else { "outputs" }
    }

    fn promoting(&self, target: &Expr) -> Code {
        let origin = self.origin_of(target);
        match origin {
            Some(origin) => Code::compound(format!("ctx.targetFreight.origin.name == {origin}")),
            None => Code::atom("false"),
        }
    }

    // ── Building ──

    /// Texts one after the other; neighbours that are known become one.
    fn concatenation(&self, parts: &[Part]) -> Code {
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
            Ty::Int => Code::atom(format!("string(int({}))", code.text)).text_value().made_of([&code]),
            Ty::Float => Code::atom(format!("toJSON(float({}))", code.text)).text_value().made_of([&code]),
            Ty::Bool => Code::atom(format!("string({})", self.condition(expr).text)).text_value(),
            ty if ty.is_untrusted() || matches!(ty, Ty::Any) => untrusted(&forced(&code)),
            _ => forced(&code),
        }
    }

    fn list(&self, elements: &[Element]) -> Code {
        let mut items = Vec::new();
        let mut spreads = Vec::new();
        for element in elements {
            match element {
                Element::One(expr) => items.push(self.settled(expr).text),
                Element::Spread(expr) => spreads.push(self.settled(expr).text),
                Element::For(found) => crate::types::eval::rounds(found, &self.env, &mut |env| {
                    let inner = self.with_env(env.clone());
                    items.push(inner.settled(&found.value).text);
                }),
            }
        }
        let own = format!("[{}]", items.join(", "));
        if spreads.is_empty() { Code::atom(own) } else { Code::atom(format!("concat({}, {own})", spreads.join(", "))) }
    }

    fn record(&self, entries: &[Entry]) -> Code {
        let fields: Vec<String> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Field { key, value } => {
                    let key = match key {
                        EntryKey::Name(name, _) => name.clone(),
                        EntryKey::Computed(expr) => Name::new(eval(expr, &self.env).as_text().unwrap_or("")),
                    };
                    Some(format!("{}: {}", quoted(&key), self.settled(value).text))
                }
                Entry::Spread(_) => None,
            })
            .collect();
        Code::atom(if fields.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", fields.join(", ")) })
    }

    // ── Operators ──

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let (left, right) = (self.condition(left), self.condition(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight()))
            }
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(op, left, right),
            BinaryOp::Coalesce => self.coalesce(left, right),
            BinaryOp::Add if left.ty.is_text() => joined(vec![self.text_of(left), self.text_of(right)]),
            BinaryOp::Matches | BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => {
                let (left, right) = (self.text_or_empty(left), self.code(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight())).made_of([&left, &right])
            }
            BinaryOp::Remainder => {
                let (left, right) = (self.code(left), self.code(right));
                Code::compound(format!("int({}) % int({})", left.text, right.text)).made_of([&left, &right])
            }
            _ => {
                let (left, right) = (self.code(left), self.code(right));
                Code::compound(format!("{} {} {}", left.tight(), op.symbol(), right.tight())).made_of([&left, &right])
            }
        }
    }

    /// A text that is empty where it would be nil: operators on texts fail on nil.
    fn text_or_empty(&self, expr: &Expr) -> Code {
        let code = self.settled(expr);
        if code.nilable && !code.is_text { Code::compound(format!("{} ?? \"\"", code.tight())) } else { code }
    }

    fn equality(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let is_null = |expr: &Expr| matches!(expr.ty, Ty::Null);
        for (side, other) in [(left, right), (right, left)] {
            if is_null(other) {
                let present = self.is_there(side);
                let text = if op == BinaryOp::NotEqual { present.text } else { format!("!{}", present.tight()) };
                return Code::compound(text);
            }
        }
        let side = |expr: &Expr| if expr.ty.present().is_text() { self.text_or_empty(expr) } else { self.settled(expr) };
        Code::compound(format!("{} {} {}", side(left).tight(), op.symbol(), side(right).tight()))
    }

    fn coalesce(&self, left: &Expr, right: &Expr) -> Code {
        // `(a ?? b) ?? c` as `a ?? (b ?? c)`: the first form would repeat `a` for every further default.
        if let Kind::Binary { op: BinaryOp::Coalesce, left: first, right: second } = &left.resolved().kind {
            let kind = Kind::Binary { op: BinaryOp::Coalesce, left: second.clone(), right: Box::new(right.clone()) };
            return self.coalesce(first, &Expr { kind, time: Time::Promotion, ..right.clone() });
        }
        let (value, default) = (self.settled(left), self.settled(right));
        let is_text = default.is_text;
        if left.ty.face() == Some(Face::Empty) {
            let test = if value.nilable { format!("({} ?? \"\") != \"\"", value.tight()) } else { format!("{} != \"\"", value.tight()) };
            return Code {
                is_text: is_text && value.is_text,
                nilable: default.nilable,
                ..Code::compound(format!("{test} ? {} : {}", value.tight(), default.tight()))
            };
        }
        Code {
            is_text: is_text && left.ty.present().is_text() && value.bare,
            nilable: default.nilable,
            ..Code::compound(format!("{} ?? {}", value.tight(), default.tight()))
        }
    }

    // ── Conditions ──

    /// The expression as a Bool of expr-lang, never nil.
    pub(crate) fn condition(&self, expr: &Expr) -> Code {
        if expr.time == Time::Static {
            return Code::atom(if eval(expr, &self.env).holds() { "true" } else { "false" });
        }
        match &expr.resolved().kind {
            Kind::Slot(_) => return self.filled(expr),
            Kind::Let(def) if def.latched => {
                let code = self.latched(def);
                return match def.value.ty {
                    Ty::Bool => Code::atom(format!("({} ?? false)", code.text)),
                    _ => self.is_there(expr),
                };
            }
            _ => {}
        }
        match &expr.ty {
            Ty::Bool => {
                let code = self.settled(expr);
                if code.nilable { Code::atom(format!("({} ?? false)", code.tight())) } else { code }
            }
            Ty::Any => Code::compound(format!("{} == true", self.settled(expr).tight())),
            _ => self.is_there(expr),
        }
    }

    /// Whether something that may be absent is there.
    fn is_there(&self, expr: &Expr) -> Code {
        let whole = expr.resolved();
        if let Kind::Slot(_) = &whole.kind {
            return self.filled(whole);
        }
        if let Kind::Param(index) = &whole.kind {
            return self.param_is_there(*index, whole);
        }
        let careful = Cx { total: true, ..self.clone() };
        let code = careful.settled(whole);
        if whole.ty.face() == Some(Face::Empty) || (code.is_text && whole.ty.present().is_text()) {
            return Code::compound(format!("({} ?? \"\") != \"\"", code.tight()));
        }
        Code::compound(format!("{} != nil", code.tight()))
    }
}

/// The value as a text: nil and numbers are errors, or their text.
pub(crate) fn forced(code: &Code) -> Code {
    if code.is_text { code.clone() } else { Code::compound(format!("{} + \"\"", code.tight())).text_value().made_of([code]) }
}

/// Texts, one after the other.
fn joined(codes: Vec<Code>) -> Code {
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

fn indexes_a_map(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Index { base, .. } if base.ty.present().record().is_none())
}

fn arguments(subscription: &Subscription) -> String {
    subscription.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(", ")
}

fn lookup_text(subscription: &Subscription, origin: &str) -> String {
    format!("{}({}, warehouse({}))", subscription.function, arguments(subscription), quoted(origin))
}
