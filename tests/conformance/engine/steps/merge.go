package steps

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	old "sigs.k8s.io/yaml"

	"loadline/engine/kargo"
	"loadline/engine/rules"
)

// yamlMerge lays YAML files over each other, the later ones on top.
func (r *Runner) yamlMerge(config map[string]any) (kargo.Answer, error) {
	ignore, _ := config["ignoreMissingFiles"].(bool)
	var merged *yaml.Node
	var found []string
	files, _ := config["inFiles"].([]any)
	for _, f := range files {
		file, _ := f.(string)
		content, err := r.read(file)
		if err != nil && ignore {
			continue
		}
		if err != nil {
			return done(err)
		}
		found = append(found, file)
		root, err := readNode(content)
		if err != nil {
			return done(fmt.Errorf("%s: %w", file, err))
		}
		switch {
		case root == nil: // An empty file.
		case merged == nil:
			merged = root
		default:
			if merged, err = lay(merged, root); err != nil {
				return done(fmt.Errorf("%s: %w", file, err))
			}
		}
	}
	out := text(config, "outFile")
	content, err := writeNode(merged)
	if err != nil {
		return done(err)
	}
	if err := r.Files.write(out, content); err != nil {
		return done(err)
	}
	if len(found) == 0 {
		return done(nil)
	}
	message := fmt.Sprintf("Wrote %s to %s", found[0], out)
	if len(found) > 1 {
		message = fmt.Sprintf("Merged %d YAML files to %s\n- %s", len(found), out, strings.Join(found, "\n- "))
	}
	return kargo.Answer{Status: kargo.Succeeded, Output: map[string]any{"commitMessage": message}}, nil
}

func readNode(content string) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(content), &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	root := document.Content[0]
	if at(root, "apiVersion") != nil && at(root, "kind") != nil {
		return nil, errors.New("merging lists of Kubernetes objects is not modelled")
	}
	return root, nil
}

func writeNode(node *yaml.Node) (string, error) {
	if node == nil {
		return "", nil
	}
	var written bytes.Buffer
	encoder := yaml.NewEncoder(&written)
	encoder.SetIndent(2)
	encoder.CompactSeqIndent()
	err := encoder.Encode(node)
	return written.String(), err
}

func at(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

func isNull(node *yaml.Node) bool { return node == nil || node.Tag == "!!null" }

// lay puts one node over another: mappings are merged, all else is replaced.
// What is replaced keeps its style and loses its comment; a null on top removes
// a key, and so does a value that was left empty below.
func lay(below, above *yaml.Node) (*yaml.Node, error) {
	switch {
	case isNull(below):
		return above, nil
	case isNull(above):
		return nil, nil
	case below.Kind != above.Kind:
		return nil, errors.New("two kinds of values for one key")
	case below.Kind != yaml.MappingNode:
		return above, nil
	}
	if len(below.Content) == 0 {
		below.Style = above.Style
	}
	for _, key := range keysOf(below, above) {
		low, high := at(below, key), at(above, key)
		value := low
		var err error
		switch {
		case high != nil:
			value, err = lay(low, high)
		case isNull(low) && low.Value == "" && rules.On(rules.MergeDropsEmpty):
			value = nil
		case low.Kind == yaml.MappingNode:
			value, err = lay(low, &yaml.Node{Kind: yaml.MappingNode})
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if isNull(value) && (high != nil || value == nil) {
			remove(below, key)
			continue
		}
		set(below, key, value)
	}
	return below, nil
}

// keysOf are the keys of two mappings in alphabetical order, in which new ones
// are appended.
func keysOf(nodes ...*yaml.Node) []string {
	var keys []string
	for _, node := range nodes {
		for i := 0; i < len(node.Content); i += 2 {
			keys = append(keys, node.Content[i].Value)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func set(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			if rules.On(rules.MergeKeepsStyle) {
				value.Style = node.Content[i+1].Style
			}
			node.Content[i+1] = value
			return
		}
	}
	if value.Tag == "!!str" && value.Style == 0 && !isOldText(value.Value) {
		value.Style = yaml.DoubleQuotedStyle
	}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}

// isOldText tells whether YAML 1.1 reads a plain scalar as text.
func isOldText(plain string) bool {
	var read any
	if err := old.Unmarshal([]byte(plain), &read); err != nil {
		return true
	}
	_, ok := read.(string)
	return ok
}

func remove(node *yaml.Node, key string) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = slices.Delete(node.Content, i, i+2)
			return
		}
	}
}
