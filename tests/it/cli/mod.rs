//! The real binary, in folders of its own: exit codes, streams, what is written and what is not.

mod check;
mod compile;
mod explain;
mod fmt;
mod folders;
mod input;
mod rbac;
mod watch;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

pub(crate) const SHOP: &str = r#"target kargo 1.11
project demo
warehouse app { image { repoURL: "ghcr.io/acme/web" } }
stage test {
  slot app
  promote {
    git-clone { repoURL: "https://github.com/acme/config.git", checkout: [{ branch: "main", path: "./src" }] }
    yaml-update { path: "./src/values.yaml", updates: [{ key: "image.tag", value: app.image.tag }] }
    git-commit { path: "./src", message: "web ${app.image.tag}" }
    git-push { path: "./src" }
  }
}
flow app -> test
"#;

/// The same with a warehouse that does not exist.
pub(crate) fn broken() -> String {
    SHOP.replace("slot app", "slot ap")
}

/// The same with a warning.
pub(crate) fn doubtful() -> String {
    format!("{SHOP}let spare = \"unused\"\n")
}

/// The same for another project.
pub(crate) fn billing() -> String {
    SHOP.replace("project demo", "project billing")
}

/// A folder for one test.
pub(crate) struct Folder(tempfile::TempDir);

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Result<Folder, Box<dyn Error>> {
        let folder = Folder(tempfile::tempdir()?);
        for (path, text) in files {
            let place = folder.path(path);
            fs::create_dir_all(place.parent().ok_or("a root")?)?;
            fs::write(place, text)?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, Box<dyn Error>> {
        Ok(fs::read_to_string(self.path(path))?)
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(&self, path: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(path))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// The binary, about to run in this folder with pipes for its streams.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadline"));
        command.args(args).current_dir(self.0.path()).env_remove("NO_COLOR").env("TERM", "xterm");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Result<Run, Box<dyn Error>> {
        self.feed(args, b"")
    }

    /// Runs with `input` on standard input.
    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> Result<Run, Box<dyn Error>> {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        // A command that does not read it may be gone already.
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output()?;
        Ok(Run { code: output.status.code(), out: String::from_utf8(output.stdout)?, err: String::from_utf8(output.stderr)? })
    }

    /// Asserts that the command could not run, said so in one sentence with all of `words`, and wrote nothing else.
    pub(crate) fn refuses(&self, args: &[&str], words: &[&str]) -> Outcome {
        refused(&self.run(args)?, words);
        Ok(())
    }
}

pub(crate) fn refused(run: &Run, words: &[&str]) {
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.err.starts_with("error: ") && run.err.ends_with('\n'), "{run:?}");
    for word in words {
        assert!(run.err.contains(word), "no `{word}` in {run:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() -> Outcome {
    let folder = Folder::new(&[])?;
    let version = folder.run(&["--version"])?;
    assert_eq!(version.out, format!("loadline {}\n", env!("CARGO_PKG_VERSION")));
    for args in
        [&["--help"][..], &["check", "--help"], &["compile", "--help"], &["fmt", "--help"], &["rbac", "--help"], &["explain", "--help"]]
    {
        let help = folder.run(args)?;
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
        assert!(help.out.contains("Examples:\n"), "{help:?}");
    }
    Ok(())
}

#[test]
fn bad_arguments_cannot_run() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    folder.refuses(&["chek"], &["'chek'", "'check'"])?;
    folder.refuses(&["check", "--format", "xml"], &["'xml'", "human, short, json"])?;
    folder.refuses(&["check", "--deny", "warning"], &["no check is called `warning`; did you mean `warnings`?"])?;
    folder.refuses(&["check", "--deny", "unused-bindings"], &["did you mean `unused-binding`?"])?;
    assert_eq!(folder.run(&[])?.code, Some(2));
    Ok(())
}

#[test]
fn a_reader_that_goes_away_is_no_failure() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP), ("broken/shop.pipeline", &broken())])?;
    for (args, code) in [(&["check"][..], 0), (&["check", "broken"], 1), (&["compile"], 0), (&["explain"], 0), (&["compile", "--help"], 0)]
    {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = folder.command(args).stdout(writer).output()?;
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(code), &b""[..]), "{args:?}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let full = fs::File::options().write(true).open("/dev/full")?;
    let output = folder.command(&["compile"]).stdout(full).output()?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr)?.starts_with("error: cannot write to standard output: "));
    Ok(())
}
