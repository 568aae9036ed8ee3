//! Entries: settings, statements, declarations, steps.

use super::super::ast::*;
use super::super::grammar::Rule;
use super::{Builder, Node, is_expr};
use crate::base::{Name, Span};

impl<'i> Builder<'i> {
    pub(super) fn entry(&mut self, pair: Node<'i>) -> Item {
        let mut span = self.span(&pair);
        if pair.as_rule() != Rule::described {
            let kind = self.item_kind(pair);
            return Item { span, doc: None, attributes: Vec::new(), kind };
        }
        let mut docs: Option<Doc> = None;
        let mut attributes = Vec::new();
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::doc => self.doc_line(&part, &mut docs),
                Rule::attribute => attributes.push(self.attribute(part)),
                _ => {
                    span = self.span(&part);
                    let kind = self.item_kind(part);
                    return Item { span, doc: docs.map(Box::new), attributes, kind };
                }
            }
        }
        Item { span, doc: docs.map(Box::new), attributes, kind: ItemKind::Error }
    }

    pub(super) fn doc_line(&mut self, part: &Node<'i>, docs: &mut Option<Doc>) {
        let line = part.as_str().trim_start_matches('/').trim();
        let at = self.span(part);
        self.no_lost_characters(part.as_str(), at);
        match docs {
            Some(doc) => {
                doc.text.push('\n');
                doc.text.push_str(line);
                doc.span = doc.span.to(at);
            }
            None => *docs = Some(Doc { span: at, text: line.to_owned() }),
        }
    }

    pub(super) fn attribute(&mut self, pair: Node<'i>) -> Attribute {
        let span = self.span(&pair);
        let mut name = Ident { name: Name::default(), span };
        let mut args = Vec::new();
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::word => name = self.ident(&part),
                Rule::arguments => args = self.arguments(part),
                _ => {}
            }
        }
        Attribute { span, name, args }
    }

    fn item_kind(&mut self, pair: Node<'i>) -> ItemKind {
        match pair.as_rule() {
            Rule::setting => self.setting(pair),
            Rule::step => ItemKind::Step(Box::new(self.step(pair))),
            Rule::declaration => ItemKind::Declaration(Box::new(self.declaration(pair))),
            Rule::binding => ItemKind::Binding(Box::new(self.binding(pair))),
            Rule::branch => ItemKind::Branch(Box::new(self.branch(pair))),
            Rule::r#loop => ItemKind::Loop(Box::new(self.for_loop(pair))),
            Rule::return_stmt => self.first_expr(pair).map_or(ItemKind::Error, ItemKind::Return),
            Rule::spread => self.first_expr(pair).map_or(ItemKind::Error, ItemKind::Spread),
            Rule::try_stmt => self.try_step(pair).map_or(ItemKind::Error, |step| ItemKind::Try(Box::new(step))),
            Rule::use_decl => ItemKind::Use(Box::new(self.use_decl(pair))),
            Rule::target => self.target(pair).map_or(ItemKind::Error, |target| ItemKind::Target(Box::new(target))),
            Rule::type_decl => self.type_decl(pair),
            Rule::flow => ItemKind::Flow(self.flow(pair)),
            _ => ItemKind::Error,
        }
    }

    fn setting(&mut self, pair: Node<'i>) -> ItemKind {
        let mut parts = self.parts(pair);
        let Some(key) = parts.next().map(|part| self.key(part)) else { return ItemKind::Error };
        let value = parts.next().map_or_else(|| Expr::error(key.span), |part| self.expr(part));
        ItemKind::Setting { key, value }
    }

    /// A word as the text that it spells, or a text.
    fn word_or_text(&mut self, pair: Node<'i>) -> Expr {
        let span = self.span(&pair);
        if matches!(pair.as_rule(), Rule::word | Rule::ident) {
            return Expr { span, kind: ExprKind::Name(Name::new(pair.as_str())) };
        }
        self.text_expr(pair)
    }

    pub(super) fn name_expr(&mut self, pair: Node<'i>) -> NameExpr {
        let span = self.span(&pair);
        NameExpr { span, text: self.word_or_text(pair), cluster_name: None }
    }

    /// `as "…"` behind a name.
    fn as_name(&mut self, name: &mut NameExpr, pair: Node<'i>) {
        name.span = name.span.to(self.span(&pair));
        name.cluster_name = self.parts(pair).find(|part| part.as_rule() != Rule::kw_as).map(|part| self.text_expr(part));
    }

    fn step(&mut self, pair: Node<'i>) -> StepCall {
        let span = self.span(&pair);
        let mut step = StepCall { span, kind: Ident { name: Name::default(), span }, body: StepBody::Args(Vec::new(), span), retry: None };
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::path => step = StepCall { span, ..self.step_begun(&part) },
                _ => self.step_part(&mut step, part),
            }
        }
        StepCall { span, ..step }
    }

    /// The name of a step; what follows it is added by `step_part`.
    fn step_begun(&self, path: &Node<'i>) -> StepCall {
        let kind = self.ident(path);
        StepCall { span: kind.span, body: StepBody::Args(Vec::new(), kind.span), kind, retry: None }
    }

    fn step_part(&mut self, step: &mut StepCall, part: Node<'i>) {
        let at = self.span(&part);
        step.span = step.span.to(at);
        match part.as_rule() {
            Rule::block => step.body = StepBody::Block(self.block(part)),
            Rule::arguments => step.body = StepBody::Args(self.arguments(part), at),
            Rule::retry => {
                let block = self.parts(part).find(|part| part.as_rule() == Rule::block);
                step.retry = block.map(|block| (at, self.block(block)));
            }
            _ => {}
        }
    }

    fn try_step(&mut self, pair: Node<'i>) -> Option<StepCall> {
        self.parts(pair).find(|part| part.as_rule() == Rule::step).map(|step| self.step(step))
    }

    fn binding(&mut self, pair: Node<'i>) -> Binding {
        let span = self.span(&pair);
        let mut binding = Binding {
            is_var: false,
            name: NameExpr { span, text: Expr::error(span), cluster_name: None },
            ty: None,
            value: BindingValue::Expr(Expr::error(span)),
        };
        let mut named = false;
        let mut step: Option<StepCall> = None;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_var => binding.is_var = true,
                Rule::as_name => self.as_name(&mut binding.name, part),
                _ if !named => {
                    binding.name = self.name_expr(part);
                    named = true;
                }
                Rule::r#type => binding.ty = Some(self.type_expr(part)),
                Rule::try_stmt => {
                    if let Some(step) = self.try_step(part) {
                        binding.value = BindingValue::Try(step);
                    }
                }
                Rule::path => step = Some(self.step_begun(&part)),
                Rule::block | Rule::retry => {
                    if let Some(step) = &mut step {
                        self.step_part(step, part);
                    }
                }
                rule if is_expr(rule) => {
                    let expr = self.expr(part);
                    binding.value = call_as_step(expr);
                }
                _ => {}
            }
        }
        if let Some(step) = step {
            binding.value = BindingValue::Step(step);
        }
        binding
    }

    fn branch(&mut self, pair: Node<'i>) -> Branch {
        let span = self.span(&pair);
        let mut branch = Branch { keyword: span, condition: Expr::error(span), then: Block::default(), otherwise: None };
        let mut seen_then = false;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_if => branch.keyword = self.span(&part),
                rule if is_expr(rule) => branch.condition = self.expr(part),
                Rule::block if !seen_then => {
                    branch.then = self.block(part);
                    seen_then = true;
                }
                Rule::block => branch.otherwise = Some(Else::Block(self.block(part))),
                Rule::branch => branch.otherwise = Some(Else::If(Box::new(self.branch(part)))),
                _ => {}
            }
        }
        branch
    }

    fn for_loop(&mut self, pair: Node<'i>) -> Loop {
        let span = self.span(&pair);
        let mut keyword = span;
        let mut names = Vec::new();
        let mut over = Expr::error(span);
        let mut body = Block::default();
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_for => keyword = self.span(&part),
                Rule::ident => names.push(self.ident(&part)),
                rule if is_expr(rule) => over = self.expr(part),
                Rule::block => body = self.block(part),
                _ => {}
            }
        }
        let mut names = names.into_iter();
        let first = names.next().unwrap_or(Ident { name: Name::default(), span });
        Loop { keyword, first, second: names.next(), over, body }
    }

    fn first_expr(&mut self, pair: Node<'i>) -> Option<Expr> {
        self.parts(pair).find(|part| is_expr(part.as_rule())).map(|part| self.expr(part))
    }

    fn use_decl(&mut self, pair: Node<'i>) -> Use {
        let span = self.span(&pair);
        let mut found = Use { imports: Vec::new(), from: Expr::error(span) };
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::import => {
                    let mut names = self.parts(part).filter(|part| part.as_rule() == Rule::ident).map(|part| self.ident(&part));
                    if let Some(name) = names.next() {
                        let renamed = names.next();
                        found.imports.push((name, renamed));
                    }
                }
                Rule::kw_use | Rule::kw_from => {}
                _ => found.from = self.text_expr(part),
            }
        }
        found
    }

    fn target(&mut self, pair: Node<'i>) -> Option<Target> {
        let mut system = None;
        let mut versions = Vec::new();
        let mut settings = None;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::ident => system = Some(self.ident(&part)),
                Rule::version => versions.push(self.ident(&part)),
                Rule::block => settings = Some(self.block(part)),
                _ => {}
            }
        }
        let mut versions = versions.into_iter();
        Some(Target { system: system?, low: versions.next()?, high: versions.next(), settings })
    }

    fn type_decl(&mut self, pair: Node<'i>) -> ItemKind {
        let span = self.span(&pair);
        let mut name = Ident { name: Name::default(), span };
        let mut ty = TypeExpr { span, kind: TypeKind::Error };
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::ident => name = self.ident(&part),
                Rule::r#type => ty = self.type_expr(part),
                _ => {}
            }
        }
        ItemKind::Type { name, ty }
    }

    fn flow(&mut self, pair: Node<'i>) -> Flow {
        let mut flow = Flow { keyword: self.span(&pair), nodes: Vec::new() };
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_flow => flow.keyword = self.span(&part),
                Rule::node => flow.nodes.push(self.flow_node(part)),
                _ => {}
            }
        }
        flow
    }

    fn flow_node(&mut self, pair: Node<'i>) -> FlowNode {
        let span = self.span(&pair);
        let empty = NameExpr { span, text: Expr::error(span), cluster_name: None };
        let mut node = FlowNode { span, join: None, names: FlowNames::One(empty), sources: None };
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::kw_any => node.join = Some(Join::Any),
                Rule::kw_all => node.join = Some(Join::All),
                Rule::list => {
                    let at = self.span(&part);
                    node.names = FlowNames::List(self.elements(part), at);
                }
                Rule::block => node.sources = Some(self.block(part)),
                Rule::as_name => {
                    if let FlowNames::One(name) = &mut node.names {
                        self.as_name(name, part);
                    }
                }
                _ => node.names = FlowNames::One(self.name_expr(part)),
            }
        }
        node
    }

    fn declaration(&mut self, pair: Node<'i>) -> Declaration {
        let span = self.span(&pair);
        let empty = NameExpr { span, text: Expr::error(span), cluster_name: None };
        let mut found = Declaration {
            kind: Ident { name: Name::default(), span },
            names: DeclNames::One(empty),
            parameters: None,
            ty: None,
            result: None,
            value: None,
            body: None,
        };
        let mut arrow_from: Option<Span> = None;
        let (mut has_kind, mut has_name) = (false, false);
        for part in self.parts(pair) {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::several => {
                    (found.kind, found.names) = self.several(part);
                    (has_kind, has_name) = (true, true);
                }
                _ if !has_kind => {
                    found.kind = self.ident(&part);
                    has_kind = true;
                }
                Rule::ident | Rule::plain | Rule::quoted | Rule::fenced | Rule::raw_string if !has_name => {
                    found.names = DeclNames::One(self.name_expr(part));
                    has_name = true;
                }
                Rule::as_name => {
                    if let DeclNames::One(name) = &mut found.names {
                        self.as_name(name, part);
                    }
                }
                Rule::list => {
                    found.names = DeclNames::List(self.elements(part), at);
                    has_name = true;
                }
                Rule::parameters => found.parameters = Some(self.parameters(part)),
                Rule::r#type => {
                    let before = arrow_from.map_or("", |from| self.source(Span { start: from.end, end: at.start, ..at }));
                    if before.contains("->") {
                        found.result = Some(self.type_expr(part));
                    } else {
                        found.ty = Some(self.type_expr(part));
                    }
                }
                rule if is_expr(rule) => found.value = Some(self.expr(part)),
                Rule::block => found.body = Some(self.block(part)),
                _ => {}
            }
            arrow_from = Some(at);
        }
        found
    }
}

/// `let out = render(image: x)` binds the result of a call; whether `render` is a task or a function is not syntax.
fn call_as_step(expr: Expr) -> BindingValue {
    match expr.kind {
        ExprKind::Call { callee, args } if matches!(callee.kind, ExprKind::Name(_)) => {
            let ExprKind::Name(name) = &callee.kind else { return BindingValue::Expr(Expr::error(expr.span)) };
            let kind = Ident { name: name.clone(), span: callee.span };
            let args_span = Span { start: callee.span.end, ..expr.span };
            BindingValue::Step(StepCall { span: expr.span, kind, body: StepBody::Args(args, args_span), retry: None })
        }
        _ => BindingValue::Expr(expr),
    }
}
