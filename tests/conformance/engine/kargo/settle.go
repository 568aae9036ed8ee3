package kargo

import (
	"errors"
	"fmt"
	"time"

	"loadline/engine/rules"
)

func (m Minor) validStatus(s Status) bool {
	switch s {
	case Succeeded, Skipped, Failed, Errored, Running:
		return true
	case Aborted:
		return rules.Holds(rules.AbortedIsStatus, m > V5)
	}
	return false
}

// settle records the answer and decides whether the step is done.
func (r *run) settle(step *Step, meta *StepMeta, answer Answer, err error) bool {
	finish := func(status Status, message string) bool {
		r.end(meta)
		meta.Status, meta.Message = status, message
		return true
	}
	if !r.Minor.validStatus(answer.Status) && rules.On(rules.InvalidStatusErrs) {
		return finish(Errored, fmt.Sprintf("invalid status %q", answer.Status))
	}
	meta.Status, meta.Message = answer.Status, answer.Message
	if err != nil {
		switch {
		case meta.Status == Failed && rules.On(rules.FailedStaysFailed):
		case rules.On(rules.ErrorMakesErrored):
			meta.Status = Errored
		}
		meta.Message = err.Error()
	} else if meta.Status == Errored && rules.On(rules.ErroredIsError) {
		err = errors.New("errored without an error")
	}
	switch {
	case meta.Status == Succeeded, meta.Status == Skipped && rules.Holds(rules.SkippedEnds, r.Minor > V5):
		return finish(meta.Status, meta.Message)
	case isTerminal(err) && rules.On(rules.TerminalEnds):
		return finish(r.endOf(meta.Status), meta.Message)
	case err != nil && step.timesOut(r.now, meta) && !rules.On(rules.ThresholdBeforeTimeout):
		return finish(Errored, "timed out")
	case err != nil:
		meta.ErrorCount++
		if meta.ErrorCount >= step.Retry.threshold() || !rules.On(rules.ThresholdCounts) {
			return finish(r.endOf(meta.Status), meta.Message)
		}
	}
	if step.timesOut(r.now, meta) && rules.On(rules.TimeoutEnds) {
		if !rules.On(rules.TimeoutIsErrored) {
			return finish(Failed, "timed out")
		}
		return finish(Errored, "timed out")
	}
	if err == nil && meta.ErrorCount > 0 && rules.Holds(rules.RunningResetsErrors, r.Minor < V11) {
		meta.ErrorCount = 0
	}
	return false
}

// endOf is how a step ends that gave up: Failed stays Failed from 1.10 on.
func (r *run) endOf(status Status) Status {
	if status == Failed && rules.Holds(rules.FailedEndsFailed, r.Minor >= V11) {
		return Failed
	}
	return Errored
}

func (r *Retry) threshold() uint32 {
	if r == nil || r.ErrorThreshold == 0 {
		if rules.On(rules.NoThresholdIsOne) {
			return 1
		}
		return 2
	}
	return r.ErrorThreshold
}

// timesOut tells whether the step takes longer than it may. Within a call a
// little time passes.
func (s *Step) timesOut(now time.Time, meta *StepMeta) bool {
	limit := s.timeout()
	return limit > 0 && now.Add(time.Microsecond).Sub(*meta.StartedAt) > limit
}

// timeout is the step's own or its kind's; only the Argo CD steps have one.
func (s *Step) timeout() time.Duration {
	own := s.Retry != nil && s.Retry.Timeout != nil
	ofKind := s.Uses == "argocd-update" || s.Uses == "argocd-wait"
	switch {
	case own && (!ofKind || rules.On(rules.OwnTimeoutWins)):
		return s.Retry.Timeout.Duration
	case ofKind && rules.On(rules.ArgoCDTimesOut):
		return 5 * time.Minute
	}
	return 0
}

var severity = map[Status]int{Succeeded: 0, Skipped: 1, Aborted: 2, Failed: 3, Errored: 4}

// phase is the worst status among the steps that count.
func (r *run) phase() string {
	worst := Succeeded
	for i, meta := range r.status.Metas {
		if r.promotion.Steps[i].ContinueOnError && rules.On(rules.ContinueOnErrorSparesPhase) {
			continue
		}
		if worse(meta.Status, worst) {
			worst = meta.Status
		}
	}
	if worst == Skipped && rules.On(rules.SkippedIsSuccess) {
		worst = Succeeded
	}
	return string(worst)
}

// worse tells whether a status takes the place of one before.
func worse(status, than Status) bool {
	if status == Errored && than == Failed && !rules.On(rules.ErroredIsWorst) {
		return false
	}
	if status == Failed && than == Aborted && !rules.On(rules.AbortedBelowFailed) {
		return false
	}
	return severity[status] > severity[than] || !rules.On(rules.WorstStatusWins)
}
