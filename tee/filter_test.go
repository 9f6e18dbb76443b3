package tee_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex/tee"
)

func TestFilterLetsPassWhatItNames(t *testing.T) {
	good := tee.Record{TraceID: "t", Model: "gpt-5-mini", Channel: "main", ChannelID: "ch-1", Status: 200, Duration: time.Second}
	failed := good
	failed.Status, failed.Class = 503, "overload"
	left := good
	left.Status, left.Class = 0, "hang-up"
	for _, test := range []struct {
		filter             tee.Filter
		good, failed, left bool
	}{
		{tee.Filter{}, true, true, true},
		{tee.Filter{SuccessOnly: true}, true, false, false},
		{tee.Filter{FailureOnly: true}, false, true, true},
		{tee.Filter{StatusCodes: []int{200, 503}}, true, true, false},
		{tee.Filter{StatusCodes: []int{0}}, false, false, true},
		{tee.Filter{Channels: []string{"main"}}, true, true, true},
		{tee.Filter{Channels: []string{"ch-1"}}, true, true, true},
		{tee.Filter{Channels: []string{"other", "ma*"}}, true, true, true},
		{tee.Filter{Channels: []string{"Main", "mai", "main?"}}, false, false, false},
		{tee.Filter{Models: []string{"gpt-5"}}, false, false, false},
		{tee.Filter{Models: []string{"gpt-*mini"}}, true, true, true},
		{tee.Filter{Models: []string{"*5*i*"}}, true, true, true},
		{tee.Filter{Models: []string{"*"}}, true, true, true},
		{tee.Filter{Models: []string{"*x*"}}, false, false, false},
		{tee.Filter{MinLatency: time.Second, MaxLatency: time.Second}, true, true, true},
		{tee.Filter{MinLatency: time.Second + 1}, false, false, false},
		{tee.Filter{MaxLatency: time.Second - 1}, false, false, false},
		{tee.Filter{SampleRate: new(1.0)}, true, true, true},
		{tee.Filter{SampleRate: new(0.0)}, false, false, false},
		{tee.Filter{Models: []string{"gpt-*"}, StatusCodes: []int{503}, FailureOnly: true}, false, true, false},
	} {
		if err := test.filter.Validate(); err != nil {
			t.Errorf("%+v: %v", test.filter, err)
		}
		got := []bool{test.filter.Match(&good), test.filter.Match(&failed), test.filter.Match(&left)}
		if want := []bool{test.good, test.failed, test.left}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v: %v, want %v", test.filter, got, want)
		}
	}
	busy := tee.Filter{Channels: []string{"x", "*a*"}, Models: []string{"*5*i*"}, StatusCodes: []int{200}, SuccessOnly: true, SampleRate: new(1.0), MinLatency: 1}
	if n := testing.AllocsPerRun(100, func() { busy.Match(&good) }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}

// Destinations of one rate get the same calls, and those of a smaller rate
// some of them.
func TestSamplesAreOfOneAnother(t *testing.T) {
	rates := []float64{0.001, 0.01, 0.1, 0.5, 0.9}
	got := make([]int, len(rates))
	const calls = 100_000
	for n := range calls {
		r := &tee.Record{TraceID: fmt.Sprintf("%032x", n)}
		last := false
		for i, rate := range rates {
			f := tee.Filter{SampleRate: new(rate)}
			pass := f.Match(r)
			if last && !pass {
				t.Fatalf("rate %v leaves out what a smaller one lets pass", rate)
			}
			if last = pass; pass {
				got[i]++
			}
		}
	}
	for i, rate := range rates {
		sigma := math.Sqrt(calls * rate * (1 - rate))
		if off := math.Abs(float64(got[i]) - calls*rate); off > 4*sigma {
			t.Errorf("rate %v lets %d of %d calls pass", rate, got[i], calls)
		}
	}
}

func TestEveryMistakeIsNamed(t *testing.T) {
	d := tee.Destination{
		Filter: tee.Filter{
			Channels: []string{"a", " "}, Models: []string{""}, StatusCodes: []int{0, 99, 200, 600}, SuccessOnly: true, FailureOnly: true,
			SampleRate: new(1.5), MinLatency: 2 * time.Second, MaxLatency: time.Second,
		},
		Redact: []string{"a..b"}, Queue: -1, QueueBytes: -1, Batch: -1,
	}
	_, err := tee.Open(d)
	mistakes, ok := errors.AsType[tee.Mistakes](err)
	if !ok {
		t.Fatal(err)
	}
	var fields []string
	for _, m := range mistakes {
		fields = append(fields, m.Field)
		if len(m.Problem) < 10 || !strings.Contains(err.Error(), m.Field+": "+m.Problem) {
			t.Errorf("%+v", m)
		}
	}
	want := "[batch filter.channels[1] filter.failureOnly filter.minLatency filter.models[0] filter.sampleRate filter.statusCodes[1] filter.statusCodes[3] id queue queueBytes redact[0] sink]"
	if fmt.Sprint(fields) != want {
		t.Errorf("mistakes in %v\nwant       in %v", fields, want)
	}
	for _, f := range []tee.Filter{{SampleRate: new(math.NaN())}, {SampleRate: new(-0.1)}, {MinLatency: -1}, {MaxLatency: -1}} {
		if f.Validate() == nil {
			t.Errorf("%+v has no mistake", f)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b", "axxb")
	f.Add("\xff", "\xc4")
	f.Fuzz(func(t *testing.T, pattern, model string) {
		filter := tee.Filter{Models: []string{pattern}}
		got := filter.Match(&tee.Record{Model: model})
		if want := slowGlob(pattern, model); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, model, got, want)
		}
	})
}

// slowGlob says by its form what * means: which beginnings of the text what
// has been read of the pattern fits.
func slowGlob(pattern, s string) bool {
	fits := make([]bool, len(s)+1)
	fits[0] = true
	for _, c := range []byte(pattern) {
		next := make([]bool, len(s)+1)
		for i := range next {
			if c == '*' {
				next[i] = fits[i] || i > 0 && next[i-1]
			} else {
				next[i] = i > 0 && fits[i-1] && s[i-1] == c
			}
		}
		fits = next
	}
	return fits[len(s)]
}

func ExampleFilter() {
	f := tee.Filter{Models: []string{"gpt-*"}, SuccessOnly: true, FailureOnly: true, SampleRate: new(0.1)}
	fmt.Println(f.Validate())
	f.FailureOnly, f.SampleRate = false, nil
	fmt.Println(f.Match(&tee.Record{Model: "gpt-x", Status: 200}), f.Match(&tee.Record{Model: "gpt-x", Status: 503, Class: "overload"}))
	// Output:
	// tee: invalid:
	// 	failureOnly: no call is a success and a failure; leave successOnly or failureOnly out, or both for all calls
	// true false
}
