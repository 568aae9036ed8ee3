//! Tokens to a tree: operators by their precedence, `let`, `if` and `? :`. The rest is in `primary` and `postfix`.

use super::lexer::{Token, TokenKind};
use super::operators::{self, Operator};
use super::tree::{Id, Kind, Node, Tree};
use super::{At, Dialect, Problem, problems};
use crate::base::Name;

/// Expressions inside one another. expr-lang has no such limit; no stack has room for anything.
const MAX_DEPTH: u32 = 256;
/// The limit of expr-lang.
const MAX_NODES: usize = 10_000;

pub(super) type Read = Result<Id, Problem>;

pub(super) struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    next: usize,
    pub(super) dialect: Dialect,
    nodes: Vec<Node>,
    /// Nodes as expr-lang counts them.
    counted: usize,
    /// Predicates around the place under way: `#` means something in them.
    pub(super) predicates: u32,
    depth: u32,
    /// Where the token before ends.
    end: u32,
    pub(super) holes: usize,
}

impl<'t, 'a> Parser<'t, 'a> {
    pub(super) fn new(tokens: &'t [Token<'a>], dialect: Dialect) -> Self {
        Parser { tokens, next: 0, dialect, nodes: Vec::new(), counted: 0, predicates: 0, depth: 0, end: 0, holes: 0 }
    }

    pub(super) fn whole(mut self) -> Result<Tree, Problem> {
        let root = self.sequence()?;
        if self.current().kind != TokenKind::End {
            return Err(self.unexpected(None));
        }
        Ok(Tree { nodes: self.nodes, root })
    }

    // ── Tokens and nodes ──

    pub(super) fn current(&self) -> &'t Token<'a> {
        self.ahead(0)
    }

    /// The token so many places on; behind the last one, the last one.
    fn ahead(&self, count: usize) -> &'t Token<'a> {
        static NOTHING: Token<'static> =
            Token { kind: TokenKind::End, at: At { start: 0, end: 0 }, text: std::borrow::Cow::Borrowed(""), problem: None };
        self.tokens.get(self.next + count).or(self.tokens.last()).unwrap_or(&NOTHING)
    }

    pub(super) fn advance(&mut self) -> &'t Token<'a> {
        let token = self.current();
        self.end = token.at.end;
        self.next += 1;
        token
    }

    pub(super) fn takes_operator(&mut self, symbol: &str) -> bool {
        let is_it = self.current().is_operator(symbol);
        if is_it {
            self.advance();
        }
        is_it
    }

    pub(super) fn takes_bracket(&mut self, symbol: &str) -> bool {
        let is_it = self.current().is_bracket(symbol);
        if is_it {
            self.advance();
        }
        is_it
    }

    pub(super) fn operator(&mut self, symbol: &str) -> Result<(), Problem> {
        if self.takes_operator(symbol) { Ok(()) } else { Err(self.unexpected(Some(&format!("`{symbol}`")))) }
    }

    pub(super) fn bracket(&mut self, symbol: &str) -> Result<(), Problem> {
        if self.takes_bracket(symbol) { Ok(()) } else { Err(self.unexpected(Some(&format!("`{symbol}`")))) }
    }

    pub(super) fn name(&mut self) -> Result<&'t Token<'a>, Problem> {
        if self.current().kind == TokenKind::Name { Ok(self.advance()) } else { Err(self.unexpected(Some("a name"))) }
    }

    pub(super) fn unexpected(&self, wanted: Option<&str>) -> Problem {
        let token = self.current();
        match &token.problem {
            Some(problem) => (**problem).clone(),
            None => problems::unexpected(token, wanted),
        }
    }

    /// From there to the end of the token before.
    pub(super) fn since(&self, start: u32) -> At {
        At { start, end: self.end.max(start) }
    }

    pub(super) fn place(&self, id: Id) -> At {
        let nothing = At { start: self.end, end: self.end };
        self.nodes.get(id.0 as usize).map_or(nothing, |node| node.at)
    }

    pub(super) fn kind(&self, id: Id) -> Option<&Kind> {
        self.nodes.get(id.0 as usize).map(|node| &node.kind)
    }

    pub(super) fn node(&mut self, at: At, kind: Kind) -> Read {
        self.count(at)?;
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { at, kind });
        Ok(id)
    }

    pub(super) fn count(&mut self, at: At) -> Result<(), Problem> {
        self.counted += 1;
        if self.counted > MAX_NODES { Err(problems::too_many_nodes(at)) } else { Ok(()) }
    }

    // ── Expressions ──

    /// `a; b; c`: all are evaluated, the last one counts. The last semicolon of a text may stand alone.
    pub(super) fn sequence(&mut self) -> Read {
        let first = self.expression(0)?;
        let mut all = vec![first];
        while self.takes_operator(";") && self.current().kind != TokenKind::End {
            all.push(self.expression(0)?);
        }
        match all.len() {
            1 => Ok(first),
            _ => {
                let at = self.since(self.place(first).start);
                self.node(at, Kind::Sequence(all))
            }
        }
    }

    /// An expression whose operators all bind at least so tightly.
    pub(super) fn expression(&mut self, precedence: u32) -> Read {
        if self.depth >= MAX_DEPTH {
            return Err(problems::too_deep(self.current().at));
        }
        self.depth += 1;
        let read = match self.current() {
            token if precedence == 0 && token.is_operator("let") => self.declaration(),
            token if precedence == 0 && token.is_operator("if") => self.branch(),
            _ => self.operators(precedence),
        };
        self.depth -= 1;
        read
    }

    fn operators(&mut self, precedence: u32) -> Read {
        let mut left = self.primary()?;
        let mut after_coalesce = false;
        while self.current().kind == TokenKind::Operator {
            let negated = self.current().is_operator("not");
            // Only the word counts: `a not "in" b` is taken, too.
            let token = self.ahead(usize::from(negated));
            if negated && !operators::can_be_negated(&token.text) {
                self.advance();
                return Err(self.unexpected(Some("`in`, `contains`, `matches`, `startsWith` or `endsWith`")));
            }
            let Some(op) = operators::binary(&token.text).filter(|op| op.precedence >= precedence) else { break };
            let negation = self.current().at;
            if negated {
                self.advance();
            }
            self.advance();
            if op.symbol == "|" {
                let callee = self.name()?;
                let start = self.place(left).start;
                left = self.call(callee, start, vec![left])?;
            } else if after_coalesce && op.symbol != "??" {
                return Err(problems::mixed_coalesce(token.at, op.symbol));
            } else if operators::is_comparison(op.symbol) {
                left = self.comparisons(left, op)?;
            } else {
                left = self.binary(left, op)?;
                if negated {
                    let at = self.place(left).to(negation);
                    left = self.node(at, Kind::Unary("not", left))?;
                }
            }
            after_coalesce = op.symbol == "??";
        }
        if precedence == 0 { self.choices(left) } else { Ok(left) }
    }

    /// The right side, and the node of both.
    fn binary(&mut self, left: Id, op: Operator) -> Read {
        let right = self.expression(if op.to_the_right { op.precedence } else { op.precedence + 1 })?;
        let at = self.place(left).to(self.place(right));
        self.node(at, Kind::Binary { op: op.symbol, left, right })
    }

    /// `a < b <= c`: each is compared with the next.
    fn comparisons(&mut self, first: Id, op: Operator) -> Read {
        let (mut left, mut symbol, mut all) = (first, op.symbol, None);
        loop {
            let right = self.expression(op.precedence + 1)?;
            let at = self.place(left).to(self.place(right));
            let one = self.node(at, Kind::Binary { op: symbol, left, right })?;
            let root = match all {
                None => one,
                Some(before) => {
                    let at = self.place(first).to(at);
                    self.node(at, Kind::Binary { op: "&&", left: before, right: one })?
                }
            };
            let next = operators::binary(&self.current().text).filter(|op| operators::is_comparison(op.symbol));
            match next {
                Some(next) if self.current().kind == TokenKind::Operator => symbol = next.symbol,
                _ => return Ok(root),
            }
            self.advance();
            (left, all) = (right, Some(root));
        }
    }

    fn choices(&mut self, first: Id) -> Read {
        let mut test = first;
        while self.takes_operator("?") {
            let then = if self.current().is_operator(":") { test } else { self.expression(0)? };
            self.operator(":")?;
            let otherwise = self.expression(0)?;
            let at = self.place(first).to(self.place(otherwise));
            test = self.node(at, Kind::Condition { test, then, otherwise })?;
        }
        Ok(test)
    }

    fn declaration(&mut self) -> Read {
        let start = self.advance().at.start;
        let name = Name::new(&self.name()?.text);
        self.operator("=")?;
        let value = self.expression(0)?;
        self.operator(";")?;
        let body = self.sequence()?;
        self.node(self.since(start), Kind::Let { name, value, body })
    }

    fn branch(&mut self) -> Read {
        let start = self.advance().at.start;
        let test = self.expression(0)?;
        let then = self.braces()?;
        self.operator("else")?;
        let is_chain = self.dialect.has_else_if() && self.current().is_operator("if");
        let otherwise = if is_chain { self.expression(0)? } else { self.braces()? };
        // expr-lang does not count this one.
        self.counted = self.counted.saturating_sub(1);
        self.node(self.since(start), Kind::Condition { test, then, otherwise })
    }

    fn braces(&mut self) -> Read {
        self.bracket("{")?;
        let inside = self.sequence()?;
        self.bracket("}")?;
        Ok(inside)
    }
}
