package tee

// A ring is a queue of records that grows as it must.
type ring struct {
	items []*Record
	head  int // index of the oldest
	n     int
}

func (r *ring) push(item *Record) {
	if r.n == len(r.items) {
		grown := make([]*Record, max(16, 2*r.n))
		copied := copy(grown, r.items[r.head:])
		copy(grown[copied:], r.items[:r.head])
		r.items, r.head = grown, 0
	}
	r.items[(r.head+r.n)%len(r.items)] = item
	r.n++
}

// pop appends the n oldest to dst.
func (r *ring) pop(dst []*Record, n int) []*Record {
	for range min(n, r.n) {
		dst = append(dst, r.items[r.head])
		r.items[r.head] = nil
		r.head = (r.head + 1) % len(r.items)
		r.n--
	}
	return dst
}
