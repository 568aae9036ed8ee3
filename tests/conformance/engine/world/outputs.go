package world

import (
	"encoding/json"

	"loadline/engine/kargo"
)

// Outputs makes the output of a step that succeeded. Lean leaves out what the
// kind does not promise.
type Outputs struct {
	Maker
	Minor kargo.Minor
	Lean  bool
	// Dynamic gives the values of outputs that a step's settings name.
	Dynamic map[string]any
}

// messageKinds promise no commit message when they changed nothing.
var messageKinds = map[string]bool{
	"helm-update-chart": true, "kustomize-set-image": true, "yaml-merge": true,
}

// Of is the output of a step with these settings, nil if it has none.
func (o *Outputs) Of(step *kargo.Step, config map[string]any) map[string]any {
	key := step.As + "#"
	commit := func() string { return o.text(CommitID, key+"commit") }
	switch kind := step.Uses; kind {
	case "git-clone":
		return o.clone(key, config)
	case "git-commit", "git-merge-pr", "git-tag":
		return map[string]any{"commit": commit()}
	case "git-push", "github-push":
		return o.push(key, commit())
	case "git-open-pr":
		return o.openPR(key)
	case "git-wait-for-pr":
		return o.waitForPR(key, commit())
	case "compose-output":
		return compose(config)
	case "http", "json-parse", "yaml-parse", "toml-parse":
		return o.named(key, config)
	case "yaml-update", "json-update", "toml-update":
		return o.update(key, config)
	case "oci-push":
		return map[string]any{
			"image": "ghcr.io/acme/pushed", "digest": o.text(Digest, key+"digest"), "tag": o.text(Tag, key+"tag"),
		}
	case "argocd-wait":
		return map[string]any{"healthStatus": map[string]any{}}
	default:
		if messageKinds[kind] && !o.Lean {
			return map[string]any{"commitMessage": o.text(Reported, key+"commitMessage")}
		}
		return nil
	}
}

// clone has an output since 1.6: the commit of each checkout.
func (o *Outputs) clone(key string, config map[string]any) map[string]any {
	if o.Minor < kargo.V8 {
		return nil
	}
	commits := map[string]any{}
	checkouts, _ := config["checkout"].([]any)
	for _, c := range checkouts {
		checkout, _ := c.(map[string]any)
		name, ok := checkout["as"].(string)
		if !ok {
			name, _ = checkout["path"].(string)
		}
		commits[name] = o.text(CommitID, key+"commits."+name)
	}
	return map[string]any{"commits": commits}
}

func (o *Outputs) push(key, commit string) map[string]any {
	output := map[string]any{"commit": commit, "branch": o.text(Branch, key+"branch")}
	if o.Minor >= kargo.V8 && !o.Lean {
		output["commitURL"] = o.text(URL, key+"commitURL")
	}
	return output
}

func (o *Outputs) openPR(key string) map[string]any {
	output := map[string]any{"pr": map[string]any{"id": float64(1234567), "url": o.text(URL, key+"pr.url")}}
	if o.Minor < kargo.V8 {
		output["prNumber"] = float64(1234567)
	}
	return output
}

func (o *Outputs) waitForPR(key, commit string) map[string]any {
	output := map[string]any{}
	if !o.Lean {
		output["commit"] = commit
	}
	if o.Minor >= kargo.V11 {
		output["pr"] = map[string]any{
			"id": float64(1234567), "url": o.text(URL, key+"pr.url"), "open": false, "merged": true,
		}
	}
	return output
}

// named gives the outputs that the settings list; a lean one is nil.
func (o *Outputs) named(key string, config map[string]any) map[string]any {
	output := map[string]any{}
	for _, name := range OutputNames(config) {
		value, given := o.Dynamic[key+name]
		switch {
		case o.Lean:
			output[name] = nil
		case given:
			output[name] = value
		default:
			output[name] = o.text(Reported, key+name)
		}
	}
	return output
}

// OutputNames are the names in the setting `outputs`.
func OutputNames(config map[string]any) []string {
	var names []string
	listed, _ := config["outputs"].([]any)
	for _, item := range listed {
		fields, _ := item.(map[string]any)
		if name, ok := fields["name"].(string); ok {
			names = append(names, name)
		}
	}
	return names
}

// update says what was written. Kargo's own message holds the values as they
// were pasted; a text of its own is easier to follow.
func (o *Outputs) update(key string, config map[string]any) map[string]any {
	if updates, _ := config["updates"].([]any); len(updates) == 0 {
		return nil
	}
	return map[string]any{"commitMessage": o.text(Reported, key+"commitMessage")}
}

// compose gives the settings back, with floats for numbers.
func compose(config map[string]any) map[string]any {
	written, err := json.Marshal(config)
	if err != nil {
		return nil
	}
	var output map[string]any
	_ = json.Unmarshal(written, &output)
	return output
}
