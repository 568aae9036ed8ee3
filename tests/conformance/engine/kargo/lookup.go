package kargo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"loadline/engine/rules"
)

func warehouse(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if name == "" && rules.On(rules.WarehouseNeedsName) {
		return nil, errors.New("warehouse() of no name")
	}
	return FreightOrigin{Kind: "Warehouse", Name: name}, nil
}

// originArgument reads the argument that may name the origin.
func originArgument(args []any, i int) (*FreightOrigin, error) {
	if i >= len(args) {
		return nil, nil
	}
	origin, ok := args[i].(FreightOrigin)
	if !ok {
		return nil, fmt.Errorf("argument %d must be an origin, is %T", i+1, args[i])
	}
	return &origin, nil
}

// infer finds the one requested Warehouse that subscribes to what is sought.
// All requested Warehouses must exist for it, whatever is sought.
func (e *Evaluator) infer(matches func(Subscription) bool) (*FreightOrigin, error) {
	var found *FreightOrigin
	for _, request := range e.scope.requests {
		house, ok := e.cluster.Warehouses[request.Origin.Name]
		if !ok && !rules.On(rules.InferenceNeedsWarehouses) {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("there is no Warehouse %q", request.Origin.Name)
		}
		for _, sub := range house.Spec.Subscriptions {
			if !matches(sub) {
				continue
			}
			if found != nil && rules.On(rules.AmbiguousOriginErrs) {
				return nil, errors.New("several requested Warehouses could provide it")
			}
			found = &request.Origin
		}
	}
	if found == nil && !rules.On(rules.NoOriginIsNil) {
		return nil, errors.New("no requested Warehouse could provide it")
	}
	return found, nil
}

// filling is the Freight in the slot of an origin, nil for an empty slot.
func (e *Evaluator) filling(origin *FreightOrigin) *Freight {
	for _, f := range e.scope.freight {
		if f.Origin == *origin || !rules.On(rules.SlotOfOrigin) {
			return f
		}
	}
	return nil
}

func (e *Evaluator) commitFrom(args ...any) (any, error) {
	repo, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	repo = normalizeGit(repo)
	origin, err := e.originOf(args, func(s Subscription) bool { return s.Git != nil && normalizeGit(s.Git.RepoURL) == repo })
	if err != nil {
		return nil, err
	}
	var none *GitCommit
	if origin == nil {
		return none, nil
	}
	if f := e.filling(origin); f != nil {
		for i := range f.Commits {
			if normalizeGit(f.Commits[i].RepoURL) == repo {
				return &f.Commits[i], nil
			}
		}
	}
	return none, nil
}

// originOf is the origin that the second argument names, or else the only one with a fitting subscription.
func (e *Evaluator) originOf(args []any, fits func(Subscription) bool) (*FreightOrigin, error) {
	if origin, err := originArgument(args, 1); err != nil || origin != nil {
		return origin, err
	}
	return e.infer(fits)
}

func (e *Evaluator) imageFrom(args ...any) (any, error) {
	image, err := e.findImage(args)
	if err != nil {
		return nil, err
	}
	if !rules.Holds(rules.ImageHasGitRepoURL, e.minor == V5) {
		return image, nil
	}
	if image == nil {
		return (*ImageV5)(nil), nil
	}
	return &ImageV5{RepoURL: image.RepoURL, Tag: image.Tag, Digest: image.Digest, Annotations: image.Annotations}, nil
}

func (e *Evaluator) findImage(args []any) (*Image, error) {
	repo, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	origin, err := e.originOf(args, func(s Subscription) bool { return s.Image != nil && s.Image.RepoURL == repo })
	if err != nil || origin == nil {
		return nil, err
	}
	if f := e.filling(origin); f != nil {
		for i := range f.Images {
			if f.Images[i].RepoURL == repo {
				return &f.Images[i], nil
			}
		}
	}
	return nil, nil
}

