//! Values: names that are seen, fields, functions, constants of an enum, names of objects.

use super::{Choice, ChoiceKind, Cx, by_target, rank, snippets};
use crate::base::Span;
use crate::ide::words;
use crate::library::{Field, Ty, TypeScope};
use crate::syntax::ast::{Arg, Expr, ExprKind, ItemKind, StepBody, Use};
use crate::syntax::nodes::Node;
use crate::types::fits_type;
use crate::types::index::{Meaning, Seen};

fn plain(label: &str, kind: ChoiceKind, rank: u8) -> Choice {
    Choice { label: label.to_owned(), kind, detail: None, doc: None, snippet: label.to_owned(), rank, is_deprecated: false }
}

impl<'a> Cx<'a> {
    /// Whatever may stand for a value here.
    pub(super) fn values(&self) -> Vec<Choice> {
        let wanted = self.up(0).and_then(Node::span).and_then(|span| self.wanted(span));
        let mut out = self.constants(wanted, true);
        out.extend(self.seen(wanted));
        out.extend(self.functions(wanted));
        if wanted.is_none_or(|ty| matches!(ty.present(), Ty::Bool | Ty::Any)) {
            out.push(Choice { snippet: "promoting ${1:slot}".to_owned(), ..snippets::keyword("promoting", "") });
        }
        out.push(plain("ctx", ChoiceKind::Variable, rank::FAR));
        out
    }

    fn seen(&self, wanted: Option<&Ty>) -> Vec<Choice> {
        let seen = self.analysis.index().map(|index| index.seen.as_slice()).unwrap_or_default();
        seen.iter().map(|found| choice_of(found, wanted)).collect()
    }

    /// Slots, and what else can be tested for being there.
    pub(super) fn slots(&self) -> Vec<Choice> {
        let seen = self.analysis.index().map(|index| index.seen.as_slice()).unwrap_or_default();
        seen.iter()
            .filter(|found| matches!(found.what, Meaning::Slot(_) | Meaning::Parameter))
            .map(|found| choice_of(found, None))
            .collect()
    }

    /// The texts of an enum, and the words for Booleans. `quoted`: the quotes are to be written, too.
    fn constants(&self, wanted: Option<&Ty>, quoted: bool) -> Vec<Choice> {
        let Some(wanted) = wanted else { return Vec::new() };
        let mut out = Vec::new();
        for member in wanted.present().members() {
            match member.present() {
                Ty::Literal(text) => {
                    let label = if quoted { format!("{text:?}") } else { text.to_string() };
                    out.push(plain(&label, ChoiceKind::Choice, rank::REQUIRED));
                }
                Ty::Bool => out.extend(["true", "false"].map(|word| plain(word, ChoiceKind::Choice, rank::REQUIRED))),
                _ => {}
            }
        }
        out
    }

    fn functions(&self, wanted: Option<&Ty>) -> Vec<Choice> {
        let library = self.analysis.library();
        let all = library.function_names().into_iter().filter_map(|name| library.function(&name));
        all.map(|function| {
            let fits = wanted.is_some_and(|wanted| fits_type(&function.result, wanted));
            let mut choice = Choice {
                detail: Some(format!(
                    "{} -> {}",
                    words::parameters(&function.parameters.fields).replace('\n', " "),
                    words::long(&function.result)
                )),
                doc: function.doc.as_deref().map(str::to_owned),
                snippet: format!("{}($1)$0", function.name),
                ..plain(&function.name, ChoiceKind::Function, if fits { rank::OTHER } else { rank::FAR })
            };
            by_target(&mut choice, &function.rules, self.target());
            choice
        })
        .collect()
    }

    /// The fields of what stands before the dot.
    pub(super) fn members(&self, word: Span) -> Vec<Choice> {
        let Some(base) = self.analysis.index().and_then(|index| index.base(word)) else { return Vec::new() };
        let Ty::Record(record) = base.present() else { return Vec::new() };
        record.fields.iter().map(|field| self.field(field)).collect()
    }

