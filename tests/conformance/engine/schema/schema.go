// Package schema holds settings to the official JSON schemas of the steps. The
// validator is the one that Kargo uses.
package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Set is a folder of step schemas, `<kind>-config.json` each.
type Set struct {
	folder string
	byKind map[string]*gojsonschema.Schema
}

// Open names the folder.
func Open(folder string) (*Set, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(folder, "common.json")); err != nil {
		return nil, fmt.Errorf("%s holds no step schemas: %w", folder, err)
	}
	return &Set{folder: folder, byKind: map[string]*gojsonschema.Schema{}}, nil
}

// Check tells what a schema has against settings; known is false for a kind
// without schema.
func (s *Set) Check(kind string, config map[string]any) (problems []string, known bool, err error) {
	compiled, known, err := s.load(kind)
	if !known || err != nil {
		return nil, known, err
	}
	result, err := compiled.Validate(gojsonschema.NewGoLoader(config))
	if err != nil {
		return nil, true, err
	}
	for _, problem := range result.Errors() {
		problems = append(problems, problem.String())
	}
	slices.Sort(problems)
	return problems, true, nil
}

func (s *Set) load(kind string) (*gojsonschema.Schema, bool, error) {
	if compiled, ok := s.byKind[kind]; ok {
		return compiled, compiled != nil, nil
	}
	file := filepath.Join(s.folder, filepath.Base(kind)+"-config.json")
	if strings.ContainsAny(kind, `/\`) {
		return nil, false, nil
	}
	if _, err := os.Stat(file); err != nil {
		s.byKind[kind] = nil
		return nil, false, nil
	}
	compiled, err := gojsonschema.NewSchema(gojsonschema.NewReferenceLoader("file://" + filepath.ToSlash(file)))
	if err != nil {
		return nil, true, fmt.Errorf("schema of %s: %w", kind, err)
	}
	s.byKind[kind] = compiled
	return compiled, true, nil
}
