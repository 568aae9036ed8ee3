//! YAML and JSON as a tree, of bounded size whatever the text says.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// One document. Keys stand in the order of the text, each once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// Why a text is no document.
#[derive(Debug)]
pub(super) enum Broken {
    /// What the reader says, and the line and column, both from 0 and in characters.
    Syntax(String, usize, usize),
    /// With its aliases resolved it would be many times as large as the text.
    TooLarge,
}

/// Nodes and bytes that a document may still have. Aliases make small texts of huge documents.
struct Budget(Cell<usize>);

impl Tree {
    /// Reads one document. Deep nesting is an error of syntax.
    pub(super) fn read(text: &str) -> Result<Tree, Broken> {
        let budget = Budget(Cell::new(4 * text.len().max(4096)));
        Seed(&budget).deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
            if budget.0.get() == 0 {
                return Broken::TooLarge;
            }
            let place = error.location();
            let (line, column) = place.map_or((0, 0), |place| (place.line().saturating_sub(1), place.column().saturating_sub(1)));
            Broken::Syntax(without_place(&error.to_string()), line, column)
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Tree> {
        match self {
            Tree::Map(entries) => entries.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The reader says places in its words, ` at line 3 column 5`; of the part that it was given, not of the text.
fn without_place(text: &str) -> String {
    let mut parts = text.split(" at line ");
    let mut words = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let rest = part.get(digits(part)..).unwrap_or("");
        let rest = rest.strip_prefix(" column ").map_or(rest, |rest| rest.get(digits(rest)..).unwrap_or(""));
        words.push_str(rest);
    }
    words
}

impl Budget {
    fn spend<E: Error>(&self, amount: usize) -> Result<(), E> {
        self.0.set(self.0.get().saturating_sub(amount + 1));
        if self.0.get() == 0 { Err(E::custom("too large")) } else { Ok(()) }
    }

    fn spend_text<E: Error>(&self, text: &str) -> Result<String, E> {
        self.spend(text.len())?;
        Ok(text.to_owned())
    }
}

#[derive(Clone, Copy)]
struct Seed<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML without tags")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        self.0.spend(0)?;
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Tree, E> {
        self.number()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Tree, E> {
        self.number()
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Tree, E> {
        self.number()
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Tree, E> {
        self.number()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Tree, E> {
        self.number()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        self.0.spend_text(text).map(Tree::Text)
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        self.0.spend(0)?;
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        self.0.spend(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        self.0.spend(0)?;
        let mut seen = std::collections::HashSet::new();
        let (mut map, mut merged) = (Vec::new(), Vec::new());
        while let Some(key) = entries.next_key::<Key>()? {
            let Key(key) = key;
            self.0.spend::<A::Error>(key.len())?;
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            match entries.next_value_seed(self)? {
                value if key == "<<" => merged.push(value),
                value => map.push((key, value)),
            }
        }
        merged.into_iter().for_each(|value| merge(&mut map, &seen, value));
        Ok(Tree::Map(map))
    }
}

impl Seed<'_> {
    /// No text is a number in the manifests that are read here, so it does not matter which.
    fn number<E: Error>(self) -> Result<Tree, E> {
        self.0.spend(0)?;
        Ok(Tree::Number)
    }
}

/// The key `<<`: entries of other maps, where the map itself does not have them.
fn merge(map: &mut Vec<(String, Tree)>, own: &std::collections::HashSet<String>, value: Tree) {
    let others = match value {
        Tree::List(list) => list,
        other => vec![other],
    };
    for other in others {
        let Tree::Map(entries) = other else { continue };
        for (key, value) in entries {
            if !own.contains(&key) && !map.iter().any(|(known, _)| *known == key) {
                map.push((key, value));
            }
        }
    }
}

/// A key. What is no text is none that anybody asks for.
struct Key(String);

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_any(KeyVisitor).map(Key)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }
}
