package kargo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"loadline/engine/rules"
)

type delimiter struct{ open, close string }

var (
	braces  = delimiter{"${{", "}}"}
	percent = delimiter{"${%", "%}"}
)

// delimiters are those that this minor knows.
func (m Minor) delimiters() []delimiter {
	if rules.Holds(rules.PercentDelimiters, m >= V11) {
		return []delimiter{braces, percent}
	}
	return []delimiter{braces}
}

// piece is literal text, or an expression.
type piece struct {
	text       string
	expression bool
}

// split cuts a template into its pieces. The first closing delimiter ends an
// expression, wherever it stands.
func (m Minor) split(template string) ([]piece, error) {
	var pieces []piece
	for {
		at, with := -1, delimiter{}
		for _, d := range m.delimiters() {
			if i := strings.Index(template, d.open); i >= 0 && (at < 0 || i < at) {
				at, with = i, d
			}
		}
		if at < 0 {
			return append(pieces, piece{text: template}), nil
		}
		rest := template[at+len(with.open):]
		end := strings.Index(rest, with.close)
		if end < 0 && !rules.On(rules.UnclosedErrs) {
			return append(pieces, piece{text: template}), nil
		}
		if last := strings.LastIndex(rest, with.close); last != end && !rules.On(rules.FirstCloserEnds) {
			end = last
		}
		if end < 0 {
			return nil, fmt.Errorf("unclosed expression: no %q", with.close)
		}
		pieces = append(pieces, piece{text: template[:at]})
		template = rest[end+len(with.close):]
		if end == 0 && rules.Holds(rules.EmptyExpressionStops, m >= V11) {
			// An empty expression vanishes and what follows stays literal text.
			return append(pieces, piece{text: template}), nil
		}
		pieces = append(pieces, piece{text: rest[:end], expression: true})
	}
}

// hasDelimiter tells whether the text is a template at all.
func (m Minor) hasDelimiter(text string) bool {
	for _, d := range m.delimiters() {
		if strings.Contains(text, d.open) {
			return true
		}
	}
	return false
}

// Render evaluates a template: every expression becomes text, and the whole
// text is then read as what it looks like. A text without delimiter is itself.
func (m Minor) Render(template string, eval func(expression string) (any, error)) (any, error) {
	if !m.hasDelimiter(template) && rules.On(rules.PlainTextStays) {
		return template, nil
	}
	pieces, err := m.split(template)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, p := range pieces {
		if !p.expression {
			text.WriteString(p.text)
			continue
		}
		value, err := eval(p.text)
		if err != nil {
			return nil, err
		}
		s, err := asText(value)
		if err != nil {
			return nil, err
		}
		text.WriteString(s)
	}
	if len(pieces) > 1 && literal(pieces) && !rules.On(rules.WholeTextIsRead) {
		return text.String(), nil
	}
	return Coerce(text.String()), nil
}

// literal tells whether there is text around the expressions.
func literal(pieces []piece) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool { return !p.expression && p.text != "" })
}

func asText(value any) (string, error) {
	if s, ok := value.(string); ok && rules.On(rules.TextIsPastedRaw) {
		return s, nil
	}
	b, err := json.Marshal(value)
	return string(b), err
}

// Coerce reads an evaluated text as quoted text, number, bool, JSON or text, in
// this order. One line break at the end counts only if the value stays text.
func Coerce(text string) any {
	body, cut := strings.CutSuffix(text, "\n")
	end := ""
	if cut {
		end = "\n"
		if !rules.On(rules.LineBreakIsCut) {
			body, end = text, ""
		}
	}
	if len(body) > 1 && strings.HasPrefix(body, `"`) && strings.HasSuffix(body, `"`) && rules.On(rules.QuotedIsText) {
		if unquoted, err := strconv.Unquote(body); err == nil && !rules.On(rules.QuotesDoNotEscape) {
			return unquoted + end
		}
		return body[1:len(body)-1] + end
	}
	if number, err := strconv.ParseFloat(body, 64); err == nil && isValue(body, rules.NumberIsNumber, rules.NumbersOfGo) {
		return number
	}
	if flag, err := strconv.ParseBool(body); err == nil && isValue(body, rules.BoolIsBool, rules.BoolsOfGo) {
		return flag
	}
	var value any
	if json.Unmarshal([]byte(body), &value) == nil && rules.On(rules.JSONIsRead) {
		return value
	}
	return body + end
}

// isValue: Go reads more than JSON has, and all of it counts.
func isValue(text string, rule, ofGo rules.Rule) bool {
	return rules.On(rule) && (json.Valid([]byte(text)) || rules.On(ofGo))
}

// renderAll evaluates every text inside a value; keys are left alone. Kargo has
// no order here; this one makes errors repeatable.
func renderAll(value any, render func(string) (any, error)) (any, error) {
	var err error
	switch v := value.(type) {
	case string:
		return render(v)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if v[key], err = renderAll(v[key], render); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			if strings.Contains(key, "${") && !rules.On(rules.KeysStay) {
				evaluated, err := render(key)
				if err != nil {
					return nil, err
				}
				v[fmt.Sprint(evaluated)] = v[key]
				delete(v, key)
			}
		}
	case []any:
		for i, item := range v {
			if v[i], err = renderAll(item, render); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
	}
	return value, nil
}

// RenderConfig evaluates a step's settings. The result is written as JSON and
// read back as YAML; what YAML refuses is swallowed and leaves no settings.
func RenderConfig(raw []byte, render func(string) (any, error)) (config map[string]any, swallowed bool, err error) {
	var parsed map[string]any
	if err := json.Unmarshal(raw, &parsed); err != nil {
		return nil, false, fmt.Errorf("settings are no object: %w", err)
	}
	if _, err := renderAll(parsed, render); err != nil {
		return nil, false, err
	}
	written, err := json.Marshal(parsed)
	if err != nil {
		return nil, false, err
	}
	if plainJSON(written) || !rules.On(rules.SettingsThroughYAML) {
		err = json.Unmarshal(written, &config)
		return config, false, err
	}
	if err := yaml.Unmarshal(written, &config); err != nil {
		return nil, true, nil
	}
	return config, false, nil
}

// plainJSON tells whether a YAML reader surely reads the JSON as a JSON reader
// does, which is several times faster: short, of printable ASCII, no merge key.
func plainJSON(written []byte) bool {
	if len(written) > 1000 || bytes.Contains(written, []byte("<<")) {
		return false
	}
	for _, b := range written {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return true
}
