package trace_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/trace"
)

var epoch = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// recent makes the nth call's span, a second after the one before.
func recent(n int) *trace.Recent {
	r := &trace.Recent{Name: trace.NameCall, Start: epoch.Add(time.Duration(n) * time.Second), Duration: time.Second, Model: fmt.Sprint(n)}
	binary.BigEndian.PutUint64(r.TraceID[8:], uint64(n)+1)
	binary.BigEndian.PutUint64(r.SpanID[:], uint64(n)+1)
	return r
}

func all(*trace.Recent) bool { return true }

func models(spans []trace.Recent) string {
	var names []string
	for _, s := range spans {
		names = append(names, s.Model)
	}
	return strings.Join(names, " ")
}

func TestRingHoldsTheLatest(t *testing.T) {
	r := trace.NewRing(3)
	if got := r.Latest(10, all); len(got) != 0 || r.Stats() != (trace.RingStats{Max: 3}) {
		t.Errorf("an empty one has %v, %+v", got, r.Stats())
	}
	for n := range 10 {
		r.Begin()
		s := recent(n)
		if n%2 == 1 {
			s.Class, s.Duration = "server", 3*time.Second
		}
		r.Add(s)
	}
	r.Begin()
	if got := models(r.Latest(10, all)); got != "9 8 7" {
		t.Errorf("the latest are %s", got)
	}
	if got := models(r.Latest(2, func(s *trace.Recent) bool { return s.Failed() })); got != "9 7" {
		t.Errorf("those that failed are %s", got)
	}
	if got, want := r.Stats(), (trace.RingStats{Total: 4, Completed: 3, Failed: 2, Average: 7 * time.Second / 3, Max: 3}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	for n := range 10 {
		id, span := recent(n).TraceID, recent(n).SpanID
		one, ok := r.Span(span)
		if want := n >= 7; ok != want || len(r.Trace(id)) == 1 != want || ok && one.Model != fmt.Sprint(n) {
			t.Errorf("span %d: %v %+v; its trace has %d", n, ok, one, len(r.Trace(id)))
		}
	}
	if n := r.Clear(epoch.Add(10 * time.Second)); n != 1 || models(r.Latest(10, all)) != "9 7" { // 8 ended at 9, 7 at 10
		t.Errorf("%d are cleared, and %s left", n, models(r.Latest(10, all)))
	}
}

func TestRingAfterClear(t *testing.T) {
	r := trace.NewRing(4)
	for n := range 4 {
		r.Add(recent(n))
	}
	if n := r.Clear(epoch.Add(time.Hour)); n != 4 || r.Stats().Completed != 0 || r.Stats().Average != 0 {
		t.Errorf("%d are cleared: %+v", n, r.Stats())
	}
	for n := 4; n < 10; n++ {
		r.Add(recent(n))
	}
	if got := models(r.Latest(10, all)); got != "9 8 7 6" || r.Stats().Completed != 4 {
		t.Errorf("then there are %s, %+v", got, r.Stats())
	}
}

// A caller can give all its calls one id, or ids that are near each other.
func TestRingWithOneIDForAll(t *testing.T) {
	r := trace.NewRing(0)
	id := recent(1).TraceID
	add := func(n int) {
		for i := range n {
			s := recent(i)
			s.TraceID = id
			binary.BigEndian.PutUint64(s.SpanID[:], uint64(i)<<16|7)
			r.Add(s)
		}
	}
	add(2 * trace.MaxRing)
	if got := r.Trace(id); len(got) != 1000 || got[999].Model != fmt.Sprint(2*trace.MaxRing-1) || !got[0].Start.Before(got[1].Start) {
		t.Errorf("the trace has %d spans", len(got))
	}
	if s := r.Stats(); s.Completed != trace.MaxRing || s.Max != trace.MaxRing {
		t.Errorf("%+v", s)
	}
	start := time.Now()
	add(100_000)
	if took := time.Since(start); took > 5*time.Second { // by far: were each to look at the others, it would be minutes
		t.Errorf("100,000 spans took %v", took)
	}
}

// Texts of callers are bounded, and let go of what they are a part of.
func TestRingBoundsTexts(t *testing.T) {
	r := trace.NewRing(1)
	long := strings.Repeat("é", 1<<20)
	r.Add(&trace.Recent{Name: trace.NameCall, Method: long, Path: long, Model: long, Channel: long, ChannelID: long, Rule: long, RuleID: long, Error: long})
	s := r.Latest(1, all)[0]
	for _, text := range []string{s.Method, s.Path, s.Model, s.Channel, s.ChannelID, s.Rule, s.RuleID, s.Error} {
		if len(text) > 256 || !strings.HasSuffix(text, "é…") {
			t.Errorf("a text has %d bytes, and ends with %q", len(text), text[len(text)-6:])
		}
	}
	if got := trace.Clip("abc", 3); got != "abc" {
		t.Errorf("what is short enough becomes %q", got)
	}
	if got := trace.Clip("abcd", 2); len(got) > 3 {
		t.Errorf("two bytes of abcd are %q", got)
	}
}

func TestRingTakesNoMemory(t *testing.T) {
	r, s := trace.NewRing(100), recent(1)
	if n := testing.AllocsPerRun(1000, func() { r.Begin(); r.Add(s) }); n != 0 {
		t.Errorf("%v allocations for a span", n)
	}
}

func TestRingIsSafe(t *testing.T) {
	r := trace.NewRing(50)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := range 1000 {
				r.Begin()
				r.Add(recent(w*1000 + n))
				r.Span(recent(n).SpanID)
				r.Trace(recent(n).TraceID)
				if n%100 == 0 {
					r.Clear(epoch)
					r.Latest(5, all)
				}
			}
		})
	}
	wg.Wait()
	if s := r.Stats(); s.Total != 50 || s.Completed != 50 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkRing(b *testing.B) {
	r, s := trace.NewRing(0), recent(1)
	b.ReportAllocs()
	for n := range b.N {
		binary.BigEndian.PutUint64(s.TraceID[8:], uint64(n)*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(s.SpanID[:], uint64(n)*0xbf58476d1ce4e5b9)
		r.Begin()
		r.Add(s)
	}
}

func ExampleRing() {
	recent := trace.NewRing(1000) // goes to routex.Config.Recent
	recent.Begin()
	recent.Add(&trace.Recent{Name: trace.NameCall, Model: "gpt-4o", Class: "rate", Duration: time.Second})
	for _, span := range recent.Latest(10, (*trace.Recent).Failed) {
		fmt.Println(span.Model, span.Class, span.Duration)
	}
	fmt.Println(recent.Stats().Completed, "of", recent.Stats().Total)
	// Output:
	// gpt-4o rate 1s
	// 1 of 1
}
