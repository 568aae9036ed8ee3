// Package trials runs promotions that somebody else made up, one for each line
// that it reads: a compiled program, the state of a Stage's slots, and a script
// of what becomes of the steps. It answers what Kargo would do. README.md of the
// engine describes the lines.
package trials

import (
	"encoding/json"

	"loadline/engine/kargo"
)

// Request is a line that is read. Without a stage it only brings a program.
type Request struct {
	ID string `json:"id"`
	// Program names a set of manifests. With Manifests or Folder it is set anew,
	// else it was set by an earlier line.
	Program string `json:"program"`
	// Manifests is a stream of YAML documents in a text, or a list of objects.
	Manifests json.RawMessage `json:"manifests"`
	Folder    string          `json:"folder"`

	// Stage is "stage", or "project/stage".
	Stage string `json:"stage"`
	// Freight is what there is, in the form of Kargo's objects.
	Freight []*kargo.Freight `json:"freight"`
	// Promote is the name of the Freight that is promoted.
	Promote string `json:"promote"`
	// History says which Freight the last promotion left in the slot of which
	// Warehouse; null if the Stage was never promoted.
	History map[string]string `json:"history"`

	// Script gives the answers of steps, one for each attempt, by `alias`,
	// `kind#n`, `kind#*` or `*`.
	Script map[string][]Answer `json:"script"`
	// Kinds are the installation's own; null stands for whatever the program uses.
	Kinds []string `json:"kinds"`
	// Real lists kinds that are really run, on Files.
	Real  []string          `json:"real"`
	Files map[string]string `json:"files"`

	Environment Environment `json:"environment"`
	Schedule    Schedule    `json:"schedule"`
}

// Answer is what a step answers to one attempt.
type Answer struct {
	Status  kargo.Status   `json:"status"`
	Message string         `json:"message"`
	Output  map[string]any `json:"output"`
	// Error is the text of the error that comes with Failed and Errored.
	Error string `json:"error"`
	// Terminal errors are not tried again.
	Terminal bool `json:"terminal"`
	// Panic lets the runner panic with this text.
	Panic string `json:"panic"`
	// Document is the file, and Response the answer to a request, that the own
	// expressions of the step see. `outputs` of its settings become its output.
	Document any            `json:"document"`
	Response map[string]any `json:"response"`
	// ConfigMaps are from then on as they stand here: somebody has changed them.
	ConfigMaps map[string]map[string]string `json:"configMaps"`
}

// Environment is what expressions can see besides Freight and outputs. What is
// absent here is as the manifests have it.
type Environment struct {
	Secrets          map[string]map[string]string          `json:"secrets"`
	ConfigMaps       map[string]map[string]string          `json:"configMaps"`
	SharedSecrets    map[string]map[string]string          `json:"sharedSecrets"`
	SharedConfigMaps map[string]map[string]string          `json:"sharedConfigMaps"`
	StageMetadata    map[string]map[string]json.RawMessage `json:"stageMetadata"`
	Promotion        string                                `json:"promotion"`
	Actor            string                                `json:"actor"`
	UIBaseURL        string                                `json:"uiBaseUrl"`
	// Clock is the time of the first call.
	Clock string `json:"clock"`
}

// Schedule says how the promotion is called.
type Schedule struct {
	// Restart loses the working directory after so many calls; 0 never.
	Restart int `json:"restart"`
	// Elapse is the time between two calls, as Go writes durations.
	Elapse string `json:"elapse"`
	// MaxCalls ends a promotion that does not end; 0 leaves room for all retries.
	MaxCalls int `json:"maxCalls"`
}

// Result is a line that is written.
type Result struct {
	ID string `json:"id"`
	// Error: the line cannot be read, or names what is not there. Nothing ran.
	Error string `json:"error,omitempty"`
	// BuildError: Kargo cannot make the Promotion.
	BuildError string `json:"buildError,omitempty"`
	// Stages are those of a program that was set, if no stage was asked for:
	// the inflated steps by "project/stage".
	Stages map[string][]Inflated `json:"stages,omitempty"`

	*Promoted
}

// Inflated is a step as the Promotion has it.
type Inflated struct {
	Alias string `json:"alias"`
	Uses  string `json:"uses"`
	// Key is `kind#n`.
	Key string `json:"key"`
}

// Promoted is how a promotion went.
type Promoted struct {
	Phase   string `json:"phase"`
	Message string `json:"message,omitempty"`
	// Panicked: the engine itself panicked; the steps are as before that call.
	Panicked bool `json:"panicked,omitempty"`
	Calls    int  `json:"calls"`
	// Runs are the calls of runners in order, "call:alias".
	Runs []string `json:"runs"`
	// Steps are all inflated steps in order.
	Steps []*Step `json:"steps"`
	// Outputs is the final state, by alias; null if there is none.
	Outputs json.RawMessage `json:"outputs"`
	// OutputsLost: Kargo cannot read this state back.
	OutputsLost bool `json:"outputsLost,omitempty"`
	// Files are the final files, if any were given.
	Files map[string]string `json:"files,omitempty"`
	// Metadata of Stages after real set-metadata steps, by stage.
	Metadata map[string]map[string]json.RawMessage `json:"metadata,omitempty"`
}

// Step is what became of a step.
type Step struct {
	Index int    `json:"index"`
	Alias string `json:"alias"`
	Uses  string `json:"uses"`
	// Status is "" for a step that was not reached.
	Status kargo.Status `json:"status"`
	// Skip says why a step is Skipped: "if", "failed before" (without `if`), "itself".
	Skip     string `json:"skip,omitempty"`
	Message  string `json:"message,omitempty"`
	Attempts int    `json:"attempts"`
	// Config is what the runner got at its last attempt, Configs all of them if they differ.
	Config  any   `json:"config"`
	Configs []any `json:"configs,omitempty"`
	// Errors are those of variables, condition or settings of this step.
	Errors []Trouble `json:"errors,omitempty"`
	// Expressions are what the expressions of its own gave, by their text.
	Expressions map[string]any `json:"expressions,omitempty"`
	// Refused: what the official schema of the kind has against Config.
	Refused []string `json:"refused,omitempty"`
}

// Trouble is an error in an expression of a step. Where is "condition",
// "settings" (variables are part of both), "expression" (of its own) or
// "swallowed": Kargo lost the settings.
type Trouble struct {
	Where string `json:"where"`
	Text  string `json:"text,omitempty"`
}
