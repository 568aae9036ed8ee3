//! Expressions of a wanted type, from what is in scope.

use loadline::library::{Rules, TextKind, Ty};

use super::Generator;
use super::scope::{Readable, Scope};
use super::text::quoted;

/// Author's texts that some reader on the way takes for something else.
pub const HOSTILE: &[&str] = &[
    "plain",
    "1.10",
    "1e5",
    "null",
    "~",
    "true",
    "no",
    "on",
    "0755",
    "0x1F",
    "1_000",
    "12:30:45",
    "2026-01-01",
    "'",
    "it's \"quoted\"",
    "\\ back\\slash \\n",
    "${{ ctx.stage }}",
    "${{",
    "}}",
    "a ${{ b }} }} ${{ c",
    "${% x %}",
    "$${{{",
    "{{ .Values.x }}",
    "- a\n- b: c",
    "two\nlines",
    "a: b # c, d",
    "{\"a\": [1, \"x\"]}",
    "[1]",
    "{a,b}",
    "x,y=z",
    "é “ü” 日本 \u{1f600}",
    "\u{2028}",
    " led and trailed ",
    "tab\there",
    "\u{1b}[31m",
    "#",
    "&a *b !c %d @e `f`",
    ".inf",
    "=",
    "<<",
    "",
];

/// What is wanted of a text beyond its type.
#[derive(Clone, Copy, Default)]
pub struct Wish<'r> {
    /// Empty text would be refused, or mean something else.
    pub not_empty: bool,
    pub one_line: bool,
    pub rules: Option<&'r Rules>,
    /// It must be known while compiling.
    pub is_static: bool,
}

