//! Blocks of a kind: `warehouse app { … }`, `image { … }`, any kind of the library or the program. Checked once; an
//! instance is made of them by evaluating what is static.

use std::sync::Arc;

use super::checker::Checker;
use super::errors;
use super::given::Given;
use super::index::{Inside, Meaning};
use super::parameters::BlockParameter;
use super::tree::{Binds, Expr};
use crate::base::{Name, Span};
use crate::diag::nearest;
use crate::library::{Field, KindSig, Place, Record, Ty};
use crate::syntax::ast::{self, DeclNames, Else, ItemKind, StepBody};

/// A block whose settings and inner blocks were checked.
#[derive(Debug)]
pub struct CheckedBlock {
    pub kind: Arc<KindSig>,
    pub items: Vec<BlockItem>,
    /// Those of the declaration, if its kind takes any.
    pub parameters: Vec<BlockParameter>,
}

#[derive(Debug)]
pub enum BlockItem {
    Setting {
        field: Field,
        value: Expr,
        span: Span,
    },
    /// Labels, annotations and namespace, which every object has.
    Meta {
        name: Name,
        value: Expr,
        span: Span,
    },
    Inner {
        name: Option<Expr>,
        names: Option<Expr>,
        span: Span,
        block: CheckedBlock,
    },
    If {
        condition: Expr,
        then: Vec<BlockItem>,
        otherwise: Vec<BlockItem>,
    },
    For {
        over: Expr,
        binds: Binds,
        body: Vec<BlockItem>,
    },
}

impl Checker<'_, '_> {
    /// The block of a declaration, whose parameters it can read.
    pub fn declared_block(&mut self, kind: &Arc<KindSig>, declaration: &ast::Declaration, block: &ast::Block) -> CheckedBlock {
        let (scope, place) = (self.open_scope(), self.place);
        let parameters = self.block_parameters(kind, declaration);
        if kind.rules.parameters.is_some() {
            self.place = Place::Measurement;
        }
        let checked = self.block(kind, block, declaration.kind.span);
        self.place = place;
        self.close_scope(scope);
        CheckedBlock { parameters, ..checked }
    }

    /// The settings and inner blocks of a kind.
    pub fn block(&mut self, kind: &Arc<KindSig>, block: &ast::Block, at: Span) -> CheckedBlock {
        let mut given = Given::default();
        let what = format!("`{}`", kind.name);
        let scope = self.open_scope();
        let outer = self.target;
        if kind.rules.inside.is_empty() {
            self.target = self.world.target_of(kind, at);
        }
        self.note_inside(block, || Inside::Kind(Arc::clone(kind)));
        self.bind_discovered(&block.items);
        let items = self.block_items(kind, &block.items, &what, &mut given);
        self.close_scope(scope);
        self.check_given(&kind.settings, &given, at, &what);
        self.check_place(kind, &given, at, &what);
        self.target = outer;
        CheckedBlock { kind: Arc::clone(kind), items, parameters: Vec::new() }
    }

    /// What the blocks inside discover can be read by the bare expressions of the outer block, under their names.
    fn bind_discovered(&mut self, items: &[ast::Item]) {
        for item in items {
            let (kind, name) = match &item.kind {
                ItemKind::Step(step) => (&step.kind, Some(step.kind.name.clone())),
                ItemKind::Declaration(declaration) => match &declaration.names {
                    DeclNames::One(name) => (&declaration.kind, name.as_constant().map(Name::new)),
                    DeclNames::List(..) => continue,
                },
                _ => continue,
            };
            let Some(found) = self.world.kind(self.project, &kind.name) else { continue };
            let ty = found.rules.discovered.as_ref().and_then(|ty| crate::library::TypeScope::named_type(self.world.library, ty));
            if let (Some(name), Some(ty)) = (name, ty) {
                self.bind(name, kind.span, super::scope::What::Subscription { ty }, false);
            }
        }
    }

