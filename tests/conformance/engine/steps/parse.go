package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/expr-lang/expr"
	"sigs.k8s.io/yaml"

	"loadline/engine/kargo"
	"loadline/engine/rules"
)

// parse runs json-parse, yaml-parse and toml-parse: expressions over the
// document in a file. What they give becomes the output as it is, Go's own
// types too, which the engine cannot copy.
func (r *Runner) parse(config map[string]any, read func([]byte) (any, error)) (kargo.Answer, error) {
	content, err := r.read(text(config, "path"))
	if err != nil {
		return done(err)
	}
	data, err := read([]byte(content))
	if err != nil {
		return done(err)
	}
	results := map[string]any{}
	outputs, _ := config["outputs"].([]any)
	for _, o := range outputs {
		output, _ := o.(map[string]any)
		source := text(output, "fromExpression")
		value, err := InDocument(r.Minor, source, data)
		if err != nil {
			return done(fmt.Errorf("%s: %w", source, err))
		}
		if !rules.On(rules.ParseGivesGoTypes) {
			value = asJSONValue(value)
		}
		results[text(output, "name")] = value
	}
	return kargo.Answer{Status: kargo.Succeeded, Output: results}, nil
}

// InDocument is what an expression gives that sees a document.
func InDocument(minor kargo.Minor, source string, data any) (any, error) {
	var options []expr.Option
	if rules.Holds(rules.ParseAgainstDocument, minor < kargo.V11) {
		// Up to 1.8 expressions are compiled against the document, so that a
		// key that it lacks at its root is an error.
		object, ok := data.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the document is no object but %T", data)
		}
		options = append(options, expr.Env(object))
	}
	return run(source, data, options...)
}

// InAnswer is what an expression gives that sees the answer to a request, as
// Kargo shows it.
func InAnswer(source string, answer map[string]any) (any, error) {
	headers := http.Header{}
	given, _ := answer["headers"].(map[string]any)
	for name, values := range given {
		all, _ := values.([]any)
		for _, value := range all {
			headers.Add(name, fmt.Sprint(value))
		}
	}
	status, _ := answer["status"].(float64)
	return run(source, map[string]any{"response": map[string]any{
		"status": int64(status), "header": headers.Get, "headers": headers, "body": answer["body"],
	}})
}

func run(source string, sees any, options ...expr.Option) (any, error) {
	program, err := expr.Compile(source, options...)
	if err != nil {
		return nil, err
	}
	return expr.Run(program, sees)
}

// read gives the content of a file.
func (r *Runner) read(p string) (string, error) {
	content, ok := r.Files[inside(p)]
	if !ok {
		return "", fmt.Errorf("%q does not exist", p)
	}
	return content, nil
}

func readJSON(content []byte) (any, error) {
	var data any
	err := json.Unmarshal(content, &data)
	return data, err
}

func readYAML(content []byte) (any, error) {
	if len(content) == 0 {
		return nil, errors.New("the file is empty")
	}
	var data any
	err := yaml.Unmarshal(content, &data)
	return data, err
}
