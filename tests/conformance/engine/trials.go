package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"

	"loadline/engine/schema"
	"loadline/engine/trials"
)

// judgeTrials answers the lines of files, or of standard input, until it ends.
func judgeTrials(args []string) (bool, error) {
	flags := flag.NewFlagSet("trials", flag.ExitOnError)
	minorText := flags.String("kargo", "1.11", "minor version of Kargo")
	folder := flags.String("schemas", "", "folder of the official step schemas of this minor (default: settings are not checked)")
	files := parse(flags, args)
	minor, err := parseMinor(*minorText)
	if err != nil {
		return false, err
	}
	var schemas *schema.Set
	if *folder != "" {
		if schemas, err = schema.Open(*folder); err != nil {
			return false, err
		}
	}
	judge := trials.NewJudge(minor, schemas)
	if len(files) == 0 {
		return answerLines(judge, os.Stdin, os.Stdout)
	}
	good := true
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return false, err
		}
		readable, err := answerLines(judge, file, os.Stdout)
		file.Close()
		if err != nil {
			return false, err
		}
		good = good && readable
	}
	return good, nil
}

// answerLines writes an answer for every line, and flushes when no further line
// has come in yet, so that a caller may wait for each answer. It tells whether
// all lines could be read.
func answerLines(judge *trials.Judge, in io.Reader, out io.Writer) (bool, error) {
	lines, written := bufio.NewReaderSize(in, 1<<20), bufio.NewWriterSize(out, 1<<16)
	answers := json.NewEncoder(written)
	answers.SetEscapeHTML(false)
	good := true
	for {
		line, end := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			result := judge.Judge(line)
			good = good && result.Error == ""
			if err := answers.Encode(result); err != nil {
				return false, err
			}
		}
		if end != nil && !errors.Is(end, io.EOF) {
			return false, end
		}
		if end != nil || lines.Buffered() == 0 {
			if err := written.Flush(); err != nil {
				return false, err
			}
		}
		if end != nil {
			return good, nil
		}
	}
}
