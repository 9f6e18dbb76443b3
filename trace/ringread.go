package trace

import (
	"slices"
	"time"
)

// Stats count what is held now.
func (r *Ring) Stats() RingStats {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := RingStats{Total: r.held + int(max(r.running.Load(), 0)), Completed: r.held, Failed: r.failed, Max: len(r.slots)}
	if r.held > 0 {
		s.Average = time.Duration(r.sum / int64(r.held))
	}
	return s
}

// Trace gives the spans of a trace that are held, in the order in which they
// began, but at most 1,000 of them, the latest: a caller can give every call
// the same id.
func (r *Ring) Trace(id TraceID) []Recent {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []Recent
	for i := r.traces[bucketOf(id[8:])]; i != 0 && len(out) < maxTrace; i = r.slots[i-1].trace.older {
		if s := &r.slots[i-1]; s.TraceID == id {
			out = append(out, s.Recent)
		}
	}
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b Recent) int { return a.Start.Compare(b.Start) })
	return out
}

const maxTrace = 1000

// Span gives the span with the id, if it is held.
func (r *Ring) Span(id SpanID) (Recent, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := r.spans[bucketOf(id[:])]; i != 0; i = r.slots[i-1].span.older {
		if s := &r.slots[i-1]; s.SpanID == id {
			return s.Recent, true
		}
	}
	return Recent{}, false
}

// Latest gives spans of calls for which keep is true, the latest first, and at
// most so many.
func (r *Ring) Latest(limit int, keep func(*Recent) bool) []Recent {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]Recent, 0, min(max(limit, 0), r.held))
	for n := 1; n <= len(r.slots) && len(out) < limit; n++ {
		s := &r.slots[(r.next-n+len(r.slots))%len(r.slots)]
		if s.Name == NameCall && keep(&s.Recent) {
			out = append(out, s.Recent)
		}
	}
	return out
}

// Clear drops the spans that ended before a time, and tells how many.
func (r *Ring) Clear(before time.Time) (removed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.slots {
		s := &r.slots[i]
		if s.Name != "" && s.Start.Add(s.Duration).Before(before) {
			r.drop(int32(i))
			removed++
		}
	}
	return removed
}
