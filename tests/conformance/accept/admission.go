package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"loadline/tests/conformance/accept/judge"
	"loadline/tests/conformance/accept/manifest"
)

// A row is one recorded answer of an API server with Kargo.
type row struct {
	File     string                   `json:"file"`
	Probe    string                   `json:"probe"`
	Doc      int                      `json:"doc"`
	Object   string                   `json:"object"`
	Accepted bool                     `json:"accepted"`
	By       judge.Layer              `json:"by"`
	Messages []string                 `json:"messages"`
	Also     map[judge.Layer][]string `json:"also"`
}

// ours are the layers that this program has of its own; the other webhooks of
// Kargo are left to the compiler.
var ours = []judge.Layer{judge.UnknownKind, judge.UnknownField, judge.Schema, judge.CEL}

func runAdmission(args []string, out io.Writer) error {
	var minors repeated
	flags := newFlags("admission")
	flags.Var(&minors, "kargo", "a minor version of Kargo, such as 1.11; may be repeated")
	argo := flags.Bool("argo", false, "also the kinds of Argo CD, Rollouts and Workflows")
	shared := flags.String("shared", "", "the folder of the reference data")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *shared == "" || flags.NArg() > 0 || (len(minors) == 0 && !*argo) {
		return errors.New("admission needs -shared, and -kargo or -argo")
	}
	store := &store{root: *shared, files: map[string][]manifest.Doc{}}
	failed := false
	for _, minor := range minors {
		agreed, err := compareRows(store, "kargo-"+minor, []string{"kargo-" + minor}, out)
		if err != nil {
			return err
		}
		failed = failed || !agreed
	}
	if *argo {
		crds := []string{"argo-cd-3.5", "argo-rollouts-1.9", "argo-workflows-4.1"}
		agreed, err := compareRows(store, "argo-crds", crds, out)
		if err != nil {
			return err
		}
		failed = failed || !agreed
	}
	if failed {
		return errRefused
	}
	return nil
}

// compareRows asks the judge about every row of one recording.
func compareRows(store *store, recording string, crds []string, out io.Writer) (bool, error) {
	rows, err := store.rows(recording)
	if err != nil {
		return false, err
	}
	var folders []string
	for _, folder := range crds {
		folders = append(folders, filepath.Join(store.root, "data", "crds", folder))
	}
	j, err := judge.New(folders, nil)
	if err != nil {
		return false, err
	}
	const shown = 10
	different := 0
	for _, row := range rows {
		object, others, err := store.object(row)
		if err != nil {
			return false, err
		}
		place(j, object, row)
		difference := compareRow(row, j.Check(object, others))
		if difference == "" {
			continue
		}
		different++
		if different <= shown {
			fmt.Fprintf(out, "%s: %s%s document %d: %s: %s\n", recording, row.File, row.Probe, row.Doc, row.Object, difference)
		}
	}
	fmt.Fprintf(out, "%s: %d rows, %d agreed, %d differences\n", recording, len(rows), len(rows)-different, different)
	return different == 0, nil
}

// place puts the object into the namespace in which it was recorded.
func place(j *judge.Judge, object map[string]any, row row) {
	parts := strings.SplitN(row.Object, "/", 3)
	meta, ok := object["metadata"].(map[string]any)
	if ok && len(parts) == 3 && parts[1] != "" && j.Namespaced(object) {
		meta["namespace"] = parts[1]
	}
}

func compareRow(row row, problems []judge.Problem) string {
	refusal := ""
	for _, problem := range problems {
		if slices.Contains(ours, problem.Layer) {
			refusal = problem.String()
			break
		}
	}
	expected := slices.Contains(ours, row.By)
	for layer := range row.Also {
		expected = expected || slices.Contains(ours, layer)
	}
	switch {
	case row.Accepted && len(problems) > 0:
		return fmt.Sprintf("refused here: %s; accepted there", problems[0])
	case expected && refusal == "":
		return fmt.Sprintf("accepted here, refused there: %s %q %q", row.By, row.Messages, row.Also)
	case !expected && refusal != "":
		return fmt.Sprintf("refused here: %s; there: %s %q", refusal, row.By, row.Messages)
	}
	return ""
}

// A store finds the objects that the rows are about, and reads each file once.
type store struct {
	root   string
	files  map[string][]manifest.Doc
	probes map[string]string
}

func (s *store) open(path string) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(s.root, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (s *store) rows(recording string) ([]row, error) {
	var rows []row
	err := s.unzip("data/admission/"+recording+".jsonl.gz", func(reader io.Reader) error {
		decoder := json.NewDecoder(bufio.NewReader(reader))
		for {
			var next row
			if err := decoder.Decode(&next); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			rows = append(rows, next)
		}
	})
	return rows, err
}

func (s *store) unzip(path string, read func(io.Reader) error) error {
	file, err := s.open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := read(reader); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// object gives the object of a row and the others of its file. It checks that
// the count of documents led to the one that the row names.
func (s *store) object(row row) (map[string]any, []map[string]any, error) {
	docs, err := s.documents(row)
	if err != nil {
		return nil, nil, err
	}
	if row.Doc >= len(docs) {
		return nil, nil, fmt.Errorf("%s%s: no document %d", row.File, row.Probe, row.Doc)
	}
	doc := docs[row.Doc]
	if doc.Err != nil {
		return nil, nil, fmt.Errorf("%s%s: document %d: %w", row.File, row.Probe, row.Doc, doc.Err)
	}
	if kind, _, _ := strings.Cut(row.Object, "/"); doc.Object["kind"] != kind {
		return nil, nil, fmt.Errorf("%s%s: document %d is %s, not %s", row.File, row.Probe, row.Doc, doc.Name(), row.Object)
	}
	return doc.Object, manifest.Objects(docs), nil
}

func (s *store) documents(row row) ([]manifest.Doc, error) {
	key := row.File + "#" + row.Probe
	if docs, ok := s.files[key]; ok {
		return docs, nil
	}
	text, err := s.text(row)
	if err != nil {
		return nil, err
	}
	s.files[key] = manifest.Parse(key, []byte(text), manifest.LastWins)
	return s.files[key], nil
}

func (s *store) text(row row) (string, error) {
	if row.Probe == "" {
		data, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(row.File)))
		return string(data), err
	}
	if s.probes == nil {
		if err := s.readProbes(row.File); err != nil {
			return "", err
		}
	}
	text, ok := s.probes[row.Probe]
	if !ok {
		return "", fmt.Errorf("%s: no probe %q", row.File, row.Probe)
	}
	return text, nil
}

func (s *store) readProbes(path string) error {
	s.probes = map[string]string{}
	return s.unzip(path, func(reader io.Reader) error {
		data, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		for _, doc := range manifest.Parse(path, data, manifest.Strict) {
			id, _ := doc.Object["probe"].(string)
			text, _ := doc.Object["manifest"].(string)
			s.probes[id] = text
		}
		return nil
	})
}
