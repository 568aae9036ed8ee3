package trial

import (
	"testing"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// The judge must see a changed value, and must not complain of a right one.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		kind, field, plain string
		hostile            any
		text               string // what stands for the plain MARK
		good               bool
	}{
		{"copy", "inPath", "v-MARK", "v-1.10", "1.10", true},
		{"copy", "inPath", "MARK", 1.1, "1.10", false},
		{"copy", "inPath", "MARK", "1.1", "1.10", false},
		{"git-commit", "message", "MARK", "ab", "a\x7fb", true},
		{"git-commit", "message", "MARK", "a b", "a\u0085b", false},
		{"http", "body", `{"t": "MARK"}`, `{"t": "a\"b"}`, `a"b`, true},
		{"http", "body", `{"t": "MARK"}`, `{"t": "a","b":1}`, `a","b":1`, false},
		{"http", "successExpression", `x == "MARK"`, `x == "a\"b"`, `a"b`, true},
		{"http", "successExpression", `x == "MARK"`, `x == "a"b"`, `a"b`, false},
		{"yaml-update", "", "'MARK'", "'it''s'", "it's", true},
		{"yaml-update", "", "'MARK'", "'it's'", "it's", false},
		{"yaml-update", "", "MARK", "1.10", "1.10", true}, // Kargo quotes it.
		{"yaml-update", "", "MARK", "on", "on", false},
		{"yaml-update", "", "'MARK'", "'a\nb: c'", "a\nb: c", true},
	} {
		found := false
		j := &judge{
			minor: kargo.V11, pairs: []world.Pair{{Key: "k", Plain: "MARK", Hostile: c.text, Untrusted: true}},
			found: func(string, string, string) { found = true },
		}
		wrap := func(value any) map[string]any { return map[string]any{c.field: value} }
		if c.kind == "yaml-update" {
			wrap = func(value any) map[string]any {
				return map[string]any{"updates": []any{map[string]any{"key": "a", "value": value}}}
			}
		}
		j.step(c.kind, wrap(c.plain), wrap(c.hostile))
		if found == c.good {
			t.Errorf("%s %s %q → %v: found = %v", c.kind, c.field, c.plain, c.hostile, found)
		}
	}
}
