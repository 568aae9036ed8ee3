use std::fs;

use serde::Deserialize as _;

use super::{Folder, Outcome, SHOP, billing, broken, doubtful};

fn kinds(stream: &str) -> Result<Vec<String>, serde_yaml::Error> {
    let mut kinds = Vec::new();
    for document in serde_yaml::Deserializer::from_str(stream) {
        let value = serde_yaml::Value::deserialize(document)?;
        kinds.extend(value.get("kind").and_then(|kind| kind.as_str()).map(str::to_owned));
    }
    kinds.sort();
    Ok(kinds)
}

#[test]
fn manifests_go_to_standard_output() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    for args in [&["compile"][..], &["compile", "-o", "-"], &["compile", "--format", "json"]] {
        let run = folder.run(args)?;
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
        assert!(run.out.starts_with("---\n# from shop.pipeline:"), "{run:?}");
        assert_eq!(kinds(&run.out)?, ["Project", "Stage", "Warehouse"]);
    }
    assert_eq!(folder.names(".")?, ["shop.pipeline"]);
    Ok(())
}

#[test]
fn nothing_is_written_if_there_are_errors() -> Outcome {
    let folder = Folder::new(&[("good/shop.pipeline", SHOP), ("bad/shop.pipeline", &broken())])?;
    for args in [&["compile", "good", "bad"][..], &["compile", "good", "bad", "-o", "out"]] {
        let run = folder.run(args)?;
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        assert!(run.err.starts_with("error[") && run.err.contains("slot ap"), "{run:?}");
    }
    assert_eq!(folder.names(".")?, ["bad", "good"]);
    Ok(())
}

#[test]
fn warnings_do_not_stop_a_compile_unless_they_are_denied() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &doubtful())])?;
    let run = folder.run(&["compile"])?;
    assert_eq!(run.code, Some(0));
    assert!(run.err.starts_with("warning[unused-binding]") && run.err.ends_with("\n1 warning\n"), "{run:?}");
    assert_eq!(kinds(&run.out)?.len(), 3);
    let run = folder.run(&["compile", "--deny", "warnings", "-o", "out"])?;
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert_eq!(folder.names(".")?, ["shop.pipeline"]);
    Ok(())
}

#[test]
fn a_folder_is_written_and_kept_up() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let run = folder.run(&["compile", "-o", "out"])?;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", "wrote 4 files to out\n"));
    assert_eq!(folder.names("out")?, ["demo", "kustomization.yaml"]);
    assert_eq!(folder.names("out/demo")?, ["project.yaml", "stage.yaml", "warehouse.yaml"]);
    assert!(folder.read("out/demo/stage.yaml")?.contains("# from shop.pipeline:4\n"));

    let run = folder.run(&["compile", "-o", "out"])?;
    assert_eq!(run.err, "wrote 0 files to out, 4 unchanged\n");
    fs::write(folder.path("shop.pipeline"), "target kargo 1.11\nproject demo\n")?;
    let run = folder.run(&["compile", "--output", "out"])?;
    assert_eq!(run.err, "wrote 1 file to out, removed 2, 1 unchanged\n");
    assert_eq!(folder.names("out/demo")?, ["project.yaml"]);
    Ok(())
}

#[test]
fn only_people_are_told_what_was_written() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let run = folder.run(&["compile", "-o", "out", "--format", "json"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn an_output_that_is_in_the_way_stays() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP), ("file", "mine"), ("out/demo/stage.yaml", "kind: Mine\n")])?;
    folder.refuses(&["compile", "-o", "file"], &["cannot write to `file`: it is not a folder"])?;
    folder.refuses(&["compile", "-o", "out"], &["stage.yaml", "not written by loadline"])?;
    assert_eq!(folder.read("file")?, "mine");
    assert_eq!(folder.names("out/demo")?, ["stage.yaml"]);
    folder.refuses(&["compile", "-o", "file/out"], &["cannot ", "file"])
}

