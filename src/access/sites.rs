//! Where a body uses something that needs permissions. In: typed bodies and blocks. Out: [`Node`]s: the uses, under the
//! static conditions and loops that they stand in. Made once per body, however many instances it has.

use std::collections::HashMap;
use std::rc::Rc;

use crate::base::{Name, Span};
use crate::library::{FunctionSig, NeedUse, Record, Rules, Ty};
use crate::types::tree::{Binds, Body, Call, Entry, EntryKey, Expr, Kind, Statement, Time};
use crate::types::{BlockItem, CheckedBlock, StageItem, VerifyCall};

/// A part of a body that uses something with needs; parts without any are left out.
pub(super) enum Node<'i> {
    Use(Use<'i>),
    If {
        condition: &'i Expr,
        then: Vec<Node<'i>>,
        otherwise: Vec<Node<'i>>,
    },
    For {
        over: &'i Expr,
        binds: Binds,
        body: Vec<Node<'i>>,
    },
    /// A call of a task, and what its body uses.
    Call {
        call: &'i Call,
        body: Rc<Vec<Node<'i>>>,
    },
}

/// One use of a need.
#[derive(Clone, Copy)]
pub(super) struct Use<'i> {
    pub(super) need: &'i NeedUse,
    /// What needs it.
    pub(super) at: Span,
    pub(super) beside: Beside<'i>,
    /// The value of the setting that it stands on.
    pub(super) value: Option<&'i Expr>,
}

