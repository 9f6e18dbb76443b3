package usage

import (
	"encoding/binary"
	"math"
	"time"
)

// MaxError is how far a percentile is off at most, as a part of the duration
// that has that rank: what lies within a part of the scale counts as its middle.
const MaxError = (growth - 1) / (growth + 1)

// growth is how much longer each part of the scale is than the one before.
const growth = 1.08

// scale is the number of parts to a factor of e.
var scale = 1 / math.Log(growth)

// A Histogram counts durations on a logarithmic scale that begins with a
// microsecond. The zero value has none.
type Histogram struct {
	first  int      // the part that the first count is of
	counts []uint64 // of the parts from there on
	total  uint64
}

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) { h.put(partOf(d), 1) }

// Total is the number of durations.
func (h *Histogram) Total() int64 { return int64(h.total) }

// Merge adds what another has counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.counts {
		if n > 0 {
			h.put(o.first+i, n)
		}
	}
}

// Percentile gives the duration that a part p of all, from 0 to 1, is not
// longer than, off by MaxError at most; 0 when there are none.
func (h *Histogram) Percentile(p float64) time.Duration {
	rank := min(max(uint64(math.Ceil(p*float64(h.total))), 1), h.total)
	var passed uint64
	for i, n := range h.counts {
		if passed += n; n > 0 && passed >= rank {
			return middle(h.first + i)
		}
	}
	return 0
}

func partOf(d time.Duration) int {
	if d <= time.Microsecond {
		return 0
	}
	return int(math.Log(float64(d)/float64(time.Microsecond)) * scale)
}

// middle is equally far, as a part of it, from the shortest and the longest.
func middle(part int) time.Duration {
	shortest := math.Pow(growth, float64(part)) * float64(time.Microsecond)
	return time.Duration(shortest * 2 * growth / (1 + growth))
}

// margin is how many more parts than needed there is room for on either side,
// so that it is made seldom.
const margin = 8

func (h *Histogram) put(part int, n uint64) {
	if i := part - h.first; i < 0 || i >= len(h.counts) {
		h.reach(part)
	}
	h.counts[part-h.first] += n
	h.total += n
}

// reach makes room for a part.
func (h *Histogram) reach(part int) {
	first, end := max(part-margin, 0), part+margin
	if h.counts != nil {
		first, end = min(first, h.first), max(end, h.first+len(h.counts))
	}
	counts := make([]uint64, end-first)
	if h.counts != nil {
		copy(counts[h.first-first:], h.counts)
	}
	h.first, h.counts = first, counts
}

// append encodes the counts: how many differ from 0, and each with its distance
// from the one before.
func (h *Histogram) append(b []byte) []byte {
	var some uint64
	for _, n := range h.counts {
		if n > 0 {
			some++
		}
	}
	b = binary.AppendUvarint(b, some)
	last := 0
	for i, n := range h.counts {
		if n > 0 {
			b = binary.AppendUvarint(b, uint64(h.first+i-last))
			b = binary.AppendUvarint(b, n)
			last = h.first + i
		}
	}
	return b
}
