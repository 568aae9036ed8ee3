//! Objects that are data: the settings of a block at the paths that the library gives them.

use std::sync::Arc;

use super::cx::{Cx, SlotInfo};
use super::{Lowering, steps};
use crate::base::Name;
use crate::emit::Document;
use crate::emit::yaml::{Key, Yaml};
use crate::expand::{Object, Warehouse, visit_block, visit_stage};
use crate::types::eval::{Env, eval};
use crate::types::tree::Expr;
use crate::types::{BlockItem, BlockParameter, CheckedBlock, StageItem, Value};

/// Where settings of a project go that are not the Project's own.
const CONFIG: &str = "ProjectConfig:spec.";

impl Lowering<'_, '_, '_> {
    pub(super) fn object(&self, object: &Object, warehouse: Option<&Warehouse>, consent: Option<&String>) -> Document {
        let (api, kind) = object.kind.rules.object.clone().unwrap_or_default();
        let target = self.world.targets.of(object.kind.rules.system.as_ref());
        let mut cx = Cx::new(target, object.env.clone(), Vec::new());
        if let Some(warehouse) = warehouse {
            let slot = SlotInfo { origin: object.cluster_name.clone(), subscriptions: warehouse.subscriptions.clone(), read: Vec::new() };
            cx = Cx::new(target, object.env.clone(), vec![slot]);
        }
        cx.verbatim = object.kind.rules.system.is_some();
        let (mut meta, mut spec) = block(&object.block, &cx);
        if let (Some((key, _)), Some(stages)) = (&object.kind.rules.consent, consent) {
            add_consent(key, stages, &mut meta);
        }
        parameters(&object.block, &cx, &mut spec);
        let (name, span, doc) = (&object.cluster_name, object.span, object.doc.as_deref());
        if object.kind.rules.cluster_scope {
            return super::Object { api: &api, kind: &kind, name, span, doc, meta, spec: Some(spec), rest: Vec::new() }
                .document(None, None, self.files);
        }
        self.document(&api, &kind, name, span, doc, meta, Some(spec))
    }

    pub(super) fn project_object(&self) -> Document {
        let rules = self.project.blocks.first().map(|(block, _)| block.kind.rules.object.clone());
        let (api, kind) = rules.flatten().unwrap_or_default();
        let blocks = self.project.blocks.iter();
        let meta = blocks.flat_map(|(own, env)| block(own, &Cx::new(&self.world.target, env.clone(), Vec::new())).0).collect();
        self.document(&api, &kind, &self.project.name, self.project.span, self.project.doc.as_deref(), meta, None)
    }

    /// The ProjectConfig, if anything belongs into it.
    pub(super) fn project_config(&self) -> Option<Document> {
        let cx = Cx::new(&self.world.target, Env::default(), Vec::new());
        let mut spec = Yaml::Map(Vec::new());
        let mut span = None;
        self.project.visit_settings(&mut |item, env| {
            let BlockItem::Setting { field, value, span: at } = item else { return };
            let Some(path) = field.rules.path.as_deref().and_then(|path| path.strip_prefix(CONFIG)) else { return };
            if let Some(yaml) = cx.with_env(env.clone()).setting(value, &field.ty, &field.rules) {
                span = span.or(Some(*at));
                insert(&mut spec, path, yaml);
            }
        });
        for stage in &self.project.stages {
            visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
                let StageItem::Block(BlockItem::Setting { field, value, span: at }) = item else { return };
                let Some(path) = field.rules.path.as_deref().and_then(|path| path.strip_prefix(CONFIG)) else { return };
                let Value::Bool(enabled) = eval(value, env) else { return };
                span = span.or(Some(*at));
                let Some((list, setting)) = path.split_once("[].") else { return };
                let selector = Yaml::map([("name", steps::text(&stage.cluster_name))]);
                let policy = vec![("stageSelector".into(), selector), (Key::from(Arc::<str>::from(setting)), Yaml::Bool(enabled))];
                append(&mut spec, list, Yaml::Map(policy));
            });
        }
        let span = span?;
        Some(self.document("kargo.akuity.io/v1alpha1", "ProjectConfig", &self.project.name, span, None, Vec::new(), Some(spec)))
    }
}

/// Labels and the like, and the spec of a block.
pub(super) fn block(block: &CheckedBlock, cx: &Cx<'_>) -> (Vec<(Name, Yaml)>, Yaml) {
    let mut meta = Vec::new();
    let mut spec = Yaml::Map(Vec::new());
    visit_block(&block.items, &cx.env, &mut |item, env| {
        let inner_cx = cx.with_env(env.clone());
        match item {
            BlockItem::Setting { field, value, .. } => {
                let path = field.rules.path.as_deref().unwrap_or(&field.name);
                if path.contains(':') {
                    return;
                }
                if let Some(yaml) = inner_cx.setting(value, &field.ty, &field.rules) {
                    insert(&mut spec, path, yaml);
                }
            }
            BlockItem::Meta { name, value, .. } => meta.push((name.clone(), super::values::static_yaml(&eval(value, env)))),
            BlockItem::Inner { block: inner, name, names, .. } => {
                let path = inner.kind.rules.path.clone().unwrap_or_else(|| Arc::from(format!("{}[]", inner.kind.name)));
                let path = match &block.kind.rules.blocks {
                    Some(part) => Arc::from(format!("{part}.{path}")),
                    None => path,
                };
                let (_, yaml) = self::block(inner, &inner_cx);
                for name in inner_names(inner, name.as_ref(), names.as_ref(), env) {
                    insert_inner(&mut spec, &path, named(inner, &name, yaml.clone()));
                }
            }
            BlockItem::If { .. } | BlockItem::For { .. } => {}
        }
    });
    (meta, spec)
}

