//! `docs/reference`: what `stdlib/` says, as pages. `LOADLINE_BLESS=1` writes them; they must be what would be written.
//! The examples in `docs/reference/examples` are what could stand in a `promote { … }`, and are compiled there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use loadline::base::Files;
use loadline::library::{
    Field, FunctionSig, Group, GroupKind, KindSig, Library, Record, Rules, Signature, StepSig, Ty, TypeScope as _, Version,
};
use loadline::syntax;
use loadline::syntax::ast::ItemKind;

use super::{analysed, assert_none, read, rendered, root};

const MARK: &str = "<!-- Made from stdlib/ by `LOADLINE_BLESS=1 cargo test`. Changes here are lost. -->\n\n";

#[test]
fn pages_say_what_the_library_says() {
    let made = reference();
    let folder = root().join("docs/reference");
    if std::env::var_os("LOADLINE_BLESS").is_some() {
        for below in ["steps", "kinds"] {
            let _ = fs::remove_dir_all(folder.join(below));
            fs::create_dir_all(folder.join(below)).unwrap();
        }
        for (path, text) in &made {
            fs::write(folder.join(path), text).unwrap();
        }
    }
    let stale = made.iter().filter(|(path, text)| fs::read_to_string(folder.join(path)).ok().as_ref() != Some(text));
    let mut problems: Vec<String> = stale.map(|(path, _)| format!("docs/reference/{path} is stale: run with LOADLINE_BLESS=1")).collect();
    for below in ["steps", "kinds"] {
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = format!("{below}/{}", entry.unwrap().file_name().to_string_lossy());
            if !made.contains_key(&path) {
                problems.push(format!("docs/reference/{path} is about nothing"));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn every_step_has_an_example_that_compiles() {
    let mut files = Files::default();
    let library = Library::new(&mut files);
    let mut problems = Vec::new();
    for step in library.step_names() {
        let Some(example) = example(step) else {
            problems.push(format!("docs/reference/examples/{step}.pipeline is missing: a few lines of a `promote` block with the step"));
            continue;
        };
        let indented: String = example.lines().map(|line| format!("    {line}\n")).collect();
        let program = format!(
            "target kargo 1.11\nproject shop\n\nwarehouse app {{\n  image {{ repoURL: \"ghcr.io/acme/shop\" }}\n  git {{ repoURL: \
             \"https://github.com/acme/shop.git\" }}\n  chart {{ repoURL: \"oci://ghcr.io/acme/charts/shop\" }}\n}}\n\nstage test {{\n  \
             slot app\n  promote {{\n{indented}  }}\n}}\n\nflow app -> test\n"
        );
        let analysis = analysed(&program);
        if analysis.has_errors() {
            problems.push(format!("{step}:\n{}", rendered(&analysis)));
        }
        if !example.contains(&format!("{step} ")) && !example.contains(&format!("{step}(")) {
            problems.push(format!("the example of {step} does without it"));
        }
        match loadline::format::format(files.add("example", program.as_str()), &program) {
            Ok(formatted) if formatted == program => {}
            Ok(formatted) => problems.push(format!("the example of {step} is not formatted:\n{formatted}")),
            Err(_) => problems.push(format!("the example of {step} has syntax errors")),
        }
    }
    assert_none(&problems);
}

/// What stands in a `promote { … }`.
fn example(step: &str) -> Option<String> {
    fs::read_to_string(root().join(format!("docs/reference/examples/{step}.pipeline"))).ok()
}

/// All pages, by their paths in `docs/reference`.
fn reference() -> BTreeMap<String, String> {
    let library = Library::new(&mut Files::default());
    let mut pages = BTreeMap::new();
    let mut index = [String::new(), String::new()];
    let mut functions = format!("{MARK}# Functions\n\nWhat may be called where a value is computed.\n");
    for signature in library.read_everything() {
        match signature {
            Signature::Step(step) => {
                index[0] += &entry("steps", &step.name, step.doc.as_deref());
                pages.insert(format!("steps/{}.md", step.name), step_page(&step));
            }
            Signature::Kind(kind) => {
                index[1] += &entry("kinds", &kind.name, kind.doc.as_deref());
                pages.insert(format!("kinds/{}.md", kind.name), kind_page(&kind));
            }
            Signature::Function(function) => functions += &function_section(&function),
        }
    }
    let [steps, kinds] = index;
    let about = "Everything that the standard library knows, made from [its files](../../stdlib/README.md).";
    let readme = format!(
        "{MARK}# Reference\n\n{about}\n\n- [Functions](functions.md)\n- [Types](types.md)\n- [The checks](../checks)\n\n## Steps\n\n{steps}\n## Kinds\n\n{kinds}"
    );
    pages.insert("functions.md".to_owned(), functions);
    pages.insert("types.md".to_owned(), types_page(&library));
    pages.insert("README.md".to_owned(), readme);
    pages
}

fn entry(folder: &str, name: &str, doc: Option<&str>) -> String {
    let doc = flowed(doc);
    let first = doc.split_once(". ").map_or(doc.as_str(), |(first, _)| first).trim_end_matches('.');
    format!("- [`{name}`]({folder}/{name}.md): {first}\n")
}

fn step_page(step: &StepSig) -> String {
    let mut page = format!("{MARK}# `{}`\n\n{}\n\n", step.name, flowed(step.doc.as_deref()));
    let mut facts = versions(&step.rules);
    let effects: Vec<&str> = step.rules.effects.iter().map(|effect| effect.as_str()).collect();
    facts.push(if effects.is_empty() { "changes nothing".to_owned() } else { format!("changes: {}", effects.join(", ")) });
    facts.extend(attribute(&step.name, "timeout").map(|limit| format!("time limit: `{limit}`, if `retry` sets no other")));
    if let Some((since, keeps)) = &step.rules.skips {
        let since = since.map_or_else(String::new, |since| format!(", since {since}"));
        let keeps: Vec<String> = keeps.iter().map(|name| format!("`{name}`")).collect();
        let keeps = if keeps.is_empty() { String::new() } else { format!("; then it still has {}", keeps.join(", ")) };
        facts.push(format!("may skip itself{since}{keeps}"));
    }
    for (holds, fact) in [
        (step.rules.health, "registers a health check with the stage"),
        (step.rules.fails, "always fails"),
        (step.rules.enterprise, "acts in Kargo Enterprise only"),
        (step.rules.open, "takes settings of any name"),
        (step.rules.outputs_like_settings, "has results named like its settings"),
    ] {
        facts.extend(holds.then(|| fact.to_owned()));
    }
    facts.extend(hazards(&step.rules));
    for fact in facts {
        writeln!(page, "- {fact}").unwrap();
    }
    if let Some(example) = example(&step.name) {
        write!(page, "\n```text\n{example}```\n").unwrap();
    }
    section(&mut page, "Settings", &step.settings);
    section(&mut page, "Results", &step.outputs);
    page
}

fn kind_page(kind: &KindSig) -> String {
    let mut page = format!("{MARK}# `{}`\n\n{}\n\n", kind.name, flowed(kind.doc.as_deref()));
    let mut facts = versions(&kind.rules);
    if let Some((version, object)) = &kind.rules.object {
        facts.push(format!("an object of the cluster: `{object}` of `{version}`"));
    }
    facts.extend(kind.rules.system.as_ref().map(|system| format!("needs a line `target {system} …`")));
    facts.extend(kind.rules.placed.then(|| "says its `namespace`".to_owned()));
    facts.extend(kind.rules.inside.iter().map(|parent| format!("a block inside [`{parent}`]({parent}.md)")));
    facts.extend(kind.rules.named.as_ref().map(|setting| format!("its name is emitted as `{setting}`")));
    facts.extend(kind.value.as_ref().map(|value| format!("stands for a value of type `{}`", written(value))));
    facts.extend(hazards(&kind.rules));
    for fact in facts {
        writeln!(page, "- {fact}").unwrap();
    }
    section(&mut page, "Settings", &kind.settings);
    page
}

fn function_section(function: &FunctionSig) -> String {
    let parameters: Vec<String> = function.parameters.fields.iter().map(head).collect();
    let mut out = format!("\n## `{}`\n\n", function.name);
    write!(
        out,
        "```text\n{}({}) -> {}\n```\n\n{}\n",
        function.name,
        parameters.join(", "),
        written(&function.result),
        flowed(function.doc.as_deref())
    )
    .unwrap();
    let mut facts = versions(&function.rules);
    let places = function.rules.places.iter().map(|(place, since, until)| {
        let range = versions_of(*since, *until);
        if range.is_empty() { format!("`{place}`") } else { format!("`{place}` ({range})") }
    });
    let places: Vec<String> = places.collect();
    if !places.is_empty() {
        facts.push(format!("may be called in: {}", places.join(", ")));
    }
    facts.extend(function.rules.latched.then(|| "evaluated once in a promotion".to_owned()));
    facts.extend(hazards(&function.rules));
    if !facts.is_empty() {
        out.push('\n');
    }
    for fact in facts {
        writeln!(out, "- {fact}").unwrap();
    }
    out
}

/// The records that have names, in the order of the file that declares them.
fn types_page(library: &Library) -> String {
    let text = read(Path::new("stdlib/types.pipeline"));
    let file = syntax::parse(Files::default().add("types", text.as_str()), &text).file;
    let mut page = format!("{MARK}# Types\n\nThe records that steps, kinds and functions name.\n");
    for item in &file.items {
        let ItemKind::Type { name, .. } = &item.kind else { continue };
        let doc = flowed(item.doc.as_ref().map(|doc| doc.text.as_str()));
        write!(page, "\n## `{}`\n\n{doc}\n", name.name).unwrap();
        if let Some(record) = library.named_type(&name.name).as_ref().and_then(record_in)
            && !record.fields.is_empty()
        {
            page.push('\n');
            fields(&mut page, record, 0);
        }
    }
    page
}

fn section(page: &mut String, title: &str, record: &Record) {
    if record.fields.is_empty() {
        return;
    }
    write!(page, "\n## {title}\n\n").unwrap();
    fields(page, record, 0);
}

/// A list of fields, and below each the fields of its type.
fn fields(page: &mut String, record: &Record, depth: usize) {
    for field in &record.fields {
        let mut facts = versions(&field.rules);
        facts.extend(rules(&field.rules));
        facts.extend(hazards(&field.rules));
        let facts = if facts.is_empty() { String::new() } else { format!(" *{}.*", facts.join("; ")) };
        let doc = flowed(field.doc.as_deref());
        let doc = if doc.is_empty() { doc } else { format!(": {doc}") };
        writeln!(page, "{}- `{}`{doc}{facts}", "  ".repeat(depth), head(field)).unwrap();
        if let Some(inner) = record_in(&field.ty) {
            fields(page, inner, depth + 1);
        }
    }
}

/// The record that a type holds, however deep in lists.
fn record_in(ty: &Ty) -> Option<&Record> {
    match ty {
        Ty::Record(record) => Some(record),
        Ty::List(item) | Ty::Map(item, _) | Ty::Optional(item, _) => record_in(item),
        _ => None,
    }
}

fn head(field: &Field) -> String {
    format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, written(&field.ty))
}

/// A type; the fields of a record without a name are listed below.
fn written(ty: &Ty) -> String {
    match ty {
        Ty::Record(record) if record.name.is_none() => "{ … }".to_owned(),
        Ty::List(item) => format!("[{}]", written(item)),
        Ty::Map(item, _) => format!("{{ [String]: {} }}", written(item)),
        Ty::Optional(item, _) if matches!(**item, Ty::Union(_)) => format!("({})?", written(item)),
        Ty::Optional(item, _) => format!("{}?", written(item)),
        Ty::Union(members) => members.iter().map(written).collect::<Vec<_>>().join(" | "),
        Ty::Expression(names) => format!("Expression<{}>", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")),
        Ty::StepResult => "StepResult".to_owned(),
        other => other.to_string(),
    }
}

fn versions(rules: &Rules) -> Vec<String> {
    let mut facts = vec![versions_of(rules.since, rules.until)];
    facts.retain(|fact| !fact.is_empty());
    facts.extend(rules.deprecated.as_ref().map(|(version, instead)| format!("deprecated since {version}: {instead}")));
    facts.extend(rules.removed.as_ref().map(|(version, instead)| format!("gone since {version}: {instead}")));
    facts
}

fn versions_of(since: Option<Version>, until: Option<Version>) -> String {
    match (since, until) {
        (None, None) => String::new(),
        (Some(since), None) => format!("since {since}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(since), Some(until)) => format!("from {since} to {until}"),
    }
}

fn rules(rules: &Rules) -> Vec<String> {
    let mut facts = Vec::new();
    for (since, until) in &rules.required {
        facts.push(format!("required {}", versions_of(*since, *until)));
    }
    facts.extend(rules.groups.iter().map(group));
    facts.extend(rules.unique.as_ref().map(|key| format!("no two with the same `{key}`")));
    facts.extend(rules.pattern.as_ref().map(|(_, meaning)| meaning.to_string()));
    facts.extend(rules.min.map(|min| format!("at least {min}")));
    facts.extend(rules.max.map(|max| format!("at most {max}")));
    facts.extend(rules.length.map(|(min, max)| match max {
        Some(max) => format!("{min} to {max} characters"),
        None if min == 1 => "not empty".to_owned(),
        None => format!("at least {min} characters"),
    }));
    facts.extend(
        rules.absent.map(|since| if since.major == 0 { "may be absent".to_owned() } else { format!("may be absent since {since}") }),
    );
    facts.extend(rules.enterprise.then(|| "Kargo Enterprise only".to_owned()));
    facts.extend(rules.empty.then(|| "absent, it reads as empty text".to_owned()));
    facts.extend(rules.sink.map(|_| "no foreign text".to_owned()));
    facts.extend(rules.default.as_ref().map(|default| format!("default: {default}")));
    facts
}

fn group(group: &Group) -> String {
    let names = group.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let words = match group.kind {
        GroupKind::OneOf => format!("exactly one of {names}"),
        GroupKind::AtMostOne => format!("at most one of {names}"),
        GroupKind::AtLeastOne => format!("at least one of {names}"),
        GroupKind::Together => format!("only together: {names}"),
        GroupKind::Requires => format!("needs {names}"),
        GroupKind::RequiresOne => format!("needs one of {names}"),
        GroupKind::Forbids => format!("not with {names}"),
    };
    let when = group.when.as_ref().map_or_else(String::new, |value| format!(" when `{value}`"));
    let range = versions_of(group.since, group.until);
    if range.is_empty() { format!("{words}{when}") } else { format!("{words}{when}, {range}") }
}

fn hazards(rules: &Rules) -> Vec<String> {
    rules
        .hazards
        .iter()
        .map(|hazard| {
            let name = hazard.check.name();
            let link = if root().join(format!("docs/checks/{name}.md")).exists() { format!("`{name}`") } else { name.to_owned() };
            format!("{link}: {}", hazard.what)
        })
        .collect()
}

/// What stands in an attribute of a step, as it is written.
fn attribute(step: &str, name: &str) -> Option<String> {
    let text = read(Path::new(&format!("stdlib/steps/{step}.pipeline")));
    let file = syntax::parse(Files::default().add("step", text.as_str()), &text).file;
    let is_step = |kind: &ItemKind| matches!(kind, ItemKind::Declaration(declaration) if declaration.kind.name == "step");
    let item = file.items.iter().find(|item| is_step(&item.kind))?;
    let found = item.attributes.iter().find(|attribute| attribute.name.name == name)?;
    found.args.first().map(|arg| text[arg.span.range()].to_owned())
}

/// A doc on one line.
fn flowed(doc: Option<&str>) -> String {
    doc.unwrap_or("").lines().collect::<Vec<_>>().join(" ")
}
