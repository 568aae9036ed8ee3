//! Kinds of Argo Workflows against its JSON schema, since its resource definitions take anything: every setting is a field
//! of the same shape, and every field has its setting.

use std::path::Path;

use loadline::library::{Library, Record, Rules, Ty};
use serde_json::Value;

use super::report::Report;

/// The system whose kinds these are.
pub(super) const SYSTEM: &str = "argo-workflows";

const VERSION: &str = "4.1.2";

const PREFIX: &str = "#/definitions/io.argoproj.workflow.v1alpha1.";

/// Fields that are not written by people, or are the compiler's own.
const OWN: &[&str] = &["deleted", "templates", "name"];

struct Walk<'a> {
    schema: &'a Value,
    report: &'a mut Report,
}

pub(super) fn against_schema(library: &Library, shared: &Path, report: &mut Report) {
    // Its definitions contain themselves, so references are followed only as far as the library goes.
    let text = std::fs::read_to_string(shared.join("data/crds/argo-workflows-4.1/jsonschema/schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut walk = Walk { schema: &schema, report };
    for (kind, definition) in [
        ("workflow-template", "WorkflowSpec"),
        ("cluster-workflow-template", "WorkflowSpec"),
        ("cron-workflow", "CronWorkflowSpec"),
        ("template", "Template"),
    ] {
        let sig = library.kind(kind).unwrap_or_else(|| panic!("there is no kind `{kind}`"));
        assert_eq!(sig.rules.system.as_deref(), Some(SYSTEM));
        walk.report.count("workflow kinds");
        let definition = schema.pointer(&format!("{PREFIX}{definition}")[1..]).expect("the definition is there");
        walk.record(&sig.settings, definition, kind);
    }
}

impl Walk<'_> {
    fn record(&mut self, record: &Record, definition: &Value, at: &str) {
        let empty = serde_json::Map::new();
        let properties = definition.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        for field in &record.fields {
            let at = format!("{at}.{}", field.name);
            self.report.count("workflow settings");
            match properties.get(field.name.as_str()) {
                Some(property) => self.value(&field.ty, &field.rules, property, &at),
                None => self.report.add(&at, "extra", VERSION, "the schema has no such field".to_owned()),
            }
        }
        // Of the metadata of a cron workflow's runs only labels and annotations are taken over.
        let known =
            |name: &str| OWN.contains(&name) || at.ends_with(".workflowMetadata") || record.fields.iter().any(|field| field.name == name);
        for name in properties.keys().filter(|name| !known(name)) {
            self.report.add(&format!("{at}.{name}"), "lacking", VERSION, "the library has no such setting".to_owned());
        }
        let required = definition.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str).filter(|name| !OWN.contains(name)) {
            if record.fields.iter().any(|field| field.name == name && field.optional) {
                self.report.add(&format!("{at}.{name}"), "required: looser", VERSION, "officially required".to_owned());
            }
        }
    }

    fn value(&mut self, ty: &Ty, rules: &Rules, schema: &Value, at: &str) {
        let schema = self.resolved(schema).clone();
        // Numbers and booleans that are emitted as text.
        let as_text = rules.form.is_some() && !matches!(ty.present(), Ty::Map(..));
        let (ours, official) = (if as_text { "string" } else { shape(ty) }, schema.get("type").and_then(Value::as_str).unwrap_or("any"));
        let is_float = (ours, official) == ("integer", "number");
        if ours != "any" && ours != official && !is_float {
            return self.report.add(at, "type", VERSION, format!("{ty}, officially {official}"));
        }
        match ty.present() {
            Ty::Record(record) => self.record(record, &schema, at),
            Ty::List(item) => self.value(item, &Rules::default(), schema.get("items").unwrap_or(&Value::Null), &format!("{at}[]")),
            Ty::Map(item, _) => self.value(item, rules, schema.get("additionalProperties").unwrap_or(&Value::Null), &format!("{at}.*")),
            _ => {}
        }
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(path) => self.schema.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path} is not there")),
            None => schema,
        }
    }
}

fn shape(ty: &Ty) -> &'static str {
    match ty.present() {
        Ty::Bool => "boolean",
        Ty::Int => "integer",
        Ty::Float => "number",
        Ty::List(_) => "array",
        Ty::Record(_) | Ty::Map(..) => "object",
        Ty::Any => "any",
        Ty::Union(members) if members.iter().any(|member| !member.is_text()) => "any",
        _ => "string",
    }
}
