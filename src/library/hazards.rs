//! What goes wrong, in some versions of the target, for those who use a thing: `@hazard` and `@changed`.

use std::sync::Arc;

use super::version::{Target, Version};
use crate::base::Name;
use crate::diag::Check;

/// A fault of some versions, or a meaning that changed, and what to do about it.
#[derive(Clone, Debug)]
pub struct Hazard {
    /// Its name among the checks.
    pub check: Check,
    pub span: Range,
    /// What happens, as a sentence of its own.
    pub what: Arc<str>,
    /// What to write or install instead.
    pub instead: Arc<str>,
    pub only: Only,
}

/// When a hazard is one.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    /// In these versions, both included.
    Within(Option<Version>, Option<Version>),
    /// In a program for versions on both sides: the meaning changed with this one.
    Across(Version),
}

/// Which uses run into it.
#[derive(Clone, Debug)]
pub enum Only {
    All,
    /// A number above this.
    Above(i64),
    /// A text that fits this pattern.
    Matches(Arc<regex::bytes::Regex>),
    /// This value.
    Is(Name),
    /// In an object of its own that holds steps for others: what runs there does not see the stage. Where it can, the
    /// compiler writes such steps in the place of the call.
    InTask,
    /// A value that goes through a variable, since it calls functions of the target.
    InVariable,
}

/// How a target meets a hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// In this version of the target.
    In(Version),
    /// Not in the patch that the target means, but in earlier ones of the same minor, up to this one.
    Earlier(Version),
    Not,
}

impl Hazard {
    pub fn met_by(&self, target: &Target) -> Met {
        match self.span {
            Range::Within(since, until) => match target.first_within(since, until) {
                Some(version) => Met::In(version),
                None => until.and_then(|until| target.earlier_patch(since, until)).map_or(Met::Not, Met::Earlier),
            },
            Range::Across(version) => match (target.before(version), target.reached(version)) {
                (Some(before), Some(_)) => Met::In(before),
                _ => Met::Not,
            },
        }
    }
}