    fn field(&self, field: &Field) -> Choice {
        let mut choice = Choice {
            detail: Some(words::long(&field.read_type())),
            doc: field.doc.as_deref().map(str::to_owned),
            ..plain(&field.name, ChoiceKind::Field, rank::FITS)
        };
        by_target(&mut choice, &field.rules, self.target());
        choice
    }

    /// The first word of an argument: a name that is not given yet, or a value.
    pub(super) fn argument(&self) -> Vec<Choice> {
        if let Some(Node::Attribute(attribute)) = self.up(2)
            && attribute.name.name == "allow"
        {
            return snippets::checks();
        }
        [self.arguments(), self.values()].concat()
    }

    /// Names of parameters that the call does not give yet.
    pub(super) fn arguments(&self) -> Vec<Choice> {
        let Some((callee, args)) = self.path.iter().rev().find_map(|node| callee(*node)) else { return Vec::new() };
        let Some(index) = self.analysis.index() else { return Vec::new() };
        let is_given = |name: &str| args.iter().any(|arg| arg.name.as_ref().is_some_and(|known| known.name == name));
        let parameter = |name: &str, ty: &Ty, optional: bool| Choice {
            label: format!("{name}:"),
            detail: Some(words::long(ty)),
            snippet: format!("{name}: {}", snippets::value(ty, 1)),
            ..plain(name, ChoiceKind::Setting, if optional { rank::OPTIONAL } else { rank::REQUIRED })
        };
        let found = index.uses_at(callee).find(|found| found.at == callee).map(|found| &found.what);
        let all: Vec<Choice> = match found {
            Some(Meaning::Task(task)) => task
                .parameters
                .iter()
                .filter(|found| !is_given(&found.name))
                .map(|found| parameter(&found.name, &found.ty, found.optional || found.default.is_some()))
                .collect(),
            Some(Meaning::Template(template)) => template
                .parameters
                .iter()
                .filter(|found| !is_given(&found.name))
                .map(|found| parameter(&found.name, &found.ty, found.optional || found.default.is_some()))
                .collect(),
            Some(Meaning::Analysis(callable)) => callable
                .parameters
                .iter()
                .filter(|found| !is_given(&found.name))
                .map(|found| parameter(&found.name, &found.ty, !found.needed))
                .collect(),
            _ => Vec::new(),
        };
        all
    }

    // ── Names ──

    pub(super) fn warehouses(&self) -> Vec<Choice> {
        let all = self.project().map(|project| project.warehouses.as_slice()).unwrap_or_default();
        all.iter().map(|(name, _)| named(name, ChoiceKind::Warehouse)).collect()
    }

    pub(super) fn flow_names(&self) -> Vec<Choice> {
        let Some(project) = self.project() else { return Vec::new() };
        let stages = project.stages.iter().map(|(name, _)| named(name, ChoiceKind::Stage));
        let warehouses = project.warehouses.iter().map(|(name, _)| named(name, ChoiceKind::Warehouse));
        let mut out: Vec<Choice> = stages.chain(warehouses).collect();
        out.extend(snippets::keywords(&[("any", "any [$1]"), ("all", "all [$1]")]));
        out
    }

    pub(super) fn types(&self) -> Vec<Choice> {
        let builtin =
            ["Bool", "Int", "Float", "Duration", "Any"].iter().copied().chain(crate::library::TextKind::ALL.iter().map(|(_, name)| *name));
        let mut out: Vec<Choice> = builtin.map(|name| plain(name, ChoiceKind::Type, rank::OPTIONAL)).collect();
        out.extend(self.analysis.library().type_names().iter().map(|name| plain(name, ChoiceKind::Type, rank::OTHER)));
        let home = self.home();
        let own = self.analysis.with_world(|world| (world, home).type_names());
        out.extend(
            own.iter()
                .filter(|name| self.analysis.library().type_place(name).is_none())
                .map(|name| plain(name, ChoiceKind::Type, rank::FITS)),
        );
        out
    }

