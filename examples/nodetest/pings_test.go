package nodetest

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// What keeps a stream alive before and amid the answer is nothing to a client.
func TestPingsAreNotRead(t *testing.T) {
	n := start(t)
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "one two three four", Reasoning: "let me count"}
	}
	for _, names := range sdks() {
		for _, sdk := range names {
			t.Run(sdk, func(t *testing.T) {
				provider := routextest.NewProvider(routextest.Options{Answer: answer, Delay: 30 * time.Millisecond, Pace: 30 * time.Millisecond})
				upstream := provider.Start()
				t.Cleanup(upstream.Close)
				transport, err := routex.New(routex.Config{Channels: []routex.Channel{{Name: "up", Type: routex.TypeAnthropic, BaseURL: upstream.URL, APIKey: "k"}}})
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewServer(transport.HandlerWith(routex.HandlerOptions{KeepAlive: 5 * time.Millisecond, EarlyCommit: true}))
				t.Cleanup(server.Close)
				r := n.ask(t, question{SDK: sdk, URL: server.URL, Model: asked, Stream: true, Text: "count"})
				if r.Status != 0 || r.Text != "one two three four" || r.Stop != "end" {
					t.Errorf("read %+v", r)
				}
			})
		}
	}
}
