use loadline::base::{FileId, Files, Span};
use loadline::rbac::manifest::{Manifests, ProblemKind, read};
use loadline::rbac::{Granted, Requester, RoleId, Scope, Subject, Verdict, canonical};

use super::{atom, rule};

fn read_text(text: &str) -> Manifests {
    let mut files = Files::default();
    let file = files.add("roles.yaml", text);
    read(file, text)
}

/// `line:column words` of each problem, as people count.
fn problems(text: &str) -> Vec<String> {
    let mut files = Files::default();
    let file = files.add("roles.yaml", text);
    let place = |span: Span| {
        let at = files.line_column(file, span.start);
        format!("{}:{}", at.line, at.column)
    };
    read(file, text).problems.iter().map(|problem| format!("{} {:?}", place(problem.place), problem.kind)).collect()
}

const SEVERAL: &str = "\
# Roles of a shop.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  labels: {rbac.authorization.k8s.io/aggregate-to-view: \"true\"}
  name: reader
rules:
- apiGroups: ['']
  resources: [pods, pods/log]
  verbs: [get]
-
  nonResourceURLs: [/healthz]
  verbs: [get]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: not-read}
data:
  text: |
    kind: Role
---
# Nothing but a comment.
---
apiVersion: v1
kind: List
items:
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: qa
      namespace: shop
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    subjects:
    - kind: ServiceAccount
      name: qa
    - {kind: User, name: ann}
  - apiVersion: v1
    kind: ServiceAccount
    metadata: {name: qa, namespace: shop, annotations: {a: b}}
";

#[test]
fn documents_and_lists_are_read_and_the_rest_is_skipped() {
    let found = read_text(SEVERAL);
    assert_eq!(found.problems, []);
    let [role] = found.roles.as_slice() else { panic!("{:?}", found.roles) };
    assert_eq!((role.id.to_string().as_str(), role.rules.len()), ("ClusterRole reader", 2));
    assert_eq!(role.rules[0], rule("get pods,pods/log"));
    assert_eq!(role.rules[1].urls, ["/healthz"]);
    assert_eq!(role.labels, [("rbac.authorization.k8s.io/aggregate-to-view".into(), "true".into())]);
    let [binding] = found.bindings.as_slice() else { panic!("{:?}", found.bindings) };
    let subjects: Vec<String> = binding.subjects.iter().map(Subject::to_string).collect();
    assert_eq!((binding.to_string(), subjects), ("RoleBinding shop/qa".into(), vec!["ServiceAccount shop/qa".into(), "User ann".into()]));
    assert_eq!(found.accounts[0].annotations, [("a".into(), "b".into())]);

    let mut granted = Granted::default();
    granted.extend(found.roles, found.bindings);
    let holdings = granted.holdings(&Requester::direct(Subject::User("ann".into())));
    assert!(matches!(holdings.verdict(&Scope::Namespace("shop".into()), &atom("get pods/log")), Verdict::Granted(_)));
    assert!(matches!(holdings.verdict(&Scope::Namespace("ci".into()), &atom("get pods/log")), Verdict::Missing));
}

#[test]
fn objects_and_rules_know_their_lines() {
    let found = read_text(SEVERAL);
    let slice = |span: Span| &SEVERAL[span.range()];
    let role = &found.roles[0];
    assert_eq!(slice(role.origin.span().unwrap()), "name: reader");
    assert_eq!(role.places.iter().map(|place| slice(*place)).collect::<Vec<_>>(), ["apiGroups: ['']", "nonResourceURLs: [/healthz]"]);
    assert_eq!(slice(found.bindings[0].origin.span().unwrap()), "name: qa");
    assert_eq!(slice(found.accounts[0].place), "apiVersion: v1");
}

#[test]
fn a_dump_in_json_is_the_same() {
    let found = read_text(
        r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a", "namespace": "shop", "uid": "1"},
   "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}]}"#,
    );
    assert_eq!(found.problems, []);
    assert_eq!(found.roles[0].rules, [rule("get pods")]);
    assert!(found.roles[0].is_live);
    assert_eq!(found.roles[0].place(0), found.roles[0].origin.span());
    // The items of a list of one kind need not say it.
    let found =
        read_text("apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: {name: a, namespace: b}\n  rules: []\n");
    assert_eq!((found.problems.len(), found.roles[0].id.clone()), (0, RoleId::of("b", "a")));
}

#[test]
fn aggregation_selects_by_labels_and_expressions() {
    let found = read_text(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {part: one}
    matchExpressions: [{key: old, operator: DoesNotExist}, {key: team, operator: In, values: [a, b]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: yes, labels: {part: one, team: b}}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: other, labels: {part: one, team: c}}
rules: [{apiGroups: [''], resources: [jobs], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: old, labels: {part: one, team: a, old: ''}}
rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]
",
    );
    assert_eq!(found.problems, []);
    let mut granted = Granted::default();
    granted.extend(found.roles, found.bindings);
    let (roles, is_open) = granted.rules_of(&RoleId::cluster("sum"));
    assert_eq!((roles.iter().map(|role| role.id.name.as_str()).collect::<Vec<_>>(), is_open), (vec!["yes"], true));
}

