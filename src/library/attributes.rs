//! What attributes say, as `stdlib/README.md` describes them.

use std::sync::Arc;

use super::args::{Args, bool_word, word};
use super::hazards::{Hazard, Range};
use super::rules::{ClaimForm, Form, Group, GroupKind, Rules, Sink, WorkflowRole};
use super::version::Version;
use crate::base::Name;
use crate::diag::{Check, Diagnostic, nearest};
use crate::syntax::ast::Attribute;

/// Reads the attributes before a declaration; one that does not exist, or whose arguments make no sense, is reported.
pub(super) fn read(attributes: &[Attribute], reports: &mut Vec<Diagnostic>) -> Rules {
    let mut rules = Rules::default();
    for attribute in attributes {
        if rules.apply(attribute).is_none() {
            reports.push(bad_attribute(attribute));
        }
    }
    rules
}

const NAMES: &[&str] = &[
    "since",
    "until",
    "removed",
    "deprecated",
    "hazard",
    "changed",
    "required",
    "one-of",
    "at-most-one",
    "at-least-one",
    "together",
    "requires",
    "requires-one",
    "forbids",
    "unique",
    "pattern",
    "min",
    "max",
    "length",
    "form",
    "sink",
    "plain",
    "open",
    "env",
    "default",
    "timeout",
    "skips",
    "absent",
    "health",
    "effect",
    "edition",
    "outputs",
    "keyed",
    "value",
    "object",
    "scope",
    "system",
    "workflow",
    "blocks",
    "settings",
    "product",
    "in",
    "named",
    "placed",
    "governed",
    "listed",
    "consent",
    "names",
    "parameters",
    "also",
    "path",
    "lookup",
    "discovered",
    "latched",
    "says-failure",
    "place",
    "expr",
    "empty",
    "fails",
    "stored",
    "condition",
    "endless",
    "rechecked",
    "needs",
    "objects",
    "account",
    "reserved",
    "binds",
    "claims",
    "chart",
    "external",
    "allow",
];

fn bad_attribute(attribute: &Attribute) -> Diagnostic {
    let name = attribute.name.name.as_str();
    if NAMES.contains(&name) {
        let message = format!("the arguments of `@{name}` make no sense");
        return Diagnostic::new(Check::SyntaxError, message, attribute.span, "cannot be read");
    }
    let report = Diagnostic::new(Check::UnknownName, format!("there is no attribute `@{name}`"), attribute.span, "unknown attribute");
    match nearest(name, NAMES.iter().copied()) {
        Some(near) => report.suggest(format!("did you mean `@{near}`?"), attribute.name.span, near),
        None => report,
    }
}

impl Rules {
    /// `None` if the attribute is unknown or its arguments do not fit.
    fn apply(&mut self, attribute: &Attribute) -> Option<()> {
        let args = Args(&attribute.args);
        match attribute.name.name.as_str() {
            "since" => self.since = Some(args.version(0)?),
            "until" => self.until = Some(args.version(0)?),
            "absent" => {
                self.absent = Some(args.named_version("since").unwrap_or(Version { major: 0, minor: 0, patch: None }));
                self.absent_when = args.named("when").and_then(word);
            }
            "removed" => self.removed = Some((args.version(0)?, args.text(1)?.into())),
            "deprecated" => self.deprecated = Some((args.version(0)?, args.text(1)?.into())),
            "hazard" => self.hazards.push(args.hazard()?),
            "changed" => self.hazards.push(Hazard { span: Range::Across(args.version(1)?), ..args.described(2)? }),
            "required" => self.required.push((args.named_version("since"), args.named_version("until"))),
            "one-of" => self.group(GroupKind::OneOf, args)?,
            "at-most-one" => self.group(GroupKind::AtMostOne, args)?,
            "at-least-one" => self.group(GroupKind::AtLeastOne, args)?,
            "requires-one" => self.group(GroupKind::RequiresOne, args)?,
            "together" => self.group(GroupKind::Together, args)?,
            "requires" => self.group(GroupKind::Requires, args)?,
            "forbids" => self.group(GroupKind::Forbids, args)?,
            // Without an argument: the items themselves.
            "unique" => self.unique = Some(args.word(0).unwrap_or_default()),
            "pattern" => self.pattern = Some((args.text(0)?.into(), args.text(1)?.into())),
            "min" => self.min = Some(args.int(0)?),
            "max" => self.max = Some(args.int(0)?),
            "length" => self.length = Some((usize::try_from(args.int(0)?).ok()?, args.int(1).and_then(|max| usize::try_from(max).ok()))),
            "form" => {
                self.form = Some(form(&args.word(0)?)?);
                self.form_flag = args.named("with").and_then(word);
                self.form_flag_since = args.named_version("since");
            }
            "sink" => self.sink = Some(sink(&args.word(0)?)?),
            "env" => self.env.push(args.word(0)?),
            "listed" => self.listed = Some(args.word(0)?),
            "names" => self.names = Some((args.word(0)?, args.word(1)?)),
            "default" => self.default = args.text(0).map(Arc::from),
            "expr" => self.expr = Some(Name::new(args.text(0)?)),
            "path" => self.path = Some(args.text(0)?.into()),
            "timeout" => {}
            "endless" => self.endless = Some(args.duration(0)?.into()),
            "rechecked" => self.rechecked = Some((args.named_version("since"), args.named_version("until"))),
            _ => return self.apply_flag(attribute, args),
        }
        Some(())
    }

