package judge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

const smallSchema = `{
  "oneOf": [{"$ref": "#/definitions/org.example.Thing"}],
  "definitions": {
    "org.example.Thing": {
      "type": "object",
      "required": ["spec"],
      "properties": {
        "apiVersion": {"type": "string"}, "kind": {"type": "string"},
        "spec": {"$ref": "#/definitions/org.example.Spec"}
      }
    },
    "org.example.Spec": {
      "type": "object",
      "properties": {"limit": {"type": "string"}, "free": {"type": "object"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}}
    }
  }
}`

func TestDefinitions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, []byte(smallSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	definitions, err := ReadDefinitions(file, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		spec map[string]any
		want string
	}{
		"right":         {map[string]any{"limit": "3", "free": map[string]any{"a": true}, "labels": map[string]any{"a": "b"}}, ""},
		"wrong type":    {map[string]any{"limit": int64(3)}, "got number, want string"},
		"unknown field": {map[string]any{"limits": "3"}, "additional properties 'limits' not allowed"},
	} {
		object := map[string]any{"apiVersion": "example.org/v1", "kind": "Thing", "spec": test.spec}
		problems := definitions.check(schema.FromAPIVersionAndKind("example.org/v1", "Thing"), object)
		if test.want == "" && len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		if test.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Text, test.want)) {
			t.Errorf("%s: %v, want %q", name, problems, test.want)
		}
	}
}
