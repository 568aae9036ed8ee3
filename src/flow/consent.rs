//! Objects that stages change must consent. In: the instances. Out: for each object of the program the stages that change
//! it, which lowering writes into its annotation; and reports where that cannot be, or the author wrote something else.
//!
//! Only names that are known for a stage count. What a name would be at promotion time, nobody can say.

use super::{Graph, errors};
use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::expand::{Instances, Object, Stage, visit_stage};
use crate::flow::calls::static_env;
use crate::library::{Field, Record, Ty, Version};
use crate::types::eval::{Env, bound, eval, items, rounds};
use crate::types::tree::{Element, Entry, EntryKey, Expr, Kind, Part, Statement, Time};
use crate::types::{StageItem, Value, World};

/// A stage that changes an object, and where.
pub(super) struct Change {
    pub(super) stage: String,
    pub(super) at: Span,
}

pub(super) fn check(world: &World<'_>, instances: &Instances<'_>, graphs: &mut [Graph], reports: &mut Vec<Diagnostic>) {
    let wanted = |object: &Object| object.kind.rules.consent.is_some();
    if !instances.projects.iter().any(|project| project.objects.iter().any(wanted)) {
        return;
    }
    let mut changes: Vec<(Named, Change)> = Vec::new();
    for project in &instances.projects {
        for stage in &project.stages {
            let own = format!("{}:{}", project.name, stage.cluster_name);
            let named = changed_by(stage).into_iter();
            changes.extend(named.map(|(named, at)| (named, Change { stage: own.clone(), at })));
        }
    }
    for (project, graph) in instances.projects.iter().zip(graphs) {
        for (index, object) in project.objects.iter().enumerate().filter(|(_, object)| wanted(object)) {
            let mut own: Vec<&Change> = Vec::new();
            for (_, change) in changes.iter().filter(|(named, _)| named.is(object)) {
                if !own.iter().any(|known| known.stage == change.stage) {
                    own.push(change);
                }
            }
            object_consents(world, object, &own, reports);
            if !own.is_empty() {
                let stages: Vec<&str> = own.iter().map(|change| change.stage.as_str()).collect();
                graph.consents.insert(index, stages.join(","));
            }
        }
    }
}

/// What the author wrote, if anything, against the stages that change the object.
fn object_consents(world: &World<'_>, object: &Object, changes: &[&Change], reports: &mut Vec<Diagnostic>) {
    let Some((key, several)) = &object.kind.rules.consent else { return };
    let old = several.and_then(|several: Version| world.target.before(several).map(|version| (several, version)));
    if let (Some((several, version)), [first, second, ..]) = (old, changes) {
        reports.push(errors::one_consent(object, [first, second], world.target.product(), several, version));
        return;
    }
    let Some((written, at)) = annotation(object, key) else { return };
    let listed: Vec<&str> = written.split(',').map(str::trim).collect();
    if let Some(change) = changes.iter().find(|change| !listed.contains(&change.stage.as_str())) {
        reports.push(errors::no_consent(object, key, change, at));
    }
}

/// The value of an annotation that the author wrote.
fn annotation(object: &Object, key: &str) -> Option<(String, Span)> {
    let (annotations, at) = object.meta("annotations")?;
    let Value::Record(record) = annotations else { return None };
    Some((record.get(key)?.as_text()?.to_owned(), at))
}

/// An object, as a setting of a step names it.
struct Named {
    kind: Name,
    name: String,
    namespace: Option<String>,
}

impl Named {
    fn is(&self, object: &Object) -> bool {
        let own = object.namespace().map(|(own, _)| own.to_string());
        let same_place = self.namespace.is_none() || own.is_none() || self.namespace == own;
        self.kind == object.kind.name && object.cluster_name == self.name.as_str() && same_place
    }
}

/// The objects that a stage changes, by their names.
fn changed_by(stage: &Stage) -> Vec<(Named, Span)> {
    let mut walk = Walk { found: Vec::new() };
    visit_stage(&stage.body.items, &stage.env, &mut |item, env| {
        if let StageItem::Promote { body, .. } = item {
            let frame = Frame { env: env.clone(), args: &[], caller: None };
            body.all().for_each(|statement| walk.statement(statement, &frame));
        }
    });
    walk.found
}

/// What a body sees: its static values, and the arguments of its call as its caller sees them.
struct Frame<'f> {
    env: Env,
    args: &'f [Expr],
    caller: Option<&'f Frame<'f>>,
}

impl Frame<'_> {
    /// The text that an expression surely is in this stage.
    fn text(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Let(def) if !def.latched => self.text(&def.value),
            Kind::Present(inner) => self.text(inner),
            Kind::Param(index) => self.caller?.text(self.args.get(*index)?),
            Kind::Text(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => Some(text.to_string()),
                    Part::Expr(expr) => self.text(expr),
                })
                .collect(),
            Kind::Context(_) => eval(expr, &self.env).as_text().map(str::to_owned),
            _ if expr.time == Time::Static => eval(expr, &self.env).interpolated(),
            _ => None,
        }
    }
}

