//! Parameters of objects: `analysis-template smoke(url: String) { … }`. They are known when the object is used; until
//! then the target's own placeholder stands in their place.

use super::assign::constant;
use super::block::CheckedBlock;
use super::checker::Checker;
use super::errors;
use super::scope::What;
use super::tree::{Element, Entry, Expr, Kind, Part, Time};
use crate::base::{Name, Span};
use crate::library::{Field, KindSig, Record, Rules, Ty};
use crate::syntax::ast;
use crate::types::Value;

/// A parameter of an object.
#[derive(Debug)]
pub struct BlockParameter {
    pub name: Name,
    pub span: Span,
    pub ty: Ty,
    /// What the target takes where a use gives nothing: a text, or a record that says where it comes from.
    pub default: Option<Expr>,
}

/// An object of the project that can be called.
#[derive(Clone, Debug)]
pub struct Callable {
    pub name: Name,
    pub cluster_name: Name,
    /// Its kind in the cluster.
    pub object: Name,
    pub span: Span,
    pub parameters: Vec<CallParameter>,
}

/// What a call of an object gives.
#[derive(Clone, Debug)]
pub struct CallParameter {
    pub name: Name,
    pub span: Span,
    pub ty: Ty,
    /// Whether a call must give it.
    pub needed: bool,
    /// What its declaration gives, if that is written there and not taken from somewhere.
    pub default: Option<Value>,
}

impl Callable {
    /// What can be called of an object with parameters.
    pub fn of(block: &CheckedBlock, name: Name, cluster_name: Name, span: Span) -> Option<Callable> {
        block.kind.rules.parameters.as_ref()?;
        let (_, object) = block.kind.rules.object.clone()?;
        let parameters = block.parameters.iter().map(|found| CallParameter {
            name: found.name.clone(),
            span: found.span,
            ty: found.ty.clone(),
            needed: found.default.is_none(),
            default: found.default.as_ref().and_then(constant).filter(|value| !matches!(value, Value::Record(_))).cloned(),
        });
        Some(Callable { name, cluster_name, object, span, parameters: parameters.collect() })
    }
}

impl Checker<'_, '_> {
    /// Lets `verify` call these.
    pub fn with_callables(&mut self, callables: Vec<Callable>) {
        self.callables = callables;
    }

    /// The parameters of a declaration, bound to their placeholders.
    pub(super) fn block_parameters(&mut self, kind: &KindSig, declaration: &ast::Declaration) -> Vec<BlockParameter> {
        let written = declaration.parameters.as_deref().unwrap_or_default();
        let Some((list, spelling)) = &kind.rules.parameters else {
            if let Some(first) = written.first() {
                self.report(errors::no_parameters(&kind.name, first.span));
            }
            return Vec::new();
        };
        let mut out: Vec<BlockParameter> = Vec::new();
        for parameter in written {
            let name = parameter.name.name.clone();
            if out.iter().any(|known| known.name == name) {
                self.report(errors::duplicate("parameter", &name, parameter.name.span, declaration.kind.span));
                continue;
            }
            let ty = self.parameter_type(parameter);
            let default = parameter.default.as_ref().map(|default| self.block_default(kind, list, default, &ty));
            if (parameter.optional && default.is_none()) || ty.is_optional() {
                self.report(errors::needs_default(&name, parameter.span));
            } else if ty.is_secret() && default.is_none() {
                self.report(errors::secret_without_source(&name, parameter.span));
            }
            let text = Name::new(spelling.replace("NAME", &name));
            self.bind(name.clone(), parameter.name.span, What::Placeholder { ty: ty.clone(), text }, false);
            out.push(BlockParameter { name, span: parameter.name.span, ty, default });
        }
        out
    }

    /// Texts and numbers: what a placeholder can be filled with.
    fn parameter_type(&mut self, parameter: &ast::Parameter) -> Ty {
        let ty = self.type_of(&parameter.ty);
        let fits = |ty: &Ty| ty.is_text() || matches!(ty, Ty::Int | Ty::Float | Ty::Bool | Ty::Error);
        if !fits(ty.present()) {
            self.report(errors::template_parameter(&ty, parameter.ty.span));
            return Ty::Error;
        }
        ty
    }

    /// A value, or a record for the list of parameters: where the value comes from.
    fn block_default(&mut self, kind: &KindSig, list: &Name, default: &ast::Expr, ty: &Ty) -> Expr {
        if let (ast::ExprKind::Record(block), Some(item)) = (&default.inner().kind, item_of(kind, list)) {
            let value = self.check_record(default.span, block, &std::sync::Arc::new(item), "a parameter");
            return self.require_static(value, "a default");
        }
        let value = self.check_against(default, ty, &Rules::default(), "a default");
        self.require_static(value, "a default")
    }

    /// A setting of an object: known while compiling, but for placeholders in its texts.
    pub(super) fn require_written(&mut self, value: Expr, what: &str) -> Expr {
        if value.time != Time::Use {
            return self.require_static(value, what);
        }
        match unwritten(&value) {
            Some(at) => {
                self.report(errors::known_when_used(what, at));
                Expr::error(value.span)
            }
            None => value,
        }
    }
}

/// What an entry of the list of parameters may say besides its name.
fn item_of(kind: &KindSig, list: &str) -> Option<Record> {
    let Ty::List(item) = &kind.settings.field(list)?.ty else { return None };
    let fields: Vec<Field> = item.record()?.fields.iter().filter(|field| field.optional).cloned().collect();
    Some(Record { fields, ..Record::default() })
}

/// The first part of a value in which a placeholder is more than text.
fn unwritten(value: &Expr) -> Option<Span> {
    if value.time == Time::Static {
        return None;
    }
    match &value.kind {
        Kind::Placeholder(_) => None,
        Kind::Let(def) => unwritten(&def.value),
        Kind::Present(inner) => unwritten(inner),
        Kind::Text(parts) => parts.iter().find_map(|part| if let Part::Expr(expr) = part { unwritten(expr) } else { None }),
        Kind::List(elements) => elements.iter().find_map(|element| match element {
            Element::One(expr) | Element::Spread(expr) => unwritten(expr),
            Element::For(found) => unwritten(&found.value),
        }),
        Kind::Record(entries) => entries.iter().find_map(|entry| match entry {
            Entry::Field { value, .. } | Entry::Spread(value) => unwritten(value),
        }),
        Kind::Choice { test, then, otherwise } if test.time == Time::Static => unwritten(then).or_else(|| unwritten(otherwise)),
        _ => Some(value.span),
    }
}
