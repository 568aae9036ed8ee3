//! The house: which module may use which, sizes of files, where text is printed, what the standard library holds.

use std::path::{Path, PathBuf};

/// Modules from the ground up: each may use those before it, none may use those after it.
const LAYERS: &[&str] = &[
    "base",
    "rbac",
    "diag",
    "exprlang",
    "syntax",
    "format",
    "library",
    "program",
    "types",
    "expand",
    "flow",
    "workflows",
    "access",
    "emit",
    "lower",
    "permissions",
    "analysis",
    "ide",
    "lsp",
    "cli",
];

/// Files longer than 400 lines, each with its reason.
const LONG: &[(&str, &str)] = &[("src/syntax/ast.rs", "the tree in one piece: one type after the other, no logic")];

/// Names of Kargo's steps and functions that stand in the code, each with its reason: file, name, reason.
const KNOWN_NAMES: &[(&str, &str, &str)] = &[
    ("src/lower/steps.rs", "compose-output", "what a step of the compiler's own keeps, it keeps as results of this one"),
    ("src/lower/failure.rs", "compose-output", "likewise, for a call that may fail"),
    ("src/lower/task.rs", "compose-output", "likewise, for what a task returns"),
    ("src/lower/outcome.rs", "compose-output", "likewise, for how a step ended"),
    ("src/lower/outcome.rs", "status", "where `status(…)` may be asked, which the language has a word for"),
    ("src/lower/steps.rs", "fail", "what `require` becomes, where the target has it"),
    ("src/lower/failure.rs", "status", "where `status(…)` may be asked, which the language has a word for"),
    ("src/types/failure.rs", "failure", "the event of `on failure`"),
    ("src/ide/keywords.rs", "failure", "likewise, explained"),
    ("src/ide/completion/mod.rs", "failure", "likewise, completed"),
    ("src/types/errors/names.rs", "git-clone", "an example in a help"),
    ("src/types/body.rs", "json", "a function of the language, typed by its argument"),
    ("src/types/eval.rs", "json", "likewise"),
    ("src/types/json.rs", "json", "likewise"),
    ("src/expand/walk.rs", "secret", "a kind that is not supported yet, no call"),
    ("src/access/demands.rs", "default", "the namespace and the account of that name"),
    ("src/library/access.rs", "failure", "a setting of `need`"),
    ("src/library/attributes.rs", "default", "an attribute"),
    ("src/rbac/dangers.rs", "delete", "a verb of Kubernetes"),
    ("src/rbac/dangers.rs", "default", "the account of that name"),
    ("src/rbac/flaws.rs", "delete", "a verb of Kubernetes"),
    ("src/workflows/model.rs", "http", "a type of template of Argo Workflows"),
    ("src/workflows/model.rs", "default", "a field of its parameters"),
    ("src/workflows/results.rs", "default", "likewise"),
    ("src/workflows/results.rs", "status", "a result of its steps"),
    ("src/workflows/tags.rs", "json", "a variable of it"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push(path);
        }
    }
}

/// Every file of `src`, as path from the root, and text without its tests.
fn files() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&root().join("src"), &mut paths);
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    paths.into_iter().map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

