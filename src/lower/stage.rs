//! Stages.

use std::rc::Rc;

use super::cx::{Cx, SlotInfo};
use super::objects::insert;
use super::outcome::Late;
use super::steps::{Steps, text, variable};
use super::task::PromotionTasks;
use super::{Lowering, forms};
use crate::base::Name;
use crate::emit::Document;
use crate::emit::yaml::{Key, Yaml};
use crate::expand::{Stage, visit_stage};
use crate::library::Ty;
use crate::types::eval::{Env, eval};
use crate::types::tree::{Body, Expr, Kind};
use crate::types::{BlockItem, StageItem, VerifyCall};

impl Lowering<'_, '_, '_> {
    pub(super) fn stage(&self, index: usize, stage: &Stage, tasks: &mut PromotionTasks) -> Document {
        let (api, kind) = stage.body.kind.rules.object.clone().unwrap_or_default();
        let cx = Cx::new(&self.world.target, stage.env.clone(), self.slots(stage));
        let mut meta = Vec::new();
        let mut settings: Vec<(String, Yaml)> = Vec::new();
        let mut vars = Vec::new();
        let mut template = None;
        let mut verify: Vec<Yaml> = Vec::new();
        let mut args: Vec<Yaml> = Vec::new();
        visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
            let inner = cx.with_env(env.clone());
            match item {
                StageItem::Block(BlockItem::Setting { field, value, .. }) => {
                    let path = field.rules.path.as_deref().unwrap_or(&field.name);
                    if !path.contains(':')
                        && let Some(yaml) = inner.setting(value, &field.ty, &field.rules)
                    {
                        settings.push((path.to_owned(), yaml));
                    }
                }
                StageItem::Block(BlockItem::Meta { name, value, .. }) => {
                    meta.push((name.clone(), super::values::static_yaml(&eval(value, env))))
                }
                StageItem::Var { name, value, .. } => vars.push(variable(name, inner.variable(value, &value.ty))),
                StageItem::Promote { body, .. } => template = Some(self.template(body, &inner, tasks)),
                StageItem::Verify { calls, .. } => verification(calls, &inner, &mut verify, &mut args),
                _ => {}
            }
        });
        let mut spec = Yaml::Map(Vec::new());
        let (before, after): (Vec<_>, Vec<_>) = settings.into_iter().partition(|(path, _)| !path.contains('.'));
        before.into_iter().for_each(|(path, yaml)| insert(&mut spec, &path, yaml));
        if !vars.is_empty() {
            insert(&mut spec, "vars", Yaml::Seq(vars));
        }
        insert(&mut spec, "requestedFreight", Yaml::Seq(self.requested(index, stage)));
        if let Some(template) = template {
            insert(&mut spec, "promotionTemplate.spec", template);
        }
        if !verify.is_empty() {
            insert(&mut spec, "verification.analysisTemplates", Yaml::Seq(verify));
        }
        if !args.is_empty() {
            insert(&mut spec, "verification.args", Yaml::Seq(args));
        }
        after.into_iter().for_each(|(path, yaml)| insert(&mut spec, &path, yaml));
        self.document(&api, &kind, &stage.cluster_name, stage.span, stage.doc.as_deref(), meta, Some(spec))
    }

    fn template(&self, body: &Body, cx: &Cx<'_>, tasks: &mut PromotionTasks) -> Yaml {
        let late = Rc::new(Late::of(body, &[]));
        let cx = Cx { readings: Rc::default(), latches: Rc::default(), variables: Rc::default(), late, ..cx.clone() };
        let mut steps = Steps::new(self.world, tasks, &body.results);
        steps.watch_late(body);
        steps.body(&body.statements, &body.results, &cx);
        steps.stage_tails(body, &cx);
        steps.place_late_variables();
        let mut out: Vec<(Key, Yaml)> = Vec::new();
        if !steps.vars.is_empty() {
            out.push(("vars".into(), Yaml::Seq(std::mem::take(&mut steps.vars))));
        }
        out.push(("steps".into(), Yaml::Seq(std::mem::take(&mut steps.out))));
        Yaml::Map(out)
    }

    /// The slots with what the stage reads of them.
    fn slots(&self, stage: &Stage) -> Vec<SlotInfo> {
        let read = read_artifacts(stage);
        stage
            .slots
            .iter()
            .enumerate()
            .map(|(index, slot)| {
                let warehouse = slot.warehouse.and_then(|at| self.project.warehouses.get(at));
                let subscriptions = warehouse.map(|found| found.subscriptions.clone()).unwrap_or_default();
                let mut own: Vec<Name> = subscriptions
                    .iter()
                    .filter(|known| read.contains(&(index, known.name.clone())))
                    .map(|known| known.name.clone())
                    .collect();
                if own.is_empty() {
                    own.extend(subscriptions.first().map(|known| known.name.clone()));
                }
                SlotInfo {
                    origin: warehouse.map_or(slot.name.clone(), |found| found.object.cluster_name.clone()),
                    subscriptions,
                    read: own,
                }
            })
            .collect()
    }

    fn requested(&self, index: usize, stage: &Stage) -> Vec<Yaml> {
        stage
            .slots
            .iter()
            .enumerate()
            .filter_map(|(slot, found)| {
                let warehouse = self.project.warehouses.get(found.warehouse?)?;
                let source = self.graph.sources.get(&(index, slot))?;
                let origin = Yaml::map([("kind", text("Warehouse")), ("name", text(&warehouse.object.cluster_name))]);
                let mut sources: Vec<(Key, Yaml)> = Vec::new();
                if source.direct {
                    sources.push(("direct".into(), Yaml::Bool(true)));
                }
                if !source.upstream.is_empty() {
                    let names = source.upstream.iter().filter_map(|up| self.project.stages.get(*up)).map(|up| text(&up.cluster_name));
                    sources.push(("stages".into(), Yaml::Seq(names.collect())));
                }
                if source.all && source.upstream.len() > 1 {
                    sources.push(("availabilityStrategy".into(), text("All")));
                }
                if let Some((settings, env)) = &source.settings {
                    sources.extend(self.source_settings(settings, env));
                }
                Some(Yaml::map([("origin", origin), ("sources", Yaml::Map(sources))]))
            })
            .collect()
    }

    fn source_settings(&self, settings: &Expr, env: &Env) -> Vec<(Key, Yaml)> {
        let cx = Cx::new(&self.world.target, env.clone(), Vec::new());
        let ty = self.world.kind(self.project.scope, "sources").map_or(Ty::Any, |kind| Ty::Record(kind.settings.clone()));
        match cx.setting(settings, &ty, &Default::default()) {
            Some(Yaml::Map(entries)) => entries,
            _ => Vec::new(),
        }
    }
}

