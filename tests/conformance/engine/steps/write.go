package steps

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/rules"
)

// write puts a file into the working directory.
func (f Files) write(p, content string) error {
	p = inside(p)
	if len(f.below(p)) > 0 || f.fileAbove(p) {
		return fmt.Errorf("cannot write %q", p)
	}
	f[p] = content
	return nil
}

// fileWrite writes a file. What it refuses is a failure that no retry mends.
func (r *Runner) fileWrite(config map[string]any) (kargo.Answer, error) {
	refused := func(format string, args ...any) (kargo.Answer, error) {
		return kargo.Answer{Status: kargo.Failed}, &kargo.Terminal{Err: fmt.Errorf(format, args...)}
	}
	p := text(config, "path")
	clean := path.Clean(p)
	if path.IsAbs(p) || escapes(p) || clean == ".git" || strings.HasPrefix(clean, ".git/") {
		return refused("no file may be written at %q", p)
	}
	if permissions := text(config, "permissions"); permissions != "" {
		// Neither special bits, nor executable, nor writable for everybody.
		bits, err := strconv.ParseUint(permissions, 8, 32)
		if err != nil || bits&^0o664 != 0 {
			return refused("permissions %q", permissions)
		}
	}
	_, isFile := r.Files[clean]
	overwrite, _ := config["overwrite"].(bool)
	there := isFile || clean == "." || len(r.Files.below(clean)) > 0
	if there && !overwrite && rules.On(rules.FileWriteKeepsFiles) {
		return refused("%q is there already", p)
	}
	if clean == "." {
		return done(fmt.Errorf("%q is a folder", p))
	}
	return done(r.Files.write(p, text(config, "contents")))
}
