package main

import (
	"strings"
	"testing"
)

// A usageOf is what /api/analytics tells of some calls.
type usageOf struct {
	ChannelName, Model, ClientKeyID, ClientKeyName, Day, Hour string
	Requests, Success, Failed                                 int
	InputTokens, OutputTokens                                 int64
	Cost                                                      float64
	UnpricedRequests                                          int
	LatencyMs, FirstTokenMs                                   *struct{ P50, P99 float64 }
}

type analyticsOf struct {
	Since, Until *int64
	Zone         string
	Total        usageOf
	Groups       []usageOf
}

func (p *process) analytics(query string) analyticsOf {
	p.t.Helper()
	_, body := p.must(200, "GET", "/api/analytics"+query, "")
	return decode[struct{ Data analyticsOf }](p.t, body).Data
}

func TestAnalytics(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-data", data, "-demo", "-open-v1")
	if a := p.analytics("?groupBy=channel"); a.Total.Requests != 0 || len(a.Groups) != 0 || a.Total.LatencyMs != nil || a.Zone != "UTC" {
		t.Errorf("without calls there are %+v", a)
	}
	_, body := p.must(201, "POST", "/api/keys", `{"name":"laptop"}`)
	key := decode[struct{ Data struct{ ID, Key string } }](t, body).Data
	p.must(200, "POST", "/v1/messages", messagesCall, "X-Api-Key", key.Key)
	p.must(200, "POST", "/v1/messages", streamed(messagesCall), "X-Api-Key", key.Key)
	p.must(200, "POST", "/v1/chat/completions", chatCall)
	p.must(404, "POST", "/v1/chat/completions", strings.Replace(chatCall, "gpt-4o", "nobody-has-it", 1))

	if c := p.logged("?clientKeyId=laptop", 2)[0]; c.ClientKeyID != key.ID || c.ClientKeyName != "laptop" {
		t.Errorf("the call of a key is logged as %+v", c)
	}
	eventually(t, "the line of a call names the key", func() bool { return strings.Contains(p.stdout.String(), `"clientKeyId":"`+key.ID+`"`) })

	check := func(when string) {
		t.Helper()
		a := p.analytics("?groupBy=key")
		if a.Total.Requests != 4 || a.Total.Success != 3 || a.Total.Failed != 1 || a.Total.OutputTokens == 0 || a.Total.LatencyMs == nil || a.Total.FirstTokenMs == nil {
			t.Fatalf("%s the total is %+v", when, a.Total)
		}
		of := make(map[string]usageOf)
		for _, g := range a.Groups {
			of[g.ClientKeyName] = g
		}
		if len(of) != 2 || of["laptop"].Requests != 2 || of["laptop"].ClientKeyID != key.ID || of[""].Failed != 1 {
			t.Errorf("%s by key there are %+v", when, a.Groups)
		}
	}
	check("at once")
	if a := p.analytics("?groupBy=channel,model"); len(a.Groups) != 3 || a.Groups[0].ChannelName != "demo-anthropic" || a.Groups[0].Model != "claude-opus-4" || a.Groups[0].Requests != 2 {
		t.Errorf("by channel and model there are %+v", a.Groups)
	}
	if a := p.analytics("?groupBy=day&zone=Asia/Tokyo&since=2026-01-31T12:10:00%2B09:00"); len(a.Groups) != 1 || len(a.Groups[0].Day) != len("2026-01-31") ||
		a.Since == nil || *a.Since != 1769828400000 || a.Until != nil || a.Zone != "Asia/Tokyo" {
		t.Errorf("by day there are %+v", a)
	}
	if a := p.analytics("?groupBy=hour&zone=Asia/Tokyo"); len(a.Groups) != 1 || !strings.HasSuffix(a.Groups[0].Hour, ":00:00+09:00") {
		t.Errorf("by hour there are %+v", a)
	}
	if a := p.analytics("?until=2020-01-01T00:00:00Z"); a.Total.Requests != 0 {
		t.Errorf("before all calls there are %+v", a)
	}
	p.stop()
	p = start(t, "-data", data, "-demo", "-open-v1")
	check("after a restart")

	_, body = p.must(400, "GET", "/api/analytics?since=x&until=y&groupBy=channel,nothing&zone=Mars", "")
	for _, field := range []string{"since", "until", "groupBy", "zone"} {
		if !strings.Contains(body, `"field":"`+field+`"`) {
			t.Errorf("the mistake in %s is not told: %s", field, body)
		}
	}
}
