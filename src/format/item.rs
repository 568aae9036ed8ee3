//! Files, blocks and their entries.

use super::doc::{Doc, group, hard_line, line, nest, nil, text};
use super::layout::{Brackets, Layout};
use crate::syntax::ast::*;

impl<'s> Layout<'s> {
    pub(super) fn file(&mut self, file: &Block) -> Doc<'s> {
        self.lines(&file.items, Self::item_place, Self::item)
    }

    /// Where an entry begins, docs and attributes included, and where it ends.
    fn item_place(&self, item: &Item) -> (u32, u32) {
        let doc = item.doc.as_ref().map(|doc| doc.span.start);
        let attribute = item.attributes.first().map(|attribute| attribute.span.start);
        let start = doc.into_iter().chain(attribute).chain([item.span.start]).min().unwrap_or(item.span.start);
        (start, item.span.end)
    }

    pub(super) fn block(&mut self, block: &Block) -> Doc<'s> {
        group(self.open_block(block))
    }

    /// A block that breaks together with what is around it.
    fn open_block(&mut self, block: &Block) -> Doc<'s> {
        let Some(span) = block.span else { return nil() };
        let brackets = Brackets::around(span, "{", "}");
        self.listed(&brackets, &block.items, Self::item_place, Self::item)
    }

    fn item(&mut self, item: &Item) -> Doc<'s> {
        let start = self.item_place(item).0;
        let prelude = self.prelude(start, &item.attributes);
        let out = prelude.then(self.at(item.span.start));
        out.then(match &item.kind {
            ItemKind::Setting { key, value } => self.verbatim(key.span).text(": ").then(self.value(value)),
            ItemKind::Spread(value) => text("...").then(self.expr(value)),
            ItemKind::Binding(binding) => self.binding(binding),
            ItemKind::Branch(branch) => group(self.branch(branch)),
            ItemKind::Loop(of) => self.for_loop(of),
            ItemKind::Return(value) => text("return ").then(self.expr(value)),
            ItemKind::Use(imports) => self.use_decl(item, imports),
            ItemKind::Target(target) => self.target(target),
            ItemKind::Type { name, ty } => {
                let head = text("type ").then(self.verbatim(name.span)).text(" = ");
                head.then(self.after_sign(ty.span.start, |layout| layout.ty(ty)))
            }
            ItemKind::Flow(flow) => self.flow(flow),
            ItemKind::Try(step) => text("try ").then(self.step(step)),
            ItemKind::Step(step) => self.step(step),
            ItemKind::Declaration(declaration) => self.declaration(declaration),
            ItemKind::Error => self.verbatim(item.span),
        })
    }

    fn name(&mut self, name: &NameExpr) -> Doc<'s> {
        let out = self.verbatim(name.text.span);
        match &name.cluster_name {
            Some(text) => out.text(" as ").then(self.verbatim(text.span)),
            None => out,
        }
    }

    // ── Statements ──

    fn binding(&mut self, binding: &Binding) -> Doc<'s> {
        let mut out = text(if binding.is_var { "var " } else { "let " }).then(self.name(&binding.name));
        if let Some(ty) = &binding.ty {
            out = out.text(": ").then(self.ty(ty));
        }
        out = out.text(" = ");
        match &binding.value {
            BindingValue::Expr(value) => out.then(self.value(value)),
            BindingValue::Step(step) => out.then(self.after_sign(step.span.start, |layout| layout.step(step))),
            BindingValue::Try(step) => {
                let place = self.sign_before(step.span.start, "try");
                out.then(self.after_sign(place, |layout| layout.at(place).text("try ").then(layout.step(step))))
            }
        }
    }

    /// Its blocks break together.
    fn branch(&mut self, branch: &Branch) -> Doc<'s> {
        let out = self.at(branch.keyword.start).text("if ").then(nest(self.expr(&branch.condition))).text(" ");
        let out = out.then(self.open_block(&branch.then));
        let Some(otherwise) = &branch.otherwise else { return out };
        let end = branch.then.span.map_or(0, |span| span.end);
        let out = out.text(" ").then(self.at(self.token(end))).text("else ");
        match otherwise {
            Else::If(next) => out.then(self.branch(next)),
            Else::Block(block) => out.then(self.open_block(block)),
        }
    }

    fn for_loop(&mut self, of: &Loop) -> Doc<'s> {
        let names = self.loop_names(&of.first, of.second.as_ref());
        text("for ").then(names).text(" in ").then(self.expr(&of.over)).text(" ").then(self.block(&of.body))
    }

    fn use_decl(&mut self, item: &Item, found: &Use) -> Doc<'s> {
        let place = |_: &Self, import: &(Ident, Option<Ident>)| {
            let (name, renamed) = import;
            (name.span.start, renamed.as_ref().map_or(name.span.end, |renamed| renamed.span.end))
        };
        let open = self.token(item.span.start + 3);
        let imports = match found.imports.as_slice() {
            [only] if !self.between(open, self.end()).starts_with('[') => self.import(only),
            imports => {
                let to = self.token(imports.last().map_or(open + 1, |last| place(self, last).1));
                group(self.listed(&Brackets { open: "[", close: "]", from: open, to }, imports, place, Self::import))
            }
        };
        text("use ").then(imports).text(" from ").then(self.verbatim(found.from.span))
    }

    fn import(&mut self, (name, renamed): &(Ident, Option<Ident>)) -> Doc<'s> {
        let out = self.verbatim(name.span);
        match renamed {
            Some(renamed) => out.text(" as ").then(self.verbatim(renamed.span)),
            None => out,
        }
    }

    fn target(&mut self, target: &Target) -> Doc<'s> {
        let mut out = text("target ").then(self.verbatim(target.system.span)).text(" ").then(self.verbatim(target.low.span));
        if let Some(high) = &target.high {
            out = out.text("..").then(self.verbatim(high.span));
        }
        match &target.settings {
            Some(settings) => out.text(" ").then(self.block(settings)),
            None => out,
        }
    }

    // ── Flows ──

    /// On one line if its author left it there and it fits; the block of the last node may break by itself.
    fn flow(&mut self, flow: &Flow) -> Doc<'s> {
        let mut out = text("flow ");
        let mut rest = nil();
        let mut last = nil();
        let mut end = 0;
        for (index, node) in flow.nodes.iter().enumerate() {
            if index == 0 {
                out = out.then(self.flow_node(node, node.sources.as_ref()));
            } else {
                let arrow = self.token(end);
                let breaks = self.is_broken(end, arrow) || self.is_broken(arrow, node.span.start);
                rest = rest.then(self.behind(arrow)).then(if breaks { hard_line() } else { line() });
                rest = rest.then(self.at(arrow)).text("-> ");
                let is_last = index + 1 == flow.nodes.len();
                rest = rest.then(self.flow_node(node, node.sources.as_ref().filter(|_| !is_last)));
                if is_last && let Some(sources) = &node.sources {
                    last = text(" ").then(self.block(sources));
                }
            }
            end = node.span.end;
        }
        group(out.then(nest(rest))).then(last)
    }

    fn flow_node(&mut self, node: &FlowNode, sources: Option<&Block>) -> Doc<'s> {
        let mut out = self.at(node.span.start);
        out = match node.join {
            Some(Join::Any) => out.text("any "),
            Some(Join::All) => out.text("all "),
            None => out,
        };
        out = out.then(match &node.names {
            FlowNames::One(name) => self.name(name),
            FlowNames::List(elements, span) => self.list(elements, *span),
        });
        match sources {
            Some(sources) => out.text(" ").then(self.block(sources)),
            None => out,
        }
    }

    // ── Steps and declarations ──

    fn step(&mut self, step: &StepCall) -> Doc<'s> {
        let kind = self.verbatim(step.kind.span);
        let out = match &step.body {
            StepBody::Block(block) => kind.text(" ").then(self.block(block)),
            StepBody::Args(args, span) => {
                let brackets = Brackets { from: self.token(step.kind.span.end), ..Brackets::around(*span, "(", ")") };
                kind.then(self.arguments(args, &brackets))
            }
        };
        match &step.retry {
            Some((_, block)) => out.text(" retry ").then(self.block(block)),
            None => out,
        }
    }

    fn declaration(&mut self, of: &Declaration) -> Doc<'s> {
        let mut out = self.verbatim(of.kind.span).text(" ");
        out = out.then(match &of.names {
            DeclNames::One(name) => self.name(name),
            DeclNames::List(elements, span) => self.list(elements, *span),
        });
        if let Some(parameters) = &of.parameters {
            out = out.then(self.parameters(parameters, of.names.span().end));
        }
        if let Some(ty) = &of.ty {
            out = out.text(": ").then(self.ty(ty));
        }
        if let Some(result) = &of.result {
            out = out.text(" -> ").then(self.ty(result));
        }
        if let Some(value) = &of.value {
            out = out.text(" = ").then(self.value(value));
        }
        match &of.body {
            Some(body) => out.text(" ").then(self.block(body)),
            None => out,
        }
    }
}
