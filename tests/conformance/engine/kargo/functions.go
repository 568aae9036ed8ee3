package kargo

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/expr-lang/expr"
	"go.yaml.in/yaml/v3"

	"loadline/engine/rules"
)

// Place is where an expression stands; it decides which functions there are.
type Place int

// The places of a promotion.
const (
	InVars Place = iota
	InIf
	InConfig
)

// options are the functions of one place. They read the evaluator's present
// scope, so that a compiled expression can be kept.
func (e *Evaluator) options(place Place) []expr.Option {
	options := append(e.freightFunctions(), e.textFunctions()...)
	options = append(options,
		typed("now", e.clock, new(func() time.Time), new(func(*time.Location) time.Time)),
		typed("configMap", e.configMap, new(func(string) map[string]string)),
		typed("secret", e.secret, new(func(string) map[string]string)))
	options = append(options, e.versionedFunctions()...)
	switch {
	case place == InVars && rules.On(rules.StatusFunctionsNotInVars):
	case place == InConfig && !rules.Holds(rules.StatusFunctionsInSettings, e.minor >= V8):
	default:
		options = append(options, e.statusFunctions()...)
	}
	return options
}

// versionedFunctions are those that not all minors have.
func (e *Evaluator) versionedFunctions() []expr.Option {
	var options []expr.Option
	if rules.Holds(rules.SemverDiffSince8, e.minor >= V8) {
		options = append(options, typed("semverDiff", semverDiff, new(func(string, string) string)))
	}
	if rules.Holds(rules.StageMetadataSince8, e.minor >= V8) {
		options = append(options, typed("stageMetadata", e.stageMetadata, new(func(string) map[string]any)))
	}
	if rules.Holds(rules.FreightMetadataSince8, e.minor >= V8) {
		signatures := []any{new(func(string) map[string]any)}
		if rules.Holds(rules.FreightMetadataOfKey, e.minor == V8) {
			signatures = append([]any{new(func(string, string) any)}, signatures...)
		}
		options = append(options, typed("freightMetadata", e.freightMetadata, signatures...))
	}
	if rules.Holds(rules.SemverParseSince11, e.minor >= V11) {
		options = append(options, typed("semverParse", semverParse, new(func(string) *semver.Version)))
	}
	if rules.Holds(rules.SharedSince11, e.minor >= V11) {
		options = append(options,
			typed("sharedConfigMap", e.sharedConfigMap, new(func(string) map[string]string)),
			typed("sharedSecret", e.sharedSecret, new(func(string) map[string]string)))
	}
	return options
}

func typed(name string, f func(...any) (any, error), signatures ...any) expr.Option {
	return expr.Function(name, f, signatures...)
}

func (e *Evaluator) freightFunctions() []expr.Option {
	image := typed("imageFrom", e.imageFrom,
		new(func(string, FreightOrigin) Image), new(func(string) Image))
	if rules.Holds(rules.ImageHasGitRepoURL, e.minor == V5) {
		image = typed("imageFrom", e.imageFrom,
			new(func(string, FreightOrigin) ImageV5), new(func(string) ImageV5))
	}
	options := []expr.Option{
		typed("warehouse", warehouse, new(func(string) FreightOrigin)),
		typed("commitFrom", e.commitFrom,
			new(func(string, FreightOrigin) GitCommit), new(func(string) GitCommit)),
		image,
		typed("chartFrom", e.chartFrom,
			new(func(string, string, FreightOrigin) Chart), new(func(string, string) Chart),
			new(func(string, FreightOrigin) Chart), new(func(string) Chart)),
	}
	if rules.Holds(rules.ArtifactFromSince11, e.minor >= V11) {
		options = append(options, typed("artifactFrom", e.artifactFrom,
			new(func(string, FreightOrigin) Artifact), new(func(string) Artifact)))
	}
	return options
}

func (e *Evaluator) textFunctions() []expr.Option {
	options := []expr.Option{typed("quote", quote, new(func(any) string))}
	if rules.Holds(rules.UnsafeQuoteSince8, e.minor >= V8) {
		options = append(options, typed("unsafeQuote", unsafeQuote, new(func(any) string)))
	}
	if rules.Holds(rules.AsYAMLSince11, e.minor >= V11) {
		options = append(options,
			typed("asYAML", asYAML, new(func(any) string)), typed("asJSON", asJSON, new(func(any) string)))
	}
	return options
}

func (e *Evaluator) statusFunctions() []expr.Option {
	return []expr.Option{
		typed("always", e.always, new(func() bool)),
		typed("failure", func(...any) (any, error) { return hasFailures(e.scope.metas), nil }, new(func() bool)),
		typed("success", e.success, new(func() bool)),
		typed("status", e.status, new(func(string) string)),
	}
}

func (e *Evaluator) always(...any) (any, error) {
	return !hasFailures(e.scope.metas) || rules.On(rules.AlwaysIsTrue), nil
}

func (e *Evaluator) success(...any) (any, error) {
	return rules.Holds(rules.SuccessIsNoFailure, !hasFailures(e.scope.metas)), nil
}

// status finds siblings only: in a task the steps of the same call by their
// short alias, outside the steps that are in no task.
func (e *Evaluator) status(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return "", err
	}
	if name == "" && rules.On(rules.StatusOfNothingErrs) {
		return "", errors.New("status() of no alias")
	}
	if ns := namespaceOf(e.scope.alias); ns != "" {
		if rules.On(rules.StatusOfSiblings) {
			name = ns + aliasSeparator + name
		}
	} else if namespaceOf(name) != "" && rules.On(rules.StatusOutsideTasks) {
		return "", nil
	}
	for _, meta := range e.scope.metas {
		if meta.Alias == name {
			return string(meta.Status), nil
		}
	}
	return "", nil
}

