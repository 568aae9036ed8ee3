package compare

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"sigs.k8s.io/yaml"

	"loadline/engine/steps"
)

// effect is what the settings of a step come to, where Kargo or the tool behind
// it reads them in a way of its own: the rest stands as it is.
func effect(kind string, config map[string]any) any {
	switch kind {
	case "yaml-update":
		return each(config, "updates", func(update map[string]any) { update["value"] = inFile(update["value"]) })
	case "git-clone": // The name of a checkout is seen where an output is read.
		return each(config, "checkout", func(checkout map[string]any) { delete(checkout, "as") })
	case "helm-template":
		return each(config, "setValues", func(item map[string]any) {
			literal, _ := item["literal"].(bool)
			item["value"] = set(item["value"], literal)
			delete(item, "literal")
		})
	case "http":
		if body, ok := config["body"].(string); ok {
			copied := plain(config)
			var read any
			if json.Unmarshal([]byte(body), &read) == nil {
				copied["body"] = read
			}
			return copied
		}
	}
	return any(config)
}

// each changes the items of a list in a copy of the settings.
func each(config map[string]any, list string, change func(map[string]any)) any {
	copied := plain(config)
	items, _ := copied[list].([]any)
	for _, item := range items {
		if fields, ok := item.(map[string]any); ok {
			change(fields)
		}
	}
	return copied
}

// inFile is what a reader of the file finds after yaml-update.
func inFile(value any) any {
	content, err := steps.UpdateYAML("it: x\n", []string{"it"}, []any{value})
	if err != nil {
		return "(yaml-update) " + err.Error()
	}
	var read map[string]any
	if err := yaml.Unmarshal([]byte(content), &read); err != nil {
		return "(broken file) " + content
	}
	if len(read) != 1 {
		return read
	}
	return read["it"]
}

var (
	helmNumber  = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	helmSeveral = regexp.MustCompile(`(^|[^\\]),|^\{`)
	helmEscape  = regexp.MustCompile(`\\(.)`)
)

// set is the value that Helm's --set makes of a text.
func set(value any, literal bool) any {
	text, ok := value.(string)
	switch {
	case !ok || literal:
		return value
	case text == "true" || text == "false":
		return text == "true"
	case text == "null":
		return nil
	case helmNumber.MatchString(text):
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return float64(n)
		}
	case helmSeveral.MatchString(text):
		return fmt.Sprintf("(several values) %s", text)
	}
	return helmEscape.ReplaceAllString(text, "$1")
}
