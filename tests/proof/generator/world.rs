//! Warehouses and stages.

use std::sync::Arc;

use loadline::base::Name;
use loadline::library::{Field, Record, Ty, TypeScope};

use super::Generator;
use super::expr::Wish;
use super::scope::{Scope, Slot};
use super::text::Node;

#[derive(Clone)]
pub struct Warehouse {
    pub name: String,
    pub artifacts: Arc<Record>,
}

impl Generator<'_> {
    pub fn warehouses(&mut self, nodes: &mut Vec<Node>) -> Vec<Warehouse> {
        let mut out = Vec::new();
        for at in 0..1 + self.random.below(3) {
            let name = ["app", "charts-v2", "infra"][at].to_owned();
            let mut fields = Vec::new();
            let mut body = Vec::new();
            for number in 0..1 + self.random.below(3) {
                self.subscription(number, &mut fields, &mut body);
            }
            nodes.push(Node::block(format!("warehouse {name}"), body));
            let artifacts = Arc::new(Record { name: None, fields, open: None });
            out.push(Warehouse { name, artifacts });
        }
        out
    }

    /// Two warehouses may watch one repository: only the origin tells their artifacts apart.
    fn subscription(&mut self, number: usize, fields: &mut Vec<Field>, body: &mut Vec<Node>) {
        let (kind, ty, urls): (_, _, &[&str]) = match self.random.below(3) {
            0 => ("image", "Image", &["ghcr.io/acme/web", "ghcr.io/acme/db", "registry.example.com:5000/a_b.c"]),
            1 => ("git", "Commit", &["https://github.com/acme/one.git", "https://github.com/acme/two.git", "https://git.example.com/x"]),
            _ => ("chart", "Chart", &["oci://ghcr.io/acme/charts/web", "https://charts.example.com", "oci://ghcr.io/acme/charts/db"]),
        };
        let url = urls[number];
        let name = if fields.iter().any(|field: &Field| field.name == kind) || self.random.one_in(2) {
            Some(["web", "main-repo", "third"][number])
        } else {
            None
        };
        let mut settings = format!("repoURL: \"{url}\"");
        if url == "https://charts.example.com" {
            settings.push_str(", name: \"web\"");
        }
        if kind == "git" {
            settings.push_str(self.random.pick::<&str>(&["", ", branch: \"main\"", ", commitSelectionStrategy: \"NewestTag\""]));
        }
        let Some(mut ty) = self.library.named_type(ty) else { return };
        if let (true, Ty::Record(record)) = (settings.contains("name:"), &ty) {
            let named = record.fields.iter().map(|field| Field { optional: field.optional && field.name != "name", ..field.clone() });
            ty = Ty::Record(Arc::new(Record { name: record.name.clone(), fields: named.collect(), open: None }));
        }
        let field = name.unwrap_or(kind);
        fields.push(Field::plain(Name::new(field), self.nowhere(), ty));
        body.push(Node::line(match name {
            Some(name) => format!("{kind} {name} {{ {settings} }}"),
            None => format!("{kind} {{ {settings} }}"),
        }));
    }

    pub fn stage(&mut self, name: &str, outer: &Scope, held: &[Warehouse], nodes: &mut Vec<Node>) {
        let mut scope = outer.clone();
        let mut body = Vec::new();
        for (at, warehouse) in held.iter().enumerate() {
            let renamed = self.random.one_in(3);
            let name = if renamed { format!("slot-{at}") } else { warehouse.name.clone() };
            body.push(Node::line(if renamed { format!("slot {name} = {}", warehouse.name) } else { format!("slot {name}") }));
            scope.slots.push(Slot { name, artifacts: warehouse.artifacts.clone(), sure: held.len() == 1 });
        }
        scope.add("ctx.stage", Ty::STRING, true);
        scope.add("ctx.project", Ty::STRING, true);
        if self.random.one_in(3) {
            let (ty, _) = self.simple_type();
            if let Some(value) = self.expr(&ty, &scope, Wish { not_empty: true, is_static: true, ..Wish::default() }, 1) {
                let name = self.name("own_var");
                body.push(Node::line(format!("var {name} = {value}")));
                scope.add(name, ty, false);
            }
        }
        scope.add("ctx.promotion", Ty::STRING, false);
        scope.add("ctx.actor", Ty::UNTRUSTED, false);
        if self.promoting {
            scope.add("ctx.targetFreight.name", Ty::STRING, false);
            scope.add("ctx.targetFreight.origin.name", Ty::STRING, false);
        }
        scope.add("configMap(\"settings\").mode", Ty::STRING.optional(loadline::library::Face::Empty), false);
        scope.add("configMap(\"settings\").missing", Ty::STRING.optional(loadline::library::Face::Empty), false);
        self.budget = 4 + self.random.below(14);
        let slots = scope.slots.clone();
        let statements = self.body(&mut scope);
        body.push(Node::block("promote", statements));
        self.tails(&scope, &slots, &mut body);
        nodes.push(Node::block(format!("stage {name}"), body));
    }
}
