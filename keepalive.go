package routex

import (
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/dctx-team/routex/transform"
)

// pingOf is what every official client of a protocol takes for a sign of life
// and for nothing else. Google's have no such thing: some raise an error for a
// comment, others never read on after one, or after a blank line.
func pingOf(d transform.Dialect) string {
	switch d {
	case transform.Anthropic:
		return "event: ping\ndata: {\"type\": \"ping\"}\n\n"
	case transform.OpenAIChat, transform.OpenAIResponses:
		return ": ping\n\n"
	}
	return ""
}

// A pulse writes an answer that is streamed, and a ping whenever nothing was
// written for a while and what was written ends with a whole event. Its timer
// is set only when it has fired: a stream that never pauses costs a look at the
// clock per piece.
type pulse struct {
	flushing
	ping  string
	every time.Duration

	mu      sync.Mutex  // never held while something is written
	free    sync.Cond   // on mu: a ping has been written
	timer   *time.Timer // under mu; runs check
	writing bool        // under mu: who has set it has the writer, header and sent to itself
	stopped bool        // under mu
	last    time.Time   // under mu: when something was written
	tail    [3]byte     // under mu: the end of what was written of the answer
	header  http.Header // goes with the first ping if that comes before the answer
	sent    bool        // it did
}

func newPulse(out flushing, ping string, every time.Duration) *pulse {
	p := &pulse{flushing: out, ping: ping, every: every}
	p.free.L = &p.mu
	return p
}

// start lets pings be written, when the header has been.
func (p *pulse) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.arm()
}

// arm is for who holds mu.
func (p *pulse) arm() {
	p.stopped, p.last = false, time.Now()
	if p.timer == nil {
		p.timer = time.AfterFunc(p.every, p.check)
	} else {
		p.timer.Reset(p.every)
	}
}

// await is told of a call that has begun, which may take long to be answered.
// A ping that is due before then sends the header too.
func (p *pulse) await(c *call) {
	if p == nil || !c.view.Stream {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.header = http.Header{
		"Content-Type":  {"text/event-stream; charset=utf-8"},
		"Cache-Control": {"no-cache"},
		"X-Trace-Id":    {c.d.TraceID.String()},
		"X-Span-Id":     {c.d.SpanID.String()},
	}
	p.arm()
}

// arrived ends the time in which a ping could send the header, and reports
// whether one did.
func (p *pulse) arrived() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.writing {
		p.free.Wait()
	}
	if !p.sent && p.header != nil {
		p.header, p.stopped = nil, true
		p.timer.Stop()
	}
	return p.sent
}

// check runs when a ping may be due.
func (p *pulse) check() {
	if p.due() {
		p.pinged(p.send())
	}
}

// due takes the writer for a ping, or sets the timer for the next look.
func (p *pulse) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	silent := time.Since(p.last)
	switch {
	case p.stopped:
		return false
	case silent < p.every:
		p.timer.Reset(p.every - silent)
		return false
	case p.writing || !p.between():
		p.timer.Reset(p.every)
		return false
	}
	p.writing = true
	return true
}

func (p *pulse) pinged(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writing, p.last = false, time.Now()
	p.free.Signal()
	if !p.stopped && err == nil {
		p.timer.Reset(p.every)
	}
}

// send writes a ping, for who has set writing.
func (p *pulse) send() error {
	if p.header != nil {
		maps.Copy(p.Header(), p.header)
		p.WriteHeader(http.StatusOK)
		p.header, p.sent = nil, true
	}
	_, err := io.WriteString(p.ResponseWriter, p.ping)
	if err == nil {
		p.flush()
	}
	return err
}

// between reports that what was written ends with a blank line: the next byte
// begins an event.
func (p *pulse) between() bool {
	end := string(p.tail[:])
	return end == "\x00\x00\x00" || end[1:] == "\n\n" || end == "\n\r\n"
}

// Write hands on a piece of the answer.
func (p *pulse) Write(b []byte) (int, error) {
	p.mu.Lock()
	for p.writing {
		p.free.Wait()
	}
	p.writing = true
	p.mu.Unlock()
	defer p.wrote(b) // even if the host's writer panics
	return p.flushing.Write(b)
}

func (p *pulse) wrote(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writing, p.last = false, time.Now()
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

// finish lets no more pings begin, and waits for one that has begun.
func (p *pulse) finish() { p.stop(false) }

// cut is finish for an answer that is broken off, on whose connection nothing
// else is to be written: a caller who does not read is not waited for.
func (p *pulse) cut() { p.stop(true) }

func (p *pulse) stop(atOnce bool) {
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
	if p.writing && atOnce {
		_ = p.control.SetWriteDeadline(time.Now()) // a writer that has none is waited for
	}
	for p.writing {
		p.free.Wait()
	}
}
