package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
)

// A pair asks whether the holder of some rules may hand out others.
type pair struct {
	Owner   []rbacv1.PolicyRule `json:"owner"`
	Servant []rbacv1.PolicyRule `json:"servant"`
	// Missing are the parts of the servant that the owner does not cover, each
	// with one value of every list, in Kubernetes' order.
	Missing []rbacv1.PolicyRule `json:"missing"`
}

// runRBAC writes random pairs of rule sets with Kubernetes' own verdicts, one
// line of JSON each.
func runRBAC(args []string, out io.Writer) error {
	flags := newFlags("rbac")
	count := flags.Int("count", 100_000, "how many pairs")
	seed := flags.Int64("seed", 1, "of the random numbers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *count < 1 || flags.NArg() > 0 {
		return errors.New("rbac needs a count and no other arguments")
	}
	chance := dice{rand.New(rand.NewSource(*seed))}
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	for range *count {
		next := chance.pair()
		_, next.Missing = validation.Covers(next.Owner, next.Servant)
		if err := encoder.Encode(next); err != nil {
			return fmt.Errorf("cannot write the pairs: %w", err)
		}
	}
	return buffered.Flush()
}

type dice struct{ *rand.Rand }

// Few words, so that the sets often meet, and those that are easily misread.
var (
	groups    = []string{"", "", "", "kargo.akuity.io", "apps", "*"}
	resources = []string{"pods", "pods", "stages", "pods/log", "pods/log/x", "stages/status", "*", "*/status", "*/log", "pods/*", "*/*", "pods/", "/log", "pod"}
	verbs     = []string{"get", "get", "list", "create", "patch", "promote", "*", "ge*", "GET"}
	names     = []string{"a", "b", "c", "*", ""}
	urls      = []string{"/healthz", "/healthz/", "/healthz/*", "/healthz*", "/api/v1", "/api/*", "*", "/*", "/api/**", ""}
)

func (d dice) pair() pair {
	owner, servant := d.rules(4), d.rules(3)
	// Half of the servants are made of what the owner has, else nearly no
	// pair of larger sets would be covered.
	if len(owner) > 0 && d.Intn(2) == 0 {
		servant = nil
		for range 1 + d.Intn(2) {
			servant = append(servant, d.less(owner[d.Intn(len(owner))]))
		}
	}
	return pair{Owner: owner, Servant: servant}
}

func (d dice) rules(most int) []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{}
	for range d.Intn(most + 1) {
		rules = append(rules, d.rule())
	}
	return rules
}

// rule gives one that the API server takes, and now and then one that it does
// not: without verbs, with URLs beside resources.
func (d dice) rule() rbacv1.PolicyRule {
	var rule rbacv1.PolicyRule
	of := d.Intn(10)
	if of != 0 {
		rule.APIGroups, rule.Resources = d.some(groups, 1), d.some(resources, 1)
		if d.Intn(2) == 0 {
			rule.ResourceNames = d.some(names, 0)
		}
	}
	if of <= 1 {
		rule.NonResourceURLs = d.some(urls, 1)
	}
	rule.Verbs = d.some(verbs, min(1, d.Intn(20)))
	return rule
}

// less gives a rule with parts of every list, and perhaps one more word.
func (d dice) less(rule rbacv1.PolicyRule) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{
		APIGroups:       d.part(rule.APIGroups, groups),
		Resources:       d.part(rule.Resources, resources),
		Verbs:           d.part(rule.Verbs, verbs),
		ResourceNames:   d.part(rule.ResourceNames, names),
		NonResourceURLs: d.part(rule.NonResourceURLs, urls),
	}
}

func (d dice) part(list, all []string) []string {
	var part []string
	for _, word := range list {
		if word == "*" && d.Intn(2) == 0 {
			word = all[d.Intn(len(all))]
		}
		if d.Intn(4) > 0 {
			part = append(part, word)
		}
	}
	if d.Intn(12) == 0 {
		part = append(part, all[d.Intn(len(all))])
	}
	return part
}

// some gives from least to three of the words.
func (d dice) some(words []string, least int) []string {
	var list []string
	for range least + d.Intn(4-least) {
		list = append(list, words[d.Intn(len(words))])
	}
	return list
}
