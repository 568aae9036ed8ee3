//! Coverage as Kubernetes has it, and as the model that stands beside the data has it.
//!
//! `LOADLINE_RBAC_PAIRS` names a file of pairs with Kubernetes' verdicts (`accept rbac`); `LOADLINE_SHARED` the folder with
//! the model. Without them these tests do nothing.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use loadline::base::{FileId, Name};
use loadline::rbac::manifest::{Problem, ProblemKind, read};
use loadline::rbac::{Atom, Binding, Granted, Miss, Piece, Requester, Role, Rule, Scope, Subject, Verdict, canonical, missing, uncovered};
use serde_json::Value;

use super::random::Chance;

fn rules(list: &Value) -> Vec<Rule> {
    let words = |rule: &Value, key: &str| -> Vec<Name> {
        rule[key].as_array().into_iter().flatten().map(|word| Name::new(word.as_str().unwrap())).collect()
    };
    let rule = |rule: &Value| Rule {
        groups: words(rule, "apiGroups"),
        resources: words(rule, "resources"),
        verbs: words(rule, "verbs"),
        names: words(rule, "resourceNames"),
        urls: words(rule, "nonResourceURLs"),
    };
    list.as_array().unwrap().iter().map(rule).collect()
}

fn pieces(rules: &[Rule]) -> Vec<Piece> {
    rules.iter().flat_map(Rule::pieces).collect()
}

#[test]
fn kubernetes_compares_rules_in_the_same_way() {
    let Some(file) = std::env::var_os("LOADLINE_RBAC_PAIRS") else { return };
    let (mut pairs, mut covered, mut partly) = (0, 0, 0);
    for line in BufReader::new(std::fs::File::open(file).unwrap()).lines() {
        let line = line.unwrap();
        let pair: Value = serde_json::from_str(&line).unwrap();
        let (owner, servant, want) = (rules(&pair["owner"]), rules(&pair["servant"]), pieces(&rules(&pair["missing"])));
        assert_eq!(uncovered(&owner, &servant), want, "{line}");
        // The canonical form of what is held covers the same.
        assert_eq!(uncovered(&canonical(&owner), &servant), want, "canonical: {line}");
        pairs += 1;
        covered += usize::from(want.is_empty() && !pieces(&servant).is_empty());
        partly += usize::from(!want.is_empty() && want.len() < pieces(&servant).len());
    }
    println!("{pairs} pairs, {covered} covered, {partly} in part");
    assert!(pairs >= 1000 && covered > pairs / 10 && partly > pairs / 10, "{pairs} {covered} {partly}");
}

/// The model answers for random rule sets, and runs its own cases first.
const ASK: &str = r#"
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("model", sys.argv[1])
model = importlib.util.module_from_spec(spec)
spec.loader.exec_module(model)
assert model.selftest() > 10
for line in sys.stdin:
    pair = json.loads(line)
    print(json.dumps(model.missing(pair["needed"], pair["held"])))
"#;

fn as_json(rules: &[Rule]) -> Value {
    let words = |list: &[Name]| list.iter().map(|word| Value::from(word.as_str())).collect::<Vec<_>>();
    let rule = |rule: &Rule| {
        serde_json::json!({
            "apiGroups": words(&rule.groups), "resources": words(&rule.resources), "verbs": words(&rule.verbs),
            "resourceNames": words(&rule.names),
        })
    };
    rules.iter().map(rule).collect()
}

/// `verb group resource name`, as the model has it.
fn spelt(atom: &Atom) -> [Option<Name>; 4] {
    let Rule { mut resources, .. } = Rule::one(atom);
    [Some(atom.group.clone()), resources.pop(), Some(atom.verb.clone()), atom.name.clone()]
}

#[test]
fn the_model_beside_the_data_finds_the_same_missing() {
    let Some(shared) = crate::official::shared() else { return };
    let sets: Vec<(Vec<Rule>, Vec<Rule>)> = (0..20_000)
        .map(|seed| {
            let mut chance = Chance::new(seed);
            (chance.rules(), chance.rules())
        })
        .collect();
    let lines: Vec<String> =
        sets.iter().map(|(held, needed)| serde_json::json!({"held": as_json(held), "needed": as_json(needed)}).to_string()).collect();
    let answers = ask(&shared.join("facts/rbac-coverage.py"), lines.join("\n"));
    assert_eq!(answers.len(), sets.len());
    let mut some = 0;
    for ((held, needed), answer) in sets.iter().zip(answers) {
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let word = |word: &Value| word.as_str().map(Name::new);
        let want: BTreeSet<[Option<Name>; 4]> =
            answer.as_array().unwrap().iter().map(|atom| [word(&atom[0]), word(&atom[1]), word(&atom[2]), word(&atom[3])]).collect();
        let got: BTreeSet<[Option<Name>; 4]> = missing(held, needed).iter().map(spelt).collect();
        assert_eq!(got, want, "{held:?}\n{needed:?}");
        some += usize::from(!want.is_empty());
    }
    println!("{} sets of rules, {some} with something missing", sets.len());
    assert!(some > 5000 && some < 19_000, "{some}");
}

fn ask(model: &PathBuf, lines: String) -> Vec<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut python = Command::new("python3")
        .args(["-c", ASK])
        .arg(model)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs the model");
    let mut input = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the model fails");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The defect of argo-helm#3494, in the roles of the chart before and after, and in those of the project itself.
#[test]
fn the_roles_of_installations_are_read_and_the_known_gap_is_found() {
    let Some(shared) = crate::official::shared() else { return };
    let folder = shared.join("data/rbac");
    let mut roles = 0;
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let found = read(FileId(0), &std::fs::read_to_string(file.path()).unwrap());
        // Roles that are made for any namespace do not say one.
        let is_known = |problem: &Problem| matches!(problem.kind, ProblemKind::NoNamespace { .. });
        assert!(found.problems.iter().all(is_known), "{:?}: {:?}", file.path(), found.problems);
        assert!(found.roles.iter().all(|role| role.places.len() == role.rules.len()), "{:?}", file.path());
        roles += found.roles.len();
    }
    assert!(roles >= 19, "{roles}");

    let need = super::atom("patch workflowtasksets.argoproj.io/status");
    for (file, is_granted) in
        [("argo-workflows-controller-before", false), ("argo-workflows-controller-after", true), ("workflows-controller", false)]
    {
        let found = read(FileId(0), &std::fs::read_to_string(folder.join(format!("{file}.yaml"))).unwrap());
        let controller = Subject::ServiceAccount { namespace: "argo".into(), name: "controller".into() };
        let bind = |role: &Role| Binding {
            namespace: None,
            name: role.id.name.clone(),
            role: role.id.clone(),
            subjects: vec![controller.clone()],
            origin: role.origin.clone(),
        };
        let bindings: Vec<Binding> = found.roles.iter().filter(|role| role.id.namespace.is_none()).map(bind).collect();
        let mut granted = Granted::default();
        granted.extend(found.roles, bindings);
        let holdings = granted.holdings(&Requester::direct(controller));
        let scope = Scope::Namespace("ci".into());
        assert_eq!(matches!(holdings.verdict(&scope, &need), Verdict::Granted(_)), is_granted, "{file}");
        if !is_granted {
            let near = holdings.near_misses(&scope, &need);
            assert_eq!(near[0].miss, Miss::Subresource, "{file}");
            assert!(near[0].held.rule.resources.contains(&"workflowtasksets".into()), "{file}");
        }
    }
}
