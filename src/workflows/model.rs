//! Workflows as they are judged: objects with templates, templates with inputs, outputs and calls. Made of plain data, so
//! that it does not matter what that was written in. What is missing or has another shape is left out here: the types of
//! the library have said so, or the schema of the target does.

use std::sync::Arc;

use super::node::{Node, Plain};
use super::tags::Calls;
use crate::base::{Name, Span};
use crate::library::KindSig;

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub text: Name,
    pub span: Span,
}

/// What the object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its templates are there for others; a run may bring further parameters.
    Templates { cluster: bool },
    /// It is run as it stands.
    Run,
}

/// A manifest, before it is read.
#[derive(Debug)]
pub struct Manifest {
    /// What the library says of it, and of the blocks in it.
    pub kind: Arc<KindSig>,
    pub blocks: Vec<Arc<KindSig>>,
    pub role: Role,
    pub project: Name,
    pub name: Name,
    pub namespace: Option<Name>,
    /// Where its name stands.
    pub span: Span,
    /// The specification of the workflow.
    pub spec: Node,
}

/// An object with templates.
#[derive(Debug)]
pub(super) struct Workflow<'n> {
    pub manifest: &'n Manifest,
    pub entrypoint: Option<Word>,
    pub parameters: Vec<Parameter<'n>>,
    pub templates: Vec<Template<'n>>,
    /// The object that it runs instead of own templates.
    pub runs: Option<Target<'n>>,
    /// What runs at its end or at its events.
    pub hooks: Vec<Call<'n>>,
    /// Whether inputs or calls may come from defaults that stand elsewhere.
    pub has_defaults: bool,
}

#[derive(Debug)]
pub(super) struct Template<'n> {
    pub name: Option<Word>,
    pub node: &'n Node,
    /// The settings that say what it does: one, if all is well.
    pub kinds: Vec<(&'n str, &'n Node)>,
    pub inputs: Ports<'n>,
    pub outputs: Ports<'n>,
    pub calls: Vec<Call<'n>>,
}

/// Inputs, outputs or arguments.
#[derive(Debug, Default)]
pub(super) struct Ports<'n> {
    pub parameters: Vec<Parameter<'n>>,
    pub artifacts: Vec<Parameter<'n>>,
    /// Whether there may be others.
    pub unclear: bool,
}

/// A parameter or an artifact.
#[derive(Clone, Debug)]
pub(super) struct Parameter<'n> {
    pub name: Word,
    pub node: &'n Node,
}

/// A step, a task or a hook.
#[derive(Debug)]
pub(super) struct Call<'n> {
    pub name: Option<Word>,
    pub node: &'n Node,
    pub of: Calls,
    /// Which group of steps it stands in; all tasks stand in one.
    pub group: usize,
    pub target: Target<'n>,
    pub arguments: Ports<'n>,
    pub inline: Option<Box<Template<'n>>>,
    pub hooks: Vec<Call<'n>>,
}

/// What a call runs.
#[derive(Clone, Debug)]
pub(super) enum Target<'n> {
    None,
    /// What is only known at run time, or was not understood.
    Unknown,
    Inline,
    Local(Word),
    /// A template of another object, or that object itself.
    Other {
        object: Word,
        template: Option<Word>,
        cluster: bool,
        node: &'n Node,
    },
}

/// The settings of which a template has exactly one.
const KINDS: &[&str] = &["container", "containerSet", "script", "resource", "suspend", "http", "data", "plugin", "steps", "dag"];

impl<'n> Workflow<'n> {
    pub(super) fn read(manifest: &'n Manifest) -> Workflow<'n> {
        let spec = &manifest.spec;
        let mut hooks = hooks(spec, Calls::Steps);
        if let Some(word) = word(spec, "onExit") {
            hooks.push(Call::exit(spec, word));
        }
        Workflow {
            manifest,
            entrypoint: word(spec, "entrypoint"),
            parameters: spec.get("arguments").map_or_else(Ports::default, Ports::read).parameters,
            templates: spec.list("templates").iter().map(Template::read).collect(),
            runs: spec.get("workflowTemplateRef").map(|node| reference(node, false)),
            hooks,
            has_defaults: spec.get("templateDefaults").is_some() || spec.get("templates").is_some_and(|node| node.items().is_empty()),
        }
    }

    pub(super) fn template(&self, name: &str) -> Option<&Template<'n>> {
        self.templates.iter().find(|template| template.name.as_ref().is_some_and(|own| own.text == name))
    }

    pub(super) fn template_names(&self) -> impl Iterator<Item = &str> {
        self.templates.iter().filter_map(|template| Some(template.name.as_ref()?.text.as_str()))
    }

    /// Whether the templates are all known by their names.
    pub(super) fn is_clear(&self) -> bool {
        let list = self.manifest.spec.get("templates");
        self.templates.iter().all(|template| template.name.is_some()) && list.is_none_or(|node| matches!(node.value, Plain::List(_)))
    }
}

impl<'n> Template<'n> {
    pub(super) fn read(node: &'n Node) -> Template<'n> {
        let ports = |key| node.get(key).map_or_else(Ports::default, Ports::read);
        let mut calls = Vec::new();
        for (group, steps) in node.list("steps").iter().enumerate() {
            calls.extend(steps.items().iter().map(|step| Call::read(step, Calls::Steps, group)));
        }
        let tasks = node.at(&["dag", "tasks"]).map_or(&[] as &[Node], Node::items);
        calls.extend(tasks.iter().map(|task| Call::read(task, Calls::Tasks, 0)));
        let kinds = KINDS.iter().filter_map(|kind| Some((*kind, node.get(kind)?))).collect();
        Template { name: word(node, "name"), node, kinds, inputs: ports("inputs"), outputs: ports("outputs"), calls }
    }

    /// Whether it runs steps or tasks.
    pub(super) fn calls_others(&self) -> bool {
        self.kinds.iter().any(|(kind, _)| matches!(*kind, "steps" | "dag"))
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|(own, _)| *own == kind)
    }

