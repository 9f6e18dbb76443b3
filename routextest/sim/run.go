package sim

import (
	"testing"
	"testing/synctest"
)

// Run plays a scenario in a bubble of its own, and gives the report. A scenario
// or a Config with mistakes ends the test; each violation of an [Invariant] is
// an error of it, and a goroutine that is left over makes it panic.
//
// It must not be called in a bubble; see [Play].
func Run(t *testing.T, s Scenario) *Report {
	t.Helper()
	var report *Report
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		r, err := Play(s)
		if err != nil {
			t.Fatal(err)
		}
		report = r
	})
	if report == nil {
		t.FailNow()
	}
	for _, v := range report.Violations {
		t.Error(v)
	}
	return report
}

// Play is [Run] for a caller who is in a bubble of testing/synctest, and looks
// at the violations by itself. Outside of one it takes as long as what it
// plays. The error tells all mistakes of the scenario, or is a
// [routex.ConfigError].
func Play(s Scenario) (*Report, error) {
	w, err := newWorld(s)
	if err != nil {
		return nil, err
	}
	w.play()
	w.mu.Lock()
	w.report.Length = w.clock.now()
	w.mu.Unlock()
	w.heal()
	w.close()
	return w.summary(), nil
}
