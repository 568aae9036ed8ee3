//! `use [a, b as c] from "../lib"`: where the names come from, and what is wrong with them.

use indexmap::map::Entry;

use super::{Import, Program, ScopeId, Sources, errors};
use crate::base::Name;
use crate::diag::{Diagnostic, nearest};
use crate::syntax::ast::{self, DeclNames, Item, ItemKind};

/// Binds the names of every `use` in its scope. What cannot be found is reported, and means anything from then on.
pub(super) fn resolve<'a>(
    program: &mut Program<'a>,
    sources: &'a Sources,
    all: &[(&'a ast::Use, usize, ScopeId)],
    reports: &mut Vec<Diagnostic>,
) {
    let mut missing = Vec::new();
    for (found, folder, scope) in all {
        let lead = sources.folders.get(*folder).and_then(|folder| folder.uses.get(&found.from.span));
        match lead {
            Some(Ok(from)) => imports(program, found, (*from, *scope), &mut missing, reports),
            Some(Err(why)) => {
                reports.push(errors::no_use(&found.from, why));
                lose(program, &found.imports);
            }
            None => lose(program, &found.imports),
        }
    }
    // Only now is it known what the others bring.
    reports.extend(missing.into_iter().map(|(name, found, from)| not_there(program, sources, name, found, from)));
}

fn lose(program: &mut Program<'_>, names: &[(ast::Ident, Option<ast::Ident>)]) {
    let own = names.iter().map(|(name, other)| other.as_ref().unwrap_or(name).name.clone());
    program.lost.extend(own);
}

/// Names that a folder does not offer.
type Missing<'a> = Vec<(&'a ast::Ident, &'a ast::Use, usize)>;

fn imports<'a>(
    program: &mut Program<'a>,
    found: &'a ast::Use,
    (from, scope): (usize, ScopeId),
    missing: &mut Missing<'a>,
    reports: &mut Vec<Diagnostic>,
) {
    for (name, other) in &found.imports {
        let own = other.as_ref().unwrap_or(name);
        let import = Import { name: name.name.clone(), span: own.span, source: name.span, from: ScopeId(from) };
        let Some(there) = program.scope(import.from).filter(|there| there.export(&name.name).is_some()) else {
            missing.push((name, found, from));
            program.lost.insert(own.name.clone());
            continue;
        };
        let here = program.scope(scope).into_iter();
        let clash = here.flat_map(|here| here.same_kind(&own.name, there, &name.name)).next();
        match program.scope_mut(scope).imports.entry(own.name.clone()) {
            Entry::Vacant(vacant) => match clash {
                Some(first) => reports.push(errors::import_twice(own, first)),
                None => drop(vacant.insert(import)),
            },
            // Two files of a program may bring the same thing.
            Entry::Occupied(known) if known.get().from == import.from && known.get().name == import.name => {}
            Entry::Occupied(known) => reports.push(errors::import_twice(own, known.get().span)),
        }
    }
}

/// A name that the folder does not offer: what it is there, or what was probably meant.
fn not_there(program: &Program<'_>, sources: &Sources, name: &ast::Ident, found: &ast::Use, from: usize) -> Diagnostic {
    let path = found.from.as_plain_text().unwrap_or_default();
    let files = sources.folders.get(from).map(|folder| sources.files(folder)).unwrap_or_default();
    let hidden = files.iter().find_map(|parse| hidden(&parse.file.items, &name.name, false));
    let there = program.scope(ScopeId(from));
    if let Some((what, span)) = hidden {
        return errors::not_offered(name, path, &what, span);
    }
    if let Some(import) = there.and_then(|there| there.imports.get(&name.name)) {
        return errors::brought_by_another(name, path, import.span);
    }
    let names: Vec<&Name> = there.into_iter().flat_map(|there| there.exports()).collect();
    let near = nearest(&name.name, names.iter().map(|name| name.as_str())).map(str::to_owned);
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    errors::unknown_import(name, path, near.as_deref(), &names)
}

/// A declaration of that name that stays in its own program: what it is, and where.
fn hidden(items: &[Item], name: &str, in_project: bool) -> Option<(String, crate::base::Span)> {
    let mut in_project = in_project;
    for item in items {
        let found = match &item.kind {
            ItemKind::Declaration(declaration) => {
                let own = matches!(&declaration.names, DeclNames::One(own) if own.as_constant() == Some(name));
                if own {
                    let kind = &declaration.kind.name;
                    let inside = if in_project { " inside a project" } else { "" };
                    return Some((format!("a `{kind}`{inside}"), declaration.names.span()));
                }
                let is_project = declaration.kind.name == "project";
                in_project |= is_project && declaration.body.is_none();
                declaration.body.as_ref().filter(|_| is_project).and_then(|body| hidden(&body.items, name, true))
            }
            ItemKind::Binding(binding) if in_project && binding.name.as_constant() == Some(name) => {
                Some(("a `let` inside a project".to_owned(), binding.name.span))
            }
            ItemKind::Type { name: own, .. } if in_project && own.name == name => Some(("a `type` inside a project".to_owned(), own.span)),
            ItemKind::Loop(found) => hidden(&found.body.items, name, in_project),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
