package recordings

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/schema"
)

// Options say what to compare and how much to print.
type Options struct {
	Minor   kargo.Minor
	Schemas *schema.Set
	Show    int
	Only    string // an id
}

// tally counts what became of the recordings of a file.
type tally struct {
	total, compared, equal int
	skipped                map[string]int
}

// Compare plays a file of recordings and reports to out; it tells whether
// nothing is left out and everything is equal.
func Compare(out io.Writer, file string, options Options) (bool, error) {
	count := tally{skipped: map[string]int{}}
	err := read(file, func(p *program) error { return count.one(out, p, options) })
	if err != nil {
		return false, err
	}
	count.print(out, options.Minor)
	return count.equal == count.total && count.total > 0, nil
}

// read goes through a file of recordings.
func read(file string, each func(*program) error) error {
	source, err := os.Open(file)
	if err != nil {
		return err
	}
	defer source.Close()
	unpacked, err := gzip.NewReader(source)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		p := new(program)
		if err := json.Unmarshal(lines.Bytes(), p); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := each(p); err != nil {
			return fmt.Errorf("%s: %w", p.ID, err)
		}
	}
	return lines.Err()
}

func (t *tally) one(out io.Writer, p *program, options Options) error {
	if options.Only != "" && p.ID != options.Only {
		return nil
	}
	t.total++
	if kinds := p.unmodelled(); len(kinds) > 0 {
		t.skipped["runs "+strings.Join(kinds, ", ")]++
		return nil
	}
	found, err := p.against(options)
	if err != nil {
		return err
	}
	t.compared++
	if len(found) == 0 {
		t.equal++
		return nil
	}
	if t.compared-t.equal <= options.Show {
		sort.Strings(found)
		fmt.Fprintf(out, "%s:\n  %s\n", p.ID, strings.Join(found, "\n  "))
	}
	return nil
}

// against plays a recording and lists where the model disagrees.
func (p *program) against(options Options) ([]string, error) {
	got, err := play(options.Minor, options.Schemas, p)
	if err != nil {
		return nil, err
	}
	return differences(p, got)
}

func (t *tally) print(out io.Writer, minor kargo.Minor) {
	left := 0
	reasons := make([]string, 0, len(t.skipped))
	for reason, n := range t.skipped {
		left += n
		reasons = append(reasons, reason)
	}
	sort.Strings(reasons)
	for _, reason := range reasons {
		fmt.Fprintf(out, "left out, Kargo %s itself: %d\n", reason, t.skipped[reason])
	}
	fmt.Fprintf(out, "Kargo %s: %d recordings, %d left out, %d compared, %d equal\n",
		minor, t.total, left, t.compared, t.equal)
}
