package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// named gives a scenario by its id.
func named(t *testing.T, id string) *scenario {
	t.Helper()
	for _, s := range scenarios(1) {
		if s.id == id {
			return &s
		}
	}
	t.Fatalf("no scenario %s", id)
	return nil
}

// whole is an outcome that nothing is wrong with.
func whole() outcome {
	return outcome{Status: 200, Text: answer, Ended: true, Stop: "stop", Took: time.Second, Model: "m", Input: fallbackUsage.Input, Output: fallbackUsage.Output}
}

// calls are those that began at the times, and were over a second later.
func calls(began time.Time, at ...time.Duration) (out []routextest.Call) {
	for _, d := range at {
		out = append(out, routextest.Call{Time: began.Add(d), Ended: began.Add(d + time.Second)})
	}
	return out
}

func TestWhatACallBringsIsJudged(t *testing.T) {
	part := strings.Join(strings.Fields(answer)[:40], " ")
	for _, test := range []struct {
		name, scenario string
		change         func(*outcome)
		want           verdict
	}{
		{"the whole answer", "S08", func(*outcome) {}, pass},
		{"the whole answer too late", "S07", func(o *outcome) { o.Took = 16 * time.Second }, partial},
		{"a hang", "S07", func(o *outcome) { o.Took = 30 * time.Second }, fail},
		{"an error status", "S08", func(o *outcome) { *o = outcome{Status: 503, Error: "down"} }, safe},
		{"an error event", "S08", func(o *outcome) { o.Text, o.Ended, o.Stop, o.Error = part, false, "", "broke off" }, safe},
		{"an error event after other words", "S08", func(o *outcome) { o.Text, o.Error = "two one", "broke off" }, fail},
		{"part of the answer as the whole", "S08", func(o *outcome) { o.Text = part }, fail},
		{"another reason to stop", "S08", func(o *outcome) { o.Stop = "length" }, fail},
		{"no end", "S08", func(o *outcome) { o.Ended = false }, fail},
		{"a broken connection", "S08", func(o *outcome) { o.Cut = errors.New("reset") }, fail},
		{"words twice", "S08", func(o *outcome) { o.Text = part + " " + answer }, fail},
		{"a broken protocol", "S08", func(o *outcome) { o.Flaw = "an event is no JSON" }, fail},
		{"the provider's refusal", "S13", func(o *outcome) { *o = outcome{Status: 400, Error: "rejected by our safety system"} }, pass},
		{"a filtered answer", "S13", func(o *outcome) { o.Text, o.Stop = "", "filter" }, pass},
		{"a refusal without the reason", "S13", func(o *outcome) { *o = outcome{Status: 502, Error: "no channel is left"} }, fail},
		{"an answer in spite of the refusal", "S13", func(*outcome) {}, fail},
	} {
		o := whole()
		test.change(&o)
		if got, why := named(t, test.scenario).received(&o); got != test.want {
			t.Errorf("%s: %s (%s), want %s", test.name, got, why, test.want)
		}
	}
}

