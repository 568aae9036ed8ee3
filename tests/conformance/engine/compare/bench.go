package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/trial"
	"loadline/engine/world"
)

// side is a Stage of one of the two programs, ready to be promoted.
type side struct {
	stage *kargo.Stage
	home  *world.Project
	vars  []kargo.Variable
	steps []kargo.Step
}

func newSide(home *world.Project, stage *kargo.Stage) (*side, error) {
	vars, steps, err := kargo.Inflate(home.Cluster, stage)
	return &side{stage, home, vars, steps}, err
}

// bench promotes both sides with the same Freight, environment and outcomes.
type bench struct {
	minor          kargo.Minor
	schemas        *schema.Set
	original, ours *side
	book           *world.Book
	words          world.Words
	origins        []string
	failIsAStep    bool
	outputs        Outputs
	worlds         map[int]*surroundings
}

// surroundings are the objects of a profile that both sides meet.
type surroundings struct {
	maker      world.Maker
	freight    map[string]*kargo.Freight // by origin
	evaluators map[*side]*kargo.Evaluator
}

// Outputs are what steps of an installation's own give back, by kind.
type Outputs map[string]map[string]any

func newBench(minor kargo.Minor, schemas *schema.Set, outputs Outputs, original, ours *side) (*bench, error) {
	b := &bench{
		minor: minor, schemas: schemas, outputs: outputs, original: original, ours: ours,
		book: world.NewBook(), worlds: map[int]*surroundings{},
	}
	b.words = both(world.Scan(original.vars, original.steps), world.Scan(ours.vars, ours.steps))
	b.book.SemverTags = b.words.ParsesVersions
	for _, step := range original.steps {
		b.failIsAStep = b.failIsAStep || step.Uses == "fail"
	}
	for _, request := range original.stage.Spec.RequestedFreight {
		b.origins = append(b.origins, request.Origin.Name)
		if original.home.Cluster.Warehouses[request.Origin.Name] == nil {
			return nil, fmt.Errorf("%w: Warehouse %s", kargo.ErrAbsent, request.Origin.Name)
		}
	}
	return b, nil
}

func both(a, b world.Words) world.Words {
	return world.Words{
		Annotations: append(a.Annotations, b.Annotations...), Metadata: append(a.Metadata, b.Metadata...),
		ParsesVersions: a.ParsesVersions || b.ParsesVersions, Data: append(a.Data, b.Data...),
	}
}

// in makes the surroundings of a profile: Freight of the original's Warehouses.
func (b *bench) in(profile int) *surroundings {
	if s, ok := b.worlds[profile]; ok {
		return s
	}
	s := &surroundings{freight: map[string]*kargo.Freight{}, evaluators: map[*side]*kargo.Evaluator{}}
	s.maker = world.Maker{Book: b.book, Profile: profile, Words: b.words}
	byName := map[string]*kargo.Freight{}
	for _, origin := range b.origins {
		f := s.maker.Freight(b.original.home.Cluster.Warehouses[origin])
		s.freight[origin], byName[f.Metadata.Name] = f, f
	}
	for _, of := range []*side{b.original, b.ours} {
		cluster := *of.home.Cluster
		cluster.Freight = byName
		s.maker.Data(&cluster)
		s.evaluators[of] = kargo.NewEvaluator(b.minor, &cluster)
	}
	b.worlds[profile] = s
	return s
}

// Setup distinguishes one promotion from another.
type Setup struct {
	Filled  []string
	Trigger string
	// Outcomes say what becomes of some of the steps that run, by their place
	// among those that run.
	Outcomes map[int]trial.Outcome
	Profile  int
}

func (s Setup) String() string {
	text := fmt.Sprintf("filled %v, promoting %s", s.Filled, s.Trigger)
	for place, outcome := range s.Outcomes {
		text += fmt.Sprintf(", step %d: %s", place+1, outcome)
	}
	if s.Profile != world.Plain {
		text += fmt.Sprintf(", hostile values %d", s.Profile)
	}
	return text
}

// Stuck lets a step wait for ever.
const Stuck trial.Outcome = "stuck"

// ran is a step that ran, as seen from outside.
type ran struct {
	step     *kargo.Step
	name     string // kind#n, counted among those that ran
	config   map[string]any
	effect   any
	refused  bool
	attempts int
	status   kargo.Status
}

// trace is how a promotion of one side went. Steps that only compute are no
// part of it: what they compute is seen in the settings of others.
type trace struct {
	ran      []*ran
	troubles []string
	phase    string
	byAlias  map[string]*ran
	kinds    map[string]int
}

