//! Programs as trees of lines, so that a failing one can be made smaller by taking entries out.

/// Begins the line behind which another file stands, in one text with those before it.
const FILE: &str = "// file ";

#[derive(Clone, Debug)]
pub enum Node {
    Line(String),
    Block {
        head: String,
        body: Vec<Node>,
        /// `} else {` with its own entries.
        otherwise: Option<Vec<Node>>,
        /// A condition around steps: without it they would run always.
        guard: bool,
    },
}

impl Node {
    pub fn line(text: impl Into<String>) -> Node {
        Node::Line(text.into())
    }

    pub fn block(head: impl Into<String>, body: Vec<Node>) -> Node {
        Node::Block { head: head.into(), body, otherwise: None, guard: false }
    }

    pub fn guard(head: impl Into<String>, body: Vec<Node>, otherwise: Option<Vec<Node>>) -> Node {
        Node::Block { head: head.into(), body, otherwise, guard: true }
    }

    /// A file of another folder; its path begins there where the program's file lies.
    pub fn file(path: &str, body: Vec<Node>) -> Node {
        Node::block(format!("{FILE}{path}"), body)
    }

    fn write(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        match self {
            Node::Block { head, body, .. } if head.starts_with(FILE) => {
                out.push_str(&format!("{head}\n"));
                body.iter().for_each(|node| node.write(depth, out));
            }
            Node::Line(text) => out.push_str(&format!("{indent}{text}\n")),
            Node::Block { head, body, otherwise, .. } => {
                out.push_str(&format!("{indent}{head} {{\n"));
                body.iter().for_each(|node| node.write(depth + 1, out));
                if let Some(otherwise) = otherwise {
                    out.push_str(&format!("{indent}}} else {{\n"));
                    otherwise.iter().for_each(|node| node.write(depth + 1, out));
                }
                out.push_str(&format!("{indent}}}\n"));
            }
        }
    }
}

pub fn written(nodes: &[Node]) -> String {
    let mut out = String::new();
    nodes.iter().for_each(|node| node.write(0, &mut out));
    out
}

/// The files of a program: the paths, and what stands in them; first its own.
pub fn files(program: &str) -> Vec<(String, String)> {
    let mut out = vec![("shop.pipeline".to_owned(), String::new())];
    for line in program.split_inclusive('\n') {
        match (line.strip_prefix(FILE), out.last_mut()) {
            (Some(path), _) => out.push((path.trim_end().to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            _ => {}
        }
    }
    out
}

/// The program that these files are.
pub fn joined(files: &[(String, String)]) -> String {
    let mark = |at: usize, path: &str| if at > 0 { format!("{FILE}{path}\n") } else { String::new() };
    files.iter().enumerate().map(|(at, (path, text))| mark(at, path) + text).collect()
}

/// All trees with one node less, big pieces first. A condition is also replaced by what it guards.
pub fn smaller(nodes: &[Node]) -> Vec<Vec<Node>> {
    let mut out = Vec::new();
    for at in 0..nodes.len() {
        let mut without = nodes.to_vec();
        let node = without.remove(at);
        out.push(without);
        if let Node::Block { body, otherwise, .. } = &node {
            if otherwise.is_some() {
                let Node::Block { head, body, guard, .. } = node.clone() else { continue };
                out.push(replaced(nodes, at, vec![Node::Block { head, body, otherwise: None, guard }]));
            }
            if matches!(&node, Node::Block { guard: true, .. }) {
                out.push(replaced(nodes, at, body.clone()));
            }
        }
    }
    for at in 0..nodes.len() {
        let Node::Block { head, body, otherwise, guard } = &nodes[at] else { continue };
        for body in smaller(body) {
            let node = Node::Block { head: head.clone(), body, otherwise: otherwise.clone(), guard: *guard };
            out.push(replaced(nodes, at, vec![node]));
        }
        for otherwise in otherwise.iter().flat_map(|nodes| smaller(nodes)) {
            let node = Node::Block { head: head.clone(), body: body.clone(), otherwise: Some(otherwise), guard: *guard };
            out.push(replaced(nodes, at, vec![node]));
        }
    }
    out
}

fn replaced(nodes: &[Node], at: usize, by: Vec<Node>) -> Vec<Node> {
    let mut out = nodes.to_vec();
    out.splice(at..=at, by);
    out
}

/// A text as the language writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphabetic() => out.push(c),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    out.push('"');
    out
}
