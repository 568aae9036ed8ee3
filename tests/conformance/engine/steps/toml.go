package steps

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	tomlKey  = `[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*`
	tomlHead = regexp.MustCompile(`^\[\s*(` + tomlKey + `)\s*\]$`)
	tomlPair = regexp.MustCompile(`^(` + tomlKey + `)\s*=\s*(.+)$`)
	tomlWord = regexp.MustCompile(`^('[^']*'|"(?:[^"\\]|\\.)*"|[^\s#'"]+)\s*(?:#.*)?$`)
)

// readTOML reads TOML of tables and pairs with bare keys, whose values are texts
// of one line, numbers and booleans. Anything else is an error here.
func readTOML(content []byte) (any, error) {
	if len(content) == 0 {
		return nil, errors.New("the file is empty")
	}
	root := map[string]any{}
	table := root
	for number, line := range strings.Split(string(content), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var err error
		if head := tomlHead.FindStringSubmatch(line); head != nil {
			table, err = tomlTable(root, tomlPath(head[1]))
		} else if pair := tomlPair.FindStringSubmatch(line); pair != nil {
			err = tomlSet(table, tomlPath(pair[1]), pair[2])
		} else {
			err = errors.New("neither a table nor a pair that is read here")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	return root, nil
}

func tomlPath(text string) []string {
	keys := strings.Split(text, ".")
	for i := range keys {
		keys[i] = strings.TrimSpace(keys[i])
	}
	return keys
}

// tomlTable goes down to a table and makes what is missing.
func tomlTable(from map[string]any, keys []string) (map[string]any, error) {
	for _, key := range keys {
		if from[key] == nil {
			from[key] = map[string]any{}
		}
		next, ok := from[key].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is no table", key)
		}
		from = next
	}
	return from, nil
}

func tomlSet(table map[string]any, keys []string, written string) error {
	table, err := tomlTable(table, keys[:len(keys)-1])
	if err != nil {
		return err
	}
	last := keys[len(keys)-1]
	if _, ok := table[last]; ok {
		return fmt.Errorf("%s stands twice", last)
	}
	table[last], err = tomlValue(written)
	return err
}

func tomlValue(written string) (any, error) {
	m := tomlWord.FindStringSubmatch(written)
	if m == nil {
		return nil, fmt.Errorf("a value that is not read here: %s", written)
	}
	switch word := m[1]; {
	case word[0] == '\'':
		return word[1 : len(word)-1], nil
	case word[0] == '"':
		return strconv.Unquote(word)
	case word == "true", word == "false":
		return word == "true", nil
	default:
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			return n, nil
		}
		return strconv.ParseFloat(word, 64)
	}
}
