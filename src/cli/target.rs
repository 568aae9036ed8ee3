//! The values of `--target`. Only what a version is called is looked at here, not what it can do.

use super::CannotRun;
use crate::base::Files;
use crate::library::{Library, Version};

/// Accepts `kargo=1.11`, `kargo=1.8.2` and `kargo=1.8..1.11` of versions that are known.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let Some((system, versions)) = text.split_once('=') else {
        return Err("write a name and a version, such as `kargo=1.11`".to_owned());
    };
    let library = Library::new(&mut Files::default());
    let Some(known) = library.versions(system) else {
        return Err(format!("no target is called `{system}`"));
    };
    let known: Vec<Version> = known.iter().map(|(_, version)| *version).collect();
    let (first, last) = versions.split_once("..").unwrap_or((versions, versions));
    let (first, last) = (known_version(first, &known)?, known_version(last, &known)?);
    if first.minor() > last.minor() {
        return Err(format!("the range `{versions}` is empty: {last} is older than {first}"));
    }
    Ok(text.to_owned())
}

/// Any patch of a known minor: new ones appear all the time.
fn known_version(text: &str, known: &[Version]) -> Result<Version, String> {
    let Some(version) = Version::parse(text) else {
        return Err(format!("`{text}` is no version such as `1.11` or `1.8.2`"));
    };
    if known.iter().any(|one| one.minor() == version.minor()) {
        return Ok(version);
    }
    let minors: Vec<String> = known.iter().map(|one| one.minor().to_string()).collect();
    Err(format!("the version {version} is not known; known are {}", minors.join(", ")))
}

/// Two versions of one system would contradict each other.
pub(super) fn distinct(targets: &[String]) -> Result<(), CannotRun> {
    let mut systems: Vec<&str> = targets.iter().filter_map(|target| target.split('=').next()).collect();
    systems.sort_unstable();
    let twice = systems.iter().zip(systems.iter().skip(1)).find(|(one, next)| one == next);
    twice.map_or(Ok(()), |(system, _)| {
        Err(CannotRun(format!("--target is given twice for `{system}`; a range such as `{system}=1.8..1.11` means both")))
    })
}
