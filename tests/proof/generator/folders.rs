//! What programs bring from elsewhere, folders and the tasks of the standard library, and what they write out several times:
//! projects from a template.

use std::path::Path;
use std::sync::Arc;

use loadline::base::Files;
use loadline::library::{Face, Field, Record, TextKind, Ty, TypeScope};
use loadline::syntax;
use loadline::syntax::ast::{Declaration, FieldKey, ItemKind, TypeExpr, TypeKind};

use super::expr::Wish;
use super::scope::Scope;
use super::tasks::{Parameter, Task};
use super::text::Node;
use super::{Generator, Stock};

impl Stock {
    /// The tasks of `stdlib/tasks`.
    pub fn ready_tasks() -> Vec<Declaration> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/tasks");
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let declared = paths.iter().flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let file = Files::default().add(path.display().to_string(), text.clone());
            syntax::parse(file, &text).file.items
        });
        declared
            .filter_map(|item| match item.kind {
                ItemKind::Declaration(declaration) if declaration.kind.name == "task" => Some(*declaration),
                _ => None,
            })
            .collect()
    }
}

impl Generator<'_> {
    /// `use […] from "std"`.
    pub fn ready(&mut self, nodes: &mut Vec<Node>) {
        let tasks: Vec<Task> = self.ready.iter().map(|task| self.ready_task(task)).collect();
        let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
        nodes.push(Node::line(format!("use [{}] from \"std\"", names.join(", "))));
        self.tasks.extend(tasks);
    }

    fn ready_task(&self, declared: &Declaration) -> Task {
        let parameters = declared.parameters.iter().flatten().map(|written| Parameter {
            name: written.name.name.to_string(),
            ty: self.meant(&written.ty),
            optional: written.optional,
            has_default: written.default.is_some(),
            is_looped: false,
            is_static: written.is_static,
        });
        let result = declared.result.as_ref().and_then(|result| match &result.kind {
            TypeKind::Record(fields) => {
                let fields = fields.iter().filter_map(|field| match &field.key {
                    FieldKey::Name(name) => Some(Field::plain(name.name.clone(), self.nowhere(), self.meant(&field.ty))),
                    FieldKey::Any(_) => None,
                });
                Some(Arc::new(Record { name: None, fields: fields.collect(), open: None }))
            }
            _ => None,
        });
        Task {
            name: declared.constant_name().unwrap_or("").to_owned(),
            is_cluster: false,
            after_failure: false,
            parameters: parameters.collect(),
            result,
        }
    }

    fn meant(&self, written: &TypeExpr) -> Ty {
        let TypeKind::Name(name, _) = &written.kind else { panic!("a ready task has a type that is not made: {written:?}") };
        let text = TextKind::ALL.iter().find(|(_, known)| *known == name.as_str()).map(|(kind, _)| Ty::Text(*kind));
        text.or_else(|| self.library.named_type(name)).unwrap_or_else(|| panic!("a ready task has a type that is not made: {name}"))
    }

    /// A folder with `let`s and tasks, which itself may use another one.
    pub fn folder(&mut self, outer: &mut Scope, nodes: &mut Vec<Node>) -> Vec<Node> {
        let mut files = Vec::new();
        let (mut scope, mut body) = (Scope::default(), Vec::new());
        if self.random.one_in(2) {
            let mut deep = Vec::new();
            self.lets(&mut scope, &mut deep);
            if !scope.names.is_empty() {
                let names: Vec<String> = scope.names.iter().map(|name| name.text.clone()).collect();
                body.push(Node::line(format!("use [{}] from \"../more\"", names.join(", "))));
                files.push(Node::file("../more/values.pipeline", deep));
            }
        }
        let before = scope.names.len();
        self.lets(&mut scope, &mut body);
        let known = self.tasks.len();
        for _ in 0..1 + self.random.below(2) {
            self.task(&scope, false, &mut body);
        }
        let mut imports: Vec<String> = scope.names[before..].iter().map(|name| name.text.clone()).collect();
        outer.names.extend(scope.names.drain(before..));
        for at in known..self.tasks.len() {
            let name = self.tasks[at].name.clone();
            if self.random.one_in(2) {
                self.tasks[at].name = format!("{name}-here");
                imports.push(format!("{name} as {name}-here"));
            } else {
                imports.push(name);
            }
        }
        nodes.push(Node::line(format!("use [{}] from \"../lib\"", imports.join(", "))));
        files.push(Node::file("../lib/common.pipeline", body));
        files
    }

    /// The projects of a template, one for each of its calls.
    pub fn templated(&mut self, outer: &Scope, several_slots: bool, nodes: &mut Vec<Node>) {
        let mut scope = outer.clone();
        let (mut heads, mut rows) = (vec!["name: String".to_owned()], Vec::new());
        scope.add("name", Ty::STRING, true);
        for _ in 0..1 + self.random.below(3) {
            let (ty, written) = self.simple_type();
            let name = self.name("par");
            let (optional, default) = (self.random.one_in(4), self.random.one_in(4));
            let wish = Wish { is_static: true, not_empty: true, ..Wish::default() };
            let value = |all: &mut Self| all.expr(&ty, &Scope::default(), wish, 1);
            let Some(first) = value(self) else { continue };
            heads.push(match (optional, default) {
                (true, _) => format!("{name}?: {written}"),
                (false, true) => format!("{name}: {written} = {first}"),
                _ => format!("{name}: {written}"),
            });
            let given = if (optional || default) && self.random.one_in(2) { None } else { value(self) };
            rows.extend(given.or((!optional && !default).then_some(first)).map(|value| format!("{name}: {value}")));
            scope.add(name, if optional { ty.optional(Face::Nil) } else { ty }, true);
        }
        heads.push("row: { cluster: String, size: Int }".to_owned());
        scope.add("row.cluster", Ty::STRING, true);
        scope.add("row.size", Ty::Int, true);
        let mut body = Vec::new();
        self.entries(&scope, several_slots, &mut body);
        let project = Node::block("project \"${name}\"", body);
        nodes.push(Node::block(format!("template service({})", heads.join(", ")), vec![project]));
        let call = |name: &str, row: &str| {
            let all = [&[format!("name: {name}"), format!("row: {row}")], rows.as_slice()].concat();
            Node::line(format!("service({})", all.join(", ")))
        };
        let table = "{ cart: { cluster: \"1e3\", size: 3 }, search-b: { cluster: \"euw1\", size: 1234567 } }";
        nodes.push(Node::block(format!("for key, line in {table}"), vec![call("key", "line")]));
    }
}
