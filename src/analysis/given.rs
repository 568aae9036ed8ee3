//! Files with roles that were given beside the program. In: the `target`s, and a way to read files. Out: their roles and
//! bindings, and what is wrong with them.

use crate::access::{GivenRoles, granted_files};
use crate::base::{FileId, Files, Span};
use crate::diag::Diagnostic;
use crate::program::{NoFile, Source, Sources, Vfs};
use crate::rbac::manifest;
use crate::syntax::ast;

/// Reads what the targets name, and what the command gives.
pub(super) fn read(sources: &Sources, files: &mut Files, folders: &mut dyn Vfs, given: &[Source]) -> (GivenRoles, Vec<Diagnostic>) {
    let own = sources.folders.first().map(|folder| sources.files(folder)).unwrap_or_default();
    let items = own.iter().flat_map(|parse| &parse.file.items);
    let targets = items.filter_map(|item| if let ast::ItemKind::Target(target) = &item.kind { Some(&**target) } else { None });
    let (mut roles, mut reports) = (GivenRoles::default(), Vec::new());
    for (at, path) in targets.flat_map(granted_files) {
        let Some(path) = path else {
            reports.push(errors::computed(at));
            continue;
        };
        match folders.file(files.path(at.file), &path) {
            Ok(source) => add(source, files, &mut roles, &mut reports),
            Err(why) => reports.push(errors::no_file(&path, &why, at)),
        }
    }
    given.iter().for_each(|source| add(source.clone(), files, &mut roles, &mut reports));
    (roles, reports)
}

/// A file that is named twice counts once.
fn add(source: Source, files: &mut Files, roles: &mut GivenRoles, reports: &mut Vec<Diagnostic>) {
    if files.ids().any(|id| files.path(id) == source.path) {
        return;
    }
    let id: FileId = files.add(source.path, source.text);
    let found = manifest::read(id, files.text(id));
    roles.roles.extend(found.roles);
    roles.bindings.extend(found.bindings);
    reports.extend(found.problems.iter().map(errors::problem));
}

mod errors {
    //! The wording about given files.

    use super::{Diagnostic, NoFile, Span};
    use crate::diag::Check;
    use crate::rbac::manifest::{Problem, ProblemKind};

    pub(super) fn computed(at: Span) -> Diagnostic {
        Diagnostic::new(Check::NotStatic, "the name of a file is written out", at, "not a plain text")
    }

    pub(super) fn no_file(path: &str, why: &NoFile, at: Span) -> Diagnostic {
        match why {
            NoFile::Missing => {
                let report = Diagnostic::new(Check::UnknownFile, format!("there is no file `{path}`"), at, "not found");
                report.note("paths start at the folder of this file")
            }
            NoFile::Unreadable(reason) => {
                Diagnostic::new(Check::UnknownFile, format!("`{path}` cannot be read: {reason}"), at, "not readable")
            }
        }
    }

    /// The object that has the problem does not count.
    pub(super) fn problem(problem: &Problem) -> Diagnostic {
        let message = match &problem.kind {
            ProblemKind::Syntax(words) => format!("this is no YAML: {words}"),
            ProblemKind::TooLarge => "aliases make too much of this document".to_owned(),
            ProblemKind::NoObject => "this is no object of Kubernetes: it has no `apiVersion` and `kind`".to_owned(),
            ProblemKind::NoNamespace { kind, name } => format!("{kind} `{name}` does not say in which namespace it is"),
            ProblemKind::Absent { field } => format!("`{field}` must be there"),
            ProblemKind::Shape { field, wanted } => format!("`{field}` is no {wanted}"),
            ProblemKind::Value { field, value, allowed } => {
                format!("`{field}` cannot be `{value}`, only {}", crate::types::list(allowed))
            }
            ProblemKind::Urls { field } => format!("`{field}` stands in a Role or beside resources, where paths mean nothing"),
        };
        let report = Diagnostic::new(Check::UnreadableManifest, message, problem.place, "here");
        report.note("what is wrong here grants nothing")
    }
}
