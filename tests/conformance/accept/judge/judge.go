// Package judge says what an API server with Kargo would say of a new object:
// the code of Kubernetes itself, fed with the official CRDs.
package judge

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Layer is the part of admission that refuses.
type Layer string

// The layers, in the order in which a client and an API server ask them.
const (
	UnknownKind  Layer = "unknown-kind"
	UnknownField Layer = "unknown-field"
	// Webhook: Kargo's mutating webhook cannot read the object.
	Webhook Layer = "webhook"
	// Schema includes object names, labels and annotations.
	Schema Layer = "schema"
	CEL    Layer = "cel"
	// Subscription: the official subscription schemas; no API server asks them.
	Subscription Layer = "subscription"
	// Definition: the official JSON schema of a system whose CRDs take almost
	// anything; no API server asks it.
	Definition Layer = "definition"
)

// A Problem is one reason to refuse an object.
type Problem struct {
	Layer Layer
	Text  string
}

func (p Problem) String() string { return fmt.Sprintf("%s: %s", p.Layer, p.Text) }

// A Judge knows the kinds of some CRDs and the few built-in ones.
type Judge struct {
	kinds         map[schema.GroupVersionKind]*customKind
	subscriptions *Subscriptions
	definitions   *Definitions
}

// New reads all CRDs in the folders. The subscription schemas may be nil.
func New(crdFolders []string, subscriptions *Subscriptions) (*Judge, error) {
	j := &Judge{kinds: map[schema.GroupVersionKind]*customKind{}, subscriptions: subscriptions}
	for _, folder := range crdFolders {
		if err := j.addFolder(folder); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// With adds the JSON schema of a system; nil is none.
func (j *Judge) With(definitions *Definitions) *Judge {
	j.definitions = definitions
	return j
}

// Check gives all reasons to refuse the creation of an object; none means that
// it is accepted. The object is left as it was. Others are the objects created
// with it; only a Promotion depends on them.
func (j *Judge) Check(object map[string]any, others []map[string]any) []Problem {
	object = runtime.DeepCopyJSON(object)
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	version, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return []Problem{{UnknownKind, err.Error()}}
	}
	gvk := version.WithKind(kind)
	if custom, ok := j.kinds[gvk]; ok {
		// Before the CRD is asked, which adds its defaults.
		problems := j.definitions.check(gvk, object)
		problems = append(custom.check(object, others), problems...)
		return append(problems, j.subscriptions.check(gvk, object)...)
	}
	if builtin, ok := builtins[gvk]; ok {
		return builtin.check(object)
	}
	return []Problem{{UnknownKind, fmt.Sprintf("no matches for kind %q in version %q", kind, apiVersion)}}
}

// Namespaced says whether objects of this kind live in a namespace; a kind
// that is not known counts as namespaced.
func (j *Judge) Namespaced(object map[string]any) bool {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	gvk := schema.FromAPIVersionAndKind(apiVersion, kind)
	if custom, ok := j.kinds[gvk]; ok {
		return custom.namespaced
	}
	if builtin, ok := builtins[gvk]; ok {
		return builtin.namespaced
	}
	return true
}
