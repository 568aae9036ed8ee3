package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/trial"
	"loadline/engine/world"
)

// inspection is what `inspect` prints.
type inspection struct {
	Project  string           `json:"project"`
	Stage    string           `json:"stage"`
	Filled   []string         `json:"filled"`
	Trigger  string           `json:"trigger"`
	Phase    string           `json:"phase"`
	Calls    int              `json:"calls"`
	Panicked bool             `json:"panicked,omitempty"`
	Ran      []*trial.StepRun `json:"ran"`
	Statuses []status         `json:"statuses"`
	Troubles []trial.Trouble  `json:"troubles,omitempty"`
	Keys     []string         `json:"keys,omitempty"`
}

type status struct {
	Alias  string `json:"alias"`
	Status string `json:"status"`
}

// inspect prints one run as JSON.
func inspect(args []string) (bool, error) {
	flags := flag.NewFlagSet("inspect", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	filled := flags.String("filled", "", "origins whose slot is filled, with commas (default: all)")
	trigger := flags.String("trigger", "", "the origin whose Freight is promoted (default: the first filled)")
	profile := flags.Int("profile", world.Plain, "hostile profile; -1 is plain")
	withKeys := flags.Bool("keys", false, "list the keys that -freight takes")
	var deviate, texts, outputs list
	flags.Var(&deviate, "deviate", "outcome of a step: ALIAS=OUTCOME")
	flags.Var(&texts, "freight", "text of Freight or of an output: KEY=TEXT, for example app/ghcr.io/acme/web#tag=1.10")
	flags.Var(&outputs, "output", "value of an output that settings name: ALIAS#NAME=JSON")
	others := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return false, err
	}
	if len(others) != 2 {
		return false, fmt.Errorf("want a folder and a stage")
	}
	bench, project, err := openBench(minor, others[0], others[1], outputs, texts)
	if err != nil {
		return false, err
	}
	setup, err := setupOf(bench, *filled, *trigger, deviate, *profile)
	if err != nil {
		return false, err
	}
	bench.Prepare()
	trace := bench.Run(setup)
	result := inspection{
		Project: project, Stage: others[1], Filled: setup.Filled, Trigger: setup.Trigger,
		Phase: trace.Status.Phase, Calls: trace.Status.Calls, Panicked: trace.Status.Panicked,
		Ran: trace.Ran, Troubles: trace.Troubles,
	}
	for _, meta := range trace.Status.Metas {
		result.Statuses = append(result.Statuses, status{meta.Alias, string(meta.Status)})
	}
	if *withKeys {
		result.Keys = bench.Book.Keys()
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return true, encoder.Encode(result)
}

func openBench(minor kargo.Minor, folder, name string, outputs, texts []string) (*trial.Bench, string, error) {
	projects, err := world.Load(folder)
	if err != nil {
		return nil, "", err
	}
	project, stage, err := world.FindStage(projects, name)
	if err != nil {
		return nil, "", err
	}
	bench, err := trial.NewBench(minor, nil, project, stage)
	if err != nil {
		return nil, "", err
	}
	if bench.Dynamic, err = outputValues(outputs); err != nil {
		return nil, "", err
	}
	for _, item := range texts {
		key, text, ok := strings.Cut(item, "=")
		if !ok {
			return nil, "", fmt.Errorf("-freight %s: want KEY=TEXT", item)
		}
		bench.Book.Overrides[key] = text
	}
	return bench, project.Cluster.Project, nil
}

func setupOf(bench *trial.Bench, filled, trigger string, deviate []string, profile int) (trial.Setup, error) {
	setup := trial.Setup{Filled: bench.Origins(), Profile: profile}
	if filled != "" {
		setup.Filled = strings.Split(filled, ",")
	}
	if setup.Trigger = trigger; trigger == "" {
		setup.Trigger = setup.Filled[0]
	}
	for _, origin := range append([]string{setup.Trigger}, setup.Filled...) {
		if !slices.Contains(bench.Origins(), origin) {
			return setup, fmt.Errorf("the stage does not request %q", origin)
		}
	}
	if !slices.Contains(setup.Filled, setup.Trigger) {
		return setup, fmt.Errorf("the slot of %q, which is promoted, is not among the filled ones", setup.Trigger)
	}
	for _, item := range deviate {
		alias, text, _ := strings.Cut(item, "=")
		outcome, err := trial.ParseOutcome(text)
		if err != nil {
			return setup, err
		}
		setup.Deviations = append(setup.Deviations, trial.Deviation{Alias: alias, Outcome: outcome})
	}
	return setup, nil
}
