//! All passes over one program, and what they found.

mod faults;

use std::sync::Arc;

use crate::base::{FileId, Files, Span};
use crate::diag::{self, Check, Diagnostic};
use crate::emit::Document;
use crate::library::{Library, Target, Version};
use crate::program::{NoFolders, Program, Source, Sources, Vfs};
use crate::syntax::{Parse, ast};
use crate::types::World;
use crate::{expand, flow, lower, program};

/// What the caller decides, not the program.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `kargo=1.8`: overrides what the program says.
    pub targets: Vec<String>,
}

/// A checked program. Immutable.
pub struct Analysis {
    files: Files,
    library: Arc<Library>,
    sources: Sources,
    options: Options,
    reports: Vec<Diagnostic>,
    /// What was compiled in the same run, if that was asked for.
    documents: Option<Vec<Document>>,
}

impl Analysis {
    /// Checks a program that uses no other folders. Never fails; files are taken in the order of their paths, whatever
    /// order they are given in.
    pub fn new(sources: Vec<Source>, options: &Options) -> Analysis {
        Self::run_passes(sources, &mut NoFolders, options, false)
    }

    /// Checks a program; `folders` has those that it uses.
    pub fn with_folders(sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options) -> Analysis {
        Self::run_passes(sources, folders, options, false)
    }

    /// Checks a program and compiles it in the same run, if it has no errors.
    pub fn compiled(sources: Vec<Source>, folders: &mut dyn Vfs, options: &Options) -> Analysis {
        Self::run_passes(sources, folders, options, true)
    }

    fn run_passes(mut own: Vec<Source>, folders: &mut dyn Vfs, options: &Options, compile: bool) -> Analysis {
        own.sort_by(|a, b| a.path.cmp(&b.path));
        let mut files = Files::default();
        let ids: Vec<FileId> = own.into_iter().map(|source| files.add(source.path, source.text)).collect();
        let library = Arc::new(Library::new(&mut files));
        let sources = Sources::read(&ids, &mut files, &library, folders);
        let mut analysis = Analysis { files, library, sources, options: options.clone(), reports: Vec::new(), documents: None };
        let (reports, documents) = analysis.run(compile);
        analysis.reports = reports;
        analysis.documents = documents;
        analysis
    }

    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What was found, in final order.
    pub fn reports(&self) -> &[Diagnostic] {
        &self.reports
    }

    pub fn has_errors(&self) -> bool {
        self.reports.iter().any(Diagnostic::is_error)
    }

    /// The manifests; none if there are errors.
    pub fn documents(&self) -> Vec<Document> {
        match &self.documents {
            Some(known) => known.clone(),
            None => self.run(true).1.unwrap_or_default(),
        }
    }

    /// The same without keeping a copy.
    pub fn into_documents(mut self) -> Vec<Document> {
        self.documents.take().unwrap_or_else(|| self.run(true).1.unwrap_or_default())
    }

