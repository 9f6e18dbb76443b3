package usage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/usage"
)

// Percentiles of durations from below a microsecond to days, of any number of
// them and merged in any way, are off by the error that is told at most.
func TestPercentilesAreWithinTheError(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var parts [3]usage.Histogram
		all := make([]time.Duration, 1+r.IntN(2000))
		low, high := math.Log(float64(time.Microsecond)), math.Log(float64(100*time.Hour))
		if round%2 == 0 { // close together
			low, high = math.Log(float64(time.Second)), math.Log(float64(3*time.Second))
		}
		for i := range all {
			all[i] = time.Duration(math.Exp(low + r.Float64()*(high-low)))
			parts[r.IntN(len(parts))].Add(all[i])
		}
		var h usage.Histogram
		for i := range parts {
			h.Merge(&parts[i])
		}
		if h.Total() != int64(len(all)) {
			t.Fatalf("of %d durations %d are counted", len(all), h.Total())
		}
		slices.Sort(all)
		for _, p := range []float64{0.001, 0.5, 0.9, 0.95, 0.99, 1} {
			exact := all[int(math.Ceil(p*float64(len(all))))-1]
			if off := math.Abs(float64(h.Percentile(p)-exact)) / float64(exact); off > usage.MaxError+1e-3 {
				t.Errorf("p%v of %d durations is %v, exactly %v: off by %.2f %%", 100*p, len(all), h.Percentile(p), exact, 100*off)
			}
		}
	}
	if usage.MaxError > 0.05 {
		t.Errorf("the error is %v", usage.MaxError)
	}
	var none usage.Histogram
	none.Merge(new(usage.Histogram))
	if none.Percentile(0.5) != 0 {
		t.Error("there is a median of nothing")
	}
	none.Add(-1)
	none.Add(0)
	if none.Percentile(0.5) > 2*time.Microsecond {
		t.Errorf("the median of nothing at all is %v", none.Percentile(0.5))
	}
}

// groupsOf adds an hour up after it has been encoded.
func groupsOf(t *testing.T, h *usage.Hour, by ...usage.By) *usage.Groups {
	t.Helper()
	g := usage.NewGroups(by, time.UTC)
	if err := usage.Decode(h.Append(nil), func(k usage.Key, c *usage.Counts) { g.Add(h.Number(), k, c) }); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestNoiseInNamesIsBounded(t *testing.T) {
	h := usage.NewHour(5, usage.MaxRows)
	const noise = 10_000
	for i := range noise {
		h.Add(&routex.Decision{Model: fmt.Sprint("noise ", i, "\xff"), Class: "caller"})
	}
	for i := range 300 {
		h.Add(&routex.Decision{Model: fmt.Sprint("model ", i), ChannelID: "c", Duration: 1})
	}
	groups := groupsOf(t, h, usage.ByModel)
	if n := len(groups.List()); n > 201 {
		t.Errorf("%d models are counted apart", n)
	}
	if n := groups.Total().Requests; n != noise+300 {
		t.Errorf("%d calls are counted, want %d", n, noise+300)
	}
	for _, g := range groups.List() {
		if g.Model == "model 100" {
			return
		}
	}
	t.Error("noise has displaced the models that channels serve")
}

func TestRowsAreBounded(t *testing.T) {
	h := usage.NewHour(5, usage.MaxRows)
	for i := range 5000 {
		h.Add(&routex.Decision{Model: "m", ChannelID: fmt.Sprint("c", i), Channel: "C", Caller: fmt.Sprint("k", i), Duration: 1})
	}
	groups := groupsOf(t, h, usage.ByChannel, usage.ByKey)
	if n := len(groups.List()); n > 2001 {
		t.Errorf("%d rows are kept of an hour", n)
	}
	if n := groups.Total().Requests; n != 5000 {
		t.Errorf("%d calls are counted, want 5000", n)
	}
}

// An hour for which there is no room is counted as a whole.
func TestAnHourWithoutRoom(t *testing.T) {
	h := usage.NewHour(5, 0)
	for i := range 10 {
		h.Add(&routex.Decision{Model: "m", ChannelID: fmt.Sprint("c", i), Duration: 1})
	}
	if groups := groupsOf(t, h, usage.ByChannel).List(); len(groups) != 1 || groups[0].ChannelID != usage.Other || groups[0].Requests != 10 || h.Parts() != 1 {
		t.Errorf("there are %d groups of %d parts", len(groups), h.Parts())
	}
}

// However long calls take, they are read as they were counted.
func TestLongCallsAreReadAgain(t *testing.T) {
	h := usage.NewHour(5, usage.MaxRows)
	const day = 24 * time.Hour
	for range 10 {
		h.Add(&routex.Decision{Model: "m", ChannelID: "c", Duration: day, FirstByte: time.Millisecond})
	}
	total := groupsOf(t, h, usage.ByModel).Total()
	if p := total.Latency.Percentile(0.5); p < day*96/100 || p > day*104/100 {
		t.Errorf("calls of a day took %v", p)
	}
}

func TestDamageIsTold(t *testing.T) {
	h := usage.NewHour(5, usage.MaxRows)
	for i := range 20 {
		h.Add(&routex.Decision{Model: fmt.Sprint("m", i), Duration: time.Duration(i) * time.Second, Cost: new(0.5)})
	}
	whole := h.Append(nil)
	nothing := func(usage.Key, *usage.Counts) {}
	for n := range 20 {
		if usage.Decode(whole[:n], nothing) == nil && n != 1 { // an hour without calls
			t.Errorf("%d bytes of %d are a whole hour", n, len(whole))
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 { // without a panic, or much memory
		bad := slices.Clone(whole)
		for range 1 + r.IntN(4) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		_ = usage.Decode(bad, nothing)
	}
}

// The days of a zone are its own.
func TestDaysOfAZone(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	g := usage.NewGroups([]usage.By{usage.ByDay}, zone)
	for _, clock := range []string{"2026-05-01T15:59:59Z", "2026-05-01T16:00:00Z", "2026-05-02T15:00:00Z", "1969-12-31T23:59:59Z"} {
		at, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			t.Fatal(err)
		}
		g.Add(usage.HourOf(at), usage.Key{}, &usage.Counts{Requests: 1})
	}
	var got string
	for _, day := range g.List() {
		got += fmt.Sprintln(day.Start.Format(time.RFC3339), day.Requests)
	}
	want := "1970-01-01T00:00:00+08:00 1\n2026-05-01T00:00:00+08:00 1\n2026-05-02T00:00:00+08:00 2\n"
	if got != want {
		t.Errorf("the days are\n%swant\n%s", got, want)
	}
}
