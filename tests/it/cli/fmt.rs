//! `fmt`: what is written and what is not.

use std::fs;

use super::{Folder, Outcome, SHOP, refused};

const LOOSE: &str = "project  shop\n\n\nlet a=[1,2] // two\n";
const FORMED: &str = "project shop\n\nlet a = [1, 2] // two\n";

#[test]
fn files_are_formatted_in_place() -> Outcome {
    let folder = Folder::new(&[("a.pipeline", LOOSE), ("below/b.pipeline", LOOSE), (".git/c.pipeline", LOOSE), ("d.txt", LOOSE)])?;
    folder.run(&["fmt", "below/b.pipeline"])?;
    assert_eq!((folder.read("a.pipeline")?.as_str(), folder.read("below/b.pipeline")?.as_str()), (LOOSE, FORMED));
    let run = folder.run(&["fmt"])?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", "formatted 1 file, 1 unchanged\n"));
    assert_eq!(folder.read("a.pipeline")?, FORMED);
    assert_eq!((folder.read(".git/c.pipeline")?.as_str(), folder.read("d.txt")?.as_str()), (LOOSE, LOOSE));
    assert_eq!(folder.names("")?, [".git", "a.pipeline", "below", "d.txt"]);
    let run = folder.run(&["fmt", "."])?;
    assert_eq!(run.err, "formatted 0 files, 2 unchanged\n");
    Ok(())
}

#[test]
fn check_lists_what_would_change_and_writes_nothing() -> Outcome {
    let folder = Folder::new(&[("a.pipeline", LOOSE), ("b.pipeline", FORMED)])?;
    let run = folder.run(&["fmt", "--check"])?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(1), "a.pipeline\n", ""));
    assert_eq!(folder.read("a.pipeline")?, LOOSE);
    let run = folder.run(&["fmt", "--check", "b.pipeline"])?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    Ok(())
}

#[test]
fn standard_input_goes_to_standard_output() -> Outcome {
    let folder = Folder::new(&[("a.pipeline", LOOSE)])?;
    let run = folder.feed(&["fmt", "-"], LOOSE.as_bytes())?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), FORMED, ""));
    let run = folder.feed(&["fmt", "--check", "-"], LOOSE.as_bytes())?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(1), "<stdin>\n", ""));
    let run = folder.feed(&["fmt", "-", "a.pipeline"], LOOSE.as_bytes())?;
    refused(&run, &["`-` stands alone"]);
    assert_eq!(folder.read("a.pipeline")?, LOOSE);
    Ok(())
}

#[test]
fn one_broken_file_leaves_all_as_they_were() -> Outcome {
    let folder = Folder::new(&[("a.pipeline", LOOSE), ("b.pipeline", "project shop\nstage test {\n")])?;
    for args in [&["fmt"][..], &["fmt", "--check"]] {
        let run = folder.run(args)?;
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        assert!(run.err.contains("error[syntax-error]") && run.err.contains("b.pipeline:3"), "{run:?}");
        assert!(run.err.ends_with("1 error, nothing was formatted\n"), "{run:?}");
        assert_eq!(folder.read("a.pipeline")?, LOOSE);
    }
    Ok(())
}

#[test]
fn what_cannot_be_formatted_is_said() -> Outcome {
    let folder = Folder::new(&[("a.txt", LOOSE), ("empty/a.txt", "")])?;
    folder.refuses(&["fmt", "a.txt"], &["`a.txt` is not a .pipeline file"])?;
    folder.refuses(&["fmt", "empty"], &["there are no .pipeline files in `empty` or below"])?;
    folder.refuses(&["fmt", "gone.pipeline"], &["cannot read `gone.pipeline`"])
}

#[test]
fn a_formatted_program_is_the_same_program() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &SHOP.replace("  ", " ").replace(", ", " ,"))])?;
    let lines = |text: String| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let before = lines(folder.run(&["compile"])?.out);
    assert_eq!(folder.run(&["fmt"])?.code, Some(0));
    assert_eq!(lines(folder.run(&["compile"])?.out), before);
    assert!(before.len() > 20);
    Ok(())
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() -> Outcome {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new(&[("real/a.pipeline", LOOSE), ("b/x", "")])?;
    fs::set_permissions(folder.path("real/a.pipeline"), fs::Permissions::from_mode(0o640))?;
    symlink(folder.path("real/a.pipeline"), folder.path("b/link.pipeline"))?;
    assert_eq!(folder.run(&["fmt", "b"])?.code, Some(0));
    assert_eq!(folder.read("real/a.pipeline")?, FORMED);
    assert_eq!(fs::metadata(folder.path("real/a.pipeline"))?.permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.path("b/link.pipeline"))?.is_symlink());
    Ok(())
}