// failed tells whether a step before this place failed for good.
func (t *trace) failed(place int) bool {
	for i, r := range t.ran {
		if i < place && (r.status == kargo.Failed || r.status == kargo.Errored) && !r.step.ContinueOnError {
			return true
		}
	}
	return false
}

// run promotes one side.
func (b *bench) run(of *side, setup Setup) *trace {
	s := b.in(setup.Profile)
	var filled []*kargo.Freight
	for _, origin := range setup.Filled {
		filled = append(filled, s.freight[origin])
	}
	promotion := kargo.Trial(of.home.Cluster.Project, of.stage, s.freight[setup.Trigger], filled)
	promotion.Vars, promotion.Steps = of.vars, of.steps
	t := &trace{byAlias: map[string]*ran{}, kinds: map[string]int{}}
	engine := &kargo.Engine{
		Minor: b.minor, Evaluator: s.evaluators[of],
		Known: func(kind string) bool { return !b.minor.TooNew(kind) },
		Run:   func(call kargo.Call) (kargo.Answer, error) { return b.answer(s, t, setup, call) },
		Trouble: func(step *kargo.Step, where string, _ error) {
			t.troubles = append(t.troubles, step.Uses+" "+where)
		},
	}
	status := engine.Promote(promotion, kargo.Schedule{MaxCalls: kargo.EnoughCalls(of.steps), Elapse: time.Minute})
	t.phase = status.Phase
	for _, meta := range status.Metas {
		if r := t.byAlias[meta.Alias]; r != nil {
			r.status = meta.Status
		}
	}
	return t
}

// answer is the runner of all kinds.
func (b *bench) answer(s *surroundings, t *trace, setup Setup, call kargo.Call) (kargo.Answer, error) {
	config := plain(call.Config)
	switch {
	case call.Step.Uses == "compose-output":
		return kargo.Answer{Status: kargo.Succeeded, Output: plain(call.Config)}, nil
	case call.Step.Uses == "fail" && !b.failIsAStep:
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: errors.New("fail")}
	}
	r := t.byAlias[call.Step.As]
	if r == nil {
		t.kinds[call.Step.Uses]++
		r = &ran{step: call.Step, name: fmt.Sprintf("%s#%d", call.Step.Uses, t.kinds[call.Step.Uses])}
		t.byAlias[call.Step.As] = r
		t.ran = append(t.ran, r)
	}
	r.attempts++
	r.config, r.effect = config, effect(call.Step.Uses, config)
	if r.refused = b.refuses(call); r.refused {
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: errors.New("the schema refuses the settings")}
	}
	return b.outcome(s, t, setup, r)
}

func (b *bench) refuses(call kargo.Call) bool {
	if b.schemas == nil {
		return false
	}
	problems, known, err := b.schemas.Check(call.Step.Uses, call.Config)
	return known && (err != nil || len(problems) > 0)
}

func (b *bench) outcome(s *surroundings, t *trace, setup Setup, r *ran) (kargo.Answer, error) {
	if r.step.Uses == "fail" {
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: errors.New("fail")}
	}
	outputs := &world.Outputs{Maker: s.maker, Minor: b.minor}
	named := *r.step
	named.As = r.name // Both sides get the same outputs.
	for place, other := range t.ran {
		if other != r {
			continue
		}
		switch setup.Outcomes[place] {
		case trial.Fail:
			return kargo.Answer{Status: kargo.Failed}, errors.New("it failed")
		case trial.Error:
			return kargo.Answer{Status: kargo.Errored}, errors.New("it errored")
		case trial.Bare:
			return kargo.Answer{Status: kargo.Succeeded}, nil
		case trial.Skip:
			if r.step.Uses == "git-open-pr" {
				return kargo.Answer{Status: kargo.Skipped}, nil
			}
			return kargo.Answer{Status: kargo.Skipped, Output: outputs.Of(&named, r.config)}, nil
		case trial.Lean:
			outputs.Lean = true
		case trial.Wait:
			if r.attempts == 1 {
				return kargo.Answer{Status: kargo.Running}, nil
			}
		case Stuck:
			return kargo.Answer{Status: kargo.Running}, nil
		}
	}
	if own, ok := b.outputs[r.step.Uses]; ok {
		return kargo.Answer{Status: kargo.Succeeded, Output: plain(own)}, nil
	}
	return kargo.Answer{Status: kargo.Succeeded, Output: outputs.Of(&named, r.config)}, nil
}

// plain is a value as the runner's own type would hold it.
func plain(config map[string]any) map[string]any {
	written, err := json.Marshal(config)
	if err != nil {
		return map[string]any{"unwritable": err.Error()}
	}
	read := map[string]any{}
	_ = json.Unmarshal(written, &read)
	return read
}
