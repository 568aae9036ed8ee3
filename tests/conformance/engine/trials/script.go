package trials

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/steps"
)

// own are the kinds that run as they are, unless the script names them: what
// they do depends on nothing but their settings.
var own = []string{"compose-output", "fail"}

// checkScript refuses a script for steps that there are not, which would be a
// mistake of who wrote it.
func (t *trial) checkScript() error {
	for key, answers := range t.request.Script {
		_, isAlias := t.byAlias[key]
		if !isAlias && key != "*" && !strings.HasSuffix(key, "#*") && !slices.Contains(t.keys, key) {
			return fmt.Errorf("script: there is no step %q", key)
		}
		for _, a := range answers {
			switch a.Status {
			case kargo.Succeeded, kargo.Skipped, kargo.Failed, kargo.Errored, kargo.Running, kargo.Aborted:
			default:
				if a.Panic == "" {
					return fmt.Errorf("script: %s: unknown status %q", key, a.Status)
				}
			}
		}
	}
	return nil
}

// answers are those of the most exact key that names the step.
func (t *trial) answers(record *Step) ([]Answer, bool) {
	exact := t.keys[record.Index]
	for _, key := range []string{record.Alias, exact, record.Uses + "#*"} {
		if answers, ok := t.request.Script[key]; ok {
			return answers, true
		}
	}
	return t.request.Script["*"], false
}

// run is the runner of all steps.
func (t *trial) run(call kargo.Call) (kargo.Answer, error) {
	record := t.byAlias[call.Step.As]
	config := kargo.Plain(call.Config)
	record.Attempts++
	record.Config = config
	t.configs[record.Alias] = append(t.configs[record.Alias], config)
	t.runs = append(t.runs, strconv.Itoa(t.call)+":"+record.Alias)
	t.refuse(record, call.Config)
	answers, named := t.answers(record)
	if slices.Contains(t.request.Real, record.Uses) || !named && slices.Contains(own, record.Uses) {
		return t.real.Run(call)
	}
	if len(answers) == 0 {
		return kargo.Answer{Status: kargo.Succeeded}, nil
	}
	answer := answers[min(record.Attempts, len(answers))-1]
	t.real.Cluster.ConfigMaps = with(t.real.Cluster.ConfigMaps, answer.ConfigMaps)
	if answer.Document == nil && answer.Response == nil {
		return answer.give()
	}
	record.Expressions = map[string]any{}
	answer.Output = t.expressions(record, answer, call.Config)
	return answer.give()
}

// expressions evaluates those of the step's own, and gives what `outputs` name.
func (t *trial) expressions(record *Step, answer Answer, settings map[string]any) map[string]any {
	output := map[string]any{}
	for key, setting := range settings {
		if items, ok := setting.([]any); ok {
			for _, item := range items {
				if fields, ok := item.(map[string]any); ok {
					t.expressions(record, answer, fields)
					if name, ok := fields["name"].(string); ok && key == "outputs" {
						output[name] = record.Expressions[fmt.Sprint(fields["fromExpression"])]
					}
				}
			}
		}
		source, ok := setting.(string)
		if !ok || !strings.HasSuffix(key, "Expression") {
			continue
		}
		var value any
		var err error
		if answer.Response != nil {
			value, err = steps.InAnswer(source, answer.Response)
		} else {
			value, err = steps.InDocument(t.minor, source, answer.Document)
		}
		if err != nil {
			t.trouble(&t.promotion.Steps[record.Index], "expression", fmt.Errorf("%s: %w", source, err))
		}
		record.Expressions[source] = value
	}
	return output
}

func (a Answer) give() (kargo.Answer, error) {
	script := kargo.Scripted{Answer: kargo.Answer{Status: a.Status, Message: a.Message, Output: a.Output}, Terminal: a.Terminal}
	if a.Panic != "" {
		script.Panic = &a.Panic
	}
	if a.Status == kargo.Failed || a.Status == kargo.Errored {
		text := or(a.Error, "as the script says")
		script.Error = &text
	}
	return script.Give()
}

// refuse holds the settings to the official schema.
func (t *trial) refuse(record *Step, config map[string]any) {
	if t.schemas == nil {
		return
	}
	written, err := json.Marshal(config)
	if err != nil {
		record.Refused = []string{err.Error()}
		return
	}
	key := record.Uses + "\x00" + string(written)
	problems, ok := t.verdicts[key]
	if !ok {
		problems, _, err = t.schemas.Check(record.Uses, config)
		if err != nil {
			problems = append(problems, err.Error())
		}
		if len(t.verdicts) >= manyVerdicts {
			clear(t.verdicts)
		}
		t.verdicts[key] = problems
	}
	record.Refused = problems
}

const manyVerdicts = 50_000

// describe says how it went.
func (t *trial) describe(status *kargo.PromotionStatus) *Promoted {
	p := &Promoted{
		Phase: status.Phase, Panicked: status.Panicked, Calls: status.Calls, Runs: t.runs, Steps: t.records,
		Outputs: status.Stored, OutputsLost: status.OutputsLost(),
	}
	if t.runs == nil {
		p.Runs = []string{}
	}
	if p.Outputs == nil {
		p.Outputs = json.RawMessage("null")
	}
	for _, meta := range status.Metas {
		t.describeStep(p, meta)
	}
	if len(t.request.Files) > 0 {
		p.Files = t.real.Files
	}
	if slices.Contains(t.request.Real, "set-metadata") {
		p.Metadata = metadata(t.real.Cluster)
	}
	return p
}

func (t *trial) describeStep(p *Promoted, meta kargo.StepMeta) {
	record := t.byAlias[meta.Alias]
	record.Status, record.Message = meta.Status, meta.Message
	counts := !t.promotion.Steps[record.Index].ContinueOnError
	if p.Message == "" && p.Phase != "Succeeded" && counts && string(meta.Status) == p.Phase {
		p.Message = meta.Message // Kargo shows the first of the worst.
	}
	if meta.Status == kargo.Skipped {
		switch {
		case meta.StartedAt != nil:
			record.Skip = "itself"
		case t.promotion.Steps[record.Index].If != "":
			record.Skip = "if"
		default:
			record.Skip = "failed before"
		}
	}
	for _, config := range t.configs[meta.Alias] {
		if !reflect.DeepEqual(config, record.Config) {
			record.Configs = t.configs[meta.Alias]
		}
	}
}
