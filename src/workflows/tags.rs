//! The tags in the texts of a workflow: `{{name}}`, which is replaced by the variable of that name, and `{{=code}}`, which
//! is replaced by the value of an expression. In: a text. Out: its tags, in order. What is not closed is no tag.

/// A tag of a text, without its braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag<'t> {
    /// The name of a variable, without blanks around it.
    Name(&'t str),
    /// Code, which is evaluated.
    Code(&'t str),
}

/// The tags of a text.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Tag(tag) => Some(tag),
            Piece::Text(_) => None,
        })
        .collect()
}

/// A text in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Tag(Tag<'t>),
}

pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((inside, next)) = behind.split_once("}}") else { break };
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        out.push(Piece::Tag(match inside.strip_prefix('=') {
            Some(code) => Tag::Code(code),
            None => Tag::Name(inside.trim()),
        }));
        rest = next;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// What a variable is about. `x` stands for the name in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variable<'t> {
    /// `inputs.parameters.x`
    Input(&'t str),
    /// `inputs.artifacts.x`, `inputs.artifacts.x.path`
    InputArtifact(&'t str),
    /// `workflow.parameters.x`
    Workflow(&'t str),
    /// `steps.x.…` and `tasks.x.…`, with what is read of it.
    Result { of: Calls, name: &'t str, field: &'t str },
    /// Anything else, about which nothing is said.
    Other,
}

/// Which kind of template a result belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    Steps,
    Tasks,
}

impl Calls {
    /// The word that begins its variables.
    pub(super) fn word(self) -> &'static str {
        match self {
            Calls::Steps => "steps",
            Calls::Tasks => "tasks",
        }
    }

    /// One of them, for messages.
    pub(super) fn one(self) -> &'static str {
        match self {
            Calls::Steps => "step",
            Calls::Tasks => "task",
        }
    }
}

/// Reads the name of a variable, as it stands in a plain tag.
pub(super) fn variable(name: &str) -> Variable<'_> {
    let words: Vec<&str> = name.splitn(4, '.').collect();
    match *words {
        ["inputs", "parameters", x] if !x.is_empty() => Variable::Input(x),
        ["inputs", "artifacts", x] | ["inputs", "artifacts", x, "path"] => Variable::InputArtifact(x),
        // `workflow.parameters.json` is all of them.
        ["workflow", "parameters", "json"] => Variable::Other,
        ["workflow", "parameters", x] if !x.is_empty() => Variable::Workflow(x),
        ["steps", x, field] => Variable::Result { of: Calls::Steps, name: x, field },
        ["tasks", x, field] => Variable::Result { of: Calls::Tasks, name: x, field },
        ["steps", x, _, _] => result(Calls::Steps, x, name),
        ["tasks", x, _, _] => result(Calls::Tasks, x, name),
        _ => Variable::Other,
    }
}

fn result<'t>(of: Calls, name: &'t str, whole: &'t str) -> Variable<'t> {
    let field = whole.splitn(3, '.').nth(2).unwrap_or_default();
    Variable::Result { of, name, field }
}

/// Whether a plain tag can be the name of a variable at all. Names of parameters, labels and annotations have no blanks,
/// quotes, parentheses or operators in them.
pub(super) fn is_name(tag: &str) -> bool {
    !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '%' | '[' | ']'))
}

/// Whether a text that is no name reads variables: an expression that stands where a name must.
pub(super) fn reads_variables(tag: &str) -> bool {
    const ROOTS: &[&str] =
        &["inputs.parameters", "inputs.artifacts", "workflow.parameters", "workflow.outputs", "steps.", "tasks.", "steps[", "tasks["];
    ROOTS.iter().any(|root| {
        tag.match_indices(root).any(|(at, _)| {
            let before = tag.get(..at).and_then(|text| text.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '$'))
        })
    })
}

/// The parameters that code reads for certain: `inputs.parameters.x`, `inputs.parameters['x']`. Code that asks whether
/// something is there, or reads it with a default, is left alone.
pub(super) fn read_by_code(code: &str) -> Vec<Read<'_>> {
    const GUARDS: &[&str] = &["??", "?.", " in ", " not ", "\n"];
    if GUARDS.iter().any(|guard| code.contains(guard)) {
        return Vec::new();
    }
    let inputs = found(code, "inputs.parameters").into_iter().map(Read::Input);
    inputs.chain(found(code, "workflow.parameters").into_iter().map(Read::Workflow)).collect()
}