fn module(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let level = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let Some(own) = level(module(&path)) else { continue };
        for part in text.split("crate::").skip(1) {
            let used = part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if level(used).is_some_and(|used| used > own) {
                wrong.push(format!("{path} uses crate::{used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Facts about Kargo stand in `stdlib/`. What expr-lang has by itself is known to `exprlang`.
#[test]
fn the_code_names_no_step_and_no_function() {
    let mut files_of_library = loadline::base::Files::default();
    let library = loadline::library::Library::new(&mut files_of_library);
    let builtins = std::fs::read_to_string(root().join("src/exprlang/builtins.rs")).unwrap();
    let of_the_language = |name: &str| builtins.contains(&format!("\"{name}\""));
    let functions: Vec<String> =
        library.function_names().iter().map(|name| name.to_string()).filter(|name| !of_the_language(name)).collect();
    let names: Vec<String> = library.step_names().map(|name| name.to_string()).chain(functions).collect();
    assert!(names.len() > 40, "{names:?}");
    let mut found = Vec::new();
    for (path, text) in files().into_iter().filter(|(path, _)| !path.contains("/tests")) {
        let text = text.split("#[cfg(test)]").next().unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            found.extend(names.iter().filter(|name| line.contains(&format!("\"{name}\""))).map(|name| (path.clone(), name.clone())));
        }
    }
    let is_known = |file: &str, name: &str| KNOWN_NAMES.iter().any(|known| (known.0, known.1) == (file, name));
    let new: Vec<_> = found.iter().filter(|(file, name)| !is_known(file, name)).collect();
    assert!(new.is_empty(), "facts about Kargo belong to stdlib: {new:?}");
    let gone = KNOWN_NAMES.iter().filter(|known| !found.iter().any(|(file, name)| (known.0, known.1) == (file.as_str(), name.as_str())));
    assert_eq!(gone.collect::<Vec<_>>(), Vec::<&(&str, &str, &str)>::new(), "these are not named any more: take them off the list");
}

#[test]
fn only_their_own_modules_name_pest_and_codespan() {
    for (path, text) in files() {
        let names = |word: &str| text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
        assert!(path.starts_with("src/syntax/") || !names("pest::"), "{path} names pest");
        assert!(path == "src/diag/render.rs" || !names("codespan_reporting"), "{path} names codespan");
        let may_read = path.starts_with("src/cli/") || path == "src/lsp/disk.rs";
        assert!(may_read || !names("std::fs"), "{path} touches files");
        assert!(path.starts_with("src/lsp/") || !names("lsp_server") && !names("gen_lsp_types"), "{path} names the protocol");
    }
}

#[test]
fn files_are_short_or_say_why_not() {
    for (path, text) in files() {
        let lines = text.lines().count();
        let reason = LONG.iter().find(|(known, _)| *known == path);
        assert!(lines <= 400 || reason.is_some(), "{path} has {lines} lines");
        assert!(lines <= 800, "{path} has {lines} lines");
        assert!(lines > 400 || reason.is_none(), "{path} is short again: take it off the list");
    }
}

#[test]
fn every_rule_of_the_grammar_is_read() {
    let grammar = std::fs::read_to_string(root().join("grammar/loadline.pest")).unwrap();
    let builder: String = files().into_iter().filter(|(path, _)| path.starts_with("src/syntax/")).map(|(_, text)| text).collect();
    // Rules that leave no pair although they are loud, each with its reason. Words, `kw_…`, are read by nobody.
    let unread = [("statement_word", "only looked for, by `!`; it is loud because it must be atomic")];
    for (name, _) in unread {
        assert!(grammar.contains(&format!("!{name}")) && !builder.contains(&format!("Rule::{name}")), "`{name}` is not such a rule");
    }
    for line in grammar.lines() {
        let Some((name, rest)) = line.split_once('=') else { continue };
        let name = name.trim();
        let silent = rest.trim_start().starts_with('_');
        if silent
            || name.contains(' ')
            || name.is_empty()
            || name.starts_with("//")
            || unread.iter().any(|(known, _)| *known == name)
            || name.starts_with("kw_")
        {
            continue;
        }
        let read = builder.contains(&format!("Rule::{name}")) || builder.contains(&format!("Rule::r#{name}"));
        assert!(read, "nothing reads the rule `{name}`");
    }
}

#[test]
fn the_standard_library_is_sound() {
    let mut files = loadline::base::Files::default();
    let library = loadline::library::Library::new(&mut files);
    let signatures = library.read_everything();
    let reports: Vec<String> = library.reports().iter().map(|report| loadline::diag::short(report, &files)).collect();
    assert_eq!(reports, Vec::<String>::new());
    assert_eq!(library.step_names().count(), std::fs::read_dir(root().join("stdlib/steps")).unwrap().count());
    assert_eq!(library.kind_names().count(), std::fs::read_dir(root().join("stdlib/kinds")).unwrap().count());
    let undocumented = signatures.iter().filter(|signature| match signature {
        loadline::library::Signature::Step(step) => {
            step.doc.is_none() || step.settings.fields.iter().any(|field| field.doc.is_none() && field.rules.removed.is_none())
        }
        loadline::library::Signature::Kind(kind) => kind.doc.is_none(),
        loadline::library::Signature::Function(function) => function.doc.is_none(),
    });
    assert_eq!(undocumented.count(), 0);
}

/// Zed takes an extension as it lies in its folder, without links.
#[test]
fn every_editor_colours_by_the_same_queries() {
    let read = |path: &str| std::fs::read_to_string(root().join("editors").join(path)).unwrap();
    assert_eq!(read("zed/languages/loadline/highlights.scm"), read("tree-sitter-loadline/queries/highlights.scm"));
}
