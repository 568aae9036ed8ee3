// Command engine models Kargo's promotion engine. See README.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"loadline/engine/kargo"
	"loadline/engine/recordings"
	"loadline/engine/schema"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	commands := map[string]func([]string) (bool, error){"recordings": compareRecordings}
	command, ok := commands[os.Args[1]]
	if !ok {
		usage()
	}
	good, err := command(os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, `usage:
  engine recordings -kargo MINOR [-schemas FOLDER] [-show N] [-only ID] FILE`)
	os.Exit(2)
}

// compareRecordings holds the model to files of recordings.
func compareRecordings(args []string) (bool, error) {
	flags := flag.NewFlagSet("recordings", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	folder := flags.String("schemas", "", "folder of step schemas (default: ../step-schemas/kargo-MINOR beside the recordings)")
	show := flags.Int("show", 10, "how many differing recordings to print")
	only := flags.String("only", "", "compare only the recording of this id")
	_ = flags.Parse(args)
	minor, err := kargo.ParseMinor(*minorText)
	if err != nil {
		return false, err
	}
	if flags.NArg() != 1 {
		return false, fmt.Errorf("want one file of recordings")
	}
	file := flags.Arg(0)
	if *folder == "" {
		*folder = filepath.Join(filepath.Dir(file), "..", "step-schemas", "kargo-"+minor.String())
	}
	schemas, err := schema.Open(*folder)
	if err != nil {
		return false, err
	}
	options := recordings.Options{Minor: minor, Schemas: schemas, Show: *show, Only: *only}
	return recordings.Compare(os.Stdout, file, options)
}
