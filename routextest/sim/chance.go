package sim

import (
	"math"
	"math/rand/v2"
	"time"
)

// A Latency is a time that differs from one call to the next: half of them are
// below Median, one of a hundred is above P99. The logarithm is distributed
// normally, as is usual for waiting. A P99 that is not above Median means that
// all are alike.
type Latency struct{ Median, P99 time.Duration }

// normalP99 is what one of a hundred is above, in standard deviations.
const normalP99 = 2.326

// draw gives one of them, within a bound that keeps a single one from deciding
// the whole run. No two are alike to the nanosecond, but for chance.
func (l Latency) draw(r *rand.Rand) time.Duration {
	if l.P99 <= l.Median {
		return jittered(l.Median, r)
	}
	sigma := math.Log(float64(l.P99)/float64(max(l.Median, 1))) / normalP99
	d := float64(l.Median) * math.Exp(sigma*r.NormFloat64())
	return min(time.Duration(d), 3*l.P99)
}

// jittered is d within a thousandth.
func jittered(d time.Duration, r *rand.Rand) time.Duration {
	if d < time.Microsecond {
		return d
	}
	return d + time.Duration(r.Int64N(int64(d/1000)+1))
}

// What random numbers are for, so that no two uses share theirs.
const (
	forArrivals = iota + 1
	forSession
	forTurn
	forAttempt
)

// chance gives the random numbers that a seed has for one thing. They do not
// depend on what else happens, so that two configurations can be compared under
// the same traffic.
func chance(seed uint64, what ...int) *rand.Rand {
	sum := uint64(len(what))
	for _, n := range what {
		sum = scattered(sum ^ uint64(n))
	}
	return rand.New(rand.NewPCG(seed, sum)) //nolint:gosec // it must be the same each time
}

// scattered is the finalizer of splitmix64.
func scattered(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// around gives a whole number of that mean: from a half of it to one and a half.
func around(mean int, r *rand.Rand) int {
	if mean < 2 {
		return max(mean, 1)
	}
	return mean/2 + r.IntN(mean+1)
}
