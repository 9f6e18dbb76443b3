package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A loggedCall is a call as /api/requests shows it.
type loggedCall struct {
	ID, TraceID, Path, ChannelName, Model, Class, Error string
	ClientKeyID, ClientKeyName                          string
	Timestamp, InputTokens, OutputTokens                int64
	Status                                              int
	Decision                                            struct {
		Candidates []struct{ Name string }
		Attempts   []struct {
			Channel, Class string
			Status         int
			StartedAt      int64
		}
		Usage *struct{ Output int64 }
	}
}

type loggedCalls struct {
	Data []loggedCall
	Meta struct{ Total, Limit, Offset int }
}

// logged lists calls, when so many are in the log.
func (p *process) logged(query string, want int) []loggedCall {
	p.t.Helper()
	var got loggedCalls
	eventually(p.t, "the calls "+query+" are in the log", func() bool {
		_, body := p.must(200, "GET", "/api/requests"+query, "")
		got = decode[loggedCalls](p.t, body)
		return got.Meta.Total == want
	})
	return got.Data
}

func TestEveryCallIsLogged(t *testing.T) {
	u, data := newSlowUpstream(t), t.TempDir()
	p := start(t, "-data", data, "-demo")
	p.must(201, "POST", "/api/channels", `{"name":"dead","type":"openai","baseUrl":"http://127.0.0.1:1","models":["gone"]}`)
	p.must(201, "POST", "/api/channels", `{"name":"slow","type":"openai","baseUrl":"`+u.URL+`","models":["slow"]}`)

	resp, _ := p.must(200, "POST", "/v1/messages", `{"model":"claude-opus-4","max_tokens":9,"messages":[{"role":"user","content":"hello secret-words"}]}`)
	trace := resp.Header.Get("X-Trace-Id")
	p.do("POST", "/v1/chat/completions", `{"model":"gone","messages":[{"role":"user","content":"hi"}]}`)
	p.must(404, "POST", "/v1/chat/completions", `{"model":"nobody-has-it","messages":[{"role":"user","content":"hi"}]}`)
	p.hangUp(`{"model":"slow","stream":true,"messages":[{"role":"user","content":"hi"}]}`)

	all := p.logged("", 4)
	var models []string
	for _, c := range all {
		models = append(models, c.Model)
	}
	slices.Sort(models)
	if want := []string{"claude-opus-4", "gone", "nobody-has-it", "slow"}; !slices.Equal(models, want) {
		t.Errorf("logged are %q, want %q", models, want)
	}
	if c := p.logged("?status=success", 1)[0]; c.TraceID != trace || c.Status != 200 || c.OutputTokens == 0 || c.ChannelName != "demo-anthropic" || c.Timestamp == 0 {
		t.Errorf("the call that succeeded is %+v", c)
	}
	if c := p.logged("?model=slow", 1)[0]; c.Class != "hang-up" || c.ChannelName != "slow" {
		t.Errorf("the call that was hung up is %+v", c)
	}
	p.logged("?status=404&q=nobody", 1)
	p.logged("?channelId=dead&status=5xx", 1)
	p.logged("?since=2999-01-01T00:00:00Z", 0)

	dead := p.logged("?channelId=dead", 1)[0]
	p.must(200, "DELETE", "/api/channels/dead", "")
	_, body := p.must(200, "GET", "/api/requests/"+dead.ID, "")
	full := decode[struct{ Data loggedCall }](t, body).Data
	if a := full.Decision.Attempts; len(a) == 0 || a[0].Channel != "dead" || a[0].Class != "network" || a[0].StartedAt == 0 || len(full.Decision.Candidates) == 0 {
		t.Errorf("after its channel was deleted, the failed call is %s", body)
	}
	_, body = p.must(200, "GET", "/api/requests/"+trace, "")
	if full = decode[struct{ Data loggedCall }](t, body).Data; full.Decision.Usage == nil || strings.Contains(body, "secret-words") {
		t.Errorf("by its trace the call is %s", body)
	}
	p.must(404, "GET", "/api/requests/unknown", "")
	if _, body = p.must(200, "GET", "/api/requests/channel/demo-anthropic?limit=1", ""); decode[loggedCalls](t, body).Meta.Limit != 1 || !strings.Contains(body, trace) {
		t.Errorf("the calls of a channel are %s", body)
	}

	_, body = p.must(400, "GET", "/api/requests?status=9&limit=0&offset=-1&since=x&until=y", "")
	for _, field := range []string{"status", "limit", "offset", "since", "until"} {
		if !strings.Contains(body, `"field":"`+field+`"`) {
			t.Errorf("the mistake in %s is not told: %s", field, body)
		}
	}
}

// hangUp makes a streamed call and leaves after its beginning.
func (p *process) hangUp(call string) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/chat/completions", strings.NewReader(call))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := resp.Body.Read(make([]byte, 10)); err != nil {
		p.t.Fatal(err)
	}
	cancel()
	_ = resp.Body.Close()
}
