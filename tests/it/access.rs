//! Permissions: the data of `stdlib/access` in itself, and what programs need.

use std::collections::BTreeSet;

use loadline::access::Verdict;
use loadline::base::Files;
use loadline::library::{Library, NeedUse, Record, Rules, Signature, Ty};
use loadline::rbac::{Atom, Scope};
use loadline::{Analysis, Options, Source};

fn analysed(text: &str) -> Analysis {
    Analysis::new(vec![Source { path: "shop.pipeline".to_owned(), text: text.to_owned() }], &Options::default())
}

/// One line for each need: line, subject, scope, permission, verdict, reason.
fn lines(analysis: &Analysis) -> Vec<String> {
    let line = |need: &loadline::access::Need| {
        let place = analysis.files().line_column(need.at.file, need.at.start).line;
        let scope = match &need.scope {
            Some(Scope::Namespace(namespace)) => namespace.to_string(),
            Some(Scope::Cluster) => "cluster".to_owned(),
            None => "?".to_owned(),
        };
        let verdict = match &need.verdict {
            Verdict::Granted(by) => format!("by {}", by.role),
            Verdict::Missing { .. } => "missing".to_owned(),
            Verdict::Unknown(_) => "unknown".to_owned(),
        };
        format!("{place}: {} in {scope}: {} ({}) {verdict}", need.subject, need.atom, need.why.name)
    };
    analysis.access().iter().map(line).collect()
}

#[test]
fn needs_have_a_place_a_subject_a_scope_and_a_reason() {
    let analysis = analysed(
        r#"target kargo 1.11
project shop
warehouse app { image { repoURL: "ghcr.io/acme/shop" } }
task notify(where: String) { argocd-wait { apps: [{ name: where }] } }
stage [test, prod] {
  slot app
  autoPromotionEnabled: ctx.stage == "test"
  promote {
    notify(where: "shop")
    http { url: "https://chat.example.com", headers: [{ name: "Authorization", value: secret("chat").token }] }
    argocd-wait { apps: [{ name: "shop", namespace: "team-${ctx.stage}" }] }
  }
}
flow app -> test -> prod
"#,
    );
    let account = "ServiceAccount kargo/kargo-controller";
    let found = lines(&analysis);
    for wanted in [
        format!("3: {account} in shop: list secrets (kargo-credentials-git-image-helm) by ClusterRole kargo-controller-read-secrets"),
        format!("4: {account} in argocd: get applications.argoproj.io (kargo-step-argocd-wait) by ClusterRole kargo-controller-argocd"),
        format!("7: {account} in shop: promote stages.kargo.akuity.io (kargo-autopromotion) by ClusterRole kargo-controller"),
        format!("10: {account} in shop: get secrets: chat (kargo-expr-secret) by ClusterRole kargo-controller-read-secrets"),
        format!("11: {account} in team-prod: get applications.argoproj.io (kargo-step-argocd-wait) by ClusterRole kargo-controller-argocd"),
        format!("11: {account} in team-test: get applications.argoproj.io (kargo-step-argocd-wait) by ClusterRole kargo-controller-argocd"),
    ] {
        assert!(found.contains(&wanted), "{wanted}\n\n{}", found.join("\n"));
    }
    // Each once, though two stages need it, and in the order of the places.
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    assert!(found.iter().all(|line| !line.contains("missing") && !line.contains("unknown")), "{}", found.join("\n"));
}

#[test]
fn what_a_version_does_not_need_is_not_asked() {
    let program = |version: &str| {
        format!(
            "target kargo {version}\nproject shop {{\n  webhookReceivers: [{{ name: \"hub\", github: {{ secretRef: {{ name: \"s\" }} }} }}]\n\
             warehouse app {{ image {{ repoURL: \"a/b\" }} }}\n}}\n"
        )
    };
    let promotions = |version| lines(&analysed(&program(version))).iter().any(|line| line.contains("promotions.kargo.akuity.io"));
    assert!(promotions("1.11"));
    assert!(!promotions("1.10"));
}

/// The needs that rules name, those inside types included.
fn uses(rules: &Rules, out: &mut Vec<NeedUse>) {
    out.extend(rules.needs.iter().cloned());
}

fn record_uses(record: &Record, out: &mut Vec<NeedUse>) {
    for field in &record.fields {
        uses(&field.rules, out);
        type_uses(&field.ty, out);
    }
}