#[test]
fn what_the_api_server_refuses_has_a_place() {
    let role = |text: &str| format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n{text}");
    let cases = [
        (role("metadata: {name: a}\n"), r#"1:1 NoNamespace { kind: "Role", name: "a" }"#),
        (role("metadata:\n  name: a\n  namespace: b\nrules:\n- apiGroups: ['']\n  resources: [pods]\n"), r#"7:3 Absent { field: "rules[0].verbs" }"#),
        (role("metadata:\n  name: a\n  namespace: b\nrules: 1\n"), r#"4:3 Shape { field: "rules", wanted: "list" }"#),
        (
            role("metadata: {name: a, namespace: b}\nrules:\n  - verbs: [get]\n    apiGroups: ['']\n    resources: [pods]\n  - verbs: get\n"),
            r#"8:5 Shape { field: "rules[1].verbs", wanted: "list of texts" }"#,
        ),
        (
            role("metadata: {name: a, namespace: b}\nrules:\n- nonResourceURLs: [/x]\n  verbs: [get]\n"),
            r#"5:3 Urls { field: "rules[0].nonResourceURLs" }"#,
        ),
        (role("metadata: {name: 1, namespace: b}\n"), r#"1:1 Shape { field: "metadata.name", wanted: "text" }"#),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: Role, name: a}\n".into(),
            r#"1:1 Value { field: "roleRef.kind", value: "Role", allowed: ["ClusterRole"] }"#,
        ),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: a}\nsubjects:\n- name: a\n  kind: ServiceAccount\n".into(),
            r#"6:3 Absent { field: "subjects[0].namespace" }"#,
        ),
        ("image:\n  tag: x\n".into(), "1:1 NoObject"),
        ("just words\n".into(), "1:1 NoObject"),
    ];
    for (text, want) in cases {
        assert_eq!(problems(&text), [want], "{text}");
    }
}

#[test]
fn broken_yaml_has_a_line_and_a_column_and_the_other_documents_count() {
    let good = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: b}\n";
    let text = format!("{good}---\na: [1, 2\nb: 3\n---\n{good}");
    let found = read_text(&text);
    assert_eq!(found.accounts.len(), 2);
    let [problem] = problems(&text).try_into().unwrap();
    assert_eq!(problem, "6:2 Syntax(\"did not find expected ',' or ']', while parsing a flow sequence\")");
    for (text, want) in [
        ("a: 1\na: 2\n", r#"Syntax("the key `a` stands twice"#),
        ("a: !secret x\n", "Syntax("),
        ("a: *nothing\n", "1:4 Syntax(\"unknown anchor"),
        ("\ta: 1\n", "Syntax("),
        ("a: \"\\q\"\n", "Syntax("),
    ] {
        let found = problems(text);
        assert!(found.len() == 1 && found[0].contains(want), "{text}: {found:?}");
    }
}

#[test]
fn texts_that_want_to_be_huge_or_deep_are_refused() {
    let list = |item: &str, count: usize| vec![item; count].join(",");
    let bombs = [
        // Nine levels of nine: the classic.
        (0..9).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
            format!("{text}a{}: &a{} [{}]\n", level + 1, level + 1, list(&format!("*a{level}"), 9))
        }),
        // Many times the same large list, and the same long text.
        format!("a: &a [{}]\nb: [{}]\n", list("x", 5000), list("*a", 5000)),
        format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), list("*a", 5000)),
    ];
    for bomb in bombs {
        let kinds: Vec<ProblemKind> = read_text(&bomb).problems.into_iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [ProblemKind::TooLarge]);
    }
    for deep in ["[".repeat(3000), "{a: ".repeat(3000), "- ".repeat(3000), format!("a: {}1{}", "[".repeat(500), "]".repeat(500))] {
        let found = read_text(&deep);
        assert!(matches!(found.problems.as_slice(), [problem] if matches!(problem.kind, ProblemKind::Syntax(_))), "{:?}", found.problems);
    }
    // A few aliases are as good as what they stand for.
    let found = read_text(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules:
- &rule {apiGroups: [''], resources: [pods], verbs: &v [get]}\n- {<<: *rule, resources: [jobs]}\n- {apiGroups: [apps], resources: [x], verbs: *v}\n",
    );
    assert_eq!(found.problems, []);
    assert_eq!(canonical(&found.roles[0].rules), [rule("get jobs,pods"), rule("get x.apps")]);
}

/// Cut or changed anywhere, a text gives something and never a panic, and all places lie in it.
#[test]
fn no_text_makes_the_reader_panic() {
    let strange = ["\u{feff}", "---", "\n", "é", "- ", ": ", "'", "\"", "[", "&a ", "*a", "|\n", "\0", "\r\n", "% x\n", "...\n"];
    let mut broken = 0;
    for at in (0..SEVERAL.len()).step_by(3).filter(|at| SEVERAL.is_char_boundary(*at)) {
        for piece in strange {
            for text in [format!("{}{piece}", &SEVERAL[..at]), format!("{}{piece}{}", &SEVERAL[..at], &SEVERAL[at..])] {
                let found = read(FileId(0), &text);
                broken += usize::from(!found.problems.is_empty());
                let places = found.problems.iter().map(|problem| problem.place).chain(found.accounts.iter().map(|account| account.place));
                let places = places.chain(found.roles.iter().flat_map(|role| role.places.iter().copied().chain(role.origin.span())));
                for place in places.chain(found.bindings.iter().filter_map(|binding| binding.origin.span())) {
                    assert!(text.get(place.range()).is_some(), "{place:?} of {text}");
                }
            }
        }
    }
    assert!(broken > 1000, "{broken}");
}
