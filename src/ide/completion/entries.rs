//! Entries of blocks: settings not yet given, kinds that may stand here, steps and calls, the words of the language.

use super::{Choice, ChoiceKind, Cx, by_target, rank, snippets};
use crate::ide::{keywords, words};
use crate::library::{Field, KindSig, Target, Ty};
use crate::program::ScopeId;
use crate::syntax::ast::{Block, Declaration, Else, Item, ItemKind, TypeKind};
use crate::syntax::nodes::Node;
use crate::types::index::{Inside, ProjectNames};
use crate::types::{Callable, World};

const IN_BODY: &[(&str, &str)] = &[
    ("let", "let ${1:name} = $0"),
    ("var", "var ${1:name} = $0"),
    ("if", "if $1 {\n\t$0\n}"),
    ("for", "for ${1:item} in $2 {\n\t$0\n}"),
    ("require", "require ${1:slot}"),
    ("try", "try $0"),
];

const IN_STAGE: &[(&str, &str)] = &[
    ("slot", "slot $0"),
    ("promote", "promote {\n\t$0\n}"),
    ("verify", "verify {\n\t$0\n}"),
    ("on failure", "on failure {\n\t$0\n}"),
    ("finally", "finally {\n\t$0\n}"),
    ("let", "let ${1:name} = $0"),
    ("var", "var ${1:name} = $0"),
    ("if", "if $1 {\n\t$0\n}"),
    ("for", "for ${1:item} in $2 {\n\t$0\n}"),
];

const IN_PROJECT: &[(&str, &str)] = &[
    ("stage", "stage ${1:name} {\n\tslot $2\n\tpromote {\n\t\t$0\n\t}\n}"),
    ("flow", "flow ${1:warehouse} -> ${2:stage}"),
    ("let", "let ${1:name} = $0"),
    ("task", "task ${1:name}($2) {\n\t$0\n}"),
    ("for", "for ${1:item} in $2 {\n\t$0\n}"),
    ("if", "if $1 {\n\t$0\n}"),
    ("template", "template ${1:name}($2) {\n\t$0\n}"),
    ("use", "use ${1:name} from \"$0\""),
];

fn top(word: &str) -> String {
    match word {
        "target" => "target kargo $0".to_owned(),
        "project" => "project ${1:name}".to_owned(),
        "let" => "let ${1:name} = $0".to_owned(),
        "type" => "type ${1:Name} = $0".to_owned(),
        "use" => "use ${1:name} from \"$0\"".to_owned(),
        "step" => "step ${1:name}($2) -> { $0 }".to_owned(),
        "kind" => "kind ${1:name}($0)".to_owned(),
        other => format!("{other} ${{1:name}}($2) {{\n\t$0\n}}"),
    }
}

