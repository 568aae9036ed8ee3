//! The table of all checks: name, severity, one line, page. A name is never reused and never renamed.

use super::Severity::{self, Error, Note, Warning};

/// What the table says about a check.
#[derive(Clone, Copy, Debug)]
pub struct CheckInfo {
    pub check: Check,
    pub name: &'static str,
    pub severity: Severity,
    pub summary: &'static str,
    /// The explanation in Markdown, with a bad and a good program; run by the tests.
    pub page: &'static str,
}

macro_rules! checks {
    ($($variant:ident, $name:literal, $severity:ident, $summary:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $($variant),* }

        /// Every check, in alphabetical order of their names.
        pub const CHECKS: &[CheckInfo] = &[$(CheckInfo {
            check: Check::$variant,
            name: $name,
            severity: $severity,
            summary: $summary,
            page: include_str!(concat!("../../docs/checks/", $name, ".md")),
        }),*];

        impl Check {
            /// The kebab-case name, as in `error[slot-may-be-missing]` and `@allow(slot-may-be-missing, "…")`.
            pub fn name(self) -> &'static str {
                match self { $(Check::$variant => $name),* }
            }
        }
    };
}

checks! {
    AppNotAuthorized, "app-not-authorized", Error, "an Application does not let a stage change it";
    AppprojectNotPermitted, "appproject-not-permitted", Error, "an Application says what its AppProject does not permit";
    ArgocdUpdateWaits, "argocd-update-waits", Warning, "an update of an Application that Kargo is not woken for";
    ArgocdWaitPanics, "argocd-wait-panics", Warning, "a Kargo whose `argocd-wait` may panic";
    ArtifactField, "artifact-field", Error, "a whole artifact stands where one of its fields is meant";
    ArtifactNotInWarehouse, "artifact-not-in-warehouse", Error, "a slot's warehouse has no such artifact";
    AvailabilityAnyVsAll, "availability-any-vs-all", Error, "several upstream stages, and not said whether one or all must have verified";
    ClusterTaskInlined, "cluster-task-inlined", Error, "a cluster task is called where Kargo cannot call it";
    AnalysisArgMismatch, "analysis-arg-mismatch", Error, "analyses of one stage that disagree about an argument";
    ConflictingSettings, "conflicting-settings", Error, "settings that exclude each other";
    ControlFlowStage, "control-flow-stage", Warning, "a setting that has no effect on a stage without steps";
    DangerousPermission, "dangerous-permission", Warning, "a rule of a role that allows more than it seems";
    DuplicateName, "duplicate-name", Error, "two things of one kind with one name";
    DuplicateStepAlias, "duplicate-step-alias", Error, "two steps of one promotion would have the same alias";
    DuplicateSubscription, "duplicate-subscription", Error, "one warehouse subscribes to a repository twice";
    FaultyPatch, "faulty-patch", Warning, "a patch of Kargo with faults that later patches have not";
    ForeignSyntax, "foreign-syntax", Error, "text in the syntax of Kargo's YAML";
    FreightNotRequested, "freight-not-requested", Error, "an upstream stage does not hold this freight";
    HealthCheckLost, "health-check-lost", Warning, "a promotion may end without the stage's health check";
    HttpBodyUntyped, "http-body-untyped", Warning, "an answer that an older Kargo does not read as JSON";
    IneffectiveRule, "ineffective-rule", Warning, "a rule of a role that allows nothing";
    Internal, "internal", Error, "a fault of loadline itself";
    InvalidName, "invalid-name", Error, "a name that Kubernetes or Kargo refuses";
    InvalidValue, "invalid-value", Error, "a value outside what the setting accepts";
    MatchUpstreamNeedsOneStage, "match-upstream-needs-one-stage", Error, "MatchUpstream where there is not exactly one upstream stage";
    MeaningChangesInRange, "meaning-changes-in-range", Warning, "something that means one thing at one end of the range and another at the other";
    MisplacedItem, "misplaced-item", Error, "something that cannot stand here";
    MissingArgument, "missing-argument", Error, "a task or function is called without something it needs";
    MissingProject, "missing-project", Error, "a stage, warehouse or task outside any project";
    MissingSetting, "missing-setting", Error, "a setting that must be given";
    MissingTarget, "missing-target", Error, "the program does not say which version it is for";
    NeverWorkedOption, "never-worked-option", Warning, "a setting that never had an effect";
    NotStatic, "not-static", Error, "a value that is known too late";
    NotSupportedYet, "not-supported-yet", Error, "a construct that this version does not compile";
    OlderPatch, "older-patch", Warning, "right on the newest patch of a minor, but not on every earlier one";
    PolicyUnknownStage, "policy-unknown-stage", Error, "a promotion policy for a stage that does not exist";
    PromotionMayDoNothing, "promotion-may-do-nothing", Warning, "a promotion that can succeed without doing anything";
    RawSyntax, "raw-syntax", Error, "a raw expression that Kargo cannot read";
    RbacMissingVerb, "rbac-missing-verb", Error, "somebody may not do what the program needs of them";
    RemovedInVersion, "removed-in-version", Error, "something that the target version no longer has";
    ReservedName, "reserved-name", Error, "a name that a controller keeps for objects of its own";
    ResultBeforeStep, "result-before-step", Error, "a result is read before its step";
    RolesAddUp, "roles-add-up", Warning, "two roles allow together what neither says";
    SecretInUrl, "secret-in-url", Warning, "a secret in a URL, which messages show";
    SecretLeak, "secret-leak", Error, "a secret would be stored or shown";
    SelectorNotWoken, "selector-not-woken", Warning, "Applications by their labels, which Kargo is not woken for";
    ServiceAccountNotGranted, "service-account-not-granted", Error, "pods run as an account that nothing grants what they need";
    SkippedStepOutput, "skipped-step-output", Error, "the result of a step that may be skipped";
    SlotBootstrapPanics, "slot-bootstrap-panics", Error, "several slots on a Kargo whose first promotion of such a stage fails";
    SlotFilledTwice, "slot-filled-twice", Error, "two flows fill one slot";
    SlotMayBeMissing, "slot-may-be-missing", Error, "a slot is read that may be empty";
    SoakHasNoEffect, "soak-has-no-effect", Error, "a soak time where nothing can soak";
    SshUrlDeprecated, "ssh-url-deprecated", Warning, "a Git repository by SSH, which goes away";
    StageCycle, "stage-cycle", Error, "stages that wait for each other";
    StageNeverFed, "stage-never-fed", Error, "a stage that can never receive freight";
    StageScopeNotEnforced, "stage-scope-not-enforced", Warning, "a role allows more than the stages it names";
    StatusNeverFailed, "status-never-failed", Warning, "a condition asks for a status that no step has in these versions";
    SyntaxError, "syntax-error", Error, "text that is not Loadline";
    TaskCallsItself, "task-calls-itself", Error, "a task that calls itself";
    TooNewForTarget, "too-new-for-target", Error, "something that the target version does not have yet";
    TypeMismatch, "type-mismatch", Error, "a value of another type than needed";
    UnknownFile, "unknown-file", Error, "a file of roles that is not there";
    UnknownFolder, "unknown-folder", Error, "a `use` of a folder that is not there";
    UnknownFunction, "unknown-function", Error, "a function that does not exist";
    UnknownName, "unknown-name", Error, "a name that means nothing here";
    UnknownOutputField, "unknown-output-field", Error, "a step has no such result";
    UnknownResourceField, "unknown-resource-field", Error, "a setting that the kind does not have";
    UnknownStep, "unknown-step", Error, "a step that Kargo does not have";
    UnknownStepConfigField, "unknown-step-config-field", Error, "a setting that the step does not have";
    UnknownTask, "unknown-task", Error, "a call of a task that does not exist";
    UnknownWarehouse, "unknown-warehouse", Error, "a warehouse that does not exist";
    UnprovenPermission, "unproven-permission", Note, "a permission that may come from a role that is not known";
    UnreadableManifest, "unreadable-manifest", Error, "a manifest that Kubernetes would not read";
    UntrustedRef, "untrusted-ref", Error, "anybody's text chooses a branch, path or object";
    UntrustedTextInCode, "untrusted-text-in-code", Error, "anybody's text would be run as code";
    UnusedBinding, "unused-binding", Warning, "a declaration that nothing uses";
    WfDependsSemantics, "wf-depends-semantics", Error, "a task of a workflow that waits for something else than it says";
    WfEntrypoint, "wf-entrypoint", Error, "a workflow that begins with no template";
    WfFieldPlacement, "wf-field-placement", Error, "a setting of a workflow in a place that does not have it";
    WfHttpAgentRbac, "wf-http-agent-rbac", Error, "a workflow with a request that nobody may report on";
    WfMissingArgument, "wf-missing-argument", Error, "a template of a workflow without an argument that it needs, or with one that it does not read";
    WfOutputWithoutDependency, "wf-output-without-dependency", Error, "a step of a workflow reads a result that is not there yet";
    WfParamType, "wf-param-type", Error, "a number in a workflow where a text is needed, or the reverse";
    WfSkippedOutput, "wf-skipped-output", Error, "a step of a workflow needs the result of one that may be skipped";
    WfSuspendOutput, "wf-suspend-output", Error, "an output of a waiting template that nobody supplies";
    WfTemplateRef, "wf-template-ref", Error, "a step of a workflow runs a template that is not there";
    WfUndeclaredParameter, "wf-undeclared-parameter", Error, "a text of a workflow reads what is not declared";
    WfWhenQuoting, "wf-when-quoting", Error, "a condition of a workflow that compares something else than it says";
    WrongSourceUpdated, "wrong-source-updated", Warning, "a Kargo that may change another source of an Application";
}

