package judge

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definitionsURL is where the compiler is told that the schema lies.
const definitionsURL = "file:///definitions.json"

// Definitions are the official JSON schema of a system whose CRDs take almost
// anything: a definition for each kind.
type Definitions struct {
	group  string
	byKind map[string]*jsonschema.Schema
}

// ReadDefinitions compiles the definitions of the kinds of a group that the
// schema names at its top. Fields that a definition does not list are refused,
// although the schema itself lets them pass.
func ReadDefinitions(file, group string) (*Definitions, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	definitions, _ := whole["definitions"].(map[string]any)
	for _, definition := range definitions {
		closeFields(definition)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(definitionsURL, map[string]any{"definitions": definitions}); err != nil {
		return nil, err
	}
	found := &Definitions{group: group, byKind: map[string]*jsonschema.Schema{}}
	kinds, _ := whole["oneOf"].([]any)
	for _, kind := range kinds {
		reference, _ := kind.(map[string]any)
		path, _ := reference["$ref"].(string)
		compiled, err := compiler.Compile(definitionsURL + path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		found.byKind[path[strings.LastIndex(path, ".")+1:]] = compiled
	}
	if len(found.byKind) == 0 {
		return nil, fmt.Errorf("%s: no kinds", file)
	}
	return found, nil
}

// closeFields refuses fields that an object does not list, at every depth.
func closeFields(definition any) {
	switch node := definition.(type) {
	case map[string]any:
		_, lists := node["properties"].(map[string]any)
		if _, says := node["additionalProperties"]; lists && !says {
			node["additionalProperties"] = false
		}
		for _, inner := range node {
			closeFields(inner)
		}
	case []any:
		for _, inner := range node {
			closeFields(inner)
		}
	}
}

func (d *Definitions) check(gvk schema.GroupVersionKind, object map[string]any) []Problem {
	if d == nil || gvk.Group != d.group {
		return nil
	}
	known, ok := d.byKind[gvk.Kind]
	if !ok {
		return nil
	}
	err := known.Validate(object)
	if err == nil {
		return nil
	}
	var problems []Problem
	for _, text := range leaves(err) {
		problems = append(problems, Problem{Definition, text})
	}
	return problems
}

// leaves are the lines of an error that say something by themselves.
func leaves(err error) []string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	var texts []string
	for _, line := range lines[min(1, len(lines)-1):] {
		text := strings.TrimPrefix(strings.TrimSpace(line), "- ")
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}
