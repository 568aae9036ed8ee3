// Package recordings holds the model to recordings of Kargo's own engine.
package recordings

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/steps"
)

// answer is one scripted answer of a stand-in runner.
type answer struct {
	Status   kargo.Status   `json:"status"`
	Message  string         `json:"message"`
	Output   map[string]any `json:"output"`
	Error    *string        `json:"error"`
	Terminal bool           `json:"terminal"`
	Panic    *string        `json:"panic"`
}

// program is one recording.
type program struct {
	ID      string            `json:"id"`
	Objects []json.RawMessage `json:"objects"`
	Promote struct {
		Project   string `json:"project"`
		Stage     string `json:"stage"`
		Freight   string `json:"freight"`
		Promotion string `json:"promotion"`
		Actor     string `json:"actor"`
		UIBaseURL string `json:"uiBaseUrl"`
	} `json:"promote"`
	History    map[string]string   `json:"history"`
	Script     map[string][]answer `json:"script"`
	Real       []string            `json:"real"`
	Files      map[string]string   `json:"files"`
	FilesAfter map[string]string   `json:"filesAfter"`
	Restart    *int                `json:"restart"`
	Elapse     string              `json:"elapse"`
	MaxCalls   int                 `json:"maxCalls"`
	Result     json.RawMessage     `json:"result"`
}

// invented are the kinds that the recordings added to Kargo's.
var invented = []string{"notify", "build", "deploy", "check", "probe", "cleanup", "publish", "ticket", "report"}

// unmodelled are the kinds that Kargo ran itself and that the model cannot.
func (p *program) unmodelled() []string {
	var kinds []string
	for _, kind := range p.Real {
		if !steps.Supported[kind] {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// outcome is what the model makes of a recording, in the recording's form.
type outcome struct {
	result map[string]any
	files  map[string]string
}

// log notes what the runners were given.
type log struct {
	call    int
	runs    []any
	configs map[string][]any
}

// play runs a recording through the model.
func play(minor kargo.Minor, schemas *schema.Set, p *program) (*outcome, error) {
	cluster := kargo.NewCluster(p.Promote.Project)
	for _, raw := range p.Objects {
		if err := cluster.Add(raw); err != nil {
			return nil, err
		}
	}
	stage := cluster.Stages[p.Promote.Stage]
	vars, inflated, err := kargo.Inflate(cluster, stage)
	if err != nil {
		return &outcome{result: map[string]any{"buildError": true, "outputs": nil}}, nil
	}
	promotion := &kargo.Promotion{
		Project: p.Promote.Project, Name: p.Promote.Promotion, Actor: p.Promote.Actor, UIBaseURL: p.Promote.UIBaseURL,
		Stage: stage, Target: cluster.Freight[p.Promote.Freight], Vars: vars, Steps: inflated,
	}
	promotion.Freight = collection(cluster, promotion, p.History)
	runner := &steps.Runner{Minor: minor, Cluster: cluster, Files: steps.Files{}, Schemas: schemas}
	for name, content := range p.Files {
		runner.Files[name] = content
	}
	notes := &log{configs: map[string][]any{}}
	engine := &kargo.Engine{
		Minor: minor, Evaluator: kargo.NewEvaluator(minor, cluster),
		Known: func(kind string) bool { return minor.BuiltinKind(kind) || slices.Contains(invented, kind) },
		Run:   func(call kargo.Call) (kargo.Answer, error) { return p.run(call, runner, notes) },
	}
	schedule, err := p.schedule(notes)
	if err != nil {
		return nil, err
	}
	status := engine.Promote(promotion, schedule)
	return &outcome{result: describe(promotion, status, notes), files: runner.Files}, nil
}

// collection is the promoted Freight and, with several slots, what the last
// Promotion left in the others.
func collection(c *kargo.Cluster, p *kargo.Promotion, history map[string]string) []*kargo.Freight {
	freight := []*kargo.Freight{p.Target}
	if len(p.Stage.Spec.RequestedFreight) < 2 {
		return freight
	}
	for _, request := range p.Stage.Spec.RequestedFreight {
		if name, ok := history[request.Origin.Name]; ok && request.Origin != p.Target.Origin {
			freight = append(freight, c.Freight[name])
		}
	}
	return freight
}

func (p *program) schedule(notes *log) (kargo.Schedule, error) {
	s := kargo.Schedule{MaxCalls: 20, FirstEver: p.History == nil, Before: func(call int) { notes.call = call }}
	if p.MaxCalls > 0 {
		s.MaxCalls = p.MaxCalls
	}
	if p.Restart != nil {
		s.Restart = *p.Restart
	}
	if p.Elapse != "" {
		d, err := time.ParseDuration(p.Elapse)
		if err != nil {
			return s, err
		}
		s.Elapse = d
	}
	return s, nil
}

// run answers a step from the script, or really runs it.
func (p *program) run(call kargo.Call, real *steps.Runner, notes *log) (kargo.Answer, error) {
	name := call.Step.As
	attempt := len(notes.configs[name])
	notes.configs[name] = append(notes.configs[name], kargo.Plain(call.Config))
	notes.runs = append(notes.runs, strconv.Itoa(notes.call)+":"+name)
	if slices.Contains(p.Real, call.Step.Uses) {
		return real.Run(call)
	}
	script := p.Script[name]
	if attempt >= len(script) {
		return kargo.Answer{Status: kargo.Succeeded}, nil
	}
	a := script[attempt]
	given := kargo.Answer{Status: a.Status, Message: a.Message, Output: a.Output}
	return kargo.Scripted{Answer: given, Error: a.Error, Terminal: a.Terminal, Panic: a.Panic}.Give()
}
