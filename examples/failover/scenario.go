package main

import (
	"slices"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// A scenario is one way in which the primary breaks, and what is expected of
// who stands between it and the caller.
type scenario struct {
	id, name string

	// What the primary does: faults one after the other, then one for ever.
	first []routextest.Fault
	then  routextest.Fault
	// spare is what the fallback does with a prefill.
	spare routextest.Prefill
	both  bool // the fallback does as the primary
	// larger gives the fallback a model with a larger window.
	larger bool

	calls int           // 0 means one
	every time.Duration // from one call to the next

	refusal bool          // the answer is an error of the provider
	within  time.Duration // of every call; 0 means a minute
	tries   int           // at most, of all calls together; 0 means six
	primary int           // at most, of those at the primary; 0 means any number
	fixed   bool          // its times cannot be shortened
	conduct func(r *result) string
}

// scenarios lists them, with their times divided.
func scenarios(divisor time.Duration) []scenario {
	list := []scenario{
		{
			id: "S01", name: "429 with Retry-After 2, once", fixed: true,
			first: []routextest.Fault{{Code: routextest.RateLimited, RetryAfter: 2 * time.Second}},
			tries: 3, conduct: noEarlyReturn(2 * time.Second),
		},
		{
			id: "S02", name: "429 for ever, no header", fixed: true,
			then:    routextest.Fault{Code: routextest.RateLimited, Times: -1},
			conduct: backsOff,
		},
		{
			id: "S03", name: "500 once",
			first: []routextest.Fault{{Status: 500}},
			tries: 2, primary: 2, conduct: retriedThere,
		},
		{
			id: "S04", name: "503 for ever",
			then: routextest.Fault{Code: routextest.Overloaded, Times: -1},
		},
		{
			id: "S05", name: "reset before the headers, once",
			first: []routextest.Fault{{Reset: true}},
			tries: 4,
		},
		{
			id: "S06", name: "no response for 120 s",
			then:   routextest.Fault{Stall: 120 * time.Second, Times: -1},
			within: 100 * time.Second, primary: 1, conduct: hungUp,
		},
		{
			id: "S07", name: "first token after 20 s",
			then:   routextest.Fault{Stall: 20 * time.Second, StallAfter: -1, Times: -1},
			within: 15 * time.Second, conduct: hungUp,
		},
		{
			id: "S08", name: "cut after 40 of 60 tokens",
			then:    routextest.Fault{CutAfter: 40, Times: -1},
			conduct: countedOnce,
		},
		{
			id: "S09", name: "silent for 30 s after 20 tokens",
			first:  []routextest.Fault{{Stall: 30 * time.Second, StallAfter: 20}},
			within: 45 * time.Second, calls: 2, conduct: sawTheStall,
		},
		{
			id: "S10", name: "an invalid event at 10",
			first: []routextest.Fault{{Garbage: 10}},
			tries: 1,
		},
		{
			id: "S11", name: "ends without its end mark",
			first: []routextest.Fault{{NoEndMark: true}},
			tries: 1, conduct: finishedAtOnce,
		},
		{
			id: "S12", name: "400 context too long",
			then:    routextest.Fault{Code: routextest.ContextTooLong, Times: -1},
			primary: 1, larger: true,
		},
		{
			id: "S13", name: "400 content policy",
			then:    routextest.Fault{Code: routextest.ContentBlocked, Times: -1},
			refusal: true, tries: 1,
		},
		{
			id: "S14", name: "cut at 40, prefill refused",
			first: []routextest.Fault{{CutAfter: 40}},
			then:  routextest.Fault{Code: routextest.Overloaded, Times: -1},
			spare: routextest.PrefillRefuse, conduct: countedOnce,
		},
		{
			id: "S15", name: "down for 60 s, then healthy", fixed: true,
			then:  routextest.Fault{Status: 503, For: outage},
			calls: 20, every: 80 * time.Second / 19, tries: 40, conduct: cameBack,
		},
		{
			id: "S16", name: "503 for ever, whose answer",
			then:    routextest.Fault{Code: routextest.Overloaded, Times: -1},
			conduct: toldTheFallbacks,
		},
	}
	for i := range list {
		list[i].complete(divisor)
	}
	return list
}

// outage is how long the primary is down in S15.
const outage = 60 * time.Second

func (s *scenario) complete(divisor time.Duration) {
	s.calls = max(s.calls, 1)
	if s.within == 0 {
		s.within = time.Minute
	}
	if s.tries == 0 {
		s.tries = 6
	}
	if s.fixed {
		return
	}
	s.within /= divisor
	s.then.Stall /= divisor
	for i := range s.first {
		s.first[i].Stall /= divisor
	}
}

// patience is how long a caller waits before it is said to hang.
func (s *scenario) patience() time.Duration { return 2 * s.within }

// play makes a provider meet what the scenario says.
func (s *scenario) play(p *routextest.Provider) {
	p.Fail(slices.Clone(s.first)...)
	p.Always(s.then)
}
