//! `loadline check --watch`: the same again after each change, until somebody ends it. Files are looked at four times a
//! second: that works on every system and every disk, and costs nothing that anybody notices.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::args::ProgramArgs;
use super::{CannotRun, Verdict, check, input, tell};

const PAUSE: Duration = Duration::from_millis(250);

/// What is seen of files from outside: when they were written and how long they are; nothing of those that are not there.
type Seen = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

pub(super) fn run(args: &ProgramArgs) -> Result<Verdict, CannotRun> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(CannotRun::new("standard input cannot be watched: it is read once"));
    }
    loop {
        // What is written while this is read is a change.
        let (before, files) = look(args, &[]);
        let (text, read) = match check::once(args) {
            Ok((text, _, read)) => (text, read),
            Err(reason) => {
                tell(&format!("error: {reason}\n"));
                (String::new(), files)
            }
        };
        if show(&text).is_err() {
            return Ok(Verdict::Sound);
        }
        let known = look(args, &read).0;
        let missed = look(args, &[]).0 != before;
        while !missed && look(args, &read).0 == known {
            thread::sleep(PAUSE);
        }
        settle(args, &read);
    }
}

/// Waits while files are being written.
fn settle(args: &ProgramArgs, read: &[PathBuf]) {
    let mut known = look(args, read).0;
    loop {
        thread::sleep(PAUSE / 5);
        let now = look(args, read).0;
        if now == known {
            return;
        }
        known = now;
    }
}

/// On a terminal what was there before is cleared away. An error: there is no reader any more.
fn show(text: &str) -> io::Result<()> {
    let mut stream = io::stdout().lock();
    if stream.is_terminal() {
        stream.write_all(b"\x1b[2J\x1b[H")?;
    }
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// The files that were given or read, and all that lie beside them.
fn look(args: &ProgramArgs, read: &[PathBuf]) -> (Seen, Vec<PathBuf>) {
    let mut files: BTreeSet<PathBuf> = read.iter().cloned().collect();
    let mut folders: BTreeSet<PathBuf> = read.iter().filter_map(|path| path.parent()).map(Path::to_owned).collect();
    for path in &args.paths {
        if path.is_dir() {
            folders.insert(path.clone())
        } else {
            files.insert(path.clone())
        };
    }
    for folder in folders {
        let folder = if folder == Path::new("") { PathBuf::from(".") } else { folder };
        let names = input::names_in(&folder).unwrap_or_default();
        files.extend(names.into_iter().map(|name| folder.join(name)));
    }
    let seen = |path: &PathBuf| {
        let about = fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    let all: Vec<PathBuf> = files.into_iter().collect();
    (all.iter().map(|path| (path.clone(), seen(path))).collect(), all)
}
