package judge

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"loadline/tests/conformance/accept/manifest"
)

// A CRD in the manner of the real ones: the tests of this package do without
// the reference data, `accept admission` is the test against it.
const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: stages.kargo.akuity.io}
spec:
  group: kargo.akuity.io
  names: {kind: Stage, plural: stages}
  scope: Namespaced
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          apiVersion: {type: string}
          kind: {type: string}
          metadata: {type: object}
          status: {type: object, properties: {phase: {type: integer}}}
          spec:
            type: object
            required: [requestedFreight]
            properties:
              shard: {type: string}
              requestedFreight:
                type: array
                minItems: 1
                items:
                  type: object
                  required: [origin, sources]
                  x-kubernetes-validations:
                  - {rule: "self.origin.name != 'never'", message: never}
                  properties:
                    origin:
                      type: object
                      required: [kind, name]
                      properties:
                        kind: {type: string, enum: [Warehouse]}
                        name: {type: string}
                    sources:
                      type: object
                      properties:
                        direct: {type: boolean}
                        requiredSoakTime: {type: string, pattern: '^([0-9]+(\.[0-9]+)?(s|m|h))+$'}
`

func newJudge(t *testing.T) *Judge {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "stages.yaml"), []byte(crd), 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := New([]string{folder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func stage(name, more, origin, sources string) string {
	return "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {name: " + name + ", namespace: shop}\n" +
		more + "\nspec: {shard: eu, requestedFreight: [{origin: {" + origin + "}, " + sources + "}]}\n"
}

func TestCheck(t *testing.T) {
	const origin, sources = "kind: Warehouse, name: main", "sources: {direct: true}"
	rbac := "apiVersion: rbac.authorization.k8s.io/v1\n"
	cases := []struct {
		name, manifest string
		want           []Layer
	}{
		{"good", stage("test", "", origin, sources), nil},
		{"status is dropped", stage("test", "status: {phase: x}", origin, sources), nil},
		{"webhook adds sources", stage("test", "", origin, ""), nil},
		{"webhook adds a name", stage("test", "", "kind: Warehouse", sources), nil},
		{"kind stays wrong", stage("test", "", "name: main", sources), []Layer{Schema}},
		{"name", stage("Test", "", origin, sources), []Layer{Schema}},
		{"unknown field", stage("test", "extra: 1", origin, sources), []Layer{UnknownField}},
		{"soak is rewritten", stage("test", "", origin, "sources: {requiredSoakTime: 1000ms}"), nil},
		{"soak is rewritten to milliseconds", stage("test", "", origin, "sources: {requiredSoakTime: 0.5s}"), []Layer{Schema}},
		{"soak in days", stage("test", "", origin, "sources: {requiredSoakTime: 2d}"), []Layer{Webhook, Schema}},
		{"rule", stage("test", "", "kind: Warehouse, name: never", sources), []Layer{CEL}},
		{"unknown kind", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", []Layer{UnknownKind}},
		{"role", rbac + "kind: Role\nmetadata: {name: 'a:b'}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n", nil},
		{"role with a misspelt key", rbac + "kind: Role\nmetadata: {name: a}\nrules: [{apiGroups: [''], resource: [pods], verbs: [get]}]\n",
			[]Layer{UnknownField, Schema}},
	}
	j := newJudge(t)
	for _, c := range cases {
		doc := manifest.Parse(c.name, []byte(c.manifest), manifest.Strict)[0]
		if doc.Err != nil {
			t.Fatalf("%s: %v", c.name, doc.Err)
		}
		var got []Layer
		problems := j.Check(doc.Object, nil)
		for _, problem := range problems {
			got = append(got, problem.Layer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v", c.name, problems)
		}
	}
}

func TestRBAC(t *testing.T) {
	rule := func(kind, fields string) string {
		return "kind: " + kind + "\nmetadata: {name: a, namespace: shop}\nrules: [{" + fields + "}]\n"
	}
	binding := func(kind, ref, subject string) string {
		return "kind: " + kind + "\nmetadata: {name: a, namespace: shop}\nroleRef: {" + ref + "}\nsubjects: [{" + subject + "}]\n"
	}
	const ref, user = "kind: ClusterRole, name: 'system:x'", "kind: User, name: a"
	cases := map[string]bool{
		rule("Role", "apiGroups: [''], resources: [pods], verbs: [get], resourceNames: [a]"):      true,
		rule("Role", "apiGroups: [''], resources: [pods]"):                                        false,
		rule("Role", "apiGroups: [''], verbs: [get]"):                                             false,
		rule("Role", "resources: [pods], verbs: [get]"):                                           false,
		rule("Role", "nonResourceURLs: [/healthz], verbs: [get]"):                                 false,
		rule("ClusterRole", "nonResourceURLs: [/healthz], verbs: [get]"):                          true,
		rule("ClusterRole", "nonResourceURLs: [/x], verbs: [get], apiGroups: ['']"):               false,
		"kind: Role\nmetadata: {name: 'a/b'}\nrules: []\n":                                        false,
		"kind: ClusterRole\nmetadata: {name: a}\naggregationRule: {clusterRoleSelectors: []}\n":   false,
		"kind: ClusterRole\nmetadata: {name: a}\naggregationRule: {clusterRoleSelectors: [{}]}\n": true,
		binding("RoleBinding", ref, user):                                                         true,
		binding("RoleBinding", "kind: Role, name: a", user):                                       true,
		binding("ClusterRoleBinding", "kind: Role, name: a", user):                                false,
		binding("RoleBinding", "kind: Role, name: ''", user):                                      false,
		binding("RoleBinding", "kind: Role, name: 'a/b'", user):                                   false,
		binding("RoleBinding", ref+", apiGroup: rbac", user):                                      false,
		binding("RoleBinding", ref, "kind: User, name: ''"):                                       false,
		binding("RoleBinding", ref, "kind: Robot, name: a"):                                       false,
		binding("RoleBinding", ref, "kind: Group, name: 'a b', apiGroup: ''"):                     true,
		binding("RoleBinding", ref, "kind: Group, name: a, apiGroup: v1"):                         false,
		binding("RoleBinding", ref, "kind: ServiceAccount, name: a"):                              true,
		binding("ClusterRoleBinding", ref, "kind: ServiceAccount, name: a"):                       false,
		binding("ClusterRoleBinding", ref, "kind: ServiceAccount, name: a, namespace: shop"):      true,
		binding("RoleBinding", ref, "kind: ServiceAccount, name: A_b, namespace: shop"):           false,
	}
	j := newJudge(t)
	for text, want := range cases {
		doc := manifest.Parse("x", []byte("apiVersion: rbac.authorization.k8s.io/v1\n"+text), manifest.Strict)[0]
		if doc.Err != nil {
			t.Fatalf("%s: %v", text, doc.Err)
		}
		if problems := j.Check(doc.Object, nil); (len(problems) == 0) != want {
			t.Errorf("%s: got %v", text, problems)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	folder := t.TempDir()
	schema := `{"type":"object","required":["repoURL"],"properties":{"repoURL":{"type":"string"}},"additionalProperties":false}`
	if err := os.WriteFile(filepath.Join(folder, "git.json"), []byte(schema), 0o644); err != nil {
		t.Fatal(err)
	}
	subscriptions, err := ReadSubscriptions(folder)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{
		"git: {repoURL: x}":                    true,
		"git: {repoURL: x, branches: main}":    false,
		"git: {}":                              false,
		"image: {repoURL: x}":                  false,
		"{git: {repoURL: x}, image: {}}":       false,
		"{Git: {repoURL: x}}":                  false,
		"{git: null}":                          false,
		"{git: {repoURL: x}, name: something}": false,
	}
	for text, want := range cases {
		doc := manifest.Parse("x", []byte(text), manifest.Strict)[0]
		if got := len(subscriptions.checkOne(doc.Object)) == 0; got != want {
			t.Errorf("%s: accepted: %v, want %v", text, got, want)
		}
	}
}
