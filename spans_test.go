package routex_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/trace"
)

// recorded is a tracer with what it has recorded.
func recorded() (oteltrace.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("test"), spans
}

// attributesOf are those of a span, but for the times that nobody can foretell.
func attributesOf(t *testing.T, s sdktrace.ReadOnlySpan) map[string]any {
	t.Helper()
	out := make(map[string]any)
	for _, kv := range s.Attributes() {
		name := string(kv.Key)
		switch name {
		case trace.Commit, trace.TimeToFirstChunk, trace.Wait:
			if seconds := kv.Value.AsFloat64(); seconds <= 0 || seconds > 60 {
				t.Errorf("%s is %v s", name, seconds)
			}
			out[name] = "some"
			continue
		}
		out[name] = kv.Value.AsInterface()
	}
	return out
}

func TestSpansOfACallThatFailsOver(t *testing.T) {
	tracer, spans := recorded()
	a := anthropicDialect()
	bad := anthropicChannel("bad", "http://bad.test:8080/anthropic")
	good := anthropicChannel("good", "https://good.test")
	good.Priority, good.ModelMap = 1, map[string]string{"m": "claude"}
	tr := newTransport(t, routex.Config{Tracer: tracer, Channels: []routex.Channel{bad, good}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		closeRequest(r)
		if r.URL.Hostname() == "bad.test" {
			return respond(529, "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"too busy"}}`), nil
		}
		return respond(200, "text/event-stream", a.whole()), nil
	})})
	body := `{"model":"m","stream":true,"max_tokens":10,"temperature":0.5,"top_p":1,"top_k":3,"stop_sequences":["x"],"messages":[{"role":"user","content":"secret"}]}`
	_, d := call(t, tr, body, func(r *http.Request) { r.Header.Set("X-Session-ID", "s-1") })

	if len(spans.Started()) != 3 || len(spans.Ended()) != 3 {
		t.Fatalf("%d spans began and %d ended", len(spans.Started()), len(spans.Ended()))
	}
	first, second, whole := spans.Ended()[0], spans.Ended()[1], spans.Ended()[2]
	for i, s := range []sdktrace.ReadOnlySpan{first, second} {
		if s.Parent().SpanID() != whole.SpanContext().SpanID() || s.SpanContext().SpanID().String() != d.Attempts[i].SpanID.String() {
			t.Errorf("span %s of attempt %d (%s) is below %s", s.SpanContext().SpanID(), i+1, d.Attempts[i].SpanID, s.Parent().SpanID())
		}
	}
	if whole.SpanContext().TraceID().String() != d.TraceID.String() || whole.SpanContext().SpanID().String() != d.SpanID.String() {
		t.Error("the Decision has other ids")
	}
	for want, s := range map[string]sdktrace.ReadOnlySpan{"chat m": first, "chat claude": second} {
		if s.Name() != want || s.SpanKind() != oteltrace.SpanKindClient {
			t.Errorf("a span is called %q, of kind %s; want %q", s.Name(), s.SpanKind(), want)
		}
	}
	if whole.Name() != "chat m" || whole.SpanKind() != oteltrace.SpanKindClient {
		t.Errorf("the call's span is called %q, of kind %s", whole.Name(), whole.SpanKind())
	}
	if first.Status().Code.String() != "Error" || second.Status().Code.String() != "Unset" || whole.Status().Code.String() != "Unset" {
		t.Errorf("states %v, %v, %v", first.Status(), second.Status(), whole.Status())
	}

	settings := map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.request.stream": true, "gen_ai.provider.name": "anthropic",
		"gen_ai.request.max_tokens": int64(10), "gen_ai.request.temperature": 0.5, "gen_ai.request.top_p": 1.0, "gen_ai.request.top_k": 3.0,
		"gen_ai.request.stop_sequences": []string{"x"},
	}
	with := func(more map[string]any) map[string]any { return merged(settings, more) }
	answer := map[string]any{
		"gen_ai.response.id": "msg_1", "gen_ai.response.model": "up", "gen_ai.response.finish_reasons": []string{"end_turn"},
		"gen_ai.response.time_to_first_chunk": "some", "http.response.status_code": int64(200),
		"gen_ai.usage.input_tokens": int64(12), "gen_ai.usage.output_tokens": int64(4), "gen_ai.usage.cache_read.input_tokens": int64(5),
	}
	for name, tt := range map[string]struct {
		span sdktrace.ReadOnlySpan
		want map[string]any
	}{
		"first": {first, with(map[string]any{
			"server.address": "bad.test", "server.port": int64(8080), "http.response.status_code": int64(529),
			"error.type": "overload", "routex.class": "overload",
			"routex.channel": "bad", "routex.channel.id": "bad", "routex.attempt": int64(1), "routex.key": "****",
		})},
		"second": {second, with(merged(answer, map[string]any{
			"gen_ai.request.model": "claude", "server.address": "good.test", "server.port": int64(443),
			"routex.channel": "good", "routex.channel.id": "good", "routex.attempt": int64(2), "routex.key": "****", "routex.fallback_from": "bad",
		}))},
		"call": {whole, with(merged(answer, map[string]any{
			"gen_ai.conversation.id": "s-1", "routex.session": "X-Session-Id", "routex.session.hit": false,
			"routex.channel": "good", "routex.channel.id": "good", "routex.attempts": int64(2), "routex.fallback_from": "bad", "routex.commit": "some",
		}))},
	} {
		if diff := cmp.Diff(tt.want, attributesOf(t, tt.span)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// What is read of a body is told in every protocol, and a long name is cut.
func TestSpanTellsWhatIsAskedFor(t *testing.T) {
	tests := map[string]struct {
		path, body, name string
		want             map[string]any
	}{
		"chat": {"/v1/chat/completions", `{"model":"m","max_tokens":1,"max_completion_tokens":2,"stop":"x","seed":7,"n":2,"frequency_penalty":-1,"presence_penalty":1.5,"response_format":{"type":"json_object"},"messages":[]}`, "chat m", map[string]any{
			"gen_ai.request.max_tokens": int64(2), "gen_ai.request.stop_sequences": []string{"x"}, "gen_ai.request.seed": int64(7), "gen_ai.request.choice.count": int64(2),
			"gen_ai.request.frequency_penalty": -1.0, "gen_ai.request.presence_penalty": 1.5, "gen_ai.output.type": "json",
		}},
		"responses": {"/v1/responses", `{"model":"m","max_output_tokens":3,"temperature":1,"text":{"format":{"type":"text"}},"input":"x"}`, "chat m", map[string]any{
			"gen_ai.request.max_tokens": int64(3), "gen_ai.request.temperature": 1.0, "gen_ai.output.type": "text",
		}},
		"gemini": {"/v1beta/models/m:generateContent", `{"generationConfig":{"maxOutputTokens":4,"topK":2,"stopSequences":["a","b"],"candidateCount":1,"responseMimeType":"application/json"},"contents":[]}`, "generate_content m", map[string]any{
			"gen_ai.request.max_tokens": int64(4), "gen_ai.request.top_k": 2.0, "gen_ai.request.stop_sequences": []string{"a", "b"}, "gen_ai.output.type": "json",
		}},
		"of other types": {"/v1/chat/completions", `{"model":"m","max_tokens":"many","stop":{"a":1},"temperature":null,"messages":[]}`, "chat m", nil},
		"embeddings":     {"/v1/embeddings", `{"model":"m","input":"x"}`, "embeddings m", nil},
		"a long name":    {"/v1/chat/completions", `{"model":"` + strings.Repeat("m", 1000) + `","messages":[]}`, "chat " + strings.Repeat("m", 125) + "…", nil},
		"no body":        {"/v1/chat/completions", `{`, "chat", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tracer, spans := recorded()
			tr := newTransport(t, routex.Config{Tracer: tracer, Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				closeRequest(r)
				return nil, errors.New("refused")
			})})
			req, _ := newCall(t, "https://x.test"+tt.path, tt.body)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			readBody(t, resp)
			ended := spans.Ended()
			s := ended[len(ended)-1]
			if s.Name() != tt.name {
				t.Errorf("the span is called %.200q", s.Name())
			}
			got := attributesOf(t, s)
			for key, want := range tt.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%s: %s", key, diff)
				}
			}
			for key, value := range got {
				if _, wanted := tt.want[key]; !wanted && strings.HasPrefix(key, "gen_ai.request.") && key != trace.RequestModel && key != trace.RequestStream {
					t.Errorf("%s is said to be %v", key, value)
				}
				if text, ok := value.(string); ok && len(text) > 1<<10 {
					t.Errorf("%s has %d bytes", key, len(text))
				}
			}
		})
	}
}

