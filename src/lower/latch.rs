//! Values that are evaluated once.

use super::cx::Cx;
use crate::emit::yaml::Yaml;
use crate::library::Ty;
use crate::types::tree::{Expr, Kind};

impl Cx<'_> {
    /// What the latch of a `let` stores. A value of Go (a time, a version) is stored as the record of its fields, since
    /// it would be a mere text after the hop.
    pub(crate) fn latch_value(&self, value: &Expr) -> Yaml {
        let code = self.code(value);
        if let Ty::Record(record) = value.ty.present()
            && code.bare
        {
            let fields = record.fields.iter().map(|field| {
                let own = field.rules.expr.as_ref().unwrap_or(&field.name);
                format!("{}: it.{own}", super::code::quoted(&field.name))
            });
            let fields: Vec<String> = fields.collect();
            return super::steps::text(&format!("${{{{ let it = {}; {{ {} }} }}}}", code.text, fields.join(", ")));
        }
        if value.ty.is_optional() {
            return self.maybe(value);
        }
        self.setting(value, &Ty::Any, &Default::default()).unwrap_or(Yaml::Null)
    }

    /// What a failed `require` says when its author said nothing.
    pub(crate) fn empty_slot_message(&self, slot: &Expr) -> String {
        let Kind::Slot(index) = slot.resolved().kind else { return String::new() };
        let origin = self.slots.get(index).map_or("", |slot| slot.origin.as_str());
        format!("the slot of {origin} is empty: promote freight of {origin} first")
    }
}
