//! All passes over one program, and what they found.

mod faults;
mod given;
mod targets;

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{FileId, Files, Span};
use crate::diag::{self, Check, Diagnostic};
use crate::emit::Document;
use crate::library::{Library, Targets};
use crate::program::{NoFolders, Source, Sources, Vfs};
use crate::syntax::{Parse, ast};
use crate::types::index::{ProjectNames, Recorded};
use crate::types::{Bodies, Frame, Index, World};
use crate::{access, expand, flow, lower, program, workflows};

/// What the caller decides, not the program.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `kargo=1.8`, `argo-cd=3.5`: overrides what the program says.
    pub targets: Vec<String>,
    /// Texts with roles and bindings, beside those that the program names.
    pub granted: Vec<Source>,
}

/// The standard library with its texts: what analyses can share.
#[derive(Clone)]
pub struct Base {
    files: Files,
    library: Arc<Library>,
}

impl Default for Base {
    fn default() -> Base {
        let mut files = Files::default();
        let library = Arc::new(Library::new(&mut files));
        Base { files, library }
    }
}

/// What one run of the passes is asked for.
#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Documents, if nothing stands against them.
    documents: bool,
    /// What places mean.
    index: bool,
}

/// What an analysis can take from the one before.
struct Known {
    before: Bodies,
    /// How far the tree of each file is as it was.
    unmoved: HashMap<FileId, u32>,
}

/// What one run of the passes found.
#[derive(Default)]
struct Run {
    reports: Vec<Diagnostic>,
    documents: Option<Vec<Document>>,
    index: Option<Recorded>,
    targets: Targets,
}

