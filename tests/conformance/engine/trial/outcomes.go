package trial

import (
	"fmt"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// Key names a step by its kind and its place among the steps of this kind, from 1.
func (b *Bench) Key(index int) string {
	n := 0
	for i := range index + 1 {
		if b.steps[i].Uses == b.steps[index].Uses {
			n++
		}
	}
	return fmt.Sprintf("%s#%d", b.steps[index].Uses, n)
}

// Play runs the Stage with the given outcomes by key, and says which steps were
// called, in order, and how the promotion ended.
func (b *Bench) Play(filled []string, outcomes map[string]Outcome) (string, error) {
	setup := Setup{Filled: filled, Profile: world.Plain}
	if len(filled) == 0 {
		setup.Filled = b.Origins()
	}
	setup.Trigger = setup.Filled[0]
	keys := map[string]string{}
	for i, step := range b.steps {
		key := b.Key(i)
		keys[step.As] = key
		if outcome, ok := outcomes[key]; ok {
			setup.Deviations = append(setup.Deviations, Deviation{step.As, outcome})
			delete(outcomes, key)
		}
	}
	for key := range outcomes {
		return "", fmt.Errorf("stage %s has no step %s", b.stage.Metadata.Name, key)
	}
	b.Prepare()
	trace := b.Run(setup)
	words := make([]string, 0, len(trace.Ran)+1)
	for _, run := range trace.Ran {
		word := keys[run.Alias]
		if run.Attempts > 1 {
			word += fmt.Sprintf("(%d)", run.Attempts)
		}
		words = append(words, word)
	}
	for _, trouble := range trace.Troubles {
		if trouble.Where != "condition" || !strings.HasPrefix(trouble.Alias, "require") {
			return "", fmt.Errorf("%s of %s: %s", trouble.Where, trouble.Alias, oneLine(trouble.Text))
		}
	}
	return strings.Join(append(words, ending(trace.Status.Phase)), " "), nil
}

// ending is the phase. Up to 1.9 a step that failed ends as Errored.
func ending(phase string) string {
	if phase == string(kargo.Errored) {
		return string(kargo.Failed)
	}
	return phase
}
