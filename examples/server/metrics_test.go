package main

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestMetricsOverTheAPI(t *testing.T) {
	p, _ := scraped(t)
	_, sum := p.must(200, "GET", "/api/metrics", "")
	data := gjson.Get(sum, "data")
	for path, want := range map[string]string{
		"requests.total": "3", "requests.success": "2", "requests.failed": "0", "requests.rejected": "1", "requests.canceled": "0",
		"requests.successRate": "100.00%", "channels.total": "2", "channels.enabled": "2", "cache.hits": "0", "cache.hitRate": "0.00%",
	} {
		if got := data.Get(path); got.String() != want {
			t.Errorf("%s is %s, want %s", path, got.Raw, want)
		}
	}
	for _, path := range []string{"uptime", "tokens.input", "tokens.output", "memory.heap", "memory.rss"} {
		if data.Get(path).Float() <= 0 {
			t.Errorf("%s is %s", path, data.Get(path).Raw)
		}
	}
	_, all := p.must(200, "GET", "/api/metrics/all", "")
	for query, want := range map[string]string{
		`data.counters.#(name=="routex_requests_total").value`:                                                     "3",
		`data.counters.#(name=="routex_channel_requests_total").labels.#(labels.model=="claude-opus-4").value`:     "2",
		`data.counters.#(name=="routex_channel_requests_total").type`:                                              "counter",
		`data.gauges.#(name=="routex_channels_total").value`:                                                       "2",
		`data.gauges.#(name=="routex_channels_total").type`:                                                        "gauge",
		`data.histograms.#(name=="routex_request_duration_seconds").count`:                                         "3",
		`data.histograms.#(name=="routex_request_duration_seconds").buckets|@reverse|0`:                            `{"le":null,"count":3}`,
		`data.histograms.#(name=="routex_request_duration_seconds").labels.#(labels.model=="claude-opus-4").count`: "2",
		`data.summaries.#(name=="go_gc_duration_seconds").type`:                                                    "summary",
	} {
		if got := gjson.Get(all, query); got.String() != want {
			t.Errorf("%s is %s, want %s", query, got.Raw, want)
		}
	}
}

// What is tried before it is put into effect does not count.
func TestWritesDoNotMultiplyTheChannels(t *testing.T) {
	p, _ := scraped(t)
	for range 3 {
		p.must(200, "PUT", "/api/strategy", `{"strategy":"weighted"}`)
	}
	_, text := p.must(200, "GET", "/metrics", "")
	for _, line := range []string{"routex_channels_total 2", "routex_channels_enabled 2"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("after writes there is no %q", line)
		}
	}
}

func TestATeeHasMetrics(t *testing.T) {
	p := startIn(t, t.TempDir(), nil, "-demo")
	p.must(201, "POST", "/api/tee", `{"name":"copies","type":"file","filePath":"logs/calls.jsonl"}`)
	p.must(200, "POST", "/v1/messages", messagesCall)
	eventually(t, "a record was sent", func() bool {
		_, text := p.must(200, "GET", "/metrics", "") // a change of the configuration must not count everything twice
		return strings.Contains(text, "\nroutex_channels_total 2\n") && strings.Contains(text, "\nroutex_tee_sent_total{destination=\"copies\"} 1\n") && strings.Contains(text, "\nroutex_tee_dropped_total{destination=\"copies\"} 0\n")
	})
}

func TestResetOfMetrics(t *testing.T) {
	p, _ := scraped(t)
	if _, body := p.must(200, "POST", "/api/metrics/reset", "", "Accept-Language", "zh-CN"); !strings.Contains(body, "指标已重置") {
		t.Errorf("the answer is %s", body)
	}
	p.must(400, "POST", "/api/metrics/reset", `{"gauges":true}`)
	_, sum := p.must(200, "GET", "/api/metrics", "")
	data := gjson.Get(sum, "data")
	if data.Get("requests.total").Int() != 0 || data.Get("tokens.output").Int() != 0 || data.Get("channels.total").Int() != 2 || data.Get("channels.enabled").Int() != 2 || data.Get("uptime").Float() <= 0 {
		t.Errorf("after the reset: %s", sum)
	}
	_, text := p.must(200, "GET", "/metrics", "")
	for _, line := range []string{"routex_requests_total 0", "routex_channels_total 2", `routex_channel_enabled{channel="demo-openai"} 1`} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("after the reset there is no %q", line)
		}
	}
}

func TestMetricsAreNotForEverybody(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir(), "-loopback-auth")
	for _, path := range []string{"/metrics", "/api/metrics", "/api/metrics/all"} {
		if resp, _ := p.do("GET", path, ""); resp.StatusCode != 401 {
			t.Errorf("%s without the token: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := p.do("POST", "/api/metrics/reset", ""); resp.StatusCode != 401 {
		t.Errorf("a reset without the token: %d", resp.StatusCode)
	}
}

func TestOpenMetricsToWhoAcceptsThem(t *testing.T) {
	p, _ := scraped(t)
	resp, text := p.must(200, "GET", "/metrics", "", "Accept", "application/openmetrics-text; version=1.0.0")
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("%s", resp.Header.Get("Content-Type"))
	}
	if resp, _ := p.do("POST", "/metrics", ""); resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
}
