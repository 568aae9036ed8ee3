//! The matrix for people: who, where, what, whether, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::{Program, first_of, how, printable, where_, why_unknown, word};
use crate::access::{Account, Need, Verdict};
use crate::base::Name;
use crate::rbac::{Scope, Subject};

/// No line is longer, unless one word is.
const WIDTH: usize = 100;
/// Under the permissions.
const INDENT: usize = 15;
/// So many places of one reason are told.
const PLACES: usize = 4;

/// The table of some programs. It ends with a line that counts.
pub fn table(programs: &[Program<'_>], colours: bool) -> String {
    let mut out = String::new();
    let mut counted: BTreeMap<(&Subject, &Option<Scope>, String), &'static str> = BTreeMap::new();
    for program in programs {
        for (subject, title, sections) in subjects(*program) {
            let heading = if title.is_empty() { subject.to_string() } else { format!("{subject}, {title}") };
            wrapped(&mut out, &paint(&printable(&heading), "1", colours), 0, 2);
            for (scope, rows) in sections {
                out.push_str(&format!("  {}\n", printable(&where_(scope.as_ref()))));
                rows.iter().for_each(|row| row.write(&mut out, colours));
            }
            out.push('\n');
        }
        for need in &program.access.needs {
            let known = counted.entry((&need.subject, &need.scope, need.atom.to_string())).or_insert("granted");
            if rank(word(&need.verdict)) < rank(known) {
                *known = word(&need.verdict);
            }
        }
    }
    out.push_str(&summary(counted.values().copied()));
    out
}

/// One line for each need, as reports have them.
pub fn lines(programs: &[Program<'_>]) -> String {
    let mut out = String::new();
    for program in programs {
        for need in &program.access.needs {
            let place = program.files.line_column(need.at.file, need.at.start);
            let path = program.files.path(need.at.file);
            let what = format!("{} {} may {}", need.subject, where_(need.scope.as_ref()), need.atom);
            let line = format!("{path}:{}:{}: {}: {what}: {}", place.line, place.column, word(&need.verdict), reason(*program, need));
            out.push_str(&printable(&line));
            out.push('\n');
        }
    }
    out
}

/// What the verdict comes from.
fn reason(program: Program<'_>, need: &Need) -> String {
    match &need.verdict {
        Verdict::Granted(grant) => format!("by {}", program.grant(grant)),
        Verdict::Missing { near, setting, version } => {
            let near = match near {
                Some(near) => format!("near: {} by {}: {}", near.granted, program.grant(&near.by), how(near)),
                None => "nothing that is granted comes near".to_owned(),
            };
            let setting = setting.as_ref().map(|setting| format!("; installed with {setting} it is granted")).unwrap_or_default();
            let version = version.as_ref().map(|version| format!("; on {version}, not on every version")).unwrap_or_default();
            format!("{near}{setting}{version}")
        }
        Verdict::Unknown(unknown) => why_unknown(unknown),
    }
}

/// Permissions with one verdict, which are needed in the same places for the same reasons.
struct Row {
    verdict: &'static str,
    permissions: Vec<String>,
    details: Vec<String>,
}

type Sections = Vec<(Option<Scope>, Vec<Row>)>;

/// Everybody who needs something, with the places where.
fn subjects<'p>(program: Program<'p>) -> Vec<(&'p Subject, String, Sections)> {
    let mut needs: BTreeMap<&Subject, BTreeMap<&Option<Scope>, Vec<&Need>>> = BTreeMap::new();
    for need in &program.access.needs {
        needs.entry(&need.subject).or_default().entry(&need.scope).or_default().push(need);
    }
    let one = |(subject, scopes): (&'p Subject, BTreeMap<&Option<Scope>, Vec<&Need>>)| {
        let titles: BTreeSet<&str> = scopes.values().flatten().map(|need| &*need.title).collect();
        let account = program.access.accounts.iter().find(|account| account.subject() == *subject);
        let title = account.map_or_else(|| titles.into_iter().collect::<Vec<_>>().join(", "), title);
        let sections = scopes.into_iter().map(|(scope, needs)| (scope.clone(), rows(program, &needs))).collect();
        (subject, title, sections)
    };
    needs.into_iter().map(one).collect()
}

/// Who has a role of the program.
fn title(account: &Account) -> String {
    let claim = |(claim, values): &(Name, Vec<Name>)| {
        let values: Vec<&str> = values.iter().map(Name::as_str).collect();
        format!("{claim}: {}", values.join(" or "))
    };
    match account.claims.iter().map(claim).collect::<Vec<_>>() {
        claims if claims.is_empty() => "a machine".to_owned(),
        claims => format!("people with {}", claims.join(", ")),
    }
}

/// For what reason a permission is needed, and where.
type Uses = BTreeSet<(String, String)>;

/// What has the same verdict for the same reason stands together.
fn rows(program: Program<'_>, needs: &[&Need]) -> Vec<Row> {
    let mut atoms: BTreeMap<(&'static str, String, &str, String), Uses> = BTreeMap::new();
    for need in needs {
        let name = need.atom.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        let resource = need.atom.resource_spelling() + &name;
        let key = (word(&need.verdict), resource, need.atom.verb.as_str(), reason(program, need));
        atoms.entry(key).or_default().insert((need.feature(), program.place(need.at)));
    }
    let mut grouped: BTreeMap<(&'static str, Uses, String), BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for ((verdict, resource, verb, reason), uses) in atoms {
        grouped.entry((verdict, uses, reason)).or_default().entry(resource).or_default().push(verb);
    }
    let row = |((verdict, uses, reason), resources): ((&'static str, Uses, String), BTreeMap<String, Vec<&str>>)| {
        let mut features: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (feature, place) in uses {
            features.entry(feature).or_default().push(place);
        }
        let told = features.iter().map(|(feature, places)| format!("{}: {feature}", first_of(places, PLACES)));
        let permissions = resources.into_iter().map(|(resource, verbs)| format!("{} {resource}", verbs.join(","))).collect();
        Row { verdict, permissions, details: told.chain([reason]).collect() }
    };
    let mut rows: Vec<Row> = grouped.into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| {
        let resources: Vec<&str> = row.permissions.iter().filter_map(|one| Some(one.split_once(' ')?.1)).collect();
        (rank(row.verdict), resources.join(" "), row.permissions.clone())
    });
    rows
}

/// What is wrong stands first.
fn rank(verdict: &str) -> u8 {
    match verdict {
        "missing" => 0,
        "unknown" => 1,
        _ => 2,
    }
}

impl Row {
    fn write(&self, out: &mut String, colours: bool) {
        let colour = match self.verdict {
            "missing" => "1;31",
            "unknown" => "1;33",
            _ => "32",
        };
        for (at, permission) in self.permissions.iter().enumerate() {
            let verdict = if at == 0 { paint(self.verdict, colour, colours) } else { " ".repeat(self.verdict.len()) };
            out.push_str(&format!("    {verdict}  {}\n", printable(permission)));
        }
        self.details.iter().for_each(|detail| wrapped(out, &printable(detail), INDENT, INDENT + 2));
    }
}

fn paint(text: &str, colour: &str, colours: bool) -> String {
    if colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A text in lines, the first one at `indent`, the others at `hanging`.
fn wrapped(out: &mut String, text: &str, indent: usize, hanging: usize) {
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(hanging);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

/// `12 permissions: 11 granted, 1 missing`, and what to do.
fn summary(verdicts: impl Iterator<Item = &'static str>) -> String {
    let verdicts: Vec<&str> = verdicts.collect();
    let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let parts: Vec<String> = ["granted", "missing", "unknown"]
        .into_iter()
        .map(|word| (count(word), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match parts.is_empty() {
        true => "no permissions are needed\n".to_owned(),
        false => format!("{} permission{}: {}\n", verdicts.len(), if verdicts.len() == 1 { "" } else { "s" }, parts.join(", ")),
    }
}
