package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"loadline/engine/kargo"
	"loadline/engine/trial"
	"loadline/engine/world"
)

// playOutcomes plays the scripts beside programs on what these were compiled to.
func playOutcomes(args []string) (bool, error) {
	flags := flag.NewFlagSet("outcomes", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	compiled := flags.String("compiled", "", "the folder in which each program has a folder of manifests of its name")
	programs := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return false, err
	}
	good, count := true, 0
	for _, program := range programs {
		played, fine, err := playProgram(minor, program, filepath.Join(*compiled, filepath.Base(program)))
		if err != nil {
			return false, fmt.Errorf("%s: %w", program, err)
		}
		good, count = good && fine, count+played
	}
	fmt.Printf("Kargo %s: %d scripts played\n", minor, count)
	return good && count > 0, nil
}

// playProgram plays `outcomes.txt` of a program that was compiled for this minor.
func playProgram(minor kargo.Minor, program, folder string) (int, bool, error) {
	file, err := os.Open(filepath.Join(program, "outcomes.txt"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer file.Close()
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		fmt.Printf("%s: not for Kargo %s\n", program, minor)
		return 0, true, nil
	}
	projects, err := world.Load(folder)
	if err != nil {
		return 0, false, err
	}
	good, count := true, 0
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		play, ok, err := readPlay(line, minor)
		if err != nil {
			return count, false, fmt.Errorf("line %d: %w", number, err)
		}
		if !ok {
			continue
		}
		got, err := play.run(minor, projects)
		if err != nil {
			return count, false, fmt.Errorf("line %d: %w", number, err)
		}
		count++
		if got != play.wanted {
			good = false
			fmt.Printf("%s:%d: Kargo %s\n  wanted %s\n  got    %s\n", program, number, minor, play.wanted, got)
		}
	}
	return count, good, lines.Err()
}

// play is a line: `1.8 1.11 | stage [a, b] git-push#1=fail: delete#1 Failed`, the minors only where not all are meant.
type play struct {
	stage    string
	filled   []string
	outcomes map[string]trial.Outcome
	wanted   string
}

func readPlay(line string, minor kargo.Minor) (*play, bool, error) {
	if minors, rest, ok := strings.Cut(line, "|"); ok {
		if !strings.Contains(" "+minors, " "+minor.String()+" ") {
			return nil, false, nil
		}
		line = rest
	}
	script, wanted, ok := strings.Cut(line, ": ")
	words := strings.Fields(script)
	if !ok || len(words) == 0 {
		return nil, false, fmt.Errorf("want `stage step=outcome…: steps phase`")
	}
	p := &play{stage: words[0], outcomes: map[string]trial.Outcome{}, wanted: strings.Join(strings.Fields(wanted), " ")}
	for _, word := range words[1:] {
		key, text, _ := strings.Cut(word, "=")
		if key == "filled" {
			p.filled = strings.Split(text, ",")
			continue
		}
		outcome, err := trial.ParseOutcome(text)
		if err != nil {
			return nil, false, err
		}
		p.outcomes[key] = outcome
	}
	return p, true, nil
}

func (p *play) run(minor kargo.Minor, projects []*world.Project) (string, error) {
	project, stage, err := world.FindStage(projects, p.stage)
	if err != nil {
		return "", err
	}
	bench, err := trial.NewBench(minor, nil, project, stage)
	if err != nil {
		return "", err
	}
	return bench.Play(p.filled, p.outcomes)
}
