use serde_json::Value;

use super::{Folder, Outcome, SHOP, broken, doubtful};

#[test]
fn a_sound_program_is_said_to_be_sound() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let run = folder.run(&["check"])?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "checked 1 file: no problems\n", ""));
    for format in ["short", "json"] {
        let run = folder.run(&["check", "--format", format])?;
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    }
    Ok(())
}

#[test]
fn errors_go_to_standard_output() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &broken())])?;
    let run = folder.run(&["check"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    assert!(run.out.starts_with("error["), "{run:?}");
    assert!(run.out.contains("shop.pipeline:5:") && run.out.contains("slot ap"), "{run:?}");
    let last = run.out.lines().last().unwrap_or_default();
    assert!(last.contains(" error") && last.starts_with(|c: char| c.is_ascii_digit()), "{run:?}");
    Ok(())
}

#[test]
fn the_short_form_has_a_line_for_each_report() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &broken())])?;
    let run = folder.run(&["check", "--format", "short"])?;
    assert_eq!(run.code, Some(1));
    assert!(run.out.lines().all(|line| line.starts_with("shop.pipeline:")), "{run:?}");
    assert!(run.out.contains("shop.pipeline:5:") && run.out.contains(": error["), "{run:?}");
    Ok(())
}

#[test]
fn the_json_form_has_an_object_for_each_report() -> Outcome {
    let folder = Folder::new(&[("a/shop.pipeline", &broken())])?;
    let run = folder.run(&["check", "--format", "json", "a"])?;
    assert_eq!(run.code, Some(1));
    let reports: Vec<Value> = run.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let report = reports.iter().find(|report| report.pointer("/start/line") == Some(&5.into())).ok_or("no report")?;
    let path = std::path::Path::new("a").join("shop.pipeline");
    let field = |pointer| report.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(field("/severity"), "error");
    assert_eq!(field("/file"), path.to_string_lossy().as_ref());
    assert_eq!((field("/end/line"), field("/end/column")), (5.into(), 10.into()));
    assert!(loadline::diag::Check::by_name(field("/code").as_str().unwrap_or_default()).is_some(), "{report}");
    Ok(())
}

#[test]
fn warnings_fail_only_when_they_are_denied() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &doubtful())])?;
    let run = folder.run(&["check"])?;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.starts_with("warning[unused-binding]") && run.out.ends_with("\n1 warning\n"), "{run:?}");
    for deny in ["warnings", "unused-binding"] {
        let run = folder.run(&["check", "--deny", "slot-may-be-missing", "--deny", deny])?;
        assert_eq!(run.code, Some(1));
        assert!(run.out.starts_with("error[unused-binding]") && run.out.ends_with("\n1 error\n"), "{run:?}");
        assert!(run.out.contains(&format!("because of `--deny {deny}`")), "{run:?}");
    }
    assert_eq!(folder.run(&["check", "--deny", "slot-may-be-missing"])?.code, Some(0));
    Ok(())
}

#[test]
fn colours_are_for_terminals_or_on_request() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &broken())])?;
    assert!(!folder.run(&["check"])?.out.contains('\u{1b}'));
    assert!(!folder.run(&["check", "--color", "never"])?.out.contains('\u{1b}'));
    assert!(folder.run(&["check", "--color", "always"])?.out.contains('\u{1b}'));
    assert!(!folder.run(&["check", "--color", "always", "--format", "short"])?.out.contains('\u{1b}'));
    Ok(())
}

#[test]
fn a_target_of_the_arguments_counts() -> Outcome {
    let without = SHOP.replace("target kargo 1.11\n", "");
    let folder = Folder::new(&[("shop.pipeline", &without)])?;
    assert!(folder.run(&["check"])?.out.starts_with("error[missing-target]"));
    let run = folder.run(&["check", "--target", "kargo=1.11"])?;
    assert_eq!(run.code, Some(0), "{run:?}");
    for target in ["kargo=1.10.2", "kargo=1.9..1.11"] {
        assert_eq!(folder.run(&["check", "--target", target])?.code, Some(0));
    }
    Ok(())
}

#[test]
fn a_bad_target_cannot_run() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    for (target, words) in [
        ("kargo", "such as `kargo=1.11`"),
        ("cargo=1.11", "no target is called `cargo`"),
        ("expressions=1.17", "no target is called `expressions`"),
        ("kargo=new", "`new` is no version"),
        ("kargo=1.8..", "`` is no version"),
        ("kargo=9.9", "the version 9.9 is not known; known are 1.5, "),
        ("kargo=1.11..1.8", "1.8 is older than 1.11"),
    ] {
        folder.refuses(&["check", "--target", target], &[words])?;
    }
    folder.refuses(&["check", "--target", "kargo=1.8", "--target", "kargo=1.11"], &["twice for `kargo`"])
}

const BOUND: &str = r#"kind: RoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata: { name: kargo, namespace: kargo-demo }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: nothing }
subjects: [{ kind: ServiceAccount, name: kargo-controller, namespace: kargo }]
---
kind: Role
apiVersion: rbac.authorization.k8s.io/v1
metadata: { name: nothing, namespace: kargo-demo }
rules: []
"#;

#[test]
fn roles_are_given_by_the_program_or_the_command() -> Outcome {
    let program = |settings: &str| {
        format!("target kargo 1.11{settings}\nproject kargo-demo\nwarehouse app {{ image {{ repoURL: \"ghcr.io/acme/shop\" }} }}\n")
    };
    let folder = Folder::new(&[
        ("roles/bound.yaml", BOUND),
        ("plain/shop.pipeline", &program("")),
        ("named/shop.pipeline", &program(" { granted: [\"../roles/bound.yaml\"] }")),
    ])?;
    assert_eq!(folder.run(&["check", "plain"])?.code, Some(0));
    for args in [&["check", "named"][..], &["check", "plain", "--granted", "roles/bound.yaml"]] {
        let run = folder.run(args)?;
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.out.contains("error[rbac-missing-verb]: the Kargo controller may not get, list and watch `secrets`"), "{run:?}");
    }
    let run = folder.run(&["check", "plain", "--granted", "absent.yaml"])?;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("absent.yaml"), "{run:?}");
    Ok(())
}
