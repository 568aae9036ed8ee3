//! What is wrong with declared roles: names that do not exist, claims that nobody can have, names that a controller takes,
//! and what people may do that no role says.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::role_errors as errors;
use super::roles::{self, Account};
use crate::base::{Name, Span};
use crate::diag::{Diagnostic, nearest};
use crate::expand::{Instances, Object, ProjectInstance, visit_block};
use crate::library::Field;
use crate::rbac::Atom;
use crate::types::eval::{Env, eval};
use crate::types::index::Meaning;
use crate::types::tree::Expr;
use crate::types::{BlockItem, Value, World};

/// Checks the roles of all projects.
pub(super) fn check(world: &World<'_>, instances: &Instances<'_>, reports: &mut Vec<Diagnostic>) {
    for project in &instances.projects {
        let objects: Vec<&Object> = project.objects.iter().filter(|object| object.kind.rules.account).collect();
        if objects.is_empty() {
            continue;
        }
        for object in &objects {
            visit_block(&object.block.items, &object.env, &mut |item, env| {
                if let BlockItem::Setting { field, value, span } = item {
                    names(world, project, field, value, env, reports);
                    claims(world, field, &eval(value, env), *span, reports);
                }
            });
        }
        let known: Vec<(&Object, Account)> =
            objects.into_iter().filter_map(|object| Some((object, roles::account(world, project, object)?))).collect();
        for (object, account) in &known {
            reserved(object, account, reports);
            not_enforced(project, account, reports);
        }
        add_up(world, &known, reports);
    }
}

fn names(world: &World<'_>, project: &ProjectInstance<'_>, field: &Field, value: &Expr, env: &Env, reports: &mut Vec<Diagnostic>) {
    let Some((kind, _)) = &field.rules.objects else { return };
    let known = roles::known_objects(project, kind);
    for (name, at) in roles::named(value, env) {
        if let Some((_, declared)) = known.get(&name) {
            world.note(|index| index.refer(at, *declared, Meaning::object(kind)));
            continue;
        }
        let is_lost = world.is_lost(&name) || world.is_lost(kind);
        if is_lost || !world.first_report(format!("named {at:?} {name}")) {
            continue;
        }
        let mut own: Vec<&str> = known.keys().map(|own| own.as_str()).collect();
        own.sort_unstable();
        reports.push(errors::unknown(kind, &name, at, nearest(&name, own)));
    }
}

fn claims(world: &World<'_>, field: &Field, value: &Value, at: Span, reports: &mut Vec<Diagnostic>) {
    let Value::Record(record) = value else { return };
    if field.rules.claims.is_empty() {
        return;
    }
    if record.len() > 1 {
        let names: Vec<&str> = record.keys().map(|name| &**name).collect();
        reports.push(errors::several_claims(&names, at));
        return;
    }
    let target = world.targets.of(None);
    let old = field.rules.claims.iter().find(|form| !form.is_json && target.some_has(form.since, form.until));
    for (name, list) in record.iter() {
        let values: Vec<String> =
            crate::types::eval::items(list).iter().filter_map(|(_, text)| text.as_text().map(str::to_owned)).collect();
        let report = match old {
            _ if values.is_empty() => Some(errors::nobody(name, at)),
            Some(_) if !is_key(name) => Some(errors::claim_name(name, at)),
            Some(_) => values.iter().find(|value| value.contains(',')).map(|value| errors::comma(value, at)),
            None => None,
        };
        reports.extend(report);
    }
}

/// Whether it can be a part of the name of an annotation, behind `claim.`.
fn is_key(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    let fits = name.chars().all(|c| is_letter(c) || "-_.".contains(c));
    fits && name.len() <= 57 && name.ends_with(is_letter)
}

fn reserved(object: &Object, account: &Account, reports: &mut Vec<Diagnostic>) {
    let own = (!account.rules().is_empty()).then(|| account.name.clone());
    let bound = account.bound.iter().map(|(name, _)| name.clone());
    if let Some(name) = own.into_iter().chain(bound).find(|name| object.kind.rules.reserved.contains(name)) {
        reports.push(errors::reserved(&name, account.span));
    }
}

/// Settings that name some objects of a project, though the target cannot limit them to those.
fn not_enforced(project: &ProjectInstance<'_>, account: &Account, reports: &mut Vec<Diagnostic>) {
    for ability in account.abilities.iter().filter(|ability| !ability.is_limited) {
        let named: HashSet<&Name> = ability.names.iter().map(|(name, _)| name).collect();
        let others: Vec<&str> =
            project.stages.iter().map(|stage| &stage.cluster_name).filter(|name| !named.contains(name)).map(Name::as_str).collect();
        if !others.is_empty() {
            let changes = |atom: &&Atom| !["get", "list", "watch"].contains(&atom.verb.as_str());
            let (whole, each): (Vec<&Atom>, Vec<&Atom>) = ability.atoms.iter().filter(changes).partition(|atom| atom.name.is_none());
            let given: Vec<String> = whole.iter().map(ToString::to_string).collect();
            let each = each.first().map(|atom| atom.verb.as_str());
            reports.push(errors::not_enforced(&ability.setting, &given, each, &others, ability.at));
        }
    }
}

