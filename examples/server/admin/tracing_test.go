package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/trace"
)

// traced is a host with the spans of two calls that are over, of which one had
// two attempts, and of one that runs.
func traced(t *testing.T) *host {
	ring := trace.NewRing(0)
	now := time.Now()
	for _, s := range []trace.Recent{
		{TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 2}, ParentID: trace.SpanID{7: 1}, Name: trace.NameAttempt, Channel: "a", ChannelID: "id-a", Key: "sk-a****1234", Class: "rate", Reason: "quota", Status: 429, Attempt: 1},
		{TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 3}, ParentID: trace.SpanID{7: 1}, Name: trace.NameAttempt, Channel: "b", ChannelID: "id-b", Status: 200, Attempt: 2, Hedge: true},
		{TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 1}, ParentID: trace.SpanID{0: 9}, Name: trace.NameCall, Channel: "b", ChannelID: "id-b", Rule: "r", Status: 200, Attempt: 2, Input: 7, Duration: 1500 * time.Microsecond, Latency: time.Millisecond},
		{TraceID: trace.TraceID{15: 2}, SpanID: trace.SpanID{7: 4}, Name: trace.NameCall, Channel: "a", ChannelID: "id-a", Class: "server", Error: "boom", Status: 502, Start: now.Add(-2 * time.Hour)},
	} {
		if s.Method, s.Path, s.Model = "POST", "/v1/messages", "m"; s.Start.IsZero() {
			s.Start = now
		}
		ring.Begin()
		ring.Add(&s)
	}
	ring.Begin()
	return newHost(t, func(o *admin.Options) { o.Config.Recent = ring })
}

func TestTracing(t *testing.T) {
	h := traced(t)
	const id = "00000000000000000000000000000001"
	if got := string(h.must("GET", "/api/tracing/stats", "", 200).Data); got != `{"totalSpans":5,"completed":4,"success":2,"error":2,"averageDuration":0.375,"maxSpans":10000}` {
		t.Errorf("stats %s", got)
	}
	for query, want := range map[string]string{
		"": "2 1", "?limit=1": "2", "?status=success": "1", "?status=error": "2", "?channel=a": "2", "?channel=id-b": "1", "?channel=nobody": "", "?status=error&channel=b": "",
	} {
		var got []string
		for _, s := range gjson.ParseBytes(h.must("GET", "/api/tracing/traces"+query, "", 200).Data).Array() {
			got = append(got, strings.TrimLeft(s.Get("traceId").String(), "0"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	one := h.must("GET", "/api/tracing/traces/"+id, "", 200).Data
	for path, want := range map[string]string{
		"traceId": id, "spans.#": "3",
		`spans.#(name=="proxy.handle").spanId`:             "0000000000000001",
		`spans.#(name=="proxy.handle").parentSpanId`:       "0900000000000000",
		`spans.#(name=="proxy.handle").duration`:           "1.5",
		`spans.#(name=="proxy.handle").status`:             "success",
		`spans.#(name=="proxy.handle").tags`:               `{"method":"POST","path":"/v1/messages","latency":1,"channel":"b","channelId":"id-b","model":"m","rule":"r","statusCode":200,"attempts":2,"inputTokens":7}`,
		`spans.#(name=="proxy.forward").parentSpanId`:      "0000000000000001",
		`spans.#(name=="proxy.forward")#.tags.attempt`:     "[1,2]",
		`spans.#(tags.class=="rate").tags.key`:             "sk-a****1234",
		`spans.#(tags.class=="rate").status`:               "error",
		`spans.#(tags.channel=="b")#|#(tags.hedge).spanId`: "0000000000000003",
	} {
		if got := gjson.GetBytes(one, path).String(); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	span := h.must("GET", "/api/tracing/spans/0000000000000004", "", 200).Data
	if gjson.GetBytes(span, "tags.error").String() != "boom" || gjson.GetBytes(span, "parentSpanId").Exists() {
		t.Errorf("a span is %s", span)
	}
}

func TestTracingClear(t *testing.T) {
	h := traced(t)
	if got := string(h.must("POST", "/api/tracing/clear", "", 200).Data); got != `{"removedCount":1,"remainingSpans":3}` {
		t.Errorf("what is older than an hour: %s", got)
	}
	if got := string(h.must("POST", "/api/tracing/clear", `{"olderThanMs":3600000}`, 200).Data); got != `{"removedCount":0,"remainingSpans":3}` {
		t.Errorf("again: %s", got)
	}
	if got := string(h.must("POST", "/api/tracing/clear", `{"olderThanMs":0}`, 200).Data); got != `{"removedCount":3,"remainingSpans":0}` {
		t.Errorf("all: %s", got)
	}
	if got := string(h.must("GET", "/api/tracing/traces", "", 200).Data); got != "[]" {
		t.Errorf("then there are %s", got)
	}
}

func TestTracingWithMistakes(t *testing.T) {
	h := traced(t)
	for request, want := range map[string]string{
		"GET /api/tracing/traces?limit=0":                              "limit",
		"GET /api/tracing/traces?limit=many&status=good":               "limit status",
		"POST /api/tracing/clear {\"olderThanMs\":-1}":                 "olderThanMs",
		"POST /api/tracing/clear {\"olderThanMs\":\"1h\"}":             "olderThanMs",
		"POST /api/tracing/clear {\"olderThanMs\":1e300,\"all\":true}": "olderThanMs all",
		"GET /api/tracing/traces/00000000000000000000000000000009":     "404",
		"GET /api/tracing/traces/trace-1697123456789-abc123":           "404",
		"GET /api/tracing/spans/0000000000000009":                      "404",
		"GET /api/tracing/spans/" + strings.Repeat("x", 10_000):        "404",
		"DELETE /api/tracing/stats":                                    "405",
	} {
		parts := strings.SplitN(request, " ", 3)
		a := h.call(parts[0], parts[1], strings.Join(parts[2:], ""))
		got := strings.Join(a.fields(), " ")
		if a.status != 400 {
			got = http.StatusText(a.status)
			want = map[string]string{"404": "Not Found", "405": "Method Not Allowed"}[want]
		}
		if got != want {
			t.Errorf("%.80s gives %d: %s, want %s", request, a.status, got, want)
		}
	}
	if a := newHost(t).call("GET", "/api/tracing/stats", ""); a.status != 404 {
		t.Errorf("where nothing is remembered, it is %d", a.status)
	}
}

// Who asks can find the answer in a trace of its own.
func TestAnswersHaveATrace(t *testing.T) {
	h := newHost(t)
	for _, path := range []string{"/health", "/api", "/api/nowhere"} {
		a := h.call("GET", path, "")
		if len(a.header.Get("X-Trace-Id")) != 32 || len(a.header.Get("X-Span-Id")) != 16 {
			t.Errorf("%s has the headers %v", path, a.header)
		}
	}
}
