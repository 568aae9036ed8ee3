//! What is known of a declaration, field, setting or parameter beside its type: filled from its attributes, which
//! `stdlib/README.md` describes.

use std::sync::{Arc, OnceLock};

use super::access::NeedUse;
use super::hazards::Hazard;
use super::ty::Face;
use super::version::{Target, Version};
use crate::base::Name;

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
    /// The map has an entry for each item of this setting, by the first of these settings that the item gives.
    pub keyed: Option<(Name, Vec<Name>)>,
    /// The type of the kind's value where this setting is given.
    pub value_with: Option<(Name, Name)>,
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
    /// The items of the list name objects of this kind in the project, and whether the target can limit what is
    /// allowed to them.
    pub objects: Option<(Name, bool)>,
    /// The object is a ServiceAccount that has the permissions its settings need.
    pub account: bool,
    /// Names of Roles and RoleBindings that a controller writes anew.
    pub reserved: Vec<Name>,
    /// Where it is set, the account is also bound to this role, by a binding with this ending.
    pub binds: Option<(Name, Name)>,
    /// How the target reads who may be the account.
    pub claims: Vec<ClaimForm>,
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

/// An annotation that says with which claims somebody is an account.
#[derive(Clone, Debug)]
pub struct ClaimForm {
    /// One annotation with all claims as JSON; else one for each claim, with values between commas.
    pub is_json: bool,
    /// The annotation, or what stands before the name of the claim.
    pub key: Arc<str>,
    pub since: Option<Version>,
    pub until: Option<Version>,
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
