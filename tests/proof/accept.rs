//! The official definitions take what generated programs become: schemas, rules in CEL, strictly.

use std::process::Command;

use loadline::emit;

use crate::generator::Stock;
use crate::sound::{EDITIONS, Edition, analysis, errors};

#[test]
fn the_official_definitions_take_the_manifests() {
    let (Some(judge), Some(shared)) = (std::env::var_os("PROOF_ACCEPT"), std::env::var("PROOF_SHARED").ok()) else { return };
    let stock = Stock::new();
    for edition in EDITIONS {
        let Edition { target, ends } = edition;
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for seed in edition.seeds() {
            let analysis = analysis(&stock.program(seed, target).text());
            if !errors(&analysis).is_empty() {
                continue;
            }
            let mut text = String::new();
            emit::stream(&analysis.documents(), &mut text);
            let file = folder.path().join(format!("{seed}.yaml"));
            std::fs::write(&file, text).unwrap();
            files.push(file);
        }
        for end in *ends {
            let mut command = Command::new(&judge);
            command.args(["check", "-crds"]).arg(format!("{shared}/data/crds/kargo-{end}"));
            if *end == "1.11" {
                command.arg("-subscriptions").arg(format!("{shared}/data/step-schemas/kargo-1.11/subscription"));
            }
            let output = command.args(&files).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "Kargo {end} refuses:\n{}{}",
                said.chars().take(4000).collect::<String>(),
                String::from_utf8_lossy(&output.stderr)
            );
            println!("Kargo {end}: {} programs for {target} accepted", files.len());
        }
    }
}
