package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"loadline/engine/compare"
	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/world"
)

// compareProgram promotes a program and its original side by side.
func compareProgram(args []string) (bool, error) {
	flags := flag.NewFlagSet("compare", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	folder := flags.String("schemas", "", "folder of the official step schemas of this minor")
	repairsFile := flags.String("repairs", "", "list of the differences that are repairs (default: none)")
	name := flags.String("name", "", "name of the program in the report")
	var original, ours, outputs list
	flags.Var(&outputs, "output", "output of a step of the installation's own, KIND=JSON; may be given several times")
	flags.Var(&original, "original", "file or folder of the original's manifests; may be given several times")
	flags.Var(&ours, "ours", "file or folder of what the program compiles to; may be given several times")
	others := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return false, err
	}
	if len(original) == 0 || len(ours) == 0 || len(others) > 0 {
		return false, fmt.Errorf("want -original and -ours, and nothing else: %v", others)
	}
	schemas, err := schema.Open(*folder)
	if err != nil {
		return false, err
	}
	var repairs []compare.Repair
	if *repairsFile != "" {
		if repairs, err = compare.Repairs(*repairsFile); err != nil {
			return false, err
		}
	}
	if repairs, err = wanted(repairs, minor); err != nil {
		return false, err
	}
	theirs, err := world.Load(original...)
	if err != nil {
		return false, err
	}
	own, err := world.Load(ours...)
	if err != nil {
		return false, err
	}
	given, err := ownOutputs(outputs)
	if err != nil {
		return false, err
	}
	result, err := compare.Programs(minor, schemas, given, theirs, own)
	if err != nil {
		return false, err
	}
	if *name == "" {
		*name = ours[0]
	}
	return compare.Report(os.Stdout, *name, result, repairs), nil
}

func ownOutputs(given []string) (compare.Outputs, error) {
	outputs := compare.Outputs{}
	for _, item := range given {
		kind, text, _ := strings.Cut(item, "=")
		var output map[string]any
		if err := json.Unmarshal([]byte(text), &output); err != nil {
			return nil, fmt.Errorf("-output %s: want KIND={…}: %w", item, err)
		}
		outputs[kind] = output
	}
	return outputs, nil
}

// wanted leaves out the repairs of what only a later minor does.
func wanted(repairs []compare.Repair, minor kargo.Minor) ([]compare.Repair, error) {
	var out []compare.Repair
	for _, r := range repairs {
		if r.Since != "" {
			var since int
			if _, err := fmt.Sscanf(r.Since, "1.%d", &since); err != nil {
				return nil, fmt.Errorf("%q is no minor of Kargo: %w", r.Since, err)
			}
			if int(minor) < since {
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}
