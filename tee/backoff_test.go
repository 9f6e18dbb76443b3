package tee

import (
	"net/http"
	"testing"
	"time"
)

func TestBackoffDoublesUpToItsBound(t *testing.T) {
	b := backoff{min: time.Second, max: time.Minute}
	for n, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 8: time.Minute, 1 << 30: time.Minute} {
		lowest, highest := most, time.Duration(0)
		for range 1000 {
			d := b.pause(n)
			lowest, highest = min(lowest, d), max(highest, d)
		}
		if lowest < most/2 || highest > most || highest-lowest < most/4 {
			t.Errorf("pause %d is from %v to %v, want from %v to %v", n, lowest, highest, most/2, most)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": -1, "soon": -1, "-1": -1, "1.5": -1, "0": 0, "1": time.Second, "60": time.Minute, "61": time.Minute,
		"9223372036854775807": time.Minute, "9223372037": time.Minute, "92233720368547758080": -1,
		now.Add(30 * time.Second).Format(http.TimeFormat): 30 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       0,
		"Fri, 31 Dec 9999 23:59:59 GMT":                   time.Minute,
		"Friday, 02-Jan-26 03:04:10 GMT":                  5 * time.Second, // as RFC 850 has it
		"Fri Jan  2 03:04:25 2026":                        20 * time.Second,
	} {
		got, ok := retryAfter(value, now, time.Minute)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "1", "-1", "9223372036854775807", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		d, ok := retryAfter(value, time.Unix(1767323045, 0), time.Minute)
		if d < 0 || d > time.Minute || !ok && d != 0 {
			t.Errorf("%q gives %v, %v", value, d, ok)
		}
	})
}
