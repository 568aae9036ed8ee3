//! Text to tokens.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use super::{At, Dialect, HOLE, Problem, escape, operators, problems};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Name,
    Number,
    /// A quoted text; the token has what it means.
    Text,
    Bytes,
    /// Symbols and the words that are operators.
    Operator,
    Bracket,
    Hole,
    End,
    /// What could not be read; the last token.
    Bad,
}

#[derive(Clone, Debug)]
pub struct Token<'a> {
    pub kind: TokenKind,
    pub at: At,
    /// As it stands there; of a `Text`, what it means.
    pub text: Cow<'a, str>,
    pub(super) problem: Option<Box<Problem>>,
}

impl Token<'_> {
    pub(super) fn is(&self, kind: TokenKind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }

    pub(super) fn is_operator(&self, text: &str) -> bool {
        self.is(TokenKind::Operator, text)
    }

    pub(super) fn is_bracket(&self, text: &str) -> bool {
        self.is(TokenKind::Bracket, text)
    }
}

/// All tokens of a text. The last one, and only that, is `End` or `Bad`. Blanks and comments leave no trace.
pub fn tokens<'a>(text: &'a str, holes: &[u32], dialect: Dialect) -> Vec<Token<'a>> {
    let mut lexer = Lexer { text, rest: text, start: 0, holes, dialect, out: Vec::with_capacity(text.len() / 4 + 2) };
    let problem = lexer.run().err();
    let end = if problem.is_some() { TokenKind::Bad } else { TokenKind::End };
    let at = At { start: lexer.offset(), end: lexer.offset() };
    let at = problem.as_ref().map_or(at, |problem| problem.at);
    lexer.out.push(Token { kind: end, at, text: Cow::Borrowed(""), problem: problem.map(Box::new) });
    lexer.out
}

struct Lexer<'a, 'h> {
    text: &'a str,
    rest: &'a str,
    /// Where the token under way begins.
    start: u32,
    /// Those not read yet.
    holes: &'h [u32],
    dialect: Dialect,
    out: Vec<Token<'a>>,
}

type Read = Result<(), Problem>;

