use loadline::base::{FileId, Name};
use loadline::rbac::{
    Binding, Danger, Flaw, Granted, Origin, Resource, Resources, Risk, Role, RoleId, Subject, adds_to, dangers, dangers_of_binding, flaws,
    gives_nothing, manifest,
};

use super::rule;

fn resources() -> Resources {
    let mut resources = Resources::default();
    let rows: &[(&str, &str, &str, bool)] = &[
        ("", "pods", "Pod", false),
        ("", "secrets", "Secret", false),
        ("", "namespaces", "Namespace", true),
        ("", "nodes", "Node", true),
        ("apps", "deployments", "Deployment", false),
        ("kargo.akuity.io", "projects", "Project", true),
        ("kargo.akuity.io", "stages", "Stage", false),
        ("kargo.akuity.io", "promotions", "Promotion", false),
        ("argoproj.io", "rollouts", "Rollout", false),
    ];
    for (group, plural, kind, is_of_cluster) in rows {
        let mut resource = Resource {
            group: Name::new(group),
            plural: Name::new(plural),
            kind: Name::new(kind),
            is_of_cluster: *is_of_cluster,
            has_made_names: *plural == "promotions",
            ..Resource::default()
        };
        if *plural == "stages" {
            resource.verbs = vec![Name::new("promote")];
            resource.risks = vec![
                Risk {
                    verbs: vec!["patch".into(), "update".into()],
                    subresource: None,
                    is_well_by_name: false,
                    why: "rewrites steps".into(),
                },
                Risk { verbs: vec!["promote".into()], subresource: None, is_well_by_name: true, why: "promotes anywhere".into() },
            ];
        }
        resources.add(resource);
    }
    resources
}

fn role(namespace: Option<&str>, rules: Vec<loadline::rbac::Rule>) -> Role {
    let id = RoleId { namespace: namespace.map(Name::new), name: "r".into() };
    Role::plain(id, rules, Origin::Stock("test".into()))
}

/// The rules as a manifest has them.
fn read(kind: &str, rules: &str) -> Role {
    let text = format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: r, namespace: shop}}\nrules:\n{rules}\n");
    let mut found = manifest::read(FileId(0), &text);
    assert_eq!(found.problems, []);
    found.roles.remove(0)
}

