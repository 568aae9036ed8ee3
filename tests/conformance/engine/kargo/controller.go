package kargo

import (
	"encoding/json"
	"fmt"
	"time"

	"sigs.k8s.io/yaml"

	"loadline/engine/rules"
)

// PromotionStatus is what the controller keeps of a Promotion between calls.
type PromotionStatus struct {
	Phase       string
	CurrentStep int
	Metas       []StepMeta
	// Stored is the outputs as JSON, nil if there are none.
	Stored []byte
	// Panicked: an engine call panicked; the rest is from before that call.
	Panicked bool
	// Calls is the number of engine calls.
	Calls int
	state State
}

// OutputsLost tells whether Kargo could not read the stored outputs.
func (s *PromotionStatus) OutputsLost() bool {
	_, err := readState(s.Stored)
	return err != nil
}

// readState reads outputs as Kargo does, with a YAML reader.
func readState(stored []byte) (State, error) {
	if stored == nil {
		return nil, nil
	}
	var state State
	if plainJSON(stored) {
		err := json.Unmarshal(stored, &state)
		return state, err
	}
	err := yaml.Unmarshal(stored, &state)
	return state, err
}

// Schedule says how a Promotion is run.
type Schedule struct {
	MaxCalls int
	// Elapse is the time between two calls.
	Elapse time.Duration
	// Restart loses the working directory after so many calls; 0 never.
	Restart int
	// Before is told of each engine call. It may be absent.
	Before func(call int)
	// Start is the clock of the first call; the zero time means a fixed one.
	Start time.Time
	// FirstEver: the Stage was never promoted.
	FirstEver bool
}

// EnoughCalls leaves room for all retries of a Promotion, and for some waiting.
func EnoughCalls(steps []Step) int {
	calls := 64
	for _, step := range steps {
		if step.Retry != nil {
			calls += int(min(step.Retry.ErrorThreshold, 5000))
		}
	}
	return calls
}

// Promote runs a Promotion to its end or to the last call.
func (e *Engine) Promote(p *Promotion, schedule Schedule) *PromotionStatus {
	status := &PromotionStatus{Phase: "Running"}
	if e.now = schedule.Start; e.now.IsZero() {
		e.now = time.Unix(1_700_000_000, 0).UTC()
	}
	if !p.available() && rules.On(rules.FreightMustBeRequested) {
		status.Phase, status.Calls = "Errored", 1
		return status
	}
	for status.Phase == "Running" && status.Calls < schedule.MaxCalls {
		if schedule.Restart > 0 && status.Calls == schedule.Restart {
			status.restart()
		}
		status.Calls++
		if schedule.Before != nil {
			schedule.Before(status.Calls)
		}
		e.call(p, status, schedule.FirstEver)
		e.now = e.now.Add(schedule.Elapse)
	}
	return status
}

// restart is what a lost working directory means.
func (s *PromotionStatus) restart() {
	if rules.On(rules.RestartBeginsAnew) {
		s.CurrentStep = 0
	}
	if rules.On(rules.RestartForgetsStatuses) {
		s.Metas = nil
	}
	if !rules.On(rules.RestartKeepsOutputs) {
		s.Stored = nil
	}
}

// available: every request in the recordings is direct, so Freight can be
// promoted exactly if the Stage asks for its origin.
func (p *Promotion) available() bool {
	for _, request := range p.Stage.Spec.RequestedFreight {
		if request.Origin == p.Target.Origin {
			return true
		}
	}
	return false
}

// call is one engine call, from the stored status to the stored status.
func (e *Engine) call(p *Promotion, status *PromotionStatus, firstEver bool) {
	next := *status
	next.Metas = append([]StepMeta(nil), status.Metas...)
	if status.Calls == 1 || rules.On(rules.OutputsAreStored) {
		next.load()
	}
	defer func() {
		if recover() != nil {
			if !rules.On(rules.PanicKeepsOldStatus) {
				*status = next
			}
			status.Phase, status.Panicked = "Errored", true
			return
		}
		*status = next
	}()
	if e.Minor == V5 {
		panicsOfV5(p, firstEver)
	}
	r := &run{Engine: e, promotion: p, status: &next}
	if r.steps() {
		next.Phase = r.phase()
	}
	next.store()
}

// panicsOfV5: 1.5 fails on a Stage of several origins that was never promoted,
// and on a step without settings.
func panicsOfV5(p *Promotion, firstEver bool) {
	if firstEver && len(p.Stage.Spec.RequestedFreight) > 1 && rules.On(rules.FirstPromotionPanics) {
		panic("no last Promotion")
	}
	for i := range p.Steps {
		if !p.Steps[i].HasConfig() && rules.On(rules.NoSettingsPanic) {
			panic(fmt.Sprintf("no settings in %q", p.Steps[i].As))
		}
	}
}

// load reads the outputs; what YAML refuses is gone.
func (s *PromotionStatus) load() {
	var err error
	s.state, err = readState(s.Stored)
	if err != nil && !rules.On(rules.UnreadableOutputsVanish) {
		_ = json.Unmarshal(s.Stored, &s.state)
	}
}

// store writes the outputs; what JSON cannot hold leaves nothing.
func (s *PromotionStatus) store() {
	written, err := json.Marshal(s.state)
	switch {
	case len(s.state) == 0 && rules.On(rules.NoOutputsNoState):
		s.Stored = nil
	case err == nil:
		s.Stored = written
	case rules.On(rules.UnwritableOutputsVanish):
		s.Stored = nil
	}
}
