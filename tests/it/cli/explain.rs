use super::{Folder, Outcome};

#[test]
fn a_check_is_explained() -> Outcome {
    let run = Folder::new(&[])?.run(&["explain", "unused-binding"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.starts_with("# unused-binding\n") && run.out.ends_with('\n'), "{run:?}");
    Ok(())
}

#[test]
fn an_unknown_check_gets_the_nearest() -> Outcome {
    let folder = Folder::new(&[])?;
    folder.refuses(&["explain", "unused-bindng"], &["no check is called `unused-bindng`; did you mean `unused-binding`?"])?;
    folder.refuses(&["explain", "zzz"], &["no check is called `zzz`; `loadline explain` lists them all"])
}

#[test]
fn all_checks_are_listed() -> Outcome {
    let run = Folder::new(&[])?.run(&["explain"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out.lines().count(), loadline::diag::CHECKS.len());
    for (line, info) in run.out.lines().zip(loadline::diag::CHECKS) {
        assert!(line.starts_with(info.name) && line.ends_with(info.summary), "{line}");
    }
    Ok(())
}
