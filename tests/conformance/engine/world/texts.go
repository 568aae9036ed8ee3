package world

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Class is a sort of text with its own alphabet.
type Class int

// The classes. From GitTag on, anybody's text. Reported is what steps report:
// without the characters that lose all outputs, since Kargo stores it as it is,
// whatever the program does.
const (
	Tag Class = iota
	Digest
	Version
	CommitID
	FreightName
	Alias
	Branch
	URL
	GitTag
	Reported
	Untrusted
)

// hostile holds, per class, values of its alphabet that are easily mistaken for
// something else.
var hostile = map[Class][]string{
	Tag: {"1.10", "1e5", "null", "0755", "true", "1234567", "on", "0x1F", "1_000", "nan", "1.0.0", "t", "123e456"},
	Digest: {
		"sha256:1234567890123456789012345678901234567890123456789012345678901234",
		"sha256:0e34567890123456789012345678901234567890123456789012345678901234",
	},
	Version: {"1.10.0", "1.2.3+build.5", "2.0.0-1e5", "1.0.0-0.3.7"},
	CommitID: {
		"1234567890123456789012345678901234567890", "0e12345678901234567890123456789012345678",
		"1234567", "12345e7890123456789012345678901234567890", "0000000000000000000000000000000000000001",
	},
	FreightName: {"1234567890123456789012345678901234567890", "0e12345678901234567890123456789012345678"},
	Alias:       {"1e5", "true", "null", "0755"},
	Branch:      {"release/1.10", "1.10", "true", "1e5"},
	URL:         {"https://git.example.com/a/b/commit/1e5?x=1&y=%2F#z"},
	GitTag:      {`v1.0'"$(id)`, "1.10", "a;b&&c|d", "true", "x`y`#z", "v1,2"},
	Untrusted: {
		`fix: "quoted" \ 'single' \n #1`, "line one\nline two", "${{ ctx.stage }} }} ${% 1 %} %}",
		"del\x7f nel\u0085 apc\u009f nonchars\ufffe\uffff end", "1e5", "null", `"`, `{"a": [1, "x"]}`,
		"- a\n- b: c", "a: b # c, d", "it's 'x'", "<b>&amp;</b> \u2028 \x1b[31m", `a", "x": "b`, "true\n",
	},
}

// losing are the characters that Kargo's YAML reader refuses.
var losing = regexp.MustCompile(`[\x7f-\x9f\x{fffe}\x{ffff}]`)

// plain is a value that nothing mistakes. It names its key, and no other
// value contains it.
func plain(class Class, index int) string {
	switch class {
	case Tag:
		return fmt.Sprintf("97.1.%d0-Mk", index+1)
	case Version:
		return fmt.Sprintf("98.1.%d0-Mk", index+1)
	case Digest:
		return fmt.Sprintf("sha256:ab%03dcdef%s", index, strings.Repeat("ab", 27)+"c")
	case CommitID:
		return fmt.Sprintf("ab%03dcdef%s", index, strings.Repeat("c0ffee", 5)+"a")
	case FreightName:
		return fmt.Sprintf("fe%03dcdef%s", index, strings.Repeat("f00d", 7)+"abc")
	case Alias:
		return fmt.Sprintf("mk-alias-%03d", index)
	case Branch:
		return fmt.Sprintf("mk/branch-%03d", index)
	case URL:
		return fmt.Sprintf("https://git.example.com/mk-%03d", index)
	case GitTag:
		return fmt.Sprintf("Mk-tag-%03d", index)
	}
	return fmt.Sprintf("Mk text %03d.", index)
}

// Book remembers which texts were asked for, by key, so that a plain and a
// hostile run of one program can be laid side by side.
type Book struct {
	// Overrides replace the text of a key in every profile.
	Overrides map[string]string
	// SemverTags keeps to tags that are semantic versions.
	SemverTags bool
	keys       map[string]entry
	pairs      map[int][]Pair
}

type entry struct {
	class Class
	index int
}

// NewBook makes an empty book.
func NewBook() *Book {
	return &Book{Overrides: map[string]string{}, keys: map[string]entry{}, pairs: map[int][]Pair{}}
}

// Plain is the profile of plain texts; the hostile ones count from 0.
const Plain = -1

// Profiles is how many hostile profiles bring every value to every key.
func Profiles() int { return len(hostile[Untrusted]) }

// Text is the text of a key in a profile.
func (b *Book) Text(profile int, class Class, key string) string {
	e, ok := b.keys[key]
	if !ok {
		e = entry{class, len(b.keys)}
		b.keys[key] = e
		clear(b.pairs)
	}
	if text, ok := b.Overrides[key]; ok {
		return text
	}
	return b.value(profile, e)
}

func (b *Book) value(profile int, e entry) string {
	if profile == Plain {
		return plain(e.class, e.index)
	}
	if e.class == Reported {
		return losing.ReplaceAllString(b.value(profile, entry{Untrusted, e.index}), "")
	}
	list := hostile[e.class]
	for i := range list {
		text := list[(e.index+profile+i)%len(list)]
		if e.class != Tag || !b.SemverTags {
			return text
		}
		if _, err := semver.NewVersion(text); err == nil {
			return text
		}
	}
	return list[0]
}

// Pair is a plain text and what stands in its place in a hostile run.
type Pair struct {
	Key, Plain, Hostile string
	Untrusted           bool
}

// Pairs lists the texts of all keys, longer ones first; of commit ids also
// the abbreviations that people use.
func (b *Book) Pairs(profile int) []Pair {
	if pairs, ok := b.pairs[profile]; ok {
		return pairs
	}
	var pairs []Pair
	for key, e := range b.keys {
		if _, ok := b.Overrides[key]; ok {
			continue
		}
		p := Pair{key, b.value(Plain, e), b.value(profile, e), e.class >= GitTag}
		pairs = append(pairs, p)
		if e.class != CommitID && e.class != FreightName {
			continue
		}
		for _, n := range []int{7, 8, 10, 12} {
			pairs = append(pairs, Pair{key, p.Plain[:n], p.Hostile[:min(n, len(p.Hostile))], false})
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		if len(pairs[i].Plain) != len(pairs[j].Plain) {
			return len(pairs[i].Plain) > len(pairs[j].Plain)
		}
		return pairs[i].Plain < pairs[j].Plain
	})
	b.pairs[profile] = pairs
	return pairs
}

// Keys lists the keys that were asked for.
func (b *Book) Keys() []string { return sortedKeys(b.keys) }
