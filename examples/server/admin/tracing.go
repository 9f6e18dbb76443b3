package admin

import (
	"math"
	"net/http"
	"time"

	"github.com/dctx-team/routex/trace"
)

// The bounds of a list of traces, and the age of spans that are cleared.
const (
	defaultTraces = 100
	maxTraces     = 1000
	defaultOlder  = int64(time.Hour / time.Millisecond)
	maxOlder      = 365 * 24 * int64(time.Hour/time.Millisecond)
)

// The states of spans.
const (
	spanSucceeded = "success"
	spanFailed    = "error"
)

type tracingStats struct {
	TotalSpans      int     `json:"totalSpans"` // those that have not ended too
	Completed       int     `json:"completed"`
	Success         int     `json:"success"`
	Error           int     `json:"error"`
	AverageDuration float64 `json:"averageDuration"` // milliseconds
	MaxSpans        int     `json:"maxSpans"`
}

// A spanView is a span that has ended. Times are in milliseconds.
type spanView struct {
	TraceID      string   `json:"traceId"`
	SpanID       string   `json:"spanId"`
	ParentSpanID string   `json:"parentSpanId,omitempty"` // perhaps of another program
	Name         string   `json:"name"`
	StartTime    int64    `json:"startTime"`
	EndTime      int64    `json:"endTime"`
	Duration     float64  `json:"duration"`
	Status       string   `json:"status"`
	Tags         spanTags `json:"tags"`
}

type spanTags struct {
	Method       string  `json:"method"`
	Path         string  `json:"path"`
	Latency      float64 `json:"latency"` // milliseconds until the answer began; 0 if never
	Channel      string  `json:"channel,omitempty"`
	ChannelID    string  `json:"channelId,omitempty"`
	Model        string  `json:"model,omitempty"`
	Rule         string  `json:"rule,omitempty"`
	RuleID       string  `json:"ruleId,omitempty"`
	Key          string  `json:"key,omitempty"` // of the channel, masked
	StatusCode   int     `json:"statusCode,omitempty"`
	Class        string  `json:"class,omitempty"` // of the failure
	Reason       string  `json:"reason,omitempty"`
	Error        string  `json:"error,omitempty"`
	Attempt      int     `json:"attempt,omitempty"`  // of an attempt, from 1 on
	Attempts     int     `json:"attempts,omitempty"` // of a call, in all
	Stream       bool    `json:"stream,omitempty"`
	Hedge        bool    `json:"hedge,omitempty"`
	Resumes      bool    `json:"resumes,omitempty"`
	InputTokens  int64   `json:"inputTokens,omitempty"`
	OutputTokens int64   `json:"outputTokens,omitempty"`
}

type traceView struct {
	TraceID string     `json:"traceId"`
	Spans   []spanView `json:"spans"`
}

type clearedView struct {
	RemovedCount   int `json:"removedCount"`
	RemainingSpans int `json:"remainingSpans"`
}

// tracing lists what is served of the latest spans.
func (a *API) tracing() []operation {
	if a.config.Recent == nil {
		return nil
	}
	const get, post = http.MethodGet, http.MethodPost
	return []operation{
		{method: get, path: "/api/tracing/stats", summary: "Count the latest spans", serve: a.getTracingStats, answer: tracingStats{}},
		{method: get, path: "/api/tracing/traces", summary: "List the spans of the latest calls", serve: a.listTraces, query: func(p *params) { readTraceQuery(p) }, answer: []spanView{}},
		{method: get, path: "/api/tracing/traces/{traceId}", summary: "Show a trace with its spans", serve: a.getTrace, answer: traceView{}},
		{method: get, path: "/api/tracing/spans/{spanId}", summary: "Show a span", serve: a.getSpan, answer: spanView{}},
		{method: post, path: "/api/tracing/clear", summary: "Forget old spans", serve: a.clearSpans, takes: bodyOf(func(o *object) { readOlder(o) }), bodyOptional: true, answer: clearedView{}},
	}
}

func (a *API) getTracingStats(*http.Request, *object) (reply, error) {
	s := a.config.Recent.Stats()
	return reply{data: tracingStats{
		TotalSpans: s.Total, Completed: s.Completed, Success: s.Completed - s.Failed, Error: s.Failed,
		AverageDuration: inMilliseconds(s.Average), MaxSpans: s.Max,
	}}, nil
}

