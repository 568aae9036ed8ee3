use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Folder, Outcome, SHOP, billing, broken};

/// What the API server of OpenShift asks besides, and no installation grants; and people.
const LACKING: &str = r#"target kargo 1.11 { ownerReferencesPermissionEnforcement: true }
project shop
warehouse app { image { repoURL: "ghcr.io/acme/shop" } }
stage [test, prod] {
  slot app
  autoPromotionEnabled: ctx.stage == "test"
  promote { argocd-update { apps: [{ name: "shop-${ctx.stage}" }] } }
}
flow app -> test -> prod
role qa { promote: [test], claims: { groups: ["q'a $(touch hacked) `touch hacked` \"x"] } }
role ci { promote: [prod] }
"#;

fn lines(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    text.lines().map(serde_json::from_str).collect()
}

#[test]
fn the_matrix_says_who_may_do_what_and_why() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", LACKING)])?;
    let run = folder.run(&["rbac"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{run:?}");
    let missing = "  in namespace shop
    missing  update stages.kargo.akuity.io/finalizers
               shop.pipeline:6: promoting new freight without anybody asking for it
               nothing that is granted comes near
";
    assert!(run.out.starts_with("ServiceAccount kargo/kargo-controller, the Kargo controller\n"), "{run:?}");
    assert!(run.out.contains(missing), "{}", run.out);
    assert!(run.out.contains("by ClusterRole kargo-controller-argocd (Kargo 1.11)\n"), "{}", run.out);
    assert!(run.out.contains("by Role shop/qa (shop.pipeline:10)\n"), "{}", run.out);
    assert!(run.out.trim_end().ends_with(" granted, 1 missing"), "{}", run.out);
    assert!(run.out.lines().all(|line| line.chars().count() <= 100), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'));
    assert_eq!(folder.run(&["rbac"])?.out, run.out);
    let coloured = folder.run(&["rbac", "--color", "always"])?;
    assert!(coloured.out.contains("\u{1b}[1;31mmissing\u{1b}[0m  update stages"), "{}", coloured.out);
    // `check` ends in the same way.
    assert_eq!(folder.run(&["check"])?.code, Some(1));
    let sound = folder.run(&["rbac", "--target", "kargo=1.8"])?;
    assert_eq!(sound.code, Some(1));
    let short = folder.run(&["rbac", "--format", "short"])?;
    let wanted =
        "shop.pipeline:6:3: missing: ServiceAccount kargo/kargo-controller in namespace shop may update stages.kargo.akuity.io/finalizers";
    assert!(short.out.lines().any(|line| line.starts_with(wanted)), "{}", short.out);
    Ok(())
}

#[test]
fn json_has_an_object_for_each_need() -> Outcome {
    let roles = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\n\
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: own}\n\
                 subjects: [{kind: ServiceAccount, name: kargo-controller, namespace: kargo}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: own}\nrules:\n\
                 - {apiGroups: [''], resources: [secrets], verbs: [get, list]}\n\
                 - {apiGroups: [argoproj.io], resources: [applications], verbs: [get], resourceNames: [shop-test]}\n";
    let unknown = roles.replace("name: own}\nsubjects", "name: other}\nsubjects");
    let folder = Folder::new(&[("shop.pipeline", LACKING), ("roles.yaml", roles), ("unknown.yaml", &unknown)])?;
    let run = folder.run(&["rbac", "--format", "json", "--granted", "roles.yaml"])?;
    // What else there is to say goes elsewhere.
    assert_eq!(run.code, Some(1));
    assert!(lines(&run.err)?.iter().all(|line| line["code"] == "dangerous-permission"), "{}", run.err);
    let all = lines(&run.out)?;
    let find = |permission: &str| all.iter().find(|line| line["permission"] == permission).ok_or(permission.to_owned());
    let granted = find("list secrets")?;
    assert_eq!(granted["verdict"], "granted");
    assert_eq!(granted["granted"]["at"]["line"], 11);
    assert_eq!(granted["granted"]["role"], "ClusterRole own");
    assert_eq!(granted["subject"]["name"], "kargo-controller");
    assert!(granted["evidence"].as_array().is_some_and(|found| found.iter().any(|one| one.to_string().contains("kargo:pkg/"))));
    let near = find("watch secrets")?;
    assert_eq!((&near["verdict"], &near["near"]["differsIn"]), (&"missing".into(), &"other verbs".into()));
    assert_eq!(near["near"]["permission"], "get,list secrets");
    assert_eq!(near["ask"], "kubectl auth can-i watch secrets -n shop --as=system:serviceaccount:kargo:kargo-controller");
    let named = find("patch applications.argoproj.io")?;
    assert_eq!((&named["verdict"], &named["namespace"]), (&"missing".into(), &"argocd".into()));
    let run = folder.run(&["rbac", "--format", "json", "--granted", "unknown.yaml"])?;
    let unknown = lines(&run.out)?.into_iter().find(|line| line["permission"] == "list secrets").ok_or("no secrets")?;
    assert_eq!(unknown["verdict"], "unknown");
    assert_eq!(unknown["unknown"], "ClusterRoleBinding a gives ClusterRole other, which is not known");
    // What is unknown is no error.
    assert_eq!(run.code, Some(0));
    Ok(())
}

#[test]
fn other_errors_are_told_and_nothing_else() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &broken())])?;
    for args in [&["rbac"][..], &["rbac", "--emit"], &["rbac", "--verify"], &["rbac", "--emit", "-o", "roles"]] {
        let run = folder.run(args)?;
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        assert!(run.err.starts_with("error[") && run.err.ends_with("1 error\n"), "{run:?}");
    }
    assert_eq!(folder.names(".")?, ["shop.pipeline"]);
    folder.refuses(&["rbac", "--emit", "--verify"], &["--verify"])?;
    folder.refuses(&["rbac", "-o", "x"], &["--emit"])
}

