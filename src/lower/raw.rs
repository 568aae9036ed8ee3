//! Raw expressions: as they were written, with code for the values in them.

use super::code::{Code, quoted};
use super::cx::Cx;
use crate::exprlang::{Dialect, HOLE, TokenKind, tokens};
use crate::library::Ty;
use crate::types::tree::Part;

impl Cx<'_> {
    /// The text between the tokens stays; comments go, and nothing in it looks like a delimiter of Kargo.
    pub(super) fn raw(&self, parts: &[Part], ty: &Ty) -> Code {
        let mut source = String::new();
        let (mut holes, mut values) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Text(text) => source.push_str(text),
                Part::Expr(expr) => {
                    holes.push(u32::try_from(source.len()).unwrap_or(u32::MAX));
                    source.push(HOLE);
                    values.push(self.settled(expr));
                }
            }
        }
        let mut out = String::new();
        let mut end = 0;
        let mut next = values.iter();
        let variables = self.variables.borrow();
        // How much of `vars.name` was read: such a variable may be emitted by another name.
        let mut path = 0;
        for token in tokens(&source, &holes, Dialect::newest()) {
            let range = token.at.range();
            let gap = source.get(end..range.start).unwrap_or("");
            let written = source.get(range.clone()).unwrap_or("");
            let is_blank = gap.chars().all(char::is_whitespace);
            let closes_twice = written == "}" && gap.is_empty() && out.ends_with(['}', '%']);
            out.push_str(if !is_blank || closes_twice { " " } else { gap });
            path = match (path, written) {
                (0, "vars") if !out.ends_with(['.', '#']) => 1,
                (1, "." | "?.") => 2,
                (2, _) if token.kind == TokenKind::Name => 3,
                _ => 0,
            };
            match token.kind {
                TokenKind::Name if path == 3 => {
                    path = 0;
                    out.push_str(variables.get(written).map_or(written, String::as_str));
                }
                TokenKind::Hole => out.push_str(&next.next().map(Code::tight).unwrap_or_default()),
                TokenKind::Text if ["}}", "%}", "${{", "${%"].iter().any(|mark| written.contains(mark)) => {
                    out.push_str(&quoted(&token.text));
                }
                TokenKind::Bytes => out.push_str(&written.replace("}}", "}\\x7d")),
                _ => out.push_str(written),
            }
            end = range.end;
        }
        let bare = matches!(ty.present(), Ty::Record(_));
        Code { bare, nilable: ty.is_optional(), ..Code::compound(out.trim()) }.made_of(&values)
    }
}
