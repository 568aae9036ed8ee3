//! An editor for tests: it talks to the server in this process, message by message.

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

pub(super) struct Client {
    connection: Connection,
    server: Option<JoinHandle<bool>>,
    next: i32,
    versions: BTreeMap<String, i32>,
    /// The last list of reports of each file.
    pub(super) reports: BTreeMap<String, Vec<Value>>,
    /// How often a list came.
    pub(super) lists: usize,
}

/// All that an editor can do.
pub(super) fn able() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8"] },
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": true } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
        },
    })
}

impl Client {
    /// An editor with these folders open.
    pub(super) fn start(folders: &[&str], capabilities: Value) -> Client {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || loadline::lsp::serve(theirs));
        let mut client =
            Client { connection: ours, server: Some(server), next: 1, versions: BTreeMap::new(), reports: BTreeMap::new(), lists: 0 };
        let folders: Vec<Value> = folders.iter().map(|uri| json!({ "uri": uri, "name": "folder" })).collect();
        let library = std::env::temp_dir().join("loadline-test-library");
        let params = json!({
            "capabilities": capabilities,
            "workspaceFolders": folders,
            "initializationOptions": { "libraryFolder": library },
        });
        client.ask("initialize", params).unwrap();
        client.tell("initialized", json!({}));
        client
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.connection.sender.send(Notification { method: method.to_owned(), params }.into()).unwrap();
    }

    /// Sends a request without waiting for the answer.
    pub(super) fn send(&mut self, method: &str, params: Value) -> RequestId {
        let id = RequestId::from(self.next);
        self.next += 1;
        self.connection.sender.send(Request { id: id.clone(), method: method.to_owned(), params }.into()).unwrap();
        id
    }

    pub(super) fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(method, params);
        self.answer(&id)
    }

    /// Waits for an answer; what is published meanwhile is kept.
    pub(super) fn answer(&mut self, wanted: &RequestId) -> Result<Value, String> {
        loop {
            let message = self.connection.receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("the server answers");
            match message {
                Message::Response(Response { id, response_result }) if id == *wanted => {
                    return response_result.map_err(|error| format!("{}: {}", error.code, error.message));
                }
                Message::Response(other) => panic!("an answer to {}, which nobody waits for", other.id),
                Message::Notification(notification) if notification.method == "textDocument/publishDiagnostics" => {
                    self.lists += 1;
                    let uri = notification.params["uri"].as_str().unwrap().to_owned();
                    let list = notification.params["diagnostics"].as_array().unwrap().clone();
                    self.reports.insert(uri, list);
                }
                Message::Notification(_) => {}
                Message::Request(request) => {
                    let response = Response { id: request.id, response_result: Ok(Value::Null) };
                    self.connection.sender.send(response.into()).unwrap();
                }
            }
        }
    }

    /// Waits until everything that was said is worked on.
    pub(super) fn settle(&mut self) {
        let _ = self.ask("loadline/settle", Value::Null);
    }

    pub(super) fn open(&mut self, uri: &str, text: &str) {
        self.versions.insert(uri.to_owned(), 1);
        let document = json!({ "uri": uri, "languageId": "loadline", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Replaces the whole text.
    pub(super) fn replace(&mut self, uri: &str, text: &str) {
        self.change(uri, json!([{ "text": text }]));
    }

    pub(super) fn change(&mut self, uri: &str, changes: Value) {
        let version = self.versions.get_mut(uri).unwrap();
        *version += 1;
        let document = json!({ "uri": uri, "version": *version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// The reports of a file: `line:column check: message`, from 1, in bytes.
    pub(super) fn reported(&self, uri: &str) -> Vec<String> {
        self.reports.get(uri).into_iter().flatten().map(shown).collect()
    }
}

pub(super) fn shown(report: &Value) -> String {
    let at = |end: &str| {
        format!("{}:{}", report["range"][end]["line"].as_u64().unwrap() + 1, report["range"][end]["character"].as_u64().unwrap() + 1)
    };
    let message = report["message"].as_str().unwrap().lines().next().unwrap();
    format!("{} {}: {message}", at("start"), report["code"].as_str().unwrap())
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null).unwrap();
        // An answer that comes late, and a request: the first is passed over, the second refused.
        let late = Response { id: RequestId::from("late".to_owned()), response_result: Ok(Value::Null) };
        self.connection.sender.send(late.into()).unwrap();
        assert!(self.ask("loadline/settle", Value::Null).unwrap_err().starts_with("-32600"));
        self.tell("exit", Value::Null);
        assert!(self.server.take().unwrap().join().unwrap(), "the server ends as it should");
    }
}