    /// Shows the typed program, as the passes after it see it. For the tests, which hold the manifests to it.
    #[doc(hidden)]
    pub fn inspect<R>(&self, look: impl FnOnce(&World<'_>, &expand::Instances<'_>) -> R) -> R {
        let (program, _) = program::collect(&self.sources);
        let target = self.target(&program, &mut Vec::new());
        let world = World::new(&self.library, target, &program);
        let (instances, _) = expand::expand(&world);
        look(&world, &instances)
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

    /// The passes after parsing. `compile`: also makes documents, if nothing stands against it.
    fn run(&self, compile: bool) -> (Vec<Diagnostic>, Option<Vec<Document>>) {
        let (program, mut reports) = program::collect(&self.sources);
        reports.extend(self.sources.parses.iter().flat_map(|parse| parse.errors.iter().cloned()));
        let target = self.target(&program, &mut reports);
        let world = World::new(&self.library, target, &program);
        let (instances, found) = expand::expand(&world);
        reports.extend(found);
        let (graphs, found) = flow::connect(&world, &instances);
        reports.extend(found);
        reports.extend(world.finish());
        reports.extend(
            program
                .targets
                .iter()
                .find(|written| written.system.name == "kargo")
                .map(|written| written.system.span.to(written.low.span))
                .or(program.start)
                .map(|at| faults::of_versions(&world, at))
                .unwrap_or_default(),
        );
        reports.extend(self.library.reports());
        let reports = allow(reports, &self.sources.parses);
        let reports = diag::finish(reports, &self.files);
        let sound = !reports.iter().any(Diagnostic::is_error);
        let documents = (compile && sound).then(|| lower::documents(&world, &instances, &graphs, &self.files));
        (reports, documents)
    }

    /// The versions that the program is for. Without any, the newest known one, so that the other checks can run.
    fn target(&self, program: &Program<'_>, reports: &mut Vec<Diagnostic>) -> Target {
        let known = self.library.versions("kargo").unwrap_or_default();
        let newest = known.last().map_or(Version { major: 1, minor: 0, patch: Some(0) }, |(_, version)| *version);
        let fallback = Target::new(vec![newest]);
        reports.extend(program.targets.iter().filter_map(|written| Some(errors::target_settings(written.settings.as_ref()?.span?))));
        let given = self.options.targets.iter().rev().find_map(|text| text.strip_prefix("kargo="));
        if let Some(target) = given.and_then(|text| self.target_from_text(text)) {
            return target;
        }
        let mut own: Option<(Target, Span)> = None;
        for written in &program.targets {
            if written.system.name != "kargo" {
                reports.push(errors::other_system(written));
                continue;
            }
            if let Some((_, first)) = &own {
                reports.push(errors::two_targets(written, *first));
                continue;
            }
            match self.target_of(written) {
                Some(target) => own = Some((target, written.system.span.to(written.low.span))),
                None => {
                    reports.push(errors::unknown_version(written, known));
                    own = fallback.clone().map(|target| (target, written.system.span));
                }
            }
        }
        if own.is_none() && given.is_none() && program.targets.iter().all(|target| target.system.name != "kargo") {
            reports.extend(program.start.map(|at| errors::missing_target(at, newest)));
        }
        own.map(|(target, _)| target).or(fallback).unwrap_or_else(|| unreachable_target(newest))
    }

    fn target_from_text(&self, text: &str) -> Option<Target> {
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        self.range(Version::parse(low)?, Version::parse(high)?)
    }

    fn target_of(&self, written: &ast::Target) -> Option<Target> {
        let low = Version::parse(&written.low.name)?;
        let high = match &written.high {
            Some(high) => Version::parse(&high.name)?,
            None => low,
        };
        self.range(low, high)
    }

    /// A minor stands for its newest known patch, a patch for itself, a range for the minors from one to the other.
    fn range(&self, low: Version, high: Version) -> Option<Target> {
        let known = self.library.versions("kargo").unwrap_or_default();
        let minors = known.iter().map(|(_, version)| *version).filter(|version| {
            let minor = (version.major, version.minor);
            minor >= (low.major, low.minor) && minor <= (high.major, high.minor)
        });
        let resolve = |version: Version| {
            let own = [low, high].into_iter().find(|end| end.patch.is_some() && end.minor() == version.minor());
            own.unwrap_or(version)
        };
        let versions: Vec<Version> = minors.map(resolve).collect();
        let both_known = [low, high].iter().all(|end| known.iter().any(|(_, version)| version.minor() == end.minor()));
        let named = |version: &Version| [low, high].iter().any(|end| end.patch.is_some() && end.minor() == version.minor());
        let whole = versions.iter().filter(|version| !named(version)).map(|version| version.minor()).collect();
        if both_known { Target::new(versions).map(|target| target.with_minors(whole)) } else { None }
    }
}

/// A target of one version always exists; this only satisfies the types.
fn unreachable_target(version: Version) -> Target {
    Target::new(vec![version]).unwrap_or_else(|| unreachable_target(version))
}

/// Drops the reports that an `@allow` before their entry names.
fn allow(mut reports: Vec<Diagnostic>, parses: &[Parse]) -> Vec<Diagnostic> {
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
            ast::ItemKind::Step(ast::StepCall { body: ast::StepBody::Block(block), .. }) => collect_allowed(&block.items, allowed, reports),
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

    use super::{Check, Diagnostic, Span, Version, ast};
    use crate::base::Name;
    use crate::diag::nearest;

    pub(super) fn missing_target(at: Span, newest: Version) -> Diagnostic {
        let line = format!("target kargo {}", newest.minor());
        Diagnostic::new(Check::MissingTarget, "the program does not say which version of Kargo it is for", at, "no `target` line").fix(
            format!("begin with `{line}`"),
            at,
            format!("{line}\n"),
        )
    }

    pub(super) fn other_system(written: &ast::Target) -> Diagnostic {
        let name = &written.system.name;
        if ["argo-cd", "argo-rollouts", "argo-workflows"].contains(&name.as_str()) {
            return Diagnostic::new(
                Check::NotSupportedYet,
                format!("`target {name}` cannot be compiled yet"),
                written.system.span,
                "not supported by this version of loadline",
            );
        }
        let report = Diagnostic::new(Check::UnknownName, format!("there is no target `{name}`"), written.system.span, "unknown target");
        match nearest(name, ["kargo"]) {
            Some(near) => report.suggest(format!("did you mean `{near}`?"), written.system.span, near),
            None => report,
        }
    }

    pub(super) fn target_settings(at: Span) -> Diagnostic {
        let message = "settings of a `target` cannot be compiled yet";
        Diagnostic::new(Check::NotSupportedYet, message, at, "not supported by this version of loadline")
    }

    pub(super) fn two_targets(written: &ast::Target, first: Span) -> Diagnostic {
        Diagnostic::new(
            Check::DuplicateName,
            "a program has one target per system",
            written.system.span.to(written.low.span),
            "a second one",
        )
        .because(first, "the first one")
    }

    pub(super) fn unknown_version(written: &ast::Target, known: &[(Name, Version)]) -> Diagnostic {
        let end = written.high.as_ref().map_or(written.low.span, |high| high.span);
        let span = written.low.span.to(end);
        let report = Diagnostic::new(Check::InvalidValue, "this version of Kargo is not known", span, "unknown version");
        match (known.first(), known.last()) {
            (Some((first, _)), Some((last, _))) => report.note(format!("known are {first} to {last}, and each of their patches")),
            _ => report,
        }
    }

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
