package trials

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"loadline/engine/kargo"
)

// cluster is the program's cluster with the Freight and the environment of a
// request. The program's own objects are not changed.
func (r *Request) cluster(of *kargo.Cluster) (*kargo.Cluster, error) {
	c := *of
	c.Freight = map[string]*kargo.Freight{}
	for _, f := range r.Freight {
		if f == nil {
			return nil, errors.New("freight: null")
		}
		if f.Origin.Kind == "" {
			f.Origin.Kind = "Warehouse"
		}
		if f.Metadata.Name == "" || c.Freight[f.Metadata.Name] != nil {
			return nil, fmt.Errorf("freight: want names, each once: %q", f.Metadata.Name)
		}
		c.Freight[f.Metadata.Name] = f
	}
	c.ConfigMaps = with(c.ConfigMaps, r.Environment.ConfigMaps)
	c.SharedConfigMaps = with(c.SharedConfigMaps, r.Environment.SharedConfigMaps)
	c.SharedSecrets = with(c.SharedSecrets, r.Environment.SharedSecrets)
	secrets := map[string]*kargo.Secret{}
	for name, data := range r.Environment.Secrets {
		// 1.5 shows secrets of this label in the variable `secrets`.
		secrets[name] = &kargo.Secret{Labels: map[string]string{kargo.CredentialLabel: "generic"}, Data: data}
	}
	c.Secrets = with(c.Secrets, secrets)
	c.Stages = maps.Clone(c.Stages)
	for name, stage := range c.Stages {
		copied := *stage // set-metadata writes to it.
		copied.Status.Metadata = maps.Clone(stage.Status.Metadata)
		if data, ok := r.Environment.StageMetadata[name]; ok {
			copied.Status.Metadata = maps.Clone(data)
		}
		c.Stages[name] = &copied
	}
	return &c, nil
}

func with[T any](base, more map[string]T) map[string]T {
	if len(more) == 0 {
		return base
	}
	all := maps.Clone(base)
	if all == nil {
		all = map[string]T{}
	}
	maps.Copy(all, more)
	return all
}

// collection is what the slots hold: the promoted Freight, and what the last
// promotion left in the other slots.
func (r *Request) collection(c *kargo.Cluster, stage *kargo.Stage, target *kargo.Freight) ([]*kargo.Freight, error) {
	asked := map[string]bool{}
	freight := []*kargo.Freight{target}
	for _, request := range stage.Spec.RequestedFreight {
		asked[request.Origin.Name] = true
		name, ok := r.History[request.Origin.Name]
		if !ok || request.Origin == target.Origin {
			continue
		}
		held, ok := c.Freight[name]
		if !ok {
			return nil, fmt.Errorf("history: there is no freight %q", name)
		}
		freight = append(freight, held)
	}
	for origin := range r.History {
		if !asked[origin] {
			return nil, fmt.Errorf("history: the stage does not request %q", origin)
		}
	}
	return freight, nil
}

// metadata of Stages, as set-metadata left it.
func metadata(c *kargo.Cluster) map[string]map[string]json.RawMessage {
	found := map[string]map[string]json.RawMessage{}
	for name, stage := range c.Stages {
		if len(stage.Status.Metadata) > 0 {
			found[name] = stage.Status.Metadata
		}
	}
	return found
}
