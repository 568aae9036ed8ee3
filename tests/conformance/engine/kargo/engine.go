package kargo

import (
	"errors"
	"fmt"
	"strings"

	"loadline/engine/rules"
)

// Promotion is an inflated Promotion, ready to run.
type Promotion struct {
	Project, Name    string
	Actor, UIBaseURL string
	Stage            *Stage
	Target           *Freight
	Freight          []*Freight // the filled slots
	Vars             []Variable
	Steps            []Step
}

// Trial is a promotion of the Stage as it is tried out, with the piece of
// Freight that triggers it and those that fill the slots.
func Trial(project string, stage *Stage, target *Freight, filled []*Freight) *Promotion {
	return &Promotion{
		Project: project, Name: stage.Metadata.Name + ".01jd0000000000000000000000.1234567",
		Actor: "email:ann@example.com", UIBaseURL: "https://kargo.example.com",
		Stage: stage, Target: target, Freight: filled,
	}
}

// actor is the creator without the part before its only colon.
func (p *Promotion) actor() string {
	if p.Actor == "unknown actor" && rules.On(rules.UnknownActorIsEmpty) {
		return ""
	}
	parts := strings.Split(p.Actor, ":")
	if len(parts) > 2 && !rules.On(rules.ActorOfOneColon) {
		return parts[1]
	}
	if len(parts) == 2 && rules.On(rules.ActorAfterColon) {
		return parts[1]
	}
	return p.Actor
}

// Call is what a runner is given.
type Call struct {
	Step   *Step
	Config map[string]any
}

// Answer is what a runner gives back.
type Answer struct {
	Status  Status
	Message string
	Output  map[string]any
}

// Terminal marks an error that no retry can mend.
type Terminal struct{ Err error }

func (t *Terminal) Error() string { return t.Err.Error() }

func isTerminal(err error) bool {
	var t *Terminal
	return errors.As(err, &t)
}

// Engine runs Promotions.
type Engine struct {
	Minor Minor
	*Evaluator
	// Run is the runner of all kinds.
	Run func(Call) (Answer, error)
	// Known tells which kinds there are.
	Known func(kind string) bool
	// Trouble is told of an error in vars, `if` or settings, and of settings
	// that were swallowed (then err is nil). It may be absent.
	Trouble func(step *Step, where string, err error)
}

func (e *Engine) trouble(step *Step, where string, err error) {
	if e.Trouble != nil {
		e.Trouble(step, where, err)
	}
}

// run is one engine call on a Promotion.
type run struct {
	*Engine
	promotion *Promotion
	status    *PromotionStatus
}

// steps goes through the steps from the present one. It returns whether the
// Promotion has come to its end.
func (r *run) steps() bool {
	s := r.status
	if s.state == nil {
		s.state = State{}
	}
	for i := s.CurrentStep; i < len(r.promotion.Steps); i++ {
		step := &r.promotion.Steps[i]
		meta := r.meta(step, i)
		if done := r.step(step, meta); !done && rules.On(rules.RunningEndsCall) {
			if s.CurrentStep == i || rules.On(rules.ResumesAtStep) {
				s.CurrentStep = i
			}
			return false
		}
		if meta.failed() && !meta.ContinueOnError && !rules.On(rules.GoesOnAfterFailure) {
			break
		}
	}
	if n := len(r.promotion.Steps); n > 0 {
		s.CurrentStep = n - 1
	}
	return true
}

// meta is the record of a step: by position on 1.5, by alias later.
func (r *run) meta(step *Step, index int) *StepMeta {
	s := r.status
	if !rules.Holds(rules.StatusByAlias, r.Minor > V5) {
		for len(s.Metas) <= index {
			s.Metas = append(s.Metas, StepMeta{Alias: step.As, ContinueOnError: step.ContinueOnError})
		}
		return &s.Metas[index]
	}
	for i := range s.Metas {
		if s.Metas[i].Alias == step.As {
			return &s.Metas[i]
		}
	}
	s.Metas = append(s.Metas, StepMeta{Alias: step.As, ContinueOnError: step.ContinueOnError})
	return &s.Metas[len(s.Metas)-1]
}

