package kargo

import (
	"fmt"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"loadline/engine/rules"
)

// State is the outputs of the steps by alias. It is a type of its own, as in Kargo.
type State map[string]any

// Status is the status of a step; again a type of its own, which is why
// `stepMetas[…].Status == 'Succeeded'` is never true.
type Status string

// The statuses of a step.
const (
	Succeeded Status = "Succeeded"
	Skipped   Status = "Skipped"
	Aborted   Status = "Aborted"
	Failed    Status = "Failed"
	Errored   Status = "Errored"
	Running   Status = "Running"
)

// StepMeta is what a Promotion records of a step, and what `stepMetas` shows.
type StepMeta struct {
	Alias           string     `json:"alias,omitempty"`
	StartedAt       *time.Time `json:"startedAt,omitempty"`
	FinishedAt      *time.Time `json:"finishedAt,omitempty"`
	ErrorCount      uint32     `json:"errorCount,omitempty"`
	Status          Status     `json:"status,omitempty"`
	Message         string     `json:"message,omitempty"`
	ContinueOnError bool       `json:"continueOnError,omitempty"`
}

func hasFailures(metas []StepMeta) bool {
	for _, m := range metas {
		if m.failed() && !(m.ContinueOnError && rules.On(rules.ContinueOnErrorSparesFailure)) {
			return true
		}
	}
	return false
}

func (m *StepMeta) failed() bool {
	return m.Status == Failed && rules.On(rules.FailedIsFailure) ||
		m.Status == Errored && rules.On(rules.ErroredIsFailure)
}

// plainMeta is StepMeta with a status that is a text, for the model without a rule.
type plainMeta struct {
	StepMeta
	Status string
}

// scope is what the expressions of one step can reach.
type scope struct {
	alias    string
	metas    []StepMeta
	requests []FreightRequest
	freight  []*Freight
}

type programKey struct {
	place Place
	text  string
}

type compiled struct {
	program *vm.Program
	err     error
}

// Evaluator evaluates templates against a cluster. It keeps compiled
// expressions and serves one goroutine.
type Evaluator struct {
	minor    Minor
	cluster  *Cluster
	scope    scope
	byPlace  [3][]expr.Option
	programs map[programKey]compiled
	// now is the clock, of the engine and of expressions; the controller moves it.
	now time.Time
}

// manyPrograms is how many compiled expressions are kept.
const manyPrograms = 20_000

// NewEvaluator makes an evaluator for a cluster.
func NewEvaluator(minor Minor, cluster *Cluster) *Evaluator {
	e := &Evaluator{minor: minor, cluster: cluster, programs: map[programKey]compiled{}}
	for _, place := range []Place{InVars, InIf, InConfig} {
		e.byPlace[place] = e.options(place)
	}
	return e
}

// See lets the evaluator look at another cluster. What it compiled stays valid.
func (e *Evaluator) See(cluster *Cluster) { e.cluster = cluster }

// Template evaluates one template.
func (e *Evaluator) Template(place Place, template string, env map[string]any) (any, error) {
	return e.minor.Render(template, func(expression string) (any, error) {
		key := programKey{place, expression}
		c, ok := e.programs[key]
		if !ok {
			// Kargo declares no environment, so names are not checked here.
			c.program, c.err = expr.Compile(expression, e.byPlace[place]...)
			if len(e.programs) >= manyPrograms {
				clear(e.programs)
			}
			e.programs[key] = c
		}
		if c.err != nil {
			return nil, c.err
		}
		return expr.Run(c.program, env)
	})
}

// env is what expressions see, without variables and outputs.
func (e *Evaluator) env(p *Promotion) map[string]any {
	promotion := map[string]any{"actor": p.actor()}
	meta := map[string]any{"promotion": promotion}
	ctx := map[string]any{"project": p.Project, "promotion": p.Name, "stage": p.Stage.Metadata.Name, "meta": meta}
	if rules.Holds(rules.ContextTargetFreight, e.minor >= V8) {
		target := map[string]any{
			"name": p.Target.Metadata.Name, "origin": map[string]any{"name": p.Target.Origin.Name},
		}
		ctx["targetFreight"] = target
		if rules.Holds(rules.ContextFreightAlias, e.minor >= V11) {
			target["alias"] = p.Target.Alias
		}
	}
	if rules.Holds(rules.ContextOf11, e.minor >= V11) {
		promotion["rollback"] = false
		meta["step"] = map[string]any{"alias": e.scope.alias}
		ctx["uiBaseUrl"] = p.UIBaseURL
	}
	return map[string]any{"ctx": ctx}
}

