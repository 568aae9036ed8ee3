package steps

import (
	"reflect"
	"testing"

	"loadline/engine/kargo"
)

// What stands around a value stays as it was written; what is missing is made.
func TestSetJSON(t *testing.T) {
	for _, c := range []struct{ document, key, value, want string }{
		{`{"a": {"b": 1}, "l": [1, {"c": "x"}]}`, "a.b", "2", `{"a": {"b": 2}, "l": [1, {"c": "x"}]}`},
		{`{"a": {"b": 1}, "l": [1, {"c": "x"}]}`, "l.1.c", `"y"`, `{"a": {"b": 1}, "l": [1, {"c": "y"}]}`},
		{`{"a": 1}`, "n.k", "2", `{"a": 1,"n":{"k":2}}`},
		{`{ }`, "n.2", "true", `{ "n":[null,null,true]}`},
		{`{"a": 1}`, "a.b", "2", `{"a": {"b":2}}`},
		{`{"l": [1, 2]}`, "l.4", "5", `{"l": [1,2,null,null,5]}`},
		{`{"l": [1]}`, "l.-1", "2", `{"l": [1,2]}`},
		{`{"l": [1]}`, "l.x", "2", ""},
		{`{"a": 1}`, "a*", "2", ""},
		{`no`, "a", "2", ""},
	} {
		got, err := SetJSON(c.document, c.key, c.value)
		if err != nil {
			got = ""
		}
		if got != c.want {
			t.Errorf("%s at %s: got %q (%v), want %q", c.document, c.key, got, err, c.want)
		}
	}
}

func TestTOML(t *testing.T) {
	got, err := readTOML([]byte("a = 'x' # c\n[t.u]\nb.c = \"1\\n\"\nn = 3\nf = 1.5\nok = true\n"))
	want := map[string]any{"a": "x", "t": map[string]any{"u": map[string]any{
		"b": map[string]any{"c": "1\n"}, "n": int64(3), "f": 1.5, "ok": true,
	}}}
	if err != nil || !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %#v, %v", got, err)
	}
	for _, bad := range []string{"", "a", "a = 1\na = 2", "a = [1]", "a = 1\n[a]"} {
		if got, err := readTOML([]byte(bad)); err == nil {
			t.Errorf("%q: got %v", bad, got)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct{ below, above, want string }{
		{"b: 1 # c\na: [1]\n", "a:\n- 2\nz: on\nc: {d: 1}\n", "b: 1 # c\na: [2]\nc: {d: 1}\nz: \"on\"\n"},
		{"a:\nb: null\nc: 1\n", "c: null\n", "b: null\n"},
		{"a: {b: 1, c: 2}\n", "a: {b: null}\n", "a: {c: 2}\n"},
		{"a: 1\n", "a: {b: 1}\n", ""},
		{"a: x\n", "a: \"007\"\n", "a: \"007\"\n"},
	} {
		r := &Runner{Files: Files{"1": c.below, "2": c.above}}
		answer, _ := r.yamlMerge(map[string]any{"inFiles": []any{"1", "2"}, "outFile": "d/3"})
		if got := r.Files["d/3"]; got != c.want || (answer.Status == kargo.Succeeded) != (c.want != "") {
			t.Errorf("%q under %q: got %q, %s", c.below, c.above, got, answer.Status)
		}
	}
}

func TestFileWrite(t *testing.T) {
	for _, c := range []struct {
		config map[string]any
		want   kargo.Status
	}{
		{map[string]any{"path": "x/y"}, kargo.Succeeded},
		{map[string]any{"path": "old"}, kargo.Failed},
		{map[string]any{"path": "old", "overwrite": true}, kargo.Succeeded},
		{map[string]any{"path": "old/x"}, kargo.Errored},
		{map[string]any{"path": "dir", "overwrite": true}, kargo.Errored},
		{map[string]any{"path": "../x"}, kargo.Failed},
		{map[string]any{"path": ".git/config"}, kargo.Failed},
		{map[string]any{"path": "x", "permissions": "0644"}, kargo.Succeeded},
		{map[string]any{"path": "x", "permissions": "0755"}, kargo.Failed},
		{map[string]any{"path": "x", "permissions": "0666"}, kargo.Failed},
	} {
		r := &Runner{Files: Files{"old": "", "dir/a": ""}}
		if answer, err := r.fileWrite(c.config); answer.Status != c.want {
			t.Errorf("%v: %s, %v", c.config, answer.Status, err)
		}
	}
}
