package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"loadline/engine/world"
)

// walk finds the places in which two values differ. Items of lists are written `[]`.
func walk(path string, a, b any, found func(path string, a, b any)) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			all := maps.Clone(x)
			maps.Copy(all, y)
			for _, key := range slices.Sorted(maps.Keys(all)) {
				walk(strings.TrimPrefix(path+"."+key, "."), x[key], y[key], found)
			}
			return
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				walk(path+"[]", x[i], y[i], found)
			}
			return
		}
	}
	if !reflect.DeepEqual(a, b) {
		found(path, a, b)
	}
}

// replaced puts the hostile texts in the place of the plain ones.
func replaced(text string, pairs []world.Pair) string {
	for _, p := range pairs { // Longer ones first.
		text = strings.ReplaceAll(text, p.Plain, p.Hostile)
	}
	return text
}

var unkept = regexp.MustCompile(`[\s\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{fffe}\x{ffff}]+`)

// fold forgets what a file or a commit message cannot hold.
func fold(text string) string { return strings.TrimSpace(unkept.ReplaceAllString(text, " ")) }

func show(value any) string {
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return fmt.Sprint(value)
	}
	text := strings.TrimSpace(written.String())
	if len(text) > 240 {
		return text[:240] + "…"
	}
	return text
}
