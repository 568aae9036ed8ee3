//! The loop: messages in their order, analyses when they are needed, lists of reports when the queue is empty.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, InitializeParams, RenameFilesParams, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde_json::{Value, json};

use super::convert::Encoding;
use super::documents::Document;
use super::publish::Published;
use super::requests;
use super::uri;
use super::workspace::Workspace;

/// What an editor can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Abilities {
    pub(super) snippets: bool,
    pub(super) links: bool,
    pub(super) nested_symbols: bool,
    pub(super) versioned_edits: bool,
    watches: bool,
    /// Codes of reports may lead somewhere.
    pages: bool,
}

pub(super) struct Server {
    pub(super) workspace: Workspace,
    pub(super) abilities: Abilities,
    published: Published,
    /// Documents that changed since their reports were sent.
    changed: BTreeSet<PathBuf>,
    connection: Connection,
}

/// Serves one editor until it says `exit`. Whether it said `shutdown` before.
pub fn serve(connection: Connection) -> bool {
    let Ok((id, params)) = connection.initialize_start() else { return false };
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let encoding = agreed(&params);
    let mut about = json!({ "capabilities": requests::capabilities(encoding) });
    if let Value::Object(about) = &mut about {
        about.insert("serverInfo".to_owned(), json!({ "name": "loadline", "version": env!("CARGO_PKG_VERSION") }));
    }
    if connection.initialize_finish(id, about).is_err() {
        return false;
    }
    let abilities = abilities(&serde_json::to_value(&params.capabilities).unwrap_or_default());
    let mut workspace = Workspace::new(Vec::new(), encoding);
    if let Some(Value::Object(options)) = &params.initialization_options {
        workspace.options.targets = targets(options.get("targets"));
        workspace.disk.library_folder = options.get("libraryFolder").and_then(Value::as_str).map(PathBuf::from);
    }
    roots(&params).into_iter().for_each(|root| workspace.add_root(root));
    let (published, changed) = (Published::default(), BTreeSet::new());
    let mut server = Server { workspace, abilities, published, changed, connection };
    server.watch();
    server.run()
}

/// UTF-8 if the editor can count so, otherwise UTF-16, which every editor can.
fn agreed(params: &InitializeParams) -> Encoding {
    let offered = serde_json::to_value(&params.capabilities).unwrap_or_default();
    let offered = offered.pointer("/general/positionEncodings").and_then(Value::as_array).cloned().unwrap_or_default();
    if offered.iter().any(|encoding| encoding == "utf-8") { Encoding::Utf8 } else { Encoding::Utf16 }
}

