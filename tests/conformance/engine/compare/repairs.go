package compare

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"sigs.k8s.io/yaml"

	"loadline/engine/trial"
	"loadline/engine/world"
)

// Repair is an entry of a list of repairs: at this place the programs differ
// on purpose, in this way.
type Repair struct {
	Kind string `json:"kind"`
	// Where is the cause: "KIND-OF-STEP SETTING", or "KIND-OF-STEP if".
	Where  string `json:"where"`
	Reason string `json:"reason"`
	// Since is the first minor that the original is wrong on, such as "1.10";
	// "" for all.
	Since string `json:"since,omitempty"`
}

// Repairs reads a list of repairs.
func Repairs(file string) ([]Repair, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []Repair
	if err := yaml.UnmarshalStrict(content, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, r := range list {
		known := slices.ContainsFunc(Kinds, func(k Kind) bool { return k.Name == r.Kind })
		if !known || r.Where == "" || r.Reason == "" {
			return nil, fmt.Errorf("%s: want a known kind, a place and a reason: %+v", file, r)
		}
	}
	return list, nil
}

// Kind is a way to differ on purpose. An entry in a list alone excuses nothing:
// the promotions must differ as the kind says.
type Kind struct {
	Name, Says string
	// explains gives the cause of a difference, as a list of repairs names it.
	explains func(p *pair, d *Difference) (where string, ok bool)
}

// Kinds are all of them; the first that explains a difference counts.
var Kinds = []Kind{
	{"dead-setting", "Kargo never read the setting", deadSetting},
	{"text-stays-text", "Kargo would make a number, a boolean or JSON of a text; ours arrives as it is", textStaysText},
	{"success-before-if", "the original runs a step with a condition although an earlier one failed", successBeforeIf},
	{"guarded-result", "the original reads the result of a step that skipped itself, and errs", guardedResult},
	{"guarded-slot", "the original reads a slot that is empty, and errs", guardedSlot},
}

// deadSettings have no effect in any version (facts of the standard library).
var deadSettings = map[string]string{"git-open-pr": "createTargetBranch"}

// deadSetting: the original gives such a setting, ours does not.
func deadSetting(_ *pair, d *Difference) (string, bool) {
	setting, ok := deadSettings[d.step]
	return d.step + " " + setting, ok && d.setting == setting && d.Ours == nil
}

// textStaysText: plain values make no difference there, and what ours has with
// hostile ones is the plain text with these in their places. What follows from
// such a text is explained too: the original's settings could not be made, or
// were refused.
func textStaysText(p *pair, d *Difference) (string, bool) {
	if p.plain == nil || p.plain == p {
		return "", false
	}
	if d.setting != "" {
		return d.step + " " + d.setting, slices.Contains(p.kept(d.place), d.setting)
	}
	for place := range p.ours.ran {
		if kept := p.kept(place); len(kept) > 0 && p.spoilt(place) && !p.ours.ran[place].refused {
			return p.ours.ran[place].step.Uses + " " + kept[0], true
		}
	}
	return "", false
}

// spoilt tells whether only hostile texts keep the original from running a step
// of ours: its settings cannot be made, or are refused.
func (p *pair) spoilt(place int) bool {
	if place >= len(p.plain.original.ran) || p.plain.original.ran[place].refused {
		return false
	}
	if place < len(p.original.ran) && p.original.ran[place].refused {
		return true
	}
	trouble := p.ours.ran[place].step.Uses + " settings"
	return slices.Contains(p.original.troubles, trouble) && !slices.Contains(p.plain.original.troubles, trouble)
}

// kept are the settings of ours in which hostile texts arrived whole, and which
// are the original's with plain ones.
func (p *pair) kept(place int) []string {
	if place >= len(p.ours.ran) || place >= len(p.plain.ours.ran) {
		return nil
	}
	whole := map[string]bool{}
	walk("", p.plain.ours.ran[place].effect, p.ours.ran[place].effect, func(path string, plain, hostile any) {
		was, _ := plain.(string)
		is, ok := hostile.(string)
		_, seen := whole[path]
		whole[path] = ok && fold(replaced(was, p.texts)) == fold(is) && (!seen || whole[path])
	})
	for _, path := range p.plain.apart(place) {
		delete(whole, path)
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(whole)), func(path string) bool { return !whole[path] })
}

// apart are the settings in which the sides differ.
func (p *pair) apart(place int) []string {
	var found []string
	if place < len(p.original.ran) && place < len(p.ours.ran) {
		walk("", p.original.ran[place].effect, p.ours.ran[place].effect, func(path string, _, _ any) { found = append(found, path) })
	}
	return found
}

// successBeforeIf: ours stops where a step failed; the original goes on with a
// step that has a condition. If they end otherwise, it is because of that step,
// or of a hostile text in its settings.
func successBeforeIf(p *pair, d *Difference) (string, bool) {
	n := len(p.ours.ran)
	if d.what == "end" && n == len(p.original.ran) && len(p.original.troubles) > 0 && p.plain != nil && p.plain != p {
		return successBeforeIf(p.plain, d)
	}
	if n >= len(p.original.ran) || !p.original.failed(n) || p.original.ran[n].step.If == "" {
		return "", false
	}
	return p.original.ran[n].step.Uses + " if", d.what == "end" || d.what == "runs" && d.place == n
}

// guardedResult: a step skipped itself, and only the original has trouble. It
// has none if the step succeeds.
func guardedResult(p *pair, d *Difference) (string, bool) {
	otherwise := p.setup
	otherwise.Outcomes = maps.Clone(p.setup.Outcomes)
	maps.DeleteFunc(otherwise.Outcomes, func(_ int, outcome trial.Outcome) bool { return outcome == trial.Skip })
	return p.trouble(d, len(otherwise.Outcomes) < len(p.setup.Outcomes), otherwise)
}

// guardedSlot: a slot is empty, and only the original has trouble. It has none
// if all are filled.
func guardedSlot(p *pair, d *Difference) (string, bool) {
	otherwise := p.setup
	otherwise.Filled = p.bench.origins
	return p.trouble(d, len(p.setup.Filled) < len(otherwise.Filled), otherwise)
}

// trouble: the original cannot evaluate something, also with plain values, but
// can without the cause.
func (p *pair) trouble(d *Difference, cause bool, otherwise Setup) (string, bool) {
	plain := p.plain
	if !cause || plain == nil || len(plain.original.troubles) == 0 || len(plain.ours.troubles) > 0 || len(p.ours.troubles) > 0 {
		return "", false
	}
	otherwise.Profile = world.Plain
	where := plain.original.troubles[0]
	return where, d.setting == "" && !slices.Contains(p.bench.run(p.bench.original, otherwise).troubles, where)
}
