//! What a promotion meets: freight in slots, data, who started it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::value::{NULL, Value, bool, text};

#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub project: String,
    pub stage: String,
    /// One per slot of the stage, whether it is filled or not.
    pub freight: Vec<Freight>,
    pub filled: Vec<bool>,
    /// The slot whose freight triggered the promotion.
    pub trigger: usize,
    pub promotion: String,
    pub actor: String,
    pub ui_base_url: String,
    pub config_maps: BTreeMap<String, BTreeMap<String, String>>,
    /// The file that steps parse, and the answer to each request.
    pub document: Json,
    pub response: Json,
    pub secrets: BTreeMap<String, BTreeMap<String, String>>,
    pub shared_config_maps: BTreeMap<String, BTreeMap<String, String>>,
    pub stage_metadata: BTreeMap<String, Json>,
    /// The moment at which the promotion begins, as a record of the language.
    pub now: Json,
    /// Whether all versions that the program is for have a way to let a `require` fail; else it is an error.
    pub require_fails: bool,
    /// Whether a step that failed stays `Failed`, or ends as `Errored`, as before Kargo 1.10.
    pub failed_stays_failed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Freight {
    pub name: String,
    pub alias: String,
    /// The warehouse.
    pub origin: String,
    /// The artifacts by their names in the warehouse, as records of the language.
    pub artifacts: Map<String, Json>,
    pub metadata: Map<String, Json>,
}

impl Cluster {
    pub fn context(&self, path: &str) -> Value {
        let target = self.freight.get(self.trigger);
        let of_target = |get: fn(&Freight) -> &String| target.map_or(NULL, |freight| text(get(freight)));
        match path {
            "project" => text(&self.project),
            "stage" => text(&self.stage),
            "promotion" => text(&self.promotion),
            "meta.promotion.actor" => text(&self.actor),
            "meta.promotion.rollback" => bool(false),
            "uiBaseUrl" => text(&self.ui_base_url),
            "targetFreight.name" => of_target(|freight| &freight.name),
            "targetFreight.alias" => of_target(|freight| &freight.alias),
            "targetFreight.origin.name" => of_target(|freight| &freight.origin),
            _ => Value::Json(json!({})),
        }
    }

    /// What the config map `settings` says is its `mode`.
    pub fn write_mode(&mut self, mode: String) {
        self.config_maps.insert("settings".to_owned(), [("mode".to_owned(), mode)].into());
    }

    /// The freight of a slot as a record of its artifacts; nothing while the slot is empty.
    pub fn record_of(&self, slot: usize) -> Json {
        if self.filled[slot] { Json::Object(self.freight[slot].artifacts.clone()) } else { Json::Null }
    }
}
