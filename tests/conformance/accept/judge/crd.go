package judge

import (
	"fmt"
	"os"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"loadline/tests/conformance/accept/manifest"
)

// A customKind is one served version of a CRD.
type customKind struct {
	gvk        schema.GroupVersionKind
	namespaced bool
	hasStatus  bool
	// tools are made at the first use: a check seldom needs every kind, and
	// those of Argo take long.
	tools func() (*tools, error)
}

// tools are what the API server prepares for a served version.
type tools struct {
	structural *structural.Structural
	schema     validation.SchemaValidator
	cel        *cel.Validator
}

func (j *Judge) addFolder(folder string) error {
	files, err := manifest.Files(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &crd); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if crd.Kind == "CustomResourceDefinition" {
			j.addCRD(&crd)
		}
	}
	return nil
}

func (j *Judge) addCRD(crd *apiextensionsv1.CustomResourceDefinition) {
	for _, version := range crd.Spec.Versions {
		if !version.Served || version.Schema == nil {
			continue
		}
		gvk := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		j.kinds[gvk] = &customKind{
			gvk:        gvk,
			namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
			hasStatus:  version.Subresources != nil && version.Subresources.Status != nil,
			tools:      sync.OnceValues(func() (*tools, error) { return newTools(gvk, version.Schema) }),
		}
	}
}

// newTools repeats what the API server does when it starts to serve a CRD.
func newTools(gvk schema.GroupVersionKind, v1 *apiextensionsv1.CustomResourceValidation) (*tools, error) {
	var internal apiextensions.CustomResourceValidation
	err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(v1, &internal, nil)
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", gvk, err)
	}
	tree, err := structural.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, fmt.Errorf("CRD of %s is not structural: %w", gvk, err)
	}
	if errs := structural.ValidateStructural(nil, tree); len(errs) > 0 {
		return nil, fmt.Errorf("CRD of %s is not structural: %w", gvk, errs.ToAggregate())
	}
	if err := defaulting.PruneDefaults(tree); err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", gvk, err)
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", gvk, err)
	}
	return &tools{
		structural: tree,
		schema:     validator,
		cel:        cel.NewValidator(tree, true, celconfig.PerCallLimit),
	}, nil
}
