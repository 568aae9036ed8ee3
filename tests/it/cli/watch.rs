//! `loadline check --watch`.

use std::fs;
use std::io::{BufRead as _, BufReader};

use super::{Folder, Outcome, SHOP, broken};

/// At once: a watcher never sees half of it.
fn write(folder: &Folder, path: &str, text: &str) -> std::io::Result<()> {
    fs::write(folder.path("new"), text)?;
    fs::rename(folder.path("new"), folder.path(path))
}

#[test]
fn the_same_is_printed_again_after_a_change() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let mut child = folder.command(&["check", "--watch"]).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let sound = "checked 1 file: no problems";
    assert_eq!(lines.next().ok_or("it ended")??, sound);
    write(&folder, "shop.pipeline", &broken())?;
    let mut out = String::new();
    while !out.ends_with("1 error\n") {
        out.push_str(&lines.next().ok_or("it ended")??);
        out.push('\n');
    }
    assert_eq!(out, folder.run(&["check"])?.out);
    // A new file counts, too.
    write(&folder, "shop.pipeline", SHOP)?;
    assert_eq!(lines.next().ok_or("it ended")??, sound);
    write(&folder, "more.pipeline", "let _spare = 1\n")?;
    assert_eq!(lines.next().ok_or("it ended")??, "checked 2 files: no problems");
    child.kill()?;
    child.wait()?;
    Ok(())
}

#[test]
fn standard_input_cannot_be_watched() -> Outcome {
    Folder::new(&[])?.refuses(&["check", "--watch", "-"], &["standard input cannot be watched"])
}
