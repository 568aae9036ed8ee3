//! What happens to a server in its life: files that come, move and go, columns, several folders, requests that are
//! cancelled or make no sense.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::client::{Client, able};

const SOUND: &str = "target kargo 1.11\nproject shop\nwarehouse app { image { repoURL: \"ghcr.io/acme/shop\" } }\nstage test { slot app, promote { argocd-update { apps: [{ name: \"shop-${app.image.tag}\" }] } } }\nflow app -> test\n";

fn uri(path: &Path) -> String {
    format!("file://{}", path.to_string_lossy())
}

#[test]
fn a_file_that_heals_gets_its_empty_list() {
    let mut client = Client::start(&[], able());
    let file = "file:///heal/a.pipeline";
    client.open(file, &SOUND.replace("app.image.tag", "app.image.tga"));
    client.settle();
    assert_eq!(client.reported(file), ["4:83 unknown-name: `Image` has no field `tga`"]);
    client.replace(file, SOUND);
    client.settle();
    assert_eq!(client.reports[file], Vec::<Value>::new());
}

#[test]
fn unsaved_files_of_the_folder_count_and_closed_ones_are_read_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (main, more) = (folder.path().join("main.pipeline"), folder.path().join("more.pipeline"));
    fs::write(&main, SOUND.replace("${app.image.tag}", "${host}")).unwrap();
    let mut client = Client::start(&[&uri(folder.path())], able());
    client.settle();
    assert_eq!(client.reported(&uri(&main)).len(), 1, "{:?}", client.reports);
    // A file that was never saved.
    client.open(&uri(&more), "let host = \"a\"\n");
    client.settle();
    assert_eq!(client.reported(&uri(&main)), Vec::<String>::new());
    // Closed without being saved it is gone.
    client.close(&uri(&more));
    client.settle();
    assert_eq!(client.reported(&uri(&main)).len(), 1);
    fs::write(&more, "let host = \"a\"\n").unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&more), "type": 1 }] }));
    client.settle();
    assert_eq!(client.reported(&uri(&main)), Vec::<String>::new());
    fs::write(&more, "let host = 1 +\n").unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&more), "type": 2 }] }));
    client.settle();
    assert_eq!(client.reported(&uri(&more)).len(), 1);
    fs::remove_file(&more).unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&more), "type": 3 }] }));
    client.settle();
    assert_eq!(client.reports[&uri(&more)], Vec::<Value>::new(), "a file that has gone has no reports");
    assert_eq!(client.reported(&uri(&main)).len(), 1);
}

#[test]
fn a_file_that_moves_takes_its_reports_along() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.pipeline"), folder.path().join("new.pipeline"));
    fs::write(&old, SOUND.replace("app -> test", "app -> tset")).unwrap();
    let mut client = Client::start(&[&uri(folder.path())], able());
    client.settle();
    assert_eq!(client.reported(&uri(&old)).len(), 1);
    fs::rename(&old, &new).unwrap();
    client.tell("workspace/didRenameFiles", json!({ "files": [{ "oldUri": uri(&old), "newUri": uri(&new) }] }));
    client.settle();
    assert_eq!(client.reports[&uri(&old)], Vec::<Value>::new());
    assert_eq!(client.reported(&uri(&new)).len(), 1);
}

#[test]
fn a_change_in_a_used_folder_is_seen_in_the_programs_that_use_it() {
    let mut client = Client::start(&[], able());
    let (main, lib) = ("file:///use/shop/main.pipeline", "file:///use/lib/lib.pipeline");
    let text = SOUND
        .replace("project shop", "use sync from \"../lib\"\nproject shop")
        .replace("argocd-update { apps: [{ name: \"shop-${app.image.tag}\" }] }", "sync(name: app.image.tag)");
    client.open(main, &text);
    client.settle();
    assert_eq!(client.reported(main).len(), 1, "{:?}", client.reports);
    client.open(lib, "task sync(name: String) { argocd-update { apps: [{ name: name }] } }\n");
    client.settle();
    assert_eq!(client.reported(main), Vec::<String>::new());
    client.replace(lib, "task sync(app: String) { argocd-update { apps: [{ name: app }] } }\n");
    client.settle();
    assert_eq!(client.reported(main).len(), 1);
}

#[test]
fn folders_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pipeline");
    fs::write(&file, SOUND.replace("app -> test", "app -> tset")).unwrap();
    let mut client = Client::start(&[], able());
    client.settle();
    assert!(client.reports.is_empty());
    let entry = json!({ "uri": uri(folder.path()), "name": "x" });
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": [entry], "removed": [] } }));
    client.settle();
    assert_eq!(client.reported(&uri(&file)).len(), 1);
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": [], "removed": [entry] } }));
    client.settle();
    assert_eq!(client.reports[&uri(&file)], Vec::<Value>::new());
}

#[test]
fn columns_are_counted_as_was_agreed() {
    let text = SOUND.replace("\"shop-${app.image.tag}\"", "\"ü😀-${app.image.tga}\"");
    let line = text.lines().nth(3).unwrap();
    let word = line.find("tga").unwrap();
    let wide = line[..word].encode_utf16().count();
    for (capabilities, column) in [(able(), word), (json!({}), wide)] {
        let mut client = Client::start(&[], capabilities);
        let file = "file:///columns/a.pipeline";
        client.open(file, &text);
        client.settle();
        assert_eq!(client.reports[file][0]["range"]["start"], json!({ "line": 3, "character": column }));
        // An edit behind the wide characters lands where it should.
        let range = json!({ "start": { "line": 3, "character": column }, "end": { "line": 3, "character": column + 3 } });
        client.change(file, json!([{ "range": range, "text": "tag" }]));
        client.settle();
        assert_eq!(client.reports[file], Vec::<Value>::new());
    }
}

