package router

import (
	"math"
	"sync/atomic"
)

// A Calibration corrects estimates by what a provider reports, whose vocabulary
// may not be the one that the estimate goes by. There is one for each channel,
// or for each model of one. The zero value corrects nothing yet; it is safe for
// concurrent use and must not be copied.
type Calibration struct {
	offset atomic.Int64 // of the factor from 1, in millionths
}

// What bounds a Calibration.
const (
	leastFactor    = 0.5
	mostFactor     = 2.0
	leastEstimate  = 100 // of few tokens most are not text
	newestFraction = 8   // an observation counts for so many parts of the factor
)

// Observe notes what a call was estimated to have as input, before any
// correction, and what the provider says that it had, with what was read from
// a cache and written to one. Calls of less than a hundred tokens say nothing.
func (c *Calibration) Observe(estimated, reported int64) {
	if estimated < leastEstimate || reported <= 0 {
		return
	}
	ratio := min(max(float64(reported)/float64(estimated), leastFactor), mostFactor)
	for {
		old := c.offset.Load()
		factor := 1 + float64(old)/1e6
		next := int64(math.Round((factor + (ratio-factor)/newestFraction - 1) * 1e6))
		if c.offset.CompareAndSwap(old, next) {
			return
		}
	}
}

// Factor is what the provider counts for each token of the estimate, between a
// half and two.
func (c *Calibration) Factor() float64 { return 1 + float64(c.offset.Load())/1e6 }

// Correct gives what the provider will probably count.
func (c *Calibration) Correct(estimated int64) int64 {
	return int64(math.Round(float64(estimated) * c.Factor()))
}
