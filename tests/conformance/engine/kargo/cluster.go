package kargo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"loadline/engine/rules"
)

// CredentialLabel is the label of a Secret that says what it is for.
const CredentialLabel = "kargo.akuity.io/cred-type"

// Secret is a Secret with its data as text.
type Secret struct {
	Labels map[string]string
	Data   map[string]string
}

// Cluster holds the objects that one Project can see.
type Cluster struct {
	Project      string
	Warehouses   map[string]*Warehouse
	Freight      map[string]*Freight
	Stages       map[string]*Stage
	Tasks        map[string]*Task
	ClusterTasks map[string]*Task
	ConfigMaps   map[string]map[string]string
	Secrets      map[string]*Secret
	// SharedConfigMaps and SharedSecrets stand in another namespace.
	SharedConfigMaps map[string]map[string]string
	SharedSecrets    map[string]map[string]string
}

// NewCluster makes an empty cluster.
func NewCluster(project string) *Cluster {
	return &Cluster{
		Project: project, Warehouses: map[string]*Warehouse{}, Freight: map[string]*Freight{},
		Stages: map[string]*Stage{}, Tasks: map[string]*Task{}, ClusterTasks: map[string]*Task{},
		ConfigMaps: map[string]map[string]string{}, Secrets: map[string]*Secret{},
	}
}

// Add puts an object into the cluster. Objects of other namespaces and kinds
// that promotions do not read are left out.
func (c *Cluster) Add(raw []byte) error {
	var head struct {
		Kind     string `json:"kind"`
		Metadata Meta   `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	if head.Kind == "ClusterPromotionTask" {
		return add(c.ClusterTasks, head.Metadata.Name, raw)
	}
	if head.Metadata.Namespace != c.Project {
		return nil
	}
	name := head.Metadata.Name
	switch head.Kind {
	case "Warehouse":
		return add(c.Warehouses, name, raw)
	case "Freight":
		return add(c.Freight, name, raw)
	case "Stage":
		return add(c.Stages, name, raw)
	case "PromotionTask":
		return add(c.Tasks, name, raw)
	case "ConfigMap":
		var object struct {
			Data map[string]string `json:"data"`
		}
		err := json.Unmarshal(raw, &object)
		c.ConfigMaps[name] = object.Data
		return err
	case "Secret":
		return c.addSecret(name, head.Metadata.Labels, raw)
	}
	return nil
}

func add[T any](into map[string]*T, name string, raw []byte) error {
	object := new(T)
	if err := json.Unmarshal(raw, object); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	into[name] = object
	return nil
}

func (c *Cluster) addSecret(name string, labels map[string]string, raw []byte) error {
	var object struct {
		StringData map[string]string `json:"stringData"`
		Data       map[string]string `json:"data"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	secret := &Secret{Labels: labels, Data: map[string]string{}}
	for key, value := range object.Data {
		plain, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
		secret.Data[key] = string(plain)
	}
	for key, value := range object.StringData {
		secret.Data[key] = value
	}
	c.Secrets[name] = secret
	return nil
}

// genericSecrets is what the variable `secrets` shows on 1.5.
func (c *Cluster) genericSecrets() map[string]map[string]string {
	all := map[string]map[string]string{}
	for name, secret := range c.Secrets {
		if secret.Labels[CredentialLabel] == "generic" || !rules.On(rules.GenericSecretsOnly) {
			all[name] = secret.Data
		}
	}
	return all
}
