package routex_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
)

// The last channel may not be the one whose answer the caller gets.
func TestDecisionNamesTheChannelThatAnswered(t *testing.T) {
	full, dead := anthropicChannel("full", "https://full.test"), anthropicChannel("dead", "https://dead.test")
	dead.Priority = 9
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{full, dead}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		if r.URL.Host == "dead.test" {
			return nil, errors.New("refused")
		}
		return respond(503, "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"full"}}`), nil
	})})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	ctx, rec := routex.WithRecord(t.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	got := readBody(t, resp)
	d := rec.Decision()
	if !strings.Contains(got, `"full"`) || d.Channel != "full" || d.ChannelID != "full" || d.Class != breaker.Overload || !strings.Contains(d.Error, "503") || len(d.Attempts) != 2 {
		t.Errorf("%s\n%+v", got, d)
	}
}
