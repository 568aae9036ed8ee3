use loadline::base::{FileId, Name, Span};
use loadline::rbac::{Binding, Granted, Miss, Origin, Requester, Role, RoleId, Rule, Scope, Selector, Subject, Verdict};

use super::random::Chance;
use super::{atom, rule};

fn account(namespace: &str, name: &str) -> Subject {
    Subject::ServiceAccount { namespace: Name::new(namespace), name: Name::new(name) }
}

fn stock() -> Origin {
    Origin::Stock(Name::new("stock"))
}

fn given() -> Origin {
    Origin::Given(Span::new(FileId(0), 0, 1))
}

fn written() -> Origin {
    Origin::Written(Span::new(FileId(0), 0, 1))
}

fn bind(granted: &mut Granted, namespace: Option<&str>, role: RoleId, subject: Subject, origin: Origin) {
    let name = Name::from(format!("binding-{}", granted.bindings().len()));
    granted.add_binding(Binding { namespace: namespace.map(Name::new), name, role, subjects: vec![subject], origin });
}

fn cluster_role(granted: &mut Granted, name: &str, rules: &[&str], origin: Origin) {
    granted.add_role(Role::plain(RoleId::cluster(name), rules.iter().map(|text| rule(text)).collect(), origin));
}

/// `granted by <role> via <binding>`, `missing`, `unknown: <bindings>`.
fn ask(granted: &Granted, requester: &Requester, namespace: &str, text: &str) -> String {
    let scope = if namespace == "*" { Scope::Cluster } else { Scope::Namespace(Name::new(namespace)) };
    match granted.holdings(requester).verdict(&scope, &atom(text)) {
        Verdict::Granted(held) => format!("granted by {} via {}", held.role.id, held.binding),
        Verdict::Missing => "missing".into(),
        Verdict::Unknown(bindings) => format!("unknown: {}", bindings.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")),
    }
}

#[test]
fn a_binding_gives_the_rules_where_it_reaches() {
    let mut granted = Granted::default();
    let controller = Requester::direct(account("kargo", "controller"));
    cluster_role(&mut granted, "wide", &["list pods"], stock());
    cluster_role(&mut granted, "narrow", &["get pods", "get,patch namespaces", "list namespaces"], stock());
    granted.add_role(Role::plain(RoleId::of("shop", "own"), vec![rule("get secrets: a")], stock()));
    bind(&mut granted, None, RoleId::cluster("wide"), controller.subject.clone(), stock());
    bind(&mut granted, Some("shop"), RoleId::cluster("narrow"), controller.subject.clone(), stock());
    bind(&mut granted, Some("shop"), RoleId::of("shop", "own"), controller.subject.clone(), stock());
    let cases = [
        ("*", "list pods", "granted by ClusterRole wide via ClusterRoleBinding binding-1"),
        ("other", "list pods", "granted by ClusterRole wide via ClusterRoleBinding binding-1"),
        ("shop", "get pods", "granted by ClusterRole narrow via RoleBinding shop/binding-2"),
        ("other", "get pods", "missing"),
        ("*", "get pods", "missing"),
        ("shop", "get secrets: a", "granted by Role shop/own via RoleBinding shop/binding-3"),
        ("shop", "get secrets: b", "missing"),
        // The object `namespaces/shop` is asked for in the namespace `shop`, but not in lists.
        ("*", "patch namespaces: shop", "granted by ClusterRole narrow via RoleBinding shop/binding-2"),
        ("*", "patch namespaces: other", "missing"),
        ("*", "list namespaces: shop", "missing"),
    ];
    for (namespace, need, want) in cases {
        assert_eq!(ask(&granted, &controller, namespace, need), want, "{need} in {namespace}");
    }
    assert_eq!(ask(&granted, &Requester::direct(account("kargo", "other")), "shop", "get pods"), "missing");
}

#[test]
fn an_account_is_a_user_and_in_groups_if_these_are_asked_for() {
    let names = [
        (Subject::User("system:serviceaccount:shop:qa".into()), true),
        (account("shop", "qa"), true),
        (Subject::Group("system:serviceaccounts".into()), false),
        (Subject::Group("system:serviceaccounts:shop".into()), false),
        (Subject::Group("system:authenticated".into()), false),
    ];
    for (bound, without_groups) in names {
        let mut granted = Granted::default();
        cluster_role(&mut granted, "r", &["get pods"], stock());
        bind(&mut granted, None, RoleId::cluster("r"), bound.clone(), stock());
        for asking in [account("shop", "qa"), Subject::User("system:serviceaccount:shop:qa".into())] {
            let is_granted = |requester| ask(&granted, &requester, "shop", "get pods").starts_with("granted");
            assert!(is_granted(Requester::direct(asking.clone())), "{bound} {asking}");
            assert_eq!(is_granted(Requester::by_user(asking.clone())), without_groups, "{bound} {asking}");
        }
    }
    let mut granted = Granted::default();
    cluster_role(&mut granted, "r", &["get pods"], stock());
    bind(&mut granted, None, RoleId::cluster("r"), Subject::Group("system:serviceaccounts:shop".into()), stock());
    for other in [account("ci", "qa"), Subject::User("qa".into()), Subject::Group("qa".into())] {
        assert_eq!(ask(&granted, &Requester::direct(other), "shop", "get pods"), "missing");
    }
}

#[test]
fn a_role_that_nobody_gave_is_unknown_where_its_binding_reaches() {
    let mut granted = Granted::default();
    let qa = Requester::direct(account("shop", "qa"));
    bind(&mut granted, Some("shop"), RoleId::of("shop", "kargo-viewer"), qa.subject.clone(), given());
    assert_eq!(ask(&granted, &qa, "shop", "get pods"), "unknown: RoleBinding shop/binding-1");
    assert_eq!(ask(&granted, &qa, "other", "get pods"), "missing");
    granted.add_role(Role::plain(RoleId::of("shop", "kargo-viewer"), vec![rule("get pods")], stock()));
    assert_eq!(ask(&granted, &qa, "shop", "get pods"), "granted by Role shop/kargo-viewer via RoleBinding shop/binding-1");
    assert_eq!(ask(&granted, &qa, "shop", "list pods"), "missing");
}

#[test]
fn given_files_replace_stock_bindings_of_those_they_bind_and_the_program_adds() {
    let mut granted = Granted::default();
    let (one, two) = (Requester::direct(account("kargo", "one")), Requester::direct(account("kargo", "two")));
    cluster_role(&mut granted, "stock", &["get pods"], stock());
    cluster_role(&mut granted, "ours", &["list pods"], given());
    cluster_role(&mut granted, "more", &["patch pods"], written());
    for subject in [&one.subject, &two.subject] {
        bind(&mut granted, None, RoleId::cluster("stock"), subject.clone(), stock());
        bind(&mut granted, None, RoleId::cluster("more"), subject.clone(), written());
    }
    bind(&mut granted, None, RoleId::cluster("ours"), one.subject.clone(), given());
    // A group is no binding of its own: whoever is in it keeps the stock ones.
    bind(&mut granted, None, RoleId::cluster("ours"), Subject::Group("system:serviceaccounts".into()), given());
    let verdicts =
        |requester: &Requester| ["get pods", "list pods", "patch pods"].map(|need| ask(&granted, requester, "shop", need) != "missing");
    assert_eq!(verdicts(&one), [false, true, true]);
    assert_eq!(verdicts(&two), [true, true, true]);
}

#[test]
fn a_given_role_counts_before_that_of_the_installation() {
    for order in [[stock(), given()], [given(), stock()]] {
        let mut granted = Granted::default();
        let controller = Requester::direct(account("argo", "controller"));
        for origin in order {
            let rules: &[&str] = if origin == stock() { &["get pods"] } else { &["list pods"] };
            cluster_role(&mut granted, "controller", rules, origin);
        }
        bind(&mut granted, None, RoleId::cluster("controller"), controller.subject.clone(), stock());
        assert_eq!(ask(&granted, &controller, "shop", "get pods"), "missing");
        assert_ne!(ask(&granted, &controller, "shop", "list pods"), "missing");
    }
}

#[test]
fn aggregated_roles_have_what_they_select_and_perhaps_more() {
    let mut granted = Granted::default();
    let (dev, admin) = (Requester::direct(Subject::User("dev".into())), Requester::direct(Subject::User("boss".into())));
    let label = |role: &str| (Name::from(format!("rbac.authorization.k8s.io/aggregate-to-{role}")), Name::new("true"));
    let mut input = Role::plain(RoleId::cluster("rollouts-view"), vec![rule("get rollouts.argoproj.io")], stock());
    input.labels = vec![label("view")];
    granted.add_role(input);
    bind(&mut granted, Some("shop"), RoleId::cluster("view"), dev.subject.clone(), given());
    bind(&mut granted, Some("shop"), RoleId::cluster("admin"), admin.subject.clone(), given());
    assert_eq!(
        ask(&granted, &dev, "shop", "get rollouts.argoproj.io"),
        "granted by ClusterRole rollouts-view via RoleBinding shop/binding-1"
    );
    // `view` is a part of `edit`, and that of `admin`.
    assert_eq!(
        ask(&granted, &admin, "shop", "get rollouts.argoproj.io"),
        "granted by ClusterRole rollouts-view via RoleBinding shop/binding-2"
    );
    assert_eq!(ask(&granted, &dev, "shop", "get pods"), "unknown: RoleBinding shop/binding-1");

    // Read out of a cluster, the rules are those that the controller has written.
    let mut live = Role::plain(RoleId::cluster("view"), vec![rule("get pods")], given());
    (live.aggregation, live.is_live) = (Some(vec![Selector::labels([label("view")])]), true);
    let mut stale = live.clone();
    granted.add_role(live);
    assert_eq!(ask(&granted, &dev, "shop", "get pods"), "granted by ClusterRole view via RoleBinding shop/binding-1");
    assert_eq!(ask(&granted, &dev, "shop", "list pods"), "missing");
    // In a file, they are overwritten.
    stale.is_live = false;
    granted.add_role(stale);
    assert_eq!(ask(&granted, &dev, "shop", "get pods"), "unknown: RoleBinding shop/binding-1");
}

#[test]
fn cluster_admins_may_everything() {
    let mut granted = Granted::default();
    bind(&mut granted, None, RoleId::cluster("cluster-admin"), Subject::User("boss".into()), given());
    for subject in [Subject::User("boss".into()), Subject::Group("system:masters".into())] {
        assert!(ask(&granted, &Requester::direct(subject), "*", "promote stages.kargo.akuity.io/status: x").starts_with("granted"));
    }
    assert_eq!(ask(&granted, &Requester::direct(Subject::User("dev".into())), "shop", "get pods"), "missing");
}

#[test]
fn near_misses_differ_in_one_thing_and_the_nearest_comes_first() {
    let mut granted = Granted::default();
    let controller = Requester::direct(account("argo", "controller"));
    cluster_role(
        &mut granted,
        "all",
        &[
            "patch workflowtasksets.example.com/status",
            "patch workflowtasksets.argoproj.io/status: a",
            "get workflowtasksets.argoproj.io",
            "patch workflowtasksets.argoproj.io",
            "get,update workflowtasksets.argoproj.io/status",
            "patch workflows.argoproj.io/status",
        ],
        stock(),
    );
    cluster_role(&mut granted, "there", &["patch workflowtasksets.argoproj.io/status"], stock());
    bind(&mut granted, None, RoleId::cluster("all"), controller.subject.clone(), stock());
    bind(&mut granted, Some("argo"), RoleId::cluster("there"), controller.subject.clone(), stock());
    let need = atom("patch workflowtasksets.argoproj.io/status");
    let misses = |namespace: &str| -> Vec<(Miss, usize)> {
        let holdings = granted.holdings(&controller);
        let scope = Scope::Namespace(Name::new(namespace));
        holdings.near_misses(&scope, &need).iter().map(|near| (near.miss, near.held.index)).collect()
    };
    let want = [(Miss::Verb, 4), (Miss::Subresource, 3), (Miss::Name, 1), (Miss::Namespace, 0), (Miss::Group, 0)];
    assert_eq!(misses("ci"), want);
    assert!(matches!(granted.holdings(&controller).verdict(&Scope::Namespace("ci".into()), &need), Verdict::Missing));
    assert!(matches!(granted.holdings(&controller).verdict(&Scope::Namespace("argo".into()), &need), Verdict::Granted(_)));
}

#[test]
fn nothing_that_allows_a_request_is_a_near_miss_of_it() {
    let mut found = 0;
    for seed in 0..3000 {
        let mut chance = Chance::new(seed);
        let mut granted = Granted::default();
        let who = Requester::direct(account("shop", "qa"));
        let rules: Vec<Rule> = (0..4).map(|_| chance.rule()).collect();
        granted.add_role(Role::plain(RoleId::of("shop", "r"), rules, given()));
        let home = if chance.below(2) == 0 { "shop" } else { "other" };
        bind(&mut granted, Some(home), RoleId::of("shop", "r"), who.subject.clone(), given());
        let (scope, need) = (Scope::Namespace("shop".into()), chance.atom());
        let holdings = granted.holdings(&who);
        for near in holdings.near_misses(&scope, &need) {
            found += 1;
            assert!(!near.held.allows(&scope, &need), "seed {seed}: {need}");
            // With the one thing changed, the rule allows it.
            let mut rule = near.held.rule.clone();
            let mut there = scope.clone();
            match near.miss {
                Miss::Verb => rule.verbs.push(need.verb.clone()),
                Miss::Subresource => rule.resources.push(Rule::one(&need).resources.remove(0)),
                Miss::Name => rule.names.clear(),
                Miss::Namespace => there = Scope::Namespace(home.into()),
                Miss::Group => rule.groups.push(need.group.clone()),
            }
            assert!(rule.covers(&need) && near.held.reaches(&there, &need), "seed {seed}: {need} {:?}", near.miss);
        }
    }
    assert!(found > 500, "{found}");
}
