//! The wording of the names pass.

use super::sources::{NoFolder, NoUse, STD};
use crate::base::Span;
use crate::diag::{Check, Diagnostic};
use crate::syntax::ast::{self, Ident};

pub(super) fn duplicate(what: &str, name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("there are two {what}s called `{name}`"), at, "declared again")
        .because(first, "declared here first")
}

/// `known`: a project that the program has.
pub(super) fn missing_project(what: &str, at: Span, known: Option<&str>) -> Diagnostic {
    let help = match known {
        Some(name) => format!("put it into `project {name} {{ … }}`; a line `project {name}` without braces means the rest of the file"),
        None => "begin the file with a line `project my-project`, or put the declarations into `project my-project { … }`".to_owned(),
    };
    Diagnostic::new(Check::MissingProject, format!("this {what} belongs to no project"), at, "outside any project").help(help)
}

pub(super) fn misplaced(what: &str, at: Span, help: &str) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("{what} cannot stand here"), at, "not at this place").help(help)
}

pub(super) fn dynamic_name(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("the name of a {what} cannot be computed"), at, "a constant name is needed")
}

/// A `use` that leads nowhere.
pub(super) fn no_use(from: &ast::Expr, why: &NoUse) -> Diagnostic {
    let at = from.span;
    let path = from.as_plain_text().unwrap_or_default();
    let report = |message: String, label: &str| Diagnostic::new(Check::UnknownFolder, message, at, label);
    let folder = match why {
        NoUse::Dynamic => return Diagnostic::new(Check::NotStatic, "the path of a `use` cannot be computed", at, "a plain text is needed"),
        NoUse::NotRelative => {
            let near = path.trim_start_matches('/');
            let report = report(format!("there is no library `{path}`"), "neither a library nor a folder");
            let report = report.note(format!("a path begins with `./` or `../` and starts at the folder of this file; `\"{STD}\"` is the library that comes with loadline"));
            return if path.starts_with('/') || near.is_empty() {
                report
            } else {
                report.suggest(format!("write `\"./{near}\"` for a folder"), at, format!("\"./{near}\""))
            };
        }
        NoUse::Itself => {
            return Diagnostic::new(Check::MisplacedItem, "a program does not `use` itself", at, "this folder")
                .help("leave the line out: the files of a folder see each other's declarations");
        }
        NoUse::Folder(folder) => folder,
    };
    match folder {
        NoFolder::Missing { near: Some(near) } => report(format!("there is no folder `{path}`"), "no such folder").suggest(
            format!("did you mean `{near}`?"),
            at,
            format!("\"{near}\""),
        ),
        NoFolder::Missing { near: None } => report(format!("there is no folder `{path}`"), "no such folder"),
        NoFolder::File => {
            let parent = path.rsplit_once('/').map_or(".", |(parent, _)| parent);
            let report = report(format!("`{path}` is a file"), "a folder is needed");
            report.help(format!("a program is all `.pipeline` files of a folder: write `\"{parent}\"`"))
        }
        NoFolder::Empty => report(format!("there are no `.pipeline` files in `{path}`"), "no program"),
        NoFolder::Unreadable(reason) => report(format!("`{path}` cannot be read: {reason}"), "not readable"),
    }
}

pub(super) fn unknown_import(name: &Ident, path: &str, near: Option<&str>, known: &[&str]) -> Diagnostic {
    let message = format!("`{path}` has nothing called `{}`", name.name);
    let report = Diagnostic::new(Check::UnknownName, message, name.span, "not declared there");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), name.span, near),
        None if known.is_empty() => report.note("it declares nothing that can be used elsewhere"),
        None if known.len() <= 8 => {
            report.note(format!("it has {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
        }
        None => report,
    }
}

/// Something that is there and stays there.
pub(super) fn not_offered(name: &Ident, path: &str, what: &str, there: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, format!("`{}` of `{path}` cannot be used elsewhere", name.name), name.span, "stays in its program")
        .because(there, what)
        .note("`use` brings what stands outside projects: `let`, `type`, `task`, `template`, `step` and `kind`, but no objects")
}

pub(super) fn brought_by_another(name: &Ident, path: &str, there: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, format!("`{}` is not declared in `{path}`", name.name), name.span, "declared elsewhere")
        .because(there, "it is only brought there by a `use`")
        .help("name the folder that declares it")
}

pub(super) fn import_twice(name: &Ident, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("`{}` is declared here and brought by `use`", name.name), name.span, "the same name")
        .because(first, "already taken here")
        .help(format!("give it another name: `use {} as other from …`", name.name))
}
