package kargo

import (
	"math"
	"reflect"
	"testing"
)

func TestCoerce(t *testing.T) {
	for text, want := range map[string]any{
		"1.10": 1.1, "007": 7.0, "1_000": 1000.0, "0x1p4": 16.0, "0x1F": "0x1F", "1e400": "1e400",
		"t": true, "True": true, "tRUE": "tRUE", "yes": "yes", " null ": nil, "~": "~",
		`"1.10"`: "1.10", `"`: `"`, `""`: "", "\"a\"\n": "a\n", "1\n": 1.0, "x\n": "x\n", " 1": 1.0,
		`{"a": [1]}`: map[string]any{"a": []any{1.0}}, `a" "b`: `a" "b`, `"a" "b"`: `a" "b`,
	} {
		if got := Coerce(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v", text, got, want)
		}
	}
	if got, ok := Coerce("nan").(float64); !ok || !math.IsNaN(got) {
		t.Errorf("nan: got %#v", got)
	}
}

func TestRender(t *testing.T) {
	echo := func(expression string) (any, error) { return "<" + expression + ">", nil }
	for _, c := range []struct {
		minor    Minor
		template string
		want     any // nil: an error
	}{
		{V11, "42", "42"},
		{V11, "a${{ x }}b${% y %}c", "a< x >b< y >c"},
		{V8, "a${{ x }}b${% y %}c", "a< x >b${% y %}c"},
		{V8, "${% y", "${% y"},
		{V11, "${% y", nil},
		{V11, "a${{x", nil},
		{V5, "a${{x", nil},
		{V11, "${{ {'a': {}} }}", "< {'a': {> }}"},
		{V11, "a${{}}b${{ c }}", "ab${{ c }}"},
		{V8, "a${{}}b", "a<>b"},
	} {
		got, err := c.minor.Render(c.template, echo)
		if (err != nil) != (c.want == nil) || err == nil && got != c.want {
			t.Errorf("%v %q: got %#v, %v, want %#v", c.minor, c.template, got, err, c.want)
		}
	}
}

// Settings that YAML cannot read are lost, whole.
func TestRenderConfigSwallows(t *testing.T) {
	raw := []byte(`{"fine": "x", "bad": "a\u007fb"}`)
	config, swallowed, err := RenderConfig(raw, func(s string) (any, error) { return s, nil })
	if config != nil || !swallowed || err != nil {
		t.Errorf("got %v, %v, %v", config, swallowed, err)
	}
}
