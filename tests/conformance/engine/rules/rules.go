// Package rules names what the model of Kargo knows. The code asks here before
// it follows a rule, so that each can be switched off: a model without it must
// contradict a recording. Rules are asked where they make a difference and
// nowhere else; what no recording asks for is not held to anything.
package rules

// Rule is one thing that Kargo does.
type Rule int

var (
	off   Rule
	asked [count]bool
)

// On tells whether a rule is followed.
func On(r Rule) bool {
	asked[r] = true
	return r != off
}

// Holds is a condition that a rule decides: without the rule it is the contrary.
func Holds(r Rule, condition bool) bool { return On(r) == condition }

// Without runs something while a rule is switched off. Nothing else may run
// the model meanwhile.
func Without(r Rule, run func()) {
	off = r
	defer func() { off = none }()
	run()
}

// Asked runs something and tells which rules it asked for.
func Asked(run func()) []Rule {
	asked = [count]bool{}
	run()
	var found []Rule
	for _, r := range All() {
		if asked[r] {
			found = append(found, r)
		}
	}
	return found
}

// All lists the rules.
func All() []Rule {
	all := make([]Rule, 0, count)
	for r := none + 1; r < count; r++ {
		all = append(all, r)
	}
	return all
}

func (r Rule) String() string { return names[r] }