    fn block_items(&mut self, kind: &Arc<KindSig>, items: &[ast::Item], what: &str, given: &mut Given) -> Vec<BlockItem> {
        let mut out = Vec::new();
        for item in items {
            if let Some(fields) = item.raw_fields() {
                out.extend(self.raw_block(kind, fields, what, given));
                continue;
            }
            match &item.kind {
                ItemKind::Error => given.open_ended = true,
                ItemKind::Setting { key, value } => out.extend(self.block_setting(kind, key, value, what, given)),
                ItemKind::Loop(found) => {
                    given.open_ended = true;
                    let over = self.static_expr(&found.over, "what a `for` runs over");
                    let (scope, locals) = (self.open_scope(), self.locals);
                    let binds = self.bind_loop(&found.first, found.second.as_ref(), &over);
                    let body = self.block_items(kind, &found.body.items, what, given);
                    self.close_scope(scope);
                    self.drop_locals(locals);
                    out.push(BlockItem::For { over, binds, body });
                }
                ItemKind::Branch(branch) => {
                    given.open_ended = true;
                    out.push(self.block_branch(kind, branch, what, given));
                }
                ItemKind::Step(step) => match &step.body {
                    StepBody::Block(block) => out.extend(self.inner_block(kind, &step.kind, None, block, item)),
                    StepBody::Args(..) => self.report(errors::not_supported("`template`s", item.span)),
                },
                ItemKind::Declaration(declaration) => out.extend(self.inner_declaration(kind, declaration, item)),
                _ => self.report(errors::misplaced_in(item, &kind.name)),
            }
        }
        out
    }

    fn block_branch(&mut self, kind: &Arc<KindSig>, branch: &ast::Branch, what: &str, given: &mut Given) -> BlockItem {
        let condition = self.condition(&branch.condition);
        let condition = self.require_static(condition, "a condition outside `promote`");
        let known = self.facts.clone();
        self.learn(&condition, true);
        let mut other = given.clone();
        let then = self.block_items(kind, &branch.then.items, what, given);
        self.check_conflicts(&kind.settings, given, branch.keyword, what);
        self.facts = known.clone();
        self.learn(&condition, false);
        let otherwise = match &branch.otherwise {
            Some(Else::Block(block)) => {
                let items = self.block_items(kind, &block.items, what, &mut other);
                self.check_conflicts(&kind.settings, &other, branch.keyword, what);
                items
            }
            Some(Else::If(inner)) => vec![self.block_branch(kind, inner, what, &mut other)],
            None => Vec::new(),
        };
        given.or(other);
        self.facts = known;
        BlockItem::If { condition, then, otherwise }
    }

    fn block_setting(
        &mut self,
        kind: &Arc<KindSig>,
        key: &ast::Key,
        value: &ast::Expr,
        what: &str,
        given: &mut Given,
    ) -> Option<BlockItem> {
        let name = key.name();
        if let Some(meta) = self.meta_setting(kind, &name, key.span, value, given) {
            return Some(meta);
        }
        let (entry, _) = self.check_setting(key, value, &kind.settings, what, given)?;
        let super::tree::Entry::Field { value, .. } = entry else { return None };
        let field = kind.settings.all(&name).find(|field| field.rules.in_all(self.target())).or(kind.settings.field(&name)).cloned();
        let field = field.unwrap_or_else(|| Field::plain(name, key.span, Ty::Any));
        let value = self.require_written(value, &format!("a setting of {what}"));
        Some(BlockItem::Setting { field, value, span: key.span })
    }

