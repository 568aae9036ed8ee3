//! Where the library differs from the official data and means to. A row that is no longer true fails the test.

use super::report::Deliberate;

const SELECTOR: &str = "Kubernetes refuses such a requirement when it uses it";
const BLANK: &str = "Kargo takes an empty text for an absent one; a program leaves the setting out";
const EMPTY: &str = "Kargo says so of the selector, and takes an empty list beside labels";
const WEBHOOK: &str = "Kargo's webhook refuses it";
const SCALARS: &str = "Kargo writes nothing but scalars";
const SECRET: &str = "the name is optional for reasons of history; a reference without one never works";
const FLOW: &str = "made from flows and slots";

/// Steps, in the schemas as well as in the list of their history.
const STEPS: &[Deliberate] = &[
    Deliberate::new("argocd-update apps[].selector", "together, with blanks: looser", EMPTY),
    Deliberate::new("argocd-update apps[].selector.matchExpressions[]", "together, with blanks: stricter", BLANK),
    Deliberate::new("argocd-update apps[].selector.matchExpressions[]", "together: stricter", SELECTOR),
    Deliberate::new("argocd-update apps[].selector.matchExpressions[].key", "length: stricter", SELECTOR),
    Deliberate::new("argocd-update apps[].sources[].kustomize.images[]", "together, with blanks: stricter", BLANK),
    Deliberate::new("argocd-wait apps[].selector", "together, with blanks: looser", EMPTY),
    Deliberate::new("argocd-wait apps[].selector.matchExpressions[]", "together, with blanks: stricter", BLANK),
    Deliberate::new("argocd-wait apps[].selector.matchExpressions[]", "together: stricter", SELECTOR),
    Deliberate::new("argocd-wait apps[].selector.matchExpressions[].key", "length: stricter", SELECTOR),
    Deliberate::new("compose-output ", "size: looser", "said of the step as a whole"),
    Deliberate::new("git-clone checkout[]", "together, with blanks: stricter", BLANK),
    Deliberate::new("git-merge-pr pollInterval", "pattern: stricter", "the official pattern looks for a duration anywhere in the text"),
    Deliberate::new("git-push ", "together, with blanks: stricter", BLANK),
    Deliberate::new("git-tag ", "open: stricter", "Kargo drops what it does not know without a word"),
    Deliberate::new("git-wait-for-pr pollInterval", "pattern: stricter", "the official pattern looks for a duration anywhere in the text"),
    Deliberate::new("github-push ", "together, with blanks: stricter", BLANK),
    Deliberate::new("http ", "together, with blanks: stricter", "without `successExpression` such a step can never succeed"),
    Deliberate::new("http ", "together: stricter", "without `successExpression` such a step can never succeed"),
    Deliberate::new("http pollInterval", "pattern: stricter", "the official pattern looks for a duration anywhere in the text"),
    Deliberate::new("http timeout", "pattern: stricter", "the official pattern looks for a duration anywhere in the text"),
    Deliberate::new("http-download timeout", "pattern: stricter", "the official pattern looks for a duration anywhere in the text"),
    Deliberate::new("kustomize-set-image images[].digest", "blank: stricter", BLANK),
    Deliberate::new("kustomize-set-image images[].tag", "blank: stricter", BLANK),
    Deliberate::new("yaml-merge inFiles[]", "blank: stricter", "Kargo would look for a file without a name"),
];

/// What the schemas alone say.
const SCHEMAS: &[Deliberate] = &[
    Deliberate::new("json-update updates[].value", "type: stricter", SCALARS),
    Deliberate::new("toml-update updates[].value", "type: stricter", SCALARS),
    Deliberate::new("yaml-update updates[].value", "type: stricter", SCALARS),
];

/// What the history alone says.
const HISTORY: &[Deliberate] =
    &[Deliberate::new("git-open-pr createTargetBranch", "deprecated", "it never did anything: a check of its own, in all versions")];

