//! Texts and values that writers get wrong, listed and made. The same seed always makes the same.

use crate::emit::yaml::{Text, Yaml};

/// Texts that must come back as texts.
#[rustfmt::skip]
pub(super) const TEXTS: &[&str] = &[
    // Booleans, null, and what else is a word to YAML 1.1.
    "y", "Y", "n", "N", "yes", "Yes", "YES", "yEs", "no", "No", "NO", "on", "On", "ON", "off", "OFF", "true", "True",
    "TRUE", "tRue", "false", "FALSE", "null", "Null", "NULL", "~", "", "=", "<<", "nan", "inf", "None", "~/dir",
    // Numbers.
    "0", "1", "-1", "+1", "-0", "0755", "0o17", "0O17", "0x1F", "0X1f", "0b1", "-0b1", "+0x1F", "1_000", "1,000", "_1",
    "1_", "0_", "+_1", "12:30:45", "12:30", "1:2.5", "8080:80", "1e3", "1E3", "1e+3", "1e-3", "1.5e3", ".5", "5.", ".",
    "-.5", "+.5", ".5e3", "1.", "1.10", "1.2.3", "10.0.0.1", ".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e", "0x", "0b",
    "12e45", "123e4567", "0e0", "9223372036854775808", "123456789012345678901234567890", "1__0.5_0", "1e1_0", "5m", "24h",
    "0_x1F", "+_0x1F", "1e_+3", "-_1", "1_.5", "0_b1", "0_1", "1_:30", "1e+_3", "0x_", "0xg", "0b2", "0o8", "08", "1e1.5", "1:60", "+", "+a",
    // Dates.
    "2001-12-14", "2001-1-4", "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.10 -5",
    "2001-12-14\t21:59:43", "2001-12-14-build", "2001-12", "20011214",
    // Marks of the syntax.
    "-", "--", "---", "--- a", "...", "... a", "- a", "-a", "--flag", "?", "? a", "?a", ":", ": a", ":a", "a:", "a: b", "a :b",
    "a:b", "::", ",", ",a", "[", "[a]", "]", "{", "{a}", "{a: b}", "}", "#", "#a", "a#b", "a #b", "a # b", "&", "&a", "*", "*a",
    "!", "!a", "!!str a", "|", "|-", ">", ">=1.0.0 <2.0.0", "'", "''", "'a'", "\"", "\"a\"", "%", "%YAML 1.1", "@", "@a", "`", "`a`",
    // Kargo's expressions and their neighbours.
    "${{ vars.image_tag }}", "${{ ctx.stage == 'a' ? \"b\" : \"c\" }}", "\"${{ vars.tag + '' }}\"", "\"${{ x }}\"", "it's", "a\\b",
    "${{ quote(imageFrom(\"a/b\", warehouse(\"w\")).Tag) }}", "{{args.service}}", "sum(rate(a{b=\"c\",d!~\"5..\"}[1m]))", "C:\\dir",
    "https://example.com/a?b=c&d#e", "oci://ghcr.io/acme/charts", "ghcr.io/acme/web:1.2@sha256:0a", "*.example.com", "^1.26.0",
    // Blanks.
    " ", "  ", " a", "a ", " a ", "a  b", "\t", "\ta", "a\t", "a\tb", "a:\tb", "a\t#b",
    // Lines.
    "\n", "\n\n", "a\n", "a\n\n", "\na", "\n\na\n", "a\nb", "a\nb\n", "a\n\nb", " a\nb", "a\n b\n", "\n a", "\n\ta\n", "\ta\nb", "a\n\tb",
    "a \nb", "a\n  \nb", "  \na", "a\nb ", "a\n ", "a\n\t", "a\n---\nb\n", "---\na", "...\n", "# a\nb", "a\n# b", "- a\n- b\n", "a: b\nc: d",
    "a\r\nb", "a\r", "\r", "a\rb", "#!/bin/sh\nset -e\n\techo \"$1\" '\\'\n", "|\n  a", "a\n\nb\n\n\n", "\u{85}a\nb", "a\n\u{2028}b", "é\nü\n",
    // Characters.
    "\0", "\u{1}", "\u{7}a", "a\u{1b}[31m", "\u{7f}", "\u{80}", "a\u{85}b", "\u{85}", "\u{a0}", "\u{a0}a\u{a0}", "\u{2028}", "a\u{2029}b",
    "\u{feff}", "\u{feff}a", "a\u{feff}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{1f4a9}", "a \u{1f4a9}: b", "\u{1ffff}", "\u{10ffff}",
    "\u{202e}abc", "a\u{2066}b", "\u{e9}t\u{e9}", "\u{6f22}\u{5b57}", "\u{3000}a", "e\u{301}", "\u{200b}a", "\u{d7ff}\u{e000}",
];

/// Pieces that texts are made of.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", "  ", "\n", "\n", "\n\n", "\t", ":", ": ", " #", "#", "-", "- ", "---", "...", "?", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">",
    "'", "'", "\"", "\"", "%", "@", "`", "\\", "\\n", "${{ ", " }}", "=", "<<", "~", "null", "on", "y", "0", "1", "0x", "_", ".", "e", "a", "b", "word",
    "\r", "\r\n", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{202e}", "\u{ffff}", "\u{e9}", "\u{6f22}", "\u{1f4a9}",
];

/// A source of values without end (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices.get(self.below(choices.len())).copied().unwrap_or_default()
    }

    /// A text of nasty pieces, now and then a long one.
    pub(super) fn text(&mut self) -> String {
        let length = if self.below(40) == 0 { 600 } else { 7 };
        let pieces = if self.below(3) == 0 { &["a", "b ", "\n", "\n", " ", "\t", "  ", "#", "- ", ": "] } else { PIECES };
        (0..self.below(length)).map(|_| self.one_of(pieces)).collect()
    }

    /// A text that looks like a number, a date or a word of YAML.
    pub(super) fn scalar_like(&mut self) -> String {
        const PIECES: &[&str] = &[
            "0", "1", "7", "9", "12", "2001", "_", "_", ".", ".", ":", "-", "-", "+", "e", "E", "x", "X", "o", "b", "f", "t", "T", "Z",
            " ", "y", "n", "N", "on", "off", "inf", "nan", "NaN", "~", "=", "<<", "tr", "ue", "null", ",", "00", "30",
        ];
        (0..self.below(9)).map(|_| self.one_of(PIECES)).collect()
    }

    /// A value of at most `depth` levels, all kinds mixed.
    pub(super) fn value(&mut self, depth: usize) -> Yaml {
        match self.below(if depth == 0 { 6 } else { 12 }) {
            0 => Yaml::Null,
            1 => Yaml::Bool(self.below(2) == 0),
            2 => Yaml::Int(i64::try_from(self.below(2_000)).unwrap_or(0) - 1_000),
            3 => Yaml::Float(f64::from(u32::try_from(self.below(1_000)).unwrap_or(0)) / 8.0),
            4 => Yaml::from(self.one_of(TEXTS)),
            5 => Yaml::from(self.text()),
            6..9 => Yaml::Seq((0..self.below(5)).map(|_| self.value(depth - 1)).collect()),
            _ => self.mapping(depth),
        }
    }

    fn mapping(&mut self, depth: usize) -> Yaml {
        let mut entries: Vec<(Text, Yaml)> = Vec::new();
        for _ in 0..self.below(5) {
            let key = if self.below(2) == 0 { self.one_of(TEXTS).into() } else { Text::from(self.text()) };
            if entries.iter().all(|(other, _)| *other != key) {
                entries.push((key, self.value(depth - 1)));
            }
        }
        Yaml::Map(entries)
    }
}
