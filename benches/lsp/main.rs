//! Speed of the language server as an editor feels it: messages on standard input and output of a process of its own.
//!
//! `cargo bench --bench lsp` prints the time from a key to the reports, completion and hover, beside those of a server that only
//! echoes: what the protocol itself costs. Nothing here fails: figures are for reading.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a bench prints, and reads messages that it knows")]

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

fn main() {
    if std::env::args().any(|arg| arg == "--echo") {
        echo();
        return;
    }
    println!("{:<44} {:>9} {:>9} {:>9} {:>9}", "milliseconds", "median", "p95", "echo", "p95");
    // 112 stages of 18 lines: a file of 2,000 lines in a program of ten files.
    let mut shop: Vec<(String, String)> = vec![("main.pipeline".to_owned(), file("main", 112, true))];
    shop.extend((1..10).map(|at| (format!("part{at}.pipeline"), file(&format!("part{at}"), 6, false))));
    report("2,000 lines, 10 files", &shop);
    let wide: Vec<(String, String)> = (0..10).map(|at| (format!("part{at}.pipeline"), file(&format!("part{at}"), 100, at == 0))).collect();
    report("1,000 stages in 10 files", &wide);
    report("1,000 stages in one file", &[("main.pipeline".to_owned(), file("main", 1000, true))]);
}

fn report(what: &str, files: &[(String, String)]) {
    let ours = measure(Client::start(env!("CARGO_BIN_EXE_loadline"), &["lsp"]), files);
    let own = std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let floor = measure(Client::start(&own, &["--echo"]), files);
    for (name, (own, echo)) in ["key to reports", "completion", "hover"].iter().zip(ours.iter().zip(&floor)) {
        let [median, p95, echo_median, echo_p95] =
            [at(own, 50), at(own, 95), at(echo, 50), at(echo, 95)].map(|time| time.as_secs_f64() * 1e3);
        println!("{:<44} {median:>9.2} {p95:>9.2} {echo_median:>9.2} {echo_p95:>9.2}", format!("{what}: {name}"));
    }
}

fn at(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// The times of keys, completions and hovers in the middle of the first file.
fn measure(mut client: Client, files: &[(String, String)]) -> [Vec<Duration>; 3] {
    let uri = |name: &str| format!("file:///bench/{name}");
    for (name, text) in files {
        let document = json!({ "uri": uri(name), "languageId": "loadline", "version": 0, "text": text });
        client.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }
    let Some((name, text)) = files.first() else { return Default::default() };
    let main = uri(name);
    client.wait_for(&main, 0);
    // A new line behind a step in the middle of the file.
    let middle = text.lines().count() / 2;
    let line = text.lines().enumerate().skip(middle).find(|(_, line)| line.contains("git-clear")).map_or(middle, |(at, _)| at);
    let typed =
        "\n      let note = lower(it.image.tag)\n      yaml-update { path: \"./n\", updates: [{ key: note, value: it.image.tag }] }";
    let mut times: [Vec<Duration>; 3] = Default::default();
    let mut version = 0;
    let (mut row, mut column) = (line, text.lines().nth(line).map_or(0, str::len));
    let mut keys: Vec<(Value, String)> = Vec::new();
    for c in typed.chars() {
        let here = json!({ "line": row, "character": column });
        keys.push((json!({ "start": here, "end": here }), c.to_string()));
        (row, column) = if c == '\n' { (row + 1, 0) } else { (row, column + 1) };
    }
    for (range, key) in keys {
        version += 1;
        let change = json!({
            "textDocument": { "uri": main, "version": version },
            "contentChanges": [{ "range": range, "text": key }],
        });
        let start = Instant::now();
        client.tell("textDocument/didChange", change);
        client.wait_for(&main, version);
        times[0].push(start.elapsed());
        let place = json!({ "textDocument": { "uri": main }, "position": { "line": range["start"]["line"], "character": range["start"]["character"] } });
        let start = Instant::now();
        client.ask("textDocument/completion", place);
        times[1].push(start.elapsed());
        let place = json!({ "textDocument": { "uri": main }, "position": { "line": line, "character": 9 } });
        let start = Instant::now();
        client.ask("textDocument/hover", place);
        times[2].push(start.elapsed());
    }
    client.stop();
    times
}

/// Stages as people write them, 18 lines each, in chains of ten.
fn file(name: &str, stages: usize, has_target: bool) -> String {
    let mut out = if has_target { "target kargo 1.11\n".to_owned() } else { String::new() };
    out.push_str("project shop\n");
    for index in 0..stages {
        let chain = index / 10;
        if index % 10 == 0 {
            let last = (index + 9).min(stages - 1);
            let chain_names: Vec<String> = (index..=last).map(|stage| format!("s-{name}-{stage}")).collect();
            out.push_str(&format!(
                "warehouse w-{name}-{chain} {{ image {{ repoURL: \"ghcr.io/acme/{name}-{chain}\", constraint: \"^1.0.0\" }} }}\n"
            ));
            out.push_str(&format!("flow w-{name}-{chain} -> {}\n", chain_names.join(" -> ")));
        }
        out.push_str(&format!(
            r#"stage s-{name}-{index} {{
  slot it = w-{name}-{chain}
  promote {{
    git-clone {{
      repoURL: "https://github.com/acme/config.git"
      checkout: [{{ branch: "main", path: "./src" }}, {{ branch: "stage/${{ctx.stage}}", create: true, path: "./out" }}]
    }}
    git-clear {{ path: "./out" }}
    kustomize-set-image {{ path: "./src/base", images: [{{ image: it.image.repoURL, tag: it.image.tag }}] }}
    kustomize-build {{ path: "./src/stages/${{ctx.stage}}", outPath: "./out" }}
    yaml-update {{ path: "./out/values.yaml", updates: [{{ key: "c{chain}.tag", value: it.image.tag }}] }}
    let commit = git-commit {{ path: "./out", message: "Update ${{it.image.repoURL}} to ${{it.image.tag}} in ${{ctx.stage}}" }}
    let pushed = git-push {{ path: "./out" }}
    argocd-update {{
      apps: [{{ name: "app-${{ctx.stage}}", sources: [{{ repoURL: "https://github.com/acme/config.git", desiredRevision: pushed.commit }}] }}]
    }}
  }}
}}
"#
        ));
    }
    out
}

