//! Templates: entries with parameters, all of them known while compiling. Typed once, whoever calls them.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::index::Meaning;
use super::tree::Expr;
use super::value::Value;
use crate::base::{Name, Span};
use crate::library::{Face, Ty};
use crate::program::TaskDecl;
use crate::syntax::ast;

/// The signature of a template.
#[derive(Debug)]
pub struct Template {
    pub name: Name,
    pub span: Span,
    pub parameters: Vec<TemplateParameter>,
}

/// A parameter; in the body it is the local at its place among the parameters.
#[derive(Debug)]
pub struct TemplateParameter {
    pub name: Name,
    pub span: Span,
    /// As the body sees it: `T?` if it may be left out and has no default.
    pub ty: Ty,
    pub optional: bool,
    /// Its value when it is left out; it sees the parameters before it.
    pub default: Option<Expr>,
}

impl TemplateParameter {
    fn is_needed(&self) -> bool {
        !self.optional && self.default.is_none()
    }
}

impl Template {
    /// The static names of a body.
    pub fn locals(&self) -> Vec<(Name, Span, Ty)> {
        self.parameters.iter().map(|parameter| (parameter.name.clone(), parameter.span, parameter.ty.clone())).collect()
    }
}

impl Checker<'_, '_> {
    pub(crate) fn template(&mut self, decl: TaskDecl<'_>) -> Template {
        let declaration = decl.declaration;
        let mut parameters: Vec<TemplateParameter> = Vec::new();
        for written in declaration.parameters.as_deref().unwrap_or(&[]) {
            let name = written.name.name.clone();
            if let Some(known) = parameters.iter().find(|known| known.name == name) {
                self.report(errors::duplicate("parameter", &name, written.name.span, known.span));
            }
            let ty = self.type_of(&written.ty);
            let default = written.default.as_ref().map(|default| {
                let value = self.check_value(default, &ty, &format!("the default of `{name}`"));
                self.require_static(value, "the default of a parameter")
            });
            let optional = written.optional || ty.is_optional();
            let ty = if optional && default.is_none() { ty.optional(Face::Nil) } else { ty };
            self.bind_local(name.clone(), written.name.span, ty.clone());
            parameters.push(TemplateParameter { name, span: written.name.span, ty, optional, default });
        }
        Template { name: declaration.constant_name().map(Name::new).unwrap_or_default(), span: decl.span, parameters }
    }

    /// The arguments of a call in the order of the parameters, `None` for those left out. `None` for all if the call was
    /// reported.
    pub fn template_arguments(&mut self, template: &Template, args: &[ast::Arg], callee: Span) -> Option<Vec<Option<Expr>>> {
        let mut given: Vec<Option<Expr>> = template.parameters.iter().map(|_| None).collect();
        let mut is_sound = true;
        for arg in args {
            let index = match &arg.name {
                Some(name) => template.parameters.iter().position(|parameter| parameter.name == name.name),
                None => (args.len() == 1 && template.parameters.len() == 1 && !arg.inherit).then_some(0),
            };
            let Some((parameter, place)) = index.and_then(|index| template.parameters.get(index).zip(given.get_mut(index))) else {
                let known: Vec<&str> = template.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
                self.report(errors::unknown_argument(arg, &template.name, &known));
                is_sound = false;
                continue;
            };
            if let Some(name) = &arg.name {
                self.world.note(|index| index.refer(name.span, parameter.span, Meaning::Parameter));
            }
            if place.is_some() {
                self.report(errors::argument_twice(arg, &parameter.name));
                is_sound = false;
            }
            let value = self.check_value(&arg.value, &parameter.ty, &format!("argument `{}` of `{}`", parameter.name, template.name));
            let value = self.require_static(value, &format!("the parameter `{}` of a template", parameter.name));
            is_sound &= !value.is_error();
            *place = Some(value);
        }
        let left_out = template.parameters.iter().zip(&given).filter(|(parameter, value)| value.is_none() && parameter.is_needed());
        let missing: Vec<&str> = left_out.map(|(parameter, _)| parameter.name.as_str()).collect();
        if !missing.is_empty() && is_sound {
            self.report(errors::missing_arguments(&missing, &template.name, callee, template.span));
        }
        (is_sound && missing.is_empty()).then_some(given)
    }
}

/// Some value of a type: what a template that nobody calls is checked with.
pub fn sample(ty: &Ty, name: &Name) -> Value {
    match ty {
        Ty::Bool => Value::Bool(true),
        Ty::Int => Value::Int(1),
        Ty::Float => Value::Float(1.0),
        Ty::Duration => Value::Duration(Name::new("1m")),
        Ty::Text(_) => Value::text(name),
        Ty::Literal(text) => Value::text(text),
        Ty::Union(members) => members.first().map_or(Value::Error, |member| sample(member, name)),
        Ty::Optional(inner, _) => sample(inner, name),
        Ty::List(item) => Value::List(vec![sample(item, name)].into()),
        Ty::Map(item, _) => Value::Record(Arc::new(std::iter::once((name.clone(), sample(item, name))).collect())),
        Ty::Record(record) => {
            let fields = record.fields.iter().map(|field| (field.name.clone(), sample(&field.ty, &field.name)));
            Value::Record(Arc::new(fields.collect()))
        }
        Ty::Null => Value::Null,
        Ty::Error | Ty::Any | Ty::StepResult | Ty::Expression(_) => Value::Error,
    }
}
