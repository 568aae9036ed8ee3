//! The reader against recorded results of Kargo's own. The data is no part of this project; see `official`.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use loadline::exprlang::{Delimiters, Dialect, Kind, Part, Tree, arity, parse, parts};
use serde_json::Value;

use super::render::render;
use crate::official::shared;

/// The minors of the data, and their expr-lang.
const MINORS: [(&str, u32); 3] = [("1.11", 8), ("1.8", 7), ("1.5", 2)];

fn rows(folder: &Path, name: &str) -> Vec<Value> {
    let path = folder.join("data/expressions").join(name);
    let mut child = Command::new("gzip").arg("-dc").arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{name} cannot be read");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A tree of the data with its numbers spelled as ours are.
fn respelled(ast: &str) -> String {
    let mut pieces = ast.split("(float ");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(')').unwrap();
        out.push_str(&format!("(float {}){rest}", number.parse::<f64>().unwrap()));
    }
    out
}

#[test]
fn every_recorded_expression_reads_as_in_kargo() {
    let Some(shared) = shared() else { return };
    let rows = rows(&shared, "parse.jsonl.gz");
    assert!(rows.len() > 2000);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in &rows {
        let text = row["expression"].as_str().unwrap();
        for (minor, patch) in MINORS {
            let row = row["differs"].get(minor).unwrap_or(row);
            let wanted = row["ast"].as_str().map(respelled);
            let found = parse(text, Dialect::of_patch(patch));
            count += 1;
            let found_tree = found.as_ref().ok().map(render);
            if found_tree != wanted || row["ok"] != found.is_ok() {
                wrong.push(format!("{minor}: {text}\n   wanted {wanted:?} {}\n   found  {found_tree:?} {:?}", row["error"], found.err()));
            }
        }
    }
    assert_eq!(count, 3 * rows.len());
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

/// Where an expression is refused for one reason that both can name, it is at the same place.
#[test]
fn mistakes_are_where_kargo_finds_them() {
    let Some(shared) = shared() else { return };
    let mut compared = 0;
    for row in rows(&shared, "parse.jsonl.gz") {
        let Some(message) = row["error"].as_str().filter(|message| message.starts_with("unexpected token")) else { continue };
        if message.ends_with("EOF") {
            continue;
        }
        let text = row["expression"].as_str().unwrap();
        let problem = parse(text, Dialect::newest()).expect_err(text);
        let before = text.get(..problem.at.start as usize).unwrap();
        assert_eq!(before.chars().count() as u64, row["offset"].as_u64().unwrap(), "{text}: {message}, {problem:?}");
        compared += 1;
    }
    assert!(compared > 300);
}

fn too_many_or_few(tree: &Tree) -> bool {
    tree.nodes().any(|(_, node)| match &node.kind {
        Kind::Builtin { name, args } => arity(name).is_some_and(|arity| !(arity.least..=arity.most).contains(&args.len())),
        _ => false,
    })
}

#[test]
fn builtins_take_as_many_arguments_as_in_kargo() {
    let Some(shared) = shared() else { return };
    let (mut refused, mut taken) = (0, 0);
    for row in rows(&shared, "types.jsonl.gz") {
        let text = row["expression"].as_str().unwrap();
        let Ok(tree) = parse(text, Dialect::newest()) else { continue };
        let message = row["compile"]["error"].as_str().unwrap_or("");
        // Elsewhere a wrong type has the same message.
        let about_builtins = tree.nodes().filter(|(_, node)| matches!(node.kind, Kind::Builtin { .. })).count() == 1
            && !tree.nodes().any(|(_, node)| matches!(node.kind, Kind::Call { .. }));
        let about_count = ["invalid number of arguments", "not enough arguments", "too many arguments"];
        if row["group"] == "builtin-arity" && about_builtins && about_count.iter().any(|start| message.starts_with(start)) {
            assert!(too_many_or_few(&tree), "{text}: {message}");
            refused += 1;
        } else if row["compile"] == "ok" && row["eval"].get("error").is_none() {
            assert!(!too_many_or_few(&tree), "{text} is taken");
            taken += 1;
        }
    }
    assert!(refused > 90 && taken > 1000, "{refused} {taken}");
}

/// Every text under the document, keys aside.
fn texts<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(map) => map.values().for_each(|item| texts(item, out)),
        _ => {}
    }
}

fn is_read(text: &str, delimiters: Delimiters, dialect: Dialect) -> bool {
    parts(text, delimiters).is_ok_and(|parts| {
        parts.iter().all(|part| match part {
            Part::Text(_) => true,
            Part::Expression(at) => parse(&text[at.range()], dialect).is_ok(),
        })
    })
}

/// What has a result was read; what was refused by Kargo's parser is refused here.
#[test]
fn every_recorded_template_reads_as_in_kargo() {
    let Some(shared) = shared() else { return };
    let syntax = ["unexpected token", "unexpected end", "literal not terminated", "expected name", "unrecognized character", "bad number"];
    for (minor, patch) in MINORS {
        let delimiters = if patch == 8 { Delimiters::BracesAndPercents } else { Delimiters::Braces };
        let (mut good, mut bad) = (0, 0);
        for row in rows(&shared, &format!("templates-kargo-{minor}.jsonl.gz")) {
            let mut all = Vec::new();
            texts(if row["template"].is_null() { &row["document"] } else { &row["template"] }, &mut all);
            let read = all.iter().all(|text| is_read(text, delimiters, Dialect::of_patch(patch)));
            let message = row["error"]["error"].as_str().or(row["error"].as_str()).unwrap_or("");
            if row.get("result").is_some() {
                assert!(read, "{minor}: {all:?} has a result");
                good += 1;
            } else if syntax.iter().any(|start| message.starts_with(start))
                || message.contains("end tag")
                || message.starts_with("unclosed expression")
            {
                assert!(!read, "{minor}: {all:?}: {message}");
                bad += 1;
            }
        }
        assert!(good > 5000 && bad > 15, "{minor}: {good} {bad}");
    }
}