// ── A client ──

struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: i32,
}

impl Client {
    #[expect(clippy::expect_used, reason = "without a server there is nothing to measure")]
    fn start(program: &str, args: &[&str]) -> Client {
        let mut child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut client = Client { child, input, output, next: 0 };
        client.ask("initialize", json!({ "capabilities": { "general": { "positionEncodings": ["utf-8"] } } }));
        client.tell("initialized", json!({}));
        client
    }

    fn write(&mut self, message: Message) {
        let _ = message.write(&mut self.input);
        let _ = self.input.flush();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(Notification { method: method.to_owned(), params }.into());
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.write(Request { id: id.clone(), method: method.to_owned(), params }.into());
        while let Ok(Some(message)) = Message::read(&mut self.output) {
            if matches!(&message, Message::Response(response) if response.id == id) {
                return;
            }
        }
    }

    /// Reads until the reports of a version of a document come.
    fn wait_for(&mut self, uri: &str, version: i32) {
        while let Ok(Some(message)) = Message::read(&mut self.output) {
            let Message::Notification(found) = message else { continue };
            if found.params["uri"] == uri && found.params["version"] == version {
                return;
            }
        }
    }

    fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let _ = self.child.wait();
    }
}

/// A server that reads and answers and does nothing.
fn echo() {
    let (connection, threads) = Connection::stdio();
    let Ok((id, _)) = connection.initialize_start() else { return };
    if connection.initialize_finish(id, json!({ "capabilities": {} })).is_err() {
        return;
    }
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).unwrap_or(true) {
                    break;
                }
                let _ = connection.sender.send(Response { id: request.id, response_result: Ok(Value::Null) }.into());
            }
            Message::Notification(found) if found.method.starts_with("textDocument/did") => {
                let document = &found.params["textDocument"];
                let params = json!({ "uri": document["uri"], "version": document["version"], "diagnostics": [] });
                let _ = connection.sender.send(Notification { method: "textDocument/publishDiagnostics".to_owned(), params }.into());
            }
            _ => {}
        }
    }
    drop(connection);
    let _ = threads.join();
}