func textArgument(args []any, i int) (string, error) {
	if i >= len(args) {
		return "", errors.New("too few arguments")
	}
	s, ok := args[i].(string)
	if !ok {
		return "", fmt.Errorf("argument %d must be text, is %T", i+1, args[i])
	}
	return s, nil
}

func (e *Evaluator) configMap(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if data, ok := e.cluster.ConfigMaps[name]; ok {
		return data, nil
	}
	return empty(rules.AbsentConfigMapIsEmpty)
}

// empty is what is not there.
func empty(rule rules.Rule) (any, error) {
	if rules.On(rule) {
		return map[string]string{}, nil
	}
	return nil, ErrAbsent
}

func (e *Evaluator) secret(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if secret, ok := e.cluster.Secrets[name]; ok {
		return secret.Data, nil
	}
	return empty(rules.AbsentSecretIsEmpty)
}

func (e *Evaluator) sharedConfigMap(args ...any) (any, error) {
	return shared(e.cluster.SharedConfigMaps, args)
}

func (e *Evaluator) sharedSecret(args ...any) (any, error) {
	return shared(e.cluster.SharedSecrets, args)
}

// shared looks up what is not in the Project's namespace.
func shared(objects map[string]map[string]string, args []any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if data, ok := objects[name]; ok {
		return data, nil
	}
	return empty(rules.AbsentSharedIsEmpty)
}

// clock is now(): the clock of the model, so that runs can be repeated.
func (e *Evaluator) clock(args ...any) (any, error) {
	if len(args) == 0 {
		return e.now, nil
	}
	zone, ok := args[0].(*time.Location)
	if !ok {
		return nil, fmt.Errorf("now() in %T, want a time zone", args[0])
	}
	return e.now.In(zone), nil
}

func (e *Evaluator) stageMetadata(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if name == "" && rules.On(rules.MetadataNeedsName) {
		return nil, errors.New("stageMetadata() of no name")
	}
	stage, ok := e.cluster.Stages[name]
	if !ok {
		return noMetadata(rules.AbsentMetadataIsNil)
	}
	return decodeMetadata(stage.Status.Metadata)
}

func (e *Evaluator) freightMetadata(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if name == "" && rules.On(rules.MetadataNeedsName) {
		return nil, errors.New("freightMetadata() of no name")
	}
	freight, ok := e.cluster.Freight[name]
	if len(args) == 2 {
		key, err := textArgument(args, 1)
		if err != nil {
			return nil, err
		}
		if key == "" {
			return nil, errors.New("freightMetadata() of no key")
		}
		if !ok || freight.Status.Metadata[key] == nil {
			return nil, nil
		}
		return decodeValue(freight.Status.Metadata[key])
	}
	if !ok {
		return noMetadata(rules.AbsentMetadataIsNil)
	}
	return decodeMetadata(freight.Status.Metadata)
}

func noMetadata(rule rules.Rule) (any, error) {
	if rules.On(rule) {
		return nil, nil
	}
	return map[string]any{}, nil
}

func decodeMetadata(metadata map[string]json.RawMessage) (any, error) {
	if metadata == nil {
		return noMetadata(rules.NoMetadataIsNil)
	}
	decoded := map[string]any{}
	for key, raw := range metadata {
		value, err := decodeValue(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		decoded[key] = value
	}
	return decoded, nil
}

// decodeValue refuses null, as the recordings' client did.
func decodeValue(raw json.RawMessage) (any, error) {
	if string(raw) == "null" && rules.On(rules.NullMetadataErrs) {
		return nil, errors.New("unexpected end of JSON input")
	}
	var value any
	err := json.Unmarshal(raw, &value)
	return value, err
}

func quote(args ...any) (any, error) {
	if s, ok := args[0].(string); ok && rules.On(rules.QuoteEscapes) {
		return fmt.Sprintf("%q", s), nil
	}
	return unsafeQuote(args...)
}

func unsafeQuote(args ...any) (any, error) {
	b, err := json.Marshal(args[0])
	return `"` + string(b) + `"`, err
}

func asJSON(args ...any) (any, error) {
	b, err := json.MarshalIndent(args[0], "", "  ")
	if rules.On(rules.AsJSONEndsLine) {
		b = append(b, '\n')
	}
	return `"` + string(b) + `"`, err
}

func asYAML(args ...any) (any, error) {
	b, err := yaml.Marshal(args[0])
	return `"` + string(b) + `"`, err
}

func semverParse(args ...any) (any, error) {
	text, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	version, err := semver.NewVersion(text)
	if err != nil {
		return nil, err
	}
	return version, nil
}

func semverDiff(args ...any) (any, error) {
	one, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	two, err := textArgument(args, 1)
	if err != nil {
		return nil, err
	}
	a, errA := semver.NewVersion(one)
	b, errB := semver.NewVersion(two)
	switch {
	case errA != nil || errB != nil:
		if !rules.On(rules.SemverDiffIncomparable) {
			return nil, errors.Join(errA, errB)
		}
		return "Incomparable", nil
	case a.Major() != b.Major():
		return "Major", nil
	case a.Minor() != b.Minor():
		return "Minor", nil
	case a.Patch() != b.Patch():
		return "Patch", nil
	case a.Metadata() != b.Metadata() && rules.On(rules.SemverDiffMetadata):
		return "Metadata", nil
	}
	return "None", nil
}
