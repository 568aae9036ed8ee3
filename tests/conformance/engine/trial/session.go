package trial

import (
	"encoding/json"
	"fmt"
	"math/bits"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// Options bound the work on one Stage.
type Options struct {
	// PairSteps is the largest number of steps for which pairs of deviations are tried.
	PairSteps int
	// MaxRuns ends the work on a Stage.
	MaxRuns int
	// Strict counts findings after outcomes that a kind cannot have, too.
	Strict bool
	// Oldest is the first version that the manifests are for: what only later ones have cannot be asked of them.
	Oldest kargo.Minor
}

// session is the work on one Stage.
type session struct {
	bench    *Bench
	options  Options
	report   *Report
	kinds    map[string]string
	verdicts map[string]verdict
	rotation int
}

func full(value any) string {
	written, _ := json.Marshal(value)
	return string(written)
}

// Examine tries a Stage in all slot states, with all single deviations and all
// pairs of them.
func Examine(b *Bench, options Options) *Report {
	b.Prepare()
	chooseOutputs(b, options)
	s := newSession(b, options)
	for _, step := range b.steps {
		if b.Minor.TooNew(step.Uses) {
			s.report.add(Setup{}, step.As, "", "this Kargo has no step of kind "+step.Uses, "")
		}
	}
	s.slotStates()
	return s.report
}

func newSession(b *Bench, options Options) *session {
	s := &session{
		bench: b, options: options, report: newReport(b.stage.Metadata.Name),
		kinds: map[string]string{}, verdicts: map[string]verdict{},
	}
	for _, step := range b.steps {
		s.kinds[step.As] = step.Uses
	}
	return s
}

func (s *session) run(setup Setup) *Trace {
	s.report.Runs++
	t := s.bench.Run(setup)
	s.check(t)
	return t
}

func (s *session) spent() bool { return s.report.Runs >= s.options.MaxRuns }

// both runs a setup plain and in one hostile profile, another one each time.
func (s *session) both(setup Setup) *Trace {
	plain := s.run(setup.profile(world.Plain))
	s.rotation++
	s.compare(plain, s.run(setup.profile(s.rotation%world.Profiles())))
	return plain
}

// manySlots is the number of slots from which not all subsets are tried, but
// only those that leave out or fill a single one, and the full set.
const manySlots = 6

// states are all ways to fill the slots, the full one first, with each filled
// origin as the one that is promoted.
func (b *Bench) states() []Setup {
	var setups []Setup
	origins := b.Origins()
	for mask := 1<<len(origins) - 1; mask > 0; mask-- {
		n := bits.OnesCount(uint(mask))
		if len(origins) >= manySlots && n > 1 && n < len(origins)-1 {
			continue
		}
		var filled []string
		for i, origin := range origins {
			if mask&(1<<i) != 0 {
				filled = append(filled, origin)
			}
		}
		for _, trigger := range filled {
			setups = append(setups, Setup{Filled: filled, Trigger: trigger, Profile: world.Plain})
		}
	}
	return setups
}

// slotStates goes from the broad to the deep, so that a limit of runs cuts off
// pairs of deviations first.
func (s *session) slotStates() {
	states := s.bench.states()
	if len(s.bench.Origins()) >= manySlots {
		s.note("%d slots: only states with all, all but one, or one of them filled", len(s.bench.Origins()))
	}
	reference := s.bench.Run(states[0])
	s.each("undisturbed runs", states, func(state Setup) { s.undisturbed(state, reference) })
	s.each("single deviations", states, func(state Setup) { s.singles(state, reference, nil) })
	if len(s.bench.steps) > s.options.PairSteps {
		s.note("%d steps: no pairs of deviations", len(s.bench.steps))
		return
	}
	s.each("pairs of deviations", states, func(state Setup) {
		s.singles(state, reference, func(one Deviation, single *Trace) { s.pairs(state, one, single, reference) })
	})
}

// each does a piece of work in every state, as long as there are runs left.
func (s *session) each(what string, states []Setup, work func(Setup)) {
	for i, state := range states {
		work(state)
		if s.spent() && i < len(states)-1 {
			s.note("%s in %d of %d slot states: the limit of %d runs", what, i+1, len(states), s.options.MaxRuns)
			return
		}
	}
}

func (s *session) note(format string, args ...any) {
	s.report.Notes = append(s.report.Notes, fmt.Sprintf(format, args...))
}

// undisturbed tries a slot state in all profiles, and with every step waiting once.
func (s *session) undisturbed(state Setup, reference *Trace) {
	plain := s.run(state)
	s.nullTexts(reference, plain)
	for profile := range world.Profiles() {
		s.compare(plain, s.run(state.profile(profile)))
	}
	state.WaitAll = true
	s.both(state)
}

// singles tries deviations of the steps that run. With a continuation it only
// finds out, uncounted, which steps run then, and goes on from there.
func (s *session) singles(state Setup, reference *Trace, then func(Deviation, *Trace)) {
	for _, first := range s.bench.Run(state).Ran {
		for _, outcome := range deviations(s.bench.Minor) {
			if s.spent() {
				return
			}
			one := Deviation{first.Alias, outcome}
			if then != nil {
				then(one, s.bench.Run(state.with(one)))
				continue
			}
			s.nullTexts(reference, s.both(state.with(one)))
		}
	}
}

// pairs deviates, beside the first step, each that runs after it.
func (s *session) pairs(state Setup, one Deviation, single, reference *Trace) {
	after := false
	for _, second := range single.Ran {
		if second.Alias == one.Alias {
			after = true
			continue
		}
		if !after {
			continue
		}
		for _, outcome := range deviations(s.bench.Minor) {
			if s.spent() {
				return
			}
			s.nullTexts(reference, s.both(state.with(one, Deviation{second.Alias, outcome})))
		}
	}
}

// chooseOutputs gives the outputs that settings name (of http and the parse
// steps) the types that the program expects of them: the combination of text,
// number, bool and record that gives an undisturbed run the least trouble.
func chooseOutputs(b *Bench, options Options) {
	full := b.states()[0]
	keys := b.freeOutputs(full)
	if len(keys) == 0 || len(keys) > 4 {
		return
	}
	candidates := []any{nil, float64(3), true, map[string]any{}}
	total := 1
	for range keys {
		total *= len(candidates)
	}
	set := func(n int) {
		for _, key := range keys {
			delete(b.Dynamic, key)
			if value := candidates[n%len(candidates)]; value != nil {
				b.Dynamic[key] = value
			}
			n /= len(candidates)
		}
	}
	best, least := 0, -1
	for n := range total {
		set(n)
		s := newSession(b, options)
		s.both(full)
		if found := len(s.report.Violations); least < 0 || found < least {
			best, least = n, found
		}
		if least == 0 {
			return
		}
	}
	set(best)
}

// freeOutputs are the named outputs that nobody gave a value.
func (b *Bench) freeOutputs(setup Setup) []string {
	var keys []string
	for _, run := range b.Run(setup).Ran {
		switch run.Kind {
		case "http", "json-parse", "yaml-parse", "toml-parse":
			for _, name := range world.OutputNames(run.Config) {
				if key := run.Alias + "#" + name; b.Dynamic[key] == nil {
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}
