//! All tests in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod access;
#[cfg(feature = "cli")]
mod cli;
mod docs;
mod edits;
mod examples;
mod exprlang;
mod fmt;
mod lower;
#[cfg(feature = "lsp")]
mod lsp;
mod official;
mod permissions;
mod rbac;
mod real;
mod robust;
mod tidy;
mod traps;
mod ui;
mod values;
