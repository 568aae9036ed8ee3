//! A script that asks a cluster: whether all is granted that is needed, and refused what no role says.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};

use super::{Program, printable};
use crate::access::{Access, Refused, Unknown, Verdict};
use crate::base::Name;
use crate::rbac::{Atom, Scope, Subject, can_i, quoted};

const HEAD: &str = r#"#!/bin/sh
# Written by loadline rbac --verify. Asks the cluster of the current context, and changes nothing in it. Whoever runs it must
# be allowed to impersonate the users and groups that it asks for.
#
# KUBECTL        what is called instead of kubectl; with arguments, such as "kubectl --context prod"
# OIDC_PREFIX    what the API server puts before names of users and groups of people
#
# It ends with 0 if every answer is as expected, with 1 if one is not, and with 2 if the cluster could not be asked.
set -u
asked=0
wrong=0
failed=0

# expect yes|no WORDS...
expect() {
  wanted=$1
  shift
  asked=$((asked + 1))
  # Without quotes: it may have arguments.
  answer=$(${KUBECTL:-kubectl} auth can-i "$@" 2>&1)
  # Warnings may stand before the answer.
  last=$(printf '%s\n' "$answer" | tail -n 1)
  case $last in
    "$wanted" | "$wanted "*) return ;;
    yes | no | "no "*)
      wrong=$((wrong + 1))
      printf '%s, but %s is expected:' "$last" "$wanted"
      ;;
    *)
      failed=$((failed + 1))
      printf 'no answer, but %s:' "$last"
      ;;
  esac
  printf " '%s'" "$@"
  printf '\n'
}

# person NAME WORDS...: neither the user nor the group of that name may do it
person() {
  name=${OIDC_PREFIX:-}$1
  shift
  expect no "$@" "--as=$name" "--as-group=$name"
}
"#;

const END: &str = r#"
printf '%s questions, %s answered otherwise than expected, %s not answered\n' "$asked" "$wrong" "$failed"
if [ "$failed" -gt 0 ]; then exit 2; fi
if [ "$wrong" -gt 0 ]; then exit 1; fi
"#;

/// The script for some programs.
pub fn script(programs: &[Program<'_>]) -> String {
    let mut out = String::from(HEAD);
    for access in programs.iter().map(|program| program.access) {
        let people = mapped(access);
        let by_people = people.keys().copied().collect();
        needed(access, &people, &by_people, &mut out);
        refused(access, &people, &by_people, &mut out);
        if access.unasked > 0 {
            remark(&format!("Left out: {} more questions of the kind above, for more objects.", access.unasked), &mut out);
        }
    }
    out.push_str(END);
    out
}

/// Accounts that stand for people, and which.
type Mapped<'p> = IndexMap<&'p Subject, Vec<String>>;

fn mapped(access: &Access) -> Mapped<'_> {
    let mut out = Mapped::new();
    for ((claim, value), accounts) in &access.people {
        for account in accounts {
            out.entry(account).or_default().push(format!("{claim}: {value}"));
        }
    }
    out
}

/// What must be allowed. What only the promotion knows cannot be asked.
fn needed(access: &Access, people: &Mapped<'_>, by_user: &BTreeSet<&Subject>, out: &mut String) {
    let mut questions: IndexMap<&Subject, IndexSet<String>> = IndexMap::new();
    let mut open = 0;
    for need in &access.needs {
        let is_dynamic = matches!(need.verdict, Verdict::Unknown(Unknown::Dynamic));
        match need.scope.as_ref().filter(|_| !is_dynamic) {
            Some(scope) => {
                let line = format!("expect yes {}", words(&need.subject, scope, &need.atom, by_user));
                questions.entry(&need.subject).or_default().insert(line);
            }
            None => open += 1,
        }
    }
    questions.sort_keys();
    for (subject, lines) in questions {
        out.push('\n');
        heading(subject, people, "must be allowed", out);
        push_lines(lines.iter(), out);
    }
    if open > 0 {
        remark(&format!("Not asked: {open} permissions whose name or namespace only the promotion knows."), out);
    }
}

/// What must not be allowed.
fn refused(access: &Access, people: &Mapped<'_>, by_user: &BTreeSet<&Subject>, out: &mut String) {
    let mut questions: IndexMap<&Refused, Vec<String>> = IndexMap::new();
    for refusal in &access.refusals {
        let line = match &refusal.who {
            Refused::Account(subject) => format!("expect no {}", words(subject, &refusal.scope, &refusal.atom, by_user)),
            Refused::Person(_, value) => {
                let question: Vec<String> = can_i(&refusal.atom, Some(&refusal.scope)).iter().map(|word| quoted(word)).collect();
                format!("person {} {}", quoted(value), question.join(" "))
            }
        };
        questions.entry(&refusal.who).or_default().push(line);
    }
    for (who, lines) in questions {
        out.push('\n');
        match who {
            Refused::Account(subject) => heading(subject, people, "must not be allowed", out),
            Refused::Person(claim, value) => {
                remark(
                    &format!(
                        "People with {claim}: {value} have their roles only through the server that they log in to; by themselves they must not:"
                    ),
                    out,
                );
            }
        }
        push_lines(lines.iter(), out);
    }
}

fn heading(subject: &Subject, people: &Mapped<'_>, what: &str, out: &mut String) {
    let who = people.get(subject).map(|claims| format!(", for people with {},", claims.join(" or "))).unwrap_or_default();
    remark(&format!("{subject}{who} {what}:"), out);
}

fn push_lines<'l>(lines: impl Iterator<Item = &'l String>, out: &mut String) {
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
}

/// A comment that stays one.
fn remark(text: &str, out: &mut String) {
    out.push_str("# ");
    out.push_str(&printable(text));
    out.push('\n');
}

/// The words of a question, safe for a shell. For people a server asks by the name of the account alone, so that the groups
/// of the account do not count; without any group kubectl would add them.
fn words(subject: &Subject, scope: &Scope, atom: &Atom, by_user: &BTreeSet<&Subject>) -> String {
    let mut words = can_i(atom, Some(scope));
    match subject {
        Subject::Group(name) => words.extend([format!("--as={name}"), format!("--as-group={name}")]),
        subject => words.extend(subject.user().map(|user: Name| format!("--as={user}"))),
    }
    if by_user.contains(subject) {
        words.push("--as-group=system:authenticated".to_owned());
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}
