package main

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// A receiver takes what is exported.
type receiver struct {
	collector.UnimplementedTraceServiceServer
	mu       sync.Mutex
	asked    int // under mu
	header   map[string]string
	resource map[string]string
	spans    map[string]*tracepb.Span // by name and attempt
}

func (r *receiver) take(req *collector.ExportTraceServiceRequest, authorization string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	r.header = map[string]string{"authorization": authorization}
	r.resource, r.spans = make(map[string]string), make(map[string]*tracepb.Span)
	for _, of := range req.GetResourceSpans() {
		for _, kv := range of.GetResource().GetAttributes() {
			r.resource[kv.GetKey()] = kv.GetValue().GetStringValue()
		}
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				name := "call"
				if attribute(s, "routex.attempt") != nil {
					name = "attempt"
				}
				r.spans[name] = s
			}
		}
	}
}

func attribute(s *tracepb.Span, name string) *common.AnyValue {
	for _, kv := range s.GetAttributes() {
		if kv.GetKey() == name {
			return kv.GetValue()
		}
	}
	return nil
}

// ServeHTTP takes spans over HTTP.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	b, err := io.ReadAll(body)
	var in collector.ExportTraceServiceRequest
	if err != nil || req.URL.Path != "/v1/traces" || proto.Unmarshal(b, &in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.take(&in, req.Header.Get("Authorization"))
}

// Export takes spans over gRPC.
func (r *receiver) Export(ctx context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	in, _ := metadata.FromIncomingContext(ctx)
	r.take(req, strings.Join(in.Get("authorization"), ""))
	return new(collector.ExportTraceServiceResponse), nil
}

// receivers start one of each protocol, and tell the environment for it.
func receivers() map[string]func(t *testing.T, r *receiver) []string {
	return map[string]func(*testing.T, *receiver) []string{
		"http": func(t *testing.T, r *receiver) []string {
			s := httptest.NewServer(r)
			t.Cleanup(s.Close)
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.URL}
		},
		"http, the endpoint of traces": func(t *testing.T, r *receiver) []string {
			s := httptest.NewServer(r)
			t.Cleanup(s.Close)
			return []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + s.URL + "/v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}
		},
		"grpc": func(t *testing.T, r *receiver) []string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s := grpc.NewServer()
			collector.RegisterTraceServiceServer(s, r)
			go func() { _ = s.Serve(l) }()
			t.Cleanup(s.Stop)
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + l.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}
		},
	}
}

