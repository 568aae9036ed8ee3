package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompareBuild(t *testing.T) {
	object := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"1.10\", b: \"on\", c: \"~\"}\n"
	cases := []struct{ name, kustomization, object, want string }{
		{"same", "resources: [a.yaml]\n", object, ""},
		{"a file that is not listed", "resources: []\nnamePrefix: x-\n", object, "v1 ConfigMap//a: lost"},
		{"changed", "resources: [a.yaml]\ncommonAnnotations: {some: text}\n", object, "v1 ConfigMap//a.metadata.annotations: added"},
		{"renamed", "resources: [a.yaml]\nnamePrefix: x-\n", object, "v1 ConfigMap//a: lost"},
		{"two of a name", "resources: [a.yaml]\n", object + "---\n" + object, "already registered id"},
		// The one difference of the two YAML readers that strikes a key.
		{"bare n as a key", "resources: [a.yaml]\n", object + "  \n---\napiVersion: v1\nkind: X\nmetadata: {name: a}\nspec: {n: 1}\n", "spec.false: lost"},
	}
	for _, c := range cases {
		folder := t.TempDir()
		for name, text := range map[string]string{"kustomization.yaml": c.kustomization, "a.yaml": c.object} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, found := compareBuild(folder)
		if c.want == "" {
			if len(found) > 0 {
				t.Errorf("%s: %v", c.name, found)
			}
		} else if !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("%s: %v, want %q", c.name, found, c.want)
		}
	}
}

func TestDifferencesSeeTypes(t *testing.T) {
	cases := []struct{ before, after any }{
		{"1", int64(1)},
		{int64(1), float64(1)},
		{nil, ""},
		{map[string]any{"a": nil}, map[string]any{}},
		{[]any{}, nil},
		{[]any{"a", "b"}, []any{"b", "a"}},
	}
	for _, c := range cases {
		if len(differences("x", c.before, c.after)) == 0 {
			t.Errorf("%#v and %#v pass for the same", c.before, c.after)
		}
	}
}
