//! Compiles the parser.

fn main() {
    let mut build = cc::Build::new();
    build.std("c11").include("src").flag_if_supported("-Wno-unused-value").flag_if_supported("-Wno-unused-but-set-variable");
    for file in ["src/parser.c", "src/scanner.c"] {
        println!("cargo:rerun-if-changed={file}");
        build.file(file);
    }
    build.compile("tree-sitter-loadline");
}
