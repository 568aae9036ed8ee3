// Package trial runs the Stages of a compiled program over slot states and
// outcomes of their steps, and judges what the steps were given.
package trial

import (
	"fmt"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// Outcome is what becomes of a step that runs.
type Outcome string

// The outcomes. Success is not a deviation.
const (
	Success Outcome = "success"
	Skip    Outcome = "skip"  // Skipped by itself
	Fail    Outcome = "fail"  // Failed with an error
	Error   Outcome = "error" // Errored
	Bare    Outcome = "bare"  // Succeeded without output
	Lean    Outcome = "lean"  // Succeeded with what its kind promises, no more
	Wait    Outcome = "wait"  // Running first, then success
)

// ParseOutcome reads an outcome.
func ParseOutcome(s string) (Outcome, error) {
	switch o := Outcome(s); o {
	case Success, Skip, Fail, Error, Bare, Lean, Wait:
		return o, nil
	}
	return "", fmt.Errorf("unknown outcome %q: want success, skip, fail, error, bare, lean or wait", s)
}

// deviations are the outcomes to try. 1.5 polls a step that skipped itself for
// ever, and none of its kinds does that.
func deviations(minor kargo.Minor) []Outcome {
	if minor == kargo.V5 {
		return []Outcome{Fail, Error, Bare, Lean, Wait}
	}
	return []Outcome{Skip, Fail, Error, Bare, Lean, Wait}
}

// Possible tells whether a step of this kind can end so. A program need not
// cope with a git-push that succeeds and does not say which commit it pushed.
func Possible(minor kargo.Minor, kind string, o Outcome) bool {
	switch o {
	case Skip:
		return kind == "git-commit" && minor >= kargo.V8 || kind == "git-open-pr" && minor >= kargo.V11
	case Fail, Error:
		// It fails only where its settings cannot be evaluated, which is a finding by itself.
		return kind != "compose-output"
	case Bare:
		switch kind {
		case "helm-update-chart", "kustomize-set-image", "yaml-merge":
			return true
		}
		return false
	}
	return true
}

// Deviation is the outcome of one step.
type Deviation struct {
	Alias   string  `json:"alias"`
	Outcome Outcome `json:"outcome"`
}

func (d Deviation) String() string { return d.Alias + "=" + string(d.Outcome) }

// Setup is everything that distinguishes one run from another.
type Setup struct {
	Filled     []string
	Trigger    string
	Deviations []Deviation
	// WaitAll lets every step wait once, so that all outputs go through JSON.
	WaitAll bool
	Profile int
}

func (s Setup) String() string {
	how := "no deviation"
	switch {
	case s.WaitAll:
		how = "every step waits once"
	case len(s.Deviations) > 0:
		parts := make([]string, len(s.Deviations))
		for i, d := range s.Deviations {
			parts[i] = d.String()
		}
		how = strings.Join(parts, " ")
	}
	values := "plain values"
	if s.Profile != world.Plain {
		values = fmt.Sprintf("profile %d", s.Profile)
	}
	return fmt.Sprintf("filled [%s] triggered by %s, %s, %s", strings.Join(s.Filled, " "), s.Trigger, how, values)
}

func (s Setup) with(deviations ...Deviation) Setup {
	s.Deviations = deviations
	return s
}

func (s Setup) profile(profile int) Setup {
	s.Profile = profile
	return s
}

func (s Setup) outcomeOf(alias string) Outcome {
	for _, d := range s.Deviations {
		if d.Alias == alias {
			return d.Outcome
		}
	}
	if s.WaitAll {
		return Wait
	}
	return Success
}
