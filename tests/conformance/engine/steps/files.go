// Package steps runs a few of Kargo's own step kinds on files in memory, as far
// as the recordings need them.
package steps

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"loadline/engine/rules"
)

// Files is a working directory: clean path without leading slash → content.
type Files map[string]string

// inside joins a path to the root; `..` does not leave it.
func inside(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

// escapes tells whether a path leads out of the working directory.
func escapes(p string) bool {
	p = path.Clean(p)
	return p == ".." || strings.HasPrefix(p, "../")
}

// below lists the files of a folder.
func (f Files) below(folder string) []string {
	var found []string
	for name := range f {
		if folder == "" || strings.HasPrefix(name, folder+"/") {
			found = append(found, name)
		}
	}
	return found
}

// fileAbove tells whether one of the folders of a path is a file.
func (f Files) fileAbove(p string) bool {
	for p = path.Dir(p); p != "."; p = path.Dir(p) {
		if _, ok := f[p]; ok {
			return true
		}
	}
	return false
}

// Copy copies a file or merges a folder into another.
func (f Files) Copy(from, to string) error {
	from, to = inside(from), inside(to)
	if content, ok := f[from]; ok {
		if len(f.below(to)) > 0 || f.fileAbove(to) {
			return fmt.Errorf("cannot write %q", to)
		}
		f[to] = content
		return nil
	}
	found := f.below(from)
	if len(found) == 0 {
		return fmt.Errorf("%q does not exist", from)
	}
	if _, ok := f[to]; ok || f.fileAbove(to) {
		return fmt.Errorf("%q is no folder", to)
	}
	for _, name := range found {
		f[inside(path.Join(to, strings.TrimPrefix(name, from)))] = f[name]
	}
	return nil
}

// Delete removes a file or folder and tells whether it was there.
func (f Files) Delete(p string) bool {
	p = inside(p)
	_, found := f[p]
	delete(f, p)
	for _, name := range f.below(p) {
		delete(f, name)
		found = true
	}
	return found
}

type place struct{ line, column int }

// UpdateYAML pastes values at keys, raw, to the end of the line: the rest of the
// line (a comment, the rest of a flow mapping) is lost, as in Kargo.
func UpdateYAML(content string, keys []string, values []any) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(content), &document); err != nil {
		return "", err
	}
	type change struct {
		column int
		value  any
	}
	changes := map[int]change{}
	for i, key := range keys {
		at, err := find(&document, strings.Split(key, "."))
		if err != nil {
			return "", fmt.Errorf("key %s: %w", key, err)
		}
		changes[at.line] = change{at.column, values[i]}
	}
	lines := strings.Split(strings.TrimSuffix(content, "\n"), "\n")
	for number, c := range changes {
		kept := lines[number][:c.column]
		if !strings.HasSuffix(kept, " ") {
			kept += " "
		}
		rest := ""
		if !rules.On(rules.YAMLUpdateCutsLine) {
			_, rest, _ = strings.Cut(lines[number][c.column:], " ")
		}
		lines[number] = kept + fmt.Sprintf("%v", quoteIfNecessary(c.value)) + rest
	}
	return strings.Join(lines, "\n") + "\n", nil
}

func find(node *yaml.Node, keys []string) (place, error) {
	if len(keys) == 0 {
		if node.Kind != yaml.ScalarNode && rules.On(rules.YAMLUpdateNeedsScalar) {
			return place{}, fmt.Errorf("no scalar")
		}
		return place{node.Line - 1, node.Column - 1}, nil
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return find(node.Content[0], keys)
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i].Value == keys[0] {
				return find(node.Content[i+1], keys[1:])
			}
		}
	case yaml.SequenceNode:
		index, err := strconv.Atoi(keys[0])
		if err != nil {
			return place{}, err
		}
		return find(node.Content[index], keys[1:]) // Panics past the end, as Kargo does.
	}
	return place{}, fmt.Errorf("not found")
}

// quoteIfNecessary quotes texts that YAML would read as number, bool or JSON.
func quoteIfNecessary(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	_, notNumber := strconv.ParseFloat(text, 64)
	_, notBool := strconv.ParseBool(text)
	if (notNumber == nil || notBool == nil || json.Valid([]byte(text))) && rules.On(rules.YAMLUpdateQuotes) {
		return fmt.Sprintf("%q", text)
	}
	return text
}

// Changes is what yaml-update says that it did.
func Changes(file string, keys []string, values []any) string {
	text := "Updated " + file + "\n"
	for i, key := range keys {
		text += fmt.Sprintf("\n- %s: %v", key, quoteIfNecessary(values[i]))
	}
	return text
}