// The spans of the last calls are sent before the server ends.
func TestSpansAreSentToACollector(t *testing.T) {
	for name, listen := range receivers() {
		t.Run(name, func(t *testing.T) {
			r := new(receiver)
			env := append(listen(t, r),
				"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20collector-secret",
				"OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test", "OTEL_SERVICE_NAME=my-gateway")
			p := startIn(t, "", env, "-demo", "-data", t.TempDir())
			resp, _ := p.must(200, "POST", "/v1/messages", messagesCall)
			p.signal(os.Interrupt)
			if code := p.wait(); code != 0 {
				t.Errorf("the server ends with %d: %s", code, p.stderr)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.header["authorization"] != "Bearer collector-secret" {
				t.Errorf("the collector is shown %q", r.header)
			}
			if r.resource["service.name"] != "my-gateway" || r.resource["deployment.environment"] != "test" || r.resource["service.version"] == "" {
				t.Errorf("the resource is %v", r.resource)
			}
			whole, attempt := r.spans["call"], r.spans["attempt"]
			if whole == nil || attempt == nil {
				t.Fatalf("the collector got %v", r.spans)
			}
			if hex.EncodeToString(whole.GetTraceId()) != resp.Header.Get("X-Trace-Id") || hex.EncodeToString(whole.GetSpanId()) != resp.Header.Get("X-Span-Id") {
				t.Errorf("the span %x of trace %x is not that of the answer", whole.GetSpanId(), whole.GetTraceId())
			}
			if string(attempt.GetParentSpanId()) != string(whole.GetSpanId()) || string(attempt.GetTraceId()) != string(whole.GetTraceId()) {
				t.Error("the attempt is not below the call")
			}
			if whole.GetName() != "chat claude-opus-4" || whole.GetKind() != tracepb.Span_SPAN_KIND_CLIENT || attribute(whole, "gen_ai.usage.input_tokens").GetIntValue() == 0 {
				t.Errorf("the span is %v", whole)
			}
			for _, s := range []*tracepb.Span{whole, attempt} {
				for _, kv := range s.GetAttributes() {
					if strings.Contains(kv.GetValue().GetStringValue(), "Hello!") {
						t.Errorf("what was asked stands in %s", kv.GetKey())
					}
				}
			}
		})
	}
}

func TestSpansAreNotSentWhenNotWanted(t *testing.T) {
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none", "OTEL_TRACES_SAMPLER=always_off"} {
		r := new(receiver)
		env := append(receivers()["http"](t, r), off)
		p := startIn(t, "", env, "-demo", "-data", t.TempDir())
		if resp, _ := p.must(200, "POST", "/v1/messages", messagesCall); resp.Header.Get("X-Trace-Id") == "" {
			t.Errorf("%s: the answer has no trace", off)
		}
		p.signal(os.Interrupt)
		if code := p.wait(); code != 0 || r.asked != 0 {
			t.Errorf("%s: the server ends with %d; the collector was asked %d times", off, code, r.asked)
		}
	}
}

// A collector that is down delays nobody, and what is said of it tells nothing
// that nobody may know.
func TestCollectorThatIsDown(t *testing.T) {
	slow, release := net.Listen("tcp", "127.0.0.1:0")
	if release != nil {
		t.Fatal(release)
	}
	defer func() { _ = slow.Close() }() // it takes connections, and never answers
	for name, endpoint := range map[string]string{"dead": "http://user:collector-secret@127.0.0.1:1", "mute": "http://" + slow.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			env := []string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20collector-secret,x-key=collector-secret",
				"OTEL_BSP_SCHEDULE_DELAY=10", "OTEL_BSP_MAX_QUEUE_SIZE=10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=5", "OTEL_EXPORTER_OTLP_TIMEOUT=500",
				"OTEL_BSP_EXPORT_TIMEOUT=1000", // else it is tried again for as long as this test waits
			}
			p := startIn(t, "", env, "-demo", "-data", t.TempDir())
			began := time.Now()
			for range 100 {
				p.must(200, "POST", "/v1/messages", messagesCall)
			}
			if took := time.Since(began); took > 40*time.Second { // were each to wait for the collector, it would be 50
				t.Errorf("100 calls took %v", took)
			}
			eventually(t, "the log tells of the collector", func() bool { return strings.Contains(p.stdout.String(), "spans may be lost") })
			p.signal(os.Interrupt)
			if code := p.wait(); code != 0 {
				t.Errorf("the server ends with %d", code)
			}
			for _, said := range []string{p.stdout.String(), p.stderr.String()} {
				if strings.Contains(said, "collector-secret") || strings.Contains(said, "collector-s") {
					t.Errorf("the log tells the secret: %s", said)
				}
			}
		})
	}
}

func TestMistakesInTheEnvironmentOfTracing(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"
	for _, env := range [][]string{
		{endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=http/json"},
		{endpoint, "OTEL_TRACES_EXPORTER=zipkin"},
		{endpoint, "OTEL_EXPORTER_OTLP_HEADERS=collector-secret"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=collector-secret"},
	} {
		cmd := command("-demo", "-data", t.TempDir())
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.CombinedOutput()
		name, _, _ := strings.Cut(env[len(env)-1], "=")
		if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "routex: "+name) || strings.Contains(string(out), "collector-secret") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
