package requests

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

var errDamaged = errors.New("a block of calls is damaged")

// A reader reads what a builder has written, until something is wrong; what it
// gives from then on says nothing.
type reader struct {
	b   []byte
	at  int // of b, where it goes on
	bad bool
}

func (r *reader) fail() {
	r.at, r.bad = len(r.b), true
}

// rest is the number of bytes that are left.
func (r *reader) rest() int { return len(r.b) - r.at }

func (r *reader) take(n int) []byte {
	if n > r.rest() {
		r.fail()
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at]
}

func (r *reader) byte() byte {
	if r.at >= len(r.b) {
		r.fail()
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *reader) uvarint() uint64 {
	if r.at < len(r.b) && r.b[r.at] < 0x80 { // mostly
		r.at++
		return uint64(r.b[r.at-1])
	}
	n, size := binary.Uvarint(r.b[r.at:])
	if size <= 0 {
		r.fail()
		return 0
	}
	r.at += size
	return n
}

func (r *reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads how many of something follow, none of which is shorter than a
// byte.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(r.rest()) {
		r.fail()
		return 0
	}
	return int(n)
}

// readTexts gives the texts of a block by their places.
func readTexts(b []byte) ([]string, error) {
	all := string(b)
	r := reader{b: b}
	texts := make([]string, 1, 64)
	for r.rest() > 0 {
		n := r.count()
		at := r.at
		if r.take(n); r.bad {
			return nil, errDamaged
		}
		texts = append(texts, all[at:at+n])
	}
	return texts, nil
}

// A head is what lists show of a call. Texts are their places in the block.
type head struct {
	trace                                                 trace.TraceID
	time, latency                                         int64
	status                                                int
	class, path, channelID, channel, model, error, caller uint64
	input, output, cached                                 int64
	cost                                                  float64
	priced                                                bool
	body                                                  int // the length of it
}

func (r *reader) head(k *key, h *head) {
	h.priced = r.byte()&hasCost != 0
	if id := r.take(len(h.trace)); id != nil {
		h.trace = trace.TraceID(id)
	}
	h.time = r.varint() + k.time()
	h.latency = r.varint()
	h.status = int(r.uvarint())
	h.class, h.path, h.channelID, h.channel = r.uvarint(), r.uvarint(), r.uvarint(), r.uvarint()
	h.model, h.error, h.caller = r.uvarint(), r.uvarint(), r.uvarint()
	h.input, h.output, h.cached = r.varint(), r.varint(), r.varint()
	if h.cost = 0; h.priced {
		if b := r.take(8); b != nil {
			h.cost = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	}
	h.body = int(r.uvarint())
}

// over is when the call was, in milliseconds since 1970.
func (h *head) over() int64 { return h.time + h.latency }

// A bodyReader reads what else is kept of a call, from where it begins in all
// bodies of the block.
type bodyReader struct {
	reader
	texts []string
}

func (r *bodyReader) text() string {
	n := r.uvarint()
	if n >= uint64(len(r.texts)) {
		r.fail()
		return ""
	}
	return r.texts[n]
}

func (r *bodyReader) span() string {
	if id := r.take(len(trace.SpanID{})); id != nil {
		return trace.SpanID(id).String()
	}
	return ""
}

func (r *bodyReader) decision(h *head) Decision {
	flags := r.byte()
	d := Decision{Stream: flags&isStream != 0, Copy: flags&isCopy != 0, UsageEstimated: flags&hasEstimate != 0}
	d.SpanID = r.span()
	d.Dialect = transform.Dialect(r.text())
	d.Model = r.text()
	if flags&hasRule != 0 {
		d.Rule = &Rule{ID: r.text(), Name: r.text()}
	}
	if flags&hasAffinity != 0 {
		d.Affinity = &routex.Affinity{Key: r.text(), Source: r.text(), Channel: r.text(), Hit: flags&hasHit != 0}
	}
	if flags&hasUsage != 0 {
		d.Usage = &transform.Usage{Input: r.varint(), Output: r.varint(), CacheRead: r.varint(), CacheWrite: r.varint(), Reasoning: r.varint()}
	}
	d.SkippedEvents = int(r.uvarint())
	d.Agent, d.ParentAgent, d.Shadow = r.text(), r.text(), r.text()
	d.WaitMs, d.FirstTokenMs = r.varint(), r.varint()
	d.Losses = make([]transform.Loss, r.count())
	for i := range d.Losses {
		d.Losses[i] = transform.Loss{Field: r.text(), Why: r.text()}
	}
	d.Attempts = make([]Attempt, r.count())
	for i := range d.Attempts {
		r.attempt(h, &d.Attempts[i])
	}
	d.Candidates = r.candidates()
	return d
}

func (r *bodyReader) attempt(h *head, a *Attempt) {
	flags := r.byte()
	a.SpanID = r.span()
	a.Hedge, a.Resumes = flags&isHedge != 0, flags&isResumption != 0
	a.ChannelID, a.Channel, a.Key, a.Model = r.text(), r.text(), r.text(), r.text()
	a.Class, a.Reason, a.Error = breaker.Class(r.text()), breaker.Reason(r.text()), r.text()
	a.Status = int(r.uvarint())
	a.StartedAt = r.varint() + h.time
	a.DurationMs, a.FirstTokenMs = r.varint(), r.varint()
}

func (r *bodyReader) candidates() []routex.Candidate {
	n := r.uvarint()
	if n == 0 { // they are those of another call
		if at := r.uvarint(); at < uint64(len(r.b)) {
			r.at = int(at)
			n = r.uvarint()
		}
	}
	if n == 0 || n-1 > uint64(r.rest()) {
		r.fail()
		return nil
	}
	out := make([]routex.Candidate, n-1)
	for i := range out {
		out[i] = routex.Candidate{ID: r.text(), Name: r.text(), Included: r.byte() == 1, Why: r.text()}
	}
	return out
}
