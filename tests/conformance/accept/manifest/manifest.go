// Package manifest reads YAML streams the way a Kubernetes client does.
package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A Doc is one object of a stream, or the reason why it could not be read.
type Doc struct {
	File string
	// Index counts the objects of the file from 0: empty documents are left
	// out, the items of a List count singly.
	Index  int
	Object map[string]any
	Err    error
}

// Name says which object it is: Kind/namespace/name.
func (d Doc) Name() string {
	kind, _ := d.Object["kind"].(string)
	meta, _ := d.Object["metadata"].(map[string]any)
	namespace, _ := meta["namespace"].(string)
	name, _ := meta["name"].(string)
	return kind + "/" + namespace + "/" + name
}

// Objects gives the objects of the documents that could be read.
func Objects(docs []Doc) []map[string]any {
	var objects []map[string]any
	for _, doc := range docs {
		if doc.Err == nil {
			objects = append(objects, doc.Object)
		}
	}
	return objects
}

// Reading decides what a repeated key means.
type Reading bool

const (
	// Strict refuses a repeated key.
	Strict Reading = true
	// LastWins takes the last value of a repeated key, as older clients do.
	LastWins Reading = false
)

// Parse reads a stream. A document that cannot be read becomes a Doc with Err,
// so that one mistake does not hide the others.
func Parse(file string, data []byte, reading Reading) []Doc {
	var docs []Doc
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			return append(docs, Doc{File: file, Index: len(docs), Err: err})
		}
		value, err := decode(text, reading)
		if err != nil {
			docs = append(docs, Doc{File: file, Index: len(docs), Err: err})
			continue
		}
		for _, item := range items(value) {
			doc := Doc{File: file, Index: len(docs)}
			if doc.Object, doc.Err = object(item); doc.Err == nil && doc.Object == nil {
				continue
			}
			docs = append(docs, doc)
		}
	}
}

// decode gives nil for an empty document. The numbers come out as int64 or
// float64, as in the API server.
func decode(text []byte, reading Reading) (any, error) {
	toJSON := yaml.YAMLToJSON
	if reading == Strict {
		toJSON = yaml.YAMLToJSONStrict
	}
	data, err := toJSON(text)
	if err != nil {
		return nil, err
	}
	var value any
	err = utiljson.Unmarshal(data, &value)
	return value, err
}

// items opens a List; anything else is its own only item.
func items(value any) []any {
	if list, ok := value.(map[string]any); ok && list["kind"] == "List" {
		if items, ok := list["items"].([]any); ok {
			return items
		}
	}
	return []any{value}
}

func object(value any) (map[string]any, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return value, nil
	}
	return nil, errors.New("not an object")
}

// ReadFile reads one file.
func ReadFile(path string, reading Reading) ([]Doc, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, reading), nil
}

// Files lists the YAML files under a folder in the order of their names,
// without the kustomization: that one is not an object of the cluster. A path
// that names a file stands for itself.
func Files(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if path == root || isManifest(entry.Name()) {
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// ReadFolder reads every YAML file under a folder.
func ReadFolder(root string, reading Reading) ([]Doc, error) {
	files, err := Files(root)
	if err != nil {
		return nil, err
	}
	var docs []Doc
	for _, file := range files {
		more, err := ReadFile(file, reading)
		if err != nil {
			return nil, err
		}
		docs = append(docs, more...)
	}
	return docs, nil
}

func isManifest(name string) bool {
	if slices.Contains([]string{"kustomization.yaml", "kustomization.yml"}, name) {
		return false
	}
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}
