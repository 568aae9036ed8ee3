//! Numbers and conditions, with all their operators and functions.

use loadline::library::{TextKind, Ty};

use super::Generator;
use super::expr::{Wish, is_open};
use super::scope::Scope;

impl Generator<'_> {
    pub fn slot_test(&mut self, scope: &Scope, slot: usize) -> String {
        let name = scope.slots[slot].name.clone();
        if self.has_promoting() && self.random.one_in(2) { format!("promoting {name}") } else { name }
    }

    pub fn number(&mut self, scope: &Scope, wish: Wish<'_>, depth: usize) -> String {
        let (min, max) = wish.rules.map_or((None, None), |rules| (rules.min, rules.max));
        if min.is_some() || max.is_some() || depth == 0 || self.random.one_in(2) {
            let (low, high) = (min.unwrap_or(0), max.unwrap_or(1_234_567).max(min.unwrap_or(0)));
            return self.random.pick(&[low, high, (low + 3).min(high)]).to_string();
        }
        if let Some(found) = self.fitting(scope, |ty| matches!(ty, Ty::Int), wish.is_static)
            && self.random.one_in(2)
        {
            return found.text;
        }
        match self.random.below(9) {
            4 if !wish.is_static => self
                .text(TextKind::String, scope, Wish { is_static: wish.is_static, ..Wish::default() }, depth - 1)
                .map_or("7".to_owned(), |text| format!("indexOf({text}, \"-\")")),
            5 => {
                let op = *self.random.pick(&["- 4", "* 3", "% 5"]);
                format!("({} {op})", self.number(scope, Wish { is_static: wish.is_static, ..Wish::default() }, depth - 1))
            }
            6 if !wish.is_static => {
                (*self.random.pick(&["int(\"1234567\")", "int(7.9)", "len(concat([1], [...[2], 3]))", "len(values({ a: 1, b: 2 }))"]))
                    .to_owned()
            }
            3 if !wish.is_static => self.raw_number(scope, depth).unwrap_or("7".to_owned()),
            0 => self
                .text(TextKind::String, scope, Wish { is_static: wish.is_static, ..Wish::default() }, depth - 1)
                .map_or("7".to_owned(), |text| format!("len({text})")),
            1 => format!(
                "({} + {})",
                self.number(scope, Wish { is_static: wish.is_static, ..Wish::default() }, 0),
                self.number(scope, Wish { is_static: wish.is_static, ..Wish::default() }, 0)
            ),
            _ => "-3".to_owned(),
        }
    }

    /// A boolean.
    pub fn condition(&mut self, scope: &Scope, wish: Wish<'_>, depth: usize) -> String {
        if depth == 0 {
            return (*self.random.pick(&["true", "false"])).to_owned();
        }
        let inner = Wish { is_static: wish.is_static, ..Wish::default() };
        match self.random.below(14) {
            10 if !wish.is_static => {
                let (a, b) = (self.number(scope, inner, depth - 1), self.number(scope, inner, depth - 1));
                let form = *self.random.pick(&[
                    "(max(_, 2) <= float(#))",
                    "(min(_, #) < 3.5)",
                    "(abs(_) > #)",
                    "(# / 2 >= ceil(0.5))",
                    "(floor(_ / 4) == #)",
                    "(round(2.5) != #)",
                    "(_ in [#, 3])",
                    "(string(_) == \"1234567\")",
                ]);
                form.chars()
                    .map(|c| {
                        if c == '_' {
                            a.clone()
                        } else if c == '#' {
                            b.clone()
                        } else {
                            c.to_string()
                        }
                    })
                    .collect()
            }
            11 => {
                let text = self.text(TextKind::Untrusted, scope, inner, depth - 1).unwrap_or("\"x\"".to_owned());
                let form = *self.random.pick(&[
                    "hasPrefix(_, \"v\")",
                    "hasSuffix(_, \"0\")",
                    "(_ in [\"v1.2.3\", \"1e5\"])",
                    "(_ in { on: 1, \"a b\": 2 })",
                ]);
                form.replace('_', &text)
            }
            12 if !wish.is_static => match self.known_to_kargo(scope) {
                Some(text) => format!("({text} contains \"1\")"),
                None => "true".to_owned(),
            },
            9 if !wish.is_static => self.raw_condition(scope, depth).unwrap_or("true".to_owned()),
            0 => format!("!{}", self.bracketed_condition(scope, inner, depth)),
            1 => {
                let (a, b) = (self.bracketed_condition(scope, inner, depth), self.bracketed_condition(scope, inner, depth));
                format!("({a} {} {b})", self.random.pick(&["&&", "||"]))
            }
            2 => format!(
                "({} {} {})",
                self.number(scope, inner, depth - 1),
                self.random.pick(&["<", ">=", "==", "!="]).to_owned(),
                self.number(scope, inner, depth - 1)
            ),
            3 if !wish.is_static && !scope.slots.is_empty() => {
                let slot = self.random.below(scope.slots.len());
                let sure = scope.sure_of(slot);
                let test = self.slot_test(scope, slot);
                let rest = self.bracketed_condition(&sure, inner, depth);
                format!("({test} && {rest})")
            }
            4 => match self.fitting(scope, |ty| ty.is_optional() && ty.present().is_text() && !ty.is_secret(), wish.is_static) {
                Some(maybe) => format!("({} {} null)", maybe.text, self.random.pick(&["==", "!="])),
                None => "true".to_owned(),
            },
            5 => self.fitting(scope, |ty| matches!(ty, Ty::Bool), wish.is_static).map_or("false".to_owned(), |found| found.text),
            _ => {
                // Texts that are known are enums, and whether enums are equal may be known, too.
                let open = self.fitting(scope, |ty| matches!(ty, Ty::Text(_)) && !ty.is_secret(), wish.is_static);
                if let Some(left) = open
                    && !left.is_static
                    && is_open(&left.text)
                    && self.random.one_in(2)
                {
                    let right = self.text(TextKind::Untrusted, scope, inner, depth - 1).unwrap_or("\"x\"".to_owned());
                    return format!("({} {} {right})", left.text, self.random.pick(&["==", "!="]));
                }
                let op = *self.random.pick(&["contains", "startsWith", "endsWith", "matches"]);
                let left = self.text(TextKind::Untrusted, scope, inner, depth - 1).unwrap_or("\"x\"".to_owned());
                let right = if op == "matches" {
                    "r\"^v?[0-9]+\\.\"".to_owned()
                } else {
                    self.text(TextKind::Untrusted, scope, inner, depth - 1).unwrap_or("\"x\"".to_owned())
                };
                format!("({left} {op} {right})")
            }
        }
    }

    fn bracketed_condition(&mut self, scope: &Scope, wish: Wish<'_>, depth: usize) -> String {
        format!("({})", self.condition(scope, wish, depth - 1))
    }
}
