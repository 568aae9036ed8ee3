//! From checked instances to manifests. In: the world, the instances, the flow graphs; all of them free of errors. Out:
//! documents, in the order of the program. Reports nothing: whatever could be wrong was found before.

mod bare;
mod calls;
mod code;
mod cx;
mod explain;
mod failure;
mod forms;
mod items;
mod latch;
mod objects;
mod operators;
mod outcome;
mod places;
mod plain;
mod raw;
mod read;
mod records;
mod role;
#[doc(hidden)]
pub mod rules;
mod stage;
mod steps;
mod task;
mod values;
mod variables;

use std::sync::Arc;

pub use explain::Explanation;

use crate::base::{Files, Name, Span};
use crate::emit::{Document, yaml::Yaml};
use crate::expand::{Instances, ProjectInstance};
use crate::flow::Graph;
use crate::flow::calls::{default_env, emitted_name};
use crate::program::ScopeId;
use crate::types::World;
use crate::types::eval::{Env, eval};
use crate::types::tree::Task;

/// The documents of a program that has no errors.
pub fn documents(world: &World<'_>, instances: &Instances<'_>, graphs: &[Graph], files: &Files) -> Vec<Document> {
    lowered(world, instances, graphs, files, &mut task::PromotionTasks::default())
}

/// What becomes of each task and each call of such a program, in the order of the program.
pub fn explanations(world: &World<'_>, instances: &Instances<'_>, graphs: &[Graph], files: &Files) -> Vec<Explanation> {
    let mut tasks = task::PromotionTasks::default();
    tasks.explanations = explain::Explanations::wanted();
    lowered(world, instances, graphs, files, &mut tasks);
    std::mem::take(&mut tasks.explanations).finish()
}

fn lowered(
    world: &World<'_>,
    instances: &Instances<'_>,
    graphs: &[Graph],
    files: &Files,
    tasks: &mut task::PromotionTasks,
) -> Vec<Document> {
    let mut out = Vec::new();
    cluster_tasks(world, tasks);
    for (project, graph) in instances.projects.iter().zip(graphs) {
        Lowering { world, files, project, graph }.project(tasks, &mut out);
    }
    // Those of other folders are written by their own programs.
    let shared = tasks.take_of_cluster().into_iter().filter(|(_, emitted)| world.program.declares(emitted.task.span));
    let shared = shared.map(|(name, emitted)| task_object(&name, emitted, None, files));
    out.splice(0..0, shared);
    out
}

/// `cluster-task`s become objects whether they are called or not.
fn cluster_tasks(world: &World<'_>, tasks: &mut task::PromotionTasks) {
    let own = world.program.scope(ScopeId::OUTER).into_iter();
    for decl in own.flat_map(|scope| scope.tasks.values()) {
        let task = world.typed_task(*decl, ScopeId::OUTER);
        if task.is_cluster {
            own_task(world, &task, &Env::default(), tasks);
        }
    }
}

/// A task as it is without being called, if its static parameters have defaults.
fn own_task(world: &World<'_>, task: &Arc<Task>, outer: &Env, tasks: &mut task::PromotionTasks) {
    if let Some(env) = default_env(task, outer)
        && let Some(name) = emitted_name(task, &env)
    {
        tasks.need(&name, task, &env, world);
    }
}

fn task_object(name: &str, emitted: task::Emitted, project: Option<&Name>, files: &Files) -> Document {
    let task = &emitted.task;
    let meta = task.meta.iter().map(|(name, value)| (name.clone(), values::static_yaml(&eval(value, &emitted.env)))).collect();
    let object = Object {
        api: "kargo.akuity.io/v1alpha1",
        kind: if task.is_cluster { "ClusterPromotionTask" } else { "PromotionTask" },
        name,
        span: task.span,
        doc: task.doc.as_deref(),
        meta,
        spec: Some(emitted.spec),
        rest: Vec::new(),
    };
    object.document(project, project.cloned(), files)
}

struct Lowering<'l, 'w, 'a> {
    world: &'w World<'a>,
    files: &'l Files,
    project: &'l ProjectInstance<'a>,
    graph: &'l Graph,
}

