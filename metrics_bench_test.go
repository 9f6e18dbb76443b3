package routex_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/metric"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/trace/prom"
)

// BenchmarkCallWithMeter compares calls that are counted with the same calls
// that are not, over a base in memory. The difference is what counting costs.
func BenchmarkCallWithMeter(b *testing.B) {
	p, err := prom.New()
	if err != nil {
		b.Fatal(err)
	}
	answers := map[string][]byte{"whole": []byte(anthropicAnswer), "stream": anthropicStream(100)}
	for _, kind := range []string{"whole", "stream"} {
		media, call := "application/json", anthropicCall
		if kind == "stream" {
			media, call = "text/event-stream", strings.Replace(call, "{", `{"stream":true,`, 1)
		}
		for name, meter := range map[string]metric.Meter{"off": nil, "on": p.Meter()} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				tr := newTransport(b, routex.Config{Meter: meter, Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {media}}, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(answers[kind]))}, nil
				})})
				b.ReportAllocs()
				for b.Loop() {
					req, _ := newCall(b, "https://x.test/v1/messages", call)
					resp, err := tr.RoundTrip(req)
					if err != nil || resp.StatusCode != 200 {
						b.Fatal(resp, err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
		}
	}
}
