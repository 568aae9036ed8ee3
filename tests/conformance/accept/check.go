package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"loadline/tests/conformance/accept/judge"
	"loadline/tests/conformance/accept/manifest"
)

func runCheck(args []string, out io.Writer) error {
	var crds repeated
	flags := newFlags("check")
	flags.Var(&crds, "crds", "a folder of CRDs; may be repeated")
	schemas := flags.String("subscriptions", "", "the folder of the subscription schemas")
	definitions := flags.String("definitions", "", "the JSON schema of Argo Workflows")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if len(crds) == 0 || flags.NArg() == 0 {
		return errors.New("check needs -crds and at least one folder")
	}
	var subscriptions *judge.Subscriptions
	if *schemas != "" {
		read, err := judge.ReadSubscriptions(*schemas)
		if err != nil {
			return err
		}
		subscriptions = read
	}
	j, err := judge.New(crds, subscriptions)
	if err != nil {
		return err
	}
	if *definitions != "" {
		read, err := judge.ReadDefinitions(*definitions, "argoproj.io")
		if err != nil {
			return err
		}
		j = j.With(read)
	}
	return checkAll(j, flags.Args(), out)
}

func checkAll(j *judge.Judge, paths []string, out io.Writer) error {
	documents, refused := 0, 0
	for _, path := range paths {
		docs, err := manifest.ReadFolder(path, manifest.Strict)
		if err != nil {
			return err
		}
		if len(docs) == 0 {
			// An empty folder says that the compiler wrote nothing.
			return fmt.Errorf("%s holds no documents", path)
		}
		others := manifest.Objects(docs)
		for _, doc := range docs {
			documents++
			if !checkDoc(j, doc, others, out) {
				refused++
			}
		}
	}
	fmt.Fprintf(out, "%d documents, %d accepted, %d refused\n", documents, documents-refused, refused)
	if refused > 0 {
		return errRefused
	}
	return nil
}

// oneLine shortens errors that print whole objects to where they say what is
// wrong, the end.
func oneLine(err error) string {
	const longest = 300
	text := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(text) > longest {
		return "..." + string(text[len(text)-longest:])
	}
	return string(text)
}

func checkDoc(j *judge.Judge, doc manifest.Doc, others []map[string]any, out io.Writer) bool {
	if doc.Err != nil {
		fmt.Fprintf(out, "%s: document %d: refused\n  %s\n", doc.File, doc.Index, oneLine(doc.Err))
		return false
	}
	problems := j.Check(doc.Object, others)
	if len(problems) == 0 {
		return true
	}
	fmt.Fprintf(out, "%s: document %d: %s: refused\n", doc.File, doc.Index, doc.Name())
	for _, problem := range problems {
		fmt.Fprintf(out, "  %s\n", problem)
	}
	return false
}