/// A parameter that code reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read<'t> {
    Input(Found<'t>),
    Workflow(Found<'t>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'t> {
    pub name: &'t str,
    /// The name with what follows it as far as that could belong to a name: `build-mode` where code reads `build`.
    pub longest: &'t str,
}

fn found<'t>(code: &'t str, root: &str) -> Vec<Found<'t>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = Vec::new();
    for (at, _) in code.match_indices(root) {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let inside_text = code.get(..at).is_some_and(|text| text.matches('\'').count() % 2 == 1 || text.matches('"').count() % 2 == 1);
        if inside_text || before.is_some_and(|c| word(c) || c == '.') {
            continue;
        }
        let rest = code.get(at + root.len()..).unwrap_or_default();
        if let Some(rest) = rest.strip_prefix('.') {
            let name = rest.split(|c| !word(c)).next().unwrap_or_default();
            let longest = rest.split(|c| !word(c) && c != '-').next().unwrap_or_default();
            if !name.is_empty() {
                out.push(Found { name, longest });
            }
        } else if let Some(rest) = rest.strip_prefix('[')
            && let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))
            && let Some((name, _)) = rest.get(1..).and_then(|rest| rest.split_once(quote))
        {
            out.push(Found { name, longest: name });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_texts() {
        let text = "a {{workflow.name}} b {{ inputs.parameters.x }}{{=1 + 2}} {{ open";
        assert_eq!(tags(text), [Tag::Name("workflow.name"), Tag::Name("inputs.parameters.x"), Tag::Code("1 + 2")]);
        assert_eq!(pieces("{{x}}"), [Piece::Tag(Tag::Name("x"))]);
        assert_eq!(pieces("no tag }} here"), [Piece::Text("no tag }} here")]);
        assert_eq!(tags("{{}}"), [Tag::Name("")]);
    }

    #[test]
    fn variables_are_read() {
        assert_eq!(variable("inputs.parameters.build-mode"), Variable::Input("build-mode"));
        assert_eq!(variable("inputs.artifacts.src.path"), Variable::InputArtifact("src"));
        assert_eq!(variable("inputs.parameters"), Variable::Other);
        assert_eq!(variable("workflow.parameters.json"), Variable::Other);
        assert_eq!(variable("workflow.parameters.version"), Variable::Workflow("version"));
        assert_eq!(variable("steps.a.outputs.result"), Variable::Result { of: Calls::Steps, name: "a", field: "outputs.result" });
        assert_eq!(
            variable("tasks.a-b.outputs.parameters.x"),
            Variable::Result { of: Calls::Tasks, name: "a-b", field: "outputs.parameters.x" }
        );
        assert_eq!(variable("steps.a.status"), Variable::Result { of: Calls::Steps, name: "a", field: "status" });
        // The name of the step that runs.
        assert_eq!(variable("steps.name"), Variable::Other);
        assert_eq!(variable("item.version"), Variable::Other);
    }

    #[test]
    fn an_expression_is_no_name() {
        assert!(is_name("inputs.parameters.x"));
        assert!(is_name("workflow.labels.app.kubernetes.io/name"));
        assert!(!is_name("'--url=' + inputs.parameters.url"));
        assert!(reads_variables("'--url=' + inputs.parameters.url"));
        assert!(reads_variables("inputs.parameters.url | upper"));
        // Other languages use the same braces.
        assert!(!reads_variables(".Names"));
        assert!(!reads_variables("range .items"));
        assert!(!reads_variables("range .inputs.parameters"));
    }

    #[test]
    fn code_reads_parameters() {
        let input = |name, longest| Read::Input(Found { name, longest });
        assert_eq!(read_by_code("inputs.parameters.a == 'x'"), [input("a", "a")]);
        assert_eq!(read_by_code("inputs.parameters['build-mode']"), [input("build-mode", "build-mode")]);
        assert_eq!(read_by_code("inputs.parameters.build-mode"), [input("build", "build-mode")]);
        assert_eq!(read_by_code("workflow.parameters.a"), [Read::Workflow(Found { name: "a", longest: "a" })]);
        assert_eq!(read_by_code("inputs.parameters.a ?? 'x'"), []);
        assert_eq!(read_by_code("'inputs.parameters.a'"), []);
        assert_eq!(read_by_code("toJson(inputs.parameters)"), []);
    }
}
