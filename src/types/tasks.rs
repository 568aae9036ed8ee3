//! Tasks: typed functions over steps. Typed once, whoever calls them.

use std::sync::Arc;

use super::checker::{Checker, Mode};
use super::errors;
use super::scope::What;
use super::tree::{Body, Entry, EntryKey, Expr, Kind, Task, TaskParameter};
use crate::base::{Name, Span};
use crate::library::{Face, Place, Record, Ty};
use crate::program::TaskDecl;
use crate::syntax::ast::{self, ItemKind};

impl Checker<'_, '_> {
    pub(crate) fn task(&mut self, decl: TaskDecl<'_>) -> Task {
        self.mode = Mode::Task;
        self.in_promotion = true;
        self.place = Place::Config;
        let declaration = decl.declaration;
        self.in_cluster_task = declaration.kind.name == "cluster-task";
        let result = declaration.result.as_ref().map(|written| self.type_of(written));
        let parameters = self.task_parameters(declaration.parameters.as_deref().unwrap_or(&[]));
        let empty = ast::Block::default();
        let block = declaration.body.as_ref().unwrap_or(&empty);
        let meta = self.task_meta(block);
        let (body, returns) = self.task_body(block, result.as_ref(), decl);
        let result = match result {
            Some(Ty::Record(record)) => record,
            _ => Arc::default(),
        };
        Task {
            name: Name::new(name_of(declaration)),
            span: decl.span,
            decl_span: decl.item.span,
            doc: decl.item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str())),
            is_cluster: self.in_cluster_task,
            meta,
            parameters,
            loops: std::mem::take(&mut self.passed_loops),
            avoided: self.avoided,
            body,
            returns,
            result,
        }
    }

    fn task_parameters(&mut self, written: &[ast::Parameter]) -> Vec<TaskParameter> {
        // Before any parameter is bound: a default is what callers pass, and they know none.
        let defaults: Vec<(Ty, Option<Expr>)> = written.iter().map(|parameter| self.parameter_default(parameter)).collect();
        let mut out: Vec<TaskParameter> = Vec::new();
        for (index, (parameter, (ty, default))) in written.iter().zip(defaults).enumerate() {
            let optional = default.is_none() && (parameter.optional || ty.is_optional());
            let ty = ty.present().clone();
            // A dash becomes `_` in the variable of Kargo that carries the parameter.
            let variable = |name: &str| name.replace('-', "_");
            if let Some(known) = out.iter().find(|known| variable(&known.name) == variable(&parameter.name.name)) {
                self.report(errors::duplicate("parameter", &parameter.name.name, parameter.name.span, known.span));
            }
            if parameter.name.name.starts_with("loadline_") {
                self.report(errors::bad_variable_name(&parameter.name.name, parameter.name.span));
            }
            let read = if optional { ty.clone().optional(Face::Nil) } else { ty.clone() };
            let name = parameter.name.name.clone();
            let local = parameter.is_static.then(|| self.bind_local(name.clone(), parameter.name.span, read.clone()));
            if local.is_none() {
                self.check_parameter_type(&ty, parameter);
                self.bind(name.clone(), parameter.name.span, What::Param { index, ty: read }, false);
            }
            out.push(TaskParameter { name, span: parameter.name.span, ty, optional, local, default });
        }
        out
    }

    /// The type of a parameter and what stands for it in calls that leave it out.
    fn parameter_default(&mut self, parameter: &ast::Parameter) -> (Ty, Option<Expr>) {
        let ty = self.type_of(&parameter.ty);
        let Some(written) = &parameter.default else { return (ty, None) };
        let optional = parameter.optional || ty.is_optional();
        if optional && matches!(written.inner().kind, ast::ExprKind::Null) {
            return (ty, None);
        }
        if optional {
            self.report(errors::default_of_optional(&parameter.name.name, written.span));
        }
        let value = self.check_value(written, ty.present(), &format!("the default of `{}`", parameter.name.name));
        let value = if parameter.is_static {
            self.require_static(value, &format!("the default of the static parameter `{}`", parameter.name.name))
        } else if value.is_unstable() || value.reads_secret() {
            self.report(errors::default_not_pure(&parameter.name.name, written.span));
            Expr::error(written.span)
        } else {
            value
        };
        (ty, Some(value))
    }

    /// A `var` must not have the name of a variable that carries a parameter or a field of one.
    pub(super) fn check_parameter_clash(&mut self, name: &str, span: Span) {
        let clash = self.scopes.iter().find_map(|binding| {
            let What::Param { ty, .. } = &binding.what else { return None };
            let own = binding.name.replace('-', "_");
            let field = |field: &str| format!("{own}_{}", field.replace('-', "_"));
            let fields = ty.present().record().map(|record| record.fields.as_slice()).unwrap_or_default();
            let of_field =
                fields.iter().map(|known| field(&known.name)).any(|known| name == known || name.starts_with(&format!("{known}_")));
            (name == own || of_field).then_some(binding.span)
        });
        if let Some(first) = clash {
            self.report(errors::duplicate("variable", name, span, first));
        }
    }

    /// A promotion-time parameter becomes variables of Kargo.
    fn check_parameter_type(&mut self, ty: &Ty, parameter: &ast::Parameter) {
        if matches!(ty, Ty::StepResult | Ty::Expression(_)) || ty.is_secret() {
            self.report(errors::parameter_type(ty, parameter.ty.span));
        }
    }

    /// `labels` and `annotations` of the task's object stand before its steps.
    fn task_meta(&mut self, block: &ast::Block) -> Vec<(Name, Expr)> {
        let mut out: Vec<(Name, Expr)> = Vec::new();
        let mut first: Vec<(Name, Span)> = Vec::new();
        for item in &block.items {
            let ItemKind::Setting { key, value } = &item.kind else { continue };
            let Some(name) = meta_name(key) else { continue };
            if let Some((_, first)) = first.iter().find(|(known, _)| *known == name) {
                self.report(errors::duplicate("setting", &name, key.span, *first));
                continue;
            }
            first.push((name.clone(), key.span));
            let ty = Ty::Map(Arc::new(Ty::STRING), Face::Nil);
            let value = self.check_value(value, &ty, &format!("`{name}`"));
            let value = self.require_static(value, &format!("`{name}`"));
            out.push((name, value));
        }
        out
    }

    fn task_body(&mut self, block: &ast::Block, result: Option<&Ty>, decl: TaskDecl<'_>) -> (Body, Vec<(Name, Expr)>) {
        let tails = self.tails(&block.items);
        self.note_bodies([Some(block), tails.on_failure, tails.finally]);
        let mut items: Vec<&ast::Item> = block.items.iter().filter(|item| self.tail(item).is_none()).collect();
        let last = items.pop_if(|last| matches!(last.kind, ItemKind::Return(_)));
        if let Some(at) = tails.at
            && let Some(behind) = items.iter().find(|item| item.span.start > at.start)
        {
            self.report(errors::behind_tail(behind.span, at));
        }
        self.begin_body(items.iter().copied(), tails);
        let scope = self.open_scope();
        self.body_scope = scope;
        let is_meta = |item: &ast::Item| matches!(&item.kind, ItemKind::Setting { key, .. } if meta_name(key).is_some());
        let statements = self.statements(items.into_iter().filter(|item| !is_meta(item)));
        let returns = match (last.map(|item| &item.kind), result) {
            (Some(ItemKind::Return(value)), Some(ty)) => self.returned(value, ty),
            (Some(ItemKind::Return(value)), None) => {
                self.report(errors::return_without_type(value.span));
                Vec::new()
            }
            (_, Some(Ty::Error)) | (_, None) => Vec::new(),
            // What could not be read may have been it.
            (_, Some(_)) if block.items.iter().any(|item| matches!(item.kind, ItemKind::Error)) => Vec::new(),
            (_, Some(_)) => {
                self.report(errors::missing_return(decl.span));
                Vec::new()
            }
        };
        let (on_failure, finally) = self.tail_blocks(tails, scope);
        self.close_scope(scope);
        if statements.is_empty() && block.items.is_empty() {
            self.report(errors::empty_task(decl.span));
        }
        (Body { statements, on_failure, finally, results: std::mem::take(&mut self.results) }, returns)
    }

    fn returned(&mut self, value: &ast::Expr, ty: &Ty) -> Vec<(Name, Expr)> {
        self.absence_allowed = true;
        let value = self.check_value(value, ty, "what the task returns");
        self.absence_allowed = false;
        match value.kind {
            Kind::Record(entries) => entries
                .into_iter()
                .filter_map(|entry| match entry {
                    Entry::Field { key: EntryKey::Name(name, _), value } => Some((name, value)),
                    _ => None,
                })
                .collect(),
            Kind::Error => Vec::new(),
            _ => {
                self.report(errors::return_needs_record(value.span));
                Vec::new()
            }
        }
    }
}

fn meta_name(key: &ast::Key) -> Option<Name> {
    key.as_word().filter(|name| *name == "labels" || *name == "annotations").cloned()
}

fn name_of(declaration: &ast::Declaration) -> &str {
    match &declaration.names {
        ast::DeclNames::One(name) => name.as_constant().unwrap_or(""),
        ast::DeclNames::List(..) => "",
    }
}

/// What stands for a task that calls itself.
pub(crate) fn broken(decl: TaskDecl<'_>) -> Arc<Task> {
    Arc::new(Task {
        name: Name::new(name_of(decl.declaration)),
        span: decl.span,
        decl_span: decl.item.span,
        doc: None,
        is_cluster: false,
        meta: Vec::new(),
        parameters: Vec::new(),
        loops: Vec::new(),
        avoided: None,
        body: Body::default(),
        returns: Vec::new(),
        result: Arc::new(Record { name: None, fields: Vec::new(), open: Some(Ty::Error) }),
    })
}
