package recordings

import (
	"slices"

	"loadline/engine/kargo"
	"loadline/engine/rules"
)

// openRule is a rule that no recording of some minors is held to.
type openRule struct {
	minors []kargo.Minor
	reason string
	rules  []rules.Rule
}

var (
	everywhere = []kargo.Minor{kargo.V5, kargo.V8, kargo.V11}
	before11   = []kargo.Minor{kargo.V5, kargo.V8}
	since8     = []kargo.Minor{kargo.V8, kargo.V11}
	only5      = []kargo.Minor{kargo.V5}
)

// openRules are all of them. That there is no other, the mutants show; that
// these are open still, the mutants show if all recordings are counted.
var openRules = []openRule{
	{since8, "a rule of 1.5", []rules.Rule{
		rules.FirstPromotionPanics, rules.NoSettingsPanic, rules.GenericSecretsOnly,
	}},
	{before11, "no step ends Failed before 1.10", []rules.Rule{rules.ErroredIsWorst}},
	{[]kargo.Minor{kargo.V8}, "no step ends Failed before 1.10", []rules.Rule{rules.FailedIsFailure}},
	{only5, "no step ends Failed before 1.10, and no recording ends before a failed step is tried again",
		[]rules.Rule{rules.FailedStaysFailed}},
	{only5, "a step without settings panics", []rules.Rule{rules.NoSettingsNoVars}},
	{only5, "there is no such function, field or kind", []rules.Rule{
		rules.ContextFreightAlias, rules.FreightMetadataOfKey, rules.AbsentMetadataIsNil, rules.NoMetadataIsNil,
		rules.MetadataNeedsName, rules.NullMetadataErrs, rules.SemverDiffIncomparable, rules.SetMetadataNeedsObject,
		rules.SetMetadataIsSeen,
	}},
	{before11, "functions and kinds that are too new were replaced in the programs", []rules.Rule{
		rules.SemverParseSince11, rules.ArtifactFromSince11, rules.ArtifactHasMetadata, rules.AsJSONEndsLine,
		rules.MergeDropsEmpty, rules.MergeKeepsStyle, rules.FileWriteKeepsFiles,
	}},
	{everywhere, "the recordings do not cover sharedConfigMap() and sharedSecret()", []rules.Rule{
		rules.SharedSince11, rules.AbsentSharedIsEmpty,
	}},
	{everywhere, "no recording has such a value", []rules.Rule{
		rules.UnwritableOutputsVanish, rules.UnknownActorIsEmpty, rules.WarehouseNeedsName, rules.ChartNameNotEmpty,
		rules.SemverDiffMetadata, rules.GitURLsIgnoreUser, rules.ActorOfOneColon, rules.NullIsNoSettings, rules.AbortedBelowFailed,
	}},
	{everywhere, "no recording reads it", []rules.Rule{rules.ImageHasGitRepoURL}},
	{everywhere, "no recording has such a call or alias", []rules.Rule{
		rules.AliasIsTrimmed, rules.OneSeparator, rules.CallRetryIsDropped, rules.UnknownTaskKindErrs,
	}},
}

// open is the reason why no recording refutes the model without a rule.
func open(rule rules.Rule, minor kargo.Minor) (string, bool) {
	for _, o := range openRules {
		if slices.Contains(o.minors, minor) && slices.Contains(o.rules, rule) {
			return o.reason, true
		}
	}
	return "", false
}
