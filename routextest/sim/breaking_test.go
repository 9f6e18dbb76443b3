package sim_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/sim"
	"github.com/dctx-team/routex/transform"
)

// roundTripper is a wrapper around the providers that does what no Transport
// should be seen to do.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// copied sends a request once more, with the body that it has.
func copied(r *http.Request, body []byte) *http.Request {
	out := r.Clone(r.Context())
	out.Body = io.NopCloser(bytes.NewReader(body))
	return out
}

// taken reads the body of a request.
func taken(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	return body
}

// again asks as often as it takes to get an answer that fails at, or so many
// times.
func again(next http.RoundTripper, times int, failed func(*http.Response, error) bool) roundTripper {
	return func(r *http.Request) (resp *http.Response, err error) {
		body := taken(r)
		for range times {
			resp, err = next.RoundTrip(copied(r, body))
			if !failed(resp, err) {
				break
			}
		}
		return resp, err
	}
}

// replaced changes what the callers are given.
func replaced(next http.RoundTripper, change func([]byte) []byte) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil || resp.StatusCode != http.StatusOK {
			return resp, err
		}
		body, _ := io.ReadAll(resp.Body) // as far as it comes
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(change(body)))
		return resp, nil
	}
}

// oneSession speaks Anthropic with a channel of Anthropic, whose bytes pass
// untouched.
func oneSession(troubles ...sim.Trouble) sim.Scenario {
	return sim.Scenario{
		Seed:      3,
		Length:    10 * time.Minute,
		Config:    routex.Config{Channels: channels()[:1]},
		Providers: map[string]sim.Provider{"claude": {Troubles: troubles}},
		Traffic:   []sim.Traffic{{Every: 5 * time.Second, Protocols: []transform.Dialect{transform.Anthropic}}},
	}
}

// A balancer that keeps from a channel that could be asked is seen.
func TestBalancerThatPicksNobody(t *testing.T) {
	s := oneSession(sim.Trouble{Kind: sim.Broken, From: time.Minute, For: 5 * time.Minute})
	s.Config.Channels = channels()[:2]
	s.Config.Balancer = balance.Func(func(_ balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
		if candidates[0].Name == "claude" {
			return candidates[0]
		}
		return nil
	})
	if v := violations(t, s); !has(v, sim.Tried, "was not asked") {
		t.Errorf("not seen: %v", v)
	}
	s.Config.Balancer = nil
	if v := violations(t, s); v != nil {
		t.Errorf("with another balancer: %v", v)
	}
}

// A call that nobody answers is seen, and one that holds a channel for ever.
func TestHangs(t *testing.T) {
	s := oneSession()
	s.Config.Channels = channels()[:2]
	s.Traffic[0].Sessions = 3
	for _, test := range []struct {
		rules []router.Rule
		stuck int // the request
		want  sim.Invariant
	}{
		{nil, 2, sim.Answered},
		{[]router.Rule{{Name: "copy", Type: router.Default, TargetChannel: "claude", Shadow: "chat"}}, 0, sim.Idle},
	} {
		s.Config.Rules = test.rules
		var asked atomic.Int64
		s.Wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if n := asked.Add(1); int(n) == test.stuck || test.stuck == 0 && strings.Contains(r.URL.Path, "chat") && n < 6 {
					time.Sleep(10 * time.Hour) // deaf to its context
					return nil, context.Canceled
				}
				return next.RoundTrip(r)
			})
		}
		if v := violations(t, s); !has(v, test.want, "") {
			t.Errorf("a call that hangs is not seen as %q: %v", test.want, v)
		}
	}
}

// violations are those of a run.
func violations(t *testing.T, s sim.Scenario) (out []sim.Violation) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		report, err := sim.Play(s)
		if err != nil {
			t.Fatal(err)
		}
		out = report.Violations
		time.Sleep(20 * time.Hour) // for what the test has let hang: a bubble does not end before
	})
	return out
}

func has(all []sim.Violation, want sim.Invariant, detail string) bool {
	for _, v := range all {
		if v.Invariant == want && strings.Contains(v.Detail, detail) {
			return true
		}
	}
	return false
}
