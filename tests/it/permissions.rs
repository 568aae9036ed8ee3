//! What `loadline rbac` writes: the roles that close gaps are enough and not more than that, and so are those that `role`
//! becomes. Judged by reading them back.

use std::path::Path;

use loadline::access::{Access, Need, Verdict};
use loadline::emit::{self, Document};
use loadline::permissions::{self, Program};
use loadline::rbac::{self, Granted, Requester, Rule, Subject, manifest};
use loadline::{Analysis, Options, Source};

use super::examples::{OnDisk, folders, program};

/// Bound to a role without rules: with this file nobody has what installations grant.
const NOTHING: &str = include_str!("../permissions/nothing.yaml");

fn analysed(folder: &Path, granted: &[&str]) -> Analysis {
    let file = |(at, text): (usize, &&str)| Source { path: format!("granted-{at}.yaml"), text: (*text).to_owned() };
    let options = Options { granted: granted.iter().enumerate().map(file).collect(), ..Options::default() };
    Analysis::with_folders(program(folder), &mut OnDisk(folder), &options)
}

/// The permissions that are missing, as texts; without those for which no role is written: of the account that everybody
/// is, and in a namespace that is not known.
fn missing(analysis: &Analysis) -> Vec<String> {
    let is_anyone = |subject: &Subject| matches!(subject, Subject::ServiceAccount { name, .. } if name == "default");
    let is_open = |need: &Need| need.scope.is_none() || is_anyone(&need.subject);
    let needs = analysis.access().into_iter().filter(|need| matches!(need.verdict, Verdict::Missing { .. }) && !is_open(need));
    needs.map(|need| format!("{} {:?} {}", need.subject, need.scope, need.atom)).collect()
}

fn closing(analysis: &Analysis) -> (Access, Vec<Document>) {
    let access = analysis.permissions();
    let closing = permissions::gaps(&[Program { access: &access, files: analysis.files() }]);
    (access, closing.documents)
}

fn text(documents: &[Document]) -> String {
    let mut out = String::new();
    emit::stream(documents, &mut out);
    out
}

/// All programs of the tests that compile, each with its folder.
fn programs() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = ["examples", "tests/real", "tests/lower", "tests/permissions"].map(|area| root.join(area));
    all.iter().flat_map(|area| folders(area).into_iter().map(|name| area.join(name))).collect()
}

/// A rule with one word less in one of its lists, for each word; a list is never emptied of names, which would widen it.
fn smaller(rule: &Rule) -> Vec<Rule> {
    let lists: [fn(&mut Rule) -> &mut Vec<loadline::base::Name>; 4] =
        [|rule| &mut rule.groups, |rule| &mut rule.resources, |rule| &mut rule.verbs, |rule| &mut rule.names];
    let mut out = Vec::new();
    for list in lists {
        let words = list(&mut rule.clone()).len();
        for at in (0..words).filter(|_| words > 1) {
            let mut one = rule.clone();
            list(&mut one).remove(at);
            out.push(one);
        }
    }
    out
}

/// The texts of all roles that lack one word or one rule of these.
fn without_one(documents: &[Document]) -> Vec<String> {
    let mut out = Vec::new();
    let roles = manifest::read(loadline::base::FileId(0), &text(documents)).roles;
    for role in &roles {
        for at in 0..role.rules.len() {
            let mut variants: Vec<Vec<Rule>> = smaller(&role.rules[at])
                .into_iter()
                .map(|rule| {
                    role.rules.iter().enumerate().map(|(index, own)| if index == at { rule.clone() } else { own.clone() }).collect()
                })
                .collect();
            variants.push(role.rules.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, own)| own.clone()).collect());
            out.extend(variants.iter().map(|rules| with_rules(documents, &role.id, rules)));
        }
    }
    out
}

/// The same documents, where one role has these rules.
fn with_rules(documents: &[Document], id: &rbac::RoleId, rules: &[Rule]) -> String {
    let mut changed = documents.to_vec();
    let is_it = |document: &&mut Document| {
        document.kind.ends_with("Role") && *document.name == *id.name && document.namespace.as_deref() == id.namespace.as_deref()
    };
    let role = changed.iter_mut().find(is_it).unwrap();
    let head = role.text.split_once("rules:\n").unwrap().0.to_owned();
    let mut body = String::new();
    emit::yaml::write(&emit::Yaml::map([("rules", emit::Yaml::Seq(rules.iter().map(emit::rbac::rule).collect()))]), &mut body);
    role.text = head + &body;
    text(&changed)
}

