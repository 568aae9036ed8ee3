//! Tasks and their calls.

use std::sync::Arc;

use loadline::base::Name;
use loadline::library::{Face, Field, Record, TextKind, Ty, TypeScope};

use super::Generator;
use super::expr::Wish;
use super::scope::Scope;
use super::statements::choice;
use super::text::{Node, written};

#[derive(Clone)]
pub struct Task {
    pub name: String,
    /// It cannot be called where its steps would have to stand in the place of the call.
    pub is_cluster: bool,
    /// Some of its steps run after a failure.
    pub after_failure: bool,
    pub parameters: Vec<Parameter>,
    pub result: Option<Arc<Record>>,
}

#[derive(Clone)]
pub struct Parameter {
    pub name: String,
    pub ty: Ty,
    pub optional: bool,
    pub has_default: bool,
    pub is_static: bool,
    /// A list that loops of the task run over.
    pub is_looped: bool,
}

/// The items of such a list.
const ITEM: &str = "{ word: String, note: Untrusted, tag?: Tag }";

impl Generator<'_> {
    pub fn task(&mut self, outer: &Scope, is_cluster: bool, nodes: &mut Vec<Node>) {
        let name = self.name("work");
        let mut scope = outer.clone();
        scope.in_task = true;
        scope.add("ctx.stage", Ty::STRING, false);
        let mut parameters = Vec::new();
        let mut heads = Vec::new();
        for _ in 0..self.random.below(4) {
            let (parameter, text) = self.parameter(!is_cluster, nodes);
            if parameter.is_looped {
                scope.looped.push(parameter.name.clone());
                heads.push(text);
                parameters.push(parameter);
                continue;
            }
            let read = if parameter.optional { parameter.ty.clone().optional(Face::Nil) } else { parameter.ty.clone() };
            scope.add(parameter.name.clone(), read, parameter.is_static);
            heads.push(text);
            parameters.push(parameter);
        }
        self.budget = 2 + self.random.below(5);
        let before = scope.clone();
        let mut body = self.body(&mut scope);
        if let Some(list) = before.looped.last() {
            self.budget = 2;
            let looped = self.repeat_over(list, &before);
            body.insert(0, looped);
        }
        self.tails(&scope, &[], &mut body);
        let result = self.random.one_in(2).then(|| self.returned(&scope)).flatten();
        let word = if is_cluster { "cluster-task" } else { "task" };
        let mut head = format!("{word} {name}({})", heads.join(", "));
        let result = result.map(|(ty, value, record)| {
            head.push_str(&format!(" -> {ty}"));
            body.push(Node::line(format!("return {value}")));
            record
        });
        let text = written(&body);
        let after_failure = ["failure", "always()", "status(", "finally"].iter().any(|word| text.contains(word))
            || self.tasks.iter().any(|task| task.after_failure && text.contains(&format!("{}(", task.name)));
        nodes.push(Node::block(head, body));
        self.tasks.push(Task { name, is_cluster, after_failure, parameters, result });
    }

    fn parameter(&mut self, may_be_static: bool, nodes: &mut Vec<Node>) -> (Parameter, String) {
        let prefix = *self.random.pick(&["p", "par-", "image_"]);
        let name = self.name(prefix);
        if may_be_static && self.random.one_in(5) {
            let parameter = Parameter { ty: Ty::Any, optional: false, has_default: false, is_static: false, is_looped: true, name };
            let text = format!("{}: [{ITEM}]", parameter.name);
            return (parameter, text);
        }
        let artifact = ["Image", "Commit", "Chart"];
        let (ty, text) = match self.random.below(6) {
            0 | 1 => {
                let text = *self.random.pick(&artifact);
                (self.library.named_type(text).unwrap(), text)
            }
            2 => (Ty::Text(TextKind::Tag), "Tag"),
            3 => (Ty::UNTRUSTED, "Untrusted"),
            5 if self.random.one_in(2) => (choice(&["canary", "1.10"]), "\"canary\" | \"1.10\""),
            4 if self.random.one_in(2) => {
                let named = self.name("Pair");
                nodes.push(Node::line(format!("type {named} = {{ word: String, count-it: Int }}")));
                let fields =
                    [("word", Ty::STRING), ("count-it", Ty::Int)].map(|(name, ty)| Field::plain(Name::new(name), self.nowhere(), ty));
                (Ty::Record(Arc::new(Record { name: None, fields: fields.into(), open: None })), &*named.leak())
            }
            _ => self.simple_type(),
        };
        let optional = self.random.one_in(4);
        // A static value becomes part of the name of the object, and any may not.
        let is_static = may_be_static && !optional && matches!(text, "String" | "Int" | "Bool") && self.random.one_in(4);
        let mut written = format!("{}{name}{}: {text}", if is_static { "static " } else { "" }, if optional { "?" } else { "" });
        let has_default = text == "String" && !optional && self.random.one_in(3);
        if has_default {
            written.push_str(if is_static { " = \"1.10\"" } else { " = \"it's ${ctx.stage}\"" });
        }
        (Parameter { name, ty, optional, has_default, is_static, is_looped: false }, written)
    }

    /// The type of a result, the record that is returned, and how it is read.
    fn returned(&mut self, scope: &Scope) -> Option<(String, String, Arc<Record>)> {
        let mut rows = (Vec::new(), Vec::new());
        let mut fields = Vec::new();
        for name in ["one", "two-b"].iter().take(1 + self.random.below(2)) {
            let (ty, text) = if self.random.one_in(3) { (Ty::UNTRUSTED, "Untrusted") } else { self.simple_type() };
            let value = self.expr(&ty, scope, Wish { not_empty: true, ..Wish::default() }, 2)?;
            rows.0.push(format!("{name}: {text}"));
            rows.1.push(format!("{name}: {value}"));
            fields.push(Field::plain(Name::new(name), self.nowhere(), ty));
        }
        let record = Arc::new(Record { name: None, fields, open: None });
        Some((format!("{{ {} }}", rows.0.join(", ")), format!("{{ {} }}", rows.1.join(", ")), record))
    }

    /// A list of which only the number of items is known.
    fn looped_list(&mut self, scope: &Scope) -> Option<String> {
        let own = scope.looped.last().cloned();
        Some(match (self.random.below(5), own) {
            (0, Some(own)) => own,
            (1, Some(own)) => format!("[{}, ...{own}]", self.looped_item(scope)?),
            (2, _) => {
                let mut inner = scope.inner();
                inner.add("each", super::statements::choice(&["a", "b-1.10"]), true);
                format!("[for each in [\"a\", \"b-1.10\"]: {}]", self.looped_item(&inner)?)
            }
            (3, _) => format!("[{}]", self.looped_item(scope)?),
            _ => format!("[{}, {}]", self.looped_item(scope)?, self.looped_item(scope)?),
        })
    }

    fn looped_item(&mut self, scope: &Scope) -> Option<String> {
        let wish = Wish { not_empty: true, ..Wish::default() };
        // An item is read by several steps, and a value that changes is not the same for all of them.
        let mut steady = scope.clone();
        steady.names.retain(|name| !name.text.starts_with("configMap("));
        let scope = &steady;
        let word = self.expr(&Ty::STRING, scope, wish, 2)?;
        let note = self.expr(&Ty::UNTRUSTED, scope, wish, 2)?;
        let tag = if self.random.one_in(2) { self.expr(&Ty::Text(loadline::library::TextKind::Tag), scope, wish, 1) } else { None };
        let tag = tag.map(|tag| format!(", tag: {tag}")).unwrap_or_default();
        Some(format!("{{ word: {word}, note: {note}{tag} }}"))
    }

    /// A call with all that it needs; `None` if an argument cannot be made here.
    pub fn call(&mut self, scope: &Scope) -> Option<(String, Option<Arc<Record>>)> {
        let in_place = scope.in_task || scope.in_tail || scope.in_block();
        let tasks: Vec<Task> = self
            .tasks
            .iter()
            .filter(|task| !task.is_cluster || !in_place)
            // Where a `require` may fail, steps that run after a failure stand in the place of the call.
            .filter(|task| !(task.is_cluster && task.after_failure && scope.slots.len() > 1))
            .filter(|task| !(task.after_failure && scope.behind_values && scope.in_task))
            .cloned()
            .collect();
        if tasks.is_empty() {
            return None;
        }
        let task = self.random.pick(&tasks);
        // 1: an argument that may change is evaluated at each step of the task, not once.
        let mut stable = scope.clone();
        stable.names.retain(|name| !name.text.starts_with("configMap("));
        let scope = &stable;
        let mut args = Vec::new();
        for parameter in &task.parameters {
            if (parameter.optional || parameter.has_default) && self.random.one_in(3) {
                continue;
            }
            if parameter.is_looped {
                args.push(format!("{}: {}", parameter.name, self.looped_list(scope)?));
                continue;
            }
            // 4: nor in a constant argument of a call whose steps stand in its place.
            let wish = Wish { is_static: parameter.is_static, not_empty: true, one_line: true, ..Wish::default() };
            let value = match parameter.ty.record() {
                Some(record) if record.name.is_none() => {
                    let rows: Option<Vec<String>> = record
                        .fields
                        .iter()
                        .map(|field| Some(format!("{}: {}", field.name, self.expr(&field.ty, scope, wish, 2)?)))
                        .collect();
                    format!("{{ {} }}", rows?.join(", "))
                }
                Some(record) => {
                    let same = |ty: &Ty| {
                        ty.present()
                            .record()
                            .is_some_and(|found| Arc::ptr_eq(found, record) || found.name.is_some() && found.name == record.name)
                    };
                    let optional = parameter.optional;
                    self.fitting(scope, |ty| same(ty) && (optional || !ty.is_optional()), false)?.text
                }
                None if parameter.optional && self.random.one_in(2) => {
                    let wanted = parameter.ty.to_string();
                    let found = self.fitting(scope, |ty| ty.is_optional() && ty.present().to_string() == wanted, false);
                    found.map(|found| found.text).or_else(|| self.expr(&parameter.ty, scope, wish, 2))?
                }
                None if matches!(parameter.ty, Ty::Text(TextKind::Url)) => self.literal(wish, TextKind::Url)?,
                None => self.expr(&parameter.ty, scope, wish, 2)?,
            };
            args.push(format!("{}: {value}", parameter.name));
        }
        Some((format!("{}({})", task.name, args.join(", ")), task.result.clone()))
    }
}