    fn apply_flag(&mut self, attribute: &Attribute, args: Args<'_>) -> Option<()> {
        match attribute.name.name.as_str() {
            "empty" => self.empty = true,
            "plain" => self.plain = true,
            "open" => self.open = true,
            "health" => self.health = true,
            "fails" => self.fails = true,
            "latched" => self.latched = true,
            "says-failure" => self.says_failure = true,
            "also" => self.also = args.words(),
            "effect" => self.effects = args.words(),
            "edition" => self.enterprise = true,
            "outputs" => match args.named("from") {
                Some(from) => self.outputs_from = Some(named_by(from.as_plain_text()?)?),
                None => self.outputs_like_settings = true,
            },
            "keyed" => self.keyed = Some((args.word(0)?, args.named_words("by"))),
            "value" => self.value_with = Some((args.word(0)?, args.named("with").and_then(word)?)),
            "stored" => self.stored = true,
            "condition" => self.condition = true,
            "skips" => self.skips = Some((args.named_version("since"), args.named_words("keeps"))),
            "object" => self.object = Some((args.text(0)?.into(), args.word(1)?)),
            "scope" => self.cluster_scope = args.word(0)? == "cluster",
            "workflow" => self.workflow = Some((workflow_role(&args.word(0)?)?, args.named("at").and_then(word))),
            "settings" => self.settings = Some(args.word(0)?),
            "blocks" => self.blocks = Some(args.word(0)?),
            "system" => self.system = Some(args.word(0)?),
            "product" => self.product = Some(Name::new(args.text(0)?)),
            "in" => self.inside = Some(args.words()).filter(|outer| !outer.is_empty())?,
            "named" => self.named = Some(args.word(0)?),
            "parameters" => self.parameters = Some((args.word(0)?, args.text(1)?.into())),
            "consent" => self.consent = Some((Name::new(args.text(0)?), args.named_version("several"))),
            "governed" => self.governed = Some((args.word(0)?, args.word(1)?, args.word(2)?)),
            "placed" => self.placed = true,
            "needs" => self.needs.push(args.need_use()?),
            "objects" => {
                self.objects = Some((args.word(0)?, args.named("limits").and_then(bool_word).is_none_or(|limits| limits == "true")))
            }
            "account" => self.account = true,
            "reserved" => self.reserved = args.words(),
            "binds" => self.binds = Some((args.word(0)?, Name::new(args.text(1)?))),
            "claims" => self.claims.push(ClaimForm {
                is_json: args.word(0)? != "each",
                key: args.text(1)?.into(),
                since: args.named_version("since"),
                until: args.named_version("until"),
            }),
            "chart" => self.chart = Some(args.word(0)?),
            "discovered" => self.discovered = Some(args.word(0)?),
            "lookup" => self.lookup = Some((args.word(0)?, args.words().into_iter().skip(1).collect())),
            "place" => self.places.push((args.word(0)?, args.named_version("since"), args.named_version("until"))),
            // Read by the passes that they concern.
            "external" | "allow" => {}
            _ => return None,
        }
        Some(())
    }

    fn group(&mut self, kind: GroupKind, args: Args<'_>) -> Option<()> {
        let names = args.words();
        let when = args.named("when").and_then(|expr| expr.as_plain_text().map(Name::new).or_else(|| bool_word(expr)));
        if names.is_empty() {
            return None;
        }
        self.groups.push(Group { kind, names, when, since: args.named_version("since"), until: args.named_version("until") });
        Some(())
    }
}

fn sink(word: &str) -> Option<Sink> {
    Some(match word {
        "code" => Sink::Code,
        "ref" => Sink::Ref,
        "url" => Sink::Url,
        _ => return None,
    })
}

/// `outputs[].name`: the list, and what is read in each of its items.
fn named_by(path: &str) -> Option<(Name, Name)> {
    path.split_once("[].").map(|(list, name)| (Name::new(list), Name::new(name)))
}

fn form(word: &str) -> Option<Form> {
    Some(match word {
        "text" => Form::Text,
        "yaml-text" => Form::YamlText,
        "helm-literal" => Form::HelmLiteral,
        "json-body" => Form::JsonBody,
        "expr-literal" => Form::ExprLiteral,
        "value" => Form::Value,
        _ => return None,
    })
}

fn workflow_role(word: &str) -> Option<WorkflowRole> {
    Some(match word {
        "templates" => WorkflowRole::Templates,
        "run" => WorkflowRole::Run,
        _ => return None,
    })
}
