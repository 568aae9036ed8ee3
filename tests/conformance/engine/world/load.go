// Package world makes what a compiled program would meet in a cluster: its own
// objects, read as Kubernetes reads them, and made-up Freight and step outputs,
// plain or hostile.
package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"

	"loadline/engine/kargo"
)

// Project is a namespace with Stages.
type Project struct {
	Cluster *kargo.Cluster
	Stages  []*kargo.Stage // those with steps, by name
}

// Load reads files, and all YAML files below folders.
func Load(paths ...string) ([]*Project, error) {
	var documents [][]byte
	for _, path := range paths {
		read, err := load(path)
		if err != nil {
			return nil, err
		}
		documents = append(documents, read...)
	}
	return Projects(documents)
}

func load(root string) ([][]byte, error) {
	var documents [][]byte
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
		default:
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read, err := Documents(content)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		documents = append(documents, read...)
		return nil
	})
	return documents, err
}

// Documents reads a stream of YAML documents as JSON.
func Documents(content []byte) ([][]byte, error) {
	var documents [][]byte
	for _, document := range split(content) {
		object, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		documents = append(documents, object)
	}
	return documents, nil
}

// split cuts a stream into its documents.
func split(content []byte) [][]byte {
	var documents [][]byte
	var current []byte
	for _, line := range bytes.SplitAfter(content, []byte("\n")) {
		rest, marker := bytes.CutPrefix(line, []byte("---"))
		if marker && (len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(bytes.TrimSpace(rest), []byte("#"))) {
			documents = append(documents, current)
			current = nil
			continue
		}
		current = append(current, line...)
	}
	return append(documents, current)
}

// Projects sorts objects, written as JSON, by namespace.
func Projects(documents [][]byte) ([]*Project, error) {
	clusters := map[string]*kargo.Cluster{}
	for _, document := range documents {
		var head struct {
			Kind     string     `json:"kind"`
			Metadata kargo.Meta `json:"metadata"`
		}
		if err := json.Unmarshal(document, &head); err != nil {
			continue // No object: an empty document, or a list.
		}
		if head.Kind == "Stage" && clusters[head.Metadata.Namespace] == nil {
			clusters[head.Metadata.Namespace] = kargo.NewCluster(head.Metadata.Namespace)
		}
	}
	var found []*Project
	for _, name := range sortedKeys(clusters) {
		project := &Project{Cluster: clusters[name]}
		for _, document := range documents {
			if bytes.Equal(bytes.TrimSpace(document), []byte("null")) {
				continue
			}
			if err := project.Cluster.Add(document); err != nil {
				return nil, err
			}
		}
		for _, stage := range sortedKeys(project.Cluster.Stages) {
			if s := project.Cluster.Stages[stage]; len(s.Steps()) > 0 {
				project.Stages = append(project.Stages, s)
			}
		}
		found = append(found, project)
	}
	return found, nil
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// FindStage finds a Stage by "stage" or "project/stage".
func FindStage(projects []*Project, name string) (*Project, *kargo.Stage, error) {
	wanted, bare, qualified := strings.Cut(name, "/")
	if !qualified {
		wanted, bare = "", name
	}
	for _, project := range projects {
		if qualified && project.Cluster.Project != wanted {
			continue
		}
		for _, stage := range project.Stages {
			if stage.Metadata.Name == bare {
				return project, stage, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("there is no stage %q with steps", name)
}
