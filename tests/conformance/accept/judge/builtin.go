package judge

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	labels "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	strictjson "sigs.k8s.io/json"
)

// A builtinKind is a kind without a CRD: the API server knows its Go type.
type builtinKind struct {
	namespaced bool
	names      metavalidation.ValidateNameFunc
	// make gives an empty object and what reads its fields once it is filled.
	make func() (metav1.Object, func() field.ErrorList)
}

var builtins = map[schema.GroupVersionKind]builtinKind{
	corev1.SchemeGroupVersion.WithKind("Namespace"): {
		names: metavalidation.ValidateNamespaceName,
		make:  func() (metav1.Object, func() field.ErrorList) { return &corev1.Namespace{}, nil },
	},
	corev1.SchemeGroupVersion.WithKind("ServiceAccount"): {
		namespaced: true,
		names:      metavalidation.ValidateServiceAccountName,
		make:       func() (metav1.Object, func() field.ErrorList) { return &corev1.ServiceAccount{}, nil },
	},
	rbacv1.SchemeGroupVersion.WithKind("Role"): {
		namespaced: true,
		names:      rbacName,
		make: func() (metav1.Object, func() field.ErrorList) {
			role := &rbacv1.Role{}
			return role, func() field.ErrorList { return checkRules(role.Rules, true) }
		},
	},
	rbacv1.SchemeGroupVersion.WithKind("ClusterRole"): {
		names: rbacName,
		make: func() (metav1.Object, func() field.ErrorList) {
			role := &rbacv1.ClusterRole{}
			return role, func() field.ErrorList {
				return append(checkRules(role.Rules, false), checkAggregation(role.AggregationRule)...)
			}
		},
	},
	rbacv1.SchemeGroupVersion.WithKind("RoleBinding"): {
		namespaced: true,
		names:      rbacName,
		make: func() (metav1.Object, func() field.ErrorList) {
			binding := &rbacv1.RoleBinding{}
			return binding, func() field.ErrorList {
				return checkBinding(binding.RoleRef, binding.Subjects, true, "Role", "ClusterRole")
			}
		},
	},
	rbacv1.SchemeGroupVersion.WithKind("ClusterRoleBinding"): {
		names: rbacName,
		make: func() (metav1.Object, func() field.ErrorList) {
			binding := &rbacv1.ClusterRoleBinding{}
			return binding, func() field.ErrorList {
				return checkBinding(binding.RoleRef, binding.Subjects, false, "ClusterRole")
			}
		},
	},
}

func rbacName(name string, prefix bool) []string { return path.ValidatePathSegmentName(name, prefix) }

func (k builtinKind) check(object map[string]any) []Problem {
	data, err := json.Marshal(object)
	if err != nil {
		return []Problem{{Schema, err.Error()}}
	}
	typed, fields := k.make()
	strict, err := strictjson.UnmarshalStrict(data, typed)
	if err != nil {
		return []Problem{{Schema, err.Error()}}
	}
	var problems []Problem
	for _, err := range strict {
		problems = append(problems, Problem{UnknownField, err.Error()})
	}
	if k.namespaced && typed.GetNamespace() == "" {
		typed.SetNamespace(metav1.NamespaceDefault)
	} else if !k.namespaced {
		typed.SetNamespace("")
	}
	errs := metavalidation.ValidateObjectMetaAccessor(typed, k.namespaced, k.names, field.NewPath("metadata"))
	if fields != nil {
		errs = append(errs, fields()...)
	}
	return append(problems, schemaProblems(errs)...)
}

// The rules of the API server on roles and bindings are in k8s.io/kubernetes,
// pkg/apis/rbac/validation/validation.go, which other modules can only import by
// replacing every module that it is made of. So the functions below say them
// again, with the parts that are published as libraries (names, selectors).
// A group that is left out is filled in before these rules are asked
// (pkg/apis/rbac/v1/defaults.go).

