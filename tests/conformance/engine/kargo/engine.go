package kargo

import (
	"errors"
	"fmt"
	"strings"
	"time"
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

// actor is the creator without the part before its only colon.
func (p *Promotion) actor() string {
	if p.Actor == "unknown actor" {
		return ""
	}
	if parts := strings.Split(p.Actor, ":"); len(parts) == 2 {
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
		if done := r.step(step, meta); !done {
			s.CurrentStep = i
			return false
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
	if r.Minor == V5 {
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
	if r.Minor == V5 || meta.StartedAt == nil {
		skip, err := r.skip(r.promotion, step, r.status.state)
		if err != nil {
			r.trouble(step, "condition", err)
			meta.Status, meta.Message = Errored, err.Error()
			return true
		}
		if skip {
			meta.Status = Skipped
			return true
		}
	}
	if !r.Known(step.Uses) {
		meta.Status, meta.Message = Errored, fmt.Sprintf("no runner of kind %q", step.Uses)
		return true
	}
	if meta.StartedAt == nil {
		started := r.now
		meta.StartedAt = &started
	}
	answer, err := r.execute(step)
	if err == errNotBuilt {
		meta.Status, meta.Message = Errored, err.Error()
		return true
	}
	r.keepOutput(step, answer)
	return r.settle(step, meta, answer, err)
}

var errNotBuilt = errors.New("the settings could not be evaluated")

// execute evaluates the settings and calls the runner. Up to 1.8 whatever goes
// wrong here, a panic too, is the runner's terminal error.
func (r *run) execute(step *Step) (answer Answer, err error) {
	guarded := r.Minor < V11
	defer func() {
		if !guarded {
			return
		}
		if p := recover(); p != nil {
			answer, err = Answer{Status: Errored}, &Terminal{fmt.Errorf("the step panicked: %v", p)}
		}
	}()
	config, swallowed, err := r.config(r.promotion, step, r.status.state)
	if err != nil {
		r.trouble(step, "settings", err)
		if r.Minor >= V11 {
			return Answer{}, errNotBuilt
		}
		return Answer{Status: Errored}, &Terminal{err}
	}
	if swallowed {
		r.trouble(step, "swallowed", nil)
	}
	deepCopy(r.status.state) // The runner gets a copy; making it can panic.
	guarded = true
	return r.Run(Call{Step: step, Config: config})
}

// keepOutput stores the output, also of a step that failed. compose-output
// writes to the alias of its task as well.
func (r *run) keepOutput(step *Step, answer Answer) {
	state := r.status.state
	state[step.As] = answer.Output
	ns := namespaceOf(step.As)
	if step.Uses != "compose-output" || ns == "" {
		return
	}
	if state[ns] == nil {
		state[ns] = map[string]any{}
	}
	for key, value := range answer.Output {
		state[ns].(map[string]any)[key] = value // Panics on a null output: trap T-102.
	}
}

func (m Minor) validStatus(s Status) bool {
	switch s {
	case Succeeded, Skipped, Failed, Errored, Running:
		return true
	case Aborted:
		return m > V5
	}
	return false
}

// settle records the answer and decides whether the step is done.
func (r *run) settle(step *Step, meta *StepMeta, answer Answer, err error) bool {
	finish := func(status Status, message string) bool {
		finished := r.now
		meta.FinishedAt, meta.Status, meta.Message = &finished, status, message
		return true
	}
	if !r.Minor.validStatus(answer.Status) {
		return finish(Errored, fmt.Sprintf("invalid status %q", answer.Status))
	}
	meta.Status, meta.Message = answer.Status, answer.Message
	if err != nil {
		if meta.Status != Failed {
			meta.Status = Errored
		}
		meta.Message = err.Error()
	} else if meta.Status == Errored {
		err = errors.New("errored without an error")
	}
	switch {
	case meta.Status == Succeeded, meta.Status == Skipped && r.Minor > V5:
		return finish(meta.Status, meta.Message)
	case isTerminal(err):
		return finish(r.endOf(meta.Status), meta.Message)
	case err != nil:
		meta.ErrorCount++
		if meta.ErrorCount >= step.Retry.threshold() {
			return finish(r.endOf(meta.Status), meta.Message)
		}
	}
	if limit := step.timeout(); limit > 0 && r.now.Add(time.Microsecond).Sub(*meta.StartedAt) > limit {
		return finish(Errored, "timed out")
	}
	if err == nil && r.Minor < V11 {
		meta.ErrorCount = 0
	}
	return false
}

// endOf is how a step ends that gave up: Failed stays Failed from 1.10 on.
func (r *run) endOf(status Status) Status {
	if r.Minor >= V11 && status == Failed {
		return Failed
	}
	return Errored
}

func (r *Retry) threshold() uint32 {
	if r == nil || r.ErrorThreshold == 0 {
		return 1
	}
	return r.ErrorThreshold
}

// timeout is the step's own or its kind's; only the Argo CD steps have one.
func (s *Step) timeout() time.Duration {
	if s.Retry != nil && s.Retry.Timeout != nil {
		return s.Retry.Timeout.Duration
	}
	if s.Uses == "argocd-update" || s.Uses == "argocd-wait" {
		return 5 * time.Minute
	}
	return 0
}

var severity = map[Status]int{Succeeded: 0, Skipped: 1, Aborted: 2, Failed: 3, Errored: 4}

// phase is the worst status among the steps that count.
func (r *run) phase() string {
	worst := Succeeded
	for i, meta := range r.status.Metas {
		if !r.promotion.Steps[i].ContinueOnError && severity[meta.Status] > severity[worst] {
			worst = meta.Status
		}
	}
	if worst == Skipped {
		worst = Succeeded
	}
	return string(worst)
}