fn abilities(all: &Value) -> Abilities {
    let can = |path: &str| all.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    Abilities {
        snippets: can("/textDocument/completion/completionItem/snippetSupport"),
        links: can("/textDocument/definition/linkSupport"),
        nested_symbols: can("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
        versioned_edits: can("/workspace/workspaceEdit/documentChanges"),
        watches: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        pages: can("/textDocument/publishDiagnostics/codeDescriptionSupport"),
    }
}

fn targets(value: Option<&Value>) -> Vec<String> {
    let texts = value.and_then(Value::as_array).into_iter().flatten();
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    let all = serde_json::to_value(params).unwrap_or_default();
    let folders = all.get("workspaceFolders").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut roots: Vec<String> = folders.iter().filter_map(|folder| Some(folder.get("uri")?.as_str()?.to_owned())).collect();
    if roots.is_empty() {
        roots.extend(all.get("rootUri").and_then(Value::as_str).map(str::to_owned));
    }
    roots.into_iter().map(|root| uri::to_path(&Uri(root))).filter(|root| uri::is_file(root)).collect()
}

impl Server {
    fn run(mut self) -> bool {
        self.refresh();
        let mut queue: VecDeque<Message> = VecDeque::new();
        loop {
            if queue.is_empty() {
                self.refresh();
                match self.connection.receiver.recv() {
                    Ok(message) => queue.push_back(message),
                    Err(_) => return false,
                }
            }
            queue.extend(self.connection.receiver.try_iter());
            let Some(message) = queue.pop_front() else { continue };
            match message {
                Message::Request(request) if request.method == "shutdown" => return self.shut_down(request.id, queue),
                Message::Request(request) => self.answer(request, &queue),
                Message::Notification(notification) if notification.method == "exit" => return false,
                Message::Notification(notification) => {
                    let applied = catch_unwind(AssertUnwindSafe(|| self.notified(notification)));
                    drop(applied);
                }
                Message::Response(_) => {}
            }
        }
    }

    /// Waits for `exit`. What comes before it has no effect any more: answers to our own requests are passed over, new
    /// requests refused. Whether `exit` came.
    fn shut_down(&self, id: RequestId, queue: VecDeque<Message>) -> bool {
        self.send(Response { id, response_result: Ok(Value::Null) }.into());
        for message in queue.into_iter().chain(&self.connection.receiver) {
            match message {
                Message::Notification(notification) if notification.method == "exit" => return true,
                Message::Request(Request { id, .. }) => {
                    let refusal = failed(ErrorCode::InvalidRequest, "the server is shutting down");
                    self.send(Response { id, response_result: Err(refusal) }.into());
                }
                Message::Notification(_) | Message::Response(_) => {}
            }
        }
        false
    }

    /// `queue`: what came since.
    fn answer(&mut self, request: Request, queue: &VecDeque<Message>) {
        let id = request.id.clone();
        if is_cancelled(&id, queue) {
            let error = failed(ErrorCode::RequestCanceled, "cancelled");
            self.send(Response { id, response_result: Err(error) }.into());
            return;
        }
        self.refresh();
        let response_result = guarded(|| requests::answer(self, &request.method, request.params));
        self.send(Response { id, response_result }.into());
    }

    /// Analyses what has changed and tells the editor.
    fn refresh(&mut self) {
        // Whatever went wrong in a program, the others are served.
        let analysed = catch_unwind(AssertUnwindSafe(|| self.workspace.refresh())).unwrap_or_default();
        if analysed.is_empty() && self.changed.is_empty() && !self.published.is_outdated(&self.workspace) {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        for mut list in self.published.update(&self.workspace, &analysed, &changed) {
            if self.abilities.pages {
                super::publish::link_pages(&mut list.diagnostics, &mut self.workspace.disk);
            }
            let params = serde_json::to_value(list).unwrap_or_default();
            self.notify("textDocument/publishDiagnostics", params);
        }
        self.workspace.leftovers.clear();
    }

    fn notified(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => self.with(params, Self::opened),
            "textDocument/didChange" => self.with(params, Self::edited),
            "textDocument/didClose" => self.with(params, Self::closed),
            "textDocument/didSave" => self.with(params, Self::saved),
            "workspace/didChangeWatchedFiles" => self.with(params, Self::watched),
            "workspace/didChangeWorkspaceFolders" => self.with(params, Self::folders),
            "workspace/didRenameFiles" => self.with(params, Self::renamed),
            "workspace/didChangeConfiguration" => self.configured(&params),
            _ => {}
        }
    }

    fn with<P: serde::de::DeserializeOwned>(&mut self, params: Value, apply: impl FnOnce(&mut Self, P)) {
        if let Ok(params) = serde_json::from_value(params) {
            apply(self, params);
        }
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let path = uri::to_path(&document.uri);
        self.workspace.documents.insert(path.clone(), Document { text: document.text, version: document.version });
        self.touch(path);
    }

    fn edited(&mut self, params: DidChangeTextDocumentParams) {
        let path = uri::to_path(&params.text_document.text_document_identifier.uri);
        let encoding = self.workspace.encoding;
        let Some(document) = self.workspace.documents.get_mut(&path) else { return };
        document.change(params.content_changes, encoding);
        document.version = params.text_document.version;
        self.touch(path);
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let path = uri::to_path(&params.text_document.uri);
        self.workspace.documents.remove(&path);
        self.forget(&path);
    }

    fn saved(&mut self, params: DidSaveTextDocumentParams) {
        let path = uri::to_path(&params.text_document.uri);
        self.forget(&path);
    }

    fn watched(&mut self, params: DidChangeWatchedFilesParams) {
        for change in params.changes {
            self.forget(&uri::to_path(&change.uri));
        }
    }

    fn renamed(&mut self, params: RenameFilesParams) {
        for file in params.files {
            for name in [Uri(file.old_uri.to_string()), Uri(file.new_uri.to_string())] {
                self.forget(&uri::to_path(&name));
            }
        }
    }

    fn folders(&mut self, params: DidChangeWorkspaceFoldersParams) {
        for folder in params.event.removed {
            self.workspace.remove_root(&uri::to_path(&folder.uri));
        }
        for folder in params.event.added {
            self.workspace.add_root(uri::to_path(&folder.uri));
        }
        self.changed.extend(self.workspace.documents.keys().cloned());
    }

    fn configured(&mut self, params: &Value) {
        let settings = params.pointer("/settings/loadline").unwrap_or(&Value::Null);
        let targets = targets(settings.get("targets"));
        if targets != self.workspace.options.targets {
            self.workspace.options.targets = targets;
            self.workspace.reload();
        }
    }

    /// A document changed.
    fn touch(&mut self, path: PathBuf) {
        self.workspace.touched(&path);
        self.changed.insert(path);
    }

    /// A file on the disk changed, or will be read from there from now on. A folder may have gone with all in it.
    fn forget(&mut self, path: &Path) {
        if !self.abilities.watches {
            self.workspace.disk.forget_all();
        }
        self.workspace.disk.forget(path);
        if super::disk::is_program(path) {
            self.workspace.touched(path);
        } else if !self.workspace.touched_other(path) && path.extension().is_none() {
            self.workspace.reload();
        }
    }

    /// Asks the editor to say when program files change that it has not open.
    fn watch(&mut self) {
        if !self.abilities.watches {
            return;
        }
        let watchers = json!([{ "globPattern": "**/*.pipeline" }, { "globPattern": "**/*.{yaml,yml}" }]);
        let registration = json!({
            "id": "programs",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        let request = Request { id: RequestId::from("programs".to_owned()), method: "client/registerCapability".to_owned(), params };
        self.send(request.into());
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params }.into());
    }

    /// An editor that has gone needs nothing any more; the loop ends when it reads next.
    fn send(&self, message: Message) {
        let _ = self.connection.sender.send(message);
    }
}

/// Whether the editor wants the answer to a request no more.
fn is_cancelled(id: &RequestId, queue: &VecDeque<Message>) -> bool {
    let wanted = serde_json::to_value(id).unwrap_or_default();
    queue.iter().any(|message| match message {
        Message::Notification(found) => found.method == "$/cancelRequest" && found.params.get("id") == Some(&wanted),
        _ => false,
    })
}

pub(super) fn failed(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// The answer, or the error that a panic becomes.
fn guarded(work: impl FnOnce() -> Result<Value, ResponseError>) -> Result<Value, ResponseError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(failed(ErrorCode::InternalError, "a fault of loadline; please report it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_cancelled_by_what_came_after_it() {
        let cancel = Notification { method: "$/cancelRequest".to_owned(), params: json!({ "id": 7 }) };
        let queue: VecDeque<Message> = [cancel.into()].into();
        assert!(is_cancelled(&RequestId::from(7), &queue));
        assert!(!is_cancelled(&RequestId::from(8), &queue));
        assert!(!is_cancelled(&RequestId::from("7".to_owned()), &queue));
    }

    #[test]
    #[allow(clippy::panic, reason = "that is what is tested")]
    fn a_request_that_panics_is_an_error() {
        assert_eq!(guarded(|| panic!("a fault")).err().map(|error| error.code), Some(ErrorCode::InternalError as i32));
        assert_eq!(guarded(|| Ok(json!(1))).ok(), Some(json!(1)));
    }
}
