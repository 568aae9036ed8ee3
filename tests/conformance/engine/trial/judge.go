package trial

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// judge compares the settings of a plain and a hostile run of one program:
// where the plain run shows a text of the book, the hostile one must show the
// text that stands in its place.
type judge struct {
	minor kargo.Minor
	pairs []world.Pair
	found func(path, value, why string)
}

// step compares the settings of one step.
func (j *judge) step(kind string, plain, hostile map[string]any) {
	j.walk(kind, "", any(plain), any(hostile))
	if kind == "helm-template" && j.minor >= kargo.V11 {
		j.setValues(plain, hostile)
	}
}

func (j *judge) walk(kind, path string, plain, hostile any) {
	switch p := plain.(type) {
	case map[string]any:
		h, ok := hostile.(map[string]any)
		if !ok {
			j.changedShape(path, plain, hostile)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(p)) {
			j.walk(kind, strings.TrimPrefix(path+"."+key, "."), p[key], h[key])
		}
	case []any:
		h, ok := hostile.([]any)
		if !ok || len(h) != len(p) {
			j.changedShape(path, plain, hostile)
			return
		}
		for i, item := range p {
			j.walk(kind, fmt.Sprintf("%s[%d]", path, i), item, h[i])
		}
	case string:
		j.text(kind, path, p, hostile)
	}
}

// changedShape reports a list or map that a value tore apart.
func (j *judge) changedShape(path string, plain, hostile any) {
	if written := show(plain); j.mentions(written) {
		j.found(path, show(hostile), "another shape than with plain values: "+written)
	}
}

func (j *judge) mentions(text string) bool {
	return slices.ContainsFunc(j.pairs, func(p world.Pair) bool { return strings.Contains(text, p.Plain) })
}

// expressionFields are settings in which texts are pasted into code.
var expressionFields = regexp.MustCompile(`(^|\.)(successExpression|failureExpression|errorExpression|fromExpression)$`)

func (j *judge) text(kind, path, plain string, hostile any) {
	if !j.mentions(plain) {
		return
	}
	actual, ok := hostile.(string)
	if !ok {
		j.found(path, show(hostile), fmt.Sprintf("not a text any more; meant: %q", j.replace(plain, asItIs)))
		return
	}
	switch {
	case expressionFields.MatchString(path):
		if meant := j.replace(plain, asCode); !same(actual, meant) {
			j.found(path, show(actual), fmt.Sprintf("pasted into code; meant: %q", meant))
		}
	case kind == "yaml-update" && strings.HasSuffix(path, "].value"):
		j.yamlText(path, plain, actual)
	default:
		if same(actual, j.replace(plain, asItIs)) || j.sameJSON(kind, path, plain, actual) {
			return
		}
		j.found(path, show(actual), fmt.Sprintf("changed; meant: %q", j.replace(plain, asItIs)))
	}
}

// sameJSON judges a text that holds JSON by what the JSON says.
func (j *judge) sameJSON(kind, path, plain, actual string) bool {
	var p, h any
	if !strings.HasPrefix(strings.TrimSpace(plain), "{") && !strings.HasPrefix(strings.TrimSpace(plain), "[") {
		return false
	}
	if json.Unmarshal([]byte(plain), &p) != nil || json.Unmarshal([]byte(actual), &h) != nil {
		return false
	}
	j.walk(kind, path+" (JSON)", p, h)
	return true
}

// yamlText judges a value of yaml-update by what a YAML reader makes of the
// line that it is pasted into. Line breaks fold to blanks there.
func (j *judge) yamlText(path, plain, actual string) {
	meant, ok := pasted(plain)
	if !ok {
		meant = plain
	}
	meant = j.replace(meant, asItIs)
	got, ok := pasted(actual)
	if lineBreaks.MatchString(meant) {
		// What folds a line break may keep the blanks around it or not.
		got, meant = blanks.ReplaceAllString(got, " "), blanks.ReplaceAllString(meant, " ")
	}
	if !ok || !same(inYAML(got), inYAML(meant)) {
		j.found(path, show(actual), fmt.Sprintf("pasted into YAML it is read as %q; meant: %q", got, meant))
	}
}

// pasted is what Helm reads after `key: ` of a text that yaml-update pasted.
func pasted(text string) (string, bool) {
	if quotable(text) {
		text = fmt.Sprintf("%q", text)
	}
	var read map[string]any
	if err := yaml.Unmarshal([]byte("key: "+text+"\n"), &read); err != nil {
		return err.Error(), false
	}
	value, ok := read["key"].(string)
	if !ok || len(read) != 1 {
		return show(read), false
	}
	return value, true
}

// quotable tells whether Kargo quotes the text on its own.
func quotable(text string) bool {
	_, number := strconv.ParseFloat(text, 64)
	_, boolean := strconv.ParseBool(text)
	return number == nil || boolean == nil || json.Valid([]byte(text))
}

var lineBreaks = regexp.MustCompile(`\s*[\n\r\x{2028}\x{2029}]\s*`)

// blanks are white space of any sort and length.
var blanks = regexp.MustCompile(`[\s\x{2028}\x{2029}]+`)

// controls are further characters that a YAML file cannot hold.
var controls = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f]`)

func inYAML(text string) string {
	return strings.TrimSpace(lineBreaks.ReplaceAllString(controls.ReplaceAllString(text, ""), " "))
}

// removable are the characters that make Kargo lose settings or outputs. A
// program may drop them.
var removable = regexp.MustCompile(`[\x7f-\x9f\x{fffe}\x{ffff}]`)

func same(actual, meant string) bool {
	return removable.ReplaceAllString(actual, "") == removable.ReplaceAllString(meant, "")
}

func asItIs(p world.Pair) string { return p.Hostile }

// asCode is a text inside a literal that toJSON wrote.
func asCode(p world.Pair) string {
	written, _ := json.Marshal(removable.ReplaceAllString(p.Hostile, ""))
	return string(written[1 : len(written)-1])
}

// replace puts the hostile texts in the place of the plain ones, in one pass.
func (j *judge) replace(text string, form func(world.Pair) string) string {
	var out strings.Builder
	for text != "" {
		at, with := -1, world.Pair{}
		for _, p := range j.pairs { // Longer ones first.
			if i := strings.Index(text, p.Plain); i >= 0 && (at < 0 || i < at) {
				at, with = i, p
			}
		}
		if at < 0 {
			break
		}
		out.WriteString(text[:at])
		out.WriteString(form(with))
		text = text[at+len(with.Plain):]
	}
	out.WriteString(text)
	return out.String()
}

var retyped = regexp.MustCompile(`^(-?[0-9]+|true|false|null)$|,|^\{`)

// setValues judges what Helm's --set makes of values that are not literal.
func (j *judge) setValues(plain, hostile map[string]any) {
	was, _ := plain["setValues"].([]any)
	is, _ := hostile["setValues"].([]any)
	for i := range min(len(was), len(is)) {
		p, _ := was[i].(map[string]any)
		h, _ := is[i].(map[string]any)
		before, _ := p["value"].(string)
		after, _ := h["value"].(string)
		if literal, _ := h["literal"].(bool); !literal && j.mentions(before) && retyped.MatchString(after) {
			j.found(fmt.Sprintf("setValues[%d].value", i), show(after), "Helm gives it another type; literal: true is missing")
		}
	}
}

func show(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	if len(written) > 200 {
		return string(written[:200]) + "…"
	}
	return string(written)
}
