//! From declarations to signatures.

use std::sync::Arc;

use super::attributes;
use super::signature::{FunctionSig, KindSig, StepSig};
use super::ty::{Record, Ty};
use super::types::{TypeScope, make_field, record_of, type_of};
use crate::base::Name;
use crate::diag::Diagnostic;
use crate::syntax::ast::{Declaration, Item, ItemKind, Parameter, TypeExpr, TypeKind};

/// `step k(setting: T) -> { out: T }`, of the library or of a program.
pub(crate) fn step_signature(
    item: &Item,
    declaration: &Declaration,
    name: Name,
    scope: &dyn TypeScope,
    reports: &mut Vec<Diagnostic>,
) -> StepSig {
    let rules = attributes::read(&item.attributes, reports);
    let open = rules.open.then_some(Ty::Any);
    let settings = settings_of(declaration.parameters.as_deref().unwrap_or(&[]), open, scope, reports);
    let outputs = match &declaration.result {
        Some(TypeExpr { kind: TypeKind::Record(fields), .. }) => record_of(None, fields, scope, reports),
        Some(other) => type_of(other, scope, reports),
        None => Ty::Record(Arc::default()),
    };
    let outputs = match outputs {
        Ty::Record(record) => record,
        Ty::Map(item, _) => Arc::new(Record { open: Some((*item).clone()), ..Record::default() }),
        _ => Arc::default(),
    };
    let span = declaration.names.span();
    StepSig { name, span, doc: doc(item), rules, settings, outputs, is_library: false }
}

pub(crate) fn kind_signature(
    item: &Item,
    declaration: &Declaration,
    name: Name,
    scope: &dyn TypeScope,
    reports: &mut Vec<Diagnostic>,
) -> KindSig {
    let rules = attributes::read(&item.attributes, reports);
    let open = rules.open.then_some(Ty::Any);
    let mut settings = settings_of(declaration.parameters.as_deref().unwrap_or(&[]), open, scope, reports);
    if let Some(Ty::Record(shared)) = rules.settings.as_ref().and_then(|name| scope.named_type(name)) {
        let fields = settings.fields.iter().chain(&shared.fields).cloned().collect();
        settings = Arc::new(Record { name: None, fields, open: settings.open.clone() });
    }
    let value = declaration.result.as_ref().map(|ty| type_of(ty, scope, reports));
    let value_with = rules.value_with.as_ref().and_then(|(ty, setting)| Some((setting.clone(), scope.named_type(ty)?)));
    KindSig { name, span: declaration.names.span(), doc: doc(item), rules, settings, value, value_with }
}

pub(super) fn function_signature(
    item: &Item,
    declaration: &Declaration,
    name: Name,
    scope: &dyn TypeScope,
    reports: &mut Vec<Diagnostic>,
) -> FunctionSig {
    let rules = attributes::read(&item.attributes, reports);
    let parameters = settings_of(declaration.parameters.as_deref().unwrap_or(&[]), None, scope, reports);
    let mut result = declaration.result.as_ref().map_or(Ty::Any, |ty| type_of(ty, scope, reports));
    if rules.empty
        && let Ty::Map(item, _) = result
    {
        result = Ty::Map(item, super::ty::Face::Empty);
    }
    FunctionSig { name, span: declaration.names.span(), doc: doc(item), rules, parameters, result }
}

/// `type Name = { … }`; a record remembers its name for messages.
pub(crate) fn type_declaration(name: &Name, ty: &TypeExpr, scope: &dyn TypeScope, reports: &mut Vec<Diagnostic>) -> Ty {
    match &ty.kind {
        TypeKind::Record(fields) => match record_of(Some(name.clone()), fields, scope, reports) {
            // An empty record is a record, not a map.
            Ty::Map(item, face) => Ty::Map(item, face),
            other => other,
        },
        _ => type_of(ty, scope, reports),
    }
}

fn settings_of(parameters: &[Parameter], open: Option<Ty>, scope: &dyn TypeScope, reports: &mut Vec<Diagnostic>) -> Arc<Record> {
    let fields = parameters
        .iter()
        .map(|parameter| {
            let ty = type_of(&parameter.ty, scope, reports);
            let rules = attributes::read(&parameter.attributes, reports);
            let doc = parameter.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
            make_field(&parameter.name, ty, parameter.optional, parameter.is_static, doc, rules)
        })
        .collect();
    Arc::new(Record { name: None, fields, open })
}

fn doc(item: &Item) -> Option<Arc<str>> {
    item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()))
}

/// The declarations of a parsed file with their constant names.
pub(super) fn declarations<'a>(items: &'a [Item], kind: &str) -> impl Iterator<Item = (&'a Item, &'a Declaration, Name)> {
    let kind = kind.to_owned();
    items.iter().filter_map(move |item| {
        let ItemKind::Declaration(declaration) = &item.kind else { return None };
        let crate::syntax::ast::DeclNames::One(name) = &declaration.names else { return None };
        let constant = name.as_constant()?;
        (declaration.kind.name == kind).then(|| (item, &**declaration, Name::new(constant)))
    })
}
