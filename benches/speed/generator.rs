//! Programs of any size: the same delivery once from lists and `for`, once written out.

use std::fmt::Write;

/// `stages` stages in chains of ten, each with eight steps, from lists and loops.
pub(crate) fn looped(stages: usize) -> String {
    let chains = stages.div_ceil(10);
    let mut out = String::from(
        "target kargo 1.11\nproject bench {\n  promotionPolicies: [{ stageSelector: { name: \"glob:s-*\" }, autoPromotionEnabled: true }]\n",
    );
    let _ = writeln!(out, "  for chain in [{}] {{", (0..chains).map(|chain| format!("\"c{chain}\"")).collect::<Vec<_>>().join(", "));
    out.push_str("    warehouse \"w-${chain}\" { image { repoURL: \"ghcr.io/acme/${chain}\", constraint: \"^1.0.0\" } }\n");
    let names: Vec<String> = (0..10).map(|stage| format!("\"s-${{chain}}-{stage}\"")).collect();
    let _ = writeln!(out, "    flow \"w-${{chain}}\" -> {}", names.join(" -> "));
    out.push_str("    for n in [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"] {\n      stage \"s-${chain}-${n}\" {\n        slot it = \"w-${chain}\"\n");
    body(&mut out, "        ", "${chain}");
    out.push_str("      }\n    }\n  }\n}\n");
    out
}

/// The same, every stage by itself.
pub(crate) fn written_out(stages: usize) -> String {
    let chains = stages.div_ceil(10);
    let mut out = String::from("target kargo 1.11\nproject bench {\n");
    for chain in 0..chains {
        let _ = writeln!(out, "  warehouse w-c{chain} {{ image {{ repoURL: \"ghcr.io/acme/c{chain}\", constraint: \"^1.0.0\" }} }}");
        let names: Vec<String> = (0..10).map(|stage| format!("s-c{chain}-{stage}")).collect();
        let _ = writeln!(out, "  flow w-c{chain} -> {}", names.join(" -> "));
        for stage in 0..10 {
            let _ = writeln!(out, "  stage s-c{chain}-{stage} {{\n    slot it = w-c{chain}");
            body(&mut out, "    ", &format!("c{chain}"));
            out.push_str("  }\n");
        }
    }
    out.push_str("}\n");
    out
}

fn body(out: &mut String, margin: &str, chain: &str) {
    let steps = [
        "git-clone {".to_owned(),
        "  repoURL: \"https://github.com/acme/config.git\"".to_owned(),
        "  checkout: [{ branch: \"main\", path: \"./src\" }, { branch: \"stage/${ctx.stage}\", create: true, path: \"./out\" }]".to_owned(),
        "}".to_owned(),
        "git-clear { path: \"./out\" }".to_owned(),
        "kustomize-set-image { path: \"./src/base\", images: [{ image: it.image.repoURL, tag: it.image.tag }] }".to_owned(),
        "kustomize-build { path: \"./src/stages/${ctx.stage}\", outPath: \"./out\" }".to_owned(),
        format!("yaml-update {{ path: \"./out/values.yaml\", updates: [{{ key: \"{chain}.tag\", value: it.image.tag }}] }}"),
        "let commit = git-commit { path: \"./out\", message: \"Update ${it.image.repoURL} to ${it.image.tag} in ${ctx.stage}\" }".to_owned(),
        "let pushed = git-push { path: \"./out\" }".to_owned(),
        "argocd-update {".to_owned(),
        "  apps: [{ name: \"app-${ctx.stage}\", sources: [{ repoURL: \"https://github.com/acme/config.git\", desiredRevision: pushed.commit }] }]".to_owned(),
        "}".to_owned(),
    ];
    let _ = writeln!(out, "{margin}promote {{");
    for line in steps {
        let _ = writeln!(out, "{margin}  {line}");
    }
    let _ = writeln!(out, "{margin}}}");
}