/// The settings that the parameters of a use are read from.
#[derive(Clone, Copy)]
pub(super) enum Beside<'i> {
    Record(&'i Expr),
    Block(&'i [BlockItem]),
    Arguments(&'i FunctionSig, &'i [Expr]),
    /// What verifies a stage: the kind of the analysis decides.
    Verify(&'i VerifyCall),
    Nothing,
}

/// What was found in bodies and blocks, by their places in memory.
#[derive(Default)]
pub(super) struct Sites<'i> {
    bodies: HashMap<*const Body, Rc<Vec<Node<'i>>>>,
    blocks: HashMap<*const CheckedBlock, Rc<Vec<Node<'i>>>>,
    stages: HashMap<*const StageItem, Rc<Vec<Node<'i>>>>,
    /// Whether a record type has settings with needs of their own.
    records: HashMap<*const Record, bool>,
}

/// The part of a kind that a use stands for, where it is not a setting.
const VERIFY: &str = "verify";

impl<'i> Sites<'i> {
    /// What the settings and inner blocks of an object use, its kind included.
    pub(super) fn block(&mut self, block: &'i CheckedBlock, at: Span) -> Rc<Vec<Node<'i>>> {
        if let Some(known) = self.blocks.get(&std::ptr::from_ref(block)) {
            return Rc::clone(known);
        }
        let mut out = own_uses(&block.kind.rules, at, Beside::Block(&block.items));
        self.block_items(&block.items, &block.items, &mut out);
        let out = Rc::new(out);
        self.blocks.insert(std::ptr::from_ref(block), Rc::clone(&out));
        out
    }

    /// What the items of a stage use, its kind included.
    pub(super) fn stage(&mut self, rules: &'i Rules, items: &'i [StageItem], at: Span) -> Rc<Vec<Node<'i>>> {
        let key = items.as_ptr();
        if let Some(known) = self.stages.get(&key) {
            return Rc::clone(known);
        }
        let mut out = own_uses(rules, at, Beside::Nothing);
        self.stage_items(rules, items, &mut out);
        let out = Rc::new(out);
        if !items.is_empty() {
            self.stages.insert(key, Rc::clone(&out));
        }
        out
    }

    fn stage_items(&mut self, rules: &'i Rules, items: &'i [StageItem], out: &mut Vec<Node<'i>>) {
        for item in items {
            match item {
                StageItem::Block(block) => self.block_items(std::slice::from_ref(block), &[], out),
                StageItem::Var { value, .. } => self.expr(value, out),
                StageItem::Promote { body, .. } => out.extend(self.nested(body)),
                StageItem::Verify { calls, .. } => {
                    for call in calls {
                        let part = |need: &&NeedUse| need.part.as_deref() == Some(VERIFY);
                        let verify = |need| Node::Use(Use { need, at: call.span, beside: Beside::Verify(call), value: None });
                        out.extend(rules.needs.iter().filter(part).map(verify));
                        call.args.iter().for_each(|(_, value)| self.expr(value, out));
                    }
                }
                StageItem::If { condition, then, otherwise } => {
                    let (mut yes, mut no) = (Vec::new(), Vec::new());
                    self.stage_items(rules, then, &mut yes);
                    self.stage_items(rules, otherwise, &mut no);
                    out.extend(branch(condition, yes, no));
                }
                StageItem::For { over, binds, body } => {
                    let mut inner = Vec::new();
                    self.stage_items(rules, body, &mut inner);
                    out.extend(round(over, *binds, inner));
                }
            }
        }
    }

    fn block_items(&mut self, items: &'i [BlockItem], all: &'i [BlockItem], out: &mut Vec<Node<'i>>) {
        for item in items {
            match item {
                BlockItem::Setting { field, value, span } => {
                    out.extend(uses(&field.rules, *span, Beside::Block(all), Some(value)));
                    self.expr(value, out);
                }
                BlockItem::Meta { value, .. } => self.expr(value, out),
                BlockItem::Inner { block, span, .. } => {
                    out.extend(own_uses(&block.kind.rules, head(block, *span), Beside::Block(&block.items)));
                    self.block_items(&block.items, &block.items, out);
                }
                BlockItem::If { condition, then, otherwise } => {
                    let (mut yes, mut no) = (Vec::new(), Vec::new());
                    self.block_items(then, all, &mut yes);
                    self.block_items(otherwise, all, &mut no);
                    out.extend(branch(condition, yes, no));
                }
                BlockItem::For { over, binds, body } => {
                    let mut inner = Vec::new();
                    self.block_items(body, all, &mut inner);
                    out.extend(round(over, *binds, inner));
                }
            }
        }
    }

    /// The uses of a body as they stand: it has one instance in its stage.
    fn nested(&mut self, body: &'i Body) -> Vec<Node<'i>> {
        let mut out = Vec::new();
        body.all().for_each(|statement| self.statement(body, statement, &mut out));
        out
    }

    fn task(&mut self, body: &'i Body, returns: impl Iterator<Item = &'i Expr>) -> Rc<Vec<Node<'i>>> {
        if let Some(known) = self.bodies.get(&std::ptr::from_ref(body)) {
            return Rc::clone(known);
        }
        let mut out = self.nested(body);
        returns.for_each(|value| self.expr(value, &mut out));
        let out = Rc::new(out);
        self.bodies.insert(std::ptr::from_ref(body), Rc::clone(&out));
        out
    }

    fn statement(&mut self, body: &'i Body, statement: &'i Statement, out: &mut Vec<Node<'i>>) {
        match statement {
            Statement::Step(step) => {
                let at = body.results.get(step.result).map_or(step.span, |result| result.span);
                out.extend(own_uses(&step.kind.rules, at, Beside::Record(&step.settings)));
                self.expr(&step.settings, out);
            }
            Statement::Call(call) => {
                call.args.iter().for_each(|arg| self.expr(arg, out));
                let inner = self.task(&call.task.body, call.task.returns.iter().map(|(_, value)| value));
                if !inner.is_empty() {
                    out.push(Node::Call { call, body: inner });
                }
            }
            Statement::Require(require) => require.message.iter().for_each(|message| self.expr(message, out)),
            Statement::Var { value, .. } => self.expr(value, out),
            Statement::Latch(def) => self.expr(&def.value, out),
            Statement::If { condition, then, otherwise, .. } => {
                self.expr(condition, out);
                let (mut yes, mut no) = (Vec::new(), Vec::new());
                then.iter().for_each(|inner| self.statement(body, inner, &mut yes));
                otherwise.iter().for_each(|inner| self.statement(body, inner, &mut no));
                if condition.time == Time::Static {
                    out.extend(branch(condition, yes, no));
                } else {
                    out.extend(yes.into_iter().chain(no));
                }
            }
            Statement::For { over, binds, body: round_of } => {
                self.expr(over, out);
                let mut inner = Vec::new();
                round_of.iter().for_each(|statement| self.statement(body, statement, &mut inner));
                out.extend(round(over, *binds, inner));
            }
        }
    }

    /// The functions that are called in an expression, and the settings of its records.
    fn expr(&mut self, expr: &'i Expr, out: &mut Vec<Node<'i>>) {
        if self.has_uses(expr) {
            self.expr_uses(expr, out);
        }
    }

    fn has_uses(&mut self, expr: &Expr) -> bool {
        let mut found = false;
        expr.walk(&mut |inner| {
            found |= match &inner.kind {
                Kind::Call { function, .. } => !function.rules.needs.is_empty(),
                Kind::Raw { functions, .. } => functions.iter().any(|function| !function.rules.needs.is_empty()),
                Kind::Record(_) => inner.ty.record().is_some_and(|record| self.is_needy(record)),
                _ => false,
            };
        });
        found
    }

    fn is_needy(&mut self, record: &Record) -> bool {
        let needy = || record.fields.iter().any(|field| !field.rules.needs.is_empty());
        *self.records.entry(std::ptr::from_ref(record)).or_insert_with(needy)
    }

    fn expr_uses(&mut self, expr: &'i Expr, out: &mut Vec<Node<'i>>) {
        match &expr.kind {
            Kind::Call { function, args } => out.extend(uses(&function.rules, expr.span, Beside::Arguments(function, args), None)),
            Kind::Raw { functions, .. } => {
                functions.iter().for_each(|function| out.extend(uses(&function.rules, expr.span, Beside::Nothing, None)));
            }
            Kind::Record(entries) => {
                if let Ty::Record(record) = &expr.ty {
                    entries.iter().for_each(|entry| out.extend(entry_uses(record, entry, expr)));
                }
            }
            _ => {}
        }
        expr.parts().into_iter().for_each(|part| self.expr_uses(part, out));
    }
}

fn entry_uses<'i>(record: &'i Record, entry: &'i Entry, beside: &'i Expr) -> Vec<Node<'i>> {
    let Entry::Field { key: EntryKey::Name(name, span), value } = entry else { return Vec::new() };
    let fields = record.all(name).filter(|field| !field.rules.needs.is_empty());
    fields.flat_map(|field| uses(&field.rules, *span, Beside::Record(beside), Some(value))).collect()
}

