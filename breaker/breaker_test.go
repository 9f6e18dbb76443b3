package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/breaker"
)

var errServer = &breaker.Failure{Class: breaker.Server, Status: 500}

// fail runs n calls that end with err.
func fail(t *testing.T, c *breaker.Circuit, n int, err error) {
	t.Helper()
	for i := range n {
		done, refused := c.Allow()
		if refused != nil {
			t.Fatalf("call %d was refused: %v", i, refused)
		}
		done(err)
	}
}

func TestCircuitOpensProbesAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		c := breaker.New(breaker.Settings{OnChange: func(from, to breaker.State) {
			changes = append(changes, string(from+" to "+to))
		}})
		fail(t, c, 4, errServer)
		if c.State() != breaker.Closed || !c.Ready() {
			t.Fatalf("after 4 failures the circuit is %s", c.State())
		}
		fail(t, c, 1, errServer)
		if _, err := c.Allow(); c.State() != breaker.Open || c.Ready() || !errors.Is(err, breaker.ErrOpen) {
			t.Fatalf("after 5 failures the circuit is %s, Allow gives %v", c.State(), err)
		}
		time.Sleep(time.Minute + 1)
		if c.State() != breaker.HalfOpen || !c.Ready() {
			t.Fatalf("after a minute the circuit is %s, ready %v", c.State(), c.Ready())
		}
		probe, err := c.Allow()
		if err != nil {
			t.Fatalf("the probe was refused: %v", err)
		}
		if _, err := c.Allow(); err == nil || c.Ready() {
			t.Fatal("a second probe was admitted beside the first")
		}
		probe(nil)
		if c.State() != breaker.Closed {
			t.Fatalf("after a good probe the circuit is %s", c.State())
		}
		want := "[closed to open open to half-open half-open to closed]"
		if got := fmt.Sprint(changes); got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
}

func TestFailedProbeOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1, OpenFor: time.Second})
		fail(t, c, 1, errServer)
		time.Sleep(time.Second + 1)
		fail(t, c, 1, errServer)
		if c.State() != breaker.Open {
			t.Errorf("after a failed probe the circuit is %s", c.State())
		}
	})
}

func TestProbeOfACallerWhoLeftIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1, OpenFor: time.Second})
		fail(t, c, 1, errServer)
		time.Sleep(time.Second + 1)
		fail(t, c, 1, &breaker.Failure{Class: breaker.HangUp, Err: context.Canceled})
		if c.State() != breaker.HalfOpen || !c.Ready() {
			t.Errorf("after the caller left, the circuit is %s and ready is %v", c.State(), c.Ready())
		}
		fail(t, c, 1, nil)
		if c.State() != breaker.Closed {
			t.Errorf("after a good probe the circuit is %s", c.State())
		}
	})
}

func TestFailuresThatAreNotTheChannelsDoNotCount(t *testing.T) {
	for _, class := range []breaker.Class{breaker.Caller, breaker.Credential, breaker.Rate, breaker.HangUp} {
		c := breaker.New(breaker.Settings{})
		fail(t, c, 20, fmt.Errorf("wrapped: %w", &breaker.Failure{Class: class}))
		if c.State() != breaker.Closed {
			t.Errorf("20 failures of class %s opened the circuit", class)
		}
	}
}

func TestSuccessForgivesEarlierFailures(t *testing.T) {
	c := breaker.New(breaker.Settings{})
	fail(t, c, 4, errServer)
	fail(t, c, 1, nil)
	fail(t, c, 4, errServer)
	if c.State() != breaker.Closed {
		t.Error("failures before a success were counted")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for _, s := range []breaker.Settings{{Failures: -1}, {OpenFor: -1}} {
		if s.Validate() == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
	if err := (breaker.Settings{}).Validate(); err != nil {
		t.Errorf("the zero value was refused: %v", err)
	}
}

func ExampleCircuit() {
	circuit := breaker.New(breaker.Settings{Failures: 2})
	for range 3 {
		done, err := circuit.Allow()
		if err != nil {
			fmt.Println(err)
			continue
		}
		done(&breaker.Failure{Class: breaker.ClassOf(http.StatusBadGateway), Status: http.StatusBadGateway})
		fmt.Println(circuit.State())
	}
	// Output:
	// closed
	// open
	// breaker: circuit open
}