const (
	callersTrace  = "0af7651916cd43dd8448eb211c80319c"
	callersSpan   = "b7ad6b7169203331"
	callersParent = "00-" + callersTrace + "-" + callersSpan + "-01"
)

// A caller's trace goes on, with a tracer or without, and no provider is told of
// it unless that is wanted.
func TestTraceOfTheCaller(t *testing.T) {
	for _, tracing := range []bool{false, true} {
		for _, told := range []bool{false, true} {
			var sent http.Header
			cfg := routex.Config{
				TraceUpstream: told, Recent: trace.NewRing(10),
				Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					closeRequest(r)
					sent = r.Header
					return respond(200, "application/json", anthropicAnswer), nil
				}),
			}
			var spans *tracetest.SpanRecorder
			if tracing {
				cfg.Tracer, spans = recorded()
			}
			tr, err := routex.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			ask := func(parent string) (*httptest.ResponseRecorder, string) {
				req := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(anthropicCall))
				req.Header.Set("Traceparent", parent)
				req.Header.Set("Tracestate", "a=1")
				req.Header.Set("Baggage", "user=me")
				w := httptest.NewRecorder()
				tr.Handler().ServeHTTP(w, req)
				return w, w.Header().Get("X-Trace-Id")
			}
			w, id := ask(callersParent)
			if w.Code != 200 || id != callersTrace || w.Header().Get("X-Span-Id") == callersSpan || w.Header().Get("X-Span-Id") == "" {
				t.Errorf("tracing %v: the answer is %d, of trace %s", tracing, w.Code, id)
			}
			recent := cfg.Recent.Latest(1, func(*trace.Recent) bool { return true })
			if len(recent) != 1 || recent[0].ParentID.String() != callersSpan {
				t.Errorf("tracing %v: the span is below %v", tracing, recent)
			}
			if tracing {
				whole := spans.Ended()[1]
				if whole.Parent().SpanID().String() != callersSpan || !whole.Parent().IsRemote() || whole.SpanContext().SpanID().String() != w.Header().Get("X-Span-Id") {
					t.Errorf("the span is below %s", whole.Parent().SpanID())
				}
			}
			attempt := cfg.Recent.Trace(recent[0].TraceID)[1]
			want, state := "00-"+callersTrace+"-"+attempt.SpanID.String()+"-01", "a=1"
			if !told {
				want, state = "", ""
			}
			if sent.Get("Traceparent") != want || sent.Get("Tracestate") != state || sent.Get("Baggage") != "" {
				t.Errorf("tracing %v, told %v: the provider gets %q, %q and %q; want %q", tracing, told, sent.Get("Traceparent"), sent.Get("Tracestate"), sent.Get("Baggage"), want)
			}
			for _, bad := range []string{"", "x", strings.ToUpper(callersParent), "00-" + strings.Repeat("0", 32) + "-" + callersSpan + "-01", callersParent + strings.Repeat("0", 1<<16)} {
				if w, id := ask(bad); w.Code != 200 || id == callersTrace || len(id) != 32 || sent.Get("Traceparent") == bad && bad != "" {
					t.Errorf("with %.80q the answer is %d, of trace %s; the provider gets %.80q", bad, w.Code, id, sent.Get("Traceparent"))
				}
			}
		}
	}
}

