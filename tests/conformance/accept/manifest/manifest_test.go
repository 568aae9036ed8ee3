package manifest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseCountsObjects(t *testing.T) {
	stream := `# only a comment
---
kind: A
metadata: {name: a, namespace: shop}
---
---
kind: List
items:
- {kind: B}
- {kind: C}
- 3
---
kind: D
`
	docs := Parse("x", []byte(stream), Strict)
	want := []string{"A/shop/a", "B//", "C//", "", "D//"}
	if len(docs) != len(want) {
		t.Fatalf("%d documents, want %d", len(docs), len(want))
	}
	for i, doc := range docs {
		if doc.Index != i {
			t.Errorf("document %d has index %d", i, doc.Index)
		}
		if want[i] == "" {
			if doc.Err == nil {
				t.Errorf("document %d: a number passed for an object", i)
			}
		} else if doc.Name() != want[i] {
			t.Errorf("document %d is %s, want %s", i, doc.Name(), want[i])
		}
	}
}

func TestParseRepeatedKey(t *testing.T) {
	stream := []byte("kind: A\nkind: B\n")
	if docs := Parse("x", stream, Strict); docs[0].Err == nil {
		t.Error("strict reading took a repeated key")
	}
	if docs := Parse("x", stream, LastWins); docs[0].Object["kind"] != "B" {
		t.Errorf("got %v, want the last value", docs[0])
	}
}

func TestFilesLeavesOutTheKustomization(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"kustomization.yaml", "b.yaml", "a/c.yml", "a/notes.txt"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Files(root)
	if err != nil || len(files) != 2 {
		t.Fatalf("got %v, %v", files, err)
	}
}