/// Writes which stages may change the object, unless the author did.
fn add_consent(key: &str, stages: &str, meta: &mut Vec<(Name, Yaml)>) {
    let is_written = |value: &Yaml| matches!(value, Yaml::Map(entries) if entries.iter().any(|(known, _)| &**known == key));
    if !meta.iter().any(|(name, value)| name == "annotations" && is_written(value)) {
        let entry = (Key::from(Arc::<str>::from(key)), steps::text(stages));
        meta.push((Name::new("annotations"), Yaml::Map(vec![entry])));
    }
}

/// Lists the parameters of a declaration where its kind has them, before those that a setting gives.
fn parameters(block: &CheckedBlock, cx: &Cx<'_>, spec: &mut Yaml) {
    let (Some((list, _)), Yaml::Map(entries)) = (&block.kind.rules.parameters, spec) else { return };
    let mut items: Vec<Yaml> = block.parameters.iter().map(|found| parameter(found, cx)).collect();
    if items.is_empty() {
        return;
    }
    match entries.iter_mut().find(|(key, _)| **key == **list) {
        Some((_, Yaml::Seq(given))) => given.splice(0..0, items.drain(..)).for_each(drop),
        _ => entries.insert(0, (Key::from(Arc::<str>::from(list.as_str())), Yaml::Seq(items))),
    }
}

/// A parameter with its name, and its default: a value, or where it comes from.
fn parameter(found: &BlockParameter, cx: &Cx<'_>) -> Yaml {
    let mut entries: Vec<(Key, Yaml)> = vec![("name".into(), steps::text(&found.name))];
    match found.default.as_ref().map(|default| (default, eval(default, &cx.env))) {
        Some((default, Value::Record(_))) => {
            if let Some(Yaml::Map(source)) = cx.setting(default, &default.ty, &Default::default()) {
                entries.extend(source);
            }
        }
        Some((_, value)) => entries.push(("value".into(), steps::text(&value.interpolated().unwrap_or_default()))),
        None => {}
    }
    Yaml::Map(entries)
}

/// What a block is called: its name, several for a list, its kind without one.
fn inner_names(block: &CheckedBlock, name: Option<&Expr>, names: Option<&Expr>, env: &Env) -> Vec<Value> {
    match (name, names) {
        (Some(name), _) => vec![eval(name, env)],
        (None, Some(names)) => crate::types::eval::items(&eval(names, env)).into_iter().map(|(_, name)| name).collect(),
        (None, None) => vec![Value::text(&block.kind.name)],
    }
}

/// Writes the name of a block first, where its kind has a setting for it.
fn named(block: &CheckedBlock, name: &Value, yaml: Yaml) -> Yaml {
    let (Some(setting), Some(text)) = (&block.kind.rules.named, name.as_text()) else { return yaml };
    let mut entries = vec![(Key::from(Arc::<str>::from(setting.as_str())), steps::text(text))];
    if let Yaml::Map(others) = yaml {
        entries.extend(others);
    }
    Yaml::Map(entries)
}

/// `subscriptions[].image`: one more item of the list, with the block under that key.
fn insert_inner(spec: &mut Yaml, path: &str, value: Yaml) {
    match path.split_once("[]") {
        Some((list, "")) => append(spec, list, value),
        Some((list, rest)) => {
            let key = rest.trim_start_matches('.');
            let mut item = Yaml::Map(Vec::new());
            insert(&mut item, key, value);
            append(spec, list, item);
        }
        None => insert(spec, path, value),
    }
}

/// Puts a value at `a.b.c`.
pub(super) fn insert(target: &mut Yaml, path: &str, value: Yaml) {
    let Yaml::Map(entries) = target else { return };
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (entries.iter().position(|(known, _)| &**known == key), rest) {
        (Some(at), None) => {
            match (entries.get_mut(at), value) {
                // What stands in several places, as settings and as blocks, is one.
                (Some((_, Yaml::Map(known))), Yaml::Map(more)) => known.extend(more),
                (Some((_, known)), value) => *known = value,
                (None, _) => {}
            }
        }
        (Some(at), Some(rest)) => {
            if let Some((_, known)) = entries.get_mut(at) {
                insert(known, rest, value);
            }
        }
        (None, None) => entries.push((Arc::<str>::from(key).into(), value)),
        (None, Some(rest)) => {
            let mut inner = Yaml::Map(Vec::new());
            insert(&mut inner, rest, value);
            entries.push((Arc::<str>::from(key).into(), inner));
        }
    }
}

/// Adds an item to the list at `a.b`.
fn append(target: &mut Yaml, path: &str, item: Yaml) {
    let Yaml::Map(entries) = target else { return };
    if let Some((key, rest)) = path.split_once('.') {
        if !entries.iter().any(|(known, _)| &**known == key) {
            entries.push((Arc::<str>::from(key).into(), Yaml::Map(Vec::new())));
        }
        if let Some((_, inner)) = entries.iter_mut().find(|(known, _)| &**known == key) {
            append(inner, rest, item);
        }
        return;
    }
    let key = path;
    match entries.iter_mut().find(|(known, _)| &**known == key) {
        Some((_, Yaml::Seq(items))) => items.push(item),
        Some(_) => {}
        None => entries.push((Arc::<str>::from(key).into(), Yaml::Seq(vec![item]))),
    }
}
