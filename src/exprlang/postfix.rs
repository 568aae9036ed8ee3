//! What follows an operand: members, indices, slices; and calls with their arguments.

use std::sync::Arc;

use super::builtins::{self, Shape};
use super::lexer::{Token, TokenKind};
use super::parser::{Parser, Read};
use super::tree::{Id, Kind};
use super::{Problem, operators, problems};
use crate::base::Name;

impl Parser<'_, '_> {
    /// All that is read from `node`, which begins at `start` (with its parentheses).
    pub(super) fn postfixes(&mut self, node: Id, start: u32) -> Read {
        let mut node = node;
        loop {
            if self.takes_operator(".") {
                node = self.member(node, start, false)?;
            } else if self.takes_operator("?.") {
                node = if self.takes_bracket("[") { self.index(node, start, true)? } else { self.member(node, start, true)? };
            } else if self.takes_bracket("[") {
                node = self.index(node, start, false)?;
            } else {
                return Ok(node);
            }
        }
    }

    fn member(&mut self, of: Id, start: u32, safe: bool) -> Read {
        let token = self.current();
        let is_word = token.kind == TokenKind::Operator && operators::is_word(&token.text);
        if token.kind != TokenKind::Name && !is_word {
            return Err(self.unexpected(Some("the name of a member")));
        }
        self.advance();
        let key = self.node(token.at, Kind::Text(Arc::from(&*token.text)))?;
        // A member belongs to the chain before it, parentheses or not.
        let chain = match self.kind(of) {
            Some(&Kind::Chain(inside)) => Some(inside),
            _ => None,
        };
        let mut node = self.node(self.since(start), Kind::Member { of: chain.unwrap_or(of), key, safe })?;
        if self.current().is_bracket("(") {
            let args = self.arguments(Vec::new())?;
            node = self.node(self.since(start), Kind::Call { callee: node, args })?;
        }
        if safe || chain.is_some() { self.node(self.since(start), Kind::Chain(node)) } else { Ok(node) }
    }

    /// An index or a slice, whose bracket was taken.
    fn index(&mut self, of: Id, start: u32, safe: bool) -> Read {
        let from = if self.current().is_operator(":") { None } else { Some(self.expression(0)?) };
        if self.takes_operator(":") {
            let to = if self.current().is_bracket("]") { None } else { Some(self.expression(0)?) };
            self.bracket("]")?;
            return self.node(self.since(start), Kind::Slice { of, from, to });
        }
        self.bracket("]")?;
        let Some(key) = from else { return Err(self.unexpected(Some("`:`"))) };
        let node = self.node(self.since(start), Kind::Member { of, key, safe })?;
        if safe { self.node(self.since(start), Kind::Chain(node)) } else { Ok(node) }
    }

    /// The call of a name that was taken. `args` has what a pipe passes on.
    pub(super) fn call(&mut self, callee: &Token<'_>, start: u32, args: Vec<Id>) -> Read {
        let Some((name, shape)) = builtins::find(&callee.text) else {
            let function = self.node(callee.at, Kind::Name(Name::new(&callee.text)))?;
            let args = self.arguments(args)?;
            return self.node(self.since(start), Kind::Call { callee: function, args });
        };
        let args = match shape {
            Shape::Plain => self.arguments(args)?,
            shape => self.predicate_arguments(callee, shape, args)?,
        };
        self.node(self.since(start), Kind::Builtin { name, args })
    }

    fn arguments(&mut self, passed: Vec<Id>) -> Result<Vec<Id>, Problem> {
        let (mut args, own) = (passed.clone(), passed.len());
        self.bracket("(")?;
        while !self.current().is_bracket(")") {
            if args.len() > own {
                self.operator(",")?;
                if self.current().is_bracket(")") {
                    break;
                }
            }
            args.push(self.expression(0)?);
        }
        self.bracket(")")?;
        Ok(args)
    }

    /// A list, what is done with each of its items, and one argument more for some.
    fn predicate_arguments(&mut self, callee: &Token<'_>, shape: Shape, passed: Vec<Id>) -> Result<Vec<Id>, Problem> {
        self.bracket("(")?;
        let own = passed.len();
        let mut args = passed;
        for position in own..shape.most() {
            if self.current().is_bracket(")") {
                if position >= shape.least() {
                    break;
                }
                return Err(problems::too_few_arguments(callee.at, &callee.text, shape.least()));
            }
            if position > own {
                self.operator(",")?;
            }
            let arg = if position == 1 { self.predicate()? } else { self.expression(0)? };
            args.push(arg);
        }
        self.takes_operator(",");
        self.bracket(")")?;
        Ok(args)
    }

    /// `{ … }`, or an expression without semicolons.
    fn predicate(&mut self) -> Read {
        let start = self.current().at.start;
        let in_braces = self.takes_bracket("{");
        self.predicates += 1;
        let inside = if in_braces { self.sequence()? } else { self.expression(0)? };
        self.predicates -= 1;
        if in_braces {
            self.bracket("}")?;
        } else if self.current().is_operator(";") {
            return Err(problems::open_predicate(self.current().at));
        }
        self.node(self.since(start), Kind::Predicate(inside))
    }
}
