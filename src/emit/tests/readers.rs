//! What readers take a plain scalar for, as their own tables say it: the types of YAML 1.1, `resolve.go` of
//! `sigs.k8s.io/yaml/goyaml.v2` (Kubernetes), and the core schema of YAML 1.2.

use std::sync::LazyLock;

use regex::Regex;

type Table = &'static [(&'static str, &'static str)];

/// For a plain scalar as it stands.
const SPECIFIED: Table = &[
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
    ("merge", r"<<"),
    ("value", r"="),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    // YAML 1.1.
    ("float", r"[-+]?([0-9][0-9_]*)\.[0-9_]*([eE][-+][0-9]+)?"),
    ("float", r"[-+]?\.[0-9][0-9_]*([eE][-+][0-9]+)?"),
    ("float", r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"),
    ("int", r"[-+]?0b[0-1_]+"),
    ("int", r"[-+]?0[0-7_]+"),
    ("int", r"[-+]?(0|[1-9][0-9_]*)"),
    ("int", r"[-+]?0x[0-9a-fA-F_]+"),
    ("int", r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?",
    ),
    // YAML 1.2.
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
    // Both: a document begins or ends.
    ("document", r"(---|\.\.\.)( .*)?"),
];

/// For a plain scalar that begins with a digit or a sign, its underscores left out: so Kubernetes reads numbers.
const KUBERNETES: Table = &[
    ("int", r"[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]*|0[bB][01]+|[1-9][0-9]*)"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
    ("timestamp", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?"),
];

/// What some reader takes the plain scalar `text` for, if not for a text.
pub(super) fn special(text: &str) -> Option<&'static str> {
    static READERS: LazyLock<[Vec<Pattern>; 2]> = LazyLock::new(|| [SPECIFIED, KUBERNETES].map(compiled));
    let [specified, kubernetes] = &*READERS;
    let shown = text.replace('_', "");
    let numeric = text.starts_with(|first: char| matches!(first, '0'..='9' | '+' | '-'));
    kind_of(text, specified).or_else(|| kind_of(&shown, kubernetes).filter(|_| numeric))
}

type Pattern = (&'static str, Regex);

fn compiled(table: Table) -> Vec<Pattern> {
    let whole = |(kind, pattern): &(&'static str, &str)| Some((*kind, Regex::new(&format!("^(?:{pattern})$")).ok()?));
    let patterns: Vec<_> = table.iter().filter_map(whole).collect();
    assert_eq!(patterns.len(), table.len(), "a pattern is malformed");
    patterns
}

fn kind_of(text: &str, patterns: &[Pattern]) -> Option<&'static str> {
    patterns.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(kind, _)| *kind)
}
