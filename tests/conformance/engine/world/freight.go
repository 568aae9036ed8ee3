package world

import (
	"encoding/json"
	"regexp"
	"strconv"

	"loadline/engine/kargo"
)

// Words are the names of annotations and metadata that a program reads, found
// as the text literals of the templates that mention them.
type Words struct {
	Annotations, Metadata []string
	ParsesVersions        bool
	// Data are the keys of ConfigMaps and Secrets: function, name, key.
	Data [][3]string
}

var (
	annotationUse = regexp.MustCompile(`[aA]nnotations`)
	metadataUse   = regexp.MustCompile(`(freight|stage)Metadata\(`)
	semverUse     = regexp.MustCompile(`semverParse\(`)
	dataUse       = regexp.MustCompile(`(configMap|secret|sharedConfigMap|sharedSecret)\(['"]([^'"]+)['"]\)(?:\?\.)?\.?(?:\[['"])?([\w.-]+)`)
	literal       = regexp.MustCompile(`'([^'\\]+)'|"([^"\\]+)"`)
)

// Scan reads the templates of a Stage's inflated steps and variables.
func Scan(vars []kargo.Variable, steps []kargo.Step) Words {
	var words Words
	look := func(text string) {
		words.ParsesVersions = words.ParsesVersions || semverUse.MatchString(text)
		for _, m := range dataUse.FindAllStringSubmatch(text, -1) {
			words.Data = append(words.Data, [3]string(m[1:4]))
		}
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if annotationUse.MatchString(text) {
				words.Annotations = append(words.Annotations, m[1]+m[2])
			}
			if metadataUse.MatchString(text) {
				words.Metadata = append(words.Metadata, m[1]+m[2])
			}
		}
	}
	for _, v := range vars {
		look(v.Value)
	}
	for _, step := range steps {
		look(step.If)
		for _, v := range step.Vars {
			look(v.Value)
		}
		var config any
		if json.Unmarshal(step.Config, &config) == nil {
			texts(config, look)
		}
	}
	return words
}

func texts(value any, look func(string)) {
	switch v := value.(type) {
	case string:
		look(v)
	case map[string]any:
		for _, key := range sortedKeys(v) {
			texts(v[key], look)
		}
	case []any:
		for _, item := range v {
			texts(item, look)
		}
	}
}

// Maker makes Freight in one profile.
type Maker struct {
	Book    *Book
	Profile int
	Words   Words
}

func (m *Maker) text(class Class, key string) string { return m.Book.Text(m.Profile, class, key) }

// Freight makes a piece of Freight that has an artifact of each subscription.
func (m *Maker) Freight(house *kargo.Warehouse) *kargo.Freight {
	origin := house.Metadata.Name
	f := &kargo.Freight{Origin: kargo.FreightOrigin{Kind: "Warehouse", Name: origin}}
	f.Metadata.Name = m.text(FreightName, origin+"#name")
	f.Alias = m.text(Alias, origin+"#alias")
	for i, sub := range house.Spec.Subscriptions {
		switch {
		case sub.Image != nil:
			f.Images = append(f.Images, m.image(origin+"/"+sub.Image.RepoURL, sub.Image))
		case sub.Git != nil:
			f.Commits = append(f.Commits, m.commit(origin+"/"+sub.Git.RepoURL, sub.Git))
		case sub.Chart != nil:
			f.Charts = append(f.Charts, kargo.Chart{
				RepoURL: sub.Chart.RepoURL, Name: sub.Chart.Name,
				Version: m.text(Version, origin+"/"+sub.Chart.RepoURL+"/"+sub.Chart.Name+"#version"),
			})
		default:
			f.Artifacts = append(f.Artifacts, m.artifact(origin+"/"+strconv.Itoa(i), sub))
		}
	}
	if len(m.Words.Metadata) > 0 {
		f.Status.Metadata = m.Metadata(origin + "#metadata.")
	}
	return f
}

// Metadata is metadata with the keys that the program reads.
func (m *Maker) Metadata(key string) map[string]json.RawMessage {
	metadata := map[string]json.RawMessage{}
	for _, word := range m.Words.Metadata {
		raw, _ := json.Marshal(m.text(Untrusted, key+word))
		metadata[word] = raw
	}
	return metadata
}

// Data adds the ConfigMaps and Secrets that the program reads to a cluster.
// Their values are of whoever runs the cluster: unusual, but no trap.
func (m *Maker) Data(c *kargo.Cluster) {
	configMaps, secrets := map[string]map[string]string{}, map[string]map[string]string{}
	c.SharedConfigMaps, c.SharedSecrets = map[string]map[string]string{}, map[string]map[string]string{}
	into := map[string]map[string]map[string]string{
		"configMap": configMaps, "secret": secrets,
		"sharedConfigMap": c.SharedConfigMaps, "sharedSecret": c.SharedSecrets,
	}
	for _, use := range m.Words.Data {
		function, name, key := use[0], use[1], use[2]
		if into[function][name] == nil {
			into[function][name] = map[string]string{}
		}
		into[function][name][key] = m.text(URL, function+" "+name+"#"+key)
	}
	c.ConfigMaps, c.Secrets = configMaps, map[string]*kargo.Secret{}
	for name, data := range secrets {
		c.Secrets[name] = &kargo.Secret{Data: data}
	}
}

func (m *Maker) image(key string, sub *kargo.RepoSubscription) kargo.Image {
	image := kargo.Image{RepoURL: sub.RepoURL, Tag: m.text(Tag, key+"#tag"), Digest: m.text(Digest, key+"#digest")}
	for _, word := range m.Words.Annotations {
		if image.Annotations == nil {
			image.Annotations = map[string]string{}
		}
		image.Annotations[word] = m.text(Untrusted, key+"#annotation."+word)
	}
	return image
}

func (m *Maker) commit(key string, sub *kargo.RepoSubscription) kargo.GitCommit {
	commit := kargo.GitCommit{
		RepoURL: sub.RepoURL, ID: m.text(CommitID, key+"#id"), Message: m.text(Untrusted, key+"#message"),
		Author: m.text(Untrusted, key+"#author"), Committer: m.text(Untrusted, key+"#committer"),
	}
	switch sub.CommitSelectionStrategy {
	case "", "NewestFromBranch":
		if commit.Branch = sub.Branch; commit.Branch == "" {
			commit.Branch = m.text(Branch, key+"#branch")
		}
	default:
		commit.Tag = m.text(GitTag, key+"#tag")
	}
	return commit
}

func (m *Maker) artifact(key string, sub kargo.Subscription) kargo.ArtifactReference {
	a := kargo.ArtifactReference{Version: m.text(Tag, key+"#version")}
	for kind, body := range sub.Other {
		a.ArtifactType = kind
		if fields, ok := body.(map[string]any); ok {
			a.SubscriptionName, _ = fields["name"].(string)
		}
	}
	return a
}