    /// What the folder of a `use` offers.
    pub(super) fn exports(&self, found: &Use) -> Vec<Choice> {
        let sources = self.analysis.sources();
        let lead = sources.folders.iter().find_map(|folder| folder.uses.get(&found.from.span));
        let Some(folder) = lead.and_then(|lead| sources.folders.get(*lead.as_ref().ok()?)) else { return Vec::new() };
        let taken: Vec<&str> = found.imports.iter().map(|(name, _)| name.name.as_str()).collect();
        let mut out = Vec::new();
        for item in sources.files(folder).iter().flat_map(|parse| &parse.file.items) {
            let (name, kind) = match &item.kind {
                ItemKind::Declaration(found) if found.kind.name == "project" && found.body.is_none() => break,
                ItemKind::Declaration(found) => (found.constant_name().unwrap_or_default().to_owned(), ChoiceKind::Task),
                ItemKind::Binding(found) => (found.name.as_constant().unwrap_or_default().to_owned(), ChoiceKind::Variable),
                ItemKind::Type { name, .. } => (name.name.to_string(), ChoiceKind::Type),
                _ => continue,
            };
            if !name.is_empty() && !taken.contains(&name.as_str()) {
                out.push(Choice { doc: item.doc.as_ref().map(|doc| doc.text.clone()), ..plain(&name, kind, rank::FITS) });
            }
        }
        out
    }

    /// Inside a text: names of a flow, paths of a `use`, constants of an enum.
    pub(super) fn in_text(&self, expr: &'a Expr, parent: Node<'a>, folders: &dyn Fn(&str) -> Vec<String>) -> Vec<Choice> {
        let bare = |mut choice: Choice| {
            choice.label = choice.label.trim_matches('"').to_owned();
            choice.snippet = choice.label.clone();
            choice
        };
        match parent {
            Node::Item(item) if matches!(item.kind, ItemKind::Use(_)) => {
                let text = self.analysis.files().slice(Span { end: self.at.start, ..expr.span });
                let path = text.trim_start_matches('"');
                let above = path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or(""));
                let mut out: Vec<Choice> = folders(above).iter().map(|name| plain(name, ChoiceKind::Folder, rank::FITS)).collect();
                if above.is_empty() {
                    out.push(plain("std", ChoiceKind::Folder, rank::OTHER));
                }
                out
            }
            Node::Name(_) | Node::Names(..) => {
                self.names(expr.span).into_iter().filter(|choice| choice.kind != ChoiceKind::Keyword).map(bare).collect()
            }
            _ => self.constants(self.wanted(expr.span), false),
        }
    }
}

/// A name as it is written: a word, or a text where it is none.
fn named(name: &str, kind: ChoiceKind) -> Choice {
    let is_word =
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let label = if is_word { name.to_owned() } else { format!("{name:?}") };
    plain(&label, kind, rank::FITS)
}

fn choice_of(found: &Seen, wanted: Option<&Ty>) -> Choice {
    let fits = wanted.is_none_or(|wanted| fits_type(&found.ty, wanted));
    let kind = if matches!(found.what, Meaning::Slot(_)) { ChoiceKind::Slot } else { ChoiceKind::Variable };
    let detail = (!found.ty.is_error()).then(|| words::long(&found.ty));
    Choice { detail, ..plain(&found.name, kind, if fits { rank::FITS } else { rank::OTHER }) }
}

/// The callee of a call, and its arguments.
fn callee(node: Node<'_>) -> Option<(Span, &[Arg])> {
    match node {
        Node::Expr(expr) => match &expr.kind {
            ExprKind::Call { callee, args } => Some((callee.span, args)),
            _ => None,
        },
        Node::Step(step) => match &step.body {
            StepBody::Args(args, _) => Some((step.kind.span, args)),
            StepBody::Block(_) => None,
        },
        _ => None,
    }
}
