//! Documents and folders.

use std::sync::Arc;

use crate::emit::yaml::Yaml;
use crate::emit::{Document, MARKER, folder, stream, write_document};

fn document(kind: &str, name: &str, project: Option<&str>, namespace: Option<&str>) -> Document {
    let value = Yaml::map([("kind", Yaml::from(kind.to_owned())), ("name", Yaml::from(name.to_owned()))]);
    Document::new("shop.pipeline:12".to_owned(), project.map(Arc::from), namespace.map(Arc::from), kind.into(), name.into(), &value)
}

fn paths(docs: &[Document]) -> Vec<String> {
    folder(docs).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_stream_names_the_origin_of_each_document() {
    let docs = [document("Stage", "test", Some("shop"), Some("shop")), document("Stage", "prod", Some("shop"), None)];
    let mut out = String::new();
    stream(&docs, &mut out);
    let one = |name| format!("---\n# from shop.pipeline:12\nkind: Stage\nname: {name}\n");
    assert_eq!(out, one("test") + &one("prod"));
}

#[test]
fn an_origin_cannot_leave_its_comment() {
    let mut doc = document("Stage", "test", None, None);
    doc.origin = "a\nkind: Secret\r\u{85}\u{2028}\u{1b}[2J\u{202e}.pipeline:1".to_owned();
    let mut out = String::new();
    write_document(&doc, &mut out);
    assert_eq!(out.lines().nth(1), Some("# from a\u{fffd}kind: Secret\u{fffd}\u{fffd}\u{fffd}\u{fffd}[2J\u{fffd}.pipeline:1"));
    assert_eq!(out.lines().count(), 4);
}

#[test]
fn a_last_text_keeps_its_line_break_when_a_splitter_takes_one() {
    let value = Yaml::map([("script", Yaml::Seq(vec![Yaml::from("make\n")]))]);
    let doc = Document::new("shop.pipeline:12".to_owned(), None, None, "AnalysisTemplate".into(), "smoke".into(), &value);
    let mut out = String::new();
    stream(&[doc.clone(), doc], &mut out);
    let one = "# from shop.pipeline:12\nscript:\n- |\n  make\n";
    assert_eq!(out.split_terminator("\n---").collect::<Vec<_>>(), [format!("---\n{one}"), format!("\n{one}\n")]);
}

#[test]
fn files_come_in_the_order_of_application() {
    let shop = Some("shop");
    let docs = [
        document("Application", "web", shop, Some("argocd")),
        document("Stage", "test", shop, shop),
        document("PromotionTask", "deploy", shop, shop),
        document("Role", "qa", shop, shop),
        document("ClusterPromotionTask", "sync", None, None),
        document("AnalysisTemplate", "smoke", shop, shop),
        document("RoleBinding", "qa", shop, shop),
        document("Warehouse", "app", shop, shop),
        document("ProjectConfig", "shop", shop, shop),
        document("ClusterRole", "promoter", None, None),
        document("ServiceAccount", "qa", shop, Some("ci")),
        document("Project", "shop", shop, None),
    ];
    let expected = [
        "shop/project.yaml",
        "ci/rbac.yaml",
        "cluster/rbac.yaml",
        "shop/rbac.yaml",
        "shop/project-config.yaml",
        "shop/warehouse.yaml",
        "cluster/cluster-promotion-task.yaml",
        "shop/promotion-task.yaml",
        "shop/analysis-template.yaml",
        "shop/stage.yaml",
        "argocd/application.yaml",
        "kustomization.yaml",
    ];
    assert_eq!(paths(&docs), expected);
    let mut reversed = docs;
    reversed.reverse();
    assert_eq!(paths(&reversed), expected);
}

#[test]
fn files_begin_with_the_marker_and_keep_the_given_order() {
    let shop = Some("shop");
    let files = folder(&[document("Stage", "b", shop, shop), document("Stage", "a", shop, shop)]);
    let stage = |name| format!("---\n# from shop.pipeline:12\nkind: Stage\nname: {name}\n");
    let index = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsortOptions:\n  order: fifo\n\
                 resources:\n- shop/stage.yaml\n";
    let expected = [
        ("shop/stage.yaml".to_owned(), format!("{MARKER}\n{}{}", stage("b"), stage("a"))),
        ("kustomization.yaml".to_owned(), format!("{MARKER}\n{index}")),
    ];
    assert_eq!(files, expected);
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let docs = [
        document("../Stage", "x", Some(".."), None),
        document("Stage", "x", Some("../../etc"), None),
        document("Stage", "x", None, Some("")),
        document("Stage", "x", None, Some("a\\b\0c")),
        document("Stage", "x", None, Some("kustomization.yaml")),
    ];
    let expected = [
        "------etc/stage.yaml",
        "-/stage.yaml",
        "a-b-c/stage.yaml",
        "kustomization-yaml/stage.yaml",
        "--/---stage.yaml",
        "kustomization.yaml",
    ];
    assert_eq!(paths(&docs), expected);
}
