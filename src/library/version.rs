//! Versions of a target system, and the set of them that a program is compiled for.

use std::fmt;

use crate::base::Name;

/// `1.8` names a whole minor, `1.8.2` one patch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    /// `None`: the minor as a whole.
    pub patch: Option<u32>,
}

impl Version {
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor, patch) = (parts.next()??, parts.next()??, parts.next());
        let patch = match patch {
            Some(patch) => Some(patch?),
            None => None,
        };
        parts.next().is_none().then_some(Version { major, minor, patch })
    }

    pub fn minor(self) -> Version {
        Version { patch: None, ..self }
    }

    /// Whether a thing that came with `since` is there.
    fn reaches(self, since: Version) -> bool {
        (self.major, self.minor, self.patch.unwrap_or(u32::MAX)) >= (since.major, since.minor, since.patch.unwrap_or(0))
    }

    /// Whether a thing that was last in `until` is still there; a minor includes all its patches.
    fn within(self, until: Version) -> bool {
        (self.major, self.minor, self.patch.unwrap_or(0)) <= (until.major, until.minor, until.patch.unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(out, ".{patch}"))
    }
}

/// The versions for which the output must be right: concrete patches, oldest first, never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// What people call the system: `Argo CD`.
    product: Name,
    versions: Vec<Version>,
    /// The minors that were named as a whole: their newest known patch stands among the versions.
    minors: Vec<Version>,
}

impl Target {
    pub fn new(product: Name, mut versions: Vec<Version>) -> Option<Target> {
        versions.sort_unstable();
        versions.dedup();
        (!versions.is_empty()).then_some(Target { product, versions, minors: Vec::new() })
    }

    /// One version of a system.
    pub fn at(product: Name, version: Version) -> Target {
        Target { product, versions: vec![version], minors: Vec::new() }
    }

    /// What people call the system, in messages.
    pub fn product(&self) -> &Name {
        &self.product
    }

    /// The same, where these minors were named as a whole.
    #[must_use]
    pub fn with_minors(self, minors: Vec<Version>) -> Target {
        Target { minors, ..self }
    }

    /// The minors that were named as a whole.
    pub fn minors(&self) -> &[Version] {
        &self.minors
    }

    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    pub fn newest(&self) -> Version {
        self.versions.last().copied().unwrap_or_default()
    }

    /// The first version that does not yet have what came with `since`.
    pub fn before(&self, since: Version) -> Option<Version> {
        self.versions.iter().copied().find(|version| !version.reaches(since))
    }

    /// The first version that no longer has what went after `until`.
    pub fn after(&self, until: Version) -> Option<Version> {
        self.versions.iter().copied().find(|version| !version.within(until))
    }

    /// Some version that has reached `since`, for removals and deprecations.
    pub fn reached(&self, since: Version) -> Option<Version> {
        self.versions.iter().copied().find(|version| version.reaches(since))
    }

    /// Whether something holds for each version by itself.
    pub fn each_has(&self, holds: impl Fn(&Target) -> bool) -> bool {
        let alone = |version| Target { product: self.product.clone(), versions: vec![version], minors: Vec::new() };
        self.versions.iter().all(|version| holds(&alone(*version)))
    }

    /// Whether every version has it.
    pub fn all_have(&self, since: Option<Version>, until: Option<Version>) -> bool {
        since.is_none_or(|since| self.before(since).is_none()) && until.is_none_or(|until| self.after(until).is_none())
    }

    /// Whether some version has it.
    pub fn some_has(&self, since: Option<Version>, until: Option<Version>) -> bool {
        self.first_within(since, until).is_some()
    }

    /// The first version that has it.
    pub fn first_within(&self, since: Option<Version>, until: Option<Version>) -> Option<Version> {
        let has = |version: &Version| since.is_none_or(|since| version.reaches(since)) && until.is_none_or(|until| version.within(until));
        self.versions.iter().copied().find(has)
    }

    /// The last patch that had it, of a minor that was named as a whole and whose newest patch has it no more.
    pub fn earlier_patch(&self, since: Option<Version>, until: Version) -> Option<Version> {
        until.patch?;
        let began = since.is_none_or(|since| until.reaches(since));
        (began && self.minors.contains(&until.minor())).then_some(until)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.versions.first(), self.versions.last()) {
            (Some(first), Some(last)) if first == last => write!(out, "{}", first.minor()),
            (Some(first), Some(last)) => write!(out, "{}..{}", first.minor(), last.minor()),
            _ => Ok(()),
        }
    }
}

/// What a program is for: the main system, and each other that the library knows.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    main: Target,
    /// By its name; and whether the program says so, or the newest version was taken.
    others: Vec<(Name, Target, bool)>,
}

impl Targets {
    pub fn new(main: Target, others: Vec<(Name, Target, bool)>) -> Targets {
        Targets { main, others }
    }

    pub fn main(&self) -> &Target {
        &self.main
    }

    /// The versions that count for what belongs to a system; without one, or for one that is not known, the main system's.
    pub fn of(&self, system: Option<&Name>) -> &Target {
        self.other(system).map_or(&self.main, |(_, target, _)| target)
    }

    /// Whether the program says which versions these are.
    pub fn says(&self, system: &Name) -> bool {
        self.other(Some(system)).is_none_or(|(_, _, is_said)| *is_said)
    }

    /// The targets of the other systems that the program is for, by their names.
    pub fn others(&self) -> impl Iterator<Item = (&Name, &Target)> {
        self.others.iter().filter(|(_, _, is_said)| *is_said).map(|(name, target, _)| (name, target))
    }

    fn other(&self, system: Option<&Name>) -> Option<&(Name, Target, bool)> {
        self.others.iter().find(|(name, ..)| Some(name) == system)
    }
}
