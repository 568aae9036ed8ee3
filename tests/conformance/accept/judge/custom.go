package judge

import (
	"context"
	"fmt"

	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// check takes an object through creation in the order of an API server:
// decoding (defaults, unknown fields), the mutating webhook, validation.
func (k *customKind) check(object map[string]any, others []map[string]any) []Problem {
	tools, err := k.tools()
	if err != nil {
		return []Problem{{Schema, err.Error()}}
	}
	defaulting.Default(object, tools.structural)
	meta, unknown, err := coerce(object, tools.structural)
	if err != nil {
		return []Problem{{Schema, err.Error()}}
	}
	var problems []Problem
	for _, path := range unknown {
		problems = append(problems, Problem{UnknownField, fmt.Sprintf("unknown field %q", path)})
	}

	for _, text := range k.mutate(tools, object, meta, others) {
		problems = append(problems, Problem{Webhook, text})
	}
	defaulting.Default(object, tools.structural)

	if k.hasStatus {
		// A creation cannot set the status where it is a resource of its own.
		delete(object, "status")
	}
	fillMeta(meta, k.namespaced)
	if err := objectmeta.SetObjectMeta(object, meta); err != nil {
		return append(problems, Problem{Schema, err.Error()})
	}
	return append(problems, k.validate(tools, object, meta)...)
}

// coerce drops what the schema does not know and names it, as the decoder of
// the API server does under strict field validation.
func coerce(object map[string]any, tree *structural.Structural) (*metav1.ObjectMeta, []string, error) {
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(object,
		objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, nil, err
	}
	if !found {
		meta = &metav1.ObjectMeta{}
	}
	unknown = append(unknown, pruning.PruneWithOptions(object, tree, true,
		structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, tree)
	invalid, more := objectmeta.CoerceWithOptions(nil, object, tree, false,
		objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if invalid != nil {
		return nil, nil, invalid
	}
	return meta, append(unknown, more...), nil
}

// fillMeta gives what a client or the API server would: the client knows a
// namespace, and drops one that a kind of the cluster cannot have.
func fillMeta(meta *metav1.ObjectMeta, namespaced bool) {
	switch {
	case !namespaced:
		meta.Namespace = ""
	case meta.Namespace == "":
		meta.Namespace = metav1.NamespaceDefault
	}
	if meta.Name == "" && meta.GenerateName != "" {
		meta.Name = meta.GenerateName + "x7k2p"
	}
}

func (k *customKind) validate(tools *tools, object map[string]any, meta *metav1.ObjectMeta) []Problem {
	errs := metavalidation.ValidateObjectMetaAccessor(meta, k.namespaced,
		metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	errs = append(errs, validation.ValidateCustomResource(nil, object, tools.schema)...)
	errs = append(errs, objectmeta.Validate(nil, object, tools.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, tools.structural, object)...)
	if len(errs) > 0 {
		// The rules may suppose what the schema says, so they are not asked
		// about an object that is refused anyway.
		return schemaProblems(errs)
	}
	errs, _ = tools.cel.Validate(context.Background(), nil, tools.structural, object, nil, celconfig.RuntimeCELCostBudget)
	var problems []Problem
	for _, err := range errs {
		problems = append(problems, Problem{CEL, err.Error()})
	}
	return problems
}

func schemaProblems(errs field.ErrorList) []Problem {
	var problems []Problem
	for _, err := range errs {
		problems = append(problems, Problem{Schema, err.Error()})
	}
	return problems
}
