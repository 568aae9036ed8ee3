//! One scalar. In: a text or a number. Out: the shortest style that every reader takes for that very value.
//!
//! A text is plain where it may be, else a literal block where it has lines, else quoted. Invisible characters
//! are always escaped, so a manifest shows all that it holds.

use std::fmt::Write as _;

use super::resolve;
use super::yaml::push_indent;

// What a byte can mean for the style of its text.
const COLON_OR_HASH: u8 = 1;
const LINE_FEED: u8 = 1 << 1;
const TAB: u8 = 1 << 2;
const CONTROL: u8 = 1 << 3;
const NOT_ASCII: u8 = 1 << 4;
/// As a first byte it is a mark of the syntax, or lost as a blank.
const INDICATOR: u8 = 1 << 5;
/// As a first byte it may begin a number, a date, or a word that is no text.
const RESOLVES: u8 = 1 << 6;

static MARKS: [u8; 256] = marks_of_bytes();

#[expect(clippy::indexing_slicing, reason = "constant evaluation: a bad index would not compile")]
const fn marks_of_bytes() -> [u8; 256] {
    let mut marks = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        marks[byte] = match byte as u8 {
            b':' | b'#' => COLON_OR_HASH | INDICATOR,
            b'\n' => LINE_FEED | INDICATOR,
            b'\t' => TAB | INDICATOR,
            0..0x20 | 0x7F => CONTROL | INDICATOR,
            0x80.. => NOT_ASCII,
            b' ' | b'-' | b'?' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' => INDICATOR,
            b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => INDICATOR,
            b'0'..=b'9' | b'+' | b'.' | b'~' | b'=' | b'<' => RESOLVES,
            b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => RESOLVES,
            _ => 0,
        };
        byte += 1;
    }
    marks
}

#[expect(clippy::indexing_slicing, reason = "a byte is always below 256; the compiler drops the check")]
fn marks_of(byte: u8) -> u8 {
    MARKS[usize::from(byte)]
}

/// A text as a value of something at `indent`, without the line break that ends it.
pub(super) fn write_text(text: &str, indent: usize, out: &mut String) {
    let marks = marks_of_text(text);
    if is_plain(text, marks) {
        out.push_str(text);
    } else if marks & LINE_FEED != 0 && is_literal(text, marks) {
        write_literal(text, indent, out);
    } else {
        write_quoted(text, marks, out);
    }
}

/// A text on one line, as keys are.
pub(super) fn write_line(text: &str, out: &mut String) {
    let marks = marks_of_text(text);
    if is_plain(text, marks) {
        out.push_str(text);
    } else {
        write_quoted(text, marks, out);
    }
}

/// A whole number.
pub(super) fn write_int(number: i64, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{number}");
}

/// The shortest float of the same value. YAML 1.1 wants a point and a signed exponent.
pub(super) fn write_float(number: f64, out: &mut String) {
    if number.is_nan() {
        return out.push_str(".nan");
    }
    if number.is_infinite() {
        return out.push_str(if number > 0.0 { ".inf" } else { "-.inf" });
    }
    let digits = format!("{number:?}");
    let Some((mantissa, exponent)) = digits.split_once('e') else { return out.push_str(&digits) };
    out.push_str(mantissa);
    if !mantissa.contains('.') {
        out.push_str(".0");
    }
    out.push('e');
    if !exponent.starts_with('-') {
        out.push('+');
    }
    out.push_str(exponent);
}

/// Whether a character shows as itself and is taken as itself by every reader; of the line breaks and tabs none is.
pub(super) fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\u{9F}' => false,
        // Line breaks of YAML 1.1, the byte order mark, and what no reader accepts.
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => false,
        // They turn the order of what is read on the screen: one value could look like another.
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        _ => true,
    }
}

/// The marks of all bytes. No branch within: this loop sees every byte of the output.
fn marks_of_text(text: &str) -> u8 {
    text.bytes().fold(0, |marks, byte| marks | marks_of(byte))
}

fn is_plain(text: &str, marks: u8) -> bool {
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().next_back()) else { return false };
    let first_marks = marks_of(first);
    marks & (LINE_FEED | TAB | CONTROL) == 0
        && first_marks & INDICATOR == 0
        && last != b' '
        && (marks & COLON_OR_HASH == 0 || !has_separator(text))
        && (marks & NOT_ASCII == 0 || text.chars().all(is_printable))
        && (first_marks & RESOLVES == 0 || !resolve::is_special(text))
}

/// Whether a colon would end a key in this text, or a hash start a comment.
fn has_separator(text: &str) -> bool {
    text.ends_with(':') || text.as_bytes().windows(2).any(|pair| matches!(pair, b": " | b" #"))
}

/// Whether a text with lines can be a literal block that ends in `|` or `|-`.
///
/// Blanks and empty lines at the end survive neither editors nor all splitters of streams, so quotes show them.
fn is_literal(text: &str, marks: u8) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    marks & CONTROL == 0
        && !body.is_empty()
        && !body.ends_with(['\n', ' ', '\t'])
        && (marks & NOT_ASCII == 0 || text.chars().all(|c| matches!(c, '\n' | '\t') || is_printable(c)))
}

fn write_literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    // A reader takes the indentation from the first line that is not empty, unless it is told.
    if text.trim_start_matches('\n').starts_with([' ', '\t']) {
        out.push('2');
    }
    let body = text.strip_suffix('\n').unwrap_or_else(|| {
        out.push('-');
        text
    });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            push_indent(indent + 2, out);
            out.push_str(line);
        }
    }
}

/// Double quotes, unless single ones need fewer escapes.
fn write_quoted(text: &str, marks: u8, out: &mut String) {
    let shown = marks & (LINE_FEED | TAB | CONTROL) == 0 && (marks & NOT_ASCII == 0 || text.chars().all(is_printable));
    let doubles = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    if shown && doubles > text.bytes().filter(|byte| *byte == b'\'').count() {
        write_single(text, out);
    } else {
        write_double(text, out);
    }
}

fn write_single(text: &str, out: &mut String) {
    out.push('\'');
    for piece in text.split_inclusive('\'') {
        out.push_str(piece);
        if piece.ends_with('\'') {
            out.push('\'');
        }
    }
    out.push('\'');
}

fn write_double(text: &str, out: &mut String) {
    out.push('"');
    for piece in text.split_inclusive(needs_escape) {
        let mut characters = piece.chars();
        match characters.next_back() {
            Some(last) if needs_escape(last) => {
                out.push_str(characters.as_str());
                write_escape(last, out);
            }
            _ => out.push_str(piece),
        }
    }
    out.push('"');
}

fn needs_escape(character: char) -> bool {
    matches!(character, '"' | '\\') || !is_printable(character)
}

fn write_escape(character: char, out: &mut String) {
    let code = u32::from(character);
    // Writing to a `String` cannot fail.
    let _ = match character {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\t' => out.write_str("\\t"),
        '\r' => out.write_str("\\r"),
        '\0'..='\u{FF}' => write!(out, "\\x{code:02X}"),
        '\u{100}'..='\u{FFFF}' => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
}
