//! The emitter read back by other eyes: `serde_yaml`, and the resolution tables of YAML 1.1.

mod hostile;
mod layout;
mod readers;
mod styles;

use serde_yaml::Value;

use super::yaml::{self, Yaml};

fn written(value: &Yaml) -> String {
    let mut out = String::new();
    yaml::write(value, &mut out);
    out
}

/// What `serde_yaml` should read for a value.
fn expected(value: &Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::from(*value),
        Yaml::Int(number) => Value::from(*number),
        Yaml::Float(number) => Value::from(*number),
        Yaml::Str(text) => Value::from(&**text),
        Yaml::Seq(items) => Value::Sequence(items.iter().map(expected).collect()),
        Yaml::Map(entries) => Value::Mapping(entries.iter().map(|(key, value)| (Value::from(&**key), expected(value))).collect()),
    }
}

#[track_caller]
fn reads_back(value: &Yaml) {
    let text = written(value);
    match serde_yaml::from_str::<Value>(&text) {
        Ok(read) => assert_eq!(read, expected(value), "written as\n{text}"),
        Err(error) => assert_eq!(error.to_string(), "", "{value:?} written as\n{text}"),
    }
}

/// A text everywhere a text can stand: alone, as key, as item, nested, before others and last.
fn in_all_places(text: &str) -> Yaml {
    let text = || Yaml::from(text.to_owned());
    let key = |key: &str| yaml::Text::from(key.to_owned());
    let Yaml::Str(own) = text() else { return Yaml::Null };
    Yaml::Map(vec![
        (key("value"), text()),
        (key("items"), Yaml::Seq(vec![text(), Yaml::Seq(vec![text(), text()]), Yaml::map([("deep", text())])])),
        (key("keys"), Yaml::Map(vec![(own.clone(), Yaml::map([(own.clone(), text())])), (key("also"), text())])),
        (own, Yaml::Seq(vec![text()])),
    ])
}

#[test]
fn hostile_texts_are_read_back_as_values_and_keys() {
    for text in hostile::TEXTS {
        reads_back(&Yaml::from(*text));
        reads_back(&in_all_places(text));
    }
}

#[test]
fn random_texts_are_read_back() {
    let mut random = hostile::Random::new(0x10AD_11E5);
    for _ in 0..6_000 {
        reads_back(&in_all_places(&random.text()));
    }
}

#[test]
fn random_values_are_read_back() {
    let mut random = hostile::Random::new(0x5EED);
    for _ in 0..4_000 {
        reads_back(&random.value(5));
    }
}

#[track_caller]
fn is_plain_only_if_text(text: &str) {
    let out = written(&Yaml::from(text.to_owned()));
    if !out.starts_with(['"', '\'', '|']) {
        assert_eq!(readers::special(text), None, "`{text}` is written plain");
    }
}

#[test]
fn nothing_is_written_plain_that_is_no_text_to_some_reader() {
    hostile::TEXTS.iter().copied().for_each(is_plain_only_if_text);
    let mut random = hostile::Random::new(0x7AB1E);
    for _ in 0..40_000 {
        is_plain_only_if_text(&random.scalar_like());
    }
    // All of up to four characters that numbers are made of.
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts.iter().flat_map(|text| "01_.:-+exob".chars().map(move |c| format!("{text}{c}"))).collect();
        texts.iter().for_each(|text| is_plain_only_if_text(text));
    }
}

#[test]
fn numbers_are_read_back_and_floats_stay_floats() {
    for number in [0, 1, -1, 755, i64::MAX, i64::MIN] {
        reads_back(&Yaml::Int(number));
    }
    for number in [0.0, -0.0, 1.0, 0.95, 1e16, 1e-7, 1.5e300, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY] {
        reads_back(&Yaml::Float(number));
        let out = written(&Yaml::Float(number));
        assert_eq!(readers::special(out.trim_end()), Some("float"), "written as {out}");
    }
    assert_eq!(written(&Yaml::Float(f64::NAN)), ".nan\n");
}
