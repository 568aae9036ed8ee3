package recordings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"loadline/engine/kargo"
)

// describe puts what happened into the form of a recording's result.
func describe(p *kargo.Promotion, status *kargo.PromotionStatus, notes *log) map[string]any {
	result := map[string]any{
		"buildError": nil, "vars": kargo.Plain(listOrNil(p.Vars)), "promotionSteps": kargo.Plain(withoutConfig(p.Steps)),
		"phase": status.Phase, "calls": float64(status.Calls), "outputs": kargo.Plain(json.RawMessage(orNull(status.Stored))),
	}
	if status.Panicked {
		result["panicked"] = true
	}
	if status.OutputsLost() {
		result["outputsLost"] = true
	}
	if status.Calls > 1 {
		result["runs"] = notes.runs
	}
	var described []any
	for i, meta := range status.Metas {
		described = append(described, describeStep(p, i, meta, notes))
	}
	if described != nil {
		result["steps"] = described
	}
	return result
}

func describeStep(p *kargo.Promotion, index int, meta kargo.StepMeta, notes *log) map[string]any {
	configs := notes.configs[meta.Alias]
	step := map[string]any{
		"alias": meta.Alias, "kind": kindOf(p, index, meta.Alias), "status": string(meta.Status),
		"started": meta.StartedAt != nil, "finished": meta.FinishedAt != nil,
		"attempts": float64(len(configs)), "config": nil,
	}
	if meta.ErrorCount > 0 {
		step["errorCount"] = float64(meta.ErrorCount)
	}
	if n := len(configs); n > 0 {
		step["config"] = configs[n-1]
		for _, config := range configs {
			if !reflect.DeepEqual(config, configs[0]) {
				step["configs"] = configs
			}
		}
	}
	return step
}

func kindOf(p *kargo.Promotion, index int, alias string) string {
	if p.Steps[index].As == alias {
		return p.Steps[index].Uses
	}
	i := slices.IndexFunc(p.Steps, func(s kargo.Step) bool { return s.As == alias })
	return p.Steps[i].Uses
}

func listOrNil(vars []kargo.Variable) any {
	if len(vars) == 0 {
		return nil
	}
	return vars
}

func orNull(raw []byte) []byte {
	if raw == nil {
		return []byte("null")
	}
	return raw
}

func withoutConfig(steps []kargo.Step) []kargo.Step {
	bare := slices.Clone(steps)
	for i := range bare {
		bare[i].Config = nil
	}
	return bare
}

// differences lists where a recording and the model disagree. Message texts are
// not compared, and of a build error only that there is one.
func differences(p *program, got *outcome) ([]string, error) {
	var want map[string]any
	if err := json.Unmarshal(p.Result, &want); err != nil {
		return nil, err
	}
	if want["buildError"] != nil {
		want["buildError"] = true
	}
	delete(want, "message")
	if recorded, ok := want["steps"].([]any); ok {
		for _, step := range recorded {
			delete(step.(map[string]any), "message")
		}
	}
	var found []string
	compare("", want, any(got.result), &found)
	if p.FilesAfter != nil && !sameFiles(p.FilesAfter, got.files) {
		found = append(found, fmt.Sprintf("files: recorded %v, model %v", p.FilesAfter, got.files))
	}
	return found, nil
}

func sameFiles(want, got map[string]string) bool {
	if len(want) != len(got) {
		return false
	}
	for name, content := range want {
		if other, ok := got[name]; !ok || other != content {
			return false
		}
	}
	return true
}

// compare walks two JSON values.
func compare(path string, want, got any, found *[]string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		for key := range merged(w, g) {
			compare(strings.TrimPrefix(path+"."+key, "."), w[key], g[key], found)
		}
		return
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			compare(fmt.Sprintf("%s[%d]", path, i), w[i], g[i], found)
		}
		return
	default:
		if reflect.DeepEqual(want, got) {
			return
		}
	}
	*found = append(*found, fmt.Sprintf("%s: recorded %s, model %s", path, short(want), short(got)))
}

func merged(a, b map[string]any) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

func short(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	if len(written) > 300 {
		return string(written[:300]) + "…"
	}
	return string(written)
}
