//! Loadline: a typed language for delivery pipelines, and its compiler to Kubernetes manifests.
//!
//! A library first: it takes texts and gives reports and documents; files, terminals and exit codes are the business of
//! the command line (`cli`, a feature). Passes are plain functions from input to output and reports:
//!
//! | pass | in | out |
//! |---|---|---|
//! | [`syntax`] | text | tree, never fails |
//! | [`format`](mod@format) | text | the same text, well laid out |
//! | [`program`] | trees | which project declares what |
//! | [`expand`] | declarations | instances: loops unrolled, names known, bodies typed once ([`types`]) |
//! | [`flow`] | instances | sources of every slot |
//! | [`access`] | instances | who must be allowed what, and whether they are |
//! | [`lower`] | all of it, free of errors | documents |
//! | [`emit`] | documents | YAML |
//! | [`permissions`] | who must be allowed what | a table, JSON, roles, a script |
//!
//! What is known about the target systems stands in `stdlib/` and is read by [`library`].

pub mod access;
mod analysis;
pub mod base;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diag;
pub mod emit;
pub mod expand;
pub mod exprlang;
pub mod flow;
pub mod format;
pub mod ide;
pub mod library;
pub mod lower;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod permissions;
pub mod program;
pub mod rbac;
pub mod syntax;
pub mod types;
pub mod workflows;

pub use analysis::{Analysis, Base, Leftovers, Options};
pub use program::{NoFile, NoFolder, NoFolders, Source, Vfs, joined};
