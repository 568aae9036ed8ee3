package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/rules"
	"loadline/engine/schema"
)

// Runner runs the kinds of Supported.
type Runner struct {
	Minor   kargo.Minor
	Cluster *kargo.Cluster
	Files   Files
	// Schemas are those that settings are held to; nil for none.
	Schemas *schema.Set
}

// Supported lists the kinds that Run knows.
var Supported = map[string]bool{
	"compose-output": true, "copy": true, "delete": true, "fail": true, "file-write": true, "json-parse": true,
	"json-update": true, "set-metadata": true, "toml-parse": true, "yaml-merge": true, "yaml-parse": true, "yaml-update": true,
}

// Run runs a step.
func (r *Runner) Run(call kargo.Call) (kargo.Answer, error) {
	if r.Schemas != nil {
		problems, known, err := r.Schemas.Check(call.Step.Uses, call.Config)
		if err != nil || !known {
			return kargo.Answer{Status: kargo.Errored}, fmt.Errorf("no schema: %w", err)
		}
		if len(problems) > 0 && rules.On(rules.SchemaIsHeld) {
			return r.refused(problems)
		}
	}
	switch call.Step.Uses {
	case "compose-output":
		return r.composeOutput(call)
	case "fail":
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: errors.New(or(text(call.Config, "message"), "failed"))}
	case "copy":
		return done(r.Files.Copy(text(call.Config, "inPath"), text(call.Config, "outPath")))
	case "delete":
		return done(r.delete(call.Config))
	case "yaml-update":
		return r.yamlUpdate(call.Config)
	case "json-update":
		return r.jsonUpdate(call.Config)
	case "yaml-merge":
		return r.yamlMerge(call.Config)
	case "file-write":
		return r.fileWrite(call.Config)
	case "json-parse":
		return r.parse(call.Config, readJSON)
	case "yaml-parse":
		return r.parse(call.Config, readYAML)
	case "toml-parse":
		return r.parse(call.Config, readTOML)
	case "set-metadata":
		return done(r.setMetadata(call.Config))
	}
	return kargo.Answer{Status: kargo.Errored}, fmt.Errorf("%s is not modelled", call.Step.Uses)
}

// refused: settings that the schema refuses are a failure that no retry mends,
// except on 1.5, where they are a plain error.
func (r *Runner) refused(problems []string) (kargo.Answer, error) {
	err := errors.New(strings.Join(problems, "; "))
	if !rules.Holds(rules.RefusedIsTerminal, r.Minor > kargo.V5) {
		return kargo.Answer{Status: kargo.Errored}, err
	}
	return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: err}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func done(err error) (kargo.Answer, error) {
	if err != nil {
		return kargo.Answer{Status: kargo.Errored}, err
	}
	return kargo.Answer{Status: kargo.Succeeded}, nil
}

func text(config map[string]any, key string) string {
	s, _ := config[key].(string)
	return s
}

// composeOutput gives its settings as output; on the way all numbers become floats.
func (r *Runner) composeOutput(call kargo.Call) (kargo.Answer, error) {
	written, err := json.Marshal(call.Config)
	if err != nil {
		return done(err)
	}
	var output map[string]any
	if err := json.Unmarshal(written, &output); err != nil {
		return done(err)
	}
	return kargo.Answer{Status: kargo.Succeeded, Output: output}, nil
}

func (r *Runner) delete(config map[string]any) error {
	p := text(config, "path")
	if escapes(p) && rules.On(rules.DeleteStaysInside) {
		return fmt.Errorf("%q leads out of the working directory", p)
	}
	strict, _ := config["strict"].(bool)
	gone := r.Files.Delete(p)
	if !gone && strict && rules.On(rules.DeleteStrict) || !gone && !strict && !rules.On(rules.DeleteIsLenient) {
		return fmt.Errorf("%q does not exist", p)
	}
	return nil
}

func (r *Runner) yamlUpdate(config map[string]any) (kargo.Answer, error) {
	var keys []string
	var values []any
	updates, _ := config["updates"].([]any)
	for _, u := range updates {
		update, _ := u.(map[string]any)
		keys, values = append(keys, text(update, "key")), append(values, asJSONValue(update["value"]))
	}
	if len(keys) == 0 {
		return done(nil)
	}
	file := inside(text(config, "path"))
	content, ok := r.Files[file]
	if !ok {
		return done(fmt.Errorf("%q does not exist", file))
	}
	updated, err := UpdateYAML(content, keys, values)
	if err != nil {
		return done(err)
	}
	r.Files[file] = updated
	output := map[string]any{"commitMessage": Changes(text(config, "path"), keys, values)}
	return kargo.Answer{Status: kargo.Succeeded, Output: output}, nil
}

// asJSONValue is a value as it looks after the way through JSON.
func asJSONValue(value any) any {
	written, err := json.Marshal(value)
	if err != nil {
		return value
	}
	var read any
	if json.Unmarshal(written, &read) != nil {
		return value
	}
	return read
}

func (r *Runner) setMetadata(config map[string]any) error {
	updates, _ := config["updates"].([]any)
	for _, u := range updates {
		update, _ := u.(map[string]any)
		values, _ := update["values"].(map[string]any)
		var target *map[string]json.RawMessage
		switch name := text(update, "name"); text(update, "kind") {
		case "Stage":
			if stage := r.Cluster.Stages[name]; stage != nil {
				target = &stage.Status.Metadata
			}
		case "Freight":
			if freight := r.Cluster.Freight[name]; freight != nil {
				target = &freight.Status.Metadata
			}
		}
		if target == nil && !rules.On(rules.SetMetadataNeedsObject) {
			continue
		}
		if target == nil {
			return fmt.Errorf("there is no %v %v", update["kind"], update["name"])
		}
		if *target == nil {
			*target = map[string]json.RawMessage{}
		}
		for key, value := range values {
			written, err := json.Marshal(value)
			if err != nil {
				return err
			}
			if rules.On(rules.SetMetadataIsSeen) {
				(*target)[key] = written
			}
		}
	}
	return nil
}
