//! Reading: slots, parameters, results and their fields, as expr-lang spells them.

use std::rc::Rc;

use super::code::{Code, is_identifier, quoted};
use super::cx::{Cx, Inlined, Params, Reading};
use super::rules::Rule;
use crate::base::Name;
use crate::expand::Subscription;
use crate::library::{Face, Ty};
use crate::types::Value;
use crate::types::eval::eval;
use crate::types::tree::{Expr, Kind, Time};

impl Cx<'_> {
    pub(super) fn field(&self, base: &Expr, name: &Name, spelling: Option<&Name>, safe: bool, whole: &Expr) -> Code {
        if let Some(code) = self.item_code(whole).or_else(|| self.flattened(whole)) {
            return code;
        }
        let inner = self.settled(base);
        self.member(&inner, name, spelling, safe, base, whole)
    }

    /// `base.name`, or `base?.name` where the base may be nil.
    pub(super) fn member(&self, inner: &Code, name: &Name, spelling: Option<&Name>, safe: bool, base: &Expr, whole: &Expr) -> Code {
        if inner.text == super::bare::ENVIRONMENT {
            return super::bare::document_key(name, safe || self.total);
        }
        let own = if inner.bare { spelling.unwrap_or(name) } else { name };
        let careful = safe || self.total || inner.nilable || base.ty.is_optional();
        let careful = careful && (Rule::SafeResults.holds() || !matches!(base.resolved().kind, Kind::Result(_)));
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

    pub(super) fn index(&self, base: &Expr, index: &Expr, safe: bool, whole: &Expr) -> Code {
        if let Some(code) = self.item_code(whole).or_else(|| self.flattened(whole)) {
            return code;
        }
        let inner = self.settled(base);
        if let Some(method) = inner.text.strip_suffix("()").filter(|_| matches!(base.kind, Kind::Field { .. })) {
            // A field that is a function of a text.
            return Code::atom(format!("{method}({})", self.text_of(index).text)).text_value();
        }
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
    pub(super) fn flattened(&self, whole: &Expr) -> Option<Code> {
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
    pub(super) fn returned(&self, index: usize, path: &[(Name, Option<Name>, bool, &Expr)]) -> Option<Code> {
        let Some(Reading::Inlined(inlined)) = self.readings.borrow().get(&index).cloned() else { return None };
        let (name, ..) = path.first()?;
        let (_, value) = inlined.task.returns.iter().find(|(known, _)| known == name)?;
        let inner = self.inside(&inlined);
        let mut code = inner.code(value);
        let mut base = value;
        for (name, spelling, safe, at) in path.iter().skip(1) {
            code = self.member(&code, name, spelling.as_ref(), *safe, base, at);
            base = at;
        }
        Some(Code { nilable: code.nilable || !code.is_text, ..code })
    }

    /// What an inlined call sees.
    pub(super) fn inside(&self, inlined: &Inlined) -> Self {
        Cx {
            env: inlined.env.clone(),
            params: Params::Arguments { caller: Rc::new(self.clone()), args: Rc::new(inlined.args.clone()) },
            readings: Rc::clone(&inlined.readings),
            latches: Rc::clone(&inlined.latches),
            variables: Rc::clone(&inlined.variables),
            ..self.clone()
        }
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
    pub(super) fn discovered(&self, name: &str) -> Code {
        let found = self.slots.first().and_then(|slot| slot.subscriptions.iter().find(|known| known.name == name));
        let text = found.map_or_else(|| "nil".to_owned(), |found| format!("{}({})", found.function, arguments(found)));
        Code { bare: true, ..Code::atom(text) }
    }

    /// `outputs["push"]`. Variables are evaluated before the first step has ended, too, when there are no outputs at all.
    pub(crate) fn output(&self, alias: &str) -> String {
        format!("{}{}[{}]", self.outputs(), if self.total { "?." } else { "" }, quoted(alias))
    }

    /// Steps of a task see each other under `task.outputs`.
    pub(crate) fn outputs(&self) -> &'static str {
        if self.in_task { "task.outputs" } else { "outputs" }
    }

    pub(super) fn promoting(&self, target: &Expr) -> Code {
        let origin = self.origin_of(target);
        match origin {
            Some(origin) => Code::compound(format!("ctx.targetFreight.origin.name == {origin}")),
            None => Code::atom("false"),
        }
    }
}

fn indexes_a_map(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Index { base, .. } => base.ty.present().record().is_none(),
        Kind::Field { base, .. } => matches!(base.ty.present(), Ty::Map(..)),
        _ => false,
    }
}

fn arguments(subscription: &Subscription) -> String {
    subscription.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(", ")
}

fn lookup_text(subscription: &Subscription, origin: &str) -> String {
    let origin = if Rule::OriginGiven.holds() { format!(", warehouse({})", quoted(origin)) } else { String::new() };
    format!("{}({}{origin})", subscription.function, arguments(subscription))
}

/// Whether a step has a say in the text: its type is the author's word, and its characters are not.
pub(super) fn reads_result(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |inner| {
        let is_open = match inner.ty.present() {
            Ty::Text(kind) => !kind.is_closed(),
            ty => matches!(ty, Ty::Any),
        };
        found |= is_open && is_of_result(inner);
    });
    found
}

fn is_of_result(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Field { base, .. } | Kind::Index { base, .. } => {
            matches!(base.resolved().kind, Kind::Result(_)) || is_of_result(base.resolved())
        }
        _ => false,
    }
}
