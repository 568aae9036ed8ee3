//! Objects that are data: names, bodies, and what a warehouse subscribes to.

use std::collections::HashMap;
use std::sync::Arc;

use super::calls::{Calls, Made};
use super::walk::Scope;
use super::{Expander, Object, ProjectInstance, Subscription, Warehouse, errors, names};
use crate::base::{Name, Span};
use crate::library::{Field, KindSig, Record, Ty};
use crate::syntax::ast::{self, DeclNames, Item, ItemKind};
use crate::types::eval::{Env, eval, items as loop_items};
use crate::types::index::Meaning;
use crate::types::{BlockItem, CheckedBlock};

impl<'a> Expander<'_, 'a> {
    /// The names of a declaration: several for a list.
    pub(super) fn names(&mut self, names: &DeclNames, scope: &Scope) -> Vec<(Name, Name, Span)> {
        let mut checker = self.checker(scope);
        let out = match names {
            DeclNames::One(name) => {
                let text = checker.name_text(name);
                let own = eval(&text, &scope.env);
                let cluster = name.cluster_name.as_ref().map(|name| checker.name_like(name)).map(|name| eval(&name, &scope.env));
                let own = own.as_text().map(Name::new);
                let cluster = cluster.and_then(|name| name.as_text().map(Name::new));
                own.map(|own| (own.clone(), cluster.unwrap_or(own), name.span)).into_iter().collect()
            }
            DeclNames::List(elements, span) => {
                let list = checker.name_list(elements, *span);
                let spans: Vec<Span> = elements.iter().map(element_span).collect();
                let all_plain = elements.iter().all(|element| matches!(element, ast::Element::Expr(_)));
                let values = loop_items(&eval(&list, &scope.env));
                values
                    .into_iter()
                    .enumerate()
                    .filter_map(|(at, (_, name))| {
                        let span = if all_plain { spans.get(at).copied().unwrap_or(*span) } else { *span };
                        name.as_text().map(|name| (Name::new(name), Name::new(name), span))
                    })
                    .collect()
            }
        };
        self.reports.extend(checker.finish());
        out
    }

    pub(super) fn object(&mut self, item: &'a Item, declaration: &'a ast::Declaration, scope: &Scope, instance: &mut ProjectInstance<'a>) {
        let Some(kind) = self.world.kind(scope.home, &declaration.kind.name) else { return };
        let is_read_by_stages = kind.name == "warehouse" || kind.rules.parameters.is_some();
        if !is_read_by_stages && !self.world.sees(item) {
            return;
        }
        let Some(body) = &declaration.body else {
            self.reports.push(errors::misplaced(
                &format!("`{}` without a block", kind.name),
                declaration.names.span(),
                "its settings follow in `{ … }`",
            ));
            return;
        };
        let mut reports = Vec::new();
        crate::types::availability(
            &kind.rules,
            &kind.name,
            declaration.kind.span,
            self.world.targets.of(kind.rules.system.as_ref()),
            &mut reports,
        );
        self.reports.append(&mut reports);
        let block = self.checked_block(&kind, body, declaration, scope);
        for (name, cluster_name, span) in self.names(&declaration.names, scope) {
            if let Some(why) = names::object_name_problem(&cluster_name, 253) {
                self.reports.push(scope.calls.blame(errors::bad_name(&kind.name, &cluster_name, span, why)));
            }
            let doc = item.doc.as_ref().map(|doc| Arc::from(doc.text.as_str()));
            let (calls, env) = (scope.calls.clone(), scope.env.clone());
            let object = Object { kind: Arc::clone(&kind), name, cluster_name, span, calls, doc, block: Arc::clone(&block), env };
            let is_warehouse = kind.name == "warehouse";
            self.world.note(|index| index.refer(span, span, Meaning::object(&kind.name)));
            if is_warehouse {
                let warehouse = self.warehouse(object, declaration, scope);
                instance.warehouses.push(warehouse);
            } else {
                instance.objects.push(object);
            }
        }
    }

    pub(super) fn checked_block(
        &mut self,
        kind: &Arc<KindSig>,
        body: &ast::Block,
        declaration: &ast::Declaration,
        scope: &Scope,
    ) -> Arc<CheckedBlock> {
        let key = body.span.unwrap_or(declaration.kind.span);
        if let Some(known) = self.checked.blocks.get(&key) {
            return Arc::clone(known);
        }
        let mut checker = self.checker(scope);
        let block = Arc::new(checker.declared_block(kind, declaration, body));
        self.reports.extend(checker.finish());
        self.checked.blocks.insert(key, Arc::clone(&block));
        block
    }

    pub(super) fn warehouse(&mut self, object: Object, declaration: &ast::Declaration, scope: &Scope) -> Warehouse {
        let mut subscriptions: Vec<Subscription> = Vec::new();
        let mut has_inner = false;
        crate::expand::visit_block(&object.block.items, &object.env, &mut |item, env| {
            if let BlockItem::Inner { name, names, span, block } = item {
                has_inner = true;
                subscriptions.extend(subscription(name.as_ref(), names.as_ref(), *span, block, env));
            }
        });
        // A block that was reported counts: what it would have been is not known.
        let is_plain = |item: &Item| matches!(item.kind, ItemKind::Setting { .. }) || item.raw_fields().is_some();
        if !has_inner && declaration.body.as_ref().is_none_or(|body| body.items.iter().all(is_plain)) {
            self.reports.push(errors::empty_warehouse(&object.name, object.span));
        }
        self.duplicate_subscriptions(&subscriptions);
        let fields = subscriptions.iter().map(|found| Field::plain(found.name.clone(), found.span, found.ty.clone())).collect();
        // What could not be read may have been another artifact.
        let is_clear = |item: &Item| match &item.kind {
            ItemKind::Setting { .. } => true,
            _ if item.raw_fields().is_some() => true,
            ItemKind::Step(step) => self.world.kind(scope.home, &step.kind.name).is_some(),
            ItemKind::Declaration(inner) => self.world.kind(scope.home, &inner.kind.name).is_some(),
            ItemKind::Loop(_) | ItemKind::Branch(_) => true,
            _ => false,
        };
        let clear = declaration.body.as_ref().is_none_or(|body| body.items.iter().all(is_clear));
        let freight = Ty::Record(Arc::new(Record { name: None, fields, open: (!clear).then_some(Ty::Error) }));
        if let Some(written) = &declaration.ty {
            let mut checker = self.checker(scope);
            checker.check_freight_type(written, &freight);
            self.reports.extend(checker.finish());
        }
        Warehouse { object, subscriptions, freight }
    }

    pub(super) fn duplicate_subscriptions(&mut self, subscriptions: &[Subscription]) {
        let mut names: HashMap<&str, Span> = HashMap::new();
        let mut repositories: HashMap<String, Span> = HashMap::new();
        for found in subscriptions {
            let key = format!("{} {:?}", found.function, found.arguments.iter().map(|text| same_repository(text)).collect::<Vec<_>>());
            let repository = found.arguments.first().cloned().unwrap_or_default();
            if let Some(first) = names.insert(&found.name, found.span) {
                self.reports.push(errors::subscription_twice(&found.name, found.span, first));
            } else if let Some(first) = repositories.insert(key, found.span) {
                self.reports.push(errors::repository_twice(&repository, found.span, first));
            }
        }
    }

    /// Of several objects with one name, here or in the cluster, only the first counts. Out: the calls that made others.
    pub(super) fn drop_duplicates(&mut self, instance: &mut ProjectInstance<'a>) -> Vec<Calls> {
        let mut seen: HashMap<(Name, Name), Made> = HashMap::new();
        let mut reports = Vec::new();
        let mut repeated: Vec<Calls> = Vec::new();
        let mut is_first = |object: &Object| {
            let (key, own) = ((object.kind.name.clone(), object.cluster_name.clone()), (object.kind.name.clone(), object.name.clone()));
            if let Some(first) = seen.get(&key).or(seen.get(&own)) {
                if !object.calls.is_among(&repeated) {
                    reports.push(object.made().duplicate(&object.kind.name, &object.name, first));
                    repeated.push(object.calls.clone());
                }
                return false;
            }
            seen.insert(key, object.made());
            seen.insert(own, object.made());
            true
        };
        instance.warehouses.retain(|warehouse| is_first(&warehouse.object));
        instance.objects.retain(is_first);
        // What stands behind a dropped one has moved.
        let names = instance.warehouses.iter().enumerate().map(|(index, warehouse)| (warehouse.object.name.clone(), index));
        instance.warehouse_names = names.collect();
        self.reports.extend(reports);
        repeated
    }
}