impl<'a> Cx<'a> {
    /// The innermost block around the mark.
    fn block(&self) -> Option<&'a Block> {
        self.path.iter().rev().find_map(|node| if let Node::Block(block) = node { Some(*block) } else { None })
    }

    /// The objects of the project that the mark is in.
    pub(super) fn project(&self) -> Option<&'a ProjectNames> {
        let index = self.analysis.index()?;
        let name = self.project_name();
        name.and_then(|name| index.projects.iter().find(|project| project.name == name)).or(index.projects.first())
    }

    /// The project of the mark: its block, or the line before.
    fn project_name(&self) -> Option<String> {
        let inside = self.path.iter().find_map(|node| match node {
            Node::Item(Item { kind: ItemKind::Declaration(found), .. }) if found.kind.name == "project" => found.constant_name(),
            _ => None,
        });
        let Some(Node::Block(file)) = self.path.first() else { return None };
        let line = file.items.iter().take_while(|item| item.span.start <= self.at.start).filter_map(|item| match &item.kind {
            ItemKind::Declaration(found) if found.kind.name == "project" && found.body.is_none() => found.constant_name(),
            _ => None,
        });
        inside.or(line.last()).map(str::to_owned)
    }

    /// From where names are looked up.
    pub(super) fn home(&self) -> ScopeId {
        let named = self.project_name().and_then(|_| self.project());
        named.map_or(ScopeId::OUTER, |project| project.scope)
    }

    /// What an entry may begin with.
    pub(super) fn entries(&self) -> Vec<Choice> {
        let Some(block) = self.block() else { return Vec::new() };
        let inside = block.span.and_then(|span| self.analysis.index()?.block(span)).map(|found| &found.what);
        match inside {
            Some(Inside::Settings(record)) => {
                let mut out = self.settings(&record.fields, block);
                out.push(snippets::keyword("raw", "raw { $0 }"));
                out
            }
            Some(Inside::Kind(kind)) => {
                [self.settings(&kind.settings.fields, block), self.inner_kinds(kind), self.meta(kind, block)].concat()
            }
            Some(Inside::Stage(kind)) => {
                let has_promote = block.items.iter().any(|item| matches!(&item.kind, ItemKind::Step(step) if step.kind.name == "promote"));
                let mut words = snippets::keywords(IN_STAGE);
                words.retain(|choice| !(has_promote && choice.label == "promote"));
                for choice in &mut words {
                    let first = ["slot", "promote"].contains(&choice.label.as_str());
                    choice.rank = if first { rank::REQUIRED } else { choice.rank };
                }
                [words, self.settings(&kind.settings.fields, block), self.meta(kind, block)].concat()
            }
            Some(Inside::Body) => [self.runnable(), snippets::keywords(IN_BODY)].concat(),
            Some(Inside::Verify(own)) => {
                let mut out = self.externals();
                out.extend(own.iter().map(analysis));
                out
            }
            None if self.is_in_body() => [self.runnable(), snippets::keywords(IN_BODY)].concat(),
            None => self.outside(block),
        }
    }

    /// The versions that count here: those of the system that the block around the mark belongs to.
    pub(super) fn target(&self) -> &'a Target {
        let targets = self.analysis.targets();
        let index = self.analysis.index();
        let blocks = self.path.iter().rev().filter_map(|node| if let Node::Block(block) = node { block.span } else { None });
        let product = index.and_then(|index| blocks.filter_map(|span| index.block(span)).next()).map(|found| &found.product);
        let other = targets.others().map(|(_, target)| target).find(|target| Some(target.product()) == product);
        other.unwrap_or(targets.main())
    }

    /// Whether the block is a branch or loop inside a body.
    fn is_in_body(&self) -> bool {
        let Some(index) = self.analysis.index() else { return false };
        let blocks = self.path.iter().filter_map(|node| if let Node::Block(block) = node { block.span } else { None });
        let innermost = blocks.filter_map(|span| index.block(span)).next_back();
        innermost.is_some_and(|found| matches!(found.what, Inside::Body))
    }

    /// At the top of a file or in a project.
    fn outside(&self, block: &Block) -> Vec<Choice> {
        let home = self.home();
        let mut out = Vec::new();
        if self.project_name().is_some() {
            out.extend(snippets::keywords(IN_PROJECT));
            out.extend(self.analysis.with_world(|world| {
                let kinds = world.object_kinds(home).into_iter().filter(|name| name != "stage" && name != "project");
                let kinds = kinds.filter_map(|name| world.kind(home, &name)).map(|kind| self.kind(&kind, true)).collect::<Vec<_>>();
                let settings = world.kind(home, "project").map(|kind| self.settings(&kind.settings.fields, block)).unwrap_or_default();
                [kinds, settings].concat()
            }));
        } else {
            let words = keywords::TOP.iter().filter(|word| {
                // A program says once what it is for.
                **word != "target" || !block.items.iter().any(|item| matches!(item.kind, ItemKind::Target(_)))
            });
            out.extend(words.map(|word| snippets::keyword(word, &top(word))));
        }
        out.extend(self.templates());
        out
    }

    fn templates(&self) -> Vec<Choice> {
        let home = self.home();
        self.analysis.with_world(|world| {
            let all = world.template_names(home).into_iter().filter_map(|name| {
                let (decl, scope) = world.template(home, &name)?;
                let template = world.signature(decl, scope);
                let parameters: Vec<(String, Ty, bool)> = template
                    .parameters
                    .iter()
                    .map(|found| (found.name.to_string(), found.ty.clone(), found.optional || found.default.is_some()))
                    .collect();
                Some(call(&name, ChoiceKind::Task, &parameters, decl.item.doc.as_ref().map(|doc| doc.text.clone())))
            });
            all.collect()
        })
    }

    // ── Settings ──

    /// Settings that the block does not give yet, those that it must have first.
    fn settings(&self, fields: &[Field], block: &Block) -> Vec<Choice> {
        let given = given(block);
        let target = self.target();
        let is_in_all = |field: &Field| target.all_have(field.rules.since, field.rules.until);
        let mut out: Vec<Choice> = Vec::new();
        // A setting that changed stands several times: what the target has counts.
        let (first, second): (Vec<&Field>, Vec<&Field>) =
            fields.iter().partition(|field| is_in_all(field) && field.rules.removed.is_none());
        for field in first.into_iter().chain(second) {
            if !given.iter().any(|name| field.name == *name) && !out.iter().any(|choice| field.name == choice.label) {
                out.push(self.setting(field));
            }
        }
        out
    }

    fn setting(&self, field: &Field) -> Choice {
        let needed = !field.optional || field.rules.required_by(self.target());
        // The key alone, where a value follows already.
        let text = self.analysis.files().text(self.at.file);
        let behind = text.get(self.at.end as usize..).unwrap_or("").trim_start_matches([' ', '\t']);
        let has_value = behind.starts_with(':') && !behind.starts_with(": 0");
        let snippet = if has_value { field.name.to_string() } else { format!("{}: {}$0", field.name, snippets::value(&field.ty, 1)) };
        let mut choice = Choice {
            label: field.name.to_string(),
            kind: ChoiceKind::Setting,
            detail: Some(words::long(&field.ty)),
            doc: field.doc.as_deref().map(str::to_owned),
            snippet,
            rank: if needed { rank::REQUIRED } else { rank::OPTIONAL },
            is_deprecated: false,
        };
        by_target(&mut choice, &field.rules, self.target());
        choice
    }

    /// What every object may have.
    fn meta(&self, kind: &KindSig, block: &Block) -> Vec<Choice> {
        let given = given(block);
        let own = ["labels", "annotations"].iter().filter(|name| kind.rules.object.is_some() && !given.iter().any(|known| known == *name));
        own.map(|name| Choice {
            label: (*name).to_owned(),
            kind: ChoiceKind::Setting,
            detail: Some("{ [String]: String }".to_owned()),
            doc: None,
            snippet: format!("{name}: {{ $1 }}$0"),
            rank: rank::FAR,
            is_deprecated: false,
        })
        .collect()
    }

    // ── Kinds ──

    fn inner_kinds(&self, outer: &KindSig) -> Vec<Choice> {
        let home = self.home();
        self.analysis.with_world(|world| {
            let all = world.kind_names(home).into_iter().filter_map(|name| world.kind(home, &name));
            all.filter(|kind| kind.rules.inside.contains(&outer.name)).map(|kind| self.kind(&kind, false)).collect()
        })
    }

    fn kind(&self, kind: &KindSig, has_name: bool) -> Choice {
        let own = kind.rules.system.as_ref();
        let target = if own.is_some() { self.analysis.targets().of(own) } else { self.target() };
        let head = if has_name { format!("{} ${{9:name}}", kind.name) } else { kind.name.to_string() };
        let mut choice = Choice {
            label: kind.name.to_string(),
            kind: ChoiceKind::Kind,
            detail: None,
            doc: kind.doc.as_deref().map(str::to_owned),
            snippet: snippets::block(&head, &kind.settings.fields, target),
            rank: rank::FITS,
            is_deprecated: false,
        };
        by_target(&mut choice, &kind.rules, target);
        choice
    }

    // ── Steps and calls ──

    /// Steps and tasks.
    pub(super) fn runnable(&self) -> Vec<Choice> {
        let home = self.home();
        self.analysis.with_world(|world| {
            let mut out: Vec<Choice> = world.step_names(home).into_iter().filter_map(|name| self.step(world, home, &name)).collect();
            out.extend(world.task_names(home).into_iter().filter_map(|name| task(world, home, &name)));
            out
        })
    }

    fn step(&self, world: &World<'_>, home: ScopeId, name: &str) -> Option<Choice> {
        let step = world.step(home, name)?;
        let mut choice = Choice {
            label: step.name.to_string(),
            kind: ChoiceKind::Step,
            detail: None,
            doc: step.doc.as_deref().map(str::to_owned),
            snippet: snippets::block(&step.name, &step.settings.fields, self.target()),
            rank: rank::OPTIONAL,
            is_deprecated: false,
        };
        by_target(&mut choice, &step.rules, self.target());
        Some(choice)
    }

    fn externals(&self) -> Vec<Choice> {
        let home = self.home();
        self.analysis.with_world(|world| {
            let all = world.external_names(home).into_iter().filter_map(|name| {
                let external = world.external(home, &name)?;
                let parameters = parameters(external.declaration);
                Some(call(&name, ChoiceKind::Task, &parameters, None))
            });
            all.collect()
        })
    }
}