impl Check {
    pub fn info(self) -> &'static CheckInfo {
        // Every variant has a row: both come from one macro.
        CHECKS.iter().find(|info| info.check == self).unwrap_or(&FALLBACK)
    }

    /// The check of a name as users write it.
    pub fn by_name(name: &str) -> Option<Check> {
        CHECKS.iter().find(|info| info.name == name).map(|info| info.check)
    }

    /// Whether `@allow` may silence it: only what leaves a program that can be compiled as it was written.
    pub fn can_be_allowed(self) -> bool {
        matches!(
            self,
            Check::ArgocdUpdateWaits
                | Check::ArgocdWaitPanics
                | Check::AvailabilityAnyVsAll
                | Check::ConflictingSettings
                | Check::ControlFlowStage
                | Check::DangerousPermission
                | Check::DuplicateSubscription
                | Check::FaultyPatch
                | Check::HealthCheckLost
                | Check::HttpBodyUntyped
                | Check::IneffectiveRule
                | Check::InvalidName
                | Check::InvalidValue
                | Check::MatchUpstreamNeedsOneStage
                | Check::MeaningChangesInRange
                | Check::MissingSetting
                | Check::NeverWorkedOption
                | Check::OlderPatch
                | Check::PolicyUnknownStage
                | Check::PromotionMayDoNothing
                | Check::RbacMissingVerb
                | Check::RemovedInVersion
                | Check::RolesAddUp
                | Check::SecretInUrl
                | Check::ServiceAccountNotGranted
                | Check::SelectorNotWoken
                | Check::SkippedStepOutput
                | Check::SlotBootstrapPanics
                | Check::SlotMayBeMissing
                | Check::SoakHasNoEffect
                | Check::SshUrlDeprecated
                | Check::StageScopeNotEnforced
                | Check::StatusNeverFailed
                | Check::TooNewForTarget
                | Check::UnprovenPermission
                | Check::UnusedBinding
                | Check::WfDependsSemantics
                | Check::WfEntrypoint
                | Check::WfFieldPlacement
                | Check::WfHttpAgentRbac
                | Check::WfMissingArgument
                | Check::WfOutputWithoutDependency
                | Check::WfParamType
                | Check::WfSkippedOutput
                | Check::WfSuspendOutput
                | Check::WfTemplateRef
                | Check::WfUndeclaredParameter
                | Check::WfWhenQuoting
                | Check::WrongSourceUpdated
        )
    }
}

const FALLBACK: CheckInfo =
    CheckInfo { check: Check::Internal, name: "internal", severity: Severity::Error, summary: "a fault of loadline itself", page: "" };