fn type_uses(ty: &Ty, out: &mut Vec<NeedUse>) {
    match ty {
        Ty::Record(record) => record_uses(record, out),
        Ty::List(item) | Ty::Map(item, _) | Ty::Optional(item, _) => type_uses(item, out),
        _ => {}
    }
}

#[test]
fn what_is_said_about_permissions_fits_together() {
    let library = Library::new(&mut Files::default());
    let mut found = Vec::new();
    for signature in library.read_everything() {
        match &signature {
            Signature::Step(step) => {
                uses(&step.rules, &mut found);
                record_uses(&step.settings, &mut found);
            }
            Signature::Kind(kind) => {
                uses(&kind.rules, &mut found);
                record_uses(&kind.settings, &mut found);
            }
            Signature::Function(function) => uses(&function.rules, &mut found),
        }
    }
    assert!(found.len() > 15, "{}", found.len());
    for found in &found {
        let need = library.need(&found.need).unwrap_or_else(|| panic!("there is no need {}", found.need));
        for case in &found.cases {
            assert!(need.permissions.iter().any(|permission| permission.cases.contains(case)), "{} has no {case}", need.name);
        }
    }
    for name in library.need_names() {
        let need = library.need(name).unwrap();
        assert!(library.subject(&need.subject).is_some(), "{name} is for nobody");
        for permission in &need.permissions {
            let filled = permission.allow.replace("${", "x").replace('}', "x");
            assert!(Atom::parse_all(&filled).is_some(), "{name}: {}", permission.allow);
        }
    }
    for name in library.subject_names() {
        let subject = library.subject(name).unwrap();
        let kind = subject.system.as_ref().and_then(|system| library.installation(system));
        for grant in &subject.grants {
            let kind = kind.as_ref().unwrap_or_else(|| panic!("{name} is of no system"));
            for (setting, _) in &grant.when {
                assert!(kind.settings.field(setting).is_some_and(|field| field.rules.default.is_some()), "{}: {setting}", grant.name);
            }
            for rule in &grant.rules {
                assert!(Atom::parse_all(&rule.allow).is_some(), "{}: {}", grant.name, rule.allow);
            }
        }
    }
}

#[test]
fn templates_run_as_the_account_of_whoever_runs_them() {
    let analysis = analysed(
        r#"target kargo 1.11
target argo-workflows 4.1
project shop
workflow-template lib {
  namespace: "ci"
  serviceAccountName: "lib"
  template make { container: { image: "ghcr.io/acme/ci" } }
  template ask { http: { url: "https://changes.example.com" }, serviceAccountName: "nobody" }
}
workflow-template whole {
  namespace: "ci"
  serviceAccountName: "whole"
  entrypoint: "main"
  template main { container: { image: "ghcr.io/acme/ci" } }
}
cron-workflow nightly {
  namespace: "ci"
  schedules: ["0 3 * * *"]
  workflowSpec: { serviceAccountName: "nightly", entrypoint: "main" }
  template main {
    dag: {
      tasks: [
        { name: "make", templateRef: { name: "lib", template: "make" } }
        { name: "ask", templateRef: { name: "lib", template: "ask" } }
      ]
    }
  }
}
cron-workflow weekly { namespace: "ci", schedules: ["@weekly"], workflowSpec: { workflowTemplateRef: { name: "whole" } } }
cron-workflow daily {
  namespace: "ci"
  schedules: ["@daily"]
  workflowSpec: { workflowTemplateRef: { name: "whole" }, serviceAccountName: "daily" }
}
"#,
    );
    let found = lines(&analysis);
    let of = |line: usize, what: &str| -> BTreeSet<String> {
        let start = format!("{line}: ");
        let found = found.iter().filter(|found| found.starts_with(&start) && found.contains(what));
        found.map(|found| found[start.len()..].split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    };
    let set = |accounts: &[&str]| accounts.iter().map(|account| (*account).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(of(7, "workflowtaskresults"), set(&["ci/nightly"]), "{}", found.join("\n"));
    // The agent of a request is the workflow's, whatever the template says.
    assert_eq!(of(8, "workflows-template-http-agent"), set(&["ci/nightly"]));
    assert_eq!(of(8, "patch workflowtasksets.argoproj.io/status (workflows-template-http-controller)"), set(&["argo/argo"]));
    assert_eq!(of(14, "workflowtaskresults"), set(&["ci/daily", "ci/whole"]));
}
