package trials

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"loadline/engine/kargo"
)

const manifests = `
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: test, namespace: shop}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: web}
  - origin: {kind: Warehouse, name: cfg}
  promotionTemplate:
    spec:
      steps:
      - uses: git-push
        as: push
        retry: {errorThreshold: 2}
      - uses: compose-output
        as: it
        config:
          tag: ${{ quote(imageFrom("acme/web", warehouse("web")).Tag) }}
          other: ${{ imageFrom("acme/cfg", warehouse("cfg"))?.Tag }}
          commit: ${{ outputs.push?.commit }}
          key: ${{ secret("s").key }}
          at: ${{ now().Format("15:04") }}
      - uses: git-push
        as: again
        if: ${{ failure() }}
`

func trialLine(t *testing.T, fields map[string]any) []byte {
	t.Helper()
	request := map[string]any{
		"id": "t", "program": "p", "stage": "test", "promote": "f1", "history": map[string]any{},
		"freight": []any{
			map[string]any{
				"metadata": map[string]any{"name": "f1"}, "origin": map[string]any{"name": "web"},
				"images": []any{map[string]any{"repoURL": "acme/web", "tag": "1.10"}},
			},
			map[string]any{
				"metadata": map[string]any{"name": "f2"}, "origin": map[string]any{"name": "cfg"},
				"images": []any{map[string]any{"repoURL": "acme/cfg", "tag": "x2"}},
			},
		},
	}
	for key, value := range fields {
		request[key] = value
	}
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func answers(answers ...map[string]any) []map[string]any { return answers }

// A line may bring its program; later lines use it. What stands in a line is
// gone with it.
func TestJudge(t *testing.T) {
	judge := NewJudge(kargo.V11, nil)
	first := judge.Judge([]byte(`{"id": "p", "program": "p", "manifests": ` + string(must(json.Marshal(manifests))) + `}`))
	if len(first.Stages["shop/test"]) != 3 || first.Stages["shop/test"][2].Key != "git-push#2" {
		t.Fatalf("stages: %+v", first)
	}
	full := map[string]any{
		"history": map[string]any{"cfg": "f2"},
		"script": map[string]any{"push": answers(
			map[string]any{"status": "Errored"}, map[string]any{"status": "Succeeded", "output": map[string]any{"commit": "abc"}},
		)},
		"environment": map[string]any{"secrets": map[string]any{"s": map[string]any{"key": "k"}}, "clock": "2026-01-02T03:04:05Z"},
	}
	for _, c := range []struct {
		name   string
		fields map[string]any
		phase  string
		states []string
		config map[string]any
	}{
		{"full", full, "Succeeded", []string{"Succeeded", "Succeeded", "Skipped if"},
			map[string]any{"tag": "1.10", "other": "x2", "commit": "abc", "key": "k", "at": "03:04"}},
		{"empty slot", map[string]any{"environment": map[string]any{"clock": "2026-01-02T05:06:07Z"}}, "Succeeded",
			[]string{"Succeeded", "Succeeded", "Skipped if"},
			map[string]any{"tag": "1.10", "other": nil, "commit": nil, "key": "", "at": "05:06"}},
		{"failing", map[string]any{"script": map[string]any{
			"git-push#*": answers(map[string]any{"status": "Failed"}), "git-push#2": answers(map[string]any{"status": "Skipped"}),
		}}, "Failed", []string{"Failed", "Skipped failed before", "Skipped itself"}, nil},
		{"unknown kind", map[string]any{"manifests": strings.ReplaceAll(manifests, "git-push", "notify"), "kinds": []string{}}, "Errored",
			[]string{"Errored", "Skipped failed before", "Errored"}, nil},
	} {
		got := judge.Judge(trialLine(t, c.fields))
		if got.Promoted == nil || got.Phase != c.phase {
			t.Fatalf("%s: %+v", c.name, got)
		}
		var states []string
		for _, step := range got.Steps {
			states = append(states, strings.TrimSpace(string(step.Status)+" "+step.Skip))
		}
		if !reflect.DeepEqual(states, c.states) {
			t.Errorf("%s: %v, want %v", c.name, states, c.states)
		}
		if config, _ := got.Steps[1].Config.(map[string]any); !reflect.DeepEqual(config, c.config) {
			t.Errorf("%s: settings %v, want %v", c.name, config, c.config)
		}
	}
}

// A line that means nothing is answered with an error, and nothing runs.
func TestErrors(t *testing.T) {
	judge := NewJudge(kargo.V11, nil)
	judge.Judge([]byte(`{"program": "p", "manifests": ` + string(must(json.Marshal(manifests))) + `}`))
	for want, fields := range map[string]map[string]any{
		"no program":       {"program": "q"},
		"no stage":         {"stage": "q"},
		"no freight":       {"promote": "q"},
		"does not request": {"history": map[string]any{"q": "f2"}},
		"no step":          {"script": map[string]any{"q": answers()}},
		"unknown status":   {"script": map[string]any{"push": answers(map[string]any{"status": "Done"})}},
		"not modelled":     {"real": []string{"git-push"}},
		"clock":            {"environment": map[string]any{"clock": "noon"}},
	} {
		got := judge.Judge(trialLine(t, fields))
		if got.ID != "t" || got.Promoted != nil || !strings.Contains(got.Error, want) {
			t.Errorf("want %q: %+v", want, got)
		}
	}
}

func must(written []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return written
}