#[test]
fn what_closes_gaps_is_written_and_then_nothing_is_missing() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", LACKING), ("b/pay.pipeline", &billing())])?;
    let run = folder.run(&["rbac", "--emit"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let wanted = "---
# from shop.pipeline:6
# Whoever applies this must hold what it grants, or have the verb `escalate` on roles.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: shop-kargo-controller
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: loadline
    app.kubernetes.io/part-of: shop
rules:
# shop.pipeline:6: promoting new freight without anybody asking for it (kargo-autopromotion)
- apiGroups:
  - kargo.akuity.io
  resources:
  - stages/finalizers
  verbs:
  - update
---
";
    assert!(run.out.starts_with(wanted), "{}", run.out);
    let in_folder = folder.run(&["rbac", "--emit", "-o", "roles"])?;
    assert_eq!((in_folder.code, in_folder.err.as_str()), (Some(0), "wrote 2 files to roles\n"));
    assert_eq!(folder.names("roles")?, ["kustomization.yaml", "shop"]);
    let file = folder.read("roles/shop/rbac.yaml")?;
    assert_eq!(file.split_once('\n').map(|(_, rest)| rest), Some(run.out.as_str()));
    let after = folder.run(&["rbac", "--granted", "roles/shop/rbac.yaml"])?;
    assert_eq!(after.code, Some(0), "{}", after.out);
    assert!(after.out.contains("by Role shop/shop-kargo-controller (roles/shop/rbac.yaml:"), "{}", after.out);
    // Written anew it stays, though it is granted already.
    let again = folder.run(&["rbac", "--emit", "-o", "roles", "--granted", "roles/shop/rbac.yaml"])?;
    assert_eq!((again.code, again.err.as_str()), (Some(0), "wrote 0 files to roles, 2 unchanged\n"));
    // A program without gaps.
    let none = folder.run(&["rbac", "b", "--emit"])?;
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (Some(0), "", ""));
    Ok(())
}

#[test]
fn compile_and_rbac_do_not_share_a_folder() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", &LACKING.replace(" { ownerReferencesPermissionEnforcement: true }", ""))])?;
    assert_eq!(folder.run(&["compile", "-o", "out"])?.code, Some(0));
    let before = folder.names("out/shop")?;
    folder.refuses(&["rbac", "--emit", "-o", "out"], &["kustomization.yaml", "another command of loadline wrote it"])?;
    assert_eq!(folder.names("out/shop")?, before);
    // One in the other is well, both ways.
    assert_eq!(folder.run(&["rbac", "--emit", "-o", "out/roles"])?.code, Some(0));
    let run = folder.run(&["compile", "-o", "out"])?;
    assert!(run.err.starts_with("wrote 0 files") && !run.err.contains("removed"), "{run:?}");
    assert_eq!(folder.names("out/roles")?, ["kustomization.yaml"]);
    Ok(())
}

#[test]
fn an_account_that_everybody_is_gets_nothing() -> Outcome {
    let program = "target kargo 1.11 { accounts: { kargo-controller: \"default\" }, ownerReferencesPermissionEnforcement: true }\n";
    let folder = Folder::new(&[("shop.pipeline", &LACKING.replace(LACKING.lines().next().unwrap_or_default(), program.trim_end()))])?;
    let run = folder.run(&["rbac", "--emit"])?;
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.starts_with("shop.pipeline:6: ServiceAccount kargo/default lacks permissions"), "{run:?}");
    Ok(())
}

/// How a script ended, what it printed, and the words of each of its questions.
#[cfg(unix)]
type Asked = (Option<i32>, String, Vec<Vec<String>>);

