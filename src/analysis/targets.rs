//! Which versions of each system a program is for. In: its `target` lines, and the command's. Out: [`Targets`], and what is
//! wrong with the lines.

use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{Library, Target, Targets, Version};
use crate::program::Program;
use crate::syntax::ast;

/// The targets of a program. `given`: `kargo=1.8` and the like, which win over what the program says. What it is silent
/// about gets the newest known version, so that the other checks can run.
pub(super) fn of(library: &Library, program: &Program<'_>, given: &[String], reports: &mut Vec<Diagnostic>) -> Targets {
    let known = |name: &Name| library.systems().any(|system| system == name);
    let strangers = program.targets.iter().filter(|written| !known(&written.system.name));
    reports.extend(strangers.map(|written| errors::unknown_system(written, library)));
    let mut all = library.systems().map(|name| {
        let system = System { name, product: library.product(name), known: library.versions(name).unwrap_or_default() };
        let own = system.given(given).or(system.written(program, reports));
        let target = own.clone().unwrap_or_else(|| Target::at(system.product.clone(), system.newest()));
        (name.clone(), target, own.is_some())
    });
    let main = all.next();
    let others = all.collect();
    let (name, target, is_said) = main.unwrap_or_default();
    if !is_said {
        let line = |at| crate::types::missing_target(&name, &target, at, None);
        reports.extend(program.start.map(line));
    }
    Targets::new(target, others)
}

struct System<'l> {
    name: &'l Name,
    product: Name,
    known: &'l [(Name, Version)],
}

impl System<'_> {
    fn newest(&self) -> Version {
        self.known.last().map_or_else(Version::default, |(_, version)| *version)
    }

    /// What the command says.
    fn given(&self, given: &[String]) -> Option<Target> {
        let text = given.iter().rev().find_map(|text| text.strip_prefix(self.name.as_str())?.strip_prefix('='))?;
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        self.range(Version::parse(low)?, Version::parse(high)?)
    }

    /// What the program says; a version that is not known was said, too.
    fn written(&self, program: &Program<'_>, reports: &mut Vec<Diagnostic>) -> Option<Target> {
        let mut lines = program.targets.iter().filter(|written| written.system.name == *self.name);
        let first = lines.next()?;
        reports.extend(lines.map(|written| errors::two_targets(written, head(first))));
        Some(self.target_of(first).unwrap_or_else(|| {
            reports.push(errors::unknown_version(first, self));
            Target::at(self.product.clone(), self.newest())
        }))
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
        let minors = self.known.iter().map(|(_, version)| *version).filter(|version| {
            let minor = (version.major, version.minor);
            minor >= (low.major, low.minor) && minor <= (high.major, high.minor)
        });
        let resolve = |version: Version| {
            let own = [low, high].into_iter().find(|end| end.patch.is_some() && end.minor() == version.minor());
            own.unwrap_or(version)
        };
        let versions: Vec<Version> = minors.map(resolve).collect();
        let both_known = [low, high].iter().all(|end| self.known.iter().any(|(_, version)| version.minor() == end.minor()));
        let named = |version: &Version| [low, high].iter().any(|end| end.patch.is_some() && end.minor() == version.minor());
        let whole = versions.iter().filter(|version| !named(version)).map(|version| version.minor()).collect();
        both_known.then(|| Target::new(self.product.clone(), versions))?.map(|target| target.with_minors(whole))
    }
}

/// Where a line says its system and version.
pub(super) fn head(written: &ast::Target) -> Span {
    written.system.span.to(written.low.span)
}

mod errors {
    //! The wording about `target` lines.

    use super::{Diagnostic, Library, Span, System, ast, head};
    use crate::base::Name;
    use crate::diag::{Check, nearest};

    pub(super) fn unknown_system(written: &ast::Target, library: &Library) -> Diagnostic {
        let name = &written.system.name;
        let report = Diagnostic::new(Check::UnknownName, format!("there is no target `{name}`"), written.system.span, "unknown target");
        match nearest(name, library.systems().map(Name::as_str)) {
            Some(near) => report.suggest(format!("did you mean `{near}`?"), written.system.span, near),
            None => report,
        }
    }

    pub(super) fn two_targets(written: &ast::Target, first: Span) -> Diagnostic {
        Diagnostic::new(Check::DuplicateName, "a program has one target per system", head(written), "a second one")
            .because(first, "the first one")
    }

    pub(super) fn unknown_version(written: &ast::Target, system: &System<'_>) -> Diagnostic {
        let end = written.high.as_ref().map_or(written.low.span, |high| high.span);
        let message = format!("this version of {} is not known", system.product);
        let report = Diagnostic::new(Check::InvalidValue, message, written.low.span.to(end), "unknown version");
        match (system.known.first(), system.known.last()) {
            (Some((first, _)), Some((last, _))) if first == last => report.note(format!("known is {first}, and each of its patches")),
            (Some((first, _)), Some((last, _))) => report.note(format!("known are {first} to {last}, and each of their patches")),
            _ => report,
        }
    }
}