// The host's own span comes before what a header says.
func TestTraceOfTheHost(t *testing.T) {
	parent := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{2}})
	tr := newTransport(t, routex.Config{})
	req := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(anthropicCall))
	req.Header.Set("Traceparent", callersParent)
	w := httptest.NewRecorder()
	tr.Handler().ServeHTTP(w, req.WithContext(oteltrace.ContextWithSpanContext(t.Context(), parent)))
	if got := w.Header().Get("X-Trace-Id"); got != parent.TraceID().String() {
		t.Errorf("the trace is %s", got)
	}
}

// Every answer can be found in a trace.
func TestEveryAnswerHasItsIDs(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, MaxBody: 1000, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		closeRequest(r)
		return nil, errors.New("refused")
	})})
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	for _, tt := range []struct {
		ctx                  context.Context
		method, target, body string
	}{
		{t.Context(), "GET", "/", ""},
		{t.Context(), "HEAD", "/", ""},
		{t.Context(), "GET", "/nowhere", ""},
		{t.Context(), "GET", "/v1/models", ""},
		{t.Context(), "GET", "/v1/models/nobody", ""},
		{t.Context(), "GET", "/v1/messages", ""},
		{t.Context(), "POST", "/v1/messages", "{"},
		{t.Context(), "POST", "/v1/messages", strings.Repeat(" ", 2000)},
		{t.Context(), "POST", "/v1/messages", anthropicCall},
		{t.Context(), "POST", "/v1/messages", streamCall},
		{t.Context(), "POST", "/v1/messages/count_tokens", anthropicCall},
		{t.Context(), "POST", "/v1/files", "x"},
		{late, "POST", "/v1/messages", anthropicCall},
	} {
		req := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body)).WithContext(tt.ctx)
		req.Header.Set("Traceparent", callersParent)
		w := httptest.NewRecorder()
		tr.Handler().ServeHTTP(w, req)
		if id, span := w.Header().Get("X-Trace-Id"), w.Header().Get("X-Span-Id"); id != callersTrace || len(span) != 16 {
			t.Errorf("%s %s: %d with trace %q and span %q", tt.method, tt.target, w.Code, id, span)
		}
	}
}

