//! Values of the program arrive in the manifests as what they are, and the manifests depend on nothing else.

use loadline::emit;
use loadline::{Analysis, Options, Source, diag};
use serde::Deserialize as _;
use serde_yaml::Value;

/// Texts that some reader takes for something else.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "y",
    "on",
    "no",
    "NULL",
    "~",
    "null",
    "true",
    "1_000",
    "12:30:45",
    "1e3",
    "0755",
    "0x1F",
    "0o17",
    "1.10",
    ".inf",
    "2026-01-01",
    "=",
    "<<",
    "-",
    "---",
    "...",
    "- a",
    "a: b",
    "a #b",
    "#",
    "? x",
    "!tag",
    "&anchor",
    "*alias",
    "%TAG",
    "@at",
    "`tick`",
    "[a]",
    "{a: b}",
    "'single'",
    "\"double\"",
    "\\ \\n",
    "a\nb",
    "\n",
    "a\n\n",
    "  a\n b\n",
    "\ttab",
    "a ",
    "é “ü” 日本",
    "\u{1f600}",
    "\u{2028}",
    "\u{feff}",
    "${{ ctx.stage }}",
    "${% ctx.stage %}",
    "a ${{ b }} }} ${{",
    "$${{{",
    "}}",
    "{{ .Values }}",
    "$x ${",
];

/// The text as the language writes it.
fn written(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii() || c.is_alphabetic() => out.push(c),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

fn compiled(sources: &[(&str, &str)]) -> String {
    let sources = sources.iter().map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
    let analysis = Analysis::new(sources, &Options::default());
    let reports: String = analysis.reports().iter().map(|report| diag::human(report, analysis.files(), false)).collect();
    assert!(reports.is_empty(), "{reports}");
    let mut text = String::new();
    emit::stream(&analysis.documents(), &mut text);
    text
}

fn objects(stream: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(stream).map(|document| Value::deserialize(document).unwrap()).collect()
}

fn named<'v>(objects: &'v [Value], kind: &str, name: &str) -> &'v Value {
    objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name).unwrap()
}

/// What Kargo makes of a text in a setting: one without delimiter is itself; a template of ours has text in quotes, and
/// nothing to evaluate but the delimiters.
fn evaluated(setting: &Value) -> String {
    let text = setting.as_str().unwrap();
    if !text.contains("${{") && !text.contains("${%") {
        return text.to_owned();
    }
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
    let plain = inside.replace(r#"${{ "$" + "\u007b{" }}"#, "\u{0}{").replace(r#"${{ "$" + "\u007b%" }}"#, "\u{0}%");
    assert!(!plain.contains("${{") && !plain.contains("${%"), "{text}");
    plain.replace('\u{0}', "${")
}

#[test]
fn texts_stay_what_they_are() {
    for text in HOSTILE {
        let literal = written(text);
        // The empty message is refused, and rightly.
        let message = if text.is_empty() { "\"-\"" } else { &literal };
        let program = format!(
            "target kargo 1.11\nproject shop {{\n  annotations: {{ a: {literal}, {key}: \"1\" }}\n}}\nproject shop\n\
             warehouse app {{ image {{ repoURL: \"ghcr.io/acme/web\" }} }}\n\
             stage test {{\n  slot app\n  annotations: {{ a: {literal} }}\n  var own = {literal}\n  promote {{\n    \
             git-commit {{ path: \"./src\", message: {message} }}\n    \
             compose-output {{ own: own, list: [{literal}], inner: {{ value: {literal} }} }}\n  }}\n}}\nflow app -> test\n",
            key = if text.is_empty() { "\"-\"" } else { &literal },
        );
        let objects = objects(&compiled(&[("shop.pipeline", &program)]));
        let project = named(&objects, "Project", "shop");
        assert_eq!(project["metadata"]["annotations"]["a"], **text);
        assert_eq!(project["metadata"]["annotations"][if text.is_empty() { "-" } else { text }], if *text == "a" { text } else { "1" });
        let stage = named(&objects, "Stage", "test");
        assert_eq!(stage["metadata"]["annotations"]["a"], **text);
        let variable = &stage["spec"]["vars"][0]["value"];
        if text.is_empty() {
            assert_eq!(*variable, "${{ \"\" }}");
        } else {
            assert_eq!(evaluated(variable), *text);
        }
        let steps = &stage["spec"]["promotionTemplate"]["spec"]["steps"];
        assert_eq!(evaluated(&steps[0]["config"]["message"]), if text.is_empty() { "-" } else { text });
        assert_eq!(evaluated(&steps[1]["config"]["list"][0]), *text);
        assert_eq!(evaluated(&steps[1]["config"]["inner"]["value"]), *text);
    }
}

#[test]
fn labels_and_names_stay_texts() {
    for name in ["on", "n", "true", "null", "123", "1e3", "0x1f", "0755", "1.5.0"] {
        // A project's name has no dots.
        let project = name.replace('.', "-");
        let program = format!(
            "target kargo 1.11\nproject \"{project}\"\nwarehouse \"{name}\" {{ labels: {{ \"{name}\": \"{name}\" }}, \
             image {{ repoURL: \"ghcr.io/acme/web\" }} }}\nstage \"{name}\" {{ slot app = \"{name}\", autoPromotionEnabled: true\n\
             promote {{ git-push {{ path: \"./src\" }} }} }}\nflow \"{name}\" -> \"{name}\"\n"
        );
        let objects = objects(&compiled(&[("shop.pipeline", &program)]));
        let warehouse = named(&objects, "Warehouse", name);
        assert_eq!(warehouse["metadata"]["labels"][name], name);
        assert_eq!(warehouse["metadata"]["namespace"], project.as_str());
        let stage = named(&objects, "Stage", name);
        assert_eq!(stage["spec"]["requestedFreight"][0]["origin"]["name"], name);
        let policy = &named(&objects, "ProjectConfig", &project)["spec"]["promotionPolicies"][0];
        assert_eq!((&policy["stageSelector"]["name"], &policy["autoPromotionEnabled"]), (&Value::from(name), &Value::from(true)));
    }
}

#[test]
fn manifests_depend_on_the_program_alone() {
    let files = [
        ("a.pipeline", "project shop\nstage test { slot app, promote { sync(tag: app.image.tag) } }\nflow app -> test -> uat\n"),
        ("b.pipeline", "project shop\nwarehouse app { image { repoURL: \"ghcr.io/acme/web\" } }\nlet branch = \"main\"\n"),
        ("c.pipeline", "target kargo 1.11\nproject shop\ntask sync(tag: Tag) { git-commit { path: branch, message: \"to ${tag}\" } }\n"),
        ("d.pipeline", "project shop\nstage uat { slot app, promote { git-push { path: \"./src\" } } }\n"),
    ];
    let known = compiled(&files);
    assert_eq!(objects(&known).len(), 5);
    for first in 0..files.len() {
        for second in 0..files.len() {
            let mut order = files;
            order.rotate_left(first);
            order.swap(0, second);
            assert_eq!(compiled(&order), known);
        }
    }
    let others: Vec<String> = (0..4).map(|_| std::thread::spawn(move || compiled(&files))).map(|thread| thread.join().unwrap()).collect();
    assert!(others.iter().all(|other| *other == known));
}
