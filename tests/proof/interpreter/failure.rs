//! Which conditions say failure.

use loadline::syntax::ast::BinaryOp;
use loadline::types::tree::{Expr, Kind};

/// Whether a condition says failure (design §2.2).
pub fn says_failure(condition: &Expr) -> bool {
    let mut found = false;
    condition.walk(&mut |expr| {
        found |= match &expr.kind {
            Kind::Call { function, .. } => function.name == "failure" || function.name == "always",
            Kind::Binary { op: BinaryOp::Equal, left, right } => {
                let pairs = [(left, right), (right, left)];
                pairs.iter().any(|(status, word)| is_status(status) && is_failure(word))
            }
            _ => false,
        }
    });
    found
}

/// A status, also one that a `let` has asked for.
fn is_status(expr: &Expr) -> bool {
    match &expr.resolved().kind {
        Kind::Status(_) => true,
        Kind::Let(def) => is_status(&def.value),
        _ => false,
    }
}

fn is_failure(word: &Expr) -> bool {
    match &word.resolved().kind {
        Kind::Value(value) => value.as_text().is_some_and(|text| matches!(text, "Failed" | "Errored" | "Aborted")),
        _ => false,
    }
}
