package routex

import (
	"math"
	"net/http"
	"sync"
	"time"
)

// together is within what time after something was sent the next pieces wait
// to be sent with each other: providers that are fast, or send several events
// for one step, would else cost a packet for each.
const together = time.Millisecond

// A pulse writes an answer that is streamed: each piece at once, unless it
// comes right after another, and a ping whenever nothing was written for a
// while and what was written ends with a whole event. What waits, and pings, are
// sent by a timer, and never while the handler writes or has ended. For pings it
// is set only when it has fired: a stream that never pauses costs a look at the
// clock per piece.
type pulse struct {
	flushing
	ping  string        // "" for none
	every time.Duration // never without pings

	mu      sync.Mutex  // never held while something is written
	free    sync.Cond   // on mu: what the timer began to write has been written
	timer   *time.Timer // under mu; runs check
	writing bool        // under mu: who has set it has the writer, header and early to itself
	stopped bool        // under mu
	last    time.Time   // under mu: when the latest piece, or a ping, came
	sent    time.Time   // under mu: when the latest came that was sent at once, or what waited was sent
	waiting bool        // under mu: something was written and not sent, and the timer is set for it
	sending bool        // under mu: the timer sends what waited
	raised  any         // under mu: a panic of the host's writer, for whoever calls next
	tail    [3]byte     // under mu: the end of what was written of the answer
	header  http.Header // goes with the first ping if that comes before the answer
	early   bool        // it did
}

const never = time.Duration(math.MaxInt64)

func newPulse(out flushing, ping string, every time.Duration) *pulse {
	p := &pulse{flushing: out, ping: ping, every: every}
	p.free.L = &p.mu
	return p
}

// Write hands on a piece of the answer.
func (p *pulse) Write(b []byte) (int, error) {
	wait := p.take()
	defer p.wrote(b, wait) // even if the host's writer panics
	if wait > 0 {
		return p.ResponseWriter.Write(b)
	}
	return p.flushing.Write(b)
}

// take takes the writer, and tells how long what is written is to wait.
func (p *pulse) take() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.writing {
		p.free.Wait()
	}
	p.raise()
	p.writing, p.last = true, time.Now()
	return together - p.last.Sub(p.sent)
}

func (p *pulse) wrote(b []byte, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writing = false
	switch {
	case wait <= 0:
		p.sent, p.waiting = p.last, false
	case !p.waiting:
		p.waiting = true
		p.timer.Reset(wait)
	}
	if n := len(b); n < len(p.tail) {
		copy(p.tail[:], p.tail[n:])
		copy(p.tail[len(p.tail)-n:], b)
	} else {
		p.tail = [3]byte(b[n-len(p.tail):])
	}
}

// writeLast is Write for the last piece, after which no pings are wanted.
func (p *pulse) writeLast(b []byte) (int, error) {
	p.finish()
	return p.flushing.writeLast(b)
}

// finish lets the timer send nothing more, and waits for what it is sending.
// What waits is sent when the handler ends.
func (p *pulse) finish() {
	p.stop(never)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raise()
}

// cut is finish for an answer that is broken off, on whose connection nothing
// else is to be written: a caller who does not read is not waited for.
func (p *pulse) cut() { p.stop(0) }

// leave is how long a caller may take for what waits when an answer is
// broken off.
const leave = time.Second

// breakOff is cut that sends what waits.
func (p *pulse) breakOff() {
	within := time.Duration(0) // for a ping
	p.mu.Lock()
	if p.waiting {
		within = leave
	}
	p.mu.Unlock()
	p.stop(within)
	p.raise() // nobody else looks at it any more
	if p.waiting {
		_ = p.control.SetWriteDeadline(time.Now().Add(leave))
		p.flush()
	}
}

func (p *pulse) stop(within time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil { // it never began
		return
	}
	p.stopped = true
	p.timer.Stop()
	if p.writing && within < never {
		_ = p.control.SetWriteDeadline(time.Now().Add(within)) // a writer that has none is waited for
	}
	for p.writing {
		p.free.Wait()
	}
}

// raise gives a panic of the host's writer in the timer to the handler. It is
// for who holds mu, or is alone.
func (p *pulse) raise() {
	if p.raised != nil {
		panic(p.raised)
	}
}

// sendWaiting sends what was written, for who has set writing.
func (p *pulse) sendWaiting() error {
	p.flush()
	return nil
}