func (a *API) listTraces(r *http.Request, _ *object) (reply, error) {
	p := paramsOf(r)
	limit, status, channel := readTraceQuery(p)
	if err := p.wrong.err(); err != nil {
		return reply{}, err
	}
	spans := a.config.Recent.Latest(limit, func(s *trace.Recent) bool {
		return (status == "" || stateOf(s) == status) && (channel == "" || s.ChannelID == channel || s.Channel == channel)
	})
	return reply{data: viewsOf(spans)}, nil
}

func readTraceQuery(p *params) (limit int, status, channel string) {
	limit = p.number("limit", "How many at most", defaultTraces, 1, maxTraces)
	status = p.get("status", "How the calls ended", namesSchema([]string{spanSucceeded, spanFailed}))
	if status != "" && status != spanSucceeded && status != spanFailed {
		p.wrong.add("status", codeValue, "must be one of "+spanSucceeded+", "+spanFailed)
	}
	return limit, status, p.text("channel", "The id or the name of the channel that answered last")
}

func (a *API) getTrace(r *http.Request, _ *object) (reply, error) {
	name := r.PathValue("traceId")
	id, ok := trace.ParseTraceID(name)
	spans := a.config.Recent.Trace(id)
	if !ok || len(spans) == 0 {
		return reply{}, notFound("there is no trace with the id %q; old ones are dropped", name)
	}
	return reply{data: traceView{TraceID: id.String(), Spans: viewsOf(spans)}}, nil
}

func (a *API) getSpan(r *http.Request, _ *object) (reply, error) {
	name := r.PathValue("spanId")
	id, ok := trace.ParseSpanID(name)
	span, found := a.config.Recent.Span(id)
	if !ok || !found {
		return reply{}, notFound("there is no span with the id %q; old ones are dropped", name)
	}
	return reply{data: viewOf(&span)}, nil
}

func (a *API) clearSpans(_ *http.Request, body *object) (reply, error) {
	older := readOlder(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	removed := a.config.Recent.Clear(time.Now().Add(-time.Duration(older) * time.Millisecond))
	return reply{data: clearedView{RemovedCount: removed, RemainingSpans: a.config.Recent.Stats().Completed}}, nil
}

func readOlder(o *object) int64 {
	older := defaultOlder
	read(o, "olderThanMs", &older, defaultOlder, integer(0, maxOlder))
	o.finish()
	return older
}

func viewsOf(spans []trace.Recent) []spanView {
	views := make([]spanView, 0, len(spans))
	for i := range spans {
		views = append(views, viewOf(&spans[i]))
	}
	return views
}

func viewOf(s *trace.Recent) spanView {
	v := spanView{
		TraceID: s.TraceID.String(), SpanID: s.SpanID.String(), Name: s.Name, Status: stateOf(s),
		StartTime: s.Start.UnixMilli(), EndTime: s.Start.Add(s.Duration).UnixMilli(), Duration: inMilliseconds(s.Duration),
		Tags: spanTags{
			Method: s.Method, Path: s.Path, Latency: inMilliseconds(s.Latency),
			Channel: s.Channel, ChannelID: s.ChannelID, Model: s.Model, Rule: s.Rule, RuleID: s.RuleID, Key: s.Key,
			StatusCode: s.Status, Class: s.Class, Reason: s.Reason, Error: s.Error,
			Stream: s.Stream, Hedge: s.Hedge, Resumes: s.Resumes, InputTokens: s.Input, OutputTokens: s.Output,
		},
	}
	if s.ParentID != (trace.SpanID{}) {
		v.ParentSpanID = s.ParentID.String()
	}
	if s.Name == trace.NameCall {
		v.Tags.Attempts = s.Attempt
	} else {
		v.Tags.Attempt = s.Attempt
	}
	return v
}

func stateOf(s *trace.Recent) string {
	if s.Failed() {
		return spanFailed
	}
	return spanSucceeded
}

// inMilliseconds gives three digits after the point: many spans are shorter than
// one.
func inMilliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