/// Kinds.
const KINDS: &[Deliberate] = &[
    Deliberate::new("*elector.matchExpressions[]", "together: stricter", SELECTOR),
    Deliberate::new("*elector.matchExpressions[]", "together, with blanks: stricter", BLANK),
    Deliberate::new("*elector.matchExpressions[].key", "blank: stricter", SELECTOR),
    Deliberate::new("*elector.matchExpressions[].key", "length: stricter", SELECTOR),
    Deliberate::new("*elector.matchExpressions[].operator", "values: stricter", SELECTOR),
    Deliberate::new("ProjectConfig.promotionPolicies[].stageSelector.name", "pattern: stricter", WEBHOOK),
    Deliberate::new("*.secretRef.name", "required: stricter", SECRET),
    Deliberate::new("*.secretRef.name", "blank: stricter", SECRET),
    Deliberate::new("*.secretRef.name", "length: stricter", SECRET),
    Deliberate::new(
        "ProjectConfig.webhookReceivers[]",
        "together: stricter",
        "the webhook refuses two types, of harbor by mistake not; without one there is no endpoint",
    ),
    Deliberate::new("*.actions[].targetSelectionCriteria[]", "together: stricter", WEBHOOK),
    Deliberate::new("*.indexSelector.matchIndices[].operator", "values: stricter", "Kargo knows no others"),
    Deliberate::new("Warehouse.subscriptions[].chart.semverConstraint", "pattern: stricter", WEBHOOK),
    Deliberate::new("Warehouse.subscriptions[].git.semverConstraint", "pattern: stricter", WEBHOOK),
    Deliberate::new("Warehouse.subscriptions[].git.allowTags", "lacking", "nothing is found any more where it is given").only("1.11.2"),
    Deliberate::new("Warehouse.subscriptions[].git.ignoreTags", "lacking", "nothing is found any more where it is given").only("1.11.2"),
    Deliberate::new("Warehouse.subscriptions[].image.allowTags", "lacking", "nothing is found any more where it is given").only("1.11.2"),
    Deliberate::new("Warehouse.subscriptions[].image.ignoreTags", "lacking", "nothing is found any more where it is given").only("1.11.2"),
    Deliberate::new("Warehouse.subscriptions[].image", "together: stricter", WEBHOOK).only("1.11.2"),
    Deliberate::new("Warehouse.subscriptions[].image.repoURL", "pattern: stricter", "no registry takes capitals in a repository"),
    Deliberate::new("Warehouse.subscriptions[].image.platform", "blank: stricter", BLANK).only("1.5.3 1.8.14"),
    Deliberate::new("Warehouse.subscriptions[].image.platform", "pattern: stricter", WEBHOOK).only("1.5.3 1.8.14"),
    Deliberate::new("Warehouse.subscriptions[].image.platform", "pattern: looser", "no one runs this schema; the webhook takes a variant")
        .only("1.11.2"),
];

const LEFT_OUT: &str = "a program leaves the setting out";
const JOB: &str = "of the many settings of Kubernetes only those are known that matter most";

/// Kinds of other systems.
const OTHERS: &[Deliberate] = &[
    Deliberate::new("AppProject.sourceIntegrity.git.policies[].gpg.mode", "values: stricter", "Argo CD knows no others"),
    Deliberate::new("AppProject.syncWindows[].kind", "values: stricter", "Argo CD knows no others"),
    Deliberate::new("*.metrics[].initialDelay", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.metrics[].interval", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.cloudWatch.interval", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.datadog.interval", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.skywalking.interval", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.rangeQuery.step", "blank: stricter", LEFT_OUT),
    Deliberate::new("*.metrics[].name", "lacking", "the name of the block"),
    Deliberate::new("*.metrics[].provider", "together: stricter", "Argo Rollouts asks for exactly one"),
    Deliberate::new("*.metrics[].provider", "together, with blanks: stricter", "Argo Rollouts asks for exactly one"),
    Deliberate::new("*.provider.web", "together: stricter", "Argo Rollouts refuses both"),
    Deliberate::new("*.provider.web", "together, with blanks: stricter", "Argo Rollouts refuses both"),
    Deliberate::new("*.job.spec", "open: looser", JOB),
    Deliberate::new("*.job.spec.template.spec", "open: looser", JOB),
    Deliberate::new("*.job.spec.template.spec.containers[]", "open: looser", JOB),
    Deliberate::new("*.job.spec.template.spec.restartPolicy", "values: stricter", "Kubernetes takes no other in a Job"),
    Deliberate::new("Application.destination", "together: stricter", "Argo CD refuses both"),
    Deliberate::new("Application.destination", "together, with blanks: stricter", "a program leaves one out"),
];

/// Places that the compiler fills from the structure of a program.
const STRUCTURE: &[Deliberate] = &[
    Deliberate::new("Project.promotionPolicies", "lacking", "deprecated: policies go to the ProjectConfig").only("1.5.3"),
    Deliberate::new("Stage.promotionTemplate", "lacking", "made from `promote`"),
    Deliberate::new("Stage.requestedFreight[].origin", "lacking", FLOW),
    Deliberate::new("Stage.requestedFreight[].sources.availabilityStrategy", "lacking", FLOW),
    Deliberate::new("Stage.requestedFreight[].sources.direct", "lacking", FLOW),
    Deliberate::new("Stage.requestedFreight[].sources.stages", "lacking", FLOW),
    Deliberate::new("Stage.vars", "lacking", "a program has its own variables"),
    Deliberate::new("Stage.verification.analysisTemplates", "lacking", "made from `verify`"),
    Deliberate::new("Stage.verification.args", "lacking", "made from `verify`"),
];

/// For the comparison with the schemas of steps.
pub(super) fn in_schemas() -> Vec<Deliberate> {
    steps().chain(SCHEMAS.iter().copied()).collect()
}

/// For the comparison with the history of the steps.
pub(super) fn in_history() -> Vec<Deliberate> {
    steps().chain(HISTORY.iter().copied()).collect()
}

/// For the comparison with the schema of Argo Workflows.
pub(super) const IN_WORKFLOWS: &[Deliberate] = &[
    Deliberate::new("*.container.image", "required: looser", "`templateDefaults` may have it"),
    Deliberate::new("*.outputs.exitCode", "lacking", "written by the controller"),
    Deliberate::new("*.outputs.result", "lacking", "written by the controller"),
];

/// For the comparison with the definitions.
pub(super) fn in_definitions() -> Vec<Deliberate> {
    KINDS.iter().chain(OTHERS).chain(STRUCTURE).copied().collect()
}

fn steps() -> impl Iterator<Item = Deliberate> {
    STEPS.iter().copied()
}
