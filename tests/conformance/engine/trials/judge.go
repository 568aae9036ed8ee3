package trials

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/steps"
	"loadline/engine/world"
)

// Judge answers requests, one after the other.
type Judge struct {
	minor     kargo.Minor
	schemas   *schema.Set
	sets      sets
	evaluator *kargo.Evaluator
	verdicts  map[string][]string
}

// NewJudge makes a judge with the official schemas of the steps; nil for none.
func NewJudge(minor kargo.Minor, schemas *schema.Set) *Judge {
	return &Judge{
		minor: minor, schemas: schemas, sets: sets{map[string]*set{}},
		evaluator: kargo.NewEvaluator(minor, kargo.NewCluster("")), verdicts: map[string][]string{},
	}
}

// Judge answers a line.
func (j *Judge) Judge(line []byte) *Result {
	var request Request
	if err := json.Unmarshal(line, &request); err != nil {
		return &Result{Error: err.Error()}
	}
	result, err := j.answer(&request)
	if err != nil {
		return &Result{ID: request.ID, Error: err.Error()}
	}
	result.ID = request.ID
	return result
}

func (j *Judge) answer(r *Request) (*Result, error) {
	program, err := j.sets.find(r)
	if err != nil {
		return nil, err
	}
	if r.Stage == "" {
		return &Result{Stages: program.stages()}, nil
	}
	project, stage, err := world.FindStage(program.projects, r.Stage)
	if err != nil {
		return nil, err
	}
	inflated := program.inflate(project, stage)
	if inflated.err != nil {
		return &Result{BuildError: inflated.err.Error()}, nil
	}
	t, err := j.trial(r, project, stage, inflated)
	if err != nil {
		return nil, err
	}
	schedule, err := t.schedule()
	if err != nil {
		return nil, err
	}
	j.evaluator.See(t.real.Cluster)
	engine := &kargo.Engine{
		Minor: j.minor, Evaluator: j.evaluator, Run: t.run, Trouble: t.trouble,
		Known: func(kind string) bool { return r.known(j.minor, kind) },
	}
	return &Result{Promoted: t.describe(engine.Promote(t.promotion, schedule))}, nil
}

func (r *Request) known(minor kargo.Minor, kind string) bool {
	if r.Kinds == nil {
		return !minor.TooNew(kind)
	}
	return minor.BuiltinKind(kind) || slices.Contains(r.Kinds, kind)
}

// trial is one promotion.
type trial struct {
	*Judge
	request   *Request
	promotion *kargo.Promotion
	keys      []string
	real      *steps.Runner
	call      int
	runs      []string
	records   []*Step
	byAlias   map[string]*Step
	configs   map[string][]any
}

func (j *Judge) trial(r *Request, project *world.Project, stage *kargo.Stage, inflated *inflation) (*trial, error) {
	cluster, err := r.cluster(project.Cluster)
	if err != nil {
		return nil, err
	}
	target, ok := cluster.Freight[r.Promote]
	if !ok {
		return nil, fmt.Errorf("promote: there is no freight %q", r.Promote)
	}
	freight, err := r.collection(cluster, stage, target)
	if err != nil {
		return nil, err
	}
	t := &trial{Judge: j, request: r, keys: inflated.keys, byAlias: map[string]*Step{}, configs: map[string][]any{}}
	t.promotion = &kargo.Promotion{
		Project: cluster.Project, Name: or(r.Environment.Promotion, stage.Metadata.Name+".01jd0000000000000000000000.1234567"),
		Actor: or(r.Environment.Actor, "email:ann@example.com"), UIBaseURL: or(r.Environment.UIBaseURL, "https://kargo.example.com"),
		Stage: stage, Target: target, Freight: freight, Vars: inflated.vars, Steps: inflated.steps,
	}
	t.real = &steps.Runner{Minor: j.minor, Cluster: cluster, Files: steps.Files{}, Schemas: j.schemas}
	for name, content := range r.Files {
		t.real.Files[name] = content
	}
	for _, kind := range r.Real {
		if !steps.Supported[kind] {
			return nil, fmt.Errorf("real: %s is not modelled", kind)
		}
	}
	for i, step := range inflated.steps {
		record := &Step{Index: i, Alias: step.As, Uses: step.Uses}
		t.records = append(t.records, record)
		t.byAlias[step.As] = record
	}
	return t, t.checkScript()
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (t *trial) schedule() (kargo.Schedule, error) {
	given := t.request.Schedule
	s := kargo.Schedule{
		MaxCalls: given.MaxCalls, Restart: given.Restart, FirstEver: t.request.History == nil,
		Before: func(call int) { t.call = call },
	}
	if s.MaxCalls == 0 {
		s.MaxCalls = kargo.EnoughCalls(t.promotion.Steps)
	}
	var err error
	if given.Elapse != "" {
		if s.Elapse, err = time.ParseDuration(given.Elapse); err != nil {
			return s, fmt.Errorf("elapse: %w", err)
		}
	}
	if clock := t.request.Environment.Clock; clock != "" {
		if s.Start, err = time.Parse(time.RFC3339Nano, clock); err != nil {
			return s, fmt.Errorf("clock: %w", err)
		}
	}
	return s, nil
}

func (t *trial) trouble(step *kargo.Step, where string, err error) {
	found := Trouble{Where: where}
	if err != nil {
		found.Text = err.Error()
	}
	record := t.byAlias[step.As]
	if !slices.Contains(record.Errors, found) {
		record.Errors = append(record.Errors, found)
	}
}
