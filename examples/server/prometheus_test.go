package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// requiredPrometheus in the environment makes a test fail that would skip
// because the machine has no Prometheus.
const requiredPrometheus = "ROUTEX_PROMETHEUS"

// tool finds a program of Prometheus. It skips the test when there is none.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv(requiredPrometheus) != "" {
		t.Fatal("there is no " + name + " on this machine, and " + requiredPrometheus + " is set")
	}
	t.Skip("there is no " + name + " on this machine")
	return ""
}

// promtool runs promtool in the directory of the files for operators.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool(t, "promtool"), args...)
	cmd.Dir, cmd.Stdin = "deploy", strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}

func TestAlertRules(t *testing.T) {
	promtool(t, "", "check", "config", "prometheus.yml")
	promtool(t, "", "test", "rules", "alerts_test.yml")
}

// A scraped server has made calls of all kinds.
func scraped(t *testing.T) (p *process, text string) {
	t.Helper()
	p = start(t, "-demo", "-data", t.TempDir())
	p.must(200, "POST", "/v1/messages", messagesCall)
	p.must(200, "POST", "/v1/messages", streamed(messagesCall))
	p.must(404, "POST", "/v1/messages", strings.Replace(messagesCall, "claude-opus-4", "nothing", 1))
	eventually(t, "the calls are counted", func() bool {
		_, text = p.must(200, "GET", "/metrics", "")
		return strings.Contains(text, "\nroutex_requests_total 3\n")
	})
	return p, text
}

func TestMetricsPassTheLinter(t *testing.T) {
	_, text := scraped(t)
	promtool(t, text, "check", "metrics")
}

// names lists the metrics of a text, and what histograms have beside.
func names(text string) map[string]bool {
	found := make(map[string]bool)
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "# TYPE ")
		if !ok {
			continue
		}
		name, kind, _ := strings.Cut(strings.TrimSpace(rest), " ")
		found[name] = true
		if kind == "histogram" {
			found[name+"_bucket"], found[name+"_sum"], found[name+"_count"] = true, true, true
		}
	}
	return found
}

// teeNames are those of metrics that are there when there is a destination.
var teeNames = []string{"routex_tee_queue_size", "routex_tee_sent_total", "routex_tee_failed_total", "routex_tee_dropped_total"}

// Every query of the dashboard and of the rules is one of PromQL, and asks for
// what there is.
func TestDashboard(t *testing.T) {
	_, text := scraped(t)
	known := names(text)
	for _, name := range teeNames {
		known[name] = true
	}
	raw, err := os.ReadFile("deploy/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(raw) {
		t.Fatal("the dashboard is not JSON")
	}
	board := gjson.ParseBytes(raw)
	if board.Get("title").String() == "" || board.Get("schemaVersion").Int() < 30 || len(board.Get("panels").Array()) < 10 {
		t.Errorf("the dashboard is none of Grafana: %.200s", raw)
	}
	var queries []string
	places := make(map[string]bool)
	for _, panel := range board.Get("panels").Array() {
		id, place := panel.Get("id").String(), panel.Get("gridPos").Raw
		if id == "" || places[id] || places[place] {
			t.Errorf("panel %s %s stands where another does", id, place)
		}
		places[id], places[place] = true, true
		for _, target := range panel.Get("targets").Array() {
			queries = append(queries, target.Get("expr").String())
		}
		if panel.Get("type").String() != "row" && len(panel.Get("targets").Array()) == 0 {
			t.Errorf("panel %s shows nothing", id)
		}
	}
	rules, err := os.ReadFile("deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`\b(routex|process|go|gen_ai)_[a-z0-9_]+`)
	used := make(map[string]bool)
	for _, text := range append(queries, string(rules)) {
		for _, name := range asked.FindAllString(text, -1) {
			used[name] = true
			if !known[name] {
				t.Errorf("%s asks for %s, which is not served", text, name)
			}
		}
	}
	for name := range known { // those of the SDK's conventions are for others
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "routex_") && !used[name] && !used[base] && !used[base+"_bucket"] && name != "routex_channels_total" {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
	var file strings.Builder
	file.WriteString("groups:\n- name: dashboard\n  rules:\n")
	fill := strings.NewReplacer("$__rate_interval", "5m", "$channel", ".*")
	for i, q := range queries {
		quoted, _ := json.Marshal(fill.Replace(q))
		fmt.Fprintf(&file, "  - record: q%d\n    expr: %s\n", i, quoted)
	}
	path := filepath.Join(t.TempDir(), "queries.yml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "", "check", "rules", path)
}

// The table of the documentation names what is served, and nothing else.
func TestTableOfMetrics(t *testing.T) {
	p, _ := scraped(t)
	p.must(200, "POST", "/v1/chat/completions", chatCall) // one that reports its usage
	var text string
	eventually(t, "it is counted", func() bool {
		_, text = p.must(200, "GET", "/metrics", "")
		return strings.Contains(text, "\nroutex_requests_total 4\n")
	})
	served := make(map[string]string)
	for _, line := range regexp.MustCompile(`(?m)^# TYPE ((?:routex|gen_ai)_\S+) (\S+)$`).FindAllStringSubmatch(text, -1) {
		served[line[1]] = line[2]
	}
	for _, name := range teeNames {
		served[name] = "counter"
		if !strings.HasSuffix(name, "_total") {
			served[name] = "gauge"
		}
	}
	docs, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]bool)
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\|([^|]*)\\|").FindAllStringSubmatch(string(docs), -1) {
		name, kind, labels := row[1], row[2], strings.Fields(row[3])
		told[name] = true
		if served[name] != kind {
			t.Errorf("%s is documented as a %s and served as %q", name, kind, served[name])
		}
		sample := regexp.MustCompile(`(?m)^` + name + `(?:_count)?(?:\{(.*)\})? `).FindStringSubmatch(text)
		if sample == nil || strings.HasPrefix(name, "gen_ai_") {
			continue
		}
		var has []string
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(sample[1], -1) {
			has = append(has, label[1])
		}
		if slices.Sort(labels); !slices.Equal(has, labels) {
			t.Errorf("%s is documented with the labels %q and has %q", name, labels, has)
		}
	}
	for name := range served {
		if !told[name] {
			t.Errorf("%s is not documented", name)
		}
	}
}

