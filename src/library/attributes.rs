//! What attributes say, as `stdlib/README.md` describes them.

use std::sync::{Arc, OnceLock};

use super::access::NeedUse;
use super::args::{Args, bool_word, word};
use super::hazards::{Hazard, Range};
use super::ty::Face;
use super::version::{Target, Version};
use crate::base::Name;
use crate::diag::{Check, Diagnostic, nearest};
use crate::syntax::ast::Attribute;

/// The attributes of one declaration, field, setting or parameter.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub since: Option<Version>,
    pub until: Option<Version>,
    pub removed: Option<(Version, Arc<str>)>,
    pub deprecated: Option<(Version, Arc<str>)>,
    pub required: Vec<(Option<Version>, Option<Version>)>,
    pub groups: Vec<Group>,
    pub unique: Option<Name>,
    pub pattern: Option<(Arc<str>, Arc<str>)>,
    /// The pattern, compiled when it is first needed and shared by all copies of these rules.
    pub(crate) compiled: Arc<OnceLock<Option<regex::bytes::Regex>>>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub length: Option<(usize, Option<usize>)>,
    pub form: Option<Form>,
    /// The sibling setting that makes the target take the text as it is.
    pub form_flag: Option<Name>,
    pub form_flag_since: Option<Version>,
    pub sink: Option<Sink>,
    /// The target also evaluates this setting by itself, without its functions.
    pub plain: bool,
    pub env: Vec<Name>,
    /// The value must be in this list of the object that governs this one.
    pub listed: Option<Name>,
    /// A step changes the object of this kind that the setting names; the sibling that says its namespace.
    pub names: Option<(Name, Name)>,
    pub default: Option<Arc<str>>,
    pub expr: Option<Name>,
    pub empty: bool,
    pub open: bool,
    pub path: Option<Arc<str>>,
    pub absent: Option<Version>,
    pub hazards: Vec<Hazard>,
    /// The setting that makes this output absent; without it, it is there.
    pub absent_when: Option<Name>,
    /// The value is stored as a result, and must be one that Kargo can keep.
    pub stored: bool,
    /// A bare expression that must be true or false.
    pub condition: bool,
    // Steps.
    pub effects: Vec<Name>,
    pub health: bool,
    pub skips: Option<(Option<Version>, Vec<Name>)>,
    pub fails: bool,
    /// The time limit that is written for a step that may never end by itself.
    pub endless: Option<Arc<str>>,
    /// In which versions the condition of a step with this setting is evaluated again before each attempt.
    pub rechecked: Option<(Option<Version>, Option<Version>)>,
    pub outputs_like_settings: bool,
    /// The setting whose items name the results, and the setting of an item that is the name: `outputs`, `name`.
    pub outputs_from: Option<(Name, Name)>,
    pub enterprise: bool,
    // Kinds.
    pub object: Option<(Arc<str>, Name)>,
    pub cluster_scope: bool,
    /// The system whose versions count for the kind; without one it is the main one.
    pub system: Option<Name>,
    /// The kind holds a workflow of Argo Workflows: what for, and in which part of its spec.
    pub workflow: Option<(WorkflowRole, Option<Name>)>,
    /// The kind also has the settings of this record.
    pub settings: Option<Name>,
    /// Where the blocks inside the kind are emitted, as a part of its spec.
    pub blocks: Option<Name>,
    /// On `versions`: what people call the system.
    pub product: Option<Name>,
    /// The kinds whose blocks it stands in.
    pub inside: Vec<Name>,
    /// Its declarations may have parameters: the setting that lists them, and how one is written where it is read.
    pub parameters: Option<(Name, Arc<str>)>,
    /// Another object limits what this one may say: its kind, the setting that names it, and its list of namespaces.
    pub governed: Option<(Name, Name, Name)>,
    /// The annotation in which an object lists the stages that may change it, and the version from which on it may list
    /// several.
    pub consent: Option<(Name, Option<Version>)>,
    /// The setting that the name of the block is written to.
    pub named: Option<Name>,
    /// Nobody places the object but the program: it must say its namespace.
    pub placed: bool,
    pub lookup: Option<(Name, Vec<Name>)>,
    /// The type of what a warehouse has just discovered, in its `freightCreationCriteria`.
    pub discovered: Option<Name>,
    /// Permissions that are needed where it is used.
    pub needs: Vec<NeedUse>,
    /// On `system`: the name of its chart.
    pub chart: Option<Name>,
    // Functions.
    pub latched: bool,
    /// Where it is true, an earlier step may have failed: a step under it is meant to run then.
    pub says_failure: bool,
    pub places: Vec<(Name, Option<Version>, Option<Version>)>,
    /// A place of another system, where it may be called besides those of the main one.
    pub also: Vec<Name>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub kind: GroupKind,
    pub names: Vec<Name>,
    pub when: Option<Name>,
    pub since: Option<Version>,
    pub until: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    OneOf,
    AtMostOne,
    AtLeastOne,
    Together,
    Requires,
    /// If this one is given, one of the others must be, too.
    RequiresOne,
    Forbids,
}

/// What a kind with a workflow in it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkflowRole {
    /// Its templates are for others.
    Templates,
    /// It is run as it stands.
    Run,
}

/// How a text is emitted, see design §2.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    #[default]
    Text,
    YamlText,
    HelmLiteral,
    JsonBody,
    ExprLiteral,
    Value,
}

/// What untrusted text would do in a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    Code,
    Ref,
    /// Shown in messages: a credential is not refused, but warned of.
    Url,
}

impl Rules {
    pub fn face(&self) -> Face {
        if self.empty { Face::Empty } else { Face::Nil }
    }

    /// Whether all versions have it, removal considered.
    pub fn in_all(&self, target: &Target) -> bool {
        target.all_have(self.since, self.until) && self.removed.as_ref().is_none_or(|(version, _)| target.reached(*version).is_none())
    }

    /// Whether a text fits the pattern. `\w` and its kin mean ASCII, as in Go; a pattern that cannot be compiled fits all.
    pub fn pattern_fits(&self, text: &str) -> bool {
        let Some((pattern, _)) = &self.pattern else { return true };
        let compile = || regex::bytes::RegexBuilder::new(pattern).unicode(false).build().ok();
        self.compiled.get_or_init(compile).as_ref().is_none_or(|regex| regex.is_match(text.as_bytes()))
    }

    /// What is said of a list and means the texts in it.
    pub fn of_items(&self) -> Rules {
        Rules { length: self.length, pattern: self.pattern.clone(), ..Rules::default() }
    }

    /// Whether it is required by some version.
    pub fn required_by(&self, target: &Target) -> bool {
        self.required.iter().any(|(since, until)| target.some_has(*since, *until))
    }

    /// Whether an output may be absent although its step succeeded.
    pub fn may_be_absent(&self, target: &Target) -> bool {
        self.absent.is_some_and(|version| target.reached(version).is_some())
    }
}

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
