package prices_test

import (
	"testing"
	"time"

	"github.com/dctx-team/routex/trace/prices"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// The expected costs are worked out by hand from the rates of the row, in
// dollars.
func TestCost(t *testing.T) {
	full := prices.Rates{
		Input: 3, Output: 15, CacheRead: new(0.3), CacheWrite: new(3.75), CacheWriteHour: new(6.0), Reasoning: new(20.0),
	}
	tests := map[string]struct {
		price prices.Price
		usage prices.Usage
		want  float64
	}{
		"nothing used": {prices.Price{Rates: full}, prices.Usage{}, 0},
		"one token":    {prices.Price{Rates: full}, prices.Usage{Input: 1}, 0.000003},
		"each kind apart": {
			prices.Price{Rates: full},
			prices.Usage{Input: 1000, CacheRead: 20_000, CacheWrite: 3000, CacheWriteHour: 1000, Output: 500, Reasoning: 200},
			0.003 + 0.006 + 2000*3.75e-6 + 0.006 + 300*15e-6 + 200*20e-6,
		},
		"rates that are left out are those of their kind": {
			prices.Price{Rates: prices.Rates{Input: 2, Output: 10}},
			prices.Usage{Input: 1000, CacheRead: 1000, CacheWrite: 1000, CacheWriteHour: 500, Output: 1000, Reasoning: 900},
			0.006 + 0.010,
		},
		"an hour costs as five minutes when only those have a rate": {
			prices.Price{Rates: prices.Rates{Input: 2, Output: 10, CacheWrite: new(4.0)}},
			prices.Usage{CacheWrite: 1000, CacheWriteHour: 1000},
			0.004,
		},
		"a cache that is free": {
			prices.Price{Rates: prices.Rates{Input: 2, Output: 10, CacheRead: new(0.0)}},
			prices.Usage{CacheRead: 1_000_000},
			0,
		},
		"more kept for an hour than written at all": {
			prices.Price{Rates: full}, prices.Usage{CacheWrite: 1000, CacheWriteHour: 5000}, 0.006,
		},
		"counts below zero": {
			prices.Price{Rates: full}, prices.Usage{Input: -5, CacheRead: -1, CacheWrite: -1, CacheWriteHour: -2, Output: -1, Reasoning: -1}, 0,
		},
		"no sum leaves a trace of float64": {
			prices.Price{Rates: prices.Rates{Input: 0.1, Output: 0.2}}, prices.Usage{Input: 1, Output: 1}, 0.0000003,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.price.Cost(tt.usage); got < tt.want-1e-12 || got > tt.want+1e-12 {
				t.Errorf("cost %v, want %v", got, tt.want)
			}
		})
	}
}

// The tokens of caches make a call long as well, and the higher rates are for
// all of it.
func TestCostOfALongCall(t *testing.T) {
	p := prices.Price{
		Rates: prices.Rates{Input: 1, Output: 10, CacheRead: new(0.1)},
		Long: []prices.Tier{
			{Above: 100, Rates: prices.Rates{Input: 2, Output: 20}},
			{Above: 200, Rates: prices.Rates{Input: 4, Output: 40}},
		},
	}
	for _, tt := range []struct {
		usage prices.Usage
		want  float64 // in millionths
	}{
		{prices.Usage{Input: 50, CacheRead: 50, Output: 1}, 50 + 5 + 10},
		{prices.Usage{Input: 50, CacheRead: 50, CacheWrite: 1, Output: 1}, 101*2 + 20},
		{prices.Usage{Input: 200}, 400},
		{prices.Usage{Input: 201, Output: 1}, 804 + 40},
		{prices.Usage{Output: 1000}, 10_000},
	} {
		if got := p.Cost(tt.usage) * 1e6; got < tt.want-1e-6 || got > tt.want+1e-6 {
			t.Errorf("%+v costs %v millionths, want %v", tt.usage, got, tt.want)
		}
	}
}

func TestCostByTime(t *testing.T) {
	p := prices.Price{
		Rates: prices.Rates{Input: 1, Output: 1},
		Peak: []prices.Window{
			{From: "01:00", To: "04:00", Weekdays: true, Rates: prices.Rates{Input: 2}},
			{From: "23:00", To: "00:30", Rates: prices.Rates{Input: 3}},
		},
		Later: []prices.Change{
			{From: "2027-01-01", Rates: prices.Rates{Input: 5}},
			{From: "2027-02-01", Rates: prices.Rates{Input: 6}},
		},
	}
	for when, want := range map[string]float64{
		"2026-11-30 00:59": 1, "2026-11-30 01:00": 2, "2026-11-30 03:59": 2, "2026-11-30 04:00": 1, // a Monday
		"2026-11-29 02:00": 1, "2026-11-28 02:00": 1, // a weekend
		"2026-11-29 23:00": 3, "2026-11-29 00:29": 3, "2026-11-29 00:30": 1,
		"2026-12-31 22:59": 1, "2027-01-01 05:00": 5, "2027-02-01 05:00": 6, "2027-02-01 02:00": 2,
	} {
		if got := p.Cost(prices.Usage{Input: 1e6, At: at(when)}); got != want {
			t.Errorf("at %s a million costs %v, want %v", when, got, want)
		}
	}
	if got := p.Cost(prices.Usage{Input: 1e6, At: at("2026-11-30 09:30").In(time.FixedZone("", 8*3600))}); got != 1 {
		t.Errorf("the time is that of UTC, not of the zone: %v", got)
	}
	if got := p.Cost(prices.Usage{Input: 1e6}); got != 1 {
		t.Errorf("without a time a million costs %v", got)
	}
}
