package sim

import "time"

// A circuitModel is what a circuit must do by what came of the attempts, as
// [breaker.Settings] promises it: it says whether an attempt may come.
type circuitModel struct {
	failures int // in a row that open it
	first    time.Duration
	longest  time.Duration
	inRow    int
	open     bool
	opened   time.Duration // since the beginning: when it was closed last
	until    time.Duration // when it may admit a probe
	probe    *attempt      // the latest
	turns    int           // how often it has opened or closed: outcomes of earlier attempts mean nothing
}

// longProbe is how long a probe keeps others out.
const longProbe = time.Minute

// begin notes an attempt, and says what is wrong with it; "" for nothing.
func (m *circuitModel) begin(at *attempt, now time.Duration) (wrong string) {
	at.generation = m.turns
	if !m.open {
		return ""
	}
	switch {
	case now < m.until:
		wrong = "its circuit is open for another " + (m.until - now).String()
	case m.probe != nil && m.probe.ended == "" && m.probe.generation == m.turns && now-m.probe.began < longProbe:
		wrong = "its circuit has a probe under way since " + (now - m.probe.began).String()
	}
	m.probe = at
	return wrong
}

// over notes what came of an attempt.
func (m *circuitModel) over(at *attempt, now time.Duration) {
	if at.generation != m.turns {
		return
	}
	switch {
	case at.ended == succeeded && m.open:
		m.open, m.inRow = false, 0
		m.turns++
	case at.ended == succeeded:
		m.inRow = 0
	case at.ended == failed && m.open:
		m.rest(now)
	case at.ended == failed:
		if m.inRow++; m.inRow >= m.failures {
			m.open, m.opened = true, now
			m.rest(now)
		}
	}
}

// rest begins the time until the next probe.
func (m *circuitModel) rest(now time.Duration) {
	m.turns++
	m.until = now + min(max((now-m.opened)/4, m.first), m.longest)
}
