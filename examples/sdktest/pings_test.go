package sdktest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// A towards sends every call to one host.
type towards struct {
	host  string
	inner http.RoundTripper
}

func (r towards) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL = &url.URL{Scheme: "http", Host: r.host, Path: req.URL.Path, RawQuery: req.URL.RawQuery}
	return r.inner.RoundTrip(out)
}

// The official clients read what the server sends to keep a stream alive: pings
// before the answer, between its parts, and before an error.
func TestSDKsReadStreamsWithPings(t *testing.T) {
	for _, c := range append(clients(), client{"genai by array", "gemini", askGeminiArray}) {
		for name, fault := range map[string]routextest.Fault{
			"amid the answer":   {Stall: 50 * time.Second, StallAfter: 2},
			"before the answer": {Stall: 50 * time.Second},
			"before an error":   {Stall: 50 * time.Second, Status: http.StatusBadRequest, Message: "because of reasons"},
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					net := routextest.NewNetwork()
					defer net.Close()
					provider := routextest.NewProvider(routextest.Options{Answer: always(routextest.Answer{Text: "one two three four"})})
					channel := upstreams()[0].at("up", net.Add("up", provider))
					transport, err := routex.New(routex.Config{Channels: []routex.Channel{channel}, Base: net.Transport()})
					if err != nil {
						t.Fatal(err)
					}
					net.Add("routex", transport.HandlerWith(routex.HandlerOptions{EarlyCommit: true}))
					provider.Fail(fault)
					seen := &tap{inner: towards{"routex", net.Transport()}}
					got := c.ask(t.Context(), &http.Client{Transport: seen}, say("count"), true)
					switch {
					case fault.Status != 0 && (got.Status == 0 || !strings.Contains(got.Problem, "because of reasons") || got.Stop == "end"),
						fault.Status == 0 && (got.Status != 0 || got.Text != "one two three four" || got.Stop != "end"):
						t.Errorf("read %+v of\n%s", got, seen.text())
					}
					want := 3
					if c.protocol == "gemini" { // whose clients know none
						want = 0
					}
					text := seen.text()
					if n := strings.Count("\n"+text, "\n: ping\n") + strings.Count(text, "event: ping\ndata: {\"type\": \"ping\"}\n\n"); n != want {
						t.Errorf("%d pings, want %d:\n%s", n, want, text)
					}
				})
			})
		}
	}
}
