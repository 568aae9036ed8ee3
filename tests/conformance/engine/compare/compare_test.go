package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/world"
)

// program is a Stage with two slots, or one, and these steps.
func program(t *testing.T, slots int, steps string) []*world.Project {
	t.Helper()
	origins := []string{"app", "cfg"}[:slots]
	text := `
kind: Warehouse
metadata: {name: app, namespace: shop}
spec: {subscriptions: [{image: {repoURL: acme/web}}]}
---
kind: Warehouse
metadata: {name: cfg, namespace: shop}
spec: {subscriptions: [{git: {repoURL: https://git.example.com/cfg}}]}
---
kind: Stage
metadata: {name: test, namespace: shop}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: ` + strings.Join(origins, "}}, {origin: {kind: Warehouse, name: ") + `}}]
  promotionTemplate:
    spec:
      steps:
` + steps
	documents, err := world.Documents([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	projects, err := world.Projects(documents)
	if err != nil {
		t.Fatal(err)
	}
	return projects
}

// schemas know one step, which wants a text.
func schemas(t *testing.T) *schema.Set {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"common.json":      `{}`,
		"copy-config.json": `{"type": "object", "properties": {"inPath": {"type": "string"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := schema.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

const (
	tag     = "imageFrom(`acme/web`, warehouse(`app`)).Tag"
	copying = `      - {uses: copy, config: {inPath: a, outPath: b}}
`
)

type example struct {
	kind           string // "" for a difference that nothing excuses, "same" for none
	where          []string
	slots          int
	original, ours string
}

var cases = []example{
	{"same", nil, 1, copying, copying},
	{
		"same", nil, 1, // What only computes is no part of it.
		`      - {uses: copy, config: {inPath: "x${{ ` + tag + ` }}"}}`,
		`      - {uses: compose-output, as: it, config: {tag: '"${{ ` + tag + ` }}"'}}
      - {uses: copy, config: {inPath: '"x${{ outputs.it.tag }}"'}}`,
	},
	{
		"same", nil, 1, // The file says the same.
		`      - {uses: yaml-update, config: {updates: [{key: a, value: "x y"}]}}`,
		`      - {uses: yaml-update, config: {updates: [{key: a, value: "'x y'"}]}}`,
	},
	{
		"same", nil, 1, // Helm reads the same.
		`      - {uses: helm-template, config: {setValues: [{key: a, value: "x,y", literal: true}]}}`,
		`      - {uses: helm-template, config: {setValues: [{key: a, value: "x\\,y"}]}}`,
	},
	{"", []string{"copy inPath"}, 1, copying, `      - {uses: copy, config: {inPath: c, outPath: b}}`},
	{"", []string{"copy runs", "end"}, 1, copying + copying, copying},
	{"", []string{"copy runs"}, 1, copying, `      - {uses: delete, config: {path: a}}`},
	{"", []string{"copy attempts"}, 1, copying, `      - {uses: copy, retry: {errorThreshold: 2}, config: {inPath: a, outPath: b}}`},
	{
		"", []string{"helm-template setValues[].value"}, 1,
		`      - {uses: helm-template, config: {setValues: [{key: a, value: "2"}]}}`,
		`      - {uses: helm-template, config: {setValues: [{key: a, value: "2", literal: true}]}}`,
	},
	{
		"", []string{"copy attempts", "copy inPath", "copy runs", "end"}, 1, // Not whole: the text of ours is another one.
		`      - {uses: copy, config: {inPath: "${{ ` + tag + ` }}"}}`,
		`      - {uses: copy, config: {inPath: '"${{ ` + tag + ` + "x" }}"'}}`,
	},
	{
		"text-stays-text", []string{"copy inPath"}, 1, // The schema refuses what the original makes of 1.10.
		`      - {uses: copy, config: {inPath: "${{ ` + tag + ` }}"}}
` + copying,
		`      - {uses: copy, config: {inPath: '"${{ ` + tag + ` }}"'}}
` + copying,
	},
	{
		"success-before-if", []string{"copy if"}, 1,
		`      - {uses: delete, config: {path: a}}
      - {uses: copy, if: "${{ true }}", config: {inPath: a, outPath: b}}`,
		`      - {uses: delete, config: {path: a}}
      - {uses: copy, if: "${{ success() }}", config: {inPath: a, outPath: b}}`,
	},
	{
		"guarded-result", []string{"git-wait-for-pr settings"}, 1,
		`      - {uses: git-open-pr, as: pr, config: {targetBranch: main}}
      - {uses: git-wait-for-pr, config: {prNumber: "${{ outputs.pr.pr.id }}"}}`,
		`      - {uses: git-open-pr, as: pr, config: {targetBranch: main}}
      - {uses: git-wait-for-pr, if: "${{ success() && outputs.pr != nil }}", config: {prNumber: "${{ outputs.pr?.pr.id }}"}}`,
	},
	{
		"guarded-slot", []string{"copy settings"}, 2,
		`      - {uses: copy, config: {inPath: '"${{ ` + tag + ` }}"'}}`,
		`      - {uses: fail, if: "${{ imageFrom('acme/web', warehouse('app')) == nil }}"}
      - {uses: copy, config: {inPath: '"${{ ` + tag + ` }}"'}}`,
	},
	{
		"dead-setting", []string{"git-open-pr createTargetBranch"}, 1,
		`      - {uses: git-open-pr, config: {targetBranch: main, createTargetBranch: true}}`,
		`      - {uses: git-open-pr, config: {targetBranch: main}}`,
	},
}

// Each kind of repair is seen, and nothing else passes for one.
func TestCompare(t *testing.T) {
	for _, c := range cases {
		result, err := Programs(kargo.V11, schemas(t), nil, program(t, c.slots, c.original), program(t, c.slots, c.ours))
		if err != nil {
			t.Fatalf("%s %v: %v", c.kind, c.where, err)
		}
		got := map[string]bool{}
		for _, d := range result.Differences {
			got[d.Where] = true
			if d.Repair != c.kind || !slices.Contains(c.where, d.Where) {
				t.Errorf("%s %v: %s", c.kind, c.where, d)
			}
		}
		if len(got) != len(c.where) || result.Runs == 0 {
			t.Errorf("%s: %v, want %v", c.kind, got, c.where)
		}
	}
	for _, kind := range Kinds {
		if !slices.ContainsFunc(cases, func(c example) bool { return c.kind == kind.Name }) {
			t.Errorf("no test of %s", kind.Name)
		}
	}
}

// A list must name each difference, and nothing that does not occur.
func TestReport(t *testing.T) {
	listed := Repair{"dead-setting", "git-open-pr createTargetBranch", "why", ""}
	result := &Result{Stages: 1, Differences: []*Difference{{Where: listed.Where, Repair: listed.Kind, Count: 1}}}
	for _, c := range []struct {
		repairs []Repair
		good    bool
		says    string
	}{
		{[]Repair{listed}, true, "1 repairs"},
		{nil, false, "unlisted dead-setting"},
		{[]Repair{listed, {"guarded-slot", "copy settings", "why", ""}}, false, "NOT MET"},
		{[]Repair{{"guarded-slot", listed.Where, "why", ""}}, false, "unlisted"},
	} {
		var out strings.Builder
		if good := Report(&out, "it", result, c.repairs); good != c.good || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v: %v\n%s", c.repairs, good, out.String())
		}
	}
	unexplained := &Result{Stages: 1, Differences: []*Difference{{Where: "end", Count: 1}}}
	if Report(&strings.Builder{}, "it", unexplained, []Repair{{"", "end", "why", ""}}) {
		t.Error("a difference without a kind passes")
	}
}

// A list with a kind that there is not is no list.
func TestRepairs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "repairs.yaml")
	for content, good := range map[string]bool{
		"- {kind: guarded-slot, where: copy settings, reason: why}":                true,
		"- {kind: guarded-slot, where: copy settings, reason: why, since: '1.10'}": true,
		"- {kind: whatever, where: copy settings, reason: why}":                    false,
		"- {kind: guarded-slot, where: copy settings}":                             false,
		"- {kind: guarded-slot, place: copy, reason: why}":                         false,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if list, err := Repairs(file); (err == nil) != good {
			t.Errorf("%s: %s", content, fmt.Sprint(list, err))
		}
	}
}
