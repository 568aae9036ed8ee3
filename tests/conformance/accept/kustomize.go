package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"loadline/tests/conformance/accept/manifest"
)

func runKustomize(args []string, out io.Writer) error {
	flags := newFlags("kustomize")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("kustomize needs at least one folder")
	}
	objects, differences := 0, 0
	for _, folder := range flags.Args() {
		count, found := compareBuild(folder)
		objects += count
		differences += len(found)
		for _, difference := range found {
			fmt.Fprintf(out, "%s: %s\n", folder, difference)
		}
	}
	fmt.Fprintf(out, "%d objects, %d differences\n", objects, differences)
	if differences > 0 {
		return errRefused
	}
	return nil
}

// compareBuild builds a folder with kustomize and says what differs between the
// documents on disk and those that come out. A folder that does not build is
// one difference.
func compareBuild(folder string) (int, []string) {
	written, err := manifest.ReadFolder(folder, manifest.Strict)
	if err != nil {
		return 0, []string{oneLine(err)}
	}
	if len(written) == 0 {
		return 0, []string{"no documents"}
	}
	built, err := build(folder)
	if err != nil {
		return len(written), []string{oneLine(err)}
	}
	before, problems := index(written)
	after, more := index(built)
	problems = append(problems, more...)
	for _, key := range sortedKeys(before) {
		object, ok := after[key]
		if !ok {
			problems = append(problems, key+": lost: is its file in the kustomization?")
			continue
		}
		problems = append(problems, differences(key, before[key], object)...)
	}
	for _, key := range sortedKeys(after) {
		if _, ok := before[key]; !ok {
			problems = append(problems, key+": added")
		}
	}
	return len(written), problems
}

func build(folder string) ([]manifest.Doc, error) {
	kustomizer := krusty.MakeKustomizer(krusty.MakeDefaultOptions())
	resources, err := kustomizer.Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	text, err := resources.AsYaml()
	if err != nil {
		return nil, err
	}
	return manifest.Parse("the build", text, manifest.Strict), nil
}

// index orders documents by what a cluster knows them by.
func index(docs []manifest.Doc) (map[string]map[string]any, []string) {
	found := map[string]map[string]any{}
	var problems []string
	for _, doc := range docs {
		if doc.Err != nil {
			problems = append(problems, fmt.Sprintf("%s: document %d: %s", doc.File, doc.Index, oneLine(doc.Err)))
			continue
		}
		key := fmt.Sprintf("%v %s", doc.Object["apiVersion"], doc.Name())
		if _, twice := found[key]; twice {
			problems = append(problems, fmt.Sprintf("%s: %s: there are two", doc.File, key))
		}
		found[key] = doc.Object
	}
	return found, problems
}

// differences compares values with their types: the text "1" is not the
// number 1, and null is not a key left out.
func differences(at string, before, after any) []string {
	switch before := before.(type) {
	case map[string]any:
		if after, ok := after.(map[string]any); ok {
			return objectDifferences(at, before, after)
		}
	case []any:
		if after, ok := after.([]any); ok && len(before) == len(after) {
			var found []string
			for i := range before {
				found = append(found, differences(fmt.Sprintf("%s[%d]", at, i), before[i], after[i])...)
			}
			return found
		}
	}
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %T %#v became %T %#v", at, before, before, after, after)}
}

func objectDifferences(at string, before, after map[string]any) []string {
	var found []string
	for _, key := range sortedKeys(before) {
		value, ok := after[key]
		if !ok {
			found = append(found, fmt.Sprintf("%s.%s: lost", at, key))
			continue
		}
		found = append(found, differences(at+"."+key, before[key], value)...)
	}
	for _, key := range sortedKeys(after) {
		if _, ok := before[key]; !ok {
			found = append(found, fmt.Sprintf("%s.%s: added", at, key))
		}
	}
	return found
}

func sortedKeys[V any](object map[string]V) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
