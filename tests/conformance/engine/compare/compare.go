// Package compare promotes two programs side by side, one of which is the
// original of the other: with the same Freight and the same outcomes the same
// steps must run, with the same effect, and the promotions must end alike.
package compare

import (
	"fmt"
	"io"
	"maps"
	"math/bits"
	"reflect"
	"slices"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/schema"
	"loadline/engine/trial"
	"loadline/engine/world"
)

// Result is what came out.
type Result struct {
	Stages, Runs int
	Differences  []*Difference
}

// Difference is a difference between the two programs, in one place of a Stage.
type Difference struct {
	Stage string
	// Where is "KIND-OF-STEP SETTING", "KIND-OF-STEP runs", "KIND-OF-STEP attempts"
	// or "end"; with a repair it is the cause, as the list of repairs names it.
	Where          string
	Original, Ours any
	Setup          Setup
	// Repair names the kind that explains it; "" for none.
	Repair string
	Count  int

	what          string // setting, runs, attempts, end
	step, setting string
	place         int // among the steps that ran
}

func (d *Difference) String() string {
	repair := "unexplained"
	if d.Repair != "" {
		repair = "unlisted " + d.Repair
	}
	return fmt.Sprintf("stage %s, %s: original %s, ours %s (%s, %d×, %s)",
		d.Stage, d.Where, show(d.Original), show(d.Ours), repair, d.Count, d.Setup)
}

// Programs compares all Stages with steps of two programs.
func Programs(
	minor kargo.Minor, schemas *schema.Set, outputs Outputs, original, ours []*world.Project,
) (*Result, error) {
	theirs, own := stages(original), stages(ours)
	if names, mine := sorted(theirs), sorted(own); !slices.Equal(names, mine) {
		return nil, fmt.Errorf("the Stages with steps differ: %v and %v", names, mine)
	}
	result := &Result{}
	for _, name := range sorted(theirs) {
		b, err := sides(minor, schemas, outputs, theirs[name], own[name])
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", name, err)
		}
		c := &comparison{bench: b, result: result, seen: map[string]*Difference{}, plain: map[string]*pair{}}
		c.all()
		result.Stages++
	}
	return result, nil
}

type placed struct {
	home  *world.Project
	stage *kargo.Stage
}

func stages(projects []*world.Project) map[string]placed {
	found := map[string]placed{}
	for _, project := range projects {
		for _, stage := range project.Stages {
			found[project.Cluster.Project+"/"+stage.Metadata.Name] = placed{project, stage}
		}
	}
	return found
}

func sorted(found map[string]placed) []string { return slices.Sorted(maps.Keys(found)) }

func sides(minor kargo.Minor, schemas *schema.Set, outputs Outputs, theirs, own placed) (*bench, error) {
	original, err := newSide(theirs.home, theirs.stage)
	if err != nil {
		return nil, fmt.Errorf("original: %w", err)
	}
	ours, err := newSide(own.home, own.stage)
	if err != nil {
		return nil, fmt.Errorf("ours: %w", err)
	}
	if a, b := theirs.stage.Spec.RequestedFreight, own.stage.Spec.RequestedFreight; !reflect.DeepEqual(a, b) {
		return nil, fmt.Errorf("the requested Freight differs: %v and %v", a, b)
	}
	return newBench(minor, schemas, outputs, original, ours)
}

// comparison is the work on one Stage.
type comparison struct {
	*bench
	result *Result
	seen   map[string]*Difference
	// plain holds the pairs with plain values, by setup.
	plain map[string]*pair
}

// pair is a promotion of both sides.
type pair struct {
	setup          Setup
	original, ours *trace
	// plain is the same with plain values; itself, if these are plain.
	plain       *pair
	texts       []world.Pair
	bench       *bench
	differences []*Difference
}

func (c *comparison) all() {
	for _, state := range c.states() {
		undisturbed := c.each(state)
		for place, r := range undisturbed.original.ran {
			for _, outcome := range outcomes(c.minor, r.step.Uses, single) {
				state.Outcomes = map[int]trial.Outcome{place: outcome}
				first := c.each(state)
				if slices.Contains(paired, outcome) {
					c.pairs(first, state, place)
				}
			}
		}
	}
}

// pairs lets a second step, after the first one, come out otherwise as well.
func (c *comparison) pairs(first *pair, state Setup, place int) {
	for second := place + 1; second < len(first.original.ran); second++ {
		for _, outcome := range outcomes(c.minor, first.original.ran[second].step.Uses, paired) {
			state.Outcomes = map[int]trial.Outcome{place: first.setup.Outcomes[place], second: outcome}
			state.Profile = world.Plain
			c.try(state)
		}
	}
}

// each tries a setup with plain values and all hostile ones.
func (c *comparison) each(state Setup) *pair {
	state.Profile = world.Plain
	plain := c.try(state)
	for profile := range world.Profiles() {
		state.Profile = profile
		c.try(state)
	}
	return plain
}