// step brings one step as far as it comes; false means that it is to be called again.
func (r *run) step(step *Step, meta *StepMeta) bool {
	r.scope = scope{
		alias: step.As, metas: r.status.Metas,
		requests: r.promotion.Stage.Spec.RequestedFreight, freight: r.promotion.Freight,
	}
	// From 1.8.5 on, the condition of a step that has started is not asked again.
	if !rules.On(rules.ConditionBeforeKind) && !r.Known(step.Uses) {
		return r.unknown(step, meta)
	}
	if meta.StartedAt == nil || !rules.Holds(rules.ConditionAskedOnce, r.Minor > V5) {
		skip, err := r.skip(r.promotion, step, r.status.state)
		if err != nil && rules.On(rules.ConditionErrorErrs) {
			r.trouble(step, "condition", err)
			meta.Status, meta.Message = Errored, err.Error()
			if !rules.On(rules.ErredConditionNeverEnds) {
				r.end(meta)
			}
			return true
		}
		if skip || err != nil {
			if !rules.On(rules.SkippedNeverStarts) {
				r.start(meta)
			}
			meta.Status = Skipped
			return true
		}
	}
	if !r.Known(step.Uses) && rules.On(rules.UnknownKindErrs) {
		return r.unknown(step, meta)
	}
	if meta.StartedAt == nil || !rules.On(rules.StartsOnce) {
		r.start(meta)
	}
	answer, err := r.execute(step)
	if err == errNotBuilt {
		meta.Status, meta.Message = Errored, err.Error()
		return true
	}
	if keeps(answer, err) {
		r.keepOutput(step, answer)
	}
	return r.settle(step, meta, answer, err)
}

func (r *run) start(meta *StepMeta) {
	started := r.now
	meta.StartedAt = &started
}

func (r *run) end(meta *StepMeta) {
	finished := r.now
	meta.FinishedAt = &finished
}

// unknown ends a step of a kind that there is not.
func (r *run) unknown(step *Step, meta *StepMeta) bool {
	if !rules.On(rules.UnknownKindNeverStarts) {
		r.start(meta)
	}
	meta.Status, meta.Message = Errored, fmt.Sprintf("no runner of kind %q", step.Uses)
	return true
}

var errNotBuilt = errors.New("the settings could not be evaluated")

// execute evaluates the settings and calls the runner. Up to 1.8 whatever goes
// wrong here, a panic too, is the runner's terminal error.
func (r *run) execute(step *Step) (answer Answer, err error) {
	running := false
	defer func() {
		if p := recover(); p != nil {
			if !r.catches(running) {
				panic(p)
			}
			answer, err = Answer{Status: Errored}, &Terminal{fmt.Errorf("the step panicked: %v", p)}
		}
	}()
	config, swallowed, err := r.config(r.promotion, step, r.status.state)
	if err != nil && rules.On(rules.SettingsErrorErrs) {
		r.trouble(step, "settings", err)
		if rules.Holds(rules.SettingsErrorIsNoRun, r.Minor >= V11) {
			return Answer{}, errNotBuilt
		}
		return Answer{Status: Errored}, &Terminal{err}
	}
	if swallowed {
		r.trouble(step, "swallowed", nil)
	}
	if rules.On(rules.StateIsCopied) {
		deepCopy(r.status.state) // The runner gets a copy; making it can panic.
	}
	running = true
	return r.Run(Call{Step: step, Config: config})
}

// catches tells whether a panic is an error of the step. If not, it ends the
// engine call.
func (r *run) catches(running bool) bool {
	if running {
		return rules.On(rules.RunnerPanicIsError)
	}
	return !rules.Holds(rules.PreparingPanicsEngine, r.Minor >= V11)
}

// keeps tells whether the output that comes with an answer counts.
func keeps(answer Answer, err error) bool {
	switch {
	case err != nil:
		return rules.On(rules.OutputOfFailureStays)
	case answer.Status == Skipped:
		return rules.On(rules.OutputOfSkippedStays)
	case answer.Status == Running:
		return rules.On(rules.OutputOfRunningStays)
	}
	return true
}

// keepOutput stores the output, also of a step that failed. compose-output
// writes to the alias of its task as well.
func (r *run) keepOutput(step *Step, answer Answer) {
	state := r.status.state
	if answer.Output != nil || rules.On(rules.NoOutputIsNull) {
		state[step.As] = answer.Output
	}
	ns := namespaceOf(step.As)
	if step.Uses != "compose-output" || ns == "" || !rules.On(rules.ComposeWritesTask) {
		return
	}
	shared, _ := state[ns].(map[string]any)
	switch {
	case state[ns] == nil || !rules.On(rules.ComposeAdds):
		shared = map[string]any{}
	case shared == nil && !rules.On(rules.ComposePanicsOnNull):
		shared = map[string]any{}
	}
	state[ns] = shared
	for key, value := range answer.Output {
		shared[key] = value // Panics on a null output: trap T-102.
	}
}
