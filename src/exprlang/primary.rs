//! Operands: prefixes, parentheses, literals, names, lists and maps.

use std::sync::Arc;

use super::lexer::{Token, TokenKind};
use super::number::{Number, number};
use super::parser::{Parser, Read};
use super::tree::{Id, Kind};
use super::{Problem, escape, operators, problems};
use crate::base::Name;

impl Parser<'_, '_> {
    pub(super) fn primary(&mut self) -> Read {
        let token = self.current();
        let start = token.at.start;
        if token.kind == TokenKind::Operator
            && let Some((symbol, precedence)) = operators::unary(&token.text)
        {
            self.advance();
            let operand = self.expression(precedence)?;
            let node = self.node(self.since(start), Kind::Unary(symbol, operand))?;
            return self.postfixes(node, start);
        }
        if self.takes_bracket("(") {
            let inside = self.sequence()?;
            self.bracket(")")?;
            return self.postfixes(inside, start);
        }
        if self.predicates > 0 && (token.is_operator("#") || token.is_operator(".")) {
            let node = self.pointer()?;
            return self.postfixes(node, start);
        }
        if self.takes_operator("::") {
            let callee = self.name()?;
            let node = self.call(callee, start, Vec::new())?;
            return self.postfixes(node, start);
        }
        self.operand()
    }

    /// `#`, `#name`, or nothing before the dot of `.field`.
    fn pointer(&mut self) -> Read {
        let start = self.current().at.start;
        let mut name = Name::default();
        if self.takes_operator("#") && self.current().kind == TokenKind::Name {
            name = Name::new(&self.advance().text);
        }
        self.node(self.since(start), Kind::Pointer(name))
    }

    fn operand(&mut self) -> Read {
        let token = self.current();
        let start = token.at.start;
        let kind = match token.kind {
            TokenKind::Name => return self.named(),
            TokenKind::Number => {
                self.advance();
                // Nothing can be read from a number, nor from `true`, `false` and `nil`.
                return self.node(token.at, number_node(token)?);
            }
            TokenKind::Text => Kind::Text(Arc::from(&*token.text)),
            TokenKind::Bytes => {
                let inside = token.text.get(2..token.text.len().saturating_sub(1)).unwrap_or("");
                Kind::Bytes(Arc::from(escape::bytes(inside).unwrap_or_default()))
            }
            TokenKind::Hole => {
                self.holes += 1;
                Kind::Hole(self.holes - 1)
            }
            TokenKind::Bracket if token.is_bracket("[") => {
                let node = self.list()?;
                return self.postfixes(node, start);
            }
            TokenKind::Bracket if token.is_bracket("{") => {
                let node = self.map()?;
                return self.postfixes(node, start);
            }
            _ => return Err(self.unexpected(Some("a value"))),
        };
        self.advance();
        let node = self.node(token.at, kind)?;
        self.postfixes(node, start)
    }

    /// A constant, a call, or the name of a value.
    fn named(&mut self) -> Read {
        let token = self.advance();
        let start = token.at.start;
        let node = match &*token.text {
            "true" => return self.node(token.at, Kind::Bool(true)),
            "false" => return self.node(token.at, Kind::Bool(false)),
            "nil" => return self.node(token.at, Kind::Nil),
            _ if self.current().is_bracket("(") => self.call(token, start, Vec::new())?,
            name => self.node(token.at, Kind::Name(Name::new(name)))?,
        };
        self.postfixes(node, start)
    }

    fn list(&mut self) -> Read {
        let start = self.advance().at.start;
        let mut items = Vec::new();
        while !self.current().is_bracket("]") {
            if !items.is_empty() {
                self.operator(",")?;
                if self.current().is_bracket("]") {
                    break;
                }
            }
            items.push(self.expression(0)?);
        }
        self.bracket("]")?;
        self.node(self.since(start), Kind::List(items))
    }

    fn map(&mut self) -> Read {
        let start = self.advance().at.start;
        let mut pairs: Vec<(Id, Id)> = Vec::new();
        while !self.current().is_bracket("}") {
            if !pairs.is_empty() {
                self.operator(",")?;
                if self.current().is_bracket("}") {
                    break;
                }
            }
            let token_place = self.current().at;
            let key = self.key()?;
            self.operator(":")?;
            pairs.push((key, self.expression(0)?));
            self.count(token_place)?;
        }
        self.bracket("}")?;
        self.node(self.since(start), Kind::Map(pairs))
    }

    fn key(&mut self) -> Read {
        let token = self.current();
        match token.kind {
            TokenKind::Name | TokenKind::Number | TokenKind::Text => {
                self.advance();
                self.node(token.at, Kind::Text(Arc::from(&*token.text)))
            }
            _ if token.is_bracket("(") => self.expression(0),
            TokenKind::Bad => Err(self.unexpected(None)),
            _ => Err(problems::bad_key(token)),
        }
    }
}

fn number_node(token: &Token<'_>) -> Result<Kind, Problem> {
    match number(&token.text) {
        Number::Int(value) => Ok(Kind::Int(value)),
        Number::Float(value) => Ok(Kind::Float(value)),
        Number::Bad => Err(problems::bad_number(token.at)),
    }
}