#[test]
fn a_cancelled_request_has_an_answer_all_the_same() {
    let mut client = Client::start(&[], able());
    client.open("file:///cancel/a.pipeline", SOUND);
    let place = json!({ "textDocument": { "uri": "file:///cancel/a.pipeline" }, "position": { "line": 3, "character": 8 } });
    let id = client.send("textDocument/hover", place.clone());
    client.tell("$/cancelRequest", json!({ "id": id }));
    // The server may have been quicker.
    assert!(client.answer(&id).err().is_none_or(|error| error.starts_with("-32800")));
    assert!(client.ask("textDocument/hover", place).is_ok(), "the next one is answered");
}

#[test]
fn what_makes_no_sense_is_an_error_and_the_server_lives_on() {
    let mut client = Client::start(&[], able());
    assert!(client.ask("textDocument/nonsense", json!({})).unwrap_err().starts_with("-32601"));
    assert!(client.ask("textDocument/hover", json!({ "position": 3 })).unwrap_err().starts_with("-32602"));
    client.tell("textDocument/didChange", json!({ "nonsense": true }));
    client
        .tell("textDocument/didChange", json!({ "textDocument": { "uri": "file:///no/a.pipeline", "version": 3 }, "contentChanges": [] }));
    let place = json!({ "textDocument": { "uri": "file:///never/opened.pipeline" }, "position": { "line": 900, "character": 900 } });
    assert_eq!(client.ask("textDocument/hover", place), Ok(Value::Null));
}

#[test]
fn a_document_without_a_file_is_a_program_by_itself() {
    let mut client = Client::start(&[], able());
    client.open("untitled:Untitled-1", &SOUND.replace("app -> test", "app -> tset"));
    client.open("untitled:Untitled-2", SOUND);
    client.settle();
    assert_eq!(client.reported("untitled:Untitled-1").len(), 1);
    assert_eq!(client.reported("untitled:Untitled-2"), Vec::<String>::new());
}

#[test]
fn the_manifests_of_a_program_come_with_their_places() {
    let mut client = Client::start(&[], able());
    let file = "file:///manifests/a.pipeline";
    client.open(file, SOUND);
    let found = client.ask("loadline/manifests", json!({ "textDocument": { "uri": file } })).unwrap();
    let kinds: Vec<&str> = found["manifests"].as_array().unwrap().iter().map(|manifest| manifest["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Project", "Warehouse", "Stage"]);
    assert_eq!(found["manifests"][2]["places"][0]["range"]["start"]["line"], 3);
    client.replace(file, &SOUND.replace("app -> test", "app -> tset"));
    let found = client.ask("loadline/manifests", json!({ "textDocument": { "uri": file } })).unwrap();
    assert_eq!((found["errors"].as_u64(), found["manifests"].as_array().map(Vec::len)), (Some(1), Some(0)));
    let place = json!({ "textDocument": { "uri": file }, "position": { "line": 4, "character": 13 } });
    let found = client.ask("loadline/explain", place).unwrap();
    assert_eq!(found["check"], "unknown-name");
}

#[test]
fn the_permissions_of_a_program_are_shown_as_on_the_command_line() {
    let mut client = Client::start(&[], able());
    let file = "file:///permissions/a.pipeline";
    let lacking = SOUND.replace("target kargo 1.11", "target kargo 1.11 { ownerReferencesPermissionEnforcement: true }");
    client.open(file, &lacking.replace("slot app", "slot app\n  autoPromotionEnabled: true"));
    let found = client.ask("workspace/executeCommand", json!({ "command": "loadline.permissions", "arguments": [file] })).unwrap();
    let text = found["text"].as_str().unwrap();
    assert_eq!(found["errors"], 0);
    assert!(text.contains("    missing  update stages.kargo.akuity.io/finalizers\n"), "{text}");
    client.replace(file, &SOUND.replace("app -> test", "app -> tset"));
    let found = client.ask("loadline/permissions", json!({ "textDocument": { "uri": file } })).unwrap();
    assert_eq!((&found["errors"], &found["text"]), (&json!(1), &json!("")));
}

#[test]
fn one_sure_repair_is_made_on_request_for_all() {
    let mut client = Client::start(&[], able());
    let file = "file:///fix/a.pipeline";
    client.open(file, &SOUND.replace("target kargo 1.11\n", ""));
    client.settle();
    let start = json!({ "line": 0, "character": 0 });
    let mut titles = |end: Value, only: Value| {
        let range = json!({ "start": start, "end": end });
        let context = json!({ "diagnostics": [], "only": only });
        let asked = json!({ "textDocument": { "uri": file }, "range": range, "context": context });
        let found = client.ask("textDocument/codeAction", asked).unwrap();
        found.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(start.clone(), json!(["source.fixAll"])), ["make the sure repair of this file"]);
    assert_eq!(titles(json!({ "line": 9, "character": 0 }), Value::Null).len(), 1, "the same repair is not offered twice");
}

#[test]
fn the_code_of_a_report_leads_to_the_page_of_its_check() {
    let file = "file:///page/a.pipeline";
    for (capabilities, leads) in
        [(json!({}), false), (json!({ "textDocument": { "publishDiagnostics": { "codeDescriptionSupport": true } } }), true)]
    {
        let mut client = Client::start(&[], capabilities);
        client.open(file, &SOUND.replace("app -> test", "app -> tset"));
        client.settle();
        let link = client.reports[file][0]["codeDescription"]["href"].as_str();
        assert_eq!(link.is_some(), leads);
        let page = link.map(|link| fs::read_to_string(link.strip_prefix("file://").unwrap()).unwrap());
        assert!(page.is_none_or(|page| page.starts_with("# unknown-name\n")));
    }
}
