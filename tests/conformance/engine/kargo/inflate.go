package kargo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"loadline/engine/rules"
)

const aliasSeparator = "::"

// ErrAbsent says that an object is not there.
var ErrAbsent = errors.New("no such object")

// Inflate makes the variables and steps of a Promotion from a Stage, as Kargo
// does when the Promotion is created.
func Inflate(c *Cluster, stage *Stage) ([]Variable, []Step, error) {
	vars := slices.Clone(stage.Spec.Vars)
	if template := stage.Spec.PromotionTemplate; template != nil {
		if rules.On(rules.StageVarsFirst) {
			vars = append(vars, template.Spec.Vars...)
		} else {
			vars = append(slices.Clone(template.Spec.Vars), vars...)
		}
	}
	var steps []Step
	for i, step := range stage.Steps() {
		if step.Task == nil {
			step.As = alias(step.As, "step", i)
			steps = append(steps, step)
			continue
		}
		kind := "task"
		if !rules.On(rules.TasksAreNamedTask) {
			kind = "step"
		}
		name := alias(step.As, kind, i)
		inflated, err := inflateTask(c, name, vars, step)
		if err != nil {
			return nil, nil, fmt.Errorf("task %q (%q): %w", step.Task.Name, name, err)
		}
		steps = append(steps, inflated...)
	}
	return vars, steps, nil
}

func alias(as, kind string, index int) string {
	if trimmed := strings.TrimSpace(as); trimmed != as && rules.On(rules.AliasIsTrimmed) {
		as = trimmed
	}
	if as != "" {
		return as
	}
	if !rules.On(rules.AliasByPlace) {
		return fmt.Sprintf("%s-%d", kind, index)
	}
	return fmt.Sprintf("%s-%d", kind, index+1)
}

// inflateTask turns a call into the steps of its task. What the call says about
// `if`, `config` or `retry` is dropped.
func inflateTask(c *Cluster, name string, outer []Variable, call Step) ([]Step, error) {
	task, err := findTask(c, call.Task)
	if err != nil {
		return nil, err
	}
	vars, err := taskVars(task.Spec.Vars, outer, call.Vars)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for i, step := range task.Spec.Steps {
		if step.As = alias(step.As, "step", i); rules.On(rules.TaskAliasInFront) {
			step.As = name + aliasSeparator + step.As
		}
		if step.If == "" && call.If != "" && !rules.On(rules.CallConditionIsDropped) {
			step.If = call.If
		}
		if step.Retry == nil && call.Retry != nil && !rules.On(rules.CallRetryIsDropped) {
			step.Retry = call.Retry
		}
		if call.ContinueOnError && !rules.On(rules.CallContinueIsDropped) {
			step.ContinueOnError = true
		}
		// Kargo appends to one shared slice. Where it has room left, the
		// variables of one step land on those of the step before: kept.
		switch {
		case !rules.On(rules.StepVarsAfterArguments):
			step.Vars = append(slices.Clone(step.Vars), vars...)
		case !rules.On(rules.SharedVars):
			step.Vars = append(slices.Clone(vars), step.Vars...)
		default:
			step.Vars = append(vars, step.Vars...)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func findTask(c *Cluster, ref *TaskRef) (*Task, error) {
	from := c.Tasks
	switch ref.Kind {
	case "", "PromotionTask":
	case "ClusterPromotionTask":
		if rules.On(rules.ClusterTasks) {
			from = c.ClusterTasks
		}
	default:
		if !rules.On(rules.UnknownTaskKindErrs) {
			break
		}
		return nil, fmt.Errorf("unknown kind of task %q", ref.Kind)
	}
	if task, ok := from[ref.Name]; ok {
		return task, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrAbsent, ref.Name)
}

// taskVars are a task's defaults, without those that an outer variable
// replaces, and then the arguments of the call.
func taskVars(declared, outer, arguments []Variable) ([]Variable, error) {
	given, passed := filled(outer), filled(arguments)
	var vars []Variable
	for _, v := range declared {
		switch {
		case given[v.Name] && rules.On(rules.OuterReplacesDefault):
		case (v.Value != "" || !rules.On(rules.EmptyIsNoDefault)) && rules.On(rules.DefaultIsUsed):
			vars = append(vars, v)
		case v.Value == "" && !given[v.Name] && !passed[v.Name] && rules.On(rules.MissingVarErrs):
			return nil, fmt.Errorf("missing value for variable %q", v.Name)
		}
	}
	if !rules.On(rules.ArgumentsAfterDefaults) {
		return append(slices.Clone(arguments), vars...), nil
	}
	vars = append(vars, arguments...)
	return vars, nil
}

func filled(vars []Variable) map[string]bool {
	names := map[string]bool{}
	for _, v := range vars {
		if v.Value != "" || !rules.On(rules.EmptyIsNotGiven) {
			names[v.Name] = true
		}
	}
	return names
}

// namespaceOf is the call's alias in the alias of an inflated step. An alias
// with exactly one separator counts as one, whoever wrote it.
func namespaceOf(alias string) string {
	parts := strings.Split(alias, aliasSeparator)
	if len(parts) < 2 || len(parts) > 2 && rules.On(rules.OneSeparator) {
		return ""
	}
	return parts[0]
}