struct Walk {
    found: Vec<(Named, Span)>,
}

impl Walk {
    fn statement(&mut self, statement: &Statement, frame: &Frame<'_>) {
        match statement {
            Statement::Step(step) => self.record(&step.settings, &step.kind.settings, frame),
            Statement::Call(call) => {
                let inner = Frame { env: static_env(call, &frame.env), args: &call.args, caller: Some(frame) };
                call.task.body.all().for_each(|statement| self.statement(statement, &inner));
            }
            Statement::If { condition, then, otherwise, .. } => {
                let holds = (condition.time == Time::Static).then(|| eval(condition, &frame.env).holds());
                let taken = then.iter().filter(|_| holds != Some(false)).chain(otherwise.iter().filter(|_| holds != Some(true)));
                taken.for_each(|statement| self.statement(statement, frame));
            }
            Statement::For { over, binds, body } => {
                for (key, item) in items(&eval(over, &frame.env)) {
                    let inner = Frame { env: frame.env.with(bound(*binds, key, item)), ..*frame };
                    body.iter().for_each(|statement| self.statement(statement, &inner));
                }
            }
            Statement::Require(_) | Statement::Var { .. } | Statement::Latch(_) => {}
        }
    }

    fn record(&mut self, value: &Expr, record: &Record, frame: &Frame<'_>) {
        if !record.fields.iter().any(|field| names_something(&field.ty) || field.rules.names.is_some()) {
            return;
        }
        match &value.resolved().kind {
            Kind::Record(entries) => self.entries(entries, record, frame),
            _ if value.time == Time::Static => self.static_record(&eval(value, &frame.env), record, value.span),
            _ => {}
        }
    }

    fn entries(&mut self, entries: &[Entry], record: &Record, frame: &Frame<'_>) {
        let given = |wanted: &str| {
            entries.iter().find_map(|entry| match entry {
                Entry::Field { key: EntryKey::Name(name, _), value } if name == wanted => Some(value),
                _ => None,
            })
        };
        for entry in entries {
            let Entry::Field { key: EntryKey::Name(name, _), value } = entry else { continue };
            let Some(field) = record.all(name).find(|field| names_something(&field.ty) || field.rules.names.is_some()) else { continue };
            let Some((kind, place)) = &field.rules.names else {
                self.value(value, &field.ty, frame);
                continue;
            };
            let namespace = given(place).map(|value| frame.text(value));
            // A namespace that is known too late could be any.
            if let (Some(name), None | Some(Some(_))) = (frame.text(value), &namespace) {
                self.found.push((Named { kind: kind.clone(), name, namespace: namespace.flatten() }, value.span));
            }
        }
    }

    fn value(&mut self, value: &Expr, ty: &Ty, frame: &Frame<'_>) {
        match ty.present() {
            Ty::Record(record) => self.record(value, record, frame),
            Ty::List(item) => match &value.resolved().kind {
                Kind::List(elements) => elements.iter().for_each(|element| self.element(element, item, ty, frame)),
                _ if value.time == Time::Static => self.static_value(&eval(value, &frame.env), ty, value.span),
                _ => {}
            },
            _ => {}
        }
    }

    fn element(&mut self, element: &Element, item: &Ty, list: &Ty, frame: &Frame<'_>) {
        match element {
            Element::One(value) => self.value(value, item, frame),
            Element::Spread(value) => self.value(value, list, frame),
            Element::For(found) => rounds(found, &frame.env, &mut |env| {
                self.value(&found.value, item, &Frame { env: env.clone(), ..*frame });
            }),
        }
    }

    fn static_value(&mut self, value: &Value, ty: &Ty, at: Span) {
        match (value, ty.present()) {
            (Value::List(list), Ty::List(item)) => list.iter().for_each(|value| self.static_value(value, item, at)),
            (value, Ty::Record(record)) => self.static_record(value, record, at),
            _ => {}
        }
    }

    fn static_record(&mut self, value: &Value, record: &Record, at: Span) {
        let Value::Record(entries) = value else { return };
        let text = |name: &str| entries.get(name).and_then(Value::as_text).map(str::to_owned);
        for (name, value) in entries.iter() {
            let Some(field) = record.all(name).find(|field: &&Field| names_something(&field.ty) || field.rules.names.is_some()) else {
                continue;
            };
            match (&field.rules.names, text(name)) {
                (Some((kind, place)), Some(own)) => {
                    self.found.push((Named { kind: kind.clone(), name: own, namespace: text(place) }, at));
                }
                _ => self.static_value(value, &field.ty, at),
            }
        }
    }
}

/// Whether a type has a setting that names an object.
fn names_something(ty: &Ty) -> bool {
    match ty {
        Ty::Record(record) => record.fields.iter().any(|field| field.rules.names.is_some() || names_something(&field.ty)),
        Ty::List(item) | Ty::Optional(item, _) => names_something(item),
        _ => false,
    }
}
