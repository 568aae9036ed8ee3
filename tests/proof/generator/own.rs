//! Expressions of a step's own, and steps whose results a setting names: what is written here about answers and files
//! fits what `chance` makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use loadline::base::Name;
use loadline::library::{Face, Field, Record, Rules, StepSig, TextKind, Ty};

use super::Generator;
use super::expr::Wish;
use super::scope::Scope;
use super::text::quoted;

/// A result: its expression, its type as an author knows it, and as the compiler knows it without being told.
struct Result {
    expression: String,
    promised: Ty,
    inferred: Ty,
}

const NAMES: &[&str] = &["url", "number-b", "on", "count", "last"];

impl Generator<'_> {
    /// `name => …` for a setting that takes one.
    pub fn own_expression(&mut self, envs: &[Name], rules: &Rules, scope: &Scope) -> Option<String> {
        let (parameter, seen) = self.what_is_seen(envs)?;
        let body = if rules.condition { self.own_condition(&seen, scope)? } else { self.own_value(&seen, scope)?.expression };
        Some(format!("{parameter} => {body}"))
    }

    /// The parameter, and how the document is written in the expression.
    fn what_is_seen(&mut self, envs: &[Name]) -> Option<(&'static str, String)> {
        match envs.first()?.as_str() {
            "http-response" => Some(("response", "response.body".to_owned())),
            "document-root" => {
                let name = *self.random.pick(&["file", "doc-1", "values"]);
                Some((name, name.to_owned()))
            }
            _ => None,
        }
    }

    fn own_condition(&mut self, seen: &str, scope: &Scope) -> Option<String> {
        let wish = Wish::default();
        let text = |all: &mut Self| all.expr(&Ty::UNTRUSTED, scope, wish, 2);
        Some(match self.random.below(7) {
            0 if seen.starts_with("response") => "response.status == 200".to_owned(),
            1 => format!("{seen}.text == {}", text(self)?),
            2 => format!("{seen}.count > 2 || {}", self.condition(scope, wish, 2)),
            3 => format!("{seen}.inner.number >= {}", self.number(scope, wish, 2)),
            // 5: in such an expression an absent text is not the empty one.
            4 => format!("{seen}?.maybe != \"x\""),
            5 => format!("{} && {seen}.word != \"x\"", self.condition(scope, wish, 2)),
            _ => format!("{} contains {seen}.inner[\"on\"]", text(self)?),
        })
    }

    fn own_value(&mut self, seen: &str, scope: &Scope) -> Option<Result> {
        let is = |expression: String, promised: Ty, inferred: Ty| Some(Result { expression, promised, inferred });
        let string = |expression: String| is(expression, Ty::STRING, Ty::UNTRUSTED);
        let foreign = |expression: String| is(expression, Ty::UNTRUSTED, Ty::UNTRUSTED);
        let maybe = |expression: String| is(expression, Ty::UNTRUSTED.optional(Face::Nil), Ty::UNTRUSTED.optional(Face::Nil));
        match self.random.below(14) {
            0 => foreign(format!("{seen}.text")),
            1 => foreign(format!("{seen}[\"a.b\"]")),
            2 | 3 => string(format!("{seen}.word")),
            4 => is(format!("{seen}.count"), Ty::Int, Ty::Null),
            5 => is(format!("{seen}.inner.number"), Ty::Int, Ty::Null),
            6 => is(format!("{seen}.flag"), Ty::Bool, Ty::Null),
            7 => maybe(format!("{seen}?.maybe")),
            8 => is(format!("len({seen}.list)"), Ty::Int, Ty::Int),
            9 => is(self.own_condition(seen, scope)?, Ty::Bool, Ty::Bool),
            10 if seen.starts_with("response") => {
                is("response.header(\"Location\")".to_owned(), Ty::UNTRUSTED.optional(Face::Empty), Ty::UNTRUSTED.optional(Face::Empty))
            }
            11 if seen.starts_with("response") => is("response.status".to_owned(), Ty::Int, Ty::Int),
            12 => foreign(format!("({seen}?.maybe ?? {})", self.expr(&Ty::UNTRUSTED, scope, Wish::default(), 2)?)),
            13 => foreign(format!("\"${{{seen}.text}}-${{{}}}\"", self.expr(&Ty::STRING, scope, Wish::default(), 2)?)),
            _ => string(format!("{seen}.inner[\"on\"]")),
        }
    }

    /// `outputs` of a step, with the results that they make: the author's types for some, none for others.
    pub fn named_results(&mut self, step: &StepSig, scope: &Scope) -> Option<(BTreeMap<String, String>, String, Arc<Record>)> {
        let (list, name) = step.rules.outputs_from.clone()?;
        let Ty::List(item) = &step.settings.field(&list)?.ty else { return None };
        let expression = item.record()?.fields.iter().find(|field| matches!(field.ty, Ty::Expression(_)))?;
        let Ty::Expression(envs) = &expression.ty else { return None };
        let (parameter, seen) = self.what_is_seen(envs)?;
        let (mut rows, mut fields, mut promises) = (Vec::new(), Vec::new(), Vec::new());
        let names: Vec<&str> = NAMES.iter().copied().skip(self.random.below(2)).take(1 + self.random.below(3)).collect();
        for own in &names {
            let result = self.own_value(&seen, scope)?;
            let promise = matches!(result.inferred, Ty::Null) || self.random.one_in(2);
            let ty = if promise { result.promised } else { result.inferred };
            if promise {
                promises.push(format!("{own}: {ty}"));
            }
            rows.push(format!("{{ {name}: {}, {}: {parameter} => {} }}", quoted(own), expression.name, result.expression));
            let mut rules = Rules::default();
            rules.empty = ty.face() == Some(Face::Empty);
            let optional = ty.is_optional();
            fields.push(Field { optional, rules: Arc::new(rules), ..Field::plain(Name::new(own), self.nowhere(), ty.present().clone()) });
        }
        if names.len() == 1 && self.random.one_in(3) {
            // One row for several names, each a key of the file.
            let keys = ["word", "text"];
            rows = vec![format!("for key in [\"word\", \"text\"]: {{ {name}: key, {}: {parameter} => {seen}[key] }}", expression.name)];
            fields = keys.iter().map(|key| Field::plain(Name::new(key), self.nowhere(), Ty::UNTRUSTED)).collect();
            promises.clear();
        }
        let given = BTreeMap::from([(list.to_string(), format!("[{}]", rows.join(", ")))]);
        let promise = if promises.is_empty() { String::new() } else { format!(": {{ {} }}", promises.join(", ")) };
        Some((given, promise, Arc::new(Record { name: None, fields, open: None })))
    }

    /// A body of JSON.
    pub fn body_of_json(&mut self, scope: &Scope, wish: Wish<'_>) -> Option<String> {
        let mut rows = Vec::new();
        for key in ["text", "\"on b\"", "\"a\\\"b\""].iter().take(1 + self.random.below(3)) {
            rows.push(format!("{key}: {}", self.any(scope, Wish { rules: None, ..wish }, 2)?));
        }
        Some(format!("json({{ {} }})", rows.join(", ")))
    }

    /// Code of Kargo's own with a value in it.
    pub fn raw_text(&mut self, kind: TextKind, scope: &Scope, depth: usize) -> Option<String> {
        let word = match kind {
            TextKind::String => "String",
            TextKind::Untrusted => "Untrusted",
            _ => return None,
        };
        let code = *self.random.pick(&[
            "lower(_) + '}}' + ctx.stage",
            "split(_, \\\"-\\\")[0]",
            "_ == '' ? 'none' : _",
            "{'it\\\\'s': _, 'on': 1}['it\\\\'s']",
            "['a', _][1]",
            "let y = _; y + ' \\${% ' + y",
            "string(len('x') + 1) + _",
            "(_ contains '\\${{') ? 'a' : upper(_)",
            "replace(_, 'a', '\\\\u007b{') /* a }} comment */",
        ]);
        Some(format!("(raw(\"{}\") as {word})", self.with_operands(code, kind, scope, depth)?))
    }

    pub fn raw_number(&mut self, scope: &Scope, depth: usize) -> Option<String> {
        Some(format!("(raw(\"{}\") as Int)", self.with_operands("len(_) + 1", TextKind::String, scope, depth)?))
    }

    pub fn raw_condition(&mut self, scope: &Scope, depth: usize) -> Option<String> {
        let code = *self.random.pick(&["_ startsWith 'v' && not (_ contains '}}')", "!(_ endsWith '%}')", "_ != nil || false"]);
        Some(format!("(raw(\"{}\") as Bool)", self.with_operands(code, TextKind::Untrusted, scope, depth)?))
    }

    fn with_operands(&mut self, code: &str, kind: TextKind, scope: &Scope, depth: usize) -> Option<String> {
        let inner = self.expr(&Ty::Text(kind), scope, Wish::default(), depth.saturating_sub(1))?;
        Some(code.replace('_', &format!("${{{inner}}}")))
    }

    /// What only Kargo's own functions know.
    pub fn known_to_kargo(&mut self, scope: &Scope) -> Option<String> {
        let names = ["sharedConfigMap", "stageMetadata", "freightMetadata", "semverDiff", "semverParse"];
        let name = *self.random.pick(&names);
        if !self.has_function(name) || scope.in_task && name == "freightMetadata" {
            return None;
        }
        Some(match name {
            "sharedConfigMap" => "(sharedConfigMap(\"settings\").mode ?? \"none\")".to_owned(),
            "stageMetadata" => format!("(stageMetadata(\"test\")?.{} ?? \"none\")", self.random.pick(&["note", "missing", "[\"note\"]"])),
            "freightMetadata" => "(freightMetadata(ctx.targetFreight.name)?.note ?? \"none\")".to_owned(),
            name => {
                let version = self.literal(Wish::default(), TextKind::SemVer)?;
                if name == "semverDiff" {
                    format!("semverDiff({version}, \"1.2.3\")")
                } else {
                    format!("\"${{semverParse({version}).minor}}\"")
                }
            }
        })
    }
}