func TestNamesOfProviders(t *testing.T) {
	for url, want := range map[string]string{
		"anthropic":                             "anthropic",
		"openai":                                "openai",
		"google":                                "gcp.gemini",
		"zhipu":                                 "zhipu",
		"azure https://x.openai.azure.com":      "azure.ai.openai",
		"azure https://gateway.test":            "azure.ai.openai",
		"custom https://api.deepseek.com":       "deepseek",
		"custom https://api.groq.com/openai/v1": "groq",
		"custom https://API.Mistral.AI":         "mistral_ai",
		"custom https://api.x.ai":               "x_ai",
		"openai https://openrouter.ai/api":      "openai",
		"custom https://notgroq.com":            "openai",
		"google https://us-central1-aiplatform.googleapis.com":      "gcp.vertex_ai",
		"anthropic https://bedrock-runtime.us-east-1.amazonaws.com": "aws.bedrock",
		"anthropic https://proxy.test":                              "anthropic",
	} {
		kind, base, _ := strings.Cut(url, " ")
		tracer, spans := recorded()
		tr := newTransport(t, routex.Config{Tracer: tracer, Channels: []routex.Channel{{Name: "a", Type: routex.ChannelType(kind), BaseURL: base, APIKey: "k"}}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			closeRequest(r)
			return nil, errors.New("refused")
		})})
		call(t, tr, anthropicCall)
		for _, s := range spans.Ended() {
			if got := attributesOf(t, s)[trace.ProviderName]; got != want {
				t.Errorf("%s: %v, want %s", url, got, want)
			}
		}
	}
}

// What is said is told only where that is wanted, and no more of it than that.
func TestContentOfSpans(t *testing.T) {
	a := anthropicDialect()
	const secret = "sk-ant-REDACTED"
	body := `{"model":"m","stream":true,"max_tokens":10,"system":"be brief","messages":[{"role":"user","content":"count, my key is ` + secret + `"}]}`
	content := []string{trace.InputMessages, trace.SystemInstructions, trace.ToolDefinitions, trace.OutputMessages}
	for _, limit := range []int{0, 60, 10_000} {
		tracer, spans := recorded()
		tr := newTransport(t, routex.Config{
			Tracer: tracer, TraceContent: limit, Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
			Base: upstreams{"a.test": {a.whole()}},
		})
		call(t, tr, body)
		attempt, whole := attributesOf(t, spans.Ended()[0]), attributesOf(t, spans.Ended()[1])
		for _, name := range content {
			text, _ := whole[name].(string)
			if attempt[name] != nil || limit == 0 && text != "" || strings.Contains(text, secret) || len(text) > limit+200 {
				t.Errorf("at most %d: %s is %v", limit, name, text)
			}
		}
		if limit > 1000 && (whole[trace.OutputMessages] != `[{"role":"assistant","parts":[{"type":"text","content":"one two three four"}],"finish_reason":"stop"}]` ||
			!strings.Contains(whole[trace.InputMessages].(string), "count, my key is") || whole[trace.SystemInstructions] != `[{"type":"text","content":"be brief"}]`) {
			t.Errorf("it is %v, %v and %v", whole[trace.InputMessages], whole[trace.SystemInstructions], whole[trace.OutputMessages])
		}
	}
}

