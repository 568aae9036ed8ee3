//! Random well-typed programs: every construct and step that the versions have, with hostile values. In: a seed and the
//! versions. Out: a program, as a tree of lines that can be made smaller. The same seed gives the same program.
//!
//! Steps and settings come from the signatures of the standard library, so a new step is generated as soon as it stands
//! there. The generator keeps to the rules of types on its own; where `check` disagrees, one of the two is wrong.

pub mod expr;
mod folders;
mod own;
mod plain;
pub mod random;
mod scope;
mod settings;
mod statements;
mod tasks;
pub mod text;
mod world;

use std::sync::Arc;

use loadline::base::{Files, Name};
use loadline::library::{Library, Place, StepSig, Target, Ty, Version};
use loadline::syntax::ast::Declaration;

use random::Random;
use scope::Scope;
use statements::choice;
pub use tasks::Task;
use text::{Node, written};

/// Is in the names of fields that no version knows.
pub const RAW: &str = "x-extra";

pub struct Generator<'l> {
    pub random: Random,
    pub target: Target,
    library: &'l Library,
    steps: &'l [Arc<StepSig>],
    /// Tasks of the standard library.
    ready: &'l [Declaration],
    tasks: Vec<Task>,
    /// Counts names, so that each is there once.
    names: usize,
    /// How many statements may still be written.
    budget: usize,
    promoting: bool,
    fail: bool,
    /// Settings may ask how steps ended.
    fares_in_settings: bool,
}

/// A program and what it is for.
#[derive(Clone)]
pub struct Program {
    pub nodes: Vec<Node>,
}

impl Program {
    pub fn text(&self) -> String {
        written(&self.nodes)
    }
}

/// The standard library, read once.
pub struct Stock {
    library: Library,
    steps: Vec<Arc<StepSig>>,
    ready: Vec<Declaration>,
}

impl Stock {
    pub fn new() -> Stock {
        let mut files = Files::default();
        let library = Library::new(&mut files);
        let steps = library.step_names().filter_map(|name| library.step(name)).collect();
        Stock { library, steps, ready: Stock::ready_tasks() }
    }

    /// The newest known patch of a minor, or of all minors from one to another: `1.8..1.11`.
    pub fn target(&self, written: &str) -> Target {
        let known = self.library.versions("kargo").unwrap();
        let (low, high) = written.split_once("..").unwrap_or((written, written));
        let (low, high) = (Version::parse(low).unwrap(), Version::parse(high).unwrap());
        let versions = known.iter().map(|(_, version)| *version).filter(|version| (low..=high).contains(&version.minor()));
        Target::new(self.library.product("kargo"), versions.collect()).unwrap()
    }

    pub fn step_names(&self) -> impl Iterator<Item = &'static str> {
        self.library.step_names()
    }

    /// Functions of promotions.
    pub fn function_names(&self) -> Vec<Name> {
        let functions = self.library.function_names().into_iter().filter_map(|name| self.library.function(&name));
        functions
            .filter(|function| [Place::Config, Place::If].iter().any(|place| function.allowed_at(*place, &self.target("1.11"))))
            .map(|function| function.name.clone())
            .collect()
    }

    pub fn program(&self, seed: u64, minor: &str) -> Program {
        let target = self.target(minor);
        let has = |version: &str| target.before(Version::parse(version).unwrap()).is_none();
        let mut generator = Generator {
            random: Random::new(seed),
            library: &self.library,
            steps: &self.steps,
            ready: &self.ready,
            tasks: Vec::new(),
            names: 0,
            budget: 0,
            promoting: has("1.6"),
            fail: has("1.10"),
            fares_in_settings: has("1.8"),
            target: target.clone(),
        };
        Program { nodes: generator.whole(minor, has("1.8")) }
    }
}

