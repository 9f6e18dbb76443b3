package breaker_test

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/dctx-team/routex/breaker"
)

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

func TestLimitLastsAsLongAsTheProviderAsks(t *testing.T) {
	var c breaker.Cooldown
	now := time.Unix(1000, 0)
	if got := c.Limit(now, 7*time.Second, 99); !got.Equal(now.Add(7 * time.Second)) {
		t.Errorf("rests until %v, want 7 s", got)
	}
	if got := c.Limit(now, time.Second, 0); !got.Equal(now.Add(7 * time.Second)) {
		t.Errorf("asked for less, it rests until %v, want 7 s", got)
	}
	if got := c.Limit(now, 9*time.Second, 0); !got.Equal(now.Add(9 * time.Second)) {
		t.Errorf("asked for more, it rests until %v, want 9 s", got)
	}
	if got := c.Limit(now, 100*time.Hour, 0); !got.Equal(now.Add(breaker.MaxCooldown)) {
		t.Errorf("asked for 100 h, it rests until %v, want an hour", got)
	}
}

func TestLimitThatAsksForNothingGrows(t *testing.T) {
	for _, random := range []uint64{0, 12345678901234567890, math.MaxUint64} {
		var c breaker.Cooldown
		now := time.Unix(1000, 0)
		limit := func(want time.Duration) {
			t.Helper()
			end := c.Limit(now, 0, random)
			if got := end.Sub(now); got < want*3/4 || got > min(want*5/4, time.Minute) {
				t.Errorf("rests for %v, want %v or so", got, want)
			}
			if again := c.Limit(now.Add(time.Second), 0, random); !again.Equal(end) {
				t.Errorf("an echo changed the end from %v to %v", end, again)
			}
			now = end
		}
		for _, seconds := range []time.Duration{2, 4, 8, 16, 32, 60, 60, 60} {
			limit(seconds * time.Second)
		}
		c.Reset()
		limit(2 * time.Second)
	}
}

func TestResetLeavesTheRest(t *testing.T) {
	var c breaker.Cooldown
	now := time.Unix(1000, 0)
	end := c.Limit(now, 0, 0)
	c.Reset()
	if got := c.Until(now); !got.Equal(end) {
		t.Errorf("a call that was under way ended the rest: %v, want %v", got, end)
	}
}