// Running calls are counted, and what is over can be found with the ids of the
// answer.
func TestRecentSpans(t *testing.T) {
	ring := trace.NewRing(0)
	a := anthropicDialect()
	bad, good := anthropicChannel("bad", "https://bad.test"), anthropicChannel("good", "https://good.test")
	good.Priority = 1
	tr := newTransport(t, routex.Config{
		Recent: ring, Channels: []routex.Channel{bad, good},
		Base: upstreams{"bad.test": {respond(529, "application/json", `{}`)}, "good.test": {a.whole()}},
	})
	resp, rec := stream(t, tr, a)
	if s := ring.Stats(); s.Total != 3 || s.Completed != 0 {
		t.Errorf("while the call runs: %+v", s)
	}
	readBody(t, resp)
	d := rec.Decision()
	if s := ring.Stats(); s.Total != 3 || s.Completed != 3 || s.Failed != 1 {
		t.Errorf("when it is over: %+v", s)
	}
	spans := ring.Trace(d.TraceID)
	if len(spans) != 3 {
		t.Fatalf("the trace has %+v", spans)
	}
	for i, want := range []trace.Recent{
		{TraceID: d.TraceID, SpanID: d.SpanID, Name: "proxy.handle", Channel: "good", ChannelID: "good", Status: 200, Attempt: 2, Input: 7, Output: 4},
		{TraceID: d.TraceID, SpanID: d.Attempts[0].SpanID, ParentID: d.SpanID, Name: "proxy.forward", Channel: "bad", ChannelID: "bad", Key: "****", Status: 529, Class: "overload", Attempt: 1},
		{TraceID: d.TraceID, SpanID: d.Attempts[1].SpanID, ParentID: d.SpanID, Name: "proxy.forward", Channel: "good", ChannelID: "good", Key: "****", Status: 200, Attempt: 2},
	} {
		got := spans[i]
		if got.Duration <= 0 || got.Start.IsZero() || (got.Latency > 0) != (i != 1) || (got.Error != "") != (i == 1) {
			t.Errorf("span %d: %+v", i, got)
		}
		got.Duration, got.Latency, got.Start, got.Error, got.Reason = 0, 0, time.Time{}, "", ""
		want.Method, want.Path, want.Model, want.Stream = "POST", "/v1/messages", "m", true
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("span %d: -want +got:\n%s", i, diff)
		}
	}
	if one, ok := ring.Span(d.Attempts[1].SpanID); !ok || one.Channel != "good" {
		t.Errorf("the span of the attempt is %v %+v", ok, one)
	}
	if _, err := tr.Explain(func() *http.Request { r, _ := newCall(t, "https://x.test/v1/messages", anthropicCall); return r }()); err != nil || ring.Stats().Total != 3 {
		t.Errorf("to explain a call is no call: %v, %+v", err, ring.Stats())
	}
}

// Some providers repeat the key in what they say of a failure.
func TestErrorsInSpansHoldNoKey(t *testing.T) {
	const secret = "sk-ant-REDACTED"
	tracer, spans := recorded()
	ring := trace.NewRing(10)
	tr := newTransport(t, routex.Config{
		Tracer: tracer, Recent: ring, Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			closeRequest(r)
			return nil, errors.New("proxy refuses the key " + secret)
		}),
	})
	_, d := call(t, tr, anthropicCall)
	for _, s := range spans.Ended() {
		if text := s.Status().Description; strings.Contains(text, secret) || !strings.Contains(text, "proxy refuses the key") {
			t.Errorf("the span says %q", text)
		}
	}
	for _, s := range ring.Trace(d.TraceID) {
		if strings.Contains(s.Error, secret) || !strings.Contains(s.Error, "proxy refuses the key") {
			t.Errorf("the recent span says %q", s.Error)
		}
	}
}
