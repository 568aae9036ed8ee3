//! What a workflow needs where it is run. In: a run, with the types that the library has for its parts. Out: what is asked.
//!
//! Paths are read in the plain data of the manifest: they begin at what has the attribute, or with `/` at the specification
//! of the workflow that runs.

use super::demands::Asking;
use super::params::{Answer, cases, given, is_there};
use crate::base::{Name, Span};
use crate::library::{NeedUse, Record, Ty};
use crate::rbac::Resources;
use crate::rbac::manifest::{Described, Part, described};
use crate::workflows::{Node, Plain, Run};

/// What a run asks, in the order of its templates.
pub(super) fn asked<'r>(run: &'r Run<'_>, resources: &'r Resources) -> Vec<Asking<'r>> {
    let mut walk = Walk { run, resources, out: Vec::new() };
    let manifest = run.manifest;
    if run.settings.first().is_some_and(|own| std::ptr::eq(*own, &raw const manifest.spec)) {
        walk.uses(&manifest.kind.rules.needs, manifest.span, &manifest.spec, None);
        let part = manifest.kind.rules.workflow.as_ref().and_then(|(_, part)| part.as_ref());
        let record = match part {
            Some(part) => manifest.kind.settings.field(part).and_then(|field| field.ty.record()),
            None => Some(&manifest.kind.settings),
        };
        if let Some(record) = record {
            walk.record(record, &manifest.spec);
        }
    }
    for (manifest, template) in &run.templates {
        for kind in &manifest.blocks {
            let named = kind.rules.named.as_ref().and_then(|key| template.get(key));
            walk.uses(&kind.rules.needs, named.map_or(template.key, |name| name.span), template, None);
            walk.record(&kind.settings, template);
        }
    }
    walk.out
}

struct Walk<'r, 'n> {
    run: &'r Run<'n>,
    resources: &'r Resources,
    out: Vec<Asking<'r>>,
}

impl<'r> Walk<'r, '_> {
    fn record(&mut self, record: &'r Record, node: &Node) {
        for (key, value) in node.entries().iter().filter(|(_, value)| !matches!(value.value, Plain::Null)) {
            for field in record.all(key) {
                self.uses(&field.rules.needs, value.key, node, Some(value));
                self.inside(&field.ty, value);
            }
        }
    }

    fn inside(&mut self, ty: &'r Ty, node: &Node) {
        match ty {
            Ty::Record(record) => self.record(record, node),
            Ty::List(item) => node.items().iter().for_each(|node| self.inside(item, node)),
            Ty::Map(item, _) => node.entries().iter().for_each(|(_, node)| self.inside(item, node)),
            Ty::Optional(inner, _) => self.inside(inner, node),
            _ => {}
        }
    }

    /// The uses of something that stands in `own`; `value`: the setting that has them.
    fn uses(&mut self, needs: &'r [NeedUse], at: Span, own: &Node, value: Option<&Node>) {
        for need in needs.iter().filter(|need| need.when.as_ref().is_none_or(|when| value.is_some_and(|value| is(value, when)))) {
            match (&need.each, value) {
                (Some(list), Some(value)) => {
                    let at = value.get(list).map_or(at, |list| list.key);
                    value.list(list).iter().for_each(|item| self.one(need, at, item));
                }
                _ => self.one(need, at, own),
            }
        }
    }

    fn one(&mut self, need: &'r NeedUse, at: Span, own: &Node) {
        let mut read = |path: &str| self.read(path, own);
        if is_there(need, &mut read) {
            let (mut given, cases) = (given(need, &mut read), cases(need, &mut read));
            for ((_, answers), (_, paths)) in given.iter_mut().zip(&need.given) {
                if self.run.is_open && paths.iter().any(|path| path.starts_with('/')) {
                    let brought = |answer: &mut Answer| *answer = Answer::Unknown;
                    answers.iter_mut().filter(|answer| **answer == Answer::Absent).for_each(brought);
                }
            }
            self.out.push(Asking { need, at, given, cases });
        }
    }

    fn read(&self, path: &str, own: &Node) -> Vec<Answer> {
        let (path, part) = path.split_once('@').map_or((path, None), |(path, part)| (path, Some(part)));
        let mut out = Vec::new();
        match path.strip_prefix('/') {
            None => at_path(own, path, &mut out),
            Some(path) => {
                for spec in &self.run.settings {
                    out.clear();
                    at_path(spec, path, &mut out);
                    if out.iter().any(|answer| *answer != Answer::Absent) {
                        break;
                    }
                }
                if out.is_empty() {
                    out.push(Answer::Absent);
                }
            }
        }
        if let Some(part) = part {
            out.iter_mut().for_each(|answer| *answer = self.of_manifest(answer, part));
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// A part of the object that a text describes: its `plural`, `group`, `name` or `namespace`.
    fn of_manifest(&self, text: &Answer, part: &str) -> Answer {
        let Answer::Known(text) = text else { return Answer::Unknown };
        let Some(found) = described(text) else { return Answer::Unknown };
        let resource = self.resources.iter().find(|known| known.group == *found.group && known.kind == *found.kind);
        let Some(resource) = resource else { return Answer::Unknown };
        let Described { namespace, name, .. } = found;
        match part {
            "plural" => Answer::Known(resource.plural.clone()),
            "group" => Answer::Known(resource.group.clone()),
            // In the whole cluster.
            "namespace" if resource.is_of_cluster => Answer::Known(Name::new("*")),
            "namespace" => answer(namespace),
            "name" => answer(name),
            _ => Answer::Unknown,
        }
    }
}

fn answer(part: Part) -> Answer {
    match part {
        Part::Known(text) => Answer::Known(Name::from(text)),
        Part::Absent => Answer::Absent,
        Part::Unknown => Answer::Unknown,
    }
}

/// What stands at a path such as `http.headers[].name`.
fn at_path(node: &Node, path: &str, out: &mut Vec<Answer>) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let inner = match first.strip_suffix("[]") {
        Some(key) => node.list(key).iter().collect(),
        None => node.get(first).into_iter().collect::<Vec<_>>(),
    };
    if inner.is_empty() {
        out.push(if matches!(node.value, Plain::Unknown) { Answer::Unknown } else { Answer::Absent });
    }
    for node in inner {
        match rest {
            Some(rest) => at_path(node, rest, out),
            None => out.push(leaf(node)),
        }
    }
}

fn leaf(node: &Node) -> Answer {
    match &node.value {
        Plain::Text(text) if text.is_empty() => Answer::Absent,
        // A tag is filled in while the workflow runs; a manifest is looked at with its tags.
        Plain::Text(text) if text.contains("{{") && !text.contains('\n') => Answer::Unknown,
        Plain::Text(text) | Plain::Number(text) => Answer::Known(Name::new(text)),
        Plain::Bool(value) => Answer::Known(Name::new(if *value { "true" } else { "false" })),
        Plain::Null => Answer::Absent,
        Plain::Unknown | Plain::List(_) | Plain::Map(_) => Answer::Unknown,
    }
}

fn is(value: &Node, wanted: &Name) -> bool {
    match &value.value {
        Plain::Text(text) | Plain::Number(text) => *wanted == **text,
        Plain::Bool(value) => *wanted == if *value { "true" } else { "false" },
        _ => false,
    }
}
