// Command engine models Kargo's promotion engine, holds the model to recordings
// of Kargo, and executes compiled programs on it. See README.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"loadline/engine/kargo"
	"loadline/engine/recordings"
	"loadline/engine/schema"
)

const usageText = `usage:
  engine recordings -kargo MINOR [-schemas FOLDER] [-show N] [-only ID] FILE
  engine mutants    -kargo MINOR [-schemas FOLDER] [-all] FILE
  engine run        -kargo MINOR -schemas FOLDER [-pairs N] [-max-runs N] [-strict] [-output ALIAS#NAME=JSON]… FOLDER…
  engine outcomes   -kargo MINOR -compiled FOLDER PROGRAM…
  engine inspect    -kargo MINOR [-filled A,B] [-trigger A] [-deviate ALIAS=OUTCOME]…
                    [-profile N] [-freight KEY=TEXT]… [-output ALIAS#NAME=JSON]… [-keys] FOLDER STAGE
  engine trials     -kargo MINOR [-schemas FOLDER] [FILE]…
  engine compare    -kargo MINOR -schemas FOLDER [-repairs FILE] [-name NAME] -original PATH… -ours PATH…`

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	debug.SetGCPercent(400) // Short-lived maps are most of the work.
	commands := map[string]func([]string) (bool, error){
		"recordings": compareRecordings, "mutants": refuteMutants, "run": runFolders, "inspect": inspect, "outcomes": playOutcomes, "trials": judgeTrials,
		"compare": compareProgram,
	}
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
	fmt.Fprintln(os.Stderr, usageText)
	os.Exit(2)
}

// parse reads flags, also behind other arguments, and gives the others back.
func parse(flags *flag.FlagSet, args []string) []string {
	var others []string
	for {
		_ = flags.Parse(args) // Exits on an error.
		if flags.NArg() == 0 {
			return others
		}
		others = append(others, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// libraries is the version of the expression language in each minor.
var libraries = map[kargo.Minor]string{kargo.V5: "v1.17.2", kargo.V8: "v1.17.7", kargo.V11: "v1.17.8"}

// parseMinor reads the minor and refuses one that this program was not built for.
func parseMinor(text string) (kargo.Minor, error) {
	minor, err := kargo.ParseMinor(text)
	if err != nil {
		return 0, err
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return minor, nil
	}
	for _, library := range info.Deps {
		if library.Path == "github.com/expr-lang/expr" && library.Version != libraries[minor] {
			return 0, fmt.Errorf("built with expr %s, Kargo %s has %s: build with -modfile=go.%s.mod",
				library.Version, minor, libraries[minor], minor)
		}
	}
	return minor, nil
}

// list collects the values of a flag that may be given several times.
type list []string

func (l *list) String() string { return fmt.Sprint([]string(*l)) }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// compareRecordings holds the model to a file of recordings.
func compareRecordings(args []string) (bool, error) {
	flags := flag.NewFlagSet("recordings", flag.ExitOnError)
	show := flags.Int("show", 10, "how many differing recordings to print")
	only := flags.String("only", "", "compare only the recording of this id")
	file, options, err := recordingOptions(flags, args)
	if err != nil {
		return false, err
	}
	options.Show, options.Only = *show, *only
	return recordings.Compare(os.Stdout, file, options)
}

// refuteMutants holds the model without each of its rules to a file of recordings.
func refuteMutants(args []string) (bool, error) {
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	all := flags.Bool("all", false, "count all recordings that refute, instead of the first")
	file, options, err := recordingOptions(flags, args)
	if err != nil {
		return false, err
	}
	return recordings.Mutants(os.Stdout, file, options, *all)
}

// recordingOptions reads the flags and the file that both take.
func recordingOptions(flags *flag.FlagSet, args []string) (string, recordings.Options, error) {
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	folder := flags.String("schemas", "", "folder of step schemas (default: ../step-schemas/kargo-MINOR beside the recordings)")
	files := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return "", recordings.Options{}, err
	}
	if len(files) != 1 {
		return "", recordings.Options{}, fmt.Errorf("want one file of recordings")
	}
	if *folder == "" {
		*folder = filepath.Join(filepath.Dir(files[0]), "..", "step-schemas", "kargo-"+minor.String())
	}
	schemas, err := schema.Open(*folder)
	return files[0], recordings.Options{Minor: minor, Schemas: schemas}, err
}
