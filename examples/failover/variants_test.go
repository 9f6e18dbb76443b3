package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// variants are other ways to the same ends.
func variants() []scenario {
	const always = -1
	list := []scenario{
		{name: "an error event before the first word", then: routextest.Fault{ErrorEvent: true, Code: routextest.Overloaded, Times: always}, primary: 1},
		{name: "a failed response before the first word", then: routextest.Fault{ErrorEvent: true, Failed: true, Code: routextest.Overloaded, Times: always}, primary: 1},
		{name: "an error event after forty words", first: []routextest.Fault{{ErrorEvent: true, ErrorAfter: 40, Code: routextest.Overloaded}}},
		{name: "a failed response after forty words", first: []routextest.Fault{{ErrorEvent: true, Failed: true, ErrorAfter: 40, Code: routextest.Overloaded}}},
		{name: "an error event after forty words, always", then: routextest.Fault{ErrorEvent: true, ErrorAfter: 40, Code: routextest.Overloaded, Times: always}},
		{name: "cut in good order after forty words", then: routextest.Fault{CutAfter: 40, CutCleanly: true, Times: always}},
		{name: "cut after the first word", first: []routextest.Fault{{CutAfter: 1}}},
		{name: "cut after the last word", first: []routextest.Fault{{CutAfter: 60}}},
		{name: "cut again and again", first: []routextest.Fault{{CutAfter: 20}, {CutAfter: 20}}},
		{name: "cut, and the fallback ignores prefill", then: routextest.Fault{CutAfter: 40, Times: always}, spare: routextest.PrefillIgnore},
		{name: "silent before the first word, for ever", then: routextest.Fault{Stall: 1000 * time.Hour, StallAfter: -1, Times: always}, within: 15 * time.Second},
		{name: "silent after twenty words, for ever", then: routextest.Fault{Stall: 1000 * time.Hour, StallAfter: 20, Times: always}, within: 45 * time.Second},
		{name: "a long Retry-After", then: routextest.Fault{Code: routextest.RateLimited, RetryAfter: time.Hour, Times: always}, primary: 1, within: 5 * time.Second},
		{name: "the quota is exhausted", then: routextest.Fault{Code: routextest.QuotaExhausted, Times: always}, primary: 1},
		{name: "the key is invalid", then: routextest.Fault{Code: routextest.KeyInvalid, Times: always}, primary: 1},
		{name: "a web page with status 200", then: routextest.Fault{Body: "<html>login</html>", ContentType: "text/html", Times: always}},
		{name: "a web page with status 502", then: routextest.Fault{Status: 502, Body: "<html>bad gateway</html>", ContentType: "text/html", Times: always}},
		{name: "an answer without words", then: routextest.Fault{ContentType: "text/event-stream", Body: "\n", Times: always}},
		{name: "overloaded for a second", then: routextest.Fault{Code: routextest.Overloaded, For: time.Second}},
	}
	for i := range list {
		list[i].id = "V" + string(rune('a'+i))
		list[i].complete(1)
	}
	return list
}

func TestVariants(t *testing.T) {
	for _, s := range variants() {
		for _, from := range protocols() {
			for _, to := range protocols() {
				c := &cell{s, from, to}
				alone(t, s.name+"/"+from.name+"/"+to.name, func(t *testing.T) {
					r := inMemory(t, c)
					if v, why := s.judge(r); v != pass {
						t.Errorf("%s: %s\n%s", v, why, view(r))
					}
				})
			}
		}
	}
}

// alone runs a test of its own, in a bubble.
func alone(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// With nobody to go to, the answer is an error that is told at once.
func TestNobodyIsLeft(t *testing.T) {
	for name, fault := range map[string]routextest.Fault{
		"overloaded":                   {Code: routextest.Overloaded},
		"rate limited":                 {Code: routextest.RateLimited, RetryAfter: time.Hour},
		"wrong keys":                   {Code: routextest.KeyInvalid},
		"reset":                        {Reset: true},
		"cut":                          {CutAfter: 40},
		"cut in good order":            {CutAfter: 40, CutCleanly: true},
		"error event":                  {ErrorEvent: true, ErrorAfter: 40},
		"silent before the headers":    {Stall: 1000 * time.Hour},
		"silent before the first word": {Stall: 1000 * time.Hour, StallAfter: -1},
		"silent after twenty words":    {Stall: 1000 * time.Hour, StallAfter: 20},
		"no words":                     {ContentType: "text/event-stream", Body: "\n"},
	} {
		fault.Times = -1
		for _, from := range protocols() {
			for _, to := range protocols() {
				s := scenario{name: "both", then: fault, both: true, within: 6 * time.Minute, tries: 8} // the last one is waited for for ten minutes
				s.complete(1)
				c := &cell{s, from, to}
				alone(t, name+"/"+from.name+"/"+to.name, func(t *testing.T) {
					r := inMemory(t, c)
					v, why := s.judge(r)
					o := r.outcomes[0]
					canBeRescued := fault.CutAfter+fault.ErrorAfter+fault.StallAfter > 0 // word by word, with prefill
					if v != safe && (v != pass || !canBeRescued) || o.Flaw != "" {
						t.Errorf("%s: %s\n%s", v, why, view(r))
					}
				})
			}
		}
	}
}