/// Objects, and the accounts that allow it for them together with another one.
type Together<'k> = (Vec<Name>, Vec<&'k Account>);

/// What is held by one account, or by somebody who is several.
struct Held<'k> {
    atoms: HashSet<&'k Atom>,
    account: &'k Account,
}

/// What a role allows beside what it says, and what two allow together: Kargo asks for each permission by itself, and it is
/// enough that one of somebody's accounts has it.
fn add_up(world: &World<'_>, known: &[(&Object, Account)], reports: &mut Vec<Diagnostic>) {
    let held: Vec<Held<'_>> = known
        .iter()
        .map(|(_, account)| Held { atoms: account.abilities.iter().flat_map(|ability| &ability.atoms).collect(), account })
        .collect();
    let Some((object, _)) = known.first() else { return };
    let probe = Name::new("*");
    let asked: Vec<(Name, Vec<Atom>)> = roles::limited(world.library, object)
        .into_iter()
        .map(|(field, found, why)| (field.name.clone(), roles::asked(world, found, &why, std::slice::from_ref(&probe))))
        .collect();
    let mut alone: Vec<HashSet<(&Name, Name)>> = Vec::new();
    for one in &held {
        let found = more_than_said(&[one], &asked, &probe);
        for (setting, stages) in by_setting(&found) {
            reports.push(errors::more_than_said(&one.account.name, setting, &stages, one.account.span));
        }
        alone.push(found);
    }
    for (at, second) in held.iter().enumerate().filter(|(_, one)| !one.account.claims.is_empty()) {
        let mut together: BTreeMap<(&Name, Name), Vec<&Account>> = BTreeMap::new();
        for (before, first) in held.iter().enumerate().take(at).filter(|(_, one)| !one.account.claims.is_empty()) {
            let known = |found: &(&Name, Name)| alone.get(at).into_iter().chain(alone.get(before)).any(|alone| alone.contains(found));
            for found in more_than_said(&[first, second], &asked, &probe).into_iter().filter(|found| !known(found)) {
                together.entry(found).or_default().push(first.account);
            }
        }
        let mut grouped: BTreeMap<(&Name, Vec<Span>), Together<'_>> = BTreeMap::new();
        for ((setting, stage), with) in together {
            let key = (setting, with.iter().map(|account| account.span).collect());
            grouped.entry(key).or_insert_with(|| (Vec::new(), with)).0.push(stage);
        }
        for ((setting, _), (stages, with)) in grouped {
            reports.push(errors::add_up(second.account, &with, setting, &stages));
        }
    }
}

/// The objects for which these accounts together allow what a setting allows, though none of them says so.
fn more_than_said<'k>(held: &[&Held<'k>], asked: &'k [(Name, Vec<Atom>)], probe: &Name) -> HashSet<(&'k Name, Name)> {
    let has = |atom: &Atom| held.iter().any(|one| one.atoms.contains(atom));
    let mut out = HashSet::new();
    for (setting, atoms) in asked {
        let (named, general): (Vec<&Atom>, Vec<&Atom>) = atoms.iter().partition(|atom| atom.name.as_ref() == Some(probe));
        if named.is_empty() || !general.iter().all(|atom| has(atom)) {
            continue;
        }
        let abilities = || held.iter().flat_map(|one| &one.account.abilities);
        // Nothing is named but by the setting itself.
        if abilities().all(|ability| ability.names.is_empty() || ability.setting == *setting) {
            continue;
        }
        let said: HashSet<&Name> =
            abilities().filter(|ability| ability.setting == *setting).flat_map(|ability| &ability.names).map(|(name, _)| name).collect();
        let others: BTreeSet<&Name> =
            abilities().flat_map(|ability| &ability.names).map(|(name, _)| name).filter(|name| !said.contains(name)).collect();
        for name in others {
            let with = |atom: &&Atom| Atom { name: Some(name.clone()), ..(**atom).clone() };
            if named.iter().all(|atom| has(&with(atom)) || has(&Atom { name: None, ..(**atom).clone() })) {
                out.insert((setting, name.clone()));
            }
        }
    }
    out
}

fn by_setting<'k>(found: &HashSet<(&'k Name, Name)>) -> BTreeMap<&'k Name, Vec<Name>> {
    let sorted: BTreeSet<&(&Name, Name)> = found.iter().collect();
    let mut out: BTreeMap<&Name, Vec<Name>> = BTreeMap::new();
    for (setting, name) in sorted {
        out.entry(setting).or_default().push(name.clone());
    }
    out
}