/// The uses of a step or a kind itself, without those of its parts.
fn own_uses<'i>(rules: &'i Rules, at: Span, beside: Beside<'i>) -> Vec<Node<'i>> {
    uses(rules, at, beside, None).filter(|node| !matches!(node, Node::Use(found) if found.need.part.is_some())).collect()
}

fn uses<'i>(rules: &'i Rules, at: Span, beside: Beside<'i>, value: Option<&'i Expr>) -> impl Iterator<Item = Node<'i>> {
    rules.needs.iter().map(move |need| Node::Use(Use { need, at, beside, value }))
}

/// Where a block is named: its word, not all that stands in it.
fn head(block: &CheckedBlock, whole: Span) -> Span {
    let whole_range = whole.range();
    Span::new(whole.file, whole_range.start, (whole_range.start + block.kind.name.len()).min(whole_range.end))
}

fn branch<'i>(condition: &'i Expr, then: Vec<Node<'i>>, otherwise: Vec<Node<'i>>) -> Option<Node<'i>> {
    (!then.is_empty() || !otherwise.is_empty()).then_some(Node::If { condition, then, otherwise })
}

fn round<'i>(over: &'i Expr, binds: Binds, body: Vec<Node<'i>>) -> Option<Node<'i>> {
    (!body.is_empty()).then_some(Node::For { over, binds, body })
}

/// The name of an analysis' kind, as uses of the part `verify` name it.
pub(super) fn verified_kind(call: &VerifyCall) -> &Name {
    &call.kind
}
