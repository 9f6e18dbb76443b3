package router_test

import (
	"math"
	"sync"
	"testing"

	"github.com/dctx-team/routex/router"
)

func TestCalibrationComesNearTheProvider(t *testing.T) {
	for _, real := range []float64{0.6, 0.9, 1, 1.25, 1.9} {
		var c router.Calibration
		for i := range int64(60) {
			estimated := 1000 + 97*i
			c.Observe(estimated, int64(float64(estimated)*real))
		}
		if got := c.Correct(10_000); math.Abs(float64(got)-10_000*real) > 10_000*.01 {
			t.Errorf("a provider that counts %v times as many: 10000 are corrected to %d", real, got)
		}
	}
}

func TestCalibrationOfNothingIsNone(t *testing.T) {
	var c router.Calibration
	if c.Correct(123) != 123 || c.Factor() != 1 {
		t.Errorf("the zero value corrects 123 to %d, by %v", c.Correct(123), c.Factor())
	}
	for _, call := range [][2]int64{{0, 500}, {-5, 500}, {99, 500}, {500, 0}, {500, -1}} {
		if c.Observe(call[0], call[1]); c.Correct(1000) != 1000 {
			t.Errorf("%v made 1000 %d", call, c.Correct(1000))
		}
	}
}

// One absurd report must not make estimates absurd, nor many of them.
func TestCalibrationIsBounded(t *testing.T) {
	var c router.Calibration
	if c.Observe(1000, math.MaxInt64); c.Factor() > 1.2 {
		t.Errorf("one report makes the factor %v", c.Factor())
	}
	for range 1000 {
		c.Observe(1000, math.MaxInt64)
	}
	if got := c.Correct(1000); got < 1990 || got > 2000 {
		t.Errorf("1000 tokens are corrected to %d", got)
	}
	for range 1000 {
		c.Observe(math.MaxInt64, 1)
	}
	if got := c.Correct(1000); got < 500 || got > 510 {
		t.Errorf("1000 tokens are corrected to %d", got)
	}
}

func TestCalibrationForgets(t *testing.T) {
	var c router.Calibration
	for range 50 {
		c.Observe(1000, 1500)
	}
	for range 50 {
		c.Observe(1000, 800)
	}
	if got := c.Correct(1000); got < 795 || got > 810 {
		t.Errorf("a model that was changed is corrected to %d, want 800", got)
	}
}

func TestCalibrationIsSafeForConcurrentUse(t *testing.T) {
	var c router.Calibration
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				c.Observe(1000, 1250)
				c.Correct(10)
			}
		})
	}
	wg.Wait()
	if got := c.Correct(1000); got < 1240 || got > 1260 {
		t.Errorf("corrected to %d, want 1250", got)
	}
}
