use std::fs;

use super::{Folder, Outcome, Run, SHOP, broken, refused};

const SHARED: &str = "let repo = \"ghcr.io/acme/web\"\n";

/// A program that needs `SHARED`.
fn sharing() -> String {
    SHOP.replace("repoURL: \"ghcr.io/acme/web\"", "repoURL: repo")
}

fn sound(run: &Run, files: usize) {
    let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    assert_eq!((run.code, run.out.clone()), (Some(0), format!("checked {files}: no problems\n")), "{run:?}");
}

#[test]
fn a_folder_is_its_own_visible_files() -> Outcome {
    let folder = Folder::new(&[
        ("p/a.pipeline", SHARED),
        ("p/shop.pipeline", &sharing()),
        ("p/.hidden.pipeline", "?"),
        ("p/.pipeline", "?"),
        ("p/notes.md", "?"),
        ("p/sub/other.pipeline", "?"),
        ("p/folder.pipeline/x.pipeline", "?"),
    ])?;
    sound(&folder.run(&["check", "p"])?, 2);
    // Its paths are those that the user would open.
    fs::write(folder.path("p/shop.pipeline"), broken())?;
    let path = std::path::Path::new("p").join("shop.pipeline");
    let run = folder.run(&["check", "p", "--format", "short"])?;
    assert!(run.out.contains(&format!("{}:5:", path.display())), "{run:?}");
    let run = folder.command(&["check", ".", "--format", "short"]).current_dir(folder.path("p")).output()?;
    assert!(String::from_utf8(run.stdout)?.lines().any(|line| line.starts_with("shop.pipeline:5:")));
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read() -> Outcome {
    let folder = Folder::new(&[("p/shop.pipeline", &sharing()), ("lib/shared.txt", SHARED)])?;
    std::os::unix::fs::symlink("../lib/shared.txt", folder.path("p/shared.pipeline"))?;
    sound(&folder.run(&["check", "p"])?, 2);
    fs::remove_file(folder.path("lib/shared.txt"))?;
    folder.refuses(&["check", "p"], &["cannot read `p/shared.pipeline`: No such file"])
}

#[test]
fn files_given_together_are_one_program() -> Outcome {
    let folder = Folder::new(&[("p/shop.pipeline", &sharing()), ("q/shared.pipeline", SHARED)])?;
    assert_eq!(folder.run(&["check", "p/shop.pipeline"])?.code, Some(1));
    sound(&folder.run(&["check", "p/shop.pipeline", "q/shared.pipeline", "./q/shared.pipeline"])?, 2);
    let one = folder.run(&["compile", "p/shop.pipeline", "q/shared.pipeline"])?;
    let other = folder.run(&["compile", "q/shared.pipeline", "p/shop.pipeline"])?;
    assert!(one.out.contains("# from p/shop.pipeline:4\n"), "{one:?}");
    assert_eq!(one.out, other.out);
    Ok(())
}

#[test]
fn manifests_do_not_say_where_the_program_lies() -> Outcome {
    let folder = Folder::new(&[("deep/p/shop.pipeline", SHOP)])?;
    let whole = folder.path("deep/p/shop.pipeline");
    let expected = folder.run(&["compile", "deep/p"])?.out;
    assert!(expected.starts_with("---\n# from shop.pipeline:"));
    for path in ["deep/p/shop.pipeline", "deep/../deep/p/", whole.to_str().ok_or("odd folder")?] {
        assert_eq!(folder.run(&["compile", path])?.out, expected, "{path}");
    }
    Ok(())
}

#[test]
fn standard_input_is_a_file_like_others() -> Outcome {
    let folder = Folder::new(&[("shared.pipeline", SHARED)])?;
    sound(&folder.feed(&["check", "-"], SHOP.as_bytes())?, 1);
    sound(&folder.feed(&["check", "-", "shared.pipeline"], sharing().as_bytes())?, 2);
    let run = folder.feed(&["check", "--format", "short", "-"], broken().as_bytes())?;
    assert!(run.out.contains("<stdin>:5:"), "{run:?}");
    let run = folder.feed(&["compile", "-"], SHOP.as_bytes())?;
    assert!(run.out.starts_with("---\n# from <stdin>:"), "{run:?}");
    refused(&folder.feed(&["check", "-"], b"\xff")?, &["cannot read standard input: it is not UTF-8 at offset 0"]);
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> Outcome {
    let folder = Folder::new(&[("notes.md", "?"), ("below/b/x.pipeline", SHOP), ("below/a/notes.md", "?")])?;
    folder.refuses(&["check", "gone"], &["cannot read `gone`: ", "(os error 2)"])?;
    folder.refuses(&["check", "gone.pipeline"], &["cannot read `gone.pipeline`: "])?;
    folder.refuses(&["check", "notes.md"], &["`notes.md` is not a .pipeline file"])?;
    folder.refuses(&["check"], &["there are no .pipeline files in `.`\n"])?;
    let program = std::path::Path::new("below").join("b");
    let hint = format!("there are some in `{}`, which", program.display());
    folder.refuses(&["compile", "below"], &["there are no .pipeline files in `below` itself; ", &hint])?;
    let run = folder.command(&["check"]).current_dir(folder.path("below")).output()?;
    assert!(String::from_utf8(run.stderr)?.contains("in `.` itself; there are some in `b`, which"));
    Ok(())
}

#[test]
fn texts_must_be_utf8() -> Outcome {
    let folder = Folder::new(&[])?;
    fs::write(folder.path("a.pipeline"), b"let a = 1\nlet b = \"\xe4\"\n")?;
    folder.refuses(&["check"], &["cannot read `a.pipeline`: it is not UTF-8 at offset 19, in line 2"])?;
    fs::write(folder.path("a.pipeline"), b"\xff\xfel\0e\0t\0")?;
    folder.refuses(&["check"], &["offset 0", "UTF-16"])
}

#[test]
fn huge_files_are_refused() -> Outcome {
    let folder = Folder::new(&[])?;
    fs::File::create(folder.path("a.pipeline"))?.set_len((64 << 20) + 1)?;
    folder.refuses(&["check", "a.pipeline"], &["cannot read `a.pipeline`: it is larger than 64 MiB"])
}

#[cfg(unix)]
#[test]
fn a_name_cannot_steer_the_terminal() -> Outcome {
    let folder = Folder::new(&[("\u{1b}[2J.pipeline", &broken())])?;
    assert!(!folder.run(&["check"])?.out.contains('\u{1b}'));
    folder.refuses(&["check", "\u{1b}[2J.pipelin"], &["cannot read `\u{fffd}[2J.pipelin`: "])
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_a_file() -> Outcome {
    let folder = Folder::new(&[])?;
    let run = folder.feed(&["check", "/dev/stdin", "--format", "short"], broken().as_bytes())?;
    assert!(run.out.contains("/dev/stdin:5:"), "{run:?}");
    Ok(())
}
