//! What readers take a plain scalar for, as their own tables say it: the types of YAML 1.1, `resolve.go` of
//! `sigs.k8s.io/yaml/goyaml.v2` (Kubernetes), and the core schema of YAML 1.2.

use std::sync::LazyLock;

use regex::Regex;

const TABLE: [(&str, &str); 22] = [
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
    // Kubernetes: underscores are dropped from what begins with a digit or a sign.
    ("int", r"[-+_]*[-+]_*(0_*[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0_*[oO]?_*[0-7][0-7_]*|0_*[bB]_*[01][01_]*|[0-9][0-9_]*)"),
    ("int", r"0_*[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0_*[oO]?_*[0-7][0-7_]*|0_*[bB]_*[01][01_]*|[0-9][0-9_]*"),
    ("float", r"[-+0-9][0-9_]*(\._*[0-9][0-9_]*|\._*|)([eE]_*[-+]?_*[0-9][0-9_]*)?"),
    ("timestamp", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?(Z|[-+][0-9:]+)?)?"),
    // YAML 1.2.
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
    // Both: a document begins or ends.
    ("document", r"(---|\.\.\.)( .*)?"),
];

/// What some reader takes the plain scalar `text` for, if not for a text.
pub(super) fn special(text: &str) -> Option<&'static str> {
    static READERS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
        let whole = |(kind, pattern)| Some((kind, Regex::new(&format!("^(?:{pattern})$")).ok()?));
        TABLE.into_iter().filter_map(whole).collect()
    });
    assert_eq!(READERS.len(), TABLE.len(), "a pattern is malformed");
    READERS.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(kind, _)| *kind)
}