#[test]
fn programs_of_several_folders_are_compiled_together() -> Outcome {
    let folder = Folder::new(&[("a/shop.pipeline", SHOP), ("b/pay.pipeline", &billing())])?;
    let run = folder.run(&["compile", "a", "b"])?;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(kinds(&run.out)?.len(), 6);
    assert!(run.out.contains("# from shop.pipeline:4\n") && run.out.contains("# from pay.pipeline:4\n"));
    let run = folder.run(&["compile", "a", "b", "-o", "out"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), "wrote 7 files to out\n"));
    assert_eq!(folder.names("out")?, ["billing", "demo", "kustomization.yaml"]);
    Ok(())
}

#[test]
fn programs_that_make_the_same_object_are_not() -> Outcome {
    let folder = Folder::new(&[("a/shop.pipeline", SHOP), ("b/shop.pipeline", SHOP)])?;
    let places = ["a/shop.pipeline:", "b/shop.pipeline:"].map(|place| place.replace('/', std::path::MAIN_SEPARATOR_STR));
    let [a, b] = &places;
    folder.refuses(&["compile", "a", "b", "-o", "out"], &["`demo`", a, b])?;
    assert_eq!(folder.names(".")?, ["a", "b"]);
    // One program given twice is one program.
    assert_eq!(folder.run(&["compile", "a", "./a", "a/../a"])?.code, Some(0));
    Ok(())
}

#[test]
fn what_becomes_of_tasks_and_calls_is_told_when_asked() -> Outcome {
    let program = r#"target kargo 1.11
cluster-task push(branch: String) { git-push { path: "./src", targetBranch: branch } }
project demo
warehouse app { image { repoURL: "ghcr.io/acme/web" } }
task clean(static path: Path = "src") { delete { path: path } }
task both() { clean(), delete { path: "./tmp" } }
stage test {
  slot app
  promote {
    push(branch: "main")
    both()
    if app.image.tag == "1" { both() }
    clean(path: "./out/a")
  }
}
flow app -> test
"#;
    let folder = Folder::new(&[("shop.pipeline", program)])?;
    assert_eq!(folder.run(&["compile"])?.err, "");
    let run = folder.run(&["compile", "--explain-lowering"])?;
    let told = "\
shop.pipeline:2:14: the task `push` is the ClusterPromotionTask `push`
shop.pipeline:5:6: the task `clean` is the PromotionTask `clean-src`
shop.pipeline:6:6: the task `both` is the PromotionTask `both`
shop.pipeline:6:15: the call of `clean` is replaced by the steps of the task: it stands in a task, where Kargo takes no call
shop.pipeline:10:5: the call of `push` is a reference to the ClusterPromotionTask `push`
shop.pipeline:11:5: the call of `both` is a reference to the PromotionTask `both`
shop.pipeline:12:31: the call of `both` is replaced by the steps of the task: a condition stands around it, and Kargo takes none on a call
shop.pipeline:13:5: the call of `clean` is replaced by the steps of the task: its static arguments cannot be part of the name of an object
";
    assert_eq!((run.code, run.err.as_str()), (Some(0), told));
    assert_eq!(run.out, folder.run(&["compile"])?.out);
    Ok(())
}

#[test]
fn a_task_that_is_no_object_says_why() -> Outcome {
    let program = r#"@allow(faulty-patch, "not the point")
target kargo 1.5.0
project shop
warehouse app { image { repoURL: "ghcr.io/acme/web" } }
task clean(paths: [String]) { for path in paths { delete { path: "./${path}" } } }
task sync(tag: String) { argocd-update { apps: [{ name: "shop", sources: [{ repoURL: "https://x.example/y.git", desiredRevision: tag }] }] } }
stage test {
  slot app
  promote {
    clean(paths: ["a"])
    sync(tag: app.image.tag)
  }
}
flow app -> test
"#;
    let folder = Folder::new(&[("shop.pipeline", program)])?;
    let run = folder.run(&["compile", "--explain-lowering"])?;
    let told = "\
shop.pipeline:10:5: the call of `clean` is replaced by the steps of the task: a loop in it runs over a list that it is passed, and the steps of an object are the same for all its callers
shop.pipeline:11:5: the call of `sync` is replaced by the steps of the task: in an object a step of it would run into `argocd-update-waits`
";
    assert!(run.err.ends_with(told), "{}", run.err);
    Ok(())
}
