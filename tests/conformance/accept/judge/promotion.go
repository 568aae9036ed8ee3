package judge

import "slices"

// A Promotion is sent with references to tasks and stored with the steps of
// the tasks, so the webhook that makes one of the other has to be repeated
// before the schema can be asked. Where that webhook would refuse, the
// Promotion stays as it was sent: what the schema says of it then is what the
// recordings hold.

// fillPromotion looks for the Stage, the tasks and the Freight among the other
// objects that are created with the Promotion.
func fillPromotion(promotion map[string]any, others []map[string]any, byOrigin bool) {
	spec := child(promotion, "spec")
	namespace := text(child(promotion, "metadata"), "namespace")
	stage := find(others, "Stage", namespace, text(spec, "stage"))
	if stage == nil {
		return
	}
	template := child(child(child(stage, "spec"), "promotionTemplate"), "spec")
	steps, _ := spec["steps"].([]any)
	if byOrigin {
		// Releases that promote by origin take the steps of the Stage,
		// whatever the Promotion says.
		steps, _ = template["steps"].([]any)
	}
	given := slices.Concat(values(child(stage, "spec")), values(template))
	inflated, ok := inflate(steps, others, namespace, given)
	if !ok || len(inflated) == 0 {
		return
	}
	if origin := child(spec, "origin"); byOrigin && origin != nil && text(spec, "freight") == "" {
		freight := findFreight(others, namespace, text(origin, "name"))
		if freight == "" {
			return
		}
		spec["freight"] = freight
		delete(spec, "origin")
	}
	spec["steps"] = inflated
}

// inflate puts the steps of a task in the place of the step that refers to it.
func inflate(steps []any, others []map[string]any, namespace string, given []string) ([]any, bool) {
	var inflated []any
	for _, item := range steps {
		step, _ := item.(map[string]any)
		reference := child(step, "task")
		if reference == nil {
			inflated = append(inflated, item)
			continue
		}
		kind, place := "PromotionTask", namespace
		if text(reference, "kind") == "ClusterPromotionTask" {
			kind, place = "ClusterPromotionTask", ""
		}
		task := find(others, kind, place, text(reference, "name"))
		if task == nil || !complete(task, slices.Concat(given, values(step))) {
			return nil, false
		}
		more, _ := child(task, "spec")["steps"].([]any)
		inflated = append(inflated, more...)
	}
	return inflated, true
}

// complete says whether every variable of a task has a value.
func complete(task map[string]any, given []string) bool {
	known := slices.Concat(given, values(child(task, "spec")))
	declared, _ := child(task, "spec")["vars"].([]any)
	for _, item := range declared {
		variable, _ := item.(map[string]any)
		if !slices.Contains(known, text(variable, "name")) {
			return false
		}
	}
	return true
}

// values names the variables of a list `vars` that are not empty.
func values(owner map[string]any) []string {
	var names []string
	list, _ := owner["vars"].([]any)
	for _, item := range list {
		variable, _ := item.(map[string]any)
		if text(variable, "value") != "" {
			names = append(names, text(variable, "name"))
		}
	}
	return names
}

func find(others []map[string]any, kind, namespace, name string) map[string]any {
	for _, other := range others {
		meta := child(other, "metadata")
		if other["kind"] == kind && text(meta, "namespace") == namespace && text(meta, "name") == name {
			return other
		}
	}
	return nil
}

func findFreight(others []map[string]any, namespace, warehouse string) string {
	for _, other := range others {
		meta := child(other, "metadata")
		if other["kind"] == "Freight" && text(meta, "namespace") == namespace && text(child(other, "origin"), "name") == warehouse {
			return text(meta, "name")
		}
	}
	return ""
}

func child(object map[string]any, key string) map[string]any {
	found, _ := object[key].(map[string]any)
	return found
}

func text(object map[string]any, key string) string {
	found, _ := object[key].(string)
	return found
}
