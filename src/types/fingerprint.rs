//! When two expressions mean the same.

use super::tree::{Expr, Kind, Part};

impl Expr {
    /// A text that is the same for expressions that mean the same, wherever they stand.
    pub fn fingerprint(&self) -> String {
        let expr = self.resolved();
        let all = |parts: &[&Expr]| parts.iter().map(|part| part.fingerprint()).collect::<Vec<_>>().join(",");
        match &expr.kind {
            Kind::Value(value) => format!("{value:?}"),
            Kind::Field { base, name, .. } => format!("{}.{name}", base.fingerprint()),
            Kind::Index { base, index, .. } => format!("{}[{}]", base.fingerprint(), index.fingerprint()),
            Kind::Not(inner) => format!("!{}", inner.fingerprint()),
            Kind::Negate(inner) => format!("-{}", inner.fingerprint()),
            Kind::Promoting(inner) => format!("promoting {}", inner.fingerprint()),
            Kind::Binary { op, left, right } => format!("({} {} {})", left.fingerprint(), op.symbol(), right.fingerprint()),
            Kind::Choice { test, then, otherwise } => {
                format!("({}?{}:{})", test.fingerprint(), then.fingerprint(), otherwise.fingerprint())
            }
            Kind::Call { function, args } => format!("{}({})", function.name, all(&args.iter().collect::<Vec<_>>())),
            Kind::Let(def) => format!("let@{}", def.span.start),
            Kind::Local(index) => format!("local{index}"),
            Kind::Shape(index) => format!("shape{index}"),
            Kind::Slot(index) => format!("slot{index}"),
            Kind::Param(index) => format!("param{index}"),
            Kind::Result(index) => format!("result{index}"),
            Kind::Status(index) => format!("status{index}"),
            Kind::Var(name) | Kind::Context(name) | Kind::LambdaName(name) => format!("{name}"),
            Kind::Text(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => format!("{text:?}"),
                    Part::Expr(expr) => expr.fingerprint(),
                })
                .collect(),
            // Lists, records and the rest: the same only where they are one and the same.
            _ => format!("@{}:{}", expr.span.file.0, expr.span.start),
        }
    }
}
