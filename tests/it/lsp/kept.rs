//! Bodies of stages that an edit does not touch are not typed again; what they have to do with other bodies and with
//! declarations holds all the same.

use super::client::{Client, able};

const FILE: &str = "file:///kept/main.pipeline";

/// A program with two stages; `{{first}}` and `{{second}}` stand in what they promote.
const PROGRAM: &str = r#"target kargo 1.11
project shop
let host = "a" + misspelt
warehouse app { image { repoURL: "ghcr.io/acme/shop" } }
stage test {
  slot app
  promote {
    git-clear { path: "./a" }
    {{first}}
  }
}
stage prod {
  slot app
  promote {
    git-clear { path: "./b" }
    {{second}}
  }
}
flow app -> test -> prod
"#;

fn with(first: &str, second: &str) -> String {
    PROGRAM.replace("{{first}}", first).replace("{{second}}", second)
}

/// What is reported after each of these texts, typed one after the other.
fn reported(texts: &[String]) -> Vec<Vec<String>> {
    let mut client = Client::start(&[], able());
    let mut out = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match at {
            0 => client.open(FILE, text),
            _ => client.replace(FILE, text),
        }
        client.settle();
        out.push(client.reported(FILE).into_iter().filter(|report| !report.contains("misspelt")).collect());
    }
    out
}

#[test]
fn what_is_reported_once_moves_to_the_next_body() {
    let found = reported(&[with("shovel {}", "shovel {}"), with("git-diff {}", "shovel {}"), with("shovel {}", "shovel {}")]);
    let is_at = |reports: &[String], line: &str| reports.iter().any(|report| report.starts_with(line) && report.contains("shovel"));
    assert!(is_at(&found[0], "9:") && !is_at(&found[0], "16:"), "{found:?}");
    assert!(is_at(&found[1], "16:"), "{found:?}");
    assert_eq!(found[0], found[2]);
}

#[test]
fn a_declaration_that_a_kept_body_reads_is_used_and_has_its_own_reports() {
    let read = "http { url: \"https://${host}\" }";
    let (before, after) = (with(read, "git-clear { path: \"./c\" }"), with(read, "git-clear { path: \"./d\" }"));
    let mut client = Client::start(&[], able());
    client.open(FILE, &before);
    client.settle();
    let known = client.reported(FILE);
    assert!(known.iter().any(|report| report.contains("misspelt")), "{known:?}");
    client.replace(FILE, &after);
    client.settle();
    assert_eq!(client.reported(FILE), known);
}

#[test]
fn a_name_that_gets_lost_elsewhere_may_mean_anything_in_a_kept_body() {
    let read = "git-clear { path: other }";
    let found = reported(&[with(read, "git-clear {}"), with(read, "let other ="), with(read, "git-clear {}")]);
    let is_unknown = |reports: &[String]| reports.iter().any(|report| report.starts_with("9:") && report.contains("other"));
    assert!(is_unknown(&found[0]) && !is_unknown(&found[1]), "{found:?}");
    assert_eq!(found[0], found[2]);
}
