package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/rules"
)

// jsonUpdate sets scalars in a JSON file and leaves the rest of its text alone.
func (r *Runner) jsonUpdate(config map[string]any) (kargo.Answer, error) {
	file := text(config, "path")
	content, err := r.read(file)
	if err != nil {
		return done(err)
	}
	message := "Updated " + file + "\n"
	updates, _ := config["updates"].([]any)
	for _, u := range updates {
		update, _ := u.(map[string]any)
		key := text(update, "key")
		value := asJSONValue(update["value"])
		written, err := jsonScalar(value)
		if err != nil {
			return done(fmt.Errorf("key %s: %w", key, err))
		}
		if content, err = SetJSON(content, key, written); err != nil {
			return done(fmt.Errorf("key %s: %w", key, err))
		}
		if s, ok := value.(string); ok {
			value = strconv.Quote(s)
		}
		message += fmt.Sprintf("\n- %s: %v", key, value)
	}
	r.Files[inside(file)] = content
	return kargo.Answer{Status: kargo.Succeeded, Output: map[string]any{"commitMessage": message}}, nil
}

func jsonScalar(value any) (string, error) {
	switch v := value.(type) {
	case string:
		written, err := json.Marshal(v)
		if !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '\x7f' || r == '"' || r == '\\' }) {
			return `"` + v + `"`, err // Only then <, > and & stay as they are.
		}
		return string(written), err
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	if !rules.On(rules.JSONUpdateNeedsScalar) {
		written, err := json.Marshal(value)
		return string(written), err
	}
	return "", errors.New("the value is no scalar")
}

// SetJSON writes a value at a key, `a.b.0`, into the text of a JSON document.
// What is missing on the way is made: arrays for numbers, objects for others.
func SetJSON(document, key, value string) (string, error) {
	if strings.ContainsAny(key, `*?#|@:\`) {
		return "", errors.New("a key of this form is not modelled")
	}
	return setJSON(document, strings.Split(key, "."), value)
}

func setJSON(document string, keys []string, value string) (string, error) {
	index, numeric := position(keys[0])
	shape, members, err := children(document)
	if err != nil {
		return "", err
	}
	for i, m := range members {
		if shape == '{' && m.key != keys[0] || shape == '[' && (!numeric || i != index) {
			continue
		}
		inner := value
		if len(keys) > 1 {
			if inner, err = setJSON(document[m.start:m.end], keys[1:], value); err != nil {
				return "", err
			}
		}
		return document[:m.start] + inner + document[m.end:], nil
	}
	if !rules.On(rules.JSONUpdateMakesKeys) {
		return "", fmt.Errorf("no member %q", keys[0])
	}
	made := build(keys[1:], value)
	switch {
	case shape == '[' && numeric:
		parts := make([]string, 0, index+1)
		for _, m := range members {
			parts = append(parts, document[m.start:m.end])
		}
		for len(parts) < index {
			parts = append(parts, "null")
		}
		return "[" + strings.Join(append(parts, made), ",") + "]", nil
	case shape == '[' && keys[0] == "-1":
		return appended(document, "]", len(members) > 0, made), nil
	case shape == '[':
		return "", fmt.Errorf("no element %q of an array", keys[0])
	case shape == '{':
		return appended(document, "}", len(members) > 0, strconv.Quote(keys[0])+":"+made), nil
	}
	return build(keys, value), nil // A scalar gives way.
}

// appended puts a member before the end of an array or object.
func appended(document, end string, comma bool, member string) string {
	before := document[:strings.LastIndex(document, end)]
	if comma {
		before += ","
	}
	return before + member + end
}

// build makes what holds a value at keys.
func build(keys []string, value string) string {
	for i := len(keys) - 1; i >= 0; i-- {
		if index, numeric := position(keys[i]); numeric {
			value = "[" + strings.Repeat("null,", index) + value + "]"
		} else {
			value = "{" + strconv.Quote(keys[i]) + ":" + value + "}"
		}
	}
	return value
}

func position(key string) (int, bool) {
	n, err := strconv.ParseUint(key, 10, 16)
	return int(n), err == nil
}

type member struct {
	key        string
	start, end int
}

// children finds the members of an array or object in the text of a document.
func children(document string) (shape byte, members []member, err error) {
	decoder := json.NewDecoder(strings.NewReader(document))
	first, err := decoder.Token()
	if err != nil {
		return 0, nil, err
	}
	open, ok := first.(json.Delim)
	if !ok {
		return 0, nil, nil
	}
	for decoder.More() {
		var m member
		if open == '{' {
			key, err := decoder.Token()
			if err != nil {
				return 0, nil, err
			}
			m.key, _ = key.(string)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return 0, nil, err
		}
		m.end = int(decoder.InputOffset())
		m.start = m.end - len(value)
		members = append(members, m)
	}
	_, err = decoder.Token()
	return byte(open), members, err
}