// states are all ways to fill the slots, each filled origin once as the promoted one.
func (b *bench) states() []Setup {
	var setups []Setup
	for mask := 1<<len(b.origins) - 1; mask > 0; mask-- {
		if n := bits.OnesCount(uint(mask)); len(b.origins) > 5 && n > 1 && n < len(b.origins)-1 {
			continue
		}
		var filled []string
		for i, origin := range b.origins {
			if mask&(1<<i) != 0 {
				filled = append(filled, origin)
			}
		}
		for _, trigger := range filled {
			setups = append(setups, Setup{Filled: filled, Trigger: trigger})
		}
	}
	return setups
}

// The outcomes that are tried of a step, besides success; and those of which two
// are tried together.
var (
	single = []trial.Outcome{trial.Skip, trial.Fail, trial.Error, trial.Bare, trial.Lean, trial.Wait, Stuck}
	paired = []trial.Outcome{trial.Skip, trial.Fail, trial.Error}
)

// outcomes are those that a step of this kind can have.
func outcomes(minor kargo.Minor, kind string, among []trial.Outcome) []trial.Outcome {
	return slices.DeleteFunc(slices.Clone(among), func(outcome trial.Outcome) bool { return !trial.Possible(minor, kind, outcome) })
}

func (c *comparison) try(setup Setup) *pair {
	p := &pair{setup: setup, original: c.run(c.bench.original, setup), ours: c.run(c.bench.ours, setup), bench: c.bench}
	c.result.Runs++
	key := fmt.Sprint(setup.Filled, setup.Trigger, setup.Outcomes)
	if p.plain = c.plain[key]; setup.Profile == world.Plain {
		p.plain, c.plain[key] = p, p
	}
	p.texts = c.book.Pairs(setup.Profile)
	c.compare(p)
	return p
}

// compare lists the differences of a pair.
func (c *comparison) compare(p *pair) {
	a, b := p.original.ran, p.ours.ran
	found := func(d Difference) { p.differences = append(p.differences, &d) }
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i].step.Uses != b[i].step.Uses {
			found(Difference{what: "runs", step: first(from(a, i), from(b, i)), place: i, Original: names(from(a, i)), Ours: names(from(b, i))})
			break
		}
		kind := a[i].step.Uses
		walk("", a[i].effect, b[i].effect, func(path string, original, ours any) {
			found(Difference{what: "setting", step: kind, setting: path, place: i, Original: original, Ours: ours})
		})
		if a[i].attempts != b[i].attempts {
			found(Difference{what: "attempts", step: kind, place: i, Original: a[i].attempts, Ours: b[i].attempts})
		}
	}
	if p.original.phase != p.ours.phase {
		found(Difference{what: "end", place: max(len(a), len(b)), Original: p.original.phase, Ours: p.ours.phase})
	}
	for _, d := range p.differences {
		c.keep(p, d)
	}
}

// first is the kind of the step that comes next.
func first(a, b []*ran) string {
	if len(a) > 0 {
		return a[0].step.Uses
	}
	return b[0].step.Uses
}

// from are the steps from a place on, if there are any.
func from(steps []*ran, place int) []*ran { return steps[min(place, len(steps)):] }

func names(steps []*ran) []string {
	found := []string{}
	for _, r := range steps {
		found = append(found, r.name)
	}
	return found
}

// keep keeps a difference, once for each cause in a Stage.
func (c *comparison) keep(p *pair, d *Difference) {
	d.Stage, d.Setup, d.Count = c.bench.original.stage.Metadata.Name, p.setup, 1
	d.Where = strings.TrimSpace(d.step + " " + d.what)
	if d.setting != "" {
		d.Where = d.step + " " + d.setting
	}
	for _, kind := range Kinds {
		if where, ok := kind.explains(p, d); ok {
			d.Repair, d.Where = kind.Name, where
			break
		}
	}
	key := d.Where + "\x00" + d.Repair
	if known, ok := c.seen[key]; ok {
		known.Count++
		return
	}
	c.seen[key] = d
	c.result.Differences = append(c.result.Differences, d)
}

// Report prints the differences and holds them to the list of repairs. It tells
// whether each difference is listed, and each entry of the list met.
func Report(out io.Writer, name string, result *Result, repairs []Repair) bool {
	good := true
	met := make([]int, len(repairs))
	for _, d := range result.Differences {
		i := slices.IndexFunc(repairs, func(r Repair) bool { return d.Repair != "" && r.Kind == d.Repair && r.Where == d.Where })
		if i < 0 {
			fmt.Fprintln(out, "  DIFFERENT:", d)
			good = false
			continue
		}
		met[i] += d.Count
	}
	for i, r := range repairs {
		if met[i] == 0 {
			fmt.Fprintf(out, "  NOT MET: the repair %s at %s explains nothing\n", r.Kind, r.Where)
			good = false
			continue
		}
		fmt.Fprintf(out, "  repair %s at %s, %d×: %s\n", r.Kind, r.Where, met[i], r.Reason)
	}
	fmt.Fprintf(out, "%s: %d stages, %d promotions of both, %d repairs\n", name, result.Stages, result.Runs, len(repairs))
	return good && result.Stages > 0
}
