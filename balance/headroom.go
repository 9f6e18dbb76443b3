package balance

// Headroom picks at random in proportion to weight and to how many calls like
// this one the rate limits leave room for, by what providers said last; see
// [Load.ObserveLimits]. A candidate that says nothing of limits counts as the
// others do on average. One that has no room left is picked when none has any,
// and as the [Call] says what time it is, again when its limits are over. Of
// more than 64 candidates it weighs 64, which it takes from all of the list
// alike.
type Headroom struct{}

const (
	mostRoom    = 1 << 20 // keeps sums far from overflow: more makes no difference
	mostWeighed = 64
)

// Pick implements [Balancer].
func (Headroom) Pick(t Ticket, candidates []*Candidate) *Candidate {
	input, output := t.tokens()
	n := len(candidates)
	s := sample{all: candidates, stride: 1, count: n, now: unixNano(t.Now), part: 1 / float64(input+output)}
	if n > mostWeighed {
		some := s
		some.start, some.stride, some.count = int(draw(next(t.Rand), uint64(n))), n/mostWeighed, mostWeighed
		if c := some.pick(t.Rand); c != nil {
			return c
		}
	}
	if c := s.pick(t.Rand); c != nil {
		return c
	}
	return Weighted{}.Pick(t, candidates)
}

// A sample is some of the candidates, each so far from the next.
type sample struct {
	all                  []*Candidate
	start, stride, count int
	now                  int64   // Unix nanoseconds
	part                 float64 // of a token limit that the call takes
}

func (s *sample) at(i int) *Candidate {
	if i = s.start + i*s.stride; i >= len(s.all) {
		i -= len(s.all)
	}
	return s.all[i]
}

// pick gives nil when none of the sample has room.
func (s *sample) pick(random uint64) *Candidate {
	usual := s.usual()
	var total uint64
	for i := range s.count {
		total += s.share(s.at(i), usual)
	}
	if total == 0 {
		return nil
	}
	point := draw(random, total)
	for i := range s.count {
		share := s.share(s.at(i), usual)
		if point < share {
			return s.at(i)
		}
		point -= share
	}
	return nil // the limits changed meanwhile
}

// usual is the room that those have on average that tell of limits; for those
// that do not it is taken for theirs.
func (s *sample) usual() uint64 {
	var sum, told uint64
	for i := range s.count {
		c := s.at(i)
		if room := c.room(s.now, s.part); room >= 0 && !c.drained() {
			sum += uint64(min(room, mostRoom))
			told++
		}
	}
	return max(sum/max(told, 1), 1)
}

// share is weight times room.
func (s *sample) share(c *Candidate, usual uint64) uint64 {
	if room := c.room(s.now, s.part); room >= 0 {
		usual = uint64(min(room, mostRoom))
	}
	return min(c.weight(), mostRoom) * usual
}
