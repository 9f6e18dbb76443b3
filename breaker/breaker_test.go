package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
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

func TestClassOfEveryStatus(t *testing.T) {
	special := map[int]breaker.Class{
		401: breaker.Credential, 402: breaker.Credential, 403: breaker.Credential,
		429: breaker.Rate, 503: breaker.Overload, 529: breaker.Overload,
		408: breaker.Conflict, 409: breaker.Conflict, 425: breaker.Conflict,
	}
	for status := 100; status < 1000; status++ {
		want, ok := special[status]
		switch {
		case ok:
		case status < 400:
			want = breaker.OK
		case status < 500:
			want = breaker.Caller
		default:
			want = breaker.Server
		}
		if got := breaker.ClassOf(status); got != want {
			t.Errorf("status %d is of class %q, want %q", status, got, want)
		}
	}
}

func TestWhatEachClassMeans(t *testing.T) {
	for class, want := range map[breaker.Class][2]bool{ // next channel, counted
		breaker.OK: {}, breaker.Caller: {}, breaker.HangUp: {},
		breaker.Credential: {true, false}, breaker.Rate: {true, false},
		breaker.Overload: {true, true}, breaker.Server: {true, true}, breaker.Conflict: {true, true},
		breaker.Network: {true, true}, breaker.Timeout: {true, true},
	} {
		if got := [2]bool{class.Next(), class.Counted()}; got != want {
			t.Errorf("class %q: next and counted are %v, want %v", class, got, want)
		}
	}
}

func TestFailureSaysWhatHappened(t *testing.T) {
	cause := errors.New("refused")
	for want, f := range map[string]*breaker.Failure{
		"network: refused":   {Class: breaker.Network, Err: cause},
		"server: status 500": errServer,
		"hang-up":            {Class: breaker.HangUp},
	} {
		if f.Error() != want {
			t.Errorf("%q, want %q", f.Error(), want)
		}
	}
	if !errors.Is(&breaker.Failure{Err: cause}, cause) {
		t.Error("the cause cannot be found")
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

func TestCooldownNeverGetsShorter(t *testing.T) {
	var c breaker.Cooldown
	now := time.Unix(100, 0)
	if !c.Until(now).IsZero() {
		t.Error("the zero value is not over")
	}
	c.Extend(now.Add(10 * time.Second))
	c.Extend(now.Add(3 * time.Second))
	if got := c.Until(now); !got.Equal(now.Add(10 * time.Second)) {
		t.Errorf("rests until %v", got)
	}
	if !c.Until(now.Add(10 * time.Second)).IsZero() {
		t.Error("the rest does not end")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, test := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "2", 2 * time.Second},
		{"Retry-After", "0.5", 500 * time.Millisecond},
		{"Retry-After", now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{"Retry-After", now.Add(-time.Hour).Format(http.TimeFormat), 0},
		{"Retry-After", "-3", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "", 0},
		{"Retry-After", strconv.FormatFloat(math.MaxFloat64, 'g', -1, 64), breaker.MaxCooldown},
		{"Retry-After", "+Inf", breaker.MaxCooldown},
		{"Retry-After-Ms", "1500", 1500 * time.Millisecond},
	} {
		if got := breaker.RetryAfter(http.Header{test.name: {test.value}}, now); got != test.want {
			t.Errorf("%s: %s gives %v, want %v", test.name, test.value, got, test.want)
		}
	}
	both := http.Header{"Retry-After": {"9"}, "Retry-After-Ms": {"20"}}
	if got := breaker.RetryAfter(both, now); got != 20*time.Millisecond {
		t.Errorf("with both headers: %v; milliseconds are the more exact", got)
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
