// Package kargo models the promotion engine of Kargo: how a Stage's steps are
// inflated, which settings each step receives, and how a Promotion ends. It is
// written from recordings of Kargo itself, not from its sources, and covers the
// minors 1.5, 1.8 and 1.11 (their newest patches).
package kargo

import "fmt"

// Minor is a minor version of Kargo 1.x.
type Minor int

// The minors that there are recordings of.
const (
	V5  Minor = 5
	V8  Minor = 8
	V11 Minor = 11
)

// ParseMinor reads "1.5", "1.8" or "1.11".
func ParseMinor(s string) (Minor, error) {
	switch s {
	case "1.5":
		return V5, nil
	case "1.8":
		return V8, nil
	case "1.11":
		return V11, nil
	}
	return 0, fmt.Errorf("unknown Kargo minor %q: want 1.5, 1.8 or 1.11", s)
}

func (m Minor) String() string { return fmt.Sprintf("1.%d", int(m)) }

// builtinKinds are the step kinds by the minor in which a recording first has them.
var builtinKinds = map[string]Minor{
	"argocd-update": V5, "compose-output": V5, "copy": V5, "delete": V5, "git-clear": V5,
	"git-clone": V5, "git-commit": V5, "git-open-pr": V5, "git-push": V5, "git-wait-for-pr": V5,
	"helm-template": V5, "helm-update-chart": V5, "http": V5, "json-parse": V5, "json-update": V5,
	"kustomize-build": V5, "kustomize-set-image": V5, "yaml-parse": V5, "yaml-update": V5,
	"git-merge-pr": V8, "http-download": V8, "oci-download": V8, "set-metadata": V8, "untar": V8,
	"argocd-wait": V11, "fail": V11, "file-write": V11, "git-tag": V11, "github-push": V11,
	"oci-push": V11, "set-freight-alias": V11, "toml-parse": V11, "toml-update": V11, "yaml-merge": V11,
}

// BuiltinKind tells whether this minor brings the step kind.
func (m Minor) BuiltinKind(kind string) bool {
	since, ok := builtinKinds[kind]
	return ok && since <= m
}

// TooNew tells whether a step kind came to Kargo after this minor.
func (m Minor) TooNew(kind string) bool {
	since, ok := builtinKinds[kind]
	return ok && since > m
}
