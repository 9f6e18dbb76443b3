package routex

import (
	"maps"
	"net/http"
	"slices"
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
	values := make([]string, 0, len(described)) // of all headers: one piece of memory
	set := func(name, value string) {
		values = append(values, value)
		h[name] = slices.Clip(values[len(values)-1:])
	}
	set("X-Trace-Id", d.traceID.String())
	set("X-Span-Id", d.spanID.String())
	set("X-Latency-Ms", strconv.FormatInt(d.firstByte.Milliseconds(), 10))
	if d.channel != "" {
		set("X-Channel-Id", headerText(d.channelID))
		set("X-Channel-Name", headerText(d.channel))
		set("X-Routex-Attempts", strconv.Itoa(d.attempts))
	}
	if d.rule != "" {
		set("X-Routing-Rule", headerText(d.rule))
	}
}
