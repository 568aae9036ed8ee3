//! Bare expressions: settings that Kargo's steps read as expr-lang themselves. What says something of their own names is
//! written as code. What says something of the promotion is evaluated by Kargo before the step sees the setting, and
//! would be pasted into the code: it is embedded as a literal that cannot end (`${{ toJSON(…) }}`).

use super::code::{Code, is_identifier, quoted};
use super::cx::Cx;
use super::forms::{shared, template, untrusted};
use super::records::holds_foreign_text;
use super::rules::Rule;
use crate::base::Name;
use crate::emit::yaml::Yaml;
use crate::library::{Face, Rules, Ty};
use crate::types::tree::{Expr, Kind, Time};

/// How expr-lang calls all of what an expression sees.
pub(super) const ENVIRONMENT: &str = "$env";

/// Names that expr-lang has functions for: as a key of a file such a name must be looked up.
const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bitand",
    "bitnand",
    "bitnot",
    "bitor",
    "bitshl",
    "bitshr",
    "bitushr",
    "bitxor",
    "ceil",
    "concat",
    "count",
    "date",
    "duration",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "first",
    "flatten",
    "float",
    "floor",
    "fromBase64",
    "fromJSON",
    "fromPairs",
    "get",
    "groupBy",
    "hasPrefix",
    "hasSuffix",
    "indexOf",
    "int",
    "join",
    "keys",
    "last",
    "lastIndexOf",
    "len",
    "lower",
    "map",
    "max",
    "mean",
    "median",
    "min",
    "none",
    "now",
    "one",
    "reduce",
    "repeat",
    "replace",
    "reverse",
    "round",
    "sort",
    "sortBy",
    "split",
    "splitAfter",
    "string",
    "sum",
    "take",
    "timezone",
    "toBase64",
    "toJSON",
    "toPairs",
    "trim",
    "trimPrefix",
    "trimSuffix",
    "type",
    "uniq",
    "upper",
    "values",
];

impl Cx<'_> {
    /// `name => …` as the text of its setting.
    pub(super) fn bare_setting(&self, body: &Expr, rules: &Rules) -> Yaml {
        let inside = Cx { bare: true, ..self.clone() };
        let code = if rules.condition { inside.condition(body) } else { inside.code(body) };
        let text = if rules.stored && Rule::StoredResults.holds() { stored(body, &code) } else { code.text };
        // Without a template Kargo takes the text as it is; with one it must be kept from taking the result for a value.
        if text.contains("${{") { template(&text) } else { shared(text) }
    }

    /// Whether this part of a bare expression is about the promotion alone.
    pub(super) fn is_embedded(&self, expr: &Expr) -> bool {
        self.bare && expr.time == Time::Promotion && !expr.reads_lambda_name()
    }

    /// The value as a literal of expr-lang. Absent is `nil`: JSON's `null` would be the name of something.
    pub(super) fn embedded(&self, expr: &Expr) -> Code {
        let plain = Cx { bare: false, ..self.clone() };
        let ty = expr.ty.present();
        if expr.ty.is_optional() {
            let careful = Cx { total: true, ..plain };
            let absent = if expr.ty.face() == Some(Face::Empty) { "(it ?? \"\") == \"\"" } else { "it == nil" };
            let value = untrusted(&Code::atom("toJSON(it)")).text;
            let text = format!("${{{{ let it = {}; {absent} ? \"nil\" : {value} }}}}", careful.settled(expr).text);
            return Code { nilable: true, ..Code::atom(text) };
        }
        match ty {
            Ty::Bool => self.embedded_condition(expr),
            Ty::Int => Code::atom(format!("(${{{{ int({}) }}}})", plain.code(expr).text)),
            ty if ty.is_text() && !Rule::LiteralsInOwn.holds() => {
                Code::atom(format!("\"${{{{ {} }}}}\"", plain.text_of(expr).text)).text_value()
            }
            ty if ty.is_text() => Code::atom(format!("${{{{ toJSON({}) }}}}", plain.text_of(expr).text)).text_value(),
            ty => {
                let code = Code::atom(format!("toJSON({})", plain.code(expr).text));
                let code = if holds_foreign_text(ty) { untrusted(&code) } else { code };
                Code { nilable: matches!(ty, Ty::Any), ..Code::atom(format!("(${{{{ {} }}}})", code.text)) }
            }
        }
    }

    pub(super) fn embedded_condition(&self, expr: &Expr) -> Code {
        let plain = Cx { bare: false, ..self.clone() };
        Code::atom(format!("${{{{ {} }}}}", plain.condition(expr).text))
    }
}

/// A key of the file that an expression reads. Up to 1.8 the bare name of a key that is not there is an error.
pub(super) fn document_key(name: &Name, careful: bool) -> Code {
    let is_word = is_identifier(name) && !BUILTINS.contains(&name.as_str());
    let text = match (careful, is_word) {
        (true, _) => format!("{ENVIRONMENT}?.[{}]", quoted(name)),
        (false, true) => name.to_string(),
        (false, false) => format!("{ENVIRONMENT}[{}]", quoted(name)),
    };
    Code { nilable: careful, ..Code::atom(text) }
}

/// A value that Kargo can keep as a result: whole numbers and lists that expr-lang makes it cannot copy, and one control
/// character makes it lose all results of the step.
fn stored(body: &Expr, code: &Code) -> String {
    let is_path = matches!(body.resolved().kind, Kind::Field { .. } | Kind::Index { .. });
    match &body.ty {
        Ty::Bool | Ty::Float => code.text.clone(),
        Ty::Int if is_path => code.text.clone(),
        Ty::Int => format!("float({})", code.text),
        ty if ty.is_text() && !ty.is_untrusted() => code.text.clone(),
        _ => format!("fromJSON({})", untrusted(&Code::atom(format!("toJSON({})", code.text))).text),
    }
}
