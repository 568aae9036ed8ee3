package rules

import "testing"

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if r.String() == "" || seen[r.String()] {
			t.Errorf("rule %d has no name of its own: %q", r, r)
		}
		seen[r.String()] = true
	}
}

func TestWithout(t *testing.T) {
	r := All()[0]
	asked := Asked(func() {
		Without(r, func() {
			if On(r) || !Holds(r, false) || Holds(r, true) {
				t.Error("the rule is followed")
			}
		})
		if !On(r) || Holds(r, false) || !Holds(r, true) {
			t.Error("the rule is not followed")
		}
	})
	if len(asked) != 1 || asked[0] != r {
		t.Errorf("asked: %v", asked)
	}
}
