//! `src/parser.c` and what else is made from `grammar.js` is what `grammar.js` says. Needs node.
//!
//! With `LOADLINE_BLESS` in the environment these files are written anew.

use std::fs;
use std::path::Path;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// What Neovim, Helix, Zed and Emacs of the last years can all load.
const ABI: usize = 14;

const FILES: &[&str] =
    &["grammar.json", "node-types.json", "parser.c", "tree_sitter/alloc.h", "tree_sitter/array.h", "tree_sitter/parser.h"];

#[test]
fn what_is_generated_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = if crate::bless() { root.join("src") } else { Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated") };
    let mut notes = Vec::new();
    generate_parser_in_directory(root, Some(&out), None::<&Path>, ABI, None, Some("node"), true, OptLevel::default(), &mut notes)
        .expect("a parser is generated; node must be there");
    assert!(notes.is_empty(), "{notes:?}");
    for file in FILES {
        let generated = fs::read_to_string(out.join(file)).unwrap();
        let here = fs::read_to_string(root.join("src").join(file)).unwrap();
        // Not `assert_eq`, which would print both.
        assert!(generated == here, "src/{file} is out of date: run `LOADLINE_BLESS=1 cargo test` here");
    }
}