fn verification(calls: &[VerifyCall], cx: &Cx<'_>, templates: &mut Vec<Yaml>, args: &mut Vec<Yaml>) {
    for call in calls {
        let mut template: Vec<(Key, Yaml)> = vec![("name".into(), text(&call.template))];
        if call.kind != "AnalysisTemplate" {
            template.push(("kind".into(), text(&call.kind)));
        }
        templates.push(Yaml::Map(template));
        for (name, value) in &call.args {
            let known =
                args.iter().any(|arg| matches!(arg, Yaml::Map(entries) if entries.first().is_some_and(|(_, first)| *first == text(name))));
            if !known {
                args.push(variable(name, cx.argument(value)));
            }
        }
    }
}

impl Cx<'_> {
    /// An argument of an analysis: always a text.
    fn argument(&self, value: &Expr) -> Yaml {
        let value = forms::through(value);
        if value.time == crate::types::tree::Time::Static {
            return forms::plain_text(&eval(value, &self.env).interpolated().unwrap_or_default());
        }
        if value.ty.present().is_text() {
            return self.setting(value, &Ty::UNTRUSTED, &Default::default()).unwrap_or(Yaml::Null);
        }
        text(&format!("\"${{{{ {} }}}}\"", self.text_of(value).text))
    }
}

/// Which artifacts of which slots the bodies of a stage read.
fn read_artifacts(stage: &Stage) -> Vec<(usize, Name)> {
    let mut out: Vec<(usize, Name)> = Vec::new();
    let mut visit = |expr: &Expr| {
        let found = match &expr.kind {
            Kind::Field { base, name, .. } => slot_of(base).map(|slot| (slot, name.clone())),
            Kind::Index { base, index, .. } => slot_of(base).zip(eval(index, &stage.env).as_text().map(Name::new)),
            _ => None,
        };
        if let Some(found) = found
            && !out.contains(&found)
        {
            out.push(found);
        }
    };
    visit_stage(&stage.body.items, &stage.env, &mut |item, _| match item {
        StageItem::Promote { body, .. } => body.all().for_each(|statement| statement.walk(&mut visit)),
        StageItem::Verify { calls, .. } => calls.iter().flat_map(|call| &call.args).for_each(|(_, value)| value.walk(&mut visit)),
        StageItem::Var { value, .. } => value.walk(&mut visit),
        _ => {}
    });
    out
}

fn slot_of(expr: &Expr) -> Option<usize> {
    match &expr.resolved().kind {
        Kind::Slot(index) => Some(*index),
        _ => None,
    }
}