    /// `labels`, `annotations` and `namespace` work on every object, unless its kind has a setting of that name.
    pub(crate) fn meta_setting(
        &mut self,
        kind: &KindSig,
        name: &Name,
        at: Span,
        value: &ast::Expr,
        given: &mut Given,
    ) -> Option<BlockItem> {
        let is_object = kind.rules.object.is_some();
        if !is_object || kind.settings.field(name).is_some() {
            return None;
        }
        let ty = match name.as_str() {
            "labels" | "annotations" => Ty::Map(Arc::new(Ty::STRING), crate::library::Face::Nil),
            "namespace" => Ty::STRING,
            _ => return None,
        };
        let value = self.check_value(value, &ty, &format!("`{name}`"));
        let value = self.require_static(value, &format!("`{name}`"));
        if name == "namespace" && kind.rules.inside.is_empty() && self.kargo_places(kind) {
            self.report(errors::namespace_of_kargo(at, &kind.name));
        }
        if let Some(first) = given.add(name.clone(), at, None) {
            self.report(errors::duplicate("setting", name, at, first));
        }
        Some(BlockItem::Meta { name: name.clone(), value, span: at })
    }

    /// An object whose place is not the project's namespace says where it lies.
    fn check_place(&mut self, kind: &KindSig, given: &Given, at: Span, what: &str) {
        if kind.rules.placed && !given.open_ended && !given.has("namespace") {
            let field = Field::plain(Name::new("namespace"), at, Ty::STRING);
            self.report(errors::missing_settings(&[&field], at, what));
        }
    }

    /// Kargo's own objects live in the namespace of their project, and so do those who may use them.
    fn kargo_places(&self, kind: &KindSig) -> bool {
        kind.rules.account || kind.rules.object.as_ref().is_some_and(|(api, _)| api.starts_with("kargo.akuity.io/"))
    }

    fn inner_declaration(&mut self, outer: &Arc<KindSig>, declaration: &ast::Declaration, item: &ast::Item) -> Option<BlockItem> {
        let Some(body) = &declaration.body else {
            self.report(errors::needs_block(&declaration.kind, declaration.names.span()));
            return None;
        };
        self.inner_block(outer, &declaration.kind, Some(&declaration.names), body, item)
    }

    fn inner_block(
        &mut self,
        outer: &Arc<KindSig>,
        kind: &ast::Ident,
        names: Option<&DeclNames>,
        body: &ast::Block,
        item: &ast::Item,
    ) -> Option<BlockItem> {
        let found = self.world.kind(self.project, &kind.name).filter(|found| found.rules.inside.contains(&outer.name));
        let Some(found) = found else {
            let known: Vec<Name> = self.inner_kinds(&outer.name);
            let settings = outer.settings.fields.iter().map(|field| field.name.as_str());
            let near = nearest(&kind.name, known.iter().map(Name::as_str).chain(settings));
            self.report(errors::unknown_inner(kind, &outer.name, &known, near));
            return None;
        };
        self.world.note(|index| index.refer(kind.span, found.span, Meaning::Kind(Arc::clone(&found))));
        let mut reports = Vec::new();
        errors::availability(&found.rules, &kind.name, kind.span, self.target(), &mut reports);
        self.reports.append(&mut reports);
        self.hazards(&found.rules, &kind.name, kind.span, None);
        let (name, names) = match names {
            Some(DeclNames::One(name)) => (Some(self.name_text(name)), None),
            Some(DeclNames::List(elements, span)) => (None, Some(self.name_list(elements, *span))),
            None => (None, None),
        };
        let block = self.block(&found, body, kind.span);
        Some(BlockItem::Inner { name, names, span: item.span, block })
    }

    fn inner_kinds(&self, outer: &str) -> Vec<Name> {
        let names = self.world.kind_names(self.project);
        names
            .into_iter()
            .filter(|name| self.world.kind(self.project, name).is_some_and(|kind| kind.rules.inside.iter().any(|known| known == outer)))
            .collect()
    }

    /// The settings of a block behind a node of a flow, or any other record of a kind that stands alone.
    pub fn settings_block(&mut self, record: &Arc<Record>, block: &ast::Block, what: &str) -> Expr {
        let span = block.span.unwrap_or(crate::base::Span::new(crate::base::FileId(0), 0, 0));
        let value = self.check_record(span, block, record, what);
        self.require_static(value, what)
    }
}