impl Generator<'_> {
    fn whole(&mut self, minor: &str, several_slots: bool) -> Vec<Node> {
        let mut nodes = vec![Node::line(format!("target kargo {minor}"))];
        let mut outer = Scope::default();
        let files = if self.random.one_in(4) { self.folder(&mut outer, &mut nodes) } else { Vec::new() };
        if self.random.one_in(5) {
            self.ready(&mut nodes);
        }
        if self.random.one_in(4) {
            self.task(&Scope::default(), true, &mut nodes);
        }
        if self.random.one_in(5) {
            // A template sees what its folder declares, and nothing of the project that it is called in.
            self.declarations(&mut outer, &mut nodes);
            self.templated(&outer, several_slots, &mut nodes);
        } else {
            nodes.push(Node::line("project shop"));
            self.declarations(&mut outer, &mut nodes);
            self.entries(&outer, several_slots, &mut nodes);
        }
        nodes.extend(files);
        nodes
    }

    fn declarations(&mut self, outer: &mut Scope, nodes: &mut Vec<Node>) {
        self.lets(outer, nodes);
        for _ in 0..self.random.below(3) {
            self.task(outer, false, nodes);
        }
    }

    /// What a project is made of: warehouses, and a stage, or one for each row of a table.
    fn entries(&mut self, outer: &Scope, several_slots: bool, nodes: &mut Vec<Node>) {
        let warehouses = self.warehouses(nodes);
        let slots = if several_slots { 1 + self.random.below(warehouses.len()) } else { 1 };
        let held = &warehouses[..slots];
        let heads = held.iter().map(|warehouse| warehouse.name.as_str()).collect::<Vec<_>>().join(", ");
        if !self.random.one_in(5) {
            self.stage("test", outer, held, nodes);
            nodes.push(Node::line(format!("flow [{heads}] -> test")));
            return;
        }
        let (key, row) = (self.name("k"), self.name("row"));
        let mut scope = outer.clone();
        scope.add(key.clone(), choice(&["eu", "us"]), true);
        scope.add(format!("{row}.cluster"), choice(&["euw1", "1e3"]), true);
        let name = format!("\"test-${{{key}}}\"");
        let mut body = Vec::new();
        self.stage(&name, &scope, held, &mut body);
        body.push(Node::line(format!("flow [{heads}] -> {name}")));
        nodes.push(Node::block(format!("for {key}, {row} in {{ eu: {{ cluster: \"euw1\" }}, us: {{ cluster: \"1e3\" }} }}"), body));
    }

    pub fn has_function(&self, name: &str) -> bool {
        self.library.function(name).is_some_and(|function| function.rules.in_all(&self.target))
    }

    pub fn has_promoting(&self) -> bool {
        self.promoting
    }

    pub fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// `let`s that are known while compiling.
    fn lets(&mut self, scope: &mut Scope, nodes: &mut Vec<Node>) {
        for _ in 0..self.random.below(3) {
            let (ty, _) = self.simple_type();
            // 4: a control character in a constant with a name is not seen where it is pasted into YAML.
            let wish = expr::Wish { is_static: true, not_empty: true, one_line: true, ..Default::default() };
            let name = self.name("fix");
            if let Some(value) = self.expr(&ty, &Scope::default(), wish, 1) {
                nodes.push(Node::line(format!("let {name} = {value}")));
                // Its type is that of the literal, which fits wherever the wider one does.
                scope.add(name, ty, true);
            }
        }
        if self.random.one_in(2) {
            let name = self.name("table");
            nodes.push(Node::line(format!("let {name} = {{ eu: {{ cluster: \"euw1\", size: 3 }}, us: {{ cluster: \"1e3\", size: 6 }} }}")));
            scope.add(name, Ty::Map(Arc::new(Ty::Null), loadline::library::Face::Nil), true);
        }
    }

    /// Types that the generator makes stand in no file of the program.
    fn nowhere(&self) -> loadline::base::Span {
        self.steps[0].span
    }
}