pub(super) fn element_span(element: &ast::Element) -> Span {
    match element {
        ast::Element::Expr(expr) | ast::Element::Spread(expr) => expr.span,
        ast::Element::For(found) => found.span,
    }
}

/// The artifacts of one inner block of a warehouse: one, or one per name of a list.
fn subscription(
    name: Option<&crate::types::tree::Expr>,
    names: Option<&crate::types::tree::Expr>,
    span: Span,
    block: &CheckedBlock,
    env: &Env,
) -> Vec<Subscription> {
    let Some((function, settings)) = &block.kind.rules.lookup else { return Vec::new() };
    let arguments: Vec<String> = settings
        .iter()
        .filter_map(|setting| super::setting_value(block, setting, env).and_then(|value| value.as_text().map(str::to_owned)))
        .collect();
    let with = block.kind.value_with.as_ref().filter(|(setting, _)| super::setting_value(block, setting, env).is_some());
    let ty = with.map(|(_, ty)| ty).or(block.kind.value.as_ref()).cloned().unwrap_or(Ty::Error);
    let all: Vec<Name> = match (name, names) {
        (Some(name), _) => eval(name, env).as_text().map(Name::new).into_iter().collect(),
        (None, Some(names)) => loop_items(&eval(names, env)).into_iter().filter_map(|(_, name)| name.as_text().map(Name::new)).collect(),
        (None, None) => vec![block.kind.name.clone()],
    };
    let make = |name| Subscription { name, span, ty: ty.clone(), function: function.clone(), arguments: arguments.clone() };
    all.into_iter().map(make).collect()
}

/// Git repositories are compared as Kargo compares them: without `.git` and a slash at the end, in small letters. Image
/// and chart repositories, which are compared letter by letter, do not end so.
fn same_repository(text: &str) -> String {
    match text.strip_suffix('/').unwrap_or(text).strip_suffix(".git") {
        Some(without) => without.to_lowercase(),
        None => text.trim_end_matches('/').to_owned(),
    }
}