/// What is left of an analysis when its texts are gone. To be dropped when there is time: it has many small parts.
pub struct Leftovers(#[expect(dead_code, reason = "kept to be dropped")] Run);

/// A checked program. Immutable.
pub struct Analysis {
    files: Files,
    library: Arc<Library>,
    sources: Sources,
    options: Options,
    /// Roles and bindings of the files that were given.
    given: access::GivenRoles,
    /// What is wrong with these files.
    unread: Vec<Diagnostic>,
    run: Run,
}

impl Analysis {
    /// Checks a program that uses no other folders. Never fails; files are taken in the order of their paths, whatever
    /// order they are given in.
    pub fn new(sources: Vec<Source>, options: &Options) -> Analysis {
        Self::run_passes(Base::default(), sources, &mut NoFolders, options, Wanted::default())
    }

    /// Checks a program; `folders` has those that it uses.
    pub fn with_folders(sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options) -> Analysis {
        Self::run_passes(Base::default(), sources, folders, options, Wanted::default())
    }

    /// Checks a program and records what its places mean, for an editor. `bodies`: what the last analysis of the program
    /// typed, and then what this one did.
    pub fn observed(base: &Base, sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options, bodies: &mut Bodies) -> Analysis {
        let mut analysis = Self::read(base.clone(), sources, folders, options);
        let ids = analysis.files.ids().filter(|id| !analysis.files.is_stdlib(*id));
        let unmoved = ids.map(|id| (id, folders.unmoved(id))).collect();
        let known = Known { before: std::mem::take(bodies), unmoved };
        (analysis.run, *bodies) = analysis.run(Wanted { index: true, ..Wanted::default() }, Some(known));
        analysis
    }

    /// What one place of a program means and what may stand there, for an editor: of all else only the names are read, and
    /// nothing is reported.
    pub(crate) fn focused(base: &Base, sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options, at: Span) -> Analysis {
        let mut analysis = Self::read(base.clone(), sources, folders, options);
        analysis.run = analysis.look_at(at);
        analysis
    }

    /// Checks a program and compiles it in the same run, if it has no errors.
    pub fn compiled(sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options) -> Analysis {
        Self::run_passes(Base::default(), sources, folders, options, Wanted { documents: true, ..Wanted::default() })
    }

    fn run_passes(base: Base, own: Vec<Source>, folders: &mut dyn Vfs, options: &Options, wanted: Wanted) -> Analysis {
        let mut analysis = Self::read(base, own, folders, options);
        (analysis.run, _) = analysis.run(wanted, None);
        analysis
    }

    /// The texts and their trees, and nothing else yet.
    fn read(base: Base, mut own: Vec<Source>, folders: &mut dyn Vfs, options: &Options) -> Analysis {
        own.sort_by(|a, b| a.path.cmp(&b.path));
        let Base { mut files, library } = base;
        let ids: Vec<FileId> = own.into_iter().map(|source| files.add(source.path, source.text)).collect();
        let sources = Sources::read(&ids, &mut files, &library, folders);
        let (given, unread) = given::read(&sources, &mut files, folders, &options.granted);
        let (options, run) = (options.clone(), Run::default());
        Analysis { files, library, sources, options, given, unread, run }
    }

    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What was found, in final order.
    pub fn reports(&self) -> &[Diagnostic] {
        &self.run.reports
    }

    /// What places mean; nothing unless it was asked for.
    pub fn index(&self) -> Option<&Index> {
        self.run.index.as_ref().map(Recorded::sorted)
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The versions that the program is for.
    pub fn targets(&self) -> &Targets {
        &self.run.targets
    }

    /// The parsed files: the program's own first, then those of the folders that it uses.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn has_errors(&self) -> bool {
        self.run.reports.iter().any(Diagnostic::is_error)
    }

    /// The manifests; none if there are errors.
    pub fn documents(&self) -> Vec<Document> {
        match &self.run.documents {
            _ if self.has_errors() => Vec::new(),
            Some(known) => known.clone(),
            None => self.run(Wanted { documents: true, index: self.run.index.is_some() }, None).0.documents.unwrap_or_default(),
        }
    }

    /// Lets go of texts and trees, and gives what is left.
    pub fn into_leftovers(self) -> Leftovers {
        Leftovers(self.run)
    }

    /// The same without keeping a copy.
    pub fn into_documents(mut self) -> Vec<Document> {
        self.run.documents.take().unwrap_or_else(|| self.documents())
    }

    /// Shows the typed program, as the passes after it see it. For the tests, which hold the manifests to it.
    #[doc(hidden)]
    pub fn inspect<R>(&self, look: impl FnOnce(&World<'_>, &expand::Instances<'_>) -> R) -> R {
        let (program, _) = program::collect(&self.sources);
        let targets = targets::of(&self.library, &program, &self.options.targets, &mut Vec::new());
        let world = World::new(&self.library, targets, &program);
        let (instances, _) = expand::expand(&world);
        look(&world, &instances)
    }

    /// Who must be allowed what, and whether they are: all needs of the program, with the places that they come from.
    pub fn access(&self) -> Vec<access::Need> {
        self.inspect(|world, instances| access::needs(world, instances, &self.given))
    }

    /// The same, with all that is known beside: what must be refused, what is to be written, who is who.
    pub fn permissions(&self) -> access::Access {
        self.inspect(|world, instances| access::overview(world, instances, &self.given))
    }

    /// Shows the declarations of the program; bodies are typed when they are asked for.
    pub(crate) fn with_world<R>(&self, look: impl FnOnce(&World<'_>) -> R) -> R {
        let (program, _) = program::collect(&self.sources);
        let targets = targets::of(&self.library, &program, &self.options.targets, &mut Vec::new());
        look(&World::new(&self.library, targets, &program))
    }

    /// What becomes of each task and each call, as places with a sentence. None if there are errors.
    pub fn explain_lowering(&self) -> Vec<lower::Explanation> {
        if self.has_errors() {
            return Vec::new();
        }
        self.inspect(|world, instances| {
            let (graphs, _) = flow::connect(world, instances);
            lower::explanations(world, instances, &graphs, &self.files)
        })
    }

    /// The passes after parsing, as far as they know what a place means.
    fn look_at(&self, at: Span) -> Run {
        let (program, _) = program::collect(&self.sources);
        let targets = targets::of(&self.library, &program, &self.options.targets, &mut Vec::new());
        let world = World::new(&self.library, targets.clone(), &program).observed().focused(at);
        let (instances, _) = expand::expand(&world);
        flow::look(&world, &instances);
        access::look(&world);
        world.finish();
        Run { index: recorded(&world, &instances), targets, ..Run::default() }
    }

    /// The passes after parsing.
    fn run(&self, wanted: Wanted, known: Option<Known>) -> (Run, Bodies) {
        let (program, mut reports) = program::collect(&self.sources);
        reports.extend(self.unread.iter().cloned());
        reports.extend(self.sources.parses.iter().flat_map(|parse| parse.errors.iter().cloned()));
        let targets = targets::of(&self.library, &program, &self.options.targets, &mut reports);
        let world = World::new(&self.library, targets.clone(), &program);
        let world = if wanted.index { world.observed() } else { world };
        let mut world = match known {
            Some(Known { before, unmoved }) => world.keeping(before, Frame::of(&program, &targets, &self.files), unmoved),
            None => world,
        };
        let (instances, found) = expand::expand(&world);
        reports.extend(found);
        let (graphs, found) = flow::connect(&world, &instances);
        reports.extend(found);
        reports.extend(access::check(&world, &instances, &self.given));
        reports.extend(world.finish());
        // What could not be read or typed may have been what a text of a workflow names.
        if !reports.iter().any(Diagnostic::is_error) {
            reports.extend(workflows::check(&workflows::manifests(&instances), false, &self.files));
        }
        reports.extend(faults::of_versions(&world));
        reports.extend(self.library.reports());
        let reports = allow(reports, &self.sources.parses);
        let reports = diag::finish(reports, &self.files);
        let sound = !reports.iter().any(Diagnostic::is_error);
        let index = recorded(&world, &instances);
        let documents = (wanted.documents && sound).then(|| lower::documents(&world, &instances, &graphs, &self.files));
        let bodies = world.take_bodies();
        (Run { reports, documents, index, targets }, bodies)
    }
}

/// What places mean, with what the projects hold.
fn recorded(world: &World<'_>, instances: &expand::Instances<'_>) -> Option<Recorded> {
    let mut index = world.take_index()?;
    index.projects = instances
        .projects
        .iter()
        .map(|project| ProjectNames {
            name: project.name.clone(),
            scope: project.scope,
            warehouses: project.warehouses.iter().map(|found| (found.object.name.clone(), found.object.span)).collect(),
            stages: project.stages.iter().map(|stage| (stage.name.clone(), stage.span)).collect(),
        })
        .collect();
    Some(Recorded::new(index))
}

/// Drops the reports that an `@allow` before their entry names.
fn allow(mut reports: Vec<Diagnostic>, parses: &[Arc<Parse>]) -> Vec<Diagnostic> {
    let mut allowed: Vec<(Span, String)> = Vec::new();
    let mut own = Vec::new();
    for parse in parses {
        collect_allowed(&parse.file.items, &mut allowed, &mut own);
    }
    reports.retain(|report| {
        !(report.check.can_be_allowed()
            && allowed.iter().any(|(span, name)| name == report.check.name() && span.contains(report.primary.span)))
    });
    reports.extend(own);
    reports
}

fn collect_allowed(items: &[ast::Item], allowed: &mut Vec<(Span, String)>, reports: &mut Vec<Diagnostic>) {
    for item in items {
        for attribute in item.attributes.iter().filter(|attribute| attribute.name.name == "allow") {
            match errors::allow_argument(attribute) {
                Ok(name) => allowed.push((item.span, name)),
                Err(report) => reports.push(*report),
            }
        }
        match &item.kind {
            ast::ItemKind::Declaration(declaration) => {
                if let Some(body) = &declaration.body {
                    collect_allowed(&body.items, allowed, reports);
                }
            }
            ast::ItemKind::Loop(found) => collect_allowed(&found.body.items, allowed, reports),
            ast::ItemKind::Branch(branch) => allowed_in_branch(branch, allowed, reports),
            ast::ItemKind::Step(step) => {
                if let Some(block) = step.body.as_block() {
                    collect_allowed(&block.items, allowed, reports);
                }
            }
            _ => {}
        }
    }
}

fn allowed_in_branch(branch: &ast::Branch, allowed: &mut Vec<(Span, String)>, reports: &mut Vec<Diagnostic>) {
    collect_allowed(&branch.then.items, allowed, reports);
    match &branch.otherwise {
        Some(ast::Else::Block(block)) => collect_allowed(&block.items, allowed, reports),
        Some(ast::Else::If(inner)) => allowed_in_branch(inner, allowed, reports),
        None => {}
    }
}

mod errors {
    //! The wording about the program as a whole.

    use super::{Check, Diagnostic, ast};
    use crate::diag::nearest;

    /// The check that an `@allow` silences; it needs a reason.
    pub(super) fn allow_argument(attribute: &ast::Attribute) -> Result<String, Box<Diagnostic>> {
        let word = attribute.args.first().map(|arg| &arg.value);
        let name = word.and_then(|expr| match &expr.kind {
            ast::ExprKind::Name(name) => Some(name.to_string()),
            _ => expr.as_plain_text().map(str::to_owned),
        });
        let reason = attribute.args.get(1).and_then(|arg| arg.value.as_plain_text()).is_some_and(|reason| !reason.trim().is_empty());
        let (Some(name), true) = (name, reason) else {
            let report = Diagnostic::new(Check::SyntaxError, "`@allow` takes a check and a reason", attribute.span, "incomplete");
            return Err(Box::new(report.help("write `@allow(check-name, \"why this is right here\")`")));
        };
        let span = word.map_or(attribute.span, |expr| expr.span);
        match Check::by_name(&name) {
            Some(check) if check.can_be_allowed() => Ok(name),
            Some(_) => {
                let report = Diagnostic::new(
                    Check::InvalidValue,
                    format!("`{name}` cannot be allowed"),
                    span,
                    "without a repair nothing could be compiled",
                );
                Err(Box::new(report))
            }
            None => {
                let report = Diagnostic::new(Check::UnknownName, format!("there is no check `{name}`"), span, "unknown check");
                let near = nearest(&name, crate::diag::CHECKS.iter().map(|info| info.name)).map(str::to_owned);
                Err(Box::new(match near {
                    Some(near) => report.suggest(format!("did you mean `{near}`?"), span, near.clone()),
                    None => report,
                }))
            }
        }
    }
}
