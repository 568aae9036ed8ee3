//! Writes the list of the standard library's files: `(path, text)`, in alphabetical order.

#![expect(clippy::expect_used, reason = "a build script ends by panicking; there is no input but the folder of this crate")]

use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("stdlib");
    let mut rows: Vec<(String, PathBuf)> = Vec::new();
    collect(&root, &root, &mut rows);
    rows.sort();
    let rows: Vec<String> =
        rows.iter().map(|(name, path)| format!("    ({name:?}, include_str!({:?})),\n", path.display().to_string())).collect();
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("stdlib.rs");
    std::fs::write(out, format!("&[\n{}]\n", rows.concat())).expect("the build folder can be written");
    println!("cargo::rerun-if-changed=stdlib");
}

fn collect(root: &Path, folder: &Path, rows: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).expect("stdlib can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, rows);
        } else if path.extension().is_some_and(|ending| ending == "pipeline") {
            let name = path.strip_prefix(root).expect("it lies inside").to_string_lossy().replace('\\', "/");
            rows.push((name, path));
        }
    }
}