// A real Prometheus scrapes the server, and the alerts of the guide fire when
// its only channel fails, and end when it is well again.
func TestAlertsFireWhenAChannelFails(t *testing.T) {
	program := tool(t, "prometheus")
	var ill atomic.Bool
	ill.Store(true)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		if ill.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
	}))
	t.Cleanup(provider.Close)
	p := start(t, "-data", t.TempDir())
	p.must(201, "POST", "/api/channels", `{"name":"main","type":"openai","baseUrl":"`+provider.URL+`","apiKey":"k","models":["gpt-4o"]}`)

	api := startPrometheus(t, program, strings.TrimPrefix(p.url, "http://"))
	firing := func() []string {
		p.do("POST", "/v1/chat/completions", chatCall)
		return api.firing(t)
	}
	waitFor(t, "both alerts fire", func() bool { return slices.Equal(firing(), []string{"CircuitBreakerOpen main", "HighErrorRate "}) })
	waitFor(t, "the calls of the channel are in Prometheus", func() bool {
		return api.query(t, `sum(routex_channel_failures_total{channel="main",class="overload"})`) >= 5
	})
	if n := api.query(t, "count(up == 1)"); n != 1 {
		t.Errorf("%v targets are up", n)
	}
	ill.Store(false)
	waitFor(t, "the circuit closes", func() bool { return !slices.Contains(firing(), "CircuitBreakerOpen main") })
}

// waitFor waits for another process. It asks again every so often.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(limit) {
			t.Fatalf("it never happens that %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// A prometheusAPI is the URL of a running Prometheus.
type prometheusAPI string

// startPrometheus starts one with the files for operators, which are only made
// quicker.
func startPrometheus(t *testing.T, program, target string) prometheusAPI {
	t.Helper()
	dir := t.TempDir()
	quicker := map[string]*strings.Replacer{
		"prometheus.yml": strings.NewReplacer("localhost:3000", target, "scrape_interval: 15s", "scrape_interval: 1s", "evaluation_interval: 15s", "evaluation_interval: 1s"),
		"alerts.yml":     strings.NewReplacer("for: 5m", "for: 1s", "for: 1m", "for: 1s"),
	}
	for name, change := range quicker {
		text, err := os.ReadFile(filepath.Join("deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(change.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close() // for the program, which cannot choose one itself
	cmd := exec.Command(program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--log.level=warn")
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Log(out.String())
		}
	})
	api := prometheusAPI("http://" + address)
	waitFor(t, "Prometheus is ready", func() bool {
		resp, err := http.Get(string(api) + "/-/ready")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return api
}

func (api prometheusAPI) get(t *testing.T, path string) gjson.Result {
	t.Helper()
	resp, err := http.Get(string(api) + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v, status %d: %s", path, err, resp.StatusCode, b)
	}
	return gjson.ParseBytes(b)
}

// firing lists the alerts that fire, each with its channel.
func (api prometheusAPI) firing(t *testing.T) []string {
	t.Helper()
	found := make(map[string]bool)
	for _, alert := range api.get(t, "/api/v1/alerts").Get("data.alerts").Array() {
		if alert.Get("state").String() == "firing" {
			found[alert.Get("labels.alertname").String()+" "+alert.Get("labels.channel").String()] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// query gives the only number that a query gives, 0 for none.
func (api prometheusAPI) query(t *testing.T, query string) float64 {
	t.Helper()
	return api.get(t, "/api/v1/query?query="+url.QueryEscape(query)).Get("data.result.0.value.1").Float()
}
