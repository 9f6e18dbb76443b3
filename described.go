package routex

import (
	"maps"
	"net/http"
	"strconv"
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

// describe says in headers what was decided.
func (r *Record) describe(h http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.d
	if d == nil {
		return
	}
	h["X-Trace-Id"] = []string{d.TraceID.String()}
	h["X-Span-Id"] = []string{d.SpanID.String()}
	h["X-Latency-Ms"] = []string{strconv.FormatInt(d.FirstByte.Milliseconds(), 10)}
	if d.Channel != "" {
		h["X-Channel-Id"] = []string{headerText(d.ChannelID)}
		h["X-Channel-Name"] = []string{headerText(d.Channel)}
		h["X-Routex-Attempts"] = []string{strconv.Itoa(len(d.Attempts))}
	}
	if d.Rule != "" {
		h["X-Routing-Rule"] = []string{headerText(d.Rule)}
	}
}
