//! What the margins of broken text say about its braces. Sound text is never looked at this way.

/// A bracket that is open: the margin of the line it stands on, and that of the first line inside it.
struct Open {
    outer: usize,
    inner: Option<usize>,
}

/// Whether the margins contradict the braces: a line stands further left than the block it lies in, or further right
/// than its neighbours, a closing line further right than what it closes, or text follows a brace that closes nothing.
pub(super) fn is_misnested(text: &str) -> bool {
    let mut open: Vec<Open> = vec![Open { outer: 0, inner: None }];
    let mut fenced = false;
    let mut stray = false;
    for line in text.lines() {
        let code = line.trim_start();
        if !fenced && !code.is_empty() && !code.starts_with("//") {
            let margin = line.len() - code.len();
            if stray || contradicts(&mut open, margin, code) {
                return true;
            }
        }
        for (bracket, margin) in brackets(line, &mut fenced) {
            match bracket {
                '{' | '[' | '(' => open.push(Open { outer: margin, inner: None }),
                _ if open.len() > 1 => drop(open.pop()),
                _ => stray = true,
            }
        }
    }
    false
}

fn contradicts(open: &mut [Open], margin: usize, code: &str) -> bool {
    let top = open.len() == 1;
    let Some(block) = open.last_mut() else { return false };
    if code.starts_with([']', '}', ')']) {
        return !top && margin > block.outer;
    }
    let inner = *block.inner.get_or_insert(margin);
    // A line that begins with an operator continues the one before.
    let continues = code.starts_with(|c: char| c.is_ascii_punctuation() && !matches!(c, '"' | '@' | '{' | '[' | '_' | '/'));
    (!top && margin <= block.outer) || (margin > inner && !continues)
}

/// The brackets of a line outside texts and comments, each with the margin of the line.
fn brackets(line: &str, fenced: &mut bool) -> Vec<(char, usize)> {
    let margin = line.len() - line.trim_start().len();
    let mut out = Vec::new();
    let mut quoted = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let in_text = quoted || *fenced;
        let mut len = c.len_utf8();
        match c {
            '"' if rest.starts_with("\"\"\"") && !quoted => {
                *fenced = !*fenced;
                len = 3;
            }
            '"' if !*fenced => quoted = !quoted,
            '\\' if in_text => len += rest.chars().nth(1).map_or(0, char::len_utf8),
            '/' if !in_text && rest.starts_with("//") => break,
            '{' | '[' | '(' | '}' | ']' | ')' if !in_text => out.push((c, margin)),
            _ => {}
        }
        rest = rest.get(len..).unwrap_or("");
    }
    out
}
