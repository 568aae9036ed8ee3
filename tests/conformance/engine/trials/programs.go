package trials

import (
	"bytes"
	"encoding/json"
	"fmt"

	"loadline/engine/kargo"
	"loadline/engine/world"
)

// manySets is how many sets of manifests are kept.
const manySets = 512

// set is a compiled program.
type set struct {
	projects []*world.Project
	// inflated holds the steps of Stages that were asked for.
	inflated map[*kargo.Stage]*inflation
}

// inflation is a Stage, ready to be promoted.
type inflation struct {
	vars  []kargo.Variable
	steps []kargo.Step
	// keys are `kind#n` of the steps: the n-th step of its kind, from 1.
	keys []string
	err  error
}

// sets keeps programs by name.
type sets struct{ byName map[string]*set }

// find gives the program of a request, after it has set it if it brings one.
func (s *sets) find(r *Request) (*set, error) {
	if len(r.Manifests) == 0 && r.Folder == "" {
		if found, ok := s.byName[r.Program]; ok {
			return found, nil
		}
		return nil, fmt.Errorf("there is no program %q", r.Program)
	}
	projects, err := read(r)
	if err != nil {
		return nil, err
	}
	if len(s.byName) >= manySets {
		clear(s.byName)
	}
	made := &set{projects: projects, inflated: map[*kargo.Stage]*inflation{}}
	s.byName[r.Program] = made
	return made, nil
}

func read(r *Request) ([]*world.Project, error) {
	if r.Folder != "" {
		return world.Load(r.Folder)
	}
	var documents [][]byte
	if bytes.HasPrefix(r.Manifests, []byte("[")) {
		var objects []json.RawMessage
		if err := json.Unmarshal(r.Manifests, &objects); err != nil {
			return nil, fmt.Errorf("manifests: %w", err)
		}
		for _, object := range objects {
			documents = append(documents, object)
		}
		return world.Projects(documents)
	}
	var text string
	if err := json.Unmarshal(r.Manifests, &text); err != nil {
		return nil, fmt.Errorf("manifests: want a text or a list: %w", err)
	}
	documents, err := world.Documents([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("manifests: %w", err)
	}
	return world.Projects(documents)
}

// inflate gives the steps of a Stage.
func (s *set) inflate(project *world.Project, stage *kargo.Stage) *inflation {
	if found, ok := s.inflated[stage]; ok {
		return found
	}
	made := &inflation{}
	made.vars, made.steps, made.err = kargo.Inflate(project.Cluster, stage)
	counts := map[string]int{}
	for _, step := range made.steps {
		counts[step.Uses]++
		made.keys = append(made.keys, fmt.Sprintf("%s#%d", step.Uses, counts[step.Uses]))
	}
	s.inflated[stage] = made
	return made
}

// stages lists the inflated steps of all Stages.
func (s *set) stages() map[string][]Inflated {
	found := map[string][]Inflated{}
	for _, project := range s.projects {
		for _, stage := range project.Stages {
			inflated := s.inflate(project, stage)
			steps := make([]Inflated, len(inflated.steps))
			for i, step := range inflated.steps {
				steps[i] = Inflated{Alias: step.As, Uses: step.Uses, Key: inflated.keys[i]}
			}
			found[project.Cluster.Project+"/"+stage.Metadata.Name] = steps
		}
	}
	return found
}
