package kargo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const aliasSeparator = "::"

// ErrAbsent says that an object is not there.
var ErrAbsent = errors.New("no such object")

// Inflate makes the variables and steps of a Promotion from a Stage, as Kargo
// does when the Promotion is created.
func Inflate(c *Cluster, stage *Stage) ([]Variable, []Step, error) {
	vars := slices.Clone(stage.Spec.Vars)
	if stage.Spec.PromotionTemplate != nil {
		vars = append(vars, stage.Spec.PromotionTemplate.Spec.Vars...)
	}
	var steps []Step
	for i, step := range stage.Steps() {
		if step.Task == nil {
			step.As = alias(step.As, "step", i)
			steps = append(steps, step)
			continue
		}
		name := alias(step.As, "task", i)
		inflated, err := inflateTask(c, name, vars, step)
		if err != nil {
			return nil, nil, fmt.Errorf("task %q (%q): %w", step.Task.Name, name, err)
		}
		steps = append(steps, inflated...)
	}
	return vars, steps, nil
}

func alias(as, kind string, index int) string {
	if as = strings.TrimSpace(as); as != "" {
		return as
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
		step.As = name + aliasSeparator + alias(step.As, "step", i)
		// Kargo appends to one shared slice. Where it has room left, the
		// variables of one step land on those of the step before: kept.
		step.Vars = append(vars, step.Vars...)
		steps = append(steps, step)
	}
	return steps, nil
}

func findTask(c *Cluster, ref *TaskRef) (*Task, error) {
	from := c.Tasks
	switch ref.Kind {
	case "", "PromotionTask":
	case "ClusterPromotionTask":
		from = c.ClusterTasks
	default:
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
		case given[v.Name]:
		case v.Value != "":
			vars = append(vars, v)
		case !passed[v.Name]:
			return nil, fmt.Errorf("missing value for variable %q", v.Name)
		}
	}
	vars = append(vars, arguments...)
	return vars, nil
}

func filled(vars []Variable) map[string]bool {
	names := map[string]bool{}
	for _, v := range vars {
		if v.Value != "" {
			names[v.Name] = true
		}
	}
	return names
}

// namespaceOf is the call's alias in the alias of an inflated step. An alias
// with exactly one separator counts as one, whoever wrote it.
func namespaceOf(alias string) string {
	parts := strings.Split(alias, aliasSeparator)
	if len(parts) != 2 {
		return ""
	}
	return parts[0]
}