// chartFrom is the one lookup that fails when no subscription matches.
func (e *Evaluator) chartFrom(args ...any) (any, error) {
	repo, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	name, origin, err := chartArguments(args)
	if err != nil {
		return nil, err
	}
	if origin == nil {
		origin, err = e.infer(func(s Subscription) bool {
			return s.Chart != nil && s.Chart.RepoURL == repo && (s.Chart.Name == name || !rules.On(rules.ChartNameCounts))
		})
		if err != nil {
			return nil, err
		}
		if origin == nil && !rules.On(rules.ChartNeedsSubscription) {
			return (*Chart)(nil), nil
		}
		if origin == nil {
			return nil, fmt.Errorf("no requested Warehouse subscribes to chart %q of %s", name, repo)
		}
	}
	if f := e.filling(origin); f != nil {
		for i := range f.Charts {
			if f.Charts[i].RepoURL == repo && (f.Charts[i].Name == name || !rules.On(rules.ChartNameCounts)) {
				return &f.Charts[i], nil
			}
		}
	}
	return (*Chart)(nil), nil
}

func chartArguments(args []any) (name string, origin *FreightOrigin, err error) {
	if len(args) < 2 {
		return "", nil, nil
	}
	if text, ok := args[1].(string); ok {
		if len(args) == 3 && text == "" && rules.On(rules.ChartNameNotEmpty) {
			return "", nil, errors.New("the name of the chart is empty")
		}
		origin, err = originArgument(args, 2)
		return text, origin, err
	}
	origin, err = originArgument(args, 1)
	return "", origin, err
}

// artifactFrom finds what a generic subscription found, by its name.
func (e *Evaluator) artifactFrom(args ...any) (any, error) {
	name, err := textArgument(args, 0)
	if err != nil {
		return nil, err
	}
	origin, err := e.originOf(args, func(s Subscription) bool { return s.named(name) })
	if err != nil || origin == nil {
		return nil, err
	}
	f := e.filling(origin)
	if f == nil {
		return nil, nil
	}
	for _, a := range f.Artifacts {
		if a.SubscriptionName != name {
			continue
		}
		seen := Artifact{a.ArtifactType, a.SubscriptionName, a.Version, map[string]any{}}
		if a.Metadata != nil && rules.On(rules.ArtifactHasMetadata) {
			if err := json.Unmarshal(a.Metadata, &seen.Metadata); err != nil {
				return nil, err
			}
		}
		return seen, nil
	}
	return nil, nil
}

// named tells whether a generic subscription has this name.
func (s Subscription) named(name string) bool {
	for _, body := range s.Other {
		if fields, ok := body.(map[string]any); ok && fields["name"] == name {
			return true
		}
	}
	return false
}

// normalizeGit makes the spellings of a repository's URL alike: case, a slash
// or `.git` at the end, and user information do not count.
func normalizeGit(repo string) string {
	if !rules.On(rules.GitURLsAreNormal) {
		return repo
	}
	repo = strings.TrimSpace(repo)
	for _, scheme := range []string{"http://", "https://", "ssh://"} {
		if !strings.HasPrefix(repo, scheme) {
			continue
		}
		u, err := url.Parse(repo)
		if err != nil || len(u.Query()) > 0 {
			return repo
		}
		if scheme != "ssh://" && u.User != nil && rules.On(rules.GitURLsIgnoreUser) {
			u.User = nil
		}
		u.Path = trimGit(u.Path)
		return lower(u.String())
	}
	host, path, _ := strings.Cut(repo, ":")
	if path = trimGit(path); path == "" {
		return lower("ssh://" + host)
	}
	return lower("ssh://" + host + "/" + path)
}

func trimGit(path string) string {
	trimmed := strings.TrimSuffix(strings.TrimSuffix(path, "/"), ".git")
	if trimmed != path && !rules.On(rules.GitURLsIgnoreSuffix) {
		return path
	}
	return trimmed
}

func lower(address string) string {
	small := strings.ToLower(address)
	if small != address && !rules.On(rules.GitURLsIgnoreCase) {
		return address
	}
	return small
}
