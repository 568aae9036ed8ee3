//! The words of the language itself, each with what it does.

/// What a word means, where it is not a name.
pub(super) fn explain(word: &str) -> Option<&'static str> {
    Some(match word {
        "let" => {
            "Gives a name to a value, or to the result of a step. It is never emitted; what it stands for is written where it is used."
        }
        "var" => "A variable of Kargo: it appears in the manifest, in the stage or in the promotion.",
        "target" => {
            "Which version of Kargo the manifests are for: `1.11`, `1.8.2`, or a range `1.8..1.11` for which they must be right on each."
        }
        "project" => "A Kargo project, and the namespace of what stands in it. Without braces the rest of the file belongs to it.",
        "stage" => "A Kargo stage: its slots say what freight it holds, `promote` what runs when freight is promoted to it.",
        "slot" => "What a stage holds: one piece of freight of one warehouse. With several slots none is sure to be filled.",
        "promote" => "The steps that run when freight is promoted to the stage.",
        "verify" => "The analyses that run after each promotion.",
        "flow" => "Fills the slots of stages: `flow app -> test -> prod`. The block behind a stage is about that stage's slot.",
        "any" => "Freight that one of the stages has verified.",
        "all" => "Freight that each of the stages has verified.",
        "require" => "Fails the promotion if a slot is empty; behind it the slot is sure.",
        "promoting" => "Whether this slot's freight triggered the promotion.",
        "try" => "If the step fails the promotion goes on as if it had been skipped; its result may be absent.",
        "retry" => "How often, and for how long, Kargo tries the step again.",
        "failure" => "`on failure { … }` runs if a step of the body fails that is not tried.",
        "finally" => "Runs at the end, however the others ended.",
        "task" => "A function over steps: a `PromotionTask` where Kargo can say it, and its steps in place elsewhere.",
        "cluster-task" => "A task of the whole cluster: a `ClusterPromotionTask`.",
        "template" => "Entries with parameters, known while compiling: a call makes projects, warehouses and stages.",
        "static" => "A parameter that must be known while compiling.",
        "use" => "Brings declarations of another folder, or of the library `\"std\"`.",
        "type" => "Gives a name to a type.",
        "raw" => "What Loadline does not say itself: an expression of Kargo, or fields of a block.",
        "ctx" => "What Kargo knows of the promotion: its stage, project, actor and so on.",
        _ => return None,
    })
}

/// The words that an entry of the top of a file begins with.
pub(super) const TOP: &[&str] = &["target", "project", "let", "task", "cluster-task", "template", "type", "use", "step", "kind"];
