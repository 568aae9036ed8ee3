// Command accept judges compiled manifests by Kubernetes' own code.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

const usage = `usage:
  accept check -crds FOLDER [-crds FOLDER ...] [-subscriptions FOLDER] FOLDER|FILE...
  accept admission -shared FOLDER [-kargo MINOR ...] [-argo]
  accept kustomize FOLDER...
  accept rbac [-count N] [-seed N]
`

// errRefused says that the command worked and that its verdict is no.
var errRefused = errors.New("refused")

func main() {
	err := run(os.Args[1:], os.Stdout)
	switch {
	case err == nil:
	case errors.Is(err, errRefused):
		os.Exit(1)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "accept:", err)
		os.Exit(2)
	}
}

func run(args []string, out io.Writer) error {
	commands := map[string]func([]string, io.Writer) error{
		"check":     runCheck,
		"admission": runAdmission,
		"kustomize": runKustomize,
		"rbac":      runRBAC,
	}
	if len(args) > 0 {
		if command, ok := commands[args[0]]; ok {
			return command(args[1:], out)
		}
	}
	fmt.Fprint(os.Stderr, usage)
	return flag.ErrHelp
}

// newFlags makes a flag set that explains the whole program.
func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	return flags
}

// repeated is a flag that may be given more than once.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ",") }

func (r *repeated) Set(value string) error {
	*r = append(*r, value)
	return nil
}
