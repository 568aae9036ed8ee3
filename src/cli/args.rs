//! The arguments: what can be written, what it means, and the help that says so.

use std::fmt;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::target;
use crate::diag::{self, CHECKS, Check, Diagnostic, Severity};

const EXAMPLES: &str = "\
Examples:
  loadline check                       check the program in this folder
  loadline compile -o manifests        write its manifests to the folder `manifests`
  loadline compile | kubectl apply -f -
  loadline rbac                        who must be allowed what, and whether they are
  loadline explain slot-may-be-missing

Exit codes:
  0  no errors
  1  errors in the program, or reports that --deny names
  2  the command could not run";

const CHECK_EXAMPLES: &str = "\
Examples:
  loadline check                       the program in this folder
  loadline check shop billing          two programs
  loadline check --deny warnings       fail on warnings too
  loadline check --watch               again after each change
  loadline check --format json -       a program on standard input, for an editor";

const COMPILE_EXAMPLES: &str = "\
Examples:
  loadline compile                     to standard output
  loadline compile shop -o manifests   one file per kind, with a kustomization.yaml
  loadline compile --target kargo=1.8  for another version than the program says

With -o, files that an earlier compile wrote and this one does not are removed.
Files that loadline did not write are never touched.";

const FMT_EXAMPLES: &str = "\
Examples:
  loadline fmt                         all .pipeline files in this folder and below
  loadline fmt --check                 only list those that would change, for CI
  loadline fmt - < shop.pipeline       standard input to standard output, for an editor

Exit codes:
  0  all files are formatted now, or were already with --check
  1  files have syntax errors, then nothing is written, or would change with --check
  2  the command could not run";

const RBAC_EXAMPLES: &str = "\
Examples:
  loadline rbac                        who must be allowed what, and whether they are
  loadline rbac --granted cluster.yaml with the roles of a cluster, as kubectl writes them
  loadline rbac --emit                 the roles that close the gaps, to standard output
  loadline rbac --emit -o roles        the same, one file for each namespace
  loadline rbac --verify | sh          ask the cluster of the current context

Exit codes:
  0  the program has no errors; with --emit also if permissions are missing, with --verify in any case
  1  it has errors: a missing permission is one, as in `loadline check`
  2  the command could not run";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  loadline explain                     list all checks
  loadline explain slot-may-be-missing";

/// Checks delivery pipelines and writes their Kargo manifests.
///
/// A program is a folder with .pipeline files. Loadline proves that every promotion finds the artifacts it needs
/// before it writes a single manifest.
#[derive(Debug, Parser)]
#[command(name = "loadline", version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report what is wrong with programs
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Write the manifests of programs that have no errors
    #[command(after_help = COMPILE_EXAMPLES)]
    Compile(CompileArgs),
    /// Lay out .pipeline files in the one style of the language
    #[command(after_help = FMT_EXAMPLES)]
    Fmt(FmtArgs),
    /// Show who must be allowed what, and whether they are; write the roles that are missing
    #[command(after_help = RBAC_EXAMPLES)]
    Rbac(RbacArgs),
    /// Serve an editor on standard input and output, by the Language Server Protocol
    #[cfg(feature = "lsp")]
    Lsp(LspArgs),
    /// Explain a check, or list all of them
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct ProgramArgs {
    /// Folders, files, or `-` for standard input
    ///
    /// Each folder is a program of its own, made of its .pipeline files without those of its sub-folders. All files
    /// that are given by name, together with standard input, are one more program.
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// How to write reports
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(super) color: When,
    /// The version to compile for, instead of the one in the program; can be repeated
    ///
    /// A minor such as `kargo=1.11`, a patch such as `kargo=1.8.2`, or a range such as `kargo=1.8..1.11`, for which
    /// the result must be right on every version.
    #[arg(long = "target", value_name = "NAME=VERSION", value_parser = target::parse)]
    pub(super) targets: Vec<String>,
    /// A file with roles and bindings, or a dump of a cluster, beside those that the program names; can be repeated
    ///
    /// Whoever is bound in such a file has only what is granted there; all others keep what installations grant.
    #[arg(long, value_name = "FILE")]
    pub(super) granted: Vec<PathBuf>,
    /// Treat the reports of a check, or all `warnings`, as errors; can be repeated
    #[arg(long, value_name = "CHECK", value_parser = Denied::parse)]
    pub(super) deny: Vec<Denied>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) program: ProgramArgs,
    /// Check again after each change of the files, until interrupted
    #[arg(long)]
    pub(super) watch: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    pub(super) program: ProgramArgs,
    /// Write to this folder instead of standard output
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Say on standard error what becomes of each task and each call, and why
    #[arg(long)]
    pub(super) explain_lowering: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RbacArgs {
    #[command(flatten)]
    pub(super) program: ProgramArgs,
    /// Write the roles and bindings that close the gaps, each rule with its reason
    #[arg(long, conflicts_with = "verify")]
    pub(super) emit: bool,
    /// Write them to this folder instead of standard output, one file for each namespace
    ///
    /// The folder is one of its own, not that of `loadline compile`. What an earlier run wrote and this one does not is
    /// removed.
    #[arg(short, long, value_name = "DIR", requires = "emit")]
    pub(super) output: Option<PathBuf>,
    /// Write a shell script that asks a cluster for all of it, with kubectl
    #[arg(long)]
    pub(super) verify: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct FmtArgs {
    /// Files, folders with all that lies below them, or `-` alone for standard input
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write nothing, but list the files that would change
    #[arg(long)]
    pub(super) check: bool,
}

#[cfg(feature = "lsp")]
#[derive(Debug, clap::Args)]
pub(super) struct LspArgs {
    /// For editors that say so; there is no other way to talk
    #[arg(long)]
    pub(super) stdio: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The name of a check, as it stands in brackets in a report
    pub(super) name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// With the source, for people
    Human,
    /// One line for each report
    Short,
    /// One JSON object for each report, each on a line
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// Reports that count as errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    Warnings,
    Check(Check),
}

impl Denied {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "warnings" { Ok(Self::Warnings) } else { check_named(text, &["warnings"]).map(Self::Check) }
    }

    pub(super) fn covers(self, report: &Diagnostic) -> bool {
        match self {
            Self::Warnings => report.severity == Severity::Warning,
            Self::Check(check) => report.check == check,
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warnings => "warnings",
            Self::Check(check) => check.name(),
        })
    }
}

/// The check of a name, or a sentence that says what else could be meant: one of the checks, or of `others`.
pub(super) fn check_named(name: &str, others: &[&'static str]) -> Result<Check, String> {
    Check::by_name(name).ok_or_else(|| {
        let names = CHECKS.iter().map(|info| info.name).chain(others.iter().copied());
        match diag::nearest(name, names) {
            Some(meant) => format!("no check is called `{name}`; did you mean `{meant}`?"),
            None => format!("no check is called `{name}`; `loadline explain` lists them all"),
        }
    })
}
