package balance_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dctx-team/routex/balance"
)

func TestReadLimits(t *testing.T) {
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	for name, test := range map[string]struct {
		header map[string]string
		want   balance.Limits
	}{
		"OpenAI": {map[string]string{
			"x-ratelimit-limit-requests": "10000", "x-ratelimit-remaining-requests": "9999", "x-ratelimit-reset-requests": "120ms",
			"x-ratelimit-limit-tokens": "2000000", "x-ratelimit-remaining-tokens": "1999712", "x-ratelimit-reset-tokens": "6m0s",
		}, balance.Limits{Requests: balance.Limit{Limit: 10000, Remaining: 9999, Reset: in(120 * time.Millisecond)}, Tokens: balance.Limit{Limit: 2000000, Remaining: 1999712, Reset: in(6 * time.Minute)}}},
		"Groq": {map[string]string{
			"x-ratelimit-limit-requests": "14400", "x-ratelimit-remaining-requests": "14370", "x-ratelimit-reset-requests": "2m59.56s",
		}, balance.Limits{Requests: balance.Limit{Limit: 14400, Remaining: 14370, Reset: in(2*time.Minute + 59560*time.Millisecond)}}},
		"Azure, which does not say when": {map[string]string{
			"x-ratelimit-remaining-requests": "249", "x-ratelimit-limit-requests": "250", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-limit-tokens": "250000",
		}, balance.Limits{Requests: balance.Limit{Limit: 250, Remaining: 249, Reset: in(time.Minute)}, Tokens: balance.Limit{Limit: 250000, Reset: in(time.Minute)}}},
		"Anthropic": {map[string]string{
			"anthropic-ratelimit-requests-limit": "4000", "anthropic-ratelimit-requests-remaining": "3999", "anthropic-ratelimit-requests-reset": "2025-06-01T12:00:01Z",
			"anthropic-ratelimit-tokens-limit": "480000", "anthropic-ratelimit-tokens-remaining": "471000", "anthropic-ratelimit-tokens-reset": "2025-06-01T12:00:02Z",
			"anthropic-ratelimit-input-tokens-limit": "400000", "anthropic-ratelimit-input-tokens-remaining": "399000", "anthropic-ratelimit-input-tokens-reset": "2025-06-01T12:00:03Z",
		}, balance.Limits{Requests: balance.Limit{Limit: 4000, Remaining: 3999, Reset: in(time.Second)}, Tokens: balance.Limit{Limit: 480000, Remaining: 471000, Reset: in(2 * time.Second)}}},
		"Anthropic's input only": {map[string]string{
			"anthropic-ratelimit-input-tokens-limit": "400000", "anthropic-ratelimit-input-tokens-remaining": "7", "anthropic-ratelimit-input-tokens-reset": "2025-06-01T14:00:03+02:00",
		}, balance.Limits{Tokens: balance.Limit{Limit: 400000, Remaining: 7, Reset: in(3 * time.Second)}}},
		"seconds":       {map[string]string{"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1.5"}, balance.Limits{Requests: balance.Limit{Remaining: 1, Reset: in(1500 * time.Millisecond)}}},
		"none":          {map[string]string{"content-type": "application/json"}, balance.Limits{}},
		"nonsense":      {map[string]string{"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "few", "x-ratelimit-remaining-tokens": "-3", "x-ratelimit-reset-tokens": "soon"}, balance.Limits{}},
		"nonsense else": {map[string]string{"x-ratelimit-limit-tokens": "?", "x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "-3s"}, balance.Limits{Tokens: balance.Limit{Remaining: 5, Reset: in(time.Minute)}}},
	} {
		h := http.Header{}
		for k, v := range test.header {
			h.Set(k, v)
		}
		got := balance.ReadLimits(h, now)
		if !same(got.Requests, test.want.Requests) || !same(got.Tokens, test.want.Tokens) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func same(a, b balance.Limit) bool {
	return a.Limit == b.Limit && a.Remaining == b.Remaining && a.Reset.Equal(b.Reset)
}

func TestLimitsAreKept(t *testing.T) {
	var l balance.Load
	if got := l.Limits(); got != (balance.Limits{}) {
		t.Errorf("the zero Load has limits %+v", got)
	}
	reset := time.Unix(100, 5)
	first := balance.Limits{Requests: balance.Limit{Limit: 10, Remaining: 0, Reset: reset}}
	l.ObserveLimits(first)
	l.ObserveLimits(balance.Limits{Tokens: balance.Limit{Remaining: 7}})
	got := l.Limits()
	if !same(got.Requests, first.Requests) || !same(got.Tokens, balance.Limit{Remaining: 7}) {
		t.Errorf("limits %+v", got)
	}
}

func TestReadingLimitsDoesNotAllocate(t *testing.T) {
	h := http.Header{}
	h.Set("x-ratelimit-limit-requests", "10000")
	h.Set("x-ratelimit-remaining-requests", "9999")
	h.Set("x-ratelimit-reset-requests", "6m0s")
	var l balance.Load
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() { l.ObserveLimits(balance.ReadLimits(h, now)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