func checkRules(rules []rbacv1.PolicyRule, namespaced bool) field.ErrorList {
	var errs field.ErrorList
	for i, rule := range rules {
		at := field.NewPath("rules").Index(i)
		if len(rule.Verbs) == 0 {
			errs = append(errs, field.Required(at.Child("verbs"), "verbs must contain at least one value"))
		}
		if len(rule.NonResourceURLs) > 0 {
			urls := at.Child("nonResourceURLs")
			if namespaced {
				errs = append(errs, field.Invalid(urls, rule.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs"))
			}
			if len(rule.APIGroups)+len(rule.Resources)+len(rule.ResourceNames) > 0 {
				errs = append(errs, field.Invalid(urls, rule.NonResourceURLs, "rules cannot apply to both resources and non-resource URLs"))
			}
			continue
		}
		if len(rule.APIGroups) == 0 {
			errs = append(errs, field.Required(at.Child("apiGroups"), "resource rules must supply at least one api group"))
		}
		if len(rule.Resources) == 0 {
			errs = append(errs, field.Required(at.Child("resources"), "resource rules must supply at least one resource"))
		}
	}
	return errs
}

func checkAggregation(rule *rbacv1.AggregationRule) field.ErrorList {
	var errs field.ErrorList
	if rule == nil {
		return errs
	}
	at := field.NewPath("aggregationRule", "clusterRoleSelectors")
	if len(rule.ClusterRoleSelectors) == 0 {
		errs = append(errs, field.Required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil"))
	}
	for i := range rule.ClusterRoleSelectors {
		selector := &rule.ClusterRoleSelectors[i]
		errs = append(errs, labels.ValidateLabelSelector(selector, labels.LabelSelectorValidationOptions{}, at.Index(i))...)
	}
	return errs
}

func checkBinding(ref rbacv1.RoleRef, subjects []rbacv1.Subject, namespaced bool, roleKinds ...string) field.ErrorList {
	var errs field.ErrorList
	at := field.NewPath("roleRef")
	if ref.APIGroup != "" && ref.APIGroup != rbacv1.GroupName {
		errs = append(errs, field.NotSupported(at.Child("apiGroup"), ref.APIGroup, []string{rbacv1.GroupName}))
	}
	known := false
	for _, kind := range roleKinds {
		known = known || kind == ref.Kind
	}
	if !known {
		errs = append(errs, field.NotSupported(at.Child("kind"), ref.Kind, roleKinds))
	}
	if ref.Name == "" {
		errs = append(errs, field.Required(at.Child("name"), ""))
	} else if reasons := rbacName(ref.Name, false); len(reasons) > 0 {
		errs = append(errs, field.Invalid(at.Child("name"), ref.Name, reasons[0]))
	}
	for i, subject := range subjects {
		errs = append(errs, checkSubject(field.NewPath("subjects").Index(i), subject, namespaced)...)
	}
	return errs
}

// checkSubject asks for a namespace behind a ClusterRoleBinding only: a
// ServiceAccount without one is in that of its RoleBinding.
func checkSubject(at *field.Path, subject rbacv1.Subject, namespaced bool) field.ErrorList {
	var errs field.ErrorList
	if subject.Name == "" {
		errs = append(errs, field.Required(at.Child("name"), ""))
	}
	group := rbacv1.GroupName
	switch subject.Kind {
	case rbacv1.ServiceAccountKind:
		group = ""
		if subject.Namespace == "" && !namespaced {
			errs = append(errs, field.Required(at.Child("namespace"), ""))
		}
		if subject.Name == "" {
			break
		}
		for _, reason := range metavalidation.ValidateServiceAccountName(subject.Name, false) {
			errs = append(errs, field.Invalid(at.Child("name"), subject.Name, reason))
		}
	case rbacv1.UserKind, rbacv1.GroupKind:
	default:
		return append(errs, field.NotSupported(at.Child("kind"), subject.Kind,
			[]string{rbacv1.ServiceAccountKind, rbacv1.UserKind, rbacv1.GroupKind}))
	}
	if subject.APIGroup != "" && subject.APIGroup != group {
		errs = append(errs, field.NotSupported(at.Child("apiGroup"), subject.APIGroup, []string{group}))
	}
	return errs
}
