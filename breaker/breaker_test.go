package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
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
		time.Sleep(15*time.Second - 1)
		if _, err := c.Allow(); c.State() != breaker.Open || c.Ready() || !errors.Is(err, breaker.ErrOpen) {
			t.Fatalf("before a quarter of a minute the circuit is %s, ready %v", c.State(), c.Ready())
		}
		time.Sleep(2 * time.Nanosecond)
		if c.State() != breaker.HalfOpen || !c.Ready() {
			t.Fatalf("after a quarter of a minute the circuit is %s, ready %v", c.State(), c.Ready())
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

// outage asks a channel that is down for some time once every interval, and
// gives how often it was asked while down, and how long after its recovery it
// was asked again.
func outage(c *breaker.Circuit, down, every time.Duration) (asked int, late time.Duration) {
	start := time.Now()
	for {
		done, err := c.Allow()
		since := time.Since(start)
		switch {
		case err != nil:
		case since >= down:
			done(nil)
			return asked, since - down
		default:
			asked++
			done(errServer)
		}
		time.Sleep(every)
	}
}

func TestChannelIsUsedAgainSoonAfterItRecovers(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 4 * time.Second, 7 * time.Second} {
		for down := 40 * time.Second; down < 80*time.Second; down += time.Second {
			synctest.Test(t, func(t *testing.T) {
				asked, late := outage(breaker.New(breaker.Settings{}), down, every)
				if late > 15*time.Second+every || asked > 5+4 {
					t.Errorf("down for %v, called every %v: asked %d times while down, and %v late", down, every, asked, late)
				}
			})
		}
	}
}

func TestLongOutageIsProbedLessAndLessOften(t *testing.T) {
	for _, down := range []time.Duration{2 * time.Minute, 4 * time.Minute, time.Hour, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			asked, late := outage(breaker.New(breaker.Settings{}), down, time.Second)
			if most := min(down/4, time.Minute) + 2*time.Second; late > most {
				t.Errorf("down for %v: used again %v late, want at most %v", down, late, most)
			}
			if most := 5 + 12 + int(down/time.Minute); asked > most {
				t.Errorf("down for %v: asked %d times, want at most %d", down, asked, most)
			}
		})
	}
}

func TestUntilTellsWhenTheProbeMayCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1, OpenFor: 8 * time.Second})
		if !c.Until(time.Now()).IsZero() {
			t.Error("a closed circuit waits for something")
		}
		fail(t, c, 1, errServer)
		if got := c.Until(time.Now()); !got.Equal(time.Now().Add(2 * time.Second)) {
			t.Errorf("until %v, want in 2 s", got)
		}
		time.Sleep(2*time.Second + 1)
		if !c.Until(time.Now()).IsZero() || !c.Ready() {
			t.Error("the time is over, and the circuit waits on")
		}
	})
}

// probe brings a circuit to where it admits a probe, and takes it.
func probe(t *testing.T, c *breaker.Circuit) func(error) {
	t.Helper()
	time.Sleep(time.Minute + 1)
	done, err := c.Allow()
	if err != nil {
		t.Fatalf("the probe was refused: %v", err)
	}
	return done
}

func TestProbeThatIsNeverOverKeepsNobodyOutForEver(t *testing.T) {
	hangUp := &breaker.Failure{Class: breaker.HangUp}
	for name, test := range map[string]struct {
		late error // the outcome of the first, once it comes
		want breaker.State
	}{
		"a late success closes":             {nil, breaker.Closed},
		"a late failure opens":              {errServer, breaker.Open},
		"a late hang-up changes nothing":    {hangUp, breaker.HalfOpen},
		"a late credential changes nothing": {&breaker.Failure{Class: breaker.Credential}, breaker.HalfOpen},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := breaker.New(breaker.Settings{Failures: 1})
			fail(t, c, 1, errServer)
			first := probe(t, c)
			time.Sleep(time.Minute - 1)
			if _, err := c.Allow(); err == nil || c.Ready() {
				t.Fatalf("%s: a second probe was admitted too early", name)
			}
			time.Sleep(time.Nanosecond)
			if !c.Ready() {
				t.Fatalf("%s: the lost probe keeps others out", name)
			}
			second, err := c.Allow()
			if err != nil {
				t.Fatalf("%s: the second probe was refused: %v", name, err)
			}
			if _, err := c.Allow(); err == nil || c.Ready() {
				t.Fatalf("%s: a third probe was admitted beside the second", name)
			}
			first(test.late)
			if c.State() != test.want {
				t.Errorf("%s: the circuit is %s, want %s", name, c.State(), test.want)
			}
			if test.want == breaker.HalfOpen {
				if _, err := c.Allow(); err == nil {
					t.Errorf("%s: a third probe was admitted after it", name)
				}
			}
			second(hangUp)
			time.Sleep(time.Minute + 1)
			fail(t, c, 1, nil)
			if c.State() != breaker.Closed {
				t.Errorf("%s: the circuit never closes", name)
			}
		})
	}
}

func TestProbesOfCallersWhoLeaveAreFreeAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1})
		fail(t, c, 1, errServer)
		probe(t, c)(&breaker.Failure{Class: breaker.HangUp})
		for range 1000 {
			fail(t, c, 1, &breaker.Failure{Class: breaker.HangUp, Err: context.Canceled})
		}
		if done, err := c.Allow(); err != nil {
			t.Error("the probe is lost")
		} else {
			done(nil)
		}
	})
}

// An outcome of a call that was sent before the circuit opened says nothing of
// how its channel is now.
func TestOutcomesOfEarlierCallsDoNotEndAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1})
		old, _ := c.Allow()
		older, _ := c.Allow()
		fail(t, c, 1, errServer)
		done := probe(t, c)
		old(nil)
		older(errServer)
		if _, err := c.Allow(); err == nil || c.State() != breaker.HalfOpen {
			t.Errorf("the circuit is %s", c.State())
		}
		done(nil)
		if c.State() != breaker.Closed {
			t.Errorf("after the probe the circuit is %s", c.State())
		}
	})
}

func TestCircuitIsSafeForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := breaker.New(breaker.Settings{Failures: 1, OpenFor: 4 * time.Second, OnChange: func(_, _ breaker.State) {}})
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				for j := range 200 {
					time.Sleep(time.Duration(i+1) * time.Millisecond)
					_, _ = c.Ready(), c.Until(time.Now())
					_ = c.State()
					done, err := c.Allow()
					if err != nil {
						continue
					}
					time.Sleep(time.Millisecond)
					done([]error{nil, errServer, &breaker.Failure{Class: breaker.HangUp}}[(i+j)%3])
				}
			})
		}
		wg.Wait()
		time.Sleep(5 * time.Second)
		done, err := c.Allow()
		if err != nil {
			t.Fatalf("the circuit is stuck: %v", err)
		}
		done(nil)
	})
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