#[test]
fn what_closes_gaps_is_enough_and_nothing_can_be_left_out() {
    let (mut gaps, mut variants, mut clusters) = (0, 0, 0);
    for folder in programs() {
        let before = analysed(&folder, &[NOTHING]);
        let lacking = missing(&before);
        let (_, documents) = closing(&before);
        if lacking.is_empty() {
            assert!(documents.is_empty(), "{}", folder.display());
            continue;
        }
        gaps += 1;
        clusters += documents.iter().filter(|document| &*document.kind == "ClusterRole").count();
        let after = analysed(&folder, &[NOTHING, &text(&documents)]);
        assert_eq!(missing(&after), Vec::<String>::new(), "{}", folder.display());
        // What was written before does not count when it is written anew.
        assert_eq!(text(&closing(&after).1), text(&documents), "{}", folder.display());
        for less in without_one(&documents) {
            variants += 1;
            assert_ne!(missing(&analysed(&folder, &[NOTHING, &less])), Vec::<String>::new(), "{} with\n{less}", folder.display());
        }
    }
    assert!(gaps > 40 && variants > 500 && clusters > 5, "{gaps} programs, {variants} variants, {clusters} ClusterRoles");
}

#[test]
fn what_roles_become_is_enough_and_nothing_can_be_left_out() {
    let (mut judged, mut variants) = (0, 0);
    for folder in programs() {
        let analysis = analysed(&folder, &[]);
        let access = analysis.permissions();
        // What the role that Kargo makes in each project has is not the program's.
        let own = |need: &&Need| {
            let account = access.accounts.iter().find(|account| account.subject() == need.subject);
            account.is_some_and(|account| account.rules().iter().any(|rule| rule.covers(&need.atom)))
        };
        let needs: Vec<_> = access.needs.iter().filter(own).collect();
        let documents: Vec<Document> = analysis
            .documents()
            .into_iter()
            .filter(|document| document.kind.ends_with("Role") || document.kind.ends_with("RoleBinding"))
            .collect();
        if needs.is_empty() {
            continue;
        }
        judged += 1;
        let lacks = |text: &str| {
            let read = manifest::read(loadline::base::FileId(0), text);
            assert_eq!(read.problems, []);
            let mut granted = Granted::default();
            granted.extend(read.roles, read.bindings.into_iter().filter(|binding| binding.role.name == binding.name));
            needs.iter().any(|need| {
                let requester = Requester::direct(need.subject.clone());
                !matches!(granted.holdings(&requester).verdict(need.scope.as_ref().unwrap(), &need.atom), rbac::Verdict::Granted(_))
            })
        };
        assert!(!lacks(&text(&documents)), "{}", folder.display());
        for less in without_one(&documents) {
            variants += 1;
            assert!(lacks(&less), "{} with\n{less}", folder.display());
        }
    }
    assert!(judged > 1 && variants > 20, "{judged} programs, {variants} variants");
}

#[test]
fn people_are_asked_about_by_the_name_of_their_account_alone() {
    let group = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: all, namespace: shop}\n\
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}\n\
                 subjects: [{kind: Group, name: 'system:serviceaccounts:shop'}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\n\
                 rules: [{apiGroups: [''], resources: [secrets], verbs: [list]}]\n";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower/role");
    let refused = |granted: &[&str]| {
        let access = analysed(&folder, granted).permissions();
        let is_list = |refusal: &&rbac::Atom| refusal.to_string() == "list secrets";
        access
            .refusals
            .iter()
            .filter(|refusal| is_list(&&refusal.atom))
            .filter_map(|refusal| match &refusal.who {
                loadline::access::Refused::Account(subject) => Some(subject.to_string()),
                loadline::access::Refused::Person(..) => None,
            })
            .collect::<Vec<_>>()
    };
    let without = ["ServiceAccount shop/ci-test", "ServiceAccount shop/ci-uat", "ServiceAccount shop/qa", "ServiceAccount shop/releaser"];
    assert_eq!(refused(&[]), without);
    // The group counts for the machines, which talk to the API server, and not for people.
    assert_eq!(refused(&[group]), without[2..]);
}
