//! Names that Kubernetes and Kargo accept.

/// Why a name cannot be that of an object, if it cannot. `limit`: the most characters it may have.
pub(super) fn object_name_problem(name: &str, limit: usize) -> Option<&'static str> {
    if name.is_empty() {
        return Some("the name is empty");
    }
    if name.len() > limit {
        return Some(if limit == 63 { "longer than 63 characters" } else { "longer than 253 characters" });
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("only small letters, digits, `-` and `.`");
    }
    let fits = |part: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        edge(part.chars().next())
            && edge(part.chars().last())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if name.split('.').all(fits) {
        None
    } else {
        Some("only small letters, digits, `-` and `.`, each part beginning and ending with a letter or digit")
    }
}

/// The same for a project: it is also a namespace, so it has no dots and at most 63 characters.
pub(super) fn namespace_problem(name: &str) -> Option<&'static str> {
    if name.contains('.') {
        return Some("a project is also a namespace, whose name has no dots");
    }
    object_name_problem(name, 63)
        .map(|why| if why.contains('.') { "only small letters, digits and `-`, with a letter or digit at both ends" } else { why })
}
