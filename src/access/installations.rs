//! How the systems are installed: the settings of `target`s, the namespaces that they name, and who is called how. In:
//! the program's targets and the library. Out: answers, each system read when it is first asked for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::base::{Name, Span};
use crate::diag::Diagnostic;
use crate::library::{KindSig, Library, SubjectSig, Target, Version};
use crate::program::ScopeId;
use crate::syntax::ast;
use crate::types::eval::{Env, eval};
use crate::types::{BlockItem, Checker, Value, World};

/// The installations that a program is for.
pub(super) struct Installations<'w, 'a> {
    world: &'w World<'a>,
    known: RefCell<HashMap<Name, Rc<Installation>>>,
}

/// How one system is installed.
#[derive(Default)]
pub(super) struct Installation {
    /// Its settings, defaults included.
    values: HashMap<Name, Value>,
    /// The namespaces that its settings name, by the places that they stand for.
    places: Vec<(Name, Name)>,
    /// What its chart is called.
    chart: Option<Name>,
}

/// The settings of all targets that have some: what they say, and what is wrong with them.
pub(super) fn check(world: &World<'_>, reports: &mut Vec<Diagnostic>) {
    for written in &world.program.targets {
        if let Some((kind, block)) = world.library.installation(&written.system.name).zip(written.settings.as_ref()) {
            let mut checker = Checker::new(world, ScopeId::OUTER);
            checker.block(&kind, block, written.system.span);
            reports.extend(checker.finish());
        }
    }
}

/// The files that a target names, each with the place of its name; `None` for a name that is computed.
pub(crate) fn granted_files(target: &ast::Target) -> Vec<(Span, Option<String>)> {
    let mut out = Vec::new();
    for item in target.settings.iter().flat_map(|block| &block.items) {
        let ast::ItemKind::Setting { key, value } = &item.kind else { continue };
        if key.as_constant() != Some("granted") {
            continue;
        }
        match &value.kind {
            ast::ExprKind::List(elements) => out.extend(elements.iter().map(|element| match element {
                ast::Element::Expr(expr) => (expr.span, expr.as_plain_text().map(str::to_owned)),
                ast::Element::Spread(_) | ast::Element::For(_) => (value.span, None),
            })),
            // No list of texts: reported as a type.
            ast::ExprKind::Text(_) => {}
            _ => out.push((value.span, None)),
        }
    }
    out
}

/// Whether a setting of a system's installation is true.
pub(super) fn is_on(world: &World<'_>, system: &Name, setting: &str) -> bool {
    Installations::new(world).of(system).is_on(setting)
}

impl<'w, 'a> Installations<'w, 'a> {
    pub(super) fn new(world: &'w World<'a>) -> Self {
        Installations { world, known: RefCell::default() }
    }

    pub(super) fn library(&self) -> &'w Library {
        self.world.library
    }

    pub(super) fn target(&self, system: &Name) -> &'w Target {
        self.world.targets.of(Some(system))
    }

    /// Whether the program says which versions of a system it is for.
    pub(super) fn says(&self, system: &Name) -> bool {
        self.world.targets.says(system)
    }

    pub(super) fn of(&self, system: &Name) -> Rc<Installation> {
        if let Some(known) = self.known.borrow().get(system) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.read(system));
        self.known.borrow_mut().insert(system.clone(), Rc::clone(&found));
        found
    }

    fn read(&self, system: &Name) -> Installation {
        let Some(kind) = self.world.library.installation(system) else { return Installation::default() };
        let defaults = kind.settings.fields.iter().filter_map(|field| Some((field.name.clone(), default(field.rules.default.as_deref()?))));
        let mut values: HashMap<Name, Value> = defaults.collect();
        let written = self.world.program.targets.iter().find(|written| written.system.name == *system);
        if let Some(block) = written.and_then(|written| written.settings.as_ref()) {
            values.extend(self.written(&kind, block));
        }
        let mut places = Vec::new();
        for field in &kind.settings.fields {
            if let Some(Value::Text(namespace)) = values.get(&field.name) {
                places.extend(field.rules.places.iter().map(|(place, ..)| (place.clone(), Name::new(namespace))));
            }
        }
        Installation { values, places, chart: kind.rules.chart.clone() }
    }

    /// What a `target` says; what is wrong with it is reported elsewhere.
    fn written(&self, kind: &std::sync::Arc<KindSig>, block: &ast::Block) -> Vec<(Name, Value)> {
        let mut checker = Checker::new(self.world, ScopeId::OUTER);
        let checked = checker.block(kind, block, block.span.unwrap_or(kind.span));
        drop(checker.finish());
        let mut out = Vec::new();
        crate::expand::visit_block(&checked.items, &Env::default(), &mut |item, env| {
            if let BlockItem::Setting { field, value, .. } = item {
                out.push((field.name.clone(), eval(value, env)));
            }
        });
        out
    }

    /// The namespace that a place stands for, whichever system names it.
    pub(super) fn place(&self, place: &str) -> Option<Name> {
        self.world.library.systems().find_map(|system| self.of(system).place(place))
    }

    /// The namespace of a system.
    pub(super) fn home(&self, system: Option<&Name>) -> Option<Name> {
        let installation = self.of(system?);
        installation.text("namespace").map(Name::new)
    }

    /// The name of a subject's ServiceAccount, if installations give it one.
    pub(super) fn account(&self, subject: &SubjectSig) -> Option<Name> {
        let installation = self.of(subject.system.as_ref()?);
        if let Some(Value::Record(accounts)) = installation.values.get("accounts")
            && let Some(Value::Text(name)) = accounts.get(&subject.name)
        {
            return Some(Name::new(name));
        }
        let install = installation.text("install").unwrap_or_default();
        let fits = |known: &&(Name, std::sync::Arc<str>)| known.0.is_empty() || known.0 == install;
        subject.accounts.iter().find(fits).map(|(_, account)| Name::from(installation.named(account)))
    }
}

impl Installation {
    fn place(&self, place: &str) -> Option<Name> {
        self.places.iter().find(|(known, _)| known == place).map(|(_, namespace)| namespace.clone())
    }

    pub(super) fn text(&self, setting: &str) -> Option<&str> {
        self.values.get(setting).and_then(Value::as_text)
    }

    /// Whether a setting has one of these values.
    pub(super) fn is_one_of(&self, setting: &str, values: &[Name]) -> bool {
        let value = self.values.get(setting).and_then(Value::interpolated);
        value.is_some_and(|value| values.iter().any(|wanted| *wanted == value))
    }

    pub(super) fn is_on(&self, setting: &str) -> bool {
        matches!(self.values.get(setting), Some(Value::Bool(true)))
    }

    /// Whether its chart has what came with a version. What was not installed with a chart has it, too, and so has a
    /// chart of which the version is not known: it is taken for the newest.
    pub(super) fn chart_has(&self, since: Version) -> bool {
        self.text("chart").and_then(Version::parse).is_none_or(|chart| chart >= since)
    }

    /// A name with `${fullname}` as Helm makes it: the release, and the chart unless the release is called like it.
    pub(super) fn named(&self, text: &str) -> String {
        let chart = self.chart.as_deref().unwrap_or_default();
        let release = self.text("release").unwrap_or(chart);
        let full = if release.contains(chart) { release.to_owned() } else { format!("{release}-{chart}") };
        text.replace("${fullname}", &full)
    }
}

/// A default as it is written in `@default("…")`.
fn default(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Value::text(text),
    }
}
