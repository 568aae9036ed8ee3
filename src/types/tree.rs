//! The typed tree: what a program means, with every name resolved and every sugar gone. The checker makes it once per
//! body; the interpreter of static values and the lowering read it; neither looks at the syntax tree again.

use std::sync::{Arc, OnceLock};

use super::value::Value;
use crate::base::{Name, Span};
use crate::library::{FunctionSig, StepSig, Ty};
use crate::syntax::ast::BinaryOp;

pub use super::task_tree::{Task, TaskParameter};

/// When a value is known. A later one cannot stand where an earlier one is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Time {
    /// While compiling.
    Static,
    /// When the object is used that has the parameter: written as a placeholder, which the target fills in.
    Use,
    /// While a promotion runs; emitted as an expression of Kargo.
    Promotion,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    pub ty: Ty,
    pub time: Time,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Error,
    Value(Value),
    /// A static local (loop variable, static parameter) by its place in the environment.
    Local(usize),
    /// A `let`, substituted where it is read.
    Let(Arc<LetDef>),
    /// `ctx.stage` and its like: the spelling in expr-lang, after `ctx.`.
    Context(Name),
    /// The freight in a slot of the stage.
    Slot(usize),
    /// A parameter of a task.
    Param(usize),
    /// A parameter of an object, as the target reads it: `{{args.url}}`.
    Placeholder(Name),
    /// A variable of Kargo.
    Var(Name),
    /// In a task: which items and keys the call passes for this parameter, as far as they are written out.
    Shape(usize),
    /// The result of a step or call of the same body.
    Result(usize),
    /// A name that a bare expression sees.
    LambdaName(Name),
    /// A subscription of the warehouse that is being described.
    Subscription(Name),
    Field {
        base: Box<Expr>,
        name: Name,
        spelling: Option<Name>,
        safe: bool,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
        safe: bool,
    },
    Text(Vec<Part>),
    List(Vec<Element>),
    Record(Vec<Entry>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Choice {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Call {
        function: Arc<FunctionSig>,
        args: Vec<Expr>,
    },
    /// Whether this slot's freight triggered the promotion.
    Promoting(Box<Expr>),
    /// How a step of the same body ended.
    Status(usize),
    /// The parameters are the names that the bare field knows.
    Lambda(Box<Expr>),
    /// Code that is emitted as it stands, with values in it: read by [`crate::exprlang`], of the type that was stated.
    Raw {
        text: Vec<Part>,
        /// The functions of the library that it calls.
        functions: Vec<Arc<FunctionSig>>,
    },
    /// Nil exactly if `guard` is: a field of something that may be absent stays absent.
    Present(Box<Expr>),
}

/// A `let`: never emitted.
#[derive(Debug)]
pub struct LetDef {
    pub name: Name,
    pub span: Span,
    pub value: Expr,
    /// Must be evaluated once: it is not the same twice.
    pub latched: bool,
    /// Where the latch stands in its body.
    pub id: usize,
    /// The value, for one that depends on no environment.
    pub known: OnceLock<Value>,
}

#[derive(Clone, Debug)]
pub enum Part {
    Text(Arc<str>),
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub enum Element {
    One(Expr),
    Spread(Expr),
    For(Box<Comprehension>),
}

/// `for k, v in over if condition: value`; the variables are the next two locals (key first, then value).
#[derive(Clone, Debug)]
pub struct Comprehension {
    pub over: Expr,
    pub condition: Option<Expr>,
    pub value: Expr,
    pub binds: Binds,
}

/// Which variables a loop binds, as consecutive locals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    Item,
    KeyAndItem,
}

#[derive(Clone, Debug)]
pub enum Entry {
    Field { key: EntryKey, value: Expr },
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum EntryKey {
    Name(Name, Span),
    Computed(Box<Expr>),
}

/// The steps of a promotion or a task. The three lists run one after the other; `Kind::Result` counts through all.
#[derive(Debug, Default)]
pub struct Body {
    pub statements: Vec<Statement>,
    /// Run iff a step of `statements` that is not tried ended Failed or Errored, and it was not a `require`. Each step
    /// needs the earlier ones of the list that are not tried to have Succeeded or been Skipped. How they end never
    /// changes how the promotion ends.
    pub on_failure: Vec<Statement>,
    /// Run at the end, however the others ended, in the same way one after the other. A step that is not tried and
    /// fails here fails a promotion that would have succeeded; it never makes `on_failure` run.
    pub finally: Vec<Statement>,
    /// What `Kind::Result` counts.
    pub results: Vec<ResultDef>,
}

impl Body {
    /// The statements of all three lists, in the order of their running.
    pub fn all(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().chain(&self.on_failure).chain(&self.finally)
    }
}

/// A step or call whose result can be read.
#[derive(Clone, Debug)]
pub struct ResultDef {
    /// The name of the `let`: the alias.
    pub name: Option<Name>,
    pub span: Span,
    pub of: ResultOf,
    /// Whether the program reads it, so that it needs an alias.
    pub is_read: bool,
    /// Bound by `try`: absent (nil) unless the step or all steps of the call Succeeded or were Skipped.
    pub tried: bool,
    /// Whether it is read where its step or call is not certain to have run to its end: behind `try`, in `on failure`,
    /// in `finally`. There it is absent if that is so.
    pub unsure: bool,
}

#[derive(Clone, Debug)]
pub enum ResultOf {
    Step(Arc<StepSig>),
    Call(Arc<Task>),
}

#[derive(Debug)]
pub enum Statement {
    Step(Step),
    Call(Call),
    Require(Require),
    Var {
        name: Name,
        span: Span,
        value: Expr,
    },
    /// Where a `let` that must be evaluated once is evaluated.
    Latch(Arc<LetDef>),
    If {
        condition: Expr,
        span: Span,
        then: Vec<Statement>,
        otherwise: Vec<Statement>,
    },
    For {
        over: Expr,
        binds: Binds,
        body: Vec<Statement>,
    },
}

#[derive(Debug)]
pub struct Step {
    pub result: usize,
    pub span: Span,
    pub kind: Arc<StepSig>,
    /// A record, checked against the settings of the step.
    pub settings: Expr,
    /// `try`: if it fails the promotion goes on, as if it had been skipped.
    pub tried: bool,
    /// A static record of the library's type `Retry`.
    pub retry: Option<Expr>,
}

#[derive(Debug)]
pub struct Call {
    pub result: usize,
    pub span: Span,
    pub task: Arc<Task>,
    /// One per parameter of the task.
    pub args: Vec<Expr>,
    /// What `Kind::Shape` of a parameter is in the task: static.
    pub shapes: Vec<(usize, Expr)>,
    /// `try`: inside the call a step needs the earlier ones that are not tried themselves to have Succeeded or been
    /// Skipped; if one fails, the promotion goes on behind the call.
    pub tried: bool,
}

#[derive(Debug)]
pub struct Require {
    pub span: Span,
    pub slots: Vec<Expr>,
    pub message: Option<Expr>,
}

impl Expr {
    pub fn error(span: Span) -> Expr {
        Expr { span, ty: Ty::Error, time: Time::Static, kind: Kind::Error }
    }

    pub fn value(span: Span, ty: Ty, value: Value) -> Expr {
        Expr { span, ty, time: Time::Static, kind: Kind::Value(value) }
    }

    pub fn is_error(&self) -> bool {
        self.ty.is_error()
    }

    /// The expression behind any `let`s and narrowings.
    pub fn resolved(&self) -> &Expr {
        let mut expr = self;
        loop {
            match &expr.kind {
                Kind::Let(def) if !def.latched => expr = &def.value,
                Kind::Present(inner) => expr = inner,
                _ => return expr,
            }
        }
    }
}

impl Expr {
    /// Calls `visit` for this expression and all inside it, definitions of `let`s included.
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        self.children(&mut |inner| inner.walk(visit));
    }

    /// Calls `visit` for what the expression is directly made of, the definition of a `let` included.
    pub fn children(&self, visit: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            Kind::Let(def) => visit(&def.value),
            Kind::Field { base: inner, .. }
            | Kind::Not(inner)
            | Kind::Negate(inner)
            | Kind::Promoting(inner)
            | Kind::Lambda(inner)
            | Kind::Present(inner) => visit(inner),
            Kind::Index { base, index, .. } => {
                visit(base);
                visit(index);
            }
            Kind::Binary { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Kind::Choice { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(|part| visit(part)),
            Kind::Call { args, .. } => args.iter().for_each(&mut *visit),
            Kind::Text(parts) | Kind::Raw { text: parts, .. } => parts.iter().for_each(|part| {
                if let Part::Expr(expr) = part {
                    visit(expr)
                }
            }),
            Kind::List(elements) => elements.iter().for_each(|element| match element {
                Element::One(expr) | Element::Spread(expr) => visit(expr),
                Element::For(found) => {
                    visit(&found.over);
                    if let Some(condition) = &found.condition {
                        visit(condition);
                    }
                    visit(&found.value);
                }
            }),
            Kind::Record(entries) => entries.iter().for_each(|entry| match entry {
                Entry::Field { key, value } => {
                    if let EntryKey::Computed(key) = key {
                        visit(key);
                    }
                    visit(value);
                }
                Entry::Spread(expr) => visit(expr),
            }),
            _ => {}
        }
    }

    /// Whether evaluating it twice may give two values.
    pub fn is_unstable(&self) -> bool {
        self.some(|expr| match &expr.kind {
            Kind::Call { function, .. } => function.rules.latched,
            Kind::Raw { functions, .. } => functions.iter().any(|function| function.rules.latched),
            Kind::Status(_) => true,
            _ => false,
        })
    }

    pub fn reads_secret(&self) -> bool {
        self.some(|expr| expr.ty.is_secret())
    }

    pub(super) fn some(&self, holds: impl Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |expr| found |= holds(expr));
        found
    }
}

impl Statement {
    /// Calls `visit` for every expression of the statement and of those inside it.
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Statement::Step(step) => step.settings.walk(visit),
            Statement::Call(call) => call.args.iter().for_each(|arg| arg.walk(visit)),
            Statement::Require(require) => {
                require.slots.iter().for_each(|slot| slot.walk(visit));
                if let Some(message) = &require.message {
                    message.walk(visit);
                }
            }
            Statement::Var { value, .. } => value.walk(visit),
            Statement::Latch(def) => def.value.walk(visit),
            Statement::If { condition, then, otherwise, .. } => {
                condition.walk(visit);
                then.iter().chain(otherwise).for_each(|statement| statement.walk(visit));
            }
            Statement::For { over, body, .. } => {
                over.walk(visit);
                body.iter().for_each(|statement| statement.walk(visit));
            }
        }
    }
}
