//! What stands in `promote` and in tasks.

use std::sync::Arc;

use loadline::base::Name;
use loadline::library::{Face, Field, Record, StepSig, TextKind, Ty};

use super::Generator;
use super::expr::Wish;
use super::scope::{Readable, Scope, Slot};
use super::text::{Node, quoted};

impl Generator<'_> {
    /// The statements of a body, at least one of them a step.
    pub fn body(&mut self, scope: &mut Scope) -> Vec<Node> {
        let mut nodes = Vec::new();
        if !scope.in_task && self.random.one_in(3) {
            // First, so that it is the moment at which the promotion begins.
            let name = self.name("at");
            nodes.push(Node::line(format!("let {name} = now()")));
            for field in ["timestamp", "compact", "date"] {
                scope.add(format!("{name}.{field}"), Ty::STRING, false);
            }
        }
        while self.budget > 0 {
            self.statement(scope, &mut nodes);
        }
        nodes.push(Node::line("git-push { path: \"./last\" }"));
        nodes
    }

    fn statements(&mut self, scope: &mut Scope) -> Vec<Node> {
        let mut nodes = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            self.statement(scope, &mut nodes);
        }
        if nodes.is_empty() {
            nodes.push(Node::line("delete { path: \"./x\" }"));
        }
        nodes
    }

    fn statement(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        self.budget = self.budget.saturating_sub(1);
        let nested = scope.depth < 3;
        match self.random.below(21) {
            0..=7 => self.step(scope, nodes),
            8 => self.let_value(scope, nodes),
            9 if scope.depth == 0 => self.variable(scope, nodes),
            10 | 11 if nested => self.branch(scope, nodes),
            12 | 13 if nested => self.slot_branch(scope, nodes),
            14 if nested => self.unstable_branch(scope, nodes),
            15 if nested => self.status_branch(scope, nodes),
            16 if nested => self.repeat(scope, nodes),
            17 if !scope.in_task && !scope.in_tail && !scope.after_failure => self.require(scope, nodes),
            18 | 19 => self.task_call(scope, nodes),
            20 if self.fail => self.give_up(scope, nodes),
            _ => self.step(scope, nodes),
        }
    }

    fn step(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let all: Vec<Arc<StepSig>> = self
            .steps
            .iter()
            .filter(|step| step.rules.in_all(&self.target) && !step.rules.enterprise && !step.rules.fails)
            .cloned()
            .collect();
        for _ in 0..4 {
            let step = self.random.pick(&all).clone();
            let open = step.rules.outputs_like_settings;
            let named = self
                .named_results(&step, scope)
                .filter(|_| !self.random.one_in(6) || step.settings.fields.iter().any(|field| !field.optional));
            let (given, promise, outputs) = named.unwrap_or((Default::default(), String::new(), step.outputs.clone()));
            let Some(settings) = self.settings_with(&step.settings, scope, 3, &given) else { continue };
            // Steps of a task may be left out where it is called without an argument; their names tell them apart.
            let tried = self.random.one_in(7);
            let word = if tried { "try " } else { "" };
            let retry =
                *self.random.pick(&["", "", "", "", "", "", " retry { errorThreshold: 2 }", " retry { timeout: 10m, errorThreshold: 3 }"]);
            // Of two alike the tests could not tell which was left out, if a condition is known not to hold.
            let may_be_left_out = step.rules.outputs_from.is_some() && scope.in_block();
            if !open && !scope.in_task && !may_be_left_out && !self.random.one_in(2) {
                nodes.push(Node::line(format!("{word}{} {settings}{retry}", step.name)));
                return;
            }
            let name = self.name("r");
            nodes.push(Node::line(format!("let {name}{promise} = {word}{} {settings}{retry}", step.name)));
            scope.steps.push(name.clone());
            if !open && !scope.after_failure {
                let is_empty = outputs.fields.is_empty();
                let ty = Ty::Record(outputs);
                let ty = if tried || step.may_skip(&self.target) { ty.optional(Face::Nil) } else { ty };
                if !is_empty {
                    scope.add(name, ty, false);
                }
            }
            return;
        }
    }

    /// `compose-output` with known types, whose results are read again.
    fn compose(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let mut fields = Vec::new();
        let mut rows = Vec::new();
        for name in ["tag", "flag", "word"] {
            let (ty, _) = self.simple_type();
            let ty = if matches!(ty, Ty::List(_)) { Ty::STRING } else { ty };
            if let Some(value) = self.expr(&ty, scope, Wish { not_empty: true, ..Wish::default() }, 2) {
                rows.push(format!("{name}: {value}"));
                fields.push(Field::plain(Name::new(name), self.nowhere(), ty));
            }
        }
        let name = self.name("rc");
        nodes.push(Node::line(format!("let {name} = compose-output {{ {} }}", rows.join(", "))));
        scope.steps.push(name.clone());
        if !scope.after_failure {
            scope.add(name, Ty::Record(Arc::new(Record { name: None, fields, open: None })), false);
        }
    }

    fn let_value(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        if self.random.one_in(3) {
            return self.compose(scope, nodes);
        }
        let (ty, _) = if self.random.one_in(4) { (Ty::UNTRUSTED, "") } else { self.simple_type() };
        let name = self.name("v");
        if let Some(value) = self.expr(&ty, scope, Wish { not_empty: true, ..Wish::default() }, 3) {
            nodes.push(Node::line(format!("let {name} = {value}")));
            scope.add(name, ty, false);
        }
    }

    fn variable(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let (ty, _) = self.simple_type();
        let name = self.name("var_");
        // A variable that reads a result is an error: Kargo would evaluate it before the first step.
        let mut early = scope.clone();
        // A parameter may be one, though: what a call passes is evaluated with the step that reads it.
        let is_parameter = |name: &str| scope.in_task && ["p", "par-", "image_"].iter().any(|prefix| is_numbered(name, prefix));
        early.names.retain(|name| name.is_static || name.text.starts_with("ctx.") || is_parameter(&name.text));
        if let Some(value) = self.expr(&ty, &early, Wish { not_empty: true, ..Wish::default() }, 2) {
            nodes.push(Node::line(format!("var {name} = {value}")));
            scope.add(name, ty, false);
        }
    }

    fn blocks(&mut self, otherwise: Scope, then: Scope, head: String, nodes: &mut Vec<Node>) {
        let sure = head.contains("configMap(") || head.contains("now()") || head == "if success()";
        let (mut then, mut otherwise) = (then, otherwise);
        then.behind_values |= !sure;
        otherwise.behind_values |= !sure;
        let body = self.statements(&mut then);
        let otherwise = self.random.one_in(2).then(|| self.statements(&mut otherwise));
        nodes.push(Node::guard(head, body, otherwise));
    }

    fn branch(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let wish = Wish { is_static: self.random.one_in(5), ..Wish::default() };
        let test = self.condition(scope, wish, 3);
        self.blocks(scope.inner(), scope.inner(), format!("if {test}"), nodes);
    }

    /// `if slot`, `if promoting slot`, `if value` of something that may be absent.
    fn slot_branch(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        if scope.slots.is_empty() || self.random.one_in(3) {
            let maybe = self.fitting(scope, |ty| ty.is_optional() && !ty.is_secret(), false);
            // A chain is an error where a condition around it, such as `a?.b != null`, makes its base sure.
            // `branch` of `git-push` is absent only with the setting `tag`.
            // Whether a `let` is absent behind a failure depends on what it was made of.
            let is_told = |maybe: &Readable| !maybe.text.contains("?.") && !maybe.text.ends_with(".branch") && !maybe.text.starts_with('v');
            let Some(maybe) = maybe.filter(is_told) else {
                return self.branch(scope, nodes);
            };
            let mut inner = scope.inner();
            // What was tested is known inside, and what it is a part of.
            let root = maybe.text.split("?.").next().unwrap_or("").to_owned();
            if let Some(slot) = scope.slots.iter().position(|slot| slot.name == root) {
                inner = scope.sure_of(slot);
            }
            if !root.contains('(')
                && let Some(known) = inner.names.iter_mut().find(|known| known.text == root)
            {
                known.ty = known.ty.present().clone();
            }
            if !maybe.text.contains(['(', '?']) && maybe.text != root {
                inner.add(maybe.text.clone(), maybe.ty.present().clone(), false);
            }
            return self.blocks(scope.inner(), inner, format!("if {}", maybe.text), nodes);
        }
        let slot = self.random.below(scope.slots.len());
        let test = self.slot_test(scope, slot);
        let sure = scope.sure_of(slot);
        if self.random.one_in(3) {
            let test = format!("if {test} && {}", self.condition(&sure, Wish::default(), 2));
            return self.blocks(scope.inner(), sure, test, nodes);
        }
        if self.random.one_in(4) && !test.starts_with("promoting") {
            let then = self.statements(&mut scope.inner());
            let otherwise = self.statements(&mut { sure });
            nodes.push(Node::guard(format!("if !{test}"), then, Some(otherwise)));
            return;
        }
        let otherwise = scope.otherwise(&test, slot);
        self.blocks(otherwise, sure, format!("if {test}"), nodes);
    }

    /// Conditions that may change while the promotion runs.
    fn unstable_branch(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let test = *self.random.pick(&[
            "configMap(\"settings\").mode == \"canary\"",
            "configMap(\"settings\").missing",
            "success()",
            "configMap(\"settings\").mode && now().year > 2000",
        ]);
        self.blocks(scope.inner(), scope.inner(), format!("if {test}"), nodes);
    }

    /// Conditions on how things went; those that say failure are asked after one.
    fn status_branch(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        // A task may be called with what is not there after a failure.
        if scope.behind_values && scope.in_task {
            return self.unstable_branch(scope, nodes);
        }
        let word = *self.random.pick(&["Succeeded", "Skipped", "Failed", "Errored"]);
        let test = match scope.steps.last().cloned() {
            Some(step) if !self.random.one_in(3) => format!("status({step}) {} {}", self.random.pick(&["==", "!="]), quoted(word)),
            _ => (*self.random.pick(&["failure()", "always()"])).to_owned(),
        };
        let test = if self.fares_in_settings && self.random.one_in(3) { self.asked_before(test, nodes) } else { test };
        // After a failure only what is surely there can be read.
        let mut inner = Scope {
            slots: scope.slots.clone(),
            in_task: scope.in_task,
            depth: scope.depth + 1,
            after_failure: true,
            in_tail: scope.in_tail,
            ..Scope::default()
        };
        inner.slots.iter_mut().for_each(|slot| slot.sure &= scope.slots.len() == 1);
        inner.names = scope.names.iter().filter(|name| name.is_static || name.text.starts_with("at")).cloned().collect();
        // A `let` of what is not there any more is absent; a Bool is false.
        let lets = scope.names.iter().filter(|name| name.text.starts_with('v') && !name.is_static && !name.text.starts_with("var"));
        for name in lets {
            let ty = if matches!(name.ty, Ty::Bool) { Ty::Bool } else { name.ty.present().clone().optional(Face::Nil) };
            inner.names.push(Readable { ty, ..name.clone() });
        }
        let body = self.statements(&mut inner.clone());
        let otherwise = self.random.one_in(3).then(|| self.statements(&mut { inner }));
        nodes.push(Node::guard(format!("if {test}"), body, otherwise));
    }

    /// The condition as a `let`, which is evaluated where it stands.
    fn asked_before(&mut self, test: String, nodes: &mut Vec<Node>) -> String {
        if let Some((status, rest)) = test.split_once(") ")
            && self.random.one_in(2)
        {
            let name = self.name("s");
            nodes.push(Node::line(format!("let {name} = {status})")));
            return format!("{name} {rest}");
        }
        let name = self.name("b");
        nodes.push(Node::line(format!("let {name} = {test}")));
        name
    }

    /// A loop over a list that the task is passed.
    pub fn repeat_over(&mut self, list: &str, scope: &Scope) -> Node {
        let item = self.name("it");
        let mut inner = scope.inner();
        inner.add(format!("{item}.word"), Ty::STRING, false);
        inner.add(format!("{item}.note"), Ty::UNTRUSTED, false);
        inner.add(format!("{item}.tag"), Ty::Text(TextKind::Tag).optional(Face::Nil), false);
        let body = self.statements(&mut inner);
        Node::block(format!("for {item} in {list}"), body)
    }

    fn repeat(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        if let Some(list) = scope.looped.last().cloned()
            && self.random.one_in(2)
        {
            let looped = self.repeat_over(&list, scope);
            nodes.push(looped);
            return;
        }
        let table = scope.names.iter().find(|name| name.text.starts_with("table")).map(|name| name.text.clone());
        let mut inner = scope.inner();
        let head = match table {
            Some(table) if self.random.one_in(2) => {
                let (key, row) = (self.name("k"), self.name("row"));
                inner.add(key.clone(), choice(&["eu", "us"]), true);
                inner.add(format!("{row}.cluster"), choice(&["euw1", "1e3"]), true);
                inner.add(format!("{row}.size"), Ty::Int, true);
                format!("for {key}, {row} in {table}")
            }
            _ => {
                let item = self.name("it");
                inner.add(item.clone(), choice(&["a", "b-1.10"]), true);
                format!("for {item} in [\"a\", \"b-1.10\"]")
            }
        };
        let body = self.statements(&mut inner);
        nodes.push(Node::block(head, body));
    }

    /// Makes slots sure for all that follows.
    fn require(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let unsure = scope.unsure();
        if unsure.is_empty() {
            return self.step(scope, nodes);
        }
        let slot = *self.random.pick(&unsure);
        let name = scope.slots[slot].name.clone();
        match self.random.below(3) {
            0 if self.fail => {
                nodes.push(Node::guard(format!("if !{name}"), vec![Node::line("fail { message: \"no freight\" }")], None));
            }
            1 => nodes.push(Node::line(format!(
                "require {name} {{ message: {} }}",
                quoted(self.random.pick::<&str>(&["it's \"first\"", "${{ x }}", "1e5", "a: b #c"]))
            ))),
            _ => nodes.push(Node::line(format!("require {name}"))),
        }
        scope.slots[slot].sure = true;
    }

    /// A failure that the author wants, under a condition that makes nothing known.
    fn give_up(&mut self, scope: &Scope, nodes: &mut Vec<Node>) {
        let message = self.expr(&Ty::STRING, scope, Wish { not_empty: true, ..Wish::default() }, 2);
        let line = format!("fail {{ message: {} }}", message.unwrap_or("\"x\"".to_owned()));
        nodes.push(Node::guard("if configMap(\"settings\").mode == \"canary\"", vec![Node::line(line)], None));
    }

    fn task_call(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        let Some((call, result)) = self.call(scope) else { return self.step(scope, nodes) };
        // Kargo cannot call a task of the cluster where its steps need each other.
        let is_cluster = self.tasks.iter().any(|task| task.is_cluster && call.starts_with(&format!("{}(", task.name)));
        let tried = !is_cluster && self.random.one_in(5);
        let word = if tried { "try " } else { "" };
        match result {
            Some(record) if self.random.one_in(2) => {
                let name = self.name("c");
                nodes.push(Node::line(format!("let {name} = {word}{call}")));
                let ty = Ty::Record(record);
                if !scope.after_failure {
                    scope.add(name, if tried { ty.optional(Face::Nil) } else { ty }, false);
                }
            }
            _ => nodes.push(Node::line(format!("{word}{call}"))),
        }
    }

    /// `on failure` and `finally`, after a body whose names are in scope.
    pub fn tails(&mut self, scope: &Scope, slots: &[Slot], nodes: &mut Vec<Node>) {
        for word in ["on failure", "finally"] {
            if self.random.one_in(3) {
                let body = self.statements(&mut scope.tail(slots));
                nodes.push(Node::block(word, body));
            }
        }
    }
}

/// Whether this is a name with this prefix, as the generator makes them, or a part of one.
fn is_numbered(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// One of these texts.
pub fn choice(texts: &[&str]) -> Ty {
    Ty::Union(texts.iter().map(|text| Ty::Literal(Name::new(text))).collect())
}
