package routex

import (
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/dctx-team/routex/trace"
)

// described are the headers that describe sets.
var described = [...]string{"X-Trace-Id", "X-Span-Id", "X-Latency-Ms", "X-Channel-Id", "X-Channel-Name", "X-Routex-Attempts", "X-Routing-Rule"}

// describe writes the headers of an answer, and what was decided.
func describe(h http.Header, resp *http.Response, rec *Record) {
	maps.Copy(h, resp.Header)
	for _, name := range described { // an upstream may be a Routex too
		delete(h, name)
	}
	rec.describe(h)
}

// A digest is what headers tell of a Decision. The zero value is that of none.
type digest struct {
	made      bool
	traceID   trace.TraceID
	spanID    trace.SpanID
	firstByte time.Duration
	channelID string
	channel   string
	attempts  int
	rule      string
}

func digestOf(d *Decision) digest {
	return digest{true, d.TraceID, d.SpanID, d.FirstByte, d.ChannelID, d.Channel, len(d.Attempts), d.Rule}
}

// describe says in headers what was decided, to a brief Record.
func (r *Record) describe(h http.Header) {
	r.mu.Lock()
	d := r.told
	r.mu.Unlock()
	if !d.made {
		return
	}
	h["X-Trace-Id"] = []string{d.traceID.String()}
	h["X-Span-Id"] = []string{d.spanID.String()}
	h["X-Latency-Ms"] = []string{strconv.FormatInt(d.firstByte.Milliseconds(), 10)}
	if d.channel != "" {
		h["X-Channel-Id"] = []string{headerText(d.channelID)}
		h["X-Channel-Name"] = []string{headerText(d.channel)}
		h["X-Routex-Attempts"] = []string{strconv.Itoa(d.attempts)}
	}
	if d.rule != "" {
		h["X-Routing-Rule"] = []string{headerText(d.rule)}
	}
}
