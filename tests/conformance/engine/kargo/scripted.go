package kargo

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Scripted is what a script says that a step answers, in place of its runner.
type Scripted struct {
	Answer
	// Error is the text of the error that comes with the answer.
	Error *string
	// Terminal errors are not tried again.
	Terminal bool
	// Panic lets the runner panic with this text.
	Panic *string
}

// Give answers. The script stays whole: what a runner gives becomes part of the state.
func (s Scripted) Give() (Answer, error) {
	if s.Panic != nil {
		panic(*s.Panic)
	}
	answer := s.Answer
	answer.Output, _ = Plain(s.Output).(map[string]any)
	if s.Error == nil {
		return answer, nil
	}
	err := errors.New(*s.Error)
	if s.Terminal {
		return answer, &Terminal{Err: err}
	}
	return answer, err
}

// Plain is a copy of a value, as JSON has it.
func Plain(value any) any {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("no JSON: %v", err)
	}
	var read any
	_ = json.Unmarshal(written, &read)
	return read
}