// stepEnv adds what only a step's own expressions see.
func (e *Evaluator) stepEnv(p *Promotion, state State, vars map[string]any) map[string]any {
	env := e.env(p)
	metas := map[string]any{}
	for _, m := range e.scope.metas {
		if metas[m.Alias] = m; !rules.On(rules.StatusOfMetaIsNoText) {
			metas[m.Alias] = plainMeta{m, string(m.Status)}
		}
	}
	env["outputs"], env["vars"] = state, vars
	if rules.On(rules.StepMetasAreSeen) {
		env["stepMetas"] = metas
	}
	ns := namespaceOf(e.scope.alias)
	if ns != "" && rules.On(rules.TaskOutputs) {
		own := State{}
		for alias, output := range deepCopy(state).(State) {
			if namespaceOf(alias) == ns {
				own[alias[len(ns)+len(aliasSeparator):]] = output
			}
		}
		env["task"] = map[string]any{"outputs": own}
	} else if ns == "" && !rules.On(rules.TaskOnlyInTasks) {
		env["task"] = map[string]any{"outputs": state}
	}
	return env
}

// vars evaluates all variables of a step: those of the Promotion, which see no
// outputs, and then its own.
func (e *Evaluator) vars(p *Promotion, step *Step, state State) (map[string]any, error) {
	vars := map[string]any{}
	set := func(v Variable, env map[string]any) error {
		value, err := e.Template(InVars, v.Value, env)
		if err != nil && rules.On(rules.VarErrorErrs) {
			return fmt.Errorf("variable %q: %w", v.Name, err)
		}
		if _, ok := vars[v.Name]; !ok || rules.On(rules.LaterVarWins) {
			vars[v.Name] = value
		}
		return nil
	}
	// vars grows inside of env.
	var env map[string]any
	if len(p.Vars) > 0 {
		env = e.env(p)
		if !rules.On(rules.PromotionVarsSeeNoOutputs) {
			env = e.stepEnv(p, state, vars)
		}
		if env["vars"] = vars; !rules.On(rules.EarlierVarsAreSeen) {
			env["vars"] = map[string]any{}
		}
	}
	for _, v := range p.Vars {
		if err := set(v, env); err != nil {
			return nil, err
		}
	}
	if len(step.Vars) > 0 {
		env = e.stepEnv(p, state, vars)
	}
	for _, v := range step.Vars {
		if err := set(v, env); err != nil {
			return nil, err
		}
	}
	return vars, nil
}

// skip decides whether the step is to be skipped.
func (e *Evaluator) skip(p *Promotion, step *Step, state State) (bool, error) {
	if step.If == "" && rules.On(rules.NoIfNoVars) {
		return hasFailures(e.scope.metas) && rules.On(rules.ImpliedSuccess), nil
	}
	vars, err := e.vars(p, step, state)
	if err != nil && rules.On(rules.VarsBeforeCondition) {
		return false, err
	}
	if step.If == "" {
		return hasFailures(e.scope.metas), nil
	}
	value, err := e.Template(InIf, step.If, e.stepEnv(p, state, vars))
	if err != nil {
		return false, fmt.Errorf("if: %w", err)
	}
	run, ok := value.(bool)
	if !ok && rules.On(rules.ConditionMustBeBool) {
		return false, fmt.Errorf("if: not a bool but %T", value)
	}
	return !run, nil
}

// config evaluates the settings. A step without any gets none, and its
// variables are not looked at.
func (e *Evaluator) config(p *Promotion, step *Step, state State) (map[string]any, bool, error) {
	if !step.HasConfig() && rules.On(rules.NoSettingsNoVars) {
		return nil, false, nil
	}
	vars, err := e.vars(p, step, state)
	if err != nil || !step.HasConfig() {
		return nil, false, err
	}
	env := e.stepEnv(p, state, vars)
	if rules.Holds(rules.SecretsVariable, e.minor == V5) {
		env["secrets"] = e.cluster.genericSecrets()
	}
	return RenderConfig(step.Config, func(template string) (any, error) {
		return e.Template(InConfig, template, env)
	})
}

// deepCopy copies outputs as Kargo does: anything that is not of JSON's types
// (a Go int, a list of strings) panics.
func deepCopy(value any) any {
	switch v := value.(type) {
	case nil, string, bool, float64, int64:
		return v
	case State:
		c := State{}
		for key, item := range v {
			c[key] = deepCopy(item)
		}
		return c
	case map[string]any:
		if v == nil {
			return v
		}
		c := make(map[string]any, len(v))
		for key, item := range v {
			c[key] = deepCopy(item)
		}
		return c
	case []any:
		if v == nil {
			return v
		}
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = deepCopy(item)
		}
		return c
	}
	if !rules.On(rules.OnlyJSONIsCopied) {
		return value
	}
	panic(fmt.Sprintf("cannot deep copy %T", value))
}
