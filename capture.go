package routex

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/transform"
)

// maxHeard bounds the events that are kept of one stream, in bytes. There are
// about as many as an answer of 100 KB takes in the protocol that repeats the
// most in every event.
const maxHeard = 4 << 20

// A capture is what was said in a call, for sinks and spans that want to know. Nil
// keeps nothing.
type capture struct {
	request []byte // never changed
	asked   int64  // how long it is, or was announced to be

	answer []byte // of one that was whole; never changed

	events []byte // of one that is streamed, up to maxHeard
	heard  int64  // how long they are
	over   bool   // no more are kept
}

// A wisher is a sink that says how much it wants of what was said.
type wisher interface{ Bodies() int64 }

// newCapture gives a capture if anybody wants to know what is said in a call
// that has anything to say: other endpoints pass unread.
func (s *snapshot) newCapture(e *endpoint, req *http.Request) *capture {
	if e.kind == passesOn {
		return nil
	}
	if s.cfg.Tracer != nil && s.cfg.TraceContent > 0 {
		return &capture{asked: max(req.ContentLength, 0)}
	}
	for _, w := range s.wishers {
		if w.Bodies() > 0 {
			return &capture{asked: max(req.ContentLength, 0)}
		}
	}
	return nil
}

// ask keeps the caller's body. Its memory is used again when the call is over,
// unless it is long or not from the pool.
func (k *capture) ask(p *payload) {
	if k == nil {
		return
	}
	k.request, k.asked = p.bytes, int64(len(p.bytes))
	if p.pooled && cap(p.bytes) <= maxPooled {
		k.request = bytes.Clone(p.bytes)
	}
}

// give keeps an answer that is whole.
func (k *capture) give(resp *http.Response) {
	if k == nil {
		return
	}
	if w, ok := resp.Body.(*whole); ok {
		k.answer = w.text
	}
}

// hear keeps what the caller reads of a stream.
func (k *capture) hear(p []byte) {
	if k == nil || k.over || len(p) == 0 {
		return
	}
	if k.events == nil {
		k.events = make([]byte, 0, 4<<10)
	}
	k.heard += int64(len(p))
	k.events = append(k.events, p[:min(len(p), maxHeard-len(k.events))]...)
}

// end keeps what the caller will yet read of a stream whose call is over.
func (k *capture) end(rest []byte) {
	k.hear(rest)
	if k != nil {
		k.over = true
	}
}

// record tells what was said. Of a stream it is what the events amount to.
func (k *capture) record(r *tee.Record, d transform.Dialect) {
	if k == nil {
		return
	}
	r.Request, r.RequestBytes = k.request, k.asked
	r.Response, r.ResponseBytes = k.answer, int64(len(k.answer))
	if k.heard == 0 {
		return
	}
	cut := k.heard > int64(len(k.events))
	r.Response, r.ResponseBytes, r.ResponseCut = nil, k.heard, cut
	r.Streamed = tee.NewStreamed(k.events, func(events []byte) json.RawMessage {
		answer, err := transform.Assemble(d, events)
		switch {
		case err != nil: // the caller left before there was any
			return nil
		case cut:
			return jsonText(string(answer))
		}
		return answer
	})
}