    /// Its only kind, if it has exactly one.
    pub(super) fn kind(&self) -> Option<&'n str> {
        match self.kinds.as_slice() {
            [(kind, _)] => Some(kind),
            _ => None,
        }
    }

    pub(super) fn call(&self, name: &str) -> Option<&Call<'n>> {
        self.calls.iter().find(|call| call.name.as_ref().is_some_and(|own| own.text == name))
    }

    /// The settings of the template itself, without the calls and inline templates in it.
    pub(super) fn own_nodes(&self) -> impl Iterator<Item = &'n Node> {
        self.node.entries().iter().filter(|(key, _)| !matches!(key.as_str(), "steps" | "dag" | "name")).map(|(_, node)| node)
    }
}

impl<'n> Ports<'n> {
    pub(super) fn read(node: &'n Node) -> Ports<'n> {
        let read = |key: &str| -> Vec<Parameter<'n>> {
            node.list(key).iter().filter_map(|node| Some(Parameter { name: word(node, "name")?, node })).collect()
        };
        let ports = Ports { parameters: read("parameters"), artifacts: read("artifacts"), unclear: false };
        let listed = node.list("parameters").len() + node.list("artifacts").len();
        let is_list = |key: &str| node.get(key).is_none_or(|list| matches!(list.value, Plain::List(_)));
        let unclear = listed != ports.parameters.len() + ports.artifacts.len()
            || !is_list("parameters")
            || !is_list("artifacts")
            || !matches!(node.value, Plain::Map(_));
        Ports { unclear, ..ports }
    }
}

impl<'n> Parameter<'n> {
    /// Whether it has a value without being given one.
    pub(super) fn has_value(&self) -> bool {
        ["value", "default", "valueFrom"].iter().any(|key| self.node.get(key).is_some())
    }

    /// Whether an artifact is there, or need not be there, without being given.
    pub(super) fn has_artifact(&self) -> bool {
        let describes =
            |key: &Name| matches!(key.as_str(), "name" | "path" | "mode" | "recurseMode" | "archive" | "artifactGC" | "subPath");
        self.is_optional() || self.node.entries().iter().any(|(key, _)| !describes(key) && key != "optional")
    }

    pub(super) fn is_optional(&self) -> bool {
        self.node.get("optional").is_some_and(|node| !matches!(node.value, Plain::Bool(false)))
    }

    /// The values that its declaration names.
    pub(super) fn named_values(&self) -> impl Iterator<Item = &'n str> {
        let own = ["default", "value"].into_iter().filter_map(|key| self.node.get(key));
        own.chain(self.node.list("enum")).filter_map(|node| node.text().map(AsRef::as_ref))
    }
}

impl<'n> Call<'n> {
    fn read(node: &'n Node, of: Calls, group: usize) -> Call<'n> {
        let mut hooks = hooks(node, of);
        if let Some(word) = word(node, "onExit") {
            hooks.push(Call::exit(node, word));
        }
        Call {
            name: word(node, "name"),
            node,
            of,
            group,
            target: target(node),
            arguments: node.get("arguments").map_or_else(Ports::default, Ports::read),
            inline: node.get("inline").map(|node| Box::new(Template::read(node))),
            hooks,
        }
    }

    /// What runs at the end of something, without arguments of its own.
    fn exit(node: &'n Node, template: Word) -> Call<'n> {
        let target = if template.text.contains("{{") { Target::Unknown } else { Target::Local(template) };
        Call { name: None, node, of: Calls::Steps, group: 0, target, arguments: Ports::unclear(), inline: None, hooks: Vec::new() }
    }

    /// Whether it runs once for each of several items.
    pub(super) fn is_loop(&self) -> bool {
        ["withItems", "withParam", "withSequence"].iter().any(|key| self.node.get(key).is_some())
    }
}

impl Ports<'_> {
    fn unclear() -> Self {
        Ports { unclear: true, ..Ports::default() }
    }
}

fn hooks(node: &Node, of: Calls) -> Vec<Call<'_>> {
    let entries = node.get("hooks").map_or(&[] as &[(Name, Node)], Node::entries);
    entries.iter().map(|(_, hook)| Call { name: None, ..Call::read(hook, of, 0) }).collect()
}

fn target(node: &Node) -> Target<'_> {
    if let Some(found) = node.get("templateRef") {
        return reference(found, true);
    }
    if node.get("inline").is_some() {
        return Target::Inline;
    }
    match (word(node, "template"), node.get("template")) {
        (Some(word), _) if word.text.contains("{{") => Target::Unknown,
        (Some(word), _) => Target::Local(word),
        (None, Some(_)) => Target::Unknown,
        (None, None) if matches!(node.value, Plain::Map(_)) => Target::None,
        (None, None) => Target::Unknown,
    }
}

fn reference(node: &Node, needs_template: bool) -> Target<'_> {
    let cluster = node.get("clusterScope").is_some_and(Node::is_true);
    let (object, template) = (word(node, "name"), word(node, "template"));
    match object {
        Some(object) if !object.text.contains("{{") => {
            let template = template.filter(|word| !word.text.contains("{{"));
            if needs_template && template.is_none() { Target::Unknown } else { Target::Other { object, template, cluster, node } }
        }
        _ => Target::Unknown,
    }
}

pub(super) fn word(node: &Node, key: &str) -> Option<Word> {
    node.word(key).map(|(text, span)| Word { text: Name::new(text), span })
}
