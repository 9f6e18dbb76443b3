package routex

import (
	"io"
	"maps"
	"net/http"
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

// start comes before the first piece, when the header has been written: from
// then on there can be pings.
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
	if p == nil || p.ping == "" || !c.view.Stream {
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
	p.raise()
	if !p.early && p.header != nil {
		p.header, p.stopped = nil, true
		p.timer.Stop()
	}
	return p.early
}

// check runs when something may be due.
func (p *pulse) check() {
	do := p.due()
	if do == nil {
		return
	}
	var err error
	defer func() { p.did(err, recover()) }()
	err = do()
}

// due takes the writer for what is to be done, or sets the timer for the next
// look.
func (p *pulse) due() func() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	silent := time.Since(p.last)
	do := p.send
	switch {
	case p.stopped, p.sending: // did sees to the timer
		return nil
	case p.waiting && p.writing: // who writes sees to it
		p.waiting = false
		p.timer.Reset(p.every)
		return nil
	case p.waiting:
		do, p.sending = p.sendWaiting, true
	case silent < p.every:
		p.timer.Reset(p.every - silent)
		return nil
	case p.writing || !p.between():
		p.timer.Reset(p.every)
		return nil
	}
	p.writing = true
	return do
}

func (p *pulse) did(err error, raised any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raised = raised
	p.sent = time.Now()
	if !p.waiting { // it was a ping
		p.last = p.sent
	}
	p.writing, p.waiting, p.sending = false, false, false
	p.free.Signal()
	if !p.stopped && err == nil && raised == nil {
		p.timer.Reset(p.every - p.sent.Sub(p.last))
	}
}

// send writes a ping, for who has set writing.
func (p *pulse) send() error {
	if p.header != nil {
		maps.Copy(p.Header(), p.header)
		p.WriteHeader(http.StatusOK)
		p.header, p.early = nil, true
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
