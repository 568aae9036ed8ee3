package trial

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/world"
)

// Bench runs one Stage.
type Bench struct {
	Minor   kargo.Minor
	Schemas *schema.Set
	Book    *world.Book
	// Dynamic are values of outputs that settings name, by "alias#name".
	Dynamic map[string]any

	project *world.Project
	stage   *kargo.Stage
	vars    []kargo.Variable
	steps   []kargo.Step
	words   world.Words
	worlds  map[int]*profileWorld
}

// profileWorld is the cluster with the Freight of one profile.
type profileWorld struct {
	maker     world.Maker
	freight   map[string]*kargo.Freight // by origin
	evaluator *kargo.Evaluator
}

// NewBench inflates a Stage.
func NewBench(minor kargo.Minor, schemas *schema.Set, project *world.Project, stage *kargo.Stage) (*Bench, error) {
	vars, steps, err := kargo.Inflate(project.Cluster, stage)
	if err != nil {
		return nil, err
	}
	b := &Bench{
		Minor: minor, Schemas: schemas, Book: world.NewBook(), Dynamic: map[string]any{},
		project: project, stage: stage, vars: vars, steps: steps, worlds: map[int]*profileWorld{},
	}
	b.words = world.Scan(vars, steps)
	b.Book.SemverTags = b.words.ParsesVersions
	if len(b.Origins()) == 0 {
		return nil, errors.New("it requests no Freight")
	}
	for _, origin := range b.Origins() {
		if project.Cluster.Warehouses[origin] == nil {
			return nil, fmt.Errorf("%w: Warehouse %s", kargo.ErrAbsent, origin)
		}
	}
	return b, nil
}

// Origins are the Warehouses that the Stage requests.
func (b *Bench) Origins() []string {
	var origins []string
	for _, request := range b.stage.Spec.RequestedFreight {
		origins = append(origins, request.Origin.Name)
	}
	return origins
}

// world is the world of a profile, made when it is first needed.
func (b *Bench) world(profile int) *profileWorld {
	if w, ok := b.worlds[profile]; ok {
		return w
	}
	cluster := *b.project.Cluster
	w := &profileWorld{freight: map[string]*kargo.Freight{}}
	w.maker = world.Maker{Book: b.Book, Profile: profile, Words: b.words}
	cluster.Freight = map[string]*kargo.Freight{}
	for _, origin := range b.Origins() {
		f := w.maker.Freight(cluster.Warehouses[origin])
		w.freight[origin] = f
		cluster.Freight[f.Metadata.Name] = f
	}
	if len(b.words.Metadata) > 0 {
		cluster.Stages = map[string]*kargo.Stage{}
		for name, stage := range b.project.Cluster.Stages {
			copied := *stage
			copied.Status.Metadata = w.maker.Metadata("stage." + name + "#metadata.")
			cluster.Stages[name] = &copied
		}
	}
	w.maker.Data(&cluster)
	w.evaluator = kargo.NewEvaluator(b.Minor, &cluster)
	b.worlds[profile] = w
	return w
}

// StepRun is what the runner of a step was given.
type StepRun struct {
	Alias    string         `json:"alias"`
	Kind     string         `json:"kind"`
	Attempts int            `json:"attempts"`
	Config   map[string]any `json:"config"`
	Output   any            `json:"output,omitempty"`
}

// Trouble is an error in vars, `if` or settings.
type Trouble struct {
	Alias string `json:"alias"`
	Where string `json:"where"`
	Text  string `json:"text"`
}

// Trace is what happened in a run.
type Trace struct {
	Setup    Setup
	Ran      []*StepRun
	Troubles []Trouble
	Status   *kargo.PromotionStatus
}

func (t *Trace) ran(alias string) *StepRun {
	i := slices.IndexFunc(t.Ran, func(r *StepRun) bool { return r.Alias == alias })
	if i < 0 {
		return nil
	}
	return t.Ran[i]
}

// Prepare gives all texts their places, so that a profile means the same in
// Examine and in single runs.
func (b *Bench) Prepare() { b.Run(b.states()[0]) }

// Run runs the Stage once.
func (b *Bench) Run(setup Setup) *Trace {
	w := b.world(setup.Profile)
	var filled []*kargo.Freight
	for _, origin := range setup.Filled {
		filled = append(filled, w.freight[origin])
	}
	promotion := kargo.Trial(b.project.Cluster.Project, b.stage, w.freight[setup.Trigger], filled)
	promotion.Vars, promotion.Steps = b.vars, b.steps
	trace := &Trace{Setup: setup}
	engine := &kargo.Engine{
		Minor: b.Minor, Evaluator: w.evaluator,
		// Custom steps exist too.
		Known: func(kind string) bool { return !b.Minor.TooNew(kind) },
		Run:   func(call kargo.Call) (kargo.Answer, error) { return b.answer(w, trace, call) },
		Trouble: func(step *kargo.Step, where string, err error) {
			text := ""
			if err != nil {
				text = err.Error()
			}
			trace.Troubles = append(trace.Troubles, Trouble{step.As, where, text})
		},
	}
	// A minute between calls: retries run out before the usual timeouts.
	trace.Status = engine.Promote(promotion, kargo.Schedule{MaxCalls: kargo.EnoughCalls(b.steps), Elapse: time.Minute})
	return trace
}

// answer is the stand-in runner of all kinds.
func (b *Bench) answer(w *profileWorld, trace *Trace, call kargo.Call) (kargo.Answer, error) {
	run := trace.ran(call.Step.As)
	if run == nil {
		run = &StepRun{Alias: call.Step.As, Kind: call.Step.Uses}
		trace.Ran = append(trace.Ran, run)
	}
	run.Attempts++
	run.Config = jsonObject(call.Config)
	if call.Step.Uses == "fail" {
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: errors.New("fail")}
	}
	outputs := &world.Outputs{Maker: w.maker, Minor: b.Minor, Dynamic: b.Dynamic}
	switch trace.Setup.outcomeOf(call.Step.As) {
	case Fail:
		return kargo.Answer{Status: kargo.Failed}, errors.New("it failed")
	case Error:
		return kargo.Answer{Status: kargo.Errored}, errors.New("it errored")
	case Bare:
		return kargo.Answer{Status: kargo.Succeeded}, nil
	case Skip:
		if call.Step.Uses == "git-open-pr" {
			return kargo.Answer{Status: kargo.Skipped}, nil
		}
		return kargo.Answer{Status: kargo.Skipped, Output: outputs.Of(call.Step, run.Config)}, nil
	case Lean:
		outputs.Lean = true
	case Wait:
		if run.Attempts == 1 {
			return kargo.Answer{Status: kargo.Running}, nil
		}
	}
	output := outputs.Of(call.Step, run.Config)
	run.Output = output
	return kargo.Answer{Status: kargo.Succeeded, Output: output}, nil
}

// jsonObject is settings as the runner's own type would hold them.
func jsonObject(config map[string]any) map[string]any {
	if config == nil {
		return nil
	}
	written, err := json.Marshal(config)
	if err != nil {
		return config
	}
	var read map[string]any
	_ = json.Unmarshal(written, &read)
	return read
}
