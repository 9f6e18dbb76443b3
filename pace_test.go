package routex

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestPaceIsWhatNineteenOfTwentyKeep(t *testing.T) {
	for name, took := range map[string]func(*rand.Rand) time.Duration{
		"always the same": func(*rand.Rand) time.Duration { return 2 * time.Second },
		"evenly spread":   func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(2 * time.Second))) },
		"mostly quick":    func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * 0.7 * float64(time.Second)) },
	} {
		var p pace
		r := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			p.observe(took(r), 1)
		}
		var above, sum float64
		const n = 5000
		for range n {
			x := took(r)
			if x > p.usual(1) {
				above++
			}
			sum += p.usual(1).Seconds()
			p.observe(x, 1)
		}
		if share, mean := above/n, sum/n; share < 0.03 || share > 0.07 || mean < 1.7 || mean > 2.6 {
			t.Errorf("%s: %.3f are later than the usual, which is %.2f s", name, share, mean)
		}
		if p.seen.Load() != 200+n {
			t.Errorf("%s: %d were seen", name, p.seen.Load())
		}
	}
}

func TestPaceGoesByTheScaleOfCalls(t *testing.T) {
	var p pace
	for i := range 200 {
		scale := float64(1 + i%12)
		p.observe(time.Duration(scale*8*float64(time.Second)), scale)
	}
	near := func(got, want time.Duration) bool { return got > want*95/100 && got < want*125/100 }
	if !near(p.usual(1), 8*time.Second) || !near(p.usual(6), 48*time.Second) || !near(p.limit(1), 24*time.Second) || !near(p.limit(6), 144*time.Second) {
		t.Errorf("usual %v and %v, limits %v and %v", p.usual(1), p.usual(6), p.limit(1), p.limit(6))
	}
}

func TestPaceHasBounds(t *testing.T) {
	var p pace
	if p.limit(1) != minFirstToken || p.usual(1) != 0 {
		t.Errorf("of what is not known: limit %v, usual %v", p.limit(1), p.usual(1))
	}
	p.observe(time.Minute, 1)
	if p.limit(1) != maxFirstToken {
		t.Errorf("limit of a very slow one: %v", p.limit(1))
	}
	for range 300 { // it gets well
		p.observe(time.Second, 1)
	}
	if p.limit(1) != minFirstToken {
		t.Errorf("limit of a quick one: %v, usual %v", p.limit(1), p.usual(1))
	}
	p.cut(20*time.Second, 1)
	if p.limit(1) != 30*time.Second || p.seen.Load() != 301 {
		t.Errorf("after it was given up after 20 s: %v, %d seen", p.limit(1), p.seen.Load())
	}
	if p.cut(10*time.Second, 1); p.limit(1) != 30*time.Second {
		t.Errorf("after it was given up sooner: %v", p.limit(1))
	}
}

func TestWhenAnSDKGivesUp(t *testing.T) {
	for v, want := range map[string]time.Duration{
		"600": 599 * time.Second, "20": 19600 * time.Millisecond, "0.5": 490 * time.Millisecond, "1e3": 999 * time.Second,
		"": 0, "0": 0, "-1": 0, "NaN": 0, "Inf": 0, "1e9": 0, "not_given": 0, "20s": 0,
	} {
		if got := stainlessTimeout(v); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
}
