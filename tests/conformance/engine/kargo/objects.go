package kargo

import (
	"encoding/json"
	"time"

	"loadline/engine/rules"
)

// The types below carry the field names that expressions use (Go names on a
// result of a function, JSON names after a hop through a value).

// OriginKind is a type of its own, as in Kargo: comparing it with a text in an
// expression does not compile.
type OriginKind string

// FreightOrigin says where Freight comes from.
type FreightOrigin struct {
	Kind OriginKind `json:"kind"`
	Name string     `json:"name"`
}

// GitCommit is a commit of a piece of Freight.
type GitCommit struct {
	RepoURL   string `json:"repoURL,omitempty"`
	ID        string `json:"id,omitempty"`
	Branch    string `json:"branch,omitempty"`
	Tag       string `json:"tag,omitempty"`
	Message   string `json:"message,omitempty"`
	Author    string `json:"author,omitempty"`
	Committer string `json:"committer,omitempty"`
}

// Image is a container image of a piece of Freight.
type Image struct {
	RepoURL     string            `json:"repoURL,omitempty"`
	Tag         string            `json:"tag,omitempty"`
	Digest      string            `json:"digest,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ImageV5 is Image as Kargo 1.5 has it.
type ImageV5 struct {
	RepoURL     string            `json:"repoURL,omitempty"`
	GitRepoURL  string            `json:"gitRepoURL,omitempty"`
	Tag         string            `json:"tag,omitempty"`
	Digest      string            `json:"digest,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Chart is a chart of a piece of Freight.
type Chart struct {
	RepoURL string `json:"repoURL,omitempty"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

// ArtifactReference is what a generic subscription found, as it is stored.
type ArtifactReference struct {
	ArtifactType     string          `json:"artifactType,omitempty"`
	SubscriptionName string          `json:"subscriptionName,omitempty"`
	Version          string          `json:"version,omitempty"`
	Metadata         json.RawMessage `json:"metadata,omitempty"`
}

// Artifact is ArtifactReference as expressions see it; Kargo gives it no JSON names.
type Artifact struct {
	ArtifactType     string
	SubscriptionName string
	Version          string
	Metadata         map[string]any
}

// Meta is the part of an object's metadata that the model reads.
type Meta struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
}

// Freight is a piece of Freight.
type Freight struct {
	Metadata  Meta                `json:"metadata"`
	Origin    FreightOrigin       `json:"origin"`
	Alias     string              `json:"alias,omitempty"`
	Commits   []GitCommit         `json:"commits,omitempty"`
	Images    []Image             `json:"images,omitempty"`
	Charts    []Chart             `json:"charts,omitempty"`
	Artifacts []ArtifactReference `json:"artifacts,omitempty"`
	Status    struct {
		Metadata map[string]json.RawMessage `json:"metadata,omitempty"`
	} `json:"status,omitempty"`
}

// Subscription is one subscription of a Warehouse. Kinds other than the three
// classic ones are kept under their key.
type Subscription struct {
	Git   *RepoSubscription `json:"git,omitempty"`
	Image *RepoSubscription `json:"image,omitempty"`
	Chart *RepoSubscription `json:"chart,omitempty"`
	Other map[string]any    `json:"-"`
}

// RepoSubscription holds what lookups and made-up Freight need.
type RepoSubscription struct {
	RepoURL                 string `json:"repoURL"`
	Name                    string `json:"name,omitempty"`
	Branch                  string `json:"branch,omitempty"`
	CommitSelectionStrategy string `json:"commitSelectionStrategy,omitempty"`
	ImageSelectionStrategy  string `json:"imageSelectionStrategy,omitempty"`
}

// UnmarshalJSON keeps generic subscriptions.
func (s *Subscription) UnmarshalJSON(b []byte) error {
	type plain Subscription
	if err := json.Unmarshal(b, (*plain)(s)); err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for _, classic := range []string{"git", "image", "chart", "name"} {
		delete(all, classic)
	}
	s.Other = all
	return nil
}

// Warehouse is a Warehouse.
type Warehouse struct {
	Metadata Meta `json:"metadata"`
	Spec     struct {
		Subscriptions []Subscription `json:"subscriptions"`
	} `json:"spec"`
}

// Variable is a name and a template. It must stay two strings: the size of the
// struct decides how Go grows slices, and with it which variables Kargo
// overwrites when it inflates tasks.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// Duration is written as Go writes durations.
type Duration struct{ time.Duration }

// UnmarshalJSON reads a Go duration.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	d.Duration = v
	return err
}

// MarshalJSON writes a Go duration.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.Duration.String()) }

// Retry is the retry setting of a step.
type Retry struct {
	Timeout        *Duration `json:"timeout,omitempty"`
	ErrorThreshold uint32    `json:"errorThreshold,omitempty"`
}

// TaskRef names a task.
type TaskRef struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
}

// Step is a step, or the call of a task.
type Step struct {
	As              string          `json:"as,omitempty"`
	Uses            string          `json:"uses,omitempty"`
	Task            *TaskRef        `json:"task,omitempty"`
	If              string          `json:"if,omitempty"`
	ContinueOnError bool            `json:"continueOnError,omitempty"`
	Retry           *Retry          `json:"retry,omitempty"`
	Vars            []Variable      `json:"vars,omitempty"`
	Config          json.RawMessage `json:"config,omitempty"`
}

// HasConfig tells whether the step carries settings at all.
func (s *Step) HasConfig() bool {
	return len(s.Config) > 0 && (string(s.Config) != "null" || !rules.On(rules.NullIsNoSettings))
}

// TaskSpec is the spec of a PromotionTask or ClusterPromotionTask.
type TaskSpec struct {
	Vars  []Variable `json:"vars,omitempty"`
	Steps []Step     `json:"steps,omitempty"`
}

// FreightRequest is one slot of a Stage.
type FreightRequest struct {
	Origin FreightOrigin `json:"origin"`
}

// Stage is a Stage.
type Stage struct {
	Metadata Meta `json:"metadata"`
	Spec     struct {
		Vars              []Variable       `json:"vars,omitempty"`
		RequestedFreight  []FreightRequest `json:"requestedFreight"`
		PromotionTemplate *struct {
			Spec struct {
				Vars  []Variable `json:"vars,omitempty"`
				Steps []Step     `json:"steps,omitempty"`
			} `json:"spec"`
		} `json:"promotionTemplate,omitempty"`
	} `json:"spec"`
	Status struct {
		Metadata map[string]json.RawMessage `json:"metadata,omitempty"`
	} `json:"status,omitempty"`
}

// Steps are the steps of the Stage's template.
func (s *Stage) Steps() []Step {
	if s.Spec.PromotionTemplate == nil {
		return nil
	}
	return s.Spec.PromotionTemplate.Spec.Steps
}

// Task is a PromotionTask or ClusterPromotionTask.
type Task struct {
	Metadata Meta     `json:"metadata"`
	Spec     TaskSpec `json:"spec"`
}
