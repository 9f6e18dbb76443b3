package sim_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/routextest/sim"
)

// Every invariant is seen to break by something that breaks it.
func TestBrokenInvariants(t *testing.T) {
	limited := func(resp *http.Response, _ error) bool {
		return resp != nil && resp.StatusCode == http.StatusTooManyRequests
	}
	failed := func(resp *http.Response, err error) bool { return err != nil || resp.StatusCode >= 500 }
	always := func(*http.Response, error) bool { return true }
	for _, test := range []struct {
		name   string
		want   sim.Invariant
		detail string
		s      sim.Scenario
		wrap   func(http.RoundTripper) http.RoundTripper
	}{
		{
			name: "a limit is not heeded", want: sim.Hammering, detail: "before the rest is over",
			s:    oneSession(sim.Trouble{Kind: sim.Limited, Share: .3}),
			wrap: func(next http.RoundTripper) http.RoundTripper { return again(next, 3, limited) },
		},
		{
			name: "an outage is not heeded", want: sim.Hammering, detail: "circuit is open",
			s:    oneSession(sim.Trouble{Kind: sim.Broken, From: time.Minute, For: 2 * time.Minute}),
			wrap: func(next http.RoundTripper) http.RoundTripper { return again(next, 4, failed) },
		},
		{
			name: "a failure is repeated at once", want: sim.Hammering, detail: "after it failed",
			s:    oneSession(sim.Trouble{Kind: sim.Broken, Share: .2}),
			wrap: func(next http.RoundTripper) http.RoundTripper { return again(next, 2, failed) },
		},
		{
			name: "a call is made again and again", want: sim.Budget, detail: "may make 6",
			s:    oneSession(),
			wrap: func(next http.RoundTripper) http.RoundTripper { return again(next, 8, always) },
		},
		{
			name: "retries are without end", want: sim.Budget, detail: "used up",
			s: func() sim.Scenario {
				s := oneSession(sim.Trouble{Kind: sim.Overloaded})
				s.Config.MaxAttempts = 100
				return s
			}(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return again(next, 30, failed)
			},
		},
		{
			name: "a deadline is not kept", want: sim.Budget, detail: "waits for",
			s: func() sim.Scenario {
				s := oneSession(sim.Trouble{Kind: sim.Silent, Share: .2})
				s.Traffic[0].Deadline = 5 * time.Second
				return s
			}(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := next.RoundTrip(r)
					if err != nil {
						time.Sleep(time.Second)
					}
					return resp, err
				})
			},
		},
		{
			name: "a caller who has left is not noticed", want: sim.Budget, detail: "caller has left",
			s: func() sim.Scenario {
				s := oneSession(sim.Trouble{Kind: sim.Silent, Share: .2})
				s.Traffic[0].Deadline = 5 * time.Second
				return s
			}(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return again(next, 2, func(_ *http.Response, err error) bool { return err != nil })
			},
		},
		{
			name: "words are lost", want: sim.Truncated, detail: "none that a provider said",
			s: oneSession(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return replaced(next, func(b []byte) []byte { return bytes.Replace(b, []byte(" river"), nil, 1) })
			},
		},
		{
			name: "a cut answer is given a good end", want: sim.Truncated, detail: "none that a provider said",
			s: oneSession(sim.Trouble{Kind: sim.Cut, Share: .3}),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return replaced(next, func(b []byte) []byte {
					const end = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
					if bytes.HasSuffix(b, []byte(end)) || !bytes.Contains(b, []byte("content_block_delta")) {
						return b
					}
					return append(b, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"+
						"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n"+end...)
				})
			},
		},
		{
			name: "requests are damaged", want: sim.Malformed, detail: "refused the request",
			s: oneSession(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(r *http.Request) (*http.Response, error) {
					return next.RoundTrip(copied(r, bytes.Replace(taken(r), []byte(`"messages"`), []byte(`"massages"`), 1)))
				})
			},
		},
		{
			name: "an attempt is hidden", want: sim.Settled, detail: "came to providers",
			s:    oneSession(sim.Trouble{Kind: sim.Broken, Share: .1}),
			wrap: func(next http.RoundTripper) http.RoundTripper { return again(next, 2, failed) },
		},
		{
			name: "a provider stays broken", want: sim.Recovery, detail: "not served",
			s: oneSession(),
			wrap: func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(r *http.Request) (*http.Response, error) {
					if strings.Contains(string(taken(r)), "well") { // the call that looks whether all is well
						return nil, errors.New("still broken")
					}
					return nil, errors.New("broken")
				})
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.s.Wrap = test.wrap
			v := violations(t, test.s)
			if !has(v, test.want, test.detail) {
				t.Errorf("no violation of %q that tells %q, but %v", test.want, test.detail, v)
			}
			test.s.Wrap = nil
			if v := violations(t, test.s); v != nil {
				t.Errorf("without what breaks it: %v", v)
			}
		})
	}
}
