//! Values in the form that their place needs (design §2.7). No other place chooses one.

use std::sync::Arc;

use super::code::{Code, forced, quoted};
use super::cx::Cx;
use super::read::reads_result;
use super::records::{helm_escaped, holds_foreign_text};
use super::rules::Rule;
use super::values;
use crate::base::Name;
use crate::emit::yaml::Yaml;
use crate::library::{Face, Form, Record, Rules, Ty};
use crate::types::Value;
use crate::types::eval::eval;
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind, Part, Time};

/// Characters that make Kargo lose a whole configuration (U+007F–U+009F, U+FFFE, U+FFFF) are dropped.
pub(crate) fn untrusted(code: &Code) -> Code {
    if !Rule::Stripped.holds() {
        return code.clone();
    }
    let text = format!(r#"join(filter(split({}, ""), not (# matches "[\\x7f-\\x{{9f}}\\x{{fffe}}\\x{{ffff}}]")), "")"#, code.text);
    Code { is_text: true, ..Code::atom(text) }.made_of([code])
}

/// For YAML files also without what cannot stand in a line of one; a blank for what ends the line.
fn untrusted_line(code: &Code) -> Code {
    let text = format!(
        r#"join(map(filter(split({}, ""), not (# matches "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x{{9f}}\\x{{fffe}}\\x{{ffff}}]")), # matches "[\\n\\r\\x{{2028}}\\x{{2029}}]" ? " " : #), "")"#,
        code.text
    );
    Code { is_text: true, ..Code::atom(text) }.made_of([code])
}

/// A plain text, or a template that gives exactly it, where Kargo would take it for a template.
pub(crate) fn plain_text(text: &str) -> Yaml {
    if has_delimiter(text) { template(&escaped(text)) } else { Yaml::Str(Arc::<str>::from(text).into()) }
}

fn has_delimiter(text: &str) -> bool {
    text.contains("${{") || text.contains("${%")
}

fn escaped(text: &str) -> String {
    if !Rule::Delimiters.holds() {
        return text.to_owned();
    }
    text.replace("${{", "${{ \"$\" + \"\\u007b{\" }}").replace("${%", "${{ \"$\" + \"\\u007b%\" }}")
}

/// A template whose result is forced to stay text.
pub(crate) fn template(inside: &str) -> Yaml {
    shared(if Rule::ForcedText.holds() { format!("\"{inside}\"") } else { inside.to_owned() })
}

pub(super) fn shared(text: String) -> Yaml {
    Yaml::Str(Arc::<str>::from(text).into())
}

impl Cx<'_> {
    /// A setting's value; `None` for one that is given as nothing.
    pub(crate) fn setting(&self, expr: &Expr, ty: &Ty, rules: &Rules) -> Option<Yaml> {
        let expr = through(expr);
        if let Some((cx, found)) = self.item(expr) {
            return cx.setting(&found, ty, rules);
        }
        if let Some((caller, arg)) = self.passed(expr)
            && (arg.time == Time::Static || matches!(through(&arg).kind, Kind::List(_) | Kind::Record(_)))
        {
            return caller.setting(&arg, ty, rules);
        }
        match (&expr.kind, ty.present()) {
            (Kind::Lambda(body), _) => return Some(self.bare_setting(body, rules)),
            (Kind::Record(entries), Ty::Record(record)) => return Some(self.record_setting(entries, record)),
            (Kind::Record(entries), Ty::Map(item, _)) => return Some(self.map_setting(entries, item, rules)),
            (Kind::Record(entries), Ty::Any) => return Some(self.map_setting(entries, &Ty::Any, rules)),
            (Kind::List(elements), Ty::List(item)) => return Some(self.list_setting(expr, elements, item, rules)),
            (Kind::List(elements), Ty::Any) => return Some(self.list_setting(expr, elements, &Ty::Any, rules)),
            (Kind::Choice { test, then, otherwise }, _) if test.time == Time::Static => {
                return self.setting(if eval(test, &self.env).holds() { then } else { otherwise }, ty, rules);
            }
            _ => {}
        }
        if expr.time != Time::Promotion {
            return self.static_setting(&eval(expr, &self.env), ty, rules);
        }
        Some(self.plain(expr, rules).unwrap_or_else(|| self.leaf(expr, ty, rules)))
    }

    /// A static value where a setting's type says how texts in it are written.
    fn static_setting(&self, value: &Value, ty: &Ty, rules: &Rules) -> Option<Yaml> {
        Some(match (value, ty.present()) {
            (Value::Null, _) => return None,
            (Value::Text(text), _) if self.verbatim => Yaml::Str(Arc::clone(text).into()),
            (Value::Text(text), _) if rules.form == Some(Form::YamlText) && Rule::YamlText.holds() => {
                shared(escaped(&format!("'{}'", text.replace('\'', "''"))))
            }
            (Value::Text(text), _)
                if rules.form == Some(Form::HelmLiteral) && !self.takes_literally(rules) && Rule::HelmLiteral.holds() =>
            {
                plain_text(&helm_escaped(text))
            }
            (Value::Text(text), _) => plain_text(text),
            (Value::List(list), Ty::List(item)) => {
                Yaml::Seq(list.iter().filter_map(|value| self.static_setting(value, item, rules)).collect())
            }
            (Value::List(list), _) => Yaml::Seq(list.iter().filter_map(|value| self.static_setting(value, &Ty::Any, rules)).collect()),
            (Value::Record(record), ty) => {
                let mut out: Vec<(crate::emit::yaml::Key, Yaml)> = Vec::new();
                let rows = record.iter().filter_map(|(key, value)| {
                    let field = ty.record().and_then(|record| record.field(key));
                    let (ty, rules) = match (field, ty) {
                        (Some(field), _) => (field.ty.clone(), Arc::clone(&field.rules)),
                        (None, Ty::Map(item, _)) => ((**item).clone(), Arc::new(rules.clone())),
                        _ => (Ty::Any, Arc::default()),
                    };
                    self.static_setting(value, &ty, &rules).map(|yaml| (Arc::<str>::from(key.as_str()).into(), yaml))
                });
                out.extend(rows);
                if let Ty::Record(target) = ty {
                    self.add_flags(target, &mut out);
                }
                Yaml::Map(out)
            }
            (value, _) => values::scalar(value, rules),
        })
    }

    fn record_setting(&self, entries: &[Entry], record: &Record) -> Yaml {
        let mut out = Vec::new();
        for entry in entries {
            match entry {
                Entry::Field { key, value } => {
                    let name = self.key(key);
                    let declared = record.all(&name).find(|field| field.rules.in_all(self.target)).or(record.field(&name));
                    let (ty, rules) = declared.map_or((record.open.clone().unwrap_or(Ty::Any), Arc::default()), |field| {
                        (field.ty.clone(), Arc::clone(&field.rules))
                    });
                    if let Some(yaml) = self.setting(value, &ty, &rules) {
                        put(&mut out, &name, yaml);
                    }
                }
                Entry::Spread(expr) => self.spread(expr, &Ty::Record(Arc::new(copy(record))), &mut out),
            }
        }
        self.add_flags(record, &mut out);
        Yaml::Map(out)
    }

    fn spread(&self, expr: &Expr, ty: &Ty, out: &mut Vec<(crate::emit::yaml::Key, Yaml)>) {
        if expr.time == Time::Promotion && !matches!(through(expr).kind, Kind::Record(_)) {
            return self.spread_later(expr, ty, out);
        }
        if let Some(Yaml::Map(entries)) = self.setting(expr, ty, &Rules::default()) {
            for (key, value) in entries {
                out.retain(|(known, _)| *known != key);
                out.push((key, value));
            }
        }
    }

    /// Sets the sibling that makes the target take a text as it is.
    fn add_flags(&self, record: &Record, out: &mut Vec<(crate::emit::yaml::Key, Yaml)>) {
        for field in &record.fields {
            let Some(flag) = &field.rules.form_flag else { continue };
            let given = |name: &str| out.iter().any(|(key, _)| &**key == name);
            let available = record.field(flag).is_some_and(|flag| flag.rules.in_all(self.target));
            if given(&field.name) && !given(flag) && available && Rule::HelmLiteral.holds() {
                put(out, flag, Yaml::Bool(true));
            }
        }
    }

    fn map_setting(&self, entries: &[Entry], item: &Ty, rules: &Rules) -> Yaml {
        let mut out = Vec::new();
        for entry in entries {
            match entry {
                Entry::Field { key, value } => {
                    if let Some(yaml) = self.setting(value, item, rules) {
                        put(&mut out, &self.key(key), yaml);
                    }
                }
                Entry::Spread(expr) => self.spread(expr, &Ty::Map(Arc::new(item.clone()), Face::Nil), &mut out),
            }
        }
        Yaml::Map(out)
    }

    /// Item by item; a list of which only the promotion knows a part as one expression.
    fn list_setting(&self, whole: &Expr, elements: &[Element], item: &Ty, rules: &Rules) -> Yaml {
        let mut out = Vec::with_capacity(elements.len());
        match self.each_item(elements, &mut |cx, value| out.extend(cx.setting(value, item, rules))) {
            true => Yaml::Seq(out),
            false => self.leaf(whole, &Ty::List(Arc::new(item.clone())), rules),
        }
    }

    pub(crate) fn key(&self, key: &EntryKey) -> Name {
        match key {
            EntryKey::Name(name, _) => name.clone(),
            EntryKey::Computed(expr) => Name::new(eval(expr, &self.env).as_text().unwrap_or("")),
        }
    }

    // ── Values that are known to the promotion alone ──

    fn leaf(&self, expr: &Expr, ty: &Ty, rules: &Rules) -> Yaml {
        let own = if expr.ty.is_error() { ty } else { &expr.ty };
        if own.is_optional() && !matches!(own, Ty::Null) {
            return self.maybe(expr);
        }
        let is_text = own.is_text() || (matches!(own, Ty::Any) && ty.is_text()) || matches!(own, Ty::Duration);
        if !is_text {
            return shared(format!("${{{{ {} }}}}", self.typed(expr)));
        }
        match rules.form.unwrap_or_default() {
            Form::YamlText if Rule::YamlText.holds() => self.yaml_text(expr),
            Form::HelmLiteral if !self.takes_literally(rules) && Rule::HelmLiteral.holds() => {
                let code = forced(&self.code(expr));
                let marks = [("\\", "\\\\"), (",", "\\,"), ("{", "\\{")];
                let escape =
                    |text: String, (mark, escaped): &(&str, &str)| format!("replace({text}, {}, {})", quoted(mark), quoted(escaped));
                template(&format!("${{{{ {} }}}}", marks.iter().fold(code.text, escape)))
            }
            _ => self.text_template(expr),
        }
    }

    /// Quotes force a text to stay one, but only around what Kargo evaluates: elsewhere they would be part of it.
    fn text_template(&self, expr: &Expr) -> Yaml {
        let inside = self.template_parts(expr);
        if inside.contains("${{") { template(&inside) } else { shared(inside) }
    }

    /// Text that is pasted into a YAML file: in single quotes, its own quotes doubled.
    fn yaml_text(&self, expr: &Expr) -> Yaml {
        let doubled = |text: &str| escaped(&text.replace('\'', "''"));
        shared(format!("'{}'", self.parts(expr, &doubled, &|expr| self.yaml_part(expr))))
    }

    /// A value inside such quotes. Closed alphabets have none.
    fn yaml_part(&self, expr: &Expr) -> String {
        let own = expr.ty.present();
        if !own.is_text() && !matches!(own, Ty::Any) {
            return self.part(expr);
        }
        let code = forced(&self.code(expr));
        let is_closed = matches!(own, Ty::Text(kind) if kind.is_closed());
        let foreign = own.is_untrusted() || matches!(own, Ty::Any) || !is_closed && reads_result(expr);
        let code = if foreign { untrusted_line(&code) } else { code };
        match own {
            _ if is_closed => code.text,
            _ => format!("replace({}, \"\\u0027\", \"\\u0027\\u0027\")", code.text),
        }
    }

    /// Whether Helm takes the text as it is (`literal: true`).
    fn takes_literally(&self, rules: &Rules) -> bool {
        rules.form_flag.is_some() && self.target.all_have(rules.form_flag_since, None)
    }

    /// A number, boolean, list or record: one expression and nothing around it.
    fn typed(&self, expr: &Expr) -> String {
        match expr.ty.present() {
            Ty::Bool => self.condition(expr).text,
            Ty::Any => {
                let text = untrusted(&Code::atom("it")).text;
                let other = untrusted(&Code::atom("toJSON(it)")).text;
                format!("let it = {}; type(it) == \"string\" ? \"\\\"\" + {text} + \"\\\"\" : {other}", self.code(expr).text)
            }
            ty if holds_foreign_text(ty) => untrusted(&Code::atom(format!("toJSON({})", self.code(expr).text))).text,
            _ => self.code(expr).text,
        }
    }

    /// The inside of a template: literal text as it is, values between delimiters.
    fn template_parts(&self, expr: &Expr) -> String {
        self.parts(expr, &escaped, &|expr| self.part(expr))
    }

    fn parts(&self, expr: &Expr, text: &dyn Fn(&str) -> String, value: &dyn Fn(&Expr) -> String) -> String {
        let expr = through(expr);
        if let Kind::Text(parts) = &expr.kind {
            let parts = parts.iter().map(|part| match part {
                Part::Text(known) => text(known),
                Part::Expr(inner) => self.parts(inner, text, value),
            });
            return parts.collect();
        }
        match self.item(expr).or_else(|| self.passed(expr)) {
            _ if expr.time == Time::Static => text(&eval(expr, &self.env).interpolated().unwrap_or_default()),
            Some((caller, arg)) if arg.time == Time::Static => text(&eval(&arg, &caller.env).interpolated().unwrap_or_default()),
            _ => format!("${{{{ {} }}}}", value(expr)),
        }
    }

    /// A value inside a text. Numbers need no conversion there.
    fn part(&self, expr: &Expr) -> String {
        match expr.ty.present() {
            Ty::Int if Rule::NumbersInText.holds() => format!("int({})", self.code(expr).text),
            Ty::Bool => self.condition(expr).text,
            _ => self.text_of(expr).text,
        }
    }

    /// Nil where it is absent, else forced text (or the value, if it is no text). Never fails: the form of variables.
    pub(crate) fn maybe(&self, expr: &Expr) -> Yaml {
        let careful = Cx { total: true, ..self.clone() };
        shared(format!("${{{{ {} }}}}", careful.maybe_code(expr)))
    }

    fn maybe_code(&self, expr: &Expr) -> String {
        let (code, ty) = (self.settled(expr), expr.ty.present());
        if !ty.is_text() && !matches!(ty, Ty::Any) {
            return code.text;
        }
        let absent = match expr.ty.face() {
            Some(Face::Empty) if code.nilable => "(it ?? \"\") == \"\"",
            Some(Face::Empty) => "it == \"\"",
            _ => "it == nil",
        };
        let is_foreign = ty.is_untrusted() || matches!(ty, Ty::Any);
        let text = if is_foreign { untrusted(&Code::atom("it")).text } else { "it".to_owned() };
        let text = format!("\"\\\"\" + {text} + \"\\\"\"");
        let value = if matches!(ty, Ty::Any) { format!("type(it) == \"string\" ? {text} : it") } else { text };
        format!("let it = {}; {absent} ? nil : {value}", code.text)
    }

    /// The value of a variable: always a text in the manifest, whatever it stands for.
    pub(crate) fn variable(&self, expr: &Expr, ty: &Ty) -> Yaml {
        let expr = through(expr);
        if expr.time == Time::Static {
            return match eval(expr, &self.env) {
                Value::Null | Value::Error if !Rule::NilParameters.holds() => shared(String::new()),
                Value::Null | Value::Error => shared("${{ nil }}".to_owned()),
                // An empty text would count as missing.
                Value::Text(text) if text.is_empty() => shared("${{ \"\" }}".to_owned()),
                Value::Text(text) => plain_text(&text),
                value @ Value::Duration(_) => shared(value.interpolated().unwrap_or_default()),
                value if !Rule::TypedVariables.holds() => shared(value.interpolated().unwrap_or_default()),
                value => shared(format!("${{{{ {} }}}}", super::code::literal(&value).text)),
            };
        }
        let careful = Cx { total: Rule::TotalVariables.holds(), ..self.clone() };
        let ty = if matches!(expr.ty, Ty::Error) { ty } else { &expr.ty };
        match ty {
            Ty::Bool => shared(format!("${{{{ {} }}}}", careful.condition(expr).text)),
            _ if ty.present().is_text() || matches!(ty.present(), Ty::Any) => careful.total_text(expr),
            _ => shared(format!("${{{{ {} }}}}", careful.settled(expr).text)),
        }
    }

    /// A text that a variable holds: plain where it is surely there, else nil or the text.
    fn total_text(&self, expr: &Expr) -> Yaml {
        let is_sure = self.code(expr).is_sure_text() && expr.ty.face().is_none();
        if is_sure { self.text_template(expr) } else { self.maybe(expr) }
    }
}

/// The expression behind `let`s that are substituted.
pub(crate) fn through(expr: &Expr) -> &Expr {
    match &expr.kind {
        Kind::Let(def) if !def.latched => through(&def.value),
        _ => expr,
    }
}

pub(super) fn put(out: &mut Vec<(crate::emit::yaml::Key, Yaml)>, name: &str, value: Yaml) {
    out.retain(|(known, _)| &**known != name);
    out.push((Arc::<str>::from(name).into(), value));
}

fn copy(of: &Record) -> Record {
    Record { name: of.name.clone(), fields: of.fields.clone(), open: of.open.clone() }
}
