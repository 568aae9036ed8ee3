package recordings

import (
	"fmt"
	"io"
	"strings"

	"loadline/engine/rules"
)

// mutant is the model without one rule.
type mutant struct {
	rule rules.Rule
	// asked counts the recordings that ask for the rule; the others cannot tell.
	asked int
	// refuted are recordings that contradict the model without the rule.
	refuted []string
}

// Mutants plays a file of recordings without one rule after the other, and
// prints which recordings refute it: the first, or all. It tells whether each
// is refuted but those that are listed as open, which are only played with all.
func Mutants(out io.Writer, file string, options Options, all bool) (bool, error) {
	askedBy := map[rules.Rule][]*program{}
	err := read(file, func(p *program) error {
		var found []string
		var err error
		asked := rules.Asked(func() { found, err = p.against(options) })
		if err == nil && len(found) > 0 {
			err = fmt.Errorf("the whole model differs: %s", strings.Join(found, "; "))
		}
		for _, rule := range asked {
			askedBy[rule] = append(askedBy[rule], p)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	var mutants []*mutant
	for _, rule := range rules.All() {
		m := &mutant{rule: rule, asked: len(askedBy[rule])}
		mutants = append(mutants, m)
		if _, listed := open(rule, options.Minor); listed && !all {
			continue
		}
		for _, p := range askedBy[rule] {
			if p.refutes(rule, options) {
				m.refuted = append(m.refuted, p.ID)
				if !all {
					break
				}
			}
		}
	}
	return table(out, mutants, options, all), nil
}

// refutes tells whether the model contradicts the recording without a rule. A
// model that cannot even run does.
func (p *program) refutes(rule rules.Rule, options Options) (refuted bool) {
	defer func() {
		if recover() != nil {
			refuted = true
		}
	}()
	rules.Without(rule, func() {
		found, err := p.against(options)
		refuted = err != nil || len(found) > 0
	})
	return refuted
}

func table(out io.Writer, mutants []*mutant, options Options, all bool) bool {
	refuted, left, good := 0, 0, true
	for _, m := range mutants {
		reason, listed := open(m.rule, options.Minor)
		var result string
		switch {
		case len(m.refuted) > 0 && listed:
			good = false
			result = "REFUTED by " + m.refuted[0] + ", but listed as open: " + reason
		case len(m.refuted) > 0:
			refuted++
			result = "refuted by " + m.refuted[0]
			if all {
				result = fmt.Sprintf("refuted by %d, %s", len(m.refuted), m.refuted[0])
			}
		case listed:
			left++
			result = "open: " + reason
		default:
			good = false
			result = "NOT REFUTED"
		}
		fmt.Fprintf(out, "%-95s %5d  %s\n", m.rule, m.asked, result)
	}
	fmt.Fprintf(out, "Kargo %s: %d rules, without which %d are refuted, %d open\n", options.Minor, len(mutants), refuted, left)
	return good
}
