package judge

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Subscriptions are the official schemas of what a Warehouse subscribes to.
// Since 1.9 the CRD takes anything there and Kargo drops the keys that it does
// not know, so that a misspelt key goes unnoticed.
type Subscriptions struct {
	byType map[string]*jsonschema.Schema
}

// ReadSubscriptions compiles the folder's `<type>.json`.
func ReadSubscriptions(folder string) (*Subscriptions, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no subscription schemas", folder)
	}
	found := &Subscriptions{byType: map[string]*jsonschema.Schema{}}
	for _, file := range files {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		compiled, err := compiler.Compile(file)
		if err != nil {
			return nil, err
		}
		found.byType[strings.TrimSuffix(filepath.Base(file), ".json")] = compiled
	}
	return found, nil
}

func (s *Subscriptions) check(gvk schema.GroupVersionKind, object map[string]any) []Problem {
	if s == nil || gvk.Group != kargoGroup || gvk.Kind != "Warehouse" {
		return nil
	}
	spec, _ := object["spec"].(map[string]any)
	list, _ := spec["subscriptions"].([]any)
	var problems []Problem
	for i, item := range list {
		at := fmt.Sprintf("spec.subscriptions[%d]", i)
		for _, text := range s.checkOne(item) {
			problems = append(problems, Problem{Subscription, at + text})
		}
	}
	return problems
}

func (s *Subscriptions) checkOne(item any) []string {
	subscription, ok := item.(map[string]any)
	if !ok || len(subscription) != 1 {
		return []string{": must be an object with the type of the subscription as its only key"}
	}
	for key, value := range subscription {
		known, ok := s.byType[key]
		if !ok {
			return []string{fmt.Sprintf(": unknown type %q", key)}
		}
		if err := known.Validate(value); err != nil {
			return reasons(key, err)
		}
	}
	return nil
}

// reasons leaves out the first line of the error, which names the schema file.
func reasons(key string, err error) []string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	if len(lines) > 1 {
		lines = lines[1:]
	}
	var texts []string
	for _, line := range lines {
		texts = append(texts, "."+key+": "+strings.TrimPrefix(strings.TrimSpace(line), "- "))
	}
	slices.Sort(texts)
	return texts
}
