//! Signatures of steps, kinds and functions.

use std::sync::Arc;

use super::rules::Rules;
use super::ty::{Record, Ty};
use super::version::{Target, Version};
use crate::base::{Name, Span};

/// What a step takes and gives.
#[derive(Debug)]
pub struct StepSig {
    pub name: Name,
    pub span: Span,
    pub doc: Option<Arc<str>>,
    pub rules: Rules,
    pub settings: Arc<Record>,
    pub outputs: Arc<Record>,
    /// Whether all about it is known, as of the steps of the library; a program's own may do anything.
    pub is_library: bool,
}

/// What a block of a kind takes, and the type of the value that it stands for.
#[derive(Debug)]
pub struct KindSig {
    pub name: Name,
    pub span: Span,
    pub doc: Option<Arc<str>>,
    pub rules: Rules,
    pub settings: Arc<Record>,
    pub value: Option<Ty>,
    /// What it is where this setting is given.
    pub value_with: Option<(Name, Ty)>,
}

/// What a function takes and gives.
#[derive(Debug)]
pub struct FunctionSig {
    pub name: Name,
    pub span: Span,
    pub doc: Option<Arc<str>>,
    pub rules: Rules,
    pub parameters: Arc<Record>,
    pub result: Ty,
}

/// Where an expression will be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Config,
    Vars,
    If,
    Verification,
    Warehouse,
    Measurement,
}

#[derive(Clone, Debug)]
pub enum Signature {
    Step(Arc<StepSig>),
    Kind(Arc<KindSig>),
    Function(Arc<FunctionSig>),
}

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Place::Config => "config",
            Place::Vars => "vars",
            Place::If => "if",
            Place::Verification => "verification",
            Place::Warehouse => "warehouse",
            Place::Measurement => "measurement",
        }
    }

    /// In words, for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Place::Config => "in the settings of a step",
            Place::Vars => "in a variable",
            Place::If => "in a condition",
            Place::Verification => "in arguments of a verification",
            Place::Warehouse => "in a warehouse",
            Place::Measurement => "in a measurement",
        }
    }
}

impl FunctionSig {
    /// Whether it may be called at a place, in all versions.
    pub fn allowed_at(&self, place: Place, target: &Target) -> bool {
        let named = |name: &Name| name == place.name();
        // Another system evaluates it, which knows what it is said to know and nothing else.
        if place == Place::Measurement {
            return self.rules.also.iter().any(named) || self.rules.places.iter().any(|(name, ..)| named(name));
        }
        self.rules.places.is_empty()
            || self.rules.places.iter().any(|(name, since, until)| name == place.name() && target.all_have(*since, *until))
    }

    /// The version since when it may be called at a place, and one of the target's that is older.
    pub fn too_new_at(&self, place: Place, target: &Target) -> Option<(Version, Version)> {
        let rows = self.rules.places.iter().filter(|(name, ..)| name == place.name());
        rows.filter_map(|(_, since, _)| *since).find_map(|since| Some((since, target.before(since)?)))
    }
}

impl StepSig {
    /// Whether the step may end as skipped by itself.
    pub fn may_skip(&self, target: &Target) -> bool {
        self.rules.skips.as_ref().is_some_and(|(since, _)| target.some_has(*since, None))
    }

    /// Whether a result is there although the step skipped itself.
    pub fn keeps(&self, output: &str) -> bool {
        self.rules.skips.as_ref().is_some_and(|(_, keeps)| keeps.iter().any(|name| name == output))
    }

    /// Whether it changes anything that outlives the promotion's working directory.
    pub fn has_lasting_effect(&self) -> bool {
        self.rules.effects.iter().any(|effect| effect != "files")
    }
}
