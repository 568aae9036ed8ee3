//! The language server, through the protocol.
//!
//! `tests/lsp/<question>/<name>.pipeline` is a program with a cursor `$0` in it; `//# file: name.pipeline` begins another
//! file. The question is asked at the cursor, and the answer, drawn as text, is the snapshot beside it.

mod client;
mod kept;
mod life;
mod random;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use client::{Client, able};

const ROOT: &str = "file:///program/shop";

struct Case {
    name: String,
    folder: PathBuf,
    /// URI and text, without the mark.
    files: Vec<(String, String)>,
    /// The file of the cursor, and its offset there.
    cursor: (usize, usize),
}

fn cases(question: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp").join(question);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pipeline"));
    paths.sort();
    assert!(!paths.is_empty(), "no cases for {question}");
    paths.iter().map(|path| case(&folder, path)).collect()
}

fn case(folder: &Path, path: &Path) -> Case {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut files = vec![(format!("{ROOT}/main.pipeline"), String::new())];
    for line in fs::read_to_string(path).unwrap().split_inclusive('\n') {
        match line.strip_prefix("//# file: ") {
            Some(path) => files.push((uri_of(path.trim()), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let mut cursor = (0, 0);
    for (index, (_, text)) in files.iter_mut().enumerate() {
        if let Some(at) = text.find("$0") {
            text.replace_range(at..at + 2, "");
            cursor = (index, at);
        }
    }
    Case { name, folder: folder.to_owned(), files, cursor }
}

fn uri_of(path: &str) -> String {
    match path.strip_prefix("../") {
        Some(rest) => format!("{}/{rest}", ROOT.rsplit_once('/').unwrap().0),
        None => format!("{ROOT}/{path}"),
    }
}

impl Case {
    fn open(&self) -> Client {
        let mut client = Client::start(&[], able());
        for (uri, text) in &self.files {
            client.open(uri, text);
        }
        client
    }

    fn uri(&self) -> &str {
        &self.files[self.cursor.0].0
    }

    fn text(&self) -> &str {
        &self.files[self.cursor.0].1
    }

    fn position(&self) -> Value {
        position(self.text(), self.cursor.1)
    }

    fn place(&self) -> Value {
        json!({ "textDocument": { "uri": self.uri() }, "position": self.position() })
    }

    fn document(&self) -> Value {
        json!({ "textDocument": { "uri": self.uri() } })
    }

    fn all(&self) -> Value {
        json!({ "textDocument": { "uri": self.uri() }, "range": { "start": position("", 0), "end": position(self.text(), self.text().len()) } })
    }

    fn snapshot(&self, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(self.folder.join("snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(self.name.as_str(), text));
    }

    /// `main.pipeline:3:7 word`, and the line with the word marked.
    fn drawn(&self, location: &Value) -> String {
        let uri = location["uri"].as_str().or(location["targetUri"].as_str()).unwrap();
        let range = if location["range"].is_null() { &location["targetSelectionRange"] } else { &location["range"] };
        let file = uri.rsplit('/').next().unwrap();
        let Some((_, text)) = self.files.iter().find(|(known, _)| known == uri) else {
            return format!("library: {file}\n");
        };
        self.marked(file, text, range)
    }

    fn marked(&self, file: &str, text: &str, range: &Value) -> String {
        let number = |end: &str, what: &str| usize::try_from(range[end][what].as_u64().unwrap()).unwrap();
        let (line, from) = (number("start", "line"), number("start", "character"));
        let content = text.lines().nth(line).unwrap_or("");
        let to = if number("end", "line") == line { number("end", "character") } else { content.len() };
        format!("{file}:{}\n  {content}\n  {}{}\n", line + 1, " ".repeat(from), "^".repeat(to.saturating_sub(from).max(1)))
    }

    /// The files after an edit of the workspace.
    fn changed(&self, edit: &Value) -> String {
        let mut out = String::new();
        for (uri, text) in &self.files {
            let edits = edit["changes"][uri].as_array().cloned().unwrap_or_default();
            if edits.is_empty() {
                continue;
            }
            writeln!(out, "{}:\n{}", uri.rsplit('/').next().unwrap(), applied(text, &edits)).unwrap();
        }
        out
    }
}

pub(crate) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    json!({ "line": line, "character": before.len() - before.rfind('\n').map_or(0, |at| at + 1) })
}

fn offset(text: &str, at: &Value) -> usize {
    let line = usize::try_from(at["line"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    (start + usize::try_from(at["character"].as_u64().unwrap()).unwrap()).min(text.len())
}

fn applied(text: &str, edits: &[Value]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(text, &edit["range"]["start"])));
    let mut out = text.to_owned();
    for edit in edits {
        let range = offset(text, &edit["range"]["start"])..offset(text, &edit["range"]["end"]);
        out.replace_range(range, edit["newText"].as_str().unwrap());
    }
    out
}

/// Asks one question of all its cases; `draw` makes text of the answer.
fn each(question: &str, ask: impl Fn(&Case, &mut Client) -> String) {
    for case in cases(question) {
        let mut client = case.open();
        let text = ask(&case, &mut client);
        case.snapshot(&text);
    }
}

fn answer(client: &mut Client, method: &str, params: Value) -> Value {
    client.ask(method, params).unwrap_or_else(|error| json!({ "error": error }))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[test]
fn hover() {
    each("hover", |case, client| {
        let found = answer(client, "textDocument/hover", case.place());
        if found.is_null() {
            return "nothing".to_owned();
        }
        format!("{}\n{}", case.marked("main.pipeline", case.text(), &found["range"]), found["contents"]["value"].as_str().unwrap())
    });
}

#[test]
fn definition() {
    each("definition", |case, client| {
        let found = answer(client, "textDocument/definition", case.place());
        list(&found).iter().map(|location| case.drawn(location)).collect()
    });
}

#[test]
fn references() {
    each("references", |case, client| {
        let mut params = case.place();
        params["context"] = json!({ "includeDeclaration": true });
        let found = answer(client, "textDocument/references", params);
        list(&found).iter().map(|location| case.drawn(location)).collect()
    });
}

#[test]
fn rename() {
    each("rename", |case, client| {
        // The first line says the new name.
        let name = case.files[0].1.lines().next().unwrap().strip_prefix("// to: ").unwrap().to_owned();
        let mut params = case.place();
        params["newName"] = json!(name);
        let found = answer(client, "textDocument/rename", params);
        found["error"].as_str().map_or_else(|| case.changed(&found), |error| format!("refused: {error}"))
    });
}

#[test]
fn signature() {
    each("signature", |case, client| {
        let found = answer(client, "textDocument/signatureHelp", case.place());
        let Some(first) = list(&found["signatures"]).first().cloned() else { return "nothing".to_owned() };
        let label = first["label"].as_str().unwrap();
        let active =
            found["activeParameter"].as_u64().and_then(|at| first["parameters"][usize::try_from(at).unwrap()]["label"].as_array().cloned());
        let mark = active.map_or(String::new(), |range| {
            let number = |at: usize| usize::try_from(range[at].as_u64().unwrap()).unwrap();
            format!("{}{}", " ".repeat(number(0)), "^".repeat(number(1) - number(0)))
        });
        format!("{label}\n{mark}")
    });
}

#[test]
fn hints() {
    each("hints", |case, client| {
        let found = answer(client, "textDocument/inlayHint", case.all());
        let edits: Vec<Value> = list(&found)
            .iter()
            .map(|hint| {
                let blank = |key: &str| if hint[key] == true { " " } else { "" };
                let text = format!("{}‹{}›{}", blank("paddingLeft"), hint["label"].as_str().unwrap(), blank("paddingRight"));
                json!({ "range": { "start": hint["position"], "end": hint["position"] }, "newText": text })
            })
            .collect();
        applied(case.text(), &edits)
    });
}

#[test]
fn symbols() {
    fn draw(symbols: &Value, depth: usize, out: &mut String) {
        for symbol in list(symbols) {
            let line = symbol["selectionRange"]["start"]["line"].as_u64().unwrap() + 1;
            let detail = symbol["detail"].as_str().unwrap_or("");
            writeln!(out, "{}{} {detail} ({line})", "  ".repeat(depth), symbol["name"].as_str().unwrap()).unwrap();
            draw(&symbol["children"], depth + 1, out);
        }
    }
    each("symbols", |case, client| {
        let mut out = String::new();
        draw(&answer(client, "textDocument/documentSymbol", case.document()), 0, &mut out);
        let all = answer(client, "workspace/symbol", json!({ "query": "prd" }));
        let names: Vec<&str> = all.as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap()).collect();
        writeln!(out, "\nprd: {}", names.join(", ")).unwrap();
        out
    });
}

#[test]
fn folds() {
    each("folds", |case, client| {
        let found = answer(client, "textDocument/foldingRange", case.document());
        let mut out: String = list(&found)
            .iter()
            .map(|fold| {
                format!(
                    "{}-{} {}\n",
                    fold["startLine"].as_u64().unwrap() + 1,
                    fold["endLine"].as_u64().unwrap() + 1,
                    fold["kind"].as_str().unwrap_or("")
                )
            })
            .collect();
        let mut params = case.document();
        params["positions"] = json!([case.position()]);
        let found = answer(client, "textDocument/selectionRange", params);
        let mut next = found[0].clone();
        while !next.is_null() {
            let text = &case.text()[offset(case.text(), &next["range"]["start"])..offset(case.text(), &next["range"]["end"])];
            writeln!(out, "select: {}", text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(70).collect::<String>())
                .unwrap();
            next = next["parent"].clone();
        }
        out
    });
}

#[test]
fn tokens() {
    const NAMES: [&str; 10] = loadline::ide::TokenKind::NAMES;
    each("tokens", |case, client| {
        let found = answer(client, "textDocument/semanticTokens/full", case.document());
        let data: Vec<usize> = list(&found["data"]).iter().map(|number| usize::try_from(number.as_u64().unwrap()).unwrap()).collect();
        let (mut line, mut column, mut out) = (0, 0, String::new());
        for token in data.chunks(5) {
            line += token[0];
            column = if token[0] == 0 { column + token[1] } else { token[1] };
            let text = &case.text().lines().nth(line).unwrap()[column..column + token[2]];
            let modifiers =
                loadline::ide::Modifier::NAMES.iter().enumerate().filter(|(bit, _)| token[4] & (1 << bit) != 0).map(|(_, name)| *name);
            writeln!(out, "{}: {text} {} {}", line + 1, NAMES[token[3]], modifiers.collect::<Vec<_>>().join(" ")).unwrap();
        }
        out
    });
}

#[test]
fn actions() {
    each("actions", |case, client| {
        let mut params = case.all();
        params["context"] = json!({ "diagnostics": [] });
        let found = answer(client, "textDocument/codeAction", params);
        let mut out = String::new();
        for action in list(&found) {
            let preferred = if action["isPreferred"] == true { " (preferred)" } else { "" };
            writeln!(out, "== {}: {}{preferred}", action["kind"].as_str().unwrap(), action["title"].as_str().unwrap()).unwrap();
            out.push_str(&case.changed(&action["edit"]));
        }
        out
    });
}

#[test]
fn reports() {
    each("reports", |case, client| {
        client.settle();
        let mut out = String::new();
        for (uri, reports) in &client.reports {
            for report in reports {
                let tags =
                    list(&report["tags"]).iter().map(|tag| if *tag == 1 { " [unnecessary]" } else { " [deprecated]" }).collect::<String>();
                writeln!(out, "{} {}{tags}", uri.rsplit('/').next().unwrap(), client::shown(report)).unwrap();
                for related in list(&report["relatedInformation"]) {
                    writeln!(out, "  {}\n{}", related["message"].as_str().unwrap(), case.drawn(&related["location"])).unwrap();
                }
            }
        }
        out
    });
}

#[test]
fn calls() {
    each("calls", |case, client| {
        let items = answer(client, "textDocument/prepareCallHierarchy", case.place());
        let Some(item) = list(&items).first().cloned() else { return "nothing".to_owned() };
        let mut out = format!("{} {}\n", item["detail"].as_str().unwrap(), item["name"].as_str().unwrap());
        for (method, end) in [("callHierarchy/incomingCalls", "from"), ("callHierarchy/outgoingCalls", "to")] {
            for call in list(&answer(client, method, json!({ "item": item }))) {
                writeln!(out, "{end} {} {}", call[end]["name"].as_str().unwrap(), call["fromRanges"]).unwrap();
            }
        }
        out
    });
}

#[test]
fn format() {
    each("format", |case, client| {
        let mut params = case.document();
        params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
        let edits = list(&answer(client, "textDocument/formatting", params.clone()));
        let whole = applied(case.text(), &edits);
        let line = case.position()["line"].as_u64().unwrap();
        params["range"] = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 0 } });
        let edits = list(&answer(client, "textDocument/rangeFormatting", params));
        format!("{whole}\nonly the line of the cursor:\n{}", applied(case.text(), &edits))
    });
}

#[test]
fn links() {
    each("links", |case, client| {
        let found = answer(client, "textDocument/documentLink", case.document());
        list(&found)
            .iter()
            .map(|link| {
                format!(
                    "{} -> {}\n",
                    case.marked("main.pipeline", case.text(), &link["range"]).trim_end(),
                    link["target"].as_str().unwrap().rsplit('/').next().unwrap()
                )
            })
            .collect()
    });
}

#[test]
fn lenses() {
    each("lenses", |case, client| {
        let found = answer(client, "textDocument/codeLens", case.document());
        list(&found)
            .iter()
            .map(|lens| {
                format!("{}{}\n", case.marked("main.pipeline", case.text(), &lens["range"]), lens["command"]["title"].as_str().unwrap())
            })
            .collect()
    });
}

#[test]
fn completion() {
    /// More choices than this are cut.
    const MOST: usize = 24;
    each("completion", |case, client| {
        let found = answer(client, "textDocument/completion", case.place());
        if found.is_null() {
            return "nothing".to_owned();
        }
        let mut items = list(&found["items"]);
        // As an editor shows them: those that hold the letters of the word before the cursor, in their order.
        let before = &case.text()[..case.cursor.1];
        let word = &before[before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_').len()..];
        let holds = |item: &Value| {
            let label = item["label"].as_str().unwrap().trim_matches('"').to_lowercase();
            label.starts_with(&word.to_lowercase())
        };
        items.retain(holds);
        items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
        let mut out = String::new();
        for item in items.iter().take(MOST) {
            let rank = &item["sortText"].as_str().unwrap()[..1];
            let struck = if item["tags"].is_null() { "" } else { "~" };
            let detail = item["detail"].as_str().map(|detail| format!("  {detail}")).unwrap_or_default();
            let text = item["textEdit"]["newText"].as_str().unwrap().replace('\n', "⏎").replace('\t', "⇥");
            writeln!(out, "{rank} {struck}{}{detail}\n    {text}", item["label"].as_str().unwrap()).unwrap();
        }
        if items.len() > MOST {
            writeln!(out, "… {} more", items.len() - MOST).unwrap();
        }
        out
    });
}
