package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/trial"
	"loadline/engine/world"
)

// runFolders executes compiled programs, folder by folder.
func runFolders(args []string) (bool, error) {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	oldestText := flags.String("oldest", "", "first minor version that the programs were compiled for; without it the one of -kargo")
	folder := flags.String("schemas", "", "folder of the official step schemas of this minor")
	pairs := flags.Int("pairs", 12, "try pairs of deviations in stages of at most so many steps")
	maxRuns := flags.Int("max-runs", 10000, "end the work on a stage after so many runs")
	show := flags.Int("show", 10, "how many violations to print per folder")
	strict := flags.Bool("strict", false, "count findings after outcomes that a kind cannot have")
	var outputs list
	flags.Var(&outputs, "output", "value of an output that settings name: ALIAS#NAME=JSON")
	folders := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return false, err
	}
	oldest := minor
	if *oldestText != "" {
		if oldest, err = kargo.ParseMinor(*oldestText); err != nil {
			return false, err
		}
	}
	schemas, err := schema.Open(*folder)
	if err != nil {
		return false, err
	}
	dynamic, err := outputValues(outputs)
	if err != nil {
		return false, err
	}
	options := trial.Options{PairSteps: *pairs, MaxRuns: *maxRuns, Strict: *strict, Oldest: oldest}
	good := len(folders) > 0
	for _, name := range folders {
		clean, err := runFolder(name, minor, schemas, options, dynamic, *show)
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		good = good && clean
	}
	return good, nil
}

// total adds up the reports of a folder.
type total struct {
	stages, skipped, runs, excused int
	unchecked                      map[string]int
	violations                     []string
}

// runFolder prints what came out for one folder.
func runFolder(
	name string, minor kargo.Minor, schemas *schema.Set, options trial.Options, dynamic map[string]any, show int,
) (bool, error) {
	projects, err := world.Load(name)
	if err != nil {
		return false, err
	}
	sum := total{unchecked: map[string]int{}}
	for _, project := range projects {
		for _, stage := range project.Stages {
			bench, err := trial.NewBench(minor, schemas, project, stage)
			switch {
			case errors.Is(err, kargo.ErrAbsent):
				sum.skipped++
				fmt.Printf("  left out: stage %s: %v\n", stage.Metadata.Name, err)
			case err != nil:
				sum.violations = append(sum.violations, fmt.Sprintf("stage %s cannot be promoted: %v", stage.Metadata.Name, err))
			default:
				maps.Copy(bench.Dynamic, dynamic)
				sum.add(trial.Examine(bench, options))
			}
		}
	}
	sum.print(name, minor, show)
	return len(sum.violations) == 0 && sum.stages > 0, nil
}

func (t *total) add(report *trial.Report) {
	t.stages++
	t.runs += report.Runs
	t.excused += report.Excused
	for kind, n := range report.Unchecked {
		t.unchecked[kind] += n
	}
	for _, note := range report.Notes {
		fmt.Printf("  note: stage %s: %s\n", report.Stage, note)
	}
	for _, v := range report.Violations {
		t.violations = append(t.violations, v.String())
	}
}

func (t *total) print(name string, minor kargo.Minor, show int) {
	for i, v := range t.violations {
		if i == show {
			fmt.Printf("  … and %d more\n", len(t.violations)-show)
			break
		}
		fmt.Println("  violation:", v)
	}
	for _, kind := range slices.Sorted(maps.Keys(t.unchecked)) {
		fmt.Printf("  no schema of kind %s: %d settings not checked\n", kind, t.unchecked[kind])
	}
	fmt.Printf("%s: Kargo %s, %d stages, %d left out, %d runs, %d excused findings, %d violations\n",
		name, minor, t.stages, t.skipped, t.runs, t.excused, len(t.violations))
}

func outputValues(given []string) (map[string]any, error) {
	values := map[string]any{}
	for _, item := range given {
		key, text, ok := strings.Cut(item, "=")
		var value any
		if !ok || json.Unmarshal([]byte(text), &value) != nil {
			return nil, fmt.Errorf("-output %s: want ALIAS#NAME=JSON", item)
		}
		values[key] = value
	}
	return values, nil
}
