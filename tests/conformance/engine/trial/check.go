package trial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"loadline/engine/world"
)

// Violation is something that must not happen, with one run that shows it.
type Violation struct {
	Stage, Alias, Path string
	What               string
	Value              string
	Setup              Setup
	Count              int
}

func (v *Violation) String() string {
	text := "stage " + v.Stage
	if v.Setup.Trigger != "" {
		text += ", " + v.Setup.String()
	}
	if v.Alias != "" {
		text += ", step " + v.Alias
	}
	if v.Path != "" {
		text += ", " + v.Path
	}
	if v.Value != "" {
		text += " = " + v.Value
	}
	return fmt.Sprintf("%s: %s (%d×)", text, v.What, v.Count)
}

// Report is what came out for one Stage.
type Report struct {
	Stage      string
	Runs       int
	Violations []*Violation
	// Unchecked counts settings of kinds without schema, by kind.
	Unchecked map[string]int
	// Excused counts what was seen only after outcomes that a kind cannot have,
	// and slots that a `require` step found empty.
	Excused int
	// Notes say what was left out.
	Notes []string
	seen  map[string]*Violation
}

func newReport(stage string) *Report {
	return &Report{Stage: stage, Unchecked: map[string]int{}, seen: map[string]*Violation{}}
}

func (r *Report) add(setup Setup, alias, path, what, value string) {
	key := strings.Join([]string{alias, path, firstWords(what)}, "\x00")
	if v, ok := r.seen[key]; ok {
		v.Count++
		if len(setup.Deviations) < len(v.Setup.Deviations) {
			v.Setup, v.What, v.Value = setup, what, value // A simpler way to see it.
		}
		return
	}
	v := &Violation{Stage: r.Stage, Alias: alias, Path: path, What: what, Value: value, Setup: setup, Count: 1}
	r.seen[key] = v
	r.Violations = append(r.Violations, v)
}

// firstWords are the part of a finding that does not change with the value.
func firstWords(what string) string {
	what, _, _ = strings.Cut(what, ":")
	what, _, _ = strings.Cut(what, "\n")
	return what
}

// check looks at one run by itself. After outcomes that a kind cannot have,
// only what must never happen counts.
func (s *session) check(t *Trace) {
	impossible := s.impossible(t.Setup)
	for _, trouble := range t.Troubles {
		switch {
		case trouble.Where == "swallowed":
			s.report.add(t.Setup, trouble.Alias, "", "the whole configuration is swallowed", "")
		case impossible, s.required(t, trouble):
			s.report.Excused++
		default:
			s.report.add(t.Setup, trouble.Alias, "", trouble.Where+" cannot be evaluated: "+oneLine(trouble.Text), "")
		}
	}
	if t.Status.Panicked {
		s.report.add(t.Setup, "", "", "the engine panics", "")
	}
	if t.Status.OutputsLost() {
		s.report.add(t.Setup, "", "", "the outputs cannot be read back", "")
	}
	if t.Status.Phase == "Running" {
		s.report.add(t.Setup, "", "", "the promotion never ends", "")
	}
	for _, run := range t.Ran {
		if run.Config != nil || !swallowed(t, run.Alias) {
			s.checkStep(t, run, impossible)
		}
	}
}

func swallowed(t *Trace, alias string) bool {
	return slices.Contains(t.Troubles, Trouble{Alias: alias, Where: "swallowed"})
}

func oneLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// required tells whether this is the intended failure of a `require` below 1.10.
func (s *session) required(t *Trace, trouble Trouble) bool {
	alias := trouble.Alias[strings.LastIndex(trouble.Alias, ":")+1:]
	return trouble.Where == "condition" && strings.HasPrefix(alias, "require") &&
		len(t.Setup.Filled) < len(s.bench.Origins())
}

