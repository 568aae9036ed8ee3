//! A program that loses one guard, one `?.`, one `require` or one origin is refused by `check`; or it does no harm: no
//! step meets an error that the whole program does not meet.

use std::collections::{BTreeMap, HashSet};

use crate::engine::Engine;
use crate::generator::Stock;
use crate::generator::text::{Node, written};
use crate::promote::troubles;
use crate::sound::{EDITIONS, analysis, errors};

struct Mutant {
    lost: &'static str,
    nodes: Vec<Node>,
}

/// All programs that have lost one thing.
fn mutants(nodes: &[Node]) -> Vec<Mutant> {
    let mut out = Vec::new();
    for at in 0..nodes.len() {
        let put = |by: Vec<Node>| {
            let mut changed = nodes.to_vec();
            changed.splice(at..=at, by);
            changed
        };
        match &nodes[at] {
            Node::Line(text) => {
                for (lost, line) in lines(text) {
                    out.push(Mutant { lost, nodes: put(line.map(Node::Line).into_iter().collect()) });
                }
            }
            Node::Block { head, body, otherwise, guard } => {
                let keep = |head: &str, body: Vec<Node>, otherwise: Option<Vec<Node>>| {
                    put(vec![Node::Block { head: head.to_owned(), body, otherwise, guard: *guard }])
                };
                let fails = body.iter().any(|node| matches!(node, Node::Line(text) if text.starts_with("fail")));
                if *guard {
                    out.push(Mutant { lost: "guard", nodes: put(if fails { Vec::new() } else { body.clone() }) });
                }
                for (_, head) in lines(head).into_iter().filter_map(|(lost, line)| line.map(|line| (lost, line))) {
                    out.push(Mutant { lost: "?.", nodes: keep(&head, body.clone(), otherwise.clone()) });
                }
                out.extend(
                    mutants(body).into_iter().map(|inner| Mutant { lost: inner.lost, nodes: keep(head, inner.nodes, otherwise.clone()) }),
                );
                for inner in otherwise.iter().flat_map(|nodes| mutants(nodes)) {
                    out.push(Mutant { lost: inner.lost, nodes: keep(head, body.clone(), Some(inner.nodes)) });
                }
            }
        }
    }
    out
}

/// A line without one of its `?.`, or its origin; `None` instead of a `require`.
fn lines(text: &str) -> Vec<(&'static str, Option<String>)> {
    let mut out = Vec::new();
    if text.starts_with("require ") {
        out.push(("require", None));
    }
    if let Some((slot, _)) = text.split_once(" = ").filter(|_| text.starts_with("slot ")) {
        out.push(("origin", Some(slot.to_owned())));
    }
    // What a file or an answer has only its author can know.
    let is_known = |at: &usize| !["file", "doc-1", "values", "response.body"].iter().any(|seen| text[..*at].ends_with(seen));
    for at in text.match_indices("?.").map(|(at, _)| at).filter(is_known) {
        out.push(("?.", Some(format!("{}{}", &text[..at], &text[at + 1..]))));
    }
    out
}

#[test]
fn what_loses_a_guard_is_refused_or_harmless() {
    let stock = Stock::new();
    let mut harmful = Vec::new();
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for edition in EDITIONS {
        let version = edition.target;
        let mut engine = Engine::start(&stock, edition.ends[0]);
        for seed in edition.seeds().step_by(4) {
            let program = stock.program(seed, version);
            let whole = analysis(&program.text());
            if !errors(&whole).is_empty() {
                continue;
            }
            let mut known: Option<HashSet<String>> = None;
            for mutant in mutants(&program.nodes).into_iter().take(30) {
                let text = written(&mutant.nodes);
                let changed = analysis(&text);
                let (made, refused, harmed) = counts.entry(mutant.lost).or_default();
                *made += 1;
                if !errors(&changed).is_empty() {
                    *refused += 1;
                    continue;
                }
                let Some(engine) = engine.as_mut() else { continue };
                let before = known.get_or_insert_with(|| troubles(engine, &whole, seed, 6));
                if let Some(trouble) = troubles(engine, &changed, seed, 6).difference(before).next() {
                    *harmed += 1;
                    harmful.push(format!("seed {seed}, {version}, lost a {}: {trouble}\n{text}", mutant.lost));
                }
            }
        }
    }
    for (lost, (made, refused, harmed)) in &counts {
        println!("{made} programs lost a {lost}: {refused} refused, {harmed} harmful");
    }
    assert!(counts.values().any(|(_, refused, _)| *refused > 0), "no mutant was refused: {counts:?}");
    harmful.sort_by_key(String::len);
    assert!(harmful.is_empty(), "{} do harm:\n{}", harmful.len(), harmful[..harmful.len().min(4)].join("\n"));
}
