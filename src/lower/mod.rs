//! From checked instances to manifests. In: the world, the instances, the flow graphs; all of them free of errors. Out:
//! documents, in the order of the program. Reports nothing: whatever could be wrong was found before.

mod code;
mod cx;
mod forms;
mod latch;
mod objects;
mod operators;
mod read;
mod stage;
mod steps;
mod task;

use std::sync::Arc;

use crate::base::{Files, Name, Span};
use crate::emit::{Document, yaml::Yaml};
use crate::expand::{Instances, ProjectInstance};
use crate::flow::Graph;
use crate::types::World;

/// The documents of a program that has no errors.
pub fn documents(world: &World<'_>, instances: &Instances<'_>, graphs: &[Graph], files: &Files) -> Vec<Document> {
    let mut out = Vec::new();
    for (project, graph) in instances.projects.iter().zip(graphs) {
        Lowering { world, files, project, graph }.project(&mut out);
    }
    out
}

struct Lowering<'l, 'w, 'a> {
    world: &'w World<'a>,
    files: &'l Files,
    project: &'l ProjectInstance<'a>,
    graph: &'l Graph,
}

impl Lowering<'_, '_, '_> {
    fn project(&self, out: &mut Vec<Document>) {
        let mut tasks = task::PromotionTasks::default();
        out.push(self.project_object());
        let config = out.len();
        for warehouse in &self.project.warehouses {
            out.push(self.object(&warehouse.object, Some(warehouse)));
        }
        for object in &self.project.objects {
            out.push(self.object(object, None));
        }
        let stages: Vec<Document> =
            self.project.stages.iter().enumerate().map(|(index, stage)| self.stage(index, stage, &mut tasks)).collect();
        self.own_tasks(&mut tasks);
        for (name, (task, env)) in tasks.take() {
            let mut none = task::PromotionTasks::default();
            let spec = task::spec(&task, &env, self.world, &mut none);
            out.push(self.document(
                "kargo.akuity.io/v1alpha1",
                "PromotionTask",
                &Name::new(&name),
                task.span,
                task.doc.as_deref(),
                Vec::new(),
                Some(spec),
            ));
        }
        out.extend(stages);
        if let Some(document) = self.project_config() {
            out.insert(config, document);
        }
    }

    /// The project's own tasks become objects whether they are called or not.
    fn own_tasks(&self, tasks: &mut task::PromotionTasks) {
        let Some(project) = self.world.program.projects.get(self.project.index) else { return };
        for decl in project.scope.tasks.values() {
            let task = self.world.typed_task(*decl, Some(self.project.index));
            if task.parameters.iter().all(|parameter| parameter.local.is_none()) {
                let outer = crate::types::eval::Env { project: Some(self.project.name.clone()), ..Default::default() };
                tasks.need(&task, &task::task_env(&task, &outer));
            }
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
        let cluster = kind == "Project";
        let mut metadata = vec![("name".into(), steps::text(name))];
        let mut namespace = (!cluster).then(|| self.project.name.clone());
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
        let project = Some(Arc::from(self.project.name.as_str()));
        let namespace = namespace.map(|namespace| Arc::from(namespace.as_str()));
        Document::new(self.origin(span), project, namespace, Arc::from(kind), Arc::from(name.as_str()), &Yaml::Map(value))
    }

    /// `shop.pipeline:12`
    fn origin(&self, span: Span) -> String {
        format!("{}:{}", self.files.path(span.file), self.files.line_column(span.file, span.start).line)
    }
}
