//! The command line. In: arguments, files, streams. Out: reports, manifests and an exit code. Nothing else in the
//! crate does input or output, and nothing here knows what a report or a manifest says.

mod args;
mod check;
mod compile;
mod explain;
mod fmt;
mod folders;
mod input;
pub mod output;
mod rbac;
mod report;
mod target;
mod watch;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// Runs the command that the arguments of the process name.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(answer) => {
            // Help and the version come this way too. A reader that has gone does not want them.
            let _ = answer.print();
            return u8::try_from(answer.exit_code()).map_or(ExitCode::from(2), ExitCode::from);
        }
    };
    let outcome = match &args.command {
        Command::Check(args) => check::run(args),
        Command::Compile(args) => compile::run(args),
        Command::Fmt(args) => fmt::run(args),
        Command::Rbac(args) => rbac::run(args),
        #[cfg(feature = "lsp")]
        Command::Lsp(_) => Ok(if crate::lsp::run() { Verdict::Sound } else { Verdict::Errors }),
        Command::Explain(args) => explain::run(args),
    };
    match outcome {
        Ok(Verdict::Sound) => ExitCode::SUCCESS,
        Ok(Verdict::Errors) => ExitCode::from(1),
        Err(reason) => {
            tell(&format!("error: {reason}\n"));
            ExitCode::from(2)
        }
    }
}

/// What a command that could run has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Sound,
    Errors,
}

/// Why a command could not run: one sentence without a period, on one line.
#[derive(Debug)]
struct CannotRun(String);

impl CannotRun {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl std::fmt::Display for CannotRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

/// Names of files may hold terminal escapes; they are shown, not sent.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Writes to standard output, all at once. A reader that has gone has had what it wanted.
fn print(text: &str) -> Result<(), CannotRun> {
    let mut stream = io::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(reason) if reason.kind() != io::ErrorKind::BrokenPipe => Err(CannotRun(format!("cannot write to standard output: {reason}"))),
        _ => Ok(()),
    }
}

/// Writes to standard error. If that fails, there is nobody left to tell.
fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// `1 file`, `2 files`.
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
