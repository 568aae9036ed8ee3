//! Texts that change: what is read again after an edit is what a fresh reading gives.

use std::path::Path;

use loadline::base::{FileId, Files};
use loadline::syntax::{Parse, parse, reparse};

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % (end.max(1) as u64)) as usize
    }
}

/// What people type, and what breaks things.
const PIECES: &[&str] = &[
    "a",
    "x.",
    "\n",
    "  ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "${",
    ",",
    ":",
    "//",
    "///",
    " // ü\n",
    "#",
    "é",
    "slot b\n",
    "let x = 1\n",
    "stage s { slot app }\n",
    "- a",
    "?",
    "if a {",
    "->",
    "@allow",
    "promote {\n",
    "raw(\"",
    "git-push { path: \"./x\" }\n",
];

/// One random edit: something typed, deleted, doubled or moved.
pub(crate) fn edited(text: &str, dice: &mut Dice) -> String {
    let place = |dice: &mut Dice| {
        let at = dice.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let at = place(dice);
    match dice.below(6) {
        0..=2 => format!("{}{}{}", &text[..at], PIECES[dice.below(PIECES.len())], &text[at..]),
        3 => {
            let end = (at + 1..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(at);
            format!("{}{}", &text[..at], &text[end..])
        }
        4 => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let line = dice.below(lines.len());
            if !lines.is_empty() {
                lines.remove(line);
            }
            lines.concat()
        }
        _ => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (from, to) = (dice.below(lines.len()), dice.below(lines.len() + 1));
            if let Some(line) = lines.get(from).copied() {
                lines.insert(to, line);
            }
            lines.concat()
        }
    }
}

fn programs(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "pipeline") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut paths);
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn shown(mut parse: Parse) -> String {
    parse.errors.sort_by_key(|report| (report.primary.span, report.message.clone()));
    parse.lost.sort_by_key(|word| word.span);
    format!("{parse:#?}")
}

#[test]
fn what_is_read_again_is_what_is_read_afresh() {
    let mut files = Files::default();
    let id: FileId = files.add("a.pipeline", "");
    let rounds: u64 = std::env::var("EDIT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let sources: Vec<String> = [programs("examples"), programs("tests/ui")].concat();
    for (index, source) in sources.iter().enumerate() {
        for round in 0..rounds {
            let mut dice = Dice::new(index as u64 * 1000 + round + 1);
            let mut text = source.clone();
            let mut known = parse(id, &text);
            for _ in 0..8 {
                // Mostly small steps from a sound text, as people make them.
                let next = if dice.below(4) == 0 { source.clone() } else { edited(&text, &mut dice) };
                reparse(id, &mut known, &text, &next);
                let (again, fresh) = (shown(known.clone()), shown(parse(id, &next)));
                if again != fresh {
                    let line = again.lines().zip(fresh.lines()).position(|(a, b)| a != b).unwrap_or(0);
                    let near = |text: &str| text.lines().skip(line.saturating_sub(8)).take(16).collect::<Vec<_>>().join("\n");
                    panic!("before:\n{text}\nafter:\n{next}\nread again:\n{}\nafresh:\n{}", near(&again), near(&fresh));
                }
                text = next;
            }
        }
    }
}