impl Generator<'_> {
    /// An expression of this type; `None` if there is no way to make one.
    pub fn expr(&mut self, ty: &Ty, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        match ty {
            Ty::Optional(inner, _) => self.expr(inner, scope, wish, depth),
            Ty::Text(kind) => self.text(*kind, scope, wish, depth),
            Ty::Literal(text) => Some(quoted(text)),
            Ty::Union(members) => {
                let member = self.random.pick(members).clone();
                self.expr(&member, scope, wish, depth)
            }
            Ty::Bool => Some(self.condition(scope, wish, depth)),
            Ty::Int => Some(self.number(scope, wish, depth)),
            Ty::Float => Some(if self.random.one_in(2) { "0.5".to_owned() } else { self.number(scope, wish, depth) }),
            Ty::Duration => Some((*self.random.pick(&["30s", "5m", "1h30m", "90s"])).to_owned()),
            Ty::List(item) => self.list(item, scope, wish, depth),
            Ty::Map(item, _) => {
                let keys = ["a", "b.c", "on", "1"];
                let count = 1 + self.random.below(2);
                let rows: Option<Vec<String>> = (0..count)
                    .map(|at| {
                        Some(format!(
                            "{}: {}",
                            quoted(keys[at]),
                            self.expr(item, scope, Wish { rules: None, ..wish }, depth.saturating_sub(1))?
                        ))
                    })
                    .collect();
                Some(format!("{{ {} }}", rows?.join(", ")))
            }
            Ty::Any => self.any(scope, wish, depth),
            Ty::Record(record) => {
                let fitting =
                    self.fitting(scope, |ty| matches!(ty, Ty::Record(found) if std::sync::Arc::ptr_eq(found, record)), wish.is_static);
                fitting.map(|found| found.text)
            }
            _ => None,
        }
    }

    /// Some readable value whose type is as wanted, and that is there.
    pub fn fitting(&mut self, scope: &Scope, fits: impl Fn(&Ty) -> bool, is_static: bool) -> Option<Readable> {
        let all: Vec<Readable> =
            scope.readable(&self.target).into_iter().filter(|found| fits(&found.ty) && (found.is_static || !is_static)).collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// The same for a wish; what goes on one line is nothing that can be known, which may have several.
    fn fitting_for(&mut self, scope: &Scope, fits: impl Fn(&Ty) -> bool, wish: Wish<'_>) -> Option<Readable> {
        let fits = |found: &Readable| fits(&found.ty) && (found.is_static || !wish.is_static) && (!wish.one_line || is_open(&found.text));
        let all: Vec<Readable> = scope.readable(&self.target).into_iter().filter(fits).collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// A text literal that fits the rules, if there is one.
    pub fn literal(&mut self, wish: Wish<'_>, kind: TextKind) -> Option<String> {
        let fits = |text: &str| {
            let rules = wish.rules;
            let count = text.chars().count();
            let closed = kind.is_closed() || matches!(kind, TextKind::Path | TextKind::Url);
            rules.is_none_or(|rules| rules.pattern_fits(text))
                && rules.and_then(|rules| rules.length).is_none_or(|(min, max)| count >= min && max.is_none_or(|max| count <= max))
                && !(text.is_empty() && (wish.not_empty || closed))
                && !(wish.one_line && text.contains(['\n', '\r', '\u{2028}', '\u{1b}']))
        };
        let proper: &[&str] = match kind {
            TextKind::Path => &["./src", "./out", "a b", "./1.10", "./it's"],
            TextKind::Url => &["https://github.com/acme/config.git", "https://example.com/x?y=1&z=2#3"],
            TextKind::Tag => &["1.10", "v2", "latest", "1e5"],
            TextKind::Digest => &["sha256:0e34567890123456789012345678901234567890123456789012345678901234"],
            TextKind::CommitId => &["1234567890123456789012345678901234567890"],
            TextKind::SemVer => &["1.10.0", "1.2.3+build.5"],
            _ => HOSTILE,
        };
        let shaped = ["https://github.com/acme/config.git", "ann@example.com", "v1", "main", "30s", "a/b", "2025-01-31T00:00:00Z"];
        let mut found: Vec<&str> = proper.iter().copied().filter(|text| fits(text)).collect();
        if found.is_empty() {
            found = shaped.into_iter().filter(|text| fits(text)).collect();
        }
        (!found.is_empty()).then(|| quoted(self.random.pick::<&str>(&found)))
    }

    pub fn text(&mut self, kind: TextKind, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        if kind == TextKind::Secret {
            let shared = self.has_function("sharedSecret") && self.random.one_in(3);
            let name = if shared { "sharedSecret" } else { "secret" };
            return (!wish.is_static && self.random.one_in(2))
                .then(|| format!("{name}(\"chat\").token"))
                .or_else(|| self.literal(wish, kind));
        }
        let patterned = wish.rules.is_some_and(|rules| rules.pattern.is_some());
        if patterned || depth == 0 || self.random.one_in(3) {
            return self.literal(wish, kind).or_else(|| Some("\"x\"".to_owned()).filter(|_| !patterned));
        }
        let fits = move |ty: &Ty| fits_text(ty, kind);
        let choice = self.random.below(13);
        match choice {
            0..=2 => self.fitting_for(scope, fits, wish).map(|found| found.text),
            3..=5 => self.interpolation(kind, scope, wish, depth),
            6 => {
                let maybe = self.fitting_for(scope, |ty| ty.is_optional() && fits_text(ty.present(), kind), wish)?;
                let default = self.text(kind, scope, wish, depth - 1)?;
                Some(format!("({} ?? {default})", maybe.text))
            }
            7 => {
                let test = self.condition(scope, Wish { is_static: wish.is_static, ..Wish::default() }, depth - 1);
                let (a, b) = (self.text(kind, scope, wish, depth - 1)?, self.text(kind, scope, wish, depth - 1)?);
                Some(format!("({test} ? {a} : {b})"))
            }
            8 if !scope.slots.is_empty() && !wish.is_static => {
                let slot = self.random.below(scope.slots.len());
                let test = self.slot_test(scope, slot);
                let (sure, other) = (scope.sure_of(slot), scope.otherwise(&test, slot));
                let (a, b) = (self.text(kind, &sure, wish, depth - 1)?, self.text(kind, &other, wish, depth - 1)?);
                Some(format!("({test} ? {a} : {b})"))
            }
            9 => {
                let inner = self.text(kind, scope, wish, depth - 1)?;
                let function = *self.random.pick(&["lower", "upper"]);
                Some(format!("{function}({inner})")).filter(|_| matches!(kind, TextKind::String | TextKind::Untrusted))
            }
            10 if !wish.not_empty => {
                let inner = self.text(kind, scope, Wish { rules: None, ..wish }, depth - 1)?;
                let form = *self.random.pick(&[
                    "trim(_)",
                    "trim(_, \" x\")",
                    "trimSuffix(_, \"0\")",
                    "repeat(_, 2)",
                    "join(split(_, \"\"), \".\")",
                    "join(split(_, \"-\", 2), \".\")",
                    "replace(_, \"1\", \"'\", 1)",
                    "toBase64(_)",
                    "fromBase64(toBase64(_))",
                    "join([...[\"a\", _], \"b\"], \"-\")",
                    "replace(_, \"a\", \"'\")",
                    "trimPrefix(_, \"v\")",
                    "(split(_, \"-\")[0] ?? \"none\")",
                ]);
                // 3: `join` takes no list of foreign texts.
                Some(form.replace('_', &inner))
                    .filter(|form| !wish.is_static || !form.contains("Base64("))
                    .filter(|_| kind == TextKind::String || kind == TextKind::Untrusted && !form.contains("join("))
            }
            11 => {
                let (a, b) =
                    (self.text(kind, scope, wish, depth - 1)?, self.text(kind, scope, Wish { not_empty: false, ..wish }, depth - 1)?);
                Some(format!("({a} + {b})")).filter(|_| matches!(kind, TextKind::String | TextKind::Untrusted | TextKind::Path))
            }
            12 if !wish.is_static && !wish.not_empty && !wish.one_line => self.raw_text(kind, scope, depth),
            _ => None,
        }
        .or_else(|| self.literal(wish, kind))
    }

    /// `"a${x}b"`, with values of any type that has a text.
    fn interpolation(&mut self, kind: TextKind, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        if !matches!(kind, TextKind::String | TextKind::Untrusted | TextKind::Path | TextKind::Url) {
            return None;
        }
        let mut out = String::from("\"x");
        for _ in 0..1 + self.random.below(2) {
            let inner = match self.random.below(5) {
                0 => {
                    // Of a number that a step leaves the text is not what it is of one that is known.
                    let left = self.fitting(scope, |ty| matches!(ty, Ty::Int), wish.is_static).filter(|found| is_open(&found.text));
                    left.map_or_else(|| self.number(scope, wish, depth - 1), |found| found.text)
                }
                1 => self.condition(scope, Wish { is_static: wish.is_static, ..Wish::default() }, depth - 1),
                _ => self.fitting_for(scope, |ty| fits_text(ty, kind), wish)?.text,
            };
            let between = *self.random.pick(&["-", "'", " ", ".", "\\\"", "}}", "\\${{ ", ": "]);
            let between = if wish.one_line && between.contains('\n') { "-" } else { between };
            out.push_str(&format!("${{{inner}}}{between}"));
        }
        out.push('"');
        Some(out)
    }

    fn list(&mut self, item: &Ty, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        let (min, max) = wish.rules.map_or((None, None), |rules| (rules.min, rules.max));
        let low = usize::try_from(min.unwrap_or(0)).ok()?;
        let high = usize::try_from(max.unwrap_or(3)).ok()?.clamp(low, low + 2);
        let high = if wish.rules.is_some_and(|rules| rules.unique.is_some()) { low.max(1) } else { high };
        let count = low + self.random.below(high - low + 1);
        let inner = wish.rules.map(|rules| {
            let mut inner = rules.clone();
            (inner.unique, inner.min, inner.max) = (None, None, None);
            inner
        });
        let wish = Wish { rules: inner.as_ref(), ..wish };
        if matches!(item, Ty::Text(_)) && inner.as_ref().is_none_or(|rules| rules.pattern.is_none()) && self.random.one_in(4) {
            let value = if self.random.one_in(2) { "\"p-${it}\"" } else { "it" };
            return Some(format!("[for it in [\"a\", \"1.10\"]: {value}]"));
        }
        let items: Option<Vec<String>> = (0..count).map(|_| self.expr(item, scope, wish, depth.saturating_sub(1))).collect();
        Some(format!("[{}]", items?.join(", ")))
    }

    /// A value of whatever type.
    pub fn any(&mut self, scope: &Scope, wish: Wish<'_>, depth: usize) -> Option<String> {
        let wish = Wish { rules: None, ..wish };
        match self.random.below(if depth == 0 { 4 } else { 10 }) {
            7 => {
                let text = self.text(TextKind::Untrusted, scope, wish, depth - 1)?;
                let form = *self.random.pick(&[
                    "(first([_, \"b\"]) ?? 1)",
                    "(last([\"a\", _]) ?? 1)",
                    "reverse([1, _])",
                    "uniq([_, \"a\", _])",
                    "sort(keys({ on: 1, a: 2 }))",
                    "sort([3, 1, 2])",
                    "fromJSON(toJSON({ inner: [_, 1] }))",
                    "{ ...{ on: 1, \"a b\": 2 }, on: _ }",
                ]);
                Some(form.replace('_', &text))
            }
            8 if !wish.is_static => self.known_to_kargo(scope),
            0 => Some(self.number(scope, wish, depth)),
            1 => Some(self.condition(scope, wish, depth)),
            4 => self.expr(&Ty::List(std::sync::Arc::new(Ty::Any)), scope, wish, depth - 1),
            5 => {
                let value = self.any(scope, wish, depth - 1)?;
                let other = self.any(scope, wish, depth - 1)?;
                Some(format!("{{ inner: {value}, \"on\": {other} }}"))
            }
            _ => self.text(TextKind::Untrusted, scope, wish, depth),
        }
    }

    /// A type for a `let`, a parameter, a result.
    pub fn simple_type(&mut self) -> (Ty, &'static str) {
        match self.random.below(5) {
            0 => (Ty::Int, "Int"),
            1 => (Ty::Bool, "Bool"),
            2 => (Ty::List(std::sync::Arc::new(Ty::STRING)), "[String]"),
            _ => (Ty::STRING, "String"),
        }
    }
}

/// Whether nothing is known of the value while compiling: names stand for what was written, and so do the results of
/// `compose-output`, whose names begin with `rc`.
pub fn is_open(text: &str) -> bool {
    text.contains('.') && !text.starts_with("rc")
}

/// Whether a value of this type may stand where a text of this kind is wanted (`src/types/assign.rs` says the same).
fn fits_text(from: &Ty, to: TextKind) -> bool {
    match from {
        Ty::Text(TextKind::Secret) => to == TextKind::Secret,
        Ty::Text(TextKind::Untrusted) => to == TextKind::Untrusted,
        Ty::Text(from) => *from == to || !(from.is_closed() && to.is_closed()),
        Ty::Literal(_) => true,
        Ty::Union(members) => members.iter().all(|member| fits_text(member, to)),
        _ => false,
    }
}
