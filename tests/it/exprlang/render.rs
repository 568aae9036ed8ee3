//! Trees as one line, `(binary "+" (id a) (int 1))`.

use std::fmt::Write;

use loadline::exprlang::{Id, Kind, Tree};

pub(crate) fn render(tree: &Tree) -> String {
    let mut out = String::new();
    node(tree, tree.root(), false, &mut out);
    out
}

fn node(tree: &Tree, id: Id, is_callee: bool, out: &mut String) {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    match &tree.get(id).unwrap().kind {
        Kind::Name(name) => write!(out, "(id {name})").unwrap(),
        Kind::Int(value) => write!(out, "(int {value})").unwrap(),
        Kind::Float(value) => write!(out, "(float {value})").unwrap(),
        Kind::Text(text) => write!(out, "(str {})", quoted(text)).unwrap(),
        Kind::Bytes(bytes) => write!(out, "(bytes {})", quoted(&base64(bytes))).unwrap(),
        Kind::Bool(value) => write!(out, "{value}").unwrap(),
        Kind::Nil => out.push_str("nil"),
        Kind::Hole(number) => write!(out, "(hole {number})").unwrap(),
        Kind::Unary(op, operand) => list(tree, &format!("unary {}", quoted(op)), &[*operand], out),
        Kind::Binary { op, left, right } => list(tree, &format!("binary {}", quoted(op)), &[*left, *right], out),
        Kind::Member { of, key, safe } => {
            let word = if is_callee { "method" } else { "member" };
            list(tree, &format!("{word}{}", if *safe { "?" } else { "" }), &[*of, *key], out);
        }
        Kind::Chain(inside) => list(tree, "chain", &[*inside], out),
        Kind::Slice { of, from, to } => {
            out.push_str("(slice ");
            node(tree, *of, false, out);
            for bound in [from, to] {
                out.push(' ');
                match bound {
                    Some(bound) => node(tree, *bound, false, out),
                    None => out.push('_'),
                }
            }
            out.push(')');
        }
        Kind::Call { callee, args } => {
            out.push_str("(call ");
            node(tree, *callee, true, out);
            rest(tree, args, out);
        }
        Kind::Builtin { name, args } => list(tree, &format!("builtin {name}"), args, out),
        Kind::Predicate(inside) => list(tree, "predicate", &[*inside], out),
        Kind::Pointer(name) if name.is_empty() => out.push_str("(pointer)"),
        Kind::Pointer(name) => write!(out, "(pointer {name})").unwrap(),
        Kind::Condition { test, then, otherwise } => list(tree, "cond", &[*test, *then, *otherwise], out),
        Kind::Let { name, value, body } => list(tree, &format!("let {name}"), &[*value, *body], out),
        Kind::Sequence(all) => list(tree, "seq", all, out),
        Kind::List(items) => list(tree, "list", items, out),
        Kind::Map(pairs) => {
            out.push_str("(map");
            for (key, value) in pairs {
                out.push(' ');
                list(tree, "pair", &[*key, *value], out);
            }
            out.push(')');
        }
    }
}

fn list(tree: &Tree, word: &str, ids: &[Id], out: &mut String) {
    write!(out, "({word}").unwrap();
    rest(tree, ids, out);
}

fn rest(tree: &Tree, ids: &[Id], out: &mut String) {
    for id in ids {
        out.push(' ');
        node(tree, *id, false, out);
    }
    out.push(')');
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