impl Lowering<'_, '_, '_> {
    fn project(&self, tasks: &mut task::PromotionTasks, out: &mut Vec<Document>) {
        out.push(self.project_object());
        let config = out.len();
        for warehouse in &self.project.warehouses {
            out.push(self.object(&warehouse.object, Some(warehouse), None));
        }
        for (index, object) in self.project.objects.iter().enumerate() {
            match self.role(object) {
                none if none.is_empty() => out.push(self.object(object, None, self.graph.consents.get(&index))),
                all => out.extend(all),
            }
        }
        let stages: Vec<Document> = self.project.stages.iter().enumerate().map(|(index, stage)| self.stage(index, stage, tasks)).collect();
        self.own_tasks(tasks);
        let own = tasks.take().into_iter();
        out.extend(own.map(|(name, emitted)| task_object(&name, emitted, Some(&self.project.name), self.files)));
        out.extend(stages);
        if let Some(document) = self.project_config() {
            out.insert(config, document);
        }
    }

    /// The project's own tasks become objects whether they are called or not.
    fn own_tasks(&self, tasks: &mut task::PromotionTasks) {
        let Some(scope) = self.world.program.scope(self.project.scope).filter(|_| self.project.is_declared) else { return };
        for decl in scope.tasks.values() {
            let task = self.world.typed_task(*decl, self.project.scope);
            let outer = Env { project: Some(self.project.name.clone()), ..Default::default() };
            own_task(self.world, &task, &outer, tasks);
        }
    }

    /// An object of the project's namespace.
    #[expect(clippy::too_many_arguments, reason = "the parts of an object, in one place")]
    fn document(
        &self,
        api: &str,
        kind: &str,
        name: &Name,
        span: Span,
        doc: Option<&str>,
        meta: Vec<(Name, Yaml)>,
        spec: Option<Yaml>,
    ) -> Document {
        let namespace = (kind != "Project").then(|| self.project.name.clone());
        Object { api, kind, name, span, doc, meta, spec, rest: Vec::new() }.document(Some(&self.project.name), namespace, self.files)
    }
}

/// The parts of an object.
struct Object<'o> {
    api: &'o str,
    kind: &'o str,
    name: &'o str,
    span: Span,
    doc: Option<&'o str>,
    /// `labels`, `annotations`, `namespace`.
    meta: Vec<(Name, Yaml)>,
    spec: Option<Yaml>,
    /// What stands beside it.
    rest: Vec<(crate::emit::Key, Yaml)>,
}

impl Object<'_> {
    /// The object that belongs to `project`, in the namespace that it has unless it says another one.
    fn document(self, project: Option<&Name>, mut namespace: Option<Name>, files: &Files) -> Document {
        let Object { api, kind, name, span, doc, meta, spec, rest } = self;
        let mut metadata = vec![("name".into(), steps::text(name))];
        let mut annotations: Vec<(crate::emit::yaml::Key, Yaml)> = Vec::new();
        if let Some(doc) = doc
            && api.starts_with("kargo.akuity.io/")
        {
            annotations.push(("kargo.akuity.io/description".into(), steps::text(doc)));
        }
        let mut labels = None;
        for (key, value) in meta {
            match (key.as_str(), value) {
                ("annotations", Yaml::Map(own)) => {
                    annotations.retain(|(key, _)| !own.iter().any(|(other, _)| other == key));
                    annotations.extend(own);
                }
                ("labels", value) => labels = Some(value),
                ("namespace", Yaml::Str(text)) => namespace = Some(Name::new(&*text)),
                _ => {}
            }
        }
        if let Some(namespace) = &namespace {
            metadata.push(("namespace".into(), steps::text(namespace)));
        }
        metadata.extend(labels.map(|labels| ("labels".into(), labels)));
        if !annotations.is_empty() {
            metadata.push(("annotations".into(), Yaml::Map(annotations)));
        }
        let mut value =
            vec![("apiVersion".into(), steps::text(api)), ("kind".into(), steps::text(kind)), ("metadata".into(), Yaml::Map(metadata))];
        value.extend(spec.map(|spec| ("spec".into(), spec)));
        value.extend(rest);
        let project = project.map(|project| Arc::from(project.as_str()));
        let namespace = namespace.map(|namespace| Arc::from(namespace.as_str()));
        Document::new(origin(files, span), project, namespace, Arc::from(kind), Arc::from(name), &Yaml::Map(value))
    }
}

/// `shop.pipeline:12`
fn origin(files: &Files, span: Span) -> String {
    format!("{}:{}", files.path(span.file), files.line_column(span.file, span.start).line)
}