/// Runs a script with a kubectl that answers all questions with one word, and gives what it printed and was asked.
#[cfg(unix)]
fn asked(folder: &Folder, script: &str, answer: &str) -> Result<Asked, Box<dyn Error>> {
    use std::os::unix::fs::PermissionsExt as _;
    let kubectl =
        "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\" >> asked; done\nprintf '\\n\\0' >> asked\necho \"Warning: a verb\" >&2\n";
    let place = folder.path("kubectl");
    fs::write(&place, format!("{kubectl}{answer}\n"))?;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
    fs::write(folder.path("verify.sh"), script)?;
    let _ = fs::remove_file(folder.path("asked"));
    let output =
        Command::new("sh").arg("verify.sh").current_dir(folder.path(".")).env("KUBECTL", "./kubectl").stdin(Stdio::null()).output()?;
    assert_eq!(String::from_utf8(output.stderr)?, "");
    let asked = fs::read_to_string(folder.path("asked"))?;
    let lines = asked.split("\n\0").filter(|line| !line.is_empty());
    let words = lines.map(|line| line.split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect()).collect();
    Ok((output.status.code(), String::from_utf8(output.stdout)?, words))
}

#[cfg(unix)]
#[test]
fn the_script_asks_for_all_and_tells_what_is_otherwise() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", LACKING)])?;
    let run = folder.run(&["rbac", "--verify"])?;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let (code, told, questions) = asked(&folder, &run.out, "echo yes")?;
    assert_eq!(code, Some(1), "{told}");
    let person = "q'a $(touch hacked) `touch hacked` \"x";
    let denied: BTreeSet<&str> = told.lines().filter(|line| line.starts_with("yes, but no is expected: ")).collect();
    for wanted in [
        "'promote' 'stages.kargo.akuity.io/prod' '-n' 'shop' '--as=system:serviceaccount:shop:qa' '--as-group=system:authenticated'",
        "'promote' 'stages.kargo.akuity.io/test' '-n' 'shop' '--as=system:serviceaccount:shop:ci'",
        "'patch' 'freights.kargo.akuity.io' '--subresource=status' '-n' 'shop' '--as=system:serviceaccount:shop:ci'",
        "'get' 'secrets' '-n' 'shop' '--as=system:serviceaccount:shop:ci'",
    ] {
        assert!(denied.contains(format!("yes, but no is expected: {wanted}").as_str()), "{wanted}\n{told}");
    }
    let as_person = [format!("--as={person}"), format!("--as-group={person}")];
    let direct = |question: &&Vec<String>| question.ends_with(&as_person) && question.contains(&"promote".to_owned());
    assert_eq!(questions.iter().filter(direct).count(), 2, "{questions:?}");
    assert!(!folder.path("hacked").exists());
    assert!(questions.iter().all(|question| question.starts_with(&["auth".to_owned(), "can-i".to_owned()])));
    // What is needed is asked for, missing or not, and nothing that is needed is expected to be refused.
    let json = lines(&folder.run(&["rbac", "--format", "json"])?.out)?;
    let lines_of = |question: &Vec<String>| format!("kubectl {}", question.join(" "));
    let all: BTreeSet<String> = questions.iter().map(lines_of).collect();
    for need in &json {
        let line = need["ask"].as_str().ok_or("no question")?;
        let for_people = format!("{line} --as-group=system:authenticated");
        assert!(all.contains(line) || all.contains(&for_people), "{line}");
        let words = line.trim_start_matches("kubectl auth can-i ").split(' ').map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        assert!(!denied.iter().any(|denied| denied.ends_with(&words)), "{line}");
    }
    assert_eq!(
        told.lines().last(),
        Some(format!("{} questions, {} answered otherwise than expected, 0 not answered", questions.len(), denied.len()).as_str())
    );
    let (code, told, _) = asked(&folder, &run.out, "echo 'no - no rule says so'\nexit 1")?;
    assert_eq!(
        (code, told.lines().filter(|line| line.starts_with("no - no rule says so, but yes is expected:")).count()),
        (Some(1), questions.len() - denied.len())
    );
    let (code, told, _) = asked(&folder, &run.out, "echo 'error: You must be logged in' >&2\nexit 1")?;
    assert_eq!(code, Some(2), "{told}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn right_answers_end_well() -> Outcome {
    let folder = Folder::new(&[("shop.pipeline", SHOP)])?;
    let run = folder.run(&["rbac", "--verify"])?;
    let (code, told, questions) = asked(&folder, &run.out, "echo yes")?;
    assert_eq!((code, told), (Some(0), format!("{} questions, 0 answered otherwise than expected, 0 not answered\n", questions.len())));
    Ok(())
}