func (s *session) impossible(setup Setup) bool {
	if s.options.Strict {
		return false
	}
	for _, d := range setup.Deviations {
		if !Possible(s.bench.Minor, s.kinds[d.Alias], d.Outcome) {
			return true
		}
	}
	return false
}

// checkStep holds the settings of a step to its schema, and looks for empty
// references, which make git-clone take the default branch.
func (s *session) checkStep(t *Trace, run *StepRun, impossible bool) {
	problems, known := s.schemaProblems(run)
	if !known {
		s.report.Unchecked[run.Kind]++
	}
	for _, problem := range problems {
		if impossible {
			s.report.Excused++
			continue
		}
		path, what, _ := strings.Cut(problem, ": ")
		s.report.add(t.Setup, run.Alias, path, "the schema refuses it: "+what, "")
	}
	if run.Kind != "git-clone" {
		return
	}
	checkouts, _ := run.Config["checkout"].([]any)
	for i, c := range checkouts {
		fields, _ := c.(map[string]any)
		for _, name := range []string{"commit", "tag", "branch"} {
			if fields[name] == "" {
				s.report.add(t.Setup, run.Alias, fmt.Sprintf("checkout[%d].%s", i, name), "empty: the default branch is taken", `""`)
			}
		}
	}
}

// schemaProblems remembers verdicts: most runs give a step the same settings.
func (s *session) schemaProblems(run *StepRun) ([]string, bool) {
	key := run.Kind + "\x00" + show(run.Config)
	if len(key) > 200 {
		key = run.Kind + "\x00" + full(run.Config)
	}
	if v, ok := s.verdicts[key]; ok {
		return v.problems, v.known
	}
	problems, known, err := s.bench.Schemas.Check(run.Kind, run.Config)
	if err != nil {
		problems = append(problems, "(schema): "+err.Error())
	}
	s.verdicts[key] = verdict{problems, known}
	return problems, known
}

type verdict struct {
	problems []string
	known    bool
}

// compare lays a hostile run beside the plain one.
func (s *session) compare(plain, hostile *Trace) {
	j := &judge{minor: min(s.bench.Minor, s.options.Oldest), pairs: s.bench.Book.Pairs(hostile.Setup.Profile)}
	for _, p := range plain.Ran {
		h := hostile.ran(p.Alias)
		if h == nil || p.Config == nil || h.Config == nil {
			continue // A condition took another way; the values decide that.
		}
		j.found = func(path, value, why string) { s.report.add(hostile.Setup, p.Alias, path, why, value) }
		j.step(p.Kind, p.Config, h.Config)
	}
}

// nullTexts finds texts in which "null" stands where the reference run has a value.
func (s *session) nullTexts(reference, t *Trace) {
	if s.impossible(t.Setup) {
		return
	}
	pairs := s.bench.Book.Pairs(world.Plain)
	for _, run := range t.Ran {
		if r := reference.ran(run.Alias); r != nil {
			nullText("", any(r.Config), any(run.Config), pairs, func(path, value string) {
				s.report.add(t.Setup, run.Alias, path, `nil became the text "null"`, value)
			})
		}
	}
}

func nullText(path string, reference, value any, pairs []world.Pair, found func(path, value string)) {
	switch r := reference.(type) {
	case map[string]any:
		if v, ok := value.(map[string]any); ok {
			for _, key := range slices.Sorted(maps.Keys(r)) {
				nullText(strings.TrimPrefix(path+"."+key, "."), r[key], v[key], pairs, found)
			}
		}
	case []any:
		if v, ok := value.([]any); ok && len(v) == len(r) {
			for i, item := range r {
				nullText(fmt.Sprintf("%s[%d]", path, i), item, v[i], pairs, found)
			}
		}
	case string:
		v, ok := value.(string)
		if !ok || v == r {
			return
		}
		for _, p := range pairs {
			if strings.Contains(r, p.Plain) && strings.ReplaceAll(r, p.Plain, "null") == v {
				found(path, show(v))
			}
		}
	}
}