/// A call of an analysis template of the project.
fn analysis(found: &Callable) -> Choice {
    let parameters = found.parameters.iter().map(|parameter| (parameter.name.to_string(), parameter.ty.clone(), !parameter.needed));
    call(&found.name, ChoiceKind::Task, &parameters.collect::<Vec<_>>(), None)
}

/// A call of a task, from its declaration: its types are not needed.
fn task(world: &World<'_>, home: ScopeId, name: &str) -> Option<Choice> {
    let decl = world.task_declaration(home, name)?;
    let parameters = parameters(decl.declaration);
    Some(call(name, ChoiceKind::Task, &parameters, decl.item.doc.as_ref().map(|doc| doc.text.clone())))
}

/// Name, type as far as it matters for what stands there first, and whether it may be left out.
fn parameters(declaration: &Declaration) -> Vec<(String, Ty, bool)> {
    let is_text = |ty: &TypeKind| matches!(ty, TypeKind::Name(name, _) if ["String", "Path", "Url", "Tag"].contains(&name.as_str()));
    let written = declaration.parameters.iter().flatten();
    let described = written.map(|found| {
        let ty = if is_text(&found.ty.kind) { Ty::STRING } else { Ty::Any };
        (found.name.name.to_string(), ty, found.optional || found.default.is_some())
    });
    described.collect()
}

fn call(name: &str, kind: ChoiceKind, parameters: &[(String, Ty, bool)], doc: Option<String>) -> Choice {
    let names: Vec<String> = parameters.iter().map(|(name, _, optional)| format!("{name}{}", if *optional { "?" } else { "" })).collect();
    Choice {
        label: name.to_owned(),
        kind,
        detail: Some(format!("({})", names.join(", "))),
        doc,
        snippet: snippets::call(name, parameters),
        rank: rank::FITS,
        is_deprecated: false,
    }
}

/// The names of settings that a block gives, also in branches.
fn given(block: &Block) -> Vec<&str> {
    let mut out = Vec::new();
    for item in &block.items {
        match &item.kind {
            ItemKind::Setting { key, .. } => out.extend(key.as_constant()),
            ItemKind::Branch(branch) => {
                out.extend(given(&branch.then));
                if let Some(Else::Block(block)) = &branch.otherwise {
                    out.extend(given(block));
                }
            }
            _ => {}
        }
    }
    out
}