impl<'a> Lexer<'a, '_> {
    fn run(&mut self) -> Read {
        loop {
            self.start = self.offset();
            let Some(first) = self.next() else { return Ok(()) };
            match first {
                first if first.is_whitespace() => {}
                '\'' | '"' => self.quoted(first, false)?,
                '`' => self.raw()?,
                'b' | 'B' if self.dialect.has_bytes() && self.rest.starts_with(['\'', '"']) => {
                    let quote = self.next().unwrap_or('"');
                    self.quoted(quote, true)?;
                }
                '0'..='9' => self.number(first)?,
                '.' if self.rest.starts_with(|next: char| next.is_ascii_digit()) => {
                    let digit = self.next().unwrap_or('0');
                    self.number(digit)?;
                }
                '.' => self.symbol(&['.']),
                '?' => self.symbol(&['.', '?']),
                '|' => self.symbol(&['|']),
                ':' => self.symbol(&[':']),
                '&' | '!' | '=' | '*' | '<' | '>' => self.symbol(&['&', '=', '*']),
                '/' => self.slash()?,
                '#' => self.pointer(),
                ',' | ';' | '%' | '+' | '-' | '^' => self.push(TokenKind::Operator),
                '(' | '[' | '{' | ')' | ']' | '}' => self.push(TokenKind::Bracket),
                HOLE if self.at_hole() => self.push(TokenKind::Hole),
                first if is_name_part(first) => self.name(),
                first => return Err(problems::bad_character(self.at(), first)),
            }
            self.no_hole_before_here()?;
        }
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.text.len() - self.rest.len()).unwrap_or(u32::MAX)
    }

    fn at(&self) -> At {
        At { start: self.start, end: self.offset() }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn accept(&mut self, valid: &[char]) -> bool {
        let taken = self.rest.strip_prefix(valid);
        self.rest = taken.unwrap_or(self.rest);
        taken.is_some()
    }

    fn accept_run(&mut self, valid: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(valid);
    }

    /// The text of the token so far.
    fn word(&self) -> &'a str {
        self.text.get(self.at().range()).unwrap_or("")
    }

    fn push(&mut self, kind: TokenKind) {
        let word = self.word();
        self.push_text(kind, Cow::Borrowed(word));
    }

    fn push_text(&mut self, kind: TokenKind, text: Cow<'a, str>) {
        let at = self.at();
        self.out.push(Token { kind, at, text, problem: None });
    }

    fn symbol(&mut self, seconds: &[char]) {
        self.accept(seconds);
        self.push(TokenKind::Operator);
    }

    fn at_hole(&mut self) -> bool {
        let Some((first, rest)) = self.holes.split_first() else { return false };
        let is_hole = *first == self.start;
        if is_hole {
            self.holes = rest;
        }
        is_hole
    }

    /// A value inside a text or a comment would be no value any more.
    fn no_hole_before_here(&self) -> Read {
        match self.holes.first() {
            Some(&hole) if hole < self.offset() => {
                let width = u32::try_from(HOLE.len_utf8()).unwrap_or(1);
                Err(problems::hole_in_text(At { start: hole, end: hole + width }))
            }
            _ => Ok(()),
        }
    }

    fn name(&mut self) {
        self.accept_run(is_name_part);
        let kind = if operators::is_word(self.word()) { TokenKind::Operator } else { TokenKind::Name };
        self.push(kind);
    }

    /// `#`, and the name right behind it, which may be any word.
    fn pointer(&mut self) {
        self.symbol(&['#']);
        self.start = self.offset();
        self.accept_run(is_name_part);
        if !self.word().is_empty() {
            self.push(TokenKind::Name);
        }
    }

    fn slash(&mut self) -> Read {
        if self.accept(&['/']) {
            self.rest = self.rest.find('\n').and_then(|end| self.rest.get(end + 1..)).unwrap_or("");
        } else if self.accept(&['*']) {
            let open = self.at();
            let end = self.rest.find("*/").ok_or_else(|| problems::unclosed_comment(open))?;
            self.rest = self.rest.get(end + 2..).unwrap_or("");
        } else {
            self.push(TokenKind::Operator);
        }
        Ok(())
    }

    /// A number whose first digit was taken.
    fn number(&mut self, first: char) -> Read {
        let mut digits: fn(char) -> bool = |next| next.is_ascii_digit() || next == '_';
        if first == '0' {
            if self.accept(&['x', 'X']) {
                digits = |next| next.is_ascii_hexdigit() || next == '_';
            } else if self.accept(&['o', 'O']) {
                digits = |next| matches!(next, '0'..='7' | '_');
            } else if self.accept(&['b', 'B']) {
                digits = |next| matches!(next, '0' | '1' | '_');
            }
        }
        self.accept_run(digits);
        // Two dots are a range.
        if self.rest.starts_with("..") {
            self.push(TokenKind::Number);
            return Ok(());
        }
        if self.accept(&['.']) {
            self.accept_run(digits);
        }
        if self.accept(&['e', 'E']) {
            self.accept(&['+', '-']);
            self.accept_run(digits);
        }
        if self.rest.starts_with(is_name_part) {
            self.accept_run(is_name_part);
            return Err(problems::bad_number(self.at()));
        }
        self.push(TokenKind::Number);
        Ok(())
    }

    /// A quoted text whose opening quote was taken.
    fn quoted(&mut self, quote: char, is_bytes: bool) -> Read {
        let open = self.at();
        let inside = self.rest;
        loop {
            let before = self.offset();
            match self.next() {
                None | Some('\n') => return Err(problems::unclosed_text(open)),
                Some('\\') => self.escape(quote, before)?,
                Some(next) if next == quote => break,
                Some(_) => {}
            }
        }
        let inside = inside.get(..inside.len() - self.rest.len() - 1).unwrap_or("");
        let bad = || problems::bad_escape(self.at());
        if is_bytes {
            escape::bytes(inside).ok_or_else(bad)?;
            self.push(TokenKind::Bytes);
        } else if inside.contains(['\\', '\r']) {
            let text = escape::text(inside).ok_or_else(bad)?;
            self.push_text(TokenKind::Text, Cow::Owned(text));
        } else {
            self.push_text(TokenKind::Text, Cow::Borrowed(inside));
        }
        Ok(())
    }

    /// What follows a backslash, which stands at `from`.
    fn escape(&mut self, quote: char, from: u32) -> Read {
        let is_right = match self.next() {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => true,
            Some('0'..='7') => self.digits(8, 2),
            Some('x') => self.digits(16, 2),
            Some('u') if self.dialect.has_braced_escapes() && self.accept(&['{']) => {
                let before = self.rest.len();
                self.accept_run(|next| next.is_ascii_hexdigit());
                (1..=6).contains(&(before - self.rest.len())) && self.accept(&['}'])
            }
            Some('u') => self.digits(16, 4),
            Some('U') => self.digits(16, 8),
            other => other == Some(quote),
        };
        if is_right { Ok(()) } else { Err(problems::bad_escape(At { start: from, end: self.offset() })) }
    }

    fn digits(&mut self, radix: u32, count: usize) -> bool {
        (0..count).all(|_| {
            let is_digit = self.rest.starts_with(|next: char| next.is_digit(radix));
            is_digit && self.next().is_some()
        })
    }

    /// A text in backticks whose first was taken. A doubled one inside stands for one.
    fn raw(&mut self) -> Read {
        let open = self.at();
        let inside = self.rest;
        let mut doubled = false;
        loop {
            let end = self.rest.find('`').ok_or_else(|| problems::unclosed_text(open))?;
            self.rest = self.rest.get(end + 1..).unwrap_or("");
            if !(self.dialect.has_doubled_backticks() && self.accept(&['`'])) {
                break;
            }
            doubled = true;
        }
        let inside = inside.get(..inside.len() - self.rest.len() - 1).unwrap_or("");
        let text = if doubled { Cow::Owned(inside.replace("``", "`")) } else { Cow::Borrowed(inside) };
        self.push_text(TokenKind::Text, text);
        Ok(())
    }
}

/// Letters and decimal digits as Unicode has them, `_`, `$`.
fn is_name_part(c: char) -> bool {
    static EXOTIC: OnceLock<Option<Regex>> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_' || c == '$';
    }
    let exotic = EXOTIC.get_or_init(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    exotic.as_ref().is_some_and(|exotic| exotic.is_match(c.encode_utf8(&mut [0; 4])))
}
