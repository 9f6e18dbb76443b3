package balance

import (
	"math"
	"math/bits"
)

// ConsistentHash picks the same candidate for the same session as long as that
// is there, and each for a share of the sessions that goes by weight: weighted
// rendezvous hashing on the names. A candidate that is added takes its share of
// the sessions from all others alike, one that is removed leaves its own to
// them, and no other session moves. A call of no session goes anywhere.
type ConsistentHash struct{}

// Pick implements [Balancer].
func (ConsistentHash) Pick(t Ticket, candidates []*Candidate) *Candidate {
	key := t.Rand
	if t.Key != "" {
		key = hash(t.Key)
	}
	var best *Candidate
	var least float64 // what is waited for a weight of one
	var heaviest int  // of the weights
	var bar uint64    // no hash below it can win, unless its weight is greater
	for _, c := range candidates {
		name := c.hash.Load()
		if name == 0 {
			name = c.nameHash()
		}
		h, weight := fold(name, key), c.Weight
		if weight <= 0 || h < bar && weight <= heaviest {
			continue
		}
		if wait, w := waiting(h), float64(weight); best == nil || wait < least*w {
			best, least = c, wait/w
		}
		heaviest = max(heaviest, weight)
		bar = barFor(least * float64(heaviest))
	}
	if best == nil {
		return drainedByHash(key, candidates)
	}
	return best
}

// drainedByHash picks evenly, when all candidates drain.
func drainedByHash(key uint64, candidates []*Candidate) *Candidate {
	var best *Candidate
	var most uint64
	for _, c := range candidates {
		if h := fold(c.nameHash(), key); best == nil || h > most {
			best, most = c, h
		}
	}
	return best
}

// waiting makes a hash an exponential variable, as the negative logarithm to
// base 2 of its fraction of all hashes: of several, each divided by a weight,
// the smallest is each one's in proportion to the weights. The logarithm of
// the fraction's digits is within a hundredth.
func waiting(h uint64) float64 {
	zeros := bits.LeadingZeros64(h | 1)
	digits := float64(h<<zeros<<1>>11) / (1 << 53) // after the first one
	return float64(zeros+1) - digits*(1.3464-0.3464*digits)
}

// barFor gives a hash below which all wait for longer. With it most need not be
// asked for how long. It is under the power of two that it stands for: by a
// straight line.
func barFor(wait float64) uint64 {
	whole := math.Floor(wait + .01)
	if whole > 60 {
		return 0
	}
	return uint64((1-.7*(wait+.01-whole))*(1<<63)) >> uint(whole) << 1
}

// fold gives the hash of two hashes.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a^b, 0x9e3779b97f4a7c15)
	return high ^ low
}

// nameHash is kept, because a thousand names take long to hash.
func (c *Candidate) nameHash() uint64 {
	if h := c.hash.Load(); h != 0 {
		return h
	}
	h := hash(c.Name) | 1
	c.hash.Store(h)
	return h
}

// hash is FNV-1a with its bits spread.
func hash(s string) uint64 {
	const prime, offset = 1099511628211, 14695981039346656037
	h := uint64(offset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return mix(h)
}