#[test]
fn what_cannot_work_is_found() {
    let name = |text: &str| Name::new(text);
    let spelling = |written: &str, meant: &str| Flaw::Spelling { written: name(written), meant: name(meant) };
    let group = |written: &str, meant: &str| Flaw::Group { written: name(written), meant: name(meant) };
    let cases: Vec<(&str, Vec<Flaw>)> = vec![
        ("{apiGroups: [''], resources: [secrets], verbs: [get, create], resourceNames: [a]}", vec![Flaw::NamelessVerb(name("create"))]),
        ("{apiGroups: [''], resources: [secrets], verbs: [get, list, watch, delete], resourceNames: [a]}", vec![]),
        ("{apiGroups: [''], resources: [pods/eviction], verbs: [create], resourceNames: [a]}", vec![]),
        ("{apiGroups: [''], resources: [pods/*], verbs: [get]}", vec![Flaw::Pattern(name("pods/*"))]),
        ("{apiGroups: [''], resources: ['*/log', '*'], verbs: [get]}", vec![]),
        ("{apiGroups: [apps], resources: [deployments.apps], verbs: [get]}", vec![Flaw::Qualified(name("deployments.apps"))]),
        ("{apiGroups: [argoproj.io], resources: [Rollout], verbs: [get]}", vec![spelling("Rollout", "rollouts")]),
        ("{apiGroups: [kargo.akuity.io], resources: [stage], verbs: [get]}", vec![spelling("stage", "stages")]),
        ("{apiGroups: [kargo.akuity.io], resources: [project/status], verbs: [get]}", vec![spelling("project/status", "projects/status")]),
        ("{apiGroups: [kargo.akuity.io], resources: [Stages], verbs: [get]}", vec![spelling("Stages", "stages")]),
        ("{apiGroups: [example.com], resources: [Rollout], verbs: [get]}", vec![]),
        ("{apiGroups: [argoproj.io/v1alpha1], resources: [rollouts], verbs: [get]}", vec![group("argoproj.io/v1alpha1", "argoproj.io")]),
        ("{apiGroups: [v1], resources: [pods], verbs: [get]}", vec![group("v1", "")]),
        ("{apiGroups: [core], resources: [pods], verbs: [get]}", vec![group("core", "")]),
        (
            "{apiGroups: [''], resources: [deployments], verbs: [get]}",
            vec![Flaw::OtherGroup { resource: name("deployments"), groups: vec![name("apps")] }],
        ),
        ("{apiGroups: ['', apps], resources: [pods, deployments], verbs: [get]}", vec![]),
        ("{apiGroups: [argoproj.io], resources: [sensors, stages], verbs: [get]}", vec![]),
        ("{apiGroups: [extensions], resources: [deployments], verbs: [get]}", vec![]),
        (
            "{apiGroups: [''], resources: [pods], verbs: [read]}",
            vec![Flaw::Verb { written: name("read"), meant: &["get", "list", "watch"] }],
        ),
        ("{apiGroups: [''], resources: [pods], verbs: [Get]}", vec![Flaw::Verb { written: name("Get"), meant: &["get"] }]),
        ("{apiGroups: [''], resources: [pods], verbs: [use, approve, impersonate]}", vec![]),
        (
            "{apiGroups: [kargo.akuity.io], resources: [promotions], verbs: [promote]}",
            vec![Flaw::OtherResource { verb: name("promote"), resources: vec![name("stages")] }],
        ),
        ("{apiGroups: [kargo.akuity.io], resources: [promotions, stages], verbs: [promote]}", vec![]),
        ("{apiGroups: ['*'], resources: ['*'], verbs: [promote]}", vec![]),
        ("{apiGroups: [example.com], resources: [releases], verbs: [promote]}", vec![]),
        (
            "{apiGroups: [kargo.akuity.io], resources: [promotions], verbs: [get], resourceNames: [a]}",
            vec![Flaw::MadeNames(name("promotions"))],
        ),
    ];
    for (text, want) in cases {
        let got: Vec<Flaw> = flaws(&read("Role", &format!("- {text}")), &resources()).into_iter().map(|(_, flaw)| flaw).collect();
        assert_eq!(got, want, "{text}");
    }
}

#[test]
fn resources_of_the_cluster_have_no_effect_in_a_namespace() {
    let rules =
        "- {apiGroups: [''], resources: [pods], verbs: [get]}\n- {apiGroups: [''], resources: [nodes, pods, nodes/proxy], verbs: [get]}
- {apiGroups: [''], resources: [namespaces], verbs: [list]}\n- {apiGroups: [''], resources: [namespaces], verbs: [get, list]}
- {apiGroups: [example.com], resources: [nodes], verbs: [get]}";
    let of_cluster = |resource: &str| Flaw::OfCluster(resource.into());
    let want = vec![(1, of_cluster("nodes")), (1, of_cluster("nodes/proxy")), (2, of_cluster("namespaces"))];
    assert_eq!(flaws(&read("Role", rules), &resources()), want);
    assert_eq!(flaws(&read("ClusterRole", rules), &resources()), []);

    for (rules, want) in [
        (vec![rule("get nodes"), rule("list namespaces")], true),
        (vec![rule("get nodes"), rule("get pods")], false),
        (vec![rule("get nodes,pods")], false),
        (Vec::new(), false),
    ] {
        let mut granted = Granted::default();
        granted.add_role(role(None, rules));
        let mut binding = Binding {
            namespace: Some("shop".into()),
            name: "b".into(),
            role: RoleId::cluster("r"),
            subjects: Vec::new(),
            origin: Origin::Stock("test".into()),
        };
        assert_eq!(gives_nothing(&binding, &granted, &resources()), want);
        binding.namespace = None;
        assert!(!gives_nothing(&binding, &granted, &resources()));
        (binding.namespace, binding.role) = (Some("shop".into()), RoleId::cluster("not-given"));
        assert!(!gives_nothing(&binding, &granted, &resources()));
    }
}