func TestTheConductIsJudged(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	gone := func(at ...time.Duration) func(*result) {
		return func(r *result) {
			for i, d := range at {
				r.primary[i].Gone = r.began.Add(d)
			}
		}
	}
	stalled := func(r *result) { // the first call until 17 s, and then the next
		gone(15 * s)(r)
		r.outcomes[0].Took = 17 * s
		r.outcomes[1].Began = r.began.Add(20 * s)
		r.outcomes[1].Input, r.outcomes[1].Output = primaryUsage.Input, primaryUsage.Output
	}
	back := func(at time.Duration) func(*result) { // from then on the primary answers
		return func(r *result) {
			for i := range r.outcomes {
				if o := &r.outcomes[i]; o.Began.Sub(r.began) >= at {
					o.Model = r.healthy
				}
			}
		}
	}
	nothing := func(*result) {}
	for _, test := range []struct {
		name, scenario    string
		primary, fallback []time.Duration
		change            func(*result)
		want              verdict
	}{
		{"fails over", "S01", []time.Duration{0}, []time.Duration{ms}, nothing, pass},
		{"waits and asks again", "S01", []time.Duration{0, 2 * s}, nil, nothing, pass},
		{"asks again too early", "S01", []time.Duration{0, s}, nil, nothing, partial},
		{"asks again and again", "S01", []time.Duration{0, 2 * s, 4 * s, 6 * s}, nil, nothing, partial},
		{"five tries in three seconds", "S02", []time.Duration{0, 500 * ms, s, 2 * s}, []time.Duration{2500 * ms}, nothing, partial},
		{"a tight loop", "S02", []time.Duration{0, 10 * ms}, []time.Duration{s}, nothing, partial},
		{"hammers", "S02", make([]time.Duration, 20), nil, nothing, fail},
		{"asks again there", "S03", []time.Duration{0, 200 * ms}, nil, nothing, pass},
		{"asks elsewhere", "S03", []time.Duration{0}, []time.Duration{ms}, nothing, partial},
		{"seven tries", "S04", []time.Duration{0, s, 2 * s, 3 * s, 4 * s, 5 * s}, []time.Duration{6 * s}, nothing, partial},
		{"hangs up in time", "S06", []time.Duration{0}, []time.Duration{30 * s}, gone(30 * s), pass},
		{"does not hang up", "S06", []time.Duration{0}, []time.Duration{30 * s}, nothing, partial},
		{"hangs up late", "S06", []time.Duration{0}, []time.Duration{30 * s}, gone(31 * s), partial},
		{"asks the silent one twice", "S06", []time.Duration{0, 30 * s}, []time.Duration{60 * s}, gone(30*s, 60*s), partial},
		{"sees the stall", "S09", []time.Duration{0, 20 * s}, []time.Duration{15 * s}, stalled, pass},
		{"the usage of the next call is another's", "S09", []time.Duration{0, 20 * s}, []time.Duration{15 * s}, func(r *result) {
			stalled(r)
			r.outcomes[1].Input = fallbackUsage.Input
		}, partial},
		{"waits for the end of the stall", "S09", []time.Duration{0, 40 * s}, nil, nothing, partial},
		{"the end is late", "S11", []time.Duration{0}, nil, func(r *result) { r.primary[0].Ended = r.began.Add(-5 * s) }, partial},
		{"no usage", "S11", []time.Duration{0}, nil, func(r *result) { r.outcomes[0].Output = 0 }, partial},
		{"asks for what is too long twice", "S12", []time.Duration{0, s}, []time.Duration{2 * s}, nothing, partial},
		{"the usage of one answer", "S08", []time.Duration{0}, []time.Duration{ms}, nothing, pass},
		{"the usage of an answer that the primary itself went on with", "S08", []time.Duration{0, s}, nil, func(r *result) { r.outcomes[0].Input, r.outcomes[0].Output = 111, 60 }, pass},
		{"the usage of the answer that broke off", "S08", []time.Duration{0}, []time.Duration{ms}, func(r *result) { r.outcomes[0].Input, r.outcomes[0].Output = 111, 40 }, partial},
		{"the usage of the second part alone", "S08", []time.Duration{0}, []time.Duration{ms}, func(r *result) { r.outcomes[0].Output = 22 }, partial},
		{"the usage of both answers", "S14", []time.Duration{0}, []time.Duration{ms}, func(r *result) { r.outcomes[0].Output = 102 }, partial},
		{"no usage of what was rescued", "S14", []time.Duration{0}, []time.Duration{ms}, func(r *result) { r.outcomes[0].Input, r.outcomes[0].Output = 0, 0 }, partial},
		{"few probes, soon back", "S15", []time.Duration{0, 4 * s, 75 * s}, []time.Duration{s}, back(65 * s), pass},
		{"many probes", "S15", append(make([]time.Duration, 11), 70*s), nil, back(65 * s), partial},
		{"asked again but never back", "S15", []time.Duration{0, 75 * s}, []time.Duration{s}, func(*result) {}, partial},
		{"back late", "S15", []time.Duration{0, 95 * s}, nil, back(95 * s), partial},
		{"back while it is down", "S15", []time.Duration{0, 65 * s}, nil, back(50 * s), partial},
		{"the fallback's answer", "S16", []time.Duration{0}, []time.Duration{s}, nothing, pass},
		{"another model", "S16", []time.Duration{0}, []time.Duration{s}, func(r *result) { r.outcomes[0].Model = "assistant" }, partial},
		{"both are billed", "S16", []time.Duration{0}, []time.Duration{s}, func(r *result) { r.outcomes[0].Input = 333 }, partial},
		{"something is left", "S16", []time.Duration{0}, []time.Duration{s}, func(r *result) { r.left = []string{"a connection"} }, fail},
	} {
		began := time.Now()
		r := &result{began: began, healthy: "p", model: "m", primary: calls(began, test.primary...), fallback: calls(began, test.fallback...)}
		one := named(t, test.scenario)
		for range one.calls {
			r.outcomes = append(r.outcomes, whole())
			r.outcomes[len(r.outcomes)-1].Began = began.Add(time.Duration(len(r.outcomes)-1) * one.every)
		}
		if test.scenario == "S11" {
			r.outcomes[0].Input, r.outcomes[0].Output = primaryUsage.Input, primaryUsage.Output
		}
		test.change(r)
		if got, why := one.judge(r); got != test.want {
			t.Errorf("%s %s: %s (%s), want %s", test.scenario, test.name, got, why, test.want)
		}
	}
}

func TestCallsThatAProviderStillAnswersAreSeen(t *testing.T) {
	r := &result{primary: calls(time.Now(), 0, time.Second)}
	if r.stillOpen(); len(r.left) != 0 {
		t.Errorf("found %v", r.left)
	}
	r.primary[1].Ended = time.Time{}
	if r.stillOpen(); len(r.left) != 1 {
		t.Errorf("found %v", r.left)
	}
}
