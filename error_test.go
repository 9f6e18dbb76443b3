package routex_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

func TestAHostFindsTheFailureOfACall(t *testing.T) {
	for _, test := range []struct {
		fault    routextest.Fault
		class    breaker.Class
		status   int
		attempts int
	}{
		{routextest.Fault{Code: routextest.RateLimited, RetryAfter: time.Hour}, breaker.Rate, 429, 2},
		{routextest.Fault{Code: routextest.KeyInvalid}, breaker.Credential, 401, 2},
		{routextest.Fault{Status: 400}, breaker.Caller, 400, 1},
		{routextest.Fault{CutAfter: 3}, breaker.Network, 200, 0},
	} {
		runInBubble(t, string(test.class), func(t *testing.T) {
			first, second := at("first", chatWire()), at("second", chatWire())
			l := newLab(t, routex.Config{Rescue: routex.RescueOff}, first, second)
			test.fault.Times = -1
			first.Always(test.fault)
			second.Always(test.fault)
			h := l.hear(chatWire())
			err := h.d.Err()
			e, ok := errors.AsType[*routex.Error](err)
			if !ok || !errors.Is(err, test.class) || errors.Is(err, breaker.HangUp) {
				t.Fatalf("%v is no %s", err, test.class)
			}
			if e.Class != test.class || e.Status != test.status || e.Message == "" || test.attempts > 0 && len(e.Attempts) != test.attempts {
				t.Errorf("%+v", e)
			}
			e.Attempts[0].Channel = "another"
			if h.d.Attempts[0].Channel != "first" {
				t.Error("the Error shares its attempts with the Decision")
			}
		})
	}
}

func TestAGoodCallIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, routex.Config{}, at("only", chatWire()))
		if h := l.hear(chatWire()); h.d.Err() != nil {
			t.Error(h.d.Err())
		}
		if err := new(routex.Decision).Err(); err != nil {
			t.Errorf("a call that is not over has the error %v", err)
		}
	})
}