#[test]
fn what_is_stronger_than_it_looks_is_found() {
    let cases = [
        ("get *", true, "wildcard"),
        ("* pods", false, "wildcard"),
        ("get secrets", true, "secrets-of-cluster"),
        ("list secrets", false, "secrets-of-namespace"),
        ("get secrets: a", true, ""),
        ("create secrets", true, ""),
        ("escalate roles.rbac.authorization.k8s.io: a", false, "escalate"),
        ("bind clusterroles.rbac.authorization.k8s.io", false, "bind"),
        ("bind clusterroles.rbac.authorization.k8s.io: a", false, ""),
        ("get clusterroles.rbac.authorization.k8s.io", false, ""),
        ("impersonate users: a", false, "impersonate"),
        ("impersonate serviceaccounts: a", false, ""),
        ("impersonate:serviceaccount serviceaccounts.authentication.k8s.io", false, "impersonate"),
        ("create serviceaccounts/token", false, "tokens"),
        ("create serviceaccounts", false, ""),
        ("patch mutatingwebhookconfigurations.admissionregistration.k8s.io", true, "webhooks"),
        ("update certificatesigningrequests.certificates.k8s.io/approval", true, "certificates"),
        ("get nodes/proxy", true, "nodes-proxy"),
        ("create persistentvolumes", true, "persistent-volumes"),
        ("patch namespaces: a", true, "namespaces"),
        ("get pods/exec", false, "exec"),
        ("create pods", false, "runs-pods"),
        ("create pods.example.com", false, ""),
        ("create jobs.batch", false, "runs-pods"),
        ("get,list pods,jobs.batch", false, ""),
        ("deletecollection configmaps", false, "delete-collection"),
        ("patch stages.kargo.akuity.io: a", false, "risk"),
        ("patch stages.kargo.akuity.io/status", false, ""),
        ("promote stages.kargo.akuity.io", false, "risk"),
        ("promote stages.kargo.akuity.io: a", false, ""),
    ];
    for (text, everywhere, want) in cases {
        let found = dangers(&role(None, vec![rule("get configmaps"), rule(text)]), everywhere, &resources());
        let names: Vec<&str> = found.iter().map(|(_, danger)| danger.name()).collect();
        assert_eq!(names.join(" "), want, "{text}");
        assert!(found.iter().all(|(index, _)| *index == 1), "{text}");
    }
    let several = dangers(&role(None, vec![rule("create,deletecollection pods,secrets")]), true, &resources());
    assert_eq!(several, [(0, Danger::RunsPods), (0, Danger::DeletesAll)]);
}

#[test]
fn bindings_to_everybody_and_of_everything_are_dangerous() {
    let binding = |role: RoleId, subjects: Vec<Subject>| Binding {
        namespace: None,
        name: "b".into(),
        role,
        subjects,
        origin: Origin::Stock("x".into()),
    };
    let account = |name: &str| Subject::ServiceAccount { namespace: "ci".into(), name: name.into() };
    let names = |binding: Binding| dangers_of_binding(&binding).iter().map(Danger::name).collect::<Vec<_>>().join(" ");
    assert_eq!(names(binding(RoleId::cluster("cluster-admin"), vec![account("deploy")])), "cluster-admin");
    assert_eq!(names(binding(RoleId::of("shop", "cluster-admin"), vec![account("deploy")])), "");
    for (subject, want) in [
        (account("default"), "anyone"),
        (account("runner"), ""),
        (Subject::User("default".into()), ""),
        (Subject::User("system:anonymous".into()), "anyone"),
        (Subject::Group("system:serviceaccounts:ci".into()), "anyone"),
        (Subject::Group("system:authenticated".into()), "anyone"),
        (Subject::Group("releasers".into()), ""),
    ] {
        assert_eq!(names(binding(RoleId::cluster("view"), vec![subject.clone()])), want, "{subject}");
    }
    let mut labelled = role(None, Vec::new());
    labelled.labels = vec![("rbac.authorization.k8s.io/aggregate-to-admin".into(), "true".into())];
    assert_eq!(adds_to(&labelled), Some(Danger::AddsTo("admin".into())));
    labelled.labels[0].1 = "false".into();
    assert_eq!(adds_to(&labelled), None);
}
