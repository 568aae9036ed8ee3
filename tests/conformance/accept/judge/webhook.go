package judge

import (
	"fmt"
	"math"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kargo's mutating webhook reads a Stage or a Warehouse into its own types and
// writes it out again before the API server validates. That adds empty values,
// rewrites durations and sets the shard label, so that the schema sees another
// object than the one that was sent.

const (
	kargoGroup = "kargo.akuity.io"
	shardLabel = kargoGroup + "/shard"
)

// A rewrite says what comes back from the webhook for one kind. In paths, `[]`
// means every item of a list.
type rewrite struct {
	// objects and texts are added, empty, where they are missing.
	objects   []string
	texts     []string
	durations []string
	// counters are read as uint32.
	counters []string
}

// Objects stand before what lies in them: the list is worked off in order.
var rewrites = map[string]rewrite{
	"Stage": {
		objects: []string{
			"spec",
			"spec.requestedFreight[].origin",
			"spec.requestedFreight[].sources",
			"spec.promotionTemplate.spec",
		},
		texts: []string{
			"spec.requestedFreight[].origin.kind",
			"spec.requestedFreight[].origin.name",
			"spec.verification.analysisTemplates[].name",
			"spec.verification.args[].name",
		},
		durations: []string{
			"spec.requestedFreight[].sources.requiredSoakTime",
			"spec.promotionTemplate.spec.steps[].retry.timeout",
		},
		counters: []string{"spec.promotionTemplate.spec.steps[].retry.errorThreshold"},
	},
	"Warehouse": {
		objects:   []string{"spec"},
		durations: []string{"spec.interval"},
	},
}

// mutate does to the object what the webhook does, and tells what the webhook
// could not have read. Values of a wrong type are left to the schema.
func (k *customKind) mutate(tools *tools, object map[string]any, meta *metav1.ObjectMeta, others []map[string]any) []string {
	if k.gvk.Group != kargoGroup {
		return nil
	}
	if k.gvk.Kind == "Promotion" {
		_, byOrigin := tools.structural.Properties["spec"].Properties["origin"]
		fillPromotion(object, others, byOrigin)
		return nil
	}
	rules, ok := rewrites[k.gvk.Kind]
	if !ok {
		return nil
	}
	for _, path := range rules.objects {
		addMissing(object, path, func() any { return map[string]any{} })
	}
	for _, path := range rules.texts {
		addMissing(object, path, func() any { return "" })
	}
	syncShard(object, meta)
	var unreadable []string
	for _, path := range rules.durations {
		unreadable = append(unreadable, rewriteDurations(object, path)...)
	}
	for _, path := range rules.counters {
		unreadable = append(unreadable, checkCounters(object, path)...)
	}
	return unreadable
}

// syncShard makes the label follow the field, so that the field has to be a
// possible label.
func syncShard(object map[string]any, meta *metav1.ObjectMeta) {
	spec, _ := object["spec"].(map[string]any)
	shard, _ := spec["shard"].(string)
	if shard == "" {
		delete(meta.Labels, shardLabel)
		return
	}
	if meta.Labels == nil {
		meta.Labels = map[string]string{}
	}
	meta.Labels[shardLabel] = shard
}

func addMissing(object map[string]any, path string, empty func() any) {
	visit(object, path, func(parent map[string]any, key string) {
		if parent[key] == nil {
			parent[key] = empty()
		}
	})
}

func rewriteDurations(object map[string]any, path string) []string {
	var unreadable []string
	visit(object, path, func(parent map[string]any, key string) {
		text, ok := parent[key].(string)
		if !ok {
			return
		}
		duration, err := time.ParseDuration(text)
		if err != nil {
			unreadable = append(unreadable, fmt.Sprintf("%s: %v", path, err))
			return
		}
		parent[key] = duration.String()
	})
	return unreadable
}

func checkCounters(object map[string]any, path string) []string {
	var unreadable []string
	visit(object, path, func(parent map[string]any, key string) {
		count, ok := parent[key].(int64)
		if ok && (count < 0 || count > math.MaxUint32) {
			unreadable = append(unreadable, fmt.Sprintf("%s: %d is not a uint32", path, count))
		}
	})
	return unreadable
}

// visit calls with every object that can hold the last key of the path.
func visit(value any, path string, call func(parent map[string]any, key string)) {
	object, ok := value.(map[string]any)
	if !ok {
		return
	}
	head, rest, more := strings.Cut(path, ".")
	if !more {
		call(object, head)
		return
	}
	key, each := strings.CutSuffix(head, "[]")
	if !each {
		visit(object[key], rest, call)
		return
	}
	list, _ := object[key].([]any)
	for _, item := range list {
		visit(item, rest, call)
	}
}
