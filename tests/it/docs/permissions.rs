//! What `loadline rbac` says about programs of this project, where a page shows it. A comment `<!-- rbac: table examples/x -->`
//! stands before such a block; `gaps` and `script` show what `--emit` and `--verify` write. After ` / ` follows a text:
//! then only the paragraphs with this text are shown. With `LOADLINE_BLESS=1` the blocks are written anew.

use std::fs;

use loadline::emit;
use loadline::permissions::{self, Program};

use super::super::examples::sound;
use super::{guides, read, root};

const MARK: &str = "<!-- rbac: ";

#[test]
fn what_pages_show_of_permissions_is_what_is_said() {
    let bless = std::env::var_os("LOADLINE_BLESS").is_some();
    let mut shown = 0;
    for page in guides() {
        let text = read(&page);
        let mut out = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            out.push_str(line);
            out.push('\n');
            let Some(wanted) = line.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(" -->")) else { continue };
            let fence = lines.next().unwrap_or_default();
            assert!(fence.starts_with("```"), "{}: no block behind {line}", page.display());
            lines.by_ref().find(|line| *line == "```");
            out.push_str(&format!("{fence}\n{}```\n", said(wanted)));
            shown += 1;
        }
        if bless && out != text {
            fs::write(root().join(&page), &out).unwrap();
        }
        assert!(out == read(&page), "{}: run again with LOADLINE_BLESS=1 if this is meant", page.display());
    }
    assert!(shown > 2, "{shown}");
}

fn said(wanted: &str) -> String {
    let (what, part) = wanted.split_once(" / ").map_or((wanted, None), |(what, part)| (what, Some(part)));
    let (what, folder) = what.split_once(' ').unwrap();
    let analysis = sound(folder, &root().join(folder), None);
    let access = analysis.permissions();
    let program = [Program { access: &access, files: analysis.files() }];
    let text = match what {
        "table" => permissions::table(&program, false),
        "gaps" => {
            let mut out = String::new();
            emit::stream(&permissions::gaps(&program).documents, &mut out);
            out
        }
        "script" => permissions::script(&program),
        other => panic!("nothing is called {other}"),
    };
    let Some(part) = part else { return text };
    let found: Vec<&str> = text.split("\n\n").filter(|paragraph| paragraph.contains(part)).collect();
    assert!(!found.is_empty(), "{wanted}: nothing has this text");
    found.join("\n\n").trim_end().to_owned() + "\n"
}
