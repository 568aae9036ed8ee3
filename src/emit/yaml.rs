//! A manifest's value and its writer. In: a `Yaml` tree. Out: block-style YAML text.
//!
//! What is written is read back as exactly the value by Kubernetes (YAML 1.1, `sigs.k8s.io/yaml`), by
//! kustomize and by YAML 1.2 readers. The same value always gives the same bytes.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::scalar;
use crate::base::Span;

/// Readers look for the colon of a key within 1024 characters; a longer key is written as `? key`.
const SIMPLE_KEY: usize = 1000;

/// A text that is cheap to hand on: the words of the target's API are static, an author's texts are shared.
#[derive(Clone)]
pub enum Text {
    /// A word that is part of the program.
    Static(&'static str),
    /// A text of the author, or one made of it.
    Shared(Arc<str>),
    /// As the key of an entry: where the mapping comes from. Such an entry is not written.
    Place(Span),
}

/// The name of a mapping's entry.
pub type Key = Text;

/// A manifest's value. Texts are shared, so instances of one body do not copy them.
#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is read back as a float, also when it is whole.
    Float(f64),
    /// A text, whatever it looks like.
    Str(Text),
    /// A list.
    Seq(Vec<Yaml>),
    /// A mapping in the order of its writing. That no key stands twice is the caller's care.
    Map(Vec<(Key, Yaml)>),
}

impl Yaml {
    /// A mapping of the given entries, in their order.
    pub fn map<K: Into<Key>>(entries: impl IntoIterator<Item = (K, Yaml)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

/// Appends `value` to `out`, which stands at the start of a line, and ends it with a line break.
///
/// Block style, two blanks of indentation, lists at the indentation of their key, keys in the given order;
/// no line is folded.
pub fn write(value: &Yaml, out: &mut String) {
    write_with_places(value, out, &mut Vec::new());
}

/// Bytes of a written value, and the place in the program that they come from.
pub(super) type Places = Vec<(Span, Range<usize>)>;

/// The same, where the places of mappings are kept.
pub(super) fn write_with_places(value: &Yaml, out: &mut String, places: &mut Places) {
    match value {
        Yaml::Map(entries) if !entries.is_empty() => write_entries(entries, 0, out, places),
        Yaml::Seq(items) if !items.is_empty() => write_items(items, 0, out, places),
        scalar => {
            write_scalar(scalar, 0, out);
            out.push('\n');
        }
    }
}

/// Whether the last line of the written `value` needs its line break to be read back exactly.
pub(super) fn needs_last_break(value: &Yaml) -> bool {
    match value {
        Yaml::Map(entries) => entries.last().is_some_and(|(_, value)| needs_last_break(value)),
        Yaml::Seq(items) => items.last().is_some_and(needs_last_break),
        Yaml::Str(text) => text.ends_with('\n'),
        Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) => false,
    }
}

/// Entries at `indent`; the first one stands where `out` ends, so that it may follow a `- `.
fn write_entries(entries: &[(Key, Yaml)], indent: usize, out: &mut String, places: &mut Places) {
    let start = out.len();
    let written = entries.iter().filter(|(key, _)| !matches!(key, Text::Place(_)));
    for (place, (key, value)) in written.enumerate() {
        if place > 0 {
            push_indent(indent, out);
        }
        write_key(key, indent, out);
        write_after_key(value, indent, out, places);
    }
    let end = out.len();
    places.extend(entries.iter().filter_map(|(key, _)| if let Text::Place(span) = key { Some((*span, start..end)) } else { None }));
}

fn write_key(key: &str, indent: usize, out: &mut String) {
    let start = out.len();
    scalar::write_line(key, out);
    if out.len() - start > SIMPLE_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        push_indent(indent, out);
    }
    out.push(':');
}

/// A value behind the colon of a key that stands at `indent`, with the line break that ends it.
fn write_after_key(value: &Yaml, indent: usize, out: &mut String, places: &mut Places) {
    match value {
        Yaml::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            push_indent(indent + 2, out);
            write_entries(entries, indent + 2, out, places);
        }
        Yaml::Seq(items) if !items.is_empty() => {
            out.push('\n');
            push_indent(indent, out);
            write_items(items, indent, out, places);
        }
        scalar => {
            out.push(' ');
            write_scalar(scalar, indent, out);
            out.push('\n');
        }
    }
}

/// Items whose dashes stand at `indent`; the first one stands where `out` ends.
fn write_items(items: &[Yaml], indent: usize, out: &mut String, places: &mut Places) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            push_indent(indent, out);
        }
        out.push_str("- ");
        match item {
            Yaml::Map(entries) if !entries.is_empty() => write_entries(entries, indent + 2, out, places),
            Yaml::Seq(inner) if !inner.is_empty() => write_items(inner, indent + 2, out, places),
            scalar => {
                write_scalar(scalar, indent, out);
                out.push('\n');
            }
        }
    }
}

/// A value of one token, or a block of text at `indent + 2`, without the line break that ends it.
fn write_scalar(value: &Yaml, indent: usize, out: &mut String) {
    match value {
        Yaml::Null => out.push_str("null"),
        Yaml::Bool(true) => out.push_str("true"),
        Yaml::Bool(false) => out.push_str("false"),
        Yaml::Int(number) => scalar::write_int(*number, out),
        Yaml::Float(number) => scalar::write_float(*number, out),
        Yaml::Str(text) => scalar::write_text(text, indent, out),
        // Only empty ones come here.
        Yaml::Seq(_) => out.push_str("[]"),
        Yaml::Map(_) => out.push_str("{}"),
    }
}

pub(super) fn push_indent(indent: usize, out: &mut String) {
    const BLANKS: &str = "                                ";
    match BLANKS.get(..indent) {
        Some(blanks) => out.push_str(blanks),
        None => out.extend(std::iter::repeat_n(' ', indent)),
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
            Self::Place(_) => "",
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<Text> for Yaml {
    fn from(text: Text) -> Self {
        Self::Str(text)
    }
}

impl From<&'static str> for Yaml {
    fn from(text: &'static str) -> Self {
        Self::Str(text.into())
    }
}

impl From<Arc<str>> for Yaml {
    fn from(text: Arc<str>) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Yaml {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Self {
        Self::Seq(items)
    }
}
