//! Programs that use other folders.

use std::fs;

use super::{Folder, Outcome, SHOP, broken};

const LIB: &str = "let repo = \"ghcr.io/acme/web\"\ntask clean() { delete { path: \"./src\" } }\n";

/// A program that brings something from `path`.
fn using(path: &str) -> String {
    let calls = SHOP.replace("    git-push", "    clean()\n    git-push").replace("\"ghcr.io/acme/web\"", "repo");
    calls.replace("project demo", &format!("project demo\nuse [repo, clean] from \"{path}\""))
}

#[test]
fn folders_are_found_from_the_file_that_uses_them() -> Outcome {
    let folder =
        Folder::new(&[("deep/p/shop.pipeline", &using("../lib")), ("deep/lib/a.pipeline", LIB), ("deep/lib/sub/b.pipeline", "?")])?;
    let expected = folder.run(&["compile", "deep/p"])?;
    assert!(expected.out.contains("# from ../lib/a.pipeline:2\n"), "{expected:?}");
    assert_eq!(folder.run(&["compile", "deep/p/shop.pipeline"])?.out, expected.out);
    let run = folder.command(&["compile"]).current_dir(folder.path("deep/p")).output()?;
    assert_eq!(String::from_utf8(run.stdout)?, expected.out);
    // A library can be checked by itself, and says nothing about what it does not use.
    fs::remove_dir_all(folder.path("deep/lib/sub"))?;
    assert_eq!(folder.run(&["check", "deep/lib"])?.out, "checked 1 file: no problems\n");
    Ok(())
}

#[test]
fn reports_in_used_folders_have_paths_that_open() -> Outcome {
    let lib = LIB.replace("path:", "pat:");
    let folder = Folder::new(&[("p/shop.pipeline", &using("../lib")), ("lib/a.pipeline", &lib)])?;
    let path = std::path::Path::new("lib").join("a.pipeline");
    let run = folder.run(&["check", "p", "--format", "short"])?;
    assert!(run.out.lines().any(|line| line.starts_with(&format!("{}:2:", path.display()))), "{run:?}");
    Ok(())
}

#[test]
fn a_folder_that_is_not_there_is_reported_where_it_is_named() -> Outcome {
    let folder = Folder::new(&[("p/shop.pipeline", &using("../libs")), ("lib/a.pipeline", LIB), ("empty/notes.md", "?")])?;
    let run = folder.run(&["check", "p"])?;
    assert!(run.out.contains("error[unknown-folder]: there is no folder `../libs`"), "{run:?}");
    assert!(run.out.contains("did you mean `../lib`?") && run.out.contains("1 error"), "{run:?}");
    fs::write(folder.path("p/shop.pipeline"), using("../empty"))?;
    assert!(folder.run(&["check", "p"])?.out.contains("there are no `.pipeline` files in `../empty`"));
    fs::write(folder.path("p/shop.pipeline"), using("./"))?;
    assert!(folder.run(&["check", "p"])?.out.contains("a program does not `use` itself"));
    fs::write(folder.path("p/shop.pipeline"), using("../lib"))?;
    fs::write(folder.path("lib/a.pipeline"), b"let a = \"\xe4\"\n")?;
    assert!(folder.run(&["check", "p"])?.out.contains("it is not UTF-8 at offset 9"));
    Ok(())
}

#[test]
fn folders_may_use_each_other() -> Outcome {
    let back = format!("use [name] from \"../p\"\nlet _name = name\n{LIB}");
    let folder = Folder::new(&[
        ("p/shop.pipeline", &using("../lib")),
        ("p/names.pipeline", "let name = \"x\"\nlet _used = name\n"),
        ("lib/a.pipeline", &back),
    ])?;
    let run = folder.run(&["check", "p"])?;
    assert_eq!(run.out, "checked 2 files: no problems\n", "{run:?}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_lead_to_one_folder() -> Outcome {
    let shop = using("../lib").replace("use [repo, clean]", "use [repo] from \"../link\"\nuse [clean]");
    let folder = Folder::new(&[("p/shop.pipeline", &shop), ("lib/a.pipeline", LIB), ("q/x.md", "")])?;
    std::os::unix::fs::symlink("lib", folder.path("link"))?;
    std::os::unix::fs::symlink("../p", folder.path("q/p"))?;
    let expected = folder.run(&["compile", "p"])?.out;
    assert!(expected.contains("# from ../lib/a.pipeline:2\n"), "{expected}");
    assert_eq!(folder.run(&["compile", "q/p"])?.out, expected);
    Ok(())
}

#[test]
fn standard_input_uses_folders_of_the_working_directory() -> Outcome {
    let folder = Folder::new(&[("lib/a.pipeline", LIB), ("p/more.pipeline", "let _x = 1\n")])?;
    let run = folder.feed(&["compile", "-"], using("./lib").as_bytes())?;
    assert!(run.out.contains("# from lib/a.pipeline:2\n"), "{run:?}");
    assert_eq!(folder.feed(&["check", "-", "p/more.pipeline"], using("./lib").as_bytes())?.code, Some(0));
    assert_eq!(folder.feed(&["check", "-"], broken().as_bytes())?.code, Some(1));
    Ok(())
}
